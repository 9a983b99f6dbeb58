package planner

import (
	"errors"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// tracked is what SEARCH and CYCLE add to a recursive query: columns that each row
// hands on to those it leads to, as PostgreSQL's rewriteSearchAndCycle describes.
//
//	SEARCH DEPTH     seq   ARRAY[ROW(cols)], then seq || ARRAY[ROW(cols)]
//	SEARCH BREADTH   seq   ROW(depth, cols); depth is a column that is not shown
//	CYCLE            mark  default, then value where ROW(cols) = ANY (path)
//	                 path  as seq in depth
//
// A row that is marked leads to no others.
type tracked struct {
	def *ast.CTE
	// names of the added columns as the recursive term may call them, and what they
	// are in expressions.
	names, roles []string
	value, dflt  plan.Expr
	user         int // columns of the query itself
}

// depthName is the column that counts the rounds; users cannot guess it by chance.
const depthName = "*DEPTH*"

// track checks SEARCH and CYCLE against the columns of the non-recursive term; nil:
// there are none.
func (b *binder) track(c *cte, cols []OutCol, q *query) (*tracked, error) {
	def := c.def
	if def.Search == nil && def.Cycle == nil {
		return nil, nil
	}
	if def.Query.L.SetOp != ast.SetNone {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT")
	}
	if def.Query.R.SetOp != ast.SetNone {
		return nil, pgerr.New(pgerr.SyntaxError, "with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT")
	}
	t := &tracked{def: def, user: len(cols)}
	if s := def.Search; s != nil {
		if err := listed(s.Columns, cols, "search", s.Pos); err != nil {
			return nil, err
		}
		t.add(s.Set.Name, "seq")
	}
	if y := def.Cycle; y != nil {
		if err := listed(y.Columns, cols, "cycle", y.Pos); err != nil {
			return nil, err
		}
		if err := b.cycleMark(t, q); err != nil {
			return nil, err
		}
		t.add(y.Mark.Name, "mark")
		t.add(y.Path.Name, "path")
	}
	if s := def.Search; s != nil && !s.Depth {
		t.add(depthName, "depth")
	}
	return t, nil
}

func (t *tracked) add(name, role string) {
	t.names, t.roles = append(t.names, name), append(t.roles, role)
}

// listed checks the columns of a clause.
func listed(list []ast.Ident, cols []OutCol, what string, pos ast.Pos) error {
	seen := map[string]bool{}
	for _, id := range list {
		if columnAt(cols, id.Name) < 0 {
			return pgerr.New(pgerr.SyntaxError, "%s column \"%s\" not in WITH query column list", what, id.Name).At(pos)
		}
		if seen[id.Name] {
			return pgerr.New(pgerr.DuplicateColumn, "%s column \"%s\" specified more than once", what, id.Name).At(pos)
		}
		seen[id.Name] = true
	}
	return nil
}

func columnAt(cols []OutCol, name string) int {
	for i := range cols {
		if cols[i].Name == name {
			return i
		}
	}
	return -1
}

// cycleMark binds the values of the mark.
func (b *binder) cycleMark(t *tracked, q *query) error {
	y := t.def.Cycle
	value, dflt := ast.Expr(&ast.Literal{Kind: ast.LitBool, Bool: true, Pos: ast.NoPos}), ast.Expr(&ast.Literal{Kind: ast.LitBool, Pos: ast.NoPos})
	if y.Value != nil {
		value, dflt = y.Value, y.Default
	}
	list, err := b.exprs([]ast.Expr{value, dflt}, &ectx{place: inCycle})
	if err != nil {
		return err
	}
	pos := []int32{value.Position(), dflt.Position()}
	typ, err := commonType(list, "CYCLE", pos)
	if err != nil {
		return err
	}
	if t.value, err = b.toCommon(list[0], typ, "CYCLE/SET/TO", pos[0]); err != nil {
		return err
	}
	if t.dflt, err = b.toCommon(list[1], typ, "CYCLE/SET/DEFAULT", pos[1]); err != nil {
		return err
	}
	if !hashable(typ) {
		return pgerr.New(pgerr.UndefinedFunction, "could not identify an equality operator for type %s", formatType(typ, types.NoMod))
	}
	return nil
}

// clashes checks the names of the added columns.
func (t *tracked) clashes(cols []OutCol) error {
	used := func(name, what string, pos ast.Pos) error {
		if columnAt(cols[:t.user], name) < 0 {
			return nil
		}
		return pgerr.New(pgerr.SyntaxError, "%s column name \"%s\" already used in WITH query column list", what, name).At(pos)
	}
	s, y := t.def.Search, t.def.Cycle
	if s != nil {
		if err := used(s.Set.Name, "search sequence", s.Pos); err != nil {
			return err
		}
	}
	if y != nil {
		if err := used(y.Mark.Name, "cycle mark", y.Pos); err != nil {
			return err
		}
		if err := used(y.Path.Name, "cycle path", y.Pos); err != nil {
			return err
		}
		if y.Mark.Name == y.Path.Name {
			return pgerr.New(pgerr.SyntaxError, "cycle mark column name and cycle path column name are the same").At(y.Pos)
		}
	}
	if s == nil || y == nil {
		return nil
	}
	switch s.Set.Name {
	case y.Mark.Name:
		return pgerr.New(pgerr.SyntaxError, "search sequence column name and cycle mark column name are the same").At(s.Pos)
	case y.Path.Name:
		return pgerr.New(pgerr.SyntaxError, "search sequence column name and cycle path column name are the same").At(s.Pos)
	}
	return nil
}

// row writes ROW(…) of the columns of a clause, by their numbers, with first before
// them.
func (t *tracked) row(list []ast.Ident, cols []OutCol, first string) string {
	var parts []string
	if first != "" {
		parts = append(parts, first)
	}
	for _, id := range list {
		parts = append(parts, "c"+strconv.Itoa(columnAt(cols, id.Name)))
	}
	return "ROW(" + strings.Join(parts, ", ") + ")"
}

// start are the added columns of the non-recursive term, next those of the
// recursive one, as SQL.
func (t *tracked) start(cols []OutCol) map[string]string {
	out := map[string]string{"depth": "0::int8"}
	if s := t.def.Search; s != nil && s.Depth {
		out["seq"] = "ARRAY[" + t.row(s.Columns, cols, "") + "]"
	} else if s != nil {
		out["seq"] = t.row(s.Columns, cols, "0::int8")
	}
	if y := t.def.Cycle; y != nil {
		out["mark"], out["path"] = "d", "ARRAY["+t.row(y.Columns, cols, "")+"]"
	}
	return out
}

func (t *tracked) next(cols []OutCol) map[string]string {
	out := map[string]string{"depth": "depth + 1"}
	if s := t.def.Search; s != nil && s.Depth {
		out["seq"] = "seq || ARRAY[" + t.row(s.Columns, cols, "") + "]"
	} else if s != nil {
		out["seq"] = t.row(s.Columns, cols, "depth + 1")
	}
	if y := t.def.Cycle; y != nil {
		row := t.row(y.Columns, cols, "")
		out["mark"] = "CASE WHEN " + row + " = ANY (path) THEN v ELSE d END"
		out["path"] = "path || ARRAY[" + row + "]"
	}
	return out
}

// extend adds the columns to a term. names are those of the list that the columns
// of the clauses are looked up in; given tells that in has the columns of the row
// before.
func (b *binder) extend(t *tracked, in *result, names []OutCol, given bool) (*result, error) {
	q := b.newQuery(nil)
	it := &item{owner: q, relVisible: true, colsVisible: true}
	p := passThrough(b.meta, in.node)
	for i, col := range in.cols {
		name := "c" + strconv.Itoa(i)
		if i >= t.user {
			name = t.roles[i-t.user]
		}
		it.cols = append(it.cols, itemCol{name, col.ID})
	}
	if t.value != nil {
		for i, x := range []plan.Expr{t.value, t.dflt} {
			id := b.newCol(q, plan.ColInfo{Name: "mark", Type: x.Type(), Mod: x.Mod()})
			p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, x)
			it.cols = append(it.cols, itemCol{[]string{"v", "d"}[i], id})
		}
	}
	q.scope.items = []*item{it}
	node, texts := plan.Node(p), t.start(names)
	if given {
		texts = t.next(names)
		if t.def.Cycle != nil {
			going, err := b.trackedExpr("mark <> v", q)
			if err != nil {
				return nil, err
			}
			node = filter(node, going)
		}
	}
	out := &result{cols: append([]OutCol(nil), in.cols[:t.user]...)}
	top := &plan.Project{In: node}
	for _, col := range out.cols {
		top.Cols, top.Vals = append(top.Cols, col.ID), append(top.Vals, b.meta.Ref(col.ID))
	}
	for i, role := range t.roles {
		x, err := b.trackedExpr(texts[role], q)
		if err != nil {
			return nil, err
		}
		id := b.newCol(q, plan.ColInfo{Name: t.names[i], Type: x.Type(), Mod: x.Mod()})
		top.Cols, top.Vals = append(top.Cols, id), append(top.Vals, x)
		out.cols = append(out.cols, OutCol{Name: t.names[i], Type: x.Type(), Mod: x.Mod(), ID: id})
	}
	out.node = top
	return out, nil
}

