package ast

// IntoTarget is the INTO clause that a query as a whole has: its own, or that of the
// first arm of a set operation.
func (q *Select) IntoTarget() *IntoClause {
	for q.SetOp != SetNone {
		q = q.L
	}
	return q.Into
}

// WithoutInto is the query without that clause.
func (q *Select) WithoutInto() *Select {
	c := *q
	if c.SetOp != SetNone {
		c.L = c.L.WithoutInto()
	} else {
		c.Into = nil
	}
	return &c
}
