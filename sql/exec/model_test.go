package exec

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The model runs plans one row at a time, as their doc comments read.

type row = []types.Datum

// model is one run of a plan by the model.
type model struct {
	rels   map[catalog.OID][]row
	params row
	ctes   map[int][]row
	work   map[int][]row
}

// scope holds the values of columns.
type scope struct {
	up   *scope
	vals map[plan.ColID]types.Datum
}

func (s *scope) with(cols []plan.ColID, r row) *scope {
	n := &scope{up: s, vals: make(map[plan.ColID]types.Datum, len(cols))}
	for i, c := range cols {
		n.vals[c] = r[i]
	}
	return n
}

func (s *scope) get(id plan.ColID) types.Datum {
	for ; s != nil; s = s.up {
		if d, ok := s.vals[id]; ok {
			return d
		}
	}
	panic(fmt.Sprintf("column %d is not in scope", id))
}

// eval evaluates an expression for one row. Programs are tested in package expr.
func (m *model) eval(e plan.Expr, s *scope) (types.Datum, error) {
	var cols []plan.ColID
	var vals row
	for id := range plan.ReadsOf(e) {
		cols, vals = append(cols, id), append(vals, s.get(id))
	}
	b := expr.NewBinding(cols)
	b.SetOuter(vals)
	b.SetParams(m.params)
	p, err := expr.Compile(e, nil, &expr.CompileCtx{Bind: b, Subplan: func(q *plan.Subquery) (expr.Subplan, []*plan.Col, error) {
		return &modelSubplan{m, q, s}, nil, nil
	}})
	if err != nil {
		return types.Null, err
	}
	d, err := p.Datums(&funcs.Ctx{Context: context.Background(), Env: testEnv})
	if err != nil {
		return types.Null, err
	}
	return d[0], nil
}

var testEnv = &funcs.Env{}

// all evaluates a conjunction: true, false or NULL.
func (m *model) all(list []plan.Expr, s *scope) (types.Datum, error) {
	if len(list) == 0 {
		return types.NewBool(true), nil
	}
	return m.eval(plan.Conjunction(list), s)
}

func isTrue(d types.Datum) bool { return !d.IsNull() && d.Bool() }

// run gives the rows of a plan, in the order of n.Out().
func (m *model) run(n plan.Node, s *scope) ([]row, error) {
	switch n := n.(type) {
	case *plan.Scan:
		var out []row
		for _, r := range m.rels[n.Rel.OID] {
			if found, err := m.indexed(n, r, s); err != nil {
				return nil, err
			} else if !found {
				continue
			}
			var x row
			for _, a := range n.Attrs {
				x = append(x, r[a]) // 0: the row id
			}
			out = append(out, x)
		}
		return out, nil
	case *plan.Values:
		var out []row
		for _, r := range n.Rows {
			x, err := m.list(r, s)
			if err != nil {
				return nil, err
			}
			out = append(out, x)
		}
		return out, nil
	case *plan.Filter:
		return m.each(n.In, s, func(r row, s *scope) ([]row, error) {
			d, err := m.all(n.Preds, s)
			if err != nil || !isTrue(d) {
				return nil, err
			}
			return []row{r}, nil
		})
	case *plan.Project:
		return m.each(n.In, s, func(_ row, s *scope) ([]row, error) {
			x, err := m.list(n.Vals, s)
			return []row{x}, err
		})
	case *plan.Limit:
		return m.limit(n, s)
	case *plan.Join:
		return m.join(n.Kind, n.L, n.On, s, n.R, n.Method == plan.JoinIndex)
	case *plan.Apply:
		return m.join(n.Kind, n.L, n.On, s, n.R, true)
	case *plan.MaxOne:
		rows, err := m.run(n.In, s)
		if err == nil && len(rows) > 1 {
			err = errSecondRow
		}
		return rows, err
	}
	return m.runMore(n, s)
}

// indexed tells whether a row has the keys that an index scan looks for.
func (m *model) indexed(n *plan.Scan, r row, s *scope) (bool, error) {
	if n.Index == nil {
		return true, nil
	}
	for i, e := range n.Index.Eq {
		at := n.Index.Index.Index.Keys[i].Column
		d, err := m.eval(e, s)
		if err != nil || d.IsNull() || r[at].IsNull() || attrType(n.Rel, at).Compare(d, r[at]) != 0 {
			return false, err
		}
	}
	return true, nil
}

