package differential

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// generator makes statements over tables.
type generator struct {
	rnd    *rand.Rand
	tables []table
	ctes   []table // of the statement
	alias  int
	params []string // values of the parameters; nil: none are made
}

// scope is what an expression may read.
type scope struct {
	cols   []*expr
	parent *scope
}

func (s *scope) of(typ string) []*expr {
	var out []*expr
	for ; s != nil; s = s.parent {
		for _, c := range s.cols {
			if c.typ == typ {
				out = append(out, c)
			}
		}
	}
	return out
}

// expr makes an expression of a type.
func (g *generator) expr(s *scope, typ string, depth int) *expr {
	if cols := s.of(typ); len(cols) > 0 && (depth <= 0 || g.rnd.IntN(3) == 0) {
		return cols[g.rnd.IntN(len(cols))]
	}
	if depth <= 0 {
		return g.literal(typ)
	}
	if depth >= 2 && g.rnd.IntN(12) == 0 {
		return g.subquery(s, typ, depth)
	}
	return g.apply(s, pick(g.rnd, ops, typ), depth)
}

// literal makes a constant, or, where there are parameters, now and then one of them.
func (g *generator) literal(typ string) *expr {
	e := literal(g.rnd, typ)
	if g.params == nil || g.rnd.IntN(2) == 0 {
		return e
	}
	text, ok := plainText(e.format)
	if !ok {
		return e
	}
	g.params = append(g.params, text)
	if g.rnd.IntN(2) == 0 {
		return leaf(typ, fmt.Sprintf("$%d", len(g.params)))
	}
	return leaf(typ, fmt.Sprintf("$%d::%s", len(g.params), sqlTypes[typ]))
}

// plainText gives the text of a constant that is one quoted string or number.
func plainText(sql string) (string, bool) {
	begin, end := strings.IndexByte(sql, '\''), strings.LastIndexByte(sql, '\'')
	switch {
	case begin >= 0 && end > begin && sql[:end][begin+1:] != "" && !strings.HasPrefix(sql, "E"):
		return sql[begin+1 : end], true
	case begin < 0 && !strings.Contains(sql, "null"):
		text, _, _ := strings.Cut(strings.Trim(sql, "()"), "::")
		return text, true
	}
	return "", false
}

func (g *generator) apply(s *scope, o op, depth int) *expr {
	e := &expr{format: o.format, typ: o.typ}
	for _, t := range strings.Fields(o.args) {
		e.args = append(e.args, g.expr(s, t, depth-1))
	}
	return e
}

func pick(rnd *rand.Rand, list []op, typ string) op {
	var fit []op
	for _, o := range list {
		if o.typ == typ {
			fit = append(fit, o)
		}
	}
	return fit[rnd.IntN(len(fit))]
}

// subquery makes a scalar, EXISTS or IN subquery, which may read the outer row.
func (g *generator) subquery(s *scope, typ string, depth int) *expr {
	t, inner := g.table(s)
	where := g.expr(inner, "bool", depth-1)
	from := t.sql + " " + t.as
	if typ == "bool" {
		switch g.rnd.IntN(6) {
		case 0:
			return &expr{format: "(%s, %s) in (select %s, %s from " + from + " where %s)", args: []*expr{g.expr(s, "int4", 1), g.expr(s, "text", 1), g.expr(inner, "int4", 1), g.expr(inner, "text", 1), where}, typ: typ}
		case 1:
			return &expr{format: "%s <= all (select %s from " + from + " where %s)", args: []*expr{g.expr(s, "int4", 1), g.expr(inner, "int4", 1), where}, typ: typ}
		case 2:
			return &expr{format: "%s > any (select %s from " + from + " where %s)", args: []*expr{g.expr(s, "text", 1), g.expr(inner, "text", 1), where}, typ: typ}
		case 3:
			return &expr{format: "exists (select 1 from " + from + " where %s)", args: []*expr{where}, typ: typ}
		case 4:
			return &expr{format: "%s in (select %s from " + from + " where %s)", args: []*expr{g.expr(s, "int4", 1), g.expr(inner, "int4", 1), where}, typ: typ}
		}
		return &expr{format: "%s not in (select %s from " + from + " where %s)", args: []*expr{g.expr(s, "text", 1), g.expr(inner, "text", 1), where}, typ: typ}
	}
	if typ == "arr" && g.rnd.IntN(2) == 0 {
		return &expr{format: "array(select %s from " + from + " where %s order by 1)", args: []*expr{g.expr(inner, "int4", 1), where}, typ: typ}
	}
	if !aggregated(typ) {
		return g.literal(typ)
	}
	o := pick(g.rnd, aggregates, typ)
	return &expr{format: "(select (%s)::" + sqlTypes[typ] + " from " + from + " where %s)", args: []*expr{g.apply(inner, o, 1), where}, typ: typ}
}

