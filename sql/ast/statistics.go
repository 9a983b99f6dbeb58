package ast

// CreateStatistics is CREATE STATISTICS.
type CreateStatistics struct {
	Name        Name
	IfNotExists bool
	Kinds       []Ident // empty: all that fit
	Elems       []IndexElem
	Table       Name
	// NoTable: FROM has something other than one relation; Several: several items.
	NoTable, Several bool
	Pos              Pos
}

// AlterStatistics is ALTER STATISTICS … SET STATISTICS.
type AlterStatistics struct {
	Name     Name
	IfExists bool
	Target   int64
	Pos      Pos
}

func (*CreateStatistics) stmtNode() {}
func (*AlterStatistics) stmtNode()  {}

func (p *printer) createStatistics(s *CreateStatistics) {
	p.text("CREATE STATISTICS ")
	p.ifNotExists(s.IfNotExists)
	p.name(s.Name)
	if len(s.Kinds) > 0 {
		p.text(" (")
		p.idents(s.Kinds)
		p.text(")")
	}
	p.text(" ON ")
	p.list(len(s.Elems), func(i int) { p.indexElem(s.Elems[i]) })
	p.text(" FROM ")
	p.name(s.Table)
}
