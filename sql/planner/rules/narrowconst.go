package rules

import (
	"math"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// narrowConst compares a column with a constant in the column's own type where that
// is the same: a date with a timestamp, an integer with a numeric. Blocks can then
// be skipped and indexes be used, and nothing is converted per row.
func narrowConst(e plan.Expr) plan.Expr {
	c, ok := e.(*plan.Call)
	if !ok || len(c.Args) != 2 || flipped[c.Op] == "" || c.Fn.Schema != catalog.PgCatalogOID {
		return e
	}
	x, k, op := c.Args[0], c.Args[1], c.Op
	val, ok := k.(*plan.Const)
	if !ok {
		if val, ok = x.(*plan.Const); !ok {
			return e
		}
		x, op = k, flipped[op]
	}
	if val.Val.IsNull() {
		return e
	}
	var n int64 // the greatest value of x's type that is not above the constant
	var exact bool
	x, n, exact, ok = floorAs(x, val)
	if !ok {
		return e
	}
	if !exact {
		switch op {
		case "=":
			return e // never true, but NULL for NULL
		case "<":
			op = "<="
		case ">=":
			op = ">"
		}
	}
	t := x.Type()
	o := funcs.FindOperator(op, t.OID, t.OID)
	if o == nil {
		return e
	}
	k = &plan.Const{Val: types.NewInt(n), Typ: t, TypMod: types.NoMod}
	return &plan.Call{Fn: o.Func, Args: []plan.Expr{x, k}, Ret: types.TBool, RetMod: types.NoMod, Op: op, Pos: c.Pos}
}

// floorAs finds what is compared before it was converted to the constant's type,
// and rounds the constant down to a value of that type.
func floorAs(x plan.Expr, k *plan.Const) (inner plan.Expr, n int64, exact, ok bool) {
	const day = 24 * 60 * 60 * 1000000
	switch k.Typ.OID {
	case types.TimestampOID:
		v := k.Val.Int()
		if x.Type().OID != types.DateOID || v == math.MaxInt64 || v == math.MinInt64 {
			return nil, 0, false, false
		}
		n = v / day
		if v%day < 0 {
			n--
		}
		return x, n, n*day == v, true
	case types.NumericOID:
		c, isCall := x.(*plan.Call)
		if !isCall || c.Cast == 0 || len(c.Args) != 1 {
			return nil, 0, false, false
		}
		inner = c.Args[0]
		lo, hi := int64(0), int64(0)
		switch inner.Type().OID {
		case types.Int2OID:
			lo, hi = math.MinInt16, math.MaxInt16
		case types.Int4OID:
			lo, hi = math.MinInt32, math.MaxInt32
		case types.Int8OID:
			lo, hi = -1<<53, 1<<53
		default:
			return nil, 0, false, false
		}
		coef, small := k.Val.Numeric().Small()
		scale := k.Val.Numeric().Scale()
		if !small || scale < 0 || scale > 15 {
			return nil, 0, false, false
		}
		p := int64(math.Pow10(int(scale)))
		n = coef / p
		if coef%p < 0 {
			n--
		}
		return inner, n, n*p == coef, n >= lo && n < hi
	}
	return nil, 0, false, false
}
