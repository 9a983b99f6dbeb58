package exec

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Compile compiles a plan into what runs it once. The Source gives n.Out().
func Compile(rt *Runtime, n plan.Node) (vec.Source, error) {
	p, err := Prepare(rt, n)
	if err != nil {
		return nil, err
	}
	p.bind.SetParams(rt.Params)
	return single{p}, nil
}

// single is a plan that runs once.
type single struct{ p *Prepared }

// Next implements vec.Source.
func (s single) Next(ctx context.Context, out *vec.Batch) error { return s.p.root.Next(ctx, out) }

// Close implements vec.Source.
func (s single) Close() error { return s.p.Close() }

// rel is a compiled node: an operator and the columns it gives. These are
// columns of the node's Out, in any order, the wanted ones among them: what
// nobody above reads is left out.
type rel struct {
	operator
	cols []plan.ColID
}

// compiler compiles one plan, or the plan of one subquery.
type compiler struct {
	rt   *Runtime
	bind *expr.Binding
	cc   *expr.CompileCtx
	// types are those of all columns made by the nodes compiled so far, the
	// enclosing plans' included.
	types map[plan.ColID]*types.Type
	ctes  map[int]*cteStore
	work  map[int]*workTable
	// parts deals out the parts of a scan that several workers read; nil when the
	// scan is read whole.
	parts *dealer
	// builds are the build sides that the workers share, when parts is set.
	builds *sharedBuilds
	// owned are operators that no other operator closes: those of subqueries in
	// expressions.
	owned *[]operator
	// serial: nothing below may start goroutines (it runs often, or in a worker).
	serial bool
	// again: what is compiled runs again and again with other values of outer columns
	// or working tables.
	again bool
	// sieve is what the joins above say of columns.
	sieve sieve
	// conds are the conditions of the filter right above the scan that is compiled.
	conds []plan.Expr
}

func newCompiler(rt *Runtime) *compiler {
	c := &compiler{
		rt: rt, bind: expr.NewBinding(nil), types: map[plan.ColID]*types.Type{},
		ctes: map[int]*cteStore{}, work: map[int]*workTable{}, owned: new([]operator),
	}
	c.cc = &expr.CompileCtx{Env: rt.Env, Bind: c.bind, Subplan: c.subplan}
	return c
}

// rel compiles a node of which the columns in want are read, counted when
// statistics are wanted.
func (c *compiler) rel(n plan.Node, want plan.ColSet) (rel, error) {
	if works(n) && c.parallel(n) {
		return c.gather(n, want)
	}
	r, err := c.node(n, want)
	if err != nil || c.rt.Stats == nil {
		return r, err
	}
	return rel{&countedOp{in: r.operator, stats: c.rt.Stats.of(n)}, r.cols}, nil
}

// whole compiles a node so that it gives exactly the given columns.
func (c *compiler) whole(n plan.Node, cols []plan.ColID) (operator, error) {
	r, err := c.rel(n, plan.SetOf(cols...))
	if err != nil || slices.Equal(r.cols, cols) {
		return r.operator, err
	}
	p, err := c.pick(r, cols)
	return p.operator, err
}

func (c *compiler) node(n plan.Node, want plan.ColSet) (rel, error) {
	told := c.sieve
	c.sieve = told.below(n)
	r, err := c.nodeOf(n, want)
	c.sieve = told
	return r, err
}

func (c *compiler) nodeOf(n plan.Node, want plan.ColSet) (rel, error) {
	switch n := n.(type) {
	case *plan.Scan:
		return c.scan(n, want)
	case *plan.Values:
		return c.values(n)
	case *plan.Filter:
		return c.filter(n, want)
	case *plan.Project:
		return c.project(n, want)
	case *plan.Limit:
		return c.limit(n, want)
	case *plan.Join:
		return c.join(n, want)
	case *plan.Aggregate:
		return c.aggregate(n, want)
	case *plan.Over:
		return c.over(n, want)
	case *plan.LockRows:
		return c.lockRows(n, want)
	case *plan.TimeFilter:
		return c.timeFilter(n, want)
	case *plan.Session:
		return c.session(n, want)
	case *plan.DistinctRows:
		return c.distinct(n, want)
	case *plan.SetOp:
		return c.setOp(n, want)
	case *plan.FlatMap:
		return c.flatMap(n, want)
	case *plan.Apply:
		return c.apply(n, want)
	case *plan.With:
		return c.with(n, want)
	case *plan.CTEScan:
		return c.cteScan(n)
	case *plan.Recursive:
		return c.recursive(n)
	case *plan.WorkScan:
		return c.workScan(n)
	case *plan.Order:
		return c.order(n, want)
	case *plan.MaxOne:
		return c.maxOne(n, want)
	}
	return rel{}, pgerr.New(pgerr.InternalError, "plan node %T cannot be run", n)
}

