package exec

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

// Circuit is a plan that is kept up to date: each Step takes the changes of the
// relations it reads and gives the changes of its result.
//
// It is a tree of stages, run depth first: a stage that joins runs its first
// input to the end, then its second, so that every node sees the changes of port
// 0 before those of port 1 (see Node) and nothing is buffered in between.
//
// A Circuit is used by one goroutine at a time. A Step that fails (cancellation,
// a limit) leaves it in no usable state: it is thrown away and loaded again.
//
// Rows that fail are no such failure: they are kept as errors with weights, and
// go when their rows go (Err).
type Circuit struct {
	inputs   []CircuitInput
	root     stage
	outTypes []*types.Type
	nodes    []*nodeStage // by number, counted from firstNode
	clocks   []clocked
	errs     *errorSet
	print    string
	started  bool
}

// CircuitInput is a relation that a circuit reads, and the attributes it wants of
// it, in this order (plan.Scan).
type CircuitInput struct {
	Rel   catalog.OID
	Attrs []int16
	Types []*types.Type
}

// Delta gives the changes of one relation. Each may be called several times and
// calls fn with the same batches in the same order, columns as CircuitInput.Attrs
// says. Batches are lent for the call.
type Delta interface {
	Each(ctx context.Context, fn func(d *vec.Batch) error) error
}

// Batches is a Delta in memory.
type Batches []*vec.Batch

// Each implements Delta.
func (b Batches) Each(ctx context.Context, fn func(d *vec.Batch) error) error {
	for _, d := range b {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := fn(d); err != nil {
			return err
		}
	}
	return nil
}

// StepInput is what a step is told: of each input, in the order of Inputs, the
// changes (nil: none) and the watermark after them (window.NoTime where there is
// none), and the clock: the time of the commit, in microseconds since 2000-01-01
// UTC. Marks and clock never fall from one step to the next.
type StepInput struct {
	Deltas []Delta
	Marks  []int64
	Clock  int64
}

// clocked is a node that is told, before the changes of a step, how far time has
// come.
type clocked interface {
	tick(in *StepInput)
}

// holder is a clocked that holds rows back until watermarks have come far enough.
type holder interface {
	open(fn func(input int, due int64))
}

// Open calls fn with the watermarks that are waited for (EMIT ON WINDOW CLOSE): at
// due, of the input of that number, rows that are held back are emitted. A time may
// come more than once, and is told for each of several inputs.
func (c *Circuit) Open(fn func(input int, due int64)) {
	for _, n := range c.clocks {
		if h, ok := n.(holder); ok {
			h.open(fn)
		}
	}
}

// stage is a part of a circuit: run gives the changes of its result in a step.
// Batches are lent to emit for the call.
type stage interface {
	run(ctx context.Context, st *step, emit Emit) error
}

// step is one Step under way.
type step struct {
	in    *StepInput
	first bool
}

// Inputs lists the relations that the circuit reads, each once.
func (c *Circuit) Inputs() []CircuitInput { return c.inputs }

// Types are the types of the result's columns.
func (c *Circuit) Types() []*types.Type { return c.outTypes }

// Step takes the changes of one commit, or of several at once, and emits those of
// the result: rows with weights, not consolidated. The first step also gives what
// the result is of nothing; a view over stored data is built by giving the data as
// the first step's changes.
func (c *Circuit) Step(ctx context.Context, in *StepInput, emit Emit) error {
	if len(in.Deltas) != len(c.inputs) || len(in.Marks) != len(c.inputs) {
		return pgerr.New(pgerr.InternalError, "step of %d inputs with %d deltas and %d watermarks", len(c.inputs), len(in.Deltas), len(in.Marks))
	}
	for _, n := range c.clocks {
		n.tick(in)
	}
	st := step{in: in, first: !c.started}
	c.started = true
	return c.root.run(ctx, &st, emit)
}

// Err is the error that reading the result gives: that of some row, nil while no
// row fails.
func (c *Circuit) Err() error { return c.errs.err() }

// Due gives the earliest clock at which time alone changes the result: a row of a
// temporal filter comes or goes. ok is false when there is none.
func (c *Circuit) Due() (at int64, ok bool) {
	at = math.MaxInt64
	for _, n := range c.clocks {
		if f, is := n.(*timeClock); is && !f.plan.Close {
			if t, some := f.node.Due(); some {
				at, ok = min(at, saturated(t, -f.plan.Shift)), true
			}
		}
	}
	return at, ok
}

