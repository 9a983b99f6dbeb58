package read

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
)

// fromClause reads FROM and its list.
func (r *Reader) fromClause() canon.Piece {
	r.Expect(keyword.From)
	return r.b.Append(r.b.Text(" FROM "), r.fromList())
}

// fromList reads the items of FROM or USING.
func (r *Reader) fromList() canon.Piece {
	p := r.whole(r.tableRef())
	for r.AcceptChar(',') {
		p = r.b.Append(p, r.b.Text(", "))
		p = r.b.Append(p, r.whole(r.tableRef()))
	}
	return p
}

// table is an item of FROM that was read: a piece, or a join, which is written
// when it is known whether it has an alias.
type table struct {
	piece canon.Piece
	join  *join
}

type join struct {
	left, right canon.Piece
	node        *ast.JoinExpr
	on          *expr
}

// tableRef reads gram.y's table_ref, joins included.
func (r *Reader) tableRef() table {
	r.enter()
	defer r.leave()
	return r.joins(r.tablePrimary())
}

// joins reads the joins that follow the item left.
func (r *Reader) joins(left table) table {
	for {
		node, ok := r.joinType()
		if !ok {
			return left
		}
		right := r.tablePrimary()
		j := &join{node: node}
		if !node.Natural && node.Kind != ast.JoinCross {
			r.enter()
			right = r.joins(right) // a JOIN b JOIN c ON … ON …
			r.leave()
			r.joinQual(j)
		}
		j.left, j.right = r.operand(left), r.operand(right)
		left = table{join: j}
	}
}

// joinType reads what stands between the items of a join; ok is false if no
// join follows.
func (r *Reader) joinType() (j *ast.JoinExpr, ok bool) {
	j = &ast.JoinExpr{Pos: r.tok.Pos}
	switch {
	case r.Accept(keyword.Cross):
		j.Kind = ast.JoinCross
		r.Expect(keyword.Join)
		return j, true
	case r.atAsof():
		r.Next()
		j.Kind = ast.JoinAsof
		if r.Accept(keyword.Left) {
			r.Accept(keyword.Outer)
			j.Kind = ast.JoinAsofLeft
		}
		r.Expect(keyword.Join)
		return j, true
	case r.Accept(keyword.Natural):
		j.Natural = true
	case r.Is(keyword.Join), r.Is(keyword.Inner), r.Is(keyword.Left), r.Is(keyword.Right), r.Is(keyword.Full):
	default:
		return nil, false
	}
	switch {
	case r.Accept(keyword.Inner):
	case r.Accept(keyword.Left):
		j.Kind = ast.JoinLeft
	case r.Accept(keyword.Right):
		j.Kind = ast.JoinRight
	case r.Accept(keyword.Full):
		j.Kind = ast.JoinFull
	}
	if j.Kind != ast.JoinInner {
		r.Accept(keyword.Outer)
	}
	r.Expect(keyword.Join)
	return j, true
}

// atAsof tells whether an ASOF JOIN follows.
func (r *Reader) atAsof() bool {
	if !r.IsWord("asof") {
		return false
	}
	next := r.Peek(1)
	return next.Is(keyword.Join) || next.Is(keyword.Left) &&
		(r.Peek(2).Is(keyword.Join) || r.Peek(2).Is(keyword.Outer) && r.Peek(3).Is(keyword.Join))
}

// joinQual reads ON or USING.
func (r *Reader) joinQual(j *join) {
	if r.Accept(keyword.Using) {
		j.node.Using = r.ColumnList()
		if r.Accept(keyword.As) {
			j.node.UsingAlias = r.ColID().Name
		}
		return
	}
	r.Expect(keyword.On)
	on := r.Expr()
	j.on = &on
}

// joinWords are the joins that TiDB has too, if they have an ON.
var joinWords = map[ast.JoinKind]string{
	ast.JoinInner: " JOIN ", ast.JoinLeft: " LEFT JOIN ", ast.JoinRight: " RIGHT JOIN ",
}

// whole writes an item of FROM. A join is never written without ON, as TiDB
// would turn its operands around.
func (r *Reader) whole(t table) canon.Piece {
	j := t.join
	if j == nil {
		return t.piece
	}
	word, native := joinWords[j.node.Kind]
	if native && j.on != nil && j.node.Alias.Name == "" {
		p := r.b.Append(r.b.Append(j.left, r.b.Text(word)), j.right)
		return r.b.Append(r.b.Append(p, r.b.TextAt(" ON ", j.node.Pos)), j.on.Piece)
	}
	var holes args
	if j.on != nil {
		holes.expr(&j.node.On, *j.on)
	}
	p := r.b.Append(r.b.Append(j.left, r.b.Text(" JOIN ")), j.right)
	return r.b.Append(r.b.Append(p, r.b.Text(" ON ")), r.b.Node(j.node, holes...))
}

