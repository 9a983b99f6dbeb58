package funcs

import (
	"context"
	"slices"
	"unsafe"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Kernel computes n rows of a scalar function: see the package comment, K1–K5.
type Kernel func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec)

// Ctx is what a kernel gets besides its arguments.
type Ctx struct {
	// Context ends a kernel that works long on one row (pg_sleep, a regular
	// expression, generate_series); the others need not look at it.
	Context context.Context
	Env     *Env
	// Null marks the rows that a strict function is not asked about; nil: none.
	Null []bool
	Bad  *vec.RowErrors
}

// Call is one call site: what is known when the plan is compiled.
type Call struct {
	Func *Func
	// Args are the actual argument types (after coercion, so polymorphic ones
	// are resolved), Ret the actual result type.
	Args []*types.Type
	Mods []int32
	Ret  *types.Type
	// Const holds the value of the arguments that are constants; nil for others.
	Const []*types.Datum
	// Variadic says that the last argument of a VARIADIC "any" function was given
	// with the keyword, as an array.
	Variadic bool
	// Columns is the row type asked for by a column definition list, for
	// functions that return record.
	Columns []OutColumn
	// Order is the ORDER BY of WITHIN GROUP, a key per aggregated argument.
	Order []SortKey
	Env   *Env
}

// SortKey is how one column is sorted. The zero SortKey is ASC NULLS LAST.
type SortKey struct{ Desc, NullsFirst bool }

// SetFunc is a set-returning function at its call site. It is called once per
// row of arguments and gives the rows it makes: one column for a scalar type,
// one per OUT column for a record. The Source keeps nothing of args but strings.
type SetFunc func(c *Ctx, args []types.Datum) (vec.Source, error)

// Bind gives the kernel of a scalar function for a call site. A function without
// an implementation is 0A000.
func (c *Call) Bind() (Kernel, error) {
	im := c.Func.impl
	switch {
	case im == nil || im.Kernel == nil && im.Bind == nil:
		return nil, c.unsupported()
	case im.Bind == nil:
		return c.inContext(im.Kernel), nil
	}
	k, err := im.Bind(c)
	if err != nil {
		return nil, err
	}
	return c.inContext(k), nil
}

// inContext adds the context that PostgreSQL reports for its functions written
// in SQL when it evaluates them ahead, for constants; elsewhere their bodies
// become part of the query, and there is none.
func (c *Call) inContext(k Kernel) Kernel {
	if !c.Func.inSQL || c.Func.Volatility != Immutable || !c.constant() {
		return k
	}
	return func(ctx *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		before := len(ctx.Bad.Errs)
		k(ctx, args, n, out)
		for i := before; i < len(ctx.Bad.Errs); i++ {
			e := *pgerr.From(ctx.Bad.Errs[i])
			ctx.Bad.Errs[i] = e.WithWhere("SQL function \"%s\" statement 1", c.Func.Name)
		}
	}
}

// constant tells whether all arguments are constants, and there are some.
func (c *Call) constant() bool {
	for _, d := range c.Const {
		if d == nil {
			return false
		}
	}
	return len(c.Const) > 0
}

func (c *Call) unsupported() error {
	return pgerr.NotSupported("function %s", c.Func.Signature())
}

// BindSet gives the set-returning function for a call site. A function that
// returns one row, and is strict, gives a row of NULLs for a NULL argument; of
// one that returns a set the caller makes no call then.
func (c *Call) BindSet() (SetFunc, error) {
	im := c.Func.impl
	if im == nil || im.Set == nil {
		return nil, c.unsupported()
	}
	set, err := im.Set(c)
	if err != nil || c.Func.RetSet || !c.Func.Strict {
		return set, err
	}
	return func(ctx *Ctx, args []types.Datum) (vec.Source, error) {
		for _, a := range args {
			if a.IsNull() {
				ts := c.columnTypes()
				return tableSource(ts, [][]types.Datum{make([]types.Datum, len(ts))}), nil
			}
		}
		return set(ctx, args)
	}, nil
}

// BindAcc gives an accumulator for a call site.
func (c *Call) BindAcc() (Acc, error) {
	if im := c.Func.impl; im != nil && im.Acc != nil {
		return im.Acc(c)
	}
	return nil, c.unsupported()
}

// Value are the Go types of values, one per physical kind.
type Value interface {
	bool | int64 | float64 | string | types.Numeric | types.Interval
}

