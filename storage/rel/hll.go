package rel

import (
	"math"
	"math/bits"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/zeebo/xxh3"
)

// sketch estimates how many distinct values a column has had: HyperLogLog
// (Flajolet and others, 2007) with 2^sketchBits registers, an error of about
// 2.3 %. Sketches merge in any order to the same state. The zero sketch is empty.
type sketch struct {
	regs []uint8
}

const sketchBits = 11

func (s *sketch) add(hash uint64) {
	if s.regs == nil {
		s.regs = make([]uint8, 1<<sketchBits)
	}
	i := hash >> (64 - sketchBits)
	rank := uint8(bits.LeadingZeros64(hash<<sketchBits|1<<(sketchBits-1))) + 1
	if rank > s.regs[i] {
		s.regs[i] = rank
	}
}

// merge adds what t has seen.
func (s *sketch) merge(t *sketch) {
	if t == nil || t.regs == nil {
		return
	}
	if s.regs == nil {
		s.regs = make([]uint8, 1<<sketchBits)
	}
	for i, r := range t.regs {
		s.regs[i] = max(s.regs[i], r)
	}
}

// estimate is the number of distinct values. Small numbers are counted by the
// empty registers.
func (s *sketch) estimate() float64 {
	if s.regs == nil {
		return 0
	}
	const m = 1 << sketchBits
	sum, zeros := 0.0, 0
	for _, r := range s.regs {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			zeros++
		}
	}
	alpha := 0.7213 / (1 + 1.079/m)
	e := alpha * m * m / sum
	if e <= 2.5*m && zeros > 0 {
		return m * math.Log(m/float64(zeros))
	}
	return e
}

// addVec adds the values of a column that are not NULL. Strings are told apart by
// their bytes, whatever their type. buf is memory to be used.
func (s *sketch) addVec(v *vec.Vec, buf *onceBuf) {
	switch {
	case v.Nulls == nil && v.Kind == types.Int:
		s.addInts(once(v.Ints, buf))
	case v.Nulls == nil && v.Kind == types.Numer && v.Narrow:
		for _, x := range once(v.Ints, buf) {
			s.add(types.NumericScaled(x, v.Scale).Hash())
		}
	case v.Nulls == nil && v.Kind == types.Float:
		for _, x := range v.Floats {
			s.add(types.HashFloat(x))
		}
	case v.Nulls == nil && v.Kind == types.Bytes:
		for i, x := range v.Strs {
			if i == 0 || x != v.Strs[i-1] {
				s.add(xxh3.HashString(x))
			}
		}
	default:
		for i := range v.Len() {
			if !v.IsNull(i) {
				s.add(hashValue(v, i))
			}
		}
	}
}

// addInts adds integers; of equal neighbours, one.
func (s *sketch) addInts(list []int64) {
	for i, x := range list {
		if i == 0 || x != list[i-1] {
			s.add(hashInt(x))
		}
	}
}

// seenSpan is up to which difference of the least and the greatest value it is noted
// which ones were seen: noting is cheaper than hashing, and there are fewer to hash.
const seenSpan = 1 << 13

// onceBuf is memory for once.
type onceBuf struct{ list []int64 }

// once gives each value at least once: those that are close together exactly once,
// the others as they are. What it gives is good until buf is used again.
func once(v []int64, buf *onceBuf) []int64 {
	if len(v) < seenSpan/64 {
		return v
	}
	lo, hi := v[0], v[0]
	for _, x := range v {
		lo, hi = min(lo, x), max(hi, x)
	}
	if uint64(hi)-uint64(lo) >= seenSpan {
		return v
	}
	var seen [seenSpan / 64]uint64
	for _, x := range v {
		d := uint64(x - lo)
		seen[d/64%(seenSpan/64)] |= 1 << (d % 64)
	}
	out := buf.list[:0]
	for i, w := range seen {
		for ; w != 0; w &= w - 1 {
			out = append(out, lo+int64(i*64+bits.TrailingZeros64(w)))
		}
	}
	buf.list = out
	return out
}

func hashInt(x int64) uint64 { return types.Mix(uint64(x) + 0x9e3779b97f4a7c15) }

func hashValue(v *vec.Vec, i int) uint64 {
	switch v.Kind {
	case types.Bool:
		if v.Bools[i] {
			return types.Mix(1)
		}
		return types.Mix(2)
	case types.Int:
		return hashInt(v.Ints[i])
	case types.Float:
		return types.HashFloat(v.Floats[i])
	case types.Numer:
		return v.Numeric(i).Hash()
	case types.Inter:
		return v.Inters[i].Hash()
	}
	return xxh3.HashString(v.Strs[i])
}
