package sysfunc

import (
	"errors"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// notFound tells the errors of reading a reg type that to_reg… answers with NULL:
// that the object, its schema or there being only one of it is not so. Malformed
// names and unknown argument types stay errors.
func notFound(t *types.Type, err error) bool {
	var e *pgerr.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case pgerr.UndefinedTable, pgerr.UndefinedFunction, pgerr.AmbiguousFunction, pgerr.InvalidSchemaName:
		return true
	case pgerr.UndefinedObject:
		return t.OID != types.RegprocedureOID && t.OID != types.RegoperatorOID
	}
	return false
}
