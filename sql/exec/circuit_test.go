package exec

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
	"pgregory.net/rapid"
)

// history is a drawn history of four relations: what they hold, and how far time
// has come.
type history struct {
	n     dice
	meta  *plan.Meta
	rows  map[catalog.OID][]row
	marks map[catalog.OID]int64
	max   map[catalog.OID]int64
	clock int64
	delta map[catalog.OID][]change
	most  int // changes per relation and commit
}

type change struct {
	row row
	w   int64
}

func newHistory(n dice) *history {
	h := &history{n: n, most: []int{4, 4, 12}[n(3)], rows: map[catalog.OID][]row{}, marks: map[catalog.OID]int64{}, max: map[catalog.OID]int64{}}
	for oid := catalog.OID(1); oid <= 4; oid++ {
		h.rows[oid], h.marks[oid], h.max[oid] = nil, window.NoTime, window.NoTime
	}
	return h
}

func (h *history) number() types.Datum {
	if x := h.n(7); x < 6 {
		return types.NewInt(int64(x))
	}
	return types.Null
}

func (h *history) tableRow() row {
	num := types.NewNumeric(types.NumericScaled([]int64{1, 10, 25, 3}[h.n(4)], int32(h.n(2))))
	return row{h.number(), h.number(), num, types.NewString([]string{"a", "b"}[h.n(2)])}
}

// commit draws the changes of one commit.
func (h *history) commit() {
	h.delta = map[catalog.OID][]change{}
	for oid := catalog.OID(1); oid <= 2; oid++ {
		for range h.n(h.most) {
			switch have := h.rows[oid]; {
			case len(have) > 0 && h.n(3) == 0: // delete
				i := h.n(len(have))
				h.delta[oid] = append(h.delta[oid], change{have[i], -1})
				h.rows[oid] = slices.Delete(slices.Clone(have), i, i+1)
			case len(have) > 0 && h.n(3) == 0: // update
				i, r := h.n(len(have)), h.tableRow()
				h.delta[oid] = append(h.delta[oid], change{have[i], -1}, change{r, 1})
				h.rows[oid] = append(slices.Delete(slices.Clone(have), i, i+1), r)
			default:
				r := h.tableRow()
				h.delta[oid] = append(h.delta[oid], change{r, 1})
				h.rows[oid] = append(have, r)
			}
		}
	}
	for oid := catalog.OID(3); oid <= 4; oid++ {
		for range h.n(h.most) {
			at := max(h.marks[oid], 0) + int64(h.n(8))*3*second
			r := row{types.NewInt(at), h.number(), h.number()}
			h.delta[oid] = append(h.delta[oid], change{r, 1})
			h.rows[oid] = append(h.rows[oid], r)
			h.max[oid] = max(h.max[oid], at)
		}
		if h.max[oid] != window.NoTime {
			h.marks[oid] = max(h.marks[oid], h.max[oid]-5*second)
		}
	}
	h.clock += int64(h.n(4)) * 4 * second
}

// input gives the commit as a step of a circuit, in batches of any form.
func (h *history) input(c *Circuit, delta map[catalog.OID][]change) *StepInput {
	in := &StepInput{Clock: h.clock}
	for _, ci := range c.Inputs() {
		in.Marks = append(in.Marks, h.marks[ci.Rel])
		var d Batches
		for _, part := range h.parts(delta[ci.Rel]) {
			var rows [][]types.Datum
			var w []int64
			for _, x := range part {
				var r []types.Datum
				for _, a := range ci.Attrs {
					r = append(r, x.row[a-1])
				}
				rows, w = append(rows, r), append(w, x.w)
			}
			d = append(d, makeBatch(h.n, ci.Types, rows, w))
		}
		if d == nil {
			in.Deltas = append(in.Deltas, nil)
		} else {
			in.Deltas = append(in.Deltas, scribbled(d))
		}
	}
	return in
}

// scribbled is a Delta whose batches are overwritten once they are not lent any
// more.
type scribbled Batches

