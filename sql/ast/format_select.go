package ast

// query writes a query without parentheses around it.
func (p *printer) query(q *Select) {
	if q.With != nil {
		p.with(q.With)
	}
	switch {
	case q.SetOp != SetNone:
		p.setOperation(q)
	case q.Values != nil:
		p.text("VALUES ")
		p.list(len(q.Values), func(i int) {
			row := q.Values[i]
			p.parens(len(row), func(j int) { p.expr(row[j]) })
		})
	default:
		p.core(q)
	}
	if len(q.OrderBy) > 0 {
		p.orderBy(q.OrderBy)
	}
	p.limit(q)
	for _, l := range q.Locking {
		p.locking(l)
	}
	p.text([...]string{"", " EMIT ON UPDATE", " EMIT ON WINDOW CLOSE"}[q.Emit])
}

// setOperation writes a chain of set operations, which leans to the left, in a
// loop.
func (p *printer) setOperation(q *Select) {
	chain := []*Select{q}
	for {
		left := chain[len(chain)-1].L
		if left.SetOp == SetNone || left.decorated() || chain[len(chain)-1].SetOp == SetIntersect && left.SetOp != SetIntersect {
			break
		}
		chain = append(chain, left)
	}
	p.arm(chain[len(chain)-1].L, false)
	for i := len(chain) - 1; i >= 0; i-- {
		p.text([...]string{"", " UNION ", " INTERSECT ", " EXCEPT "}[chain[i].SetOp])
		p.when(chain[i].All, "ALL ")
		p.arm(chain[i].R, true)
	}
}

// decorated tells whether q has clauses that bind to it only in parentheses.
func (q *Select) decorated() bool {
	return q.With != nil || q.OrderBy != nil || q.Limit != nil || q.Offset != nil || q.Locking != nil || q.Emit != EmitDefault
}

// arm writes an operand of a set operation.
func (p *printer) arm(q *Select, right bool) {
	if q.decorated() || q.SetOp != SetNone {
		p.text("(")
		p.query(q)
		p.text(")")
		return
	}
	p.query(q)
}

func (p *printer) with(w *With) {
	p.text("WITH ")
	p.when(w.Recursive, "RECURSIVE ")
	p.list(len(w.CTEs), func(i int) {
		c := w.CTEs[i]
		p.ident(c.Name.Name)
		p.columns(c.Columns)
		p.text(" AS ")
		if c.Materialized != nil {
			p.when(!*c.Materialized, "NOT ")
			p.text("MATERIALIZED ")
		}
		p.text("(")
		if c.Query != nil {
			p.query(c.Query)
		} else {
			p.stmt(c.DML)
		}
		p.text(")")
		p.search(c.Search)
		p.cycle(c.Cycle)
	})
	p.text(" ")
}

func (p *printer) search(s *SearchClause) {
	if s == nil {
		return
	}
	p.text(" SEARCH ")
	if s.Depth {
		p.text("DEPTH")
	} else {
		p.text("BREADTH")
	}
	p.text(" FIRST BY ")
	p.idents(s.Columns)
	p.text(" SET ")
	p.ident(s.Set.Name)
}

func (p *printer) cycle(c *CycleClause) {
	if c == nil {
		return
	}
	p.text(" CYCLE ")
	p.idents(c.Columns)
	p.text(" SET ")
	p.ident(c.Mark.Name)
	if c.Value != nil {
		p.text(" TO ")
		p.expr(c.Value)
		p.text(" DEFAULT ")
		p.expr(c.Default)
	}
	p.text(" USING ")
	p.ident(c.Path.Name)
}

