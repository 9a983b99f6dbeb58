package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/consts"
	"github.com/streamsqld/streamsqld/sql/types"
)

// ViewQuery is the planned query of a materialized view.
type ViewQuery struct {
	*Query
	// Time is the number (1 …) of the column that tells when a row was final, for a
	// view that is emitted on window close; 0 when it is none of the columns.
	Time int16
}

// View plans the query of a materialized view: what cannot be maintained under it
// is refused when the circuit is compiled. With closing, a row is held back until
// the watermark reaches the end of its window (semantics §7).
func View(c *Context, s *ast.Select, closing bool) (*ViewQuery, error) {
	vc := *c
	vc.View = true
	b := newBinder(&vc)
	q, err := b.topSelect(s)
	if err != nil {
		return nil, err
	}
	for _, p := range b.parts {
		if p.Modify != nil {
			return nil, pgerr.New(pgerr.FeatureNotSupported, "materialized views must not use data-modifying statements in WITH")
		}
	}
	if len(b.params) > 0 {
		return nil, pgerr.New(pgerr.UndefinedParameter, "there is no parameter $%d", 1)
	}
	if q.Locks {
		return nil, pgerr.NotSupported("FOR UPDATE in a materialized view")
	}
	if q.Root, err = b.dropOrder(q.Root); err != nil {
		return nil, err
	}
	if err := consts.Check(q.Root, q.resultCols(), b.Env); err != nil {
		return nil, err
	}
	q.Root = b.optimize(q.Root)
	q.Root = b.keepRowOrder(q.Root)
	v := &ViewQuery{Query: q}
	if closing {
		return v, b.onClose(v, s)
	}
	return v, nil
}

// dropOrder drops an order at the top, which a view does not keep; one that a
// limit needs stays.
func (b *binder) dropOrder(n plan.Node) (plan.Node, error) {
	drop := func(o *plan.Order) plan.Node {
		b.notice(pgerr.Notice(pgerr.WarningCode, "the ORDER BY of a materialized view is not kept").
			WithHint("Put it into the queries that read the view."))
		return o.In
	}
	switch x := n.(type) {
	case *plan.Order:
		return drop(x), nil
	case *plan.Project:
		if o, ok := x.In.(*plan.Order); ok {
			x.In = drop(o)
		}
	}
	return n, nil
}

// onClose puts the filter on top that holds rows back.
func (b *binder) onClose(v *ViewQuery, s *ast.Select) error {
	t := &closeTracer{b: b, root: v.Root}
	at, end := -1, plan.Expr(nil)
	for i, c := range v.Cols {
		if e, isEnd := t.end(c.ID, v.Root); e != nil && (end == nil || isEnd) {
			at, end = i, e
			if isEnd {
				break
			}
		}
	}
	if end == nil {
		return pgerr.New(pgerr.FeatureNotSupported, "EMIT ON WINDOW CLOSE is not supported without a window column in the result").
			WithHint("Select window_start or window_end of TUMBLE, HOP or CUMULATE over a stream with a watermark, or group by date_trunc or date_bin of its event time.").At(s.EmitPos)
	}
	props := plan.NewDeriver(b.Env.Zone)
	if err := appendOnlyBelow(v.Root, props); err != nil {
		return err
	}
	if props.Of(v.Root).Bounds[v.Cols[at].ID] == nil {
		if watermarkBelow(v.Root, props) {
			return pgerr.New(pgerr.FeatureNotSupported, "EMIT ON WINDOW CLOSE is not supported by column \"%s\", which does not follow the watermark", v.Cols[at].Name).
				WithHint("Group by TUMBLE, HOP, CUMULATE, date_trunc or date_bin of the event time itself, in a time zone whose clocks are not put back across the beginning of a window.").At(s.EmitPos)
		}
		return pgerr.New(pgerr.FeatureNotSupported, "EMIT ON WINDOW CLOSE is not supported over an input without a watermark").
			WithHint("Declare one: CREATE STREAM … (…, WATERMARK FOR ts AS ts - INTERVAL '5 seconds').").At(s.EmitPos)
	}
	if c, ok := end.(*plan.Col); ok {
		v.Root = &plan.TimeFilter{In: v.Root, From: c.ID, Until: -1, Window: -1, Close: true}
		v.Time = int16(at + 1)
		return nil
	}
	id := b.meta.Add(plan.ColInfo{Name: "window_end", Type: end.Type(), Mod: types.NoMod})
	p := passThrough(b.meta, v.Root)
	p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, end)
	f := &plan.TimeFilter{In: p, From: id, Until: -1, Window: v.Cols[at].ID, Close: true}
	top := &plan.Project{In: f}
	for _, c := range v.Cols {
		top.Cols, top.Vals = append(top.Cols, c.ID), append(top.Vals, b.meta.Ref(c.ID))
	}
	v.Root = top
	return nil
}

