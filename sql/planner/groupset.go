package planner

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// canonical gives for a column of a set-returning call that of the first call of
// the query that is written alike. Calls of volatile functions are each their own.
func (q *query) canonical(id plan.ColID) plan.ColID {
	for i := range q.sets {
		for at, col := range q.sets[i].gen.Cols {
			if col == id {
				return q.sets[q.firstAlike(i)].gen.Cols[at]
			}
		}
	}
	return id
}

// firstAlike is the first call that is written as the i-th is.
func (q *query) firstAlike(i int) int {
	key, ok := q.callKey(&q.sets[i].gen)
	for j := 0; ok && j < i; j++ {
		if k, same := q.callKey(&q.sets[j].gen); same && k == key {
			return j
		}
	}
	return i
}

func (q *query) callKey(g *plan.Gen) (string, bool) {
	if g.Fn == nil || g.Fn.Volatility == 'v' {
		return "", false
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d %v", g.Fn.OID, g.Variadic)
	for _, a := range g.Args {
		if plan.IsVolatile(a) {
			return "", false
		}
		b.WriteString("\x00" + q.setKey(a))
	}
	return b.String(), true
}

// setKey is an expression's key, in which set-returning calls that are written alike
// are the same.
func (q *query) setKey(x plan.Expr) string {
	if len(q.sets) == 0 {
		return q.b.key(x)
	}
	return q.b.key(plan.Map(x, func(e plan.Expr) plan.Expr {
		c, ok := e.(*plan.Col)
		if !ok {
			return e
		}
		if _, set := q.setCols[c.ID]; !set {
			return e
		}
		n := *c
		n.ID = q.canonical(c.ID)
		return &n
	}))
}

// dropSets forgets the set-returning calls behind the first n: what they stood in
// has been found in the select list.
func (q *query) dropSets(n int) {
	for _, s := range q.sets[n:] {
		for _, id := range s.gen.Cols {
			delete(q.setCols, id)
		}
	}
	q.sets = q.sets[:n]
}

// groupSets puts the set-returning calls that GROUP BY reads below the grouping.
// Calls elsewhere that are written as one that is grouped by are that one.
func (a *assembly) groupSets() {
	q, g := a.q, a.q.groups
	need := plan.ColSet{}
	for _, x := range g.exprs {
		for id := range plan.ReadsOf(x) {
			need.Add(id)
		}
	}
	var below, above []setGen
	for i := len(q.sets) - 1; i >= 0; i-- { // arguments are calls made before
		s := q.sets[i]
		if !readsAny(need, s.gen.Cols) {
			continue
		}
		below = append([]setGen{s}, below...)
		for _, x := range s.gen.Args {
			for id := range plan.ReadsOf(x) {
				need.Add(id)
			}
		}
	}
	if len(below) == 0 {
		return
	}
	same := map[plan.ColID]plan.ColID{}
	for i, s := range q.sets {
		if readsAny(need, s.gen.Cols) {
			continue
		}
		if f := q.sets[q.firstGrouped(i, need)]; len(f.gen.Cols) == 1 && f.gen.Cols[0] != s.gen.Cols[0] && a.groupedBy(f.gen.Cols[0]) {
			same[s.gen.Cols[0]] = f.gen.Cols[0]
			continue
		}
		above = append(above, s)
	}
	a.node = flatMaps(a.node, below)
	q.sets = above
	for _, s := range below {
		for _, id := range s.gen.Cols {
			delete(q.setCols, id)
		}
	}
	for i, x := range g.exprs {
		g.keys[a.b.key(x)] = i
	}
	a.replaceCols(same)
}

// firstGrouped is the first call below the grouping that is written as the i-th is,
// else i.
func (q *query) firstGrouped(i int, need plan.ColSet) int {
	key, ok := q.callKey(&q.sets[i].gen)
	for j := range q.sets {
		if k, same := q.callKey(&q.sets[j].gen); ok && same && k == key && readsAny(need, q.sets[j].gen.Cols) {
			return j
		}
	}
	return i
}

func (a *assembly) groupedBy(id plan.ColID) bool {
	for _, x := range a.q.groups.exprs {
		if c, ok := x.(*plan.Col); ok && c.ID == id {
			return true
		}
	}
	return false
}

func readsAny(need plan.ColSet, cols []plan.ColID) bool {
	for _, id := range cols {
		if need.Has(id) {
			return true
		}
	}
	return false
}

// replaceCols puts columns in the place of others above the grouping.
func (a *assembly) replaceCols(same map[plan.ColID]plan.ColID) {
	if len(same) == 0 {
		return
	}
	swap := func(e plan.Expr) plan.Expr {
		if c, ok := e.(*plan.Col); ok {
			if id, ok := same[c.ID]; ok {
				return a.b.meta.Ref(id)
			}
		}
		return e
	}
	for i := range a.sel.targets {
		a.sel.targets[i].x = plan.Map(a.sel.targets[i].x, swap)
	}
	for i := range a.q.sets {
		for j, x := range a.q.sets[i].gen.Args {
			a.q.sets[i].gen.Args[j] = plan.Map(x, swap)
		}
	}
}

// flatMaps runs set-returning calls over a node, level by level: those of one level
// in lock-step.
func flatMaps(node plan.Node, sets []setGen) plan.Node {
	most := -1
	for _, s := range sets {
		most = max(most, s.level)
	}
	for level := 0; level <= most; level++ {
		fm := &plan.FlatMap{In: node, Ordinal: -1}
		for _, s := range sets {
			if s.level == level {
				fm.Gens = append(fm.Gens, s.gen)
			}
		}
		if len(fm.Gens) > 0 {
			node = fm
		}
	}
	return node
}
