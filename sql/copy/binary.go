package copy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// binarySignature begins the binary format. Its last bytes tell what a transfer
// as text would have done to it.
const binarySignature = "PGCOPY\n\xff\r\n\x00"

const (
	binaryHeader = len(binarySignature) + 8 // with flags and the extension's length
	// Flags whose meaning has to be known, and the one that once was.
	criticalFlags = 0xffff0000
	flagOIDs      = 1 << 16
)

type binaryState struct {
	started bool
	skip    int // bytes of the header's extension still to be skipped
	// need is how long the row in carry is at least.
	need int
}

// fillBinary fills rows from row on from the binary format.
func (d *Decoder) fillBinary(row int) (int, error) {
	for row < vec.Size && !d.done {
		if !d.bin.started || d.bin.skip > 0 {
			if ok, err := d.startBinary(); err != nil || !ok {
				return row, err
			}
			continue
		}
		b, ok := d.gather()
		if !ok {
			return row, nil
		}
		used, more, err := d.binaryRow(b, row)
		if err != nil {
			return row, err
		}
		if more > 0 { // bytes are missing
			if len(d.carry) == 0 {
				d.carry = append(d.carry, d.src...)
				d.src = nil
			}
			d.bin.need = more
			if d.eof {
				return row, d.shortRow(b)
			}
			continue
		}
		d.pass(used)
		if !d.done {
			if d.lines != nil {
				d.lines.addBinary(d.line)
			}
			row++
		}
	}
	return row, nil
}

// gather gives the bytes from the next row's begin on; ok is false when it is
// known that they are too few.
func (d *Decoder) gather() (b []byte, ok bool) {
	if len(d.carry) == 0 {
		d.bin.need = 0
		return d.src, len(d.src) > 0 || d.eof
	}
	n := min(len(d.src), max(d.bin.need-len(d.carry), 0))
	d.carry = append(d.carry, d.src[:n]...)
	d.src = d.src[n:]
	return d.carry, len(d.carry) >= d.bin.need || d.eof
}

// pass goes past a row.
func (d *Decoder) pass(n int) {
	if len(d.carry) > 0 {
		d.carry = d.carry[:0] // gather took no more than the row
		return
	}
	d.src = d.src[n:]
}

func errBinary(text string) error { return pgerr.New(pgerr.BadCopyFileFormat, "%s", text) }

// startBinary reads the header; ok is false while it is not all there.
func (d *Decoder) startBinary() (ok bool, err error) {
	if !d.bin.started {
		n := min(len(d.src), binaryHeader-len(d.carry))
		d.carry = append(d.carry, d.src[:n]...)
		d.src = d.src[n:]
		if len(d.carry) < binaryHeader && !d.eof {
			return false, nil
		}
		if d.bin.skip, err = checkHeader(d.carry); err != nil {
			return false, err
		}
		d.carry, d.bin.started = d.carry[:0], true
	}
	n := min(len(d.src), d.bin.skip)
	d.src = d.src[n:]
	d.bin.skip -= n
	if d.bin.skip > 0 && d.eof {
		return false, errBinary("invalid COPY file header (wrong length)")
	}
	return d.bin.skip == 0, nil
}

// checkHeader checks a header, which may be cut short by the end of the input;
// it gives the length of the extension behind it.
func checkHeader(b []byte) (extension int, err error) {
	sig := len(binarySignature)
	if len(b) < sig || string(b[:sig]) != binarySignature {
		return 0, errBinary("COPY file signature not recognized")
	}
	if len(b) < sig+4 {
		return 0, errBinary("invalid COPY file header (missing flags)")
	}
	flags := binary.BigEndian.Uint32(b[sig:])
	switch {
	case flags&flagOIDs != 0:
		return 0, errBinary("invalid COPY file header (WITH OIDS)")
	case flags&criticalFlags != 0:
		return 0, errBinary("unrecognized critical flags in COPY file header")
	}
	if len(b) < binaryHeader || int32(binary.BigEndian.Uint32(b[sig+4:])) < 0 {
		return 0, errBinary("invalid COPY file header (missing length)")
	}
	return int(binary.BigEndian.Uint32(b[sig+4:])), nil
}

