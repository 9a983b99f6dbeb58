package planner

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// aggregate binds an aggregate call. It belongs to the query level of the
// innermost columns it reads (its own, if it reads none), and becomes a column
// of that level.
func (b *binder) aggregate(e *ast.FuncCall, bc *boundCall, c *ectx, direct int) (plan.Expr, error) {
	name := e.Name.String()
	if err := b.checkAggSyntax(e, bc.fn, name, direct); err != nil {
		return nil, err
	}
	if b.View && bc.fn.Impl() != nil && bc.fn.Impl().Agg.Sketch {
		return nil, pgerr.NotSupported("aggregate %s in a materialized view", name).At(e.Pos)
	}
	bc, user, err := b.userAggregate(bc, e.Pos)
	if err != nil {
		return nil, err
	}
	inner := *c
	inner.agg = true
	a := plan.Agg{User: user, Fn: bc.fn, Args: bc.args, Distinct: e.Distinct, Ret: bc.ret, Variadic: bc.variadic, Pos: e.Pos}
	if e.Filter != nil {
		x, err := b.expr(e.Filter, inner.within(inFilter))
		if err != nil {
			return nil, err
		}
		if a.Filter, err = b.toBoolean(x, "FILTER", ast.Leftmost(e.Filter)); err != nil {
			return nil, err
		}
	}
	if e.WithinGroup {
		a.Args = bc.args[:direct]
		sorted := bc.args[direct:]
		if bc.fn.AggKind == 'h' {
			if a.Args, sorted, err = b.hypothetical(e, a.Args, sorted); err != nil {
				return nil, err
			}
		}
		a.OrderBy, err = b.sortKeys(e.OrderBy, sorted)
	} else if e.OrderBy != nil {
		a.OrderBy, err = b.aggOrder(e, &a, &inner)
	}
	if err != nil {
		return nil, err
	}
	if e.Distinct {
		if err := b.checkDistinct(e, &a); err != nil {
			return nil, err
		}
	}
	q, err := b.aggLevel(&a, c, e.Pos)
	if err != nil {
		return nil, err
	}
	return q.addAgg(b, a), nil
}

// hypothetical gives each direct argument of a hypothetical-set aggregate the common
// type of it and of what it is ranked among: as many as there are of these, from
// behind (unify_hypothetical_args).
func (b *binder) hypothetical(e *ast.FuncCall, direct, sorted []plan.Expr) ([]plan.Expr, []plan.Expr, error) {
	direct, sorted = append([]plan.Expr(nil), direct...), append([]plan.Expr(nil), sorted...)
	first := len(direct) - len(sorted)
	if first < 0 {
		return direct, sorted, nil
	}
	for i := range sorted {
		pos := ast.Leftmost(e.Args[first+i])
		t, err := commonType([]plan.Expr{sorted[i], direct[first+i]}, "WITHIN GROUP", []int32{ast.Leftmost(e.OrderBy[i].X), pos})
		if err != nil {
			return nil, nil, err
		}
		if direct[first+i], err = b.toCommon(direct[first+i], t, "WITHIN GROUP", pos); err != nil {
			return nil, nil, err
		}
		if sorted[i], err = b.toCommon(sorted[i], t, "WITHIN GROUP", ast.Leftmost(e.OrderBy[i].X)); err != nil {
			return nil, nil, err
		}
	}
	return direct, sorted, nil
}

func (b *binder) checkAggSyntax(e *ast.FuncCall, f *funcs.Func, name string, direct int) error {
	switch {
	case f.AggKind != 'n' && !e.WithinGroup:
		return pgerr.New(pgerr.WrongObjectType, "WITHIN GROUP is required for ordered-set aggregate %s", name).At(e.Pos)
	case f.AggKind == 'n' && e.WithinGroup:
		return pgerr.New(pgerr.WrongObjectType, "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", name).At(e.Pos)
	case e.WithinGroup && e.Distinct:
		return pgerr.New(pgerr.FeatureNotSupported, "cannot use DISTINCT with WITHIN GROUP").At(e.Pos)
	case f.AggKind == 'n' && len(e.Args) == 0 && !e.Star:
		return pgerr.New(pgerr.WrongObjectType, "%s(*) must be used to call a parameterless aggregate function", name).At(e.Pos)
	case f.RetSet:
		return pgerr.New(pgerr.InvalidFunctionDefinition, "aggregates cannot return sets").At(e.Pos)
	}
	return nil
}

