package plan

import "slices"

// Inputs, outputs and expressions of every node.

// Inputs implements Node.
func (n *Scan) Inputs() []Node { return nil }

// SetInput implements Node.
func (n *Scan) SetInput(int, Node) {}

// Out implements Node.
func (n *Scan) Out() []ColID { return n.Cols }

// Inputs implements Node.
func (n *Values) Inputs() []Node { return nil }

// SetInput implements Node.
func (n *Values) SetInput(int, Node) {}

// Out implements Node.
func (n *Values) Out() []ColID { return n.Cols }

// Inputs implements Node.
func (n *Filter) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *Filter) SetInput(_ int, in Node) { n.In = in }

// Out implements Node.
func (n *Filter) Out() []ColID { return n.In.Out() }

// Exprs implements Node.
func (n *Filter) Exprs() []Expr { return n.Preds }

// MapExprs implements Node.
func (n *Filter) MapExprs(fn func(Expr) Expr) { mapList(n.Preds, fn) }

// Inputs implements Node.
func (n *Project) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *Project) SetInput(_ int, in Node) { n.In = in }

// Out implements Node.
func (n *Project) Out() []ColID { return n.Cols }

// Exprs implements Node.
func (n *Project) Exprs() []Expr { return n.Vals }

// MapExprs implements Node.
func (n *Project) MapExprs(fn func(Expr) Expr) { mapList(n.Vals, fn) }

// Inputs implements Node.
func (n *FlatMap) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *FlatMap) SetInput(_ int, in Node) { n.In = in }

// Inputs implements Node.
func (n *Join) Inputs() []Node { return []Node{n.L, n.R} }

// SetInput implements Node.
func (n *Join) SetInput(i int, in Node) {
	if i == 0 {
		n.L = in
	} else {
		n.R = in
	}
}

// Out implements Node.
func (n *Join) Out() []ColID { return joinOut(n.Kind, n.L, n.R, n.MarkCol) }

// Exprs implements Node.
func (n *Join) Exprs() []Expr { return n.On }

// MapExprs implements Node.
func (n *Join) MapExprs(fn func(Expr) Expr) { mapList(n.On, fn) }

// Inputs implements Node.
func (n *Apply) Inputs() []Node { return []Node{n.L, n.R} }

// SetInput implements Node.
func (n *Apply) SetInput(i int, in Node) {
	if i == 0 {
		n.L = in
	} else {
		n.R = in
	}
}

// Out implements Node.
func (n *Apply) Out() []ColID { return joinOut(n.Kind, n.L, n.R, n.MarkCol) }

// Exprs implements Node.
func (n *Apply) Exprs() []Expr { return n.On }

// MapExprs implements Node.
func (n *Apply) MapExprs(fn func(Expr) Expr) { mapList(n.On, fn) }

// Inputs implements Node.
func (n *Aggregate) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *Aggregate) SetInput(_ int, in Node) { n.In = in }

// Inputs implements Node.
func (n *DistinctRows) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *DistinctRows) SetInput(_ int, in Node) { n.In = in }

// Out implements Node.
func (n *DistinctRows) Out() []ColID { return n.In.Out() }

// Exprs implements Node.
func (n *DistinctRows) Exprs() []Expr { return nil }

// MapExprs implements Node.
func (n *DistinctRows) MapExprs(func(Expr) Expr) {}

// Out implements Node.
func (n *SetOp) Out() []ColID { return n.Cols }

// Exprs implements Node.
func (n *SetOp) Exprs() []Expr { return nil }

// MapExprs implements Node.
func (n *SetOp) MapExprs(func(Expr) Expr) {}

// Inputs implements Node.
func (n *Order) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *Order) SetInput(_ int, in Node) { n.In = in }

// Out implements Node.
func (n *Order) Out() []ColID { return n.In.Out() }

// Inputs implements Node.
func (n *Limit) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *Limit) SetInput(_ int, in Node) { n.In = in }

// Out implements Node.
func (n *Limit) Out() []ColID { return n.In.Out() }

// Inputs implements Node.
func (n *Over) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *Over) SetInput(_ int, in Node) { n.In = in }

// Inputs implements Node.
func (n *Recursive) Inputs() []Node { return []Node{n.Base, n.Step} }

// SetInput implements Node.
func (n *Recursive) SetInput(i int, in Node) {
	if i == 0 {
		n.Base = in
	} else {
		n.Step = in
	}
}

// Out implements Node.
func (n *Recursive) Out() []ColID { return n.Cols }

// Exprs implements Node.
func (n *Recursive) Exprs() []Expr { return nil }

// MapExprs implements Node.
func (n *Recursive) MapExprs(func(Expr) Expr) {}

// Inputs implements Node.
func (n *WorkScan) Inputs() []Node { return nil }

// SetInput implements Node.
func (n *WorkScan) SetInput(int, Node) {}

