package read

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// values reads VALUES (…), …. Literals go from the tokens straight into the
// rows; TiDB is given the other expressions only.
func (r *Reader) values() canon.Piece {
	v := &canon.Values{Pos: r.tok.Pos}
	r.Next()
	var w valueReader
	for {
		v.Rows = append(v.Rows, w.row(r))
		if !r.AcceptChar(',') {
			break
		}
	}
	return r.b.Join(r.b.Text("VALUES ROW("), r.b.Node(v, w.holes...), r.b.Text(")"))
}

// valueReader reads the rows of a VALUES list. The literals of a row, and the
// rows, are cut from larger pieces of memory.
type valueReader struct {
	holes    args
	literals []ast.Literal
	cells    []ast.Expr
	width    int // of the row before
	chunk    int // how many were cut last
}

const maxValueChunk = 512

// next is the size of the next piece of memory; it grows with the list.
func (w *valueReader) next() int {
	w.chunk = min(max(8, 2*w.chunk), maxValueChunk)
	return w.chunk
}

// row reads one row in parentheses.
func (w *valueReader) row(r *Reader) []ast.Expr {
	r.ExpectChar('(')
	row := w.newRow()
	var exprs []expr
	var at []int
	for {
		if lit := w.literal(r); lit != nil {
			row = append(row, lit)
		} else {
			at = append(at, len(row))
			row = append(row, nil)
			exprs = append(exprs, r.Expr())
		}
		if r.tok.Kind != ',' {
			break
		}
		r.Next()
	}
	r.ExpectChar(')')
	for i, e := range exprs {
		w.holes.expr(&row[at[i]], e)
	}
	w.width = len(row)
	return row
}

// newRow gives an empty row with room for as many cells as the row before had.
func (w *valueReader) newRow() []ast.Expr {
	if w.width == 0 {
		return nil
	}
	if len(w.cells) < w.width {
		w.cells = make([]ast.Expr, max(w.next(), w.width))
	}
	row := w.cells[:0:w.width]
	w.cells = w.cells[w.width:]
	return row
}

// literal reads a literal that is a whole value; it is nil, and nothing is
// read, if there is none.
func (w *valueReader) literal(r *Reader) *ast.Literal {
	if len(w.literals) == 0 {
		w.literals = make([]ast.Literal, w.next())
	}
	lit := &w.literals[0]
	n := r.literalOf(0, lit)
	if n == 0 {
		return nil
	}
	if k := r.Peek(n).Kind; k != ',' && k != lex.Kind(')') {
		*lit = ast.Literal{}
		return nil
	}
	r.Skip(n)
	w.literals = w.literals[1:]
	return lit
}
