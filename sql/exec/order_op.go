package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// orderOp sorts its input. When it knows that only the first few rows are wanted
// it keeps no others.
type orderOp struct {
	rt     *Runtime
	in     operator
	keys   []sortKey
	kinds  []types.Kind
	static bool
	stats  *NodeStats

	limit  int64 // rows wanted at most, -1: all
	sorter *sorter
	top    *topRows
	ready  bool
}

func (c *compiler) order(n *plan.Order, want plan.ColSet) (rel, error) {
	in, err := c.rel(n.In, reading(want, n.Exprs()...))
	if err != nil {
		return rel{}, err
	}
	keys, err := sortKeys(n.Keys, in.cols)
	if err != nil {
		return rel{}, err
	}
	o := &orderOp{rt: c.rt, in: in, keys: keys, kinds: c.kinds(in.cols), static: !c.varies(n.In), limit: -1, stats: c.stats(n)}
	return rel{o, in.cols}, nil
}

// stats gives where a node counts, nil when nothing is counted.
func (c *compiler) stats(n plan.Node) *NodeStats {
	if c.rt.Stats == nil {
		return nil
	}
	return c.rt.Stats.of(n)
}

// sortKeys places keys, which are columns.
func sortKeys(keys []plan.SortKey, in []plan.ColID) ([]sortKey, error) {
	var out []sortKey
	for _, k := range keys {
		pos, err := positions([]plan.ColID{k.X.(*plan.Col).ID}, in)
		if err != nil {
			return nil, err
		}
		out = append(out, sortKey{pos: pos[0], typ: k.X.Type(), desc: k.Desc, nullsFirst: k.NullsFirst})
	}
	return out, nil
}

// topLimit is how many rows a sort that is cut short keeps at most.
const topLimit = 1 << 16

// Next implements vec.Source.
func (o *orderOp) Next(ctx context.Context, out *vec.Batch) error {
	if !o.ready {
		if err := o.fill(ctx); err != nil {
			return err
		}
		o.ready = true
	}
	if o.top != nil {
		return o.top.Next(ctx, out)
	}
	return o.sorter.Next(ctx, out)
}

func (o *orderOp) fill(ctx context.Context) error {
	if o.sorter != nil && o.sorter.sorted {
		return o.sorter.again(ctx)
	}
	if o.limit >= 0 && o.limit <= topLimit {
		o.top = newTopRows(o.keys, o.kinds, int(o.limit))
	} else {
		o.sorter = newSorter(o.rt, o.keys, o.kinds, o.stats)
	}
	var b vec.Batch
	for {
		if err := o.in.Next(ctx, &b); err != nil {
			return err
		}
		switch {
		case b.N == 0 && o.top != nil:
			o.top.finish()
			return nil
		case b.N == 0:
			return o.sorter.finish(ctx)
		case o.top != nil:
			if o.top.add(&b); o.top.set.bytes > o.rt.workMem() {
				if err := o.untop(); err != nil {
					return err
				}
			}
		default:
			if err := o.sorter.add(&b); err != nil {
				return err
			}
		}
	}
}

// untop goes on with a full sort, as the first rows alone take too much memory.
func (o *orderOp) untop() error {
	o.sorter = newSorter(o.rt, o.keys, o.kinds, o.stats)
	var part vec.Batch
	set := o.top.set
	o.top = nil
	for lo := 0; lo < set.n; lo += vec.Size {
		set.batch(&part, lo, min(lo+vec.Size, set.n))
		if err := o.sorter.add(&part); err != nil {
			return err
		}
	}
	return nil
}

// Close implements vec.Source.
func (o *orderOp) Close() error {
	o.drop()
	return o.in.Close()
}

func (o *orderOp) drop() {
	if o.sorter != nil {
		o.sorter.reset()
	}
	o.sorter, o.top = nil, nil
}

func (o *orderOp) rewind(why restart) {
	keep := why == newOuter && o.static && o.ready && o.sorter != nil
	o.ready, o.limit = false, -1
	if keep {
		return
	}
	o.drop()
	o.in.rewind(why)
}

func (o *orderOp) hint(limit int64) { o.limit = limit }

// topRows keeps the first rows in order of any number that are added. Rows that
// cannot be among them are left out by the prefix of their first key.
type topRows struct {
	keys   []sortKey
	set    *rowSet
	spare  *rowSet
	limit  int
	cut    *cutoff // nil: not known yet
	prefix []uint64
	sel    []int32
	order  []int32
	at     int
	out    []vec.Vec
}

// cutoff is the first key of the last row that is kept.
type cutoff struct {
	null   bool
	prefix uint64
	form   vec.Vec // an empty column in the form that the prefix is of
}

func newTopRows(keys []sortKey, kinds []types.Kind, limit int) *topRows {
	return &topRows{keys: keys, set: newRowSet(kinds), spare: newRowSet(kinds), limit: limit, out: make([]vec.Vec, len(kinds))}
}

func (t *topRows) add(b *vec.Batch) {
	if t.limit == 0 {
		return
	}
	in := *b
	if t.cut != nil {
		in.Sel = t.within(b)
		in.N = len(in.Sel)
		if in.N == 0 {
			return
		}
	}
	t.set.add(&in)
	if t.set.n >= 2*t.limit+vec.Size {
		t.shrink()
	}
}

// within gives the rows of b that may be among the first.
func (t *topRows) within(b *vec.Batch) []int32 {
	k := &t.keys[0]
	v := &b.Cols[k.pos]
	t.sel = t.sel[:0]
	if v.Kind == types.Numer && (v.Narrow != t.cut.form.Narrow || v.Scale != t.cut.form.Scale) {
		for i := range b.N {
			t.sel = append(t.sel, int32(b.Row(i)))
		}
		return t.sel
	}
	t.prefix = resize(t.prefix, b.N)
	k.prefixes(t.prefix, v, b.Sel, b.N)
	for i, p := range t.prefix {
		row := b.Row(i)
		keep := p <= t.cut.prefix
		switch null := v.IsNull(row); {
		case null != t.cut.null:
			keep = null == k.nullsFirst
		case null:
			keep = true
		}
		if keep {
			t.sel = append(t.sel, int32(row))
		}
	}
	return t.sel
}

// shrink leaves the first rows.
func (t *topRows) shrink() {
	order := sortRows(t.keys, t.set.cols, t.set.n, 1)
	if len(order) > t.limit {
		order = order[:t.limit]
	}
	t.spare.clear()
	t.spare.addRows(t.set.cols, order)
	t.set, t.spare = t.spare, t.set
	if t.set.n < t.limit || len(t.keys) == 0 {
		return
	}
	k := &t.keys[0]
	v := &t.set.cols[k.pos]
	last := t.set.n - 1
	t.cut = &cutoff{null: v.IsNull(last), form: vec.Vec{Narrow: v.Narrow, Scale: v.Scale}}
	var p [1]uint64
	k.prefixes(p[:], v, []int32{int32(last)}, 1)
	t.cut.prefix = p[0]
}

func (t *topRows) finish() {
	t.order = sortRows(t.keys, t.set.cols, t.set.n, 1)
	if len(t.order) > t.limit {
		t.order = t.order[:t.limit]
	}
}

// Next implements vec.Source's.
func (t *topRows) Next(ctx context.Context, out *vec.Batch) error {
	hi := min(t.at+vec.Size, len(t.order))
	for i := range t.out {
		t.out[i].Gather(&t.set.cols[i], t.order[t.at:hi])
	}
	*out = vec.Batch{Cols: t.out, N: hi - t.at}
	t.at = hi
	return ctx.Err()
}
