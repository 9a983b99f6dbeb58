package plan

import (
	"fmt"
	"strings"
)

// Line is one line of a shown plan, or a detail of a node.
type Line struct {
	Depth int
	Node  Node // nil for a detail
	Text  string
}

// Describe shows a plan as EXPLAIN does, without costs: a line per node and
// indented details. Columns are shown as what they are computed by, those of relations
// with the relation's name when there are several.
func Describe(n Node, m *Meta) []Line {
	p := newPrinter(m)
	p.origin = newOrigins(n)
	p.node(n, 0, "")
	return p.lines
}

func newPrinter(m *Meta) *printer {
	p := &printer{meta: m}
	p.deparse = &Deparser{Column: p.column}
	return p
}

// Format shows a plan as text, columns by the names that they have in the result.
func Format(n Node, m *Meta) string {
	var b strings.Builder
	p := newPrinter(m)
	p.node(n, 0, "")
	for _, l := range p.lines {
		b.WriteString(strings.Repeat("  ", l.Depth))
		if l.Node == nil {
			b.WriteString("  ")
		} else if l.Depth > 0 {
			b.WriteString("-> ")
		}
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

type printer struct {
	meta    *Meta
	deparse *Deparser
	lines   []Line
	subs    int
	origin  *origins // nil: columns have their names
}

func (p *printer) column(id ColID) string {
	if p.origin != nil {
		if text := p.origin.text(p, id); text != "" {
			return text
		}
	}
	if int(id) >= p.meta.Len() || id < 0 {
		return fmt.Sprintf("?%d", id)
	}
	return p.meta.Col(id).Name
}

func (p *printer) columns(ids []ColID) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = p.column(id)
	}
	return strings.Join(parts, ", ")
}

func (p *printer) exprs(list []Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = p.deparse.Expr(e)
	}
	return strings.Join(parts, ", ")
}

func (p *printer) cond(list []Expr) string { return p.deparse.Expr(Conjunction(list)) }

func (p *printer) keys(keys []SortKey) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		s := p.deparse.Expr(k.X)
		if c, ok := k.X.(*Col); ok && p.origin.computed(c.ID) {
			s = "(" + s + ")"
		}
		if k.Desc {
			s += " DESC"
		}
		if k.NullsFirst != k.Desc {
			s += pick(k.NullsFirst, " NULLS FIRST", " NULLS LAST")
		}
		parts[i] = s
	}
	return strings.Join(parts, ", ")
}

func (p *printer) node(n Node, depth int, label string) {
	at := len(p.lines)
	p.lines = append(p.lines, Line{Depth: depth, Node: n})
	p.lines[at].Text = label + p.title(n, depth)
	for _, e := range n.Exprs() {
		p.subplans(e, depth)
	}
	if w, ok := n.(*With); ok {
		p.node(w.Def, depth+1, "CTE "+w.Name+": ")
		p.node(w.Body, depth+1, "")
		return
	}
	for _, in := range n.Inputs() {
		p.node(in, depth+1, "")
	}
}

func (p *printer) subplans(e Expr, depth int) {
	Visit(e, func(x Expr) bool {
		if s, ok := x.(*Subquery); ok {
			p.subs++
			p.node(s.Plan, depth+1, fmt.Sprintf("SubPlan %d: ", p.subs))
		}
		return true
	})
}

func (p *printer) detail(depth int, format string, args ...any) {
	p.lines = append(p.lines, Line{Depth: depth, Text: fmt.Sprintf(format, args...)})
}

var joinNames = map[JoinKind]string{
	Inner: "Join", Left: "Left Join", Right: "Right Join", Full: "Full Join", Semi: "Semi Join", Anti: "Anti Join",
	NullAnti: "Null-Aware Anti Join", Single: "Single Join", Mark: "Mark Join",
}

// title names a node and adds its details.
func (p *printer) title(n Node, depth int) string {
	switch n := n.(type) {
	case *Scan:
		return p.scanTitle(n, depth)
	case *Values:
		if len(n.Rows) == 1 {
			return "Result"
		}
		return fmt.Sprintf("Values (%d rows)", len(n.Rows))
	case *Filter:
		p.detail(depth, "Filter: %s", p.cond(n.Preds))
		return "Filter"
	case *Project:
		p.detail(depth, "Output: %s", p.exprs(n.Vals))
		return "Project"
	case *FlatMap:
		for i := range n.Gens {
			p.detail(depth, "%s", p.gen(&n.Gens[i]))
		}
		return "ProjectSet"
	case *Join:
		return p.joinTitle(n, depth)
	case *Apply:
		if len(n.On) > 0 {
			p.detail(depth, "Join Filter: %s", p.cond(n.On))
		}
		return "Nested Loop (per row) " + joinNames[n.Kind]
	case *Aggregate:
		return p.aggTitle(n, depth)
	case *DistinctRows:
		if n.On != nil {
			p.detail(depth, "On: %s", p.columns(n.On))
		}
		return "Unique"
	case *SetOp:
		name := [...]string{Union: "Append", Intersect: "Intersect", Except: "Except"}[n.Kind]
		if n.Kind == Union && !n.All {
			name = "Union"
		} else if n.Kind != Union && n.All {
			name += " All"
		}
		return name
	}
	return p.titleMore(n, depth)
}

