package plan

import (
	"maps"
	"slices"
)

// Visit calls fn for e and everything in it, outermost first, until fn gives
// false for a subtree. Plans of subqueries are not entered.
func Visit(e Expr, fn func(Expr) bool) {
	if !fn(e) {
		return
	}
	for _, c := range e.Children() {
		Visit(c, fn)
	}
}

// Map rebuilds e bottom up: fn sees every expression with its operands already
// mapped. Plans of subqueries are not entered.
func Map(e Expr, fn func(Expr) Expr) Expr {
	old := e.Children()
	if len(old) > 0 {
		var changed []Expr
		for i, c := range old {
			if n := Map(c, fn); n != c {
				if changed == nil {
					changed = append([]Expr(nil), old...)
				}
				changed[i] = n
			}
		}
		if changed != nil {
			e = e.WithChildren(changed)
		}
	}
	return fn(e)
}

// VisitNodes calls fn for n and every node below it, outermost first; plans of
// subqueries in expressions are not entered.
func VisitNodes(n Node, fn func(Node)) {
	fn(n)
	for _, in := range n.Inputs() {
		VisitNodes(in, fn)
	}
}

// ColSet is a set of columns.
type ColSet map[ColID]struct{}

// Add adds columns.
func (s ColSet) Add(ids ...ColID) {
	for _, id := range ids {
		s[id] = struct{}{}
	}
}

// Has tells whether the column is in the set.
func (s ColSet) Has(id ColID) bool { _, ok := s[id]; return ok }

// ContainsAll tells whether every column of o is in s.
func (s ColSet) ContainsAll(o ColSet) bool {
	for id := range o {
		if !s.Has(id) {
			return false
		}
	}
	return true
}

// Intersects tells whether the sets share a column.
func (s ColSet) Intersects(o ColSet) bool {
	for id := range o {
		if s.Has(id) {
			return true
		}
	}
	return false
}

// List gives the columns in ascending order.
func (s ColSet) List() []ColID { return slices.Sorted(maps.Keys(s)) }

// SetOf makes a set.
func SetOf(ids ...ColID) ColSet {
	s := make(ColSet, len(ids))
	s.Add(ids...)
	return s
}

// Reads adds to s the columns that e reads, those that plans of subqueries in it
// read from outside included.
func Reads(e Expr, s ColSet) {
	Visit(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Col:
			s.Add(x.ID)
		case *Subquery:
			inner := SetOf(x.Plan.Out()...)
			if x.Test != nil {
				test := ColSet{}
				Reads(x.Test, test)
				for id := range test {
					if !inner.Has(id) {
						s.Add(id)
					}
				}
			}
			for id := range Outer(x.Plan) {
				s.Add(id)
			}
			return false
		case *Grouping:
			s.Add(x.Set)
		}
		return true
	})
}

// ReadsOf gives the columns that e reads.
func ReadsOf(e Expr) ColSet {
	s := ColSet{}
	Reads(e, s)
	return s
}

// Outer gives the columns that the plan reads from outside: those that no node
// in it makes.
func Outer(n Node) ColSet {
	out := ColSet{}
	outer(n, ColSet{}, out)
	return out
}

// outer adds to out what n reads beyond what it makes itself and beyond given,
// the columns that enclosing Applies inside the plan give.
func outer(n Node, given, out ColSet) {
	avail := ColSet{}
	for id := range given {
		avail.Add(id)
	}
	for _, in := range n.Inputs() {
		avail.Add(in.Out()...)
	}
	own := ColSet{}
	for _, e := range n.Exprs() {
		Reads(e, own)
	}
	for id := range own {
		if !avail.Has(id) {
			out.Add(id)
		}
	}
	if a, ok := n.(*Apply); ok {
		outer(a.L, given, out)
		inner := ColSet{}
		for id := range given {
			inner.Add(id)
		}
		inner.Add(a.L.Out()...)
		outer(a.R, inner, out)
		return
	}
	for _, in := range n.Inputs() {
		outer(in, given, out)
	}
}

// Conjuncts splits a condition at its ANDs.
func Conjuncts(e Expr) []Expr {
	if a, ok := e.(*And); ok {
		var out []Expr
		for _, x := range a.Args {
			out = append(out, Conjuncts(x)...)
		}
		return out
	}
	return []Expr{e}
}

// Conjunction joins conditions; nil for none.
func Conjunction(list []Expr) Expr {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return &And{Args: list}
}
