package read

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// missingAlias reports a query in FROM without an alias.
func (r *Reader) missingAlias(what, hint string, pos ast.Pos) {
	r.Fail(pgerr.New(pgerr.SyntaxError, "%s in FROM must have an alias", what).At(pos).WithHint("%s", hint))
}

// atEmit tells whether an EMIT clause follows. emit alone is a name.
func (r *Reader) atEmit() bool {
	if !r.IsWord("emit") {
		return false
	}
	switch next := r.Peek(1); {
	case next.Is(keyword.On):
		return r.Peek(2).Is(keyword.Update) || r.Peek(2).Is(keyword.Window) && r.Peek(3).Is(keyword.Close)
	case next.IsWord("changes"), next.IsWord("final"):
		return true
	}
	return false
}

// emit reads EMIT ON UPDATE, EMIT ON WINDOW CLOSE, EMIT CHANGES or EMIT FINAL.
func (r *Reader) emit(q *query) {
	q.emit, q.emitPos = ast.EmitUpdate, r.tok.Pos
	if !r.emitAllowed || r.depth > 1 {
		r.Fail(pgerr.New(pgerr.SyntaxError, "EMIT clause is not allowed here").At(r.tok.Pos).
			WithHint("EMIT stands at the end of the query of CREATE MATERIALIZED VIEW."))
	}
	r.Next()
	switch {
	case r.IsWord("changes"):
	case r.IsWord("final"):
		q.emit = ast.EmitWindowClose
	default:
		r.Next() // ON
		if r.Accept(keyword.Window) {
			q.emit = ast.EmitWindowClose
		}
	}
	r.Next()
}

// temporal reads FOR SYSTEM_TIME AS OF x, or AS OF commit, behind a relation.
func (r *Reader) temporal(t *ast.TableRef) args {
	var holes args
	switch {
	case r.AreWords("for", "system_time", "as", "of"):
		r.Skip(4)
		holes.expr(&t.Temporal, r.bExpr())
	case r.Is(keyword.As) && r.Peek(1).Is(keyword.Of) && isCommit(r.Peek(2)):
		r.Skip(2)
		holes.expr(&t.AsOf, r.primary(modeB))
	}
	return holes
}

// isCommit tells whether a token begins the commit of AS OF. In PostgreSQL
// AS of is an alias, which none of these can follow.
func isCommit(t *lex.Token) bool {
	switch t.Kind {
	case lex.Int, lex.Float, lex.String, lex.Param, lex.Ident:
		return true
	}
	return false
}

// windowKinds are the window table functions with the numbers of intervals
// that they take.
var windowKinds = map[string]struct {
	kind     ast.WindowKind
	min, max int
	names    []string // of the intervals, in named notation
}{
	"tumble":   {ast.WinTumble, 1, 2, []string{"size", "offset"}},
	"hop":      {ast.WinHop, 2, 3, []string{"slide", "size", "offset"}},
	"session":  {ast.WinSession, 1, 1, []string{"gap"}},
	"cumulate": {ast.WinCumulate, 2, 2, []string{"step", "size"}},
}

// isWindowTable tells whether a window table function follows, in either
// spelling. A function of that name whose first argument is no relation is
// any other function.
func (r *Reader) isWindowTable() bool {
	n := 0
	if r.Is(keyword.Table) && r.Peek(1).Kind == '(' {
		n = 2
	}
	if _, ok := r.windowName(n); !ok || r.Peek(n+1).Kind != '(' {
		return false
	}
	n += 2
	if r.Peek(n+1).Kind == lex.EqualsGreater && r.Peek(n).IsWord("data") || r.Peek(n).Is(keyword.Data) && r.Peek(n+1).Kind == lex.EqualsGreater {
		return true
	}
	switch t := r.Peek(n); {
	case t.Is(keyword.Table):
		return true
	case t.Kind == '(':
		for r.Peek(n).Kind == '(' {
			n++
		}
		return r.isQueryStartAt(n)
	case !r.isName(n, classColName):
		return false
	}
	for r.Peek(n+1).Kind == '.' {
		n += 2
	}
	return r.Peek(n+1).Kind == ',' && r.isName(n+2, classColName)
}

// windowName is the name of the window table function n tokens ahead.
func (r *Reader) windowName(n int) (string, bool) {
	t := r.Peek(n)
	if t.Quoted {
		return "", false
	}
	_, ok := windowKinds[t.Str]
	return t.Str, ok && (t.Kind == lex.Ident || t.Kind == lex.Keyword)
}

// windowTable reads TUMBLE(rel, ts, size) and its kin.
func (r *Reader) windowTable(pos ast.Pos) table {
	flink := r.Is(keyword.Table)
	if flink {
		r.Skip(2)
	}
	name, _ := r.windowName(0)
	known := windowKinds[name]
	w := &windowArgs{node: &ast.WindowRef{Kind: known.kind, Pos: pos}, names: known.names}
	r.Skip(2)
	r.Commas(func() { r.windowArg(w) })
	r.ExpectChar(')')
	if flink {
		r.ExpectChar(')')
	}
	r.checkWindow(w, name, known.min, known.max)
	w.node.Args = make([]ast.Expr, len(w.args))
	for i, e := range w.args {
		w.holes.expr(&w.node.Args[i], *e)
	}
	w.node.PartitionBy = make([]ast.Expr, len(w.partition))
	w.holes = append(w.holes, holesFor(w.partition, w.node.PartitionBy)...)
	w.node.Alias = r.alias()
	return r.holedTable(w.node, w.holes)
}

