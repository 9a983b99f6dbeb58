package differential

import "slices"

// mostSteps bounds how many smaller statements are tried.
const mostSteps = 3000

// shrink makes a query smaller as long as fails says that it still fails.
func shrink(q *query, fails func(string) bool) *query {
	left := mostSteps
	for again := true; again && left > 0; {
		again = false
		for _, try := range smaller(q) {
			if left--; left < 0 {
				break
			}
			if fails(try.String()) {
				q, again = try, true
				break
			}
		}
	}
	return q
}

// smaller gives queries that are a step smaller.
func smaller(q *query) []*query {
	var out []*query
	add := func(change func(c *query)) {
		c := *q
		change(&c)
		out = append(out, &c)
	}
	if q.other != nil {
		add(func(c *query) { c.other = nil })
		out = append(out, q.other)
	}
	for i := range q.with {
		add(func(c *query) { c.with = slices.Delete(slices.Clone(c.with), i, i+1) })
		for _, s := range smaller(q.with[i].q) {
			add(func(c *query) { c.with = slices.Clone(c.with); c.with[i].q = s })
		}
		if q.with[i].step != nil {
			for _, s := range smallerExpr(q.with[i].step) {
				add(func(c *query) { c.with = slices.Clone(c.with); c.with[i].step = s })
			}
		}
	}
	if q.sets != "" {
		add(func(c *query) { c.sets = "" })
	}
	if q.other != nil {
		for _, s := range smaller(q.other) {
			add(func(c *query) { c.other = s })
		}
	}
	if q.offset > 0 {
		add(func(c *query) { c.offset = 0 })
	}
	if q.limit > 0 {
		add(func(c *query) { c.limit = 0 })
	}
	if q.distinct {
		add(func(c *query) { c.distinct = false })
	}
	for i, f := range q.from {
		if len(q.from) > 1 {
			add(func(c *query) { c.from = slices.Delete(slices.Clone(c.from), i, i+1) })
		}
		if f.sub != nil {
			out = append(out, f.sub)
			for _, s := range smaller(f.sub) {
				add(func(c *query) { c.from = slices.Clone(c.from); c.from[i].sub = s })
			}
		}
		if f.call != nil {
			for _, s := range smallerExpr(f.call) {
				if s.typ == f.call.typ && s.format == f.call.format {
					add(func(c *query) { c.from = slices.Clone(c.from); c.from[i].call = s })
				}
			}
		}
		if f.on != nil {
			for _, s := range smallerExpr(f.on) {
				add(func(c *query) { c.from = slices.Clone(c.from); c.from[i].on = s })
			}
		}
	}
	for _, list := range []func(c *query) *[]*expr{
		func(c *query) *[]*expr { return &c.items }, func(c *query) *[]*expr { return &c.where },
		func(c *query) *[]*expr { return &c.group }, func(c *query) *[]*expr { return &c.having },
		func(c *query) *[]*expr { return &c.distinctOn },
	} {
		for i, e := range *list(q) {
			add(func(c *query) { p := list(c); *p = slices.Delete(slices.Clone(*p), i, i+1) })
			for _, s := range smallerExpr(e) {
				add(func(c *query) { p := list(c); *p = slices.Clone(*p); (*p)[i] = s })
			}
		}
	}
	return out
}

// smallerExpr gives expressions that are a step smaller: an argument of the same
// type, a literal, or the same with a smaller argument.
func smallerExpr(e *expr) []*expr {
	var out []*expr
	for _, a := range e.args {
		if a.typ == e.typ {
			out = append(out, a)
		}
	}
	if len(e.args) > 0 && literals[e.typ] != nil {
		out = append(out, leaf(e.typ, literals[e.typ][0]))
	}
	for i, a := range e.args {
		for _, s := range smallerExpr(a) {
			c := *e
			c.args = slices.Clone(e.args)
			c.args[i] = s
			out = append(out, &c)
		}
	}
	return out
}
