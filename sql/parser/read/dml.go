package read

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// isDMLStart tells whether the current word begins INSERT, UPDATE, DELETE or
// MERGE.
func (r *Reader) isDMLStart() bool {
	switch r.tok.Keyword {
	case keyword.Insert, keyword.Update, keyword.Delete, keyword.Merge:
		return true
	}
	return false
}

// IsPreparable tells whether a query or a DML statement begins here.
func (r *Reader) IsPreparable() bool { return r.IsQuery() || r.isDMLStart() }

// Preparable reads gram.y's PreparableStmt: a query or a DML statement.
func (r *Reader) Preparable() ast.Stmt {
	if !r.Is(keyword.With) {
		return r.preparable(nil)
	}
	pos := r.tok.Pos
	with := r.withClause()
	if r.isDMLStart() {
		return r.preparable(with)
	}
	q := r.selectClause(setLowest)
	r.addWith(q, with)
	q.pos = pos
	r.tail(q)
	to := &ast.Select{}
	r.setRoot(r.finish(q), to)
	return to
}

// preparable reads a query without WITH, or a DML statement behind with.
func (r *Reader) preparable(with *withClause) ast.Stmt {
	pos := r.tok.Pos
	if with != nil {
		pos = with.pos
	}
	var s ast.Stmt
	var p canon.Piece
	switch r.tok.Keyword {
	case keyword.Insert:
		s, p = r.insert(with, pos)
	case keyword.Update:
		s, p = r.update(with, pos)
	case keyword.Delete:
		s, p = r.delete(with, pos)
	case keyword.Merge:
		return r.merge(with, pos)
	default:
		return r.Query()
	}
	r.setRoot(p, nil)
	return s
}

// SkipStatement moves to the end of the statement, or to the parenthesis that
// closes what it stands in.
func (r *Reader) SkipStatement() {
	for !r.AtEnd() && !r.IsChar(')') {
		if r.IsChar('(') {
			r.SkipParens()
			continue
		}
		r.skipOne()
	}
}

// skipOne moves over a token that may be anything but the lexer's error.
func (r *Reader) skipOne() {
	if r.tok.Kind == lex.Invalid {
		panic(r.Unexpected())
	}
	r.Next()
}

// cteDML reads a DML statement in WITH, which TiDB has no place for, and gives
// its parts.
func (r *Reader) cteDML(c *canon.CTE, with *withClause) args {
	pos := r.tok.Pos
	if with != nil {
		pos = with.pos
	}
	switch r.tok.Keyword {
	case keyword.Insert:
		ins, q, holes := r.insertParts(with, pos)
		if q != nil {
			ins.Query = &ast.Select{}
			holes = append(holes, canon.Arg{Piece: r.parenthesised(r.finish(q)), ToQuery: ins.Query})
		}
		c.Node.DML = ins
		return holes
	case keyword.Update:
		u, d := r.updateParts(pos)
		c.Node.DML = u
		return r.cteChange(c, d, with, &u.With, &u.Where)
	case keyword.Delete:
		u, d := r.deleteParts(pos)
		c.Node.DML = u
		return r.cteChange(c, d, with, &u.With, &u.Where)
	}
	r.SkipStatement()
	if r.refused == nil {
		r.refused = pgerr.New(pgerr.FeatureNotSupported, "MERGE not supported in WITH query").At(c.Node.Name.Pos)
	}
	return nil
}

// cteChange makes the further FROM items and the condition of an UPDATE or DELETE
// in WITH holes too.
func (r *Reader) cteChange(c *canon.CTE, d changeParts, with *withClause, toWith **ast.With, toWhere *ast.Expr) args {
	holes := d.holes
	if with != nil {
		holes = append(holes, r.withHole(with, toWith))
	}
	if d.from != nil {
		c.From = &ast.Select{}
		holes = append(holes, canon.Arg{Piece: r.parenthesised(r.b.Append(r.b.Text("SELECT 1 FROM "), *d.from)), ToQuery: c.From})
	}
	if d.where != nil {
		holes.expr(toWhere, *d.where)
	}
	return holes
}

// withHole carries a WITH clause where TiDB has no place for one.
func (r *Reader) withHole(with *withClause, to **ast.With) canon.Arg {
	q := r.b.Append(with.piece, r.b.Text("SELECT 1"))
	return canon.Arg{Piece: r.parenthesised(q), ToWith: to}
}

// carried is the name that is assigned to where only the value counts.
const carried = "h"

// assignments writes the holes as h = e, h = e.
func (r *Reader) assignments(holes args) canon.Piece {
	p := r.b.Text("")
	sep := ""
	for _, a := range holes {
		p = r.b.Append(p, r.b.Text(sep+carried+" = "))
		p = r.b.Append(p, a.Piece)
		sep = ", "
	}
	return p
}

