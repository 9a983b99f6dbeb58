package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Triggers run where rows are staged. BEFORE ROW triggers see, change and drop each row
// before it is checked; a statement on a table that has them goes row by row. What AFTER
// triggers are to be told of is queued with the statement's level and they run, in the
// order of the rows, when the statement has done everything else: foreign keys first, as
// their triggers come first in PostgreSQL. Statements of referential actions share the
// level of the statement that caused them. A table without triggers has no triggerSet,
// and nothing is done for it.

// triggerSet are the triggers of a table that are on, in the order of their names.
type triggerSet struct {
	s    *Session
	rel  *catalog.Relation
	lay  *layout
	snap *catalog.Snapshot
	list []*catalog.Trigger
	when map[OID]*rowProg
	// generated computes the generated columns, by position; nil when there are none.
	generated []*rowProg
	// stays tells whether a new row of a partition belongs there.
	stays func(*vec.Batch) (bool, error)
}

// rowProg is an expression over a row, or over an old and a new one, used by one run at a
// time.
type rowProg struct {
	prog *expr.Prog
	busy bool
}

// triggers gives the triggers of a relation, nil when none is on.
func (s *Session) triggers(r *catalog.Relation, lay *layout) (*triggerSet, error) {
	if len(r.Triggers) == 0 {
		return nil, nil
	}
	snap := s.systemContext().Snapshot
	if ts := s.triggerSets[r.OID]; ts != nil && ts.rel == r && ts.snap == snap && ts.lay == lay && !ts.busy() {
		return ts, nil
	}
	ts := &triggerSet{s: s, rel: r, lay: lay, snap: snap, when: map[OID]*rowProg{}}
	for _, t := range r.Triggers {
		if t.Enabled == 'O' || t.Enabled == 'A' {
			ts.list = append(ts.list, t)
		}
	}
	if len(ts.list) == 0 {
		return nil, nil
	}
	if err := ts.compile(); err != nil {
		return nil, err
	}
	if s.triggerSets == nil {
		s.triggerSets = map[OID]*triggerSet{}
	}
	s.triggerSets[r.OID] = ts
	return ts, nil
}

// busy tells whether one of the expressions is being computed.
func (ts *triggerSet) busy() bool {
	for _, p := range ts.when {
		if p.busy {
			return true
		}
	}
	return slices.ContainsFunc(ts.generated, func(p *rowProg) bool { return p != nil && p.busy })
}

