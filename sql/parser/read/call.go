package read

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// callArg is an argument of a call; name is set in named notation.
type callArg struct {
	expr
	name    string
	namePos ast.Pos
	named   bool
}

// call is gram.y's func_application.
type call struct {
	parts    []string
	pos      ast.Pos
	args     []callArg
	orderBy  []sortItem
	orderPos ast.Pos
	star     bool
	all      bool
	distinct bool
	variadic bool
}

// callOrLiteral reads what a name and a parenthesis begin: a call, or a
// literal of a type with modifiers.
func (r *Reader) callOrLiteral(parts []string, pos ast.Pos) expr {
	c := r.application(parts, pos)
	if r.IsChar(lex.String) && len(c.args) > 0 && !c.all && !c.distinct && !c.variadic {
		return r.modifiedLiteral(c)
	}
	return r.callExpr(c, true)
}

// application reads the arguments of a call.
func (r *Reader) application(parts []string, pos ast.Pos) *call {
	c := &call{parts: parts, pos: pos}
	r.ExpectChar('(')
	switch {
	case r.AcceptChar(')'):
		return c
	case r.IsChar('*'):
		r.Next()
		c.star = true
		r.ExpectChar(')')
		return c
	case r.Accept(keyword.All):
		c.all = true
	case r.Accept(keyword.Distinct):
		c.distinct = true
	}
	plain := !c.all && !c.distinct
	r.Commas(func() {
		if c.variadic {
			panic(r.Unexpected())
		}
		if plain && r.Accept(keyword.Variadic) {
			c.variadic = true
		}
		c.args = append(c.args, r.callArg())
	})
	if c.orderPos = r.tok.Pos; r.Is(keyword.Order) {
		c.orderBy = r.sortClause()
	}
	r.ExpectChar(')')
	return c
}

func (r *Reader) callArg() callArg {
	if next := r.Peek(1).Kind; (next == lex.ColonEquals || next == lex.EqualsGreater) && r.isTypeFunc() {
		id := r.name(classTypeFunc)
		r.Next()
		return callArg{expr: r.Expr(), name: id.Name, namePos: id.Pos, named: true}
	}
	return callArg{expr: r.Expr()}
}

// modifiedLiteral makes the literal type(modifiers) 'text'.
func (r *Reader) modifiedLiteral(c *call) expr {
	for _, a := range c.args {
		if a.named {
			r.failAt(a.namePos, "type modifier cannot have parameter name")
		}
	}
	if c.orderBy != nil {
		r.failAt(c.orderPos, "type modifier cannot have ORDER BY")
	}
	t := ast.TypeName{Name: r.toName(c.parts, c.pos), Mods: make([]ast.Expr, len(c.args)), Pos: c.pos}
	var holes args
	for i, a := range c.args {
		holes.expr(&t.Mods[i], a.expr)
	}
	lit := &ast.Literal{Kind: ast.LitString, Text: r.tok.Str, Pos: r.tok.Pos}
	r.Next()
	return r.node(c.pos, &ast.TypeCast{X: lit, Type: t, Pos: c.pos}, holes...)
}

// callExpr makes the call, with the clauses behind it unless it stands where
// there are none (windowed is false).
func (r *Reader) callExpr(c *call, windowed bool) expr {
	clauses := windowed && (r.Is(keyword.Within) || r.Is(keyword.Filter) || r.Is(keyword.Over))
	if !clauses && r.isPlain(c) {
		return r.nativeCall(c)
	}
	f, holes := r.callNode(c)
	order := c.orderBy
	if clauses {
		order = r.withinGroup(c, f)
	}
	f.OrderBy = sortHoles(order, &holes)
	if clauses {
		r.filterAndOver(f, &holes)
	}
	return r.node(c.pos, f, holes...)
}

// callNode makes the node of a call, without an order.
func (r *Reader) callNode(c *call) (*ast.FuncCall, args) {
	f := &ast.FuncCall{
		Name: r.toName(c.parts, c.pos), Args: make([]ast.Expr, len(c.args)),
		Star: c.star, Distinct: c.distinct, Variadic: c.variadic, Pos: c.pos,
	}
	var holes args
	for i, a := range c.args {
		to := &f.Args[i]
		if a.named {
			n := &ast.NamedArg{Name: a.name, Pos: a.namePos}
			f.Args[i], to = n, &n.X
		}
		holes.expr(to, a.expr)
	}
	return f, holes
}

// isPlain tells whether TiDB can say the call.
func (r *Reader) isPlain(c *call) bool {
	if c.star || c.distinct || c.variadic || c.orderBy != nil || len(c.parts) > 2 {
		return false
	}
	for _, a := range c.args {
		if a.named {
			return false
		}
	}
	return true
}

