package rel

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

// check checks every version that is kept.
func (m *machine) check(t *rapid.T) {
	for i, v := range m.versions {
		v.check(t)
		for _, prev := range m.versions[:i] {
			v.checkSince(t, prev)
		}
	}
}

func (v version) check(t *rapid.T) {
	if v.r.Rows() != int64(len(v.m.rows)) || v.r.NextID() != v.m.next {
		t.Fatalf("%d rows, next %d; want %d, %d", v.r.Rows(), v.r.NextID(), len(v.m.rows), v.m.next)
	}
	var cols []int
	for c := range v.m.schema.Cols {
		if !v.m.schema.Cols[c].Dropped {
			cols = append(cols, c)
		}
	}
	cols = append(cols, cols[0]) // a column twice
	ids := v.m.ids()
	v.checkRows(t, v.scan(t, ScanSpec{Cols: cols, WithRowID: true}), cols, ids)
	parts := rapid.IntRange(2, 4).Draw(t, "parts")
	var all []row
	for p := range parts {
		all = append(all, v.scan(t, ScanSpec{Cols: cols[:1], WithRowID: true, Part: p, Parts: parts})...)
	}
	v.checkRows(t, all, cols[:1], ids)
	from := rapid.Uint64Range(0, v.m.next).Draw(t, "from id")
	at, _ := slices.BinarySearch(ids, from)
	v.checkRows(t, v.scan(t, ScanSpec{Cols: cols[:2], WithRowID: true, From: from}), cols[:2], ids[at:])
	v.checkPreds(t)
	v.checkSifts(t)
	v.checkGet(t)
	v.checkIndexes(t)
	v.checkStats(t)
}

type row struct {
	id   uint64
	vals []types.Datum
}

