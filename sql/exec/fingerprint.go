package exec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/zeebo/xxh3"
)

// stateVersion is the form of saved state. It changes when the state of some node
// of the same plan is laid out or meant otherwise than before.
const stateVersion = 2

// fingerprint identifies a plan: two plans of the same fingerprint keep the same
// state.
func fingerprint(n plan.Node) string {
	p := printer{ids: map[plan.ColID]plan.ColID{}}
	fmt.Fprintf(&p.b, "%d ", stateVersion)
	p.node(n)
	h := xxh3.HashString128(p.b.String())
	return fmt.Sprintf("%d-%016x%016x", stateVersion, h.Hi, h.Lo)
}

// printer writes a plan. Columns are numbered as they come up, so that it makes no
// difference how many columns were bound that the plan has no use for.
type printer struct {
	b   strings.Builder
	ids map[plan.ColID]plan.ColID
}

func (p *printer) id(c plan.ColID) plan.ColID {
	n, ok := p.ids[c]
	if !ok {
		n = plan.ColID(len(p.ids) + 1)
		p.ids[c] = n
	}
	return n
}

func (p *printer) list(cols []plan.ColID) []plan.ColID {
	out := make([]plan.ColID, len(cols))
	for i, c := range cols {
		out[i] = p.id(c)
	}
	return out
}

func (p *printer) lists(sets [][]plan.ColID) [][]plan.ColID {
	var out [][]plan.ColID
	for _, s := range sets {
		out = append(out, p.list(s))
	}
	return out
}

// expr gives an expression over the columns' numbers.
func (p *printer) expr(e plan.Expr) plan.Expr {
	return plan.Map(e, func(e plan.Expr) plan.Expr {
		switch e := e.(type) {
		case *plan.Col:
			c := *e
			c.ID = p.id(e.ID)
			return &c
		case *plan.Grouping:
			c := *e
			c.Args, c.Set = p.list(e.Args), p.id(e.Set)
			return &c
		}
		return e
	})
}

// node writes what a node does. Physical choices that a circuit does not look at are
// left out.
func (p *printer) node(n plan.Node) {
	fmt.Fprintf(&p.b, "(%T %v", n, p.list(n.Out()))
	p.own(n)
	if _, ok := n.(*plan.Scan); !ok {
		for _, e := range n.Exprs() {
			p.b.WriteString(plan.Key(p.expr(e)))
		}
	}
	for _, in := range n.Inputs() {
		p.node(in)
	}
	p.b.WriteByte(')')
}

// own writes what a node is besides its expressions and inputs.
func (p *printer) own(n plan.Node) {
	b := &p.b
	switch n := n.(type) {
	case *plan.Scan:
		fmt.Fprintf(b, " %d %v", n.Rel.OID, n.Attrs)
		for _, t := range scanTypes(n) {
			fmt.Fprintf(b, " %d", t.OID)
		}
	case *plan.Join:
		fmt.Fprintf(b, " %d", n.Kind)
		if n.Kind == plan.Mark {
			fmt.Fprintf(b, " %d", p.id(n.MarkCol))
		}
	case *plan.Aggregate:
		p.aggregate(n)
	case *plan.DistinctRows:
		fmt.Fprintf(b, " %v", p.list(n.On))
	case *plan.Over:
		p.over(n)
	case *plan.Limit:
		fmt.Fprintf(b, " %v %v %v", n.Count != nil, n.Offset != nil, n.IsTies)
	case *plan.Order:
		for _, k := range n.Keys {
			fmt.Fprintf(b, " %v %v", k.Desc, k.NullsFirst)
		}
	case *plan.SetOp:
		fmt.Fprintf(b, " %d %v %v", n.Kind, n.All, p.lists(n.InCols))
	case *plan.TimeFilter:
		fmt.Fprintf(b, " %d %d %d %v", p.bound(n.From), p.bound(n.Until), n.Shift, n.Close)
		if n.Window >= 0 {
			fmt.Fprintf(b, " %d", p.id(n.Window))
		}
	case *plan.Session:
		fmt.Fprintf(b, " %d %d %v", p.id(n.Time), n.Gap, p.list(n.Partition))
	case *plan.With:
		fmt.Fprintf(b, " %d %v", n.ID, p.list(n.DefCols))
	case *plan.CTEScan:
		fmt.Fprintf(b, " %d", n.ID)
	case *plan.FlatMap:
		p.flatMap(n)
	}
}

// bound numbers a column that may be missing (-1).
func (p *printer) bound(c plan.ColID) plan.ColID {
	if c < 0 {
		return c
	}
	return p.id(c)
}

func (p *printer) aggregate(n *plan.Aggregate) {
	fmt.Fprintf(&p.b, " %v %v", p.list(n.Groups), n.Sets)
	if n.Sets != nil {
		fmt.Fprintf(&p.b, " %d", p.id(n.SetCol))
	}
	for i := range n.Aggs {
		a := n.Aggs[i]
		a.Args, a.OrderBy = slices.Clone(a.Args), slices.Clone(a.OrderBy)
		for j, x := range a.Args {
			a.Args[j] = p.expr(x)
		}
		for j := range a.OrderBy {
			a.OrderBy[j].X = p.expr(a.OrderBy[j].X)
		}
		if a.Filter != nil {
			a.Filter = p.expr(a.Filter)
		}
		fmt.Fprintf(&p.b, " %d %s", p.id(a.Col), plan.AggKey(&a))
	}
}

func (p *printer) over(n *plan.Over) {
	fmt.Fprintf(&p.b, " %v", p.list(n.Partition))
	for _, k := range n.OrderBy {
		fmt.Fprintf(&p.b, " %v %v", k.Desc, k.NullsFirst)
	}
	for i := range n.Calls {
		c := &n.Calls[i]
		f := &c.Frame
		fmt.Fprintf(&p.b, " %d %d %v %d %d %d %d", c.Fn.OID, p.id(c.Col), c.Variadic, f.Mode, f.Start, f.End, f.Exclude)
	}
}

func (p *printer) flatMap(n *plan.FlatMap) {
	for i := range n.Gens {
		g := &n.Gens[i]
		fmt.Fprintf(&p.b, " %v %v %v", p.list(g.Cols), g.Hop, g.Variadic)
		if g.Fn != nil {
			fmt.Fprintf(&p.b, " %d", g.Fn.OID)
		}
	}
	fmt.Fprintf(&p.b, " %d %v", p.bound(n.Ordinal), n.Outer)
}
