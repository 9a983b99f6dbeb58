package exec

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/zeebo/xxh3"
)

// stateVersion is the form of saved state. It changes when the state of some node
// of the same plan is laid out or meant otherwise than before.
const stateVersion = 1

// fingerprint identifies a plan: two plans of the same fingerprint keep the same
// state.
func fingerprint(n plan.Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d ", stateVersion)
	writePrint(&b, n)
	h := xxh3.HashString128(b.String())
	return fmt.Sprintf("%d-%016x%016x", stateVersion, h.Hi, h.Lo)
}

// writePrint writes what a node does. Physical choices that a circuit does not
// look at are left out.
func writePrint(b *strings.Builder, n plan.Node) {
	fmt.Fprintf(b, "(%T %v", n, n.Out())
	switch n := n.(type) {
	case *plan.Scan:
		fmt.Fprintf(b, " %d %v", n.Rel.OID, n.Attrs)
		for _, t := range scanTypes(n) {
			fmt.Fprintf(b, " %d", t.OID)
		}
	case *plan.Join:
		fmt.Fprintf(b, " %d %d", n.Kind, n.MarkCol)
	case *plan.Aggregate:
		fmt.Fprintf(b, " %v %v %v", n.Groups, n.Sets, n.SetCol)
		for i := range n.Aggs {
			fmt.Fprintf(b, " %d %s", n.Aggs[i].Col, plan.AggKey(&n.Aggs[i]))
		}
	case *plan.DistinctRows:
		fmt.Fprintf(b, " %v", n.On)
	case *plan.Over:
		fmt.Fprintf(b, " %v", n.Partition)
		for _, k := range n.OrderBy {
			fmt.Fprintf(b, " %v %v", k.Desc, k.NullsFirst)
		}
		for i := range n.Calls {
			c := &n.Calls[i]
			f := &c.Frame
			fmt.Fprintf(b, " %d %d %v %d %d %d %d", c.Fn.OID, c.Col, c.Variadic, f.Mode, f.Start, f.End, f.Exclude)
		}
	case *plan.Limit:
		fmt.Fprintf(b, " %v %v %v", n.Count != nil, n.Offset != nil, n.IsTies)
	case *plan.Order:
		for _, k := range n.Keys {
			fmt.Fprintf(b, " %v %v", k.Desc, k.NullsFirst)
		}
	case *plan.SetOp:
		fmt.Fprintf(b, " %d %v %v", n.Kind, n.All, n.InCols)
	case *plan.TimeFilter:
		fmt.Fprintf(b, " %d %d %d %v", n.From, n.Until, n.Shift, n.Close)
	case *plan.Session:
		fmt.Fprintf(b, " %d %d %v", n.Time, n.Gap, n.Partition)
	case *plan.With:
		fmt.Fprintf(b, " %d %v", n.ID, n.DefCols)
	case *plan.CTEScan:
		fmt.Fprintf(b, " %d", n.ID)
	case *plan.FlatMap:
		for i := range n.Gens {
			g := &n.Gens[i]
			fmt.Fprintf(b, " %v %v %v", g.Cols, g.Hop, g.Variadic)
			if g.Fn != nil {
				fmt.Fprintf(b, " %d", g.Fn.OID)
			}
		}
		fmt.Fprintf(b, " %d %v", n.Ordinal, n.Outer)
	}
	if _, ok := n.(*plan.Scan); !ok {
		for _, e := range n.Exprs() {
			b.WriteString(plan.Key(e))
		}
	}
	for _, in := range n.Inputs() {
		writePrint(b, in)
	}
	b.WriteByte(')')
}
