package read

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
)

// query is a query that was read but for the clauses that may still be added
// to it: as in PostgreSQL, (SELECT …) ORDER BY x is SELECT … ORDER BY x.
type query struct {
	pos ast.Pos
	// body is a plain SELECT or VALUES, or a chain of them with set operations.
	body  canon.Piece
	isSet bool
	// isValues is set for a VALUES list, which is named so in messages.
	isValues bool

	with    *withClause
	orderBy []sortItem
	limit   *expr
	offset  *expr
	limitAt ast.Pos
	ties    bool
	fetch   bool // FETCH FIRST … ONLY or WITH TIES was given
	limited bool // LIMIT was given, ALL included
	locking []ast.LockingClause
	emit    ast.EmitKind
	emitPos ast.Pos
}

// isBare tells whether the query is its body alone.
func (q *query) isBare() bool {
	return q.with == nil && q.orderBy == nil && q.limit == nil && q.offset == nil && q.locking == nil &&
		q.emit == ast.EmitDefault
}

// isQueryStart tells whether the current word begins a query.
func (r *Reader) isQueryStart() bool { return r.isQueryStartAt(0) }

// isQueryStartAt is isQueryStart for the token n places ahead. A column may be
// named values.
func (r *Reader) isQueryStartAt(n int) bool {
	switch r.Peek(n).Keyword {
	case keyword.Select, keyword.Table, keyword.With:
		return true
	case keyword.Values:
		return r.Peek(n+1).Kind == '('
	}
	return false
}

// IsQuery tells whether a query begins here, in parentheses or not.
func (r *Reader) IsQuery() bool {
	n := 0
	for r.Peek(n).Kind == '(' {
		n++
	}
	return r.isQueryStartAt(n) || n == 0 && r.Is(keyword.Values)
}

// IsQueryOnly tells whether nothing but a query can begin here: also where the
// second of two parentheses is wrong, which is for the query's reader to see.
func (r *Reader) IsQueryOnly() bool {
	return r.IsQuery() || r.IsChar('(') && r.Peek(1).Kind == '('
}

// isQueryContinued tells whether the current word goes on with a query that
// began with a query in parentheses.
func (r *Reader) isQueryContinued() bool {
	switch r.tok.Keyword {
	case keyword.Union, keyword.Intersect, keyword.Except, keyword.Order, keyword.Limit, keyword.Offset,
		keyword.Fetch, keyword.For:
		return true
	}
	return r.atEmit()
}

// Query reads a query that is the statement's own, or the only one in it.
func (r *Reader) Query() *ast.Select {
	to := &ast.Select{}
	r.setRoot(r.finish(r.selectNoParens()), to)
	return to
}

// ContinuousQuery reads the query of a continuous view, which may end in an
// EMIT clause. The text is without it.
func (r *Reader) ContinuousQuery() (to *ast.Select, text string) {
	r.emitAllowed = true
	to, text = r.ViewQuery()
	r.emitAllowed = false
	return to, text
}

// ViewQuery reads the query of a view and gives its text.
func (r *Reader) ViewQuery() (to *ast.Select, text string) {
	start := r.tok.Pos
	q := r.selectNoParens()
	end := r.toks[r.i-1].End
	if q.emit != ast.EmitDefault {
		end = q.emitPos
	}
	to = &ast.Select{}
	r.setRoot(r.finish(q), to)
	return to, strings.TrimRight(r.src[start:end], " \t\n\r\f")
}

// setRoot takes a query or a DML statement for the statement's own. Of several
// queries, as CREATE SCHEMA may have, all but the last are slots.
func (r *Reader) setRoot(p canon.Piece, to *ast.Select) {
	if r.root.set {
		r.Slot(canon.Arg{Piece: r.parenthesised(r.root.piece), ToQuery: r.root.query})
	}
	r.root = root{piece: p, set: true, query: to}
}

// selectNoParens reads gram.y's select_no_parens or select_with_parens.
func (r *Reader) selectNoParens() *query {
	r.enter()
	defer r.leave()
	var with *withClause
	if r.Is(keyword.With) {
		with = r.withClause()
	}
	q := r.selectClause(setLowest)
	r.addWith(q, with)
	r.tail(q)
	return q
}

// selectWithParens reads a query in parentheses.
func (r *Reader) selectWithParens() *query {
	r.ExpectChar('(')
	q := r.selectNoParens()
	r.ExpectChar(')')
	return q
}

// selectRest reads what follows the query in parentheses left.
func (r *Reader) selectRest(left *query) *query {
	q := r.setOperations(left, setLowest)
	r.tail(q)
	return q
}

// addWith gives q its WITH clause.
func (r *Reader) addWith(q *query, with *withClause) {
	if with == nil {
		return
	}
	if q.with != nil {
		r.failAt(with.pos, "multiple WITH clauses not allowed")
	}
	q.with = with
	q.pos = with.pos
}

// setPrec is the precedence of a set operation.
type setPrec uint8

const (
	setNone setPrec = iota
	setLowest
	setUnion // and EXCEPT
	setIntersect
)

