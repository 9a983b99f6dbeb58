package command

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// createPolicy reads CREATE POLICY from there on.
func (r cmd) createPolicy(pos ast.Pos) ast.Stmt {
	r.Expect(keyword.Policy)
	p := &ast.CreatePolicy{Name: r.ColID().Name, Cmd: "all", Pos: pos}
	r.Expect(keyword.On)
	p.Table = r.QualifiedName()
	if r.Accept(keyword.As) {
		at := r.Pos()
		switch kind := r.ColID().Name; kind {
		case "permissive":
		case "restrictive":
			p.Restrictive = true
		default:
			r.Fail(pgerr.New(pgerr.SyntaxError, "unrecognized row security option \"%s\"", kind).
				WithHint("Only PERMISSIVE or RESTRICTIVE policies are supported currently.").At(at))
		}
	}
	if r.Accept(keyword.For) {
		switch {
		case r.Accept(keyword.All):
		case r.Is(keyword.Select), r.Is(keyword.Insert), r.Is(keyword.Update), r.Is(keyword.Delete):
			p.Cmd = r.Tok().Str
			r.Next()
		default:
			panic(r.Unexpected())
		}
	}
	p.Roles, p.Using, p.Check = nil, nil, nil
	r.policyRest(&p.Roles, &p.Using, &p.Check)
	return p
}

// policyRest reads TO roles, USING and WITH CHECK, where they follow.
func (r cmd) policyRest(roles *[]string, using, check *ast.Expr) {
	if r.Accept(keyword.To) {
		*roles = r.Roles()
	}
	if r.Accept(keyword.Using) {
		r.ExpectChar('(')
		r.Fill(using, r.Expr())
		r.ExpectChar(')')
	}
	if r.Accept(keyword.With) {
		r.Expect(keyword.Check)
		r.ExpectChar('(')
		r.Fill(check, r.Expr())
		r.ExpectChar(')')
	}
}

// alterPolicy reads ALTER POLICY behind the table.
func (r cmd) alterPolicy(pos ast.Pos, name ast.Name) ast.Stmt {
	p := &ast.AlterPolicy{Name: name.Object, Table: ast.Name{Schema: name.Catalog, Object: name.Schema, Pos: name.Pos}, Pos: pos}
	r.policyRest(&p.Roles, &p.Using, &p.Check)
	return p
}

// securityPhrases are the actions that switch row-level security.
var securityPhrases = map[string]string{
	"enable row level security": "ENABLE", "disable row level security": "DISABLE", "force row level security": "FORCE", "no force row level security": "NO FORCE",
}

// securityAction reads one of securityPhrases; false is that none follows.
func (r cmd) securityAction(a *ast.AlterAction) bool {
	for phrase, text := range securityPhrases {
		if words := strings.Fields(phrase); r.AreWords(words...) {
			r.Skip(len(words))
			a.Kind, a.Text = ast.AlterRowSecurity, text
			return true
		}
	}
	return false
}
