package types

import (
	"encoding/binary"
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The physical form of an array (kind Bytes) is
//
//	ndim, flags      one byte each; an array without elements is ndim 0 and nothing else,
//	                 but for int2vector and oidvector, which keep their dimension
//	dims             uvarint each
//	lower bounds     varint each, if flagLower: otherwise all are 1
//	null bitmap      if flagNulls: a bit for every element, set for NULL
//	elements         of a fixed width (elemWidth): one after the other, also under NULLs;
//	                 otherwise uvarint length and image, none for NULLs
//
// An array of a type has one physical form for one value, its image.

const (
	flagLower = 1
	flagNulls = 2
)

// MaxDim is the most dimensions that an array has.
const MaxDim = 6

// maxArraySize is the most elements that an array has.
const maxArraySize = 134217727

// Array is an array taken apart. Vals are in row-major order.
type Array struct {
	Elem        *Type
	Dims, Lower []int32
	Vals        []Datum
}

// NewArray makes a one-dimensional array with lower bound 1.
func NewArray(elem *Type, vals []Datum) Array {
	if len(vals) == 0 {
		return Array{Elem: elem}
	}
	return Array{Elem: elem, Dims: []int32{int32(len(vals))}, Lower: []int32{1}, Vals: vals}
}

// elemWidth is the bytes that each element of a fixed width has, 0 for others.
func elemWidth(elem *Type) int {
	t := elem.Underlying()
	switch t.Kind {
	case Bool:
		return 1
	case Int:
		if t.Class == Base && (t.Len == 2 || t.Len == 4) {
			return int(t.Len)
		}
		return 8
	case Float:
		return int(t.Len)
	case Inter:
		return 16
	}
	return 0
}

// unsigned4 tells the types of four bytes without a sign.
func unsigned4(t *Type) bool { return t.OID != Int4OID && t.OID != DateOID }

// Encode gives the physical form.
func (a *Array) Encode() string { return string(a.Append(nil)) }

// Append appends the physical form.
func (a *Array) Append(dst []byte) []byte {
	if len(a.Vals) == 0 && (len(a.Dims) == 0 || a.Lower[0] != 0) {
		return append(dst, 0)
	}
	flags := byte(0)
	for _, l := range a.Lower {
		if l != 1 {
			flags |= flagLower
		}
	}
	for i := range a.Vals {
		if a.Vals[i].IsNull() {
			flags |= flagNulls
			break
		}
	}
	dst = append(dst, byte(len(a.Dims)), flags)
	for _, d := range a.Dims {
		dst = binary.AppendUvarint(dst, uint64(d))
	}
	if flags&flagLower != 0 {
		for _, l := range a.Lower {
			dst = binary.AppendVarint(dst, int64(l))
		}
	}
	if flags&flagNulls != 0 {
		dst = a.appendNulls(dst)
	}
	return a.appendElems(dst)
}

func (a *Array) appendNulls(dst []byte) []byte {
	n := len(dst)
	dst = append(dst, make([]byte, (len(a.Vals)+7)/8)...)
	for i := range a.Vals {
		if a.Vals[i].IsNull() {
			dst[n+i/8] |= 1 << (i % 8)
		}
	}
	return dst
}

func (a *Array) appendElems(dst []byte) []byte {
	width := elemWidth(a.Elem)
	for i := range a.Vals {
		d := &a.Vals[i]
		switch {
		case width != 0:
			dst = appendFixed(dst, width, d)
		case !d.IsNull():
			dst = appendSized(dst, a.Elem, *d)
		}
	}
	return dst
}

// appendFixed appends an element of a fixed width; NULL is zeros.
func appendFixed(dst []byte, width int, d *Datum) []byte {
	switch width {
	case 1:
		return append(dst, byte(d.i))
	case 2:
		return binary.LittleEndian.AppendUint16(dst, uint16(d.i))
	case 4:
		if d.kind == Float {
			return binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(d.Float())))
		}
		return binary.LittleEndian.AppendUint32(dst, uint32(d.i))
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(d.i))
	if width == 16 {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(d.j))
	}
	return dst
}

// appendSized appends the length of an image and the image.
func appendSized(dst []byte, t *Type, d Datum) []byte {
	if d.kind == Bytes {
		return append(binary.AppendUvarint(dst, uint64(len(d.s))), d.s...)
	}
	n := len(dst)
	dst = appendImage(append(dst, 0), t, d)
	size := len(dst) - n - 1
	if size < 0x80 {
		dst[n] = byte(size)
		return dst
	}
	image := append([]byte(nil), dst[n+1:]...)
	return append(binary.AppendUvarint(dst[:n], uint64(size)), image...)
}

// ArrayHead is the shape of an encoded array, and where its elements are.
type ArrayHead struct {
	NDim        int
	N           int // elements
	Dims, Lower [MaxDim]int32
	nulls       string // the bitmap, "" when there are no NULLs
	data        string
}

