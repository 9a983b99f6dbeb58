package ast

// CreateExtension is CREATE EXTENSION.
type CreateExtension struct {
	Name                 Ident
	IfNotExists, Cascade bool
	Schema, Version      string // "" when not given
	Pos                  Pos
}

func (*CreateExtension) stmtNode() {}

func (p *printer) createExtension(s *CreateExtension) {
	p.text("CREATE EXTENSION ")
	p.ifNotExists(s.IfNotExists)
	p.ident(s.Name.Name)
	if s.Schema != "" {
		p.text(" SCHEMA ")
		p.ident(s.Schema)
	}
	if s.Version != "" {
		p.text(" VERSION ")
		p.ident(s.Version)
	}
	if s.Cascade {
		p.text(" CASCADE")
	}
}
