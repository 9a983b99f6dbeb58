package command

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// createRole reads CREATE ROLE, USER and GROUP behind CREATE.
func (r cmd) createRole(c created) ast.Stmt {
	role := &ast.CreateRole{User: r.Is(keyword.User), Pos: c.pos}
	r.Next()
	role.Name = r.RoleID()
	r.Accept(keyword.With)
	role.Options = r.roleOptions(true)
	return role
}

func (r cmd) roleOptions(create bool) []ast.Option {
	var list []ast.Option
	for !r.AtEnd() {
		list = append(list, r.roleOption(create))
	}
	return list
}

// roleFlags are the options of a role that are one word, as PostgreSQL names
// them, with their values.
var roleFlags = map[string]struct {
	name string
	on   bool
}{
	"superuser": {"superuser", true}, "nosuperuser": {"superuser", false},
	"createrole": {"createrole", true}, "nocreaterole": {"createrole", false},
	"replication": {"isreplication", true}, "noreplication": {"isreplication", false},
	"createdb": {"createdb", true}, "nocreatedb": {"createdb", false},
	"login": {"canlogin", true}, "nologin": {"canlogin", false},
	"bypassrls": {"bypassrls", true}, "nobypassrls": {"bypassrls", false},
	"noinherit": {"inherit", false},
}

func boolLiteral(on bool, pos ast.Pos) ast.Expr {
	return &ast.Literal{Kind: ast.LitBool, Bool: on, Pos: pos}
}

// roleOption reads one option of CREATE or ALTER ROLE, under PostgreSQL's
// internal name for it.
func (r cmd) roleOption(create bool) ast.Option {
	pos := r.Pos()
	switch {
	case r.Accept(keyword.Encrypted):
		r.Expect(keyword.Password)
		return option("password", r.stringLiteral(), pos)
	case r.Accept(keyword.Password):
		if r.Accept(keyword.Null) {
			return option("password", nil, pos)
		}
		return option("password", r.stringLiteral(), pos)
	case r.Is(keyword.Unencrypted):
		r.Next()
		r.Expect(keyword.Password)
		r.StringConst()
		r.Fail(pgerr.New(pgerr.FeatureNotSupported, "UNENCRYPTED PASSWORD is no longer supported").At(pos).
			WithHint("Remove UNENCRYPTED to store the password in encrypted form instead."))
	case r.Accept(keyword.Inherit):
		return option("inherit", boolLiteral(true, pos), pos)
	case r.acceptPair(keyword.Connection, keyword.Limit):
		return option("connectionlimit", r.intLiteral(), pos)
	case r.acceptPair(keyword.Valid, keyword.Until):
		return option("validuntil", r.stringLiteral(), pos)
	case r.Accept(keyword.User):
		return ast.Option{Name: "rolemembers", List: r.Roles(), Pos: pos}
	case create && r.isCreateRoleOption():
		return r.createRoleOption(pos)
	case r.Tok().Kind == lex.Ident:
		name := r.Tok().Str
		r.Next()
		flag, ok := roleFlags[name]
		if !ok {
			r.failAt(pos, "unrecognized role option \"%s\"", name)
		}
		return option(flag.name, boolLiteral(flag.on, pos), pos)
	}
	panic(r.Unexpected())
}

func (r cmd) isCreateRoleOption() bool {
	switch r.Tok().Keyword {
	case keyword.Sysid, keyword.Admin, keyword.Role, keyword.In:
		return true
	}
	return false
}

// createRoleOption reads the options that CREATE ROLE alone has.
func (r cmd) createRoleOption(pos ast.Pos) ast.Option {
	switch {
	case r.Accept(keyword.Sysid):
		return option("sysid", r.intLiteral(), pos)
	case r.Accept(keyword.Admin):
		return ast.Option{Name: "adminmembers", List: r.Roles(), Pos: pos}
	case r.Accept(keyword.Role):
		return ast.Option{Name: "rolemembers", List: r.Roles(), Pos: pos}
	}
	r.Expect(keyword.In)
	if !r.Accept(keyword.Role) {
		r.Expect(keyword.Group)
	}
	return ast.Option{Name: "addroleto", List: r.Roles(), Pos: pos}
}

func (r cmd) intLiteral() ast.Expr {
	pos := r.Pos()
	return &ast.Literal{Kind: ast.LitInteger, Text: strconv.Itoa(int(r.SignedInt())), Pos: pos}
}

// alterRole reads ALTER ROLE, USER and GROUP behind ALTER.
func (r cmd) alterRole(pos ast.Pos) ast.Stmt {
	group := r.Is(keyword.Group)
	r.Next()
	a := &ast.AlterRole{Pos: pos}
	all := !group && r.Accept(keyword.All)
	if !all {
		a.Name = r.Role()
	}
	switch {
	case !all && r.acceptPair(keyword.Rename, keyword.To):
		return &ast.Rename{Kind: ast.ObjRole, Name: ast.Name{Object: a.Name, Pos: pos}, NewName: r.RoleID(), Pos: pos}
	case group:
		return r.alterGroup(a)
	case r.acceptPair(keyword.In, keyword.Database):
		r.ColID()
		r.setOrReset()
		return &ast.Unsupported{What: "ALTER ROLE IN DATABASE", Pos: pos}
	case r.Is(keyword.Set), r.Is(keyword.Reset):
		a.Set = r.setOrReset()
		return a
	case all:
		panic(r.Unexpected())
	}
	r.Accept(keyword.With)
	a.Options = r.roleOptions(false)
	return a
}

// alterGroup reads ALTER GROUP name ADD | DROP USER roles, which grants the
// role.
func (r cmd) alterGroup(a *ast.AlterRole) ast.Stmt {
	g := &ast.GrantRole{Roles: []string{a.Name}, Group: true, Pos: a.Pos}
	if !r.Accept(keyword.Add) {
		r.Expect(keyword.Drop)
		g.Revoke = true
	}
	r.Expect(keyword.User)
	g.Grantees = r.Roles()
	return g
}
