package types

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// NumSum is an exact sum of numerics that values can be taken from again. The
// zero NumSum is the empty sum.
//
// S1: acc (hi:lo, two's complement), or big once that is set, is the sum of the
// finite values times 10^scale, where scale is at least that of every value
// that was ever added.
// S2: shown counts the finite values by display scale, as the result shows the
// greatest scale among the values that are in the sum.
type NumSum struct {
	hi   int64
	lo   uint64
	rest *numRest // what few sums need; nil: nothing of it
	// The count of the common case of one scale.
	firstN     int64
	firstScale int32
	scale      int32
}

// numRest is kept apart: an aggregate has a sum for each of its groups, and the
// fewer bytes a sum has, the more of them are in the processor's caches.
type numRest struct {
	big                 *big.Int
	more                []scaleCount
	nan, posInf, negInf int64
}

// other is what few sums need, for writing.
func (s *NumSum) other() *numRest {
	if s.rest == nil {
		s.rest = &numRest{}
	}
	return s.rest
}

// big is the sum where it is beyond 128 bits, else nil.
func (s *NumSum) big() *big.Int {
	if s.rest == nil {
		return nil
	}
	return s.rest.big
}

func (s *NumSum) more() []scaleCount {
	if s.rest == nil {
		return nil
	}
	return s.rest.more
}

type scaleCount struct {
	scale int32
	n     int64
}

// Add adds n w times; a negative w takes it away.
func (s *NumSum) Add(n Numeric, w int64) {
	switch n.form {
	case NumFinite:
	case NumNaN:
		s.other().nan += w
		return
	case NumPosInf:
		s.other().posInf += w
		return
	default:
		s.other().negInf += w
		return
	}
	if n.big == nil {
		s.AddScaled(n.coef, n.scale, w)
		return
	}
	s.count(n.scale, w)
	s.align(n.scale)
	s.addBig(new(big.Int).Mul(n.big, big.NewInt(w)), n.scale)
}

// AddScaled adds coef × 10^-scale w times.
func (s *NumSum) AddScaled(coef int64, scale int32, w int64) {
	s.count(scale, w)
	if scale != s.scale {
		s.align(scale)
	}
	hi, lo := mulInt128(coef, w)
	if d := s.scale - scale; d != 0 {
		if d > 18 || hi != int64(lo)>>63 {
			p := int128Big(hi, lo)
			s.addBig(p, scale)
			return
		}
		hi, lo = mulInt128(int64(lo), pow10tab[d])
	}
	if sum := s.big(); sum != nil {
		sum.Add(sum, int128Big(hi, lo))
		return
	}
	s.add128(hi, lo)
}

// AddColumn adds x[i] × 10^-scale to st[groups[i]], once each; where nulls is given
// and true, nothing. It is AddScaled for the common case, in which a sum has had
// values of this scale only: then all is a count and an addition.
func AddColumn(st []NumSum, groups []uint32, x []int64, scale int32, nulls []bool) {
	x = x[:len(groups)]
	for i, g := range groups {
		if nulls != nil && nulls[i] {
			continue
		}
		s := &st[g]
		if s.rest != nil || s.scale != scale || s.firstScale != scale {
			s.AddScaled(x[i], scale, 1)
			continue
		}
		sign := x[i] >> 63
		lo, carry := bits.Add64(s.lo, uint64(x[i]), 0)
		hi := s.hi + sign + int64(carry)
		if (hi^s.hi)&(hi^sign) < 0 {
			s.AddScaled(x[i], scale, 1)
			continue
		}
		s.firstN++
		s.hi, s.lo = hi, lo
	}
}

// add128 adds to a sum that is not big.
func (s *NumSum) add128(hi int64, lo uint64) {
	l, carry := bits.Add64(s.lo, lo, 0)
	h := s.hi + hi + int64(carry)
	if (h^s.hi)&(h^hi) < 0 { // both signs differ from the result's: overflow
		sum := s.grow()
		sum.Add(sum, int128Big(hi, lo))
		return
	}
	s.hi, s.lo = h, l
}

// addBig adds c × 10^-scale, scale being at most the sum's. It takes over c.
func (s *NumSum) addBig(c *big.Int, scale int32) {
	sum := s.grow()
	if d := s.scale - scale; d > 0 {
		c.Mul(c, bigPow10(d))
	}
	sum.Add(sum, c)
}

// grow makes the sum big and gives it.
func (s *NumSum) grow() *big.Int {
	o := s.other()
	if o.big == nil {
		o.big = int128Big(s.hi, s.lo)
	}
	return o.big
}