// Each implements Delta.
func (s scribbled) Each(_ context.Context, fn func(d *vec.Batch) error) error {
	for _, b := range s {
		lent := vec.Batch{Sel: slices.Clone(b.Sel), Weights: slices.Clone(b.Weights), N: b.N}
		for i := range b.Cols {
			var c vec.Vec
			c.Reset(b.Cols[i].Kind, 0)
			c.Append(&b.Cols[i])
			lent.Cols = append(lent.Cols, c)
		}
		if err := fn(&lent); err != nil {
			return err
		}
		for i := range lent.Cols {
			c := &lent.Cols[i]
			for k := range c.Ints {
				c.Ints[k] = -7777
			}
			for k := range c.Strs {
				c.Strs[k] = "scribbled"
			}
			for k := range c.Nulls {
				c.Nulls[k] = !c.Nulls[k]
			}
		}
		for k := range lent.Weights {
			lent.Weights[k] = 99
		}
		for k := range lent.Sel {
			lent.Sel[k] = 0
		}
	}
	return nil
}

func (h *history) parts(list []change) [][]change {
	var out [][]change
	for len(list) > 0 {
		n := 1 + h.n(len(list))
		out, list = append(out, list[:n]), list[n:]
	}
	return out
}

// circuitPages is a checkpoint of a circuit.
type circuitPages map[[3]uint32][]byte

func (p circuitPages) Put(node, table, page uint32, data []byte) error {
	p[[3]uint32{node, table, page}] = bytes.Clone(data)
	return nil
}

func (p circuitPages) Delete(node, table, page uint32) error {
	delete(p, [3]uint32{node, table, page})
	return nil
}

// trace is what a circuit has emitted, batch by batch.
type trace struct {
	ts    []*types.Type
	lines []string
}

func (tr *trace) emit(next Emit) Emit {
	return func(d *vec.Batch) error {
		for i := range d.N {
			p := d.Row(i)
			line := fmt.Sprint(d.Weight(p))
			for c, t := range tr.ts {
				line += " | "
				if !d.Cols[c].IsNull(p) {
					line += t.Text(types.DefaultEnv, d.Cols[c].Datum(p))
				}
			}
			tr.lines = append(tr.lines, line)
		}
		return next(d)
	}
}

// checkView drives a circuit through a history and compares it, after every
// commit, with its query; a second circuit is saved and loaded again and again and
// must not differ in any way; a third is built at the end from what there is.
func checkView(r checker, g *planGen, n plan.Node) {
	ctx := context.Background()
	if _, err := CompileCircuit(n, testEnv); pgerr.CodeOf(err) == pgerr.FeatureNotSupported {
		return
	}
	compile := func() *Circuit {
		c, err := CompileCircuit(n, testEnv)
		if err != nil {
			r.Fatal(err)
		}
		return c
	}
	defer func() {
		if r.Failed() {
			r.Logf("%s", plan.Format(n, &g.meta))
		}
	}()
	c, twin := compile(), compile()
	h, pages := newHistory(g.n), circuitPages{}
	h.meta = &g.meta
	got := bag{}
	var ts []*types.Type
	for _, id := range n.Out() {
		ts = append(ts, g.meta.Col(id).Type)
	}
	for range 1 + g.n(6) {
		h.commit()
		in := h.input(c, h.delta)
		a, b := trace{ts: ts}, trace{ts: ts}
		if err := c.Step(ctx, in, a.emit(batchBag(got, ts))); err != nil {
			r.Fatal(err)
		}
		if err := twin.Step(ctx, in, b.emit(func(*vec.Batch) error { return nil })); err != nil {
			r.Fatal(err)
		}
		if !slices.Equal(a.lines, b.lines) {
			r.Fatalf("a circuit that was loaded emits\n%s\none that was not\n%s", strings.Join(b.lines, "\n"), strings.Join(a.lines, "\n"))
		}
		compareView(r, h, n, c, got, ts)
		if g.n(3) == 0 {
			twin = reload(r, twin, pages, compile)
		}
	}
	compareState(r, c, twin)
	// Backfill: one step over what there is.
	late, all := compile(), map[catalog.OID][]change{}
	for oid, rows := range h.rows {
		for _, x := range rows {
			all[oid] = append(all[oid], change{x, 1})
		}
	}
	once := bag{}
	if err := late.Step(ctx, h.input(late, all), batchBag(once, ts)); err != nil {
		r.Fatal(err)
	}
	compareView(r, h, n, late, once, ts)
}