// sortKeys makes keys of expressions that are already bound.
func (b *binder) sortKeys(items []ast.SortItem, xs []plan.Expr) ([]plan.SortKey, error) {
	out := make([]plan.SortKey, len(items))
	for i, it := range items {
		x := xs[i]
		if x.Type().OID == types.UnknownOID {
			var err error
			if x, err = b.coerceType(x, types.TText, types.NoMod, implicit, ast.Leftmost(it.X)); err != nil {
				return nil, err
			}
		}
		desc, nullsFirst := it.Desc, it.NullsFirst
		if it.UsingOp != "" {
			switch it.UsingOp {
			case "<":
			case ">":
				desc = true
			default:
				return nil, pgerr.New(pgerr.WrongObjectType, "operator %s is not a valid ordering operator", it.UsingOp).
					WithHint("Ordering operators must be \"<\" or \">\" members of btree operator families.").At(it.Pos)
			}
		}
		if !ordered(x.Type()) {
			return nil, noOrder(x.Type()).At(ast.Leftmost(it.X))
		}
		out[i] = plan.SortKey{X: x, Desc: desc, NullsFirst: nullsFirst}
	}
	return out, nil
}

func noOrder(t *types.Type) *pgerr.Error {
	return pgerr.New(pgerr.UndefinedFunction, "could not identify an ordering operator for type %s", formatType(t, types.NoMod)).
		WithHint("Use an explicit ordering operator or modify the query.")
}

func noEquality(t *types.Type) *pgerr.Error {
	return pgerr.New(pgerr.UndefinedFunction, "could not identify an equality operator for type %s", formatType(t, types.NoMod))
}

// aggOrder binds ORDER BY within an aggregate. As in PostgreSQL an argument that
// is sorted by is the same expression after coercion.
func (b *binder) aggOrder(e *ast.FuncCall, a *plan.Agg, c *ectx) ([]plan.SortKey, error) {
	xs := make([]plan.Expr, len(e.OrderBy))
	for i, it := range e.OrderBy {
		x, err := b.expr(it.X, c)
		if err != nil {
			return nil, err
		}
		for j, arg := range e.Args {
			if j < len(a.Args) && sameSyntax(arg, it.X) {
				x = a.Args[j]
			}
		}
		xs[i] = x
	}
	return b.sortKeys(e.OrderBy, xs)
}

// checkDistinct checks agg(DISTINCT … ORDER BY …).
func (b *binder) checkDistinct(e *ast.FuncCall, a *plan.Agg) error {
	if len(a.Args) == 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "DISTINCT specified, but %s has no arguments", e.Name.String()).At(e.Pos)
	}
	for _, k := range a.OrderBy {
		found := false
		for _, x := range a.Args {
			found = found || plan.Equal(x, k.X)
		}
		if !found {
			return pgerr.New(pgerr.InvalidColumnReference, "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list").At(ast.Leftmost(e.OrderBy[0].X))
		}
	}
	for i, x := range a.Args {
		if !hashable(x.Type()) {
			return noEquality(x.Type()).At(ast.Leftmost(e.Args[i]))
		}
	}
	return nil
}