func (r *Reader) nativeCall(c *call) expr {
	p := r.b.Ident(c.parts[0], c.pos)
	for _, part := range c.parts[1:] {
		p = r.b.Append(p, r.b.Text("."))
		p = r.b.Append(p, r.b.Ident(part, ast.NoPos))
	}
	p = r.b.Append(p, r.b.Text("("))
	for i, a := range c.args {
		if i > 0 {
			p = r.b.Append(p, r.b.Text(", "))
		}
		p = r.b.Append(p, a.Piece)
	}
	return expr{Piece: r.b.Append(p, r.b.Text(")")), pos: c.pos}
}

// withinGroup reads WITHIN GROUP (ORDER BY …) and gives the order of the
// aggregate's input.
func (r *Reader) withinGroup(c *call, f *ast.FuncCall) []sortItem {
	if !r.Is(keyword.Within) {
		return c.orderBy
	}
	pos := r.tok.Pos
	r.Next()
	r.Expect(keyword.Group)
	r.ExpectChar('(')
	if !r.Is(keyword.Order) {
		panic(r.Unexpected())
	}
	order := r.sortClause()
	r.ExpectChar(')')
	switch {
	case c.orderBy != nil:
		r.failAt(pos, "cannot use multiple ORDER BY clauses with WITHIN GROUP")
	case c.distinct:
		r.failAt(pos, "cannot use DISTINCT with WITHIN GROUP")
	case c.variadic:
		r.failAt(pos, "cannot use VARIADIC with WITHIN GROUP")
	}
	f.WithinGroup = true
	return order
}

// filterAndOver reads FILTER (WHERE …) and OVER ….
func (r *Reader) filterAndOver(f *ast.FuncCall, holes *args) {
	if r.Accept(keyword.Filter) {
		r.ExpectChar('(')
		r.Expect(keyword.Where)
		holes.expr(&f.Filter, r.Expr())
		r.ExpectChar(')')
	}
	if !r.Accept(keyword.Over) {
		return
	}
	if r.IsChar('(') {
		f.Over = r.windowSpec(holes)
		return
	}
	id := r.ColID()
	f.Over = &ast.WindowDef{Name: id.Name, Pos: id.Pos}
}

// sortItem is an item of an ORDER BY with its expression.
type sortItem struct {
	ast.SortItem
	expr expr
}

// sortClause reads ORDER BY ….
func (r *Reader) sortClause() []sortItem {
	r.Expect(keyword.Order, keyword.By)
	var items []sortItem
	r.Commas(func() { items = append(items, r.sortItem()) })
	return items
}

func (r *Reader) sortItem() sortItem {
	s := sortItem{expr: r.Expr()}
	s.Pos = s.expr.pos
	switch {
	case r.Is(keyword.Using):
		r.Next()
		s.Pos = r.tok.Pos
		s.UsingSchema, s.UsingOp = r.qualifiedOperator()
	case r.Accept(keyword.Desc):
		s.Desc = true
	default:
		r.Accept(keyword.Asc)
	}
	s.NullsFirst = r.nullsFirst(s.Desc || s.UsingOp == ">")
	return s
}

// nullsFirst reads NULLS FIRST or LAST; what is not said is byDefault.
func (r *Reader) nullsFirst(byDefault bool) bool {
	if !r.lookahead(0) || !r.Is(keyword.Nulls) {
		return byDefault
	}
	r.Next()
	first := r.Is(keyword.First)
	r.Next()
	return first
}

// sortHoles gives the items without their expressions, which become holes.
func sortHoles(items []sortItem, holes *args) []ast.SortItem {
	if len(items) == 0 {
		return nil
	}
	out := make([]ast.SortItem, len(items))
	for i, s := range items {
		out[i] = s.SortItem
		holes.expr(&out[i].X, s.expr)
	}
	return out
}

// windowSpec reads a window specification in parentheses.
func (r *Reader) windowSpec(holes *args) *ast.WindowDef {
	w := &ast.WindowDef{Pos: r.tok.Pos}
	r.ExpectChar('(')
	if r.IsColID() && !r.isWindowWord() {
		w.Ref = r.ColID().Name
	}
	if r.Is(keyword.Partition) {
		r.Next()
		r.Expect(keyword.By)
		var items []expr
		r.Commas(func() { items = append(items, r.Expr()) })
		w.Partition = make([]ast.Expr, len(items))
		*holes = append(*holes, holesFor(items, w.Partition)...)
	}
	if r.Is(keyword.Order) {
		w.OrderBy = sortHoles(r.sortClause(), holes)
	}
	w.Frame = r.frame(holes)
	r.ExpectChar(')')
	return w
}

// isWindowWord tells whether the current word begins a clause of a window
// specification, so that it is not the name of a window.
func (r *Reader) isWindowWord() bool {
	switch r.tok.Keyword {
	case keyword.Partition, keyword.Range, keyword.Rows, keyword.Groups:
		return true
	}
	return false
}

