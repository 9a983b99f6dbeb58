package exec

import (
	"context"
	"sync"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// aggParallel runs the pipeline below an aggregateOp in several goroutines, each
// with groups of its own, which are merged in the end.
type aggParallel struct {
	line *pipeline
	// worker makes what a worker runs over its copy of the pipeline.
	worker func(p *pipe) (*aggregateOp, error)
	ops    []*aggregateOp // of workers 1 …
}

// aggregateParallel compiles an aggregate over a pipeline; ok is false when its
// aggregates cannot be merged.
func (c *compiler) aggregateParallel(n *plan.Aggregate, want plan.ColSet) (o *aggregateOp, cols []plan.ColID, ok bool, err error) {
	line, err := c.pipeline(n.In, aggReads(n, want))
	if err != nil {
		return nil, nil, false, err
	}
	worker := func(p *pipe) (*aggregateOp, error) {
		plan, feed, err := c.aggFeed(n, want, p.rel)
		if err != nil {
			return nil, err
		}
		cols = plan.out
		op := &aggregateOp{rt: c.rt, feed: feed, spec: plan.spec, stats: c.stats(n)}
		op.spec.Mode = AggBatch
		return op, nil
	}
	if o, err = worker(line.pipes[0]); err != nil {
		return nil, nil, false, err
	}
	agg, err := o.newAgg()
	if err != nil || !agg.Mergeable() {
		return nil, nil, false, err
	}
	o.par = &aggParallel{line: line, worker: worker}
	return o, cols, true, nil
}

// fillParallel reads the input by several workers; ok is false when it is to be
// read by the caller alone.
func (o *aggregateOp) fillParallel(ctx context.Context) (ok bool, err error) {
	par := o.par
	parts, workers, err := par.line.prepare(ctx)
	if err != nil {
		return false, err
	}
	if parts == 1 {
		par.line.pipes[0].run(0, 1)
		return false, nil
	}
	for len(par.ops) < workers-1 {
		op, err := par.worker(par.line.pipes[len(par.ops)+1])
		if err != nil {
			return false, err
		}
		par.ops = append(par.ops, op)
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	deal := newDeck(parts, workers, !exactKeys(o.spec.KeyTypes))
	errs := make([]error, workers)
	for i, op := range append([]*aggregateOp{o}, par.ops[:workers-1]...) {
		wg.Go(func() {
			if errs[i] = op.fillParts(inner, par.line.pipes[i], i, deal); errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	if err := firstOf(ctx, errs); err != nil {
		return false, err
	}
	return true, o.mergeAll(ctx, par.ops[:workers-1])
}

// exactKeys tells keys of which equal values have equal images. With others a group
// shows the image that comes first, so workers take the input in order.
func exactKeys(ts []*types.Type) bool {
	for _, t := range ts {
		if !state.Exact(t) {
			return false
		}
	}
	return true
}

// firstOf gives the error that made the others stop.
func firstOf(ctx context.Context, errs []error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var found error
	for _, err := range errs {
		if err != nil && (found == nil || found == context.Canceled) {
			found = err
		}
	}
	return found
}

// fillParts reads parts of the input until there are none.
func (o *aggregateOp) fillParts(ctx context.Context, p *pipe, worker int, deal *deck) (err error) {
	if o.agg, err = o.newAgg(); err != nil {
		return err
	}
	o.share = int64(deal.workers)
	for part, ok := deal.take(worker); ok; part, ok = deal.take(worker) {
		p.run(part, deal.parts)
		o.feed.reset()
		o.feed.set = len(o.feed.sets)
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
	}
	if o.parts != nil {
		return o.parts.finish()
	}
	return nil
}

// mergeAll takes over the groups of the other workers, then goes over the rows
// that were put aside: some may be of groups that another worker has.
func (o *aggregateOp) mergeAll(ctx context.Context, others []*aggregateOp) error {
	var aside []*partitioner
	if o.parts != nil {
		aside = append(aside, o.parts)
	}
	for _, op := range others {
		if op.parts != nil {
			aside = append(aside, op.parts)
		}
		if err := o.agg.Absorb(ctx, op.agg); err != nil {
			return err
		}
		op.agg, op.parts = nil, nil
	}
	if o.failed != nil || len(aside) == 0 {
		return o.failed
	}
	o.parts = newPartitioner(o.rt, o.feed.kinds, o.level, o.stats)
	for _, p := range aside {
		for _, f := range p.files {
			if err := o.pushFile(ctx, f); err != nil {
				return err
			}
		}
		p.close()
	}
	return o.parts.finish()
}

func (o *aggregateOp) pushFile(ctx context.Context, f *rowFile) error {
	r := f.reader()
	var b vec.Batch
	for {
		if err := r.Next(ctx, &b); err != nil || b.N == 0 {
			return err
		}
		if err := o.push(ctx, &b); err != nil {
			return err
		}
	}
}
