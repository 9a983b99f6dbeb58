package types

import "github.com/streamsqld/streamsqld/internal/pgerr"

// Order and hash of arrays, and the codec of int2vector and oidvector.

func arrayCmp(t *Type, a, b string) int {
	x, y := IterArray(t.Elem, a), IterArray(t.Elem, b)
	for range min(x.N, y.N) {
		d, _ := x.Next()
		e, _ := y.Next()
		if c := t.Elem.Compare(d, e); c != 0 {
			return c
		}
	}
	if x.N != y.N {
		return cmpInt(int64(x.N), int64(y.N))
	}
	if x.NDim != y.NDim {
		return cmpInt(int64(x.NDim), int64(y.NDim))
	}
	for i := 0; i < x.NDim; i++ {
		if x.Dims[i] != y.Dims[i] {
			return cmpInt(int64(x.Dims[i]), int64(y.Dims[i]))
		}
	}
	for i := 0; i < x.NDim; i++ {
		if x.Lower[i] != y.Lower[i] {
			return cmpInt(int64(x.Lower[i]), int64(y.Lower[i]))
		}
	}
	return 0
}

// vectorCmp orders oidvectors: the shorter one first.
func vectorCmp(t *Type, a, b string) int {
	x, y := HeadOfArray(a), HeadOfArray(b)
	if x.N != y.N {
		return cmpInt(int64(x.N), int64(y.N))
	}
	return arrayCmp(t, a, b)
}

func arrayHash(t *Type, s string) uint64 {
	it := IterArray(t.Elem, s)
	h := Mix(uint64(it.N))
	for {
		d, ok := it.Next()
		if !ok {
			return h
		}
		h = Mix(h*31 ^ t.Elem.Hash(d))
	}
}

// vectorIn reads the numbers of an int2vector or oidvector, between blanks.
// Messages show the text from the number on.
func vectorIn(_ *Env, t *Type, s string, _ int32) (Datum, error) {
	var nums []int64
	for s = skipSpaces(s); s != ""; s = skipSpaces(s) {
		n, rest, err := vectorNumber(t.Elem, s)
		if err != nil {
			return Null, err
		}
		nums, s = append(nums, n), rest
	}
	return NewVector(t, nums), nil
}

func vectorNumber(elem *Type, s string) (n int64, rest string, err error) {
	if elem == TOid {
		u, rest, ok, over := strtoul(s, 10)
		switch {
		case !ok:
			return 0, s, errSyntaxFor("oid", s)
		case over || u != uint64(uint32(u)) && u != uint64(int64(int32(u))):
			return 0, s, pgerr.New(pgerr.NumericValueOutOfRange, "value \"%s\" is out of range for type oid", s)
		}
		return int64(uint32(u)), rest, nil
	}
	n, rest, ok := leadingInt64(s)
	switch {
	case rest == s, ok && fitsBits(n, 16) && rest != "" && rest[0] != ' ':
		return 0, s, errSyntaxFor("smallint", s)
	case !ok || !fitsBits(n, 16):
		return 0, s, errIntTextRange(s, 16)
	}
	return n, rest, nil
}

func vectorOut(env *Env, t *Type, dst []byte, d Datum) []byte {
	it := IterArray(t.Elem, d.s)
	for first := true; ; first = false {
		e, ok := it.Next()
		if !ok {
			return dst
		}
		if !first {
			dst = append(dst, ' ')
		}
		dst = t.Elem.Out(env, dst, e)
	}
}

func vectorRecv(env *Env, t *Type, r *reader, mod int32) (Datum, error) {
	a, err := recvArray(env, t.Elem, r, mod)
	if err != nil || r.short {
		return Null, err
	}
	if len(a.Dims) > 1 || len(a.Dims) == 1 && a.Lower[0] != 0 {
		return Null, errBinary("invalid %s data", t.Name)
	}
	for _, d := range a.Vals {
		if d.IsNull() {
			return Null, errBinary("invalid %s data", t.Name)
		}
	}
	if len(a.Dims) == 0 {
		a.Dims, a.Lower = []int32{0}, []int32{0}
	}
	return NewString(a.Encode()), nil
}

// NewVector makes an int2vector or oidvector of numbers.
func NewVector(t *Type, nums []int64) Datum {
	a := Array{Elem: t.Elem, Dims: []int32{int32(len(nums))}, Lower: []int32{0}, Vals: make([]Datum, len(nums))}
	for i, n := range nums {
		a.Vals[i] = NewInt(n)
	}
	return NewString(a.Encode())
}
