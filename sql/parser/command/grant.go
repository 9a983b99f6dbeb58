package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// privilege is a privilege, or the name of a role, with its columns.
type privilege struct {
	name    string
	columns []string
}

// grant reads GRANT and REVOKE of privileges and of roles.
func (r cmd) grant() ast.Stmt {
	g := &ast.Grant{Revoke: r.Is(keyword.Revoke), Pos: r.Pos()}
	r.Next()
	admin := false
	if g.Revoke {
		switch {
		case r.Is(keyword.Grant):
			r.Next()
			r.Expect(keyword.Option, keyword.For)
			g.Option = true
		case r.Is(keyword.Admin) && r.Peek(1).Is(keyword.Option):
			r.Skip(2)
			r.Expect(keyword.For)
			admin = true
		}
	}
	all, list := r.privileges()
	if !r.Is(keyword.On) && !all && !g.Option {
		return r.grantRole(g, list, admin)
	}
	if admin {
		panic(r.Unexpected())
	}
	setPrivileges(g, list)
	r.Expect(keyword.On)
	if s := r.grantTarget(g); s != nil {
		return s
	}
	r.grantees(g)
	g.GrantedBy = r.grantedBy()
	if g.Revoke {
		g.Cascade = r.cascade()
	}
	return g
}

// setPrivileges gives the statement its privileges; there are columns only if
// some privilege has them.
func setPrivileges(g *ast.Grant, list []privilege) {
	columns := false
	for _, p := range list {
		columns = columns || p.columns != nil
	}
	for _, p := range list {
		if p.name != "" {
			g.Privileges = append(g.Privileges, p.name)
		}
		if columns {
			g.Columns = append(g.Columns, p.columns)
		}
	}
}

// privileges reads ALL [PRIVILEGES] [(columns)], or a list.
func (r cmd) privileges() (all bool, list []privilege) {
	if r.Accept(keyword.All) {
		r.Accept(keyword.Privileges)
		if cols := r.columnNames(); cols != nil {
			list = []privilege{{columns: cols}}
		}
		return true, list
	}
	r.Commas(func() { list = append(list, r.privilege()) })
	return false, list
}

func (r cmd) columnNames() []string {
	var names []string
	for _, id := range r.OptColumnList() {
		names = append(names, id.Name)
	}
	return names
}

func (r cmd) privilege() privilege {
	switch {
	case r.Is(keyword.Alter) && r.Peek(1).Is(keyword.System):
		r.Skip(2)
		return privilege{name: "alter system"}
	case r.Is(keyword.Select), r.Is(keyword.References), r.Is(keyword.Create):
		name := r.Tok().Str
		r.Next()
		return privilege{name: name, columns: r.columnNames()}
	}
	return privilege{name: r.ColID().Name, columns: r.columnNames()}
}

// grantRole reads the rest of GRANT role TO role.
func (r cmd) grantRole(g *ast.Grant, list []privilege, admin bool) ast.Stmt {
	out := &ast.GrantRole{Revoke: g.Revoke, Admin: admin, Pos: g.Pos}
	for _, p := range list {
		out.Roles = append(out.Roles, p.name)
	}
	if g.Revoke {
		r.Expect(keyword.From)
	} else {
		r.Expect(keyword.To)
	}
	out.Grantees = r.Roles()
	if !g.Revoke && r.Accept(keyword.With) {
		r.Expect(keyword.Admin, keyword.Option)
		out.Admin = true
	}
	out.GrantedBy = r.grantedBy()
	if g.Revoke {
		r.cascade()
	}
	return out
}

func (r cmd) grantedBy() string {
	if r.acceptPair(keyword.Granted, keyword.By) {
		return r.Role()
	}
	return ""
}

// grantTarget reads what the privileges are on. Kinds that streamsqld has no
// privileges for are skipped, and the statement is what is returned.
func (r cmd) grantTarget(g *ast.Grant) ast.Stmt {
	switch {
	case r.Accept(keyword.All):
		return r.grantAllIn(g)
	case r.Is(keyword.Foreign), r.Is(keyword.Language), r.Is(keyword.Large) && r.Peek(1).Is(keyword.Object),
		r.Is(keyword.Parameter) && !r.Peek(1).Is(keyword.To):
		what := "GRANT ON " + upperWords([]string{r.Tok().Str})
		return r.skipped(what, g.Pos)
	}
	o, ok := r.grantObject()
	if !ok {
		g.Kind, g.Objects = ast.ObjTable, r.QualifiedNames()
		return nil
	}
	g.Kind = o.kind
	if o.kind == ast.ObjTable || o.kind == ast.ObjSequence {
		g.Objects = r.QualifiedNames()
		return nil
	}
	style := o.style
	if style == styleType {
		style = styleAny
	}
	r.Commas(func() {
		name, _ := r.objectName(style)
		g.Objects = append(g.Objects, name)
	})
	return nil
}

// grantObject reads the word for a kind of object, unless it is the name of a
// table.
func (r cmd) grantObject() (object, bool) {
	switch r.Tok().Keyword {
	case keyword.Table:
	case keyword.Sequence, keyword.Function, keyword.Procedure, keyword.Routine, keyword.Database, keyword.Domain,
		keyword.Schema, keyword.Tablespace, keyword.Type:
		if next := r.Peek(1); next.Kind == '.' || next.Kind == ',' || next.Is(keyword.To) || next.Is(keyword.From) {
			return object{}, false
		}
	default:
		return object{}, false
	}
	return r.object()
}

// allIn are the kinds of ALL … IN SCHEMA.
var allIn = map[keyword.ID]ast.ObjectKind{
	keyword.Tables: ast.ObjTable, keyword.Sequences: ast.ObjSequence, keyword.Functions: ast.ObjFunction,
	keyword.Procedures: ast.ObjProcedure, keyword.Routines: ast.ObjRoutine,
}

func (r cmd) grantAllIn(g *ast.Grant) ast.Stmt {
	kind, ok := allIn[r.Tok().Keyword]
	if !ok {
		panic(r.Unexpected())
	}
	r.Next()
	g.Kind, g.AllIn = kind, true
	r.Expect(keyword.In, keyword.Schema)
	for _, id := range r.Names() {
		g.Objects = append(g.Objects, ast.Name{Object: id.Name, Pos: id.Pos})
	}
	return nil
}

// grantees reads TO or FROM, the roles, and WITH GRANT OPTION.
func (r cmd) grantees(g *ast.Grant) {
	if g.Revoke {
		r.Expect(keyword.From)
	} else {
		r.Expect(keyword.To)
	}
	r.Commas(func() {
		if r.Is(keyword.Group) {
			r.Next()
		}
		g.Grantees = append(g.Grantees, r.Role())
	})
	if !g.Revoke && r.Accept(keyword.With) {
		r.Expect(keyword.Grant, keyword.Option)
		g.Option = true
	}
}
