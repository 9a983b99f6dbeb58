package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
)

// planGen draws plans over two tables and two streams.
type planGen struct {
	n      dice
	meta   plan.Meta
	tables []*catalog.Relation
	ctes   int
	// streams says that only streams are read.
	streams bool
}

var (
	tableCols  = []*types.Type{types.TInt8, types.TInt8, types.TNumeric, types.TText}
	streamCols = []*types.Type{types.TTimestamp, types.TInt8, types.TInt8}
)

const second = int64(1_000_000)

func newPlanGen(n dice) *planGen {
	g := &planGen{n: n}
	for i, oid := range []catalog.OID{1, 2, 3, 4} {
		r := &catalog.Relation{OID: oid, Kind: catalog.Table}
		cols := tableCols
		if i >= 2 {
			r.Kind, cols = catalog.Stream, streamCols
			r.Stream = &catalog.StreamDef{Time: 1}
		}
		for _, typ := range cols {
			r.Columns = append(r.Columns, catalog.Column{Type: typ})
		}
		g.tables = append(g.tables, r)
	}
	return g
}

func (g *planGen) col(t *types.Type) plan.ColID {
	return g.meta.Add(plan.ColInfo{Type: t, Mod: types.NoMod})
}

// of draws a column of a type among cols; nil when there is none.
func (g *planGen) of(t *types.Type, cols []plan.ColID) *plan.Col {
	var of []plan.ColID
	for _, c := range cols {
		if g.meta.Col(c).Type == t {
			of = append(of, c)
		}
	}
	if len(of) == 0 {
		return nil
	}
	return g.meta.Ref(of[g.n(len(of))])
}

func (g *planGen) scan() plan.Node {
	if g.streams {
		return scanOf(&g.meta, g.tables[2+g.n(2)])
	}
	if g.n(8) == 0 {
		return g.values()
	}
	return scanOf(&g.meta, g.tables[g.n(4)])
}

// plan draws a plan of at most that depth.
func (g *planGen) plan(depth int) plan.Node {
	if depth == 0 {
		return g.scan()
	}
	switch g.n(14) {
	case 0:
		return g.scan()
	case 12:
		return g.series(g.plan(depth - 1))
	case 13:
		return &plan.MaxOne{In: g.filter(g.plan(depth - 1))}
	case 1, 2:
		return g.filter(g.plan(depth - 1))
	case 3, 4:
		return g.project(g.plan(depth - 1))
	case 5, 6:
		return g.join(g.plan(depth-1), g.plan(depth-1))
	case 7, 8:
		return g.aggregate(g.plan(depth - 1))
	case 9:
		return &plan.DistinctRows{In: g.plan(depth - 1)}
	case 10:
		return g.setOp(g.plan(depth-1), g.plan(depth-1))
	}
	return g.with(depth)
}

// values draws a few constant rows.
func (g *planGen) values() plan.Node {
	v := &plan.Values{Cols: []plan.ColID{g.col(types.TInt8), g.col(types.TInt8)}}
	for range g.n(4) {
		r := []plan.Expr{g.small(), konst(types.TInt8, types.Null)}
		if g.n(2) == 0 {
			r[1] = g.small()
		}
		v.Rows = append(v.Rows, r)
	}
	if len(v.Rows) == 0 {
		v.Rows = [][]plan.Expr{{g.small(), g.small()}}
	}
	return v
}

// series gives for each row the numbers from 1 to one of its columns.
func (g *planGen) series(in plan.Node) plan.Node {
	f := funcs.FindFunc("generate_series", types.TInt8, types.TInt8)
	m := &plan.FlatMap{In: in, Ordinal: -1, Outer: g.n(2) == 0, Gens: []plan.Gen{
		{Fn: f, Args: []plan.Expr{int8Of(1), g.number(in.Out())}, Cols: []plan.ColID{g.col(types.TInt8)}}}}
	if g.n(2) == 0 {
		m.Ordinal = g.col(types.TInt8)
	}
	return m
}

// risky divides by a column on top of a plan: some rows fail.
func (g *planGen) risky(in plan.Node) plan.Node {
	p := &plan.Project{In: in, Cols: []plan.ColID{g.col(types.TInt8)}, Vals: []plan.Expr{op("/", int8Of(6), op("-", g.number(in.Out()), int8Of(3)))}}
	for _, id := range in.Out() {
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, g.meta.Ref(id))
	}
	return p
}

