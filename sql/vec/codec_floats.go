package vec

import (
	"encoding/binary"
	"math"
)

// Floats that come from decimal texts are kept as integers / 10^e: as long as
// the integer is exact, the division gives back the very float that the text
// was read as. Every value is checked bit by bit; what does not fit is an
// exception, kept raw. The idea is ALP's (Afroozeh, Kuffó, Boncz 2023).
//
// The body of formDecimal: e (u8), number of exceptions (u16), the stream of
// integers, then the positions (u16 each) and values (u64 each) of exceptions.

// maxExponent is the most digits after the point that are tried. 10^22 would be
// exact, but beyond 14 digits the integers are no narrower than the float.
const maxExponent = 14

var pow10f = func() (t [maxExponent + 1]float64) {
	t[0] = 1
	for i := 1; i < len(t); i++ {
		t[i] = t[i-1] * 10
	}
	return t
}()

// roundMagic rounds to the nearest integer when added and subtracted, for
// magnitudes below 2^51.
const roundMagic = 1<<52 + 1<<51

// toDecimal gives the integer nearest to x × p.
func toDecimal(x, p float64) int64 {
	t := float64(x*p) + roundMagic // the conversion forbids a fused operation
	return int64(t - roundMagic)
}

func exactDecimal(x float64, e int) bool {
	return math.Float64bits(float64(toDecimal(x, pow10f[e]))/pow10f[e]) == math.Float64bits(x)
}

const floatProbes = 32

// pickExponent finds, from a few values, the exponent that makes most of them
// integers; ok is false when too few can be.
func pickExponent(v []float64) (e int, ok bool) {
	step := max(1, len(v)/floatProbes)
	tried, failed := 0, 0
	for i := 0; i < len(v); i += step {
		tried++
		k := e
		for k <= maxExponent && !exactDecimal(v[i], k) {
			k++
		}
		if k > maxExponent {
			failed++
		} else {
			e = k
		}
	}
	return e, failed*8 <= tried
}

func (e *Encoder) appendFloats(dst []byte, v []float64) ([]byte, byte) {
	if sameFloats(v) {
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v[0])), formConst
	}
	if exp, ok := pickExponent(v); ok {
		if out, ok := e.appendDecimals(dst, v, exp); ok {
			return out, formDecimal
		}
	}
	if allFloat32(v) {
		for _, x := range v {
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(x)))
		}
		return dst, formRaw32
	}
	at := len(dst)
	dst = grow(dst, 8*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint64(dst[at+8*i:], math.Float64bits(x))
	}
	return dst, formRaw
}

func sameFloats(v []float64) bool {
	first := math.Float64bits(v[0])
	for _, x := range v {
		if math.Float64bits(x) != first {
			return false
		}
	}
	return true
}

func allFloat32(v []float64) bool {
	for _, x := range v {
		if math.Float64bits(float64(float32(x))) != math.Float64bits(x) {
			return false
		}
	}
	return true
}

// appendDecimals gives ok = false, and dst as it was, when the form would be no
// smaller than the raw one.
func (e *Encoder) appendDecimals(dst []byte, v []float64, exp int) ([]byte, bool) {
	e.ints = resize(e.ints, len(v))
	ints, p := e.ints, pow10f[exp]
	misses := 0
	for i, x := range v {
		d := toDecimal(x, p)
		ints[i] = d
		if math.Float64bits(float64(d)/p) != math.Float64bits(x) {
			misses++
		}
	}
	var exceptions []uint16
	if misses > 0 {
		if misses > len(v)/8 {
			return dst, false
		}
		exceptions = decimalMisses(ints, v, p, misses)
	}
	lo, hi := bounds(ints)
	if 10*misses+packedLen(len(v), widthFor(uint64(hi)-uint64(lo))) >= 7*len(v) {
		return dst, false
	}
	dst = append(dst, byte(exp))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(misses))
	dst = appendInts(dst, ints, lo, hi)
	for _, i := range exceptions {
		dst = binary.LittleEndian.AppendUint16(dst, i)
	}
	for _, i := range exceptions {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v[i]))
	}
	return dst, true
}

// decimalMisses lists the exceptions and puts a value that widens nothing into
// their places.
func decimalMisses(ints []int64, v []float64, p float64, misses int) []uint16 {
	out := make([]uint16, 0, misses)
	last := int64(0)
	hit := false
	for i, x := range v {
		if math.Float64bits(float64(ints[i])/p) != math.Float64bits(x) {
			out = append(out, uint16(i))
			ints[i] = last
			continue
		}
		last = ints[i]
		if !hit {
			hit = true
			for j := range i {
				ints[j] = last
			}
		}
	}
	return out
}

// decimals is an opened body of formDecimal.
type decimals struct {
	stream intStream
	p      float64
	pos    []byte // u16 each
	vals   []byte // u64 each
}

func readDecimals(body []byte, n int) (d decimals, ok bool) {
	if len(body) < 3 || body[0] > maxExponent {
		return d, false
	}
	d.p = pow10f[body[0]]
	misses := int(binary.LittleEndian.Uint16(body[1:]))
	s, rest, ok := readInts(body[3:], n)
	if !ok || len(rest) != 10*misses {
		return d, false
	}
	d.stream, d.pos, d.vals = s, rest[:2*misses], rest[2*misses:]
	for i := 0; i < len(d.pos); i += 2 {
		if int(binary.LittleEndian.Uint16(d.pos[i:])) >= n {
			return d, false
		}
	}
	return d, true
}

func (d *decimals) exception(k int) (pos int, x float64) {
	return int(binary.LittleEndian.Uint16(d.pos[2*k:])), math.Float64frombits(binary.LittleEndian.Uint64(d.vals[8*k:]))
}

func decodeFloats(out []float64, form byte, body []byte) bool {
	switch form {
	case formRaw:
		if len(body) != 8*len(out) {
			return false
		}
		for i := range out {
			out[i] = math.Float64frombits(binary.LittleEndian.Uint64(body[8*i:]))
		}
		return true
	case formRaw32:
		if len(body) != 4*len(out) {
			return false
		}
		for i := range out {
			out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(body[4*i:])))
		}
		return true
	case formDecimal:
		d, ok := readDecimals(body, len(out))
		if !ok {
			return false
		}
		d.unpack(out)
		return true
	}
	return false
}

// decimalStep is how many integers are unpacked before they are divided: they
// stay in the first cache.
const decimalStep = 512

func (d *decimals) unpack(out []float64) {
	var ints [decimalStep]int64
	for at := 0; at < len(out); at += decimalStep {
		part := out[at:min(at+decimalStep, len(out))]
		s := d.stream
		s.bits = s.bits[at*s.width/8:] // decimalStep is a multiple of 8 values
		s.unpack(ints[:len(part)])
		for i := range part {
			part[i] = float64(ints[i]) / d.p
		}
	}
	for k := range len(d.pos) / 2 {
		i, x := d.exception(k)
		out[i] = x
	}
}
