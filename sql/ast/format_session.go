package ast

import "strings"

// session writes a statement of a session; false means that s is none.
func (p *printer) session(s Stmt) bool {
	switch s := s.(type) {
	case *Transaction:
		p.transaction(s)
	case *SetTransaction:
		p.setTransaction(s)
	case *SetVar:
		p.setVar(s)
	case *ShowVar:
		p.text("SHOW ")
		p.setting(s.Name, s.All)
	case *Explain:
		p.text("EXPLAIN ")
		p.explainOptions(s.Options)
		p.stmt(s.Stmt)
	case *ExplainView:
		p.text("EXPLAIN ")
		p.explainOptions(s.Options)
		p.text("MATERIALIZED VIEW ")
		p.name(s.Name)
	case *CheckView:
		p.text("CHECK MATERIALIZED VIEW ")
		p.name(s.Name)
	case *Prepare:
		p.prepare(s)
	case *Execute:
		p.text("EXECUTE ")
		p.ident(s.Name)
		if len(s.Args) > 0 {
			p.text(" ")
			p.parens(len(s.Args), func(i int) { p.expr(s.Args[i]) })
		}
	case *Deallocate:
		p.text("DEALLOCATE ")
		p.nameOrAll(s.Name, s.All)
	case *DeclareCursor:
		p.declare(s)
	case *Fetch:
		p.fetch(s)
	case *ClosePortal:
		p.text("CLOSE ")
		p.nameOrAll(s.Name, s.All)
	default:
		return p.utility(s)
	}
	return true
}

// utility writes the rest of them.
func (p *printer) utility(s Stmt) bool {
	switch s := s.(type) {
	case *Truncate:
		p.truncate(s)
	case *Copy:
		p.copy(s)
	case *Listen:
		p.text("LISTEN ")
		p.ident(s.Channel)
	case *Unlisten:
		p.text("UNLISTEN ")
		if s.All {
			p.text("*")
		} else {
			p.ident(s.Channel)
		}
	case *Notify:
		p.text("NOTIFY ")
		p.ident(s.Channel)
		if s.Payload != "" {
			p.text(", ")
			p.literal(s.Payload)
		}
	case *Discard:
		p.text("DISCARD ", strings.ToUpper(s.What))
	case *Analyze:
		p.analyze(s)
	case *Reindex:
		p.reindex(s)
	case *Cluster:
		p.cluster(s)
	case *Lock:
		p.text("LOCK TABLE ")
		p.list(len(s.Tables), func(i int) { p.tableRef(&s.Tables[i]) })
		p.text(" IN ", strings.ToUpper(s.Mode), " MODE")
		p.when(s.NoWait, " NOWAIT")
	case *SetConstraints:
		p.setConstraints(s)
	case *Checkpoint:
		p.text("CHECKPOINT")
	case *Do:
		p.do(s)
	case *Call:
		p.text("CALL ")
		p.plainCall(s.Func)
	case *Subscribe:
		p.subscribe(s)
	case *Unsupported:
		p.text(s.What)
	default:
		return false
	}
	return true
}

func (p *printer) nameOrAll(name string, all bool) {
	if all {
		p.text("ALL")
		return
	}
	p.ident(name)
}

var transactionWords = [...]string{
	TxBegin: "BEGIN", TxStart: "START TRANSACTION", TxCommit: "COMMIT", TxRollback: "ROLLBACK",
	TxSavepoint: "SAVEPOINT ", TxRelease: "RELEASE SAVEPOINT ", TxRollbackTo: "ROLLBACK TO SAVEPOINT ",
	TxPrepare: "PREPARE TRANSACTION ", TxCommitPrepared: "COMMIT PREPARED ", TxRollbackPrepared: "ROLLBACK PREPARED ",
}

func (p *printer) transaction(s *Transaction) {
	p.text(transactionWords[s.Kind])
	switch s.Kind {
	case TxSavepoint, TxRelease, TxRollbackTo:
		p.ident(s.Name)
	case TxPrepare, TxCommitPrepared, TxRollbackPrepared:
		p.literal(s.Name)
	case TxBegin, TxStart:
		p.modes(" ", s.Modes)
	}
	p.when(s.Chain, " AND CHAIN")
}

// modes writes transaction modes with sep before the first one.
func (p *printer) modes(sep string, m TxModes) {
	mode := func(text string) {
		p.text(sep, text)
		sep = ", "
	}
	if m.Isolation != "" {
		mode("ISOLATION LEVEL " + strings.ToUpper(m.Isolation))
	}
	if m.ReadOnly != nil {
		mode(map[bool]string{true: "READ ONLY", false: "READ WRITE"}[*m.ReadOnly])
	}
	if m.Deferrable != nil {
		mode(map[bool]string{true: "DEFERRABLE", false: "NOT DEFERRABLE"}[*m.Deferrable])
	}
}

func (p *printer) setTransaction(s *SetTransaction) {
	switch {
	case s.Snapshot != "":
		p.text("SET TRANSACTION SNAPSHOT ")
		p.literal(s.Snapshot)
		return
	case s.Session:
		p.text("SET SESSION CHARACTERISTICS AS TRANSACTION")
	default:
		p.text("SET TRANSACTION")
	}
	p.modes(" ", s.Modes)
}

