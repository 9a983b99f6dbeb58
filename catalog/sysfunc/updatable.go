package sysfunc

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

// What may be done to the rows of a relation, as bits of PostgreSQL's command
// types.
const (
	mayUpdate = 1 << 2
	mayInsert = 1 << 3
	mayDelete = 1 << 4
)

// updatable tells what INSERT, UPDATE and DELETE a relation takes: tables all,
// streams rows only, companions of streams, views and the system's nothing.
func updatable(r *catalog.Relation) int {
	switch {
	case r == nil:
		return 0
	case r.Kind == catalog.Table && (r.Stream == nil || r.Stream.LateOf == 0):
		return mayUpdate | mayInsert | mayDelete
	case r.Kind == catalog.Stream:
		return mayInsert
	}
	return 0
}

func init() {
	add(map[string]scalar{
		"pg_relation_is_updatable": func(c *call) (types.Datum, error) {
			r := c.RelationByOID(c.oid(0))
			bits := updatable(r)
			if r != nil && c.flag(1) {
				for verb, bit := range map[string]int{"INSERT": mayInsert, "UPDATE": mayUpdate, "DELETE": mayDelete} {
					if r.HasInstead(verb) || r.Replaces(verb) {
						bits |= bit
					}
				}
			}
			return integer(bits), nil
		},
		"pg_column_is_updatable": func(c *call) (types.Datum, error) {
			const needed = mayUpdate | mayDelete
			return boolean(c.num(1) > 0 && updatable(c.RelationByOID(c.oid(0)))&needed == needed), nil
		},
		"pg_relation_is_publishable": func(c *call) (types.Datum, error) {
			r := c.RelationByOID(c.oid(0))
			if r == nil {
				return types.Null, nil
			}
			return boolean(r.Kind == catalog.Table && r.Persistence == 'p' && r.OID >= types.FirstUserOID), nil
		},
		"pg_get_replica_identity_index": func(c *call) (types.Datum, error) {
			if r := c.RelationByOID(c.oid(0)); r != nil {
				if pk := r.PrimaryKey(); pk != nil {
					return integer(pk.Index), nil
				}
			}
			return types.Null, nil
		},
		// There are no extended statistics.
	})
}
