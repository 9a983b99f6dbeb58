package engine

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// indexKeys makes the keys of a relation's rows in its indexes. If it is compiled
// it is used by one goroutine at a time (relDef.ownKeys).
type indexKeys struct {
	nSlots  int
	indexes []indexKey
	// compiled: there are expressions, so that these keys are one goroutine's.
	compiled bool
	err      error // why the keys cannot be made: an index whose expressions do not bind
}

// indexKey is one index: its key columns, and which rows it holds.
type indexKey struct {
	def  *catalog.Relation
	slot int
	cols []keyColumn
	// exprs computes the key columns that are expressions; pred says which rows are
	// in a partial index.
	exprs *expr.Prog
	pred  *expr.Pred
}

// keyColumn is a column of a key: a column of the row, or result number of exprs.
type keyColumn struct {
	slot             int // of the row, -1 for an expression
	result           int
	typ              *types.Type
	desc, nullsFirst bool
}

// Bytes that tell NULL from a value, so that NULLs sort where the index wants.
const (
	keyNullFirst byte = 0
	keyValue     byte = 1
	keyNullLast  byte = 2
)

func newIndexKeys(e *Engine, r *catalog.Relation, lay *layout, snap *catalog.Snapshot) *indexKeys {
	k := &indexKeys{nSlots: r.IndexSlots} // those of dropped indexes stay, also the last ones
	snap = snap.Home(r.Schema)
	for _, oid := range r.Indexes {
		ix := snap.RelationByOID(oid)
		if ix == nil || ix.Index.Slot < 0 {
			continue
		}
		key, err := newIndexKey(e, r, ix, lay, snap)
		if err != nil {
			k.err = err
			return k
		}
		k.indexes = append(k.indexes, *key)
		k.compiled = k.compiled || key.exprs != nil || key.pred != nil
		k.nSlots = max(k.nSlots, ix.Index.Slot+1)
	}
	return k
}

func newIndexKey(e *Engine, r, ix *catalog.Relation, lay *layout, snap *catalog.Snapshot) (*indexKey, error) {
	k := &indexKey{def: ix, slot: ix.Index.Slot}
	pc := e.plannerContext(snap, catalog.Path{catalog.PgCatalogOID}, defaultEnv())
	layoutOf := func(x *planner.RowExpr) expr.Layout {
		l := expr.Layout{}
		for i, id := range x.Cols {
			l[id] = lay.attrs[i]
		}
		return l
	}
	var exprs []plan.Expr
	where := expr.Layout{}
	for _, kd := range ix.Index.Keys[:ix.Index.NKeys] {
		c := keyColumn{slot: -1, typ: snap.TypeByOID(kd.TypeOID), desc: kd.Desc, nullsFirst: kd.NullsFirst}
		if kd.Column != 0 {
			c.slot = lay.slotOf(kd.Column)
			c.typ = lay.types[c.slot]
		} else {
			x, err := e.bindRowText(pc, kd.Expr, r, planner.RowIndex)
			if err != nil {
				return nil, err
			}
			// Each expression was bound by itself: its columns get places of their own.
			shift := plan.ColID(len(exprs) * 10000)
			for id, at := range layoutOf(x) {
				where[id+shift] = at
			}
			c.result = len(exprs)
			exprs = append(exprs, shiftCols(x.X, shift))
			c.typ = x.X.Type()
		}
		k.cols = append(k.cols, c)
	}
	cc := &expr.CompileCtx{Env: defaultEnv()}
	var err error
	if len(exprs) > 0 {
		if k.exprs, err = expr.CompileAll(exprs, where, cc); err != nil {
			return nil, err
		}
	}
	if ix.Index.Predicate != "" {
		x, err := e.bindRowText(pc, ix.Index.Predicate, r, planner.RowIndexPredicate)
		if err != nil {
			return nil, err
		}
		if k.pred, err = expr.CompilePred(plan.Conjuncts(x.X), layoutOf(x), cc); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// shiftCols renumbers the columns that an expression reads.
func shiftCols(e plan.Expr, by plan.ColID) plan.Expr {
	return plan.Map(e, func(x plan.Expr) plan.Expr {
		if c, ok := x.(*plan.Col); ok {
			n := *c
			n.ID += by
			return &n
		}
		return x
	})
}

// slots says to storage which index slots there are.
func (k *indexKeys) slots() []rel.Index {
	out := make([]rel.Index, k.nSlots)
	for i := range out {
		out[i].Dropped = true
	}
	for i := range k.indexes {
		out[k.indexes[i].slot] = rel.Index{Building: !k.indexes[i].def.Index.Valid}
	}
	return out
}

// of makes the keys of rows in storage layout, a list per index slot; nil when
// there are no indexes.
func (k *indexKeys) of(b *vec.Batch) ([]*rel.Keys, error) {
	if k.err != nil {
		return nil, k.err
	}
	if k.nSlots == 0 || b.N == 0 {
		return nil, nil
	}
	if b.Sel != nil {
		dense := &vec.Batch{}
		b.Dense(dense)
		b = dense
	}
	out := make([]*rel.Keys, k.nSlots)
	for i := range k.indexes {
		keys, err := k.indexes[i].of(b)
		if err != nil {
			return nil, err
		}
		out[k.indexes[i].slot] = keys
	}
	return out, nil
}

// ofBlock makes the keys of the rows of an encoded block.
func (k *indexKeys) ofBlock(lay *layout, b vec.Block) ([]*rel.Keys, error) {
	if k.nSlots == 0 {
		return nil, k.err
	}
	batch := &vec.Batch{}
	if err := b.Decode(batch, nil); err != nil {
		return nil, err
	}
	return k.of(lay.pad(batch))
}

func (k *indexKey) of(b *vec.Batch) (*rel.Keys, error) {
	cols, in, err := k.columns(b)
	if err != nil {
		return nil, err
	}
	keys := &rel.Keys{Ends: make([]uint32, 0, b.N)}
	for i := range b.N {
		if in == nil || in[i] {
			for j := range k.cols {
				keys.Buf = k.cols[j].append(keys.Buf, &cols[j], i)
			}
		}
		from := 0
		if i > 0 {
			from = int(keys.Ends[i-1])
		}
		if n := len(keys.Buf) - from; n > segment.MaxKey {
			return nil, k.tooLong(n)
		}
		keys.End()
	}
	return keys, nil
}

// tooLong is the error of a key that no index can hold: it is found while the
// statement runs, since behind the commit record it would be too late.
func (k *indexKey) tooLong(n int) error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "index row size %d exceeds maximum %d for index %q", n, segment.MaxKey, k.def.Name).
		WithHint("Values larger than %d bytes cannot be indexed.\nConsider a function index of an MD5 hash of the value, or use full text indexing.", segment.MaxKey)
}

