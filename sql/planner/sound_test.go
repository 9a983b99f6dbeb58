package planner_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/plantest"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
)

var (
	soundQueries = flag.Int("sound", 200, "random queries of TestRulesAreSound")
	soundSeed    = flag.Uint64("soundseed", 1, "their seed")
)

// TestRulesAreSound runs random queries as they are bound, with all rules, and with
// each rule left out: the rows are the same. Queries that fail are passed over:
// rules may evaluate less than the query says.
func TestRulesAreSound(t *testing.T) {
	g := &querier{Rand: rand.New(rand.NewPCG(*soundSeed, 7))}
	db := soundDatabase(t, g)
	sets := map[string][]rules.Rule{"all rules": nil}
	for i, r := range rules.All {
		sets[fmt.Sprintf("all but %d, %s", i, r.Name)] = slices.Delete(slices.Clone(rules.All), i, i+1)
	}
	ran := 0
	for range *soundQueries {
		sql := g.query()
		db.Rules = []rules.Rule{}
		want, err := db.Query(sql)
		if err != nil {
			if strings.Contains(err.Error(), "XX000") || strings.Contains(err.Error(), "42703") || strings.Contains(err.Error(), "42601") {
				t.Fatalf("as bound: %v\n%s", err, sql)
			}
			continue
		}
		ran++
		for name, list := range sets {
			db.Rules = list
			got, err := db.Query(sql)
			if err != nil {
				if strings.Contains(err.Error(), "XX000") {
					t.Fatalf("%s: %v\n%s", name, err, sql)
				}
				continue
			}
			if a, b := bag(want), bag(got); a != b {
				t.Fatalf("%s:\n%s\ngives\n%swithout rules\n%s", name, sql, b, a)
			}
		}
	}
	if ran < *soundQueries/2 {
		t.Errorf("only %d of %d queries ran", ran, *soundQueries)
	}
}

func soundDatabase(t *testing.T, g *querier) *plantest.DB {
	t.Helper()
	db := plantest.New()
	if err := db.Exec(g.database()); err != nil {
		t.Fatal(err)
	}
	return db
}

// TestRulesKeepPlansWhole checks plans after every rule (plan.Check).
func TestRulesKeepPlansWhole(t *testing.T) {
	g := &querier{Rand: rand.New(rand.NewPCG(*soundSeed, 8))}
	db := soundDatabase(t, g)
	var sql string
	for _, r := range rules.All {
		db.Rules = append(db.Rules, rules.Rule{Name: r.Name, Apply: func(c *rules.Ctx, n plan.Node) plan.Node {
			n = r.Apply(c, n)
			if err := plan.Check(n); err != nil {
				t.Fatalf("%s: %v\n%s\n%s", r.Name, err, sql, plan.Format(n, c.Meta))
			}
			return n
		}})
	}
	for range 4 * *soundQueries {
		sql = g.query()
		_, _ = db.Plan(sql) // what PostgreSQL refuses is refused
	}
}

