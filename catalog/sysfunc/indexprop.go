package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

// ordered tells the access methods whose indexes are in an order.
func ordered(method string) bool { return method == "btree" }

// columnProperty answers for a key of an index; a column that is only included
// has hardly any properties.
func columnProperty(r *catalog.Relation, n int64, property string) types.Datum {
	x := r.Index
	if n < 1 || n > int64(len(x.Keys)) {
		return types.Null
	}
	k, key := x.Keys[n-1], n <= int64(x.NKeys)
	order := ordered(x.Method)
	switch strings.ToLower(property) {
	case "asc":
		return yes(key, order && !k.Desc)
	case "desc":
		return yes(key, order && k.Desc)
	case "nulls_first":
		return yes(key, order && k.NullsFirst)
	case "nulls_last":
		return yes(key, order && !k.NullsFirst)
	case "orderable":
		return boolean(key && order)
	case "distance_orderable":
		return boolean(false)
	case "returnable":
		return boolean(order)
	case "search_array":
		return yes(key, order)
	case "search_nulls":
		return yes(key, order || x.Method == "gist" || x.Method == "spgist" || x.Method == "brin")
	}
	return types.Null
}

// yes is NULL for a column that is no key.
func yes(key, b bool) types.Datum {
	if !key {
		return types.Null
	}
	return boolean(b)
}

func indexProperty(method, property string) types.Datum {
	switch strings.ToLower(property) {
	case "clusterable":
		return boolean(method == "btree" || method == "gist")
	case "index_scan":
		return boolean(method != "gin" && method != "brin")
	case "bitmap_scan":
		return boolean(true)
	case "backward_scan":
		return boolean(method == "btree" || method == "hash")
	}
	return types.Null
}

func methodProperty(method, property string) types.Datum {
	switch strings.ToLower(property) {
	case "can_order", "can_unique":
		return boolean(method == "btree")
	case "can_multi_col":
		return boolean(method != "hash" && method != "spgist")
	case "can_exclude":
		return boolean(method != "gin" && method != "brin")
	case "can_include":
		return boolean(method == "btree" || method == "gist" || method == "spgist")
	}
	return types.Null
}

func init() {
	add(map[string]scalar{
		"pg_index_column_has_property": func(c *call) (types.Datum, error) {
			if r := c.RelationByOID(c.oid(0)); r != nil && r.Index != nil {
				return columnProperty(r, c.num(1), c.str(2)), nil
			}
			return types.Null, nil
		},
		"pg_index_has_property": func(c *call) (types.Datum, error) {
			if r := c.RelationByOID(c.oid(0)); r != nil && r.Index != nil {
				return indexProperty(r.Index.Method, c.str(1)), nil
			}
			return types.Null, nil
		},
		"pg_indexam_has_property": func(c *call) (types.Datum, error) {
			m := catalog.AccessMethodName(c.oid(0))
			if m == "" || m == "heap" || m == "stream" {
				return types.Null, nil
			}
			return methodProperty(m, c.str(1)), nil
		},
		"_pg_index_position": func(c *call) (types.Datum, error) {
			if r := c.RelationByOID(c.oid(0)); r != nil && r.Index != nil {
				for i, k := range r.Index.Keys {
					if int64(k.Column) == c.num(1) {
						return integer(i + 1), nil
					}
				}
			}
			return types.Null, nil
		},
	})
}
