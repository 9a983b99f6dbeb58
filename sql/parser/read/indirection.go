package read

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
)

// isIndirection tells whether a field or a subscript follows.
func (r *Reader) isIndirection() bool { return r.IsChar('.') || r.IsChar('[') }

// indirection reads .field and [subscript] behind e.
func (r *Reader) indirection(e expr) expr {
	star := false
	for r.isIndirection() {
		if star {
			r.badStar()
		}
		if r.IsChar('[') {
			e = r.subscripts(e)
			continue
		}
		f := &ast.FieldSelect{Pos: e.pos}
		r.Next()
		if star = r.AcceptChar('*'); !star {
			f.Name = r.ColLabel().Name
		}
		e = r.node(e.pos, f, canon.Arg{Piece: e.Piece, To: &f.X})
	}
	e.simple = true
	return e
}

// badStar reads what else is selected and fails where gram.y does.
func (r *Reader) badStar() {
	for r.isIndirection() {
		if r.IsChar('[') {
			r.subscript()
			continue
		}
		r.Next()
		if !r.AcceptChar('*') {
			r.ColLabel()
		}
	}
	r.Fail(r.near("improper use of \"*\""))
}

// subscripts reads [i], [i:j] … behind e into one node.
func (r *Reader) subscripts(e expr) expr {
	s := &ast.SubscriptExpr{Pos: e.pos}
	holes := args{{Piece: e.Piece, To: &s.X}}
	type bounds struct{ lo, hi *expr }
	var read []bounds
	for r.IsChar('[') {
		slice, lo, hi := r.subscript()
		s.Subs = append(s.Subs, ast.Subscript{Slice: slice})
		read = append(read, bounds{lo, hi})
	}
	for i, b := range read {
		if b.lo != nil {
			holes.expr(&s.Subs[i].Lo, *b.lo)
		}
		if b.hi != nil {
			holes.expr(&s.Subs[i].Hi, *b.hi)
		}
	}
	return r.node(e.pos, s, holes...)
}

// subscript reads one [hi] or [lo:hi].
func (r *Reader) subscript() (slice bool, lo, hi *expr) {
	r.ExpectChar('[')
	if !r.IsChar(':') {
		e := r.Expr()
		if r.AcceptChar(']') {
			return false, nil, &e
		}
		lo = &e
	}
	r.ExpectChar(':')
	if !r.IsChar(']') {
		e := r.Expr()
		hi = &e
	}
	r.ExpectChar(']')
	return true, lo, hi
}
