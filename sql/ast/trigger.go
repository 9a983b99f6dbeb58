package ast

import "strings"

// The bits of CreateTrigger.Type, as pg_trigger.tgtype has them. Without one of
// TriggerBefore and TriggerInstead a trigger runs AFTER, without TriggerRow once for each
// statement.
const (
	TriggerRow int16 = 1 << iota
	TriggerBefore
	TriggerInsert
	TriggerDelete
	TriggerUpdate
	TriggerTruncate
	TriggerInstead
)

// CreateTrigger is CREATE [OR REPLACE] [CONSTRAINT] TRIGGER.
type CreateTrigger struct {
	Name       string
	OrReplace  bool
	Constraint bool
	Type       int16
	Columns    []Ident // of UPDATE OF
	Table      Name
	From       *Name // of a constraint trigger
	Deferrable bool
	Deferred   bool
	// OldTable and NewTable are the names of REFERENCING, "" for none.
	OldTable, NewTable string
	When               Expr
	Func               Name
	Args               []string
	Pos                Pos
}

func (*CreateTrigger) stmtNode() {}

// TriggerEvents spells the events of a trigger; of are the columns of UPDATE OF.
func TriggerEvents(typ int16, of []string) string {
	var list []string
	if typ&TriggerInsert != 0 {
		list = append(list, "INSERT")
	}
	if typ&TriggerDelete != 0 {
		list = append(list, "DELETE")
	}
	if typ&TriggerUpdate != 0 {
		update := "UPDATE"
		for i, c := range of {
			update += []string{" OF ", ", "}[min(i, 1)] + QuoteIdent(c)
		}
		list = append(list, update)
	}
	if typ&TriggerTruncate != 0 {
		list = append(list, "TRUNCATE")
	}
	return strings.Join(list, " OR ")
}

// TriggerTime spells when a trigger runs.
func TriggerTime(typ int16) string {
	switch {
	case typ&TriggerBefore != 0:
		return "BEFORE"
	case typ&TriggerInstead != 0:
		return "INSTEAD OF"
	}
	return "AFTER"
}

// TriggerLevel spells what a trigger runs for each of.
func TriggerLevel(typ int16) string {
	if typ&TriggerRow != 0 {
		return "ROW"
	}
	return "STATEMENT"
}

func (p *printer) createTrigger(s *CreateTrigger) {
	p.text("CREATE ")
	p.when(s.OrReplace, "OR REPLACE ")
	p.when(s.Constraint, "CONSTRAINT ")
	p.text("TRIGGER ")
	p.ident(s.Name)
	var of []string
	for _, c := range s.Columns {
		of = append(of, c.Name)
	}
	p.text(" ", TriggerTime(s.Type), " ", TriggerEvents(s.Type, of), " ON ")
	p.name(s.Table)
	if s.From != nil {
		p.text(" FROM ")
		p.name(*s.From)
	}
	p.when(s.Deferrable, " DEFERRABLE")
	p.when(s.Deferred, " INITIALLY DEFERRED")
	p.when(s.OldTable != "" || s.NewTable != "", " REFERENCING")
	if s.OldTable != "" {
		p.text(" OLD TABLE AS ")
		p.ident(s.OldTable)
	}
	if s.NewTable != "" {
		p.text(" NEW TABLE AS ")
		p.ident(s.NewTable)
	}
	p.text(" FOR EACH ", TriggerLevel(s.Type))
	if s.When != nil {
		p.text(" WHEN (")
		p.expr(s.When)
		p.text(")")
	}
	p.text(" EXECUTE FUNCTION ")
	p.name(s.Func)
	p.parens(len(s.Args), func(i int) { p.literal(s.Args[i]) })
}
