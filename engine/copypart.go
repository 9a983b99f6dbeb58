package engine

import (
	"context"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	copyfmt "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// takeSpread is take for a partitioned table: the batch is sent to its partitions.
func (c *copyIn) takeSpread(ctx context.Context, b *vec.Batch, lines *copyfmt.Lines) (again bool, err error) {
	if err := c.md.checkRoot(c.rel, b); err != nil {
		return false, err
	}
	parts, nowhere := c.md.spreads().spread(ctx, c.rel, b)
	for _, x := range parts {
		md, err := c.md.spreads().leaf(ctx, x.rel)
		if err != nil {
			return false, err
		}
		before := md.n
		if err := md.insertRows(ctx, x.b); err != nil {
			return false, c.locateSpread(ctx, md, x, before, err, lines)
		}
		c.n += md.n - before
	}
	if nowhere != nil {
		return false, c.nowhere(b, nowhere, lines)
	}
	if c.every > 0 && !time.Now().Before(c.next) {
		err = c.commit(ctx)
	}
	return false, err
}

// nowhere adds the place of the first row that belongs to no partition.
func (c *copyIn) nowhere(b *vec.Batch, err error, lines *copyfmt.Lines) error {
	if lines == nil {
		return err
	}
	for i := range b.N {
		if _, rerr := c.md.spreads().spread(context.Background(), c.rel, oneRow(b, i)); rerr != nil {
			return withWhere(rerr, lines.Where(i))
		}
	}
	return err
}

// locateSpread adds the place of the first row that a partition refuses.
func (c *copyIn) locateSpread(ctx context.Context, md *modification, x rowsFor, before int64, err error, lines *copyfmt.Lines) error {
	if lines == nil || md.n != before {
		return err
	}
	for i := range x.b.N {
		if rerr := md.checkRows(ctx, oneRow(x.b, i), md.checks); rerr != nil {
			return withWhere(rerr, lines.Where(int(x.rows[i])))
		}
	}
	return err
}

// takeTriggered is take for a table whose triggers want each row.
func (c *copyIn) takeTriggered(ctx context.Context, b *vec.Batch, lines *copyfmt.Lines) error {
	for i := range b.N {
		before := c.md.n
		if err := c.md.insertRows(ctx, oneRow(b, i)); err != nil {
			if lines != nil {
				e := *pgerr.From(err)
				e.Where = joinLines(e.Where, lines.Where(i))
				err = &e
			}
			return err
		}
		c.n += c.md.n - before
	}
	if c.every > 0 && !time.Now().Before(c.next) {
		return c.commit(ctx)
	}
	return nil
}

// checkKeys checks the foreign keys of what was taken, and runs the AFTER triggers.
func (c *copyIn) checkKeys(ctx context.Context) error {
	if err := c.md.fks.check(ctx); err != nil {
		return err
	}
	if err := c.md.spreadBy.checkKeys(ctx); err != nil {
		return err
	}
	return c.s.fireAfter(ctx)
}