// frame reads a frame clause if one follows.
func (r *Reader) frame(holes *args) *ast.Frame {
	f := &ast.Frame{Pos: r.tok.Pos}
	switch {
	case r.Accept(keyword.Range):
	case r.Accept(keyword.Rows):
		f.Mode = ast.FrameRows
	case r.Accept(keyword.Groups):
		f.Mode = ast.FrameGroups
	default:
		return nil
	}
	if r.Accept(keyword.Between) {
		at := r.tok.Pos
		start, startExpr := r.frameBound()
		r.Expect(keyword.And)
		endAt := r.tok.Pos
		end, endExpr := r.frameBound()
		r.checkFrame(start, end, at, endAt)
		f.Start.Kind, f.End.Kind = start, end
		boundHole(&f.Start, startExpr, holes)
		boundHole(&f.End, endExpr, holes)
	} else {
		at := r.tok.Pos
		start, startExpr := r.frameBound()
		r.checkFrameStart(start, at)
		f.Start.Kind, f.End.Kind = start, ast.CurrentRow
		boundHole(&f.Start, startExpr, holes)
	}
	f.Exclude = r.exclude()
	return f
}

func boundHole(b *ast.FrameBound, e *expr, holes *args) {
	if e != nil {
		holes.expr(&b.Offset, *e)
	}
}

func (r *Reader) frameBound() (ast.BoundKind, *expr) {
	next := r.Peek(1)
	switch {
	case r.Is(keyword.Unbounded) && next.Is(keyword.Preceding):
		r.Skip(2)
		return ast.UnboundedPreceding, nil
	case r.Is(keyword.Unbounded) && next.Is(keyword.Following):
		r.Skip(2)
		return ast.UnboundedFollowing, nil
	case r.Is(keyword.Current) && next.Is(keyword.Row):
		r.Skip(2)
		return ast.CurrentRow, nil
	}
	e := r.Expr()
	if r.Accept(keyword.Preceding) {
		return ast.OffsetPreceding, &e
	}
	r.Expect(keyword.Following)
	return ast.OffsetFollowing, &e
}

func (r *Reader) windowError(pos ast.Pos, message string) {
	r.Fail(pgerr.New(pgerr.WindowingError, "%s", message).At(pos))
}

func (r *Reader) checkFrameStart(start ast.BoundKind, at ast.Pos) {
	switch start {
	case ast.UnboundedFollowing:
		r.windowError(at, "frame start cannot be UNBOUNDED FOLLOWING")
	case ast.OffsetFollowing:
		r.windowError(at, "frame starting from following row cannot end with current row")
	}
}

func (r *Reader) checkFrame(start, end ast.BoundKind, at, endAt ast.Pos) {
	switch {
	case start == ast.UnboundedFollowing:
		r.windowError(at, "frame start cannot be UNBOUNDED FOLLOWING")
	case end == ast.UnboundedPreceding:
		r.windowError(endAt, "frame end cannot be UNBOUNDED PRECEDING")
	case start == ast.CurrentRow && end == ast.OffsetPreceding:
		r.windowError(endAt, "frame starting from current row cannot have preceding rows")
	case start == ast.OffsetFollowing && (end == ast.OffsetPreceding || end == ast.CurrentRow):
		r.windowError(endAt, "frame starting from following row cannot have preceding rows")
	}
}

func (r *Reader) exclude() ast.ExcludeKind {
	if !r.Accept(keyword.Exclude) {
		return ast.ExcludeNoOthers
	}
	switch {
	case r.Accept(keyword.Current):
		r.Expect(keyword.Row)
		return ast.ExcludeCurrentRow
	case r.Accept(keyword.Group):
		return ast.ExcludeGroup
	case r.Accept(keyword.Ties):
		return ast.ExcludeTies
	}
	r.Expect(keyword.No, keyword.Others)
	return ast.ExcludeNoOthers
}

// windowClause reads WINDOW name AS (…), ….
func (r *Reader) windowClause(holes *args) []*ast.WindowDef {
	r.Expect(keyword.Window)
	var defs []*ast.WindowDef
	r.Commas(func() {
		id := r.ColID()
		r.Expect(keyword.As)
		w := r.windowSpec(holes)
		w.Name = id.Name
		defs = append(defs, w)
	})
	return defs
}

// CallSlot reads a plain call whose arguments become slots.
func (r *Reader) CallSlot() *ast.FuncCall {
	pos := r.tok.Pos
	parts := []string{r.name(classColName | classTypeFunc).Name}
	for r.AcceptChar('.') {
		parts = append(parts, r.ColLabel().Name)
	}
	c := r.application(parts, pos)
	f, holes := r.callNode(c)
	f.OrderBy = sortHoles(c.orderBy, &holes)
	for _, a := range holes {
		r.Slot(a)
	}
	return f
}
