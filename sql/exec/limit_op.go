package exec

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// limitOp is LIMIT and OFFSET, with WITH TIES when there are keys.
type limitOp struct {
	evaluator
	in     operator
	count  *expr.Prog // nil: none
	offset *expr.Prog
	ties   []int // positions of the keys
	types  []*types.Type
	isTies bool

	open bool
	skip int64 // rows still to be left out
	left int64 // rows still to be passed on
	last []vec.Vec
	cut  vec.Batch
}

func (c *compiler) limit(n *plan.Limit, want plan.ColSet) (rel, error) {
	for _, k := range tieKeys(n) {
		want = reading(want, k.X)
	}
	in, err := c.rel(n.In, want)
	if err != nil {
		return rel{}, err
	}
	o := &limitOp{evaluator: evaluator{rt: c.rt}, in: in, isTies: n.IsTies}
	for _, x := range []struct {
		e plan.Expr
		p **expr.Prog
	}{{n.Count, &o.count}, {n.Offset, &o.offset}} {
		if x.e == nil {
			continue
		}
		if *x.p, err = expr.Compile(x.e, nil, c.cc); err != nil {
			return rel{}, err
		}
	}
	for _, k := range tieKeys(n) {
		pos, err := positions([]plan.ColID{k.X.(*plan.Col).ID}, in.cols)
		if err != nil {
			return rel{}, err
		}
		o.ties, o.types = append(o.ties, pos[0]), append(o.types, k.X.Type())
	}
	return rel{o, in.cols}, nil
}

func tieKeys(n *plan.Limit) []plan.SortKey {
	if !n.IsTies {
		return nil
	}
	return n.Ties
}

func (o *limitOp) begin(ctx context.Context) (err error) {
	o.open = true
	if o.skip, err = o.rows(ctx, o.offset, 0, pgerr.InvalidRowCountInResultOffsetClause, "OFFSET must not be negative"); err != nil {
		return err
	}
	if o.left, err = o.rows(ctx, o.count, math.MaxInt64, pgerr.InvalidRowCountInLimitClause, "LIMIT must not be negative"); err != nil {
		return err
	}
	most := int64(-1)
	if !o.isTies && o.left < math.MaxInt64-o.skip {
		most = o.skip + o.left
	}
	hint(o.in, most)
	return nil
}

// rows computes a number of rows; absent or NULL it is none.
func (o *limitOp) rows(ctx context.Context, p *expr.Prog, none int64, code pgerr.Code, negative string) (int64, error) {
	if p == nil {
		return none, nil
	}
	d, err := p.Datums(o.start(ctx))
	switch {
	case err != nil:
		return 0, err
	case d[0].IsNull():
		return none, nil
	case d[0].Int() < 0:
		return 0, pgerr.New(code, "%s", negative)
	}
	return d[0].Int(), nil
}

// Next implements vec.Source.
func (o *limitOp) Next(ctx context.Context, out *vec.Batch) error {
	if !o.open {
		if err := o.begin(ctx); err != nil {
			return err
		}
	}
	for {
		if o.left == 0 && (!o.isTies || o.last == nil) {
			out.N = 0
			return ctx.Err()
		}
		if err := o.in.Next(ctx, out); err != nil || out.N == 0 {
			return err
		}
		lo := int(min(o.skip, int64(out.N)))
		o.skip -= int64(lo)
		hi := lo + int(min(o.left, int64(out.N-lo)))
		o.left -= int64(hi - lo)
		if o.isTies && o.left == 0 {
			hi = o.extend(out, lo, hi)
		}
		if hi == lo {
			continue
		}
		if hi-lo < out.N {
			o.cut = *out
			o.cut.Slice(out, lo, hi)
		}
		return nil
	}
}

// extend moves hi on over rows that equal the last one in the keys, and forgets
// the keys at the first that does not.
func (o *limitOp) extend(b *vec.Batch, lo, hi int) int {
	if o.last == nil {
		if hi == lo {
			return hi // LIMIT 0
		}
		o.last = make([]vec.Vec, len(o.ties))
		for i, p := range o.ties {
			v := &b.Cols[p]
			o.last[i].Reset(v.Kind, 0)
			o.last[i].AppendRow(v, b.Row(hi-1))
		}
	}
	for ; hi < b.N; hi++ {
		for i, p := range o.ties {
			if !vec.Equal(&o.last[i], 0, &b.Cols[p], b.Row(hi), o.types[i]) {
				o.last, o.isTies = nil, false
				return hi
			}
		}
	}
	return hi
}

// Close implements vec.Source.
func (o *limitOp) Close() error { return o.in.Close() }

func (o *limitOp) rewind(why restart) {
	o.open, o.last = false, nil
	o.isTies = o.ties != nil
	o.evaluator.reset()
	o.in.rewind(why)
}

// maxOneOp passes its input and fails on a second row.
type maxOneOp struct {
	in   operator
	row  vec.Batch
	done bool
}

func (c *compiler) maxOne(n *plan.MaxOne, want plan.ColSet) (rel, error) {
	in, err := c.rel(n.In, want)
	return rel{&maxOneOp{in: in}, in.cols}, err
}

var errSecondRow = pgerr.New(pgerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")

// Next implements vec.Source.
func (o *maxOneOp) Next(ctx context.Context, out *vec.Batch) error {
	if o.done {
		out.N = 0
		return ctx.Err()
	}
	o.done = true
	if err := o.in.Next(ctx, out); err != nil || out.N == 0 {
		return err
	}
	if out.N > 1 {
		return errSecondRow
	}
	o.row.Cols, o.row.N, o.row.Sel = make([]vec.Vec, len(out.Cols)), 0, nil
	for i := range out.Cols {
		o.row.Cols[i].Reset(out.Cols[i].Kind, 0)
	}
	o.row.AppendBatch(out)
	if err := o.in.Next(ctx, out); err != nil {
		return err
	}
	if out.N > 0 {
		return errSecondRow
	}
	*out = o.row
	return nil
}

// Close implements vec.Source.
func (o *maxOneOp) Close() error { return o.in.Close() }

func (o *maxOneOp) rewind(why restart) {
	o.done = false
	o.in.rewind(why)
}
