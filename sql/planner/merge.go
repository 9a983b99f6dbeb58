package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Merging is what a Modify of MERGE has besides. Its Source gives a row per action:
// RowID and Old of the target's row (NULL where none matches), the columns Row of
// the source's row, Action and the new row (for DELETE the old one). Recheck is
// the same over WorkScan RecheckID, which has the target's row or none, and
// WorkScan SourceID, whose columns are Row.
type Merging struct {
	// TableOID is the column of Source that tells which table has the target's row, which
	// RowID is of, where others hold rows of the target, too; else -1. Old and New are
	// then of the target's layout.
	TableOID plan.ColID
	Action   plan.ColID // the position in Actions
	Actions  []MergeAction
	SourceID int
	Row      []plan.ColID
}

// MergeAction is the action of a WHEN clause.
type MergeAction struct {
	Kind ModifyKind
	// Changed lists the attributes that an UPDATE assigns.
	Changed []int16
}

// Merge plans MERGE.
func Merge(c *Context, s *ast.Merge) (*Modify, error) {
	return planModify(c, func(b *binder) (*Modify, error) { return b.merge(s) })
}

// inMergeWhen is the condition of a WHEN clause.
var inMergeWhen = &place{name: "MERGE WHEN conditions", noSystem: true}

// merger is a MERGE while it is bound.
type merger struct {
	b      *binder
	s      *ast.Merge
	q      *query
	to     *changing
	source *fromItem
	m      *Modify
	// action is CASE over the WHEN clauses; vals are, per action, the values of the
	// live columns.
	action *plan.Case
	vals   [][]plan.Expr
}

// merge binds MERGE: the source is joined to the target (LEFT JOIN when rows may
// be inserted), and a row of the join has at most one action.
func (b *binder) merge(s *ast.Merge) (*Modify, error) {
	if s.With != nil && s.With.Recursive {
		return nil, pgerr.New(pgerr.SyntaxError, "WITH RECURSIVE is not supported for MERGE statement")
	}
	q := b.newQuery(nil)
	wrap, err := b.with(s.With, q, s)
	if err != nil {
		return nil, err
	}
	if err := checkWhens(s.Whens); err != nil {
		return nil, err
	}
	g := &merger{b: b, s: s, q: q}
	if err := g.target(); err != nil {
		return nil, err
	}
	if g.source, err = b.tableExpr(s.Using.From[0], q); err != nil {
		return nil, err
	}
	on, err := g.join()
	if err != nil {
		return nil, err
	}
	if err := g.actions(); err != nil {
		return nil, err
	}
	return g.m, g.plan(on, wrap)
}

// checkWhens refuses WHEN clauses that are never reached.
func checkWhens(list []*ast.MergeWhen) error {
	always := map[bool]bool{}
	for _, w := range list {
		if always[w.Matched] {
			return pgerr.New(pgerr.SyntaxError, "unreachable WHEN clause specified after unconditional WHEN clause")
		}
		always[w.Matched] = w.Cond == nil
	}
	return nil
}

// target binds the target and notes what is done to it.
func (g *merger) target() error {
	b, t := g.b, &g.s.Target
	rel, err := b.relation(t.Name)
	if err != nil {
		return err
	}
	if err := mergeable(rel, t.Pos); err != nil {
		return err
	}
	for _, w := range g.s.Whens {
		switch {
		case w.Insert != nil:
			b.access(rel.OID, "a")
		case w.Set != nil:
			b.access(rel.OID, "w")
		case w.Delete:
			b.access(rel.OID, "d")
		}
	}
	if !g.s.Writes() {
		b.access(rel.OID, "r")
	}
	if err := b.noSecurity(&written{rel: rel}, "MERGE into"); err != nil {
		return err
	}
	f, err := b.relationItem(rel, t, g.q)
	if err != nil {
		return err
	}
	it := f.items[0]
	g.to = &changing{written: &written{rel: rel}, it: it, scan: it.scan, node: f.node}
	for _, col := range it.cols {
		g.to.old = append(g.to.old, col.id)
	}
	g.to.rowID = b.rowID(it)
	b.nextID += 2
	g.m = &Modify{Kind: MergeRows, Rel: rel, RowID: g.to.rowID, Old: g.to.old, RecheckID: b.nextID - 1, Merge: &Merging{SourceID: b.nextID, TableOID: -1}}
	if it.tree != nil {
		g.m.Merge.TableOID = it.tree.oid
	}
	return nil
}

