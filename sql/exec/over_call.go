package exec

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// overCall is one window function.
type overCall struct {
	win    funcs.WinFunc // nil: an aggregate
	acc    funcs.Acc
	traits funcs.AggTraits
	kind   types.Kind
	args   []int // among the columns that functions look at
	filter int
	frame  plan.Frame
	start  frameOffset
	end    frameOffset
	within *rangeTest // of RANGE with an offset

	// counting is what a window function counts; running says that an aggregate's frames
	// all begin with the partition and end with the row, or with its peers. Either kind
	// needs no more of a partition than one part after the other, and keeps before, the
	// count of what came before the part, or the state of acc.
	counting funcs.WinCounts
	running  bool
	before   int64

	ends  frameEnds
	vals  []*vec.Vec
	tmp   vec.Vec
	tree  accTree
	slide slider
}

// frameOffset is the offset of a frame's bound: computed once, or for each
// partition where the query's rows are computed for many values of the columns
// around it (rules.domain), which are then the partition's.
type frameOffset struct {
	prog *expr.Prog // nil: none, or in a column
	col  int        // 1 + its place among the columns that functions look at
	val  types.Datum
}

func (c *compiler) overCall(w *plan.WinCall, o *overOp) (*overCall, error) {
	call := &overCall{kind: w.Ret.Kind, frame: w.Frame}
	site := &funcs.Call{Func: w.Fn, Ret: w.Ret, Variadic: w.Variadic, Env: c.rt.Env}
	for _, a := range w.Args {
		site.Args, site.Mods = append(site.Args, a.Type()), append(site.Mods, a.Mod())
		var d *types.Datum
		if k, ok := a.(*plan.Const); ok {
			d = &k.Val
		}
		site.Const = append(site.Const, d)
	}
	im := w.Fn.Impl()
	var err error
	switch {
	case w.Fn.Kind == funcs.Aggregate:
		if w.User != nil {
			call.acc, err = newUserAcc(c.rt.Env, w.User, site)
		} else {
			call.acc, err = site.BindAcc()
		}
		if err == nil {
			call.traits = im.Agg
			call.running = w.Frame.Start == plan.UnboundedPreceding && w.Frame.End == plan.CurrentRow && w.Frame.Exclude == plan.ExcludeNone
		}
	case im == nil || im.Win == nil:
		err = pgerr.NotSupported("window function %s", w.Fn.Signature())
	default:
		call.win, err = im.Win(site)
		call.counting = im.Counts
	}
	if err != nil {
		return nil, pgerr.AtPos(err, w.Pos)
	}
	if w.Frame.Mode == plan.FrameRange && w.Frame.InRange != nil && len(o.order) > 0 {
		call.within = newRangeTest(w, o.order[0], c.rt.Env)
	}
	return call, nil
}

// frameOffsets compiles the offsets of the frame; place gives an expression a
// column among those that functions look at.
func (c *compiler) frameOffsets(call *overCall, w *plan.WinCall, layout expr.Layout, place func(plan.Expr) int) (err error) {
	for _, x := range []struct {
		e   plan.Expr
		off *frameOffset
	}{{w.Frame.StartX, &call.start}, {w.Frame.EndX, &call.end}} {
		if x.e == nil {
			continue
		}
		for id := range plan.ReadsOf(x.e) {
			if _, ok := layout[id]; ok {
				x.off.col = place(x.e) + 1
			}
		}
		if x.off.col > 0 {
			continue
		}
		if x.off.prog, err = expr.Compile(x.e, nil, c.cc); err != nil {
			return err
		}
	}
	return nil
}

