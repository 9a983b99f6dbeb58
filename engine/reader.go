package engine

import (
	"bytes"
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
	if n == 0 {
		n = in.N
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
		r.t.serial.add(s.Rel.OID)
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

// indexScan looks rows up by an index and reads them.
func (r *reader) indexScan(s *plan.Scan, req *exec.ScanRequest, m *columnMap, lay *layout) (vec.Source, error) {
	keys := r.e.def(s.Rel, r.cat).keys
	if keys.err != nil {
		return nil, keys.err
	}
	k := keys.find(s.Index.Index.OID)
	out := &rowSource{r: r, oid: s.Rel.OID, m: m}
	for _, lk := range lookups(k, s, req) {
		if err := r.findRows(s.Rel.OID, k, lk, func(id uint64) bool {
			out.ids = append(out.ids, id)
			return req.Limit < 0 || int64(len(out.ids)) < req.Limit
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keyRange is one look-up: an exact key, or a range of keys.
type keyRange struct {
	exact  []byte
	lo, hi []byte
	desc   bool
}

// lookups makes the key ranges of an index scan.
func lookups(k *indexKey, s *plan.Scan, req *exec.ScanRequest) []keyRange {
	if s.Index.In != nil {
		var out []keyRange
		for _, d := range req.In {
			if rg, ok := k.lookup(append([]types.Datum{d}, req.Eq...), exec.Bounds{}, false); ok {
				out = append(out, rg)
			}
		}
		return out
	}
	if rg, ok := k.lookup(req.Eq, req.Key, s.Index.Desc); ok {
		return []keyRange{rg}
	}
	return nil
}

// lookup makes one key range; ok is false when nothing can be found.
func (k *indexKey) lookup(eq []types.Datum, b exec.Bounds, desc bool) (rg keyRange, ok bool) {
	prefix, ok := k.prefix(nil, eq)
	if !ok {
		return rg, false
	}
	if len(eq) == len(k.cols) {
		return keyRange{exact: prefix}, true
	}
	rg = keyRange{lo: prefix, hi: after(prefix), desc: desc}
	c := &k.cols[len(eq)]
	if b.HasLo {
		if b.Lo.IsNull() {
			return rg, false
		}
		rg.lo = c.value(bytes.Clone(prefix), b.Lo)
		if b.LoOpen {
			rg.lo = after(rg.lo)
		}
	}
	if b.HasHi {
		if b.Hi.IsNull() {
			return rg, false
		}
		rg.hi = c.value(bytes.Clone(prefix), b.Hi)
		if !b.HiOpen {
			rg.hi = after(rg.hi)
		}
	} else if b.HasLo { // a comparison is not true of NULL
		rg.hi = append(bytes.Clone(prefix), keyValue+1)
	}
	if b.HasHi && !b.HasLo {
		rg.lo = append(bytes.Clone(prefix), keyValue)
	}
	return rg, true
}

// after is the least key above all that begin with prefix; nil: there is none.
func after(prefix []byte) []byte {
	out := bytes.Clone(prefix)
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] != 0xff {
			out[i]++
			return out[:i+1]
		}
	}
	return nil
}

// findRows calls fn with the ids of the rows that a look-up finds, the
// transaction's own rows included, in the order of the index.
func (r *reader) findRows(oid OID, k *indexKey, rg keyRange, fn func(id uint64) bool) error {
	own := r.own[oid]
	m := &keyMerge{desc: rg.desc, fn: fn}
	if own != nil && own.rows != nil {
		if err := searchIndex(own.rows, k, rg, m.addOwn); err != nil {
			return err
		}
	}
	if c := r.committed(oid); c != nil && !(own != nil && own.truncated) {
		index, err := r.t.s.byIndex(c, r.cat.RelationByOID(oid), k)
		if err != nil {
			return err
		}
		err = searchIndex(index, k, rg, func(key []byte, id uint64) bool {
			if own != nil && own.gone.has(id) {
				return true
			}
			return m.pass(key, id)
		})
		if err != nil {
			return err
		}
	}
	m.rest()
	return nil
}

// keyMerge puts a transaction's own rows in their places among the stored ones:
// behind those of the same key.
type keyMerge struct {
	desc bool
	own  []ownKey
	fn   func(id uint64) bool
	done bool
}

type ownKey struct {
	key []byte
	id  uint64
}

func (m *keyMerge) addOwn(key []byte, id uint64) bool {
	m.own = append(m.own, ownKey{bytes.Clone(key), id + ownBase})
	return true
}

// pass takes the next stored row.
func (m *keyMerge) pass(key []byte, id uint64) bool {
	for len(m.own) > 0 && !m.done {
		c := bytes.Compare(m.own[0].key, key)
		if c == 0 || c < 0 == m.desc {
			break
		}
		m.next()
	}
	if !m.done {
		m.done = !m.fn(id)
	}
	return !m.done
}

func (m *keyMerge) next() {
	m.done = !m.fn(m.own[0].id)
	m.own = m.own[1:]
}

func (m *keyMerge) rest() {
	for len(m.own) > 0 && !m.done {
		m.next()
	}
}

// searchIndex calls fn with the keys and rows of a look-up in their order; nil keys
// for an exact one, where all are the same.
func searchIndex(c keyed, k *indexKey, rg keyRange, fn func(key []byte, id uint64) bool) error {
	if rg.exact != nil {
		return c.Lookup(k.slot, rg.exact, func(id uint64) bool { return fn(nil, id) })
	}
	return c.Range(k.slot, rg.lo, rg.hi, rg.desc, fn)
}

// rowSource reads rows by id.
type rowSource struct {
	r   *reader
	oid OID
	ids []uint64
	m   *columnMap
	at  int
	in  vec.Batch
}

// Next implements vec.Source.
func (s *rowSource) Next(ctx context.Context, out *vec.Batch) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	for s.at < len(s.ids) {
		// A run of committed ids, or of own ones.
		lo, isOwn := s.at, s.ids[s.at] >= ownBase
		for s.at < len(s.ids) && s.at-lo < vec.Size && (s.ids[s.at] >= ownBase) == isOwn {
			s.at++
		}
		if err := s.read(s.ids[lo:s.at], isOwn); err != nil {
			return err
		}
		if s.in.N == 0 {
			continue
		}
		s.m.fill(&s.in, out, 0)
		return nil
	}
	out.N = 0
	return nil
}

// read fills in with the rows, their ids in the last column.
func (s *rowSource) read(ids []uint64, isOwn bool) error {
	got, err := s.r.rowsByID(s.oid, ids, isOwn, s.m.slots, &s.in)
	if err != nil {
		return err
	}
	idCol := vec.New(types.Int, len(got))
	for i, id := range got {
		idCol.Ints[i] = int64(id)
	}
	s.in.Cols = append(s.in.Cols, idCol)
	s.in.N = len(got)
	return nil
}

// rowsByID reads rows by id, all committed or all own, and gives the ids of those
// that are there.
func (r *reader) rowsByID(oid OID, ids []uint64, isOwn bool, slots []int, out *vec.Batch) ([]uint64, error) {
	src := r.committed(oid)
	local := ids
	if isOwn {
		src = r.own[oid].rows
		local = make([]uint64, len(ids))
		for i, id := range ids {
			local[i] = id - ownBase
		}
	}
	if src == nil {
		out.N = 0
		return nil, nil
	}
	kept, err := src.Get(local, slots, out)
	if err != nil || kept == nil {
		return ids, err
	}
	got := make([]uint64, len(kept))
	for i, k := range kept {
		got[i] = ids[k]
	}
	return got, nil
}

// Close implements vec.Source.
func (s *rowSource) Close() error { return nil }

// Lookup implements exec.Relations.
func (r *reader) Lookup(ctx context.Context, s *plan.Scan, keys []vec.Vec, n int) (exec.Found, error) {
	if r.t.serial != nil {
		r.t.serial.add(s.Rel.OID)
	}
	def := r.e.def(s.Rel, r.cat)
	lay, ik := def.layout, def.keys
	if ik.err != nil {
		return nil, ik.err
	}
	k := ik.find(s.Index.Index.OID)
	out := &foundRows{rows: rowSource{r: r, oid: s.Rel.OID, m: mapColumns(s, lay.slotOf)}}
	vals := make([]types.Datum, len(keys))
	for i := range n {
		for j := range keys {
			vals[j] = keys[j].Datum(i)
		}
		rg, ok := k.lookup(vals, exec.Bounds{}, false)
		if !ok {
			continue
		}
		if err := r.findRows(s.Rel.OID, k, rg, func(id uint64) bool {
			out.rows.ids = append(out.rows.ids, id)
			out.key = append(out.key, int32(i))
			return true
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// foundRows implements exec.Found.
type foundRows struct {
	rows rowSource
	key  []int32
}

// Next implements exec.Found. Every id was found visible in the version that is
// read, so none is left out.
func (f *foundRows) Next(ctx context.Context, out *vec.Batch) ([]int32, error) {
	from := f.rows.at
	if err := f.rows.Next(ctx, out); err != nil || out.N == 0 {
		return nil, err
	}
	return f.key[from:f.rows.at], nil
}

// Close implements exec.Found.
func (f *foundRows) Close() error { return nil }
