package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// scanOp reads a relation, or the part of it that it is told to.
type scanOp struct {
	evaluator
	node   *plan.Scan
	bounds *scanBounds
	req    ScanRequest
	src    vec.Source
	batch  vec.Batch // the source's own (B5)
	sel    []int32
	row    int   // the next row of batch that is repeated
	copies int64 // how often it was given already
	opened bool
	// what the source is asked to leave out
	conds []*condSift
	joins []scanSift
}

func (c *compiler) scan(n *plan.Scan, want plan.ColSet) (rel, error) {
	n = pruned(n, want)
	conds := c.conds
	c.conds = nil
	c.define(n.Cols, scanTypes(n))
	b, err := c.scanBounds(n)
	if err != nil {
		return rel{}, err
	}
	o := &scanOp{evaluator: evaluator{rt: c.rt}, node: n, bounds: b, req: ScanRequest{Parts: 1, Limit: -1}}
	if o.conds, err = c.condSifts(conds, n); err != nil {
		return rel{}, err
	}
	o.joins = c.scanSifts(n)
	if c.parts != nil {
		c.parts.leaf = o
	}
	return rel{o, n.Cols}, nil
}

// pruned gives the scan with the wanted columns only.
func pruned(n *plan.Scan, want plan.ColSet) *plan.Scan {
	p := *n
	p.Cols, p.Attrs = nil, nil
	for i, id := range n.Cols {
		if want.Has(id) {
			p.Cols, p.Attrs = append(p.Cols, id), append(p.Attrs, n.Attrs[i])
		}
	}
	return &p
}

// scanTypes gives the types of a scan's columns.
func scanTypes(n *plan.Scan) []*types.Type {
	out := make([]*types.Type, len(n.Attrs))
	for i, a := range n.Attrs {
		out[i] = attrType(n.Rel, a)
	}
	return out
}

func attrType(rel *catalog.Relation, attr int16) *types.Type {
	switch attr {
	case plan.AttrRowID:
		return types.TInt8
	case plan.AttrCtid:
		return types.TTid
	case plan.AttrXmin, plan.AttrXmax:
		return types.TXid
	case plan.AttrCmin, plan.AttrCmax:
		return types.TCid
	case plan.AttrTableOID:
		return types.TOid
	}
	return rel.Columns[attr-1].Type
}

// Next implements vec.Source.
func (o *scanOp) Next(ctx context.Context, out *vec.Batch) error {
	if !o.opened {
		if err := o.open(ctx); err != nil {
			return err
		}
	}
	if o.src == nil { // a bound is NULL
		out.N = 0
		return ctx.Err()
	}
	if o.row < o.batch.N && o.batch.Weights != nil {
		o.repeat(out)
		return ctx.Err()
	}
	err := o.src.Next(ctx, &o.batch)
	*out = o.batch
	if out.Weights != nil && err == nil && out.N > 0 {
		o.row, o.copies = 0, 0
		o.repeat(out)
	}
	if len(out.Cols) == 0 {
		out.Sel = nil
	}
	return err
}

// repeat gives rows that count several times (of a materialized view) as often,
// by a selection that names their physical place again and again.
func (o *scanOp) repeat(out *vec.Batch) {
	o.sel = o.sel[:0]
	for o.row < o.batch.N {
		p := o.batch.Row(o.row)
		for ; o.copies < o.batch.Weights[p] && len(o.sel) < vec.Size; o.copies++ {
			o.sel = append(o.sel, int32(p))
		}
		if o.copies < o.batch.Weights[p] {
			break
		}
		o.row, o.copies = o.row+1, 0
	}
	*out = vec.Batch{Cols: o.batch.Cols, Sel: o.sel, N: len(o.sel)}
}

func (o *scanOp) open(ctx context.Context) error {
	o.opened = true
	some, err := o.bounds.eval(o.start(ctx), &o.req)
	if err != nil || !some {
		return err
	}
	o.req.Sifts = o.sifts()
	o.src, err = o.rt.Rels.Scan(ctx, o.node, &o.req)
	return err
}

// split asks into how many parts the scan may be divided.
func (o *scanOp) split(ctx context.Context) (int, error) {
	some, err := o.bounds.eval(o.start(ctx), &o.req)
	if err != nil || !some {
		return 1, err
	}
	return max(1, o.rt.Rels.Parts(o.node, &o.req)), nil
}

// part makes the operator read one part at its next run.
func (o *scanOp) part(part, parts int) { o.req.Part, o.req.Parts = part, parts }

// Close implements vec.Source.
func (o *scanOp) Close() error {
	if o.src == nil {
		return nil
	}
	err := o.src.Close()
	o.src, o.batch = nil, vec.Batch{}
	return err
}

func (o *scanOp) rewind(restart) {
	o.Close()
	o.opened = false
	o.evaluator.reset()
}

func (o *scanOp) hint(limit int64) { o.req.Limit = limit }

// hinter is an operator that can use to know how many rows it will be asked for.
type hinter interface{ hint(limit int64) }

func hint(o operator, limit int64) {
	if r, ok := o.(rel); ok {
		o = r.operator
	}
	if h, ok := o.(hinter); ok {
		h.hint(limit)
	}
}

func (o *countedOp) hint(limit int64) { hint(o.in, limit) }
