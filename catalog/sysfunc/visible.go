package sysfunc

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/types"
)

// dumpedVisible makes the test of a kind of object that only PostgreSQL's own are
// of: they are visible while pg_catalog is on the path.
func dumpedVisible(tableName string) scalar {
	return func(c *call) (types.Datum, error) {
		t := pgdata.Load(tableName)
		oid, want := t.Column("oid"), oidText(c.oid(0))
		for _, r := range t.Rows {
			if r[oid] == want {
				return boolean(onPath(c.Context, catalog.PgCatalogOID)), nil
			}
		}
		return types.Null, nil
	}
}

func init() {
	add(map[string]scalar{
		"pg_table_is_visible": func(c *call) (types.Datum, error) {
			r := c.RelationByOID(c.oid(0))
			if r == nil {
				return types.Null, nil
			}
			return boolean(c.Visible(c.Path, r)), nil
		},
		"pg_type_is_visible": func(c *call) (types.Datum, error) {
			t := c.TypeByOID(c.oid(0))
			if t == nil {
				return types.Null, nil
			}
			found := c.FindType(c.Path, t.Name)
			return boolean(found != nil && found.OID == t.OID), nil
		},
		"pg_function_is_visible": func(c *call) (types.Datum, error) {
			if f := c.FuncByOID(c.oid(0)); f != nil {
				return boolean(onPath(c.Context, f.Schema)), nil
			}
			if dumpedProcs()[c.oid(0)] != nil {
				return boolean(onPath(c.Context, catalog.PgCatalogOID)), nil
			}
			return types.Null, nil
		},
		"pg_operator_is_visible":    dumpedVisible("pg_operator"),
		"pg_opclass_is_visible":     dumpedVisible("pg_opclass"),
		"pg_opfamily_is_visible":    dumpedVisible("pg_opfamily"),
		"pg_conversion_is_visible":  dumpedVisible("pg_conversion"),
		"pg_collation_is_visible":   dumpedVisible("pg_collation"),
		"pg_ts_parser_is_visible":   dumpedVisible("pg_ts_parser"),
		"pg_ts_dict_is_visible":     dumpedVisible("pg_ts_dict"),
		"pg_ts_template_is_visible": dumpedVisible("pg_ts_template"),
		"pg_ts_config_is_visible":   dumpedVisible("pg_ts_config"),
	})
}
