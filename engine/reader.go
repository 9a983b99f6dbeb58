package engine

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
	"github.com/streamsqld/streamsqld/window"
)

// reader is what one statement reads: a version, and what its transaction has
// written itself. It implements exec.Relations. It is made per statement and does
// not change while the statement runs, so several goroutines may read.
type reader struct {
	e *Engine
	v *Version
	t *tx
	// cat is the catalogue as the statement sees it.
	cat *catalog.Snapshot
	sys *catalog.Context
	// own are the transaction's rows of the relations it wrote to, as they were when
	// the statement began.
	own map[OID]*ownRows
	// old is a relation that is seen in its former definition; nil: none.
	old *catalog.Relation
}

// ownRows is what a transaction has written to one relation.
type ownRows struct {
	rows      *rel.Relation // added rows; nil: none
	gone      goneView
	truncated bool
	keys      *indexKeys
}

// reader makes the reader of a statement.
func (t *tx) reader() (*reader, error) { return t.readerOf(nil) }

// readerOf makes a reader that sees one relation in its former definition.
func (t *tx) readerOf(old *catalog.Relation) (*reader, error) {
	r := &reader{e: t.s.e, v: t.read, t: t, cat: t.catalog(), sys: t.s.systemContext(), old: old}
	for _, oid := range t.order {
		w := t.writes[oid]
		def := r.cat.RelationByOID(oid)
		if def == nil {
			continue
		}
		if old != nil && old.OID == oid {
			def = old
		}
		if def != w.rel {
			var err error
			if w, err = t.into(def); err != nil {
				return nil, err
			}
		}
		rows, err := w.rows(t.s.e.env, r.cat)
		if err != nil {
			return nil, err
		}
		if rows == nil && len(w.deleted) == 0 && !w.truncated {
			continue
		}
		if r.own == nil {
			r.own = map[OID]*ownRows{}
		}
		r.own[oid] = &ownRows{rows: rows, gone: w.gone.view(len(w.deleted)), truncated: w.truncated, keys: w.keys}
	}
	return r, nil
}

// live reads all rows of a relation, the live columns in order.
func (r *reader) live(ctx context.Context, def *catalog.Relation) (vec.Source, error) {
	return r.Scan(ctx, &plan.Scan{Rel: def, Attrs: r.e.def(def, r.cat).layout.attNums}, &exec.ScanRequest{Limit: -1})
}

// committed gives the stored rows of a relation, nil when it has none yet.
func (r *reader) committed(oid OID) *rel.Relation {
	s := r.v.relation(oid)
	if s == nil || s.rows == nil {
		return nil
	}
	def := r.cat.RelationByOID(oid)
	if r.old != nil && r.old.OID == oid {
		def = r.old // the new one has dropped slots that the old one reads
	}
	if def == nil || !def.Stored() || r.e.def(def, r.cat).layout.slots <= len(s.rows.Schema().Cols) {
		return s.rows
	}
	schema, err := storageSchema(def, r.cat)
	if err != nil {
		return s.rows
	}
	return s.rows.Under(schema.Cols)
}

// parallelRows is from how many rows on a scan is worth dividing.
const parallelRows = 128 << 10

// Parts implements exec.Relations.
func (r *reader) Parts(s *plan.Scan, req *exec.ScanRequest) int {
	if s.Index != nil || !s.Rel.Stored() || r.own[s.Rel.OID] != nil {
		return 1
	}
	var rows int64
	if s.Rel.Kind == catalog.MatView {
		if st := r.v.relation(s.Rel.OID); st != nil && st.view != nil {
			rows = st.view.Rows()
		}
	} else if c := r.committed(s.Rel.OID); c != nil {
		rows = c.Rows()
	}
	return int(min(max(rows/parallelRows, 1), 64))
}

