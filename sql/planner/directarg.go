package planner

import (
	"errors"
	"slices"
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// directArgs checks the direct arguments of ordered-set aggregates, which are the
// group's and so may read only what is grouped by. It gives the aggregates whose
// direct arguments differ between grouping sets, with the arguments over the
// group's columns.
func (r *regroup) directArgs() map[plan.ColID][]plan.Expr {
	if r.err != nil {
		return nil
	}
	out := map[plan.ColID][]plan.Expr{}
	for i := range r.q.aggs {
		a := &r.q.aggs[i]
		if a.Fn.AggKind == 'n' {
			continue
		}
		args := make([]plan.Expr, len(a.Args))
		for j, x := range a.Args {
			args[j] = r.expr(x)
		}
		var e *pgerr.Error
		if errors.As(r.err, &e) {
			r.err = e.WithDetail("Direct arguments of an ordered-set aggregate must use only grouped columns.")
			return nil
		}
		if r.q.groups.sets != nil {
			out[a.Col] = args
		}
	}
	return out
}

// directBySet makes an ordered-set aggregate show what its direct arguments are in
// each grouping set, where columns outside the set are NULL: one aggregate for each
// way in which they are, and a choice among them by the set.
func (a *assembly) directBySet(agg *plan.Aggregate, direct map[plan.ColID][]plan.Expr) error {
	var p *plan.Project
	for i := range a.q.aggs {
		args, ok := direct[a.q.aggs[i].Col]
		if !ok {
			continue
		}
		val, err := a.chooseBySet(agg, i, args)
		if err != nil {
			return err
		}
		if val == nil {
			continue
		}
		if p == nil {
			p = &plan.Project{In: agg}
		}
		shown := a.q.aggs[i].Col
		agg.Aggs[i].Col = a.b.newCol(a.q, *a.b.meta.Col(shown))
		val.Else = a.b.meta.Ref(agg.Aggs[i].Col)
		p.Cols, p.Vals = append(p.Cols, shown), append(p.Vals, val)
	}
	if p == nil {
		return nil
	}
	for _, id := range agg.Out() {
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, a.b.meta.Ref(id))
	}
	a.node = p
	return nil
}

// chooseBySet adds the aggregates for the sets that lack a column which args read,
// and gives the choice of them; nil if no set does.
func (a *assembly) chooseBySet(agg *plan.Aggregate, i int, args []plan.Expr) (*plan.Case, error) {
	made := map[string]plan.ColID{}
	var val *plan.Case
	for n, set := range agg.Sets {
		lacks, key := a.lacking(set, args)
		if len(lacks) == 0 {
			continue
		}
		id, ok := made[key]
		if !ok {
			one := agg.Aggs[i]
			one.Args = make([]plan.Expr, len(args))
			for j, x := range args {
				one.Args[j] = a.inSet(x, lacks, agg)
			}
			id = a.b.newCol(a.q, *a.b.meta.Col(one.Col))
			one.Col = id
			made[key] = id
			agg.Aggs = append(agg.Aggs, one)
		}
		if val == nil {
			val = &plan.Case{Typ: agg.Aggs[i].Ret, TypMod: types.NoMod}
		}
		cond, err := a.isSet(agg.SetCol, n)
		if err != nil {
			return nil, err
		}
		val.Whens = append(val.Whens, plan.When{Cond: cond, Then: a.b.meta.Ref(id)})
	}
	return val, nil
}

// lacking gives the columns of the group that args read and set has not, with a
// key that tells them from others.
func (a *assembly) lacking(set []int, args []plan.Expr) (plan.ColSet, string) {
	reads, lacks := plan.ColSet{}, plan.ColSet{}
	for _, x := range args {
		plan.Reads(x, reads)
	}
	key := ""
	for n, id := range a.q.groups.out {
		if reads.Has(id) && !slices.Contains(set, n) {
			lacks.Add(id)
			key += " " + strconv.Itoa(n)
		}
	}
	return lacks, key
}

// inSet rewrites an expression over the group's columns to one over the input's,
// with NULL for the columns that the set lacks.
func (a *assembly) inSet(x plan.Expr, lacks plan.ColSet, agg *plan.Aggregate) plan.Expr {
	return plan.Map(x, func(x plan.Expr) plan.Expr {
		c, ok := x.(*plan.Col)
		if !ok {
			return x
		}
		n := slices.Index(a.q.groups.out, c.ID)
		switch {
		case n < 0:
			return x
		case lacks.Has(c.ID):
			return &plan.Const{Val: types.Null, Typ: c.Typ, TypMod: c.TypMod}
		}
		return a.b.meta.Ref(agg.Groups[n])
	})
}

// isSet is the condition that a row is of grouping set n.
func (a *assembly) isSet(col plan.ColID, n int) (plan.Expr, error) {
	c := &plan.Const{Val: types.NewInt(int64(n)), Typ: types.TInt4, TypMod: types.NoMod}
	return a.b.op("pg_catalog", "=", a.b.meta.Ref(col), c, -1)
}
