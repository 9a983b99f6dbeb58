package exec

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

// oracle computes a plan from all rows of its relations: node by node, each over
// the rows of its inputs, by the model of package exec's batch tests where it has
// one and naively here.
type oracle struct {
	m     *model
	marks map[catalog.OID]int64
	clock int64
	ctes  map[int][]row
	next  catalog.OID
	meta  *plan.Meta
	// streams are those that the plan reads.
	streams []catalog.OID
}

func newOracle(meta *plan.Meta, rels map[catalog.OID][]row, marks map[catalog.OID]int64, clock int64) *oracle {
	o := &oracle{m: &model{rels: map[catalog.OID][]row{}}, marks: marks, clock: clock, ctes: map[int][]row{}, next: 1 << 20, meta: meta}
	for oid, rows := range rels {
		o.add(oid, rows)
	}
	return o
}

func (o *oracle) add(oid catalog.OID, rows []row) {
	for i, r := range rows {
		o.m.rels[oid] = append(o.m.rels[oid], append(row{types.NewInt(int64(i))}, r...))
	}
}

// stored makes a Scan of given rows.
func (o *oracle) stored(cols []plan.ColID, rows []row) plan.Node {
	o.next++
	o.add(o.next, rows)
	s := &plan.Scan{Rel: &catalog.Relation{OID: o.next, Kind: catalog.Table}, Cols: cols}
	for i := range cols {
		s.Attrs = append(s.Attrs, int16(i+1))
	}
	return s
}

func (o *oracle) query(n plan.Node) ([]row, error) {
	plan.VisitNodes(n, func(n plan.Node) {
		if s, ok := n.(*plan.Scan); ok && s.Rel.Kind == catalog.Stream {
			o.streams = append(o.streams, s.Rel.OID)
		}
	})
	return o.rows(n)
}

func (o *oracle) rows(n plan.Node) ([]row, error) {
	switch n := n.(type) {
	case *plan.CTEScan:
		return o.ctes[n.ID], nil
	case *plan.With:
		def, err := o.rows(n.Def)
		if err != nil {
			return nil, err
		}
		for _, r := range def {
			o.ctes[n.ID] = append(o.ctes[n.ID], pickCols(r, n.DefCols, n.Def.Out()))
		}
		return o.rows(n.Body)
	}
	cp := reflect.New(reflect.TypeOf(n).Elem())
	cp.Elem().Set(reflect.ValueOf(n).Elem())
	over := cp.Interface().(plan.Node)
	if s, ok := over.(*plan.SetOp); ok {
		s.Ins = slices.Clone(s.Ins)
	}
	var first []row
	for i, in := range n.Inputs() {
		rows, err := o.rows(in)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			first = rows
		}
		over.SetInput(i, o.stored(in.Out(), rows))
	}
	switch n := over.(type) {
	case *plan.Aggregate:
		return o.aggregate(n, first)
	case *plan.TimeFilter:
		return o.timeFilter(n, first), nil
	case *plan.FlatMap:
		if n.Gens[0].Hop == nil {
			return o.series(n, first), nil
		}
		return o.hop(n, first), nil
	case *plan.Session:
		return o.session(n, first), nil
	case *plan.Over:
		return o.over(n, first)
	}
	return o.m.run(over, nil)
}

func (o *oracle) timeFilter(n *plan.TimeFilter, rows []row) []row {
	clock := o.clock
	if n.Close {
		clock = math.MaxInt64
		for _, rel := range o.streams {
			clock = min(clock, o.marks[rel])
		}
		if clock == window.NoTime {
			return nil
		}
	}
	clock = saturated(clock, n.Shift)
	var out []row
	for _, r := range rows {
		in := true
		if n.From >= 0 {
			d := r[slices.Index(n.Out(), n.From)]
			in = in && !d.IsNull() && d.Int() <= clock
		}
		if n.Until >= 0 {
			d := r[slices.Index(n.Out(), n.Until)]
			in = in && !d.IsNull() && clock < d.Int()
		}
		if in {
			out = append(out, r)
		}
	}
	return out
}

