package oracle

import (
	"fmt"
	"math/rand"
	"strings"
)

// Generator makes random statements that are valid SQL of PostgreSQL's.
type Generator struct {
	rng   *rand.Rand
	depth int
}

// NewGenerator makes a generator; the same seed gives the same statements.
func NewGenerator(seed int64) *Generator {
	return &Generator{rng: rand.New(rand.NewSource(seed))}
}

func (g *Generator) pick(list ...string) string { return list[g.rng.Intn(len(list))] }

func (g *Generator) chance(n int) bool { return g.rng.Intn(n) == 0 }

// opt gives s once in n times, else nothing.
func (g *Generator) opt(n int, s func() string) string {
	if g.chance(n) {
		return s()
	}
	return ""
}

// list joins one to n items.
func (g *Generator) list(n int, item func() string) string {
	out := []string{item()}
	for len(out) < n && g.chance(2) {
		out = append(out, item())
	}
	return strings.Join(out, ", ")
}

// Statement makes a query or a DML statement.
func (g *Generator) Statement() string {
	g.depth = 0
	switch g.rng.Intn(8) {
	case 0:
		return g.insert()
	case 1:
		return g.update()
	case 2:
		return g.delete()
	}
	return g.query()
}

func (g *Generator) name() string {
	return g.pick("a", "b", "c", "t", "u", "year", "value", `"A b"`, "x1", "date", "nulls", "rows", `"select"`)
}

func (g *Generator) table() string { return g.pick("", "", "s.") + g.pick("t", "u", "v", `"T"`) }

func (g *Generator) column() string {
	switch g.rng.Intn(6) {
	case 0:
		return "t." + g.name()
	case 1:
		return "s.t." + g.name()
	}
	return g.name()
}

func (g *Generator) literal() string {
	return g.pick("1", "0", "42", "1.5", ".5", "2147483648", "'x'", "'it''s'", `E'\n'`, "NULL", "TRUE", "false", "$1",
		"B'01'", "1e3", "date '2020-01-01'", "interval '1' day", "'1'::int", "99999999999999999999")
}

func (g *Generator) typeName() string {
	return g.pick("int", "text", "numeric(10,2)", "varchar(3)", "timestamptz", "double precision", "int[]",
		"timestamp(3) with time zone", "s.typ", "char", `"char"`, "interval day to second(2)", "bit varying(3)", "text[][]")
}

// expr makes an expression that can stand anywhere.
func (g *Generator) expr() string {
	if g.depth > 5 {
		return g.leaf()
	}
	g.depth++
	defer func() { g.depth-- }()
	switch g.rng.Intn(26) {
	case 0, 1, 2, 3:
		return g.leaf()
	case 4, 5:
		return g.expr() + " " + g.pick("+", "-", "*", "/", "%", "^") + " " + g.expr()
	case 6:
		return g.expr() + " " + g.pick("||", "->", "@>", "&", "|", "#", "<<", "~", "OPERATOR(pg_catalog.+)") + " " + g.expr()
	case 7:
		return g.expr() + g.pick(" AND ", " OR ") + g.expr()
	case 8:
		return "NOT " + g.expr()
	case 9:
		return "(" + g.expr() + ") " + g.pick("<", ">", "=", "<=", ">=", "<>") + " (" + g.expr() + ")"
	case 10:
		return g.pick("- ", "+ ", "@ ", "~ ", "|/ ") + g.expr()
	case 11:
		return "(" + g.expr() + ") " + g.pick("IS NULL", "IS NOT NULL", "ISNULL", "IS TRUE", "IS NOT UNKNOWN", "IS NFC NORMALIZED")
	case 12:
		return "(" + g.expr() + ") IS " + g.pick("", "NOT ") + "DISTINCT FROM (" + g.expr() + ")"
	case 13:
		return "(" + g.expr() + ") " + g.pick("", "NOT ") + "BETWEEN " + g.pick("", "SYMMETRIC ") + "(" + g.expr() + ") AND (" + g.expr() + ")"
	case 14:
		return "(" + g.expr() + ") " + g.pick("", "NOT ") + "IN (" + g.list(3, g.expr) + ")"
	case 15:
		return "(" + g.expr() + ") " + g.pick("LIKE", "NOT ILIKE", "SIMILAR TO") + " (" + g.expr() + ")" + g.opt(4, func() string { return " ESCAPE 'x'" })
	case 16:
		return "(" + g.expr() + ")::" + g.typeName()
	case 17:
		return "CAST(" + g.expr() + " AS " + g.typeName() + ")"
	case 18:
		return g.call()
	case 19:
		return "CASE " + g.opt(3, g.expr) + " WHEN " + g.expr() + " THEN " + g.expr() + g.opt(2, func() string { return " ELSE " + g.expr() }) + " END"
	case 20:
		return g.sub()
	case 21:
		if g.chance(4) {
			return "ARRAY[" + g.list(3, g.expr) + "]"
		}
		return g.pick("ROW(", "COALESCE(", "GREATEST(", "LEAST(") + g.list(3, g.expr) + ")"
	case 22:
		return "(" + g.expr() + ")" + g.pick(".b", "[1]", "[1:2]", "[:]", "[1].c")
	case 23:
		return "(" + g.expr() + ") AT TIME ZONE (" + g.expr() + ")"
	case 24:
		return "(" + g.expr() + `) COLLATE "C"`
	}
	return "(" + g.expr() + ")"
}

