package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

// bag is a multiset of rows by image, errors included: what a node's output adds
// up to.
type bag map[string]int64

func (b bag) add(row string, w int64) {
	if b[row] += w; b[row] == 0 {
		delete(b, row)
	}
}

func (b bag) batch(d *vec.Batch) {
	for i := range d.N {
		p := d.Row(i)
		b.add(rowText(d.Cols, p), d.Weight(p))
	}
}

func (b bag) emit(d *vec.Batch) error { b.batch(d); return nil }

func (b bag) bad(err error, w int64) { b.add("error: "+err.Error(), w) }

func (b bag) String() string {
	var out []string
	for row, w := range b {
		out = append(out, fmt.Sprintf("%+d × %s", w, row))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func rowText(cols []vec.Vec, i int) string {
	var s []string
	for c := range cols {
		d := cols[c].Datum(i)
		switch {
		case d.IsNull():
			s = append(s, "NULL")
		case cols[c].Kind == types.Bytes:
			s = append(s, d.Str())
		default:
			s = append(s, fmt.Sprint(d))
		}
	}
	return strings.Join(s, " | ")
}

// testRow is a row of the input of the tests: key, text key, value, condition.
type testRow struct {
	key    types.Datum
	name   types.Datum
	val    types.Datum
	filter types.Datum
}

var testTypes = []*types.Type{types.TInt8, types.TText, types.TInt8, types.TBool}

func (r testRow) datums() []types.Datum { return []types.Datum{r.key, r.name, r.val, r.filter} }

func drawRow(r *rapid.T) testRow {
	null := func(d types.Datum) types.Datum {
		if rapid.IntRange(0, 9).Draw(r, "null") == 0 {
			return types.Null
		}
		return d
	}
	return testRow{
		key:    null(types.NewInt(int64(rapid.IntRange(0, 3).Draw(r, "key")))),
		name:   null(types.NewString(rapid.SampledFrom([]string{"a", "b"}).Draw(r, "name"))),
		val:    null(types.NewInt(int64(rapid.IntRange(0, 7).Draw(r, "val")))),
		filter: null(types.NewBool(rapid.Bool().Draw(r, "filter"))),
	}
}

// dice gives numbers from 0 to n-1.
type dice func(n int) int

// drawn are dice thrown by rapid, which prefers small numbers.
func drawn(r *rapid.T) dice {
	return func(n int) int { return rapid.IntRange(0, n-1).Draw(r, "n") }
}

// seeded are fair dice.
func seeded(seed uint64) dice {
	r := rand.New(rand.NewPCG(seed, 0))
	return func(n int) int { return r.IntN(n) }
}

// makeBatch makes a batch of rows, sometimes with a selection among other rows.
func makeBatch(d dice, ts []*types.Type, rows [][]types.Datum, w []int64) *vec.Batch {
	b := &vec.Batch{Cols: make([]vec.Vec, len(ts)), N: len(rows)}
	for c, t := range ts {
		b.Cols[c].Reset(t.Kind, 0)
	}
	sel := d(2) == 0
	add := func(row []types.Datum, k int64) {
		for c := range ts {
			b.Cols[c].AppendDatum(row[c])
		}
		b.Weights = append(b.Weights, k)
	}
	at := int32(0)
	for i, row := range rows {
		if sel && d(2) == 0 {
			add(rows[0], 17)
			at++
		}
		add(row, w[i])
		b.Sel = append(b.Sel, at)
		at++
	}
	if !sel {
		b.Sel = nil
	}
	if !slices.ContainsFunc(w, func(k int64) bool { return k != 1 }) {
		b.Weights = nil
	}
	return b
}

func testSpec(mode AggMode, bad BadRow) AggSpec {
	i8 := []*types.Type{types.TInt8}
	call := func(c AggCall) AggCall {
		c.ArgTypes = i8
		if c.Args == nil {
			c.Args = []int{2}
		}
		if c.Ret == nil {
			c.Ret = types.TInt8
		}
		return c
	}
	sum, ext := funcs.AggTraits{Linear: true}, funcs.AggTraits{Extreme: 1}
	return AggSpec{
		Mode: mode, Keys: []int{0, 1}, KeyTypes: []*types.Type{types.TInt8, types.TText}, Time: -1, Bad: bad,
		Calls: []AggCall{
			{CountRows: true, Filter: -1, Ret: types.TInt8},
			call(AggCall{New: newSum, Traits: sum, Filter: -1}),
			call(AggCall{New: newSum, Traits: sum, Filter: 3}),
			call(AggCall{New: newSum, Traits: sum, Filter: -1, Distinct: true}),
			call(AggCall{New: newMax(types.TInt8), Traits: ext, Filter: -1}),
			call(AggCall{New: newMax(types.TInt8), Traits: ext, Filter: 3}),
			call(AggCall{New: newList, Traits: funcs.AggTraits{Ordered: true}, Filter: -1, Ret: types.TText,
				OrderBy: []AggOrder{{Col: 2, Type: types.TInt8, Desc: true}}}),
			call(AggCall{New: newList, Traits: funcs.AggTraits{Ordered: true}, Filter: 3, Ret: types.TText, Distinct: true}),
		},
	}
}

// modelAggregate computes what testSpec asks for, naively. Group keys of the test
// have one image each.
func modelAggregate(rows []testRow, counts []int64, global bool) bag {
	out := bag{}
	groups := map[string][]testRow{}
	if global {
		groups[""] = nil
	}
	for i, r := range rows {
		key := rowText(vectorsOf(testTypes[:2], [][]types.Datum{{r.key, r.name}}), 0)
		if global {
			key = ""
		}
		for range counts[i] {
			groups[key] = append(groups[key], r)
		}
	}
	for key, g := range groups {
		var cells []string
		failed := false
		if key != "" {
			cells = append(cells, key)
		}
		cells = append(cells, fmt.Sprint(types.NewInt(int64(len(g)))))
		for _, text := range []string{modelSum(g, false, false), modelSum(g, true, false), modelSum(g, false, true)} {
			failed = failed || text == fmt.Sprint(types.NewInt(13))
			cells = append(cells, text)
		}
		cells = append(cells, modelMax(g, false), modelMax(g, true), modelList(g, false, true), modelList(g, true, false))
		if failed {
			out.bad(errThirteen, 1)
		} else {
			out.add(strings.Join(cells, " | "), 1)
		}
	}
	return out
}

func modelVals(g []testRow, filter bool) []types.Datum {
	var out []types.Datum
	for _, r := range g {
		if !filter || !r.filter.IsNull() && r.filter.Bool() {
			out = append(out, r.val)
		}
	}
	return out
}

func modelSum(g []testRow, filter, distinct bool) string {
	sum, n, seen := int64(0), 0, map[int64]bool{}
	for _, v := range modelVals(g, filter) {
		if v.IsNull() || distinct && seen[v.Int()] {
			continue
		}
		seen[v.Int()] = true
		sum += v.Int()
		n++
	}
	if n == 0 {
		return "NULL"
	}
	return fmt.Sprint(types.NewInt(sum))
}

func modelMax(g []testRow, filter bool) string {
	best := types.Null
	for _, v := range modelVals(g, filter) {
		if !v.IsNull() && (best.IsNull() || v.Int() > best.Int()) {
			best = v
		}
	}
	if best.IsNull() {
		return "NULL"
	}
	return fmt.Sprint(best)
}

func modelList(g []testRow, distinct, desc bool) string {
	vals := modelVals(g, distinct) // the distinct list has the filter in testSpec
	slices.SortStableFunc(vals, func(a, b types.Datum) int {
		c := types.TInt8.Compare(a, b)
		if desc && !a.IsNull() && !b.IsNull() {
			return -c
		}
		return c
	})
	var out []string
	for i, v := range vals {
		if !distinct || i == 0 || !v.SameImage(vals[i-1]) {
			out = append(out, fmt.Sprint(v))
		}
	}
	return strings.Join(out, ",")
}

func vectorsOf(ts []*types.Type, rows [][]types.Datum) []vec.Vec {
	cols := make([]vec.Vec, len(ts))
	for c, t := range ts {
		cols[c].Reset(t.Kind, 0)
		for _, r := range rows {
			cols[c].AppendDatum(r[c])
		}
	}
	return cols
}

// What an Aggregate has emitted adds up, after every flush, to the aggregates of
// the rows it has been pushed; in batch, one flush gives them.
func TestAggregateAgainstModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		mode := rapid.SampledFrom([]AggMode{AggDelta, AggAppend, AggBatch}).Draw(r, "mode")
		global := rapid.Bool().Draw(r, "global")
		got := bag{}
		spec := testSpec(mode, got.bad)
		if global {
			spec.Keys, spec.KeyTypes, spec.Pinned = nil, nil, [][]types.Datum{{}}
		}
		a, err := NewAggregate(spec)
		if err != nil {
			r.Fatal(err)
		}
		var rows []testRow
		var counts []int64
		ctx := context.Background()
		pages := pageStore{}
		for range rapid.IntRange(0, 5).Draw(r, "steps") {
			for range rapid.IntRange(0, 3).Draw(r, "pushes") {
				var batch [][]types.Datum
				var w []int64
				for range rapid.SampledFrom([]int{1, 2, 3, 40}).Draw(r, "n") {
					if mode == AggDelta && len(rows) > 0 && rapid.Bool().Draw(r, "remove") {
						if i := rapid.IntRange(0, len(rows)-1).Draw(r, "which"); counts[i] > 0 {
							counts[i]--
							batch, w = append(batch, rows[i].datums()), append(w, -1)
							continue
						}
					}
					row, k := drawRow(r), int64(rapid.IntRange(1, 2).Draw(r, "w"))
					rows, counts = append(rows, row), append(counts, k)
					batch, w = append(batch, row.datums()), append(w, k)
				}
				if err := a.Push(ctx, 0, makeBatch(drawn(r), testTypes, batch, w), got.emit); err != nil {
					r.Fatal(err)
				}
			}
			if mode != AggBatch {
				flushAndCompare(r, a, got, modelAggregate(rows, counts, global))
				if rapid.IntRange(0, 2).Draw(r, "checkpoint") == 0 {
					a = pages.checkpoint(r, a, func() Stateful { return mustAggregate(r, spec) }).(*Aggregate)
				}
			}
		}
		if mode == AggBatch {
			flushAndCompare(r, a, got, modelAggregate(rows, counts, global))
		}
	})
}

