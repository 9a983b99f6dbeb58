package copy

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
	"unsafe"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// fastRows parses rows from the front of src, which ends with a line end, into
// the rows of the batch from row on. It stops where the batch is full, where
// src is used up, or before a row that is not plain (D1). It tells how much of
// src it has used and how many rows the batch then has.
func (d *Decoder) fastRows(src []byte, row int) (used, rows int) {
	p := 0
	for row < vec.Size && p < len(src) {
		next := d.fastRow(src, p, row)
		if next < 0 {
			break
		}
		d.line++
		if d.lines != nil {
			d.lines.add(d.line, bytes.TrimRight(src[p:next], "\r\n"))
		}
		p = next
		row++
	}
	return p, row
}

// fastRow parses the row at p; it gives where the next begins, -1 when the row
// is for the exact way.
func (d *Decoder) fastRow(src []byte, p, row int) int {
	if src[p] == '\\' && d.csv {
		return -1 // perhaps the end marker
	}
	last := len(d.cols) - 1
	term := d.delim
	for i := range d.cols {
		c := &d.cols[i]
		if i == last {
			term = d.eol
		}
		next := c.fast(d, c, src, p, row, term)
		if next < 0 {
			if next = d.fastField(c, src, p, row, term); next < 0 {
				return -1
			}
		}
		p = next
	}
	if d.eol == '\r' {
		if p == len(src) || src[p] != '\n' {
			return -1
		}
		p++
	}
	return p
}

// A fastFunc parses the field at p, which term has to end, into row; it gives the place
// behind term, or -1 for what is not plain. src ends with a line end, so what is no digit
// comes before the end.
type fastFunc func(d *Decoder, c *column, src []byte, p, row int, term byte) int

// fastFuncs are by shape.
var fastFuncs = [...]fastFunc{
	plain:    func(*Decoder, *column, []byte, int, int, byte) int { return -1 },
	anInt:    fastInt,
	aFloat8:  fastFloat,
	aFloat4:  fastFloat4,
	aStamp:   (*Decoder).fastStamp,
	aStampTZ: (*Decoder).fastStamp,
	aDate:    (*Decoder).fastDate,
	aBool:    fastBool,
	aText:    (*Decoder).fastText,
	aChar:    (*Decoder).fastChar,
	aNumeric: fastNumeric,
}

func fastInt(_ *Decoder, c *column, src []byte, p, row int, term byte) int {
	if len(src)-p >= 8 {
		w := binary.LittleEndian.Uint64(src[p:]) ^ zeros
		if n := fewDigits(w); n < 64 && byte(w>>n)^'0' == term && n > 0 {
			v := ofDigits(w, n)
			if v > c.hi {
				return -1
			}
			c.ints[row] = v
			return p + n/8 + 1
		}
	}
	neg := src[p] == '-'
	if neg {
		p++
	}
	start := p
	var u uint64
	for p < len(src) {
		x := src[p] - '0'
		if x > 9 {
			break
		}
		u = u*10 + uint64(x)
		p++
	}
	if n := p - start; n == 0 || n > 18 || src[p] != term {
		return -1
	}
	v := int64(u)
	if neg {
		v = -v
	}
	if v < c.lo || v > c.hi {
		return -1
	}
	c.ints[row] = v
	return p + 1
}

// zeros is the text 00000000; digits ^ '0' are 0 to 9.
const zeros = '0' * eachByte

// fewDigits tells how many bits the digits at the front of eight bytes ^ zeros take.
func fewDigits(w uint64) int {
	return bits.TrailingZeros64(((w&^highBits)+(0x7f-9)*eachByte|w)&highBits) &^ 7
}

// ofDigits is the number whose digits take the first n bits of w, eight bytes ^ zeros:
// pairs of digits become one number, and so on.
func ofDigits(w uint64, n int) int64 {
	w <<= 64 - n // what is behind the digits falls out; the first is the lowest byte
	w = w*10 + w>>8
	return int64((w&0xff_0000_00ff*(100+1_000_000<<32) + w>>16&0xff_0000_00ff*(1+10_000<<32)) >> 32)
}

// decimal reads [-]digits[.digits] with at most 18 digits at src[p:], a digit
// at least on each side of the point; it gives the place behind.
func decimal(src []byte, p int) (m int64, neg bool, digits, frac, end int) {
	neg = src[p] == '-'
	if neg {
		p++
	}
	start := p
	var u uint64
	for p < len(src) {
		x := src[p] - '0'
		if x > 9 {
			break
		}
		u = u*10 + uint64(x)
		p++
	}
	digits = p - start
	if digits == 0 {
		return 0, false, 0, 0, -1
	}
	if src[p] == '.' {
		p++
		point := p
		for p < len(src) {
			x := src[p] - '0'
			if x > 9 {
				break
			}
			u = u*10 + uint64(x)
			p++
		}
		frac = p - point
		digits += frac
		if frac == 0 {
			return 0, false, 0, 0, -1
		}
	}
	if digits > 18 {
		return 0, false, 0, 0, -1
	}
	return int64(u), neg, digits, frac, p
}