// reading gives want and the columns that expressions read.
func reading(want plan.ColSet, list ...plan.Expr) plan.ColSet {
	out := make(plan.ColSet, len(want)+len(list))
	for id := range want {
		out.Add(id)
	}
	for _, e := range list {
		plan.Reads(e, out)
	}
	return out
}

// exprs compiles expressions over the output of in.
func (c *compiler) exprs(list []plan.Expr, in []plan.ColID) (program, error) {
	layout := expr.LayoutOf(in)
	p, err := expr.CompileAll(list, layout, c.cc)
	direct := make([]int, len(list))
	for i, e := range list {
		direct[i] = -1
		if x, ok := e.(*plan.Col); ok {
			if pos, ok := layout[x.ID]; ok {
				direct[i] = pos
			}
		}
	}
	return program{p, needs(list, layout), direct}, err
}

// needs gives the positions of the columns that the expressions read.
func needs(list []plan.Expr, layout expr.Layout) []int {
	reads := plan.ColSet{}
	for _, e := range list {
		plan.Reads(e, reads)
	}
	var need []int
	for id := range reads {
		if pos, ok := layout[id]; ok {
			need = append(need, pos)
		}
	}
	slices.Sort(need)
	return need
}

// kinds gives the physical kinds of columns.
func (c *compiler) kinds(cols []plan.ColID) []types.Kind {
	out := make([]types.Kind, len(cols))
	for i, id := range cols {
		out[i] = c.types[id].Kind
	}
	return out
}

// typesOf gives the types of columns.
func (c *compiler) typesOf(cols []plan.ColID) []*types.Type {
	out := make([]*types.Type, len(cols))
	for i, id := range cols {
		out[i] = c.types[id]
	}
	return out
}

// define notes the types of columns that a node makes.
func (c *compiler) define(cols []plan.ColID, ts []*types.Type) {
	for i, id := range cols {
		c.types[id] = ts[i]
	}
}

// positions gives where columns are in a list of columns.
func positions(cols, in []plan.ColID) ([]int, error) {
	layout := expr.LayoutOf(in)
	out := make([]int, len(cols))
	for i, id := range cols {
		pos, ok := layout[id]
		if !ok {
			return nil, pgerr.New(pgerr.InternalError, "column %d is not available", id)
		}
		out[i] = pos
	}
	return out, nil
}

// volatile tells whether evaluating e has effects or varies: such an expression
// is computed even where nobody reads it.
func volatile(e plan.Expr) bool {
	found := false
	plan.Visit(e, func(x plan.Expr) bool {
		switch x := x.(type) {
		case *plan.Call:
			found = found || x.Fn.Volatility == funcs.Volatile
		case *plan.Subquery:
			found = found || volatilePlan(x.Plan)
		}
		return !found
	})
	return found
}

func volatilePlan(n plan.Node) bool {
	found := false
	plan.VisitNodes(n, func(n plan.Node) {
		for _, e := range n.Exprs() {
			found = found || volatile(e)
		}
		if f, ok := n.(*plan.FlatMap); ok {
			for _, g := range f.Gens {
				found = found || g.Fn != nil && g.Fn.Volatility == funcs.Volatile
			}
		}
	})
	return found
}

// varies tells whether running the plan again may give other rows though the
// stored data and the parameters are the same: it reads outer columns or working
// tables, or is volatile.
func (c *compiler) varies(n plan.Node) bool {
	return len(plan.Outer(n)) > 0 || volatilePlan(n) || c.usesWork(n)
}

// usesWork tells whether a plan reads working tables.
func (c *compiler) usesWork(n plan.Node) bool {
	found := false
	plan.VisitNodes(n, func(n plan.Node) {
		switch n := n.(type) {
		case *plan.WorkScan:
			found = true
		case *plan.CTEScan:
			found = found || n.Def != nil && c.varies(n.Def.Def)
		}
	})
	return found
}
