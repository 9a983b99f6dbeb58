package state

import (
	"slices"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

type modelRow struct {
	group uint32
	row   []types.Datum
	count int64
}

func vectors(ts []*types.Type, rows [][]types.Datum) []vec.Vec {
	cols := make([]vec.Vec, len(ts))
	for c, t := range ts {
		cols[c].Reset(t.Kind, 0)
		for _, r := range rows {
			cols[c].AppendDatum(r[c])
		}
	}
	return cols
}

// A Multiset counts rows by image and lists them in the order asked for.
func TestMultisetAgainstList(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		ts := rapid.SliceOfN(rapid.SampledFrom(keyTypes), 1, 2).Draw(r, "types")
		order := []SortCol{{Col: 0, Desc: rapid.Bool().Draw(r, "desc"), NullsFirst: rapid.Bool().Draw(r, "nulls first")}}
		m := NewMultiset(ts, order)
		var model []modelRow
		for range rapid.IntRange(1, 6).Draw(r, "rounds") {
			n := rapid.SampledFrom([]int{1, 2, 3, 40}).Draw(r, "n")
			groups, w := make([]uint32, n), make([]int64, n)
			rows := make([][]types.Datum, n)
			for i := range n {
				groups[i], w[i] = uint32(rapid.IntRange(0, 3).Draw(r, "group")), int64(rapid.IntRange(-2, 3).Draw(r, "w"))
				for _, ty := range ts {
					rows[i] = append(rows[i], drawDatum(r, ty))
				}
				model = addModel(model, modelRow{groups[i], rows[i], w[i]})
			}
			m.Add(groups, vectors(ts, rows), w)
			model = slices.DeleteFunc(model, func(x modelRow) bool { return x.count == 0 })
			if rapid.IntRange(0, 5).Draw(r, "drop") == 0 {
				m.Drop(1)
				model = slices.DeleteFunc(model, func(x modelRow) bool { return x.group == 1 })
			}
			checkMultiset(r, m, ts, order[0], model)
		}
	})
}

func addModel(model []modelRow, x modelRow) []modelRow {
	for i, y := range model {
		if y.group == x.group && slices.EqualFunc(x.row, y.row, types.Datum.SameImage) {
			model[i].count += x.count
			return model
		}
	}
	return append(model, x)
}

func checkMultiset(r *rapid.T, m *Multiset, ts []*types.Type, order SortCol, model []modelRow) {
	if m.Len() != len(model) {
		r.Fatalf("%d rows, want %d", m.Len(), len(model))
	}
	for g := range uint32(4) {
		var up, down []uint32
		m.Ascend(g, func(s uint32) bool { up = append(up, s); return true })
		m.Descend(g, func(s uint32) bool { down = append(down, s); return true })
		slices.Reverse(down)
		if !slices.Equal(up, down) {
			r.Fatalf("up %v, down reversed %v", up, down)
		}
		want := slices.DeleteFunc(slices.Clone(model), func(x modelRow) bool { return x.group != g })
		if len(want) != len(up) {
			r.Fatalf("group %d has %d rows, want %d", g, len(up), len(want))
		}
		for i, s := range up {
			row := make([]types.Datum, len(ts))
			for c := range ts {
				row[c] = m.Columns()[c].Datum(int(s))
			}
			k := slices.IndexFunc(want, func(x modelRow) bool { return slices.EqualFunc(x.row, row, types.Datum.SameImage) })
			if k < 0 || want[k].count != m.Count(s) {
				r.Fatalf("row %v × %d is not in the model", row, m.Count(s))
			}
			if i > 0 && outOfOrder(m.Columns()[0].Datum(int(up[i-1])), row[0], ts[0], order) {
				r.Fatalf("group %d is out of order at %d", g, i)
			}
		}
	}
}

func outOfOrder(a, b types.Datum, t *types.Type, o SortCol) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() != b.IsNull() && a.IsNull() != o.NullsFirst
	}
	if o.Desc {
		return t.Compare(a, b) < 0
	}
	return t.Compare(a, b) > 0
}

// Buckets give back every slot once its time is behind, and only then.
func TestBuckets(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		at := map[uint32]int64{}
		b := NewBuckets(func(s uint32, when int64) bool { x, ok := at[s]; return ok && x == when })
		bound := int64(0)
		for range rapid.IntRange(1, 200).Draw(r, "steps") {
			switch rapid.IntRange(0, 3).Draw(r, "what") {
			case 0, 1:
				s := uint32(rapid.IntRange(0, 20).Draw(r, "slot"))
				if _, ok := at[s]; !ok {
					at[s] = bound + int64(rapid.IntRange(0, 5).Draw(r, "at"))
					b.Add(s, at[s])
				}
			case 2:
				s := uint32(rapid.IntRange(0, 20).Draw(r, "slot"))
				if x, ok := at[s]; ok {
					delete(at, s)
					b.Remove(x)
				}
			case 3:
				bound += int64(rapid.IntRange(0, 3).Draw(r, "advance"))
				last := int64(-1)
				_ = b.Before(bound, func(when int64, slots []uint32) error {
					if when <= last || when >= bound || !slices.IsSorted(slots) {
						r.Fatalf("bucket %d after %d, bound %d: %v", when, last, bound, slots)
					}
					last = when
					for _, s := range slots {
						if x, ok := at[s]; !ok || x != when {
							r.Fatalf("slot %d is not of time %d", s, when)
						}
						delete(at, s)
					}
					return nil
				})
				for s, x := range at {
					if x < bound {
						r.Fatalf("slot %d of time %d is left behind %d", s, x, bound)
					}
				}
			}
		}
	})
}

func BenchmarkMultisetAdd(b *testing.B) {
	ts := []*types.Type{types.TInt8}
	m := NewMultiset(ts, []SortCol{{}})
	groups, vals := make([]uint32, vec.Size), vec.New(types.Int, vec.Size)
	w := make([]int64, vec.Size)
	x := uint64(1)
	for i := 0; b.Loop(); i++ {
		for k := range groups {
			x = x*6364136223846793005 + 1442695040888963407
			groups[k], vals.Ints[k], w[k] = uint32(x>>33)%1000, int64(x>>50), 1
			if i >= 100 {
				w[k] = int64(i%2)*2 - 1
			}
		}
		m.Add(groups, []vec.Vec{vals}, w)
	}
	b.ReportMetric(float64(b.N)*vec.Size/b.Elapsed().Seconds()/1e6, "Mrows/s")
	b.ReportMetric(float64(m.Bytes())/float64(m.Len()), "B/row")
}
