package rules

import (
	"sort"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// untie makes a join of an Apply. Its right side has no Applies that could have
// been untied: inner ones come first.
func (u *unnester) untie(a *plan.Apply) plan.Node {
	if (a.Kind == plan.Left || a.Kind == plan.Single) && len(a.On) == 0 && oneRow(a.R) {
		a.Kind = plan.Inner // nothing is ever padded
	}
	if len(u.ties(a)) == 0 {
		return joinOf(a)
	}
	switch r := a.R.(type) {
	case *plan.Filter:
		return u.untieFilter(a, r)
	case *plan.Project:
		if n := u.untieProject(a, r); n != nil {
			return n
		}
	case *plan.FlatMap:
		if n := u.untieFlatMap(a, r); n != nil {
			return n
		}
	case *plan.Order:
		a.R = r.In
		return u.untie(a)
	case *plan.MaxOne:
		if a.Kind == plan.Left || a.Kind == plan.Single {
			a.Kind, a.R = plan.Single, r.In
			return u.untie(a)
		}
	}
	if n := u.untieScalarAgg(a); n != nil {
		return n
	}
	if n := u.untieEqual(a); n != nil {
		return n
	}
	if n := u.untieDomain(a); n != nil {
		return n
	}
	return a
}

// oneRow tells plans that give exactly one row.
func oneRow(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return len(n.Groups) == 0 && n.Sets == nil
	case *plan.Values:
		return len(n.Rows) == 1
	case *plan.Project:
		return oneRow(n.In)
	case *plan.MaxOne:
		return oneRow(n.In)
	}
	return false
}

// ties lists the columns of the left that the right side reads, in order.
func (u *unnester) ties(a *plan.Apply) []plan.ColID { return common(plan.Outer(a.R), a.L.Out()) }

