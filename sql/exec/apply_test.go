package exec

import (
	"testing"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
	"pgregory.net/rapid"
)

// drawInner draws a plan over a table that may read columns of the outer plan.
func (f *fixture) drawInner(oid types.OID, outer []plan.ColID) plan.Node {
	s := scanOf(&f.meta, f.table(oid))
	var n plan.Node = s
	if pick(f.t, 3) > 0 {
		n = &plan.Filter{In: n, Preds: []plan.Expr{f.joinCond(outer, s.Cols)}}
	}
	if pick(f.t, 4) == 0 {
		n = &plan.Order{In: n, Keys: f.drawKeys(s.Cols)}
	}
	if pick(f.t, 4) == 0 {
		n = &plan.Limit{In: &plan.Order{In: n, Keys: allKeys(f, s.Cols)}, Count: f.colOf(outer, types.TInt8)}
	}
	if pick(f.t, 4) == 0 {
		n = &plan.DistinctRows{In: n}
	}
	return n
}

// allKeys orders by all columns, so that nothing is left open.
func allKeys(f *fixture, cols []plan.ColID) []plan.SortKey {
	var keys []plan.SortKey
	for _, c := range cols {
		keys = append(keys, plan.SortKey{X: f.meta.Ref(c)})
	}
	return keys
}

var applyKinds = []plan.JoinKind{plan.Inner, plan.Left, plan.Semi, plan.Anti, plan.NullAnti, plan.Single, plan.Mark}

// Dependent joins, nested ones among them.
func TestApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		l := scanOf(&f.meta, f.table(1))
		a := &plan.Apply{Kind: applyKinds[pick(t, len(applyKinds))], L: l, R: f.drawInner(2, l.Cols), MarkCol: f.meta.Add(plan.ColInfo{Type: types.TBool})}
		for range pick(t, 2) {
			a.On = append(a.On, f.joinCond(l.Cols, a.R.Out()))
		}
		var n plan.Node = a
		if coin(t) && a.Kind != plan.Single {
			top := scanOf(&f.meta, f.table(3))
			in := &plan.Apply{Kind: a.Kind, L: &plan.Filter{In: l, Preds: []plan.Expr{f.joinCond(top.Cols, l.Cols)}}, R: a.R, On: a.On, MarkCol: a.MarkCol}
			n = &plan.Apply{Kind: plan.Left, L: top, R: in}
		}
		f.check(n, false)
	})
}

// Subqueries that are left in expressions.
func TestSubqueries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		s := scanOf(&f.meta, f.table(1))
		in := f.drawInner(2, s.Cols)
		col := f.colOf(in.Out(), types.TInt8).(*plan.Col)
		test := op([]string{"=", "<>", "<"}[pick(t, 3)], f.colOf(s.Cols, types.TInt8), col)
		one := &plan.Project{In: in, Vals: []plan.Expr{col}, Cols: []plan.ColID{f.meta.Add(*f.meta.Col(col.ID))}}
		limited := func(n int64) plan.Node {
			return &plan.Limit{In: &plan.Order{In: one, Keys: allKeys(f, one.Cols)}, Count: int8Of(n)}
		}
		var q *plan.Subquery
		switch pick(t, 6) {
		case 0:
			q = &plan.Subquery{Kind: plan.SubExists, Plan: in, Typ: types.TBool}
		case 1:
			q = &plan.Subquery{Kind: plan.SubScalar, Plan: limited(int64(pick(t, 3))), Typ: types.TInt8}
		case 2:
			two := &plan.Project{In: limited(1), Vals: []plan.Expr{f.meta.Ref(one.Cols[0]), int8Of(7)}, Cols: []plan.ColID{f.meta.Add(*f.meta.Col(col.ID)), f.meta.Add(*f.meta.Col(col.ID))}}
			q = &plan.Subquery{Kind: plan.SubRow, Plan: two, Typ: types.TRecord}
		case 3:
			q = &plan.Subquery{Kind: plan.SubAny, Plan: in, Test: test, Typ: types.TBool}
		case 4:
			q = &plan.Subquery{Kind: plan.SubAll, Plan: in, Test: test, Typ: types.TBool}
		default:
			q = &plan.Subquery{Kind: plan.SubArray, Plan: limited(4), Typ: types.TInt8.Array}
		}
		p := &plan.Project{In: s, Vals: []plan.Expr{f.meta.Ref(s.Cols[0]), q}, Cols: []plan.ColID{f.meta.Add(*f.meta.Col(s.Cols[0])), f.meta.Add(plan.ColInfo{Type: q.Typ})}}
		f.check(p, true)
	})
}

