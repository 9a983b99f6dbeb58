package exec

import (
	"context"
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

// boundEval computes a plan.Bound from the watermarks of a step.
type boundEval struct {
	env   *funcs.Env
	terms []boundTerm
}

// boundTerm is a term with its last value.
type boundTerm struct {
	input int
	steps []boundStep
	mark  int64
	value int64
}

// boundStep makes one value of another.
type boundStep struct {
	prog *expr.Prog
	hop  window.Assigner
	end  bool
}

// boundEval compiles a bound.
func (c *circuitCompiler) boundEval(b *plan.Bound) (*boundEval, error) {
	e := &boundEval{env: c.env}
	for _, t := range b.Terms {
		term := boundTerm{input: c.inputs[t.Rel], mark: window.NoTime, value: minTime}
		for _, s := range t.Steps {
			step := boundStep{hop: s.Hop, end: s.End}
			if s.Hop == nil {
				var err error
				if step.prog, err = expr.Compile(s.Expr, expr.Layout{s.Arg: 0}, c.cc); err != nil {
					return nil, err
				}
			}
			term.steps = append(term.steps, step)
		}
		e.terms = append(e.terms, term)
	}
	return e, nil
}

// value gives the bound, minTime when nothing is known.
func (e *boundEval) value(in *StepInput) int64 {
	least := int64(math.MaxInt64)
	for i := range e.terms {
		t := &e.terms[i]
		if w := in.Marks[t.input]; w != t.mark {
			t.mark, t.value = w, e.eval(t, w)
		}
		least = min(least, t.value)
	}
	return least
}

func (e *boundEval) eval(t *boundTerm, w int64) int64 {
	if w == window.NoTime {
		return minTime
	}
	for _, s := range t.steps {
		if s.hop != nil {
			if w = firstWindow(s.hop, w, s.end); w == minTime {
				return minTime
			}
			continue
		}
		var bad vec.RowErrors
		var out vec.Vec
		b := vec.Batch{Cols: []vec.Vec{vec.New(types.Int, 1)}, N: 1}
		b.Cols[0].Ints[0] = w
		s.prog.Eval(&funcs.Ctx{Context: context.Background(), Env: e.env, Bad: &bad}, &b, &out)
		if len(bad.Rows) > 0 || out.IsNull(0) {
			return minTime // beyond what the type holds: nothing is known
		}
		w = out.Ints[0]
	}
	return w
}

// firstWindow gives the least start, or end, of the windows that a time from t on
// can be in; minTime when they are no times any more.
func firstWindow(a window.Assigner, t int64, end bool) int64 {
	spans, ok := a.Append(nil, t)
	if !ok || len(spans) == 0 {
		return minTime
	}
	first := int64(math.MaxInt64)
	for _, w := range spans {
		if end {
			first = min(first, w.End)
		} else {
			first = min(first, w.Start)
		}
	}
	return first
}

// advancer tells a node how far a bound has come.
type advancer struct {
	bound *boundEval
	apply func(bound int64)
}

func (a *advancer) tick(in *StepInput) { a.apply(a.bound.value(in)) }

// advance has a node told of a bound in every step.
func (c *circuitCompiler) advance(b *plan.Bound, apply func(int64)) error {
	e, err := c.boundEval(b)
	c.out.clocks = append(c.out.clocks, &advancer{e, apply})
	return err
}

// watermarks gives the inputs on whose watermarks a bound depends.
func (c *circuitCompiler) watermarks(rels []catalog.OID) []int {
	var out []int
	for _, r := range rels {
		if i, ok := c.inputs[r]; ok && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

// finalClock closes the groups of an aggregate that emits on window close.
type finalClock struct {
	agg    *Aggregate
	inputs []int
	shift  int64
}

func (f *finalClock) tick(in *StepInput) {
	if w := leastMark(in, f.inputs); w != window.NoTime {
		f.agg.Advance(saturated(saturated(w, f.shift), 1)) // window_end <= W
	}
}

// open implements holder.
func (f *finalClock) open(fn func(input int, due int64)) {
	if f.agg.times == nil {
		return
	}
	f.agg.times.Each(func(at int64) {
		for _, in := range f.inputs {
			fn(in, saturated(at, -f.shift))
		}
	})
}

// timeClock tells a DeltaTime what time it is.
type timeClock struct {
	node   *DeltaTime
	plan   *plan.TimeFilter
	inputs []int // of a watermark clock
}

func (s *timeClock) tick(in *StepInput) {
	clock := in.Clock
	if s.plan.Close {
		if clock = leastMark(in, s.inputs); clock == window.NoTime {
			s.node.Tick(minTime)
			return
		}
	}
	s.node.Tick(saturated(clock, s.plan.Shift))
}

// open implements holder.
func (s *timeClock) open(fn func(input int, due int64)) {
	if !s.plan.Close {
		return
	}
	s.node.start.Each(func(at int64) {
		for _, in := range s.inputs {
			fn(in, saturated(at, -s.plan.Shift))
		}
	})
}

// saturated adds without overflow.
func saturated(a, b int64) int64 {
	s := a + b
	if (s > a) == (b > 0) || b == 0 {
		return s
	}
	if b > 0 {
		return math.MaxInt64
	}
	return math.MinInt64
}

// timeFilter: on window close over an aggregate, the aggregate itself waits, and
// nothing else is kept.
func (c *circuitCompiler) timeFilter(n *plan.TimeFilter, want plan.ColSet) (flow, error) {
	reads := reading(want)
	reads.Add(n.Reads()...)
	var rels []catalog.OID
	if n.Close {
		b := c.props.Of(n.In).Bounds[n.Grows()]
		if b == nil || n.Until >= 0 {
			return flow{}, notMaintained("EMIT ON WINDOW CLOSE without a window of a stream with a watermark in the result").
				WithHint("Group by window_start and window_end of streams that have a watermark, or use EMIT ON UPDATE.")
		}
		rels = b.Rels()
		if w, ok := c.waiting(n); ok {
			c.finals[w.agg] = w.key
			in, err := c.flow(n.In, reads)
			if err != nil {
				return flow{}, err
			}
			c.out.clocks = append(c.out.clocks, &finalClock{c.aggs[w.agg], c.watermarks(rels), w.shift})
			return in, nil
		}
	}
	in, err := c.flow(n.In, reads)
	if err != nil {
		return flow{}, err
	}
	layout := expr.LayoutOf(in.cols)
	pos := func(id plan.ColID) int {
		if id < 0 {
			return -1
		}
		return layout[id]
	}
	node := NewDeltaTime(c.typesOf(in.cols), pos(n.From), pos(n.Until))
	c.out.clocks = append(c.out.clocks, &timeClock{node: node, plan: n, inputs: c.watermarks(rels)})
	st := c.node(n, node, nil, in.stage)
	st.closedBy = rels
	return flow{st, in.cols}, nil
}

// waiting tells whether the rows of a window-close filter are groups of an
// append-only aggregate that no row can change once they are due. Between the two
// there may be what works row by row. shift is what is to be added to the watermark
// for the group column: it may be the window's start while the filter looks at the
// start and a length.
func (c *circuitCompiler) waiting(n *plan.TimeFilter) (w waitingAgg, ok bool) {
	col := n.From
	w.shift = n.Shift
	for in := n.In; ; {
		switch x := in.(type) {
		case *plan.Filter:
			in = x.In
		case *plan.Project:
			id, d, plain := columnPlus(x.Vals[slices.Index(x.Cols, col)])
			if !plain {
				return w, false
			}
			col, in = id, x.In
			w.shift = saturated(w.shift, -d)
		case *plan.Aggregate:
			if w.key = slices.Index(x.GroupOut, col); w.key < 0 {
				return w, false
			}
			w.agg = x
			below := c.props.Of(x.In)
			lead, known := leadOf(below.Bounds[x.Groups[w.key]])
			return w, below.AppendOnly && known && lead > w.shift
		default:
			return w, false
		}
	}
}

// waitingAgg is an aggregate whose groups are emitted when their group column key
// is at most the watermark + shift.
type waitingAgg struct {
	agg   *plan.Aggregate
	key   int
	shift int64
}

// columnPlus tells an expression that is a column plus a constant length.
func columnPlus(e plan.Expr) (id plan.ColID, length int64, ok bool) {
	switch e := e.(type) {
	case *plan.Col:
		return e.ID, 0, true
	case *plan.Call:
		c, isCol := e.Args[0].(*plan.Col)
		if d, fixed := addedLength(e); fixed && isCol {
			return c.ID, d, true
		}
	}
	return 0, 0, false
}

// addedLength tells the call that adds a constant length to a timestamp. Days of a
// timestamp with time zone have no length of their own.
func addedLength(e *plan.Call) (int64, bool) {
	sign := int64(1)
	switch e.Fn.Signature() {
	case "timestamp_pl_interval(timestamp,interval)", "timestamptz_pl_interval(timestamptz,interval)":
	case "timestamp_mi_interval(timestamp,interval)", "timestamptz_mi_interval(timestamptz,interval)":
		sign = -1
	default:
		return 0, false
	}
	k, ok := e.Args[1].(*plan.Const)
	if !ok || k.Val.IsNull() {
		return 0, false
	}
	v := k.Val.Interval()
	if v.Months != 0 || v.Days != 0 && e.Ret.OID == types.TimestamptzOID {
		return 0, false
	}
	return sign * (v.Micros + int64(v.Days)*microsPerDay), true
}

const microsPerDay = 86_400_000_000

// leadOf gives a length such that the bound is always at least the watermark and
// that length (which may be negative). ok is false when none is known.
func leadOf(b *plan.Bound) (lead int64, ok bool) {
	if b == nil {
		return 0, false
	}
	lead = math.MaxInt64
	for _, t := range b.Terms {
		sum := int64(0)
		for _, s := range t.Steps {
			d, ok := stepLead(s)
			if !ok {
				return 0, false
			}
			sum = saturated(sum, d)
		}
		lead = min(lead, sum)
	}
	return lead, true
}

// stepLead gives by how much at least the value of a step is ahead of what it is
// made of.
func stepLead(s plan.BoundStep) (int64, bool) {
	if s.Hop != nil {
		return 1, s.End // the end of a window is later than every time in it
	}
	e, ok := s.Expr.(*plan.Call)
	if !ok {
		return 0, false
	}
	inner := int64(0)
	if in := operand(e); !isColumn(in) {
		if inner, ok = stepLead(plan.BoundStep{Expr: in}); !ok {
			return 0, false
		}
	}
	own, ok := callLead(e)
	return saturated(inner, own), ok
}

func isColumn(e plan.Expr) bool { _, ok := e.(*plan.Col); return ok }

// operand is the argument that a call grows with.
func operand(e *plan.Call) plan.Expr {
	switch e.Fn.Name {
	case "date_trunc", "date_bin":
		return e.Args[1]
	}
	return e.Args[0]
}

func callLead(e *plan.Call) (int64, bool) {
	if d, ok := addedLength(e); ok {
		return d, true
	}
	constant := func(i int) types.Datum {
		if k, ok := e.Args[i].(*plan.Const); ok {
			return k.Val
		}
		return types.Null
	}
	switch e.Fn.Name {
	case "tumble_end":
		return 1, true
	case "tumble_start":
		return startLead(constant(1))
	case "date_bin":
		return startLead(constant(0))
	case "date_trunc":
		if u := constant(0); !u.IsNull() {
			return truncLead(u.Str(), e.Ret.OID == types.TimestamptzOID)
		}
	}
	return 0, false
}

// startLead is the lead of the start of windows of a size.
func startLead(size types.Datum) (int64, bool) {
	if size.IsNull() {
		return 0, false
	}
	v := size.Interval()
	n := v.Micros + int64(v.Days)*microsPerDay
	return 1 - n, v.Months == 0 && n > 0
}

// truncLead is the lead of date_trunc: less the longest span that it puts together.
// Days on a local clock may be longer by what the clock is put back.
func truncLead(unit string, zoned bool) (int64, bool) {
	v, ok := types.ParseUnit(unit).Span()
	n := v.Micros + int64(v.Days)*microsPerDay + int64(v.Months)*31*microsPerDay
	if zoned && v.Micros == 0 {
		n += microsPerDay
	}
	return 1 - n, ok
}
