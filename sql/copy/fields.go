package copy

import (
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// fields is a line taken apart: the fields' texts, unescaped, one behind the
// other.
type fields struct {
	buf  []byte
	list []field
}

type field struct {
	lo, hi int // in buf
	null   bool
}

func (f *fields) reset() { f.buf, f.list = f.buf[:0], f.list[:0] }

func (f *fields) bytes(i int) []byte { return f.buf[f.list[i].lo:f.list[i].hi] }

// splitText takes a line of the text format apart (CopyReadAttributesText).
func (d *Decoder) splitText(line []byte) error {
	f := &d.fields
	f.reset()
	p := 0
	for {
		start, lo := p, len(f.buf)
		more, high := false, false
		for p < len(line) {
			c := line[p]
			p++
			if c == d.delim {
				more = true
				break
			}
			if c == '\\' {
				if p == len(line) {
					break
				}
				var n int
				c, n = unescape(line[p:])
				p += n
				// What bytes in octal and hexadecimal make has to be text, too.
				high = high || line[p-n] != c && (c >= utf8.RuneSelf || c == 0)
			}
			f.buf = append(f.buf, c)
		}
		raw := line[start:p]
		if more {
			raw = raw[:len(raw)-1]
		}
		null := string(raw) == d.null
		if !null && high {
			if err := types.CheckUTF8(string(f.buf[lo:])); err != nil {
				return err
			}
		}
		f.list = append(f.list, field{lo: lo, hi: len(f.buf), null: null})
		if !more {
			return nil
		}
	}
}

// unescape reads what stands behind a backslash; b is not empty. n is the
// number of bytes it takes.
func unescape(b []byte) (c byte, n int) {
	switch c = b[0]; c {
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v := 0
		for n < 3 && n < len(b) && b[n] >= '0' && b[n] <= '7' {
			v = v*8 + int(b[n]-'0')
			n++
		}
		return byte(v), n
	case 'x':
		v := 0
		for n = 1; n < 3 && n < len(b) && hexDigit(b[n]) >= 0; n++ {
			v = v*16 + hexDigit(b[n])
		}
		if n > 1 {
			return byte(v), n
		}
	case 'b':
		return '\b', 1
	case 'f':
		return '\f', 1
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	case 'v':
		return '\v', 1
	}
	return c, 1
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// splitCSV takes a line of the csv format apart (CopyReadAttributesCSV). Quotes
// may begin and end anywhere within a field.
func (d *Decoder) splitCSV(line []byte) error {
	f := &d.fields
	f.reset()
	p := 0
	for {
		start, lo := p, len(f.buf)
		more, quoted := false, false
		for p < len(line) && !more {
			c := line[p]
			p++
			switch c {
			case d.delim:
				more = true
			case d.quote:
				quoted = true
				end := d.quotedPart(line, p)
				if end < 0 {
					return pgerr.New(pgerr.BadCopyFileFormat, "unterminated CSV quoted field")
				}
				p = end
			default:
				f.buf = append(f.buf, c)
			}
		}
		raw := line[start:p]
		if more {
			raw = raw[:len(raw)-1]
		}
		f.list = append(f.list, field{lo: lo, hi: len(f.buf), null: !quoted && string(raw) == d.null})
		if !more {
			return nil
		}
	}
}

// quotedPart appends what stands between quotes, the first of which is before
// p; it gives the place behind the second, -1 when there is none.
func (d *Decoder) quotedPart(line []byte, p int) int {
	f := &d.fields
	for p < len(line) {
		c := line[p]
		p++
		// The escape comes first: it may be the quote itself.
		if c == d.escape && p < len(line) && (line[p] == d.escape || line[p] == d.quote) {
			f.buf = append(f.buf, line[p])
			p++
			continue
		}
		if c == d.quote {
			return p
		}
		f.buf = append(f.buf, c)
	}
	return -1
}
