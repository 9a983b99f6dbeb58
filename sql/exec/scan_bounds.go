package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// scanBounds computes the values of a scan's conditions.
type scanBounds struct {
	node *plan.Scan
	prog *expr.Prog // the bounds that are there, in the order of boundExprs
}

func (c *compiler) scanBounds(n *plan.Scan) (*scanBounds, error) {
	list := n.Exprs()
	if len(list) == 0 {
		return &scanBounds{node: n}, nil
	}
	p, err := expr.CompileAll(list, nil, c.cc)
	return &scanBounds{node: n, prog: p}, err
}

// eval fills req; some is false when a bound is NULL, so that no row can satisfy
// the conditions.
func (b *scanBounds) eval(c *funcs.Ctx, req *ScanRequest) (some bool, err error) {
	if b.prog == nil {
		return true, nil
	}
	vals, err := b.prog.Datums(c)
	if err != nil {
		return false, err
	}
	next := func() types.Datum {
		d := vals[0]
		vals = vals[1:]
		return d
	}
	some = true
	bound := func(e plan.Expr) (types.Datum, bool) {
		if e == nil {
			return types.Null, false
		}
		d := next()
		some = some && !d.IsNull()
		return d, true
	}
	req.Ranges = req.Ranges[:0]
	for _, r := range b.node.Ranges {
		x := Bounds{LoOpen: r.LoOpen, HiOpen: r.HiOpen}
		x.Lo, x.HasLo = bound(r.Lo)
		x.Hi, x.HasHi = bound(r.Hi)
		req.Ranges = append(req.Ranges, x)
	}
	ix := b.node.Index
	if ix == nil {
		return some, nil
	}
	req.Eq, req.In = req.Eq[:0], nil
	for _, e := range ix.Eq {
		d, _ := bound(e)
		req.Eq = append(req.Eq, d)
	}
	if ix.In != nil {
		d, _ := bound(ix.In)
		if some {
			req.In, some = distinctElems(ix.In.Type(), d)
		}
	}
	req.Key = Bounds{LoOpen: ix.LoOpen, HiOpen: ix.HiOpen}
	req.Key.Lo, req.Key.HasLo = bound(ix.Lo)
	req.Key.Hi, req.Key.HasHi = bound(ix.Hi)
	return some, nil
}

// distinctElems gives the elements of an array that are not NULL, ascending and
// without repetition; some is false when there are none.
func distinctElems(t *types.Type, d types.Datum) (out []types.Datum, some bool) {
	elem := t.Underlying().Elem
	for _, x := range expr.Elements(t, d) {
		if !x.IsNull() {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, elem.Compare)
	out = slices.CompactFunc(out, func(a, b types.Datum) bool { return elem.Compare(a, b) == 0 })
	return out, len(out) > 0
}
