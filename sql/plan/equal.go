package plan

import "github.com/streamsqld/streamsqld/sql/types"

// JoinKey is an equality of a join: L reads its left input only, R its right.
// NullSafe marks IS NOT DISTINCT FROM.
type JoinKey struct {
	L, R     Expr
	NullSafe bool
	Cond     Expr
}

// SplitEqualities splits a join's conditions into those a hash join can look up
// (equality of same-typed operands, one per side) and the rest. The equality of
// mixed types that hash alike counts too (int4 = int8, float4 = float8, text =
// name).
func SplitEqualities(j *Join) (keys []JoinKey, rest []Expr) {
	l, r := SetOf(j.L.Out()...), SetOf(j.R.Out()...)
	for _, e := range j.On {
		var a, b Expr
		nullSafe := false
		switch e := e.(type) {
		case *Call:
			if e.Op == "=" && len(e.Args) == 2 && e.Fn.Ret.OID == types.BoolOID {
				a, b = e.Args[0], e.Args[1]
			}
		case *Distinct:
			if e.Not {
				a, b, nullSafe = e.L, e.R, true
			}
		}
		if a == nil || !sameHash(a.Type(), b.Type()) || HasSubquery(e) || IsVolatile(e) {
			rest = append(rest, e)
			continue
		}
		ra, rb := ReadsOf(a), ReadsOf(b)
		switch {
		case oneSide(ra, l, r) && oneSide(rb, r, l):
			keys = append(keys, JoinKey{L: a, R: b, NullSafe: nullSafe, Cond: e})
		case oneSide(ra, r, l) && oneSide(rb, l, r):
			keys = append(keys, JoinKey{L: b, R: a, NullSafe: nullSafe, Cond: e})
		default:
			rest = append(rest, e)
		}
	}
	return keys, rest
}

// oneSide tells whether reads touches side, and not the other.
func oneSide(reads, side, other ColSet) bool {
	return side.Intersects(reads) && !other.Intersects(reads)
}

// sameHash tells types whose equal values hash and compare alike.
func sameHash(a, b *types.Type) bool {
	a, b = a.Underlying(), b.Underlying()
	if types.Same(a, b) {
		return a.OID != types.JSONOID && a.OID != types.XMLOID
	}
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case types.Int:
		return intFamily(a) && intFamily(b)
	case types.Float:
		return true
	case types.Bytes:
		return textFamily(a) && textFamily(b)
	}
	return false
}

func intFamily(t *types.Type) bool {
	switch t.OID {
	case types.Int2OID, types.Int4OID, types.Int8OID:
		return true
	}
	return t.Kind == types.Int && t.Category == 'N' && t.OID != types.MoneyOID
}

func textFamily(t *types.Type) bool {
	return t.OID == types.TextOID || t.OID == types.VarcharOID || t.OID == types.NameOID
}