func common(s plan.ColSet, cols []plan.ColID) []plan.ColID {
	var out []plan.ColID
	for _, id := range cols {
		if s.Has(id) {
			out = append(out, id)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

func joinOf(a *plan.Apply) plan.Node {
	return &plan.Join{Kind: a.Kind, L: a.L, R: a.R, On: a.On, MarkCol: a.MarkCol}
}

// threeValued tells the joins in which a condition that is NULL is not the same
// as one that is false.
func threeValued(k plan.JoinKind) bool { return k == plan.Mark || k == plan.NullAnti }

// sure makes conditions that only admit rows: where it matters, NULL is false.
func sure(k plan.JoinKind, preds []plan.Expr) []plan.Expr {
	if !threeValued(k) {
		return preds
	}
	out := make([]plan.Expr, len(preds))
	for i, p := range preds {
		out[i] = &plan.BoolTest{X: p, Want: true}
	}
	return out
}

// untieFilter moves the right side's conditions into the join's.
func (u *unnester) untieFilter(a *plan.Apply, f *plan.Filter) plan.Node {
	a.On = append(append([]plan.Expr(nil), a.On...), sure(a.Kind, f.Preds)...)
	a.R = f.In
	return u.untie(a)
}

// untieProject moves a projection above the join, or into its condition where
// only that reads it.
func (u *unnester) untieProject(a *plan.Apply, p *plan.Project) plan.Node {
	if a.Kind != plan.Inner && tells(p) {
		return nil // only to be padded: it stays where it is
	}
	vals := map[plan.ColID]plan.Expr{}
	for i, id := range p.Cols {
		if plan.IsVolatile(p.Vals[i]) {
			return nil
		}
		vals[id] = p.Vals[i]
	}
	on := make([]plan.Expr, len(a.On))
	for i, e := range a.On {
		on[i] = substitute(e, vals)
	}
	switch a.Kind {
	case plan.Semi, plan.Anti, plan.NullAnti, plan.Mark:
		a.On, a.R = on, p.In
		return u.untie(a)
	case plan.Inner, plan.Left, plan.Single:
	default:
		return nil
	}
	top := &plan.Project{}
	for _, id := range a.L.Out() {
		top.Cols, top.Vals = append(top.Cols, id), append(top.Vals, u.Meta.Ref(id))
	}
	right := p.In
	var present plan.Expr
	for i, id := range p.Cols {
		v := p.Vals[i]
		if a.Kind != plan.Inner && !nullExtends(v, p.In) {
			if present == nil {
				right, present = u.present(right)
			}
			v = &plan.Case{
				Whens: []plan.When{{Cond: &plan.IsNull{X: present, Not: true}, Then: v}},
				Else:  &plan.Const{Typ: v.Type(), TypMod: v.Mod()}, Typ: v.Type(), TypMod: v.Mod(),
			}
		}
		top.Cols, top.Vals = append(top.Cols, id), append(top.Vals, v)
	}
	top.In = u.untie(&plan.Apply{Kind: a.Kind, L: a.L, R: right, On: on, MarkCol: -1})
	return top
}

// nullExtends tells whether v is NULL by itself where in's columns all are.
func nullExtends(v plan.Expr, in plan.Node) bool {
	c, ok := v.(*plan.Col)
	return ok && plan.SetOf(in.Out()...).Has(c.ID)
}

// tells tells a projection that does nothing but tell rows from padding (present).
func tells(p *plan.Project) bool {
	last := len(p.Cols) - 1
	for i, v := range p.Vals {
		c, ok := v.(*plan.Col)
		if i < last && (!ok || c.ID != p.Cols[i]) {
			return false
		}
	}
	k, ok := p.Vals[last].(*plan.Const)
	return ok && k.Typ == types.TBool && !k.Val.IsNull() && k.Val.Bool()
}

// present adds a column that is never NULL, to tell rows from padding: below
// filters, so that these can still be moved into the join.
func (u *unnester) present(in plan.Node) (plan.Node, plan.Expr) {
	if f, ok := in.(*plan.Filter); ok {
		below, e := u.present(f.In)
		return &plan.Filter{In: below, Preds: f.Preds}, e
	}
	id := u.Meta.Add(plan.ColInfo{Name: "present", Type: types.TBool, Mod: types.NoMod, NotNull: true})
	p := &plan.Project{In: in}
	for _, c := range in.Out() {
		p.Cols, p.Vals = append(p.Cols, c), append(p.Vals, u.Meta.Ref(c))
	}
	p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, trueConst())
	return p, u.Meta.Ref(id)
}

// untieFlatMap runs generators straight over the left side.
func (u *unnester) untieFlatMap(a *plan.Apply, f *plan.FlatMap) plan.Node {
	if a.Kind != plan.Inner && (a.Kind != plan.Left || len(a.On) > 0) {
		return nil
	}
	if v, ok := f.In.(*plan.Values); ok && len(v.Cols) == 0 && len(v.Rows) == 1 {
		f.In = a.L
		f.Outer = a.Kind == plan.Left
	} else if a.Kind == plan.Inner {
		f.In = u.untie(&plan.Apply{Kind: plan.Inner, L: a.L, R: f.In, MarkCol: -1})
	} else {
		return nil
	}
	if len(a.On) > 0 {
		return &plan.Filter{In: f, Preds: a.On}
	}
	return f
}

// untieScalarAgg handles the frequent case of a scalar aggregate over rows that
// are tied by equalities: it is computed per value of their inner sides, and
// joined; a left row without a group has the aggregate of no rows.
func (u *unnester) untieScalarAgg(a *plan.Apply) plan.Node {
	agg, ok := a.R.(*plan.Aggregate)
	if !ok || len(agg.Groups) > 0 || agg.Sets != nil || len(a.On) > 0 || a.Kind != plan.Left && a.Kind != plan.Inner && a.Kind != plan.Single {
		return nil
	}
	for _, g := range agg.Aggs {
		if len(common(readsAgg(&g), a.L.Out())) > 0 {
			return nil
		}
	}
	l := u.lifter(a)
	if !l.can(agg.In) {
		return nil
	}
	in := l.lift(agg.In)
	agg.In = in
	agg.Groups = append(agg.Groups, l.inner(0)...)
	agg.GroupOut = agg.Groups
	join := &plan.Join{Kind: plan.Left, L: a.L, R: agg, On: l.conditions(plan.Left), MarkCol: -1}
	return u.emptyAggs(join, agg.Aggs)
}

func readsAgg(a *plan.Agg) plan.ColSet {
	s := plan.ColSet{}
	for _, x := range a.Args {
		plan.Reads(x, s)
	}
	for _, k := range a.OrderBy {
		plan.Reads(k.X, s)
	}
	if a.Filter != nil {
		plan.Reads(a.Filter, s)
	}
	return s
}

// emptyAggs gives the aggregates that are not NULL for no rows that value where
// the join found no group. The columns keep their ids.
func (u *unnester) emptyAggs(in plan.Node, aggs []plan.Agg) plan.Node {
	none := map[plan.ColID]types.Datum{}
	for i := range aggs {
		if v, ok := overNoRows(&aggs[i]); ok {
			none[aggs[i].Col] = v
		}
	}
	if len(none) == 0 {
		return in
	}
	p := &plan.Project{In: in}
	for _, id := range in.Out() {
		var x plan.Expr = u.Meta.Ref(id)
		if v, ok := none[id]; ok {
			info := u.Meta.Col(id)
			x = &plan.Coalesce{Args: []plan.Expr{x, &plan.Const{Val: v, Typ: info.Type, TypMod: info.Mod}}, Typ: info.Type, TypMod: info.Mod}
		}
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, x)
	}
	return p
}

// overNoRows gives the value of an aggregate over no rows where that is not NULL:
// counts are 0, and a hypothetical row is the first and only one.
func overNoRows(a *plan.Agg) (types.Datum, bool) {
	switch a.Fn.Name {
	case "count", "regr_count", "approx_count_distinct":
		return types.NewInt(0), true
	}
	if a.Fn.AggKind != 'h' {
		return types.Datum{}, false
	}
	switch a.Fn.Name {
	case "rank", "dense_rank":
		return types.NewInt(1), true
	case "cume_dist":
		return types.NewFloat(1), true
	case "percent_rank":
		return types.NewFloat(0), true
	}
	return types.Datum{}, false
}

// untieEqual unties a right side whose ties are all equalities.
func (u *unnester) untieEqual(a *plan.Apply) plan.Node {
	l := u.lifter(a)
	if !l.can(a.R) {
		return nil
	}
	r := l.lift(a.R)
	return &plan.Join{Kind: a.Kind, L: a.L, R: r, On: append(append([]plan.Expr(nil), a.On...), l.conditions(a.Kind)...), MarkCol: a.MarkCol}
}
