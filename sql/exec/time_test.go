package exec

import (
	"slices"
	"testing"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
	"pgregory.net/rapid"
)

// runRows compiles and drains a plan.
func (f *fixture) runRows(n plan.Node) []row {
	f.t.Helper()
	src, err := Compile(f.rt, n)
	if err != nil {
		f.t.Fatal(err)
	}
	defer src.Close()
	got, err := drain(src)
	if err != nil {
		f.t.Fatal(err)
	}
	return got
}

// A row counts while From <= clock < Until, be the clock the watermark or now.
func TestTimeFilter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		ts := []*types.Type{types.TTimestamp, types.TTimestamp}
		s := scanOf(&f.meta, f.tableOf(1, ts, 12))
		n := &plan.TimeFilter{In: s, From: -1, Until: -1, Window: -1, Close: coin(t), Shift: int64(pick(t, 3) - 1)}
		if coin(t) {
			n.From = s.Cols[0]
		}
		if coin(t) {
			n.Until = s.Cols[1]
		}
		clock := int64(pick(t, 5))
		f.rels.mark, f.rt.Env = 77, &funcs.Env{Env: types.Env{Now: clock}}
		if n.Close {
			f.rels.mark, f.rt.Env = clock, &funcs.Env{Env: types.Env{Now: 77}}
			if pick(t, 4) == 0 {
				f.rels.mark = window.NoTime
			}
		}
		var want []row
		for _, r := range f.rels.rows[1] {
			in := n.From < 0 || !r[1].IsNull() && r[1].Int() <= clock+n.Shift && (!n.Close || f.rels.mark != window.NoTime)
			gone := n.Until >= 0 && (r[2].IsNull() || r[2].Int() <= clock+n.Shift && (!n.Close || f.rels.mark != window.NoTime))
			if in && !gone {
				want = append(want, r[1:])
			}
		}
		if got := f.runRows(n); !slices.Equal(images(got, true), images(want, true)) {
			t.Fatalf("got %v, want %v", images(got, true), images(want, true))
		}
	})
}

// Rows of a partition less than the gap apart share a session.
func TestSession(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		s := scanOf(&f.meta, f.tableOf(1, []*types.Type{types.TText, types.TTimestamp}, 15))
		n := &plan.Session{In: s, Time: s.Cols[1], Gap: int64(1 + pick(t, 3)), Start: f.meta.Add(plan.ColInfo{}), End: f.meta.Add(plan.ColInfo{})}
		key := func(row) string { return "" }
		if coin(t) {
			n.Partition = s.Cols[:1]
			key = func(r row) string { return showDatum(r[1]) }
		}
		// the model: a row's session is what is reached from it by steps below the gap
		var want []row
		rows := f.rels.rows[1]
		for _, r := range rows {
			x := append(slices.Clone(r[1:]), types.Null, types.Null)
			if !r[2].IsNull() {
				lo, hi := r[2].Int(), r[2].Int()
				for range rows {
					for _, o := range rows {
						if o[2].IsNull() || key(o) != key(r) {
							continue
						}
						if d := o[2].Int(); d > lo-n.Gap && d < hi+n.Gap {
							lo, hi = min(lo, d), max(hi, d)
						}
					}
				}
				x[2], x[3] = types.NewInt(lo), types.NewInt(hi+n.Gap)
			}
			want = append(want, x)
		}
		if got := f.runRows(n); !slices.Equal(images(got, false), images(want, false)) {
			t.Fatalf("got %v, want %v", images(got, false), images(want, false))
		}
	})
}

// What the engine says does not count any more is left out.
func TestLockRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		s := scanOf(&f.meta, f.table(1))
		s.Attrs = append(s.Attrs, plan.AttrRowID)
		s.Cols = append(s.Cols, f.meta.Add(plan.ColInfo{Type: types.TInt8}))
		n := &plan.LockRows{In: s, Rels: []plan.LockTarget{{Scan: s, RowID: s.Cols[4], TableOID: -1, Mode: plan.LockUpdate}}}
		var want []row
		for i, r := range f.rels.rows[1] {
			if i%2 == 0 { // testRels.Lock
				want = append(want, append(slices.Clone(r[1:]), r[0]))
			}
		}
		p := &plan.Project{In: n}
		for _, c := range s.Cols {
			p.Vals, p.Cols = append(p.Vals, f.meta.Ref(c)), append(p.Cols, c)
		}
		if got := f.runRows(p); !slices.Equal(images(got, true), images(want, true)) {
			t.Fatalf("got %v, want %v", images(got, true), images(want, true))
		}
	})
}
