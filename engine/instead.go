package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// A view with INSTEAD OF triggers stores nothing: the statement computes the rows that it
// would store, or finds those that it would change, and each goes to the triggers.

// readyInstead readies a statement on a view, whose rows lie as its columns do.
func (md *modification) readyInstead() (err error) {
	c := md.rel.Clone()
	for i := range c.Columns {
		c.Columns[i].Slot = i
	}
	md.fks = &foreignKeys{s: md.s, rel: md.rel}
	md.w = &writes{layout: newLayout(c, md.s.systemContext().Snapshot)}
	md.triggers, err = md.s.triggers(md.rel, md.w.layout)
	return err
}

// instead runs a statement on a view with INSTEAD OF triggers.
func (md *modification) instead(ctx context.Context) error {
	event := [...]int16{planner.InsertRows: ast.TriggerInsert, planner.UpdateRows: ast.TriggerUpdate, planner.DeleteRows: ast.TriggerDelete}[md.m.Kind]
	if err := md.look(); err != nil {
		return err
	}
	if err := md.triggers.beforeStatement(ctx, event, md.m.Changed); err != nil {
		return err
	}
	list, err := md.insteadRows(ctx)
	if err != nil {
		return err
	}
	for _, r := range list {
		n := r.old
		if n == nil {
			n = r.new
		}
		for i := range n.N {
			if err := md.insteadRow(ctx, event, r.insteadOne(i)); err != nil {
				return err
			}
		}
	}
	return md.triggers.afterStatement(ctx, event, md.m.Changed)
}

// insteadOne gives one of the rows.
func (r *changedRows) insteadOne(i int) *changedRows {
	one := &changedRows{}
	for _, x := range []struct{ from, to **vec.Batch }{{&r.old, &one.old}, {&r.new, &one.new}, {&r.extra, &one.extra}} {
		if *x.from != nil {
			*x.to = oneRow(*x.from, i)
		}
	}
	return one
}

// insteadRows reads the rows before any of them is changed.
func (md *modification) insteadRows(ctx context.Context) ([]*changedRows, error) {
	src, err := md.source()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	root := md.m.Source
	var out []*changedRows
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil || lent.N == 0 {
			return out, err
		}
		r := &changedRows{}
		if md.m.Old != nil {
			r.old = take(&lent, positions(root, md.m.Old))
		}
		if md.m.New != nil {
			r.new = take(&lent, positions(root, md.m.New))
		}
		if md.m.Returning != nil && len(md.m.Returning.Extra) > 0 {
			r.extra = take(&lent, positions(root, md.m.Returning.Extra))
		}
		out = append(out, r)
	}
}

// insteadRow gives one row to the triggers, one after the other: each sees what the one
// before it has left, and one that leaves nothing ends it.
func (md *modification) insteadRow(ctx context.Context, event int16, r *changedRows) error {
	ts := md.triggers
	const kind = ast.TriggerRow | ast.TriggerInstead
	for _, t := range slices.Clone(ts.list) {
		if !ts.wants(t, kind, event, nil) {
			continue
		}
		row, err := ts.call(ctx, &triggerCall{ts: ts, t: t, event: event, old: r.old, new: r.new})
		if err != nil || row == nil {
			return err
		}
		if event != ast.TriggerDelete {
			r.new = row
		}
	}
	if r.new != nil { // WITH CHECK OPTION of views over this one
		if err := md.checkAll(ctx, r.new, md.checks); err != nil {
			return err
		}
	}
	md.n++
	shown := r.new
	if shown == nil {
		shown = r.old
	}
	md.give(shown, r.extra)
	return nil
}
