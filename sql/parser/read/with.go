package read

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
)

// withClause is a WITH clause, written with a blank behind it.
type withClause struct {
	pos   ast.Pos
	piece canon.Piece
}

// withClause reads WITH [RECURSIVE] name AS (query), ….
func (r *Reader) withClause() *withClause {
	w := &withClause{pos: r.tok.Pos}
	r.Next()
	w.piece = r.b.Text("WITH ")
	if r.Is(keyword.Recursive) && r.IsColIDAt(1) { // else it is a name
		r.Next()
		w.piece = r.b.Text("WITH RECURSIVE ")
	}
	sep := ""
	r.Commas(func() {
		w.piece = r.b.Append(w.piece, r.b.Text(sep))
		w.piece = r.b.Append(w.piece, r.cte(w.pos))
		sep = ", "
	})
	w.piece = r.b.Append(w.piece, r.b.Text(" "))
	return w
}

// cte reads one common table expression.
func (r *Reader) cte(withPos ast.Pos) canon.Piece {
	c := &canon.CTE{Node: ast.CTE{Name: r.ColID(), Columns: r.OptColumnList()}, WithPos: withPos}
	r.Expect(keyword.As)
	c.Node.Materialized = r.materialized()
	r.ExpectChar('(')
	if r.isDMLStart() {
		p := r.cteDML(c)
		r.ExpectChar(')')
		r.searchAndCycle()
		return p
	}
	q := r.selectNoParens()
	r.ExpectChar(')')
	r.searchAndCycle()
	return r.b.Join(r.b.Node(c), r.b.Text(" AS ("), r.finish(q), r.b.Text(")"))
}

func (r *Reader) materialized() *bool {
	switch {
	case r.Accept(keyword.Materialized):
		yes := true
		return &yes
	case r.AcceptAll(keyword.Not, keyword.Materialized):
		no := false
		return &no
	}
	return nil
}

// searchAndCycle reads the SEARCH and CYCLE clauses, which streamsqld has not.
func (r *Reader) searchAndCycle() {
	if r.Is(keyword.Search) {
		r.Refuse(r.tok.Pos, "SEARCH clause")
		r.Next()
		if !r.Accept(keyword.Depth) {
			r.Expect(keyword.Breadth)
		}
		r.Expect(keyword.First, keyword.By)
		r.Names()
		r.Expect(keyword.Set)
		r.ColID()
	}
	if r.Is(keyword.Cycle) {
		r.Refuse(r.tok.Pos, "CYCLE clause")
		r.Next()
		r.Names()
		r.Expect(keyword.Set)
		r.ColID()
		if r.Accept(keyword.To) {
			r.primary(modeB)
			r.Expect(keyword.Default)
			r.primary(modeB)
		}
		r.Expect(keyword.Using)
		r.ColID()
	}
}