// columns gives the key columns of a dense batch, and which rows the index holds
// (nil: all).
func (k *indexKey) columns(b *vec.Batch) (cols []vec.Vec, in []bool, err error) {
	var bad vec.RowErrors
	c := &funcs.Ctx{Env: defaultEnv(), Bad: &bad}
	var computed []vec.Vec
	if k.exprs != nil {
		computed = make([]vec.Vec, k.exprs.Len())
		k.exprs.EvalAll(c, b, computed)
		if err := bad.First(); err != nil {
			return nil, nil, err
		}
	}
	if k.pred != nil {
		in = make([]bool, b.N)
		for _, i := range k.pred.Select(c, b, nil) {
			in[i] = true
		}
		if err := bad.First(); err != nil {
			return nil, nil, err
		}
	}
	for _, kc := range k.cols {
		if kc.slot >= 0 {
			cols = append(cols, b.Cols[kc.slot])
		} else {
			cols = append(cols, computed[kc.result])
		}
	}
	return cols, in, nil
}

// append appends value i of a key column.
func (c *keyColumn) append(dst []byte, v *vec.Vec, i int) []byte {
	if v.IsNull(i) {
		return c.null(dst)
	}
	return c.value(dst, v.Datum(i))
}

func (c *keyColumn) null(dst []byte) []byte {
	if c.nullsFirst {
		return append(dst, keyNullFirst)
	}
	return append(dst, keyNullLast)
}

func (c *keyColumn) value(dst []byte, d types.Datum) []byte {
	n := len(dst) + 1
	dst = types.AppendKey(append(dst, keyValue), c.typ, d)
	if c.desc {
		for j := n; j < len(dst); j++ {
			dst[j] = ^dst[j]
		}
	}
	return dst
}

// prefix makes the key of the leading columns; ok is false when one is NULL, which
// equals nothing.
func (k *indexKey) prefix(dst []byte, vals []types.Datum) (key []byte, ok bool) {
	for j, d := range vals {
		if d.IsNull() {
			return dst, false
		}
		dst = k.cols[j].value(dst, d)
	}
	return dst, true
}

// unique gives the unique indexes.
func (k *indexKeys) unique() []*indexKey {
	var out []*indexKey
	for i := range k.indexes {
		if k.indexes[i].def.Index.Unique {
			out = append(out, &k.indexes[i])
		}
	}
	return out
}

// find gives the keys of an index, nil when it has none.
func (k *indexKeys) find(oid OID) *indexKey {
	for i := range k.indexes {
		if k.indexes[i].def.OID == oid {
			return &k.indexes[i]
		}
	}
	return nil
}

// at gives the keys of the index in a slot that is in use.
func (k *indexKeys) at(slot int) *indexKey {
	for i := range k.indexes {
		if k.indexes[i].slot == slot {
			return &k.indexes[i]
		}
	}
	return nil
}

// hasNull tells whether a key column of row i is NULL.
func hasNull(cols []vec.Vec, i int) bool {
	for j := range cols {
		if cols[j].IsNull(i) {
			return true
		}
	}
	return false
}

// duplicate is the error for a key that is there already.
func (k *indexKey) duplicate(r *catalog.Relation, schema string, cols []vec.Vec, i int) *pgerr.Error {
	env := types.DefaultEnv
	names, vals := "", ""
	for j := range k.cols {
		if j > 0 {
			names, vals = names+", ", vals+", "
		}
		kd := k.def.Index.Keys[j]
		if kd.Column != 0 {
			names += types.QuoteIdent(r.Columns[kd.Column-1].Name)
		} else {
			names += kd.Expr
		}
		if d := cols[j].Datum(i); d.IsNull() {
			vals += "null"
		} else {
			vals += k.cols[j].typ.Text(env, d)
		}
	}
	return pgerr.New(pgerr.UniqueViolation, "duplicate key value violates unique constraint \"%s\"", k.def.Name).
		WithDetail("Key (%s)=(%s) already exists.", names, vals).WithTable(schema, r.Name, "", k.def.Name)
}