// compareView compares what a circuit has emitted with the query's rows, errors
// with errors.
func compareView(r checker, h *history, n plan.Node, c *Circuit, got bag, ts []*types.Type) {
	rows, err := newOracle(h.meta, h.rows, h.marks, h.clock).query(n)
	if (err != nil) != (c.Err() != nil) {
		r.Fatalf("view has error %v, query %v\n%s", c.Err(), err, got)
	}
	if err != nil {
		return
	}
	if want := rowsBag(ts, rows); got.String() != want.String() {
		r.Fatalf("fingerprint %s: view\n%s\nquery\n%s", c.Fingerprint(), got, want)
	}
}

func reload(r checker, c *Circuit, pages circuitPages, compile func() *Circuit) *Circuit {
	if err := c.Save(pages); err != nil {
		r.Fatal(err)
	}
	fresh := compile()
	for k, data := range pages {
		if err := fresh.LoadPage(k[0], k[1], k[2], bytes.Clone(data)); err != nil {
			r.Fatal(err)
		}
	}
	if err := fresh.Loaded(); err != nil {
		r.Fatal(err)
	}
	return fresh
}

// compareState compares the states of two circuits to the byte.
func compareState(r checker, a, b *Circuit) {
	pa, pb := circuitPages{}, circuitPages{}
	a.SaveAll()
	b.SaveAll()
	if err := a.Save(pa); err != nil {
		r.Fatal(err)
	}
	if err := b.Save(pb); err != nil {
		r.Fatal(err)
	}
	if !maps.EqualFunc(pa, pb, bytes.Equal) {
		r.Fatalf("equal histories, different states: %d and %d pages", len(pa), len(pb))
	}
}

// checkViews checks views that draw draws, with rapid's dice and with fair ones.
func checkViews(t *testing.T, draw func(g *planGen) plan.Node) {
	t.Run("drawn", rapid.MakeCheck(func(r *rapid.T) {
		g := newPlanGen(drawn(r))
		checkView(r, g, draw(g))
	}))
	rounds := 300
	if testing.Short() {
		rounds = 50
	}
	for seed := range rounds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			g := newPlanGen(seeded(uint64(seed)))
			checkView(t, g, draw(g))
		})
	}
}

// Invariant V: a view is its query, at every commit.
func TestCircuitIsItsQuery(t *testing.T) {
	checkViews(t, func(g *planGen) plan.Node {
		n := g.plan(1 + g.n(3))
		if g.n(4) == 0 {
			return g.risky(n)
		}
		return n
	})
}

// V for windowed aggregates of streams, whose state is forgotten behind the
// watermark.
func TestCircuitOfWindows(t *testing.T) {
	checkViews(t, func(g *planGen) plan.Node { return g.windowed(g.n(2) == 0) })
}

// V for aggregates over aggregates of streams: what only grows is no longer so
// above them.
func TestCircuitOfTowers(t *testing.T) {
	checkViews(t, func(g *planGen) plan.Node {
		g.streams = true
		var n plan.Node = g.aggregate(g.plan(g.n(2)))
		if g.n(2) == 0 {
			n = g.join(n, g.scan())
		}
		return g.aggregate(n)
	})
}

// V for session windows, of streams and of rows that come and go.
func TestCircuitOfSessions(t *testing.T) {
	checkViews(t, (*planGen).session)
}

// V for LIMIT and DISTINCT ON.
func TestCircuitOfFirstRows(t *testing.T) {
	checkViews(t, (*planGen).top)
}

// V for window functions.
func TestCircuitOfWindowFunctions(t *testing.T) {
	checkViews(t, (*planGen).over)
}

// V for temporal filters.
func TestCircuitOfTemporalFilters(t *testing.T) {
	checkViews(t, (*planGen).temporal)
}

// checker is a test, rapid's or Go's.
type checker interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Failed() bool
}