// HeadOfArray reads the shape of an array.
func HeadOfArray(s string) (h ArrayHead) {
	if len(s) < 2 {
		return h
	}
	h.NDim = min(int(s[0]), MaxDim)
	flags := s[1]
	s = s[2:]
	h.N = 1
	for i := 0; i < h.NDim; i++ {
		d, n := stringUvarint(s)
		h.Dims[i], h.Lower[i], s = int32(d), 1, s[n:]
		h.N *= int(d)
	}
	if flags&flagLower != 0 {
		for i := 0; i < h.NDim; i++ {
			l, n := stringVarint(s)
			h.Lower[i], s = int32(l), s[n:]
		}
	}
	if size := (h.N + 7) / 8; flags&flagNulls != 0 && size <= len(s) {
		h.nulls, s = s[:size], s[size:]
	}
	h.data = s
	return h
}

// IsNull tells whether element i, counted from 0, is NULL.
func (h *ArrayHead) IsNull(i int) bool { return h.nulls != "" && h.nulls[i/8]>>(i%8)&1 != 0 }

// HasNulls tells whether any element is NULL.
func (h *ArrayHead) HasNulls() bool { return h.nulls != "" }

// ArrayIter gives the elements of an array one after the other, in row-major
// order, without allocating.
type ArrayIter struct {
	ArrayHead
	elem     *Type
	width    int
	unsigned bool
	i, at    int
}

// IterArray starts to go over an array with elements of type elem.
func IterArray(elem *Type, s string) ArrayIter {
	u := elem.Underlying()
	return ArrayIter{ArrayHead: HeadOfArray(s), elem: u, width: elemWidth(u), unsigned: unsigned4(u)}
}

// Next gives the next element; ok is false after the last.
func (it *ArrayIter) Next() (d Datum, ok bool) {
	if it.i >= it.N {
		return Null, false
	}
	i := it.i
	it.i++
	null := it.IsNull(i)
	if it.width != 0 {
		at := i * it.width
		if null || at+it.width > len(it.data) {
			return Null, true
		}
		return it.fixed(it.data[at:]), true
	}
	if null {
		return Null, true
	}
	size, n := stringUvarint(it.data[it.at:])
	from := it.at + n
	it.at = from + int(size)
	if n == 0 || it.at > len(it.data) {
		it.i = it.N
		return Null, true
	}
	return readImage(it.elem, it.data[from:it.at]), true
}

func (it *ArrayIter) fixed(s string) Datum {
	switch it.width {
	case 1:
		return Datum{kind: Bool, i: int64(s[0])}
	case 2:
		return NewInt(int64(int16(uint16(s[0]) | uint16(s[1])<<8)))
	case 4:
		x := le32(s)
		switch {
		case it.elem.Kind == Float:
			return NewFloat(float64(math.Float32frombits(x)))
		case it.unsigned:
			return NewInt(int64(x))
		}
		return NewInt(int64(int32(x)))
	case 16:
		return Datum{kind: Inter, i: int64(le64(s)), j: int64(le64(s[8:]))}
	}
	return Datum{kind: it.elem.Kind, i: int64(le64(s))}
}

// Elem gives element i, counted from 0, of an array with elements of type elem.
func (h *ArrayHead) Elem(elem *Type, i int) Datum {
	u := elem.Underlying()
	it := ArrayIter{ArrayHead: *h, elem: u, width: elemWidth(u), unsigned: unsigned4(u)}
	if it.width != 0 {
		it.i = i
	} else {
		for it.i < i {
			it.skip()
		}
	}
	d, _ := it.Next()
	return d
}

// skip passes an element of variable width.
func (it *ArrayIter) skip() {
	if !it.IsNull(it.i) {
		size, n := stringUvarint(it.data[min(it.at, len(it.data)):])
		it.at += n + int(size)
	}
	it.i++
}

// DecodeArray takes an array of type t (or of a domain over one) apart. The
// elements of kind Bytes share s.
func DecodeArray(t *Type, s string) Array { return decodeElems(t.Underlying().Elem, s) }

func decodeElems(elem *Type, s string) Array {
	it := IterArray(elem, s)
	a := Array{Elem: elem}
	if it.NDim == 0 {
		return a
	}
	a.Dims = append([]int32(nil), it.Dims[:it.NDim]...)
	a.Lower = append([]int32(nil), it.Lower[:it.NDim]...)
	a.Vals = make([]Datum, 0, it.N)
	for {
		d, ok := it.Next()
		if !ok {
			return a
		}
		a.Vals = append(a.Vals, d)
	}
}

func errArraySize() error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxArraySize)
}

func errTooManyDims(n int) error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", n, MaxDim)
}

// CheckShape gives the number of elements that dimensions mean, and checks that
// no subscript overflows.
func CheckShape(dims, lower []int32) (n int, err error) {
	if len(dims) == 0 {
		return 0, nil
	}
	n = 1
	for _, d := range dims {
		if d < 0 {
			return 0, errArraySize()
		}
		if n *= int(d); n > math.MaxInt32 {
			return 0, errArraySize()
		}
	}
	if n > maxArraySize {
		return 0, errArraySize()
	}
	for i, d := range dims {
		if int64(lower[i])+int64(d) > math.MaxInt32 {
			return 0, pgerr.New(pgerr.ProgramLimitExceeded, "array lower bound is too large: %d", lower[i])
		}
	}
	return n, nil
}

// HeadOfArrayDims is the number of dimensions of an array, 0 for an empty one.
func HeadOfArrayDims(s string) int {
	if len(s) < 2 {
		return 0
	}
	return int(s[0])
}
