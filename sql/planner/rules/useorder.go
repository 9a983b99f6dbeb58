package rules

import (
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// useOrder reads rows in the order of an index where only the first ones are wanted:
// for ORDER BY … LIMIT, and for min and max.
func useOrder(c *Ctx, n plan.Node) plan.Node {
	if c.View || c.Stats == nil || c.Catalog == nil || c.NoIndexScan {
		return n
	}
	u := &indexOrder{access: newAccess(c)}
	u.joins = &orderer{Ctx: c, est: u.est, acc: u.access}
	return each(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Limit:
			return u.limit(n)
		case *plan.Aggregate:
			return u.extreme(n)
		}
		return n
	})
}

type indexOrder struct {
	*access
	joins *orderer
}

// limit drops the Order below a Limit, or below the row locks under it, where an index gives the order and reading
// it that far costs less than sorting.
func (u *indexOrder) limit(n *plan.Limit) plan.Node {
	below := &n.In
	if l, ok := n.In.(*plan.LockRows); ok {
		below = &l.In
	}
	o, ok := (*below).(*plan.Order)
	if !ok || n.Count == nil {
		return n
	}
	s, preds, names := u.source(o.In)
	if s == nil {
		u.throughJoins(n, o, below)
		return n
	}
	found := u.cheapest(n, s, preds, renamed(o.Keys, names), u.est.cost(n).total, func(x *plan.IndexScan) float64 {
		return u.firstCost(n, s, x, u.est.tableRows(s)*u.est.all(preds), u.est.ops(preds))
	})
	if found == nil {
		return n
	}
	s.Index = found
	*below = o.In
	return n
}

// renamed gives the keys over what their columns stand for.
func renamed(keys []plan.SortKey, names map[plan.ColID]plan.Expr) []plan.SortKey {
	out := slices.Clone(keys)
	for i, k := range keys {
		if c, ok := k.X.(*plan.Col); ok {
			if x, ok := names[c.ID]; ok {
				out[i].X = x
			}
		}
	}
	return out
}

// cheapest finds the index of s that gives the order of keys for less than limit.
func (u *indexOrder) cheapest(n *plan.Limit, s *plan.Scan, preds []plan.Expr, keys []plan.SortKey, limit float64, price func(*plan.IndexScan) float64) *plan.IndexScan {
	var found *plan.IndexScan
	old := s.Index
	defer func() { s.Index = old }()
	for _, ix := range u.indexes(s) {
		x := u.ordered(s, ix, preds, keys)
		if x == nil {
			continue
		}
		if c := price(x); c < limit {
			found, limit = x, c
		}
	}
	return found
}

// source finds the scan whose rows in pass through n, filtered and projected, in
// their order: with the filters' conditions and what the projected columns stand
// for.
func (u *indexOrder) source(n plan.Node) (*plan.Scan, []plan.Expr, map[plan.ColID]plan.Expr) {
	names := map[plan.ColID]plan.Expr{}
	var preds []plan.Expr
	for {
		switch x := n.(type) {
		case *plan.Project:
			for id, v := range names {
				names[id] = substitute(v, valuesOf(x))
			}
			for i, id := range x.Cols {
				if _, ok := names[id]; !ok {
					names[id] = x.Vals[i]
				}
			}
			n = x.In
		case *plan.Filter:
			preds = append(preds, x.Preds...)
			n = x.In
		case *plan.Scan:
			if x.Rel.Kind != catalog.Table {
				return nil, nil, nil
			}
			return x, preds, names
		default:
			return nil, nil, nil
		}
	}
}

func valuesOf(p *plan.Project) map[plan.ColID]plan.Expr {
	vals := make(map[plan.ColID]plan.Expr, len(p.Cols))
	for i, id := range p.Cols {
		vals[id] = p.Vals[i]
	}
	return vals
}

// ordered fits an index to an order: after keys that are equal to one value, its
// keys are those of the order, all in its direction or all against it.
func (u *indexOrder) ordered(s *plan.Scan, ix *catalog.Relation, preds []plan.Expr, keys []plan.SortKey) *plan.IndexScan {
	e := u.exprs(s, ix)
	if e == nil || !follows(preds, e.pred) {
		return nil
	}
	facts := u.facts(s, preds)
	x := u.match(s, ix, facts, preds)
	if x == nil {
		x = &plan.IndexScan{Index: ix}
	}
	if x.In != nil {
		return nil
	}
	fixed := map[string]bool{}
	for _, k := range e.keys[:len(x.Eq)] {
		fixed[plan.Key(k)] = true
	}
	at := len(x.Eq)
	set := false
	for _, k := range keys {
		if fixed[plan.Key(k.X)] {
			continue
		}
		if at >= len(e.keys) {
			// A whole unique key tells rows apart: what comes after it orders nothing.
			if ix.Index.Unique && notNull(s, ix) {
				break
			}
			return nil
		}
		def := ix.Index.Keys[at]
		if e.keys[at] == nil || !plan.Equal(e.keys[at], k.X) || !ordersAlike(k.X.Type()) {
			return nil
		}
		reverse := def.Desc != k.Desc
		nullable := !neverNull(s, k.X)
		if nullable && (def.NullsFirst != reverse) != k.NullsFirst && !boundedBy(x, at, facts, k.X) {
			return nil
		}
		if set && x.Desc != reverse {
			return nil
		}
		x.Desc, set = reverse, true
		at++
	}
	if !set {
		return nil
	}
	return x
}