// bag gives rows regardless of their order.
func bag(r *plantest.Result) string {
	lines := strings.SplitAfter(r.String(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// querier makes random queries over tables r, s and t with integer columns a, b, c
// and a text column d.
type querier struct {
	*rand.Rand
	depth int
	names int
}

func (g *querier) database() string {
	var b strings.Builder
	b.WriteString("CREATE TABLE r (a int PRIMARY KEY, b int, c int, d text); CREATE TABLE s (a int, b int NOT NULL, c int, d text);" +
		"CREATE TABLE t (a int, b int, c int, d text, UNIQUE (a, b)); CREATE INDEX s_b ON s (b, a); CREATE INDEX t_c ON t (c DESC) WHERE c > 1;" +
		"CREATE INDEX s_l ON s (upper(d));")
	value := func() string {
		if g.IntN(5) == 0 {
			return "NULL"
		}
		return fmt.Sprint(g.IntN(6))
	}
	for i := range 9 {
		fmt.Fprintf(&b, "INSERT INTO r VALUES (%d, %s, %s, '%c');", i, value(), value(), 'a'+rune(i%3))
		fmt.Fprintf(&b, "INSERT INTO s VALUES (%s, %d, %s, '%c');", value(), g.IntN(5), value(), 'a'+rune(g.IntN(3)))
		fmt.Fprintf(&b, "INSERT INTO t VALUES (%s, %s, %s, NULL);", value(), value(), value())
	}
	return b.String()
}

// rel is a relation in scope: its alias, and its columns, which are integers.
type rel struct {
	name string
	cols []string
}

func pick[T any](g *querier, list ...T) T { return list[g.IntN(len(list))] }

func (g *querier) query() string {
	g.depth, g.names = 0, 0
	width := 1 + g.IntN(3)
	q, _ := g.selects(nil, width)
	if g.IntN(6) == 0 {
		p, _ := g.selects(nil, width)
		q = fmt.Sprintf("(%s) %s (%s)", q, pick(g, "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL"), p)
	}
	return q
}

// selects makes a query of so many columns; outer are the relations around it.
func (g *querier) selects(outer []rel, width int) (string, []string) {
	g.depth++
	defer func() { g.depth-- }()
	from, here := g.from(outer)
	scope := append(slices.Clone(outer), here...)
	where := ""
	if g.IntN(4) > 0 {
		where = " WHERE " + g.cond(scope, 2)
	}
	var cols, list []string
	var tail string
	grouped := g.IntN(4) == 0
	key := g.column(here)
	for range width {
		g.names++
		name := fmt.Sprintf("x%d", g.names)
		x := g.value(scope, 2)
		if grouped {
			x = pick(g, key, "count(*)", "sum("+g.column(here)+")", "min("+g.column(here)+")", "count(DISTINCT "+g.column(here)+")",
				"max("+g.column(here)+") FILTER (WHERE "+g.simple(here)+")")
		}
		list, cols = append(list, x+" AS "+name), append(cols, name)
	}
	distinct := ""
	switch {
	case grouped:
		tail = " GROUP BY " + key
		if g.IntN(3) == 0 {
			tail += " HAVING count(*) > " + pick(g, "0", "1")
		}
	case g.IntN(5) == 0:
		distinct = "DISTINCT "
	}
	if g.IntN(6) == 0 { // a total order, so that the limit chooses the same rows
		var all []string
		for i := range width {
			all = append(all, fmt.Sprint(i+1)+pick(g, "", " DESC", " DESC NULLS LAST"))
		}
		tail += " ORDER BY " + strings.Join(all, ", ") + fmt.Sprintf(" LIMIT %d", g.IntN(4))
		if g.IntN(3) == 0 {
			tail += " OFFSET 1"
		}
	}
	return "SELECT " + distinct + strings.Join(list, ", ") + " FROM " + from + where + tail, cols
}

func (g *querier) from(outer []rel) (string, []rel) {
	text, here := g.item(outer, nil)
	for range g.IntN(3) {
		if g.IntN(3) == 0 {
			x, rs := g.item(outer, nil)
			text, here = text+", "+x, append(here, rs...)
			continue
		}
		kind := pick(g, "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
		var lateral []rel
		if (kind == "JOIN" || kind == "LEFT JOIN") && !strings.Contains(text, ",") {
			lateral = here
		}
		x, rs := g.item(outer, lateral)
		on := slices.Clone(rs)
		if !strings.Contains(text, ",") {
			on = append(on, here...)
		}
		text = fmt.Sprintf("%s %s %s ON %s", text, kind, x, g.simple(on))
		here = append(here, rs...)
	}
	return text, here
}

// item makes a FROM item; lateral are the relations that it may refer to.
func (g *querier) item(outer, lateral []rel) (string, []rel) {
	g.names++
	name := fmt.Sprintf("q%d", g.names)
	if g.depth < 3 && g.IntN(4) == 0 {
		word := ""
		scope := outer
		if len(lateral) > 0 && g.IntN(2) == 0 {
			word, scope = "LATERAL ", append(slices.Clone(outer), lateral...)
		}
		q, cols := g.selects(scope, 1+g.IntN(2))
		return fmt.Sprintf("%s(%s) AS %s", word, q, name), []rel{{name, cols}}
	}
	return pick(g, "r", "s", "t") + " AS " + name, []rel{{name, []string{"a", "b", "c"}}}
}

func (g *querier) column(scope []rel) string {
	r := pick(g, scope...)
	return r.name + "." + pick(g, r.cols...)
}

// value makes an expression of an integer type.
func (g *querier) value(scope []rel, depth int) string {
	if depth > 0 {
		switch g.IntN(9) {
		case 0:
			return fmt.Sprintf("coalesce(%s, %d)", g.value(scope, depth-1), g.IntN(5))
		case 1:
			return fmt.Sprintf("(%s + %s)", g.value(scope, depth-1), g.value(scope, depth-1))
		case 2:
			return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", g.cond(scope, depth-1), g.value(scope, depth-1), g.value(scope, depth-1))
		case 3:
			if g.depth < 3 {
				return g.scalar(scope)
			}
		}
	}
	if g.IntN(5) == 0 {
		return fmt.Sprint(g.IntN(6))
	}
	return g.column(scope)
}

func (g *querier) scalar(scope []rel) string {
	g.depth++
	defer func() { g.depth-- }()
	from, here := g.from(scope)
	all := append(slices.Clone(scope), here...)
	agg := pick(g, "count(*)", "max(%s)", "sum(%s)", "min(%s)", "count(%s)")
	if strings.Contains(agg, "%s") {
		agg = fmt.Sprintf(agg, g.column(pick(g, here, here, all)))
	}
	return fmt.Sprintf("(SELECT %s FROM %s WHERE %s)", agg, from, g.cond(all, 1))
}

// simple makes a comparison.
func (g *querier) simple(scope []rel) string {
	x := g.column(scope)
	switch g.IntN(6) {
	case 0:
		return x + pick(g, " IS NULL", " IS NOT NULL")
	case 1:
		return fmt.Sprintf("%s %s %d", x, pick(g, "=", "<", ">=", "<>"), g.IntN(6))
	case 2:
		return fmt.Sprintf("(%s = %d OR %s = %d)", x, g.IntN(6), pick(g, x, g.column(scope)), g.IntN(6))
	}
	return fmt.Sprintf("%s %s %s", x, pick(g, "=", "=", "=", "<", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"), g.column(scope))
}

// cond makes a condition.
func (g *querier) cond(scope []rel, depth int) string {
	if depth == 0 {
		return g.simple(scope)
	}
	switch g.IntN(9) {
	case 0:
		return fmt.Sprintf("(%s AND %s)", g.cond(scope, depth-1), g.cond(scope, depth-1))
	case 1:
		return fmt.Sprintf("(%s OR %s)", g.cond(scope, depth-1), g.cond(scope, depth-1))
	case 2:
		return "NOT (" + g.cond(scope, depth-1) + ")"
	case 3:
		return fmt.Sprintf("%s IN (%d, %d, NULL)", g.value(scope, depth-1), g.IntN(6), g.IntN(6))
	case 4, 5, 6:
		if g.depth >= 3 {
			break
		}
		switch g.IntN(4) {
		case 0:
			q, _ := g.selects(scope, 1)
			return pick(g, "", "NOT ") + "EXISTS (" + q + ")"
		case 1:
			q, _ := g.selects(scope, 1)
			return fmt.Sprintf("%s %s (%s)", g.value(scope, 1), pick(g, "IN", "NOT IN", "= ANY", "<> ALL", "< ALL", "> ANY"), q)
		case 2:
			q, _ := g.selects(scope, 2)
			return fmt.Sprintf("(%s, %s) %s (%s)", g.column(scope), g.column(scope), pick(g, "IN", "NOT IN"), q)
		}
		return g.scalar(scope) + pick(g, " = ", " > ", " <> ") + fmt.Sprint(g.IntN(5))
	}
	return g.simple(scope)
}