// operand writes an item of a join.
func (r *Reader) operand(t table) canon.Piece {
	if t.join != nil {
		return r.parenthesised(r.whole(t))
	}
	return t.piece
}

// tablePrimary reads an item of FROM that is no join, or a join in
// parentheses.
func (r *Reader) tablePrimary() table {
	pos := r.tok.Pos
	lateral := r.Accept(keyword.Lateral)
	switch {
	case lateral && r.IsChar('('):
		pos = r.tok.Pos
		return r.derived(r.selectWithParens(), true, pos)
	case r.IsChar('('):
		t, q := r.tableParen()
		if q != nil {
			return r.derived(q, false, pos)
		}
		return t
	}
	return r.tableItem(lateral, pos)
}

// tableParen reads '(' … ')' where it may be a query or a join.
func (r *Reader) tableParen() (table, *query) {
	r.enter()
	defer r.leave()
	r.ExpectChar('(')
	if r.isQueryStart() {
		q := r.selectNoParens()
		r.ExpectChar(')')
		return table{}, q
	}
	left, q := r.tableParenFirst()
	if q != nil {
		r.ExpectChar(')')
		return table{}, q
	}
	t := r.joins(left)
	if t.join == nil { // a single table in parentheses is no join
		panic(r.Unexpected())
	}
	r.ExpectChar(')')
	if a := r.alias(); a.Name != "" {
		t.join.node.Alias = a
	}
	return t, nil
}

// tableParenFirst reads the first item in parentheses, or, if more
// parentheses turn out to hold a query, the rest of that query.
func (r *Reader) tableParenFirst() (table, *query) {
	if !r.IsChar('(') {
		return r.tablePrimary(), nil
	}
	pos := r.tok.Pos
	t, q := r.tableParen()
	if q == nil {
		return t, nil
	}
	if r.IsChar(')') || r.isQueryContinued() {
		return table{}, r.selectRest(q)
	}
	return r.derived(q, false, pos), nil
}

// derived reads the alias of a query in FROM.
func (r *Reader) derived(q *query, lateral bool, pos ast.Pos) table {
	s := &ast.SubqueryRef{Lateral: lateral, Pos: pos, Alias: r.alias()}
	if s.Alias.Name == "" {
		what, hint := "subquery", "For example, FROM (SELECT ...) [AS] foo."
		if q.isValues {
			what, hint = "VALUES", "For example, FROM (VALUES ...) [AS] foo."
		}
		r.missingAlias(what, hint, pos)
	}
	return table{piece: r.b.Join(r.b.Text("("), r.finish(q), r.b.Text(") AS "), r.b.Node(s))}
}

// isAlias tells whether an alias without AS follows.
func (r *Reader) isAlias() bool {
	return r.IsColID() && !r.atAsof() && !r.atEmit()
}

// alias reads [AS] name [(columns)] if it follows.
func (r *Reader) alias() ast.Alias {
	switch {
	case r.Accept(keyword.As):
	case !r.isAlias():
		return ast.Alias{Pos: ast.NoPos}
	}
	id := r.ColID()
	return ast.Alias{Name: id.Name, Pos: id.Pos, Columns: r.OptColumnList()}
}

// relationExpr reads a relation: [ONLY] name [*].
func (r *Reader) relationExpr() *ast.TableRef {
	t := &ast.TableRef{Pos: r.tok.Pos, Alias: ast.Alias{Pos: ast.NoPos}}
	if r.Accept(keyword.Only) {
		t.Only = true
		paren := r.AcceptChar('(')
		t.Name = r.QualifiedName()
		if paren {
			r.ExpectChar(')')
		}
		return t
	}
	t.Name = r.QualifiedName()
	r.AcceptChar('*')
	return t
}

// RelationExpr reads a relation of a statement that TiDB has no form of.
func (r *Reader) RelationExpr() ast.TableRef { return *r.relationExpr() }

// tableItem reads a relation, a function or a window in FROM.
func (r *Reader) tableItem(lateral bool, pos ast.Pos) table {
	switch {
	case r.Is(keyword.Only):
		return r.relation()
	case r.Is(keyword.Xmltable):
		if r.Peek(1).Kind == '(' {
			return r.xmlTable()
		}
	case r.Is(keyword.Rows) && r.Peek(1).Is(keyword.From):
		return r.rowsFrom(lateral, pos)
	case r.isWindowTable():
		return r.windowTable(pos)
	}
	if lateral || r.isFunctionNext() {
		return r.functionTable(lateral, pos)
	}
	return r.relation()
}