// watermarkBelow tells whether a relation below has a watermark.
func watermarkBelow(n plan.Node, props *plan.Deriver) bool {
	if _, ok := n.(*plan.Scan); ok && len(props.Of(n).Bounds) > 0 {
		return true
	}
	return slices.ContainsFunc(n.Inputs(), func(in plan.Node) bool { return watermarkBelow(in, props) })
}

// appendOnlyBelow refuses what could change a window after it was emitted.
func appendOnlyBelow(n plan.Node, props *plan.Deriver) error {
	switch x := n.(type) {
	case *plan.Scan:
		if !props.Of(x).AppendOnly {
			what := "table"
			if x.Rel.Kind == catalog.MatView {
				what = "on-update view"
			}
			return pgerr.New(pgerr.FeatureNotSupported, "EMIT ON WINDOW CLOSE is not supported over %s \"%s\"", what, x.Rel.Name).
				WithHint("Its rows may change after a window has closed.")
		}
	case *plan.Join:
		if x.Kind != plan.Inner && x.Kind != plan.Semi {
			return pgerr.NotSupported("EMIT ON WINDOW CLOSE over an outer join")
		}
	case *plan.Aggregate:
		if !props.Of(x.In).AppendOnly {
			return pgerr.NotSupported("EMIT ON WINDOW CLOSE over an aggregate of an aggregate")
		}
	}
	for _, in := range n.Inputs() {
		if err := appendOnlyBelow(in, props); err != nil {
			return err
		}
	}
	return nil
}

// closeTracer finds out where a column comes from.
type closeTracer struct {
	b    *binder
	root plan.Node
}

// end gives when the window of a row ends, as an expression over the column; isEnd
// tells that the column is that. nil: the column is of no window.
func (t *closeTracer) end(id plan.ColID, n plan.Node) (e plan.Expr, isEnd bool) {
	step, ok := t.trace(id, n)
	if !ok {
		return nil, false
	}
	ref := t.b.meta.Ref(id)
	if step == nil {
		return ref, true
	}
	return step.after(ref), false
}

// windowLength is the length between a value that a window is known by and the
// window's end, on the clock of a zone ("": the session's).
type windowLength struct {
	types.Interval
	zone string
}

// after gives the end of the window that a value begins; nil when there is no such
// operator.
func (l *windowLength) after(ref plan.Expr) plan.Expr {
	if l.zone == "" || l.Months == 0 && l.Days == 0 {
		return plus(ref, l.Interval)
	}
	return atZone(l.zone, plus(atZone(l.zone, ref, types.TTimestamptz), l.Interval), types.TTimestamp)
}

func plus(x plan.Expr, v types.Interval) plan.Expr {
	o := funcs.FindOperator("+", x.Type().Underlying().OID, types.IntervalOID)
	if o == nil {
		return nil
	}
	return &plan.Call{Fn: o.Func, Op: "+", Ret: o.Ret, RetMod: types.NoMod, Pos: -1,
		Args: []plan.Expr{x, &plan.Const{Val: types.NewInterval(v), Typ: types.TInterval, TypMod: types.NoMod}}}
}

// atZone is x AT TIME ZONE zone.
func atZone(zone string, x plan.Expr, typ *types.Type) plan.Expr {
	fn := funcs.FindFunc("timezone", types.TText, typ)
	return &plan.Call{Fn: fn, Ret: fn.Ret, RetMod: types.NoMod, Pos: -1,
		Args: []plan.Expr{&plan.Const{Val: types.NewString(zone), Typ: types.TText, TypMod: types.NoMod}, x}}
}

