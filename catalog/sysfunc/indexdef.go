package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	whole := func(pretty bool) scalar {
		return func(c *call) (types.Datum, error) {
			r := c.RelationByOID(c.oid(0))
			if r == nil || r.Index == nil {
				return types.Null, nil
			}
			return text(IndexDef(c.Context, r, pretty)), nil
		}
	}
	add(map[string]scalar{
		"pg_get_indexdef": whole(false),
		"pg_get_indexdef_ext": func(c *call) (types.Datum, error) {
			if c.num(1) == 0 {
				return whole(c.flag(2))(c)
			}
			r := c.RelationByOID(c.oid(0))
			if r == nil || r.Index == nil {
				return types.Null, nil
			}
			return text(indexColumn(c.Context, r, int(c.num(1)), c.flag(2))), nil
		},
	})
}

// IndexDef gives the CREATE INDEX of an index. pretty leaves out what the search
// path makes needless.
func IndexDef(c *catalog.Context, r *catalog.Relation, pretty bool) string {
	x := r.Index
	table := c.RelationByOID(x.Table)
	var b strings.Builder
	b.WriteString("CREATE ")
	if x.Unique {
		b.WriteString("UNIQUE ")
	}
	b.WriteString("INDEX " + catalog.QuoteIdent(r.Name) + " ON ")
	if r.Index.Partitioned {
		b.WriteString("ONLY ")
	}
	if pretty {
		b.WriteString(relationName(c, table))
	} else {
		b.WriteString(qualifiedName(c, table))
	}
	b.WriteString(" USING " + catalog.QuoteIdent(x.Method) + " (" + keyList(c, r, table, 0, x.NKeys, pretty))
	if x.NKeys < len(x.Keys) {
		b.WriteString(") INCLUDE (" + keyList(c, r, table, x.NKeys, len(x.Keys), pretty))
	}
	b.WriteByte(')')
	if x.NullsNotDistinct {
		b.WriteString(" NULLS NOT DISTINCT")
	}
	if len(r.Options) > 0 {
		b.WriteString(" WITH (" + optionList(r.Options) + ")")
	}
	if x.Predicate != "" {
		b.WriteString(" WHERE " + deparsed(c, x.Predicate, pretty))
	}
	return b.String()
}

func keyList(c *catalog.Context, r, table *catalog.Relation, from, to int, pretty bool) string {
	var keys []string
	for i := from; i < to; i++ {
		s := keyText(c, table, &r.Index.Keys[i], pretty)
		if i < r.Index.NKeys {
			s += keyOptions(c, r.Index, table, &r.Index.Keys[i])
		}
		keys = append(keys, s)
	}
	return strings.Join(keys, ", ")
}

// keyText gives a key of an index: a column, a function call, or another
// expression in parentheses.
func keyText(c *catalog.Context, table *catalog.Relation, k *catalog.IndexKey, pretty bool) string {
	if k.Column > 0 {
		return catalog.QuoteIdent(table.Columns[k.Column-1].Name)
	}
	s := deparsed(c, k.Expr, pretty)
	if functionCall(s) {
		return s
	}
	return "(" + s + ")"
}

// keyOptions gives what follows a key where it is not the default.
func keyOptions(c *catalog.Context, x *catalog.IndexDef, table *catalog.Relation, k *catalog.IndexKey) string {
	s := ""
	t := c.TypeByOID(k.TypeOID)
	natural := OID(0)
	if t != nil {
		natural = t.Collation
	}
	if k.Column > 0 && table.Columns[k.Column-1].Collation != 0 {
		natural = table.Columns[k.Column-1].Collation
	}
	if k.Collation != 0 && k.Collation != natural {
		if n, ok := dumpedName("pg_collation", "collname", k.Collation); ok {
			s += " COLLATE " + n
		}
	}
	if class := catalog.OpClassByOID(k.OpClass); class != nil && class.OID != catalog.DefaultOpClass(class.Method, t) {
		s += " " + catalog.QuoteIdent(class.Name)
	}
	switch {
	case k.Desc && k.NullsFirst:
		s += " DESC"
	case k.Desc:
		s += " DESC NULLS LAST"
	case k.NullsFirst:
		s += " NULLS FIRST"
	}
	return s
}

// indexColumn gives the definition of one key, counted from 1, without its
// options; "" when there is none.
func indexColumn(c *catalog.Context, r *catalog.Relation, n int, pretty bool) string {
	if n < 1 || n > len(r.Index.Keys) {
		return ""
	}
	return keyText(c, c.RelationByOID(r.Index.Table), &r.Index.Keys[n-1], pretty)
}

// functionCall tells an expression that is one function call.
func functionCall(s string) bool {
	i := strings.IndexByte(s, '(')
	if i <= 0 || !strings.HasSuffix(s, ")") {
		return false
	}
	for _, c := range []byte(s[:i]) {
		if !wordStart(c) && !(c >= '0' && c <= '9') && c != '.' && c != '"' {
			return false
		}
	}
	return enclosed(s[i:])
}

// enclosed tells a text that one pair of parentheses encloses.
func enclosed(s string) bool {
	if len(s) < 2 || s[0] != '(' {
		return false
	}
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\'', '"':
			end := strings.IndexByte(s[i+1:], s[i])
			if end < 0 {
				return false
			}
			i += end + 1
		case '(':
			depth++
		case ')':
			depth--
			if depth == 0 {
				return i == len(s)-1
			}
		}
	}
	return false
}

// optionList gives name=value options as WITH wants them.
func optionList(options []string) string {
	out := make([]string, len(options))
	for i, o := range options {
		n, v, _ := strings.Cut(o, "=")
		out[i] = catalog.QuoteIdent(n) + "='" + strings.ReplaceAll(v, "'", "''") + "'"
	}
	return strings.Join(out, ", ")
}