// boundedBy tells whether key at is compared with something, so that it is not NULL.
func boundedBy(x *plan.IndexScan, at int, facts []*fact, key plan.Expr) bool {
	f := factOf(facts, key)
	return at == len(x.Eq) && f != nil && (f.rng.Lo != nil || f.rng.Hi != nil)
}

// ordersAlike tells types that an index orders as ORDER BY does.
func ordersAlike(t *types.Type) bool { return sameOrder(t, t) }

func neverNull(s *plan.Scan, x plan.Expr) bool {
	c, ok := x.(*plan.Col)
	if !ok {
		return false
	}
	for i, id := range s.Cols {
		if id == c.ID && s.Attrs[i] > 0 {
			return s.Rel.Columns[s.Attrs[i]-1].NotNull
		}
	}
	return false
}

func notNull(s *plan.Scan, ix *catalog.Relation) bool {
	for _, k := range ix.Index.Keys[:ix.Index.NKeys] {
		if k.Column == 0 || !s.Rel.Columns[k.Column-1].NotNull {
			return false
		}
	}
	return true
}

// firstCost prices reading the first rows by an index, of which pass come through in
// all: as many as it takes until enough have. Each costs that much beyond its fetch.
func (u *indexOrder) firstCost(n *plan.Limit, s *plan.Scan, x *plan.IndexScan, pass, each float64) float64 {
	t := *s
	t.Index = x
	all := math.Max(u.est.tableRows(s)*u.est.indexed(&t), 1)
	if len(x.Eq) == 0 && x.Lo == nil && x.Hi == nil {
		all = math.Max(u.est.tableRows(s), 1)
	}
	want := u.est.Rows(n)
	if _, ok := n.Count.(*plan.Const); !ok {
		want = math.Max(1, all/10)
	}
	if k, ok := n.Offset.(*plan.Const); ok && !k.Val.IsNull() {
		want += float64(k.Val.Int())
	}
	read := math.Min(all, want*math.Max(1, all/math.Max(pass, 1)))
	return costSeek + all*costOp/10 + read*(costFetch+costTuple+each)
}

// extreme puts below min(x) or max(x) of all rows a limit to the first one in the
// order of x, NULLs left out, where an index on x gives that.
func (u *indexOrder) extreme(n *plan.Aggregate) plan.Node {
	if len(n.Groups) > 0 || n.Sets != nil || len(n.Aggs) != 1 {
		return n
	}
	a := &n.Aggs[0]
	name := a.Fn.Name
	if name != "min" && name != "max" || a.Filter != nil || len(a.Args) != 1 || a.Fn.Schema != catalog.PgCatalogOID {
		return n
	}
	c, ok := a.Args[0].(*plan.Col)
	if !ok || !ordersAlike(c.Typ) {
		return n
	}
	key := plan.SortKey{X: c, Desc: name == "max", NullsFirst: name == "max"}
	one := &plan.Const{Val: types.NewInt(1), Typ: types.TInt8, TypMod: types.NoMod}
	in := n.In
	if !u.neverNullCol(in, c.ID) {
		in = &plan.Filter{In: in, Preds: []plan.Expr{&plan.IsNull{X: c, Not: true}}}
	}
	l := &plan.Limit{In: &plan.Order{In: in, Keys: []plan.SortKey{key}}, Count: one}
	if u.limit(l); l.In != in {
		return n // no index: all rows are read anyway
	}
	n.In = l
	return n
}

// neverNullCol tells whether a column of n is a stored one that is never NULL.
func (u *indexOrder) neverNullCol(n plan.Node, id plan.ColID) bool {
	s, _, names := u.source(n)
	if s == nil {
		return false
	}
	x := plan.Expr(u.Meta.Ref(id))
	if v, ok := names[id]; ok {
		x = v
	}
	return neverNull(s, x)
}