// count keeps the number of values of a scale.
func (s *NumSum) count(scale int32, w int64) {
	if s.firstScale == scale || s.firstN == 0 && s.more() == nil {
		s.firstScale = scale
		s.firstN += w
		return
	}
	o := s.other()
	for i := range o.more {
		if o.more[i].scale == scale {
			o.more[i].n += w
			return
		}
	}
	o.more = append(o.more, scaleCount{scale, w})
}

// align raises the sum's scale to at least the given one.
func (s *NumSum) align(scale int32) {
	d := scale - s.scale
	if d <= 0 {
		return
	}
	s.scale = scale
	sum := s.big()
	switch {
	case sum != nil:
		sum.Mul(sum, bigPow10(d))
	case s.hi == 0 && s.lo == 0:
	case d <= 18 && s.hi == int64(s.lo)>>63:
		s.hi, s.lo = mulInt128(int64(s.lo), pow10tab[d])
	default:
		sum = s.grow()
		sum.Mul(sum, bigPow10(d))
	}
}

func mulInt128(a, b int64) (hi int64, lo uint64) {
	h, l := bits.Mul64(uint64(a), uint64(b))
	h -= uint64(a>>63) & uint64(b)
	h -= uint64(b>>63) & uint64(a)
	return int64(h), l
}

func int128Big(hi int64, lo uint64) *big.Int {
	if hi == int64(lo)>>63 {
		return big.NewInt(int64(lo))
	}
	c := new(big.Int).Lsh(big.NewInt(hi), 64)
	return c.Add(c, new(big.Int).SetUint64(lo))
}

// Count is the number of values in the sum, special ones included.
func (s *NumSum) Count() int64 {
	n := s.finite()
	if o := s.rest; o != nil {
		n += o.nan + o.posInf + o.negInf
	}
	return n
}

func (s *NumSum) finite() int64 {
	n := s.firstN
	for _, c := range s.more() {
		n += c.n
	}
	return n
}

// shown is the scale that the sum shows.
func (s *NumSum) shown() int32 {
	scale := int32(0)
	if s.firstN != 0 {
		scale = s.firstScale
	}
	for _, c := range s.more() {
		if c.n != 0 {
			scale = max(scale, c.scale)
		}
	}
	return scale
}

// special gives the sum when NaN or infinities are in it.
func (s *NumSum) special() (Numeric, bool) {
	o := s.rest
	switch {
	case o == nil || o.nan == 0 && o.posInf == 0 && o.negInf == 0:
		return Numeric{}, false
	case o.nan != 0 || o.posInf != 0 && o.negInf != 0:
		return numNaN, true
	case o.posInf != 0:
		return numPosInf, true
	}
	return numNegInf, true
}

// exact is the sum of the finite values.
func (s *NumSum) exact() Numeric {
	var n Numeric
	if sum := s.big(); sum != nil {
		n = NumericBig(new(big.Int).Set(sum), s.scale)
	} else {
		n = NumericFromInt128(s.hi, s.lo, s.scale)
	}
	return n.rescale(s.shown())
}

// Sum is sum(numeric) of at least one value.
func (s *NumSum) Sum() (Numeric, error) {
	if n, ok := s.special(); ok {
		return n, nil
	}
	return s.exact().checked()
}

// Avg is avg(numeric) of at least one value.
func (s *NumSum) Avg() (Numeric, error) {
	if n, ok := s.special(); ok {
		return n, nil
	}
	return NumericAvg(s.exact(), s.finite())
}

// NumericAvg is sum / n with the scale that avg gives.
func NumericAvg(sum Numeric, n int64) (Numeric, error) { return NumericDiv(sum, NumericFromInt(n)) }

// Spread says which of the four spreads of a set is meant.
type Spread uint8

// The spreads.
const (
	VarPop Spread = iota
	VarSamp
	StddevPop
	StddevSamp
)

// NumericSpread is variance or standard deviation of n values from their sum
// and the sum of their squares (NumericSquare); ok is false where it is NULL.
func NumericSpread(sum, squares Numeric, n int64, kind Spread) (v Numeric, ok bool, err error) {
	sample := kind == VarSamp || kind == StddevSamp
	if n == 0 || sample && n <= 1 {
		return Numeric{}, false, nil
	}
	if sum.form|squares.form != NumFinite {
		return numNaN, true, nil
	}
	count := NumericFromInt(n)
	div := count
	if sample {
		div = NumericFromInt(n - 1)
	}
	sumSq, _ := NumericMul(sum, sum)
	nSq, _ := NumericMul(count, squares)
	top, _ := NumericSub(nSq, sumSq)
	if top.Sign() <= 0 {
		return Numeric{}, true, nil
	}
	bottom, _ := NumericMul(count, div)
	scale := divScale(top, bottom)
	v = quotient(top, bottom, scale, roundHalf)
	if kind == StddevPop || kind == StddevSamp {
		v = sqrtScaled(v, scale)
	}
	v, err = v.checked()
	return v, true, err
}