func (r *Reader) setPrecedence() (setPrec, string) {
	switch r.tok.Keyword {
	case keyword.Union:
		return setUnion, " UNION "
	case keyword.Except:
		return setUnion, " EXCEPT "
	case keyword.Intersect:
		return setIntersect, " INTERSECT "
	}
	return setNone, ""
}

// selectClause reads queries joined by set operations of at least low.
func (r *Reader) selectClause(low setPrec) *query {
	return r.setOperations(r.simpleSelect(), low)
}

func (r *Reader) setOperations(left *query, low setPrec) *query {
	for {
		p, op := r.setPrecedence()
		if p < low || p == setNone {
			return left
		}
		r.Next()
		if r.Accept(keyword.All) {
			op += "ALL "
		} else {
			r.Accept(keyword.Distinct)
		}
		r.enter()
		right := r.selectClause(p + 1)
		r.leave()
		body := r.b.Append(r.leftArm(left), r.b.Text(op))
		left = &query{pos: left.pos, isSet: true, body: r.b.Append(body, r.rightArm(right))}
	}
}

// leftArm is the left operand of a set operation. TiDB keeps a chain of them
// flat, and the lowering folds it to the left.
func (r *Reader) leftArm(q *query) canon.Piece {
	if q.isBare() {
		return q.body
	}
	return r.arm(q)
}

func (r *Reader) rightArm(q *query) canon.Piece {
	if q.isBare() && !q.isSet {
		return q.body
	}
	return r.arm(q)
}

// arm wraps a query with clauses of its own into a SELECT.
func (r *Reader) arm(q *query) canon.Piece {
	a := &canon.Arm{}
	p := r.b.Node(a, canon.Arg{Piece: r.parenthesised(r.finish(q)), ToQuery: &a.Query})
	return r.b.Append(r.b.TextAt("SELECT ", q.pos), p)
}

// simpleSelect reads SELECT, VALUES, TABLE or a query in parentheses.
func (r *Reader) simpleSelect() *query {
	pos := r.tok.Pos
	switch {
	case r.IsChar('('):
		return r.selectWithParens()
	case r.Is(keyword.Select):
		return &query{pos: pos, body: r.selectCore()}
	case r.Is(keyword.Values):
		return &query{pos: pos, body: r.values(), isValues: true}
	case r.Is(keyword.Table):
		return &query{pos: pos, body: r.tableCommand()}
	}
	panic(r.Unexpected())
}

// tableCommand reads TABLE t.
func (r *Reader) tableCommand() canon.Piece {
	pos := r.tok.Pos
	r.Next()
	star := ast.Target{X: &ast.ColumnRef{Star: true, Pos: ast.NoPos}, Pos: ast.NoPos}
	info := r.b.Node(&canon.SelectInfo{Given: true, Targets: []ast.Target{star}})
	return r.b.Join(r.b.TextAt("SELECT", pos), r.b.TextAt(" ", pos), info, r.b.Text(" FROM "), r.b.Node(r.relationExpr()))
}

// tail reads ORDER BY, LIMIT, OFFSET, FETCH, FOR UPDATE and EMIT behind q.
func (r *Reader) tail(q *query) {
	if r.Is(keyword.Order) {
		items := r.sortClause()
		if q.orderBy != nil {
			r.failAt(items[0].expr.pos, "multiple ORDER BY clauses not allowed")
		}
		q.orderBy = items
	}
	if r.Is(keyword.For) {
		r.locking(q)
		r.limits(q)
	} else if r.limits(q) && r.Is(keyword.For) {
		r.locking(q)
	}
	if q.ties && q.orderBy == nil {
		r.Fail(pgerr.New(pgerr.SyntaxError, "WITH TIES cannot be specified without ORDER BY clause"))
	}
	for _, l := range q.locking {
		if q.ties && l.SkipLocked {
			r.Fail(pgerr.New(pgerr.SyntaxError, "SKIP LOCKED and WITH TIES options cannot be used together"))
		}
	}
	if r.atEmit() {
		r.emit(q)
	}
}

// limits reads LIMIT or FETCH and OFFSET in either order.
func (r *Reader) limits(q *query) bool {
	switch {
	case r.Is(keyword.Limit), r.Is(keyword.Fetch):
		r.limit(q)
		if r.Is(keyword.Offset) {
			r.offset(q)
		}
	case r.Is(keyword.Offset):
		r.offset(q)
		if r.Is(keyword.Limit) || r.Is(keyword.Fetch) {
			r.limit(q)
		}
	default:
		return false
	}
	return true
}

// limit reads LIMIT n or FETCH FIRST n ROWS.
func (r *Reader) limit(q *query) {
	pos := r.tok.Pos
	var value *expr
	fetch, ties := r.Is(keyword.Fetch), false
	r.Next()
	if fetch {
		value, ties = r.fetchFirst()
	} else if !r.Accept(keyword.All) {
		e := r.Expr()
		value = &e
	}
	if r.IsChar(',') && !fetch {
		r.Next()
		r.Expr()
		r.Fail(pgerr.New(pgerr.SyntaxError, "LIMIT #,# syntax is not supported").At(pos).
			WithHint("Use separate LIMIT and OFFSET clauses."))
	}
	if q.limited {
		at := pos
		if value != nil {
			at = value.pos
		}
		r.failAt(at, "multiple LIMIT clauses not allowed")
	}
	q.limited, q.limit, q.limitAt, q.ties, q.fetch = true, value, pos, ties, fetch
}