func (g *planGen) small() plan.Expr { return int8Of(int64(g.n(5))) }

// number draws an expression of type int8 that cannot fail.
func (g *planGen) number(cols []plan.ColID) plan.Expr {
	x := g.of(types.TInt8, cols)
	switch {
	case x == nil:
		return g.small()
	case g.n(3) == 0:
		return op("+", x, g.small())
	}
	return x
}

func (g *planGen) cond(cols []plan.ColID) plan.Expr {
	switch g.n(4) {
	case 0:
		return &plan.IsNull{X: g.number(cols), Not: g.n(2) == 0}
	case 1:
		return op("<", g.number(cols), g.number(cols))
	case 2:
		return op("<>", g.number(cols), g.small())
	}
	return &plan.Or{Args: []plan.Expr{op("=", g.number(cols), g.small()), op(">", g.number(cols), g.small())}}
}

func (g *planGen) filter(in plan.Node) plan.Node {
	if g.n(4) == 0 { // one that fails for some rows
		return &plan.Filter{In: in, Preds: []plan.Expr{op("<", op("/", int8Of(6), op("-", g.number(in.Out()), int8Of(3))), int8Of(4))}}
	}
	return &plan.Filter{In: in, Preds: []plan.Expr{g.cond(in.Out())}}
}

func (g *planGen) project(in plan.Node) plan.Node {
	p := &plan.Project{In: in}
	add := func(e plan.Expr) {
		p.Vals, p.Cols = append(p.Vals, e), append(p.Cols, g.col(e.Type()))
	}
	add(g.number(in.Out()))
	for _, id := range in.Out() {
		if g.n(3) > 0 {
			add(g.meta.Ref(id))
		}
	}
	if ts := g.of(types.TTimestamp, in.Out()); ts != nil && g.n(2) == 0 {
		add(binOf(ts, 10))
	}
	return p
}

// binOf is date_bin of that many seconds.
func binOf(ts plan.Expr, seconds int64) plan.Expr {
	f := funcs.FindFunc("date_bin", types.TInterval, types.TTimestamp, types.TTimestamp)
	return &plan.Call{Fn: f, Args: []plan.Expr{interval(seconds * second), ts, konst(types.TTimestamp, types.NewInt(0))}, Ret: types.TTimestamp, RetMod: types.NoMod}
}

func interval(n int64) plan.Expr {
	return konst(types.TInterval, types.NewInterval(types.Interval{Micros: n}))
}

func (g *planGen) join(l, r plan.Node) plan.Node {
	kinds := []plan.JoinKind{plan.Inner, plan.Inner, plan.Left, plan.Right, plan.Full, plan.Semi, plan.Anti, plan.NullAnti, plan.Mark, plan.Single}
	j := &plan.Join{Kind: kinds[g.n(len(kinds))], L: l, R: r}
	if j.Kind == plan.Mark {
		j.MarkCol = g.col(types.TBool)
	}
	for range g.n(3) {
		a, b := g.number(l.Out()), g.number(r.Out())
		if g.n(3) == 0 {
			o := funcs.FindOperator("=", types.Int8OID, types.Int8OID)
			j.On = append(j.On, &plan.Distinct{L: a, R: b, Eq: o.Func, Not: true})
		} else {
			j.On = append(j.On, op("=", a, b))
		}
	}
	if g.n(3) == 0 {
		j.On = append(j.On, op("<", g.number(l.Out()), g.number(r.Out())))
	}
	a, b := g.of(types.TTimestamp, l.Out()), g.of(types.TTimestamp, r.Out())
	if a != nil && b != nil {
		switch g.n(3) {
		case 0:
			j.On = append(j.On, op("=", a, b))
		case 1:
			j.On = append(j.On, op("<=", a, b), op("<=", b, op("+", a, interval(5*second))))
		}
	}
	return j
}

func (g *planGen) aggregate(in plan.Node) *plan.Aggregate {
	a := &plan.Aggregate{In: in}
	for _, id := range in.Out() {
		if g.n(3) == 0 {
			a.Groups = append(a.Groups, id)
		}
	}
	for range 1 + g.n(3) {
		a.Aggs = append(a.Aggs, g.agg(in.Out()))
	}
	a.GroupOut = a.Groups
	if len(a.Groups) > 0 && g.n(5) == 0 {
		a.GroupOut = nil
		for _, id := range a.Groups {
			a.GroupOut = append(a.GroupOut, g.col(g.meta.Col(id).Type))
		}
		a.SetCol = g.col(types.TInt4)
		a.Sets = [][]int{{}, {0}}
		if len(a.Groups) > 1 {
			a.Sets = append(a.Sets, []int{1}, []int{0, 1})
		}
	}
	return a
}

