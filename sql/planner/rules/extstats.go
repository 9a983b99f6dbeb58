package rules

import (
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// Grouper are Stats that know of several columns together: what CREATE STATISTICS has
// ANALYZE look for.
type Grouper interface {
	// Together gives how many combinations of values the columns of have, which are as
	// many of attrs as anything is known of; nil when nothing is.
	Together(rel catalog.OID, attrs []int16) (n float64, of []int16)
	// Determines gives columns of attrs and another one of them which they determine in a
	// share of the rows; by is nil when none are known.
	Determines(rel catalog.OID, attrs []int16) (by []int16, attr int16, degree float64)
}

// together guesses the number of combinations of values of columns that statistics
// objects know: done are those columns.
func (e *Estimator) together(cols []plan.ColID) (n float64, done plan.ColSet) {
	n, done = 1, plan.ColSet{}
	g, ok := e.stats.(Grouper)
	if !ok || len(cols) < 2 {
		return n, done
	}
	for {
		found := false
		for _, id := range cols {
			rel := e.meta.Col(id).Rel
			if rel == 0 || done.Has(id) {
				continue
			}
			ids, attrs := e.ofRelation(rel, cols, done)
			d, of := g.Together(rel, attrs)
			if len(of) < 2 {
				continue
			}
			for i, a := range attrs {
				if slices.Contains(of, a) {
					done.Add(ids[i])
				}
			}
			n, found = n*math.Max(d, 1), true
		}
		if !found {
			return n, done
		}
	}
}

// ofRelation gives those of cols that are columns of a relation, and not done.
func (e *Estimator) ofRelation(rel catalog.OID, cols []plan.ColID, done plan.ColSet) (ids []plan.ColID, attrs []int16) {
	for _, id := range cols {
		if info := e.meta.Col(id); info.Rel == rel && info.Attr > 0 && !done.Has(id) && !slices.Contains(attrs, info.Attr) {
			ids, attrs = append(ids, id), append(attrs, info.Attr)
		}
	}
	return ids, attrs
}

// dependent guesses, as all does, the fraction of a scan's rows for which all conditions
// are true, where some columns determine others (clauselist_apply_dependencies).
func (e *Estimator) dependent(s *plan.Scan, preds []plan.Expr) float64 {
	g, ok := e.stats.(Grouper)
	if !ok || len(s.Rel.Stats) == 0 {
		return e.all(preds)
	}
	share := map[int16]float64{}
	var attrs []int16
	var rest []plan.Expr
	for _, p := range preds {
		for _, p := range plan.Conjuncts(p) {
			attr, ok := sameAsValue(s, p)
			if !ok {
				rest = append(rest, p)
				continue
			}
			if f, known := share[attr]; known {
				share[attr] = math.Min(f, e.Selectivity(p))
				continue
			}
			share[attr] = e.Selectivity(p)
			attrs = append(attrs, attr)
		}
	}
	sel := e.all(rest)
	for len(attrs) > 0 {
		by, attr, degree := g.Determines(s.Rel.OID, attrs)
		if by == nil {
			break
		}
		causes := 1.0
		for _, a := range by {
			causes *= share[a]
		}
		both := degree*math.Min(causes, share[attr]) + (1-degree)*causes*share[attr]
		sel *= both / causes
		attrs = slices.DeleteFunc(attrs, func(a int16) bool { return a == attr })
	}
	for _, a := range attrs {
		sel *= share[a]
	}
	return sel
}

// sameAsValue tells a condition that a column of s equals a value.
func sameAsValue(s *plan.Scan, p plan.Expr) (attr int16, ok bool) {
	c, isCall := p.(*plan.Call)
	if !isCall || c.Op != "=" || len(c.Args) != 2 {
		return 0, false
	}
	for i, x := range c.Args {
		id, isCol := stripCol(x)
		if at := slices.Index(s.Cols, id); isCol && at >= 0 && s.Attrs[at] > 0 && len(plan.ReadsOf(c.Args[1-i])) == 0 {
			return s.Attrs[at], true
		}
	}
	return 0, false
}
