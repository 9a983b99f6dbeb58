package plan

// Copy copies a plan. Where swap gives a node in place of one of the original's,
// that one stands in the copy, with what is below it. Columns keep their ids.
// Plans of subqueries in expressions are copied too.
func Copy(n Node, swap func(Node) Node) Node {
	c := (&copier{swap: swap, subs: map[*Subquery]*Subquery{}}).tree(n)
	withs := map[int]*With{}
	VisitNodes(c, func(n Node) {
		if w, ok := n.(*With); ok {
			withs[w.ID] = w
		}
	})
	VisitNodes(c, func(n Node) {
		if s, ok := n.(*CTEScan); ok && withs[s.ID] != nil {
			s.Def = withs[s.ID]
		}
	})
	return c
}

type copier struct {
	swap func(Node) Node
	// subs are the subqueries copied so far: one that occurs twice stays one.
	subs map[*Subquery]*Subquery
}

func (p *copier) tree(n Node) Node {
	if p.swap != nil {
		if s := p.swap(n); s != nil {
			return s
		}
	}
	c := shallow(n)
	for i, in := range n.Inputs() {
		c.SetInput(i, p.tree(in))
	}
	for _, e := range n.Exprs() {
		if HasSubquery(e) {
			c.MapExprs(func(e Expr) Expr { return Map(e, p.subquery) })
			break
		}
	}
	return c
}

func (p *copier) subquery(e Expr) Expr {
	s, ok := e.(*Subquery)
	if !ok {
		return e
	}
	if p.subs[s] == nil {
		c := *s
		c.Plan = p.tree(s.Plan)
		p.subs[s] = &c
	}
	return p.subs[s]
}

// shallow copies one node with lists of its own, so that rules that change the
// copy in place leave the original alone.
func shallow(n Node) Node {
	switch n := n.(type) {
	case *Scan:
		c := *n
		c.Cols, c.Attrs, c.Ranges = clone(n.Cols), clone(n.Attrs), clone(n.Ranges)
		if n.Index != nil {
			x := *n.Index
			x.Eq = clone(x.Eq)
			c.Index = &x
		}
		return &c
	case *Values:
		c := *n
		c.Rows = make([][]Expr, len(n.Rows))
		for i := range n.Rows {
			c.Rows[i] = clone(n.Rows[i])
		}
		c.Cols = clone(n.Cols)
		return &c
	case *Filter:
		c := *n
		c.Preds = clone(n.Preds)
		return &c
	case *Project:
		c := *n
		c.Vals, c.Cols = clone(n.Vals), clone(n.Cols)
		return &c
	case *FlatMap:
		c := *n
		c.Gens = clone(n.Gens)
		for i := range c.Gens {
			c.Gens[i].Args, c.Gens[i].Cols = clone(n.Gens[i].Args), clone(n.Gens[i].Cols)
		}
		return &c
	case *Join:
		c := *n
		c.On, c.Merge = clone(n.On), clone(n.Merge)
		return &c
	case *Apply:
		c := *n
		c.On = clone(n.On)
		return &c
	case *Aggregate:
		return copyAggregate(n)
	case *DistinctRows:
		c := *n
		c.On = clone(n.On)
		return &c
	case *SetOp:
		c := *n
		c.Ins, c.InCols, c.Cols = clone(n.Ins), clone(n.InCols), clone(n.Cols)
		return &c
	case *Order:
		c := *n
		c.Keys = clone(n.Keys)
		return &c
	case *Limit:
		c := *n
		c.Ties = clone(n.Ties)
		return &c
	case *Over:
		c := *n
		c.Partition, c.OrderBy, c.Calls = clone(n.Partition), clone(n.OrderBy), clone(n.Calls)
		for i := range c.Calls {
			c.Calls[i].Args = clone(n.Calls[i].Args)
		}
		return &c
	case *Recursive:
		c := *n
		c.BaseCols, c.StepCols, c.Cols = clone(n.BaseCols), clone(n.StepCols), clone(n.Cols)
		return &c
	case *WorkScan:
		c := *n
		c.Cols = clone(n.Cols)
		return &c
	case *With:
		c := *n
		c.DefCols = clone(n.DefCols)
		return &c
	case *CTEScan:
		c := *n
		c.Cols = clone(n.Cols)
		return &c
	case *TimeFilter:
		c := *n
		return &c
	case *Session:
		c := *n
		c.Partition = clone(n.Partition)
		return &c
	case *LockRows:
		c := *n
		c.Rels = clone(n.Rels)
		return &c
	case *MaxOne:
		c := *n
		return &c
	}
	panic("plan: unknown node")
}

func copyAggregate(n *Aggregate) Node {
	c := *n
	c.Groups, c.GroupOut, c.Sets, c.Aggs = clone(n.Groups), clone(n.GroupOut), clone(n.Sets), clone(n.Aggs)
	for i := range c.Aggs {
		c.Aggs[i].Args, c.Aggs[i].OrderBy = clone(n.Aggs[i].Args), clone(n.Aggs[i].OrderBy)
	}
	return &c
}

func clone[T any](s []T) []T {
	if s == nil {
		return nil
	}
	return append(make([]T, 0, len(s)), s...)
}