// insert reads INSERT INTO t ….
func (r *Reader) insert(with *withClause, pos ast.Pos) (*ast.Insert, canon.Piece) {
	ins, q, holes := r.insertParts(with, pos)
	p := r.b.Append(r.b.Text("INSERT INTO "), r.b.Marker(ins, holes...))
	if q != nil {
		p = r.b.Append(r.b.Append(p, r.b.Text(" ")), r.finish(q))
	} else {
		p = r.b.Append(p, r.b.Text(" VALUES ()"))
	}
	if len(holes) > 0 {
		p = r.b.Append(p, r.b.Text(" ON DUPLICATE KEY UPDATE "))
		p = r.b.Append(p, r.assignments(holes))
	}
	return ins, p
}

// insertParts reads INSERT: its query, nil for DEFAULT VALUES, and what fills the
// node.
func (r *Reader) insertParts(with *withClause, pos ast.Pos) (*ast.Insert, *query, args) {
	ins := &ast.Insert{Pos: pos}
	r.Next()
	r.Expect(keyword.Into)
	ins.Target = ast.TableRef{Pos: r.tok.Pos, Alias: ast.Alias{Pos: ast.NoPos}}
	ins.Target.Name = r.QualifiedName()
	if r.Accept(keyword.As) {
		id := r.ColID()
		ins.Target.Alias = ast.Alias{Name: id.Name, Pos: id.Pos}
	}
	var holes args
	if with != nil {
		holes = append(holes, r.withHole(with, &ins.With))
	}
	q := r.insertRest(ins, &holes)
	if r.Is(keyword.On) {
		ins.OnConflict = r.onConflict(&holes)
	}
	ins.Returning = r.returning(&holes)
	return ins, q, holes
}

// insertRest reads the columns and the query, which is nil for DEFAULT VALUES.
func (r *Reader) insertRest(ins *ast.Insert, holes *args) *query {
	if r.Accept(keyword.Default) {
		r.Expect(keyword.Values)
		return nil
	}
	if r.IsChar('(') && !r.IsQueryOnly() {
		r.Next()
		ins.Columns = r.insertColumns(holes)
		r.ExpectChar(')')
	}
	ins.Overriding = r.overriding()
	return r.selectNoParens()
}

// setTarget is the target of an assignment while it is read.
type setTarget struct {
	column ast.InsertColumn
	subs   []subHole
}

type subHole struct {
	step   int
	lo, hi *expr
}

// setTarget reads a column with its subscripts and fields.
func (r *Reader) setTarget() setTarget {
	t := setTarget{column: ast.InsertColumn{Name: r.ColID()}}
	for {
		switch {
		case r.IsChar('['):
			slice, lo, hi := r.subscript()
			t.subs = append(t.subs, subHole{len(t.column.Path), lo, hi})
			t.column.Path = append(t.column.Path, ast.PathStep{Sub: &ast.Subscript{Slice: slice}})
		case r.AcceptChar('.'):
			if r.AcceptChar('*') {
				if r.isIndirection() {
					r.badStar()
				}
				r.Fail(pgerr.New(pgerr.FeatureNotSupported, "row expansion via \"*\" is not supported here").At(t.column.Name.Pos))
			}
			t.column.Path = append(t.column.Path, ast.PathStep{Field: r.ColLabel().Name})
		default:
			return t
		}
	}
}

// fill gives the column; its subscripts are holes.
func (t *setTarget) fill(holes *args) ast.InsertColumn {
	for _, s := range t.subs {
		sub := t.column.Path[s.step].Sub
		if s.lo != nil {
			holes.expr(&sub.Lo, *s.lo)
		}
		if s.hi != nil {
			holes.expr(&sub.Hi, *s.hi)
		}
	}
	return t.column
}

func (r *Reader) insertColumns(holes *args) []ast.InsertColumn {
	var cols []ast.InsertColumn
	r.Commas(func() {
		t := r.setTarget()
		cols = append(cols, t.fill(holes))
	})
	return cols
}

// onConflict reads ON CONFLICT ….
func (r *Reader) onConflict(holes *args) *ast.OnConflict {
	c := &ast.OnConflict{Pos: r.tok.Pos}
	r.Expect(keyword.On, keyword.Conflict)
	c.KeysPos = r.tok.Pos
	switch {
	case r.IsChar('('):
		c.Keys = r.indexElems(holes)
		if r.Accept(keyword.Where) {
			holes.expr(&c.KeyWhere, r.Expr())
		}
	case r.Accept(keyword.On):
		r.Expect(keyword.Constraint)
		c.Constraint = r.ColID().Name
	}
	r.Expect(keyword.Do)
	if r.Accept(keyword.Nothing) {
		return c
	}
	r.Expect(keyword.Update, keyword.Set)
	c.DoUpdate = true
	c.Set = r.setClauses(holes)
	if r.Accept(keyword.Where) {
		holes.expr(&c.Where, r.Expr())
	}
	return c
}

