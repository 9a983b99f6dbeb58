package exec

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

// testRels are relations of rows in memory; value 0 of a row is its id. Batches
// are of a given size, with places in between that do not count.
type testRels struct {
	defs  map[catalog.OID]*catalog.Relation
	rows  map[catalog.OID][]row
	size  int
	holes bool
	parts int
	mark  int64        // the watermark
	scans atomic.Int32 // still open
}

func newTestRels(size int, holes bool) *testRels {
	return &testRels{defs: map[catalog.OID]*catalog.Relation{}, rows: map[catalog.OID][]row{}, size: size, holes: holes, parts: 1, mark: window.NoTime}
}

// add makes a relation.
func (t *testRels) add(oid catalog.OID, ts []*types.Type, rows []row) *catalog.Relation {
	rel := &catalog.Relation{OID: oid, Kind: catalog.Table}
	for _, typ := range ts {
		rel.Columns = append(rel.Columns, catalog.Column{Type: typ})
	}
	t.defs[oid] = rel
	for i, r := range rows {
		t.rows[oid] = append(t.rows[oid], append(row{types.NewInt(int64(i))}, r...))
	}
	return rel
}

// scan makes a Scan of all columns under new ids.
func scanOf(m *plan.Meta, rel *catalog.Relation) *plan.Scan {
	s := &plan.Scan{Rel: rel}
	for i, c := range rel.Columns {
		s.Cols = append(s.Cols, m.Add(plan.ColInfo{Type: c.Type, Mod: types.NoMod}))
		s.Attrs = append(s.Attrs, int16(i+1))
	}
	return s
}

func (t *testRels) Parts(s *plan.Scan, _ *ScanRequest) int {
	return min(t.parts, max(1, len(t.rows[s.Rel.OID])))
}

func (t *testRels) Scan(ctx context.Context, s *plan.Scan, req *ScanRequest) (vec.Source, error) {
	rows := t.rows[s.Rel.OID]
	n := len(rows)
	t.scans.Add(1)
	rows = sifted(ctx, s, req.Sifts, rows[n*req.Part/req.Parts:n*(req.Part+1)/req.Parts])
	return &testScan{t: t, rel: s.Rel, attrs: s.Attrs, rows: rows}, nil
}

// sifted takes the advice of sifts, to the letter.
func sifted(ctx context.Context, s *plan.Scan, sifts []Sift, rows []row) []row {
	for _, x := range sifts {
		var v vec.Vec
		v.Reset(attrType(s.Rel, s.Attrs[x.Col]).Kind, 0)
		for _, r := range rows {
			v.AppendDatum(r[s.Attrs[x.Col]])
		}
		var keep []row
		for _, i := range x.Select(ctx, &v, nil) {
			keep = append(keep, rows[i])
		}
		rows = keep
	}
	return rows
}

func (t *testRels) Watermark([]catalog.OID) int64 { return t.mark }

func (t *testRels) Lock(_ context.Context, _ *plan.LockRows, _ int, ids []int64) ([]int32, error) {
	var keep []int32
	for i, id := range ids {
		if id%2 == 0 {
			keep = append(keep, int32(i))
		}
	}
	return keep, nil
}

type testScan struct {
	t     *testRels
	rel   *catalog.Relation
	attrs []int16
	rows  []row
	buf   vec.Batch
}

func (s *testScan) Next(_ context.Context, out *vec.Batch) error {
	n := min(s.t.size, len(s.rows))
	for c := range s.buf.Cols { // what was lent is void now
		poison(&s.buf.Cols[c])
	}
	s.buf = vec.Batch{Cols: make([]vec.Vec, len(s.attrs))}
	for c, a := range s.attrs {
		s.buf.Cols[c].Reset(attrType(s.rel, a).Kind, 0)
	}
	places := 0
	put := func(r row) {
		for c, a := range s.attrs {
			s.buf.Cols[c].AppendDatum(r[a])
		}
		places++
	}
	for i := range n {
		if s.t.holes && i%3 == 0 {
			put(s.rows[(i+1)%n])
		}
		if s.t.holes {
			s.buf.Sel = append(s.buf.Sel, int32(places))
		}
		put(s.rows[i])
	}
	if s.t.holes && n > 0 {
		put(s.rows[0])
	}
	s.buf.N = n
	s.rows = s.rows[n:]
	*out = s.buf
	return nil
}

func (s *testScan) Close() error {
	s.t.scans.Add(-1)
	return nil
}

// poison overwrites values that nobody may look at any more.
func poison(v *vec.Vec) {
	for i := range v.Ints {
		v.Ints[i] = -987654321
	}
	for i := range v.Strs {
		v.Strs[i] = "poison"
	}
	for i := range v.Bools {
		v.Bools[i] = !v.Bools[i]
	}
	for i := range v.Floats {
		v.Floats[i] = -987654321
	}
}

func (t *testRels) Lookup(_ context.Context, s *plan.Scan, keys []vec.Vec, n int) (Found, error) {
	f := &testFound{scan: testScan{t: t, rel: s.Rel, attrs: s.Attrs}}
	def := t.defs[s.Index.Index.OID].Index
	for i := range n {
		for _, r := range t.rows[s.Rel.OID] {
			if slices.ContainsFunc(seq(len(keys)), func(k int) bool {
				d, at := keys[k].Datum(i), def.Keys[k].Column
				return d.IsNull() || r[at].IsNull() || attrType(s.Rel, at).Compare(d, r[at]) != 0
			}) {
				continue
			}
			f.scan.rows, f.keys = append(f.scan.rows, r), append(f.keys, int32(i))
		}
	}
	t.scans.Add(1)
	return f, nil
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

type testFound struct {
	scan testScan
	keys []int32
}

func (f *testFound) Next(ctx context.Context, out *vec.Batch) ([]int32, error) {
	err := f.scan.Next(ctx, out)
	keys := f.keys[:out.N]
	f.keys = f.keys[out.N:]
	return keys, err
}

func (f *testFound) Close() error { return f.scan.Close() }