// compile readies the conditions, and the generated columns that triggers come before.
func (ts *triggerSet) compile() error {
	pc := ts.s.plannerContext(nil)
	bare := *pc
	bare.Path = catalog.Path{catalog.PgCatalogOID}
	for _, t := range ts.list {
		if t.When == "" {
			continue
		}
		e, err := pc.ParseExpr(t.When)
		if err != nil {
			return err
		}
		x, err := planner.BindTriggerWhen(&bare, e, ts.rel, t.Type)
		if err != nil {
			return err
		}
		if ts.when[t.OID], err = ts.rowProg(x.X, slices.Concat(x.Old, x.New)); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(ts.rel.Columns, func(c catalog.Column) bool { return !c.Dropped && c.Generated != "" }) {
		return nil
	}
	vals, cols, err := planner.GeneratedColumns(pc, ts.rel)
	if err != nil {
		return err
	}
	ts.generated = make([]*rowProg, len(vals))
	for i, x := range vals {
		if x == nil {
			continue
		}
		if ts.generated[i], err = ts.rowProg(x, cols); err != nil {
			return err
		}
	}
	return nil
}

func (ts *triggerSet) rowProg(x plan.Expr, cols []plan.ColID) (*rowProg, error) {
	prog, err := expr.Compile(x, expr.LayoutOf(cols), &expr.CompileCtx{Env: ts.s.env})
	return &rowProg{prog: prog}, err
}

// eval computes the expression over one row.
func (p *rowProg) eval(ctx context.Context, s *Session, row *vec.Batch, out *vec.Vec) error {
	var bad vec.RowErrors
	p.busy = true
	defer func() { p.busy = false }()
	p.prog.Eval(&funcs.Ctx{Context: ctx, Env: s.env, Bad: &bad}, row, out)
	return bad.First()
}

// kind is what of tgtype tells which triggers run at one point.
const triggerKind = ast.TriggerRow | ast.TriggerBefore | ast.TriggerInstead

// has tells whether there are triggers of a kind (TriggerRow, TriggerBefore) for any of
// these events.
func (ts *triggerSet) has(kind, events int16) bool {
	if ts == nil {
		return false
	}
	return slices.ContainsFunc(ts.list, func(t *catalog.Trigger) bool { return t.Type&triggerKind == kind && t.Type&events != 0 })
}

// hasRows tells whether an INSERT has to do something for each row.
func (ts *triggerSet) hasRows() bool {
	return ts.has(ast.TriggerRow, ast.TriggerInsert) || ts.has(ast.TriggerRow|ast.TriggerBefore, ast.TriggerInsert) || ts != nil && ts.keeps(ast.TriggerInsert)
}

// keeps tells whether there are transition tables for an event.
func (ts *triggerSet) keeps(event int16) bool {
	return slices.ContainsFunc(ts.list, func(t *catalog.Trigger) bool { return t.Type&event != 0 && (t.OldTable != "" || t.NewTable != "") })
}

// wants tells whether a trigger is one of a kind that runs for an event; assigned are the
// columns that an UPDATE assigns.
func (ts *triggerSet) wants(t *catalog.Trigger, kind, event int16, assigned []int16) bool {
	if t.Type&triggerKind != kind || t.Type&event == 0 {
		return false
	}
	if event != ast.TriggerUpdate || len(t.Columns) == 0 {
		return true
	}
	return slices.ContainsFunc(t.Columns, func(c int16) bool { return slices.Contains(assigned, c) })
}

// holds tells whether a trigger's condition is true; old and new are batches of one row,
// or nil.
func (ts *triggerSet) holds(ctx context.Context, t *catalog.Trigger, before, after *vec.Batch) (bool, error) {
	p := ts.when[t.OID]
	if p == nil {
		return true, nil
	}
	row := &vec.Batch{N: 1}
	for _, b := range []*vec.Batch{before, after} {
		for i, slot := range ts.lay.attrs {
			if b != nil {
				row.Cols = append(row.Cols, b.Cols[i])
				continue
			}
			v := vec.New(ts.lay.kinds[slot], 1)
			v.SetNull(0)
			row.Cols = append(row.Cols, v)
		}
	}
	var ok vec.Vec
	if err := p.eval(ctx, ts.s, row, &ok); err != nil {
		return false, err
	}
	return !ok.IsNull(0) && ok.Bools[0], nil
}

// beforeRow runs the BEFORE ROW triggers for one row: before and after are batches of its
// old and new version, nil where there is none. It gives the new version that the
// triggers leave; nil: the row is to be left alone. That of a DELETE is the old one.
func (ts *triggerSet) beforeRow(ctx context.Context, event int16, assigned []int16, before, after *vec.Batch) (*vec.Batch, error) {
	const kind = ast.TriggerRow | ast.TriggerBefore
	if !ts.has(kind, event) {
		if after == nil {
			return before, nil
		}
		return after, nil
	}
	after = ts.withoutGenerated(after)
	for _, t := range ts.list {
		if !ts.wants(t, kind, event, assigned) {
			continue
		}
		if ok, err := ts.holds(ctx, t, before, after); err != nil || !ok {
			if err != nil {
				return nil, err
			}
			continue
		}
		row, err := ts.call(ctx, &triggerCall{ts: ts, t: t, event: event, old: before, new: after, assigned: assigned})
		if err != nil || row == nil {
			return nil, err
		}
		if event != ast.TriggerDelete {
			after = row
		}
		if event == ast.TriggerInsert && t.Parent != 0 {
			if err := ts.mustStay(ctx, t, after); err != nil {
				return nil, err
			}
		}
	}
	if event == ast.TriggerDelete {
		return before, nil
	}
	return ts.regenerated(ctx, after)
}

// mustStay refuses a row that a trigger of the partitioned table has made one of another
// partition.
func (ts *triggerSet) mustStay(ctx context.Context, t *catalog.Trigger, row *vec.Batch) error {
	row, err := ts.regenerated(ctx, row)
	if err != nil {
		return err
	}
	ok, err := ts.stays(row)
	if ok || err != nil {
		return err
	}
	return pgerr.New(pgerr.FeatureNotSupported, "moving row to another partition during a BEFORE FOR EACH ROW trigger is not supported").
		WithDetail("Before executing trigger \"%s\", the row was to be in partition \"%s.%s\".", t.Name, ts.s.schemaName(ts.rel), ts.rel.Name)
}

// withoutGenerated has NULLs for the generated columns, which are computed behind the
// BEFORE triggers.
func (ts *triggerSet) withoutGenerated(b *vec.Batch) *vec.Batch {
	if b == nil || ts.generated == nil {
		return b
	}
	out := &vec.Batch{Cols: slices.Clone(b.Cols), N: 1}
	for i, p := range ts.generated {
		if p != nil {
			out.Cols[i] = vec.New(b.Cols[i].Kind, 1)
			out.Cols[i].SetNull(0)
		}
	}
	return out
}

func (ts *triggerSet) regenerated(ctx context.Context, b *vec.Batch) (*vec.Batch, error) {
	if ts.generated == nil {
		return b, nil
	}
	out := &vec.Batch{Cols: slices.Clone(b.Cols), N: 1}
	for i, p := range ts.generated {
		if p == nil {
			continue
		}
		var v vec.Vec
		if err := p.eval(ctx, ts.s, b, &v); err != nil {
			return nil, err
		}
		out.Cols[i] = vec.Vec{Kind: b.Cols[i].Kind}
		out.Cols[i].AppendDatum(v.Datum(0))
	}
	return out, nil
}

// beforeStatement runs the BEFORE STATEMENT triggers for an event, once for all
// statements of a level.
func (ts *triggerSet) beforeStatement(ctx context.Context, event int16, assigned []int16) error {
	if !ts.has(ast.TriggerBefore, event) {
		return nil
	}
	l := ts.s.level()
	key := statementEvent{ts.rel.OID, event}
	if l.begun[key] {
		return nil
	}
	if l.begun == nil {
		l.begun = map[statementEvent]bool{}
	}
	l.begun[key] = true
	for _, t := range ts.list {
		if !ts.wants(t, ast.TriggerBefore, event, assigned) {
			continue
		}
		ok, err := ts.holds(ctx, t, nil, nil)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if _, err := ts.call(ctx, &triggerCall{ts: ts, t: t, event: event}); err != nil {
			return err
		}
	}
	return nil
}
