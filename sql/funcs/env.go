package funcs

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Env is what functions may ask of their surroundings: the session and its
// transaction, the catalogue, sequences. The engine supplies it; in a view the
// parts a view may not depend on are absent, and the planner has refused the
// functions that need them.
type Env struct {
	types.Env // formats; Now is the start of the transaction

	// StmtTime is the start of the statement, in microseconds since 2000-01-01 UTC.
	StmtTime int64
	// Clock gives the time now, in the same unit (clock_timestamp and random
	// functions only; no operator of a view calls it).
	Clock func() int64

	Session  Session
	System   System
	Sequence Sequences
	Routine  Routines // nil: functions that are interpreted are refused
}

// Session is what current_user, current_setting and their kin ask.
type Session interface {
	Database() string
	// Random is the session's generator, seeded by setseed.
	Random() float64
	Seed(float64)
}

// System answers the system information functions: everything that reads the
// catalogue or the server's state (pg_get_viewdef, has_table_privilege,
// pg_table_size, obj_description …). Names are the keys of the registry: prosrc,
// or the signature of a function that PostgreSQL writes in SQL.
type System interface {
	// Call computes one function for one row of arguments. A name that is not
	// known is 0A000.
	Call(ctx context.Context, name string, args []types.Datum) (types.Datum, error)
	// Rows computes one that returns a set or a record: a value per OUT column.
	Rows(ctx context.Context, name string, args []types.Datum) ([][]types.Datum, error)
}

// Sequences serves nextval and its kin.
type Sequences interface {
	Next(seq types.OID) (int64, error)
	Current(seq types.OID) (int64, error)
	Last() (int64, error)
	Set(seq types.OID, value int64, called bool) error
}
