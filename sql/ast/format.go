package ast

import (
	"strconv"
	"strings"
)

// FormatStmt writes a statement as SQL that parses to the same tree, but for
// places. Of what a node does not hold (comments, the spelling of a literal)
// nothing is written.
func FormatStmt(s Stmt) string {
	var p printer
	p.stmt(s)
	return p.String()
}

// FormatExpr writes an expression as SQL that parses to the same tree.
func FormatExpr(e Expr) string {
	var p printer
	p.expr(e)
	return p.String()
}

// FormatType writes a type as SQL that parses to the same type.
func FormatType(t TypeName) string {
	var p printer
	p.typeName(t)
	return p.String()
}

// printer writes SQL.
type printer struct{ strings.Builder }

// text writes parts as they are.
func (p *printer) text(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
}

// ident writes a name with the quotes that it needs.
func (p *printer) ident(name string) { p.WriteString(QuoteIdent(name)) }

func (p *printer) name(n Name) {
	p.WriteString(n.Quoted())
	switch {
	case n.Args == nil:
	case n.Args.Star || n.Args.Ordered:
		p.aggregateArgs(n.Args)
	default:
		p.parens(len(n.Args.Params), func(i int) { p.funcParam(&n.Args.Params[i]) })
	}
}

// when writes text if cond holds.
func (p *printer) when(cond bool, text string) {
	if cond {
		p.WriteString(text)
	}
}

func (p *printer) int(n int64) { p.WriteString(strconv.FormatInt(n, 10)) }

// list writes n items with commas between them.
func (p *printer) list(n int, item func(i int)) {
	for i := 0; i < n; i++ {
		if i > 0 {
			p.WriteString(", ")
		}
		item(i)
	}
}

// parens writes n items in parentheses.
func (p *printer) parens(n int, item func(i int)) {
	p.WriteByte('(')
	p.list(n, item)
	p.WriteByte(')')
}

func (p *printer) idents(list []Ident) { p.list(len(list), func(i int) { p.ident(list[i].Name) }) }

// columns writes a list of names in parentheses behind a blank if there are
// any.
func (p *printer) columns(list []Ident) {
	if len(list) > 0 {
		p.text(" (")
		p.idents(list)
		p.text(")")
	}
}

func (p *printer) words(list []string) { p.list(len(list), func(i int) { p.ident(list[i]) }) }

func (p *printer) names(list []Name) { p.list(len(list), func(i int) { p.name(list[i]) }) }

func (p *printer) dotted(parts []string) {
	for i, part := range parts {
		if i > 0 {
			p.WriteByte('.')
		}
		p.ident(part)
	}
}

func (p *printer) literal(text string) { p.WriteString(QuoteLiteral(text)) }

// stmt writes any statement.
func (p *printer) stmt(s Stmt) {
	switch s := s.(type) {
	case *Select:
		p.query(s)
	case *Insert:
		p.insert(s)
	case *Update:
		p.update(s)
	case *Delete:
		p.delete(s)
	case *Merge:
		p.merge(s)
	default:
		if !p.session(s) && !p.ddl(s) {
			p.alterStmt(s)
		}
	}
}