// aggregated tells whether an aggregate gives the type.
func aggregated(typ string) bool {
	return slices.ContainsFunc(aggregates, func(o op) bool { return o.typ == typ })
}

// table puts a table into FROM, under a new alias.
func (g *generator) table(parent *scope) (fromItem, *scope) {
	t := g.tables[g.rnd.IntN(len(g.tables))]
	if len(g.ctes) > 0 && g.rnd.IntN(2) == 0 {
		t = g.ctes[g.rnd.IntN(len(g.ctes))]
	}
	g.alias++
	as := fmt.Sprintf("t%d", g.alias)
	s := &scope{parent: parent}
	for _, c := range t.cols {
		s.cols = append(s.cols, leaf(c.typ, as+"."+c.name))
	}
	return fromItem{sql: t.name, as: as}, s
}

var joins = []string{"join", "left join", "right join", "full join", "cross join", "left join"}

// query makes a SELECT whose columns have the types, or any when types is nil.
func (g *generator) query(types []string, depth int) *query {
	return g.queryIn(nil, types, depth)
}

// queryIn makes a query that may read the columns of outer, too.
func (g *generator) queryIn(outer *scope, types []string, depth int) *query {
	q := &query{}
	s := &scope{parent: outer}
	for i := range 1 + g.rnd.IntN(3) {
		join := ""
		if i > 0 {
			join = joins[g.rnd.IntN(len(joins))]
		}
		f, inner := g.source(s, join, depth)
		s.cols = append(s.cols, inner.cols...)
		f.join = join
		switch {
		case i == 1 && join != "cross join" && f.sql != "" && q.from[0].sql != "" && g.rnd.IntN(5) == 0 && g.haveID(f.sql, q.from[0].sql):
			f.using = "id"
		case i > 0 && join != "cross join":
			f.on = g.on(join, s)
		}
		q.from = append(q.from, f)
	}
	for range g.rnd.IntN(3) {
		q.where = append(q.where, g.expr(s, "bool", depth))
	}
	if types == nil {
		for range 1 + g.rnd.IntN(4) {
			types = append(types, typeNames[g.rnd.IntN(len(typeNames))])
		}
	}
	switch g.rnd.IntN(5) {
	case 0, 1:
		g.aggregate(q, s, types)
	case 2:
		q.windows = true
		for i, t := range types {
			q.items = append(q.items, g.window(s, t, i == 0))
		}
	default:
		for _, t := range types {
			q.items = append(q.items, g.expr(s, t, depth))
		}
	}
	switch {
	case g.rnd.IntN(6) == 0 && !looseTypes(types):
		q.distinct = true
	case g.rnd.IntN(10) == 0 && !q.grouped() && !q.windows: // of rows alike but for a window's value any one is first
		for range 1 + g.rnd.IntN(2) {
			q.distinctOn = append(q.distinctOn, g.expr(s, stable[g.rnd.IntN(len(stable))], 1))
		}
		q.total = totalOrder(s)
	}
	return q
}

// on makes a join condition. PostgreSQL has FULL JOIN on equalities alone.
func (g *generator) on(join string, s *scope) *expr {
	if join == "full join" || g.rnd.IntN(2) == 0 {
		for _, t := range []string{"int4", "text", "date"} {
			if cols := s.of(t); len(cols) > 1 {
				return &expr{format: "%s = %s", args: []*expr{cols[0], cols[len(cols)-1]}, typ: "bool"}
			}
		}
		return leaf("bool", "true")
	}
	return g.expr(s, "bool", 1)
}

