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
	expr = shortTypes(c, shortNames(c, expr))
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

// shortTypes leaves out the schemas of the types of casts that the search path finds
// without.
func shortTypes(c *catalog.Context, expr string) string {
	if !strings.Contains(expr, "::") {
		return expr
	}
	var b strings.Builder
	for i := 0; i < len(expr); {
		switch {
		case expr[i] == '\'' || expr[i] == '"':
			end := i + 1
			for end < len(expr) && expr[end] != expr[i] {
				end++
			}
			end = min(end+1, len(expr))
			b.WriteString(expr[i:end])
			i = end
		case strings.HasPrefix(expr[i:], "::"):
			b.WriteString("::")
			i += 2
			schema, rest := identAt(expr[i:])
			if rest == "" || rest[0] != '.' {
				continue
			}
			name, _ := identAt(rest[1:])
			if s := c.Schema(schema); s != nil {
				if t := c.Type(s.OID, name); t != nil && c.FindType(c.Path, name) == t {
					i = len(expr) - len(rest) + 1
				}
			}
		default:
			b.WriteByte(expr[i])
			i++
		}
	}
	return b.String()
}

// identAt reads a name, quoted or not, at the head of s.
func identAt(s string) (name, rest string) {
	if strings.HasPrefix(s, `"`) {
		name, rest, _ := quotedPart(s)
		return name, rest
	}
	i := 0
	for i < len(s) && (s[i] == '_' || s[i] >= 'a' && s[i] <= 'z' || s[i] >= '0' && s[i] <= '9' || s[i] >= 0x80) {
		i++
	}
	return s[:i], s[i:]
}
