package types

import (
	"encoding/binary"
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The physical form of a range (kind Bytes) is its flags and, for each bound
// that is there, the uvarint length of its image and the image. Ranges of
// discrete types are in canonical form: with the lower bound, without the upper.

// The flags of a range, as the binary form has them.
const (
	rangeEmpty    = 1
	rangeLowerInc = 2
	rangeUpperInc = 4
	rangeLowerInf = 8
	rangeUpperInf = 16
	rangeFlags    = 31
)

// Bound is a bound of a range. Val is nothing when Inf is set.
type Bound struct {
	Val        Datum
	Inf        bool
	Inc        bool
	LowerBound bool
}

// RangeVal is a range taken apart. The bounds of an empty one are nothing.
type RangeVal struct {
	Lower, Upper Bound
	Empty        bool
}

// EmptyRange is the empty range of any type.
var EmptyRange = RangeVal{Empty: true, Lower: Bound{LowerBound: true}}

// NewRange makes a range of type t: in canonical form, and empty when no value
// can be in it. 22000 when the lower bound is above the upper one.
func (t *Type) NewRange(lower, upper Bound) (RangeVal, error) {
	t = t.Underlying()
	r, err := t.checkedRange(lower, upper)
	if err != nil || r.Empty || !t.Discrete() {
		return r, err
	}
	if !r.Lower.Inf && !r.Lower.Inc {
		if r.Lower, err = t.nextBound(r.Lower); err != nil {
			return EmptyRange, err
		}
	}
	if !r.Upper.Inf && r.Upper.Inc {
		if r.Upper, err = t.nextBound(r.Upper); err != nil {
			return EmptyRange, err
		}
	}
	return t.checkedRange(r.Lower, r.Upper)
}

func (t *Type) checkedRange(lower, upper Bound) (RangeVal, error) {
	lower.LowerBound, upper.LowerBound = true, false
	lower.Inc, upper.Inc = lower.Inc && !lower.Inf, upper.Inc && !upper.Inf
	if !lower.Inf && !upper.Inf {
		c := t.Sub.Compare(lower.Val, upper.Val)
		if c > 0 {
			return EmptyRange, pgerr.New(pgerr.DataException, "range lower bound must be less than or equal to range upper bound")
		}
		if c == 0 && !(lower.Inc && upper.Inc) {
			return EmptyRange, nil
		}
	}
	return RangeVal{Lower: lower, Upper: upper}, nil
}

// Discrete tells the range types whose values have a canonical form.
func (t *Type) Discrete() bool {
	switch t.OID {
	case Int4RangeOID, Int8RangeOID, DateRangeOID:
		return true
	}
	return false
}

// nextBound makes an exclusive bound of a discrete type inclusive, and an
// inclusive one exclusive, by going to the next value.
func (t *Type) nextBound(b Bound) (Bound, error) {
	n := b.Val.i
	switch {
	case t.OID == Int4RangeOID && n == math.MaxInt32:
		return b, pgerr.New(pgerr.NumericValueOutOfRange, "integer out of range")
	case t.OID == Int8RangeOID && n == math.MaxInt64:
		return b, pgerr.New(pgerr.NumericValueOutOfRange, "bigint out of range")
	case t.OID != DateRangeOID:
	case n == DateInfinity || n == DateMinusInfinity:
		return b, nil // there is nothing behind it
	case n+1 >= endDateDays:
		return b, pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range")
	}
	b.Val.i, b.Inc = n+1, !b.Inc
	return b, nil
}

// flags gives the flags of a range.
func (r *RangeVal) flags() byte {
	if r.Empty {
		return rangeEmpty
	}
	f := byte(0)
	for _, x := range []struct {
		set bool
		bit byte
	}{{r.Lower.Inc, rangeLowerInc}, {r.Upper.Inc, rangeUpperInc}, {r.Lower.Inf, rangeLowerInf}, {r.Upper.Inf, rangeUpperInf}} {
		if x.set {
			f |= x.bit
		}
	}
	return f
}

// Flags gives the flags that PostgreSQL's hash of a range begins with.
func (r *RangeVal) Flags() uint32 { return uint32(r.flags()) }

// Encode gives the physical form of a range of type t.
func (r *RangeVal) Encode(t *Type) string { return string(r.append(nil, t.Underlying())) }

func (r *RangeVal) append(dst []byte, t *Type) []byte {
	dst = append(dst, r.flags())
	if r.Empty {
		return dst
	}
	for _, b := range []*Bound{&r.Lower, &r.Upper} {
		if !b.Inf {
			dst = appendSized(dst, t.Sub, b.Val)
		}
	}
	return dst
}

// DecodeRange takes a range of type t apart.
func DecodeRange(t *Type, s string) RangeVal {
	if s == "" || s[0]&rangeEmpty != 0 {
		return EmptyRange
	}
	sub, f, rest := t.Underlying().Sub, s[0], s[1:]
	r := RangeVal{
		Lower: Bound{Inc: f&rangeLowerInc != 0, Inf: f&rangeLowerInf != 0, LowerBound: true},
		Upper: Bound{Inc: f&rangeUpperInc != 0, Inf: f&rangeUpperInf != 0},
	}
	for _, b := range []*Bound{&r.Lower, &r.Upper} {
		if b.Inf {
			continue
		}
		size, k := stringUvarint(rest)
		end := min(k+int(size), len(rest))
		b.Val, rest = readImage(sub, rest[k:end]), rest[end:]
	}
	return r
}

// CmpBounds compares two bounds of ranges of type t by what they let in.
func (t *Type) CmpBounds(a, b Bound) int {
	c := t.CmpBoundValues(a, b)
	switch {
	case c != 0 || a.Inf || a.Inc && b.Inc:
		return c
	case !a.Inc && !b.Inc:
		switch {
		case a.LowerBound == b.LowerBound:
			return 0
		case a.LowerBound:
			return 1
		}
		return -1
	case !a.Inc && a.LowerBound, a.Inc && !b.LowerBound:
		return 1
	}
	return -1
}

// CmpBoundValues compares two bounds, inclusive and exclusive ones alike.
func (t *Type) CmpBoundValues(a, b Bound) int {
	side := func(x Bound) int {
		if x.LowerBound {
			return -1
		}
		return 1
	}
	switch {
	case a.Inf && b.Inf && a.LowerBound == b.LowerBound:
		return 0
	case a.Inf:
		return side(a)
	case b.Inf:
		return -side(b)
	}
	return t.Underlying().Sub.Compare(a.Val, b.Val)
}

// CmpRanges compares two ranges: an empty one is first, then the lower bounds
// decide, then the upper ones.
func (t *Type) CmpRanges(a, b RangeVal) int {
	switch {
	case a.Empty && b.Empty:
		return 0
	case a.Empty:
		return -1
	case b.Empty:
		return 1
	}
	if c := t.CmpBounds(a.Lower, b.Lower); c != 0 {
		return c
	}
	return t.CmpBounds(a.Upper, b.Upper)
}

func rangeCmp(t *Type, a, b string) int { return t.CmpRanges(DecodeRange(t, a), DecodeRange(t, b)) }

func rangeHash(t *Type, s string) uint64 {
	r := DecodeRange(t, s)
	return r.hash(t)
}

func (r *RangeVal) hash(t *Type) uint64 {
	h := Mix(uint64(r.flags()) + 1)
	if r.Empty {
		return h
	}
	for _, b := range []*Bound{&r.Lower, &r.Upper} {
		e := uint64(0)
		if !b.Inf {
			e = t.Sub.Hash(b.Val)
		}
		h = Mix(h*31 ^ e)
	}
	return h
}

// appendRangeKey appends whether there is anything in the range, and its bounds:
// for each where it is (-∞, a value, ∞), the value's key, and whether it lies
// behind the value.
func appendRangeKey(dst []byte, t *Type, r RangeVal) []byte {
	if r.Empty {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	if r.Lower.Inf {
		dst = append(dst, 0)
	} else {
		dst = append(AppendKey(append(dst, 1), t.Sub, r.Lower.Val), boolByte(!r.Lower.Inc))
	}
	if r.Upper.Inf {
		return append(dst, 2)
	}
	return append(AppendKey(append(dst, 1), t.Sub, r.Upper.Val), boolByte(r.Upper.Inc))
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// appendMultirangeKey appends the keys of the ranges.
func appendMultirangeKey(dst []byte, t *Type, s string) []byte {
	for _, r := range DecodeMultirange(t, s) {
		dst = appendRangeKey(append(dst, keyItem), t.Over, r)
	}
	return append(dst, keyEnd)
}

// The physical form of a multirange is the number of its ranges and, for each,
// its length (uvarints) and its form. They are sorted and do not touch.

// DecodeMultirange takes a multirange of type t apart.
func DecodeMultirange(t *Type, s string) []RangeVal {
	t = t.Underlying()
	n, k := stringUvarint(s)
	out := make([]RangeVal, 0, min(int(n), len(s)))
	for s = s[k:]; s != "" && len(out) < int(n); {
		size, k := stringUvarint(s)
		end := min(k+int(size), len(s))
		out = append(out, DecodeRange(t.Over, s[k:end]))
		s = s[end:]
	}
	return out
}

// EncodeMultirange gives the physical form of a multirange of type t of ranges
// in any order, which it sorts and joins; empty ones are left out. rs is changed.
func EncodeMultirange(t *Type, rs []RangeVal) string {
	t = t.Underlying()
	rs = t.Over.JoinRanges(rs)
	dst := binary.AppendUvarint(nil, uint64(len(rs)))
	for i := range rs {
		form := rs[i].append(nil, t.Over)
		dst = append(binary.AppendUvarint(dst, uint64(len(form))), form...)
	}
	return string(dst)
}

func multirangeCmp(t *Type, a, b string) int {
	x, y := DecodeMultirange(t, a), DecodeMultirange(t, b)
	for i := range min(len(x), len(y)) {
		if c := t.Over.CmpRanges(x[i], y[i]); c != 0 {
			return c
		}
	}
	return cmpInt(int64(len(x)), int64(len(y)))
}

func multirangeHash(t *Type, s string) uint64 {
	h := uint64(1)
	for _, r := range DecodeMultirange(t, s) {
		h = Mix(h*31 ^ r.hash(t.Over))
	}
	return h
}
