package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/read"
)

// createTable reads CREATE TABLE and CREATE TABLE AS behind these words.
func (r cmd) createTable(c created) ast.Stmt {
	t := &ast.CreateTable{Persistence: c.persistence, Pos: c.pos}
	t.IfNotExists = r.ifNotExists()
	t.Name = r.QualifiedName()
	switch {
	case r.IsChar('(') && !r.isNameList():
		r.elements(t)
		if r.Accept(keyword.Inherits) {
			r.ExpectChar('(')
			t.Inherits = r.QualifiedNames()
			r.ExpectChar(')')
		}
	case r.Accept(keyword.Of):
		name := r.AnyName()
		t.OfType = &name
		r.typedElements(t)
	case r.acceptPair(keyword.Partition, keyword.Of):
		r.partitionOf(t)
	default:
		return r.createTableAs(t)
	}
	r.partitionBy(t)
	r.tableTail(t)
	return t
}

// isNameList tells whether the parenthesis holds bare names, as it does before
// AS.
func (r cmd) isNameList() bool {
	k := r.Peek(2).Kind
	return r.IsColIDAt(1) && (k == ',' || k == ')')
}

// tableTail reads what follows the columns of a table.
func (r cmd) tableTail(t *ast.CreateTable) {
	t.Method = r.optName(keyword.Using)
	if t.Options = r.optWith(); t.Options == nil {
		r.acceptPair(keyword.Without, keyword.Oids)
	}
	t.OnCommit = r.onCommit()
	t.Space = r.optName(keyword.Tablespace)
}

func (r cmd) onCommit() ast.OnCommit {
	if !r.Accept(keyword.On) {
		return ast.OnCommitNone
	}
	r.Expect(keyword.Commit)
	switch {
	case r.Accept(keyword.Drop):
		return ast.OnCommitDrop
	case r.acceptPair(keyword.Delete, keyword.Rows):
		return ast.OnCommitDelete
	}
	r.Expect(keyword.Preserve, keyword.Rows)
	return ast.OnCommitPreserve
}

// createTableAs reads what follows the name of CREATE TABLE AS.
func (r cmd) createTableAs(t *ast.CreateTable) ast.Stmt {
	as := &ast.CreateTableAs{
		Name: t.Name, IfNotExists: t.IfNotExists, Persistence: t.Persistence, Pos: t.Pos,
	}
	as.Columns = r.OptColumnList()
	r.tableTail(t)
	as.Options, as.OnCommit, as.Method, as.Space = t.Options, t.OnCommit, t.Method, t.Space
	r.Expect(keyword.As)
	if r.Is(keyword.Execute) {
		as.Query = r.execute()
	} else {
		as.Query = r.selectStmt()
	}
	as.NoData = r.withNoData()
	return as
}

// createStream reads CREATE STREAM behind these words.
func (r cmd) createStream(c created) ast.Stmt {
	t := &ast.CreateTable{Stream: true, Pos: c.pos}
	t.IfNotExists = r.ifNotExists()
	t.Name = r.QualifiedName()
	r.elements(t)
	t.Options = r.optWith()
	return t
}

// tableReader is a table while its elements are read.
type tableReader struct {
	table       *ast.CreateTable
	constraints []constraint
	watermark   *read.Expression
}

// elements reads the columns, constraints and LIKE clauses of a table.
func (r cmd) elements(t *ast.CreateTable) {
	b := &tableReader{table: t}
	r.ExpectChar('(')
	if !r.IsChar(')') {
		r.Commas(func() { r.element(b) })
	}
	r.ExpectChar(')')
	t.Constraints = finishConstraints(r, b.constraints)
	if b.watermark != nil {
		r.Fill(&t.Watermark.Expr, *b.watermark)
	}
}

func (r cmd) element(b *tableReader) {
	t := b.table
	switch {
	case r.Is(keyword.Like):
		t.Order = append(t.Order, ^len(t.Likes))
		t.Likes = append(t.Likes, r.like())
	case r.isTableConstraint():
		b.constraints = append(b.constraints, r.tableConstraint())
	case t.Stream && r.IsWord("watermark") && r.Peek(1).Is(keyword.For):
		r.watermark(b)
	default:
		t.Order = append(t.Order, len(t.Columns))
		t.Columns = append(t.Columns, r.columnDef())
	}
}

// watermark reads WATERMARK FOR column [AS expression].
func (r cmd) watermark(b *tableReader) {
	pos := r.Pos()
	if b.table.Watermark != nil {
		r.failAt(pos, "multiple WATERMARK clauses not allowed")
	}
	r.Skip(2)
	w := &ast.Watermark{Column: r.ColID(), Pos: pos}
	if r.Accept(keyword.As) {
		e := r.Expr()
		b.watermark = &e
	}
	b.table.Watermark = w
}

// likeKinds are what LIKE can include.
var likeKinds = map[keyword.ID]string{
	keyword.Comments: "comments", keyword.Compression: "compression", keyword.Constraints: "constraints",
	keyword.Defaults: "defaults", keyword.Identity: "identity", keyword.Generated: "generated",
	keyword.Indexes: "indexes", keyword.Statistics: "statistics", keyword.Storage: "storage",
}

// likeOrder is the order in which the kinds of a LIKE clause are given.
var likeOrder = []string{
	"comments", "compression", "constraints", "defaults", "generated", "identity", "indexes", "statistics", "storage",
}

// like reads LIKE t INCLUDING … EXCLUDING ….
func (r cmd) like() ast.LikeClause {
	l := ast.LikeClause{Pos: r.Pos()}
	r.Next()
	l.Table = r.QualifiedName()
	set := map[string]bool{}
	for r.Is(keyword.Including) || r.Is(keyword.Excluding) {
		on := r.Is(keyword.Including)
		r.Next()
		if r.Accept(keyword.All) {
			for _, kind := range likeOrder {
				set[kind] = on
			}
			continue
		}
		kind, ok := likeKinds[r.Tok().Keyword]
		if !ok {
			panic(r.Unexpected())
		}
		r.Next()
		set[kind] = on
	}
	for _, kind := range likeOrder {
		if set[kind] {
			l.Include = append(l.Include, kind)
		}
	}
	return l
}

// columnDef reads a column of a table.
func (r cmd) columnDef() ast.ColumnDef {
	col := ast.ColumnDef{Name: r.ColID(), Type: r.TypeName()}
	if r.Accept(keyword.Compression) {
		col.Compression = r.colIDOrDefault()
	}
	if r.Is(keyword.Options) {
		r.Refuse(r.Pos(), "OPTIONS of a column")
		r.Next()
		r.SkipParens()
	}
	quals := r.columnQuals()
	col.Collation, col.Constraints = quals.collation, quals.finish(r)
	return col
}

func (r cmd) colIDOrDefault() string {
	if r.Accept(keyword.Default) {
		return "default"
	}
	return r.ColID().Name
}
