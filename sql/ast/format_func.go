package ast

// funcCall writes a call in the syntax that it was written in.
func (p *printer) funcCall(f *FuncCall) {
	switch f.Form {
	case FuncExtract:
		p.text("EXTRACT(")
		p.expr(f.Args[0])
		p.text(" FROM ")
		p.expr(f.Args[1])
		p.text(")")
	case FuncOverlay:
		p.keyworded("OVERLAY", f.Args, " PLACING ", " FROM ", " FOR ")
	case FuncSubstring:
		p.keyworded("SUBSTRING", f.Args, " FROM ", " FOR ")
	case FuncPosition:
		p.text("POSITION(")
		p.restricted(f.Args[1])
		p.text(" IN ")
		p.restricted(f.Args[0])
		p.text(")")
	case FuncTrim:
		p.trim(f)
	case FuncNormalize:
		p.normalize(f)
	case FuncOverlaps:
		p.parens(2, func(i int) { p.expr(f.Args[i]) })
		p.text(" OVERLAPS ")
		p.parens(2, func(i int) { p.expr(f.Args[2+i]) })
	case FuncAtTimeZone:
		p.operand(f.Args[1], bindAt)
		p.text(" AT TIME ZONE ")
		p.operand(f.Args[0], bindAt+1)
	case FuncCollationFor:
		p.call("COLLATION FOR ", f.Args...)
	case FuncTreat:
		p.text("TREAT(")
		p.expr(f.Args[0])
		p.text(" AS ")
		p.ident(f.Name.Object)
		p.text(")")
	default:
		p.plainCall(f)
	}
}

// keyworded writes arguments with words between them.
func (p *printer) keyworded(name string, args []Expr, words ...string) {
	p.text(name, "(")
	for i, a := range args {
		if i > 0 {
			p.text(words[i-1])
		}
		p.expr(a)
	}
	p.text(")")
}

// trim writes TRIM: the characters are the last argument if there are several.
func (p *printer) trim(f *FuncCall) {
	p.text("TRIM(", map[string]string{"btrim": "BOTH", "ltrim": "LEADING", "rtrim": "TRAILING"}[f.Name.Object], " ")
	args := f.Args
	if n := len(args) - 1; n > 0 {
		p.expr(args[n])
		args = args[:n]
		p.text(" ")
	}
	p.text("FROM ")
	p.exprs(args)
	p.text(")")
}

// normalize writes NORMALIZE(x, form) and x IS form NORMALIZED.
func (p *printer) normalize(f *FuncCall) {
	form := ""
	if len(f.Args) > 1 {
		form = f.Args[1].(*Literal).Text
	}
	if f.Name.Object == "is_normalized" {
		p.operand(f.Args[0], bindIs+1)
		p.text(" IS ", form)
		p.when(form != "", " ")
		p.text("NORMALIZED")
		return
	}
	p.text("NORMALIZE(")
	p.expr(f.Args[0])
	p.when(form != "", ", ")
	p.text(form, ")")
}

// plainCall writes name(arguments) with the clauses of an aggregate.
func (p *printer) plainCall(f *FuncCall) {
	switch f.Name.Object {
	case "operator", "cube", "rollup": // would be something else before a parenthesis
		if f.Name.Schema == "" {
			p.text(`"`, f.Name.Object, `"`)
			p.callArgs(f)
			return
		}
	}
	p.name(f.Name)
	p.callArgs(f)
}

// callArgs writes what follows the name of a call.
func (p *printer) callArgs(f *FuncCall) {
	p.text("(")
	p.when(f.Star, "*")
	p.when(f.Distinct, "DISTINCT ")
	p.list(len(f.Args), func(i int) {
		p.when(f.Variadic && i == len(f.Args)-1, "VARIADIC ")
		p.expr(f.Args[i])
	})
	if len(f.OrderBy) > 0 && !f.WithinGroup {
		p.orderBy(f.OrderBy)
	}
	p.text(")")
	if f.WithinGroup {
		p.text(" WITHIN GROUP (")
		p.sortItems(f.OrderBy)
		p.text(")")
	}
	if f.Filter != nil {
		p.text(" FILTER (WHERE ")
		p.expr(f.Filter)
		p.text(")")
	}
	if f.Over != nil {
		p.text(" OVER ")
		p.over(f.Over)
	}
}

// over writes what follows OVER.
func (p *printer) over(w *WindowDef) {
	if w.Name != "" {
		p.ident(w.Name)
		return
	}
	p.window(w)
}

// window writes a window specification in parentheses.
func (p *printer) window(w *WindowDef) {
	p.text("(")
	sep := ""
	if w.Ref != "" {
		p.windowName(w.Ref)
		sep = " "
	}
	if len(w.Partition) > 0 {
		p.text(sep, "PARTITION BY ")
		p.exprs(w.Partition)
		sep = " "
	}
	if len(w.OrderBy) > 0 {
		p.text(sep)
		p.sortItems(w.OrderBy)
		sep = " "
	}
	if w.Frame != nil {
		p.text(sep)
		p.frame(w.Frame)
	}
	p.text(")")
}

// windowName writes the name of a window where the words of a clause could
// stand too.
func (p *printer) windowName(name string) {
	switch name {
	case "partition", "range", "rows", "groups":
		p.text(`"`, name, `"`)
	default:
		p.ident(name)
	}
}

func (p *printer) frame(f *Frame) {
	p.text([...]string{"RANGE", "ROWS", "GROUPS"}[f.Mode], " BETWEEN ")
	p.bound(f.Start)
	p.text(" AND ")
	p.bound(f.End)
	p.text([...]string{"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"}[f.Exclude])
}

func (p *printer) bound(b FrameBound) {
	switch b.Kind {
	case UnboundedPreceding:
		p.text("UNBOUNDED PRECEDING")
	case CurrentRow:
		p.text("CURRENT ROW")
	case UnboundedFollowing:
		p.text("UNBOUNDED FOLLOWING")
	case OffsetPreceding:
		p.inParens(b.Offset)
		p.text(" PRECEDING")
	case OffsetFollowing:
		p.inParens(b.Offset)
		p.text(" FOLLOWING")
	}
}

// orderBy writes ORDER BY with a blank before it.
func (p *printer) orderBy(items []SortItem) {
	p.text(" ")
	p.sortItems(items)
}

func (p *printer) sortItems(items []SortItem) {
	p.text("ORDER BY ")
	p.list(len(items), func(i int) { p.sortItem(items[i]) })
}

func (p *printer) sortItem(s SortItem) {
	p.expr(s.X)
	if s.UsingOp != "" {
		p.text(" USING ")
		p.operator(s.UsingSchema, s.UsingOp)
		p.nulls(s.NullsFirst, s.UsingOp == ">")
		return
	}
	p.sortOrder(s.Desc, s.NullsFirst)
}

// sortOrder writes DESC and NULLS where they are not the default.
func (p *printer) sortOrder(desc, nullsFirst bool) {
	p.when(desc, " DESC")
	p.nulls(nullsFirst, desc)
}

// nulls writes NULLS FIRST or LAST where it is not the default.
func (p *printer) nulls(first, byDefault bool) {
	switch {
	case first && !byDefault:
		p.text(" NULLS FIRST")
	case !first && byDefault:
		p.text(" NULLS LAST")
	}
}
