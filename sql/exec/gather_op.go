package exec

import (
	"context"
	"sync"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// gatherOp runs a pipeline in several goroutines and gives its rows in the order
// of one. Workers take parts of the scan in order; each part has a queue of its
// own, which holds a worker back that is far ahead of the reader. Small inputs,
// and those of which few rows are wanted, are run by the caller itself.
type gatherOp struct {
	line  *pipeline
	kinds []types.Kind
	limit int64
	begun bool
	run   *gatherRun // nil: the caller runs the first copy
}

// gatherRun is one run by several goroutines.
type gatherRun struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
	queues []chan gathered
	free   chan *vec.Batch
	part   int // that is read
	lent   *vec.Batch
}

// gathered is a batch of a part, or the error that ends it.
type gathered struct {
	b   *vec.Batch
	err error
}

const (
	queueLen = 4
	// fullBatch is how many rows are collected before they are handed on.
	fullBatch = vec.Size / 2
	// fewRows is a limit below which several workers would work in vain.
	fewRows = 1 << 14
)

func (c *compiler) gather(n plan.Node, want plan.ColSet) (rel, error) {
	line, err := c.pipeline(n, want)
	if err != nil {
		return rel{}, err
	}
	return rel{&gatherOp{line: line, kinds: c.kinds(line.cols()), limit: -1}, line.cols()}, nil
}

// Next implements vec.Source.
func (o *gatherOp) Next(ctx context.Context, out *vec.Batch) error {
	if !o.begun {
		if err := o.begin(ctx); err != nil {
			return err
		}
		o.begun = true
	}
	if o.run == nil {
		return o.line.pipes[0].Next(ctx, out)
	}
	return o.run.next(ctx, out)
}

func (o *gatherOp) begin(ctx context.Context) error {
	parts, workers, err := o.line.prepare(ctx)
	if err != nil {
		return err
	}
	if parts == 1 || o.limit >= 0 && o.limit < fewRows {
		o.line.pipes[0].run(0, 1)
		return nil
	}
	inner, cancel := context.WithCancel(ctx)
	r := &gatherRun{cancel: cancel, queues: make([]chan gathered, parts), free: make(chan *vec.Batch, 2*queueLen*workers)}
	for i := range r.queues {
		r.queues[i] = make(chan gathered, queueLen)
	}
	o.run = r
	deal := newDeck(parts, workers, false)
	for i := range workers {
		r.wg.Go(func() { o.work(inner, i, deal) })
	}
	return nil
}

// work runs parts until there are none.
func (o *gatherOp) work(ctx context.Context, worker int, deal *deck) {
	r, p := o.run, o.line.pipes[worker]
	for {
		part, ok := deal.take(worker)
		if !ok {
			return
		}
		p.run(part, len(r.queues))
		err := o.workPart(ctx, p, r.queues[part])
		if err != nil {
			r.send(ctx, r.queues[part], gathered{err: err})
		}
		close(r.queues[part])
		if err != nil {
			return
		}
	}
}

// workPart runs one part, handing rows on in batches that are not too small.
func (o *gatherOp) workPart(ctx context.Context, p *pipe, to chan gathered) error {
	r := o.run
	var b vec.Batch
	var own *vec.Batch
	for {
		err := p.Next(ctx, &b)
		if own != nil && (err != nil || b.N == 0 || own.N+b.N > vec.Size) {
			if !r.send(ctx, to, gathered{b: own}) {
				return ctx.Err()
			}
			own = nil
		}
		if err != nil || b.N == 0 {
			return err
		}
		if own == nil {
			own = r.fresh(o.kinds)
		}
		own.AppendBatch(&b)
		if own.N >= fullBatch {
			if !r.send(ctx, to, gathered{b: own}) {
				return ctx.Err()
			}
			own = nil
		}
	}
}

func (r *gatherRun) send(ctx context.Context, to chan gathered, g gathered) bool {
	select {
	case to <- g:
		return true
	case <-ctx.Done():
		return false
	}
}

// fresh gives an empty batch.
func (r *gatherRun) fresh(kinds []types.Kind) *vec.Batch {
	var b *vec.Batch
	select {
	case b = <-r.free:
	default:
		b = new(vec.Batch)
	}
	b.Reset(kinds)
	return b
}

// next gives the next batch of the part that is read, or of those after it.
func (r *gatherRun) next(ctx context.Context, out *vec.Batch) error {
	if r.lent != nil {
		select {
		case r.free <- r.lent:
		default:
		}
		r.lent = nil
	}
	for r.part < len(r.queues) {
		select {
		case g, ok := <-r.queues[r.part]:
			switch {
			case !ok:
				r.part++
				continue
			case g.err != nil:
				return g.err
			}
			r.lent = g.b
			*out = *g.b
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	out.N = 0
	return ctx.Err()
}

// stop ends the workers and waits for them.
func (o *gatherOp) stop() {
	if o.run != nil {
		o.run.cancel()
		o.run.wg.Wait()
		o.run = nil
	}
	o.begun = false
}

// Close implements vec.Source.
func (o *gatherOp) Close() error {
	o.stop()
	return o.line.close()
}

func (o *gatherOp) rewind(why restart) {
	o.stop()
	o.limit = -1
	o.line.rewind(why)
}

func (o *gatherOp) hint(limit int64) { o.limit = limit }