// IndexElems reads the keys of an index, in parentheses.
func (r *Reader) IndexElems() []ast.IndexElem {
	var holes args
	elems := r.indexElems(&holes)
	for _, a := range holes {
		r.Slot(a)
	}
	return elems
}

func (r *Reader) indexElems(holes *args) []ast.IndexElem {
	var elems []ast.IndexElem
	var exprs []*expr
	r.Parens(func() {
		elem, e := r.indexElem()
		elems = append(elems, elem)
		exprs = append(exprs, e)
	})
	for i, e := range exprs {
		if e != nil {
			holes.expr(&elems[i].Expr, *e)
		}
	}
	return elems
}

func (r *Reader) indexElem() (ast.IndexElem, *expr) {
	elem, e := r.keyElem()
	elem.Desc = r.Accept(keyword.Desc)
	elem.Ordered = elem.Desc || r.Accept(keyword.Asc)
	at := r.i
	elem.NullsFirst = r.nullsFirst(elem.Desc)
	elem.NullsOrdered = r.i != at
	return elem, e
}

// SkipIndexElem reads a key of an index for its syntax only.
func (r *Reader) SkipIndexElem() { r.indexElem() }

// StatisticsElems reads what CREATE STATISTICS is on: columns, function calls and
// expressions in parentheses.
func (r *Reader) StatisticsElems() []ast.IndexElem {
	var elems []ast.IndexElem
	var exprs []*expr
	r.Commas(func() {
		elem := ast.IndexElem{Pos: r.tok.Pos}
		var e *expr
		if r.IsColID() && !r.isFunctionNext() {
			elem.Column = r.ColID().Name
		} else {
			x := r.statisticsExpr()
			e = &x
		}
		elems, exprs = append(elems, elem), append(exprs, e)
	})
	r.fillElems(elems, exprs)
	return elems
}

func (r *Reader) statisticsExpr() expr {
	if !r.AcceptChar('(') {
		return r.funcExprWindowless()
	}
	x := r.Expr()
	r.ExpectChar(')')
	return x
}

// SkipFrom reads items of FROM for their syntax only, and gives their number.
func (r *Reader) SkipFrom() int {
	n := 0
	r.Commas(func() {
		r.whole(r.tableRef())
		n++
	})
	return n
}

// fillElems has the expressions of keys filled in.
func (r *Reader) fillElems(elems []ast.IndexElem, exprs []*expr) {
	var holes args
	for i, e := range exprs {
		if e != nil {
			holes.expr(&elems[i].Expr, *e)
		}
	}
	for _, a := range holes {
		r.Slot(a)
	}
}

// PartitionKeys reads the keys of PARTITION BY, in parentheses.
func (r *Reader) PartitionKeys() []ast.IndexElem {
	var elems []ast.IndexElem
	var exprs []*expr
	r.Parens(func() {
		elem, e := r.keyElem()
		elems, exprs = append(elems, elem), append(exprs, e)
	})
	r.fillElems(elems, exprs)
	return elems
}

// keyElem reads a key without its order.
func (r *Reader) keyElem() (elem ast.IndexElem, e *expr) {
	elem.Pos = r.tok.Pos
	switch {
	case r.IsChar('('):
		r.Next()
		x := r.Expr()
		r.ExpectChar(')')
		e = &x
	case r.IsColID() && !r.isFunctionNext():
		elem.Column = r.ColID().Name
	default:
		x := r.funcExprWindowless()
		e = &x
	}
	if r.Accept(keyword.Collate) {
		name := r.AnyName()
		elem.Collation = &name
	}
	if r.IsColID() && !r.lookahead(0) {
		name := r.AnyName()
		elem.OpClass = &name
		if r.IsChar('(') {
			r.Refuse(r.tok.Pos, "operator class parameters")
			r.SkipParens()
		}
	}
	return elem, e
}