// Common table expressions: several readers, some of which stop early.
func TestWith(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		s := scanOf(&f.meta, f.table(1))
		w := &plan.With{ID: 1, Name: "w", Def: &plan.Filter{In: s, Preds: []plan.Expr{&plan.IsNull{X: f.meta.Ref(s.Cols[2]), Not: true}}}, DefCols: s.Cols[:3]}
		reader := func() *plan.CTEScan {
			c := &plan.CTEScan{ID: 1, Name: "w", Def: w}
			for _, id := range w.DefCols {
				c.Cols = append(c.Cols, f.meta.Add(*f.meta.Col(id)))
			}
			return c
		}
		a, b := reader(), reader()
		body := &plan.Join{Kind: plan.JoinKind(pick(t, int(plan.Mark)+1)), L: a, R: b, BuildLeft: coin(t), MarkCol: f.meta.Add(plan.ColInfo{Type: types.TBool})}
		body.On = []plan.Expr{op("=", f.colOf(a.Cols, types.TInt8), f.colOf(b.Cols, types.TInt8))}
		if body.Kind == plan.Single {
			body.Kind = plan.Inner
		}
		w.Body = body
		f.check(w, false)
	})
}

// WITH RECURSIVE over a small graph.
func TestRecursive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		edges := f.table(1)
		start := scanOf(&f.meta, f.rels.add(2, []*types.Type{types.TInt8, types.TInt8}, []row{{types.NewInt(0), types.NewInt(0)}, {types.NewInt(1), types.NewInt(0)}, {types.NewInt(1), types.NewInt(0)}}))
		r := &plan.Recursive{ID: 3, Base: start, BaseCols: start.Cols, All: coin(t)}
		for range 2 {
			r.Cols = append(r.Cols, f.meta.Add(plan.ColInfo{Type: types.TInt8, Mod: types.NoMod}))
		}
		work := &plan.WorkScan{ID: 3, Cols: []plan.ColID{f.meta.Add(*f.meta.Col(r.Cols[0])), f.meta.Add(*f.meta.Col(r.Cols[1]))}}
		e := scanOf(&f.meta, edges)
		j := &plan.Join{Kind: plan.Inner, L: work, R: e, On: []plan.Expr{op("=", f.meta.Ref(work.Cols[0]), f.meta.Ref(e.Cols[0]))}}
		if coin(t) {
			j.L, j.R = e, work
		}
		step := &plan.Project{
			In:   &plan.Filter{In: j, Preds: []plan.Expr{op("<", f.meta.Ref(work.Cols[1]), int8Of(3))}},
			Vals: []plan.Expr{f.meta.Ref(e.Cols[0]), op("+", f.meta.Ref(work.Cols[1]), int8Of(1))},
			Cols: []plan.ColID{f.meta.Add(*f.meta.Col(r.Cols[0])), f.meta.Add(*f.meta.Col(r.Cols[0]))},
		}
		r.Step, r.StepCols = step, step.Cols
		f.check(r, false)
	})
}

// Generators in lock-step, numbered, padded.
func TestFlatMap(t *testing.T) {
	series := funcs.FindFunc("generate_series", types.TInt8, types.TInt8)
	minute := types.Interval{Micros: 60_000_000}
	hop, err := window.NewHop(minute, types.Interval{Micros: 150_000_000}, types.Interval{})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		s := scanOf(&f.meta, f.table(1))
		n := &plan.FlatMap{In: s, Ordinal: -1, Outer: coin(t)}
		if coin(t) {
			n.Ordinal = f.meta.Add(plan.ColInfo{Type: types.TInt8})
		}
		for range 1 + pick(t, 2) {
			g := plan.Gen{Types: []*types.Type{types.TInt8}}
			switch pick(t, 3) {
			case 0:
				g.Hop, g.Args, g.Types = hop, []plan.Expr{&plan.Relabel{X: f.colOf(s.Cols, types.TInt8), Typ: types.TTimestamp}}, []*types.Type{types.TTimestamp, types.TTimestamp}
			case 1:
				g.Scalar = f.colOf(s.Cols, types.TInt8)
			default:
				hi := &plan.MinMax{Least: true, Args: []plan.Expr{f.colOf(s.Cols, types.TInt8), int8Of(5)}, Typ: types.TInt8, TypMod: types.NoMod}
				g.Fn, g.Args = series, []plan.Expr{f.colOf(s.Cols, types.TInt8), hi}
			}
			for _, typ := range g.Types {
				g.Cols = append(g.Cols, f.meta.Add(plan.ColInfo{Type: typ}))
			}
			n.Gens = append(n.Gens, g)
		}
		f.check(n, true)
	})
}
