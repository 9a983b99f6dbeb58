package types

// withoutStops takes the stop words out of a query, with the operators that then lack an
// operand. The distance of a phrase grows by those of the phrases that go.
func (q *TSQuery) withoutStops() *TSQuery {
	q, _, _ = q.cleaned()
	return q
}

// cleaned takes the stop words out. before and after are by how much the distances of
// phrases around the query grow on its left and right side.
func (q *TSQuery) cleaned() (out *TSQuery, before, after int) {
	switch q.Op {
	case TSValue:
		return q, 0, 0
	case TSNot:
		r, before, after := q.Right.cleaned()
		if r == nil {
			return nil, before, after
		}
		return &TSQuery{Op: TSNot, Right: r}, before, after
	case TSAnd, TSOr, TSPhrase:
	default:
		return nil, 0, 0
	}
	l, lb, la := q.Left.cleaned()
	r, rb, ra := q.Right.cleaned()
	phrase := q.Op == TSPhrase
	switch {
	case l == nil && r == nil && phrase:
		n := lb + q.Distance + rb
		return nil, n, n
	case l == nil && r == nil:
		n := max(lb, rb)
		return nil, n, n
	case l == nil && phrase:
		return r, lb + q.Distance + rb, ra
	case l == nil:
		return r, rb, ra
	case r == nil && phrase:
		return l, lb, la + q.Distance + ra
	case r == nil:
		return l, lb, la
	case phrase:
		return &TSQuery{Op: TSPhrase, Distance: min(q.Distance+la+rb, 1<<15-1), Left: l, Right: r}, lb, ra
	}
	return &TSQuery{Op: q.Op, Left: l, Right: r}, 0, 0
}

// WithoutNot takes out the parts of a query that an index cannot look for: negations and
// what depends on them; nil when nothing is left.
func (q *TSQuery) WithoutNot() *TSQuery {
	if q == nil || q.Op == TSValue {
		return q
	}
	if q.Op == TSNot {
		return nil
	}
	l, r := q.Left.WithoutNot(), q.Right.WithoutNot()
	switch {
	case l != nil && r != nil:
		return &TSQuery{Op: q.Op, Distance: q.Distance, Left: l, Right: r}
	case q.Op == TSOr:
		return nil
	case l != nil:
		return l
	}
	return r
}
