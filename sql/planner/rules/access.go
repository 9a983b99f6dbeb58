package rules

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// chooseScans tells scans which blocks they may skip (ranges implied by the filter
// above), and has them look rows up by an index where that costs less.
func chooseScans(c *Ctx, n plan.Node) plan.Node {
	if c.View {
		return n
	}
	a := newAccess(c)
	return each(n, a.node)
}

// access chooses how stored rows are reached.
type access struct {
	*Ctx
	est *Estimator
	// keys caches the expressions of indexes' keys and predicates by scan.
	keys map[*plan.Scan]map[catalog.OID]*indexExprs
}

func newAccess(c *Ctx) *access {
	return &access{Ctx: c, est: NewEstimator(c.Meta, c.Stats), keys: map[*plan.Scan]map[catalog.OID]*indexExprs{}}
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
	facts := a.facts(s, f.Preds)
	s.Ranges = s.Ranges[:0]
	for _, b := range facts {
		if _, ok := b.x.(*plan.Col); ok && (b.rng.Lo != nil || b.rng.Hi != nil) {
			s.Ranges = append(s.Ranges, b.rng)
		}
	}
	a.index(s, f, facts)
	return f
}

// fact is what the conditions say of one expression over a scan's columns.
type fact struct {
	x   plan.Expr
	rng plan.Range
	in  plan.Expr // x = ANY (in)
}

// known tells an expression whose value is known when a scan opens: constants,
// parameters, and columns of an enclosing query.
func known(e plan.Expr, own plan.ColSet) bool {
	return !own.Intersects(plan.ReadsOf(e)) && !plan.IsVolatile(e) && !plan.HasSubquery(e)
}

// facts collects what conditions say of expressions over the scan's columns. Only
// comparisons with a value of its own physical kind and order count.
func (a *access) facts(s *plan.Scan, preds []plan.Expr) []*fact {
	own := plan.SetOf(s.Cols...)
	by := map[string]*fact{}
	var out []*fact
	get := func(x plan.Expr) *fact {
		k := plan.Key(x)
		b := by[k]
		if b == nil {
			b = &fact{x: x}
			if c, ok := x.(*plan.Col); ok {
				b.rng.Col = c.ID
			}
			by[k] = b
			out = append(out, b)
		}
		return b
	}
	for _, p := range preds {
		if x, op, val := comparisonOf(p, own); val != nil {
			narrowRange(&get(x).rng, op, val)
		} else if x, list := membershipOf(p, own); list != nil {
			get(x).in = list
		}
	}
	return out
}

var flipped = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// comparisonOf splits a comparison of an expression over own columns with a known
// value, either way round; val is nil for anything else.
func comparisonOf(p plan.Expr, own plan.ColSet) (x plan.Expr, op string, val plan.Expr) {
	c, ok := p.(*plan.Call)
	if !ok || len(c.Args) != 2 || flipped[c.Op] == "" || c.Fn.Schema != catalog.PgCatalogOID {
		return nil, "", nil
	}
	l, r := c.Args[0], c.Args[1]
	switch {
	case !sameOrder(l.Type(), r.Type()):
	case mine(l, own) && known(r, own):
		return l, c.Op, r
	case mine(r, own) && known(l, own):
		return r, flipped[c.Op], l
	}
	return nil, "", nil
}

// mine tells an expression that an index may be over: it reads own columns only.
func mine(e plan.Expr, own plan.ColSet) bool {
	reads := plan.ReadsOf(e)
	return len(reads) > 0 && own.ContainsAll(reads) && !plan.IsVolatile(e) && !plan.HasSubquery(e)
}

// membershipOf splits x = ANY (list); list is nil for anything else.
func membershipOf(p plan.Expr, own plan.ColSet) (x, list plan.Expr) {
	c, ok := p.(*plan.ArrayCmp)
	if !ok || c.Op != "=" || c.All || !mine(c.L, own) || !known(c.R, own) || !sameOrder(c.L.Type(), c.Elem) {
		return nil, nil
	}
	return c.L, c.R
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

// index chooses the index that costs least, if it costs less than reading all. A
// look-up of a whole unique key is always taken: a table may grow.
func (a *access) index(s *plan.Scan, f *plan.Filter, facts []*fact) {
	if a.Stats == nil || a.NoIndexScan {
		return
	}
	bare := *s
	bare.Index = nil
	best := a.est.price(&plan.Filter{In: &bare, Preds: f.Preds}).total
	if a.NoSeqScan {
		best += costOff
	}
	for _, ix := range a.indexes(s) {
		x := a.match(s, ix, facts, f.Preds)
		if x == nil {
			continue
		}
		c := a.indexCost(s, x)
		if x.Index.Index.Unique && len(x.Eq) == x.Index.Index.NKeys {
			c = 0
		}
		if c < best {
			best, s.Index = c, x
		}
	}
}

// indexCost prices a scan by an index.
func (a *access) indexCost(s *plan.Scan, x *plan.IndexScan) float64 {
	t := *s
	t.Index = x
	return a.est.price(&t).total
}

// indexes gives the indexes of a scan's table that can be read.
func (a *access) indexes(s *plan.Scan) []*catalog.Relation {
	if a.Catalog == nil || s.Rel.Kind != catalog.Table {
		return nil
	}
	var out []*catalog.Relation
	for _, oid := range s.Rel.Indexes {
		if ix := a.Catalog.RelationByOID(oid); ix != nil && ix.Index.Valid && ix.Index.Slot >= 0 {
			out = append(out, ix)
		}
	}
	return out
}

// match fits an index to the facts; nil when its first key is not bounded, or when
// it holds only some rows and these need not be all.
func (a *access) match(s *plan.Scan, ix *catalog.Relation, facts []*fact, preds []plan.Expr) *plan.IndexScan {
	e := a.exprs(s, ix)
	if e == nil || !follows(preds, e.pred) {
		return nil
	}
	x := &plan.IndexScan{Index: ix}
	for i, k := range e.keys {
		b := factOf(facts, k)
		if b == nil {
			break
		}
		if b.rng.Lo != nil && b.rng.Lo == b.rng.Hi {
			x.Eq = append(x.Eq, b.rng.Lo)
			continue
		}
		if i == 0 && b.in != nil {
			x.In = b.in
			continue
		}
		if !ix.Index.Keys[i].Desc && x.In == nil && (b.rng.Lo != nil || b.rng.Hi != nil) {
			x.Lo, x.LoOpen, x.Hi, x.HiOpen = b.rng.Lo, b.rng.LoOpen, b.rng.Hi, b.rng.HiOpen
		}
		break
	}
	if len(x.Eq) == 0 && x.In == nil && x.Lo == nil && x.Hi == nil {
		return nil
	}
	return x
}

func factOf(facts []*fact, key plan.Expr) *fact {
	for _, b := range facts {
		if key != nil && plan.Equal(b.x, key) {
			return b
		}
	}
	return nil
}