// aggLevel finds the query an aggregate belongs to, and checks that it may stand
// there.
func (b *binder) aggLevel(a *plan.Agg, c *ectx, pos int32) (*query, error) {
	reads := plan.ColSet{}
	for _, x := range a.Args {
		plan.Reads(x, reads)
	}
	for _, k := range a.OrderBy {
		plan.Reads(k.X, reads)
	}
	if a.Filter != nil {
		plan.Reads(a.Filter, reads)
	}
	q := c.q
	if len(reads) > 0 {
		q = nil
		for l := c.q; l != nil && q == nil; l = l.parent {
			for id := range reads {
				if b.owner[id] == l {
					q = l
					break
				}
			}
		}
		if q == nil {
			q = c.q
		}
	}
	if q == nil {
		return nil, notAllowed("aggregate functions", pgerr.GroupingError, c.place, pos)
	}
	for _, id := range reads.List() {
		if b.owner[id] != q {
			continue
		}
		if q.aggCols.Has(id) {
			return nil, pgerr.New(pgerr.GroupingError, "aggregate function calls cannot be nested").At(readPos(a.Args, id, q.aggPos[id]))
		}
		if q.winCols.Has(id) {
			return nil, pgerr.New(pgerr.GroupingError, "aggregate function calls cannot contain window function calls").At(pos)
		}
	}
	p := c.place
	if q != c.q {
		p = q.place
	}
	if !p.aggs {
		return nil, notAllowed("aggregate functions", pgerr.GroupingError, p, pos)
	}
	return q, nil
}

// readPos is where a column is read first in list; pos if that is not known.
func readPos(list []plan.Expr, id plan.ColID, pos int32) int32 {
	for _, x := range list {
		plan.Visit(x, func(x plan.Expr) bool {
			if c, ok := x.(*plan.Col); ok && c.ID == id && c.Pos >= 0 && pos >= 0 {
				pos, id = c.Pos, -1
			}
			return true
		})
	}
	return pos
}

// addAgg adds an aggregate to the query, or finds the same one.
func (q *query) addAgg(b *binder, a plan.Agg) plan.Expr {
	q.grouped = true
	key := plan.AggKey(&a)
	if id, ok := q.aggKeys[key]; ok && !isVolatileAgg(&a) {
		return b.refAt(id, a.Pos)
	}
	a.Col = b.newCol(q, plan.ColInfo{Name: a.Fn.Name, Type: a.Ret, Mod: types.NoMod})
	q.aggKeys[key] = a.Col
	q.aggCols.Add(a.Col)
	q.aggPos[a.Col] = a.Pos
	q.aggs = append(q.aggs, a)
	return b.refAt(a.Col, a.Pos)
}

func isVolatileAgg(a *plan.Agg) bool {
	for _, x := range a.Args {
		if plan.IsVolatile(x) {
			return true
		}
	}
	return false
}

// positionsOf tells where expressions are written.
func positionsOf(list []ast.Expr) []int32 {
	out := make([]int32, len(list))
	for i, e := range list {
		out[i] = ast.Leftmost(e)
	}
	return out
}

// groupingFunc is GROUPING(…); its arguments are matched with the grouping
// columns when the query is grouped.
func (b *binder) groupingFunc(e *ast.GroupingFunc, c *ectx) (plan.Expr, error) {
	if len(e.Args) > 31 {
		return nil, pgerr.New(pgerr.TooManyArguments, "GROUPING must have fewer than 32 arguments").At(e.Pos)
	}
	if c.q == nil || !c.place.aggs {
		return nil, notAllowed("grouping operations", pgerr.GroupingError, c.place, e.Pos)
	}
	args, err := b.exprs(e.Args, c)
	if err != nil {
		return nil, err
	}
	q := c.q
	found := false
	for l := c.q; l != nil && !found; l = l.parent {
		for _, a := range args {
			for id := range plan.ReadsOf(a) {
				if b.owner[id] == l {
					q, found = l, true
				}
			}
		}
	}
	if q != c.q && !q.place.aggs {
		return nil, notAllowed("grouping operations", pgerr.GroupingError, q.place, e.Pos)
	}
	q.grouped = true
	id := b.newCol(q, plan.ColInfo{Name: "grouping", Type: types.TInt4, Mod: types.NoMod})
	q.groupings = append(q.groupings, groupingCall{id: id, args: args, pos: positionsOf(e.Args)})
	q.aggCols.Add(id)
	return b.refAt(id, e.Pos), nil
}
