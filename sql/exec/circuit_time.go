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

// timeFilterStage is a DeltaTime with its clock.
type timeFilterStage struct {
	nodeStage
	node   *DeltaTime
	plan   *plan.TimeFilter
	inputs []int // of a watermark clock
}

func (s *timeFilterStage) tick(in *StepInput) {
	clock := in.Clock
	if s.plan.Close {
		if clock = leastMark(in, s.inputs); clock == window.NoTime {
			s.node.Tick(minTime)
			return
		}
	}
	s.node.Tick(saturated(clock, s.plan.Shift))
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
	for _, id := range []plan.ColID{n.From, n.Until} {
		if id >= 0 {
			reads.Add(id)
		}
	}
	var rels []catalog.OID
	if n.Close {
		b := c.props.Of(n.In).Bounds[n.From]
		if b == nil || n.Until >= 0 {
			return flow{}, notMaintained("EMIT ON WINDOW CLOSE without a window of a stream with a watermark in the result").
				WithHint("Group by window_start and window_end of streams that have a watermark, or use EMIT ON UPDATE.")
		}
		rels = b.Rels()
		if agg, key, ok := c.waiting(n); ok {
			c.finals[agg] = key
			in, err := c.flow(n.In, reads)
			if err != nil {
				return flow{}, err
			}
			c.out.clocks = append(c.out.clocks, &finalClock{c.aggs[agg], c.watermarks(rels), n.Shift})
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
	s := &timeFilterStage{nodeStage: *c.node(node, in.stage), node: node, plan: n, inputs: c.watermarks(rels)}
	c.out.clocks = append(c.out.clocks, s)
	return flow{s, in.cols}, nil
}

// waiting tells whether the rows of a window-close filter are groups of an
// append-only aggregate that no row can change once they are due: the column is
// the end of a window, which is later than every time before it. Between the two
// there may be what works row by row.
func (c *circuitCompiler) waiting(n *plan.TimeFilter) (agg *plan.Aggregate, key int, ok bool) {
	col := n.From
	for in := n.In; ; {
		switch x := in.(type) {
		case *plan.Filter:
			in = x.In
		case *plan.Project:
			i := slices.Index(x.Cols, col)
			e, plain := x.Vals[i].(*plan.Col)
			if !plain {
				return nil, 0, false
			}
			col, in = e.ID, x.In
		case *plan.Aggregate:
			key = slices.Index(x.GroupOut, col)
			if key < 0 || n.Shift > 0 {
				return nil, 0, false
			}
			below := c.props.Of(x.In)
			return x, key, below.AppendOnly && endsWindow(below.Bounds[x.Groups[key]])
		default:
			return nil, 0, false
		}
	}
}

// endsWindow tells the bounds whose value is always later than the watermark.
func endsWindow(b *plan.Bound) bool {
	return b != nil && !slices.ContainsFunc(b.Terms, func(t plan.BoundTerm) bool {
		if len(t.Steps) == 0 {
			return true
		}
		last := t.Steps[len(t.Steps)-1]
		if last.Hop != nil {
			return !last.End || len(t.Steps) > 1
		}
		call, ok := last.Expr.(*plan.Call)
		if !ok || call.Fn.Name != "tumble_end" || len(t.Steps) > 1 {
			return true
		}
		_, plain := call.Args[0].(*plan.Col)
		return !plain
	})
}