// fetchFirst reads what follows FETCH.
func (r *Reader) fetchFirst() (value *expr, ties bool) {
	if !r.Accept(keyword.First) {
		r.Expect(keyword.Next)
	}
	if (r.Is(keyword.Row) || r.Is(keyword.Rows)) && r.isFetchEnd(1) {
		e := r.leaf(intLiteral(1, ast.NoPos))
		value = &e
	} else {
		e := r.fetchValue()
		value = &e
	}
	if !r.Accept(keyword.Row) {
		r.Expect(keyword.Rows)
	}
	if r.Is(keyword.With) {
		r.Next()
		r.Expect(keyword.Ties)
		return value, true
	}
	r.Expect(keyword.Only)
	return value, false
}

// isFetchEnd tells whether the token n ahead is ONLY or WITH.
func (r *Reader) isFetchEnd(n int) bool {
	return r.Peek(n).Is(keyword.Only) || r.Peek(n).Is(keyword.With)
}

// fetchValue reads select_fetch_first_value: an operand or a signed number.
func (r *Reader) fetchValue() expr {
	if r.isSignedNumber() {
		return r.sign(modeB)
	}
	return r.primary(modeB)
}

// isSignedNumber tells whether a sign and a number follow.
func (r *Reader) isSignedNumber() bool {
	return (r.IsChar('+') || r.IsChar('-')) && r.IsNumber()
}

// offset reads OFFSET n [ROWS].
func (r *Reader) offset(q *query) {
	r.Next()
	signed := r.isSignedNumber() && (r.Peek(2).Is(keyword.Row) || r.Peek(2).Is(keyword.Rows))
	e := r.Expr()
	if e.simple || signed {
		if !r.Accept(keyword.Row) {
			r.Accept(keyword.Rows)
		}
	}
	if q.offset != nil {
		r.failAt(e.pos, "multiple OFFSET clauses not allowed")
	}
	q.offset = &e
}

// locking reads FOR UPDATE and its kin.
func (r *Reader) locking(q *query) {
	if r.AcceptAll(keyword.For, keyword.Read) {
		r.Expect(keyword.Only)
		return
	}
	for r.Is(keyword.For) {
		l := ast.LockingClause{Pos: r.tok.Pos}
		r.Next()
		switch {
		case r.Accept(keyword.Update):
			l.Strength = ast.ForUpdate
		case r.Accept(keyword.No):
			r.Expect(keyword.Key, keyword.Update)
			l.Strength = ast.ForNoKeyUpdate
		case r.Accept(keyword.Share):
			l.Strength = ast.ForShare
		default:
			r.Expect(keyword.Key, keyword.Share)
			l.Strength = ast.ForKeyShare
		}
		if r.Accept(keyword.Of) {
			l.Of = r.QualifiedNames()
		}
		if l.NoWait = r.Accept(keyword.Nowait); !l.NoWait && r.Accept(keyword.Skip) {
			r.Expect(keyword.Locked)
			l.SkipLocked = true
		}
		q.locking = append(q.locking, l)
	}
}

// finish writes the query with its clauses.
func (r *Reader) finish(q *query) canon.Piece {
	p := q.body
	if q.with != nil {
		p = r.b.Append(q.with.piece, p)
	}
	if q.orderBy == nil && q.limit == nil && q.offset == nil && q.locking == nil && q.emit == ast.EmitDefault {
		return p
	}
	sep := " ORDER BY "
	plain := true
	for _, s := range q.orderBy {
		p = r.b.Append(p, r.b.TextAt(sep, s.expr.pos))
		p = r.b.Append(p, s.expr.Piece)
		sep = ", "
		plain = plain && !s.Desc && !s.NullsFirst && s.UsingOp == ""
	}
	if plain && q.limit == nil && q.offset == nil && q.locking == nil && q.emit == ast.EmitDefault {
		return p
	}
	p = r.b.Append(p, r.b.Text(sep))
	return r.b.Append(p, r.queryTail(q))
}

// queryTail makes the marker of what the ORDER BY list does not say itself.
func (r *Reader) queryTail(q *query) canon.Piece {
	t := &canon.QueryTail{
		WithTies: q.ties, LimitPos: q.limitAt, Locking: q.locking, Emit: q.emit, EmitPos: q.emitPos,
	}
	for _, s := range q.orderBy {
		t.OrderBy = append(t.OrderBy, s.SortItem)
	}
	var holes args
	if q.limit != nil {
		holes.expr(&t.Limit, *q.limit)
	}
	if q.offset != nil {
		holes.expr(&t.Offset, *q.offset)
	}
	return r.b.Node(t, holes...)
}