func (g *planGen) agg(cols []plan.ColID) plan.Agg {
	a := plan.Agg{}
	call := func(name string, ret *types.Type, arg plan.Expr) {
		a.Fn, a.Ret, a.Args = funcs.FindFunc(name, arg.Type()), ret, []plan.Expr{arg}
	}
	num := g.of(types.TNumeric, cols)
	if num == nil {
		num = &plan.Col{}
	}
	switch g.n(8) {
	case 0:
		a.Fn, a.Ret = funcs.FindFunc("count"), types.TInt8
	case 1:
		call("sum", types.TNumeric, g.number(cols))
		a.Distinct = g.n(3) == 0
	case 2:
		call("min", types.TInt8, g.number(cols))
	case 3:
		call("max", types.TInt8, g.number(cols))
	case 4:
		a.Fn, a.Ret, a.Args = funcs.FindFunc("count", types.TAny), types.TInt8, []plan.Expr{g.number(cols)}
		a.Distinct = g.n(2) == 0
	case 5:
		call("avg", types.TNumeric, g.number(cols))
	case 6:
		if num.Typ == nil {
			call("bit_or", types.TInt8, g.number(cols))
		} else {
			call("max", types.TNumeric, num)
		}
	case 7:
		x := g.number(cols)
		a.Fn, a.Ret, a.Args = funcs.FindFunc("array_agg", types.ByName("anynonarray")), types.TInt8.Array, []plan.Expr{x}
		a.OrderBy = []plan.SortKey{{X: x, Desc: g.n(2) == 0}}
		a.Distinct = g.n(3) == 0
	}
	if g.n(4) == 0 {
		a.Filter = g.cond(cols)
	}
	a.Col = g.col(a.Ret)
	return a
}

// setOp combines the int8 columns of two inputs.
func (g *planGen) setOp(l, r plan.Node) plan.Node {
	s := &plan.SetOp{Kind: plan.SetKind(g.n(3)), All: g.n(2) == 0, Ins: []plan.Node{l, r}}
	s.InCols = make([][]plan.ColID, 2)
	for range 1 + g.n(2) {
		s.Cols = append(s.Cols, g.col(types.TInt8))
		for k := range s.Ins {
			x := g.of(types.TInt8, s.Ins[k].Out())
			if x == nil { // make one
				p := &plan.Project{In: s.Ins[k]}
				for _, id := range s.Ins[k].Out() {
					p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, g.meta.Ref(id))
				}
				id := g.col(types.TInt8)
				p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, g.small())
				s.Ins[k], x = p, g.meta.Ref(id)
			}
			s.InCols[k] = append(s.InCols[k], x.ID)
		}
	}
	return s
}

// with reads a common table expression twice.
func (g *planGen) with(depth int) plan.Node {
	def := g.plan(depth - 1)
	g.ctes++
	w := &plan.With{ID: g.ctes, Def: def, DefCols: def.Out()}
	read := func() plan.Node {
		s := &plan.CTEScan{ID: w.ID, Def: w}
		for _, id := range w.DefCols {
			s.Cols = append(s.Cols, g.col(g.meta.Col(id).Type))
		}
		return s
	}
	if g.n(2) == 0 {
		w.Body = g.join(read(), read())
	} else {
		w.Body = g.setOp(read(), g.filter(read()))
	}
	return w
}

