package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// typedElements reads the columns, without types, and constraints of a typed table or
// a partition if they follow.
func (r cmd) typedElements(t *ast.CreateTable) {
	if !r.IsChar('(') {
		return
	}
	var constraints []constraint
	r.Parens(func() {
		if r.isTableConstraint() {
			constraints = append(constraints, r.tableConstraint())
			return
		}
		col := ast.ColumnDef{Name: r.ColID()}
		if r.Accept(keyword.With) {
			r.Expect(keyword.Options)
		}
		quals := r.columnQuals()
		col.Collation, col.Constraints = quals.collation, quals.finish(r)
		t.Order = append(t.Order, len(t.Columns))
		t.Columns = append(t.Columns, col)
	})
	t.Constraints = finishConstraints(r, constraints)
}

// partitionOf reads PARTITION OF parent ….
func (r cmd) partitionOf(t *ast.CreateTable) {
	p := &ast.PartitionOf{Pos: r.Pos()}
	p.Parent = r.QualifiedName()
	r.typedElements(t)
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
