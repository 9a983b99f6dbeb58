// Package read reads PostgreSQL's queries, DML statements, expressions and
// types from the token stream, and writes them as canonical text with an annex
// (package canon). It is the grammar: what it accepts is what PostgreSQL 15
// accepts, plus the streaming syntax, and it reports what PostgreSQL reports,
// at the token where PostgreSQL's parser stops.
//
// Clauses are read by recursive descent, expressions by precedence climbing
// with gram.y's precedences. The statements that TiDB has no form of are read
// by the packages above on the same Reader.
//
// Inside, an error is a panic with a bailout, which Try turns into an error;
// nothing else panics.
package read

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// maxDepth bounds the nesting of expressions, queries and joins; PostgreSQL's
// own limit depends on max_stack_depth and is of this order.
const maxDepth = 4000

// Reader is a cursor over the tokens of a query string that builds one
// statement at a time.
type Reader struct {
	src    string
	toks   []lex.Token
	i      int
	tok    *lex.Token // toks[i]
	lexErr *pgerr.Error
	depth  int
	// similar is set where SIMILAR alone may follow: in SUBSTRING.
	similar bool
	// emitAllowed is set while the query of a continuous view is read.
	emitAllowed bool

	b     canon.Builder
	slots []canon.Arg
	root  root

	// NumParams is the highest $n so far.
	NumParams int
	// Notices are reports that do not stop the statement.
	Notices []*pgerr.Error
	refused *pgerr.Error
}

// root is the statement's own TiDB statement, if it has one.
type root struct {
	piece canon.Piece
	set   bool
	query *ast.Select // where the query goes; nil for DML
}

// New makes a reader of the tokens of src.
func New(src string, tokens lex.Result) *Reader {
	r := &Reader{}
	r.Init(src, tokens)
	return r
}

// Init makes r ready for another query string; it keeps its memory.
func (r *Reader) Init(src string, tokens lex.Result) {
	*r = Reader{src: src, toks: tokens.Tokens, lexErr: tokens.Err, b: r.b, slots: r.slots[:0]}
	r.tok = &r.toks[0]
}

// Close drops what the reader holds of the query string and the statements;
// Init makes it usable again.
func (r *Reader) Close() {
	b, slots := r.b, r.slots
	if b.Large() {
		b = canon.Builder{}
	}
	b.Reset()
	clear(slots)
	*r = Reader{b: b, slots: slots[:0]}
}

// Result is what became of a statement's queries and expressions.
type Result struct {
	// Text is nil if there were none.
	Text *canon.Text
	// Query is where the query goes if Text is one; otherwise Text is a DML
	// statement or, if Slots is set, a SELECT whose fields fill Slots.
	Query *ast.Select
	Slots []canon.Hole
	// Refused is the first thing in the statement that PostgreSQL has and
	// streamsqld has not, or nil.
	Refused *pgerr.Error
}

// Statement runs read, which must leave the cursor behind one statement, and
// hands out what it has put into the builder.
func (r *Reader) Statement(read func()) (res Result, err error) {
	r.b.Reset()
	r.slots, r.root, r.NumParams, r.Notices, r.refused = r.slots[:0], root{}, 0, nil, nil
	r.depth, r.similar, r.emitAllowed = 0, false, false
	if err := r.Try(read); err != nil {
		return Result{}, err
	}
	res.Refused = r.refused
	switch {
	case r.root.set && len(r.slots) == 0:
		res.Text, res.Query = r.b.Finish(r.root.piece), r.root.query
	case r.root.set:
		r.Slot(canon.Arg{Piece: r.parenthesised(r.root.piece), ToQuery: r.root.query})
		fallthrough
	case len(r.slots) > 0:
		for _, a := range r.slots {
			res.Slots = append(res.Slots, canon.Hole{Expr: a.To, Query: a.ToQuery, With: a.ToWith})
		}
		res.Text = r.b.Finish(r.b.Append(r.b.Text("SELECT "), r.b.List(r.slots)))
	}
	return res, nil
}

// Slot adds an expression or query of a statement that TiDB has no form of.
func (r *Reader) Slot(a canon.Arg) { r.slots = append(r.slots, a) }

// bailout carries an error out of the recursion.
type bailout struct{ err *pgerr.Error }

// Try runs read and returns the error it failed with.
func (r *Reader) Try(read func()) (err error) {
	defer func() {
		if e := recover(); e != nil {
			b, ok := e.(bailout)
			if !ok {
				panic(e)
			}
			err = b.err
		}
	}()
	read()
	return nil
}

// Fail ends the reading with err.
func (r *Reader) Fail(err *pgerr.Error) { panic(bailout{err}) }

// failAt ends the reading with a syntax error at pos.
func (r *Reader) failAt(pos ast.Pos, format string, args ...any) {
	r.Fail(pgerr.New(pgerr.SyntaxError, format, args...).At(pos))
}

// Unexpected is the value to panic with where the current token is wrong.
func (r *Reader) Unexpected() any { return bailout{r.near("syntax error")} }

// Misplaced is the value to panic with where the current token is wrong for the reason
// that message tells.
func (r *Reader) Misplaced(message string) any { return bailout{r.near(message)} }

// near is message at the current token, or the lexer's error if it is that.
func (r *Reader) near(message string) *pgerr.Error {
	if r.tok.Kind == lex.Invalid {
		return r.lexErr
	}
	return lex.Near(r.src, message, r.tok.Pos, r.tok.End)
}

// Refuse notes that the statement uses what PostgreSQL has and streamsqld has
// not. The reading goes on, as a syntax error behind it would come first.
func (r *Reader) Refuse(pos ast.Pos, what string) {
	if r.refused == nil {
		r.refused = pgerr.NotSupported("%s", what).At(pos)
	}
}

// Notice adds a report that does not stop the statement.
func (r *Reader) Notice(n *pgerr.Error) { r.Notices = append(r.Notices, n) }

// enter counts a level of nesting; each is left by leave.
func (r *Reader) enter() {
	r.depth++
	if r.depth > maxDepth {
		r.Fail(pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").
			WithHint("The statement nests expressions, queries or joins more than %d levels deep.", maxDepth))
	}
}

func (r *Reader) leave() { r.depth-- }

// parenthesised puts a query's text into parentheses.
func (r *Reader) parenthesised(p canon.Piece) canon.Piece {
	return r.b.Join(r.b.Text("("), p, r.b.Text(")"))
}

// Source is the text of the query string from byte from up to the end of the
// last token that was read.
func (r *Reader) Source(from ast.Pos) string {
	if r.i == 0 {
		return ""
	}
	return r.src[from:max(from, r.toks[r.i-1].End)]
}

// Pos is the place of the current token.
func (r *Reader) Pos() ast.Pos { return r.tok.Pos }

// Tok is the current token.
func (r *Reader) Tok() *lex.Token { return r.tok }
