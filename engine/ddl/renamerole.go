package ddl

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// renameRole runs ALTER ROLE … RENAME TO.
func (r *run) renameRole(st *ast.Rename) error {
	return pgerr.NotSupported("ALTER ROLE RENAME")
}