// Watermark implements exec.Relations.
func (r *reader) Watermark(rels []OID) int64 {
	least := int64(math.MaxInt64)
	for _, oid := range rels {
		st := r.v.relation(oid)
		def := r.cat.RelationByOID(oid)
		w := window.NoTime
		switch {
		case st == nil || def == nil:
		case def.Kind == catalog.Stream && def.Stream.Time > 0:
			w = st.mark.Watermark(def.Stream.Rules)
		case def.Kind == catalog.MatView:
			w = st.mark.Floor
		}
		least = min(least, w)
	}
	return least
}

// columnsOf maps a scan's attributes to slots of storage: positions of the result
// that are no stored column are listed with what they are.
type columnMap struct {
	slots []int // distinct slots to read
	// from gives, per output column, its position among slots, or ^attr for others.
	from  []int
	attrs []int16
	id    bool // the row id is wanted
	oid   OID
}

func mapColumns(s *plan.Scan, slotOf func(attr int16) int) *columnMap {
	m := &columnMap{attrs: s.Attrs, oid: s.Rel.OID}
	at := map[int]int{}
	for _, a := range s.Attrs {
		if a <= 0 {
			m.id = m.id || a == plan.AttrRowID || a == plan.AttrCtid
			m.from = append(m.from, -1)
			continue
		}
		slot := slotOf(a)
		if _, ok := at[slot]; !ok {
			at[slot] = len(m.slots)
			m.slots = append(m.slots, slot)
		}
		m.from = append(m.from, at[slot])
	}
	return m
}

// fill makes out of a batch of the slots, the row ids being its last column when
// they were wanted.
func (m *columnMap) fill(in, out *vec.Batch, idBase uint64) {
	n := in.Len()
	if len(in.Cols) == 0 {
		n = in.N
		for _, row := range in.Sel { // the rows in between are there, too
			n = max(n, int(row)+1)
		}
	}
	cols := out.Cols[:0]
	if cap(cols) < len(m.from) {
		cols = make([]vec.Vec, 0, len(m.from))
	}
	for i, p := range m.from {
		if p >= 0 {
			cols = append(cols, in.Cols[p])
			continue
		}
		cols = append(cols, m.system(m.attrs[i], in, n, idBase))
	}
	out.Cols, out.Sel, out.N, out.Weights = cols, in.Sel, in.N, in.Weights
}

// system computes a system column.
func (m *columnMap) system(attr int16, in *vec.Batch, n int, idBase uint64) vec.Vec {
	var v vec.Vec
	switch attr {
	case plan.AttrRowID, plan.AttrCtid:
		ids := &in.Cols[len(m.slots)]
		v.Reset(types.Int, len(ids.Ints))
		for i, id := range ids.Ints {
			v.Ints[i] = id + int64(idBase)
		}
		if attr == plan.AttrCtid {
			for i, id := range v.Ints {
				v.Ints[i] = tid(id)
			}
		}
	case plan.AttrTableOID:
		v.Const(types.Int, types.NewInt(int64(m.oid)), n)
	case plan.AttrXmin:
		v.Const(types.Int, types.NewInt(firstXid), n)
	default:
		v.Const(types.Int, types.NewInt(0), n)
	}
	return v
}

// firstXid is the xmin of every row: the first number of a normal transaction.
const firstXid = 3

// rowsPerPage is how many rows a ctid counts as one block.
const rowsPerPage = 100

// tid shows a row id as PostgreSQL shows places of rows: (block, offset).
func tid(id int64) int64 { return id/rowsPerPage<<16 | (id%rowsPerPage + 1) }