// windowArgs are the arguments of a window table function while they are read.
type windowArgs struct {
	node      *ast.WindowRef
	names     []string
	holes     args
	args      []*expr // nil where a named argument is still to come
	partition []expr
	inPart    bool // the arguments of partition_by go on
}

// windowArg reads one argument, in positional or named notation.
func (r *Reader) windowArg(w *windowArgs) {
	if r.Peek(1).Kind == lex.EqualsGreater {
		w.inPart = false
		r.namedWindowArg(w)
		return
	}
	switch {
	case w.node.Input == nil:
		r.windowInput(w)
	case w.node.Time == nil:
		w.node.Time = r.windowTime()
	case w.inPart:
		w.partition = append(w.partition, r.Expr())
	default:
		r.setWindowArg(w, len(w.args), r.tok.Pos)
	}
}

// setWindowArg reads the interval that is the argument i.
func (r *Reader) setWindowArg(w *windowArgs, i int, pos ast.Pos) {
	for len(w.args) <= i {
		w.args = append(w.args, nil)
	}
	if w.args[i] != nil {
		r.failAt(pos, "argument of a window function is given twice")
	}
	e := r.Expr()
	w.args[i] = &e
}

// namedWindowArg reads name => value.
func (r *Reader) namedWindowArg(w *windowArgs) {
	id := r.ColLabel()
	r.Next()
	switch id.Name {
	case "data":
		r.windowInput(w)
		return
	case "timecol", "time_col":
		w.node.Time = r.windowTime()
		return
	case "partition_by":
		w.inPart = true
		r.partitionArg(w)
		return
	}
	for i, name := range w.names {
		if name == id.Name {
			r.setWindowArg(w, i, id.Pos)
			return
		}
	}
	r.failAt(id.Pos, "unrecognized argument \"%s\" of a window function", id.Name)
}

// partitionArg reads the value of partition_by: an expression, or several in
// parentheses.
func (r *Reader) partitionArg(w *windowArgs) {
	if !r.IsChar('(') {
		w.partition = append(w.partition, r.Expr())
		return
	}
	pos := r.tok.Pos
	item := r.parenItem()
	if item.row != nil {
		w.partition = append(w.partition, item.row...)
		return
	}
	if item.query != nil {
		item.expr = r.subquery(item.query, pos)
	}
	w.partition = append(w.partition, r.infix(r.indirection(item.expr), modeAny, precLowest))
}

// windowInput reads the relation: a name, TABLE name [PARTITION BY …], or a
// query in parentheses.
func (r *Reader) windowInput(w *windowArgs) {
	pos := r.tok.Pos
	if r.IsChar('(') {
		s := &ast.SubqueryRef{Query: &ast.Select{}, Pos: pos, Alias: ast.Alias{Pos: ast.NoPos}}
		w.holes = append(w.holes, canon.Arg{Piece: r.parenthesised(r.finish(r.selectWithParens())), ToQuery: s.Query})
		w.node.Input = s
		return
	}
	r.Accept(keyword.Table)
	w.node.Input = r.relationExpr()
	if r.AcceptAll(keyword.Partition, keyword.By) {
		paren := r.AcceptChar('(')
		w.partition = append(w.partition, r.Expr())
		for paren && r.AcceptChar(',') || r.IsChar(',') && !r.Peek(1).IsWord("descriptor") && r.AcceptChar(',') {
			w.partition = append(w.partition, r.Expr())
		}
		if paren {
			r.ExpectChar(')')
		}
	}
}

// windowTime reads the event-time column: ts, or DESCRIPTOR(ts).
func (r *Reader) windowTime() *ast.ColumnRef {
	descriptor := r.IsWord("descriptor") && r.Peek(1).Kind == '('
	if descriptor {
		r.Skip(2)
	}
	c := &ast.ColumnRef{Pos: r.tok.Pos, Parts: r.AnyNameParts()}
	if descriptor {
		r.ExpectChar(')')
	}
	return c
}

// checkWindow checks the number of arguments.
func (r *Reader) checkWindow(w *windowArgs, name string, least, most int) {
	missing := w.node.Input == nil || w.node.Time == nil || len(w.args) < least
	for _, e := range w.args {
		missing = missing || e == nil
	}
	switch {
	case missing:
		r.failAt(w.node.Pos, "too few arguments for window function %s", name)
	case len(w.args) > most:
		r.failAt(w.args[most].pos, "too many arguments for window function %s", name)
	case len(w.partition) > 0 && w.node.Kind != ast.WinSession:
		r.failAt(w.partition[0].pos, "partition_by is for window function session only")
	}
}