// In gives the values of v as a slice. A narrow numeric column is widened into
// memory of its own.
func In[T Value](v *vec.Vec) []T {
	var z T
	var p unsafe.Pointer
	switch any(z).(type) {
	case bool:
		p = unsafe.Pointer(&v.Bools)
	case int64:
		p = unsafe.Pointer(&v.Ints)
	case float64:
		p = unsafe.Pointer(&v.Floats)
	case string:
		p = unsafe.Pointer(&v.Strs)
	case types.Interval:
		p = unsafe.Pointer(&v.Inters)
	case types.Numeric:
		if v.Narrow {
			w := *v
			w.Ints = slices.Clip(w.Ints) // what it is cut from may be much longer
			w.Widen()
			v = &w
		}
		p = unsafe.Pointer(&v.Nums)
	}
	return *(*[]T)(p)
}

// Out makes out n values of the kind of T and gives them as a slice.
func Out[T Value](out *vec.Vec, n int) []T {
	var z T
	switch any(z).(type) {
	case bool:
		out.Reset(types.Bool, n)
	case int64:
		out.Reset(types.Int, n)
	case float64:
		out.Reset(types.Float, n)
	case string:
		out.Reset(types.Bytes, n)
	case types.Interval:
		out.Reset(types.Inter, n)
	case types.Numeric:
		out.Reset(types.Numer, n)
	}
	return In[T](out)
}

// skip tells whether a strict kernel leaves row i alone.
func (c *Ctx) skip(i int) bool { return c.Null != nil && c.Null[i] }

// fn1 makes a kernel of a function of one argument that cannot fail.
func fn1[A, R Value](f func(A) R) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, r := In[A](args[0]), Out[R](out, n)
		for i := range n {
			if !c.skip(i) {
				r[i] = f(a[i])
			}
		}
	}
}

// fn1e makes a kernel of a function of one argument that can fail.
func fn1e[A, R Value](f func(A) (R, error)) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, r := In[A](args[0]), Out[R](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			var err error
			if r[i], err = f(a[i]); err != nil {
				c.Bad.Set(i, err)
			}
		}
	}
}

// fn2 makes a kernel of a function of two arguments that cannot fail.
func fn2[A, B, R Value](f func(A, B) R) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, b, r := In[A](args[0]), In[B](args[1]), Out[R](out, n)
		for i := range n {
			if !c.skip(i) {
				r[i] = f(a[i], b[i])
			}
		}
	}
}

// fn2e makes a kernel of a function of two arguments that can fail.
func fn2e[A, B, R Value](f func(A, B) (R, error)) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, b, r := In[A](args[0]), In[B](args[1]), Out[R](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			var err error
			if r[i], err = f(a[i], b[i]); err != nil {
				c.Bad.Set(i, err)
			}
		}
	}
}

// fn3e makes a kernel of a function of three arguments.
func fn3e[A, B, C, R Value](f func(A, B, C) (R, error)) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, b, d, r := In[A](args[0]), In[B](args[1]), In[C](args[2]), Out[R](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			var err error
			if r[i], err = f(a[i], b[i], d[i]); err != nil {
				c.Bad.Set(i, err)
			}
		}
	}
}

// env1e and env2e are fn1e and fn2e for functions that read the environment.
func env1e[A, R Value](f func(*Env, A) (R, error)) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		fn1e(func(a A) (R, error) { return f(c.Env, a) })(c, args, n, out)
	}
}

func env2e[A, B, R Value](f func(*Env, A, B) (R, error)) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		fn2e(func(a A, b B) (R, error) { return f(c.Env, a, b) })(c, args, n, out)
	}
}

// rows makes a kernel of a function over values, for functions that are not
// strict or not worth a typed loop. A NULL argument is a NULL Datum.
func rows(kind types.Kind, f func(c *Ctx, args []types.Datum) (types.Datum, error)) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		out.Reset(kind, n)
		row := make([]types.Datum, len(args))
		for i := range n {
			if c.skip(i) {
				continue
			}
			for j, a := range args {
				row[j] = a.Datum(i)
			}
			d, err := f(c, row)
			if err != nil {
				c.Bad.Set(i, err)
				d = types.Null
			}
			out.Set(i, d)
		}
	}
}

// fn4e makes a kernel of a function of four arguments.
func fn4e[A, B, C, D, R Value](f func(A, B, C, D) (R, error)) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, b, d, e, r := In[A](args[0]), In[B](args[1]), In[C](args[2]), In[D](args[3]), Out[R](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			var err error
			if r[i], err = f(a[i], b[i], d[i], e[i]); err != nil {
				c.Bad.Set(i, err)
			}
		}
	}
}
