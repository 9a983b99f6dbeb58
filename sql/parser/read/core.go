package read

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
)

// target is an item of a select list or of RETURNING.
type target struct {
	expr  expr
	alias string
}

// targets reads a target list.
func (r *Reader) targets() []target {
	var list []target
	r.Commas(func() { list = append(list, r.target()) })
	return list
}

func (r *Reader) target() target {
	if r.IsChar('*') {
		star := &ast.ColumnRef{Star: true, Pos: r.tok.Pos}
		r.Next()
		return target{expr: r.leaf(star)}
	}
	t := target{expr: r.binary(modeTarget, precLowest)}
	switch {
	case r.Accept(keyword.As):
		t.alias = r.ColLabel().Name
	case r.isBareLabel():
		t.alias = r.tok.Str
		r.Next()
	}
	return t
}

// isTargetEnd tells whether the current token ends an empty target list.
func (r *Reader) isTargetEnd() bool {
	if r.AtEnd() || r.IsChar(')') || r.atEmit() {
		return true
	}
	switch r.tok.Keyword {
	case keyword.From, keyword.Into, keyword.Where, keyword.Group, keyword.Having, keyword.Window,
		keyword.Union, keyword.Intersect, keyword.Except, keyword.Order, keyword.Limit, keyword.Offset,
		keyword.Fetch, keyword.For, keyword.With, keyword.On, keyword.Returning:
		return true
	}
	return false
}

// core is a plain SELECT while it is read.
type core struct {
	distinct bool
	targets  []target
	info     *canon.SelectInfo // nil while there is nothing to say
	holes    args              // of info
}

// more is the info, which is there from now on.
func (c *core) more() *canon.SelectInfo {
	if c.info == nil {
		c.info = &canon.SelectInfo{}
	}
	return c.info
}

// selectCore reads SELECT up to its WINDOW clause.
func (r *Reader) selectCore() canon.Piece {
	pos := r.tok.Pos
	r.Next()
	c := &core{}
	r.distinct(c)
	if c.distinct || !r.isTargetEnd() {
		c.targets = r.targets()
	} else {
		c.more().Given = true
	}
	if r.Is(keyword.Into) {
		c.more().Into = r.into()
	}
	rest := r.clauses(c)
	p := r.b.Append(r.fields(c, pos), rest)
	p.Level = canon.LevelPrimary
	return p
}

// distinct reads ALL, DISTINCT and DISTINCT ON (…).
func (r *Reader) distinct(c *core) {
	if r.Accept(keyword.All) {
		return
	}
	if c.distinct = r.Accept(keyword.Distinct); !c.distinct || !r.Accept(keyword.On) {
		return
	}
	var items []expr
	r.Parens(func() { items = append(items, r.Expr()) })
	c.more().DistinctOn = make([]ast.Expr, len(items))
	c.holes = append(c.holes, holesFor(items, c.info.DistinctOn)...)
}

// fields writes SELECT and the target list.
func (r *Reader) fields(c *core, pos ast.Pos) canon.Piece {
	text := "SELECT"
	if c.distinct {
		text = "SELECT DISTINCT"
	}
	p := r.b.TextAt(text, pos)
	sep := " "
	if c.info != nil {
		p = r.b.Append(p, r.b.TextAt(sep, pos))
		p = r.b.Append(p, r.b.Node(c.info, c.holes...))
		sep = ", "
	}
	for _, t := range c.targets {
		p = r.b.Append(p, r.b.TextAt(sep, t.expr.pos))
		p = r.b.Append(p, t.expr.Piece)
		if t.alias != "" {
			p = r.b.Append(p, r.b.Text(" AS "))
			p = r.b.Append(p, r.b.Ident(t.alias, ast.NoPos))
		}
		sep = ", "
	}
	return p
}

// into reads INTO [TEMP] [TABLE] name.
func (r *Reader) into() *ast.IntoClause {
	i := &ast.IntoClause{Pos: r.tok.Pos}
	r.Next()
	i.Temp = r.tempTable()
	r.Accept(keyword.Table)
	i.NamePos = r.tok.Pos
	i.Name = r.QualifiedName()
	return i
}

// tempTable reads [LOCAL|GLOBAL] TEMP, or UNLOGGED, before a table's name.
func (r *Reader) tempTable() bool {
	isTemp := func(n int) bool {
		return r.Peek(n).Is(keyword.Temporary) || r.Peek(n).Is(keyword.Temp)
	}
	switch {
	case isTemp(0) && !r.endsName(1):
		r.Next()
		return true
	case (r.Is(keyword.Local) || r.Is(keyword.Global)) && isTemp(1):
		r.GlobalWarning()
		r.Skip(2)
		return true
	case r.Is(keyword.Unlogged) && !r.endsName(1):
		r.Next()
	}
	return false
}

