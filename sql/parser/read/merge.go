package read

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
)

// merge reads MERGE INTO t USING …. TiDB has no form of it: the source is the
// FROM clause of a query, and everything else expressions.
func (r *Reader) merge(with *withClause, pos ast.Pos) *ast.Merge {
	m := &ast.Merge{Pos: pos, Using: &ast.Select{}}
	r.Next()
	r.Expect(keyword.Into)
	m.Target = r.dmlTarget()
	r.Expect(keyword.Using)
	from := r.b.Append(r.b.Text("SELECT 1 FROM "), r.whole(r.tableRef()))
	var holes args
	if with != nil {
		holes = append(holes, r.withHole(with, &m.With))
	}
	holes = append(holes, canon.Arg{Piece: r.parenthesised(from), ToQuery: m.Using})
	r.Expect(keyword.On)
	holes.expr(&m.On, r.Expr())
	var whens []*ast.MergeWhen
	for first := true; first || r.Is(keyword.When); first = false {
		whens = append(whens, r.mergeWhen(&holes, pos))
	}
	for _, a := range holes {
		r.Slot(a)
	}
	m.Whens = whens
	return m
}

// mergeWhen reads WHEN [NOT] MATCHED [AND …] THEN ….
func (r *Reader) mergeWhen(holes *args, pos ast.Pos) *ast.MergeWhen {
	w := &ast.MergeWhen{}
	r.Expect(keyword.When)
	w.Matched = !r.Accept(keyword.Not)
	r.Expect(keyword.Matched)
	if r.Accept(keyword.And) {
		holes.expr(&w.Cond, r.Expr())
	}
	r.Expect(keyword.Then)
	switch {
	case r.Accept(keyword.Do):
		r.Expect(keyword.Nothing)
	case w.Matched && r.Accept(keyword.Delete):
		w.Delete = true
	case w.Matched:
		r.Expect(keyword.Update, keyword.Set)
		w.Set = r.setClauses(holes)
	default:
		r.Expect(keyword.Insert)
		w.Insert = r.mergeInsert(holes, pos)
	}
	return w
}

// mergeInsert reads what follows INSERT.
func (r *Reader) mergeInsert(holes *args, pos ast.Pos) *ast.Insert {
	ins := &ast.Insert{Pos: pos}
	if r.Accept(keyword.Default) {
		r.Expect(keyword.Values)
		return ins
	}
	if r.AcceptChar('(') {
		ins.Columns = r.insertColumns(holes)
		r.ExpectChar(')')
	}
	ins.Overriding = r.overriding()
	r.Expect(keyword.Values)
	var values []expr
	r.Parens(func() { values = append(values, r.Expr()) })
	row := make([]ast.Expr, len(values))
	for i, e := range values {
		holes.expr(&row[i], e)
	}
	ins.Query = &ast.Select{Values: [][]ast.Expr{row}, Pos: pos}
	return ins
}

// overriding reads INSERT's OVERRIDING clause if it follows.
func (r *Reader) overriding() ast.Override {
	if !r.Accept(keyword.Overriding) {
		return ast.OverrideNone
	}
	o := ast.OverrideUser
	if !r.Accept(keyword.User) {
		r.Expect(keyword.System)
		o = ast.OverrideSystem
	}
	r.Expect(keyword.Value)
	return o
}