// mergeable refuses relations that are no target of MERGE.
func mergeable(rel *catalog.Relation, pos int32) error {
	what := map[catalog.RelKind]string{catalog.View: "views", catalog.MatView: "materialized views", catalog.Sequence: "sequences"}[rel.Kind]
	if what != "" {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot execute MERGE on relation \"%s\"", rel.Name).
			WithDetail("This operation is not supported for %s.", what)
	}
	return CheckWritable(rel, "MERGE", pos)
}

// join makes the names of both sides visible and binds ON.
func (g *merger) join() (plan.Expr, error) {
	if items := g.source.items; len(items) == 1 && items[0].relVisible && items[0].alias == g.to.it.alias {
		return nil, pgerr.New(pgerr.DuplicateAlias, "name \"%s\" specified more than once", items[0].alias).
			WithDetail("The name is used both as MERGE target table and data source.")
	}
	g.q.scope.items = append([]*item{g.to.it}, g.source.items...)
	x, err := g.b.expr(g.s.On, g.q.at(inJoin))
	if err != nil {
		return nil, err
	}
	return g.b.toBoolean(x, "JOIN/ON", ast.Leftmost(g.s.On))
}

// actions binds the WHEN clauses.
func (g *merger) actions() error {
	matched := func(yes bool) plan.Expr { return &plan.IsNull{X: g.b.meta.Ref(g.to.rowID), Not: yes} }
	g.action = &plan.Case{Else: &plan.Const{Typ: types.TInt4, TypMod: types.NoMod}, Typ: types.TInt4, TypMod: types.NoMod}
	both := g.q.scope.items
	hidden := *g.to.it
	hidden.hiddenHere = true
	for _, w := range g.s.Whens {
		g.q.scope.items = both
		if !w.Matched {
			g.q.scope.items = append([]*item{&hidden}, g.source.items...)
		}
		cond := matched(w.Matched)
		if w.Cond != nil {
			x, err := g.b.condition(w.Cond, "WHEN", g.q.at(inMergeWhen))
			if err != nil {
				return err
			}
			cond = &plan.And{Args: []plan.Expr{cond, x}}
		}
		then, err := g.then(w)
		if err != nil {
			return err
		}
		g.action.Whens = append(g.action.Whens, plan.When{Cond: cond, Then: then})
	}
	g.q.scope.items = both
	return nil
}

// then binds one action and gives its number, NULL for DO NOTHING.
func (g *merger) then(w *ast.MergeWhen) (plan.Expr, error) {
	act := MergeAction{}
	var vals []plan.Expr
	var err error
	switch {
	case w.Insert != nil:
		vals, err = g.insert(w.Insert)
	case w.Set != nil:
		act.Kind = UpdateRows
		vals, act.Changed, err = g.b.setList(w.Set, g.to.written, g.to.old, g.q)
	case w.Delete:
		act.Kind = DeleteRows
		for i, attr := range live(g.m.Rel) { // the old row: its generated columns are as they were
			vals = append(vals, nil)
			if g.m.Rel.Columns[attr-1].Generated == "" {
				vals[i] = g.b.meta.Ref(g.to.old[i])
			}
		}
	default:
		return g.action.Else, nil
	}
	if err != nil {
		return nil, err
	}
	g.vals, g.m.Merge.Actions = append(g.vals, vals), append(g.m.Merge.Actions, act)
	return actionNumber(len(g.vals) - 1), nil
}

func actionNumber(n int) plan.Expr {
	return &plan.Const{Val: types.NewInt(int64(n)), Typ: types.TInt4, TypMod: types.NoMod}
}