// fastFloat takes numbers of at most 15 digits: they and the power of ten are
// exact floats, so that their quotient, rounded once, is the nearest float.
func fastFloat(_ *Decoder, c *column, src []byte, p, row int, term byte) int {
	m, neg, digits, frac, end := decimal(src, p)
	if end < 0 || digits > 15 || src[end] != term {
		return -1
	}
	f := float64(m)
	if frac > 0 {
		f /= pow10[frac]
	}
	if neg {
		f = -f
	}
	c.floats[row] = f
	return end + 1
}

var pow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// fastFloat4 is fastFloat for float4: up to 2^24 and 10^10 are exact.
func fastFloat4(_ *Decoder, c *column, src []byte, p, row int, term byte) int {
	m, neg, _, frac, end := decimal(src, p)
	if end < 0 || m > 1<<24 || frac > 10 || src[end] != term {
		return -1
	}
	f := float32(m) / float32(pow10[frac])
	if neg {
		f = -f
	}
	c.floats[row] = float64(f)
	return end + 1
}

func fastBool(_ *Decoder, c *column, src []byte, p, row int, term byte) int {
	if p+1 >= len(src) || src[p+1] != term || src[p] != 't' && src[p] != 'f' {
		return -1
	}
	c.bools[row] = src[p] == 't'
	return p + 2
}

func (d *Decoder) fastDate(c *column, src []byte, p, row int, term byte) int {
	if len(src)-p < 11 || src[p+10] != term {
		return -1
	}
	days, ok := d.dates.date(src[p:])
	if !ok {
		return -1
	}
	c.ints[row] = days
	return p + 11
}

func fastNumeric(_ *Decoder, c *column, src []byte, p, row int, term byte) int {
	m, neg, _, frac, end := decimal(src, p)
	if end < 0 || src[end] != term {
		return -1
	}
	scale := int32(frac)
	if c.scale >= 0 {
		more := c.scale - scale
		if more < 0 || m >= c.bounds[more] {
			return -1
		}
		if more > 0 {
			m *= types.Pow10(more)
		}
		scale = c.scale
	}
	if neg {
		m = -m
	}
	if v := c.vec; !c.open && v.Narrow && v.Scale == scale && c.nulls == nil {
		c.ints[row] = m
	} else {
		c.setNumeric(row, m, scale)
	}
	return end + 1
}

func (d *Decoder) fastStamp(c *column, src []byte, p, row int, term byte) int {
	v, rest, ok := d.dates.stamp(src[p:])
	if !ok {
		return -1
	}
	if c.shape == aStampTZ {
		east, given, r, ok := offset(rest)
		if !ok || !given && !d.utc {
			return -1
		}
		v -= east
		rest = r
	}
	if len(rest) == 0 || rest[0] != term {
		return -1
	}
	c.ints[row] = v
	return len(src) - len(rest) + 1
}

const (
	eachByte = 0x0101010101010101
	highBits = 0x80 * eachByte
)

// scan finds the first byte at or behind p that is no plain part of a field. It
// also gives all bytes before it or-ed together, to tell whether they are ASCII.
// It goes by eight bytes. A word holds a byte below b, or one that is b, if subtracting
// borrows from the highest bit of one that had it unset; borrows go on to higher bytes
// only, so that the lowest bit that is set is right.
func (d *Decoder) scan(src []byte, p int) (end int, or byte) {
	all, marks := uint64(0), d.marks
	for ; p+8 <= len(src); p += 8 {
		w := binary.LittleEndian.Uint64(src[p:])
		x, y := w^marks[0], w^marks[1]
		found := (w-' '*eachByte)&^w | (x-eachByte)&^x | (y-eachByte)&^y // the first is control characters
		if found &= highBits; found == 0 {
			all |= w
			continue
		}
		n := bits.TrailingZeros64(found) / 8
		if n > 0 {
			all |= w << (64 - 8*n)
		}
		if p += n; d.special[src[p]] {
			return p, folded(all)
		}
		all |= uint64(src[p])
		p -= 7 // a control character that is none of ours: go on behind it
	}
	or = folded(all)
	for p < len(src) && !d.special[src[p]] {
		or |= src[p]
		p++
	}
	return p, or
}

// folded or-s the bytes of a word together.
func folded(w uint64) byte {
	w |= w >> 32
	w |= w >> 16
	return byte(w | w>>8)
}

func (d *Decoder) fastText(c *column, src []byte, p, row int, term byte) int {
	if text, n := c.seen.field(src[p:]); n > 0 && src[p+n-1] == term {
		c.strs[row] = text
		return p + n
	}
	end, or := d.scan(src, p)
	if end == len(src) || src[end] != term {
		return -1
	}
	b := src[p:end]
	if or >= utf8.RuneSelf && !utf8.Valid(b) {
		return -1
	}
	if len(b) == len(d.null) && string(b) == d.null && !c.forceNotNull {
		c.setNull(row)
		return end + 1
	}
	if c.maxBytes >= 0 && len(b) > c.maxBytes {
		return -1
	}
	c.strs[row] = d.textOf(c, src[p:], len(b), len(b))
	return end + 1
}