func (p *printer) titleMore(n Node, depth int) string {
	switch n := n.(type) {
	case *Order:
		p.detail(depth, "Sort Key: %s", p.keys(n.Keys))
		return "Sort"
	case *Limit:
		if n.Count != nil {
			p.detail(depth, "Count: %s", p.deparse.Expr(n.Count))
		}
		if n.Offset != nil {
			p.detail(depth, "Offset: %s", p.deparse.Expr(n.Offset))
		}
		return pick(n.IsTies, "Limit (with ties)", "Limit")
	case *Over:
		if len(n.Partition) > 0 {
			p.detail(depth, "Partition By: %s", p.columns(n.Partition))
		}
		if len(n.OrderBy) > 0 {
			p.detail(depth, "Order By: %s", p.keys(n.OrderBy))
		}
		for _, c := range n.Calls {
			p.detail(depth, "%s(%s)", c.Fn.Name, p.exprs(c.Args))
		}
		return "WindowAgg"
	case *Recursive:
		return "Recursive Union"
	case *WorkScan:
		if n.Name != "" {
			return "CTE Scan on " + n.Name
		}
		return "WorkTable Scan"
	case *With:
		return "With"
	case *CTEScan:
		return "CTE Scan on " + n.Name
	case *TimeFilter:
		if n.Close {
			p.detail(depth, "Emit: when the watermark reaches %s", p.column(n.From))
		}
		return "TimeFilter"
	case *Session:
		return "Session"
	case *LockRows:
		return "LockRows"
	case *MaxOne:
		return "MaxOne"
	}
	return fmt.Sprintf("%T", n)
}

func (p *printer) scanTitle(n *Scan, depth int) string {
	name := n.Rel.Name
	if n.Alias != "" && n.Alias != n.Rel.Name {
		name += " " + n.Alias
	}
	if n.Index == nil {
		return "Seq Scan on " + name
	}
	if conds := p.indexConds(n); len(conds) == 1 {
		p.detail(depth, "Index Cond: %s", conds[0])
	} else if len(conds) > 1 {
		p.detail(depth, "Index Cond: (%s)", strings.Join(conds, " AND "))
	}
	return "Index Scan " + pick(n.Index.Desc, "Backward ", "") + "using " + n.Index.Index.Name + " on " + name
}

// indexConds shows what the keys of an index look-up are compared with.
func (p *printer) indexConds(n *Scan) []string {
	var conds []string
	at := 0
	key := func() string {
		k := n.Index.Index.Index.Keys[at]
		if k.Column > 0 {
			return n.Rel.Columns[k.Column-1].Name
		}
		return "(" + k.Expr + ")"
	}
	if n.Index.In != nil {
		conds = append(conds, fmt.Sprintf("(%s = ANY (%s))", key(), p.deparse.Expr(n.Index.In)))
		at++
	}
	for _, e := range n.Index.Eq {
		conds = append(conds, fmt.Sprintf("(%s = %s)", key(), p.deparse.Expr(e)))
		at++
	}
	if n.Index.Lo != nil {
		conds = append(conds, fmt.Sprintf("(%s %s %s)", key(), pick(n.Index.LoOpen, ">", ">="), p.deparse.Expr(n.Index.Lo)))
	}
	if n.Index.Hi != nil {
		conds = append(conds, fmt.Sprintf("(%s %s %s)", key(), pick(n.Index.HiOpen, "<", "<="), p.deparse.Expr(n.Index.Hi)))
	}
	return conds
}

func (p *printer) gen(g *Gen) string {
	switch {
	case g.Hop != nil:
		return "Windows of " + p.exprs(g.Args)
	case g.Scalar != nil:
		return "Function: " + p.deparse.Expr(g.Scalar)
	}
	return fmt.Sprintf("Function: %s(%s)", g.Fn.Name, p.exprs(g.Args))
}

func (p *printer) joinTitle(n *Join, depth int) string {
	name := joinNames[n.Kind]
	if n.Method == JoinIndex { // its equalities stand with the index
		if len(n.On) > 0 {
			p.detail(depth, "Join Filter: %s", p.cond(n.On))
		}
		return "Nested Loop " + name
	}
	eq, rest := SplitEqualities(n)
	if len(eq) > 0 {
		conds := make([]Expr, len(eq))
		for i, k := range eq {
			conds[i] = k.Cond
		}
		kind := "Hash"
		if n.Method == JoinMerge {
			kind = "Merge"
		}
		p.detail(depth, "%s Cond: %s", kind, p.cond(conds))
		name = kind + " " + name
	} else {
		name = "Nested Loop " + name
	}
	if len(rest) > 0 {
		p.detail(depth, "Join Filter: %s", p.cond(rest))
	}
	return name
}

func (p *printer) aggTitle(n *Aggregate, depth int) string {
	if len(n.Groups) > 0 {
		p.detail(depth, "Group Key: %s", p.columns(n.Groups))
	}
	for _, s := range n.Sets {
		cols := make([]ColID, len(s))
		for i, at := range s {
			cols[i] = n.Groups[at]
		}
		p.detail(depth, "Grouping Set: (%s)", p.columns(cols))
	}
	for i := range n.Aggs {
		p.detail(depth, "Aggregate: %s", p.agg(&n.Aggs[i]))
	}
	return pick(len(n.Groups) > 0, "HashAggregate", "Aggregate")
}

func (p *printer) agg(a *Agg) string {
	args := p.exprs(a.Args)
	if len(a.Args) == 0 {
		args = "*"
	}
	s := a.Fn.Name + "(" + pick(a.Distinct, "DISTINCT ", "") + args
	if len(a.OrderBy) > 0 {
		s += " ORDER BY " + p.keys(a.OrderBy)
	}
	s += ")"
	if a.Filter != nil {
		s += " FILTER (WHERE " + p.deparse.Expr(a.Filter) + ")"
	}
	return s
}
