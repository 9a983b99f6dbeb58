package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

func (c *circuitCompiler) join(n *plan.Join, want plan.ColSet) (flow, error) {
	reads := reading(want, n.On...)
	l, err := c.flow(n.L, reads)
	if err != nil {
		return flow{}, err
	}
	r, err := c.flow(n.R, reads)
	if err != nil {
		return flow{}, err
	}
	j := &joinPlan{c: c, plan: n, left: n.L, right: n.R, want: want}
	if n.Kind == plan.Right {
		j.left, j.right = n.R, n.L
	}
	j.grows = [2]bool{c.props.Of(j.left).AppendOnly, c.props.Of(j.right).AppendOnly}
	switch n.Kind {
	case plan.Right:
		return j.make(plan.Left, r, l, n.On)
	case plan.NullAnti:
		return j.nullAnti(l, c.share(r), n.On)
	case plan.Mark:
		c.types[n.MarkCol] = types.TBool
		return j.mark(c.share(l), c.share(r), n)
	}
	return j.make(n.Kind, l, r, n.On)
}

// joinPlan compiles a join of two plans, of which the columns in want are read.
type joinPlan struct {
	c           *circuitCompiler
	plan        *plan.Join
	left, right plan.Node
	grows       [2]bool // whether rows of the inputs only come
	want        plan.ColSet
}

// make compiles a join of a kind that DeltaJoin knows.
func (j *joinPlan) make(kind plan.JoinKind, l, r flow, on []plan.Expr) (flow, error) {
	keys, rest := splitOn(on, plan.SetOf(l.cols...), plan.SetOf(r.cols...))
	spec := JoinSpec{Kind: kind, Env: j.c.env, Bad: j.c.out.errs.add}
	var exprs [2][]plan.Expr
	for _, k := range keys {
		spec.KeyTypes, spec.NullSafe = append(spec.KeyTypes, k.typ), append(spec.NullSafe, k.nulls)
		exprs[0], exprs[1] = append(exprs[0], k.l), append(exprs[1], k.r)
	}
	reads := reading(j.want, rest...)
	nodes, flows := [2]plan.Node{j.left, j.right}, [2]flow{l, r}
	var bounds [2]*plan.Bound
	var out []plan.ColID
	var ins [2]stage
	for p := range flows {
		s := &spec.Sides[p]
		s.Expires, s.Grows = -1, j.grows[p]
		var expires plan.Expr
		if j.grows[0] && j.grows[1] {
			expires, bounds[p] = j.c.props.Expiry(nodes[p], nodes[1-p], on)
		}
		cols, in, err := j.side(s, flows[p], reads, exprs[p], expires)
		if err != nil {
			return flow{}, err
		}
		if ins[p] = in; p == 0 || kind != plan.Semi && kind != plan.Anti || len(rest) > 0 {
			out = append(out, cols...)
		}
	}
	if len(rest) > 0 {
		pred, err := expr.CompilePred(rest, expr.LayoutOf(out), j.c.cc)
		if err != nil {
			return flow{}, err
		}
		spec.Residual = pred
	}
	if kind == plan.Semi || kind == plan.Anti {
		out = out[:spec.Sides[0].Out]
	}
	return j.node(spec, bounds, out, ins)
}

func (j *joinPlan) node(spec JoinSpec, bounds [2]*plan.Bound, out []plan.ColID, ins [2]stage) (flow, error) {
	n := NewDeltaJoin(spec)
	for p, b := range bounds {
		if b == nil {
			continue
		}
		if err := j.c.advance(b, func(bound int64) { n.Advance(p, bound) }); err != nil {
			return flow{}, err
		}
	}
	return flow{j.c.node(j.plan, n, bounds[:], ins[0], ins[1]), out}, nil
}

// side lays out one input: the columns that are read above or by the residual
// condition, then what else is needed as keys or as the time of expiry. It gives
// the former.
func (j *joinPlan) side(s *JoinSide, f flow, reads plan.ColSet, keys []plan.Expr, expires plan.Expr) ([]plan.ColID, stage, error) {
	var cols []plan.ColID
	var vals []plan.Expr
	for _, id := range f.cols {
		if reads.Has(id) {
			cols = append(cols, id)
			vals = append(vals, &plan.Col{ID: id, Typ: j.c.types[id], TypMod: types.NoMod})
		}
	}
	s.Out = len(cols)
	place := func(e plan.Expr) int {
		i := slices.IndexFunc(vals, func(v plan.Expr) bool { return sameColumn(v, e) })
		if i < 0 {
			i = len(vals)
			vals = append(vals, e)
		}
		return i
	}
	for _, k := range keys {
		s.Keys = append(s.Keys, place(k))
	}
	if expires != nil {
		s.Expires = place(expires)
	}
	for _, v := range vals {
		s.Types = append(s.Types, v.Type())
	}
	in, err := j.c.columns(f, vals)
	return cols, in, err
}

// sameColumn tells whether two expressions are the same, or read the same column.
func sameColumn(a, b plan.Expr) bool {
	x, ok := a.(*plan.Col)
	y, ok2 := b.(*plan.Col)
	return ok && ok2 && x.ID == y.ID || a == b
}

// columns computes expressions, most of which are columns.
func (c *circuitCompiler) columns(f flow, vals []plan.Expr) (stage, error) {
	var ids []plan.ColID
	for _, v := range vals {
		if x, ok := v.(*plan.Col); ok {
			ids = append(ids, x.ID)
		}
	}
	if len(ids) == len(vals) {
		g, err := f.pick(ids)
		return g.stage, err
	}
	return c.compute(f, vals, false)
}

