package funcs

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Delegate makes Env.System answer for functions that have no Impl of their own:
// those whose key, or whose signature where several share a key, is listed. It
// is called once by who implements System, before any other use of the registry.
func Delegate(scalars, tables []string) {
	known := map[string]bool{}
	for _, k := range append(scalars, tables...) {
		known[k] = true
	}
	for _, f := range byOID {
		name := f.Signature()
		if !known[name] {
			name = f.key()
		}
		if f.impl == nil && f.Kind == Scalar && known[name] {
			f.impl, f.system = delegated(f, name), true
		}
	}
}

// OfSystem tells whether Env.System computes the function: whether its value
// depends on the catalogue or on the server's state.
func (f *Func) OfSystem() bool { return f.system }

// delegated makes the Impl of a function that System computes under a name.
func delegated(f *Func, name string) *Impl {
	switch {
	case f.RetSet:
		return &Impl{Set: delegatedSet(f, name)}
	case len(f.Out) > 0: // one row: a table in FROM, a record elsewhere
		return &Impl{Set: delegatedSet(f, name), Kernel: rows(types.Bytes, func(c *Ctx, args []types.Datum) (types.Datum, error) {
			set, err := c.Env.systemRows(c.Context, name, args)
			if err != nil || len(set) == 0 {
				return types.Null, err
			}
			ts := make([]*types.Type, len(f.Out))
			for i, o := range f.Out {
				ts[i] = o.Type
			}
			return types.NewString(string(types.AppendRecord(nil, ts, set[0]))), nil
		})}
	}
	return &Impl{Kernel: rows(f.Ret.Kind, func(c *Ctx, args []types.Datum) (types.Datum, error) {
		if c.Env.System == nil {
			return types.Null, pgerr.NotSupported("function %s here", f.Signature())
		}
		return c.Env.System.Call(c.Context, name, args)
	})}
}

func (e *Env) systemRows(ctx context.Context, name string, args []types.Datum) ([][]types.Datum, error) {
	if e.System == nil {
		return nil, pgerr.NotSupported("function %s here", name)
	}
	return e.System.Rows(ctx, name, args)
}

func delegatedSet(f *Func, name string) func(*Call) (SetFunc, error) {
	ts := []*types.Type{f.Ret}
	if len(f.Out) > 0 {
		ts = ts[:0]
		for _, o := range f.Out {
			ts = append(ts, o.Type)
		}
	}
	return func(*Call) (SetFunc, error) {
		return func(c *Ctx, args []types.Datum) (vec.Source, error) {
			set, err := c.Env.systemRows(c.Context, name, args)
			if err != nil {
				return nil, err
			}
			return source(ts, func(row []types.Datum) (bool, error) {
				if len(set) == 0 {
					return false, nil
				}
				copy(row, set[0])
				set = set[1:]
				return true, nil
			}), nil
		}, nil
	}
}