// core writes a plain SELECT.
func (p *printer) core(q *Select) {
	p.text("SELECT")
	p.when(q.Distinct, " DISTINCT")
	if len(q.DistinctOn) > 0 {
		p.text(" ON (")
		p.exprs(q.DistinctOn)
		p.text(")")
	}
	p.when(len(q.Targets) > 0, " ")
	p.targets(q.Targets)
	if q.Into != nil {
		p.text(" INTO ")
		p.when(q.Into.Temp, "TEMPORARY ")
		p.text("TABLE ")
		p.name(q.Into.Name)
	}
	if len(q.From) > 0 {
		p.text(" FROM ")
		p.from(q.From)
	}
	p.where(q.Where)
	if len(q.GroupBy) > 0 {
		p.text(" GROUP BY ")
		p.when(q.GroupDistinct, "DISTINCT ")
		p.groupItems(q.GroupBy)
	}
	if q.Having != nil {
		p.text(" HAVING ")
		p.expr(q.Having)
	}
	if len(q.Windows) > 0 {
		p.text(" WINDOW ")
		p.list(len(q.Windows), func(i int) {
			p.ident(q.Windows[i].Name)
			p.text(" AS ")
			p.window(q.Windows[i])
		})
	}
}

func (p *printer) targets(list []Target) {
	p.list(len(list), func(i int) {
		p.expr(list[i].X)
		if list[i].Alias != "" {
			p.text(" AS ")
			p.ident(list[i].Alias)
		}
	})
}

func (p *printer) where(e Expr) {
	if e != nil {
		p.text(" WHERE ")
		p.expr(e)
	}
}

func (p *printer) groupItems(items []GroupItem) {
	p.list(len(items), func(i int) { p.groupItem(items[i]) })
}

func (p *printer) groupItem(g GroupItem) {
	switch g.Kind {
	case GroupExpr:
		p.expr(g.X)
		return
	case GroupEmpty:
		p.text("()")
		return
	}
	p.text([...]string{GroupRollup: "ROLLUP", GroupCube: "CUBE", GroupSets: "GROUPING SETS"}[g.Kind], " (")
	p.groupItems(g.Sets)
	p.text(")")
}

// limit writes LIMIT or FETCH, and OFFSET.
func (p *printer) limit(q *Select) {
	if q.Limit != nil && !q.WithTies {
		p.text(" LIMIT ")
		p.expr(q.Limit)
	}
	if q.Offset != nil {
		p.text(" OFFSET ")
		p.expr(q.Offset)
	}
	if q.Limit != nil && q.WithTies {
		p.text(" FETCH FIRST ")
		p.inParens(q.Limit)
		p.text(" ROWS WITH TIES")
	}
}

func (p *printer) locking(l LockingClause) {
	p.text([...]string{" FOR KEY SHARE", " FOR SHARE", " FOR NO KEY UPDATE", " FOR UPDATE"}[l.Strength])
	if len(l.Of) > 0 {
		p.text(" OF ")
		p.names(l.Of)
	}
	p.when(l.NoWait, " NOWAIT")
	p.when(l.SkipLocked, " SKIP LOCKED")
}

func (p *printer) from(list []TableExpr) { p.list(len(list), func(i int) { p.table(list[i]) }) }

// table writes an item of FROM.
func (p *printer) table(t TableExpr) {
	switch t := t.(type) {
	case *TableRef:
		p.tableRef(t)
	case *SubqueryRef:
		p.when(t.Lateral, "LATERAL ")
		p.text("(")
		p.query(t.Query)
		p.text(")")
		p.alias(t.Alias)
	case *FuncRef:
		p.funcRef(t)
	case *WindowRef:
		p.windowRef(t)
	case *JoinExpr:
		p.join(t)
	}
}

func (p *printer) alias(a Alias) {
	if a.Name == "" {
		return
	}
	p.text(" AS ")
	p.ident(a.Name)
	p.columns(a.Columns)
}

func (p *printer) tableRef(t *TableRef) {
	p.when(t.Only, "ONLY ")
	p.name(t.Name)
	if t.Temporal != nil {
		p.text(" FOR SYSTEM_TIME AS OF ")
		p.restricted(t.Temporal)
	}
	if t.AsOf != nil {
		p.text(" AS OF ")
		p.expr(t.AsOf)
	}
	p.alias(t.Alias)
	if s := t.Sample; s != nil {
		p.text(" TABLESAMPLE ")
		p.name(s.Method)
		p.text(" (")
		p.list(len(s.Args), func(i int) { p.expr(s.Args[i]) })
		p.text(")")
		if s.Repeatable != nil {
			p.text(" REPEATABLE (")
			p.expr(s.Repeatable)
			p.text(")")
		}
	}
}

