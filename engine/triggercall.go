package engine

import (
	"bytes"
	"context"
	"maps"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// triggerCall is one call of a trigger's function: the rows are batches of one, nil where
// there is none. level is that of an AFTER trigger's transition tables.
type triggerCall struct {
	ts       *triggerSet
	t        *catalog.Trigger
	event    int16
	old, new *vec.Batch
	level    *triggerLevel
	assigned []int16 // the columns that an UPDATE assigns, of BEFORE ROW triggers
}

// call calls the function. What it returns is the row that a BEFORE ROW trigger leaves,
// nil for none.
func (ts *triggerSet) call(ctx context.Context, c *triggerCall) (*vec.Batch, error) {
	s := ts.s
	switch c.t.Func {
	case catalog.SuppressRedundantUpdates:
		return c.suppressRedundant()
	case catalog.TSVectorUpdate, catalog.TSVectorUpdateColumn:
		return c.updateTSVector(c.t.Func == catalog.TSVectorUpdateColumn)
	}
	f := s.systemContext().FunctionByOID(c.t.Func)
	if f == nil {
		return nil, pgerr.New(pgerr.UndefinedFunction, "function with OID %d does not exist", c.t.Func)
	}
	p, err := s.plFunction(f, nil, nil, c.t.OID)
	if err != nil {
		return nil, err
	}
	was := s.transition
	s.transition = c.transition()
	s.triggering = append(s.triggering, ts.rel.OID)
	defer func() {
		s.triggering, s.transition = s.triggering[:len(s.triggering)-1], was
	}()
	a := &plRun{s: s, f: p, atomic: true, trigger: c}
	if err := a.start(ctx, nil); err != nil {
		return nil, err
	}
	return c.result(a)
}

// result is the row that the function has returned.
func (c *triggerCall) result(a *plRun) (*vec.Batch, error) {
	if c.t.Type&ast.TriggerRow == 0 || a.value.IsNull() {
		return nil, nil
	}
	switch {
	case c.t.Type&(ast.TriggerBefore|ast.TriggerInstead) == 0:
		return nil, nil
	case c.event == ast.TriggerDelete:
		return c.old, nil
	}
	r := recordOf(a.value, a.typ)
	want := liveFields(c.rowType().Fields)
	if a.typ.OID != c.rowType().OID {
		if err := a.sameShape(&r, want); err != nil {
			e := *pgerr.From(err)
			e.Message = "returned row structure does not match the structure of the triggering table"
			a.during = "during function exit"
			return nil, a.mark(&e, nil)
		}
	}
	row := &vec.Batch{N: 1, Cols: make([]vec.Vec, len(c.ts.lay.attrs))}
	for i, slot := range c.ts.lay.attrs {
		row.Cols[i].Kind = c.ts.lay.kinds[slot]
		row.Cols[i].AppendDatum(r.vals[i])
	}
	return row, nil
}

// rowType is the type of the table's rows.
func (c *triggerCall) rowType() *types.Type {
	return c.ts.snap.TypeByOID(c.ts.rel.RowType)
}

// record gives a row as a variable has it. A missing one has the shape, so that its
// fields are NULL.
func (c *triggerCall) record(b *vec.Batch) plRecord {
	t := c.rowType()
	if b == nil {
		return plRecord{typ: t, fields: liveFields(t.Fields)}
	}
	return plRecord{typ: t, fields: liveFields(t.Fields), vals: rowValues(b, 0)}
}

// variables sets the variables that a trigger function has, in the order of
// ddl.TriggerVars.
func (c *triggerCall) variables(vals []plValue) {
	s, r, t := c.ts.s, c.ts.rel, c.t
	vals[0].rec, vals[1].rec = c.record(c.new), c.record(c.old)
	argv := types.Null
	if len(t.Args) > 0 {
		list := types.Array{Elem: types.TText, Dims: []int32{int32(len(t.Args))}, Lower: []int32{0}}
		for _, a := range t.Args {
			list.Vals = append(list.Vals, types.NewString(a))
		}
		argv = types.NewString(list.Encode())
	}
	for i, d := range []types.Datum{
		types.NewString(t.Name), types.NewString(catalog.TriggerTime(t.Type)), types.NewString(catalog.TriggerLevel(t.Type)),
		types.NewString(catalog.TriggerEvents(c.event, nil)), types.NewInt(int64(r.OID)), types.NewString(r.Name), types.NewString(r.Name),
		types.NewString(s.schemaName(r)), types.NewInt(int64(len(t.Args))), argv,
	} {
		vals[2+i].d = d
	}
}

// oldTable and newTable are the plan.WorkScans of transition tables; others count from 1.
const (
	oldTable = -1
	newTable = -2
)

// tables are the transition tables that the function's queries may name.
func (c *triggerCall) tables() []planner.GivenTable {
	if c == nil {
		return nil
	}
	var out []planner.GivenTable
	if n := c.t.OldTable; n != "" {
		out = append(out, planner.GivenTable{Name: n, Rel: c.ts.rel, ID: oldTable})
	}
	if n := c.t.NewTable; n != "" {
		out = append(out, planner.GivenTable{Name: n, Rel: c.ts.rel, ID: newTable})
	}
	return out
}

// transition are the rows of the transition tables; nil: the trigger has none.
func (c *triggerCall) transition() map[int][]*vec.Batch {
	if c.level == nil || c.t.OldTable == "" && c.t.NewTable == "" {
		return nil
	}
	rows := c.level.rows[statementEvent{c.ts.rel.OID, c.event}]
	if rows == nil {
		rows = &transitionRows{}
	}
	return map[int][]*vec.Batch{oldTable: rows.old, newTable: rows.new}
}

// transitions adds the transition tables of the trigger that runs to what a plan finds at
// hand.
func (s *Session) transitions(work map[int][]*vec.Batch) map[int][]*vec.Batch {
	if s.transition == nil {
		return work
	}
	all := maps.Clone(s.transition)
	maps.Copy(all, work)
	return all
}

// suppressRedundant is suppress_redundant_updates_trigger: an update that changes nothing
// is left out.
func (c *triggerCall) suppressRedundant() (*vec.Batch, error) {
	bad := func(text string) (*vec.Batch, error) {
		return nil, pgerr.New(pgerr.ERIETriggerProtocolViolated, "suppress_redundant_updates_trigger: must be called %s", text)
	}
	switch {
	case c.event != ast.TriggerUpdate:
		return bad("on update")
	case c.t.Type&ast.TriggerBefore == 0:
		return bad("before update")
	case c.t.Type&ast.TriggerRow == 0:
		return bad("for each row")
	}
	ts := make([]*types.Type, len(c.ts.lay.attrs))
	for i, slot := range c.ts.lay.attrs {
		ts[i] = c.ts.lay.types[slot]
	}
	if bytes.Equal(types.AppendRecord(nil, ts, rowValues(c.old, 0)), types.AppendRecord(nil, ts, rowValues(c.new, 0))) {
		return nil, nil
	}
	return c.new, nil
}

// TriggerDepth is how many triggers are under way (pg_trigger_depth).
func (s *Session) TriggerDepth() int { return len(s.triggering) }