func (o *oracle) hop(n *plan.FlatMap, rows []row) []row {
	var out []row
	for _, r := range rows {
		d, _ := o.m.eval(n.Gens[0].Args[0], (*scope)(nil).with(n.In.Out(), r))
		if d.IsNull() {
			out = append(out, append(slices.Clone(r), types.Null, types.Null))
			continue
		}
		spans, _ := n.Gens[0].Hop.Append(nil, d.Int())
		for _, w := range spans {
			out = append(out, append(slices.Clone(r), types.NewInt(w.Start), types.NewInt(w.End)))
		}
	}
	return out
}

// series is generate_series(1, x), with the ordinal if there is one.
func (o *oracle) series(n *plan.FlatMap, rows []row) []row {
	var out []row
	for _, r := range rows {
		d, _ := o.m.eval(n.Gens[0].Args[1], (*scope)(nil).with(n.In.Out(), r))
		add := func(k, ord types.Datum) {
			x := append(slices.Clone(r), k)
			if n.Ordinal >= 0 {
				x = append(x, ord)
			}
			out = append(out, x)
		}
		for k := int64(1); !d.IsNull() && k <= d.Int(); k++ {
			add(types.NewInt(k), types.NewInt(k))
		}
		if n.Outer && (d.IsNull() || d.Int() < 1) {
			add(types.Null, types.Null)
		}
	}
	return out
}

// over runs the batch operator, which is judged by PostgreSQL in its own tests.
func (o *oracle) over(n *plan.Over, rows []row) ([]row, error) {
	var ts []*types.Type
	for _, id := range n.In.Out() {
		ts = append(ts, o.meta.Col(id).Type)
	}
	run, err := newOverRun(n, n.In.Out(), ts, testEnv)
	if err != nil {
		return nil, err
	}
	var out []row
	err = run.each(context.Background(), &vec.Batch{Cols: vectorsOf(ts, rows), N: len(rows)}, func(b *vec.Batch) {
		for i := range b.N {
			var r row
			for c := range b.Cols {
				r = append(r, b.Cols[c].Datum(b.Row(i)))
			}
			out = append(out, r)
		}
	})
	return out, err
}

// session compares every row with every other of its partition, until no session
// grows any more.
func (o *oracle) session(n *plan.Session, rows []row) []row {
	at := slices.Index(n.In.Out(), n.Time)
	var out []row
	for _, r := range rows {
		if r[at].IsNull() {
			out = append(out, append(slices.Clone(r), types.Null, types.Null))
			continue
		}
		lo, hi := r[at].Int(), r[at].Int()
		for grew := true; grew; {
			grew = false
			for _, x := range rows {
				if x[at].IsNull() || !o.m.equal(pickCols(x, n.Partition, n.In.Out()), pickCols(r, n.Partition, n.In.Out())) {
					continue
				}
				if t := x[at].Int(); t > lo-n.Gap && t < hi+n.Gap && (t < lo || t > hi) {
					lo, hi, grew = min(lo, t), max(hi, t), true
				}
			}
		}
		out = append(out, append(slices.Clone(r), types.NewInt(lo), types.NewInt(hi+n.Gap)))
	}
	return out
}

