package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	add(map[string]scalar{
		"pg_get_expr":     func(c *call) (types.Datum, error) { return text(deparsed(c.Context, c.str(0), false)), nil },
		"pg_get_expr_ext": func(c *call) (types.Datum, error) { return text(deparsed(c.Context, c.str(0), c.flag(2))), nil },
	})
}

// deparsed shows an expression of the catalogue: names of relations in it as the
// search path wants them, and with pretty set without needless parentheses.
func deparsed(c *catalog.Context, expr string, pretty bool) string {
	expr = shortNames(c, expr)
	if pretty {
		return prettyExpr(expr)
	}
	return expr
}

// shortNames shows 'schema.name'::regclass, the argument of a serial column's
// nextval, as regclass shows it now.
func shortNames(c *catalog.Context, expr string) string {
	const cast = "'::regclass"
	i := strings.Index(expr, cast)
	if i < 0 {
		return expr
	}
	start := strings.LastIndexByte(expr[:i], '\'')
	if start < 0 {
		return expr
	}
	name := strings.ReplaceAll(expr[start+1:i], "''", "'")
	rest := shortNames(c, expr[i+len(cast):])
	if r, err := relationNamed(c, name); err == nil {
		name = relationName(c, r)
	}
	return expr[:start] + catalog.QuoteLiteral(name) + cast[1:] + rest
}
