package exec

import (
	"context"
	"math/bits"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// A keySift is what a hash join knows of one key column once its build side is
// made: which values can have a match at all. Scans from which that column of the
// probe side comes leave other rows out, whatever is done with them on the way:
// joined with something else, or grouped by that column.
//
// It is made by the goroutine that makes the build side, before the probe side is
// read, and read by many. A build side that did not fit in memory makes none.
type keySift struct {
	read bool // a scan uses it
	n    int  // distinct values at most; -1: not made
	min  int64
	span uint64 // the greatest is min + span
	bits []uint64
	// shift is that of a Bloom filter; 0: bits has one bit per value from min on.
	shift uint
}

// scanSift is a keySift of a scan's column.
type scanSift struct {
	col int
	of  *keySift
}

const (
	// siftBits is how many bits per key a keySift may have where it has a bit per
	// value; of Bloom filters it is bloomBits, with two bits set per key, in one
	// word: about 2 % of other values pass.
	siftBits  = 64
	bloomBits = 16
	minSpan   = 1 << 16
)

func newKeySift() *keySift { return &keySift{n: -1} }

func (s *keySift) made() bool { return s.n >= 0 }

func (s *keySift) drop() { s.n, s.bits = -1, nil }

// make takes in the keys of a build side.
func (s *keySift) make(v *vec.Vec) {
	first := true
	lo, hi, n := int64(0), int64(0), 0
	for i, x := range v.Ints {
		if v.Nulls != nil && v.Nulls[i] {
			continue
		}
		if first {
			lo, hi, first = x, x, false
		}
		lo, hi = min(lo, x), max(hi, x)
		n++
	}
	s.n, s.min, s.span, s.shift, s.bits = n, lo, uint64(hi)-uint64(lo), 0, nil
	switch {
	case n == 0:
		return
	case s.span < max(minSpan, uint64(n)*siftBits):
		s.bits = make([]uint64, s.span/64+1)
	default:
		words := bits.Len(uint(n*bloomBits/64)) + 1
		s.bits, s.shift = make([]uint64, 1<<words), uint(64-words)
	}
	for i, x := range v.Ints {
		if v.Nulls != nil && v.Nulls[i] {
			continue
		}
		if s.shift == 0 {
			d := uint64(x) - uint64(lo)
			s.bits[d>>6] |= 1 << (d & 63)
			continue
		}
		h := bloomHash(x)
		s.bits[h>>s.shift] |= bloomMask(h)
	}
}

// bloomHash spreads an integer over 64 bits: multiplication by a odd constant of
// no pattern (that of Fibonacci hashing), and a fold for the low ones.
func bloomHash(x int64) uint64 {
	h := uint64(x) * 0x9e3779b97f4a7c15
	return h ^ h>>32
}

// bloomMask gives the two bits of a hash in its word.
func bloomMask(h uint64) uint64 { return 1<<(h&63) | 1<<(h>>6&63) }

// sel implements Sift.Select.
func (s *keySift) sel(_ context.Context, v *vec.Vec, sel []int32) []int32 {
	n := len(v.Ints)
	sel = resize(sel, n)
	k := 0
	switch {
	case s.n == 0:
	case s.shift == 0:
		k = s.selExact(v.Ints, sel)
	default:
		for i, x := range v.Ints {
			h := bloomHash(x)
			m := bloomMask(h)
			sel[k] = int32(i)
			if s.bits[h>>s.shift]&m == m {
				k++
			}
		}
	}
	sel = sel[:k]
	if v.Nulls == nil {
		return sel
	}
	k = 0
	for _, i := range sel {
		sel[k] = i
		if !v.Nulls[i] {
			k++
		}
	}
	return sel[:k]
}

func (s *keySift) selExact(vals []int64, sel []int32) (k int) {
	lo, table := uint64(s.min), s.bits
	for i, x := range vals {
		d := uint64(x) - lo
		sel[k] = int32(i)
		if d>>6 < uint64(len(table)) && table[d>>6]>>(d&63)&1 != 0 {
			k++
		}
	}
	return k
}

// siftable tells keys of which a keySift can be made: NULL equals nothing, and
// equality is that of the integers that stand for the values.
func siftable(k equiKey) bool { return !k.nulls && k.typ.Kind == types.Int }

// siftedProbe tells the joins that give nothing for a probe row without a match.
func siftedProbe(kind plan.JoinKind, swapped bool) bool {
	switch kind {
	case plan.Inner, plan.Semi:
		return true
	case plan.Left, plan.Anti:
		return swapped
	case plan.Right:
		return !swapped
	}
	return false
}
