package ast

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

// triggerWords are the words for the bits of tgtype that stand for events, in the order in
// which PostgreSQL writes them.
var triggerWords = []struct {
	bit  int16
	word string
}{{TriggerInsert, "INSERT"}, {TriggerDelete, "DELETE"}, {TriggerUpdate, "UPDATE"}, {TriggerTruncate, "TRUNCATE"}}

// triggerEvents writes when a trigger runs, and at what.
func (p *printer) triggerEvents(s *CreateTrigger) {
	switch {
	case s.Type&TriggerBefore != 0:
		p.text(" BEFORE ")
	case s.Type&TriggerInstead != 0:
		p.text(" INSTEAD OF ")
	default:
		p.text(" AFTER ")
	}
	between := ""
	for _, w := range triggerWords {
		if s.Type&w.bit == 0 {
			continue
		}
		p.text(between, w.word)
		if between = " OR "; w.bit == TriggerUpdate && len(s.Columns) > 0 {
			p.text(" OF ")
			p.idents(s.Columns)
		}
	}
}

func (p *printer) createTrigger(s *CreateTrigger) {
	p.text("CREATE ")
	p.when(s.OrReplace, "OR REPLACE ")
	p.when(s.Constraint, "CONSTRAINT ")
	p.text("TRIGGER ")
	p.ident(s.Name)
	p.triggerEvents(s)
	p.text(" ON ")
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
	p.text(map[bool]string{true: " FOR EACH ROW", false: " FOR EACH STATEMENT"}[s.Type&TriggerRow != 0])
	if s.When != nil {
		p.text(" WHEN (")
		p.expr(s.When)
		p.text(")")
	}
	p.text(" EXECUTE FUNCTION ")
	p.name(s.Func)
	p.parens(len(s.Args), func(i int) { p.literal(s.Args[i]) })
}
