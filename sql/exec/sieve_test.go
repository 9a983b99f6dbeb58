package exec

import (
	"testing"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"pgregory.net/rapid"
)

// between draws a node over n that gives columns of the same types.
func (f *fixture) between(n plan.Node) plan.Node {
	cols := n.Out()
	switch pick(f.t, 7) {
	case 0:
		p := &plan.Project{In: n}
		for _, id := range cols {
			p.Vals = append(p.Vals, f.meta.Ref(id))
			p.Cols = append(p.Cols, f.meta.Add(plan.ColInfo{Type: f.meta.Col(id).Type, Mod: types.NoMod}))
		}
		return p
	case 1:
		return &plan.DistinctRows{In: n}
	case 2:
		return f.counted(n, cols)
	case 3:
		if _, ok := n.(*plan.Scan); ok { // others may give their rows in any order
			return &plan.Limit{In: n, Count: int8Of(int64(pick(f.t, 5)))}
		}
	case 4:
		return &plan.Filter{In: n, Preds: []plan.Expr{op("<", f.colOf(cols, types.TInt8), int8Of(3))}}
	case 5:
		return f.mildJoin(n, scanOf(&f.meta, f.table(20)))
	}
	return n
}

// mildJoin is drawJoin without the kind whose error may not be met.
func (f *fixture) mildJoin(l, r plan.Node) *plan.Join {
	j := f.drawJoin(l, r)
	if j.Kind == plan.Single {
		j.Kind = plan.Left
	}
	return j
}

// counted groups by columns.
func (f *fixture) counted(n plan.Node, by []plan.ColID) *plan.Aggregate {
	return &plan.Aggregate{In: n, Groups: by, GroupOut: by, Aggs: []plan.Agg{{
		Fn: funcs.FindFunc("count"), Ret: types.TInt8, Col: f.meta.Add(plan.ColInfo{Type: types.TInt8, Mod: types.NoMod}),
	}}}
}

// What a join tells the scans below it changes no answer, whatever is in between.
func TestSievesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		l, r := f.between(f.between(scanOf(&f.meta, f.table(21)))), f.between(scanOf(&f.meta, f.table(22)))
		j := f.mildJoin(l, r)
		if coin(t) && len(j.On) > 0 {
			j = f.mildJoin(j, f.between(scanOf(&f.meta, f.table(23))))
		}
		f.check(j, false)
	})
}

// A join's keys reach the scan of its other side through a grouping by them, and
// are stopped by one that is not.
func TestSieveReachesScan(t *testing.T) {
	for _, c := range []struct {
		by   int // the column that is grouped by and joined
		read int64
	}{{0, 2}, {1, 100}} {
		f := &fixture{rels: newTestRels(7, false)}
		f.rt = &Runtime{Env: testEnv, Rels: f.rels, Workers: 1, Stats: NewStats()}
		var many, few []row
		for i := range 100 {
			many = append(many, row{types.NewInt(int64(i)), types.NewInt(int64(i))})
		}
		for _, i := range []int64{3, 7} {
			few = append(few, row{types.NewInt(i)})
		}
		ints := []*types.Type{types.TInt8, types.TInt8}
		scan := scanOf(&f.meta, f.rels.add(1, ints, many))
		small := scanOf(&f.meta, f.rels.add(2, ints[:1], few))
		grouped := f.counted(scan, scan.Cols[:1])
		side := []plan.ColID{scan.Cols[0], grouped.Aggs[0].Col}
		join := &plan.Join{Kind: plan.Inner, L: grouped, R: small, On: []plan.Expr{op("=", f.meta.Ref(side[c.by]), f.meta.Ref(small.Cols[0]))}}
		src, err := Compile(f.rt, join)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := drain(src); err != nil {
			t.Fatal(err)
		}
		if got := f.rt.Stats.Of(scan).Rows.Load(); got != c.read {
			t.Errorf("%d rows are read, want %d", got, c.read)
		}
		if err := src.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
