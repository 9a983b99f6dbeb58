package expr

import (
	"context"
	"testing"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

var testCols = []*types.Type{i8, i8, i8, boolean, num}

func testLayout() Layout { return LayoutOf([]plan.ColID{0, 1, 2, 3, 4}) }

func drawBatch(t *rapid.T) *vec.Batch {
	n := rapid.SampledFrom([]int{1, 2, 3, 9}).Draw(t, "rows")
	b := &vec.Batch{Cols: make([]vec.Vec, len(testCols)), N: n}
	for c, typ := range testCols {
		b.Cols[c].Reset(typ.Kind, 0)
		for range n {
			b.Cols[c].AppendDatum(drawDatum(t, typ))
		}
	}
	return b
}

func rowOf(b *vec.Batch, i int) map[plan.ColID]types.Datum {
	row := map[plan.ColID]types.Datum{}
	for c := range b.Cols {
		row[plan.ColID(c)] = b.Cols[c].Datum(i)
	}
	return row
}

func firstErrors(bad *vec.RowErrors) map[int]error {
	out := map[int]error{}
	for i, r := range bad.Rows {
		if _, ok := out[int(r)]; !ok {
			out[int(r)] = bad.Errs[i]
		}
	}
	return out
}

// A program gives, for every row, what evaluating the expression for that row
// alone gives: the same image, or the same error.
func TestProgramAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &gen{t: t}
		var list []plan.Expr
		for range 1 + g.pick(3) {
			list = append(list, g.expr([]*types.Type{i8, boolean, num}[g.pick(3)], 4))
		}
		bind := NewBinding(nil)
		cc := &CompileCtx{Bind: bind}
		p, err := CompileAll(list, testLayout(), cc)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]vec.Vec, len(list))
		for range 3 {
			params := []types.Datum{drawDatum(t, i8), drawDatum(t, boolean)}
			bind.SetParams(params)
			in := drawBatch(t)
			var bad vec.RowErrors
			p.EvalAll(&funcs.Ctx{Context: context.Background(), Bad: &bad}, in, out)
			errs := firstErrors(&bad)
			for i := range in.N {
				m := &model{row: rowOf(in, i), params: params}
				want, werr := m.list(list)
				if werr != errs[i] {
					t.Fatalf("row %d: error %v, want %v", i, errs[i], werr)
				}
				for k := range list {
					if out[k].Len() != in.N || out[k].Nulls != nil && len(out[k].Nulls) != in.N {
						t.Fatalf("column of %d rows, want %d", out[k].Len(), in.N)
					}
					if werr == nil && !out[k].Datum(i).SameImage(want[k]) {
						t.Fatalf("row %d, expression %d: %v, want %v", i, k, out[k].Datum(i), want[k])
					}
				}
			}
		}
	})
}

// A predicate selects the rows for which the conjunction is true, and reports
// no error that the order as written would not meet.
func TestPredicateAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &gen{t: t}
		var list []plan.Expr
		for range 1 + g.pick(3) {
			list = append(list, g.expr(boolean, 3))
		}
		for _, e := range list {
			t.Log(show(e))
		}
		bind := NewBinding(nil)
		p, err := CompilePred(list, testLayout(), &CompileCtx{Bind: bind})
		if err != nil {
			t.Fatal(err)
		}
		sel := make([]int32, 0)
		for range 3 {
			params := []types.Datum{drawDatum(t, i8), drawDatum(t, boolean)}
			bind.SetParams(params)
			in := drawBatch(t)
			n := in.N
			if g.pick(2) == 0 {
				in.Sel = []int32{}
				for i := range n {
					if g.pick(3) > 0 {
						in.Sel = append(in.Sel, int32(i))
					}
				}
				in.N = len(in.Sel)
			}
			var bad vec.RowErrors
			sel = p.Select(&funcs.Ctx{Context: context.Background(), Bad: &bad}, in, sel)
			got := map[int]bool{}
			for k, i := range sel {
				got[int(i)] = true
				if k > 0 && sel[k-1] >= i {
					t.Fatalf("selection %v is not in order", sel)
				}
			}
			errs := firstErrors(&bad)
			for i := range in.N {
				checkRow(t, list, &model{row: rowOf(in, in.Row(i)), params: params}, got[in.Row(i)], errs[in.Row(i)])
				delete(got, in.Row(i))
			}
			if len(got) > 0 {
				t.Fatalf("rows selected that do not count: %v", got)
			}
		}
	})
}

// checkRow compares one row's outcome with the model, which tests the conditions in
// PostgreSQL's order until one of them is not true or fails.
func checkRow(t *rapid.T, list []plan.Expr, m *model, selected bool, err error) {
	var quals []qual
	for _, e := range list {
		for _, c := range plan.Conjuncts(e) {
			quals = append(quals, newQual(c, nil))
		}
	}
	sortQuals(quals)
	want := true
	var werr error
	for i := 0; i < len(quals) && want; i++ {
		d, err := m.eval(quals[i].e)
		if err != nil {
			want, werr = false, err
			break
		}
		want = !d.IsNull() && d.Bool()
	}
	switch {
	case err != nil && err != werr:
		t.Fatalf("error %v, want %v", err, werr)
	case err == nil && werr != nil:
		t.Fatalf("no error, want %v; row %v", werr, m.row)
	case err == nil && werr == nil && selected != want:
		t.Fatalf("selected %t, want %t", selected, want)
	}
}
