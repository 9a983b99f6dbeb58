package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// aggPlan is a plan.Aggregate as an Aggregate runs it: over the columns of its
// input, then those computed by extra, then, with grouping sets, the key columns
// as their set shows them and the number of the set (setsStage).
type aggPlan struct {
	in    []plan.ColID
	extra []plan.Expr
	made  []guardedExpr // what extra is made of
	spec  AggSpec
	// keys are the group columns' positions in the input.
	keys []int
	sets [][]bool // by set: which keys it has; nil without grouping sets
	out  []plan.ColID
}

// planAggregate makes the aggPlan of the wanted aggregates of n, whose input has
// the columns in. Mode, Time and Bad of the spec are left to the caller.
func planAggregate(n *plan.Aggregate, want plan.ColSet, in []plan.ColID, typeOf func(plan.ColID) *types.Type, env *funcs.Env) (*aggPlan, error) {
	p := &aggPlan{in: in}
	p.spec.Env, p.spec.Time = env, -1
	pos, err := positions(n.Groups, in)
	if err != nil {
		return nil, err
	}
	p.keys, p.out = pos, slices.Clone(n.GroupOut)
	for _, id := range n.Groups {
		p.spec.KeyTypes = append(p.spec.KeyTypes, typeOf(id))
	}
	if n.Sets != nil {
		p.out = append(p.out, n.SetCol)
		p.spec.KeyTypes = append(p.spec.KeyTypes, types.TInt4)
	}
	for i := range n.Aggs {
		a := &n.Aggs[i]
		if !want.Has(a.Col) {
			continue
		}
		c, err := p.call(a, env)
		if err != nil {
			return nil, err
		}
		p.spec.Calls, p.out = append(p.spec.Calls, c), append(p.out, a.Col)
	}
	p.group(n)
	return p, nil
}

// group says where the keys are: in the input, or behind everything else.
func (p *aggPlan) group(n *plan.Aggregate) {
	p.spec.Keys = p.keys
	if n.Sets == nil {
		if len(n.Groups) == 0 {
			p.spec.Pinned = [][]types.Datum{{}}
		}
		return
	}
	first := len(p.in) + len(p.extra)
	p.spec.Keys = nil
	for k := range len(p.keys) + 1 {
		p.spec.Keys = append(p.spec.Keys, first+k)
	}
	for i, s := range n.Sets {
		has := make([]bool, len(n.Groups))
		for _, k := range s {
			has[k] = true
		}
		p.sets = append(p.sets, has)
		if len(s) == 0 {
			key := make([]types.Datum, len(n.Groups)+1)
			key[len(n.Groups)] = types.NewInt(int64(i))
			p.spec.Pinned = append(p.spec.Pinned, key)
		}
	}
}

// call makes the AggCall of one aggregate.
func (p *aggPlan) call(a *plan.Agg, env *funcs.Env) (AggCall, error) {
	c := AggCall{Filter: -1, Distinct: a.Distinct, Ret: a.Ret}
	if a.Filter != nil {
		c.Filter = p.place(a.Filter, nil)
	}
	c.CountRows = a.Fn.Name == "count" && len(a.Args) == 0 && a.Filter == nil && !a.Distinct
	site := funcs.Call{Func: a.Fn, Ret: a.Ret, Variadic: a.Variadic, Env: env}
	args := slices.Clone(a.Args)
	if a.Fn.AggKind != 'n' { // what WITHIN GROUP sorts by are arguments
		for _, k := range a.OrderBy {
			args = append(args, k.X)
			site.Order = append(site.Order, funcs.SortKey{Desc: k.Desc, NullsFirst: k.NullsFirst})
		}
	}
	for _, x := range args {
		site.Args, site.Mods = append(site.Args, x.Type()), append(site.Mods, x.Mod())
		var val *types.Datum
		if k, ok := x.(*plan.Const); ok {
			val = &k.Val
		}
		site.Const = append(site.Const, val)
		c.Args = append(c.Args, p.place(x, a.Filter))
	}
	c.ArgTypes = site.Args
	c.New = site.BindAcc
	if a.User != nil {
		c.New = func() (funcs.Acc, error) { return newUserAcc(env, a.User, &site) }
	}
	if !c.CountRows {
		if _, err := c.New(); err != nil { // 0A000 now, not when rows come
			return c, err
		}
		c.Traits = a.Fn.Impl().Agg
	}
	if a.Fn.AggKind != 'n' && a.User != nil { // which sees the rows as they come
		return c, nil
	}
	if c.Traits.Ordered || c.Traits.Rounds || a.Fn.AggKind != 'n' {
		for _, k := range a.OrderBy {
			c.OrderBy = append(c.OrderBy, AggOrder{p.place(k.X, a.Filter), k.X.Type(), k.Desc, k.NullsFirst})
		}
	}
	return c, nil
}

// guardedExpr is an expression that is evaluated only for the rows that an
// aggregate's filter (nil: none) passes, as PostgreSQL does: sum(1/x) FILTER
// (WHERE x <> 0) does not fail.
type guardedExpr struct{ x, filter plan.Expr }

func (g guardedExpr) expr() plan.Expr {
	if g.filter == nil {
		return g.x
	}
	t, mod := g.x.Type(), g.x.Mod()
	return &plan.Case{Whens: []plan.When{{Cond: g.filter, Then: g.x}}, Else: &plan.Const{Typ: t, TypMod: mod}, Typ: t, TypMod: mod}
}

// place gives the column with the value of an expression.
func (p *aggPlan) place(x, filter plan.Expr) int {
	switch e := x.(type) {
	case *plan.Col:
		if i := slices.Index(p.in, e.ID); i >= 0 {
			return i
		}
	case *plan.Const:
		filter = nil
	}
	g := guardedExpr{x, filter}
	i := slices.Index(p.made, g)
	if i < 0 {
		i = len(p.made)
		p.made, p.extra = append(p.made, g), append(p.extra, g.expr())
	}
	return len(p.in) + i
}