// begin computes the offsets of the frame that are the same for all rows.
func (c *overCall) begin(ctx *funcs.Ctx) error {
	for start, off := range c.offsets {
		if off.prog == nil {
			continue
		}
		d, err := off.prog.Datums(ctx)
		if err == nil {
			err = c.set(off, d[0], start)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// beginPart takes the offsets of the frame that are the partition's.
func (c *overCall) beginPart(p *partition) error {
	for start, off := range c.offsets {
		if off.col == 0 {
			continue
		}
		if err := c.set(off, p.col(off.col-1).Datum(0), start); err != nil {
			return err
		}
	}
	return nil
}

// offsets yields the frame's offsets and whether each is the start's.
func (c *overCall) offsets(yield func(start bool, off *frameOffset) bool) {
	if yield(true, &c.start) {
		yield(false, &c.end)
	}
}

// set checks and takes the value of an offset.
func (c *overCall) set(off *frameOffset, d types.Datum, start bool) error {
	name := "ending"
	if start {
		name = "starting"
	}
	switch off.val = d; {
	case d.IsNull():
		return pgerr.New(pgerr.NullValueNotAllowed, "frame %s offset must not be null", name)
	case c.frame.Mode != plan.FrameRange && d.Int() < 0:
		return pgerr.New(pgerr.InvalidPrecedingOrFollowingSize, "frame %s offset must not be negative", name)
	}
	return nil
}

// eval appends the function's values for a partition.
func (c *overCall) eval(ctx *funcs.Ctx, p *partition, out *vec.Vec) error {
	c.vals = c.vals[:0]
	for _, a := range c.args {
		c.vals = append(c.vals, p.col(a))
	}
	if err := c.beginPart(p); err != nil {
		return err
	}
	c.ends.reset(c, p)
	if c.win != nil {
		peers := p.peerGroups()
		part := &funcs.Partition{N: p.n, Args: c.vals, Peer: peers.of}
		var failed error
		part.Frame = func(i int) [][2]int {
			if err := c.ends.make(ctx); err != nil {
				failed = err
				return nil
			}
			return c.ends.ranges(i)
		}
		c.win.Eval(ctx, part, &c.tmp)
		if failed == nil {
			failed = ctx.Bad.First()
		}
		if c.counting != funcs.CountsNothing && failed == nil {
			c.countOn(p, peers)
		}
		out.Append(&c.tmp)
		return failed
	}
	if err := c.ends.make(ctx); err != nil {
		return err
	}
	if err := c.aggregate(ctx, p, out); err != nil {
		return err
	}
	return ctx.Bad.First()
}

// countOn adds what came before a part of a partition to the values of the part.
func (c *overCall) countOn(p *partition, peers *peerGroups) {
	if !p.goesOn {
		c.before = 0
	}
	if c.before > 0 {
		for i := range c.tmp.Ints {
			c.tmp.Ints[i] += c.before
		}
	}
	if c.counting == funcs.CountsGroups {
		c.before += int64(len(peers.start) - 1)
	} else {
		c.before += int64(p.n)
	}
}

// inParts tells whether the function can be computed for parts of a partition that
// are made of whole peer groups; anywhere, whether for any parts.
func (c *overCall) inParts() (parts, anywhere bool) {
	parts = c.running || c.counting != funcs.CountsNothing
	return parts, c.counting == funcs.CountsRows || c.running && c.frame.Mode == plan.FrameRows
}

// partition is rows lo … hi-1 of the rows that an overOp has taken: a whole partition,
// or a part of one.
type partition struct {
	o     *overOp
	lo, n int
	// goesOn: other parts of the partition came before.
	goesOn bool
	cols   []vec.Vec // views of the columns that functions look at
	have   []bool
	peers  *peerGroups
	memo   peerGroups
}

func (p *partition) set(lo, hi int) {
	p.lo, p.n, p.peers = lo, hi-lo, nil
	if p.cols == nil {
		p.cols, p.have = make([]vec.Vec, len(p.o.need)), make([]bool, len(p.o.need))
	}
	clear(p.have)
}

// col gives a column that functions look at.
func (p *partition) col(i int) *vec.Vec {
	if !p.have[i] {
		p.cols[i], p.have[i] = p.o.rows.cols[i].Slice(p.lo, p.lo+p.n), true
	}
	return &p.cols[i]
}

// orderCol gives the column of an order key.
func (p *partition) orderCol(k int) *vec.Vec { return p.col(p.o.orderAt[k]) }

// peerGroups are the groups of rows that are equal in the order.
type peerGroups struct {
	of    []int32 // by row: its group
	start []int32 // by group: its first row; one more for the end
}

func (p *partition) peerGroups() *peerGroups {
	if p.peers != nil {
		return p.peers
	}
	g := &p.memo
	g.of, g.start = resize(g.of, p.n), append(g.start[:0], 0)
	g.of[0] = 0
	for i := 1; i < p.n; i++ {
		g.of[i] = g.of[i-1]
		if !p.peer(i-1, i) {
			g.of[i]++
			g.start = append(g.start, int32(i))
		}
	}
	g.start = append(g.start, int32(p.n))
	p.peers = g
	return g
}

func (p *partition) peer(i, j int) bool {
	for k := range p.o.order {
		v := p.orderCol(k)
		if !vec.Equal(v, i, v, j, p.o.order[k].typ) {
			return false
		}
	}
	return true
}