// Scan implements exec.Relations.
func (r *reader) Scan(ctx context.Context, s *plan.Scan, req *exec.ScanRequest) (vec.Source, error) {
	if r.t.serial != nil {
		if err := r.noteRead(s.Rel.OID); err != nil {
			return nil, err
		}
	}
	switch s.Rel.Kind {
	case catalog.Virtual:
		return r.virtual(ctx, s)
	case catalog.MatView:
		return r.viewScan(ctx, s, req)
	case catalog.Sequence:
		return r.sequenceScan(s)
	}
	lay := r.e.def(s.Rel, r.cat).layout
	m := mapColumns(s, lay.slotOf)
	if s.Index != nil {
		return r.indexScan(s, req, m, lay)
	}
	own := r.own[s.Rel.OID]
	spec := rel.ScanSpec{Cols: m.slots, WithRowID: m.id || own != nil, Preds: ranges(s, req, lay), Sifts: sifts(s, req, lay), Part: req.Part, Parts: req.Parts}
	var parts []*part
	if c := r.committed(s.Rel.OID); c != nil && !(own != nil && own.truncated) {
		p := &part{src: c.Scan(spec), m: m}
		if own != nil {
			p.gone = own.gone
		}
		parts = append(parts, p)
	}
	if own != nil && own.rows != nil {
		spec.Part, spec.Parts = 0, 0
		parts = append(parts, &part{src: own.rows.Scan(spec), m: m, base: ownBase})
	}
	return &parted{parts: parts}, nil
}

// ranges turns a scan's bounds into what storage prunes by.
func ranges(s *plan.Scan, req *exec.ScanRequest, lay *layout) []rel.ColRange {
	var out []rel.ColRange
	for i, rg := range s.Ranges {
		if i >= len(req.Ranges) {
			break
		}
		b := req.Ranges[i]
		attr := attrOf(s, rg.Col)
		if attr <= 0 || !b.HasLo && !b.HasHi {
			continue
		}
		slot := lay.slotOf(attr)
		c := rel.ColRange{Col: slot}
		if b.HasLo && b.Lo.Kind() == lay.kinds[slot] {
			c.Lo = b.Lo
		}
		if b.HasHi && b.Hi.Kind() == lay.kinds[slot] {
			c.Hi = b.Hi
		}
		out = append(out, c)
	}
	return out
}

// sifts turns a scan's sifts into storage's.
func sifts(s *plan.Scan, req *exec.ScanRequest, lay *layout) []rel.Sift {
	var out []rel.Sift
	for _, x := range req.Sifts {
		if attr := s.Attrs[x.Col]; attr > 0 {
			out = append(out, rel.Sift{Col: lay.slotOf(attr), Select: x.Select})
		}
	}
	return out
}

func attrOf(s *plan.Scan, id plan.ColID) int16 {
	for i, c := range s.Cols {
		if c == id {
			return s.Attrs[i]
		}
	}
	return 0
}

// part is the committed rows of a scan, or the transaction's own.
type part struct {
	src  vec.Source
	m    *columnMap
	base uint64
	gone goneView
	in   vec.Batch
	sel  []int32
}

// Next implements vec.Source.
func (p *part) Next(ctx context.Context, out *vec.Batch) error {
	for {
		if err := p.src.Next(ctx, &p.in); err != nil {
			return err
		}
		if p.in.N == 0 {
			out.N = 0
			return nil
		}
		if p.gone.rows > 0 {
			p.dropGone()
			if p.in.N == 0 {
				continue
			}
		}
		p.m.fill(&p.in, out, p.base)
		return nil
	}
}

// dropGone leaves out the rows that the transaction has deleted.
func (p *part) dropGone() {
	ids := p.in.Cols[len(p.in.Cols)-1].Ints
	p.sel = p.gone.without(p.sel[:0], &p.in, ids)
	p.in.Sel, p.in.N = p.sel, len(p.sel)
}

// Close implements vec.Source.
func (p *part) Close() error { return p.src.Close() }

// parted gives the parts one after another.
type parted struct {
	parts []*part
	at    int
}

// Next implements vec.Source.
func (s *parted) Next(ctx context.Context, out *vec.Batch) error {
	for s.at < len(s.parts) {
		if err := s.parts[s.at].Next(ctx, out); err != nil || out.N > 0 {
			return err
		}
		s.at++
	}
	out.N = 0
	return nil
}

