package ast

import "slices"

// Merge is MERGE INTO t USING source ON condition WHEN ….
type Merge struct {
	With   *With
	Target TableRef
	// Using holds the data source as its only FROM item.
	Using *Select
	On    Expr
	Whens []*MergeWhen
	Pos   Pos
}

// MergeWhen is WHEN [NOT] MATCHED [AND Cond] THEN an action. With none of Insert,
// Delete and Set it is DO NOTHING.
type MergeWhen struct {
	Matched bool
	Cond    Expr
	Set     []SetClause
	Delete  bool
	// Insert has columns, OVERRIDING and one row of VALUES; its target is Merge's.
	Insert *Insert
}

func (*Merge) stmtNode() {}

// Writes tells whether some action is not DO NOTHING.
func (s *Merge) Writes() bool {
	return slices.ContainsFunc(s.Whens, func(w *MergeWhen) bool { return w.Insert != nil || w.Set != nil || w.Delete })
}

func (p *printer) merge(s *Merge) {
	if s.With != nil {
		p.with(s.With)
	}
	p.text("MERGE INTO ")
	p.tableRef(&s.Target)
	p.text(" USING ")
	p.from(s.Using.From)
	p.text(" ON ")
	p.expr(s.On)
	for i := range s.Whens {
		p.mergeWhen(s.Whens[i])
	}
}

func (p *printer) mergeWhen(w *MergeWhen) {
	p.text(" WHEN ")
	if !w.Matched {
		p.text("NOT ")
	}
	p.text("MATCHED")
	if w.Cond != nil {
		p.text(" AND ")
		p.expr(w.Cond)
	}
	p.text(" THEN ")
	switch {
	case w.Insert != nil:
		p.mergeInsert(w.Insert)
	case w.Set != nil:
		p.text("UPDATE SET ")
		p.setClauses(w.Set)
	case w.Delete:
		p.text("DELETE")
	default:
		p.text("DO NOTHING")
	}
}

func (p *printer) mergeInsert(s *Insert) {
	p.text("INSERT")
	if len(s.Columns) > 0 {
		p.text(" ")
		p.parens(len(s.Columns), func(i int) { p.insertColumn(s.Columns[i]) })
	}
	p.overriding(s.Overriding)
	if s.Query == nil {
		p.text(" DEFAULT VALUES")
		return
	}
	p.text(" ")
	p.query(s.Query)
}

// overriding writes INSERT's OVERRIDING clause.
func (p *printer) overriding(o Override) {
	p.text([...]string{"", " OVERRIDING USER VALUE", " OVERRIDING SYSTEM VALUE"}[o])
}