func (m *model) list(es []plan.Expr, s *scope) (row, error) {
	out := row{}
	for _, e := range es {
		d, err := m.eval(e, s)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func (m *model) each(in plan.Node, s *scope, fn func(r row, s *scope) ([]row, error)) ([]row, error) {
	rows, err := m.run(in, s)
	if err != nil {
		return nil, err
	}
	var out []row
	for _, r := range rows {
		x, err := fn(r, s.with(in.Out(), r))
		if err != nil {
			return nil, err
		}
		out = append(out, x...)
	}
	return out, nil
}

func (m *model) limit(n *plan.Limit, s *scope) ([]row, error) {
	rows, err := m.run(n.In, s)
	if err != nil {
		return nil, err
	}
	num := func(e plan.Expr, none int64) int64 {
		if e == nil {
			return none
		}
		d, err := m.eval(e, s)
		if err != nil || d.IsNull() {
			return none
		}
		return d.Int()
	}
	lo := min(num(n.Offset, 0), int64(len(rows)))
	hi := lo + min(num(n.Count, math.MaxInt64), int64(len(rows))-lo)
	for n.IsTies && hi > lo && hi < int64(len(rows)) {
		same := true
		for _, k := range n.Ties {
			i := slices.Index(n.In.Out(), k.X.(*plan.Col).ID)
			same = same && k.X.Type().Compare(rows[hi-1][i], rows[hi][i]) == 0
		}
		if !same {
			break
		}
		hi++
	}
	return rows[lo:hi], nil
}

func nulls(n int) row { return make(row, n) }

// join joins; dependent: the right side is run for each left row.
func (m *model) join(kind plan.JoinKind, l plan.Node, on []plan.Expr, s *scope, r plan.Node, dependent bool) ([]row, error) {
	left, err := m.run(l, s)
	if err != nil {
		return nil, err
	}
	var right []row
	if !dependent {
		if right, err = m.run(r, s); err != nil {
			return nil, err
		}
	}
	matched := make([]bool, len(right))
	var out []row
	for _, x := range left {
		ls := s.with(l.Out(), x)
		if dependent {
			if right, err = m.run(r, ls); err != nil {
				return nil, err
			}
			matched = make([]bool, len(right))
		}
		trues, null := 0, false
		for j, y := range right {
			d, err := m.all(on, ls.with(r.Out(), y))
			if err != nil {
				return nil, err
			}
			null = null || d.IsNull()
			if !isTrue(d) {
				continue
			}
			trues++
			matched[j] = true
			if kind == plan.Single && trues > 1 {
				return nil, errSecondRow
			}
			if kind < plan.Semi || kind == plan.Single {
				out = append(out, slices.Concat(x, y))
			}
		}
		switch {
		case (kind == plan.Left || kind == plan.Full || kind == plan.Single) && trues == 0:
			out = append(out, slices.Concat(x, nulls(len(r.Out()))))
		case kind == plan.Semi && trues > 0, kind == plan.Anti && trues == 0, kind == plan.NullAnti && trues == 0 && !null:
			out = append(out, x)
		case kind == plan.Mark:
			d := types.NewBool(trues > 0)
			if trues == 0 && null {
				d = types.Null
			}
			out = append(out, append(slices.Clone(x), d))
		}
	}
	for j, y := range right {
		if (kind == plan.Right || kind == plan.Full) && !matched[j] {
			out = append(out, slices.Concat(nulls(len(l.Out())), y))
		}
	}
	return out, nil
}

func (m *model) runMore(n plan.Node, s *scope) ([]row, error) {
	switch n := n.(type) {
	case *plan.Order:
		rows, err := m.run(n.In, s)
		slices.SortStableFunc(rows, func(a, b row) int { return m.compare(n.Keys, n.In.Out(), a, b) })
		return rows, err
	case *plan.DistinctRows:
		return m.distinct(n, s)
	case *plan.SetOp:
		return m.setOp(n, s)
	case *plan.With:
		rows, err := m.run(n.Def, s)
		if err != nil {
			return nil, err
		}
		m.ctes[n.ID] = arrange(rows, n.DefCols, n.Def.Out())
		return m.run(n.Body, s)
	case *plan.CTEScan:
		return m.ctes[n.ID], nil
	case *plan.WorkScan:
		return m.work[n.ID], nil
	case *plan.Recursive:
		return m.recursive(n, s)
	case *plan.Aggregate:
		return m.aggregate(n, s)
	case *plan.FlatMap:
		return m.each(n.In, s, func(r row, s *scope) ([]row, error) { return m.flatMap(n, r, s) })
	}
	return nil, fmt.Errorf("no model of %T", n)
}

func (m *model) distinct(n *plan.DistinctRows, s *scope) ([]row, error) {
	rows, err := m.run(n.In, s)
	on := n.On
	if on == nil {
		on = n.In.Out()
	}
	var out []row
	for i, r := range rows {
		dup := false
		before := out
		if n.On != nil {
			before = rows[max(0, i-1):i]
		}
		for _, p := range before {
			dup = dup || m.equal(pickCols(r, on, n.In.Out()), pickCols(p, on, n.In.Out()))
		}
		if !dup {
			out = append(out, r)
		}
	}
	return out, err
}

func pickCols(r row, cols, in []plan.ColID) row {
	out := row{}
	for _, c := range cols {
		out = append(out, r[slices.Index(in, c)])
	}
	return out
}

// equal compares rows by SQL equality, NULL with NULL.
func (m *model) equal(a, b row) bool {
	for i := range a {
		if a[i].IsNull() != b[i].IsNull() {
			return false
		}
		if !a[i].IsNull() && typeOf(a[i]).Compare(a[i], b[i]) != 0 {
			return false
		}
	}
	return true
}

// typeOf gives a type that values of a kind compare by.
func typeOf(d types.Datum) *types.Type {
	return map[types.Kind]*types.Type{
		types.Bool: types.TBool, types.Int: types.TInt8, types.Float: types.TFloat8, types.Numer: types.TNumeric,
		types.Inter: types.TInterval, types.Bytes: types.TText,
	}[d.Kind()]
}

func (m *model) setOp(n *plan.SetOp, s *scope) ([]row, error) {
	var ins [][]row
	for k, in := range n.Ins {
		rows, err := m.run(in, s)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			rows[i] = pickCols(rows[i], n.InCols[k], in.Out())
		}
		ins = append(ins, rows)
	}
	var out []row
	find := func(rows []row, r row) int {
		return slices.IndexFunc(rows, func(x row) bool { return m.equal(x, r) })
	}
	if n.Kind == plan.Union {
		for _, rows := range ins {
			for _, r := range rows {
				if n.All || find(out, r) < 0 {
					out = append(out, r)
				}
			}
		}
		return out, nil
	}
	right := slices.Clone(ins[1])
	for _, r := range ins[0] {
		at := find(right, r)
		if (at >= 0) == (n.Kind == plan.Intersect) && (n.All || find(out, r) < 0) {
			out = append(out, r)
		}
		if at >= 0 && n.All {
			right = slices.Delete(right, at, at+1)
		}
	}
	return out, nil
}

// compare compares rows by keys that are columns.
func (m *model) compare(keys []plan.SortKey, cols []plan.ColID, a, b row) int {
	for _, k := range keys {
		i := slices.Index(cols, k.X.(*plan.Col).ID)
		c := 0
		switch an, bn := a[i].IsNull(), b[i].IsNull(); {
		case an && bn:
		case an != bn && an == k.NullsFirst:
			c = -1
		case an != bn:
			c = 1
		default:
			if c = k.X.Type().Compare(a[i], b[i]); k.Desc {
				c = -c
			}
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// image spells a row so that equal images spell alike.
func image(r row) string {
	var b strings.Builder
	for _, d := range r {
		fmt.Fprintf(&b, "%v|", showDatum(d))
	}
	return b.String()
}

func showDatum(d types.Datum) string {
	switch d.Kind() {
	case types.KindNone:
		return "NULL"
	case types.Bool:
		return fmt.Sprint(d.Bool())
	case types.Int:
		return fmt.Sprint(d.Int())
	case types.Float:
		return fmt.Sprint(d.Float())
	case types.Numer:
		return types.TNumeric.Text(types.DefaultEnv, d)
	case types.Inter:
		return fmt.Sprint(d.Interval())
	}
	return fmt.Sprintf("%q", d.Str())
}

func images(rows []row, ordered bool) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = image(r)
	}
	if !ordered {
		slices.Sort(out)
	}
	return out
}

// drain reads a source to its end. After each batch the memory that was lent is
// overwritten where the test owns it.
func drain(src vec.Source) ([]row, error) {
	var out []row
	for {
		var b vec.Batch
		if err := src.Next(context.Background(), &b); err != nil {
			return out, err
		}
		if b.N == 0 {
			return out, nil
		}
		if b.N > vec.Size {
			return out, fmt.Errorf("batch of %d rows", b.N)
		}
		for i := range b.N {
			var r row
			for c := range b.Cols {
				r = append(r, b.Cols[c].Datum(b.Row(i)))
			}
			out = append(out, r)
		}
	}
}

// showPlan spells a plan for messages.
func showPlan(n plan.Node) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", n), "*plan.")
	switch n := n.(type) {
	case *plan.Scan:
		return fmt.Sprintf("scan%d%v", n.Rel.OID, n.Cols)
	case *plan.Join:
		name = fmt.Sprintf("join[kind %d, method %d, buildLeft %t]", n.Kind, n.Method, n.BuildLeft)
	case *plan.Apply:
		name = fmt.Sprintf("apply[kind %d]", n.Kind)
	}
	var args []string
	for _, e := range n.Exprs() {
		args = append(args, showExpr(e))
	}
	args = append(args, ";")
	for _, in := range n.Inputs() {
		args = append(args, showPlan(in))
	}
	return name + "(" + strings.Join(args, " ") + ")"
}

func showExpr(e plan.Expr) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", e), "*plan.")
	switch e := e.(type) {
	case *plan.Col:
		return fmt.Sprintf("c%d", e.ID)
	case *plan.Const:
		return showDatum(e.Val)
	case *plan.Param:
		return fmt.Sprintf("$%d", e.N)
	case *plan.Call:
		name = e.Fn.Name
	}
	var args []string
	for _, c := range e.Children() {
		args = append(args, showExpr(c))
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// modelSubplan runs a subquery of an expression by the model.
type modelSubplan struct {
	m *model
	q *plan.Subquery
	s *scope
}

func (p *modelSubplan) Value(context.Context, []types.Datum) (types.Datum, error) {
	rows, err := p.m.run(p.q.Plan, p.s)
	if err != nil {
		return types.Null, err
	}
	switch p.q.Kind {
	case plan.SubExists:
		return types.NewBool(len(rows) > 0), nil
	case plan.SubScalar, plan.SubRow:
		if len(rows) > 1 {
			return types.Null, errSecondRow
		}
		if len(rows) == 0 {
			return types.Null, nil
		}
		if p.q.Kind == plan.SubRow {
			var ts []*types.Type
			for range rows[0] {
				ts = append(ts, types.TInt8)
			}
			rec := types.Record{Types: ts, Vals: rows[0]}
			return types.NewString(rec.Encode()), nil
		}
		return rows[0][0], nil
	case plan.SubArray:
		var vals []types.Datum
		for _, r := range rows {
			vals = append(vals, r[0])
		}
		a := types.NewArray(p.q.Typ.Elem, vals)
		return types.NewString(a.Encode()), nil
	}
	all := p.q.Kind == plan.SubAll
	out := types.NewBool(all)
	for _, r := range rows {
		d, err := p.m.eval(p.q.Test, p.s.with(p.q.Plan.Out(), r))
		switch {
		case err != nil:
			return types.Null, err
		case d.IsNull():
			out = types.Null
		case d.Bool() != all:
			return types.NewBool(!all), nil
		}
	}
	return out, nil
}

func arrange(rows []row, cols, in []plan.ColID) []row {
	out := make([]row, len(rows))
	for i, r := range rows {
		out[i] = pickCols(r, cols, in)
	}
	return out
}
