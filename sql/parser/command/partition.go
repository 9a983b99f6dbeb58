package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// What follows is read for its syntax only: streamsqld has neither partitions
// nor typed tables.

// typedElements reads the columns and constraints of a typed table or a
// partition if they follow.
func (r cmd) typedElements() {
	if !r.IsChar('(') {
		return
	}
	r.Parens(func() {
		if r.isTableConstraint() {
			r.tableConstraint()
			return
		}
		r.ColID()
		if r.Accept(keyword.With) {
			r.Expect(keyword.Options)
		}
		r.columnQuals()
	})
}

// partitionOf reads PARTITION OF parent ….
func (r cmd) partitionOf(t *ast.CreateTable) {
	t.Partition = true
	t.Inherits = []ast.Name{r.QualifiedName()}
	r.typedElements()
	r.partitionBound()
}

// partitionBound reads FOR VALUES … or DEFAULT.
func (r cmd) partitionBound() {
	if r.Accept(keyword.Default) {
		return
	}
	r.Expect(keyword.For, keyword.Values)
	expr := func() { r.Expr() }
	switch {
	case r.Accept(keyword.With):
		r.Parens(func() {
			r.NonReserved()
			r.IntConst()
		})
	case r.Accept(keyword.In):
		r.Parens(expr)
	default:
		r.Expect(keyword.From)
		r.Parens(expr)
		r.Expect(keyword.To)
		r.Parens(expr)
	}
}

// partitionBy reads PARTITION BY strategy (…).
func (r cmd) partitionBy(t *ast.CreateTable) {
	if !r.acceptPair(keyword.Partition, keyword.By) {
		return
	}
	t.Partition = true
	r.ColID()
	r.PartitionKeys()
}

// attachPartition reads what follows ALTER TABLE t ATTACH | DETACH.
func (r cmd) attachPartition(index bool) {
	attach := r.Is(keyword.Attach)
	r.Next()
	r.Expect(keyword.Partition)
	r.QualifiedName()
	switch {
	case attach && !index:
		r.partitionBound()
	case !attach && !r.Accept(keyword.Concurrently):
		r.Accept(keyword.Finalize)
	}
}