// binaryRow reads the row at the front of b. more, if not 0, is how many bytes
// it needs at least: then nothing has been read. At the end marker it sets done.
func (d *Decoder) binaryRow(b []byte, row int) (used, more int, err error) {
	if len(b) < 2 {
		return 0, 2, nil
	}
	n := int(int16(binary.BigEndian.Uint16(b)))
	if n == -1 {
		return d.binaryEnd(b)
	}
	if n != len(d.cols) {
		return 0, 0, d.inLine(pgerr.New(pgerr.BadCopyFileFormat, "row field count is %d, expected %d", n, len(d.cols)), d.line+1)
	}
	p := 2
	for i := range d.cols {
		c := &d.cols[i]
		if len(b)-p < 4 {
			return 0, p + 4, nil
		}
		size := int(int32(binary.BigEndian.Uint32(b[p:])))
		p += 4
		if size == -1 {
			c.setNull(row)
			continue
		}
		if size < 0 {
			return 0, 0, d.binaryError(errBinary("invalid field size"), c)
		}
		if len(b)-p < size {
			return 0, p + size, d.checkLength(p + size - len(d.carry))
		}
		if !d.fastBinary(c, b[p:p+size], row) {
			if err := d.recv(c, b[p:p+size], row); err != nil {
				return 0, 0, d.binaryError(err, c)
			}
		}
		p += size
	}
	d.line++
	return p, 0, nil
}

// binaryEnd judges what comes behind the end marker: nothing may.
func (d *Decoder) binaryEnd(b []byte) (used, more int, err error) {
	switch {
	case len(b) > 2:
		return 0, 0, d.inLine(errBinary("received copy data after EOF marker"), d.line+1)
	case !d.eof:
		return 0, 3, nil
	}
	d.done = true
	return 2, 0, nil
}

// shortRow ends an input that ends within a row; b is what there is of it. A
// byte alone is taken for none, as in PostgreSQL.
func (d *Decoder) shortRow(b []byte) error {
	d.done = true
	if len(b) < 2 {
		return nil
	}
	p := 2
	for i := range d.cols {
		if len(b)-p < 4 {
			return d.binaryError(errBinary("unexpected EOF in COPY data"), &d.cols[i])
		}
		size := max(int(int32(binary.BigEndian.Uint32(b[p:]))), 0)
		if len(b)-p-4 < size {
			return d.binaryError(errBinary("unexpected EOF in COPY data"), &d.cols[i])
		}
		p += 4 + size
	}
	return nil
}

func (d *Decoder) binaryError(err error, c *column) error {
	return within(err, fmt.Sprintf("COPY %s, line %d, column %s", d.table, d.line+1, c.name))
}

// recv reads a value with the type's receive function.
func (d *Decoder) recv(c *column, b []byte, row int) error {
	v, err := c.typ.Recv(d.env, b, c.mod)
	if err == nil {
		c.set(row, v)
	}
	return err
}

// The ranges within which dates and timestamps need no check: years 1 to 9999.
const (
	minDay, maxDay = -730119, 2921939
)

// fastBinary reads the usual forms of the common types; what it refuses is for
// recv.
func (d *Decoder) fastBinary(c *column, b []byte, row int) bool {
	if c.shape == aText {
		return d.fastBinaryText(c, b, row)
	}
	if len(b) != int(c.typ.Len) {
		return false
	}
	switch c.shape {
	case anInt:
		c.ints[row] = bigEndian(b)
	case aFloat8:
		c.floats[row] = math.Float64frombits(binary.BigEndian.Uint64(b))
	case aFloat4:
		c.floats[row] = float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case aStamp, aStampTZ:
		v := bigEndian(b)
		if v < minDay*microsPerDay || v > maxDay*microsPerDay {
			return false
		}
		c.ints[row] = v
	case aDate:
		v := bigEndian(b)
		if v < minDay || v > maxDay {
			return false
		}
		c.ints[row] = v
	case aBool:
		c.bools[row] = b[0] != 0
	default:
		return false
	}
	if c.nulls != nil {
		c.nulls[row] = false
	}
	return true
}

// bigEndian reads a signed number of 2, 4 or 8 bytes.
func bigEndian(b []byte) int64 {
	switch len(b) {
	case 8:
		return int64(binary.BigEndian.Uint64(b))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(b)))
	}
	return int64(int16(binary.BigEndian.Uint16(b)))
}

func (d *Decoder) fastBinaryText(c *column, b []byte, row int) bool {
	if d.env.Client != nil || !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 || c.maxBytes >= 0 && len(b) > c.maxBytes {
		return false
	}
	c.strs[row] = d.arena.text(b)
	if c.nulls != nil {
		c.nulls[row] = false
	}
	return true
}
