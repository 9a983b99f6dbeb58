package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// insert runs INSERT.
func (md *modification) insert(ctx context.Context, pl *planned) error {
	src, err := md.insertSource(pl)
	if err != nil {
		return err
	}
	defer src.Close()
	at := md.newAt(pl)
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil {
			return err
		}
		if lent.N == 0 {
			return nil
		}
		if err := md.insertRows(ctx, take(&lent, at)); err != nil {
			return err
		}
	}
}

// newAt tells where the columns of the new rows are in what the source gives.
func (md *modification) newAt(pl *planned) []int {
	if pl == nil || pl.modify != md.m {
		return positions(md.m.Source, md.m.New)
	}
	if pl.newAt == nil {
		pl.newAt = positions(md.m.Source, md.m.New)
	}
	return pl.newAt
}

// insertSource opens the rows to insert. The compiled plan of a prepared INSERT …
// VALUES is kept.
func (md *modification) insertSource(pl *planned) (vec.Source, error) {
	if !md.m.Plain || md.with != nil {
		return md.source()
	}
	c := pl.run
	pl.run = nil
	if c == nil {
		rt := md.s.runtime()
		prep, err := exec.Prepare(rt, md.m.Source)
		if err != nil {
			return nil, err
		}
		c = &compiled{rt, prep}
	}
	if err := md.look(); err != nil {
		return nil, err
	}
	c.rt.Params, c.rt.Rels, c.rt.Work = md.args, md.read, md.s.transitions(nil)
	return &querySource{Source: c.prep.Run(), pl: pl, c: c}, nil
}

// insertRows checks and stages rows (live columns in order, given up).
func (md *modification) insertRows(ctx context.Context, b *vec.Batch) error {
	if md.rel.PartKey != nil {
		return md.insertSpread(ctx, b)
	}
	if md.triggers.has(ast.TriggerRow|ast.TriggerBefore, ast.TriggerInsert) {
		return md.insertEach(ctx, b)
	}
	return md.insertChecked(ctx, b)
}

// insertChecked is insertRows behind the BEFORE ROW triggers.
func (md *modification) insertChecked(ctx context.Context, b *vec.Batch) error {
	if err := md.checkRows(ctx, b, md.checks); err != nil {
		return md.firstWrong(ctx, b, err)
	}
	if md.m.Conflict != nil {
		return md.insertOrElse(ctx, b)
	}
	if len(md.uniques) > 0 {
		if err := md.checkUnique(ctx, b); err != nil {
			return err
		}
	}
	return md.add(ctx, b)
}

// firstWrong finds, where rows violate constraints, what the first of them violates:
// PostgreSQL is done with a row before it looks at the next. The rows are given up.
func (md *modification) firstWrong(ctx context.Context, b *vec.Batch, err error) error {
	for i := range b.N {
		row := oneRow(b, i)
		if err := md.checkRows(ctx, row, md.checks); err != nil {
			return err
		}
		if md.m.Conflict != nil {
			if err := md.insertOrElse(ctx, row); err != nil {
				return err
			}
			continue
		}
		if len(md.uniques) == 0 {
			continue
		}
		if err := md.checkUnique(ctx, row); err != nil {
			return err
		}
		if err := md.w.insert(row); err != nil { // a later row may repeat this one
			return err
		}
	}
	return err
}

// add stages new rows that have passed all checks.
func (md *modification) add(ctx context.Context, b *vec.Batch) error {
	if b.N == 0 {
		return nil
	}
	if err := md.sameRelation(); err != nil {
		return err
	}
	if err := md.s.tx.put(ctx, md.rel.OID, md.w, b); err != nil {
		return err
	}
	md.fks.added(b)
	if md.above != nil {
		if err := md.above.checkShown(ctx, mapRows(md.rel, md.above.rel, b)); err != nil {
			return err
		}
	}
	md.n += int64(b.N)
	md.give(b, nil)
	return md.triggers.afterRows(ctx, ast.TriggerInsert, nil, nil, b)
}
