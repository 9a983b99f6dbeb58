package rules

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// chooseScans tells scans which blocks they may skip (ranges implied by the filter
// above), and has them look rows up by an index where that reads few.
func chooseScans(c *Ctx, n plan.Node) plan.Node {
	if c.View {
		return n
	}
	a := &access{Ctx: c, est: NewEstimator(c.Meta, c.Stats)}
	return each(n, a.node)
}

type access struct {
	*Ctx
	est *Estimator
}

func (a *access) node(n plan.Node) plan.Node {
	f, ok := n.(*plan.Filter)
	if !ok {
		return n
	}
	s, ok := f.In.(*plan.Scan)
	if !ok || s.Index != nil || !s.Rel.Stored() {
		return n
	}
	bounds := a.bounds(s, f.Preds)
	s.Ranges = s.Ranges[:0]
	for _, b := range bounds {
		s.Ranges = append(s.Ranges, b.rng)
	}
	a.index(s, f, bounds)
	return f
}

// bound is what the conditions say of one column.
type bound struct {
	rng plan.Range
	in  plan.Expr // column = ANY (in)
}

// known tells an expression whose value is known when a scan opens: constants,
// parameters, and columns of an enclosing query.
func known(e plan.Expr, own plan.ColSet) bool {
	return !own.Intersects(plan.ReadsOf(e)) && !plan.IsVolatile(e) && !plan.HasSubquery(e)
}

// bounds collects the ranges of the scan's columns. Only comparisons of a column
// with a value of its own physical kind and order count.
func (a *access) bounds(s *plan.Scan, preds []plan.Expr) []*bound {
	own := plan.SetOf(s.Cols...)
	byCol := map[plan.ColID]*bound{}
	var out []*bound
	get := func(id plan.ColID) *bound {
		b := byCol[id]
		if b == nil {
			b = &bound{rng: plan.Range{Col: id}}
			byCol[id] = b
			out = append(out, b)
		}
		return b
	}
	for _, p := range preds {
		switch p := p.(type) {
		case *plan.Call:
			col, op, val := comparisonOf(p, own)
			if val == nil || !known(val, own) || !sameOrder(col.Typ, val.Type()) {
				continue
			}
			narrowRange(&get(col.ID).rng, op, val)
		case *plan.ArrayCmp:
			col, ok := p.L.(*plan.Col)
			if ok && own.Has(col.ID) && p.Op == "=" && !p.All && known(p.R, own) && sameOrder(col.Typ, p.Elem) {
				get(col.ID).in = p.R
			}
		}
	}
	return out
}

// comparisonOf splits col OP value, either way round.
func comparisonOf(c *plan.Call, own plan.ColSet) (col *plan.Col, op string, val plan.Expr) {
	if len(c.Args) != 2 {
		return nil, "", nil
	}
	flip := map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
	if flip[c.Op] == "" || c.Fn.Schema != catalog.PgCatalogOID {
		return nil, "", nil
	}
	if l, ok := c.Args[0].(*plan.Col); ok && own.Has(l.ID) {
		return l, c.Op, c.Args[1]
	}
	if r, ok := c.Args[1].(*plan.Col); ok && own.Has(r.ID) {
		return r, flip[c.Op], c.Args[0]
	}
	return nil, "", nil
}

// sameOrder tells types whose values compare by their physical form alike:
// integers of all widths, floats, and otherwise the same type.
func sameOrder(a, b *types.Type) bool {
	a, b = a.Underlying(), b.Underlying()
	if types.Same(a, b) {
		return a.Kind != types.Bytes || a.PlainBytes()
	}
	isInt := func(t *types.Type) bool {
		return t.OID == types.Int2OID || t.OID == types.Int4OID || t.OID == types.Int8OID
	}
	isText := func(t *types.Type) bool {
		return t.OID == types.TextOID || t.OID == types.VarcharOID || t.OID == types.NameOID
	}
	return isInt(a) && isInt(b) || a.Kind == types.Float && b.Kind == types.Float || isText(a) && isText(b)
}

func narrowRange(r *plan.Range, op string, v plan.Expr) {
	switch op {
	case "=":
		r.Lo, r.Hi, r.LoOpen, r.HiOpen = v, v, false, false
	case "<", "<=":
		if r.Hi == nil {
			r.Hi, r.HiOpen = v, op == "<"
		}
	case ">", ">=":
		if r.Lo == nil {
			r.Lo, r.LoOpen = v, op == ">"
		}
	}
}

// index chooses the index that fixes the most leading keys, if it reads few rows
// of the whole. The filter stays.
func (a *access) index(s *plan.Scan, f *plan.Filter, bounds []*bound) {
	if a.Stats == nil || a.Catalog == nil || s.Rel.Kind != catalog.Table {
		return
	}
	total := a.est.Rows(s)
	var best *plan.IndexScan
	bestRows := total / 20
	for _, oid := range s.Rel.Indexes {
		ix := a.Catalog.RelationByOID(oid)
		if ix == nil || !ix.Index.Valid || ix.Index.Slot < 0 || ix.Index.Predicate != "" {
			continue
		}
		scan, sel := a.match(s, ix, bounds)
		if scan == nil {
			continue
		}
		rows := total * sel
		if ix.Index.Unique && len(scan.Eq) == ix.Index.NKeys {
			rows = 1
		}
		if rows <= bestRows || best == nil && ix.Index.Unique && len(scan.Eq) == ix.Index.NKeys {
			best, bestRows = scan, rows
		}
	}
	s.Index = best
}

// match fits an index to the bounds; nil when its first key is not bounded.
func (a *access) match(s *plan.Scan, ix *catalog.Relation, bounds []*bound) (*plan.IndexScan, float64) {
	out := &plan.IndexScan{Index: ix}
	sel := 1.0
	for i, k := range ix.Index.Keys[:ix.Index.NKeys] {
		b := boundOf(s, k, bounds)
		if b == nil {
			break
		}
		if b.rng.Lo != nil && b.rng.Lo == b.rng.Hi {
			out.Eq = append(out.Eq, b.rng.Lo)
			sel *= a.est.equal(a.Meta.Ref(b.rng.Col), nil)
			continue
		}
		if i == 0 && b.in != nil && ix.Index.NKeys == 1 {
			out.In = b.in
			return out, 10 * a.est.equal(a.Meta.Ref(b.rng.Col), nil)
		}
		if !k.Desc && (b.rng.Lo != nil || b.rng.Hi != nil) {
			out.Lo, out.LoOpen, out.Hi, out.HiOpen = b.rng.Lo, b.rng.LoOpen, b.rng.Hi, b.rng.HiOpen
			sel *= a.est.rangeSel(b.rng.Col, b.rng.Lo, b.rng.Hi)
		}
		break
	}
	if len(out.Eq) == 0 && out.Lo == nil && out.Hi == nil {
		return nil, 0
	}
	return out, sel
}

func boundOf(s *plan.Scan, k catalog.IndexKey, bounds []*bound) *bound {
	for i, attr := range s.Attrs {
		if k.Column == 0 || attr != k.Column {
			continue
		}
		for _, b := range bounds {
			if b.rng.Col == s.Cols[i] {
				return b
			}
		}
	}
	return nil
}