// source is a table, or now and then a derived table or a function.
func (g *generator) source(s *scope, join string, depth int) (fromItem, *scope) {
	visible := &scope{} // what a function may read
	if f := (fromItem{join: join}); f.lateral() != "" {
		visible = s
	}
	switch {
	case g.rnd.IntN(8) == 0:
		return g.function(visible)
	case depth < 2 || g.rnd.IntN(4) > 0:
		f, inner := g.table(nil)
		return f, inner
	}
	var sub *query
	if visible == s && len(s.cols) > 0 && g.rnd.IntN(2) == 0 {
		sub = g.queryIn(s, nil, depth-1)
	} else {
		sub = g.query(nil, depth-1)
	}
	if g.rnd.IntN(6) == 0 {
		g.setOperation(sub, depth-1)
	}
	g.alias++
	as := fmt.Sprintf("t%d", g.alias)
	out := &scope{}
	for i, e := range sub.items {
		out.cols = append(out.cols, leaf(e.typ, fmt.Sprintf("%s.c%d", as, i)))
	}
	return fromItem{sub: sub, as: as}, out
}

// functions are those in FROM, with the types of their columns.
var functions = []struct{ op, cols string }{
	{"f: int4: generate_series(1, %s %% 4)", "int4"},
	{"f: int4 int4: generate_series(%s %% 5, %s %% 5, -1) with ordinality", "int4 int8"},
	{"f: arr: unnest(%s)", "int4"},
	{"f: arr tarr: unnest(%s, %s) with ordinality", "int4 text int8"},
	{"f: text: regexp_split_to_table(%s, 'a|b')", "text"},
	{"f: ts: generate_series(timestamp '2020-02-27', least(%s, timestamp '2020-03-02'), '1 day')", "ts"},
	{"f: text int4: rows from (string_to_table(%s, 'a'), generate_series(1, %s %% 3))", "text int4"},
	{"f: js: jsonb_each_text(jsonb_strip_nulls(jsonb_build_object('k', %s)))", "text text"},
	{"f: mr: unnest(%s)", "ir"},
	{"f: int4 text: d.fset(%s, %s)", "int4 text"},
	{"f: int4 text int4 text: (values (%s, %s), (%s, %s), (1, 'v'))", "int4 text"},
}

// function is a set-returning function, or VALUES.
func (g *generator) function(s *scope) (fromItem, *scope) {
	f := functions[g.rnd.IntN(len(functions))]
	call := g.apply(s, parseOps(f.op)[0], 1)
	g.alias++
	as := fmt.Sprintf("t%d", g.alias)
	out := &scope{}
	var names []string
	for i, t := range strings.Fields(f.cols) {
		names = append(names, fmt.Sprintf("f%d", i))
		out.cols = append(out.cols, leaf(t, as+"."+names[i]))
	}
	if strings.Contains(f.op, "values") {
		call = g.apply(&scope{}, parseOps(f.op)[0], 1)
	}
	return fromItem{call: call, as: as + "(" + strings.Join(names, ", ") + ")"}, out
}

// haveID tells whether both are tables with a column id.
func (g *generator) haveID(a, b string) bool {
	n := 0
	for _, t := range g.tables {
		if t.name == a || t.name == b {
			n++
		}
	}
	return n == 2 || a == b && n == 1
}

// stable are types of which equal values look the same: what is grouped by shows
// any of those that are equal.
var stable = []string{"bool", "int4", "int8", "int2", "text", "vc", "date", "ts", "tz", "time", "uuid", "bytea", "arr", "tarr",
	"bit", "vb", "inet", "cidr", "mac", "ir", "dr", "mr"}

// looseTypes tells whether there are types of which equal values look different
// even where numbers are compared by value.
func looseTypes(types []string) bool {
	return slices.Contains(types, "iv") || slices.Contains(types, "js") || slices.Contains(types, "nr")
}

func (g *generator) aggregate(q *query, s *scope, types []string) {
	q.aggregates = true
	for range g.rnd.IntN(4) {
		q.group = append(q.group, g.expr(s, stable[g.rnd.IntN(len(stable))], 1))
	}
	// PostgreSQL does not always see that a constant is one of the sets' expressions.
	if len(q.group) > 0 && g.rnd.IntN(3) == 0 && !slices.ContainsFunc(q.group, func(e *expr) bool { return !e.reads() }) {
		q.sets = []string{"rollup", "cube", "grouping sets"}[g.rnd.IntN(3)]
	}
	for _, t := range types {
		switch same := groupOf(q.group, t); {
		case same != nil && g.rnd.IntN(2) == 0:
			q.items = append(q.items, same)
		case t == "int4" && len(q.group) > 0 && g.rnd.IntN(3) == 0:
			q.items = append(q.items, &expr{format: "grouping(%s)", args: []*expr{q.group[g.rnd.IntN(len(q.group))]}, typ: t})
		case aggregated(t):
			q.items = append(q.items, g.aggregateCall(s, t))
		default:
			q.items = append(q.items, g.literal(t))
		}
	}
	if g.rnd.IntN(3) == 0 {
		q.having = append(q.having, &expr{format: "count(*) > %s", args: []*expr{leaf("int4", fmt.Sprint(g.rnd.IntN(4)))}, typ: "bool"})
	}
}

