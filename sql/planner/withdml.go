package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Part is a part of a statement that is run by itself and once: a data-modifying
// statement of the WITH clause, a query of it that several parts read, or a call of
// a function whose body is run. Who reads its rows has WorkScans of its ID.
type Part struct {
	ID   int
	Name string
	// Call is the function, called with the row that Query gives; its result is of
	// Types.
	Call  *catalog.Function
	Types []*types.Type
	// Modify is the statement, whose RETURNING list gives the rows; or Query is the
	// query, whose columns Cols are the rows'.
	Modify *Modify
	Query  plan.Node
	Cols   []plan.ColID
	// Reads are the parts that it reads, in the order of the WITH clause.
	Reads []int
}

// plans are the plans that a part consists of.
func (p *Part) plans() []plan.Node {
	if p.Modify == nil {
		return []plan.Node{p.Query}
	}
	return p.Modify.plans()
}

func (m *Modify) plans() []plan.Node {
	list := []plan.Node{m.Source}
	if m.Conflict != nil && m.Conflict.Root != nil {
		list = append(list, m.Conflict.Root)
	}
	if m.Returning != nil {
		list = append(list, m.Returning.Root)
	}
	return list
}

// separate finds the entries of a WITH clause that plans other than the main one
// read: data-modifying entries, RETURNING lists and ON CONFLICT have plans of
// their own. What these share with others cannot stand in one of the plans.
func separate(list []*cte, body any) map[string]bool {
	out := map[string]bool{}
	var reached func(n any)
	reached = func(n any) {
		for _, c := range list {
			if name := c.def.Name.Name; !out[name] && countRefs(n, name) > 0 {
				out[name] = true
				reached(c.def)
			}
		}
	}
	for _, c := range list {
		if c.def.DML != nil {
			reached(c.def.DML)
		}
	}
	switch s := body.(type) {
	case *ast.Insert:
		reached(s.Returning)
		reached(s.OnConflict)
	case *ast.Update:
		reached(s.Returning)
	case *ast.Delete:
		reached(s.Returning)
	}
	return out
}

// bindDML binds a data-modifying entry of a WITH clause.
func (b *binder) bindDML(c *cte) (*result, error) {
	var m *Modify
	ch, err := b.rewriteWith(c)
	if err == nil {
		m, err = b.bindChange(ch, 0)
	}
	if err != nil {
		return nil, err
	}
	if !c.top {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "WITH clause containing a data-modifying statement must be at the top level").At(c.def.Name.Pos)
	}
	c.part = b.newPart(c)
	c.part.Modify = m
	r := &result{}
	if m.Returning != nil {
		r.cols = append(r.cols, m.Returning.Cols...)
	}
	return r, nil
}

func (b *binder) newPart(c *cte) *Part {
	b.nextID++
	p := &Part{ID: b.nextID, Name: c.def.Name.Name}
	b.parts = append(b.parts, p)
	return p
}

// partRows gives the rows of a part to who refers to it.
func (b *binder) partRows(c *cte, q *query, pos int32) (*result, error) {
	if m := c.part.Modify; m != nil && m.Returning == nil {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "WITH query \"%s\" does not have a RETURNING clause", c.part.Name).At(pos)
	}
	n := &plan.WorkScan{ID: c.part.ID, Name: c.part.Name}
	r := &result{node: n}
	for _, col := range c.result.cols {
		id := b.newCol(q, plan.ColInfo{Name: col.Name, Type: col.Type, Mod: col.Mod})
		if f := b.recordFields[col.ID]; f != nil {
			b.recordFields[id] = f
		}
		n.Cols, n.Types = append(n.Cols, id), append(n.Types, col.Type)
		r.cols = append(r.cols, OutCol{Name: col.Name, Type: col.Type, Mod: col.Mod, ID: id})
	}
	return r, nil
}

// finishParts optimizes the parts' plans and finds what reads what: the parts that
// the main plans read are given.
func (b *binder) finishParts(main []plan.Node) (parts []*Part, reads []int) {
	if len(b.parts) == 0 {
		return nil, nil
	}
	for _, p := range b.parts {
		if p.Modify != nil {
			b.optimizeModify(p.Modify)
		} else {
			p.Query = b.optimizeGiven(p.Query)
		}
	}
	for _, p := range b.parts {
		p.Reads = b.partsRead(p.plans())
	}
	return b.parts, b.partsRead(main)
}

// partsRead lists the parts that plans read, in the order of the WITH clause.
func (b *binder) partsRead(list []plan.Node) []int {
	var out []int
	seen := map[int]bool{}
	var visit func(n plan.Node)
	visit = func(n plan.Node) {
		plan.VisitNodes(n, func(n plan.Node) {
			if w, ok := n.(*plan.WorkScan); ok && !seen[w.ID] && b.isPart(w.ID) {
				seen[w.ID] = true
				out = append(out, w.ID)
			}
			for _, e := range n.Exprs() {
				plan.Visit(e, func(x plan.Expr) bool {
					if s, ok := x.(*plan.Subquery); ok {
						visit(s.Plan)
					}
					return true
				})
			}
		})
	}
	for _, n := range list {
		visit(n)
	}
	slices.Sort(out)
	return out
}

func (b *binder) isPart(id int) bool {
	for _, p := range b.parts {
		if p.ID == id {
			return true
		}
	}
	return false
}
