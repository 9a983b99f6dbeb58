package copy

import (
	"bytes"

	"github.com/streamsqld/streamsqld/sql/vec"
)

// Input that is cut into pieces of whole lines can be decoded by several
// decoders, each piece ahead of its turn (Fork, Restart), and put together in
// order (Adopt). Where a piece does not come out even, whoever goes over them in
// order decodes it again himself, with everything that came before it known:
// errors, end markers and lines that were cut apart need no other care.

// maxPiece is the size from which on a piece is cut at its next line end.
const maxPiece = 4 << 20

var newline = []byte{'\n'}

// Cutter cuts input into pieces that end with a line.
type Cutter struct {
	quote byte // 0: there is none
	open  bool // within quotes
	lines int
	buf   []byte // what no piece was made of
	at    int    // so much of it was looked at
	last  int    // the length of the last piece
	free  chan []byte
}

// Cutter begins to cut the input behind what the decoder has been fed; nil when
// that does not do: the format is binary, the first line has not come, or lines end
// otherwise than in a newline. The begin of a line that the decoder holds goes over
// to the Cutter.
func (d *Decoder) Cutter() *Cutter {
	if d.format == Binary || d.lineEnd != eolNL || d.header || d.done || d.marker || len(d.src) > 0 || len(d.carry) >= maxPiece || d.csv && d.escape != d.quote {
		return nil
	}
	c := &Cutter{free: make(chan []byte, 16)}
	if d.csv {
		c.quote = d.quote
	}
	held := d.carry
	d.carry, d.scanState = nil, lineScan{before: d.lineEnd}
	c.Took(append(c.Room(), held...))
	c.Piece() // less than a line
	return c
}

// Most input is read behind what is there of a piece. A read brings no more than is
// likely to belong to it: the rest has to be moved.
const (
	leastRoom = 32 << 10
	mostRoom  = 256 << 10
)

// Room gives the input that no piece was made of, and room for more behind it.
func (c *Cutter) Room() []byte {
	n := len(c.buf)
	room := min(max(c.last+c.last/64-n, leastRoom), mostRoom)
	if c.last == 0 {
		room = mostRoom
	}
	if cap(c.buf)-n < room {
		c.buf = append(make([]byte, 0, max(2*cap(c.buf), n+room)), c.buf...)
	}
	return c.buf[: n : n+room]
}

// Took takes over what Room has given and more input was appended to.
func (c *Cutter) Took(buf []byte) {
	if whole := c.buf[:cap(c.buf)]; len(buf) <= len(whole) && len(buf) > 0 && &buf[0] == &whole[0] {
		buf = whole[:len(buf)] // Room had hidden some of it
	}
	c.buf = buf
}

// Piece gives a complete piece of the input, which is the caller's then; nil when there
// is none.
func (c *Cutter) Piece() []byte {
	in := c.buf[c.at:]
	if c.quote == 0 && len(c.buf) < maxPiece {
		// Most of the input goes by without an end.
		if n := bytes.Count(in, newline); c.lines+n < vec.Size {
			c.lines += n
			c.at = len(c.buf)
			return nil
		}
	}
	for used := 0; used < len(in); {
		i := bytes.IndexByte(in[used:], '\n')
		if i < 0 {
			c.quotes(in[used:])
			break
		}
		c.quotes(in[used : used+i])
		used += i + 1
		if c.open {
			continue
		}
		if c.lines++; c.lines == vec.Size || c.at+used >= maxPiece {
			return c.cut(c.at + used)
		}
	}
	c.at = len(c.buf)
	return nil
}

// cut makes a piece of the first n bytes.
func (c *Cutter) cut(n int) []byte {
	piece, rest := c.buf[:n], c.buf[n:]
	c.buf = append(c.memory(max(n, len(rest))+n/8+leastRoom), rest...)
	c.lines, c.at, c.last = 0, 0, n
	return piece
}

// memory gives an empty buffer of about a size.
func (c *Cutter) memory(size int) []byte {
	select {
	case b := <-c.free:
		return b[:0]
	default:
		return make([]byte, 0, size)
	}
}

// Free takes back a piece that is not needed any more; any goroutine may call it.
func (c *Cutter) Free(piece []byte) {
	select {
	case c.free <- piece:
	default:
	}
}

func (c *Cutter) quotes(b []byte) {
	if c.quote != 0 && bytes.Count(b, []byte{c.quote})%2 == 1 {
		c.open = !c.open
	}
}

// Rest is what no piece was made of, at the end of the input.
func (c *Cutter) Rest() []byte { return c.buf }

// Fork makes a decoder for pieces of the same input.
func (d *Decoder) Fork() (*Decoder, error) {
	f, err := NewDecoder(d.opts, d.target, d.env)
	if err != nil {
		return nil, err
	}
	f.header, f.lineEnd = false, d.lineEnd
	f.Restart()
	return f, nil
}

// Restart makes a fork ready for another piece, whatever became of the last one.
// Lines are counted from 1 again.
func (d *Decoder) Restart() {
	d.line, d.rows, d.src, d.carry, d.rest = 0, 0, nil, d.carry[:0], nil
	d.done, d.marker, d.lineEnd, d.scanState = false, false, eolNL, lineScan{before: eolNL}
}

// Even tells whether the input has ended with a line so far, and has not come to
// an end marker.
func (d *Decoder) Even() bool {
	return len(d.carry) == 0 && len(d.src) == 0 && !d.done && !d.marker
}

// Lines tells how many lines have been decoded.
func (d *Decoder) Lines() int64 { return d.line }

// Adopt counts lines and rows that a fork has decoded, as if the decoder had done
// it. It has to be Even.
func (d *Decoder) Adopt(lines, rows int64) {
	d.line += lines
	d.rows += rows
}

// Shift adds to the line numbers of all rows.
func (l *Lines) Shift(by int64) {
	for i := range l.rows {
		l.rows[i].line += by
	}
}