func (g *Generator) leaf() string {
	if g.chance(2) {
		return g.literal()
	}
	return g.column()
}

// sub makes a subquery in an expression.
func (g *Generator) sub() string {
	q := "(" + g.query() + ")"
	switch g.rng.Intn(5) {
	case 0:
		return "EXISTS " + q
	case 1:
		return "(" + g.expr() + ") " + g.pick("IN ", "NOT IN ", "= ANY ", "<> ALL ", "~ ANY ", "LIKE ANY ") + q
	case 2:
		return "ARRAY" + q
	}
	return q
}

func (g *Generator) call() string {
	switch g.rng.Intn(12) {
	case 0:
		return "count(*)" + g.opt(2, g.over)
	case 1:
		return "sum(" + g.pick("", "DISTINCT ", "ALL ") + g.expr() + g.opt(3, func() string { return " ORDER BY " + g.expr() }) + ")" +
			g.opt(3, func() string { return " FILTER (WHERE " + g.expr() + ")" }) + g.opt(3, g.over)
	case 2:
		return "EXTRACT(" + g.pick("year", "epoch", "'dow'") + " FROM " + g.expr() + ")"
	case 3:
		return "SUBSTRING(" + g.expr() + " FROM " + g.expr() + g.opt(2, func() string { return " FOR " + g.expr() }) + ")"
	case 4:
		return "TRIM(" + g.pick("BOTH", "LEADING", "TRAILING") + " " + g.expr() + " FROM " + g.expr() + ")"
	case 5:
		return "POSITION((" + g.expr() + ") IN (" + g.expr() + "))"
	case 6:
		return "OVERLAY(" + g.expr() + " PLACING " + g.expr() + " FROM " + g.expr() + ")"
	case 7:
		return "f(a => " + g.expr() + ", VARIADIC " + g.expr() + ")"
	case 8:
		return "NULLIF(" + g.expr() + ", " + g.expr() + ")"
	case 9:
		return "(" + g.expr() + ", " + g.expr() + ") OVERLAPS (" + g.expr() + ", " + g.expr() + ")"
	}
	return g.pick("f", "s.f", "lower", `"F"`, "left") + "(" + g.opt(2, func() string { return g.list(3, g.expr) }) + ")"
}

func (g *Generator) over() string {
	if g.chance(3) {
		return " OVER w"
	}
	return " OVER (" + g.opt(2, func() string { return "PARTITION BY " + g.list(2, g.expr) }) + " " +
		g.opt(2, func() string { return "ORDER BY " + g.list(2, g.sortItem) }) + " " +
		g.opt(3, func() string {
			return g.pick("ROWS", "RANGE", "GROUPS") + " " + g.pick("UNBOUNDED PRECEDING", "BETWEEN 1 PRECEDING AND CURRENT ROW",
				"BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING") + g.pick("", " EXCLUDE TIES", " EXCLUDE NO OTHERS")
		}) + ")"
}

func (g *Generator) sortItem() string {
	return g.expr() + g.pick("", "", " ASC", " DESC", " NULLS FIRST", " DESC NULLS LAST", " USING <")
}

func (g *Generator) target() string {
	return g.pick("*", "t.*", g.expr(), g.expr()+" AS "+g.name(), g.expr()+" AS select")
}

func (g *Generator) from() string {
	item := func() string {
		switch g.rng.Intn(8) {
		case 0:
			return g.pick("", "LATERAL ") + "(" + g.query() + ") AS q" + g.pick("", " (a, b)")
		case 1:
			return "f(" + g.expr() + ")" + g.pick("", " WITH ORDINALITY") + " AS g"
		case 2:
			return "g() AS (a int, b text)"
		case 3:
			return "ONLY " + g.table()
		}
		return g.table() + g.pick("", " AS x", " y", " AS z (a, b)")
	}
	s := item()
	for g.chance(2) && len(s) < 2000 {
		switch g.rng.Intn(6) {
		case 0:
			s += " CROSS JOIN " + item()
		case 1:
			s += " NATURAL " + g.pick("", "LEFT ", "FULL ") + "JOIN " + item()
		case 2:
			s += " JOIN " + item() + " USING (a, b)" + g.pick("", " AS j")
		case 3:
			s = "(" + s + " JOIN " + item() + " ON " + g.expr() + ")" + g.pick("", " AS k")
		case 4:
			s += " LEFT JOIN (" + item() + " JOIN " + item() + " ON true) ON " + g.expr()
		default:
			s += g.pick(" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL OUTER JOIN ") + item() + " ON " + g.expr()
		}
	}
	return s
}

