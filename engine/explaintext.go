package engine

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// shownNode is a node of a shown plan.
type shownNode struct {
	depth   int
	node    plan.Node // nil: the statement itself, over the plan
	title   string
	details []string
	// cte is the WITH entry that begins here, whose lines stand further right by
	// indent; root is the plan under a modification in WITH.
	cte    string
	indent int
	root   plan.Node
}

// nodes lists the plan's nodes, from above, with their details.
func (x *explained) nodes() []*shownNode {
	var list []*shownNode
	deeper := 0
	if x.top != "" {
		list = append(list, &shownNode{title: x.top})
		deeper = 1
	}
	list = x.withParts(append(list, describeAt(x.root, x.meta, deeper)...))
	for _, n := range list {
		if x.note != nil && n.node != nil {
			n.details = append(n.details, x.note(n.node)...)
		}
		n.details = append(n.details, x.memory(n.node)...)
	}
	return list
}

// memory are the details of what a node kept and spilled.
func (x *explained) memory(n plan.Node) []string {
	if x.stats == nil || n == nil {
		return nil
	}
	st := x.stats.Of(n)
	if st == nil {
		return nil
	}
	var out []string
	if m := st.Memory.Load(); m > 0 {
		out = append(out, fmt.Sprintf("Memory Usage: %dkB", (m+1023)>>10))
	}
	if m := st.Spilled.Load(); m > 0 {
		out = append(out, fmt.Sprintf("Disk Usage: %dkB", (m+1023)>>10))
	}
	return out
}

// asText shows the plan as PostgreSQL's FORMAT TEXT does.
func (x *explained) asText() []string {
	var out []string
	for _, n := range x.nodes() {
		lead := ""
		if n.cte != "" {
			out = append(out, "  CTE "+n.cte)
		}
		if n.depth > 0 {
			lead = strings.Repeat(" ", 6*n.depth-4+n.indent) + "->  "
		}
		out = append(out, lead+n.title+x.numbers(n))
		for _, d := range n.details {
			out = append(out, strings.Repeat(" ", 6*n.depth+2+n.indent)+d)
		}
	}
	out = append(out, x.tail...)
	if x.opt.summary {
		out = append(out, "Planning Time: "+millis(x.planning)+" ms")
		if x.opt.analyze {
			out = append(out, "Execution Time: "+millis(x.execution)+" ms")
		}
	}
	return out
}

func millis(d time.Duration) string { return strconv.FormatFloat(d.Seconds()*1e3, 'f', 3, 64) }

// numbers are the estimates and counters after a node's title.
func (x *explained) numbers(n *shownNode) string {
	var b strings.Builder
	if x.opt.costs && x.est != nil {
		start, total, rows, width := x.estimate(n)
		fmt.Fprintf(&b, "  (cost=%.2f..%.2f rows=%.0f width=%d)", start, total, rows, width)
	}
	if x.stats == nil || n.root != nil {
		return b.String()
	}
	ms, rows, loops := x.actual(n)
	switch {
	case loops == 0:
		b.WriteString(" (never executed)")
	case x.opt.timing:
		fmt.Fprintf(&b, " (actual time=%.3f..%.3f rows=%d loops=%d)", 0.0, ms/float64(loops), rows/loops, loops)
	default:
		fmt.Fprintf(&b, " (actual rows=%d loops=%d)", rows/loops, loops)
	}
	return b.String()
}

func (x *explained) estimate(n *shownNode) (start, total, rows float64, width int) {
	node := n.node
	switch {
	case n.root != nil:
		start, total = x.est.Cost(n.root)
		return start, total, 0, 0
	case node == nil:
		start, total = x.est.Cost(x.root)
		return start, total, 0, 0
	}
	start, total = x.est.Cost(node)
	return start, total, max(x.est.Rows(node), 0), x.est.Width(node)
}

// actual are a node's counters: milliseconds, rows and loops of all of them.
func (x *explained) actual(n *shownNode) (ms float64, rows, loops int64) {
	if n.node == nil {
		return x.execution.Seconds() * 1e3, x.topRows, 1
	}
	st := x.stats.Of(n.node)
	if st == nil {
		return 0, 0, 0
	}
	return float64(st.Nanos.Load()) / 1e6, st.Rows.Load(), st.Loops.Load()
}

// jsonField is a member of a JSON object; their order is kept.
type jsonField struct {
	key   string
	value any
}

type jsonObject []jsonField

// MarshalJSON implements json.Marshaler.
func (o jsonObject) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, f := range o {
		if i > 0 {
			b = append(b, ',')
		}
		k, _ := json.Marshal(f.key)
		v, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, k...), ':'), v...)
	}
	return append(b, '}'), nil
}

// asJSON shows the plan as PostgreSQL's FORMAT JSON does.
func (x *explained) asJSON() string {
	nodes := x.nodes()
	next := 0
	var build func(depth int) jsonObject
	build = func(depth int) jsonObject {
		n := nodes[next]
		next++
		o := x.jsonNode(n)
		var kids []jsonObject
		for next < len(nodes) && nodes[next].depth > depth {
			kids = append(kids, build(nodes[next].depth))
		}
		if kids != nil {
			o = append(o, jsonField{"Plans", kids})
		}
		return o
	}
	top := jsonObject{{"Plan", build(nodes[0].depth)}}
	if x.opt.summary {
		top = append(top, jsonField{"Planning Time", json.RawMessage(millis(x.planning))})
		if x.opt.analyze {
			top = append(top, jsonField{"Execution Time", json.RawMessage(millis(x.execution))})
		}
	}
	b, err := json.MarshalIndent([]jsonObject{top}, "", "  ")
	if err != nil {
		return "[]"
	}
	return string(b)
}

func (x *explained) jsonNode(n *shownNode) jsonObject {
	kind, rest := nodeType(n.title)
	o := jsonObject{{"Node Type", kind}}
	if rest != "" {
		o = append(o, jsonField{"Relation Name", rest})
	}
	if x.opt.costs && x.est != nil {
		start, total, rows, width := x.estimate(n)
		o = append(o, jsonField{"Startup Cost", round2(start)}, jsonField{"Total Cost", round2(total)},
			jsonField{"Plan Rows", int64(rows)}, jsonField{"Plan Width", width})
	}
	if n.cte != "" {
		o = append(o, jsonField{"Parent Relationship", "InitPlan"}, jsonField{"Subplan Name", "CTE " + n.cte})
	}
	if x.stats != nil && n.root == nil {
		ms, rows, loops := x.actual(n)
		per := max(loops, 1)
		if x.opt.timing {
			o = append(o, jsonField{"Actual Startup Time", 0.0}, jsonField{"Actual Total Time", json.RawMessage(strconv.FormatFloat(ms/float64(per), 'f', 3, 64))})
		}
		o = append(o, jsonField{"Actual Rows", rows / per}, jsonField{"Actual Loops", loops})
	}
	for _, d := range n.details {
		if k, v, ok := strings.Cut(d, ": "); ok {
			o = append(o, jsonField{k, v})
		}
	}
	return o
}

func round2(f float64) json.RawMessage {
	return json.RawMessage(strconv.FormatFloat(f, 'f', 2, 64))
}

// nodeType splits a node's title: "Seq Scan on t" is a Seq Scan of t.
func nodeType(title string) (kind, rel string) {
	kind, rel, _ = strings.Cut(title, " on ")
	kind, _, _ = strings.Cut(kind, " using ")
	return kind, rel
}
