package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// createDatabase reads CREATE DATABASE behind these words.
func (r cmd) createDatabase(pos ast.Pos) ast.Stmt {
	d := &ast.CreateDatabase{Name: r.ColID().Name, Pos: pos}
	r.Accept(keyword.With)
	d.Options = r.databaseOptions()
	return d
}

// alterDatabase reads what ALTER DATABASE has besides RENAME and OWNER.
func (r cmd) alterDatabase(pos ast.Pos, name string) ast.Stmt {
	a := &ast.AlterDatabase{Name: name, Pos: pos}
	switch {
	case r.Is(keyword.Set) && r.Peek(1).Is(keyword.Tablespace):
		return r.skipped("ALTER DATABASE SET TABLESPACE", pos)
	case r.Is(keyword.Refresh):
		return r.skipped("ALTER DATABASE REFRESH COLLATION VERSION", pos)
	case r.Is(keyword.Set), r.Is(keyword.Reset):
		a.Set = r.setOrReset()
		return a
	}
	r.Accept(keyword.With)
	a.Options = r.databaseOptions()
	return a
}

// databaseOptions reads gram.y's createdb_opt_items: name [=] value.
func (r cmd) databaseOptions() []ast.Option {
	var list []ast.Option
	for !r.AtEnd() {
		o := ast.Option{Pos: r.Pos()}
		switch {
		case r.acceptPair(keyword.Connection, keyword.Limit):
			o.Name = "connection_limit"
		case r.Is(keyword.Encoding), r.Is(keyword.Location), r.Is(keyword.Owner), r.Is(keyword.Tablespace), r.Is(keyword.Template),
			r.Tok().Kind == lex.Ident:
			o.Name = r.Tok().Str
			r.Next()
		default:
			panic(r.Unexpected())
		}
		r.AcceptChar('=')
		if !r.Accept(keyword.Default) {
			o.Value = r.varValue()
		}
		list = append(list, o)
	}
	return list
}

// databaseForce reads [WITH] (FORCE) behind DROP DATABASE.
func (r cmd) databaseForce() bool {
	r.Accept(keyword.With)
	if !r.AcceptChar('(') {
		return false
	}
	r.Commas(func() { r.Expect(keyword.Force) })
	r.ExpectChar(')')
	return true
}