// isFunctionNext tells whether the item of FROM is a function: a name with a
// parenthesis behind it, or a word that is one without.
func (r *Reader) isFunctionNext() bool {
	if !r.isName(0, classColName|classTypeFunc) {
		return r.tok.Kind == 0 || !r.IsColID()
	}
	n := 0
	for r.Peek(n+1).Kind == '.' && r.isName(n+2, classColName|classTypeFunc|classReserved) {
		n += 2
	}
	return r.Peek(n+1).Kind == '(' || !r.IsColID()
}

// relation reads a relation with its alias.
func (r *Reader) relation() table {
	t := r.relationExpr()
	holes := r.temporal(t)
	t.Alias = r.alias()
	if r.Is(keyword.Tablesample) {
		r.tableSample(t, &holes)
	}
	return r.holedTable(t, holes)
}

// holedTable writes a node of FROM. Its holes stand as the fields of a
// subquery.
func (r *Reader) holedTable(value ast.TableExpr, holes args) table {
	if len(holes) == 0 {
		return table{piece: r.b.Node(value)}
	}
	list := r.b.List(holes)
	return table{piece: r.b.Join(r.b.Text("(SELECT "), list, r.b.Text(") AS "), r.b.Marker(value, holes...))}
}

// tableSample reads TABLESAMPLE.
func (r *Reader) tableSample(t *ast.TableRef, holes *args) {
	r.Next()
	s := &ast.Sample{Method: r.AnyName()}
	t.Sample = s
	var list []expr
	r.ExpectChar('(')
	for {
		list = append(list, r.Expr())
		if !r.AcceptChar(',') {
			break
		}
	}
	r.ExpectChar(')')
	s.Args = make([]ast.Expr, len(list))
	for i, e := range list {
		holes.expr(&s.Args[i], e)
	}
	if r.Accept(keyword.Repeatable) {
		r.ExpectChar('(')
		holes.expr(&s.Repeatable, r.Expr())
		r.ExpectChar(')')
	}
}

// xmlTable skips XMLTABLE(…), which streamsqld has not.
func (r *Reader) xmlTable() table {
	pos := r.tok.Pos
	r.refusedCall(pos)
	return table{piece: r.b.Node(&ast.TableRef{Pos: pos, Alias: r.alias()})}
}

// functionTable reads a function in FROM with its alias.
func (r *Reader) functionTable(lateral bool, pos ast.Pos) table {
	f := &ast.FuncRef{Funcs: make([]ast.FuncItem, 1), Lateral: lateral, Pos: pos}
	var holes args
	holes.expr(&f.Funcs[0].Call, r.funcExprWindowless())
	f.Ordinal = r.ordinality()
	r.functionAlias(f, &holes)
	return r.holedTable(f, holes)
}

func (r *Reader) ordinality() bool {
	return r.AcceptAll(keyword.With, keyword.Ordinality)
}

// rowsFrom reads ROWS FROM (f(…), …).
func (r *Reader) rowsFrom(lateral bool, pos ast.Pos) table {
	r.Skip(2)
	f := &ast.FuncRef{RowsFrom: true, Lateral: lateral, Pos: pos}
	var calls []expr
	var holes args
	r.Parens(func() {
		calls = append(calls, r.funcExprWindowless())
		item := ast.FuncItem{}
		if r.Accept(keyword.As) {
			item.Columns = r.funcColumns(&holes)
		}
		f.Funcs = append(f.Funcs, item)
	})
	for i, e := range calls {
		holes.expr(&f.Funcs[i].Call, e)
	}
	f.Ordinal = r.ordinality()
	r.functionAlias(f, &holes)
	return r.holedTable(f, holes)
}

// functionAlias reads an alias with names of columns or with their
// definitions.
func (r *Reader) functionAlias(f *ast.FuncRef, holes *args) {
	f.Alias.Pos = ast.NoPos
	switch {
	case r.Is(keyword.As) && r.Peek(1).Kind == '(':
		r.Next()
		f.Columns = r.funcColumns(holes)
		return
	case r.Accept(keyword.As):
	case !r.isAlias():
		return
	}
	id := r.ColID()
	f.Alias.Name, f.Alias.Pos = id.Name, id.Pos
	if !r.IsChar('(') {
		return
	}
	if k := r.Peek(2).Kind; k == ',' || k == ')' {
		f.Alias.Columns = r.ColumnList()
		return
	}
	f.Columns = r.funcColumns(holes)
}

// funcColumns reads (name type, …).
func (r *Reader) funcColumns(holes *args) []ast.FuncColumn {
	var cols []ast.FuncColumn
	r.Parens(func() {
		c := ast.FuncColumn{Name: r.ColID(), Type: r.typeName(holes)}
		if r.Accept(keyword.Collate) {
			r.AnyName()
		}
		cols = append(cols, c)
	})
	return cols
}
