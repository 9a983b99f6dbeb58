package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// hashJoin joins by a hash table over the build side. It pulls batches of the
// probe side and finds for each the chains of build rows with equal keys. Where
// every probe row has one candidate at most and nothing else is to be tested, the
// probe's columns are passed on as they are, with a selection; else pairs of row
// numbers are made, tested, and gathered.
type hashJoin struct {
	evaluator
	*joinSpec
	in    operator
	build *joinBuild
	owns  bool // the build side is its own, not a pipeline's

	h       hasher
	dense   denser
	vals    []vec.Vec
	heads   []int32
	phys    []int32 // where the rows of the batch are
	batch   vec.Batch
	row     int   // the next row of the batch
	cur     int32 // where in its chain the current row is, 0: at the start
	hit     []hit // of the batch's rows
	matched []bool
	p, b    []int32 // pairs: row of the batch, row of the build side
	gp, gb  []int32 // pairs that are given
	sel     []int32
	cond    pairEval
	cols    []vec.Vec // what is given: lent, or from own
	own     []vec.Vec
	mark    vec.Vec
	all     pairEval // of the whole condition
	tail    int      // of the build rows that are given at the end
	phase   joinPhase
	grace   *graceJoin
}

// hit says what is known of a probe row.
type hit uint8

const (
	hitNone hit = iota
	hitNull     // the condition was NULL for some row
	hitTrue
)

type joinPhase uint8

const (
	joinOpening joinPhase = iota
	joinProbing
	joinTail
	joinGrace
	joinDone
)

func newHashJoin(s *joinSpec, probe operator, build *joinBuild) *hashJoin {
	o := &hashJoin{evaluator: evaluator{rt: s.runtime}, joinSpec: s, in: probe, build: build}
	o.h.ks = s.keys
	o.dense.need = s.probeKeys.need
	o.vals = make([]vec.Vec, len(s.keys))
	o.cols, o.own = make([]vec.Vec, len(s.outs)), make([]vec.Vec, len(s.outs))
	o.cond, o.all = pairEval{x: s.residual}, pairEval{x: s.full}
	return o
}

// Next implements vec.Source.
func (o *hashJoin) Next(ctx context.Context, out *vec.Batch) error {
	for {
		switch o.phase {
		case joinOpening:
			if err := o.open(ctx); err != nil {
				return err
			}
		case joinProbing:
			if o.late != nil {
				return o.late
			}
			if o.row >= o.batch.N {
				if err := o.nextBatch(ctx); err != nil {
					return err
				}
				if o.batch.N == 0 {
					o.phase = joinTail
					continue
				}
			}
			if err := o.step(ctx, out); err != nil || out.N > 0 {
				return err
			}
		case joinTail:
			if o.giveTail(out); out.N > 0 {
				return ctx.Err()
			}
			o.phase = joinDone
		case joinGrace:
			return o.grace.Next(ctx, out)
		default:
			out.N = 0
			return ctx.Err()
		}
	}
}

func (o *hashJoin) open(ctx context.Context) error {
	if err := o.build.ready(ctx); err != nil {
		return err
	}
	if o.build.spilled != nil {
		o.phase = joinGrace
		o.grace = newGraceJoin(o)
		return nil
	}
	o.phase, o.row, o.batch, o.tail = joinProbing, 0, vec.Batch{}, 0
	if o.tracksBuild() {
		o.matched = make([]bool, o.build.rows.n)
	}
	if o.build.rows.n == 0 && !o.probeOuter() && (o.swapped || o.pairs() || o.kind == plan.Semi) {
		o.phase = joinDone // there is nothing that could come
	}
	return nil
}

// nextBatch pulls a batch and finds the heads of its rows' chains.
func (o *hashJoin) nextBatch(ctx context.Context) error {
	o.row, o.cur = 0, 0
	if err := o.in.Next(ctx, &o.batch); err != nil || o.batch.N == 0 {
		return err
	}
	dense := o.dense.dense(&o.batch)
	o.probeKeys.EvalAll(o.start(ctx), &dense, o.vals)
	n := o.cut(dense.N)
	if n == 0 {
		return o.late
	}
	if n < o.batch.N {
		b := o.batch
		b.Slice(&o.batch, 0, n)
	}
	o.phys = o.batch.Sel
	o.heads = resize(o.heads, n)
	o.build.table.heads(o.heads, o.vals, &o.h, n)
	o.hit = resize(o.hit, n)
	clear(o.hit)
	return nil
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, max(n, vec.Size))
	}
	return s[:n]
}

// step gives rows for the batch from o.row on; it may give none.
func (o *hashJoin) step(ctx context.Context, out *vec.Batch) error {
	out.N = 0
	t := o.build.table
	single := t.next == nil && (t.exact || t.empty) && o.residual == nil
	switch {
	case o.tracksBuild() || !single && o.pairs():
		return o.stepPairs(ctx, out)
	case o.pairs():
		o.passOne(out)
		return nil
	case (t.exact || t.empty) && o.residual == nil:
		o.hitHeads()
	default:
		if err := o.hitPairs(ctx); err != nil {
			return err
		}
	}
	if o.nullAware() {
		if err := o.hitNulls(ctx); err != nil {
			return err
		}
	}
	o.passHits(out)
	return nil
}

// at gives where row j of the batch is.
func (o *hashJoin) at(j int) int32 {
	if o.phys != nil {
		return o.phys[j]
	}
	return int32(j)
}

// Close implements vec.Source.
func (o *hashJoin) Close() error {
	o.dropGrace()
	err := o.in.Close()
	if o.owns {
		if e := o.build.close(); err == nil {
			err = e
		}
	}
	return err
}

func (o *hashJoin) dropGrace() {
	if o.grace != nil {
		o.grace.Close()
		o.grace = nil
	}
}

func (o *hashJoin) rewind(why restart) {
	o.reset()
	o.dropGrace()
	o.phase = joinOpening
	o.batch, o.row = vec.Batch{}, 0
	if o.owns {
		o.build.rewind(why)
	}
	o.in.rewind(why)
}
