package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// aggregateOp runs an Aggregate node over its whole input and gives the groups.
// When the groups do not fit in memory, no more are made: rows of others are put
// aside in files, by the hash of their key, and each file is worked on in the same
// way later.
type aggregateOp struct {
	rt     *Runtime
	feed   *aggFeed
	spec   AggSpec
	static bool
	stats  *NodeStats
	level  int          // how often the rows were divided already
	par    *aggParallel // set: the input may be read by several workers
	share  int64        // how many share the memory while they do

	agg    *Aggregate
	failed error // the first error that an aggregate has reported
	filled bool
	parts  *partitioner
	slots  []uint32
	hash   []uint64
	from   uint32 // the next group that is given
	done   bool   // all groups are
	part   int
	sub    *aggregateOp
}

// aggFeed makes the batches that an Aggregate is pushed: the input's columns, then
// those that are computed, then the keys of each grouping set in turn.
type aggFeed struct {
	evaluator
	in    operator
	prog  program
	dense denser
	keys  []int
	sets  [][]bool
	kinds []types.Kind // of the columns that are pushed

	vals  []vec.Vec
	batch vec.Batch
	set   int // the next grouping set for batch; len(sets): a new batch is needed
	cols  []vec.Vec
}

func (c *compiler) aggregate(n *plan.Aggregate, want plan.ColSet) (rel, error) {
	if c.parallel(n.In) {
		o, cols, ok, err := c.aggregateParallel(n, want)
		if err != nil || ok {
			c.defineAggs(n)
			return rel{o, cols}, err
		}
	}
	in, err := c.rel(n.In, aggReads(n, want))
	if err != nil {
		return rel{}, err
	}
	p, feed, err := c.aggFeed(n, want, in)
	if err != nil {
		return rel{}, err
	}
	o := &aggregateOp{rt: c.rt, feed: feed, spec: p.spec, static: !c.varies(n.In), stats: c.stats(n)}
	o.spec.Mode = AggBatch
	c.defineAggs(n)
	return rel{o, p.out}, nil
}

// defineAggs notes the types of an aggregate's columns.
func (c *compiler) defineAggs(n *plan.Aggregate) {
	for i, id := range n.GroupOut {
		c.types[id] = c.types[n.Groups[i]]
	}
	if n.Sets != nil {
		c.types[n.SetCol] = types.TInt4
	}
	for i := range n.Aggs {
		c.types[n.Aggs[i].Col] = n.Aggs[i].Ret
	}
}

// aggReads gives the columns that grouping and the wanted aggregates read.
func aggReads(n *plan.Aggregate, want plan.ColSet) plan.ColSet {
	reads := plan.SetOf(n.Groups...)
	for i := range n.Aggs {
		if want.Has(n.Aggs[i].Col) {
			one := plan.Aggregate{In: n.In, Aggs: n.Aggs[i : i+1]}
			reads = reading(reads, one.Exprs()...)
		}
	}
	return reads
}

func (c *compiler) aggFeed(n *plan.Aggregate, want plan.ColSet, in rel) (*aggPlan, *aggFeed, error) {
	p, err := planAggregate(n, want, in.cols, func(id plan.ColID) *types.Type { return c.types[id] }, c.rt.Env)
	if err != nil {
		return nil, nil, err
	}
	prog, err := c.exprs(p.extra, in.cols)
	if err != nil {
		return nil, nil, err
	}
	f := &aggFeed{evaluator: evaluator{rt: c.rt}, in: in, prog: prog, keys: p.keys, sets: p.sets, set: len(p.sets), kinds: c.kinds(in.cols)}
	for i := range in.cols {
		f.dense.need = append(f.dense.need, i)
	}
	for _, e := range p.extra {
		f.kinds = append(f.kinds, e.Type().Kind)
	}
	if p.sets != nil {
		for _, t := range p.spec.KeyTypes {
			f.kinds = append(f.kinds, t.Kind)
		}
	}
	f.vals = make([]vec.Vec, len(p.extra))
	return p, f, nil
}

// next gives the next batch to push; N is 0 at the end.
func (f *aggFeed) next(ctx context.Context, out *vec.Batch) error {
	if f.set == len(f.sets) {
		var in vec.Batch
		if err := f.in.Next(ctx, &in); err != nil || in.N == 0 {
			out.N = 0
			return err
		}
		f.batch = f.dense.dense(&in)
		if len(f.vals) > 0 {
			f.prog.EvalAll(f.start(ctx), &f.batch, f.vals)
			if err := f.bad.First(); err != nil {
				return err
			}
		}
		f.set = 0
	}
	f.cols = append(append(f.cols[:0], f.batch.Cols...), f.vals...)
	if len(f.sets) > 0 {
		f.setColumns()
		f.set++
	}
	*out = vec.Batch{Cols: f.cols, N: f.batch.N}
	return nil
}

// setColumns appends the keys as the current grouping set has them.
func (f *aggFeed) setColumns() {
	for k, c := range f.keys {
		col := f.batch.Cols[c]
		if !f.sets[f.set][k] {
			col = vec.Vec{}
			col.AllNull(f.batch.Cols[c].Kind, f.batch.N)
		}
		f.cols = append(f.cols, col)
	}
	var number vec.Vec
	number.Const(types.Int, types.NewInt(int64(f.set)), f.batch.N)
	f.cols = append(f.cols, number)
}

// Next implements vec.Source.
func (o *aggregateOp) Next(ctx context.Context, out *vec.Batch) error {
	if !o.filled {
		if err := o.fill(ctx); err != nil {
			return err
		}
		o.filled = true
	}
	for !o.done {
		if err := o.give(ctx, out); err != nil || out.N > 0 {
			return err
		}
	}
	return o.nextOfParts(ctx, out)
}

