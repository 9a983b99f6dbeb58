package ast

// CreateAggregate is CREATE [OR REPLACE] AGGREGATE.
type CreateAggregate struct {
	Name      Name
	OrReplace bool
	// Old: the arguments are given as basetype.
	Old  bool
	Args FuncArgs
	// Options are sfunc, stype and so on.
	Options []AggOption
	Pos     Pos
}

// AggOption is an element of the definition of an aggregate. Type is set where a type
// is to be named.
type AggOption struct {
	Name  string
	Value Expr
	Type  *TypeName
	Pos   Pos
}

func (*CreateAggregate) stmtNode() {}

func (p *printer) createAggregate(s *CreateAggregate) {
	p.text("CREATE ")
	p.when(s.OrReplace, "OR REPLACE ")
	p.text("AGGREGATE ")
	p.name(s.Name)
	if !s.Old {
		p.aggregateArgs(&s.Args)
	}
	p.text(" ")
	p.parens(len(s.Options), func(i int) {
		o := s.Options[i]
		p.ident(o.Name)
		switch {
		case o.Type != nil:
			p.text(" = ")
			p.typeName(*o.Type)
		case o.Value != nil:
			p.text(" = ")
			p.expr(o.Value)
		}
	})
}

// aggregateArgs writes the arguments that an aggregate is named by.
func (p *printer) aggregateArgs(a *FuncArgs) {
	p.text("(")
	p.when(a.Star, "*")
	for i := range a.Params {
		if i > 0 && i != a.Direct {
			p.text(", ")
		}
		if a.Ordered && i == a.Direct {
			p.when(i > 0, " ")
			p.text("ORDER BY ")
		}
		p.funcParam(&a.Params[i])
	}
	p.text(")")
}
