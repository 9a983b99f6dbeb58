package catalog

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// Context is what virtual relations and system information functions read.
type Context struct {
	*Snapshot
	// Path is the effective search path, Temp the session's schema of temporary
	// objects (0: none yet).
	Path Path
	Temp OID
	// Role is the current user.
	Role    OID
	Server  Server
	Session Session
	Env     *types.Env
}
