package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// graceJoin does a hash join whose build side does not fit in memory: both sides
// are divided by the hash of their keys, and the parts joined one after another.
// A part that still does not fit is divided again, unless its rows hash alike;
// then, and where NULLs make a row meet rows of other keys, every row is tested
// with every other (loopJoin).
type graceJoin struct {
	*joinSpec
	ev     evaluator
	probe  operator
	buf    *rowBuffer // the build rows
	facts  sideFacts
	level  int
	opened bool

	pp, bp *partitioner
	part   int
	cur    operator // the join of a part
}

func newGraceJoin(o *hashJoin) *graceJoin {
	return &graceJoin{
		joinSpec: o.joinSpec, ev: evaluator{rt: o.runtime}, probe: o.in, buf: o.build.spilled,
		facts: o.build.others, level: o.build.level,
	}
}

// Next implements vec.Source.
func (o *graceJoin) Next(ctx context.Context, out *vec.Batch) error {
	if !o.opened {
		if err := o.open(ctx); err != nil {
			return err
		}
		o.opened = true
	}
	for o.cur != nil {
		if err := o.cur.Next(ctx, out); err != nil || out.N > 0 {
			return err
		}
		if err := o.nextPart(); err != nil {
			return err
		}
	}
	out.N = 0
	return ctx.Err()
}

func (o *graceJoin) open(ctx context.Context) (err error) {
	simple := len(o.keys) == 1 && o.residual == nil
	if o.nullAware() && !simple || o.level > maxLevel {
		o.cur = newLoopJoin(o.joinSpec, borrowed{o.probe}, o.buf.reader())
		o.part = numParts
		return nil
	}
	if o.bp, err = o.divide(ctx, o.buf.reader(), &o.buildKeys, o.buildKinds, true); err != nil {
		return err
	}
	if o.pp, err = o.divide(ctx, o.probe, &o.probeKeys, o.probeKinds, false); err != nil {
		return err
	}
	o.part = -1
	return o.nextPart()
}

// divide reads an input into parts.
func (o *graceJoin) divide(ctx context.Context, in operator, keys *program, kinds []types.Kind, build bool) (*partitioner, error) {
	p := newPartitioner(o.runtime, kinds, o.level, o.stats)
	h, d := hasher{ks: o.keys}, denser{need: keys.need}
	vals := make([]vec.Vec, len(o.keys))
	var b vec.Batch
	for {
		if err := in.Next(ctx, &b); err != nil || b.N == 0 {
			if err == nil {
				err = p.finish()
			}
			return p, err
		}
		dense := d.dense(&b)
		keys.EvalAll(o.ev.start(ctx), &dense, vals)
		if err := o.ev.bad.First(); err != nil {
			return p, err
		}
		hash := h.hash(vals, b.N)
		if build {
			o.facts.rows = true
			for _, null := range h.null {
				o.facts.null = o.facts.null || null
			}
		}
		if err := p.add(&b, hash); err != nil {
			return p, err
		}
	}
}

// nextPart makes the join of the next part.
func (o *graceJoin) nextPart() error {
	if o.cur != nil {
		if err := o.cur.Close(); err != nil {
			return err
		}
		o.cur = nil
	}
	if o.part++; o.part >= numParts {
		return nil
	}
	probe, build := o.pp.files[o.part], o.bp.files[o.part]
	if build.rows*10 > o.buf.rows*9 { // dividing has not helped
		o.cur = newLoopJoin(o.joinSpec, probe.reader(), build.reader())
		return nil
	}
	j := newHashJoin(o.joinSpec, probe.reader(), &joinBuild{
		spec: o.joinSpec, in: build.reader(), others: o.facts, level: o.level + 1,
	})
	j.owns, o.cur = true, j
	return nil
}

// Close implements vec.Source. The inputs belong to the join that was too large.
func (o *graceJoin) Close() (err error) {
	if o.cur != nil {
		err = o.cur.Close()
		o.cur = nil
	}
	o.pp.close()
	o.bp.close()
	return err
}

// borrowed is an input whose owner closes and rewinds it.
type borrowed struct{ operator }

// Close implements vec.Source.
func (borrowed) Close() error { return nil }

func (borrowed) rewind(restart) {}
