package planner

import (
	"math"
	"sort"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// target is an entry of the select list: a result column, or (junk) a key that
// only ORDER BY or DISTINCT ON needs.
type target struct {
	name string
	x    plan.Expr
	pos  int32
	junk bool
	id   plan.ColID // its column once projected
	// syntax is how an expression of the select list is written.
	syntax ast.Expr
}

// posOf is where an entry of the select list is written: there, or, when it came
// with another clause, as e.
func (t *target) posOf(e ast.Expr) int32 {
	if t.junk {
		return ast.Leftmost(e)
	}
	return t.pos
}

// plainSelect binds SELECT … FROM …. Clauses are bound in PostgreSQL's order, so
// that of several errors the same one is reported.
func (b *binder) plainSelect(s *ast.Select, q *query, opt selOptions) (*result, error) {
	if s.Into != nil {
		return nil, pgerr.New(pgerr.SyntaxError, "SELECT ... INTO is not allowed here").At(s.Into.NamePos)
	}
	if s.Emit != ast.EmitDefault && !b.View {
		return nil, pgerr.New(pgerr.SyntaxError, "EMIT is only allowed in the definition of a materialized view").At(s.EmitPos)
	}
	q.markRuns(s)
	q.windowDefs = s.Windows
	node, err := b.from(s.From, q)
	if err != nil {
		return nil, err
	}
	targets, err := b.targets(s.Targets, q.at(inSelect), opt)
	if err != nil {
		return nil, err
	}
	var where plan.Expr
	if s.Where != nil {
		if where, err = b.condition(s.Where, "WHERE", q.at(inWhere)); err != nil {
			return nil, err
		}
	}
	var having plan.Expr
	if s.Having != nil {
		if having, err = b.condition(s.Having, "HAVING", q.at(inHaving)); err != nil {
			return nil, err
		}
		q.grouped = true
	}
	sel := &selectList{b: b, q: q, targets: targets}
	order, err := sel.orderBy(s.OrderBy, inOrderBy)
	if err != nil {
		return nil, err
	}
	if err := b.groupBy(s, sel); err != nil {
		return nil, err
	}
	on, err := sel.distinct(s, order)
	if err != nil {
		return nil, err
	}
	lim, err := b.limit(s, q)
	if err != nil {
		return nil, err
	}
	if err := checkWindowNames(s.Windows); err != nil {
		return nil, err
	}
	for _, def := range s.Windows {
		if _, err := b.namedWindow(def.Name, def.Pos, q.at(inSelect)); err != nil {
			return nil, err
		}
	}
	if !opt.keepUnknown {
		if err := sel.resolveUnknowns(); err != nil {
			return nil, err
		}
	}
	p := &assembly{b: b, q: q, sel: sel, node: node, where: where, having: having, order: order, distinct: s.Distinct, on: on, limit: lim}
	return p.build(s)
}

func checkWindowNames(defs []*ast.WindowDef) error {
	seen := map[string]bool{}
	for _, d := range defs {
		if seen[d.Name] {
			return pgerr.New(pgerr.WindowingError, "window \"%s\" is already defined", d.Name).At(d.Pos)
		}
		seen[d.Name] = true
	}
	return nil
}

func (b *binder) condition(e ast.Expr, name string, c *ectx) (plan.Expr, error) {
	x, err := b.expr(e, c)
	if err != nil {
		return nil, err
	}
	return b.toBoolean(x, name, ast.Leftmost(e))
}

// targets binds the select list, stars expanded.
func (b *binder) targets(list []ast.Target, c *ectx, opt selOptions) ([]target, error) {
	var out []target
	for i := range list {
		t := &list[i]
		switch e := t.X.(type) {
		case *ast.ColumnRef:
			if e.Star {
				cols, err := b.star(e, c)
				if err != nil {
					return nil, err
				}
				out = append(out, cols...)
				continue
			}
		case *ast.FieldSelect:
			if e.Name == "" {
				fields, err := b.expandFields(e, c)
				if err != nil {
					return nil, err
				}
				for _, f := range fields {
					out = append(out, target{name: f.name, x: f.x, pos: t.Pos})
				}
				continue
			}
		}
		x, err := b.expr(t.X, c)
		if err != nil {
			return nil, err
		}
		name := t.Alias
		if name == "" {
			name = b.figureName(t.X)
		}
		out = append(out, target{name: name, x: x, pos: ast.Leftmost(t.X), syntax: t.X})
	}
	const maxColumns = 1664
	if len(out) > maxColumns {
		return nil, pgerr.New(pgerr.TooManyColumns, "target lists can have at most %d entries", maxColumns)
	}
	return out, nil
}

// star expands * and t.*.
func (b *binder) star(e *ast.ColumnRef, c *ectx) ([]target, error) {
	var out []target
	add := func(it *item) {
		b.Names.star(e, it, c.s.items)
		for i, col := range it.cols[:len(it.cols)-it.hidden] {
			b.dependColumn(it, i)
			out = append(out, target{name: col.name, x: b.refAt(col.id, e.Pos), pos: e.Pos})
		}
	}
	if len(e.Parts) > 0 {
		fields, ok, err := b.variableStar(e, c)
		if ok || err != nil {
			for _, f := range fields {
				out = append(out, target{name: f.name, x: f.x, pos: e.Pos})
			}
			return out, err
		}
		it, err := b.starItem(e, c)
		if err != nil {
			return nil, err
		}
		add(it)
		return out, nil
	}
	found := false
	for _, it := range c.s.items {
		if it.colsVisible && !it.lateralOnly {
			add(it)
			found = true
		}
	}
	if !found {
		return nil, pgerr.New(pgerr.SyntaxError, "SELECT * with no tables specified is not valid").At(e.Pos)
	}
	return out, nil
}

// selectList is the select list while ORDER BY, GROUP BY and DISTINCT add to it.
type selectList struct {
	b       *binder
	q       *query
	targets []target
}

// sortRef is a sort key: an entry of the select list with its direction.
type sortRef struct {
	at               int
	desc, nullsFirst bool
	pos              int32
}

// orderBy binds ORDER BY: output names and positions first, else expressions.
func (s *selectList) orderBy(items []ast.SortItem, p *place) ([]sortRef, error) {
	var out []sortRef
	for i := range items {
		it := &items[i]
		at, err := s.find92(it.X, p)
		if err != nil {
			return nil, err
		}
		if err := s.known(at); err != nil {
			return nil, err
		}
		keys, err := s.b.sortKeys(items[i:i+1], []plan.Expr{s.targets[at].x})
		if err != nil {
			return nil, err
		}
		ref := sortRef{at: at, desc: keys[0].Desc, nullsFirst: keys[0].NullsFirst, pos: ast.Leftmost(it.X)}
		dup := false
		for _, o := range out {
			dup = dup || o.at == at
		}
		if !dup {
			out = append(out, ref)
		}
	}
	return out, nil
}

// known makes an untyped literal in the select list text.
func (s *selectList) known(at int) error {
	x, err := s.b.knownType(s.targets[at].x, s.targets[at].pos)
	if err != nil {
		return err
	}
	s.targets[at].x = x
	return nil
}

// find92 finds or adds the entry that an item of ORDER BY, GROUP BY or DISTINCT
// ON means, by the rules of SQL92: a bare name is an output name (in GROUP BY a
// column of FROM comes first), an integer is a position; else an expression.
func (s *selectList) find92(e ast.Expr, p *place) (int, error) {
	if ref, ok := e.(*ast.ColumnRef); ok && len(ref.Parts) == 1 && !ref.Star {
		name := ref.Parts[0]
		input := false
		if p == inGroupBy {
			it, _, err := s.q.scope.find(name, ref.Pos)
			if err != nil {
				return 0, err
			}
			input = it != nil
		}
		if !input {
			if at, ok, err := s.byName(name, ref.Pos, p); ok || err != nil {
				return at, err
			}
		}
	}
	if lit, ok := e.(*ast.Literal); ok {
		return s.byPosition(lit, p)
	}
	sets, targets := len(s.q.sets), len(s.targets)
	x, err := s.b.expr(e, s.q.at(p))
	if err != nil {
		return 0, err
	}
	at := s.findWritten(e, x)
	if at < 0 {
		at = s.findExpr(x, ast.Leftmost(e))
	}
	if at < targets {
		s.q.dropSets(sets)
	}
	return at, nil
}

func (s *selectList) byName(name string, pos int32, p *place) (int, bool, error) {
	found := -1
	for i, t := range s.targets {
		if t.junk || t.name != name {
			continue
		}
		if found >= 0 && s.q.setKey(s.targets[found].x) != s.q.setKey(t.x) {
			return 0, false, pgerr.New(pgerr.AmbiguousColumn, "%s \"%s\" is ambiguous", p.name, name).At(pos)
		}
		if found < 0 {
			found = i
		}
	}
	return found, found >= 0, nil
}

func (s *selectList) byPosition(lit *ast.Literal, p *place) (int, error) {
	n, err := strconv.ParseInt(lit.Text, 10, 64)
	if lit.Kind != ast.LitInteger || err != nil || max(n, -n) > math.MaxInt32 || n == math.MinInt64 { // a larger one is a numeric to PostgreSQL's lexer, its sign apart
		return 0, pgerr.New(pgerr.SyntaxError, "non-integer constant in %s", p.name).At(lit.Pos)
	}
	count := 0
	for i, t := range s.targets {
		if t.junk {
			continue
		}
		if count++; int64(count) == n {
			return i, nil
		}
	}
	return 0, pgerr.New(pgerr.InvalidColumnReference, "%s position %s is not in select list", p.name, lit.Text).At(lit.Pos)
}

// findWritten finds an entry with a subquery that is written like e, -1 if there is
// none: both mean the same, though each has a plan of its own.
func (s *selectList) findWritten(e ast.Expr, x plan.Expr) int {
	if !plan.HasSubquery(x) {
		return -1
	}
	for i, t := range s.targets {
		if t.syntax != nil && sameSyntax(t.syntax, e) {
			return i
		}
	}
	return -1
}

// findExpr finds an equal entry or adds a junk one.
func (s *selectList) findExpr(x plan.Expr, pos int32) int {
	key := s.q.setKey(x)
	for i, t := range s.targets {
		if s.q.setKey(t.x) == key {
			return i
		}
	}
	s.targets = append(s.targets, target{name: "?column?", x: x, pos: pos, junk: true})
	return len(s.targets) - 1
}

// distinct binds DISTINCT [ON]. For ON it gives the entries, which must be the
// leading keys of ORDER BY.
func (s *selectList) distinct(sel *ast.Select, order []sortRef) ([]int, error) {
	if !sel.Distinct {
		return nil, nil
	}
	if sel.DistinctOn == nil {
		for _, o := range order {
			if t := s.targets[o.at]; t.junk {
				return nil, pgerr.New(pgerr.InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list").At(t.pos)
			}
		}
		for i, t := range s.targets {
			if t.junk { // a key of GROUP BY
				continue
			}
			if err := s.known(i); err != nil {
				return nil, err
			}
			if !hashable(s.targets[i].x.Type()) {
				return nil, noEquality(t.x.Type()).At(t.pos)
			}
		}
		return nil, nil
	}
	on := make([]int, 0, len(sel.DistinctOn))
	for _, e := range sel.DistinctOn {
		at, err := s.find92(e, inDistinct)
		if err != nil {
			return nil, err
		}
		if err := s.known(at); err != nil {
			return nil, err
		}
		on = append(on, at)
	}
	return on, pgerr.AtPos(leadingKeys(on, order), sel.DistinctOn[0].Position())
}

// leadingKeys checks that ORDER BY begins with the DISTINCT ON expressions.
func leadingKeys(on []int, order []sortRef) error {
	in := map[int]bool{}
	for _, at := range on {
		in[at] = true
	}
	skipped := false
	for _, o := range order {
		if !in[o.at] {
			skipped = true
			continue
		}
		if skipped {
			return pgerr.New(pgerr.InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions").At(o.pos)
		}
		delete(in, o.at)
	}
	if skipped && len(in) > 0 {
		return pgerr.New(pgerr.InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
	}
	return nil
}

func (s *selectList) resolveUnknowns() error {
	for i := range s.targets {
		if err := s.known(i); err != nil {
			return err
		}
	}
	return nil
}

// limits is LIMIT and OFFSET.
type limits struct {
	count, offset plan.Expr
	ties          bool
}

func (b *binder) limit(s *ast.Select, q *query) (limits, error) {
	var l limits
	var err error
	bind := func(e ast.Expr, p *place) (plan.Expr, error) {
		x, err := b.expr(e, q.at(p))
		if err != nil {
			return nil, err
		}
		for id := range plan.ReadsOf(x) {
			if b.owner[id] == q {
				return nil, pgerr.New(pgerr.InvalidColumnReference, "argument of %s must not contain variables", p.name).At(ast.Leftmost(e))
			}
		}
		return b.toType(x, types.TInt8, p.name, ast.Leftmost(e))
	}
	if s.Offset != nil {
		if l.offset, err = bind(s.Offset, inOffset); err != nil {
			return l, err
		}
	}
	if s.Limit != nil {
		if l.count, err = bind(s.Limit, inLimit); err != nil {
			return l, err
		}
		if s.WithTies {
			l.ties = true
			if isNullLiteral(s.Limit) {
				return l, pgerr.New(pgerr.InvalidRowCountInLimitClause, "row count cannot be null in FETCH FIRST ... WITH TIES clause")
			}
			if len(s.OrderBy) == 0 {
				return l, pgerr.New(pgerr.SyntaxError, "WITH TIES cannot be specified without ORDER BY clause")
			}
		}
	}
	return l, nil
}

func sortDeps(deps []catalog.Dep) {
	sort.Slice(deps, func(i, j int) bool {
		if deps[i].Object != deps[j].Object {
			return deps[i].Object < deps[j].Object
		}
		return deps[i].Column < deps[j].Column
	})
}
