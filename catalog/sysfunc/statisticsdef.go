package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	def := func(fn func(c *catalog.Context, x *catalog.ExtStats, r *catalog.Relation) types.Datum) scalar {
		return func(c *call) (types.Datum, error) {
			x, r := c.ExtStatsByOID(c.oid(0))
			if x == nil {
				return types.Null, nil
			}
			return fn(c.Context, x, r), nil
		}
	}
	add(map[string]scalar{
		"pg_get_statisticsobjdef": def(func(c *catalog.Context, x *catalog.ExtStats, r *catalog.Relation) types.Datum {
			return text(statisticsDef(c, x, r))
		}),
		"pg_get_statisticsobjdef_columns": def(func(c *catalog.Context, x *catalog.ExtStats, r *catalog.Relation) types.Datum {
			return text(statisticsColumns(c, x, r))
		}),
		"pg_get_statisticsobjdef_expressions": def(func(c *catalog.Context, x *catalog.ExtStats, _ *catalog.Relation) types.Datum {
			if len(x.Exprs) == 0 {
				return types.Null
			}
			vals := make([]types.Datum, len(x.Exprs))
			for i, e := range x.Exprs {
				vals[i] = text(deparsed(c, e, false))
			}
			return array(textArray, vals...)
		}),
		"pg_statistics_obj_is_visible": func(c *call) (types.Datum, error) {
			x, _ := c.ExtStatsByOID(c.oid(0))
			if x == nil {
				return types.Null, nil
			}
			return boolean(statisticsVisible(c.Context, x)), nil
		},
	})
}

// statisticsVisible tells whether the plain name means this statistics object.
func statisticsVisible(c *catalog.Context, x *catalog.ExtStats) bool {
	for _, schema := range c.Path {
		if schema == c.Temp && c.Temp != 0 { // found by its full name only
			continue
		}
		if found, _ := c.ExtStatsNamed(schema, x.Name); found != nil {
			return found.OID == x.OID
		}
	}
	return false
}

// statisticsName gives the name of a statistics object, qualified where it must be.
func statisticsName(c *catalog.Context, x *catalog.ExtStats) string {
	if statisticsVisible(c, x) {
		return catalog.QuoteIdent(x.Name)
	}
	return schemaName(c, x.Schema) + "." + catalog.QuoteIdent(x.Name)
}

// statisticsDef gives the CREATE STATISTICS of an object (pg_get_statisticsobj_worker).
func statisticsDef(c *catalog.Context, x *catalog.ExtStats, r *catalog.Relation) string {
	var kinds []string
	for _, k := range []struct{ letter, word string }{{"d", "ndistinct"}, {"f", "dependencies"}, {"m", "mcv"}} {
		if strings.Contains(x.Kinds, k.letter) {
			kinds = append(kinds, k.word)
		}
	}
	s := "CREATE STATISTICS " + schemaName(c, x.Schema) + "." + catalog.QuoteIdent(x.Name)
	if len(kinds) < 3 && len(x.Columns)+len(x.Exprs) > 1 {
		s += " (" + strings.Join(kinds, ", ") + ")"
	}
	return s + " ON " + statisticsColumns(c, x, r) + " FROM " + relationName(c, r)
}

// statisticsColumns lists what a statistics object is of.
func statisticsColumns(c *catalog.Context, x *catalog.ExtStats, r *catalog.Relation) string {
	var list []string
	for _, n := range x.Columns {
		list = append(list, catalog.QuoteIdent(r.Columns[n-1].Name))
	}
	for _, e := range x.Exprs {
		s := deparsed(c, e, true)
		if !functionCall(s) {
			s = "(" + s + ")"
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}
