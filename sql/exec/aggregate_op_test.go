package exec

import (
	"slices"
	"testing"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"pgregory.net/rapid"
)

var aggTypes = []*types.Type{types.TInt8, types.TInt4, types.TText, types.TNumeric, types.TBool}

func (f *fixture) drawAgg(cols []plan.ColID) plan.Agg {
	arg := func(t *types.Type) []plan.Expr { return []plan.Expr{f.colOf(cols, t)} }
	a := plan.Agg{Col: f.meta.Add(plan.ColInfo{})}
	switch pick(f.t, 7) {
	case 0:
		a.Fn, a.Ret = funcs.FindFunc("count"), types.TInt8
	case 1:
		a.Fn, a.Args, a.Ret = funcs.FindFunc("count", types.TAny), arg(types.TText), types.TInt8
	case 2:
		a.Fn, a.Args, a.Ret = funcs.FindFunc("sum", types.TInt4), arg(types.TInt4), types.TInt8
	case 3:
		a.Fn, a.Args, a.Ret = funcs.FindFunc("min", types.TInt8), arg(types.TInt8), types.TInt8
	case 4:
		a.Fn, a.Args, a.Ret = funcs.FindFunc("max", types.TInt4), arg(types.TInt4), types.TInt4
	case 5:
		a.Fn, a.Args, a.Ret = funcs.FindFunc("bool_and", types.TBool), arg(types.TBool), types.TBool
	default:
		a.Fn, a.Args, a.Ret = funcs.FindFunc("array_agg", types.ByName("anynonarray")), arg(types.TInt8), types.TInt8.Array
		if coin(f.t) {
			a.OrderBy = []plan.SortKey{{X: a.Args[0], Desc: coin(f.t), NullsFirst: coin(f.t)}}
		}
	}
	*f.meta.Col(a.Col) = plan.ColInfo{Type: a.Ret, Mod: types.NoMod}
	if len(a.Args) > 0 && pick(f.t, 3) == 0 {
		a.Distinct = true
	}
	if pick(f.t, 3) == 0 {
		a.Filter = op("<", f.colOf(cols, types.TInt8), int8Of(3))
	}
	if len(a.OrderBy) > 0 && !a.Distinct {
		a.OrderBy = append([]plan.SortKey{{X: f.colOf(cols, types.TText)}}, a.OrderBy...)
	}
	return a
}

// Aggregates with FILTER, DISTINCT and ORDER BY, by groups and grouping sets, in
// memory and not, by one worker and by several.
func TestAggregateOp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		s := scanOf(&f.meta, f.tableOf(1, aggTypes, 40))
		var in plan.Node = s
		if coin(t) {
			in = &plan.Filter{In: s, Preds: []plan.Expr{op("<", f.colOf(s.Cols, types.TInt8), int8Of(int64(pick(t, 6))))}}
		}
		n := &plan.Aggregate{In: in}
		for range pick(t, 4) {
			n.Groups = append(n.Groups, s.Cols[pick(t, len(s.Cols))])
		}
		n.Groups = unique(n.Groups)
		if f.rt.WorkMem > 0 && f.rt.Workers > 1 { // which of equal images is shown is then open
			n.Groups = slices.DeleteFunc(n.Groups, func(id plan.ColID) bool { return f.meta.Col(id).Type == types.TNumeric })
		}
		n.GroupOut = n.Groups
		for range pick(t, 4) {
			n.Aggs = append(n.Aggs, f.drawAgg(s.Cols))
		}
		if pick(t, 3) == 0 && len(n.Groups) > 0 {
			n.GroupOut = nil
			for _, g := range n.Groups {
				n.GroupOut = append(n.GroupOut, f.meta.Add(*f.meta.Col(g)))
			}
			n.SetCol = f.meta.Add(plan.ColInfo{Type: types.TInt4})
			for range 1 + pick(t, 3) {
				set := []int{}
				for g := range n.Groups {
					if coin(t) {
						set = append(set, g)
					}
				}
				n.Sets = append(n.Sets, set)
			}
		}
		f.check(f.drop(n), false)
	})
}

func unique(ids []plan.ColID) []plan.ColID {
	var out []plan.ColID
	seen := plan.ColSet{}
	for _, id := range ids {
		if !seen.Has(id) {
			seen.Add(id)
			out = append(out, id)
		}
	}
	return out
}
