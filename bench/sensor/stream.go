package sensor

import "io"

// Format is how rows are written for COPY.
type Format int

// The formats.
const (
	CSV Format = iota
	Binary
)

// chunk is about how many bytes are made at once.
const chunk = 256 << 10

// Reader is the rows of a source as a COPY's input. It belongs to one
// goroutine.
type Reader struct {
	src    *Source
	format Format
	tally  *Tally
	buf    []byte // made and not yet read
	state  int    // 0: the header is to come, 1: rows, 2: all made
}

// NewReader reads all rows of a configuration; tally (may be nil) learns each
// row as it is made.
func NewReader(cfg Config, format Format, tally *Tally) *Reader {
	return &Reader{src: NewSource(cfg), format: format, tally: tally}
}

// Read is io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if len(r.buf) == 0 {
		if r.state == 2 {
			return 0, io.EOF
		}
		r.fill()
	}
	n := copy(p, r.buf)
	r.buf = r.buf[n:]
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (r *Reader) fill() {
	b := r.buf[:0]
	if cap(b) < chunk {
		b = make([]byte, 0, 2*chunk)
	}
	if r.state == 0 && r.format == Binary {
		b = append(b, BinaryHeader...)
	}
	r.state = 1
	for len(b) < chunk {
		row, ok := r.src.Next()
		if !ok {
			r.state = 2
			if r.format == Binary {
				b = append(b, BinaryTrailer...)
			}
			break
		}
		if r.tally != nil {
			r.tally.Add(row)
		}
		b = r.format.Append(b, row)
	}
	r.buf = b
}

// Append appends a row.
func (f Format) Append(b []byte, row Reading) []byte {
	if f == Binary {
		return AppendBinary(b, row)
	}
	return AppendCSV(b, row)
}

// String is the format's name in COPY's options.
func (f Format) String() string {
	if f == Binary {
		return "binary"
	}
	return "csv"
}