// windowed draws an aggregate by window of streams, on window close if asked.
func (g *planGen) windowed(closing bool) plan.Node {
	g.streams = true
	in := g.plan(g.n(2))
	ts := g.of(types.TTimestamp, in.Out())
	if ts == nil {
		in = g.scan()
		ts = g.of(types.TTimestamp, in.Out())
	}
	start, end := g.col(types.TTimestamp), g.col(types.TTimestamp)
	var win plan.Node
	if g.n(2) == 0 {
		iv := func(n int64) types.Interval { return types.Interval{Micros: n * second} }
		hop, err := window.NewHop(iv(5), iv(10), iv(0))
		if err != nil {
			panic(err)
		}
		win = &plan.FlatMap{In: in, Ordinal: -1, Gens: []plan.Gen{{Hop: hop, Args: []plan.Expr{ts}, Cols: []plan.ColID{start, end}}}}
	} else {
		p := &plan.Project{In: in, Cols: []plan.ColID{start, end}, Vals: []plan.Expr{binOf(ts, 10), tumbleEnd(ts, 10)}}
		for _, id := range in.Out() {
			p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, g.meta.Ref(id))
		}
		win = p
	}
	a := g.aggregate(win)
	a.Sets, a.Groups = nil, []plan.ColID{start, end}
	if k := g.of(types.TInt8, in.Out()); k != nil {
		a.Groups = append(a.Groups, k.ID)
	}
	a.GroupOut = a.Groups
	var top plan.Node = a
	if g.n(2) == 0 {
		top = &plan.Filter{In: a, Preds: []plan.Expr{g.cond(a.Out())}}
	}
	if closing && g.n(3) == 0 { // the end is known from the start
		a.Groups, a.GroupOut = slices.Delete(slices.Clone(a.Groups), 1, 2), slices.Delete(slices.Clone(a.Groups), 1, 2)
		if f, ok := top.(*plan.Filter); ok {
			f.Preds = []plan.Expr{g.cond(a.Out())}
		}
		end = g.col(types.TTimestamp)
		p := &plan.Project{In: top, Cols: []plan.ColID{end}, Vals: []plan.Expr{op("+", g.meta.Ref(start), interval(10*second))}}
		for _, id := range a.Out() {
			p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, g.meta.Ref(id))
		}
		top = p
	}
	if closing {
		top = &plan.TimeFilter{In: top, From: end, Until: -1, Window: -1, Close: true}
	}
	return top
}

// tumbleEnd is tumble_end of that many seconds, or date_bin and an interval.
func tumbleEnd(ts plan.Expr, seconds int64) plan.Expr {
	if f := funcs.FindFunc("tumble_end", types.TTimestamp, types.TInterval, types.TInterval); f != nil {
		return &plan.Call{Fn: f, Args: []plan.Expr{ts, interval(seconds * second), interval(0)}, Ret: types.TTimestamp, RetMod: types.NoMod}
	}
	return op("+", binOf(ts, seconds), interval(seconds*second))
}

// temporal draws a filter by the clock over a stream, and perhaps an aggregate of
// it.
func (g *planGen) temporal() plan.Node {
	g.streams = true
	in := g.scan()
	ts := g.of(types.TTimestamp, in.Out())
	f := &plan.TimeFilter{In: in, From: -1, Until: -1, Window: -1, Shift: int64(g.n(20)-10) * second}
	switch g.n(3) {
	case 0:
		f.From = ts.ID
	case 1:
		f.Until = ts.ID
	case 2:
		p := &plan.Project{In: in, Cols: []plan.ColID{g.col(types.TTimestamp)}, Vals: []plan.Expr{op("+", ts, interval(6*second))}}
		for _, id := range in.Out() {
			p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, g.meta.Ref(id))
		}
		f.In, f.From, f.Until = p, ts.ID, p.Cols[0]
	}
	if g.n(2) == 0 {
		return g.aggregate(f)
	}
	return f
}

// session draws sessions of a stream, or of a table by a time made of a number,
// and perhaps an aggregate of them.
func (g *planGen) session() plan.Node {
	var in plan.Node = scanOf(&g.meta, g.tables[2])
	ts := g.of(types.TTimestamp, in.Out())
	if g.n(2) == 0 {
		in = scanOf(&g.meta, g.tables[0])
		k := g.of(types.TInt8, in.Out())
		p := &plan.Project{In: in, Cols: []plan.ColID{g.col(types.TTimestamp)}}
		p.Vals = []plan.Expr{&plan.Case{Whens: []plan.When{{Cond: &plan.IsNull{X: k, Not: true}, Then: g.timeOf(k)}},
			Else: konst(types.TTimestamp, types.Null), Typ: types.TTimestamp, TypMod: types.NoMod}}
		for _, id := range in.Out() {
			p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, g.meta.Ref(id))
		}
		in, ts = p, g.meta.Ref(p.Cols[0])
	}
	s := &plan.Session{In: in, Time: ts.ID, Gap: int64(1+g.n(3)) * 4 * second, Start: g.col(types.TTimestamp), End: g.col(types.TTimestamp)}
	k := g.of(types.TInt8, in.Out())
	if g.n(2) == 0 {
		s.Partition = []plan.ColID{k.ID}
	}
	if g.n(2) == 0 {
		return s
	}
	a := g.aggregate(s)
	a.Sets, a.Groups = nil, append([]plan.ColID{s.Start, s.End}, s.Partition...)
	a.GroupOut = a.Groups
	if g.n(2) == 0 && len(g.props(a).Bounds) > 0 {
		return &plan.TimeFilter{In: a, From: s.End, Until: -1, Window: -1, Close: true}
	}
	return a
}

