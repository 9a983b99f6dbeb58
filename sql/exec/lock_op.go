package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// lockOp locks the rows that its input's row id columns name, and leaves out those
// that do not count any more. Below a LIMIT it locks no more rows than are passed on.
type lockOp struct {
	rt    *Runtime
	in    operator
	node  *plan.LockRows
	ids   []int // per target, where its row ids are
	oids  []int // and the oids of their tables, if there are several
	vals  []int64
	sel   []int32
	batch vec.Batch
	at    int   // rows of batch that were tried
	limit int64 // rows still to be locked, -1: all
}

func (c *compiler) lockRows(n *plan.LockRows, want plan.ColSet) (rel, error) {
	reads := reading(want)
	reads.Add(n.Reads()...)
	in, err := c.rel(n.In, reads)
	if err != nil {
		return rel{}, err
	}
	o := &lockOp{rt: c.rt, in: in, node: n, limit: -1}
	for _, t := range n.Rels {
		oid := t.TableOID
		if oid < 0 {
			oid = t.RowID
		}
		at, err := positions([]plan.ColID{t.RowID, oid}, in.cols)
		if err != nil {
			return rel{}, err
		}
		o.ids, o.oids = append(o.ids, at[0]), append(o.oids, at[1])
	}
	return rel{o, in.cols}, nil
}

// Next implements vec.Source.
func (o *lockOp) Next(ctx context.Context, out *vec.Batch) error {
	for {
		if o.at == o.batch.N {
			o.at = 0
			if err := o.in.Next(ctx, &o.batch); err != nil || o.batch.N == 0 {
				out.N = 0
				return err
			}
		}
		end := o.batch.N
		if o.limit >= 0 {
			end = int(min(int64(end), int64(o.at)+max(o.limit, 1)))
		}
		o.sel = o.sel[:0]
		for ; o.at < end; o.at++ {
			o.sel = append(o.sel, int32(o.batch.Row(o.at)))
		}
		for i := range o.ids {
			if err := o.lock(ctx, i); err != nil {
				return err
			}
		}
		if len(o.sel) > 0 {
			if o.limit >= 0 {
				o.limit = max(o.limit-int64(len(o.sel)), 0)
			}
			*out = vec.Batch{Cols: o.batch.Cols, Sel: o.sel, N: len(o.sel)}
			return nil
		}
	}
}

// lock locks one target's rows and leaves in sel those that count.
func (o *lockOp) lock(ctx context.Context, i int) error {
	ids, oids, target := &o.batch.Cols[o.ids[i]], &o.batch.Cols[o.oids[i]], &o.node.Rels[i]
	o.vals = o.vals[:0]
	for _, row := range o.sel {
		id := int64(-1)
		if !ids.IsNull(int(row)) && (target.TableOID < 0 || oids.Ints[row] == int64(target.Scan.Rel.OID)) {
			id = ids.Ints[row]
		}
		o.vals = append(o.vals, id)
	}
	keep, err := o.rt.Rels.Lock(ctx, o.node, i, o.vals)
	if err != nil {
		return err
	}
	for k, at := range keep {
		o.sel[k] = o.sel[at]
	}
	o.sel = o.sel[:len(keep)]
	return nil
}

// Close implements vec.Source.
func (o *lockOp) Close() error { return o.in.Close() }

func (o *lockOp) rewind(why restart) {
	o.batch.N, o.at = 0, 0
	o.in.rewind(why)
}

func (o *lockOp) hint(limit int64) { o.limit = limit }
