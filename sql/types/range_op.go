package types

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The algebra of ranges of a type: what operators on ranges and on multiranges
// are made of.

// RangeHas tells whether a value is in the range.
func (t *Type) RangeHas(r RangeVal, d Datum) bool {
	if r.Empty {
		return false
	}
	sub := t.Underlying().Sub
	if !r.Lower.Inf {
		if c := sub.Compare(r.Lower.Val, d); c > 0 || c == 0 && !r.Lower.Inc {
			return false
		}
	}
	if !r.Upper.Inf {
		if c := sub.Compare(r.Upper.Val, d); c < 0 || c == 0 && !r.Upper.Inc {
			return false
		}
	}
	return true
}

// RangeHolds tells whether a holds all of b.
func (t *Type) RangeHolds(a, b RangeVal) bool {
	if a.Empty || b.Empty {
		return b.Empty
	}
	return t.CmpBounds(a.Lower, b.Lower) <= 0 && t.CmpBounds(a.Upper, b.Upper) >= 0
}

// RangeBefore tells whether all of a is below all of b.
func (t *Type) RangeBefore(a, b RangeVal) bool {
	return !a.Empty && !b.Empty && t.CmpBounds(a.Upper, b.Lower) < 0
}

// RangesOverlap tells whether some value may be in both.
func (t *Type) RangesOverlap(a, b RangeVal) bool {
	if a.Empty || b.Empty {
		return false
	}
	return t.CmpBounds(a.Lower, b.Lower) >= 0 && t.CmpBounds(a.Lower, b.Upper) <= 0 ||
		t.CmpBounds(b.Lower, a.Lower) >= 0 && t.CmpBounds(b.Lower, a.Upper) <= 0
}

// RangesAdjacent tells whether the ranges touch without sharing a value.
func (t *Type) RangesAdjacent(a, b RangeVal) bool {
	return !a.Empty && !b.Empty && (t.BoundsAdjacent(a.Upper, b.Lower) || t.BoundsAdjacent(b.Upper, a.Lower))
}

// BoundsAdjacent tells whether nothing lies between an upper and a lower bound,
// and nothing in both.
func (t *Type) BoundsAdjacent(upper, lower Bound) bool {
	c := t.CmpBoundValues(upper, lower)
	switch {
	case c == 0:
		return upper.Inc != lower.Inc
	case c > 0 || !t.Underlying().Discrete():
		return false
	}
	upper.Inc, lower.Inc = !upper.Inc, !lower.Inc
	between, err := t.NewRange(upper, lower)
	return err == nil && between.Empty
}

// RangeIntersect gives what is in both.
func (t *Type) RangeIntersect(a, b RangeVal) (RangeVal, error) {
	if !t.RangesOverlap(a, b) {
		return EmptyRange, nil
	}
	if t.CmpBounds(a.Lower, b.Lower) < 0 {
		a.Lower = b.Lower
	}
	if t.CmpBounds(a.Upper, b.Upper) > 0 {
		a.Upper = b.Upper
	}
	return t.NewRange(a.Lower, a.Upper)
}

// RangeMerge gives the smallest range that holds both. Of equal bounds (1.0 and
// 1.00) it takes those of b.
func (t *Type) RangeMerge(a, b RangeVal) RangeVal {
	if a.Empty || b.Empty {
		if a.Empty {
			return b
		}
		return a
	}
	if t.CmpBounds(a.Lower, b.Lower) >= 0 {
		a.Lower = b.Lower
	}
	if t.CmpBounds(a.Upper, b.Upper) <= 0 {
		a.Upper = b.Upper
	}
	return a
}

// RangeUnion is RangeMerge of ranges that overlap or touch; 22000 for others.
func (t *Type) RangeUnion(a, b RangeVal) (RangeVal, error) {
	if !a.Empty && !b.Empty && !t.RangesOverlap(a, b) && !t.RangesAdjacent(a, b) {
		return EmptyRange, pgerr.New(pgerr.DataException, "result of range union would not be contiguous")
	}
	return t.RangeMerge(a, b), nil
}

// RangeMinus gives what is in a and not in b: no, one or two ranges.
func (t *Type) RangeMinus(a, b RangeVal) ([]RangeVal, error) {
	if a.Empty {
		return nil, nil
	}
	if !t.RangesOverlap(a, b) {
		return []RangeVal{a}, nil
	}
	var out []RangeVal
	add := func(lower, upper Bound) error {
		r, err := t.NewRange(lower, upper)
		if err == nil && !r.Empty {
			out = append(out, r)
		}
		return err
	}
	if t.CmpBounds(a.Lower, b.Lower) < 0 {
		end := b.Lower
		end.Inc, end.LowerBound = !end.Inc, false
		if err := add(a.Lower, end); err != nil {
			return nil, err
		}
	}
	if t.CmpBounds(a.Upper, b.Upper) > 0 {
		begin := b.Upper
		begin.Inc, begin.LowerBound = !begin.Inc, true
		if err := add(begin, a.Upper); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// JoinRanges sorts ranges, leaves empty ones out, and joins those that overlap
// or touch. rs is changed.
func (t *Type) JoinRanges(rs []RangeVal) []RangeVal {
	slices.SortStableFunc(rs, t.CmpRanges)
	out := rs[:0]
	for _, r := range rs {
		switch n := len(out); {
		case r.Empty:
		case n > 0 && (t.RangesAdjacent(out[n-1], r) || !t.RangeBefore(out[n-1], r)):
			out[n-1] = t.RangeMerge(out[n-1], r)
		default:
			out = append(out, r)
		}
	}
	return out
}
