package planner

import (
	"errors"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// cte is a common table expression in scope. Every reference to it is bound
// anew when it is inlined, or reads what is computed once.
type cte struct {
	def     *ast.CTE
	home    *query // whose WITH clause has it
	scope   *scope // where its query is bound
	columns []Ident
	// Once it is bound: the shared result.
	shared  *plan.With
	result  *result
	refs    int
	pending bool // being bound: a reference to itself is recursive
	// inline: not computed once; the first reference takes the bound result, others
	// bind the query again.
	inline, taken bool
	// top: the WITH clause is the statement's own. free: it stands where nothing of a
	// query around it can be read. apart: plans other than the main
	// one read it; part is it then, unless it is inlined.
	top, free, apart bool
	part             *Part
	tracked          int // columns that SEARCH and CYCLE have added
	// Of a recursive one, while its recursive term is bound.
	rec *recursion
}

// Ident is a column name given in a WITH list or alias.
type Ident = ast.Ident

// recursion is the working table of a recursive CTE.
type recursion struct {
	id   int
	cols []OutCol
	// hidden is how many columns at the end only SEARCH and CYCLE need: they stand in
	// no *.
	hidden int
}

// with binds a WITH clause into the query's scope. The function it gives wraps
// the query's node with the expressions that are computed once.
// body is the statement it belongs to.
func (b *binder) with(w *ast.With, q *query, body any) (func(plan.Node) plan.Node, error) {
	if w == nil {
		return func(n plan.Node) plan.Node { return n }, nil
	}
	var list []*cte
	seen := map[string]bool{}
	for i := range w.CTEs {
		def := &w.CTEs[i]
		if seen[def.Name.Name] {
			return nil, pgerr.New(pgerr.DuplicateAlias, "WITH query name \"%s\" specified more than once", def.Name.Name).At(def.Name.Pos)
		}
		seen[def.Name.Name] = true
		c := &cte{def: def, home: q, scope: q.scope, columns: def.Columns, free: q.parent == nil, top: q.parent == nil && q.scope.parent == nil}
		list = append(list, c)
	}
	recursive, order, err := recursiveItems(w)
	if err != nil {
		return nil, err
	}
	apart := separate(list, body)
	for i, c := range list {
		if !recursive[c.def.Name.Name] {
			// Without RECURSIVE only earlier ones are visible to it.
			s := &scope{parent: q.scope.parent, query: q.parent, ctes: map[string]*cte{}}
			for _, e := range list[:i] {
				s.ctes[e.def.Name.Name] = e
			}
			for _, e := range list[i:] {
				switch {
				case !w.Recursive:
					s.future = append(s.future, e.def.Name.Name)
				case e != c:
					s.ctes[e.def.Name.Name] = e
				}
			}
			c.scope = s
		}
		q.scope.ctes[c.def.Name.Name] = c
		refs := countRefs(body, c.def.Name.Name)
		c.apart = apart[c.def.Name.Name]
		c.inline = c.def.DML == nil && !recursive[c.def.Name.Name] && (c.def.Materialized == nil && refs <= 1 || c.def.Materialized != nil && !*c.def.Materialized)
	}
	// Bind each now, referenced or not, so that its errors show; what is inlined is
	// bound again where it stands.
	for _, i := range order {
		if err := b.bindCTE(list[i]); err != nil {
			return nil, err
		}
	}
	return func(n plan.Node) plan.Node {
		for i := len(list) - 1; i >= 0; i-- {
			if c := list[order[i]]; c.shared != nil && c.refs > 0 {
				c.shared.Body = n
				n = c.shared
			}
		}
		return n
	}, nil
}

// bindCTE binds the query of a CTE for sharing.
func (b *binder) bindCTE(c *cte) error {
	if c.result != nil {
		return nil
	}
	if c.pending {
		return pgerr.New(pgerr.FeatureNotSupported, "mutual recursion between WITH items is not implemented").At(c.def.Name.Pos)
	}
	c.pending = true
	var r *result
	var err error
	if c.def.DML != nil {
		r, err = b.bindDML(c)
	} else if c.scope == c.home.scope {
		r, err = b.recursiveCTE(c, c.home)
	} else if r, err = b.selectStmt(c.def.Query, c.scope, selOptions{}); err == nil && (c.def.Search != nil || c.def.Cycle != nil) {
		err = pgerr.New(pgerr.SyntaxError, "WITH query is not recursive").At(c.def.Name.Pos)
	}
	c.pending = false
	if err != nil {
		return err
	}
	if err := c.rename(r); err != nil {
		return err
	}
	c.result = r
	if c.part != nil {
		return nil
	}
	if b.volatileNode(r.node) {
		c.inline = false
	}
	if c.apart && c.free && !c.inline {
		c.part = b.newPart(c)
		c.part.Query = r.node
		for _, col := range r.cols {
			c.part.Cols = append(c.part.Cols, col.ID)
		}
		return nil
	}
	b.nextID++
	c.shared = &plan.With{ID: b.nextID, Name: c.def.Name.Name, Def: r.node}
	for _, col := range r.cols {
		c.shared.DefCols = append(c.shared.DefCols, col.ID)
	}
	return nil
}

// rename applies the column list of the WITH entry.
func (c *cte) rename(r *result) error {
	if len(c.columns) > len(r.cols) {
		return pgerr.New(pgerr.InvalidColumnReference, "WITH query \"%s\" has %d columns available but %d columns specified",
			c.def.Name.Name, len(r.cols), len(c.columns)).At(c.def.Name.Pos)
	}
	for i, id := range c.columns {
		r.cols[i].Name = id.Name
	}
	return nil
}

// findCTE looks a WITH name up along the levels.
func (s *scope) findCTE(name string) *cte {
	for l := s; l != nil; l = l.parent {
		if c := l.ctes[name]; c != nil {
			return c
		}
	}
	return nil
}

// forwardRef explains why a name that a later item of WITH has is not found.
func (s *scope) forwardRef(name string, err error) error {
	var e *pgerr.Error
	if !errors.As(err, &e) || e.Code != pgerr.UndefinedTable {
		return err
	}
	for l := s; l != nil; l = l.parent {
		if slices.Contains(l.future, name) {
			return e.WithDetail("There is a WITH item named \"%s\", but it cannot be referenced from this part of the query.", name).
				WithHint("Use WITH RECURSIVE, or re-order the WITH items to remove forward references.")
		}
	}
	return err
}

// cteRef gives the node and columns of a reference to a CTE.
func (b *binder) cteRef(c *cte, q *query, pos int32) (*result, error) {
	if c.rec != nil {
		q.recursive = true
		return b.workScan(c.rec, q), nil
	}
	if c.pending {
		return nil, pgerr.New(pgerr.InvalidRecursion, "recursive reference to query \"%s\" must not appear within its non-recursive term", c.def.Name.Name).At(pos)
	}
	if err := b.bindCTE(c); err != nil {
		return nil, err
	}
	if c.part != nil {
		return b.partRows(c, q, pos)
	}
	if c.inline && !c.taken {
		c.taken = true
		return c.result, nil
	}
	if c.inline {
		r, err := b.selectStmt(c.def.Query, c.scope, selOptions{})
		if err != nil {
			return nil, err
		}
		return r, c.rename(r)
	}
	c.refs++
	n := &plan.CTEScan{ID: c.shared.ID, Name: c.shared.Name, Def: c.shared}
	r := &result{node: n}
	for _, col := range c.result.cols {
		info := *b.meta.Col(col.ID)
		id := b.newCol(q, info)
		if f := b.recordFields[col.ID]; f != nil {
			b.recordFields[id] = f
		}
		n.Cols = append(n.Cols, id)
		r.cols = append(r.cols, OutCol{Name: col.Name, Type: col.Type, Mod: col.Mod, ID: id})
	}
	return r, nil
}

func (b *binder) workScan(rec *recursion, q *query) *result {
	n := &plan.WorkScan{ID: rec.id}
	r := &result{node: n}
	for _, col := range rec.cols {
		id := b.newCol(q, plan.ColInfo{Name: col.Name, Type: col.Type, Mod: col.Mod})
		n.Cols = append(n.Cols, id)
		r.cols = append(r.cols, OutCol{Name: col.Name, Type: col.Type, Mod: col.Mod, ID: id})
	}
	return r
}

// recursiveCTE binds base UNION [ALL] step.
func (b *binder) recursiveCTE(c *cte, q *query) (*result, error) {
	s := c.def.Query
	name := c.def.Name.Name
	inner := b.newQuery(&scope{parent: q.scope.parent, query: q.parent, ctes: q.scope.ctes})
	wrap, err := b.with(s.With, inner, s)
	if err != nil {
		return nil, err
	}
	base, err := b.selectStmt(s.L, inner.scope, selOptions{})
	if err != nil {
		return nil, err
	}
	if err := c.rename(base); err != nil {
		return nil, err
	}
	t, err := b.track(c, base.cols, inner)
	if err != nil {
		return nil, err
	}
	if t != nil {
		r, err := b.trackedCTE(c, t, base, inner)
		if err != nil {
			return nil, err
		}
		r.node = wrap(r.node)
		return r, nil
	}
	b.nextID++
	c.rec = &recursion{id: b.nextID, cols: base.cols}
	step, err := b.selectStmt(s.R, inner.scope, selOptions{keepUnknown: true})
	rec := c.rec
	c.rec = nil
	if err != nil {
		return nil, err
	}
	r, err := b.recursive(rec, base, step, s, inner, name)
	if err != nil {
		return nil, err
	}
	r.node = wrap(r.node)
	return r, nil
}

// recursive makes the node, its recursive term coerced to the base's types.
func (b *binder) recursive(rec *recursion, base, step *result, s *ast.Select, q *query, name string) (*result, error) {
	if len(base.cols) != len(step.cols) {
		return nil, pgerr.New(pgerr.SyntaxError, "each UNION query must have the same number of columns").At(firstTarget(s.R))
	}
	n := &plan.Recursive{ID: rec.id, Base: base.node, All: s.All}
	p := &plan.Project{In: step.node}
	out := &result{node: n}
	vals := b.armExprs(step)
	for i, col := range base.cols {
		pos := targetPos(s.R, i)
		ref := b.meta.Ref(col.ID)
		t, err := commonType([]plan.Expr{ref, vals[i]}, "UNION", []int32{targetPos(s.L, i), pos})
		if err != nil {
			return nil, err
		}
		if !types.Same(t, col.Type) {
			return nil, pgerr.New(pgerr.DatatypeMismatch, "recursive query \"%s\" column %d has type %s in non-recursive term but type %s overall",
				name, i+1, formatType(col.Type, col.Mod), formatType(t, types.NoMod)).
				WithHint("Cast the output of the non-recursive term to the correct type.").At(targetPos(s.L, i))
		}
		x, err := b.toCommon(vals[i], t, "UNION", pos)
		if err != nil {
			return nil, err
		}
		if !s.All && !hashable(t) {
			return nil, noEquality(t).At(pos)
		}
		mod := commonMod([]plan.Expr{ref, x}, t)
		if mod != col.Mod {
			return nil, pgerr.New(pgerr.DatatypeMismatch, "recursive query \"%s\" column %d has type %s in non-recursive term but type %s overall",
				name, i+1, formatType(col.Type, col.Mod), formatType(t, mod)).
				WithHint("Cast the output of the non-recursive term to the correct type.").At(targetPos(s.L, i))
		}
		id := b.newCol(q, plan.ColInfo{Name: col.Name, Type: t, Mod: x.Mod()})
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, x)
		n.BaseCols, n.StepCols = append(n.BaseCols, col.ID), append(n.StepCols, id)
		oid := b.newCol(q, plan.ColInfo{Name: col.Name, Type: t, Mod: mod})
		n.Cols = append(n.Cols, oid)
		out.cols = append(out.cols, OutCol{Name: col.Name, Type: t, Mod: mod, ID: oid})
	}
	n.Step = p
	return out, nil
}

// volatileNode tells whether a plan calls volatile functions.
func (b *binder) volatileNode(n plan.Node) bool {
	found := false
	plan.VisitNodes(n, func(n plan.Node) {
		for _, e := range n.Exprs() {
			found = found || plan.IsVolatile(e)
		}
	})
	return found
}