// setting writes the name of a setting in SHOW and RESET.
func (p *printer) setting(name string, all bool) {
	if all {
		p.text("ALL")
		return
	}
	p.settingName(name)
}

func (p *printer) settingName(name string) {
	for i, part := range strings.Split(name, ".") {
		p.when(i > 0, ".")
		p.ident(part)
	}
}

func (p *printer) setVar(s *SetVar) {
	if s.Reset || s.All {
		p.text("RESET ")
		p.setting(s.Name, s.All)
		return
	}
	p.text("SET ")
	p.when(s.Local, "LOCAL ")
	zone := false
	if len(s.Values) == 1 {
		_, zone = s.Values[0].(*TypeCast)
	}
	if zone {
		p.text("TIME ZONE ")
		p.zone(s.Values[0].(*TypeCast))
		return
	}
	p.settingName(s.Name)
	p.text(" TO ")
	if s.Default {
		p.text("DEFAULT")
		return
	}
	p.list(len(s.Values), func(i int) { p.bareWord(s.Values[i]) })
}

// zone writes the interval of SET TIME ZONE.
func (p *printer) zone(c *TypeCast) {
	p.text("INTERVAL")
	if len(c.Type.Mods) == 2 {
		p.text("(")
		p.expr(c.Type.Mods[1])
		p.text(") ")
		p.expr(c.X)
		return
	}
	p.text(" ")
	p.expr(c.X)
	var t printer
	t.interval(c.Type.Mods)
	p.text(strings.TrimPrefix(t.String(), "interval"))
}

// bareWord writes the value of a setting or an option: a word as it is.
func (p *printer) bareWord(e Expr) {
	c, ok := e.(*ColumnRef)
	if !ok {
		p.expr(e)
		return
	}
	for i, part := range c.Parts {
		p.when(i > 0, ".")
		if isOperatorName(part) {
			p.text(part)
		} else {
			p.text(quoteLabel(part))
		}
	}
}

func isOperatorName(word string) bool {
	return word != "" && strings.Trim(word, "~!@#^&|`?+-*/%<>=") == ""
}

func (p *printer) explainOptions(list []Option) {
	if len(list) > 0 {
		p.wordOptions(list)
		p.text(" ")
	}
}

func (p *printer) prepare(s *Prepare) {
	p.text("PREPARE ")
	p.ident(s.Name)
	if len(s.Types) > 0 {
		p.text(" ")
		p.parens(len(s.Types), func(i int) { p.typeName(s.Types[i]) })
	}
	p.text(" AS ")
	p.stmt(s.Stmt)
}

func (p *printer) declare(s *DeclareCursor) {
	p.text("DECLARE ")
	p.ident(s.Name)
	p.when(s.Binary, " BINARY")
	p.when(s.Insensitive, " INSENSITIVE")
	p.when(s.Asensitive, " ASENSITIVE")
	p.when(s.Scroll, " SCROLL")
	p.when(s.NoScroll, " NO SCROLL")
	p.text(" CURSOR")
	p.when(s.Hold, " WITH HOLD")
	p.text(" FOR ")
	p.stmt(s.Query)
}

func (p *printer) fetch(s *Fetch) {
	p.text(map[bool]string{false: "FETCH ", true: "MOVE "}[s.Move])
	p.text([...]string{"FORWARD ", "BACKWARD ", "ABSOLUTE ", "RELATIVE "}[s.Dir])
	if s.Count == FetchAll {
		p.text("ALL")
	} else {
		p.int(s.Count)
	}
	p.text(" FROM ")
	p.ident(s.Cursor)
}

func (p *printer) analyze(s *Analyze) {
	if !s.Vacuum {
		p.text("ANALYZE")
	} else {
		p.text("VACUUM")
	}
	options := s.Options
	for _, o := range []struct {
		on   bool
		name string
	}{{s.Full, "full"}, {s.Verbose, "verbose"}, {s.Vacuum && s.Analyze, "analyze"}} {
		if o.on {
			options = append(options[:len(options):len(options)], Option{Name: o.name})
		}
	}
	if len(options) > 0 {
		p.text(" ")
		p.wordOptions(options)
	}
	p.when(len(s.Tables) > 0, " ")
	p.list(len(s.Tables), func(i int) {
		p.tableRef(&s.Tables[i].Table)
		p.columns(s.Tables[i].Columns)
	})
}

func (p *printer) setConstraints(s *SetConstraints) {
	p.text("SET CONSTRAINTS ")
	if s.All {
		p.text("ALL")
	} else {
		p.names(s.Names)
	}
	p.text(map[bool]string{true: " DEFERRED", false: " IMMEDIATE"}[s.Deferred])
}

func (p *printer) subscribe(s *Subscribe) {
	p.text("SUBSCRIBE ")
	if s.Relation != nil {
		p.name(*s.Relation)
	} else {
		p.text("(")
		p.query(s.Query)
		p.text(")")
	}
	p.optWith(s.Options)
}
