package types

import (
	"math"
	"strings"

	"github.com/zeebo/xxh3"
)

// Mix is the 64-bit finaliser under every hash: stable across processes and
// versions, as hashes are stored and routed by.
func Mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	return x
}

// HashFloat hashes by SQL equality: 0 and -0 alike, all NaNs alike.
func HashFloat(f float64) uint64 {
	if f == 0 {
		f = 0
	}
	if f != f {
		return Mix(0x7ff8000000000001)
	}
	return Mix(math.Float64bits(f))
}

// CmpFloat compares as PostgreSQL does: NaN equals NaN and is above everything.
func CmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	case a == a: // b is NaN
		return -1
	case b == b: // a is NaN
		return 1
	}
	return 0
}

// PlainBytes tells, of a type of kind Bytes, that two values are equal exactly
// when their bytes are, and sort as their bytes do.
func (t *Type) PlainBytes() bool {
	return t.bind().c.cmp == nil
}

// CmpStr compares two values of a type of kind Bytes by SQL order.
func (t *Type) CmpStr(a, b string) int {
	if bd := t.bind(); bd.c.cmp != nil {
		return bd.c.cmp(bd.t, a, b)
	}
	return strings.Compare(a, b)
}

// HashStr hashes a value of a type of kind Bytes by SQL equality.
func (t *Type) HashStr(s string) uint64 {
	if bd := t.bind(); bd.c.hash != nil {
		return bd.c.hash(bd.t, s)
	}
	return xxh3.HashString(s)
}

// Compare compares two values of type t by SQL order; NULL equals NULL and is
// above everything.
func (t *Type) Compare(a, b Datum) int {
	if a.IsNull() || b.IsNull() {
		switch {
		case !a.IsNull():
			return -1
		case !b.IsNull():
			return 1
		}
		return 0
	}
	switch t.Kind {
	case Bool, Int:
		return cmpInt(a.i, b.i)
	case Float:
		return CmpFloat(a.Float(), b.Float())
	case Numer:
		return a.Numeric().Cmp(b.Numeric())
	case Inter:
		return a.Interval().Cmp(b.Interval())
	}
	return t.CmpStr(a.s, b.s)
}

// nullHash is what NULL hashes to.
const nullHash = 0x9e3779b97f4a7c15

// Hash hashes a value of type t by SQL equality; NULLs hash alike.
func (t *Type) Hash(d Datum) uint64 {
	switch d.kind {
	case KindNone:
		return nullHash
	case Bool, Int:
		return Mix(uint64(d.i))
	case Float:
		return HashFloat(d.Float())
	case Numer:
		return d.Numeric().Hash()
	case Inter:
		return d.Interval().Hash()
	}
	return t.HashStr(d.s)
}
