package command

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// dropOwned reads DROP OWNED BY.
func (r cmd) dropOwned() ast.Stmt {
	s := &ast.OwnedBy{Pos: r.Pos()}
	r.Skip(2)
	r.Expect(keyword.By)
	s.Roles = r.Roles()
	s.Cascade = r.cascade()
	return s
}

// reassign reads REASSIGN OWNED BY.
func (r cmd) reassign() ast.Stmt {
	s := &ast.OwnedBy{Pos: r.Pos()}
	r.Next()
	r.Expect(keyword.Owned, keyword.By)
	s.Roles = r.Roles()
	r.Expect(keyword.To)
	s.NewRole = r.Role()
	return s
}

// defaultObjects are the kinds of object with default privileges.
var defaultObjects = map[keyword.ID]ast.ObjectKind{
	keyword.Tables: ast.ObjTable, keyword.Sequences: ast.ObjSequence, keyword.Functions: ast.ObjFunction, keyword.Routines: ast.ObjFunction,
	keyword.Types: ast.ObjType, keyword.Schemas: ast.ObjSchema,
}

// defaultPrivileges reads ALTER DEFAULT PRIVILEGES from DEFAULT on.
func (r cmd) defaultPrivileges(pos ast.Pos) ast.Stmt {
	r.Skip(2)
	s := &ast.AlterDefaultPrivileges{Pos: pos}
	once := func(given bool) {
		if given {
			r.Fail(pgerr.New(pgerr.SyntaxError, "conflicting or redundant options").At(r.Pos()))
		}
	}
	for {
		switch {
		case r.Is(keyword.In):
			once(s.Schemas != nil)
			r.Next()
			r.Expect(keyword.Schema)
			s.Schemas = r.Names()
			continue
		case r.Is(keyword.For):
			once(s.Roles != nil)
			r.Next()
			if !r.Accept(keyword.Role) {
				r.Expect(keyword.User)
			}
			s.Roles = r.Roles()
			continue
		}
		s.Grant = r.defaultGrant()
		return s
	}
}

// defaultGrant reads the GRANT or REVOKE in ALTER DEFAULT PRIVILEGES.
func (r cmd) defaultGrant() *ast.Grant {
	g := &ast.Grant{Revoke: r.Is(keyword.Revoke), Pos: r.Pos()}
	if !g.Revoke && !r.Is(keyword.Grant) {
		panic(r.Unexpected())
	}
	r.Next()
	if g.Revoke && r.Accept(keyword.Grant) {
		r.Expect(keyword.Option, keyword.For)
		g.Option = true
	}
	_, list := r.privileges()
	setPrivileges(g, list)
	r.Expect(keyword.On)
	kind, ok := defaultObjects[r.Tok().Keyword]
	if !ok {
		panic(r.Unexpected())
	}
	r.Next()
	g.Kind = kind
	r.grantees(g)
	if g.Revoke {
		g.Cascade = r.cascade()
	}
	return g
}