// fill reads the input.
func (o *aggregateOp) fill(ctx context.Context) (err error) {
	o.share = 1
	if o.par != nil {
		done, err := o.fillParallel(ctx)
		if err != nil || done {
			return err
		}
		o.share = 1
	}
	if o.agg, err = o.newAgg(); err != nil {
		return err
	}
	var b vec.Batch
	for {
		if err := o.feed.next(ctx, &b); err != nil {
			return err
		}
		if b.N == 0 {
			break
		}
		if err := o.push(ctx, &b); err != nil {
			return err
		}
	}
	if o.parts != nil {
		return o.parts.finish()
	}
	return nil
}

func (o *aggregateOp) newAgg() (*Aggregate, error) {
	s := o.spec
	s.Bad = func(err error, _ int64) {
		if o.failed == nil {
			o.failed = err
		}
	}
	return NewAggregate(s)
}

// push takes a batch in: all of it while there is room for more groups, then the
// rows of the groups that are there.
func (o *aggregateOp) push(ctx context.Context, b *vec.Batch) error {
	if o.parts != nil {
		if err := o.putAside(b); err != nil || b.N == 0 {
			return err
		}
	}
	if err := o.agg.Push(ctx, 0, b, nil); err != nil {
		return err
	}
	if o.failed != nil {
		return o.failed
	}
	if o.stats != nil {
		m := memory{stats: o.stats}
		m.add(o.agg.Bytes())
	}
	if o.parts == nil && len(o.spec.Keys) > 0 && o.level <= maxLevel && o.agg.Bytes() > o.rt.hashMem()/o.share {
		o.parts = newPartitioner(o.rt, o.feed.kinds, o.level, o.stats)
	}
	return nil
}

// putAside writes the rows of groups that are not there to the parts and leaves
// the others in b, by a selection.
func (o *aggregateOp) putAside(b *vec.Batch) error {
	keys := make([]vec.Vec, len(o.spec.Keys))
	for i, c := range o.spec.Keys {
		keys[i] = b.Cols[c]
	}
	o.slots = resize(o.slots, b.N)
	o.agg.tab.Lookup(keys, b.N, o.slots)
	var aside, here []int32
	for i, s := range o.slots {
		if s == state.None {
			aside = append(aside, int32(i))
		} else {
			here = append(here, int32(i))
		}
	}
	if len(aside) == 0 {
		return nil
	}
	o.hash = resize(o.hash, b.N)
	vec.Hash(o.hash, keys, o.spec.KeyTypes, b.N)
	for k, i := range aside {
		o.hash[k] = o.hash[i] // k ≤ i
	}
	cols := b.Cols
	*b = vec.Batch{Cols: cols, Sel: here, N: len(here)}
	return o.parts.add(&vec.Batch{Cols: cols, Sel: aside, N: len(aside)}, o.hash[:len(aside)])
}

// give gives the next groups.
func (o *aggregateOp) give(ctx context.Context, out *vec.Batch) error {
	out.N = 0
	if err := ctx.Err(); err != nil {
		return err
	}
	groups := o.slots[:0]
	o.from, o.done = o.agg.tab.EachFrom(o.from, vec.Size-64, func(slot uint32) { groups = append(groups, slot) })
	o.slots = groups
	if len(groups) == 0 {
		return nil
	}
	err := o.agg.emitGroups(ctx, groups, func(b *vec.Batch) error {
		*out = *b
		return nil
	})
	if err == nil {
		err = o.failed
	}
	return err
}

// nextOfParts goes through the files.
func (o *aggregateOp) nextOfParts(ctx context.Context, out *vec.Batch) error {
	if o.parts != nil && o.sub == nil && o.part == 0 {
		o.agg = nil // its memory is for the parts
	}
	for o.parts != nil && o.part < len(o.parts.files) {
		if o.sub == nil {
			o.sub = o.subOf(o.parts.files[o.part])
		}
		if err := o.sub.Next(ctx, out); err != nil || out.N > 0 {
			return err
		}
		o.sub.drop()
		o.sub = nil
		o.part++
	}
	out.N = 0
	return ctx.Err()
}

// subOf makes what works on a part.
func (o *aggregateOp) subOf(f *rowFile) *aggregateOp {
	sub := &aggregateOp{rt: o.rt, spec: o.spec, stats: o.stats, level: o.level + 1, share: 1}
	sub.spec.Pinned = nil // these are in memory from the start
	sub.feed = &aggFeed{evaluator: evaluator{rt: o.rt}, in: f.reader(), kinds: o.feed.kinds}
	for i := range o.feed.kinds {
		sub.feed.dense.need = append(sub.feed.dense.need, i)
	}
	return sub
}

// Close implements vec.Source.
func (o *aggregateOp) Close() error {
	o.drop()
	if o.par != nil {
		return o.par.line.close()
	}
	return o.feed.in.Close()
}

func (o *aggregateOp) drop() {
	if o.par != nil {
		for _, op := range o.par.ops {
			op.drop()
		}
	}
	if o.sub != nil {
		o.sub.drop()
	}
	o.parts.close()
	o.agg, o.failed, o.filled, o.parts, o.sub = nil, nil, false, nil, nil
	o.from, o.done, o.part = 0, false, 0
}

func (o *aggregateOp) rewind(why restart) {
	if why == newOuter && o.static && o.filled && o.parts == nil {
		o.from, o.done = 0, false
		return
	}
	o.drop()
	o.feed.reset()
	o.feed.set = len(o.feed.sets)
	if o.par != nil {
		o.par.line.rewind(why)
		return
	}
	o.feed.in.rewind(why)
}
