package rules

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// indexExprs is an index as expressions over a scan's columns. A key that reads a
// column the scan does not is nil.
type indexExprs struct {
	keys []plan.Expr
	pred []plan.Expr // conjuncts of a partial index's predicate
}

// exprs gives an index's keys over a scan; nil when its predicate cannot be told.
func (a *access) exprs(s *plan.Scan, ix *catalog.Relation) *indexExprs {
	if a.keys[s] == nil {
		a.keys[s] = map[catalog.OID]*indexExprs{}
	}
	e, ok := a.keys[s][ix.OID]
	if !ok {
		e = a.bindIndex(s, ix)
		a.keys[s][ix.OID] = e
	}
	return e
}

func (a *access) bindIndex(s *plan.Scan, ix *catalog.Relation) *indexExprs {
	e := &indexExprs{}
	for _, k := range ix.Index.Keys[:ix.Index.NKeys] {
		var x plan.Expr
		if k.Column == 0 {
			x = a.overScan(s, k.Expr, false)
		} else if id, ok := columnOf(s, k.Column); ok {
			x = a.Meta.Ref(id)
		}
		e.keys = append(e.keys, x)
	}
	if ix.Index.Predicate != "" {
		p := a.overScan(s, ix.Index.Predicate, true)
		if p == nil {
			return nil
		}
		e.pred = plan.Conjuncts(p)
	}
	return e
}

func columnOf(s *plan.Scan, attr int16) (plan.ColID, bool) {
	for i, x := range s.Attrs {
		if x == attr {
			return s.Cols[i], true
		}
	}
	return 0, false
}

// overScan binds a stored expression over a scan's columns; nil when it reads
// others.
func (a *access) overScan(s *plan.Scan, text string, pred bool) plan.Expr {
	if a.BindStored == nil {
		return nil
	}
	x, cols, err := a.BindStored(s.Rel, text, pred)
	if err != nil {
		return nil
	}
	missing := false
	x = plan.Map(x, func(e plan.Expr) plan.Expr {
		c, ok := e.(*plan.Col)
		if !ok {
			return e
		}
		id, ok := columnOf(s, cols[c.ID])
		if !ok {
			missing = true
			return e
		}
		return a.Meta.Ref(id)
	})
	if missing {
		return nil
	}
	return x
}

// follows tells whether rows that satisfy preds satisfy all of want: because it
// stands there, because a comparison is not true of NULL, or because a bound is at
// least as tight.
func follows(preds, want []plan.Expr) bool {
	for _, w := range want {
		ok := false
		for _, p := range preds {
			if ok = plan.Equal(p, w) || impliesNotNull(p, w) || impliesBound(p, w); ok {
				break
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

func impliesNotNull(p, w plan.Expr) bool {
	n, ok := w.(*plan.IsNull)
	if !ok || !n.Not {
		return false
	}
	c, ok := n.X.(*plan.Col)
	return ok && rejectsNull(p, plan.SetOf(c.ID))
}

// impliesBound tells whether x OP constant follows from x OP constant.
func impliesBound(p, w plan.Expr) bool {
	a, opA, va := boundBy(p)
	b, opB, vb := boundBy(w)
	if va == nil || vb == nil || !plan.Equal(a, b) || !sameOrder(va.Typ, vb.Typ) || va.Val.IsNull() || vb.Val.IsNull() {
		return false
	}
	c := va.Typ.Underlying().Compare(va.Val, vb.Val)
	switch opB {
	case ">":
		return (opA == ">" && c >= 0) || (opA == ">=" || opA == "=") && c > 0
	case ">=":
		return (opA == ">" || opA == ">=" || opA == "=") && c >= 0
	case "<":
		return (opA == "<" && c <= 0) || (opA == "<=" || opA == "=") && c < 0
	case "<=":
		return (opA == "<" || opA == "<=" || opA == "=") && c <= 0
	case "=":
		return opA == "=" && c == 0
	}
	return false
}

// boundBy splits x OP constant.
func boundBy(p plan.Expr) (plan.Expr, string, *plan.Const) {
	c, ok := p.(*plan.Call)
	if !ok || len(c.Args) != 2 || flipped[c.Op] == "" {
		return nil, "", nil
	}
	if k, ok := c.Args[1].(*plan.Const); ok {
		return c.Args[0], c.Op, k
	}
	if k, ok := c.Args[0].(*plan.Const); ok {
		return c.Args[1], flipped[c.Op], k
	}
	return nil, "", nil
}

// trimFilters drops the conditions that an index look-up satisfies already. Where
// rows are locked they stay: a row that has changed is judged by them again.
func trimFilters(c *Ctx, n plan.Node) plan.Node {
	a := newAccess(c)
	skip := map[*plan.Scan]bool{} // looked up by a join, which the conditions are left to
	plan.VisitNodes(n, func(n plan.Node) {
		if j, ok := n.(*plan.Join); ok && j.Method == plan.JoinIndex {
			skip[lookedAt(j.R)] = true
		}
	})
	return each(n, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		s, ok := f.In.(*plan.Scan)
		if !ok || s.Index == nil || s.Lock != plan.LockNone || skip[s] {
			return n
		}
		var rest []plan.Expr
		for _, p := range f.Preds {
			if !a.covered(s, p) {
				rest = append(rest, p)
			}
		}
		if len(rest) == 0 {
			return s
		}
		f.Preds = rest
		return f
	})
}

// lookedAt is the scan at the right of an index join.
func lookedAt(n plan.Node) *plan.Scan {
	for {
		switch x := n.(type) {
		case *plan.Filter:
			n = x.In
		case *plan.Scan:
			return x
		default:
			return nil
		}
	}
}

// covered tells whether all rows that the scan's index gives satisfy p.
func (a *access) covered(s *plan.Scan, p plan.Expr) bool {
	e := a.exprs(s, s.Index.Index)
	if e == nil {
		return false
	}
	own := plan.SetOf(s.Cols...)
	x := s.Index
	keys := e.keys
	if x.In != nil {
		if l, list := membershipOf(p, own); list != nil && keys[0] != nil && plan.Equal(l, keys[0]) && plan.Equal(list, x.In) {
			return true
		}
		keys = keys[1:]
	}
	l, op, val := comparisonOf(p, own)
	if val == nil {
		return false
	}
	for i, v := range x.Eq {
		if op == "=" && keys[i] != nil && plan.Equal(l, keys[i]) && plan.Equal(val, v) {
			return true
		}
	}
	if len(x.Eq) >= len(keys) || keys[len(x.Eq)] == nil || !plan.Equal(l, keys[len(x.Eq)]) {
		return false
	}
	same := func(bound plan.Expr, open bool, want string) bool {
		if open {
			want = want[:1]
		}
		return bound != nil && op == want && plan.Equal(val, bound)
	}
	return same(x.Lo, x.LoOpen, ">=") || same(x.Hi, x.HiOpen, "<=")
}
