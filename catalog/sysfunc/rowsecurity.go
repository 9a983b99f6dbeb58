package sysfunc

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

// rowSecurityActive tells whether row-level security limits the current role's sight of a
// relation.
func rowSecurityActive(c *call, r *catalog.Relation) types.Datum {
	if r == nil {
		return boolean(false)
	}
	on, _ := c.Restricts(r, c.Role)
	return boolean(on)
}
