package funcs

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Routines runs functions that users have written in a language that is interpreted.
// It is not safe for several goroutines.
type Routines interface {
	// CallRoutine computes one value, RoutineRows the rows of a set or of a record: the
	// types of their columns, too. args are of the types that the call site has found.
	CallRoutine(ctx context.Context, c *Call, args []types.Datum) (types.Datum, error)
	RoutineRows(ctx context.Context, c *Call, args []types.Datum) ([]*types.Type, [][]types.Datum, error)
}

// Interpreted gives a user's function that Env.Routine runs.
func Interpreted(f *Func) *Func {
	g := *f
	g.interpreted = true
	g.impl = &Impl{Set: routineSet}
	if !f.RetSet {
		g.impl.Bind = routineKernel
	}
	return &g
}

// The functions of PostgreSQL's that run a query given as text, by prosrc: Env.Routine
// runs them, as it does interpreted ones.
const (
	TSRewriteQuery = "tsquery_rewrite_query"
	TSStat         = "ts_stat1"
	TSStatWeights  = "ts_stat2"
)

// runsText tells the functions that run a query given as text.
func (f *Func) runsText() bool {
	return f.Schema == pgCatalogOID && (f.Src == TSRewriteQuery || f.Src == TSStat || f.Src == TSStatWeights)
}

// Interpreted tells whether Env.Routine runs the function: one call at a time.
func (f *Func) Interpreted() bool { return f.interpreted }

// routineKernel calls a function row by row, up to the first error: what it does may
// not be done once it has failed.
func routineKernel(site *Call) (Kernel, error) {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		out.Reset(site.Ret.Kind, n)
		row := make([]types.Datum, len(args))
		for i := range n {
			if c.skip(i) {
				continue
			}
			for j, a := range args {
				row[j] = a.Datum(i)
			}
			d, err := c.Env.routine(site).CallRoutine(c.Context, site, row)
			if err != nil {
				c.Bad.Set(i, err)
				for ; i < n; i++ {
					out.Set(i, types.Null)
				}
				return
			}
			out.Set(i, d)
		}
	}, nil
}

func routineSet(site *Call) (SetFunc, error) {
	return func(c *Ctx, args []types.Datum) (vec.Source, error) {
		ts, rows, err := c.Env.routine(site).RoutineRows(c.Context, site, args)
		if err != nil {
			return nil, err
		}
		return tableSource(ts, rows), nil
	}, nil
}

func (e *Env) routine(site *Call) Routines {
	if e.Routine == nil {
		return noRoutines{}
	}
	return e.Routine
}

// noRoutines is where no session runs functions.
type noRoutines struct{}

func (noRoutines) CallRoutine(_ context.Context, c *Call, _ []types.Datum) (types.Datum, error) {
	return types.Null, c.unsupported()
}

func (noRoutines) RoutineRows(_ context.Context, c *Call, _ []types.Datum) ([]*types.Type, [][]types.Datum, error) {
	return nil, nil, c.unsupported()
}
