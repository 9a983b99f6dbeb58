package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// createExtension reads CREATE EXTENSION behind CREATE.
func (r cmd) createExtension(pos ast.Pos) ast.Stmt {
	r.Expect(keyword.Extension)
	s := &ast.CreateExtension{Pos: pos, IfNotExists: r.ifNotExists()}
	s.Name = r.ColID()
	r.Accept(keyword.With)
	for {
		switch {
		case r.Accept(keyword.Schema):
			s.Schema = r.ColID().Name
		case r.Accept(keyword.Version):
			s.Version = r.NonReservedOrString()
		case r.Accept(keyword.Cascade):
			s.Cascade = true
		default:
			return s
		}
	}
}