// aggregateCall is an aggregate, now and then with a FILTER, over a window of the
// groups, or within a subquery, which it does not belong to.
func (g *generator) aggregateCall(s *scope, typ string) *expr {
	o := pick(g.rnd, aggregates, typ)
	call := g.apply(s, o, 2)
	switch {
	case g.rnd.IntN(6) == 0 && !slices.ContainsFunc([]string{"filter", "::", "extract", "round", "lower("}, func(s string) bool { return strings.Contains(o.format, s) }):
		return &expr{format: "%s filter (where %s)", args: []*expr{call, g.expr(s, "bool", 1)}, typ: typ}
	case g.rnd.IntN(8) == 0:
		t := g.tables[g.rnd.IntN(len(g.tables))]
		g.alias++
		return &expr{format: fmt.Sprintf("(select %%s from %s t%d where t%d.id < 3 limit 1)", t.name, g.alias, g.alias), args: []*expr{call}, typ: typ}
	case g.rnd.IntN(10) == 0 && (typ == "int8" || typ == "numeric"):
		return &expr{format: "(sum((%s) %% 1000) over ())::" + sqlTypes[typ], args: []*expr{call}, typ: typ}
	}
	return call
}

func groupOf(group []*expr, typ string) *expr {
	for _, e := range group {
		if e.typ == typ {
			return e
		}
	}
	return nil
}

var frames = []string{
	"", "", " rows between 2 preceding and 1 following", " rows between unbounded preceding and current row",
	" groups between 1 preceding and current row", " range between unbounded preceding and unbounded following",
	" rows between 1 preceding and 2 following exclude current row", " groups between 1 preceding and 1 following exclude group",
	" rows between current row and unbounded following exclude ties", " rows between 3 preceding and 1 preceding",
	" groups between 1 following and 2 following", " rows between 2 following and 4 following exclude no others",
}

// peerFrames are frames over one key, by its type.
var peerFrames = map[string][]string{
	"int4":    {" range between 1 preceding and 2 following", " range between 3 preceding and 1 preceding exclude current row", " range 2 preceding exclude group"},
	"date":    {" range between '1 day' preceding and '1 month' following", " range '1 year' preceding exclude current row"},
	"numeric": {" range between 1.5 preceding and 0.5 following"},
	"tz":      {" range between '1 hour' preceding and current row"},
	"iv":      {" range between '1 day' preceding and '1 day' following"},
	"text":    {"", " groups 1 preceding exclude current row", " groups between current row and 1 following exclude group", " range between current row and unbounded following"},
	"float8":  {" range between 0.5 preceding and 0.5 following"},
}

// totalOrder sorts by all there is. Values that are equal but look different are
// sorted as text.
func totalOrder(s *scope) []string {
	order := make([]string, 0, len(s.cols))
	for _, c := range s.cols {
		key := c.String()
		switch c.typ {
		case "js", "numeric", "float8", "float4", "iv", "bp", "nr":
			key += "::text"
		}
		order = append(order, key)
	}
	return order
}

// window makes a window call, in a total order or one that only peers follow, or
// a plain expression. One call in a total order is enough: which of rows that are
// wholly alike comes first is open, and may differ from call to call.
func (g *generator) window(s *scope, typ string, total bool) *expr {
	if len(s.cols) == 0 {
		return g.expr(s, typ, 1)
	}
	if (!total || g.rnd.IntN(3) == 0) && slices.ContainsFunc(peers, func(o op) bool { return o.typ == typ }) {
		return g.peerWindow(s, typ)
	}
	if !total || !slices.ContainsFunc(windows, func(o op) bool { return o.typ == typ }) {
		return g.expr(s, typ, 1)
	}
	e := g.apply(s, pick(g.rnd, windows, typ), 1)
	e.format += " over (partition by %s order by " + strings.ReplaceAll(strings.Join(totalOrder(s), ", "), "%", "%%") + frames[g.rnd.IntN(len(frames))] + ")"
	e.args = append(e.args, g.expr(s, "bool", 1))
	return e
}

