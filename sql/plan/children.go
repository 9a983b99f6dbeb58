package plan

// The operands of every expression, and the same expression over others.

func none(e Expr, _ []Expr) Expr { return e }

// Children implements Expr.
func (e *Col) Children() []Expr { return nil }

// WithChildren implements Expr.
func (e *Col) WithChildren(c []Expr) Expr { return none(e, c) }

// Children implements Expr.
func (e *Const) Children() []Expr { return nil }

// WithChildren implements Expr.
func (e *Const) WithChildren(c []Expr) Expr { return none(e, c) }

// Children implements Expr.
func (e *Param) Children() []Expr { return nil }

// WithChildren implements Expr.
func (e *Param) WithChildren(c []Expr) Expr { return none(e, c) }

// Children implements Expr.
func (e *CaseArg) Children() []Expr { return nil }

// WithChildren implements Expr.
func (e *CaseArg) WithChildren(c []Expr) Expr { return none(e, c) }

// Children implements Expr.
func (e *Grouping) Children() []Expr { return nil }

// WithChildren implements Expr.
func (e *Grouping) WithChildren(c []Expr) Expr { return none(e, c) }

// Children implements Expr.
func (e *Call) Children() []Expr { return e.Args }

// WithChildren implements Expr.
func (e *Call) WithChildren(c []Expr) Expr { n := *e; n.Args = c; return &n }

// Children implements Expr.
func (e *And) Children() []Expr { return e.Args }

// WithChildren implements Expr.
func (e *And) WithChildren(c []Expr) Expr { return &And{Args: c} }

// Children implements Expr.
func (e *Or) Children() []Expr { return e.Args }

// WithChildren implements Expr.
func (e *Or) WithChildren(c []Expr) Expr { return &Or{Args: c} }

// Children implements Expr.
func (e *Not) Children() []Expr { return []Expr{e.X} }

// WithChildren implements Expr.
func (e *Not) WithChildren(c []Expr) Expr { return &Not{X: c[0]} }

// Children implements Expr.
func (e *IsNull) Children() []Expr { return []Expr{e.X} }

// WithChildren implements Expr.
func (e *IsNull) WithChildren(c []Expr) Expr { n := *e; n.X = c[0]; return &n }

// Children implements Expr.
func (e *RowNull) Children() []Expr { return []Expr{e.X} }

// WithChildren implements Expr.
func (e *RowNull) WithChildren(c []Expr) Expr { n := *e; n.X = c[0]; return &n }

// Children implements Expr.
func (e *BoolTest) Children() []Expr { return []Expr{e.X} }

// WithChildren implements Expr.
func (e *BoolTest) WithChildren(c []Expr) Expr { n := *e; n.X = c[0]; return &n }

// Children implements Expr.
func (e *Distinct) Children() []Expr { return []Expr{e.L, e.R} }

// WithChildren implements Expr.
func (e *Distinct) WithChildren(c []Expr) Expr { n := *e; n.L, n.R = c[0], c[1]; return &n }

// Children implements Expr. They are the operand of a simple CASE if there is
// one, then condition and result of each arm, then the ELSE.
func (e *Case) Children() []Expr {
	out := make([]Expr, 0, 2*len(e.Whens)+2)
	if e.Arg != nil {
		out = append(out, e.Arg)
	}
	for _, w := range e.Whens {
		out = append(out, w.Cond, w.Then)
	}
	return append(out, e.Else)
}

// WithChildren implements Expr.
func (e *Case) WithChildren(c []Expr) Expr {
	n := *e
	if e.Arg != nil {
		n.Arg, c = c[0], c[1:]
	}
	n.Whens = make([]When, len(e.Whens))
	for i := range n.Whens {
		n.Whens[i] = When{c[2*i], c[2*i+1]}
	}
	n.Else = c[len(c)-1]
	return &n
}

// Children implements Expr.
func (e *Coalesce) Children() []Expr { return e.Args }

// WithChildren implements Expr.
func (e *Coalesce) WithChildren(c []Expr) Expr { n := *e; n.Args = c; return &n }

// Children implements Expr.
func (e *MinMax) Children() []Expr { return e.Args }

