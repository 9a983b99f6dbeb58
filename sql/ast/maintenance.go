package ast

// Reindex is REINDEX INDEX | TABLE | SCHEMA | DATABASE | SYSTEM name.
type Reindex struct {
	Kind         string // "index", "table", "schema", "database", "system"
	Name         Name
	Concurrently bool
	Options      []Option
	Pos          Pos
}

// Cluster is CLUSTER [t [USING index]]; Table is nil for all tables that have been
// clustered before.
type Cluster struct {
	Table   *Name
	Index   string // "": the one that the table was clustered by before
	Verbose bool
	Options []Option
	Pos     Pos
}

func (*Reindex) stmtNode() {}
func (*Cluster) stmtNode() {}

func (p *printer) reindex(s *Reindex) {
	p.text("REINDEX ")
	if len(s.Options) > 0 {
		p.wordOptions(s.Options)
		p.text(" ")
	}
	p.text(map[string]string{"index": "INDEX ", "table": "TABLE ", "schema": "SCHEMA ", "database": "DATABASE ", "system": "SYSTEM "}[s.Kind])
	p.when(s.Concurrently, "CONCURRENTLY ")
	p.name(s.Name)
}

func (p *printer) cluster(s *Cluster) {
	p.text("CLUSTER")
	p.when(s.Verbose, " VERBOSE")
	if len(s.Options) > 0 {
		p.text(" ")
		p.wordOptions(s.Options)
	}
	if s.Table == nil {
		return
	}
	p.text(" ")
	p.name(*s.Table)
	if s.Index != "" {
		p.text(" USING ")
		p.ident(s.Index)
	}
}