// nullAnti compiles the anti join of NOT IN, for which a condition that is NULL
// counts as a match.
//
// With one comparison x = y that may be NULL, it is three anti joins that each have
// a key: no row with y = x; if x is NULL no row at all; no row in which y is NULL.
// Any other condition is asked as such of every pair.
func (j *joinPlan) nullAnti(l flow, r *sharedFlow, on []plan.Expr) (flow, error) {
	if len(on) == 0 {
		return j.make(plan.Anti, l, r.use(), nil)
	}
	j.want = reading(j.want, on...) // the joins below read the condition's columns
	x, y, tight, ok := j.oneLoose(l, r.flow, on)
	if !ok {
		maybe := &plan.BoolTest{X: plan.Conjunction(on), Want: false, Not: true}
		return j.make(plan.Anti, l, r.use(), []plan.Expr{maybe})
	}
	f, err := j.make(plan.Anti, l, r.use(), on)
	if err != nil {
		return flow{}, err
	}
	j.grows[0] = false
	// Where x is not NULL the key is NULL, and matches nothing.
	one := &plan.Const{Val: types.NewInt(1), Typ: types.TInt4, TypMod: types.NoMod}
	none := &plan.Const{Typ: types.TInt4, TypMod: types.NoMod}
	when := func(cond plan.Expr) plan.Expr {
		return &plan.Case{Whens: []plan.When{{Cond: cond, Then: one}}, Else: none, Typ: types.TInt4, TypMod: types.NoMod}
	}
	yes := &plan.Or{Args: []plan.Expr{&plan.IsNull{X: y}, &plan.IsNull{X: y, Not: true}}} // true, and of the right side
	if f, err = j.make(plan.Anti, f, r.use(), append([]plan.Expr{intEqual(when(&plan.IsNull{X: x}), when(yes))}, tight...)); err != nil {
		return flow{}, err
	}
	all := &plan.Or{Args: []plan.Expr{&plan.IsNull{X: x}, &plan.IsNull{X: x, Not: true}}}
	return j.make(plan.Anti, f, r.use(), append([]plan.Expr{intEqual(when(all), when(&plan.IsNull{X: y}))}, tight...))
}

// intEqual is l = r of two integers.
func intEqual(l, r plan.Expr) plan.Expr {
	op := funcs.FindOperator("=", types.Int4OID, types.Int4OID)
	return &plan.Call{Fn: op.Func, Args: []plan.Expr{l, r}, Ret: types.TBool, RetMod: types.NoMod, Op: "="}
}

// oneLoose tells whether a condition is one comparison x = y that may be NULL, and
// keys that are never NULL.
func (j *joinPlan) oneLoose(l, r flow, on []plan.Expr) (x, y plan.Expr, tight []plan.Expr, ok bool) {
	left, right := plan.SetOf(l.cols...), plan.SetOf(r.cols...)
	for _, e := range on {
		for _, conj := range plan.Conjuncts(e) {
			k, isKey := asKey(conj, left, right)
			switch {
			case !isKey || !k.nulls && x != nil:
				return nil, nil, nil, false
			case k.nulls:
				tight = append(tight, conj)
			default:
				x, y = k.l, k.r
			}
		}
	}
	return x, y, tight, x != nil
}

// mark compiles a mark join from a semi join and the anti join of NOT IN: with T
// the rows for which the condition is true for some row, and F those for which it
// is false for all, the marked rows are
//
//	T with true + F with false + (all − T − F) with NULL
//
// A condition that is never NULL leaves none of the last, and F is a plain anti join.
func (j *joinPlan) mark(l, r *sharedFlow, n *plan.Join) (flow, error) {
	var cols []plan.ColID
	for _, id := range l.cols {
		if j.want.Has(id) {
			cols = append(cols, id)
		}
	}
	j.want = plan.SetOf(cols...)
	on, sure := certain(n.On)
	yes, err := j.make(plan.Semi, l.use(), r.use(), on)
	if err != nil {
		return flow{}, err
	}
	var no flow
	if sure {
		no, err = j.make(plan.Anti, l.use(), r.use(), on)
	} else {
		no, err = j.nullAnti(l.use(), r, n.On)
	}
	if err != nil {
		return flow{}, err
	}
	t, f := j.c.share(yes), j.c.share(no)
	u := &unionStage{}
	add := func(in flow, mark types.Datum, negative bool) {
		vals := make([]plan.Expr, 0, len(cols)+1)
		for _, id := range cols {
			vals = append(vals, &plan.Col{ID: id, Typ: j.c.types[id], TypMod: types.NoMod})
		}
		vals = append(vals, &plan.Const{Val: mark, Typ: types.TBool, TypMod: types.NoMod})
		s, e := j.c.compute(in, vals, false)
		if e != nil {
			err = e
		}
		if negative {
			s = &negStage{in: s}
		}
		pos := make([]int, len(vals))
		for i := range pos {
			pos[i] = i
		}
		u.ins, u.pos = append(u.ins, s), append(u.pos, pos)
	}
	add(t.use(), types.NewBool(true), false)
	add(f.use(), types.NewBool(false), false)
	if !sure {
		add(l.use(), types.Null, false)
		add(t.use(), types.Null, true)
		add(f.use(), types.Null, true)
	}
	return flow{u, append(cols, n.MarkCol)}, err
}
