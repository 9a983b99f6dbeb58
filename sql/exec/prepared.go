package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Prepared is a compiled plan that can run again and again, one run at a time.
type Prepared struct {
	rt   *Runtime
	bind *expr.Binding
	root operator
	// owned are the operators of subqueries in expressions.
	owned []operator
	used  bool
}

// Prepare compiles a plan. The Runtime is kept: its fields may be changed
// between runs, except that functions may have looked at Env when they were
// compiled (the settings that formats and time zones depend on).
func Prepare(rt *Runtime, n plan.Node) (*Prepared, error) {
	c := newCompiler(rt)
	c.noteTypes(n)
	root, err := c.whole(n, n.Out())
	if err != nil {
		return nil, err
	}
	return &Prepared{rt: rt, bind: c.bind, root: root, owned: *c.owned}, nil
}

// noteTypes notes the types of columns that expressions read: those of given rows
// are known from nowhere else.
func (c *compiler) noteTypes(n plan.Node) {
	if _, ok := n.(*plan.Values); ok {
		return
	}
	given := false
	plan.VisitNodes(n, func(n plan.Node) {
		w, ok := n.(*plan.WorkScan)
		given = given || ok && w.Types == nil
	})
	if !given {
		return
	}
	plan.VisitNodes(n, func(n plan.Node) {
		for _, e := range n.Exprs() {
			plan.Visit(e, func(x plan.Expr) bool {
				if col, ok := x.(*plan.Col); ok {
					c.types[col.ID] = col.Typ
				}
				return true
			})
		}
	})
}

// Run begins a run with the Runtime as it is now. Its Close ends the run only.
func (p *Prepared) Run() vec.Source {
	p.bind.SetParams(p.rt.Params)
	if p.used {
		p.root.rewind(newRun)
	}
	p.used = true
	return preparedRun{p}
}

// Close frees what the plan holds.
func (p *Prepared) Close() error {
	err := p.root.Close()
	for _, o := range p.owned {
		if e := o.Close(); err == nil {
			err = e
		}
	}
	return err
}

type preparedRun struct{ p *Prepared }

// Next implements vec.Source.
func (r preparedRun) Next(ctx context.Context, out *vec.Batch) error { return r.p.root.Next(ctx, out) }

// Close implements vec.Source: it lets go of what the run has opened.
func (r preparedRun) Close() error {
	r.p.root.rewind(newRun)
	for _, o := range r.p.owned {
		o.rewind(newRun)
	}
	return nil
}