func (v version) scan(t *rapid.T, spec ScanSpec) (out []row) {
	src := v.r.Scan(spec)
	defer src.Close()
	var b vec.Batch
	for {
		if err := src.Next(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		if b.N == 0 {
			return out
		}
		if b.N > vec.Size || b.Weights != nil {
			t.Fatalf("batch of %d rows, weights %v", b.N, b.Weights)
		}
		for i := range b.N {
			p := b.Row(i)
			r := row{}
			if spec.WithRowID {
				r.id = uint64(b.Cols[len(spec.Cols)].Ints[p])
			}
			for c := range spec.Cols {
				r.vals = append(r.vals, b.Cols[c].Datum(p))
			}
			out = append(out, r)
		}
	}
}

func (v version) checkRows(t *rapid.T, got []row, cols []int, ids []uint64) {
	if len(got) != len(ids) {
		t.Fatalf("%d rows, want %d", len(got), len(ids))
	}
	for i, r := range got {
		if r.id != ids[i] {
			t.Fatalf("row %d has id %d, want %d", i, r.id, ids[i])
		}
		for k, c := range cols {
			if want := v.m.rows[r.id][c]; !r.vals[k].SameImage(want) {
				t.Fatalf("row %d, column %d is %v, want %v", r.id, c, r.vals[k], want)
			}
		}
	}
}

// checkPreds scans with a predicate: every row that satisfies it must be there,
// and every row that is there must be one.
func (v version) checkPreds(t *rapid.T) {
	c := rapid.IntRange(0, 3).Draw(t, "pred")
	pred := ColRange{Col: c}
	kind := testSchema.Cols[c].Kind
	if rapid.Bool().Draw(t, "lo") {
		pred.Lo = genDatum(t, kind)
	}
	if rapid.Bool().Draw(t, "hi") {
		pred.Hi = genDatum(t, kind)
	}
	if kind == types.Int && rapid.Bool().Draw(t, "far") {
		pred.Lo = types.NewInt(rapid.Int64Range(0, 5000).Draw(t, "bound"))
	}
	got := map[uint64]bool{}
	for _, r := range v.scan(t, ScanSpec{Cols: []int{c}, WithRowID: true, Preds: []ColRange{pred}}) {
		got[r.id] = true
		if want, ok := v.m.rows[r.id]; !ok || !r.vals[0].SameImage(want[c]) {
			t.Fatalf("row %d is not there, or not so", r.id)
		}
	}
	typ := []*types.Type{types.TInt8, types.TFloat8, types.TBytea, types.TNumeric}[c]
	for id, r := range v.m.rows {
		d := r[c]
		if d.IsNull() || !pred.Lo.IsNull() && typ.Compare(d, pred.Lo) < 0 || !pred.Hi.IsNull() && typ.Compare(d, pred.Hi) > 0 {
			continue
		}
		if !got[id] {
			t.Fatalf("row %d with %v is left out between %v and %v", id, d, pred.Lo, pred.Hi)
		}
	}
}

// checkSifts scans by columns whose values are in sets: every row that passes must
// be there, and every row that is there must be one.
func (v version) checkSifts(t *rapid.T) {
	sets := map[int][]types.Datum{}
	passes := func(c int, d types.Datum) bool {
		return !d.IsNull() && slices.ContainsFunc(sets[c], d.SameImage)
	}
	spec := ScanSpec{Cols: []int{0, 1, 2, 3}, WithRowID: rapid.Bool().Draw(t, "with ids")}
	ids := v.m.ids()
	for _, c := range rapid.SliceOfNDistinct(rapid.IntRange(0, 3), 1, 2, rapid.ID).Draw(t, "sifted") {
		for range min(3, len(ids)) {
			id := ids[rapid.IntRange(0, len(ids)-1).Draw(t, "wanted")]
			sets[c] = append(sets[c], v.m.rows[id][c])
		}
		spec.Sifts = append(spec.Sifts, Sift{Col: c, Select: func(_ context.Context, col *vec.Vec, sel []int32) []int32 {
			sel = sel[:0]
			for i := range col.Len() {
				if passes(c, col.Datum(i)) {
					sel = append(sel, int32(i))
				}
			}
			return sel
		}})
	}
	count := func(vals []types.Datum) int {
		for _, x := range spec.Sifts {
			if !passes(x.Col, vals[x.Col]) {
				return 0
			}
		}
		return 1
	}
	got, want := 0, 0
	for _, r := range v.scan(t, spec) {
		if spec.WithRowID {
			v.checkRows(t, []row{r}, spec.Cols, []uint64{r.id})
		}
		got += count(r.vals)
	}
	for _, id := range ids {
		want += count(v.m.rows[id])
	}
	if got != want {
		t.Fatalf("%d rows pass, want %d", got, want)
	}
}

// checkGet fetches rows by id, some of which are not there.
func (v version) checkGet(t *rapid.T) {
	ids := v.m.ids()
	var ask []uint64
	for range rapid.IntRange(0, 20).Draw(t, "gets") {
		if len(ids) > 0 && rapid.IntRange(0, 5).Draw(t, "there") > 0 {
			ask = append(ask, rapid.SampledFrom(ids).Draw(t, "id"))
		} else {
			ask = append(ask, rapid.Uint64Range(0, v.m.next+2).Draw(t, "id"))
		}
	}
	if rapid.Bool().Draw(t, "sorted") {
		slices.Sort(ask)
	}
	cols := []int{2, 0, 3}
	if n := len(v.m.schema.Cols) - 1; !v.m.schema.Cols[n].Dropped {
		cols = append(cols, n)
	}
	var out vec.Batch
	kept, err := v.r.Get(ask, cols, &out)
	if err != nil {
		t.Fatal(err)
	}
	k := 0
	for i, id := range ask {
		want, ok := v.m.rows[id]
		if ok != v.r.Visible(id) {
			t.Fatalf("row %d is visible: %v", id, !ok)
		}
		if !ok {
			continue
		}
		if kept != nil && int(kept[k]) != i {
			t.Fatalf("kept %v, want %d", kept, i)
		}
		for c := range cols {
			if !out.Cols[c].Datum(k).SameImage(want[cols[c]]) {
				t.Fatalf("row %d, column %d is %v, want %v", id, cols[c], out.Cols[c].Datum(k), want[cols[c]])
			}
		}
		k++
	}
	if out.N != k || kept == nil && k != len(ask) || kept != nil && len(kept) != k {
		t.Fatalf("%d rows, want %d", out.N, k)
	}
}

type modelEntry struct {
	key string
	id  uint64
}

// checkIndexes checks look-ups and ranges of every index that is not being
// built.
func (v version) checkIndexes(t *rapid.T) {
	for x, def := range v.m.schema.Indexes {
		if def.Dropped || def.Building {
			continue
		}
		var all []modelEntry
		for id, row := range v.m.rows {
			if k := testKey(v.m, x, row); len(k) > 0 {
				all = append(all, modelEntry{string(k), id})
			}
		}
		slices.SortFunc(all, func(a, b modelEntry) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id)) })
		v.checkLookup(t, x, all)
		v.checkRange(t, x, all)
	}
}