// query makes a query with any of its clauses.
func (g *Generator) query() string {
	if g.depth > 4 {
		return "SELECT " + g.leaf()
	}
	g.depth++
	defer func() { g.depth-- }()
	q := g.core()
	for g.chance(5) {
		right := g.core()
		if g.chance(3) {
			right = "(" + g.query() + ")"
		}
		q += g.pick(" UNION ", " UNION ALL ", " INTERSECT ", " EXCEPT ", " EXCEPT ALL ") + right
	}
	if g.chance(8) {
		q = "WITH " + g.pick("", "RECURSIVE ") + "c " + g.pick("", "(a) ") + "AS " + g.pick("", "MATERIALIZED ") + "(" + g.query() + ") " + q
	}
	q += g.opt(4, func() string { return " ORDER BY " + g.list(3, g.sortItem) })
	q += g.opt(6, func() string { return " LIMIT " + g.expr() })
	q += g.opt(8, func() string { return " OFFSET " + g.expr() })
	return q + g.opt(15, func() string { return g.pick(" FOR UPDATE", " FOR SHARE OF t NOWAIT") })
}

func (g *Generator) core() string {
	switch g.rng.Intn(12) {
	case 0:
		row := func() string { return "(" + g.expr() + ", " + g.expr() + ")" }
		return "VALUES " + g.list(3, row)
	case 1:
		return "TABLE " + g.table()
	}
	q := "SELECT " + g.pick("", "", "", "DISTINCT ", "DISTINCT ON ("+g.expr()+") ") + g.list(4, g.target)
	if g.chance(6) {
		return q
	}
	q += " FROM " + g.list(3, g.from)
	q += g.opt(2, func() string { return " WHERE " + g.expr() })
	q += g.opt(4, func() string { return " GROUP BY " + g.list(3, g.groupItem) })
	q += g.opt(6, func() string { return " HAVING " + g.expr() })
	return q + g.opt(10, func() string { return " WINDOW w AS (PARTITION BY " + g.expr() + ")" })
}

func (g *Generator) groupItem() string {
	return g.pick(g.expr(), g.expr(), "()", "ROLLUP ("+g.list(2, g.expr)+")", "CUBE (a, (b, c))", "GROUPING SETS ((a), (), ROLLUP (b))")
}

func (g *Generator) returning() string {
	return g.opt(3, func() string { return " RETURNING " + g.list(3, g.target) })
}

func (g *Generator) insert() string {
	s := g.opt(6, func() string { return "WITH c AS (" + g.query() + ") " }) + "INSERT INTO " + g.table() + g.pick("", " AS x")
	s += g.opt(2, func() string { return " (a, b[1], c.d)" }) + g.pick("", "", " OVERRIDING USER VALUE") + " "
	s += g.pick("DEFAULT VALUES", g.query(), g.query(), fmt.Sprintf("VALUES (%s, %s), (%s, DEFAULT)", g.expr(), g.literal(), g.literal()))
	if strings.Contains(s, "OVERRIDING USER VALUE DEFAULT VALUES") || strings.Contains(s, ") DEFAULT VALUES") {
		s = "INSERT INTO t DEFAULT VALUES"
	}
	s += g.opt(4, func() string {
		return " ON CONFLICT " + g.pick("", "(a, (b + 1)) ", "ON CONSTRAINT c ") + g.pick("DO NOTHING", "DO UPDATE SET "+g.sets()+" WHERE "+g.expr())
	})
	s = strings.ReplaceAll(s, "ON CONFLICT DO UPDATE", "ON CONFLICT (a) DO UPDATE")
	return s + g.returning()
}

func (g *Generator) sets() string {
	return g.list(3, func() string {
		return g.pick("a = "+g.expr(), "b[1] = "+g.expr(), "c.d = DEFAULT", "(a, b) = ("+g.query()+")", "(a, b) = ROW("+g.expr()+", 2)")
	})
}

func (g *Generator) update() string {
	return "UPDATE " + g.pick("", "ONLY ") + g.table() + g.pick("", " AS x", " y") + " SET " + g.sets() +
		g.opt(3, func() string { return " FROM " + g.from() }) + g.opt(2, func() string { return " WHERE " + g.expr() }) + g.returning()
}

func (g *Generator) delete() string {
	return "DELETE FROM " + g.table() + g.pick("", " AS x", " y") + g.opt(3, func() string { return " USING " + g.from() }) +
		g.opt(2, func() string { return " WHERE " + g.expr() }) + g.returning()
}
