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
	q, holes := r.cteBody(c)
	r.ExpectChar(')')
	r.searchAndCycle(c, &holes)
	if q != nil && len(holes) > 0 {
		c.Node.Query = &ast.Select{}
		holes = append(holes, canon.Arg{Piece: r.parenthesised(r.finish(q)), ToQuery: c.Node.Query})
	} else if q != nil {
		return r.b.Join(r.b.Marker(c), r.b.Text(" AS ("), r.finish(q), r.b.Text(")"))
	}
	c.Held = true
	p := r.b.Append(r.b.Marker(c, holes...), r.b.Text(" AS (SELECT "))
	if len(holes) == 0 {
		return r.b.Append(p, r.b.Text("1)"))
	}
	return r.b.Append(r.b.Append(p, r.b.List(holes)), r.b.Text(")"))
}

// cteBody reads the statement of a common table expression: a query, or one that
// modifies data, whose parts are holes of c.
func (r *Reader) cteBody(c *canon.CTE) (*query, args) {
	r.enter()
	defer r.leave()
	var with *withClause
	if r.Is(keyword.With) {
		with = r.withClause()
	}
	if r.isDMLStart() {
		return nil, r.cteDML(c, with)
	}
	q := r.selectClause(setLowest)
	r.addWith(q, with)
	r.tail(q)
	return q, nil
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

// searchAndCycle reads the SEARCH and CYCLE clauses.
func (r *Reader) searchAndCycle(c *canon.CTE, holes *args) {
	if r.Is(keyword.Search) {
		s := &ast.SearchClause{Pos: r.tok.Pos}
		r.Next()
		if s.Depth = r.Accept(keyword.Depth); !s.Depth {
			r.Expect(keyword.Breadth)
		}
		r.Expect(keyword.First, keyword.By)
		s.Columns = r.Names()
		r.Expect(keyword.Set)
		s.Set = r.ColID()
		c.Node.Search = s
	}
	if r.Is(keyword.Cycle) {
		y := &ast.CycleClause{Pos: r.tok.Pos}
		r.Next()
		y.Columns = r.Names()
		r.Expect(keyword.Set)
		y.Mark = r.ColID()
		if r.Accept(keyword.To) {
			holes.expr(&y.Value, r.primary(modeB))
			r.Expect(keyword.Default)
			holes.expr(&y.Default, r.primary(modeB))
		}
		r.Expect(keyword.Using)
		y.Path = r.ColID()
		c.Node.Cycle = y
	}
}
