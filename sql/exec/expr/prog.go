package expr

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// CompileCtx is what expressions are compiled in. It may be shared by many
// programs.
type CompileCtx struct {
	// Env is bound into functions that look at it when they are prepared.
	Env *funcs.Env
	// Bind holds parameters and outer columns; nil: there are none.
	Bind *Binding
	// Subplan compiles a subquery that the planner has left in an expression: what
	// runs it, and the columns whose values it wants. Nil refuses subqueries.
	Subplan func(q *plan.Subquery) (sp Subplan, outer []*plan.Col, err error)
}

// Subplan is a compiled subquery.
type Subplan interface {
	// Value gives the subquery's value for one row of outer columns.
	Value(ctx context.Context, outer []types.Datum) (types.Datum, error)
}

// Prog is one or more compiled expressions. It is used by one goroutine at a
// time; Clone makes another.
type Prog struct {
	src    []plan.Expr
	layout Layout
	cc     *CompileCtx
	roots  []*cell
	run    run
	root   frame
}

// Compile compiles one expression over batches of the given layout. A function
// without an implementation is 0A000.
func Compile(e plan.Expr, layout Layout, cc *CompileCtx) (*Prog, error) {
	return CompileAll([]plan.Expr{e}, layout, cc)
}

// CompileAll compiles several expressions, which share what they have in common.
func CompileAll(list []plan.Expr, layout Layout, cc *CompileCtx) (*Prog, error) {
	b := newBuilder(layout, cc)
	p := &Prog{src: list, layout: layout, cc: cc, roots: make([]*cell, len(list))}
	for i, e := range list {
		x, err := b.compile(e)
		if err != nil {
			return nil, err
		}
		p.roots[i] = b.operand(x, false)
	}
	p.run = b.run()
	return p, nil
}

// Clone makes a program of the same expressions for another goroutine.
func (p *Prog) Clone() (*Prog, error) { return CompileAll(p.src, p.layout, p.cc) }

// Len is the number of expressions.
func (p *Prog) Len() int { return len(p.roots) }

// Eval computes the first expression for the rows of in, which has no selection.
// What out becomes is lent: a view of a column of in or of the program's memory,
// valid until the next call or until in changes, and not to be written. Rows
// that fail are reported to c.Bad.
func (p *Prog) Eval(c *funcs.Ctx, in *vec.Batch, out *vec.Vec) {
	f := p.begin(c, in)
	*out = *p.roots[0].eval(f)
}

// EvalAll computes all expressions, as Eval does.
func (p *Prog) EvalAll(c *funcs.Ctx, in *vec.Batch, out []vec.Vec) {
	f := p.begin(c, in)
	for i, x := range p.roots {
		out[i] = *x.eval(f)
	}
}

// Datums computes expressions that read no columns.
func (p *Prog) Datums(c *funcs.Ctx) ([]types.Datum, error) {
	var bad vec.RowErrors
	cc := *c
	cc.Bad = &bad
	f := p.begin(&cc, &vec.Batch{N: 1})
	out := make([]types.Datum, len(p.roots))
	for i, x := range p.roots {
		out[i] = x.eval(f).Datum(0)
		if err := bad.First(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *Prog) begin(c *funcs.Ctx, in *vec.Batch) *frame {
	p.run.ctx = *c
	f := &p.root
	f.begin(&p.run, in.N)
	f.in, f.bad = in.Cols, c.Bad
	return f
}

// errColumn is the mistake of a plan that reads a column that is not there.
func errColumn(id plan.ColID) error {
	return pgerr.New(pgerr.InternalError, "column %d is not available", id)
}
