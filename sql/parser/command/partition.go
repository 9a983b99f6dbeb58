package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// The elements of typed tables and partitions are read for their syntax only.

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
	p := &ast.PartitionOf{Pos: r.Pos()}
	p.Parent = r.QualifiedName()
	p.Elements = r.IsChar('(')
	r.typedElements()
	r.partitionBound(&p.Bound)
	t.PartitionOf = p
}

// partitionBound reads FOR VALUES … or DEFAULT.
func (r cmd) partitionBound(b *ast.PartitionBound) {
	b.Pos = r.Pos()
	if r.Accept(keyword.Default) {
		b.Default = true
		return
	}
	r.Expect(keyword.For, keyword.Values)
	b.Pos = r.Pos()
	switch {
	case r.Accept(keyword.With):
		r.Parens(func() {
			pos := r.Pos()
			name := r.NonReserved()
			b.With = append(b.With, ast.HashPart{Name: name.Name, Value: int64(r.IntConst()), Pos: pos})
		})
	case r.Accept(keyword.In):
		b.In = r.exprList()
	default:
		r.Expect(keyword.From)
		b.From = r.exprList()
		r.Expect(keyword.To)
		b.To = r.exprList()
	}
}

// partitionBy reads PARTITION BY strategy (…).
func (r cmd) partitionBy(t *ast.CreateTable) {
	pos := r.Pos()
	if !r.acceptPair(keyword.Partition, keyword.By) {
		return
	}
	t.PartitionBy = &ast.PartitionBy{Pos: pos}
	t.PartitionBy.Strategy = r.ColID().Name
	t.PartitionBy.Keys = r.PartitionKeys()
}

// attachPartition reads what follows ALTER TABLE t ATTACH | DETACH.
func (r cmd) attachPartition(a *ast.AlterPartition, index bool) {
	a.Attach = r.Is(keyword.Attach)
	r.Next()
	r.Expect(keyword.Partition)
	a.Partition = r.QualifiedName()
	switch {
	case a.Attach && !index:
		r.partitionBound(&a.Bound)
	case !a.Attach && !r.Accept(keyword.Concurrently):
		r.Accept(keyword.Finalize)
	}
}