// setClauses reads the assignments of UPDATE and DO UPDATE.
func (r *Reader) setClauses(holes *args) []ast.SetClause {
	var list []ast.SetClause
	var values []expr
	r.Commas(func() {
		s := ast.SetClause{Pos: r.tok.Pos}
		if r.AcceptChar('(') {
			s.Multi = true
			s.Targets = r.insertColumns(holes)
			r.ExpectChar(')')
		} else {
			t := r.setTarget()
			s.Targets = []ast.InsertColumn{t.fill(holes)}
		}
		r.ExpectChar('=')
		values = append(values, r.Expr())
		list = append(list, s)
	})
	for i, e := range values {
		holes.expr(&list[i].Value, e)
	}
	return list
}

// returning reads RETURNING if it follows.
func (r *Reader) returning(holes *args) []ast.Target {
	if !r.Accept(keyword.Returning) {
		return nil
	}
	list := r.targets()
	out := make([]ast.Target, len(list))
	for i, t := range list {
		out[i] = ast.Target{Alias: t.alias, Pos: t.expr.pos}
		holes.expr(&out[i].X, t.expr)
	}
	return out
}

// dmlTarget reads the table of UPDATE and DELETE with its alias.
func (r *Reader) dmlTarget() ast.TableRef {
	t := r.relationExpr()
	switch {
	case r.Accept(keyword.As):
	case !r.IsColID() || r.Is(keyword.Set):
		return *t
	}
	id := r.ColID()
	t.Alias = ast.Alias{Name: id.Name, Pos: id.Pos}
	return *t
}

// whereOrCursor reads WHERE, and WHERE CURRENT OF.
func (r *Reader) whereOrCursor(cursor *string) *expr {
	if !r.Accept(keyword.Where) {
		return nil
	}
	if r.Is(keyword.Current) && r.Peek(1).Is(keyword.Of) {
		r.Skip(2)
		*cursor = r.ColID().Name
		return nil
	}
	e := r.Expr()
	return &e
}

// changeParts are what is read of UPDATE and DELETE besides the node.
type changeParts struct {
	holes args // of the node
	from  *canon.Piece
	where *expr
}

// updateParts reads UPDATE t SET ….
func (r *Reader) updateParts(pos ast.Pos) (*ast.Update, changeParts) {
	u := &ast.Update{Pos: pos}
	var d changeParts
	r.Next()
	u.Target = r.dmlTarget()
	r.Expect(keyword.Set)
	u.Set = r.setClauses(&d.holes)
	if r.Accept(keyword.From) {
		p := r.fromList()
		d.from = &p
	}
	d.where = r.whereOrCursor(&u.CurrentOf)
	u.Returning = r.returning(&d.holes)
	return u, d
}

// update reads UPDATE behind WITH.
func (r *Reader) update(with *withClause, pos ast.Pos) (*ast.Update, canon.Piece) {
	u, d := r.updateParts(pos)
	p := r.b.Text("UPDATE ")
	if with != nil {
		p = r.b.Append(with.piece, p)
	}
	p = r.b.Append(p, r.b.Marker(u, d.holes...))
	if d.from != nil {
		p = r.b.Append(r.b.Append(p, r.b.Text(", ")), *d.from)
	}
	p = r.b.Append(r.b.Append(p, r.b.Text(" SET ")), r.assignments(d.holes))
	if d.where != nil {
		p = r.b.Append(r.b.Append(p, r.b.Text(" WHERE ")), d.where.Piece)
	}
	return u, p
}

// deleteParts reads DELETE FROM t ….
func (r *Reader) deleteParts(pos ast.Pos) (*ast.Delete, changeParts) {
	d := &ast.Delete{Pos: pos}
	var parts changeParts
	r.Next()
	r.Expect(keyword.From)
	d.Target = r.dmlTarget()
	if r.Accept(keyword.Using) {
		p := r.fromList()
		parts.from = &p
	}
	parts.where = r.whereOrCursor(&d.CurrentOf)
	d.Returning = r.returning(&parts.holes)
	return d, parts
}

// delete reads DELETE behind WITH.
func (r *Reader) delete(with *withClause, pos ast.Pos) (*ast.Delete, canon.Piece) {
	d, parts := r.deleteParts(pos)
	p := r.b.Append(r.b.Text("DELETE FROM "), r.b.Marker(d))
	if with != nil {
		p = r.b.Append(with.piece, p)
	}
	if parts.from != nil {
		p = r.b.Append(r.b.Append(p, r.b.Text(" USING ")), *parts.from)
	}
	where, holes := parts.where, parts.holes
	if where == nil && holes == nil {
		return d, p
	}
	p = r.b.Append(p, r.b.Text(" WHERE "))
	if holes == nil {
		return d, r.b.Append(p, where.Piece)
	}
	w := &canon.DMLWhere{}
	if where != nil {
		holes.expr(&w.Where, *where)
	}
	return d, r.b.Append(p, r.b.Node(w, holes...))
}