// NumericSquare is n·n with all its digits, as the variances sum it up.
func NumericSquare(n Numeric) Numeric {
	if n.form != NumFinite {
		return numNaN
	}
	if n.big == nil {
		hi, lo := bits.Mul64(magnitude(n.coef), magnitude(n.coef))
		return fromUint128(hi, lo, false, 2*n.scale)
	}
	return NumericBig(new(big.Int).Mul(n.big, n.big), 2*n.scale)
}

// Append appends the state for a checkpoint.
func (s *NumSum) Append(dst []byte) []byte {
	var o numRest
	if s.rest != nil {
		o = *s.rest
	}
	for _, x := range [...]int64{o.nan, o.posInf, o.negInf, int64(s.scale), int64(s.firstScale), s.firstN, int64(len(o.more))} {
		dst = binary.AppendVarint(dst, x)
	}
	for _, c := range o.more {
		dst = binary.AppendVarint(binary.AppendVarint(dst, int64(c.scale)), c.n)
	}
	if o.big == nil {
		return appendU64(appendU64(append(dst, 0), uint64(s.hi)), s.lo)
	}
	b, _ := o.big.GobEncode()
	return append(binary.AppendUvarint(append(dst, 1), uint64(len(b))), b...)
}

// Load reads what Append wrote and gives the rest; damage is XX001.
func (s *NumSum) Load(b []byte) (rest []byte, err error) {
	bad := func() ([]byte, error) {
		return nil, pgerr.New(pgerr.DataCorrupted, "damaged state of a numeric sum")
	}
	var head [7]int64
	for i := range head {
		n := 0
		if head[i], n = binary.Varint(b); n <= 0 {
			return bad()
		}
		b = b[n:]
	}
	*s = NumSum{scale: int32(head[3]), firstScale: int32(head[4]), firstN: head[5]}
	if head[0] != 0 || head[1] != 0 || head[2] != 0 {
		s.rest = &numRest{nan: head[0], posInf: head[1], negInf: head[2]}
	}
	if head[6] < 0 || head[6] > math.MaxInt16 {
		return bad()
	}
	for range head[6] {
		scale, n := binary.Varint(b)
		if n <= 0 {
			return bad()
		}
		count, m := binary.Varint(b[n:])
		if m <= 0 {
			return bad()
		}
		o := s.other()
		o.more = append(o.more, scaleCount{int32(scale), count})
		b = b[n+m:]
	}
	if len(b) == 0 {
		return bad()
	}
	if b[0] == 0 {
		if len(b) < 17 {
			return bad()
		}
		s.hi, s.lo = int64(binary.BigEndian.Uint64(b[1:])), binary.BigEndian.Uint64(b[9:])
		return b[17:], nil
	}
	size, n := binary.Uvarint(b[1:])
	if n <= 0 || size > uint64(len(b)-1-n) {
		return bad()
	}
	b = b[1+n:]
	sum := new(big.Int)
	s.other().big = sum
	if err := sum.GobDecode(b[:size]); err != nil {
		return bad()
	}
	return b[size:], nil
}

// Merge adds all that t holds.
func (s *NumSum) Merge(t *NumSum) {
	if t.firstN != 0 {
		s.count(t.firstScale, t.firstN)
	}
	if o := t.rest; o != nil {
		s.mergeRest(o)
	}
	s.align(t.scale)
	if s.big() == nil && t.big() == nil && s.scale == t.scale {
		s.add128(t.hi, t.lo)
		return
	}
	sum := t.big()
	if sum == nil {
		sum = int128Big(t.hi, t.lo)
	} else {
		sum = new(big.Int).Set(sum)
	}
	s.addBig(sum, t.scale)
	if sum := s.big(); sum.BitLen() < 127 { // back to 128 bits
		s.hi, s.lo = bigInt128(sum)
		s.rest.big = nil
	}
}

// mergeRest adds the counts that few sums have.
func (s *NumSum) mergeRest(t *numRest) {
	if t.nan != 0 || t.posInf != 0 || t.negInf != 0 {
		o := s.other()
		o.nan += t.nan
		o.posInf += t.posInf
		o.negInf += t.negInf
	}
	for _, c := range t.more {
		if c.n != 0 {
			s.count(c.scale, c.n)
		}
	}
}

// bigInt128 cuts b to 128 bits.
func bigInt128(b *big.Int) (hi int64, lo uint64) {
	m := new(big.Int).And(b, new(big.Int).SetUint64(math.MaxUint64))
	return new(big.Int).Rsh(b, 64).Int64(), m.Uint64()
}