func (g *generator) peerWindow(s *scope, typ string) *expr {
	e := g.apply(s, pick(g.rnd, peers, typ), 1)
	keys := slices.Sorted(maps.Keys(peerFrames))
	key := keys[g.rnd.IntN(len(keys))]
	list := peerFrames[key]
	direction := []string{"", " desc", " nulls first", " desc nulls last"}[g.rnd.IntN(4)]
	e.format += " over (order by %s" + direction + list[g.rnd.IntN(len(list))] + ")"
	e.args = append(e.args, g.expr(s, key, 1))
	return e
}

// selectStatement makes a query for a statement of its own.
func (g *generator) selectStatement() *query {
	g.ctes = nil
	var with []cte
	if g.rnd.IntN(5) == 0 {
		for range 1 + g.rnd.IntN(2) {
			with = append(with, g.with())
		}
	}
	q := g.query(nil, 3)
	q.with = with
	if g.rnd.IntN(5) == 0 {
		g.setOperation(q, 2)
	}
	if g.rnd.IntN(4) == 0 && len(q.distinctOn) == 0 {
		q.limit = 1 + g.rnd.IntN(10)
		q.offset = g.rnd.IntN(2) * g.rnd.IntN(5)
		q.direction = []string{"", " desc", " nulls first", " desc nulls last"}[g.rnd.IntN(4)]
	}
	g.ctes = nil
	return q
}

// setOperation puts a set operation behind a query, or a tree of them.
func (g *generator) setOperation(q *query, depth int) {
	if len(q.distinctOn) > 0 {
		return
	}
	types := make([]string, len(q.items))
	for i, e := range q.items {
		types[i] = e.typ
	}
	if q.op = []string{"union", "union all", "intersect", "except", "except all", "intersect all"}[g.rnd.IntN(6)]; looseTypes(types) {
		q.op = "union all"
	}
	q.other = g.query(types, depth)
	q.other.distinctOn = nil
	if g.rnd.IntN(3) == 0 {
		g.setOperation(q.other, depth-1)
	}
}

// with makes a query in WITH, and lets what comes behind it read that.
func (g *generator) with() cte {
	g.alias++
	t := table{name: fmt.Sprintf("w%d", g.alias)}
	w := cte{name: t.name + " as" + []string{"", " materialized", " not materialized"}[g.rnd.IntN(3)]}
	if g.rnd.IntN(3) == 0 {
		return g.recursive(t)
	}
	w.q = g.query(nil, 2)
	for i, e := range w.q.items {
		t.cols = append(t.cols, column{fmt.Sprintf("c%d", i), e.typ})
	}
	g.ctes = append(g.ctes, t)
	return w
}

// recursive makes a recursive query that counts to a limit.
func (g *generator) recursive(t table) cte {
	typ := stable[g.rnd.IntN(len(stable))]
	base := g.query([]string{"int4", typ}, 1)
	base.distinctOn = nil
	base.items[1] = &expr{format: "(%s)::" + sqlTypes[typ], args: []*expr{base.items[1]}, typ: typ}
	s := &scope{cols: []*expr{leaf("int4", t.name+".n"), leaf(typ, t.name+".v")}}
	from := t.name
	if g.rnd.IntN(2) == 0 {
		f, inner := g.table(nil)
		if !strings.HasPrefix(f.sql, "w") {
			from += " join " + f.sql + " " + f.as + " on " + f.as + ".id = " + t.name + ".n"
			s.cols = append(s.cols, inner.cols...)
		}
	}
	step := &expr{
		format: fmt.Sprintf(" union%s select %s.n + 1, (%%s)::%s from %s where %s.n < 4 and %s.n > -3 and %%s", []string{"", " all"}[g.rnd.IntN(2)], t.name, sqlTypes[typ], from, t.name, t.name),
		args:   []*expr{g.expr(s, typ, 1), g.expr(s, "bool", 1)},
	}
	t.cols = []column{{"n", "int4"}, {"v", typ}}
	g.ctes = append(g.ctes, t)
	return cte{name: t.name + "(n, v) as", q: base, step: step}
}
