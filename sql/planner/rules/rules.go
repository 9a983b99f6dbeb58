// Package rules rewrites plans: each rule is a file, and All lists them in the
// order they run. A rule takes a plan and gives one that computes the same rows;
// it may change the nodes it is given.
package rules

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// Ctx is what rules need besides the plan.
type Ctx struct {
	Meta    *plan.Meta
	Env     *funcs.Env
	Stats   Stats
	Catalog *catalog.Snapshot
	// View is set for the plan of a materialized view: physical choices are those of
	// the circuit.
	View bool
	// BindStored binds the text of an index's expression or (pred) predicate over a
	// relation, and tells the attribute of each column that it reads; nil: such
	// indexes are not used.
	BindStored func(rel *catalog.Relation, text string, pred bool) (plan.Expr, map[plan.ColID]int16, error)
	// NextID numbers the shared subplans that rules make.
	NextID int
	// Rules are run in place of All when they are given.
	Rules []Rule
	Methods
}

// Rule is one rewrite.
type Rule struct {
	Name  string
	Apply func(c *Ctx, n plan.Node) plan.Node
}

// All lists the rules in the order they run.
var All = []Rule{
	{"simplify", simplify},              // constants are folded, conditions split
	{"unnest", unnest},                  // subqueries become joins
	{"push", pushFilters},               // conditions move down, outer joins that cannot be become inner
	{"simplify", simplify},              // what that has made constant
	{"prune", prune},                    // columns nobody reads go
	{"skip partitions", skipPartitions}, // that have no row for the conditions
	{"choose access", chooseScans},      // block ranges and indexes
	{"order joins", orderJoins},         // inner joins by cost, and how they are done; those of views by what connects them
	{"use order", useOrder},             // that of an index for ORDER BY … LIMIT, min and max
	{"trim filters", trimFilters},       // of what indexes look up
	{"prune", prune},
}

// Run applies the rules.
func Run(c *Ctx, n plan.Node) plan.Node {
	list := All
	if c.Rules != nil {
		list = c.Rules
	}
	for _, r := range list {
		n = r.Apply(c, n)
	}
	return n
}

// each applies fn to every node, inputs first, and puts what it gives in its
// place. Plans of subqueries in expressions are rewritten too.
func each(n plan.Node, fn func(plan.Node) plan.Node) plan.Node {
	for i, in := range n.Inputs() {
		if x := each(in, fn); x != in {
			n.SetInput(i, x)
		}
	}
	for _, e := range n.Exprs() {
		plan.Visit(e, func(x plan.Expr) bool {
			if s, ok := x.(*plan.Subquery); ok {
				s.Plan = each(s.Plan, fn)
			}
			return true
		})
	}
	return fn(n)
}
