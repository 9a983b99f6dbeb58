package differential

import (
	"fmt"
	"slices"
	"strings"
)

// column is a column of a table.
type column struct{ name, typ string }

// table is a table of the random schema.
type table struct {
	name string
	cols []column
	part string // how it is partitioned, of partitionings
}

// query is a SELECT in parts, so that it can be made smaller.
type query struct {
	with       []cte
	distinct   bool
	distinctOn []*expr // with them the rows come in a total order
	total      []string
	items      []*expr
	from       []fromItem
	where      []*expr
	group      []*expr
	sets       string // how they are grouped by: "", rollup, cube, or grouping sets
	having     []*expr
	aggregates bool // its items are aggregates
	windows    bool // its items are window calls
	limit      int
	offset     int
	direction  string // behind each key of the order that limit needs
	op         string // of a set operation
	other      *query
}

// cte is a query in WITH.
type cte struct {
	name string // with its columns, and MATERIALIZED
	q    *query
	step *expr // of a recursive one, what comes behind the first query
}

type fromItem struct {
	join  string // before it, "" for the first
	sql   string
	sub   *query // in place of sql
	call  *expr  // in place of sql
	as    string
	on    *expr
	using string
}

func (q *query) String() string {
	var b strings.Builder
	q.writeWith(&b)
	b.WriteString(q.core())
	if q.other != nil {
		b.WriteString(" " + q.op + " ")
		if q.other.plain() {
			b.WriteString(q.other.core())
		} else {
			b.WriteString("(" + q.other.String() + ")")
		}
	}
	if q.limit > 0 { // an order by everything makes the first rows the same ones
		order := make([]string, len(q.items))
		for i := range order {
			order[i] = fmt.Sprint(i+1) + q.direction
		}
		if len(order) > 0 {
			b.WriteString(" order by " + strings.Join(order, ", "))
		}
		fmt.Fprintf(&b, " limit %d", q.limit)
		if q.offset > 0 {
			fmt.Fprintf(&b, " offset %d", q.offset)
		}
	}
	return b.String()
}

// plain tells whether a query can stand behind a set operator as it is.
func (q *query) plain() bool {
	return q.with == nil && q.other == nil && q.limit == 0 && len(q.distinctOn) == 0
}

func (q *query) writeWith(b *strings.Builder) {
	for i, w := range q.with {
		switch {
		case i > 0:
			b.WriteString(", ")
		case slices.ContainsFunc(q.with, func(w cte) bool { return w.step != nil }):
			b.WriteString("with recursive ")
		default:
			b.WriteString("with ")
		}
		b.WriteString(w.name + " (" + w.q.String())
		if w.step != nil {
			b.WriteString(w.step.String())
		}
		b.WriteString(")")
	}
	if len(q.with) > 0 {
		b.WriteString(" ")
	}
}

func (f fromItem) String() string {
	out := f.sql
	switch {
	case f.sub != nil:
		out = f.lateral() + "(" + f.sub.String() + ")"
	case f.call != nil:
		out = f.call.String()
	}
	out += " " + f.as
	switch {
	case f.using != "":
		out += " using (" + f.using + ")"
	case f.join != "" && f.on != nil:
		out += " on " + f.on.String()
	}
	return out
}

// lateral lets a derived table read what stands before it, where that may be.
func (f fromItem) lateral() string {
	if f.join == "join" || f.join == "left join" || f.join == "cross join" {
		return "lateral "
	}
	return ""
}

func (q *query) core() string {
	var b strings.Builder
	b.WriteString("select ")
	if q.distinct {
		b.WriteString("distinct ")
	}
	if len(q.distinctOn) > 0 {
		b.WriteString("distinct on (" + list(q.distinctOn) + ") ")
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
			f.join, f.on, f.using = "", nil, ""
		} else {
			b.WriteString(" " + f.join + " ")
		}
		b.WriteString(f.String())
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
	if q.sets != "" && len(q.group) > 0 {
		fmt.Fprintf(&b, " group by %s (%s)", q.sets, list(q.group))
	} else {
		clause("group by", ", ", q.group)
	}
	clause("having", " and ", q.having)
	if len(q.distinctOn) > 0 {
		b.WriteString(" order by " + list(q.distinctOn) + ", " + strings.Join(q.total, ", "))
	}
	return b.String()
}

func list(es []*expr) string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = e.String()
	}
	return strings.Join(out, ", ")
}

// grouped tells whether a query has groups or aggregates.
func (q *query) grouped() bool {
	if len(q.group) > 0 || len(q.having) > 0 {
		return true
	}
	return q.aggregates
}
