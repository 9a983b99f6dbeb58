package plantest

import (
	"context"
	"fmt"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

// relations are the database as plans read it. Indexes are made up when they are
// read: the rows in the order of the keys, those outside of the bounds left out.
type relations struct{ d *DB }

// Parts implements exec.Relations.
func (r relations) Parts(*plan.Scan, *exec.ScanRequest) int { return 1 }

// Watermark implements exec.Relations.
func (r relations) Watermark([]catalog.OID) int64 { return window.NoTime }

// Lock implements exec.Relations.
func (r relations) Lock(_ context.Context, _ *plan.LockRows, _ int, ids []int64) ([]int32, error) {
	out := make([]int32, len(ids))
	for i := range ids {
		out[i] = int32(i)
	}
	return out, nil
}

// Scan implements exec.Relations.
func (r relations) Scan(ctx context.Context, s *plan.Scan, req *exec.ScanRequest) (vec.Source, error) {
	if s.Rel.Batches != nil {
		return r.virtual(ctx, s)
	}
	rows := r.d.numbered(s.Rel.OID)
	if s.Index != nil {
		var err error
		if rows, err = r.indexRows(s, req); err != nil {
			return nil, err
		}
	}
	return &source{scan: s, rows: rows}, nil
}

// stored is a row with its number.
type stored struct {
	id  int64
	row []types.Datum
}

func (d *DB) numbered(oid OID) []stored {
	out := make([]stored, len(d.rows[oid]))
	for i, r := range d.rows[oid] {
		out[i] = stored{int64(i), r}
	}
	return out
}

// keyed is a row with its keys in an index.
type keyed struct {
	stored
	keys []types.Datum
}

// indexKeys is the shape of an index's keys: their types and definitions.
type indexKeys struct {
	defs []catalog.IndexKey
	ts   []*types.Type
}

// entries gives all rows with their keys.
func (r relations) entries(s *plan.Scan) ([]keyed, *indexKeys, error) {
	x := s.Index.Index.Index
	k := &indexKeys{defs: x.Keys[:x.NKeys]}
	var out []keyed
	for _, row := range r.d.numbered(s.Rel.OID) {
		out = append(out, keyed{stored: row})
	}
	for _, def := range k.defs {
		if def.Column != 0 {
			k.ts = append(k.ts, s.Rel.Columns[def.Column-1].Type)
			for i := range out {
				out[i].keys = append(out[i].keys, out[i].row[def.Column-1])
			}
			continue
		}
		vals, t, err := r.d.overRows(s.Rel, def.Expr)
		if err != nil {
			return nil, nil, err
		}
		k.ts = append(k.ts, t)
		for i := range out {
			out[i].keys = append(out[i].keys, vals[i])
		}
	}
	return out, k, nil
}

// overRows computes a stored expression over all rows of a relation.
func (d *DB) overRows(rel *catalog.Relation, text string) ([]types.Datum, *types.Type, error) {
	ctx := d.Context()
	e, err := ctx.ParseExpr(text)
	if err != nil {
		return nil, nil, err
	}
	row, err := planner.BindRow(ctx, e, rel, planner.RowIndex)
	if err != nil {
		return nil, nil, err
	}
	scan := &plan.Scan{Rel: rel, Cols: row.Cols}
	for i := range row.Cols {
		scan.Attrs = append(scan.Attrs, int16(i+1))
	}
	id := row.Meta.Add(plan.ColInfo{Type: row.X.Type(), Mod: types.NoMod})
	rows, err := d.run(&plan.Project{In: scan, Vals: []plan.Expr{row.X}, Cols: []plan.ColID{id}}, []plan.ColID{id})
	var out []types.Datum
	for _, r := range rows {
		out = append(out, r[0])
	}
	return out, row.X.Type(), err
}

// indexRows gives the rows that an index has within the request, in its order.
func (r relations) indexRows(s *plan.Scan, req *exec.ScanRequest) ([]stored, error) {
	all, k, err := r.entries(s)
	if err != nil {
		return nil, err
	}
	return k.find(s, all, req), nil
}

func (k *indexKeys) find(s *plan.Scan, all []keyed, req *exec.ScanRequest) []stored {
	var in []keyed
	for _, row := range all {
		if k.within(s, row.keys, req) {
			in = append(in, row)
		}
	}
	slices.SortStableFunc(in, func(a, b keyed) int {
		for i := range k.defs {
			if c := k.compare(i, a.keys[i], b.keys[i]); c != 0 {
				return c
			}
		}
		return 0
	})
	if s.Index.Desc {
		slices.Reverse(in)
	}
	out := make([]stored, len(in))
	for i := range in {
		out[i] = in[i].stored
	}
	return out
}

func (k *indexKeys) compare(i int, x, y types.Datum) int {
	switch {
	case x.IsNull() && y.IsNull():
		return 0
	case x.IsNull() || y.IsNull():
		if x.IsNull() == k.defs[i].NullsFirst {
			return -1
		}
		return 1
	}
	c := k.ts[i].Compare(x, y)
	if k.defs[i].Desc {
		return -c
	}
	return c
}

func (k *indexKeys) within(s *plan.Scan, keys []types.Datum, req *exec.ScanRequest) bool {
	at := 0
	value := func() (types.Datum, *types.Type) {
		at++
		return keys[at-1], k.ts[at-1]
	}
	if s.Index.In != nil {
		v, t := value()
		if v.IsNull() || !slices.ContainsFunc(req.In, func(x types.Datum) bool { return t.Compare(v, x) == 0 }) {
			return false
		}
	}
	for _, eq := range req.Eq {
		if v, t := value(); v.IsNull() || t.Compare(v, eq) != 0 {
			return false
		}
	}
	if !req.Key.HasLo && !req.Key.HasHi {
		return true
	}
	v, t := value()
	if v.IsNull() {
		return false
	}
	if req.Key.HasLo {
		if c := t.Compare(v, req.Key.Lo); c < 0 || c == 0 && req.Key.LoOpen {
			return false
		}
	}
	if req.Key.HasHi {
		if c := t.Compare(v, req.Key.Hi); c > 0 || c == 0 && req.Key.HiOpen {
			return false
		}
	}
	return true
}

// Lookup implements exec.Relations.
func (r relations) Lookup(_ context.Context, s *plan.Scan, keys []vec.Vec, n int) (exec.Found, error) {
	out := &found{source: source{scan: s}}
	all, k, err := r.entries(s)
	if err != nil {
		return nil, err
	}
	for i := range n {
		req := &exec.ScanRequest{}
		null := false
		for c := range keys {
			v := keys[c].Datum(i)
			null = null || v.IsNull()
			req.Eq = append(req.Eq, kept(v))
		}
		if null {
			continue
		}
		for _, row := range k.find(s, all, req) {
			out.rows, out.keys = append(out.rows, row), append(out.keys, int32(i))
		}
	}
	return out, nil
}

// source gives rows as batches.
type source struct {
	scan *plan.Scan
	rows []stored
	at   int
}

// Next implements vec.Source.
func (s *source) Next(_ context.Context, out *vec.Batch) error {
	n := min(vec.Size, len(s.rows)-s.at)
	*out = vec.Batch{Cols: make([]vec.Vec, len(s.scan.Attrs)), N: n}
	for c, a := range s.scan.Attrs {
		kind, value := column(s.scan.Rel, a)
		out.Cols[c].Reset(kind, 0)
		for _, r := range s.rows[s.at : s.at+n] {
			out.Cols[c].AppendDatum(value(r))
		}
	}
	s.at += n
	return nil
}

// Close implements vec.Source.
func (s *source) Close() error { return nil }

func column(rel *catalog.Relation, attr int16) (types.Kind, func(stored) types.Datum) {
	switch {
	case attr > 0:
		return rel.Columns[attr-1].Type.Kind, func(s stored) types.Datum { return s.row[attr-1] }
	case attr == plan.AttrRowID:
		return types.Int, func(s stored) types.Datum { return types.NewInt(s.id) }
	case attr == plan.AttrTableOID:
		return types.Int, func(stored) types.Datum { return types.NewInt(int64(rel.OID)) }
	}
	// The rest is as of rows that one transaction has written: ctid tells them apart.
	t := map[int16]*types.Type{plan.AttrCtid: types.TTid, plan.AttrXmin: types.TXid, plan.AttrXmax: types.TXid, plan.AttrCmin: types.TCid, plan.AttrCmax: types.TCid}[attr]
	return t.Kind, func(s stored) types.Datum {
		text := "0"
		if attr == plan.AttrCtid {
			text = fmt.Sprintf("(0,%d)", s.id+1)
		}
		v, err := t.In(types.DefaultEnv, text, types.NoMod)
		if err != nil {
			panic(err)
		}
		return v
	}
}

// found gives the rows of a look-up.
type found struct {
	source
	keys []int32
}

// Next implements exec.Found.
func (f *found) Next(ctx context.Context, out *vec.Batch) ([]int32, error) {
	from := f.at
	err := f.source.Next(ctx, out)
	return f.keys[from:f.at], err
}

// virtual reads a system relation.
func (r relations) virtual(ctx context.Context, s *plan.Scan) (vec.Source, error) {
	batches, err := s.Rel.Batches(ctx, r.d.sys)
	if err != nil {
		return nil, err
	}
	return &batchSource{scan: s, batches: batches}, nil
}

type batchSource struct {
	scan    *plan.Scan
	batches []*vec.Batch
}

// Next implements vec.Source.
func (s *batchSource) Next(_ context.Context, out *vec.Batch) error {
	*out = vec.Batch{Cols: make([]vec.Vec, len(s.scan.Attrs))}
	for len(s.batches) > 0 && out.N == 0 {
		b := s.batches[0]
		s.batches = s.batches[1:]
		out.N = b.N
		for c, a := range s.scan.Attrs {
			if a > 0 {
				out.Cols[c] = b.Cols[a-1]
				continue
			}
			out.Cols[c].Reset(types.Int, 0)
			for i := range b.N {
				v := int64(i)
				if a == plan.AttrTableOID {
					v = int64(s.scan.Rel.OID)
				}
				out.Cols[c].AppendDatum(types.NewInt(v))
			}
		}
	}
	return nil
}

// Close implements vec.Source.
func (s *batchSource) Close() error { return nil }
