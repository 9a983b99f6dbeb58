package exec

import (
	"context"
	"sort"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// mergeJoin joins inputs that are both sorted by keys of the join, ascending, NULLs
// last. It goes through them side by side in stretches of keys: some thousand build
// rows up to the end of a key, and the probe rows up to the same key. A stretch is
// joined by a hash table, which stays as small as the stretch (or is divided, where
// one key alone has more rows than fit in memory).
type mergeJoin struct {
	*joinSpec
	probe, build *mergeSide
	bound        *mergeBound
	cur          operator // the join of the stretch
	done         bool
}

// stretchRows is how many build rows a stretch has at least; tests make it small.
var stretchRows = 4 * vec.Size

// mergeBound is the last key of a stretch; none: there is no end but the inputs'.
type mergeBound struct {
	keys  []vec.Vec
	types []*types.Type
	set   bool
}

// mergeSide is an input and what of its last batch belongs to the next stretch.
type mergeSide struct {
	in    operator
	keys  []int // where the sorted keys are
	batch vec.Batch
	ended bool
}

func (c *compiler) mergeJoin(n *plan.Join, want plan.ColSet) (rel, error) {
	reads := reading(want, n.On...)
	l, err := c.rel(n.L, reads)
	if err != nil {
		return rel{}, err
	}
	r, err := c.rel(n.R, reads)
	if err != nil {
		return rel{}, err
	}
	s, cols, err := c.joinSpec(n, l, r, want)
	if err != nil {
		return rel{}, err
	}
	o := &mergeJoin{joinSpec: s, probe: &mergeSide{in: l.operator}, build: &mergeSide{in: r.operator}, bound: &mergeBound{}}
	for _, k := range n.Merge {
		at, err := positions([]plan.ColID{k.L}, l.cols)
		if err != nil {
			return rel{}, err
		}
		o.probe.keys = append(o.probe.keys, at[0])
		if at, err = positions([]plan.ColID{k.R}, r.cols); err != nil {
			return rel{}, err
		}
		o.build.keys = append(o.build.keys, at[0])
		o.bound.types = append(o.bound.types, c.types[k.R])
	}
	o.bound.keys = make([]vec.Vec, len(n.Merge))
	return rel{o, cols}, nil
}

// Next implements vec.Source.
func (o *mergeJoin) Next(ctx context.Context, out *vec.Batch) error {
	for !o.done {
		if o.cur == nil {
			o.bound.set = false
			j := newHashJoin(o.joinSpec, &mergeStretch{side: o.probe, bound: o.bound}, &joinBuild{
				spec: o.joinSpec, in: &mergeStretch{side: o.build, bound: o.bound, sets: true},
			})
			j.owns, o.cur = true, j
		}
		if err := o.cur.Next(ctx, out); err != nil || out.N > 0 {
			return err
		}
		if err := o.cur.Close(); err != nil {
			return err
		}
		o.cur = nil
		o.done = !o.bound.set // the build side has ended, and the probe side with it
	}
	out.N = 0
	return ctx.Err()
}

// Close implements vec.Source.
func (o *mergeJoin) Close() error {
	err := o.drop()
	for _, s := range []*mergeSide{o.probe, o.build} {
		if e := s.in.Close(); err == nil {
			err = e
		}
	}
	return err
}

func (o *mergeJoin) drop() (err error) {
	if o.cur != nil {
		err = o.cur.Close()
		o.cur = nil
	}
	return err
}

func (o *mergeJoin) rewind(why restart) {
	_ = o.drop() // of memory and temporary files only
	o.done = false
	for _, s := range []*mergeSide{o.probe, o.build} {
		s.batch, s.ended = vec.Batch{}, false
		s.in.rewind(why)
	}
}

// mergeStretch gives the rows of a side that belong to the stretch. That of the build
// side sets where the stretch ends.
type mergeStretch struct {
	side  *mergeSide
	bound *mergeBound
	sets  bool
	rows  int
	over  bool
}

// Next implements vec.Source.
func (m *mergeStretch) Next(ctx context.Context, out *vec.Batch) error {
	out.N = 0
	s := m.side
	if m.over {
		return ctx.Err()
	}
	if s.batch.N == 0 && !s.ended {
		if err := s.in.Next(ctx, &s.batch); err != nil {
			return err
		}
		s.ended = s.batch.N == 0
	}
	if s.batch.N == 0 {
		m.over = true
		return ctx.Err()
	}
	n := s.batch.N
	if m.bound.set {
		n = m.bound.within(&s.batch, s.keys)
		m.over = n < s.batch.N
	} else if m.rows += n; m.sets && m.rows >= stretchRows {
		m.bound.end(&s.batch, s.keys)
	}
	b := s.batch
	if n > 0 {
		b.Slice(out, 0, n)
	}
	b.Slice(&s.batch, n, b.N)
	return nil
}

// Close implements vec.Source. The input is the join's.
func (m *mergeStretch) Close() error { return nil }

func (m *mergeStretch) rewind(restart) {}

// end sets the bound to the keys of the last row.
func (m *mergeBound) end(b *vec.Batch, keys []int) {
	last := []int32{int32(b.Row(b.N - 1))}
	for i, at := range keys {
		m.keys[i].Gather(&b.Cols[at], last)
	}
	m.set = true
}

// within gives the number of leading rows that do not come after the bound.
func (m *mergeBound) within(b *vec.Batch, keys []int) int {
	return sort.Search(b.N, func(i int) bool { return m.passedBy(b, b.Row(i), keys) })
}

// passedBy tells whether a row comes after the bound.
func (m *mergeBound) passedBy(b *vec.Batch, row int, keys []int) bool {
	for i, at := range keys {
		v := &b.Cols[at]
		switch x, y := m.keys[i].IsNull(0), v.IsNull(row); {
		case x || y:
			if x != y {
				return y
			}
		default:
			if c := vec.Compare(&m.keys[i], 0, v, row, m.types[i]); c != 0 {
				return c < 0
			}
		}
	}
	return false
}