// endsName tells whether the token n ahead cannot begin a name, so that the
// word before it is the name.
func (r *Reader) endsName(n int) bool {
	return !r.isName(n, classColName) && !r.Peek(n).Is(keyword.Table)
}

// GlobalWarning warns of GLOBAL before TEMPORARY if that is the current word.
func (r *Reader) GlobalWarning() {
	if r.Is(keyword.Global) {
		r.Notice(pgerr.Warning(pgerr.WarningCode, "GLOBAL is deprecated in temporary table creation").At(r.tok.Pos))
	}
}

// clauses reads FROM, WHERE, GROUP BY, HAVING and WINDOW.
func (r *Reader) clauses(c *core) canon.Piece {
	p := r.b.Text("")
	if r.Is(keyword.From) {
		p = r.b.Append(p, r.fromClause())
	} else if r.Is(keyword.Where) || r.Is(keyword.Group) || r.Is(keyword.Having) || r.Is(keyword.Window) {
		p = r.b.Append(p, r.b.Text(" FROM "))
		p = r.b.Append(p, r.b.Node(canon.Dual{}))
	}
	if r.Accept(keyword.Where) {
		p = r.b.Append(p, r.b.Text(" WHERE "))
		p = r.b.Append(p, r.Expr().Piece)
	}
	if r.Is(keyword.Group) {
		p = r.b.Append(p, r.groupClause(c))
	}
	if r.Accept(keyword.Having) {
		p = r.b.Append(p, r.b.Text(" HAVING "))
		p = r.b.Append(p, r.Expr().Piece)
	}
	if r.Is(keyword.Window) {
		c.more().Windows = r.windowClause(&c.holes)
	}
	return p
}

// groupClause reads GROUP BY.
func (r *Reader) groupClause(c *core) canon.Piece {
	r.Next()
	r.Expect(keyword.By)
	if r.Accept(keyword.Distinct) {
		c.more().GroupDistinct = true
	} else {
		r.Accept(keyword.All)
	}
	p := r.b.Text("")
	sep := " GROUP BY "
	r.Commas(func() {
		p = r.b.Append(p, r.b.TextAt(sep, r.tok.Pos))
		p = r.b.Append(p, r.groupItem())
		sep = ", "
	})
	return p
}

// groupItem writes an expression as it is and anything else as a node.
func (r *Reader) groupItem() canon.Piece {
	read := r.groupElement()
	if read.expr != nil {
		return read.expr.Piece
	}
	g := &ast.GroupItem{}
	var holes args
	read.fill(g, &holes)
	return r.b.Node(g, holes...)
}

// groupRead is an item of GROUP BY with its expressions.
type groupRead struct {
	kind ast.GroupKind
	pos  ast.Pos
	expr *expr
	sets []groupRead
}

// fill writes the item to g; its expressions are holes.
func (g *groupRead) fill(to *ast.GroupItem, holes *args) {
	to.Kind, to.Pos = g.kind, g.pos
	if g.expr != nil {
		holes.expr(&to.X, *g.expr)
		return
	}
	to.Sets = make([]ast.GroupItem, len(g.sets))
	for i := range g.sets {
		g.sets[i].fill(&to.Sets[i], holes)
	}
}

func (r *Reader) groupElement() groupRead {
	g := groupRead{pos: r.tok.Pos}
	next := r.Peek(1)
	switch {
	case r.IsChar('(') && next.Kind == ')':
		r.Skip(2)
		g.kind = ast.GroupEmpty
	case (r.Is(keyword.Rollup) || r.Is(keyword.Cube)) && next.Kind == '(':
		g.kind = ast.GroupRollup
		if r.Is(keyword.Cube) {
			g.kind = ast.GroupCube
		}
		r.Next()
		r.Parens(func() { g.sets = append(g.sets, r.groupExpr()) })
	case r.Is(keyword.Grouping) && next.Is(keyword.Sets):
		g.kind = ast.GroupSets
		r.Skip(2)
		r.enter()
		r.Parens(func() { g.sets = append(g.sets, r.groupElement()) })
		r.leave()
	default:
		return r.groupExpr()
	}
	return g
}

func (r *Reader) groupExpr() groupRead {
	pos := r.tok.Pos
	e := r.Expr()
	return groupRead{pos: pos, expr: &e}
}
