package differential

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// column is a column of a table.
type column struct{ name, typ string }

// table is a table of the random schema.
type table struct {
	name string
	cols []column
}

// query is a SELECT in parts, so that it can be made smaller.
type query struct {
	distinct bool
	items    []*expr
	from     []fromItem
	where    []*expr
	group    []*expr
	having   []*expr
	limit    int
	op       string // of a set operation
	other    *query
}

type fromItem struct {
	join string // before it, "" for the first
	sql  string
	sub  *query // in place of sql
	as   string
	on   *expr
}

func (q *query) String() string {
	var b strings.Builder
	b.WriteString(q.core())
	if q.other != nil {
		b.WriteString(" " + q.op + " " + q.other.core())
	}
	if q.limit > 0 { // an order by everything makes the first rows the same ones
		order := make([]string, len(q.items))
		for i := range order {
			order[i] = fmt.Sprint(i + 1)
		}
		fmt.Fprintf(&b, " order by %s limit %d", strings.Join(order, ", "), q.limit)
	}
	return b.String()
}

func (q *query) core() string {
	var b strings.Builder
	b.WriteString("select ")
	if q.distinct {
		b.WriteString("distinct ")
	}
	for i, e := range q.items {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s as c%d", e, i)
	}
	for i, f := range q.from {
		if i == 0 {
			b.WriteString(" from ")
		} else {
			b.WriteString(" " + f.join + " ")
		}
		if f.sub != nil {
			b.WriteString("(" + f.sub.String() + ")")
		} else {
			b.WriteString(f.sql)
		}
		b.WriteString(" " + f.as)
		if i > 0 && f.on != nil {
			b.WriteString(" on " + f.on.String())
		}
	}
	clause := func(word, sep string, list []*expr) {
		for i, e := range list {
			if i == 0 {
				b.WriteString(" " + word + " ")
			} else {
				b.WriteString(sep)
			}
			b.WriteString(e.String())
		}
	}
	clause("where", " and ", q.where)
	clause("group by", ", ", q.group)
	clause("having", " and ", q.having)
	return b.String()
}

