package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// reindex reads REINDEX.
func (r cmd) reindex() ast.Stmt {
	x := &ast.Reindex{Pos: r.Pos()}
	r.Next()
	if r.IsChar('(') {
		x.Options = r.utilityOptions()
	}
	named := false
	switch {
	case r.Accept(keyword.Index):
		x.Kind = "index"
	case r.Accept(keyword.Table):
		x.Kind = "table"
	case r.Accept(keyword.Schema):
		x.Kind, named = "schema", true
	case r.Accept(keyword.System):
		x.Kind, named = "system", true
	default:
		r.Expect(keyword.Database)
		x.Kind, named = "database", true
	}
	x.Concurrently = r.Accept(keyword.Concurrently)
	if named {
		x.Name.Pos = r.Pos()
		x.Name.Object = r.ColID().Name
	} else {
		x.Name = r.QualifiedName()
	}
	return x
}

// cluster reads CLUSTER, CLUSTER index ON t included.
func (r cmd) cluster() ast.Stmt {
	c := &ast.Cluster{Pos: r.Pos()}
	r.Next()
	if r.IsChar('(') {
		c.Options = r.utilityOptions()
	} else {
		c.Verbose = r.Accept(keyword.Verbose)
	}
	if r.AtEnd() && c.Options == nil {
		return c
	}
	name := r.QualifiedName()
	c.Table = &name
	switch {
	case r.Accept(keyword.Using):
		c.Index = r.ColID().Name
	case name.Schema == "" && c.Options == nil && r.Accept(keyword.On):
		table := r.QualifiedName()
		c.Table, c.Index = &table, name.Object
	}
	return c
}
