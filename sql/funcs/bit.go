package funcs

import (
	"math/bits"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// The functions of bit and bit varying, PostgreSQL's chapter 9.6.
func init() {
	register("bitcmp", threeWay(bitCmp))
	register("bit", &Impl{Kernel: coerce(types.CoerceBit)})
	register("varbit", &Impl{Kernel: coerce(types.CoerceVarbit)})
	length := &Impl{Kernel: fn1(func(s string) int64 { return int64(types.Bits(s).Len()) })}
	register("bitlength", length)
	register("bit_length(bit)", length)
	register("bitoctetlength", &Impl{Kernel: fn1(func(s string) int64 { return int64(len(types.Bits(s).Data())) })})
	register("bit_bit_count", &Impl{Kernel: fn1(func(s string) int64 {
		n := 0
		for _, b := range []byte(types.Bits(s).Data()) {
			n += bits.OnesCount8(b)
		}
		return int64(n)
	})})
	for name, f := range bitwise {
		register(name, &Impl{Kernel: fn2e(f)})
	}
	register("bitnot", &Impl{Kernel: fn1(func(s string) string {
		return bitMap(types.Bits(s), types.Bits(s), func(a, _ byte) byte { return ^a })
	})})
	register("bitcat", &Impl{Kernel: fn2e(func(a, b string) (string, error) {
		r, err := types.Bits(a).Concat(types.Bits(b))
		return string(r), err
	})})
	register("bitshiftleft", &Impl{Kernel: fn2(func(s string, n int64) string { return bitShift(types.Bits(s), n) })})
	register("bitshiftright", &Impl{Kernel: fn2(func(s string, n int64) string { return bitShift(types.Bits(s), -n) })})
	registerBitParts()
	registerBitCasts()
}

func registerBitParts() {
	register("bitposition", &Impl{Kernel: fn2(func(s, sub string) int64 { return bitPosition(types.Bits(s), types.Bits(sub)) })})
	register("bitsubstr", &Impl{Kernel: fn3e(func(s string, from, n int64) (string, error) {
		if n < 0 {
			return "", errBitSubstring
		}
		return string(bitSubstring(types.Bits(s), from, from+n)), nil
	})})
	register("bitsubstr_no_len", &Impl{Kernel: fn2(func(s string, from int64) string {
		b := types.Bits(s)
		return string(bitSubstring(b, from, int64(b.Len())+1))
	})})
	register("bitoverlay", &Impl{Kernel: rows(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		r, err := bitOverlay(types.Bits(a[0].Str()), types.Bits(a[1].Str()), a[2].Int(), a[3].Int())
		return types.NewString(string(r)), err
	})})
	register("bitoverlay_no_len", &Impl{Kernel: fn3e(func(s, part string, from int64) (string, error) {
		p := types.Bits(part)
		r, err := bitOverlay(types.Bits(s), p, from, int64(p.Len()))
		return string(r), err
	})})
	register("bitgetbit", &Impl{Kernel: fn2e(func(s string, i int64) (int64, error) {
		b := types.Bits(s)
		if err := checkBitIndex(b, i); err != nil {
			return 0, err
		}
		return int64(b.At(int(i))), nil
	})})
	register("bitsetbit", &Impl{Kernel: fn3e(func(s string, i, v int64) (string, error) {
		if err := checkBitIndex(types.Bits(s), i); err != nil {
			return "", err
		}
		if v != 0 && v != 1 {
			return "", pgerr.New(pgerr.InvalidParameterValue, "new bit must be 0 or 1")
		}
		out := []byte(s)
		m := byte(0x80) >> (i % 8)
		out[1+i/8] = out[1+i/8]&^m | byte(v)*m
		return string(out), nil
	})})
}

func registerBitCasts() {
	register("bitfromint4", &Impl{Kernel: fn2(types.IntBits)})
	register("bitfromint8", &Impl{Kernel: fn2(types.IntBits)})
	register("bittoint4", &Impl{Kernel: fn1e(types.BitsInt4)})
	register("bittoint8", &Impl{Kernel: fn1e(types.BitsInt8)})
}

// bitCmp gives the difference of the first bytes that differ, or compares the
// lengths.
func bitCmp(a, b string) int {
	x, y := types.Bits(a), types.Bits(b)
	n := min(len(x.Data()), len(y.Data()))
	if d := memcmp(x.Data()[:n], y.Data()[:n]); d != 0 {
		return d
	}
	return cmpInt(int64(x.Len()), int64(y.Len()))
}

var bitwise = map[string]func(a, b string) (string, error){
	"bit_and": bitPair("AND", func(a, b byte) byte { return a & b }),
	"bit_or":  bitPair("OR", func(a, b byte) byte { return a | b }),
	"bitxor":  bitPair("XOR", func(a, b byte) byte { return a ^ b }),
}

// bitPair makes an operator on bit strings of one length; 22026 for others.
func bitPair(name string, f func(a, b byte) byte) func(a, b string) (string, error) {
	return func(s, t string) (string, error) {
		a, b := types.Bits(s), types.Bits(t)
		if a.Len() != b.Len() {
			return "", pgerr.New(pgerr.StringDataLengthMismatch, "cannot %s bit strings of different sizes", name)
		}
		return bitMap(a, b, f), nil
	}
}

func bitMap(a, b types.Bits, f func(a, b byte) byte) string {
	out, x, y := types.MakeBits(a.Len()), a.Data(), b.Data()
	for i := range len(x) {
		out[1+i] = f(x[i], y[i])
	}
	return string(types.FinishBits(out))
}

// bitShift shifts to the left, or to the right for n < 0, and keeps the length.
func bitShift(b types.Bits, n int64) string {
	size := int64(b.Len())
	n = max(-size, min(size, n))
	if n >= 0 {
		return string(b.Slice(int(n), int(size-n)).Resize(int(size)))
	}
	zeros := types.FinishBits(types.MakeBits(int(-n)))
	out, _ := zeros.Concat(b.Slice(0, int(size+n))) // no longer than b
	return string(out)
}

func bitPosition(b, sub types.Bits) int64 {
	n, m := b.Len(), sub.Len()
	switch {
	case n == 0 || m > n:
		return 0
	case m == 0:
		return 1
	}
	for at := 0; at+m <= n; at++ {
		i := 0
		for i < m && b.At(at+i) == sub.At(i) {
			i++
		}
		if i == m {
			return int64(at + 1)
		}
	}
	return 0
}

var errBitSubstring = pgerr.New(pgerr.SubstringError, "negative substring length not allowed")

// bitSubstring gives the bits from number from to before number to, counted from
// 1, as far as there are such.
func bitSubstring(b types.Bits, from, to int64) types.Bits {
	from, to = max(from, 1), min(to, int64(b.Len())+1)
	if from >= to {
		return types.FinishBits(types.MakeBits(0))
	}
	return b.Slice(int(from-1), int(to-from))
}

func bitOverlay(b, part types.Bits, from, n int64) (types.Bits, error) {
	if from <= 0 {
		return "", errBitSubstring
	}
	if from+n != int64(int32(from+n)) {
		return "", pgerr.New(pgerr.NumericValueOutOfRange, "integer out of range")
	}
	head, err := bitSubstring(b, 1, from).Concat(part)
	if err != nil {
		return "", err
	}
	return head.Concat(bitSubstring(b, from+n, int64(b.Len())+1))
}

func checkBitIndex(b types.Bits, i int64) error {
	if i < 0 || i >= int64(b.Len()) {
		return pgerr.New(pgerr.ArraySubscriptError, "bit index %d out of valid range (0..%d)", i, b.Len()-1)
	}
	return nil
}