func flushAndCompare(r *rapid.T, a *Aggregate, got, want bag) {
	if err := a.Flush(context.Background(), got.emit); err != nil {
		r.Fatal(err)
	}
	if got.String() != want.String() {
		r.Fatalf("got\n%s\nwant\n%s", got, want)
	}
}

// Partial results of parts of the rows, merged, are the results of all rows.
func TestAggregatePartials(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		ctx := context.Background()
		got := bag{}
		spec := testSpec(AggBatch, got.bad)
		spec.Calls = []AggCall{spec.Calls[0], spec.Calls[1], spec.Calls[2], spec.Calls[4], spec.Calls[5]}
		all, parts := mustAggregate(r, spec), []*Aggregate{mustAggregate(r, spec), mustAggregate(r, spec)}
		for range rapid.IntRange(0, 4).Draw(r, "batches") {
			var rows [][]types.Datum
			var w []int64
			for range rapid.SampledFrom([]int{1, 3, 40}).Draw(r, "n") {
				rows, w = append(rows, drawRow(r).datums()), append(w, 1)
			}
			p := parts[rapid.IntRange(0, 1).Draw(r, "part")]
			b := makeBatch(drawn(r), testTypes, rows, w)
			if err := all.Push(ctx, 0, b, nil); err != nil {
				r.Fatal(err)
			}
			if err := p.Push(ctx, 0, b, nil); err != nil {
				r.Fatal(err)
			}
		}
		sum := mustAggregate(r, spec)
		for _, p := range parts {
			if err := sum.Absorb(ctx, p); err != nil {
				r.Fatal(err)
			}
			if err := p.Reset(); err != nil || p.Groups() != 0 {
				r.Fatalf("%d groups after Reset, %v", p.Groups(), err)
			}
		}
		want := bag{}
		if err := all.Flush(ctx, want.emit); err != nil {
			r.Fatal(err)
		}
		wantBad := got.String()
		clear(got)
		if err := sum.Flush(ctx, got.emit); err != nil {
			r.Fatal(err)
		}
		errs := bag{}
		for row, w := range got {
			if strings.HasPrefix(row, "error") {
				errs[row] = w
				delete(got, row)
			}
		}
		if got.String() != want.String() || errs.String() != wantBad {
			r.Fatalf("got\n%s\n%s\nwant\n%s\n%s", got, errs, want, wantBad)
		}
	})
}

func mustAggregate(r *rapid.T, spec AggSpec) *Aggregate {
	a, err := NewAggregate(spec)
	if err != nil {
		r.Fatal(err)
	}
	return a
}