// Out implements Node.
func (n *WorkScan) Out() []ColID { return n.Cols }

// Exprs implements Node.
func (n *WorkScan) Exprs() []Expr { return nil }

// MapExprs implements Node.
func (n *WorkScan) MapExprs(func(Expr) Expr) {}

// Inputs implements Node.
func (n *With) Inputs() []Node { return []Node{n.Def, n.Body} }

// SetInput implements Node.
func (n *With) SetInput(i int, in Node) {
	if i == 0 {
		n.Def = in
	} else {
		n.Body = in
	}
}

// Out implements Node.
func (n *With) Out() []ColID { return n.Body.Out() }

// Exprs implements Node.
func (n *With) Exprs() []Expr { return nil }

// MapExprs implements Node.
func (n *With) MapExprs(func(Expr) Expr) {}

// Inputs implements Node.
func (n *CTEScan) Inputs() []Node { return nil }

// SetInput implements Node.
func (n *CTEScan) SetInput(int, Node) {}

// Out implements Node.
func (n *CTEScan) Out() []ColID { return n.Cols }

// Exprs implements Node.
func (n *CTEScan) Exprs() []Expr { return nil }

// MapExprs implements Node.
func (n *CTEScan) MapExprs(func(Expr) Expr) {}

// Reads are the columns that the filter looks at.
func (n *TimeFilter) Reads() []ColID {
	var out []ColID
	for _, id := range []ColID{n.From, n.Until, n.Window} {
		if id >= 0 {
			out = append(out, id)
		}
	}
	return out
}

// Grows is the column whose bound tells when rows are due.
func (n *TimeFilter) Grows() ColID {
	if n.Window >= 0 {
		return n.Window
	}
	return n.From
}

// Inputs implements Node.
func (n *TimeFilter) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *TimeFilter) SetInput(_ int, in Node) { n.In = in }

// Out implements Node.
func (n *TimeFilter) Out() []ColID { return n.In.Out() }

// Exprs implements Node.
func (n *TimeFilter) Exprs() []Expr { return nil }

// MapExprs implements Node.
func (n *TimeFilter) MapExprs(func(Expr) Expr) {}

// Inputs implements Node.
func (n *Session) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *Session) SetInput(_ int, in Node) { n.In = in }

// Out implements Node.
func (n *Session) Out() []ColID { return appendCols(n.In.Out(), n.Start, n.End) }

// Exprs implements Node.
func (n *Session) Exprs() []Expr { return nil }

// MapExprs implements Node.
func (n *Session) MapExprs(func(Expr) Expr) {}

// Inputs implements Node.
func (n *LockRows) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *LockRows) SetInput(_ int, in Node) { n.In = in }

// Out implements Node.
func (n *LockRows) Out() []ColID { return n.In.Out() }

// Exprs implements Node.
func (n *LockRows) Exprs() []Expr { return nil }

// MapExprs implements Node.
func (n *LockRows) MapExprs(func(Expr) Expr) {}

// Inputs implements Node.
func (n *MaxOne) Inputs() []Node { return []Node{n.In} }

// SetInput implements Node.
func (n *MaxOne) SetInput(_ int, in Node) { n.In = in }

// Out implements Node.
func (n *MaxOne) Out() []ColID { return n.In.Out() }

// Exprs implements Node.
func (n *MaxOne) Exprs() []Expr { return nil }

// MapExprs implements Node.
func (n *MaxOne) MapExprs(func(Expr) Expr) {}

// Inputs implements Node.
func (n *SetOp) Inputs() []Node { return n.Ins }

// SetInput implements Node.
func (n *SetOp) SetInput(i int, in Node) { n.Ins[i] = in }

// Exprs implements Node: the bounds of ranges and of the index look-up.
func (n *Scan) Exprs() []Expr {
	var out []Expr
	n.eachExpr(func(e *Expr) { out = append(out, *e) })
	return out
}

// MapExprs implements Node.
func (n *Scan) MapExprs(fn func(Expr) Expr) { n.eachExpr(func(e *Expr) { *e = fn(*e) }) }

func (n *Scan) eachExpr(fn func(*Expr)) {
	visit := func(e *Expr) {
		if *e != nil {
			fn(e)
		}
	}
	for i := range n.Ranges {
		visit(&n.Ranges[i].Lo)
		visit(&n.Ranges[i].Hi)
	}
	if x := n.Index; x != nil {
		for i := range x.Eq {
			visit(&x.Eq[i])
		}
		visit(&x.In)
		visit(&x.Lo)
		visit(&x.Hi)
	}
}

// Exprs implements Node.
func (n *Values) Exprs() []Expr {
	return slices.Concat(n.Rows...)
}

// MapExprs implements Node.
func (n *Values) MapExprs(fn func(Expr) Expr) {
	for _, r := range n.Rows {
		mapList(r, fn)
	}
}

