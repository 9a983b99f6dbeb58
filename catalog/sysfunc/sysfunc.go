// Package sysfunc is the system information and administration functions: what
// has a name, how it was defined, who may use it, what the server is doing.
//
// A function is a row in one of the tables of this package, under the key that
// the registry of functions knows it by: its prosrc, or its signature where
// PostgreSQL writes it in SQL. Rows of arguments come one at a time; a strict
// function is not called with a NULL.
package sysfunc

import (
	"context"
	"maps"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// OID is short for the catalogue's.
type OID = catalog.OID

// Functions answers functions over what a session sees. It implements
// funcs.System and, for the reg* types, types.Names.
type Functions struct {
	*catalog.Context
}

// call is one call: the arguments, and whom to ask.
type call struct {
	*catalog.Context
	ctx  context.Context
	args []types.Datum
}

// scalar computes a function for one row, table a set-returning one or one that
// returns a record.
type (
	scalar func(c *call) (types.Datum, error)
	table  func(c *call) ([][]types.Datum, error)
)

var (
	scalars = map[string]scalar{}
	tables  = map[string]table{}
)

// add puts functions into the tables, from init functions.
func add(fs map[string]scalar) { maps.Copy(scalars, fs) }

func addTables(fs map[string]table) { maps.Copy(tables, fs) }

// Call computes a function for one row of arguments. One that is not known is
// 0A000.
func (f Functions) Call(ctx context.Context, name string, args []types.Datum) (types.Datum, error) {
	if fn := scalars[name]; fn != nil {
		return fn(&call{f.Context, ctx, args})
	}
	return types.Null, pgerr.NotSupported("function %s", name)
}

// Rows computes a function that returns a set or a record.
func (f Functions) Rows(ctx context.Context, name string, args []types.Datum) ([][]types.Datum, error) {
	if fn := tables[name]; fn != nil {
		return fn(&call{f.Context, ctx, args})
	}
	return nil, pgerr.NotSupported("function %s", name)
}

// Names lists the keys of the functions there are, for the registry's tests.
func Names() (scalarKeys, tableKeys []string) {
	return slices.Sorted(maps.Keys(scalars)), slices.Sorted(maps.Keys(tables))
}

// has tells whether argument i is there and not NULL.
func (c *call) has(i int) bool { return i < len(c.args) && !c.args[i].IsNull() }

func (c *call) oid(i int) OID {
	if !c.has(i) {
		return 0
	}
	return OID(c.args[i].Int())
}

func (c *call) num(i int) int64 {
	if !c.has(i) {
		return 0
	}
	return c.args[i].Int()
}

func (c *call) str(i int) string {
	if !c.has(i) {
		return ""
	}
	return c.args[i].Str()
}

func (c *call) flag(i int) bool { return c.has(i) && c.args[i].Bool() }

// Values, by the name of their type.

func text(s string) types.Datum  { return types.NewString(s) }
func boolean(b bool) types.Datum { return types.NewBool(b) }
func integer[T ~int | ~int16 | ~int32 | ~int64 | ~uint32 | ~uint64](n T) types.Datum {
	return types.NewInt(int64(n))
}
func float(f float64) types.Datum { return types.NewFloat(f) }

// textOrNull is NULL for the empty text.
func textOrNull(s string) types.Datum {
	if s == "" {
		return types.Null
	}
	return text(s)
}

// when is a timestamptz, NULL where there is none.
func when(us int64) types.Datum {
	if us == 0 {
		return types.Null
	}
	return types.NewInt(us)
}

// constant makes a function that always answers the same.
func constant(d types.Datum) scalar {
	return func(*call) (types.Datum, error) { return d, nil }
}

// noRows makes a function whose set is empty.
func noRows(*call) ([][]types.Datum, error) { return nil, nil }

// oneRow makes a function that returns a record of n NULLs: what it would tell of
// does not exist here.
func oneRow(n int) table {
	return func(*call) ([][]types.Datum, error) { return [][]types.Datum{make([]types.Datum, n)}, nil }
}
