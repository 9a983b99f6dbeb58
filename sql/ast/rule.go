package ast

// CreateRule is CREATE [OR REPLACE] RULE.
type CreateRule struct {
	Name      string
	OrReplace bool
	Event     string // "SELECT", "INSERT", "UPDATE", "DELETE"
	Table     Name
	Where     Expr
	Instead   bool
	Actions   []string // the texts of the statements; none is NOTHING
	At        []Pos    // where they begin
	Pos       Pos
}

func (*CreateRule) stmtNode() {}

func (p *printer) createRule(s *CreateRule) {
	p.text("CREATE ")
	p.when(s.OrReplace, "OR REPLACE ")
	p.text("RULE ")
	p.ident(s.Name)
	p.text(" AS ON ", s.Event, " TO ")
	p.name(s.Table)
	if s.Where != nil {
		p.text(" WHERE ")
		p.expr(s.Where)
	}
	p.text(" DO ")
	p.when(s.Instead, "INSTEAD ")
	switch len(s.Actions) {
	case 0:
		p.text("NOTHING")
	case 1:
		p.text(s.Actions[0])
	default:
		p.text("(")
		for i, a := range s.Actions {
			p.when(i > 0, "; ")
			p.text(a)
		}
		p.text(")")
	}
}
