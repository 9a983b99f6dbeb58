package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

func (m *model) recursive(n *plan.Recursive, s *scope) ([]row, error) {
	var out []row
	fresh := func(rows []row) []row {
		var keep []row
		for _, r := range rows {
			if n.All || !slices.ContainsFunc(out, func(x row) bool { return m.equal(x, r) }) {
				out, keep = append(out, r), append(keep, r)
			}
		}
		return keep
	}
	rows, err := m.run(n.Base, s)
	if err != nil {
		return nil, err
	}
	work := fresh(arrange(rows, n.BaseCols, n.Base.Out()))
	for len(work) > 0 {
		m.work[n.ID] = work
		if rows, err = m.run(n.Step, s); err != nil {
			return nil, err
		}
		work = fresh(arrange(rows, n.StepCols, n.Step.Out()))
	}
	return out, nil
}

func (m *model) flatMap(n *plan.FlatMap, r row, s *scope) ([]row, error) {
	var gens [][]row
	longest := 0
	for _, g := range n.Gens {
		var rows []row
		args, err := m.list(g.Args, s)
		if err != nil {
			return nil, err
		}
		switch {
		case g.Scalar != nil:
			d, err := m.eval(g.Scalar, s)
			if err != nil {
				return nil, err
			}
			rows = []row{{d}}
		case g.Hop != nil && args[0].IsNull():
			rows = []row{{types.Null, types.Null}}
		case g.Hop != nil:
			spans, ok := g.Hop.Append(nil, args[0].Int())
			if !ok {
				return nil, errTimeRange
			}
			for _, w := range spans {
				rows = append(rows, row{types.NewInt(w.Start), types.NewInt(w.End)})
			}
		default: // generate_series(int8, int8)
			if !args[0].IsNull() && !args[1].IsNull() {
				for i := args[0].Int(); i <= args[1].Int(); i++ {
					rows = append(rows, row{types.NewInt(i)})
				}
			}
		}
		gens, longest = append(gens, rows), max(longest, len(rows))
	}
	if longest == 0 && n.Outer {
		longest = 1
	}
	var out []row
	for k := range longest {
		x := slices.Clone(r)
		for i, g := range n.Gens {
			if k < len(gens[i]) {
				x = append(x, gens[i][k]...)
			} else {
				x = append(x, nulls(len(g.Cols))...)
			}
		}
		if n.Ordinal >= 0 {
			x = append(x, types.NewInt(int64(k+1)))
		}
		out = append(out, x)
	}
	return out, nil
}

func (m *model) aggregate(n *plan.Aggregate, s *scope) ([]row, error) {
	rows, err := m.run(n.In, s)
	if err != nil {
		return nil, err
	}
	sets := n.Sets
	if sets == nil {
		sets = [][]int{seq(len(n.Groups))}
	}
	var out []row
	for k, set := range sets {
		var keys []row
		var groups [][]row
		if len(set) == 0 {
			keys, groups = []row{nulls(len(n.Groups))}, [][]row{nil}
		}
		for _, r := range rows {
			key := nulls(len(n.Groups))
			all := pickCols(r, n.Groups, n.In.Out())
			for _, g := range set {
				key[g] = all[g]
			}
			at := slices.IndexFunc(keys, func(x row) bool { return m.equal(x, key) })
			if at < 0 {
				at = len(keys)
				keys, groups = append(keys, key), append(groups, nil)
			}
			groups[at] = append(groups[at], r)
		}
		for i, key := range keys {
			x := slices.Clone(key)
			if n.Sets != nil {
				x = append(x, types.NewInt(int64(k)))
			}
			for j := range n.Aggs {
				d, err := m.agg(&n.Aggs[j], n.In.Out(), groups[i], s)
				if err != nil {
					return nil, err
				}
				x = append(x, d)
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// agg computes count, sum of int4, min and max, array_agg of int8, bool_and.
func (m *model) agg(a *plan.Agg, cols []plan.ColID, rows []row, s *scope) (types.Datum, error) {
	var in []row // arguments, then sort keys
	for _, r := range rows {
		sc := s.with(cols, r)
		if a.Filter != nil {
			d, err := m.eval(a.Filter, sc)
			if err != nil {
				return types.Null, err
			}
			if !isTrue(d) {
				continue
			}
		}
		list := slices.Clone(a.Args)
		for _, k := range a.OrderBy {
			list = append(list, k.X)
		}
		x, err := m.list(list, sc)
		if err != nil {
			return types.Null, err
		}
		if a.Distinct && slices.ContainsFunc(in, func(y row) bool { return m.equal(x[:len(a.Args)], y[:len(a.Args)]) }) {
			continue
		}
		in = append(in, x)
	}
	keys := a.OrderBy
	if a.Distinct {
		for i := range a.Args {
			keys = append(keys[:len(keys):len(keys)], plan.SortKey{X: &plan.Col{ID: plan.ColID(i), Typ: a.Args[i].Type()}})
		}
	}
	slices.SortStableFunc(in, func(x, y row) int {
		for i, k := range keys {
			at := len(a.Args) + i
			if i >= len(a.OrderBy) {
				at = i - len(a.OrderBy)
			}
			one := plan.SortKey{X: &plan.Col{ID: 0, Typ: k.X.Type()}, Desc: k.Desc, NullsFirst: k.NullsFirst}
			if c := m.compare([]plan.SortKey{one}, []plan.ColID{0}, row{x[at]}, row{y[at]}); c != 0 {
				return c
			}
		}
		return 0
	})
	return fold(a, in)
}

func fold(a *plan.Agg, in []row) (types.Datum, error) {
	out, n, sum := types.Null, int64(0), int64(0)
	var vals []types.Datum
	for _, x := range in {
		if len(a.Args) == 0 {
			n++
			continue
		}
		d := x[0]
		vals = append(vals, d)
		if d.IsNull() {
			continue
		}
		n++
		sum += d.Int()
		c := -1
		if !out.IsNull() {
			c = a.Args[0].Type().Compare(d, out)
		}
		switch {
		case out.IsNull(), a.Fn.Name == "min" && c < 0, a.Fn.Name == "max" && c > 0:
			out = d
		case a.Fn.Name == "bool_and":
			out = types.NewBool(out.Bool() && d.Bool())
		}
	}
	switch a.Fn.Name {
	case "count":
		return types.NewInt(n), nil
	case "sum":
		if n == 0 {
			return types.Null, nil
		}
		return types.NewInt(sum), nil
	case "array_agg":
		if len(vals) == 0 {
			return types.Null, nil
		}
		arr := types.NewArray(types.TInt8, vals)
		return types.NewString(arr.Encode()), nil
	}
	return out, nil
}
