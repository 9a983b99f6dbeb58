package catalog

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
)

// RowsFunc makes the rows of a virtual relation: it hands each to emit, a value
// per column in column order. The row is lent.
type RowsFunc func(ctx context.Context, c *Context, emit func(row []types.Datum) error) error

// Context is what virtual relations and system information functions read.
type Context struct {
	*Snapshot
	Path   Path
	Role   OID
	Server Server
	Env    *types.Env
}

// Server is what they ask of the running server. The engine supplies it.
type Server interface {
	// RelationStats gives the number of rows and of bytes that a stored relation
	// has now.
	RelationStats(oid OID) (rows, bytes int64)
}

var (
	systemByOID      = map[OID]*Relation{}
	systemByName     = map[name]*Relation{}
	systemTypeByOID  = map[OID]*types.Type{}
	systemTypeByName = map[name]*types.Type{}
)
