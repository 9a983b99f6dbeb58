package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/fold"
	"github.com/streamsqld/streamsqld/sql/types"
)

// postponed says what of the select list is computed above ORDER BY, as PostgreSQL
// does (make_sort_input_target): volatile entries that nothing sorts by, so that
// they are evaluated in the order of the result and for no row that LIMIT drops.
type postponed struct {
	targets map[int]bool
	// sets: so are all set-returning calls, which then multiply the rows that
	// DISTINCT ON leaves. Without DISTINCT ON it would make no difference.
	sets bool
}

func (a *assembly) postpone() postponed {
	late := postponed{targets: map[int]bool{}}
	if a.distinct && a.on == nil || len(a.order) == 0 && (a.on != nil || a.limit.count == nil) {
		return late
	}
	keys := map[int]bool{}
	for _, o := range a.order {
		keys[o.at] = true
	}
	for _, at := range a.on {
		keys[at] = true
	}
	late.sets = len(a.q.sets) > 0 && a.on != nil
	for at := range keys {
		late.sets = late.sets && !a.readsSets(a.sel.targets[at].x)
	}
	for i := range a.sel.targets {
		x := a.sel.targets[i].x
		if keys[i] {
			continue
		}
		if sets := a.readsSets(x); sets && late.sets || !sets && len(a.q.sets) == 0 && plan.IsVolatile(x) {
			late.targets[i] = true
		}
	}
	return late
}

func (a *assembly) readsSets(x plan.Expr) bool {
	for id := range plan.ReadsOf(x) {
		if _, ok := a.q.setCols[id]; ok {
			return true
		}
	}
	return false
}

// project computes the entries of the select list that are not postponed, and
// keeps what those and the row locks read.
func (a *assembly) project(locks *plan.LockRows, late postponed) {
	p := &plan.Project{In: a.node}
	for i := range a.sel.targets {
		if !late.targets[i] {
			a.projectTarget(p, i)
		}
	}
	if locks != nil { // the row ids are needed above
		for _, id := range locks.Reads() {
			p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, a.b.meta.Ref(id))
		}
	}
	if a.rowIDs {
		id := a.b.cursor[0].Col
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, a.b.meta.Ref(id))
	}
	reads := plan.ColSet{}
	for i := range late.targets {
		plan.Reads(a.sel.targets[i].x, reads)
	}
	if late.sets {
		for _, s := range a.q.sets {
			for _, x := range s.gen.Args {
				plan.Reads(x, reads)
			}
		}
	}
	for _, id := range a.node.Out() {
		if reads.Has(id) && !slices.Contains(p.Cols, id) {
			p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, a.b.meta.Ref(id))
		}
	}
	a.node = p
}

// projectTarget adds an entry of the select list to a projection, as a column.
func (a *assembly) projectTarget(p *plan.Project, i int) {
	t := &a.sel.targets[i]
	info := plan.ColInfo{Name: t.name, Type: t.x.Type(), Mod: t.x.Mod()}
	if c, ok := t.x.(*plan.Col); ok {
		src := a.b.meta.Col(c.ID)
		info.Rel, info.Attr, info.NotNull = src.Rel, src.Attr, src.NotNull
	}
	t.id = a.b.newCol(a.q, info)
	if f := a.b.rowFields(t.x); f != nil && t.x.Type().OID == types.RecordOID {
		a.b.recordFields[t.id] = f
	}
	p.Cols, p.Vals = append(p.Cols, t.id), append(p.Vals, t.x)
}

// projectLate computes what was postponed, for no more rows than LIMIT and OFFSET
// read.
func (a *assembly) projectLate(late postponed, locks *plan.LockRows) {
	if len(late.targets) == 0 {
		return
	}
	if late.sets {
		a.setCalls()
	} else if n := a.limit.reads(a.b.Env); n != nil && locks == nil {
		a.node = &plan.Limit{In: a.node, Count: n}
	}
	p := passThrough(a.b.meta, a.node)
	for i := range a.sel.targets {
		if late.targets[i] {
			a.projectTarget(p, i)
		}
	}
	a.node = p
}

// reads is how many rows LIMIT and OFFSET look at, nil if that is not known before
// they run.
func (l limits) reads(env *funcs.Env) plan.Expr {
	if l.ties || l.count == nil {
		return nil
	}
	if l.offset == nil {
		return l.count
	}
	count, ok := fold.Expr(l.count, env).(*plan.Const)
	offset, isConst := fold.Expr(l.offset, env).(*plan.Const)
	if !ok || !isConst || count.Val.IsNull() || offset.Val.IsNull() {
		return nil
	}
	n, m := count.Val.Int(), offset.Val.Int()
	if n < 0 || m < 0 || n+m < n {
		return nil
	}
	return &plan.Const{Val: types.NewInt(n + m), Typ: types.TInt8, TypMod: types.NoMod}
}
