package plan

import "github.com/streamsqld/streamsqld/sql/types"

// origins tell where the columns of a plan come from, for showing them.
type origins struct {
	scans map[ColID]*Scan
	exprs map[ColID]Expr // of projections
	aggs  map[ColID]*Agg
	count int // scans
	// open are the columns being shown: what is defined by itself is not followed.
	open map[ColID]bool
}

func newOrigins(n Node) *origins {
	o := &origins{scans: map[ColID]*Scan{}, exprs: map[ColID]Expr{}, aggs: map[ColID]*Agg{}, open: map[ColID]bool{}}
	o.collect(n)
	return o
}

func (o *origins) collect(root Node) {
	VisitNodes(root, func(n Node) {
		switch n := n.(type) {
		case *Scan:
			o.count++
			for _, c := range n.Cols {
				o.scans[c] = n
			}
		case *Project:
			for i, c := range n.Cols {
				if col, ok := n.Vals[i].(*Col); !ok || col.ID != c {
					o.exprs[c] = n.Vals[i]
				}
			}
		case *Aggregate:
			for i := range n.Aggs {
				o.aggs[n.Aggs[i].Col] = &n.Aggs[i]
			}
		}
		for _, e := range n.Exprs() {
			Visit(e, func(x Expr) bool {
				if s, ok := x.(*Subquery); ok {
					o.collect(s.Plan)
				}
				return true
			})
		}
	})
}

// text shows a column by its origin, "" when there is nothing to say.
func (o *origins) text(p *printer, id ColID) string {
	if s := o.scans[id]; s != nil {
		if o.count < 2 || int(id) >= p.meta.Len() {
			return ""
		}
		name := s.Alias
		if name == "" {
			name = s.Rel.Name
		}
		return types.QuoteIdent(name) + "." + types.QuoteIdent(p.meta.Col(id).Name)
	}
	if o.open[id] {
		return ""
	}
	o.open[id] = true
	defer delete(o.open, id)
	if e := o.exprs[id]; e != nil {
		if c, ok := e.(*Call); ok && (c.Fn.Name == "tumble_start" || c.Fn.Name == "tumble_end") {
			return "" // what the user knows is the window's column
		}
		return p.deparse.Expr(e)
	}
	if a := o.aggs[id]; a != nil {
		return p.agg(a)
	}
	return ""
}

// computed tells whether a column is shown as an expression.
func (o *origins) computed(id ColID) bool {
	if o == nil {
		return false
	}
	if e := o.exprs[id]; e != nil {
		c, ok := e.(*Col)
		return !ok || o.computed(c.ID)
	}
	return o.aggs[id] != nil
}