// trace follows a column to what makes it: the length between its value and the
// window's end, nil when it is the end.
func (t *closeTracer) trace(id plan.ColID, n plan.Node) (length *windowLength, ok bool) {
	switch x := n.(type) {
	case *plan.Scan:
		closing := x.Rel.Kind == catalog.MatView && x.Rel.View.Emit == "window_close"
		for i, c := range x.Cols {
			if c == id && closing && x.Rel.View.Time == x.Attrs[i] {
				return nil, true
			}
		}
		return nil, false
	case *plan.Project:
		for i, c := range x.Cols {
			if c == id {
				return t.expr(x.Vals[i], x.In)
			}
		}
		return nil, false
	case *plan.FlatMap:
		for _, g := range x.Gens {
			if g.Hop != nil && g.Cols[1] == id {
				return nil, true
			}
			if h, isHop := g.Hop.(interface{ Size() int64 }); isHop && g.Cols[0] == id {
				return &windowLength{Interval: types.Interval{Micros: h.Size()}}, true
			}
		}
	case *plan.SetOp:
		return t.setOp(id, x)
	}
	for _, in := range n.Inputs() {
		if plan.SetOf(in.Out()...).Has(id) {
			return t.trace(id, in)
		}
	}
	return nil, false
}

// setOp traces a column through all inputs, which have to agree.
func (t *closeTracer) setOp(id plan.ColID, n *plan.SetOp) (length *windowLength, ok bool) {
	for i, in := range n.Ins {
		for j, c := range n.Cols {
			if c != id {
				continue
			}
			l, found := t.trace(n.InCols[i][j], in)
			if !found || i > 0 && (l == nil) != (length == nil) || i > 0 && l != nil && *l != *length {
				return nil, false
			}
			length = l
		}
	}
	return length, true
}

// expr traces an expression.
func (t *closeTracer) expr(e plan.Expr, in plan.Node) (*windowLength, bool) {
	switch e := e.(type) {
	case *plan.Col:
		return t.trace(e.ID, in)
	case *plan.Call:
		return callEnd(e)
	}
	return nil, false
}

// callEnd knows the functions that make windows.
func callEnd(c *plan.Call) (*windowLength, bool) {
	constant := func(i int) (types.Datum, bool) {
		if i >= len(c.Args) {
			return types.Null, false
		}
		if k, ok := c.Args[i].(*plan.Const); ok && !k.Val.IsNull() {
			return k.Val, true
		}
		return types.Null, false
	}
	switch c.Fn.Name {
	case "tumble_end":
		return nil, true
	case "tumble_start":
		if d, ok := constant(1); ok {
			return &windowLength{Interval: d.Interval()}, true
		}
	case "date_bin":
		if d, ok := constant(0); ok {
			return &windowLength{Interval: d.Interval()}, true
		}
	case "date_trunc":
		if d, ok := constant(0); ok {
			v, known := types.ParseUnit(d.Str()).Span()
			zone, _ := constant(2)
			if len(c.Args) > 2 && zone.IsNull() {
				return nil, false
			}
			l := &windowLength{Interval: v}
			if len(c.Args) > 2 {
				l.zone = zone.Str()
			}
			return l, known
		}
	}
	return nil, false
}

// Constants plans a row of expressions that read nothing, coerced to the types
// wanted.
func Constants(c *Context, list []ast.Expr, want []*types.Type) (plan.Node, *plan.Meta, error) {
	b := newBinder(c)
	n := &plan.Values{Rows: [][]plan.Expr{{}}}
	for i, e := range list {
		x, err := b.expr(e, &ectx{place: inExecute})
		if err != nil {
			return nil, nil, err
		}
		from := x.Type()
		if x, err = b.mustCoerce(x, want[i], types.NoMod, assignment, ast.Leftmost(e), func() *pgerr.Error {
			return pgerr.New(pgerr.DatatypeMismatch, "parameter $%d of type %s cannot be coerced to the expected type %s", i+1,
				formatType(from, types.NoMod), formatType(want[i], types.NoMod)).WithHint("You will need to rewrite or cast the expression.")
		}); err != nil {
			return nil, nil, err
		}
		n.Rows[0] = append(n.Rows[0], x)
		n.Cols = append(n.Cols, b.meta.Add(plan.ColInfo{Name: "?column?", Type: want[i], Mod: types.NoMod}))
	}
	if err := b.finishParams(); err != nil {
		return nil, nil, err
	}
	return n, b.meta, nil
}
