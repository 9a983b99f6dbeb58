package rules

import "github.com/streamsqld/streamsqld/sql/plan"

// factor takes out of a disjunction what all its branches ask for:
// (a AND x) OR (a AND y) becomes a AND (x OR y). The equality of two relations
// that stands in every branch becomes one that a join can hash.
func factor(e plan.Expr) []plan.Expr {
	or, ok := e.(*plan.Or)
	if !ok || !movable(e) {
		return []plan.Expr{e}
	}
	branches := make([][]plan.Expr, len(or.Args))
	for i, a := range or.Args {
		branches[i] = plan.Conjuncts(a)
	}
	var common []plan.Expr
	for _, x := range branches[0] {
		if inAll(x, branches[1:]) && !holds(common, x) {
			common = append(common, x)
		}
	}
	if len(common) == 0 {
		return []plan.Expr{e}
	}
	var rest []plan.Expr
	for _, b := range branches {
		var left []plan.Expr
		for _, x := range b {
			if !holds(common, x) {
				left = append(left, x)
			}
		}
		if len(left) == 0 { // this branch asks for nothing else
			return common
		}
		rest = append(rest, allOf(left))
	}
	return append(common, &plan.Or{Args: rest})
}

func inAll(x plan.Expr, branches [][]plan.Expr) bool {
	for _, b := range branches {
		if !holds(b, x) {
			return false
		}
	}
	return true
}

func holds(list []plan.Expr, x plan.Expr) bool {
	for _, e := range list {
		if plan.Equal(e, x) {
			return true
		}
	}
	return false
}

// allOf is the AND of conditions, of which there is at least one.
func allOf(list []plan.Expr) plan.Expr {
	if len(list) == 1 {
		return list[0]
	}
	return &plan.And{Args: list}
}

// restrict gives what a disjunction says of some columns alone; nil when a branch
// says nothing of them. (a = 1 AND b = 2) OR (a = 3 AND b = 4) says of a that it
// is 1 or 3.
func restrict(e plan.Expr, cols plan.ColSet) plan.Expr {
	or, ok := e.(*plan.Or)
	if !ok {
		return nil
	}
	var args []plan.Expr
	for _, a := range or.Args {
		var own []plan.Expr
		for _, x := range plan.Conjuncts(a) {
			if reads := plan.ReadsOf(x); len(reads) > 0 && cols.ContainsAll(reads) {
				own = append(own, x)
			}
		}
		if len(own) == 0 {
			return nil
		}
		args = append(args, allOf(own))
	}
	return &plan.Or{Args: args}
}

// restrictions gives what the conditions that read both sides of a join say of
// single inputs among the inner joins of one side.
func restrictions(preds []plan.Expr, side plan.Node) []plan.Expr {
	switch n := side.(type) {
	case *plan.Join:
		if n.Kind != plan.Inner {
			break
		}
		return append(restrictions(preds, n.L), restrictions(preds, n.R)...)
	case *plan.Filter:
		return restrictions(preds, n.In)
	}
	var out []plan.Expr
	cols := plan.SetOf(side.Out()...)
	for _, e := range preds {
		if !movable(e) {
			continue
		}
		if x := restrict(e, cols); x != nil {
			out = append(out, x)
		}
	}
	return out
}