// aggregate groups by comparing every row with every group, and feeds a fresh
// accumulator row by row.
func (o *oracle) aggregate(n *plan.Aggregate, rows []row) ([]row, error) {
	sets := n.Sets
	if sets == nil {
		sets = [][]int{nil}
		for i := range n.Groups {
			sets[0] = append(sets[0], i)
		}
	}
	var out []row
	for k, set := range sets {
		type group struct {
			key  row
			rows []row
		}
		var groups []*group
		if len(set) == 0 {
			groups = append(groups, &group{key: nulls(len(n.Groups))})
		}
		for _, r := range rows {
			key := nulls(len(n.Groups))
			for _, i := range set {
				key[i] = r[slices.Index(n.In.Out(), n.Groups[i])]
			}
			at := slices.IndexFunc(groups, func(g *group) bool { return o.m.equal(g.key, key) })
			if at < 0 {
				at = len(groups)
				groups = append(groups, &group{key: key})
			}
			groups[at].rows = append(groups[at].rows, r)
		}
		for _, g := range groups {
			x := slices.Clone(g.key)
			if n.Sets != nil {
				x = append(x, types.NewInt(int64(k)))
			}
			for i := range n.Aggs {
				d, err := o.agg(&n.Aggs[i], n.In.Out(), g.rows)
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

func (o *oracle) agg(a *plan.Agg, cols []plan.ColID, rows []row) (types.Datum, error) {
	site := funcs.Call{Func: a.Fn, Ret: a.Ret, Env: testEnv}
	for _, x := range a.Args {
		site.Args, site.Const = append(site.Args, x.Type()), append(site.Const, nil)
	}
	acc, err := site.BindAcc()
	if err != nil {
		return types.Null, err
	}
	acc.Grow(1)
	var args, keys []row
	for _, r := range rows {
		s := (*scope)(nil).with(cols, r)
		if a.Filter != nil {
			d, err := o.m.eval(a.Filter, s)
			if err != nil {
				return types.Null, err
			}
			if !isTrue(d) {
				continue
			}
		}
		x, err := o.m.list(a.Args, s)
		if err != nil {
			return types.Null, err
		}
		if a.Distinct && slices.ContainsFunc(args, func(y row) bool { return o.m.equal(x, y) }) {
			continue
		}
		key := row{}
		for _, k := range a.OrderBy {
			d, err := o.m.eval(k.X, s)
			if err != nil {
				return types.Null, err
			}
			key = append(key, d)
		}
		args, keys = append(args, x), append(keys, key)
	}
	perm := make([]int, len(args))
	for i := range perm {
		perm[i] = i
	}
	slices.SortStableFunc(perm, func(i, j int) int {
		for k, o := range a.OrderBy {
			var v vec.Vec
			v.Reset(o.X.Type().Kind, 0)
			v.AppendDatum(keys[i][k])
			v.AppendDatum(keys[j][k])
			if c := compareKey(&v, 0, 1, AggOrder{Type: o.X.Type(), Desc: o.Desc, NullsFirst: o.NullsFirst}); c != 0 {
				return c
			}
		}
		return 0
	})
	var bad vec.RowErrors
	ctx := &funcs.Ctx{Context: context.Background(), Env: testEnv, Bad: &bad}
	for _, i := range perm {
		cols := make([]*vec.Vec, len(args[i]))
		for k, d := range args[i] {
			cols[k] = &vec.Vec{}
			cols[k].Reset(a.Args[k].Type().Kind, 0)
			cols[k].AppendDatum(d)
		}
		acc.Add(ctx, []uint32{0}, cols, nil)
	}
	var res vec.Vec
	acc.Result(ctx, []uint32{0}, &res)
	if err := bad.First(); err != nil {
		return types.Null, err
	}
	return res.Datum(0), nil
}

// rowsBag is a list of rows as a bag. Values that are equal in SQL look alike.
func rowsBag(ts []*types.Type, rows []row) bag {
	b := bag{}
	for _, r := range rows {
		b.add(sqlText(ts, r), 1)
	}
	return b
}

func sqlText(ts []*types.Type, r row) string {
	var out []string
	for i, d := range r {
		switch {
		case d.IsNull():
			out = append(out, "NULL")
		case ts[i].Kind == types.Numer:
			out = append(out, trimZeros(ts[i].Text(types.DefaultEnv, d)))
		case ts[i].Kind == types.Float && d.Float() == 0:
			out = append(out, "0")
		default:
			out = append(out, ts[i].Text(types.DefaultEnv, d))
		}
	}
	return strings.Join(out, " | ")
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

func batchBag(b bag, ts []*types.Type) Emit {
	return func(d *vec.Batch) error {
		if len(d.Cols) != len(ts) {
			return fmt.Errorf("%d columns of %d", len(d.Cols), len(ts))
		}
		for i := range d.N {
			p := d.Row(i)
			r := row{}
			for c := range d.Cols {
				r = append(r, d.Cols[c].Datum(p))
			}
			b.add(sqlText(ts, r), d.Weight(p))
		}
		return nil
	}
}
