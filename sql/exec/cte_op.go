package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// cteStore is a common table expression: its rows are computed as far as they are
// asked for, and kept for all who read them. It is used by one goroutine.
type cteStore struct {
	def    operator
	types  []*types.Type
	buf    *rowBuffer
	done   bool
	err    error
	static bool
}

// pull computes more rows; it does nothing when there are none.
func (s *cteStore) pull(ctx context.Context) error {
	if s.done || s.err != nil {
		return s.err
	}
	var b vec.Batch
	if s.err = s.def.Next(ctx, &b); s.err != nil {
		return s.err
	}
	if b.N == 0 {
		s.done = true
		return nil
	}
	s.err = s.buf.add(&b)
	return s.err
}

// withOp runs its body, for which it holds a common table expression.
type withOp struct {
	operator
	store *cteStore
}

func (c *compiler) with(n *plan.With, want plan.ColSet) (rel, error) {
	told := c.sieve
	c.sieve = nil
	def, err := c.whole(n.Def, n.DefCols)
	c.sieve = told
	if err != nil {
		return rel{}, err
	}
	s := &cteStore{def: def, types: c.typesOf(n.DefCols), static: !c.varies(n.Def)}
	s.buf = newRowBuffer(c.rt, c.kinds(n.DefCols), c.stats(n))
	c.ctes[n.ID] = s
	body, err := c.rel(n.Body, want)
	return rel{&withOp{body.operator, s}, body.cols}, err
}

// Close implements vec.Source.
func (o *withOp) Close() error {
	err := o.operator.Close()
	o.store.buf.reset()
	if e := o.store.def.Close(); err == nil {
		err = e
	}
	return err
}

func (o *withOp) rewind(why restart) {
	s := o.store
	if why == newRun || !s.static {
		s.buf.reset()
		s.done, s.err = false, nil
		s.def.rewind(why)
	}
	o.operator.rewind(why)
}

func (o *withOp) hint(limit int64) { hint(o.operator, limit) }

// cteScan reads a common table expression.
type cteScan struct {
	store *cteStore
	*bufferReader
}

func (c *compiler) cteScan(n *plan.CTEScan) (rel, error) {
	s := c.ctes[n.ID]
	if s == nil {
		return rel{}, pgerr.New(pgerr.InternalError, "common table expression %q is not available", n.Name)
	}
	c.define(n.Cols, s.types)
	return rel{&cteScan{s, s.buf.reader()}, n.Cols}, nil
}

// Next implements vec.Source.
func (o *cteScan) Next(ctx context.Context, out *vec.Batch) error {
	for {
		if err := o.bufferReader.Next(ctx, out); err != nil || out.N > 0 {
			return err
		}
		if o.store.done {
			return nil
		}
		if err := o.store.pull(ctx); err != nil {
			return err
		}
	}
}