// Out implements Node.
func (n *FlatMap) Out() []ColID {
	out := appendCols(n.In.Out())
	for _, g := range n.Gens {
		out = append(out, g.Cols...)
	}
	if n.Ordinal >= 0 {
		out = append(out, n.Ordinal)
	}
	return out
}

// Exprs implements Node.
func (n *FlatMap) Exprs() []Expr {
	var out []Expr
	for i := range n.Gens {
		out = append(out, n.Gens[i].Args...)
		if n.Gens[i].Scalar != nil {
			out = append(out, n.Gens[i].Scalar)
		}
	}
	return out
}

// MapExprs implements Node.
func (n *FlatMap) MapExprs(fn func(Expr) Expr) {
	for i := range n.Gens {
		mapList(n.Gens[i].Args, fn)
		if n.Gens[i].Scalar != nil {
			n.Gens[i].Scalar = fn(n.Gens[i].Scalar)
		}
	}
}

// Out implements Node.
func (n *Aggregate) Out() []ColID {
	out := appendCols(n.GroupOut)
	if n.Sets != nil {
		out = append(out, n.SetCol)
	}
	for _, a := range n.Aggs {
		out = append(out, a.Col)
	}
	return out
}

// Exprs implements Node.
func (n *Aggregate) Exprs() []Expr {
	var out []Expr
	for i := range n.Aggs {
		n.Aggs[i].eachExpr(func(e *Expr) { out = append(out, *e) })
	}
	return out
}

// MapExprs implements Node.
func (n *Aggregate) MapExprs(fn func(Expr) Expr) {
	for i := range n.Aggs {
		n.Aggs[i].eachExpr(func(e *Expr) { *e = fn(*e) })
	}
}

func (a *Agg) eachExpr(fn func(*Expr)) {
	for i := range a.Args {
		fn(&a.Args[i])
	}
	for i := range a.OrderBy {
		fn(&a.OrderBy[i].X)
	}
	if a.Filter != nil {
		fn(&a.Filter)
	}
}

// Exprs implements Node.
func (n *Order) Exprs() []Expr { return keyExprs(n.Keys) }

// MapExprs implements Node.
func (n *Order) MapExprs(fn func(Expr) Expr) { mapKeys(n.Keys, fn) }

// Exprs implements Node.
func (n *Limit) Exprs() []Expr {
	out := keyExprs(n.Ties)
	if n.Count != nil {
		out = append(out, n.Count)
	}
	if n.Offset != nil {
		out = append(out, n.Offset)
	}
	return out
}

// MapExprs implements Node.
func (n *Limit) MapExprs(fn func(Expr) Expr) {
	mapKeys(n.Ties, fn)
	if n.Count != nil {
		n.Count = fn(n.Count)
	}
	if n.Offset != nil {
		n.Offset = fn(n.Offset)
	}
}

// Out implements Node.
func (n *Over) Out() []ColID {
	out := appendCols(n.In.Out())
	for _, c := range n.Calls {
		out = append(out, c.Col)
	}
	return out
}

// Exprs implements Node.
func (n *Over) Exprs() []Expr {
	out := keyExprs(n.OrderBy)
	for i := range n.Calls {
		n.Calls[i].eachExpr(func(e *Expr) { out = append(out, *e) })
	}
	return out
}

// MapExprs implements Node.
func (n *Over) MapExprs(fn func(Expr) Expr) {
	mapKeys(n.OrderBy, fn)
	for i := range n.Calls {
		n.Calls[i].eachExpr(func(e *Expr) { *e = fn(*e) })
	}
}

func (c *WinCall) eachExpr(fn func(*Expr)) {
	for i := range c.Args {
		fn(&c.Args[i])
	}
	for _, e := range []*Expr{&c.Filter, &c.Frame.StartX, &c.Frame.EndX} {
		if *e != nil {
			fn(e)
		}
	}
}

func joinOut(kind JoinKind, l, r Node, mark ColID) []ColID {
	switch kind {
	case Semi, Anti, NullAnti:
		return l.Out()
	case Mark:
		return appendCols(l.Out(), mark)
	}
	return appendCols(l.Out(), r.Out()...)
}

func appendCols(a []ColID, b ...ColID) []ColID {
	return append(append(make([]ColID, 0, len(a)+len(b)+4), a...), b...)
}

func mapList(list []Expr, fn func(Expr) Expr) {
	for i := range list {
		list[i] = fn(list[i])
	}
}

func keyExprs(keys []SortKey) []Expr {
	out := make([]Expr, len(keys))
	for i := range keys {
		out[i] = keys[i].X
	}
	return out
}

func mapKeys(keys []SortKey, fn func(Expr) Expr) {
	for i := range keys {
		keys[i].X = fn(keys[i].X)
	}
}
