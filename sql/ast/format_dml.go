package ast

func (p *printer) insert(s *Insert) {
	if s.With != nil {
		p.with(s.With)
	}
	p.text("INSERT INTO ")
	p.tableRef(&s.Target)
	if len(s.Columns) > 0 {
		p.text(" ")
		p.parens(len(s.Columns), func(i int) { p.insertColumn(s.Columns[i]) })
	}
	p.overriding(s.Overriding)
	if s.Query == nil {
		p.text(" DEFAULT VALUES")
	} else {
		p.text(" ")
		p.query(s.Query)
	}
	if s.OnConflict != nil {
		p.onConflict(s.OnConflict)
	}
	p.returning(s.Returning)
}

// insertColumn writes the target of an assignment.
func (p *printer) insertColumn(c InsertColumn) {
	p.ident(c.Name.Name)
	for _, step := range c.Path {
		if step.Sub != nil {
			p.subscriptBounds(*step.Sub)
			continue
		}
		p.text(".")
		p.ident(step.Field)
	}
}

func (p *printer) onConflict(c *OnConflict) {
	p.text(" ON CONFLICT")
	switch {
	case c.Constraint != "":
		p.text(" ON CONSTRAINT ")
		p.ident(c.Constraint)
	case len(c.Keys) > 0:
		p.text(" ")
		p.indexElems(c.Keys)
		p.where(c.KeyWhere)
	}
	if !c.DoUpdate {
		p.text(" DO NOTHING")
		return
	}
	p.text(" DO UPDATE SET ")
	p.setClauses(c.Set)
	p.where(c.Where)
}

func (p *printer) setClauses(list []SetClause) {
	p.list(len(list), func(i int) {
		s := list[i]
		if s.Multi {
			p.parens(len(s.Targets), func(j int) { p.insertColumn(s.Targets[j]) })
		} else {
			p.insertColumn(s.Targets[0])
		}
		p.text(" = ")
		p.expr(s.Value)
	})
}

func (p *printer) returning(list []Target) {
	if len(list) > 0 {
		p.text(" RETURNING ")
		p.targets(list)
	}
}

func (p *printer) indexElems(list []IndexElem) {
	p.parens(len(list), func(i int) { p.indexElem(list[i]) })
}

func (p *printer) indexElem(e IndexElem) {
	switch {
	case e.Expr == nil:
		p.ident(e.Column)
	default:
		p.inParens(e.Expr)
	}
	if e.Collation != nil {
		p.text(" COLLATE ")
		p.name(*e.Collation)
	}
	if e.OpClass != nil {
		p.text(" ")
		p.name(*e.OpClass)
	}
	p.sortOrder(e.Desc, e.NullsFirst)
}

func (p *printer) update(s *Update) {
	if s.With != nil {
		p.with(s.With)
	}
	p.text("UPDATE ")
	p.tableRef(&s.Target)
	p.text(" SET ")
	p.setClauses(s.Set)
	if len(s.From) > 0 {
		p.text(" FROM ")
		p.from(s.From)
	}
	p.whereOrCursor(s.Where, s.CurrentOf)
	p.returning(s.Returning)
}

func (p *printer) whereOrCursor(where Expr, cursor string) {
	p.where(where)
	if cursor != "" {
		p.text(" WHERE CURRENT OF ")
		p.ident(cursor)
	}
}

func (p *printer) delete(s *Delete) {
	if s.With != nil {
		p.with(s.With)
	}
	p.text("DELETE FROM ")
	p.tableRef(&s.Target)
	if len(s.Using) > 0 {
		p.text(" USING ")
		p.from(s.Using)
	}
	p.whereOrCursor(s.Where, s.CurrentOf)
	p.returning(s.Returning)
}

func (p *printer) truncate(s *Truncate) {
	p.text("TRUNCATE ")
	p.list(len(s.Tables), func(i int) { p.tableRef(&s.Tables[i]) })
	p.when(s.RestartIdentity, " RESTART IDENTITY")
	p.cascade(s.Cascade)
}

func (p *printer) cascade(on bool) { p.when(on, " CASCADE") }

func (p *printer) copy(s *Copy) {
	p.text("COPY ")
	if s.Table != nil {
		p.name(*s.Table)
		p.columns(s.Columns)
	} else {
		p.text("(")
		p.stmt(s.Query)
		p.text(")")
	}
	if s.From {
		p.text(" FROM ")
	} else {
		p.text(" TO ")
	}
	p.when(s.Program, "PROGRAM ")
	switch {
	case s.Filename != "":
		p.literal(s.Filename)
	case s.From:
		p.text("STDIN")
	default:
		p.text("STDOUT")
	}
	if len(s.Options) > 0 {
		p.text(" WITH ")
		p.wordOptions(s.Options)
	}
	p.where(s.Where)
}

// wordOptions writes (name value, …), as COPY and EXPLAIN have it.
func (p *printer) wordOptions(list []Option) {
	p.parens(len(list), func(i int) {
		o := list[i]
		p.text(quoteLabel(o.Name))
		switch {
		case o.Star:
			p.text(" *")
		case o.List != nil:
			p.text(" (")
			p.words(o.List)
			p.text(")")
		case o.Value != nil:
			p.text(" ")
			p.bareWord(o.Value)
		}
	})
}

// relOptions writes (name = value, …), as WITH has it.
func (p *printer) relOptions(list []Option) {
	p.parens(len(list), func(i int) {
		o := list[i]
		p.text(quoteLabels(o.Name))
		if o.Value != nil {
			p.text(" = ")
			p.bareWord(o.Value)
		}
	})
}

// optWith writes WITH (…) behind a blank if there are options.
func (p *printer) optWith(list []Option) {
	if len(list) > 0 {
		p.text(" WITH ")
		p.relOptions(list)
	}
}
