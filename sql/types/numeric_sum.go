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
	hi    int64
	lo    uint64
	big   *big.Int
	scale int32

	first scaleCount // of the common case of one scale
	more  []scaleCount

	nan, posInf, negInf int64
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
		s.nan += w
		return
	case NumPosInf:
		s.posInf += w
		return
	default:
		s.negInf += w
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
	if s.big != nil {
		s.big.Add(s.big, int128Big(hi, lo))
		return
	}
	l, carry := bits.Add64(s.lo, lo, 0)
	h := s.hi + hi + int64(carry)
	if (h^s.hi)&(h^hi) < 0 { // both signs differ from the result's: overflow
		s.grow()
		s.big.Add(s.big, int128Big(hi, lo))
		return
	}
	s.hi, s.lo = h, l
}

// addBig adds c × 10^-scale, scale being at most the sum's. It takes over c.
func (s *NumSum) addBig(c *big.Int, scale int32) {
	s.grow()
	if d := s.scale - scale; d > 0 {
		c.Mul(c, bigPow10(d))
	}
	s.big.Add(s.big, c)
}

func (s *NumSum) grow() {
	if s.big == nil {
		s.big = int128Big(s.hi, s.lo)
	}
}

// count keeps the number of values of a scale.
func (s *NumSum) count(scale int32, w int64) {
	if s.first.scale == scale || s.first.n == 0 && s.more == nil {
		s.first.scale = scale
		s.first.n += w
		return
	}
	for i := range s.more {
		if s.more[i].scale == scale {
			s.more[i].n += w
			return
		}
	}
	s.more = append(s.more, scaleCount{scale, w})
}

// align raises the sum's scale to at least the given one.
func (s *NumSum) align(scale int32) {
	d := scale - s.scale
	if d <= 0 {
		return
	}
	s.scale = scale
	switch {
	case s.big != nil:
		s.big.Mul(s.big, bigPow10(d))
	case s.hi == 0 && s.lo == 0:
	case d <= 18 && s.hi == int64(s.lo)>>63:
		s.hi, s.lo = mulInt128(int64(s.lo), pow10tab[d])
	default:
		s.grow()
		s.big.Mul(s.big, bigPow10(d))
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
func (s *NumSum) Count() int64 { return s.finite() + s.nan + s.posInf + s.negInf }

func (s *NumSum) finite() int64 {
	n := s.first.n
	for _, c := range s.more {
		n += c.n
	}
	return n
}

// shown is the scale that the sum shows.
func (s *NumSum) shown() int32 {
	scale := int32(0)
	if s.first.n != 0 {
		scale = s.first.scale
	}
	for _, c := range s.more {
		if c.n != 0 {
			scale = max(scale, c.scale)
		}
	}
	return scale
}

// special gives the sum when NaN or infinities are in it.
func (s *NumSum) special() (Numeric, bool) {
	switch {
	case s.nan == 0 && s.posInf == 0 && s.negInf == 0:
		return Numeric{}, false
	case s.nan != 0 || s.posInf != 0 && s.negInf != 0:
		return numNaN, true
	case s.posInf != 0:
		return numPosInf, true
	}
	return numNegInf, true
}

// exact is the sum of the finite values.
func (s *NumSum) exact() Numeric {
	var n Numeric
	if s.big != nil {
		n = NumericBig(new(big.Int).Set(s.big), s.scale)
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
	for _, x := range [...]int64{s.nan, s.posInf, s.negInf, int64(s.scale), int64(s.first.scale), s.first.n, int64(len(s.more))} {
		dst = binary.AppendVarint(dst, x)
	}
	for _, c := range s.more {
		dst = binary.AppendVarint(binary.AppendVarint(dst, int64(c.scale)), c.n)
	}
	if s.big == nil {
		return appendU64(appendU64(append(dst, 0), uint64(s.hi)), s.lo)
	}
	b, _ := s.big.GobEncode()
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
	*s = NumSum{nan: head[0], posInf: head[1], negInf: head[2], scale: int32(head[3]), first: scaleCount{int32(head[4]), head[5]}}
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
		s.more = append(s.more, scaleCount{int32(scale), count})
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
	s.big = new(big.Int)
	if err := s.big.GobDecode(b[:size]); err != nil {
		return bad()
	}
	return b[size:], nil
}

// Merge adds all that t holds.
func (s *NumSum) Merge(t *NumSum) {
	s.nan += t.nan
	s.posInf += t.posInf
	s.negInf += t.negInf
	for _, c := range append([]scaleCount{t.first}, t.more...) {
		if c.n != 0 {
			s.count(c.scale, c.n)
		}
	}
	s.align(t.scale)
	if t.big != nil {
		s.addBig(new(big.Int).Set(t.big), t.scale)
		return
	}
	s.addBig(int128Big(t.hi, t.lo), t.scale)
	if s.big.BitLen() < 127 { // back to 128 bits
		s.hi, s.lo = bigInt128(s.big)
		s.big = nil
	}
}

// bigInt128 cuts b to 128 bits.
func bigInt128(b *big.Int) (hi int64, lo uint64) {
	m := new(big.Int).And(b, new(big.Int).SetUint64(math.MaxUint64))
	return new(big.Int).Rsh(b, 64).Int64(), m.Uint64()
}