// top draws LIMIT and DISTINCT ON over a total order, and perhaps an aggregate of
// what passes.
func (g *planGen) top() plan.Node {
	in := g.plan(g.n(2))
	cols := slices.Clone(in.Out())
	for i := range cols {
		k := i + g.n(len(cols)-i)
		cols[i], cols[k] = cols[k], cols[i]
	}
	o := &plan.Order{In: in}
	for _, id := range cols {
		o.Keys = append(o.Keys, plan.SortKey{X: g.meta.Ref(id), Desc: g.n(2) == 0, NullsFirst: g.n(2) == 0})
	}
	var n plan.Node
	if g.n(3) == 0 {
		n = &plan.DistinctRows{In: o, On: cols[:1+g.n(len(cols))]}
	} else {
		l := &plan.Limit{In: o, Count: int8Of(int64(g.n(5)))}
		if g.n(2) == 0 {
			l.Offset = int8Of(int64(g.n(3)))
		}
		if l.IsTies = g.n(3) == 0; l.IsTies {
			o.Keys = o.Keys[:1]
			l.Ties, l.Offset = o.Keys, nil
		}
		n = l
		if g.n(3) == 0 && !l.IsTies {
			l.In = g.project(o)
			return l
		}
	}
	if g.n(2) == 0 {
		return g.aggregate(n)
	}
	return n
}

// over draws window functions over a total order within partitions.
func (g *planGen) over() plan.Node {
	in := g.plan(g.n(2))
	o := &plan.Over{In: in}
	for _, id := range in.Out() {
		if g.n(4) == 0 {
			o.Partition = append(o.Partition, id)
		}
	}
	for _, id := range in.Out() {
		o.OrderBy = append(o.OrderBy, plan.SortKey{X: g.meta.Ref(id), Desc: g.n(2) == 0, NullsFirst: g.n(2) == 0})
	}
	for range 1 + g.n(2) {
		c := plan.WinCall{Frame: plan.Frame{Mode: plan.FrameRows, Start: plan.UnboundedPreceding, End: plan.CurrentRow}}
		x := g.number(in.Out())
		switch g.n(4) {
		case 0:
			c.Fn, c.Ret = funcs.FindFunc("row_number"), types.TInt8
		case 1:
			c.Fn, c.Ret, c.Args = funcs.FindFunc("sum", types.TInt8), types.TNumeric, []plan.Expr{x}
		case 2:
			c.Fn, c.Ret, c.Args = funcs.FindFunc("lag", types.TAnyElement), types.TInt8, []plan.Expr{x}
		case 3:
			c.Fn, c.Ret, c.Args = funcs.FindFunc("ntile", types.TInt4), types.TInt4, []plan.Expr{konst(types.TInt4, types.NewInt(int64(g.n(4))))}
		}
		c.Col = g.col(c.Ret)
		o.Calls = append(o.Calls, c)
	}
	if g.n(2) == 0 {
		return &plan.Filter{In: o, Preds: []plan.Expr{&plan.IsNull{X: g.meta.Ref(o.Calls[0].Col), Not: true}}}
	}
	return o
}

func (g *planGen) props(n plan.Node) *plan.Props { return plan.NewDeriver(nil).Of(n) }

// timeOf is the time that is a number × 3 seconds.
func (g *planGen) timeOf(k *plan.Col) plan.Expr {
	var whens []plan.When
	for i := range int64(6) {
		whens = append(whens, plan.When{Cond: op("=", k, int8Of(i)), Then: konst(types.TTimestamp, types.NewInt(i*3*second))})
	}
	return &plan.Case{Whens: whens, Else: konst(types.TTimestamp, types.NewInt(0)), Typ: types.TTimestamp, TypMod: types.NoMod}
}
