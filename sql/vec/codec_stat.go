package vec

import (
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Stat is what a page's head knows of its values.
type Stat struct {
	Rows, Nulls int
	// Known says that Min and Max are there: the kind is ordered, and not all
	// are NULL. Min is a lower bound of the values that are not NULL, Max an
	// upper one, by the order of the kind (bytes by bytes); both are values of
	// the column except that long strings are cut.
	Known    bool
	Min, Max types.Datum
	// MaxOpen says that Max is cut: values may be above it that begin with it.
	MaxOpen bool
}

// Stat gives the statistics. They are right if the page is (Verify).
func (p *Page) Stat() Stat {
	s := Stat{Rows: p.Rows(), Nulls: p.Nulls()}
	if s.Rows == s.Nulls {
		return s
	}
	if p.stats == nil {
		return s
	}
	s.Known = true
	s.MaxOpen = p.flag(pageMaxOpen)
	switch p.Kind() {
	case types.Bytes:
		k := int(p.stats[0])
		s.Min = types.NewString(string(p.stats[1 : 1+k]))
		s.Max = types.NewString(string(p.stats[2+k:]))
	default:
		s.Min = p.statValue(p.stats)
		s.Max = p.statValue(p.stats[len(p.stats)-8:])
	}
	return s
}

// StatOf gives the statistics that a page of v would have.
func StatOf(v *Vec) Stat {
	s := Stat{Rows: v.Len(), Nulls: countTrue(v.Nulls)}
	if s.Rows == s.Nulls {
		return s
	}
	var e Encoder
	v = e.narrowed(e.withoutNulls(v, s.Nulls))
	switch {
	case v.Kind == types.Int:
		lo, hi := bounds(v.Ints)
		s.Min, s.Max = types.NewInt(lo), types.NewInt(hi)
	case v.Kind == types.Numer && v.Narrow:
		lo, hi := bounds(v.Ints)
		s.Min, s.Max = types.NewNumeric(types.NumericScaled(lo, v.Scale)), types.NewNumeric(types.NumericScaled(hi, v.Scale))
	case v.Kind == types.Float:
		lo, hi := floatBounds(v.Floats)
		s.Min, s.Max = types.NewFloat(lo), types.NewFloat(hi)
	case v.Kind == types.Bytes:
		lo, hi := strBounds(v.Strs)
		lo, _ = cutStat(lo)
		hi, s.MaxOpen = cutStat(hi)
		s.Min, s.Max = types.NewString(lo), types.NewString(hi)
	default:
		return s
	}
	s.Known = true
	return s
}

func (p *Page) statValue(b []byte) types.Datum {
	x := int64(binary.LittleEndian.Uint64(b))
	switch p.Kind() {
	case types.Float:
		return types.NewFloat(math.Float64frombits(uint64(x)))
	case types.Numer:
		return types.NewNumeric(types.NumericScaled(x, p.scale()))
	}
	return types.NewInt(x)
}

// statSize is the length of the statistics that src begins with.
func statSize(kind types.Kind, src []byte) (int, bool) {
	if kind != types.Bytes {
		return 16, len(src) >= 16
	}
	if len(src) < 1 {
		return 0, false
	}
	k := int(src[0])
	if len(src) < 2+k {
		return 0, false
	}
	k += 2 + int(src[1+k])
	return k, k <= len(src)
}

func appendIntStats(dst []byte, lo, hi int64) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(lo))
	return binary.LittleEndian.AppendUint64(dst, uint64(hi))
}

func appendFloatStats(dst []byte, lo, hi float64) []byte {
	return appendIntStats(dst, int64(math.Float64bits(lo)), int64(math.Float64bits(hi)))
}

// appendStrStats also tells whether the greatest had to be cut.
func appendStrStats(dst []byte, lo, hi string) ([]byte, bool) {
	lo, _ = cutStat(lo)
	hi, open := cutStat(hi)
	dst = append(dst, byte(len(lo)))
	dst = append(dst, lo...)
	dst = append(dst, byte(len(hi)))
	return append(dst, hi...), open
}

func cutStat(s string) (string, bool) {
	if len(s) > maxStatBytes {
		return s[:maxStatBytes], true
	}
	return s, false
}

// floatBounds gives the least and the greatest in PostgreSQL's order, where NaN
// is above everything. v is not empty.
func floatBounds(v []float64) (lo, hi float64) {
	lo, hi = v[0], v[0]
	nan := false
	for _, x := range v {
		if x < lo {
			lo = x
		}
		if x > hi {
			hi = x
		}
		nan = nan || x != x
	}
	if nan {
		return floatBoundsNaN(v)
	}
	return lo, hi
}

func floatBoundsNaN(v []float64) (lo, hi float64) {
	lo, hi = v[0], v[0]
	for _, x := range v[1:] {
		if types.CmpFloat(x, lo) < 0 {
			lo = x
		}
		if types.CmpFloat(x, hi) > 0 {
			hi = x
		}
	}
	return lo, hi
}

// strBounds gives the least and the greatest of some strings. Their first eight
// bytes as a number settle most comparisons.
func strBounds(v []string) (lo, hi string) {
	lo, hi = v[0], v[0]
	first, last := strHead(lo), strHead(hi)
	for _, x := range v[1:] {
		h := strHead(x)
		if h > first && h < last {
			continue
		}
		if h <= first && x < lo {
			lo, first = x, h
		} else if h >= last && x > hi {
			hi, last = x, h
		}
	}
	return lo, hi
}

// strHead is the first eight bytes of s, zeros where it is shorter, so that a
// smaller head is a smaller string.
func strHead(s string) uint64 {
	if len(s) >= 8 {
		return binary.BigEndian.Uint64(unsafe.Slice(unsafe.StringData(s), 8))
	}
	h := uint64(0)
	for i := range len(s) {
		h |= uint64(s[i]) << (56 - 8*i)
	}
	return h
}