// generator makes statements over tables.
type generator struct {
	rnd    *rand.Rand
	tables []table
	alias  int
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
		return literal(g.rnd, typ)
	}
	if depth >= 2 && g.rnd.IntN(12) == 0 {
		return g.subquery(s, typ, depth)
	}
	return g.apply(s, pick(g.rnd, ops, typ), depth)
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
		switch g.rnd.IntN(3) {
		case 0:
			return &expr{format: "exists (select 1 from " + from + " where %s)", args: []*expr{where}, typ: typ}
		case 1:
			return &expr{format: "%s in (select %s from " + from + " where %s)", args: []*expr{g.expr(s, "int4", 1), g.expr(inner, "int4", 1), where}, typ: typ}
		}
		return &expr{format: "%s not in (select %s from " + from + " where %s)", args: []*expr{g.expr(s, "text", 1), g.expr(inner, "text", 1), where}, typ: typ}
	}
	if !aggregated(typ) {
		return literal(g.rnd, typ)
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
	q := &query{}
	s := &scope{}
	for i := range 1 + g.rnd.IntN(3) {
		f, inner := g.source(depth)
		inner.parent = nil
		s.cols = append(s.cols, inner.cols...)
		if i > 0 {
			f.join = joins[g.rnd.IntN(len(joins))]
			if f.join != "cross join" {
				f.on = g.on(f.join, s)
			}
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
	switch g.rnd.IntN(4) {
	case 0:
		g.aggregate(q, s, types)
	case 1:
		for _, t := range types {
			q.items = append(q.items, g.window(s, t))
		}
	default:
		for _, t := range types {
			q.items = append(q.items, g.expr(s, t, depth))
		}
	}
	q.distinct = g.rnd.IntN(6) == 0
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

// source is a table, or now and then a derived table.
func (g *generator) source(depth int) (fromItem, *scope) {
	if depth < 2 || g.rnd.IntN(4) > 0 {
		return g.table(nil)
	}
	sub := g.query(nil, depth-1)
	g.alias++
	as := fmt.Sprintf("t%d", g.alias)
	s := &scope{}
	for i, e := range sub.items {
		s.cols = append(s.cols, leaf(e.typ, fmt.Sprintf("%s.c%d", as, i)))
	}
	return fromItem{sub: sub, as: as}, s
}

func (g *generator) aggregate(q *query, s *scope, types []string) {
	for range g.rnd.IntN(3) {
		q.group = append(q.group, g.expr(s, typeNames[g.rnd.IntN(len(typeNames))], 1))
	}
	for _, t := range types {
		if same := groupOf(q.group, t); same != nil && g.rnd.IntN(2) == 0 {
			q.items = append(q.items, same)
			continue
		}
		if aggregated(t) {
			q.items = append(q.items, g.apply(s, pick(g.rnd, aggregates, t), 2))
		} else {
			q.items = append(q.items, literal(g.rnd, t))
		}
	}
	if g.rnd.IntN(3) == 0 {
		q.having = append(q.having, &expr{format: "count(*) > %s", args: []*expr{leaf("int4", fmt.Sprint(g.rnd.IntN(4)))}, typ: "bool"})
	}
}

func groupOf(group []*expr, typ string) *expr {
	for _, e := range group {
		if e.typ == typ {
			return e
		}
	}
	return nil
}

var frames = []string{"", "", " rows between 2 preceding and 1 following", " rows between unbounded preceding and current row", " groups between 1 preceding and current row", " range between unbounded preceding and unbounded following"}

// window makes a window call with a total order, or a plain expression.
func (g *generator) window(s *scope, typ string) *expr {
	var fit []op
	for _, o := range windows {
		if o.typ == typ {
			fit = append(fit, o)
		}
	}
	if len(fit) == 0 {
		return g.expr(s, typ, 1)
	}
	e := g.apply(s, fit[g.rnd.IntN(len(fit))], 1)
	order := make([]string, len(s.cols))
	for i, c := range s.cols {
		order[i] = c.String()
		if c.typ == "js" {
			order[i] += "::text"
		}
	}
	e.format += " over (partition by %s order by " + strings.Join(order, ", ") + frames[g.rnd.IntN(len(frames))] + ")"
	e.args = append(e.args, g.expr(s, "bool", 1))
	return e
}

// selectStatement makes a query for a statement of its own.
func (g *generator) selectStatement() *query {
	q := g.query(nil, 3)
	if g.rnd.IntN(5) == 0 {
		types := make([]string, len(q.items))
		for i, e := range q.items {
			types[i] = e.typ
		}
		q.op = []string{"union", "union all", "intersect", "except", "except all", "intersect all"}[g.rnd.IntN(6)]
		q.other = g.query(types, 2)
	}
	if g.rnd.IntN(4) == 0 {
		q.limit = 1 + g.rnd.IntN(10)
	}
	return q
}

// change makes an INSERT, UPDATE or DELETE.
func (g *generator) change() string {
	t := g.tables[g.rnd.IntN(len(g.tables))]
	s := &scope{}
	for _, c := range t.cols {
		s.cols = append(s.cols, leaf(c.typ, t.name+"."+c.name))
	}
	c := t.cols[g.rnd.IntN(len(t.cols))]
	switch g.rnd.IntN(4) {
	case 0:
		var names, vals []string
		for _, c := range t.cols {
			names, vals = append(names, c.name), append(vals, g.expr(&scope{}, c.typ, 1).String())
		}
		return fmt.Sprintf("insert into %s (%s) values (%s) returning *", t.name, strings.Join(names, ", "), strings.Join(vals, ", "))
	case 1:
		return fmt.Sprintf("delete from %s where %s and %s returning %s", t.name, g.expr(s, "bool", 2), g.expr(s, "bool", 1), c.name)
	}
	return fmt.Sprintf("update %s set %s = %s where %s returning *", t.name, c.name, g.expr(s, c.typ, 2), g.expr(s, "bool", 2))
}
