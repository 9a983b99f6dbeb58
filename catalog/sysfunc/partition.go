package sysfunc

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Functions that tell of partitions.

func init() {
	add(map[string]scalar{
		"pg_get_partkeydef": func(c *call) (types.Datum, error) {
			if r := c.RelationByOID(c.oid(0)); r != nil {
				return textOrNull(c.PartKeyDef(r)), nil
			}
			return types.Null, nil
		},
		"pg_get_partition_constraintdef": func(c *call) (types.Datum, error) {
			if r := c.RelationByOID(c.oid(0)); r != nil && r.Part != nil {
				return textOrNull(partitionConstraint(c, r)), nil
			}
			return types.Null, nil
		},
		"satisfies_hash_partition": satisfiesHash,
		"pg_partition_root": func(c *call) (types.Datum, error) {
			if r := partitioned(c); r != nil {
				up := c.Ancestors(r)
				return integer(up[len(up)-1].OID), nil
			}
			return types.Null, nil
		},
	})
	addTables(map[string]table{
		"pg_partition_tree": func(c *call) ([][]types.Datum, error) {
			r := partitioned(c)
			if r == nil {
				return nil, nil
			}
			return partitionTree(c, r, types.Null, 0, nil), nil
		},
		"pg_partition_ancestors": func(c *call) ([][]types.Datum, error) {
			var rows [][]types.Datum
			if r := partitioned(c); r != nil {
				for _, up := range c.Ancestors(r) {
					rows = append(rows, []types.Datum{integer(up.OID)})
				}
			}
			return rows, nil
		},
	})
}

// partitioned is the relation that is asked for, if it is part of a partition tree.
func partitioned(c *call) *catalog.Relation {
	r := c.RelationByOID(c.oid(0))
	if r == nil {
		return nil
	}
	if r.PartKey != nil || r.Part != nil || r.Index != nil && (r.Index.Partitioned || r.Index.Parent != 0) {
		return r
	}
	return nil
}

func partitionTree(c *call, r *catalog.Relation, parent types.Datum, level int, rows [][]types.Datum) [][]types.Datum {
	if up := c.Ancestors(r); parent.IsNull() && len(up) > 1 {
		parent = integer(up[1].OID)
	}
	leaf := r.PartKey == nil && (r.Index == nil || !r.Index.Partitioned)
	rows = append(rows, []types.Datum{integer(r.OID), parent, boolean(leaf), integer(level)})
	for _, p := range c.PartChildren(r) {
		rows = partitionTree(c, p, integer(r.OID), level+1, rows)
	}
	return rows
}
