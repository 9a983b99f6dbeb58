package exec

import (
	"math/rand/v2"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"pgregory.net/rapid"
)

var allTypes = []*types.Type{types.TInt8, types.TText, types.TNumeric, types.TFloat8, types.TBool, types.TInterval, types.TTimestamp}

func (f *fixture) tableOf(oid catalog.OID, ts []*types.Type, most int) *catalog.Relation {
	var rows []row
	for range rapid.IntRange(0, most).Draw(f.t, "rows") {
		rows = append(rows, f.row(ts))
	}
	return f.rels.add(oid, ts, rows)
}

func (f *fixture) drawKeys(cols []plan.ColID) []plan.SortKey {
	var keys []plan.SortKey
	for range 1 + pick(f.t, 3) {
		keys = append(keys, plan.SortKey{X: f.meta.Ref(cols[pick(f.t, len(cols))]), Desc: coin(f.t), NullsFirst: coin(f.t)})
	}
	return keys
}

// Sorting, with and without a limit, in memory and by runs.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		s := scanOf(&f.meta, f.tableOf(1, allTypes, 40))
		o := &plan.Order{In: s, Keys: f.drawKeys(s.Cols)}
		if coin(t) {
			f.check(o, true)
			return
		}
		l := &plan.Limit{In: o, Count: int8Of(int64(pick(t, 6)))}
		if coin(t) {
			l.Offset = int8Of(int64(pick(t, 6)))
		}
		if coin(t) {
			l.Ties, l.IsTies = o.Keys, true
		}
		f.check(l, true)
	})
}

// Many rows: by radix, by top rows that are cut again and again, by more runs
// than are merged at once.
func TestOrderOfManyRows(t *testing.T) {
	for _, c := range []struct {
		name  string
		rows  int
		limit int64
		mem   int64
		size  int
	}{
		{"in memory", 20000, -1, 0, 4096},
		{"by two workers", 150000, -1, 0, 4096},
		{"top rows", 20000, 10, 0, 4096},
		{"runs", 20000, -1, 100000, 4096},
		{"runs merged twice", 400, -1, 1, 2},
		{"top rows too large", 20000, 3000, 10000, 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			rels := newTestRels(c.size, true)
			var rows []row
			for range c.rows {
				rows = append(rows, randomRow(r))
			}
			rel := rels.add(1, []*types.Type{types.TInt8, types.TText, types.TNumeric}, rows)
			var meta plan.Meta
			s := scanOf(&meta, rel)
			var n plan.Node = &plan.Order{In: s, Keys: []plan.SortKey{{X: meta.Ref(s.Cols[0]), NullsFirst: true}, {X: meta.Ref(s.Cols[1]), Desc: true}, {X: meta.Ref(s.Cols[2])}}}
			keys := n.(*plan.Order).Keys
			if c.limit >= 0 {
				n = &plan.Limit{In: n, Count: int8Of(c.limit)}
			}
			src, err := Compile(&Runtime{Env: testEnv, Rels: rels, WorkMem: c.mem, Workers: 2, TempDir: t.TempDir()}, n)
			if err != nil {
				t.Fatal(err)
			}
			got, err := drain(src)
			if err != nil {
				t.Fatal(err)
			}
			m := &model{rels: rels.rows}
			want, _ := m.run(n, nil)
			if len(got) != len(want) {
				t.Fatalf("%d rows, want %d", len(got), len(want))
			}
			for i := range got {
				if m.compare(keys, s.Cols, got[i], want[i]) != 0 || image(got[i]) != image(want[i]) {
					t.Fatalf("row %d: %s, want %s", i, image(got[i]), image(want[i]))
				}
			}
			src.Close()
		})
	}
}

func randomRow(r *rand.Rand) row {
	d := []types.Datum{
		types.NewInt(int64(r.IntN(300) - 150)),
		types.NewString([]string{"", "a", "abcdefgh", "abcdefghi", "abcdefg", "abcdefg\x00", "zz"}[r.IntN(7)]),
		types.NewNumeric(types.NumericScaled(int64(r.IntN(1000)), 2)),
	}
	for i := range d {
		if r.IntN(20) == 0 {
			d[i] = types.Null
		}
	}
	if r.IntN(1000) == 0 {
		d[2] = types.NewNumeric(types.NumericScaled(int64(r.IntN(1000)), 5))
	}
	return d
}