func genKey(t *rapid.T, x int, all []modelEntry) []byte {
	if len(all) > 0 && rapid.IntRange(0, 3).Draw(t, "hit") > 0 {
		return []byte(rapid.SampledFrom(all).Draw(t, "key").key)
	}
	return testKey(nil, x, []types.Datum{types.NewInt(int64(rapid.IntRange(-40, 5000).Draw(t, "n"))), types.Null, types.NewString("s7x")})
}

func (v version) checkLookup(t *rapid.T, x int, all []modelEntry) {
	keys := new(Keys)
	for range rapid.IntRange(1, 12).Draw(t, "keys") {
		keys.Append(genKey(t, x, all))
	}
	keys.Append(nil)
	var got []modelEntry
	if err := v.r.LookupMany(x, keys, func(i int, id uint64) { got = append(got, modelEntry{fmt.Sprint(i), id}) }); err != nil {
		t.Fatal(err)
	}
	var want []modelEntry
	for i := range keys.Len() {
		var ids []uint64
		for _, e := range all {
			if e.key == string(keys.Key(i)) {
				want = append(want, modelEntry{fmt.Sprint(i), e.id})
				ids = append(ids, e.id)
			}
		}
		var single []uint64
		if err := v.r.Lookup(x, keys.Key(i), func(id uint64) bool { single = append(single, id); return true }); err != nil {
			t.Fatal(err)
		}
		slices.Sort(single)
		if !slices.Equal(single, ids) {
			t.Fatalf("key %x: rows %v, want %v", keys.Key(i), single, ids)
		}
	}
	byID := func(a, b modelEntry) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id)) }
	slices.SortFunc(got, byID)
	slices.SortFunc(want, byID)
	if !slices.Equal(got, want) {
		t.Fatalf("index %d: %v, want %v", x, got, want)
	}
}

func (v version) checkRange(t *rapid.T, x int, all []modelEntry) {
	var lo, hi []byte
	if rapid.Bool().Draw(t, "lo") {
		lo = genKey(t, x, all)
	}
	if rapid.Bool().Draw(t, "hi") {
		hi = genKey(t, x, all)
	}
	desc := rapid.Bool().Draw(t, "desc")
	limit := rapid.SampledFrom([]int{1, 5, 100000}).Draw(t, "limit")
	var want, got []modelEntry
	for _, e := range all {
		if (lo == nil || e.key >= string(lo)) && (hi == nil || e.key < string(hi)) {
			want = append(want, e)
		}
	}
	if desc {
		slices.Reverse(want)
	}
	want = want[:min(limit, len(want))]
	err := v.r.Range(x, lo, hi, desc, func(key []byte, id uint64) bool {
		got = append(got, modelEntry{string(key), id})
		return len(got) < limit
	})
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("range %x … %x, desc %v: %d entries, want %d (%v)", lo, hi, desc, len(got), len(want), err)
	}
}

func (v version) checkStats(t *rapid.T) {
	st, err := v.r.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if st.Rows != int64(len(v.m.rows)) {
		t.Fatalf("%d rows in the statistics, want %d", st.Rows, len(v.m.rows))
	}
	ints := st.Cols[0]
	distinct := map[int64]bool{}
	for _, row := range v.m.rows {
		if row[0].IsNull() {
			continue
		}
		x := row[0].Int()
		distinct[x] = true
		if !ints.Known || x < ints.Min.Int() || x > ints.Max.Int() {
			t.Fatalf("%d is not between %v and %v", x, ints.Min, ints.Max)
		}
	}
	if n := float64(len(distinct)); ints.Distinct < n*0.8-1 {
		t.Fatalf("%.1f distinct values are estimated, there are %v", ints.Distinct, n)
	}
}

// checkSince checks what has changed since an earlier version.
func (v version) checkSince(t *rapid.T, prev version) {
	var want []uint64
	for _, id := range prev.m.ids() {
		if _, ok := v.m.rows[id]; !ok {
			want = append(want, id)
		}
	}
	if got := v.r.GoneSince(prev.r); !slices.Equal(got, want) {
		t.Fatalf("%d rows are gone, want %d", len(got), len(want))
	}
}