func (b *binder) trackedExpr(text string, q *query) (plan.Expr, error) {
	e, err := b.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	x, err := b.expr(e, q.at(inSelect))
	return x, stripPos(err)
}

// carrying is the recursive term with the columns of the row before as further
// targets.
func (t *tracked) carrying(s *ast.Select) (*ast.Select, error) {
	name := t.def.Name.Name
	ref := findRef(s.From, name)
	if ref == nil {
		return nil, pgerr.New(pgerr.FeatureNotSupported,
			"with a SEARCH or CYCLE clause, the recursive reference to WITH query \"%s\" must be at the top level of its right-hand SELECT", name)
	}
	if ref.Alias.Name != "" {
		name = ref.Alias.Name
	}
	c := *s
	c.Targets = append([]ast.Target(nil), s.Targets...)
	for _, col := range t.names {
		c.Targets = append(c.Targets, ast.Target{X: &ast.ColumnRef{Parts: []string{name, col}, Pos: t.def.Name.Pos}, Pos: t.def.Name.Pos})
	}
	return &c, nil
}

// findRef finds an unqualified reference in FROM, joins included.
func findRef(list []ast.TableExpr, name string) *ast.TableRef {
	for _, te := range list {
		switch x := te.(type) {
		case *ast.TableRef:
			if x.Name.Schema == "" && x.Name.Object == name {
				return x
			}
		case *ast.JoinExpr:
			if r := findRef([]ast.TableExpr{x.L, x.R}, name); r != nil {
				return r
			}
		}
	}
	return nil
}

