package exec

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// equiKey is a conjunct that a hash table can answer: l = r, or l IS NOT
// DISTINCT FROM r, with operands of one side each.
type equiKey struct {
	l, r plan.Expr // over the left and the right input
	typ  *types.Type
	// nulls: NULL matches NULL.
	nulls bool
}

// splitOn divides the conjuncts of a join's condition into those a hash table
// can answer and the rest.
func splitOn(on []plan.Expr, left, right plan.ColSet) (keys []equiKey, rest []plan.Expr) {
	for _, e := range on {
		for _, c := range plan.Conjuncts(e) {
			if k, ok := asKey(c, left, right); ok {
				keys = append(keys, k)
			} else {
				rest = append(rest, c)
			}
		}
	}
	return keys, rest
}

// keysOf divides the condition of a join of inputs with these columns as splitOn does.
func keysOf(n *plan.Join, left, right []plan.ColID) (keys []equiKey, rest []plan.Expr) {
	on := n.On
	if n.Kind == plan.Mark {
		on, _ = certain(on)
	}
	return splitOn(on, plan.SetOf(left...), plan.SetOf(right...))
}

// certain gives the conditions of a join without the IS TRUE around each of them, if
// all have one: such a condition is met or not met, and NULL is nothing of its own.
func certain(on []plan.Expr) (bare []plan.Expr, ok bool) {
	for _, e := range on {
		t, is := e.(*plan.BoolTest)
		if !is || t.Not || !t.Want {
			return on, false
		}
		bare = append(bare, t.X)
	}
	return bare, true
}

func asKey(e plan.Expr, left, right plan.ColSet) (k equiKey, ok bool) {
	var fn *funcs.Func
	switch e := e.(type) {
	case *plan.Call:
		if len(e.Args) != 2 {
			return k, false
		}
		k, fn = equiKey{l: e.Args[0], r: e.Args[1]}, e.Fn
	case *plan.Distinct:
		if !e.Not {
			return k, false
		}
		k, fn = equiKey{l: e.L, r: e.R, nulls: true}, e.Eq
	default:
		return k, false
	}
	if k.typ = hashableEq(fn, k.l.Type(), k.r.Type()); k.typ == nil {
		return k, false
	}
	lr, rr := plan.ReadsOf(k.l), plan.ReadsOf(k.r)
	if volatile(k.l) || volatile(k.r) {
		return k, false
	}
	switch {
	case lr.Intersects(left) && rr.Intersects(right) && !lr.Intersects(right) && !rr.Intersects(left):
		return k, true
	case lr.Intersects(right) && rr.Intersects(left) && !lr.Intersects(left) && !rr.Intersects(right):
		k.l, k.r = k.r, k.l
		return k, true
	}
	return k, false
}

// hashableEq gives the type by which vec.Hash and vec.Equal decide what fn
// decides for operands of types l and r; nil when they do not.
func hashableEq(fn *funcs.Func, l, r *types.Type) *types.Type {
	if !isEquality(fn) {
		return nil
	}
	l, r = l.Underlying(), r.Underlying()
	switch {
	case isInteger(l) && isInteger(r), l.Kind == types.Float && r.Kind == types.Float:
		return l
	case !fn.Args[0].IsPolymorphic() && fn.Args[0] == fn.Args[1]:
		return fn.Args[0]
	case l.OID == r.OID:
		return l
	case l.Kind == types.Bytes && r.Kind == types.Bytes && l.PlainBytes() && r.PlainBytes():
		return l
	}
	return nil
}

func isInteger(t *types.Type) bool {
	return t.OID == types.Int2OID || t.OID == types.Int4OID || t.OID == types.Int8OID
}

// isEquality tells the functions behind hashable operators =.
func isEquality(fn *funcs.Func) bool {
	for _, o := range funcs.Operators("=") {
		if o.Func != nil && o.Func.OID == fn.OID {
			return o.CanHash
		}
	}
	return false
}
