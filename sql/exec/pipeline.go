package exec

import (
	"slices"

	"context"
	"sync/atomic"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// A pipeline is a scan with the filters, projections, flat maps and joins that its
// rows go through one by one. It can run in several goroutines, each of which takes
// parts of the scan; the tables that its joins probe are made once, before.
type pipeline struct {
	c    *compiler
	node plan.Node
	want plan.ColSet
	// wrap compiles what each worker runs on top of the pipeline; nil: nothing.
	pipes  []*pipe
	builds *sharedBuilds
}

// pipe is one worker's copy of a pipeline.
type pipe struct {
	rel
	leaf *scanOp
}

// dealer is told of the scan when a worker's copy is compiled.
type dealer struct{ leaf *scanOp }

// sharedBuilds are the build sides of a pipeline's joins, in the order in which
// they are to be made.
type sharedBuilds struct {
	list []*sharedBuild
	of   map[*plan.Join]*sharedBuild
}

type sharedBuild struct {
	cols  []plan.ColID
	build *joinBuild
}

// canPipe tells whether the node is the top of a pipeline.
func canPipe(n plan.Node) bool {
	for _, e := range n.Exprs() {
		if !pipeExpr(e) {
			return false
		}
	}
	switch n := n.(type) {
	case *plan.Scan:
		return n.Index == nil && n.Lock == plan.LockNone
	case *plan.Filter:
		return canPipe(n.In)
	case *plan.Project:
		return canPipe(n.In)
	case *plan.FlatMap:
		for _, g := range n.Gens {
			if g.Fn != nil && (g.Fn.Volatility == 'v' || g.Fn.Interpreted()) {
				return false
			}
		}
		return canPipe(n.In)
	case *plan.Join:
		return pipeJoin(n)
	}
	return false
}

// pipeExpr tells expressions that several goroutines may evaluate at once.
func pipeExpr(e plan.Expr) bool {
	ok := !volatile(e)
	plan.Visit(e, func(x plan.Expr) bool {
		switch x := x.(type) {
		case *plan.Subquery:
			ok = false
		case *plan.Call:
			ok = ok && !x.Fn.Interpreted()
		}
		return ok
	})
	return ok
}

// interpreted tells expressions that call a function which one goroutine alone runs.
func interpreted(e plan.Expr) bool {
	found := false
	plan.Visit(e, func(x plan.Expr) bool {
		if c, ok := x.(*plan.Call); ok {
			found = found || c.Fn.Interpreted()
		}
		return !found
	})
	return found
}

// pipeJoin tells joins whose probe side can be in a pipeline: hash joins that need
// not know in the end which build rows have matched.
func pipeJoin(n *plan.Join) bool {
	if n.Method != plan.JoinAuto && n.Method != plan.JoinHash {
		return false
	}
	keys, _ := keysOf(n, n.L.Out(), n.R.Out())
	if len(keys) == 0 || slices.ContainsFunc(n.On, interpreted) {
		return false
	}
	if n.BuildLeft && swappable(n.Kind) {
		return n.Kind == plan.Inner && canPipe(n.R) || n.Kind == plan.Right && canPipe(n.R)
	}
	return n.Kind != plan.Right && n.Kind != plan.Full && canPipe(n.L)
}

// works tells whether a pipeline does more than hand rows on.
func works(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan:
		return false
	case *plan.Project:
		for _, e := range n.Vals {
			if _, ok := e.(*plan.Col); !ok {
				return true
			}
		}
		return works(n.In)
	}
	return true
}

// parallel tells whether the node is to be compiled as a pipeline of its own.
func (c *compiler) parallel(n plan.Node) bool {
	return !c.serial && c.parts == nil && c.rt.workers() > 1 && canPipe(n)
}

// pipeline compiles the first copy of a pipeline.
func (c *compiler) pipeline(n plan.Node, want plan.ColSet) (*pipeline, error) {
	own := *c // as it is now: copies are compiled later
	p := &pipeline{c: &own, node: n, want: want, builds: &sharedBuilds{of: map[*plan.Join]*sharedBuild{}}}
	_, err := p.pipe(0)
	return p, err
}

// pipe gives worker i's copy, compiling it if it is not there yet.
func (p *pipeline) pipe(i int) (*pipe, error) {
	for len(p.pipes) <= i {
		c := *p.c
		c.parts, c.builds, c.serial = &dealer{}, p.builds, true
		r, err := c.rel(p.node, p.want)
		if err != nil {
			return nil, err
		}
		p.pipes = append(p.pipes, &pipe{r, c.parts.leaf})
	}
	return p.pipes[i], nil
}

// cols are the columns that the pipeline gives.
func (p *pipeline) cols() []plan.ColID { return p.pipes[0].cols }

// minParts is how many parts a scan must have for several workers.
const minParts = 2

// prepare makes the build sides, and tells in how many parts the pipeline is to be
// run, 1 when by one goroutine, and by how many workers.
func (p *pipeline) prepare(ctx context.Context) (parts, workers int, err error) {
	for _, b := range p.builds.list {
		if err := b.build.ready(ctx); err != nil {
			return 0, 0, err
		}
		if b.build.spilled != nil {
			return 1, 1, nil
		}
	}
	parts, err = p.pipes[0].leaf.split(ctx)
	if err != nil || parts < minParts {
		return 1, 1, err
	}
	workers = min(p.c.rt.workers(), parts)
	for i := range workers {
		if _, err := p.pipe(i); err != nil {
			return 0, 0, err
		}
	}
	return parts, workers, nil
}

// run makes a worker's copy ready to run one part.
func (p *pipe) run(part, parts int) {
	p.leaf.part(part, parts)
	p.rewind(newOuter)
}

// close closes all copies and the build sides.
func (p *pipeline) close() (err error) {
	for _, x := range p.pipes {
		if e := x.Close(); err == nil {
			err = e
		}
	}
	for _, b := range p.builds.list {
		if e := b.build.close(); err == nil {
			err = e
		}
	}
	return err
}

func (p *pipeline) rewind(why restart) {
	for _, b := range p.builds.list {
		b.build.rewind(why)
	}
	for _, x := range p.pipes {
		x.leaf.part(0, 1)
		x.rewind(why)
	}
}

// deck deals out the numbers of parts to workers: in order to whoever asks, or
// each worker a run of them, so that who has which does not depend on chance.
type deck struct {
	parts, workers int
	fixed          bool
	next           atomic.Int64
	own            []int
}

func newDeck(parts, workers int, fixed bool) *deck {
	return &deck{parts: parts, workers: workers, fixed: fixed, own: make([]int, workers)}
}

// take gives a worker the next part; ok is false when there is none.
func (d *deck) take(worker int) (part int, ok bool) {
	if !d.fixed {
		part = int(d.next.Add(1)) - 1
		return part, part < d.parts
	}
	part = worker*d.parts/d.workers + d.own[worker]
	d.own[worker]++
	return part, part < (worker+1)*d.parts/d.workers
}
