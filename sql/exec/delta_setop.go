package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/invariant"
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// DeltaSetOp is INTERSECT or EXCEPT of two inputs. It counts how often each row is
// in either, by SQL equality; the counts say how often it is in the result, in the
// image that came first.
type DeltaSetOp struct {
	kind  plan.SetKind
	all   bool
	types []*types.Type
	rows  *state.Table // the columns; how often on the left, on the right

	touched []uint32
	before  []int64
	seen    state.Bitset
	dense   vec.Batch
	slots   []uint32
	emitted []uint32
	out     vec.Batch
}

// NewDeltaSetOp makes a set operation of inputs of columns of the given types.
func NewDeltaSetOp(kind plan.SetKind, all bool, ts []*types.Type) *DeltaSetOp {
	s := &DeltaSetOp{kind: kind, all: all, types: ts}
	s.rows = state.NewTable(append(append([]*types.Type{}, ts...), types.TInt8, types.TInt8), len(ts), state.SQL)
	s.out.Cols = make([]vec.Vec, len(ts))
	return s
}

func (s *DeltaSetOp) counts(port int) []int64 { return s.rows.Cols[len(s.types)+port].Ints }

// result is how often a row is in the result.
func (s *DeltaSetOp) result(slot uint32) int64 {
	l, r := s.counts(0)[slot], s.counts(1)[slot]
	switch {
	case s.kind == plan.Intersect && s.all:
		return max(0, min(l, r))
	case s.kind == plan.Intersect:
		return max(0, min(l, r, 1))
	case s.all:
		return max(0, l-max(0, r))
	case l > 0 && r <= 0:
		return 1
	}
	return 0
}

// Push implements Node.
func (s *DeltaSetOp) Push(ctx context.Context, port int, d *vec.Batch, _ Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.Sel != nil {
		d.Dense(&s.dense)
		d = &s.dense
	}
	if cap(s.slots) < d.N {
		s.slots = make([]uint32, d.N)
	}
	slots := s.slots[:d.N]
	fresh, _ := s.rows.Groups(d.Cols, d.N, slots)
	for _, x := range fresh {
		s.counts(0)[x], s.counts(1)[x] = 0, 0
	}
	counts := s.counts(port)
	for i, x := range slots {
		if !s.seen.Has(x) {
			s.seen.Add(x)
			s.touched, s.before = append(s.touched, x), append(s.before, s.result(x))
		}
		counts[x] += d.Weight(i)
	}
	return nil
}

// Flush implements Node.
func (s *DeltaSetOp) Flush(ctx context.Context, emit Emit) error {
	s.emitted, s.out.Weights = s.emitted[:0], s.out.Weights[:0]
	for i, x := range s.touched {
		s.seen.Remove(x)
		if d := s.result(x) - s.before[i]; d != 0 {
			s.emitted, s.out.Weights = append(s.emitted, x), append(s.out.Weights, d)
		}
		if len(s.emitted) == vec.Size {
			if err := s.send(ctx, emit); err != nil {
				return err
			}
		}
	}
	if err := s.send(ctx, emit); err != nil {
		return err
	}
	s.rows.TouchAll(s.touched)
	for _, x := range s.touched {
		if invariant.Enabled {
			invariant.Check(s.counts(0)[x] >= 0 && s.counts(1)[x] >= 0, "C5: a row of counts %d and %d", s.counts(0)[x], s.counts(1)[x])
		}
		if s.counts(0)[x] == 0 && s.counts(1)[x] == 0 {
			s.rows.Free(x)
		}
	}
	s.touched, s.before = s.touched[:0], s.before[:0]
	return nil
}

func (s *DeltaSetOp) send(ctx context.Context, emit Emit) error {
	if err := ctx.Err(); err != nil || len(s.emitted) == 0 {
		return err
	}
	for c := range s.types {
		s.rows.GatherColumn(&s.out.Cols[c], c, s.emitted)
	}
	s.out.N = len(s.emitted)
	err := emit(&s.out)
	s.emitted, s.out.Weights = s.emitted[:0], s.out.Weights[:0]
	return err
}

// Save implements Stateful.
func (s *DeltaSetOp) Save(w state.PageWriter) error { return s.rows.Save(w, 0, nil) }

// SaveAll implements Stateful.
func (s *DeltaSetOp) SaveAll() { s.rows.SaveAll() }

// LoadPage implements Stateful.
func (s *DeltaSetOp) LoadPage(table, page uint32, data []byte) error {
	if table != 0 {
		return errUnknownTable
	}
	return s.rows.LoadPage(page, data, nil)
}

// Loaded implements Stateful.
func (s *DeltaSetOp) Loaded() error { return s.rows.Loaded() }

// Kept implements Stateful.
func (s *DeltaSetOp) Kept() int { return s.rows.Len() }

// Bytes implements Stateful.
func (s *DeltaSetOp) Bytes() int64 { return s.rows.Bytes() }

// DeltaMaxOne passes its input on; while that has more than one row, there is an
// error 21000.
type DeltaMaxOne struct {
	n   *state.Rows // one row: how many there are
	bad BadRow
	was int64
}

// NewDeltaMaxOne makes one of no rows.
func NewDeltaMaxOne(bad BadRow) *DeltaMaxOne {
	return &DeltaMaxOne{n: state.NewRows([]*types.Type{types.TInt8}), bad: bad}
}

// count gives where the number of rows is kept.
func (m *DeltaMaxOne) count() *int64 {
	if m.n.Len() == 0 {
		m.n.Alloc()
		m.n.Cols[0].Ints[0] = 0
	}
	return &m.n.Cols[0].Ints[0]
}

// Push implements Node.
func (m *DeltaMaxOne) Push(_ context.Context, _ int, d *vec.Batch, emit Emit) error {
	n := m.count()
	for i := range d.N {
		*n += d.Weight(d.Row(i))
	}
	return emit(d)
}

// Flush implements Node.
func (m *DeltaMaxOne) Flush(ctx context.Context, _ Emit) error {
	n := *m.count()
	switch {
	case n > 1 && m.was <= 1:
		m.bad(errSecondRow, 1)
	case n <= 1 && m.was > 1:
		m.bad(errSecondRow, -1)
	}
	if n != m.was {
		m.n.Touch(0)
	}
	m.was = n
	return ctx.Err()
}

// Save implements Stateful.
func (m *DeltaMaxOne) Save(w state.PageWriter) error { return m.n.Save(w, 0, nil) }

// SaveAll implements Stateful.
func (m *DeltaMaxOne) SaveAll() { m.n.SaveAll() }

// LoadPage implements Stateful.
func (m *DeltaMaxOne) LoadPage(table, page uint32, data []byte) error {
	if table != 0 {
		return errUnknownTable
	}
	return m.n.LoadPage(page, data, nil)
}

// Loaded implements Stateful.
func (m *DeltaMaxOne) Loaded() error {
	m.was = *m.count()
	return nil
}

// Kept implements Stateful.
func (m *DeltaMaxOne) Kept() int { return m.n.Len() }

// Bytes implements Stateful.
func (m *DeltaMaxOne) Bytes() int64 { return m.n.Bytes() }