func (p *printer) funcRef(f *FuncRef) {
	p.when(f.Lateral, "LATERAL ")
	p.when(f.RowsFrom, "ROWS FROM (")
	p.list(len(f.Funcs), func(i int) {
		p.fromCall(f.Funcs[i].Call)
		if len(f.Funcs[i].Columns) > 0 {
			p.text(" AS ")
			p.funcColumns(f.Funcs[i].Columns)
		}
	})
	p.when(f.RowsFrom, ")")
	p.when(f.Ordinal, " WITH ORDINALITY")
	if len(f.Columns) == 0 {
		p.alias(f.Alias)
		return
	}
	p.text(" AS ")
	if f.Alias.Name != "" {
		p.ident(f.Alias.Name)
		p.text(" ")
	}
	p.funcColumns(f.Columns)
}

// windowNames are the functions that are window table functions unless they
// are quoted.
var windowNames = map[string]bool{"tumble": true, "hop": true, "session": true, "cumulate": true}

// fromCall writes the function of a FROM item, which has its own spelling for
// casts.
func (p *printer) fromCall(e Expr) {
	if f, ok := e.(*FuncCall); ok && f.Name.Schema == "" && windowNames[f.Name.Object] {
		p.text(`"`, f.Name.Object, `"`)
		p.callArgs(f)
		return
	}
	c, ok := e.(*TypeCast)
	if !ok {
		p.expr(e)
		return
	}
	p.text("CAST(")
	p.expr(c.X)
	p.text(" AS ")
	p.typeName(c.Type)
	p.text(")")
}

func (p *printer) funcColumns(cols []FuncColumn) {
	p.parens(len(cols), func(i int) {
		p.ident(cols[i].Name.Name)
		p.text(" ")
		p.typeName(cols[i].Type)
	})
}

func (p *printer) windowRef(w *WindowRef) {
	p.text([...]string{"TUMBLE", "HOP", "SESSION", "CUMULATE"}[w.Kind], "(")
	if t, ok := w.Input.(*TableRef); ok {
		p.text("TABLE ")
		p.tableRef(t)
	} else {
		p.table(w.Input)
	}
	p.text(", ")
	p.columnRef(w.Time)
	for _, a := range w.Args {
		p.text(", ")
		p.expr(a)
	}
	for _, e := range w.PartitionBy {
		p.text(", partition_by => ")
		p.inParens(e)
	}
	p.text(")")
	p.alias(w.Alias)
}

// join writes a chain of joins, which leans to the left, in a loop.
func (p *printer) join(j *JoinExpr) {
	chain := []*JoinExpr{j}
	for {
		left, ok := chain[len(chain)-1].L.(*JoinExpr)
		if !ok {
			break
		}
		chain = append(chain, left)
	}
	for _, c := range chain {
		p.when(c.Alias.Name != "", "(")
	}
	p.table(chain[len(chain)-1].L)
	for i := len(chain) - 1; i >= 0; i-- {
		p.joinTail(chain[i])
	}
}

var joinNames = [...]string{
	JoinInner: " JOIN ", JoinLeft: " LEFT JOIN ", JoinRight: " RIGHT JOIN ", JoinFull: " FULL JOIN ",
	JoinCross: " CROSS JOIN ", JoinAsof: " ASOF JOIN ", JoinAsofLeft: " ASOF LEFT JOIN ",
}

// joinTail writes a join behind its left operand.
func (p *printer) joinTail(j *JoinExpr) {
	p.when(j.Natural, " NATURAL")
	p.text(joinNames[j.Kind])
	if right, ok := j.R.(*JoinExpr); ok && right.Alias.Name == "" {
		p.text("(")
		p.table(right)
		p.text(")")
	} else {
		p.table(j.R)
	}
	switch {
	case len(j.Using) > 0:
		p.text(" USING")
		p.columns(j.Using)
		if j.UsingAlias != "" {
			p.text(" AS ")
			p.ident(j.UsingAlias)
		}
	case j.On != nil:
		p.text(" ON ")
		p.expr(j.On)
	}
	if j.Alias.Name != "" {
		p.text(")")
		p.alias(j.Alias)
	}
}