// textOf gives the text of n bytes at the front of src, padded with blanks to so many.
// Behind it is what ended it.
func (d *Decoder) textOf(c *column, src []byte, n, padded int) string {
	text, again := c.seen.text(&d.arena, src[:n], padded)
	if again {
		c.seen.cameAgain(src, n+1, text)
	}
	return text
}

// fastChar takes the ASCII texts of character(n), of which the characters are the
// bytes.
func (d *Decoder) fastChar(c *column, src []byte, p, row int, term byte) int {
	if c.maxBytes == 1 && p+1 < len(src) && src[p+1] == term && len(d.null) != 1 {
		if b := src[p]; b < utf8.RuneSelf && !d.special[b] {
			c.strs[row] = letters[b]
			return p + 2
		}
	}
	if text, n := c.seen.field(src[p:]); n > 0 && src[p+n-1] == term {
		c.strs[row] = text
		return p + n
	}
	end, or := d.scan(src, p)
	if end == len(src) || src[end] != term || or >= utf8.RuneSelf {
		return -1
	}
	b := src[p:end]
	if len(b) == len(d.null) && string(b) == d.null && !c.forceNotNull {
		c.setNull(row)
		return end + 1
	}
	if len(b) > c.maxBytes {
		return -1
	}
	c.strs[row] = d.textOf(c, src[p:], len(b), c.maxBytes)
	return end + 1
}

// fastField takes what the functions above do not: NULLs, quoted fields without
// escapes, and everything that only the type's input function understands.
func (d *Decoder) fastField(c *column, src []byte, p, row int, term byte) int {
	if d.csv && src[p] == d.quote {
		return d.fastQuoted(c, src, p+1, row, term)
	}
	end, or := d.scan(src, p)
	if !d.csv && end == p && src[p] == '\\' {
		// Before escapes are looked at, it may be the null string.
		end = p + len(d.null)
		if end >= len(src) || string(src[p:end]) != d.null || src[end] != term {
			return -1
		}
		c.setNull(row)
		return end + 1
	}
	if end == len(src) || src[end] != term {
		return -1
	}
	b := src[p:end]
	if string(b) == d.null && !c.forceNotNull {
		c.setNull(row)
		return end + 1
	}
	if or >= utf8.RuneSelf && !utf8.Valid(b) || !d.value(c, b, row) {
		return -1
	}
	return end + 1
}

// fastQuoted takes a quoted field, whose contents begin at p, if it has no
// escapes, no line ends and nothing behind the quotes.
func (d *Decoder) fastQuoted(c *column, src []byte, p, row int, term byte) int {
	if c.shape != aText && c.shape != aChar && !c.forceNull {
		if next := c.fast(d, c, src, p, row, d.quote); next >= 0 && next < len(src) && src[next] == term {
			return next + 1
		}
	}
	n := bytes.IndexByte(src[p:], d.quote)
	if n < 0 || p+n+1 >= len(src) || src[p+n+1] != term {
		return -1
	}
	b := src[p : p+n]
	or := byte(0)
	for _, x := range b {
		or |= x
		if x < ' ' && (x == '\n' || x == '\r' || x == 0) || x == d.escape {
			return -1
		}
	}
	switch {
	case or >= utf8.RuneSelf && !utf8.Valid(b):
		return -1
	case c.forceNull && string(b) == d.null:
		c.setNull(row)
	case c.shape == aText && (c.maxBytes < 0 || len(b) <= c.maxBytes):
		c.strs[row], _ = c.seen.text(&d.arena, b, len(b))
	case c.shape == aChar && or < utf8.RuneSelf && len(b) <= c.maxBytes:
		c.strs[row], _ = c.seen.text(&d.arena, b, c.maxBytes)
	case !d.value(c, b, row):
		return -1
	}
	return p + n + 2
}

// value reads a field's text, which is valid, with the type's input function.
// An error is for the exact way to report.
func (d *Decoder) value(c *column, b []byte, row int) bool {
	v, err := d.in(c, b)
	if err != nil {
		return false
	}
	c.set(row, v)
	return true
}

// in runs the type's input function. Only those of numbers are known to keep
// nothing of the text they are given; all others get one that stays as it is.
func (d *Decoder) in(c *column, b []byte) (types.Datum, error) {
	switch c.shape {
	case anInt, aFloat8, aFloat4, aNumeric, aBool:
		return c.typ.In(d.env, unsafe.String(unsafe.SliceData(b), len(b)), c.mod)
	}
	return c.typ.In(d.env, d.arena.text(b), c.mod)
}