// Bytes is the memory in use.
func (c *Circuit) Bytes() int64 {
	n := c.errs.Bytes()
	for _, s := range c.nodes {
		n += s.node.Bytes()
	}
	return n
}

// NodeInfo is what a node of a circuit is about.
type NodeInfo struct {
	// Plan is the node of the plan that it computes, or is part of.
	Plan plan.Node
	// Kept is the number of rows or groups it keeps, in Bytes of memory.
	Kept  int
	Bytes int64
	// In and Out are the numbers of changes it has taken and given since the
	// circuit was made.
	In, Out int64
	// ClosedBy are the streams whose watermarks let it forget; empty when it never
	// does.
	ClosedBy []catalog.OID
}

// Nodes describes the nodes that remember something, inputs first.
func (c *Circuit) Nodes() []NodeInfo {
	out := make([]NodeInfo, len(c.nodes))
	for i, n := range c.nodes {
		out[i] = NodeInfo{Plan: n.plan, Kept: n.node.Kept(), Bytes: n.node.Bytes(), In: n.taken, Out: n.given, ClosedBy: n.closedBy}
	}
	return out
}

// Fingerprint identifies the compiled plan and the form of its state: state that
// was saved under another one cannot be loaded.
func (c *Circuit) Fingerprint() string { return c.print }

// PageWriter takes a circuit's pages: those that have changed since the last
// Save. What it is given is lent for the call.
type PageWriter interface {
	Put(node, table, page uint32, data []byte) error
	// Delete says that a page is empty; there may be one from before.
	Delete(node, table, page uint32) error
}

// Node numbers: 0 is the circuit itself, 1 its errors, then its nodes.
const (
	circuitNode = iota
	errorNode
	firstNode
)

// Save writes the pages that have changed since the last Save, between steps. The
// newest of each page are the circuit's state (LoadPage). If they are not kept
// after all, SaveAll must be called.
func (c *Circuit) Save(w PageWriter) error {
	if !c.started {
		return nil
	}
	if err := w.Put(circuitNode, 0, 0, []byte(c.print)); err != nil {
		return err
	}
	if err := c.errs.Save(nodeWriter{w, errorNode}); err != nil {
		return err
	}
	for i, n := range c.nodes {
		if err := n.node.Save(nodeWriter{w, uint32(firstNode + i)}); err != nil {
			return err
		}
	}
	return nil
}

// SaveAll makes the next Save write every page.
func (c *Circuit) SaveAll() {
	c.errs.SaveAll()
	for _, n := range c.nodes {
		n.node.SaveAll()
	}
}

// LoadPage takes back a page that was saved by a circuit of the same plan. The
// circuit is new; pages come in any order; Loaded is called after the last one.
// The bytes are kept.
func (c *Circuit) LoadPage(node, table, page uint32, data []byte) error {
	switch {
	case node == circuitNode:
		if string(data) != c.print {
			return pgerr.New(pgerr.InternalError, "state of a view was saved by another plan")
		}
		c.started = true
		return nil
	case node == errorNode:
		return c.errs.LoadPage(table, page, data)
	case node-firstNode < uint32(len(c.nodes)):
		return c.nodes[node-firstNode].node.LoadPage(table, page, data)
	}
	return errUnknownTable
}

// Loaded is called after the last LoadPage.
func (c *Circuit) Loaded() error {
	if !c.started {
		return nil
	}
	if err := c.errs.Loaded(); err != nil {
		return err
	}
	for _, n := range c.nodes {
		if err := n.node.Loaded(); err != nil {
			return err
		}
	}
	return nil
}

// nodeWriter writes the pages of one node.
type nodeWriter struct {
	w    PageWriter
	node uint32
}

// Put implements state.PageWriter.
func (w nodeWriter) Put(table, page uint32, data []byte) error {
	return w.w.Put(w.node, table, page, data)
}

// Delete implements state.PageWriter.
func (w nodeWriter) Delete(table, page uint32) error { return w.w.Delete(w.node, table, page) }

var _ state.PageWriter = nodeWriter{}

// leastMark is the least watermark of some inputs; window.NoTime if there are
// none.
func leastMark(in *StepInput, inputs []int) int64 {
	if len(inputs) == 0 {
		return window.NoTime
	}
	w := int64(math.MaxInt64)
	for _, i := range inputs {
		w = min(w, in.Marks[i])
	}
	return w
}