// WithChildren implements Expr.
func (e *MinMax) WithChildren(c []Expr) Expr { n := *e; n.Args = c; return &n }

// Children implements Expr.
func (e *NullIf) Children() []Expr { return []Expr{e.L, e.R, e.X} }

// WithChildren implements Expr.
func (e *NullIf) WithChildren(c []Expr) Expr { n := *e; n.L, n.R, n.X = c[0], c[1], c[2]; return &n }

// Children implements Expr.
func (e *ArrayCmp) Children() []Expr { return []Expr{e.L, e.R} }

// WithChildren implements Expr.
func (e *ArrayCmp) WithChildren(c []Expr) Expr { n := *e; n.L, n.R = c[0], c[1]; return &n }

// Children implements Expr.
func (e *MakeArray) Children() []Expr { return e.Elems }

// WithChildren implements Expr.
func (e *MakeArray) WithChildren(c []Expr) Expr { n := *e; n.Elems = c; return &n }

// Children implements Expr.
func (e *MakeRow) Children() []Expr { return e.Args }

// WithChildren implements Expr.
func (e *MakeRow) WithChildren(c []Expr) Expr { n := *e; n.Args = c; return &n }

// Children implements Expr.
func (e *Field) Children() []Expr { return []Expr{e.X} }

// WithChildren implements Expr.
func (e *Field) WithChildren(c []Expr) Expr { n := *e; n.X = c[0]; return &n }

// Children implements Expr: the array, the bounds that are given, the value that
// is assigned if there is one.
func (e *Subscript) Children() []Expr {
	out := []Expr{e.X}
	for _, s := range e.Subs {
		if s.Lo != nil {
			out = append(out, s.Lo)
		}
		if s.Hi != nil {
			out = append(out, s.Hi)
		}
	}
	if e.Assign != nil {
		out = append(out, e.Assign)
	}
	return out
}

// WithChildren implements Expr.
func (e *Subscript) WithChildren(c []Expr) Expr {
	n := *e
	next := func() Expr { x := c[0]; c = c[1:]; return x }
	n.X = next()
	n.Subs = append([]Sub(nil), e.Subs...)
	for i := range n.Subs {
		if n.Subs[i].Lo != nil {
			n.Subs[i].Lo = next()
		}
		if n.Subs[i].Hi != nil {
			n.Subs[i].Hi = next()
		}
	}
	if e.Assign != nil {
		n.Assign = next()
	}
	return &n
}

// Children implements Expr.
func (e *SetField) Children() []Expr { return []Expr{e.X, e.Val} }

// WithChildren implements Expr.
func (e *SetField) WithChildren(c []Expr) Expr { n := *e; n.X, n.Val = c[0], c[1]; return &n }

// Children implements Expr.
func (e *Relabel) Children() []Expr { return []Expr{e.X} }

// WithChildren implements Expr.
func (e *Relabel) WithChildren(c []Expr) Expr { n := *e; n.X = c[0]; return &n }

// Children implements Expr.
func (e *ViaIO) Children() []Expr { return []Expr{e.X} }

// WithChildren implements Expr.
func (e *ViaIO) WithChildren(c []Expr) Expr { n := *e; n.X = c[0]; return &n }

// Children implements Expr. The conversion of the element is not among them: it
// reads no columns.
func (e *ArrayCast) Children() []Expr { return []Expr{e.X} }

// WithChildren implements Expr.
func (e *ArrayCast) WithChildren(c []Expr) Expr { n := *e; n.X = c[0]; return &n }

// Children implements Expr. The checks are not among them: they read no columns.
func (e *ToDomain) Children() []Expr { return []Expr{e.X} }

// WithChildren implements Expr.
func (e *ToDomain) WithChildren(c []Expr) Expr { n := *e; n.X = c[0]; return &n }

// Children implements Expr: the comparison, if there is one. What the subquery's
// plan reads from outside is found by OuterCols.
func (e *Subquery) Children() []Expr {
	if e.Test == nil {
		return nil
	}
	return []Expr{e.Test}
}

// WithChildren implements Expr.
func (e *Subquery) WithChildren(c []Expr) Expr {
	n := *e
	if e.Test != nil {
		n.Test = c[0]
	}
	return &n
}