// trackedCTE binds the terms of a recursive query that has SEARCH or CYCLE, and
// joins them.
func (b *binder) trackedCTE(c *cte, t *tracked, base *result, inner *query) (*result, error) {
	s := *c.def.Query
	names := base.cols
	base, err := b.extend(t, base, names, false)
	if err != nil {
		return nil, err
	}
	if s.R, err = t.carrying(s.R); err != nil {
		return nil, err
	}
	b.nextID++
	c.rec = &recursion{id: b.nextID, cols: base.cols, hidden: len(t.names)}
	step, err := b.selectStmt(s.R, inner.scope, selOptions{})
	rec := c.rec
	c.rec = nil
	if err != nil {
		// The names of the added columns are looked at behind the query itself, which may
		// find them ambiguous where it uses them.
		var own *pgerr.Error
		if clash := t.clashes(names); clash != nil && errors.As(err, &own) && own.Pos == c.def.Name.Pos+1 {
			err = clash
		}
		return nil, err
	}
	if len(step.cols) != len(base.cols) {
		return nil, pgerr.New(pgerr.SyntaxError, "each UNION query must have the same number of columns").At(firstTarget(s.R))
	}
	if err := t.clashes(names); err != nil {
		return nil, err
	}
	if step, err = b.extend(t, step, names, true); err != nil {
		return nil, err
	}
	r, err := b.recursive(rec, base, step, &s, inner, c.def.Name.Name)
	if err == nil && t.names[len(t.names)-1] == depthName {
		r.cols = r.cols[:len(r.cols)-1]
	}
	if err == nil {
		c.tracked = len(r.cols) - t.user
	}
	return r, err
}
