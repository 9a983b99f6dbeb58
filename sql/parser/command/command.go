// Package command reads the statements that MySQL has no form of, or a
// different one: DDL, transactions, COPY, cursors, settings and so on. It works
// on the reader's cursor, builds the sql/ast node itself, and hands the
// queries and expressions in it to the reader.
package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/read"
)

// Statement reads one statement of any kind.
func Statement(r *read.Reader) ast.Stmt {
	if r.IsPreparable() {
		return r.Preparable()
	}
	panic(r.Unexpected())
}

var _ = keyword.Select
