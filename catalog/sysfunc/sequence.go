package sysfunc

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	add(map[string]scalar{
		"pg_get_serial_sequence": func(c *call) (types.Datum, error) {
			r, err := relationNamed(c.Context, c.str(0))
			if err != nil {
				return types.Null, err
			}
			_, num := r.Column(c.str(1))
			if num == 0 {
				return types.Null, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", c.str(1), c.str(0))
			}
			if q := c.OwnedSequence(r.OID, num); q != nil {
				return text(qualifiedName(c.Context, q)), nil
			}
			return types.Null, nil
		},
	})
	addTables(map[string]table{
		"pg_sequence_parameters": func(c *call) ([][]types.Datum, error) {
			r := c.RelationByOID(c.oid(0))
			if r == nil || r.Seq == nil {
				return nil, notASequence(c, c.oid(0))
			}
			q := r.Seq
			return [][]types.Datum{{
				integer(q.Start), integer(q.Min), integer(q.Max), integer(q.Increment), boolean(q.Cycle), integer(q.Cache), integer(q.TypeOID),
			}}, nil
		},
	})
}

func notASequence(c *call, oid OID) error {
	if r := c.RelationByOID(oid); r != nil {
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a sequence", r.Name)
	}
	return pgerr.New(pgerr.UndefinedTable, "could not open relation with OID %d", oid)
}