// Close implements vec.Source.
func (s *parted) Close() error {
	var err error
	for _, p := range s.parts {
		if e := p.Close(); err == nil {
			err = e
		}
	}
	return err
}

// viewScan reads the contents of a materialized view.
func (r *reader) viewScan(ctx context.Context, s *plan.Scan, req *exec.ScanRequest) (vec.Source, error) {
	st := r.v.relation(s.Rel.OID)
	if st == nil || st.view == nil {
		return r.viewInMaking(ctx, s)
	}
	if st.err != nil {
		return nil, st.err
	}
	m := mapColumns(s, func(a int16) int { return int(a) - 1 })
	spec := rel.ScanSpec{Cols: m.slots, WithRowID: m.id, Part: req.Part, Parts: req.Parts}
	return &repeated{Source: &part{src: st.view.Scan(spec), m: m}}, nil
}

// viewInMaking reads a materialized view that its own transaction has created: it
// is filled when that commits, until then its query is run. As other materialized
// views it does not show the transaction's own writes (semantics §16).
func (r *reader) viewInMaking(ctx context.Context, s *plan.Scan) (vec.Source, error) {
	q, env, err := r.e.planView(s.Rel, r.cat, nil)
	if err != nil {
		return nil, err
	}
	committed := *r
	committed.own = nil
	rt := r.t.s.runtime()
	rt.Env, rt.Rels, rt.Stats = env, &committed, nil
	src, err := exec.Compile(rt, q.Root)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	ids := make([]plan.ColID, len(q.Cols))
	for i, c := range q.Cols {
		ids[i] = c.ID
	}
	at := positions(q.Root, ids)
	out := &batchSource{m: mapColumns(s, func(a int16) int { return int(a) - 1 })}
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil {
			return nil, err
		}
		if lent.N == 0 {
			return out, nil
		}
		out.batches = append(out.batches, take(&lent, at))
	}
}

// virtual reads a system relation.
func (r *reader) virtual(ctx context.Context, s *plan.Scan) (vec.Source, error) {
	batches, err := s.Rel.Batches(ctx, r.sys)
	if err != nil {
		return nil, err
	}
	m := mapColumns(s, func(a int16) int { return int(a) - 1 })
	return &batchSource{batches: batches, m: m}, nil
}

// batchSource gives batches in memory.
type batchSource struct {
	batches []*vec.Batch
	m       *columnMap
	at      int
	rows    int64
}

// Next implements vec.Source.
func (s *batchSource) Next(ctx context.Context, out *vec.Batch) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	for s.at < len(s.batches) {
		b := s.batches[s.at]
		s.at++
		if b.N == 0 {
			continue
		}
		in := vec.Batch{N: b.N}
		for _, slot := range s.m.slots {
			in.Cols = append(in.Cols, b.Cols[slot])
		}
		if s.m.id {
			ids := vec.New(types.Int, b.N)
			for i := range ids.Ints {
				ids.Ints[i] = s.rows + int64(i)
			}
			in.Cols = append(in.Cols, ids)
		}
		s.rows += int64(b.N)
		s.m.fill(&in, out, 0)
		return nil
	}
	out.N = 0
	return nil
}

// Close implements vec.Source.
func (s *batchSource) Close() error { return nil }

// sequenceScan is SELECT * FROM a sequence: one row.
func (r *reader) sequenceScan(s *plan.Scan) (vec.Source, error) {
	st := r.e.sequences.peek(s.Rel, r.t)
	b := &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, 1), vec.New(types.Int, 1), vec.New(types.Bool, 1)}, N: 1}
	b.Cols[0].Ints[0], b.Cols[2].Bools[0] = st.Last, st.Called
	m := mapColumns(s, func(a int16) int { return int(a) - 1 })
	return &batchSource{batches: []*vec.Batch{b}, m: m}, nil
}
