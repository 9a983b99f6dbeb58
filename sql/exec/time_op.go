package exec

import (
	"context"
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// timeOp passes the rows that count at the clock: the watermark of the relations
// below, or now.
type timeOp struct {
	rt    *Runtime
	in    operator
	rels  []catalog.OID // whose watermark is the clock; nil: now is
	from  int           // -1: none
	until int
	shift int64
	sel   []int32
	batch vec.Batch
}

func (c *compiler) timeFilter(n *plan.TimeFilter, want plan.ColSet) (rel, error) {
	reads := reading(want)
	reads.Add(n.Reads()...)
	in, err := c.rel(n.In, reads)
	if err != nil {
		return rel{}, err
	}
	o := &timeOp{rt: c.rt, in: in, shift: n.Shift, from: slices.Index(in.cols, n.From), until: slices.Index(in.cols, n.Until)}
	if n.Close {
		o.rels = []catalog.OID{}
		plan.VisitNodes(n.In, func(n plan.Node) {
			if s, ok := n.(*plan.Scan); ok && !slices.Contains(o.rels, s.Rel.OID) {
				o.rels = append(o.rels, s.Rel.OID)
			}
		})
	}
	return rel{o, in.cols}, nil
}

// clock is the time that rows are judged by.
func (o *timeOp) clock() int64 {
	now := o.rt.Env.Now
	if o.rels != nil {
		now = o.rt.Rels.Watermark(o.rels)
	}
	switch sum := now + o.shift; {
	case now == math.MinInt64 || now == math.MaxInt64:
		return now
	case o.shift > 0 && sum < now:
		return math.MaxInt64
	case o.shift < 0 && sum > now:
		return math.MinInt64
	default:
		return sum
	}
}

// Next implements vec.Source.
func (o *timeOp) Next(ctx context.Context, out *vec.Batch) error {
	clock := o.clock()
	for {
		if err := o.in.Next(ctx, &o.batch); err != nil || o.batch.N == 0 {
			out.N = 0
			return err
		}
		o.sel = o.sel[:0]
		for i := range o.batch.N {
			if row := o.batch.Row(i); o.counts(row, clock) {
				o.sel = append(o.sel, int32(row))
			}
		}
		if len(o.sel) > 0 {
			*out = vec.Batch{Cols: o.batch.Cols, Sel: o.sel, N: len(o.sel)}
			return nil
		}
	}
}

// counts tells whether From <= clock < Until; NULL is neither.
func (o *timeOp) counts(row int, clock int64) bool {
	if o.from >= 0 {
		if v := &o.batch.Cols[o.from]; v.IsNull(row) || v.Ints[row] > clock {
			return false
		}
	}
	if o.until >= 0 {
		if v := &o.batch.Cols[o.until]; v.IsNull(row) || clock >= v.Ints[row] {
			return false
		}
	}
	return true
}

// Close implements vec.Source.
func (o *timeOp) Close() error { return o.in.Close() }

func (o *timeOp) rewind(why restart) { o.in.rewind(why) }

// session compiles the assignment of session windows, as two window functions over
// the rows of each partition in order of time.
func (c *compiler) session(n *plan.Session, want plan.ColSet) (rel, error) {
	reads := reading(want)
	reads.Add(n.Partition...)
	reads.Add(n.Time)
	in, err := c.rel(n.In, reads)
	if err != nil {
		return rel{}, err
	}
	t := c.types[n.Time]
	c.types[n.Start], c.types[n.End] = t, t
	o := &overOp{evaluator: evaluator{rt: c.rt}, in: in, stats: c.stats(n), kinds: c.kinds(in.cols)}
	order := []plan.SortKey{{X: &plan.Col{ID: n.Time, Typ: t, TypMod: types.NoMod}}}
	if err := c.overKeys(o, &plan.Over{In: n.In, Partition: n.Partition, OrderBy: order}, in); err != nil {
		return rel{}, err
	}
	var cols []plan.ColID
	for i, id := range in.cols {
		o.dense.need = append(o.dense.need, i)
		if want.Has(id) {
			o.pass, cols = append(o.pass, i), append(cols, id)
		}
	}
	for _, end := range []bool{false, true} {
		o.calls = append(o.calls, &overCall{
			win: &sessionBound{gap: n.Gap, end: end}, kind: types.Int, filter: -1, args: []int{o.orderAt[0]},
		})
	}
	o.res, o.out = make([]vec.Vec, 2), make([]vec.Vec, len(cols)+2)
	return rel{o, append(cols, n.Start, n.End)}, nil
}

// sessionBound gives the start or the end of each row's session: rows less than gap
// apart share one, which ends gap behind its last row. A row without a time has
// none.
type sessionBound struct {
	gap int64
	end bool
}

// Eval implements funcs.WinFunc. Rows without a time come last.
func (s *sessionBound) Eval(c *funcs.Ctx, p *funcs.Partition, out *vec.Vec) {
	ts := p.Args[0]
	out.Reset(types.Int, p.N)
	for lo := 0; lo < p.N; {
		if ts.IsNull(lo) {
			out.SetNull(lo)
			lo++
			continue
		}
		hi := lo + 1
		for hi < p.N && !ts.IsNull(hi) && uint64(ts.Ints[hi])-uint64(ts.Ints[hi-1]) < uint64(s.gap) {
			hi++
		}
		bound := ts.Ints[lo]
		if last := ts.Ints[hi-1]; s.end {
			bound = last + s.gap
			if last > math.MaxInt64-s.gap || last == math.MinInt64 {
				c.Bad.Set(hi-1, errTimeRange)
			}
		}
		for i := lo; i < hi; i++ {
			out.Ints[i] = bound
		}
		lo = hi
	}
}