// insert binds INSERT.
func (g *merger) insert(s *ast.Insert) ([]plan.Expr, error) {
	in := &insertion{b: g.b, s: s, to: g.to.written, rel: g.m.Rel, q: g.q, defaults: map[int16]plan.Expr{}}
	if err := in.columns(); err != nil {
		return nil, err
	}
	if a := g.b.access(in.rel.OID, "a"); a != nil {
		for _, attr := range in.cols {
			a.Insert = with(a.Insert, attr)
		}
	}
	if s.Query == nil {
		return in.row(nil, nil)
	}
	xs, pos, err := in.exprs(s.Query.Values[0], g.q.at(inValues))
	if err != nil {
		return nil, err
	}
	return in.row(xs, pos)
}

// plan puts the parts together.
func (g *merger) plan(on plan.Expr, wrap func(plan.Node) plan.Node) error {
	b, m := g.b, g.m
	kind := plan.Inner
	for _, a := range m.Merge.Actions {
		if a.Kind == InsertRows {
			kind = plan.Left
		}
	}
	m.Merge.Row = g.sourceColumns(on)
	var node plan.Node = &plan.Join{Kind: kind, L: g.source.node, R: g.to.node, On: plan.Conjuncts(on), MarkCol: -1}
	m.Merge.Action = b.newCol(g.q, plan.ColInfo{Name: "action", Type: types.TInt4, Mod: types.NoMod})
	p := passThrough(b.meta, node)
	p.Cols, p.Vals = append(p.Cols, m.Merge.Action), append(p.Vals, g.action)
	node = filter(p, &plan.IsNull{X: b.meta.Ref(m.Merge.Action), Not: true})
	keep := append(append([]plan.ColID{m.RowID, m.Merge.Action}, m.Old...), m.Merge.Row...)
	if m.Merge.TableOID >= 0 {
		keep = append(keep, m.Merge.TableOID)
	}
	var err error
	if node, m.New, err = b.rowNode(m.Rel, node, g.newRow(), g.q, keep); err != nil {
		return err
	}
	m.Source = wrap(node)
	if m.Rel.PartKey == nil { // else its partitions have them too
		if m.Checks, err = b.checks(m.Rel, m.New); err != nil {
			return err
		}
	}
	target := g.to.node.Out()
	if g.to.scan != nil {
		target = g.to.scan.Cols
	}
	m.Recheck = plan.Copy(m.Source, func(x plan.Node) plan.Node {
		switch x {
		case g.to.node:
			return &plan.WorkScan{ID: m.RecheckID, Cols: slices.Clone(target)}
		case g.source.node:
			return &plan.WorkScan{ID: m.Merge.SourceID, Cols: append([]plan.ColID(nil), m.Merge.Row...)}
		}
		return nil
	})
	return nil
}

// sourceColumns lists the columns of the source that are read.
func (g *merger) sourceColumns(on plan.Expr) []plan.ColID {
	read := plan.ReadsOf(on)
	plan.Reads(g.action, read)
	for _, vals := range g.vals {
		for _, x := range vals {
			if x != nil {
				plan.Reads(x, read)
			}
		}
	}
	var out []plan.ColID
	for _, id := range g.source.node.Out() {
		if read.Has(id) {
			out = append(out, id)
		}
	}
	return out
}

// newRow gives the values of the live columns by action, nil for generated ones.
func (g *merger) newRow() []plan.Expr {
	attrs := live(g.m.Rel)
	out := make([]plan.Expr, len(attrs))
	equal := funcs.FindOperator("=", types.Int4OID, types.Int4OID)
	for j, attr := range attrs {
		c := &g.m.Rel.Columns[attr-1]
		if c.Generated != "" {
			continue
		}
		t := g.b.columnType(c)
		null := &plan.Const{Typ: t, TypMod: c.Mod}
		if len(g.vals) == 0 {
			out[j] = null
			continue
		}
		x := &plan.Case{Else: null, Typ: t, TypMod: c.Mod}
		for i, vals := range g.vals {
			is := &plan.Call{Fn: equal.Func, Op: "=", Ret: types.TBool, RetMod: types.NoMod, Pos: -1,
				Args: []plan.Expr{g.b.meta.Ref(g.m.Merge.Action), actionNumber(i)}}
			x.Whens = append(x.Whens, plan.When{Cond: is, Then: vals[j]})
		}
		out[j] = x
	}
	return out
}
