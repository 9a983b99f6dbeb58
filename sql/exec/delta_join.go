package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/invariant"
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// JoinSpec says what a DeltaJoin computes. Numbers of columns are those of the
// batches that are pushed to the port.
type JoinSpec struct {
	// Kind is Inner, Left, Full, Semi, Anti or Single.
	Kind  plan.JoinKind
	Sides [2]JoinSide
	// NullSafe says per key that NULL equals NULL (IS NOT DISTINCT FROM); otherwise
	// a row with a NULL key matches nothing.
	NullSafe []bool
	KeyTypes []*types.Type
	// Residual is what a pair must fulfil beyond equal keys: it selects from a batch
	// of the left side's columns and then the right side's. Nil: nothing.
	Residual PairFilter
	Env      *funcs.Env
	Bad      BadRow
}

// PairFilter selects rows of a batch; expr.Pred is one.
type PairFilter interface {
	Select(c *funcs.Ctx, in *vec.Batch, sel []int32) []int32
}

// JoinSide is one input of a join.
type JoinSide struct {
	// Types are the types of the columns, of which the first Out are part of the
	// output; the others are keys, or what Expires names.
	Types []*types.Type
	Out   int
	Keys  []int
	// Grows says that rows only come.
	Grows bool
	// Expires is a column of kind Int by which rows are forgotten once Advance has
	// passed it: no row of the other side can match them any more. -1 for none.
	Expires int
}

// DeltaJoin joins two inputs under changes. Its output columns are those of the
// left side, then, except for Semi and Anti, those of the right.
//
// Both sides are arranged by key in one table of keys, so that a row's key is
// looked up once for its own side and the other. A changed row meets the rows of
// the other side as they are: those of port 0 before the changes of port 1, those
// of port 1 after the changes of port 0.
//
// Whether a row has matches at all (for outer, semi and anti joins) is known from
// the number of matches: the total weight of the other side's rows under the key
// or, with a residual condition, a count per row ("hits"). A change of one side
// emits its own rows by that number, and notes whose number it changes; when its
// port is done (settle), the rows of the other side whose outcome is now another
// are taken back and emitted anew.
type DeltaJoin struct {
	spec  JoinSpec
	keys  *state.Table // the key; the total weight of each side
	sides [2]joinSide
	port  int // the port of the step so far

	dense   vec.Batch
	some    vec.Batch
	keyCols []vec.Vec
	ks      []uint32
	touched []uint32 // keys that may have lost their last row
	pairs   pairs
	out     rowsOut
	ctx     funcs.Ctx
	bad     vec.RowErrors
}

// joinSide is a side with what the step has done to it.
type joinSide struct {
	spec  *JoinSide
	rows  *state.Side // nil when only totals are needed
	kept  []int       // the columns that rows keep; the others are exact keys
	from  []colSource // where each column is found
	total int         // the column of keys with its total weight
	times *state.Buckets
	bound int64
	// outcomes: rows of this side are emitted by the number of their matches.
	outcomes bool

	vals []vec.Vec
	// changed lists rows (or, without a residual, keys) of this side whose number of
	// matches the step has changed, with that number before.
	changed []uint32
	before  []int64
	seen    state.Bitset
	stale   []uint32 // rows that may have gone
}

// colSource is where a column of an arranged row stands: among the row's own
// columns or the key's.
type colSource struct {
	key bool
	col int
}

// outcome is what becomes of a row that has that many matches.
type outcome uint8

const (
	noRow     outcome = iota
	theRow            // Semi, Anti: the row
	paddedRow         // outer: the row, with NULLs for the other side
	secondRow         // Single: an error
)

func (j *DeltaJoin) outcomeOf(hits int64) outcome {
	switch j.spec.Kind {
	case plan.Semi:
		if hits > 0 {
			return theRow
		}
	case plan.Anti:
		if hits <= 0 {
			return theRow
		}
	case plan.Left, plan.Full:
		if hits <= 0 {
			return paddedRow
		}
	case plan.Single:
		switch {
		case hits <= 0:
			return paddedRow
		case hits > 1:
			return secondRow
		}
	}
	return noRow
}

// NewDeltaJoin makes a join without rows.
func NewDeltaJoin(spec JoinSpec) *DeltaJoin {
	j := &DeltaJoin{spec: spec}
	nk := len(spec.KeyTypes)
	j.keys = state.NewTable(append(append([]*types.Type{}, spec.KeyTypes...), types.TInt8, types.TInt8), nk, state.SQL)
	for p := range j.sides {
		s := &j.sides[p]
		s.spec, s.total, s.bound = &j.spec.Sides[p], nk+p, minTime
		s.outcomes = p == 0 && spec.Kind != plan.Inner || spec.Kind == plan.Full
		j.arrange(s, p)
	}
	j.out.init(&j.spec)
	j.pairs.init(&j.spec)
	return j
}

// arrange decides what is kept of the rows of a side.
func (j *DeltaJoin) arrange(s *joinSide, p int) {
	semi := j.spec.Kind == plan.Semi || j.spec.Kind == plan.Anti
	counted := p == 1 && semi && j.spec.Residual == nil
	if counted && s.spec.Expires < 0 {
		return // the right side's rows are only counted, by key
	}
	var ts []*types.Type
	s.from = make([]colSource, len(s.spec.Types))
	for c, t := range s.spec.Types {
		s.from[c] = colSource{col: -1}
		for k, key := range s.spec.Keys {
			if kt := j.spec.KeyTypes[k]; key == c && state.Exact(t) && state.Exact(kt) && t.Kind == kt.Kind {
				s.from[c] = colSource{key: true, col: k}
			}
		}
		if needed := c < s.spec.Out || c == s.spec.Expires; needed && s.from[c].col < 0 && !counted {
			s.from[c].col = len(s.kept)
			s.kept, ts = append(s.kept, c), append(ts, t)
		}
	}
	s.rows = state.NewSide(ts, s.spec.Grows && !counted, s.outcomes && j.spec.Residual != nil)
	s.vals = make([]vec.Vec, len(s.kept))
	if s.spec.Expires >= 0 {
		s.times = state.NewBuckets(func(slot uint32, at int64) bool {
			x, ok := j.expiry(s, slot)
			return s.rows.Live(slot) && ok && x == at
		})
	}
}

// expiry gives the time after which a row is forgotten.
func (j *DeltaJoin) expiry(s *joinSide, slot uint32) (at int64, ok bool) {
	if s.spec.Expires < 0 {
		return 0, false
	}
	from := s.from[s.spec.Expires]
	var col *vec.Vec
	row := int(slot)
	if from.key {
		col, row = &j.keys.Cols[from.col], int(s.rows.Owner(slot))
	} else {
		col = &s.rows.Columns()[from.col]
	}
	if col.IsNull(row) {
		return 0, false
	}
	return col.Ints[row], true
}

// Advance says, before a Flush, that rows of a port whose Expires is below bound
// can have no new matches.
func (j *DeltaJoin) Advance(port int, bound int64) {
	j.sides[port].bound = max(j.sides[port].bound, bound)
}

// Push implements Node.
func (j *DeltaJoin) Push(ctx context.Context, port int, d *vec.Batch, emit Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.ctx = funcs.Ctx{Context: ctx, Env: j.spec.Env, Bad: &j.bad}
	if port > j.port {
		if err := j.settle(0, emit); err != nil {
			return err
		}
		j.port = port
	}
	if d.Sel != nil {
		d.Dense(&j.dense)
		d = &j.dense
	}
	d, err := j.withKeys(port, d, emit)
	if err != nil || d.N == 0 {
		return err
	}
	return j.change(port, d, emit)
}

// withKeys gives the rows whose keys can match, and emits the others, which match
// nothing for ever.
func (j *DeltaJoin) withKeys(port int, d *vec.Batch, emit Emit) (*vec.Batch, error) {
	var null []bool
	for k, c := range j.spec.Sides[port].Keys {
		if j.spec.NullSafe[k] || d.Cols[c].Nulls == nil {
			continue
		}
		if null == nil {
			null = make([]bool, d.N)
		}
		for i, x := range d.Cols[c].Nulls[:d.N] {
			null[i] = null[i] || x
		}
	}
	if null == nil {
		return d, nil
	}
	var can, cannot []int32
	for i, x := range null {
		if x {
			cannot = append(cannot, int32(i))
		} else {
			can = append(can, int32(i))
		}
	}
	if j.sides[port].outcomes {
		for _, i := range cannot {
			j.out.add(j.outcomeOf(0), uint32(i), d.Weight(int(i)))
		}
		if err := j.out.emitRows(j, port, d.Cols, emit); err != nil {
			return nil, err
		}
	}
	switch len(can) {
	case d.N:
		return d, nil
	case 0:
		return &vec.Batch{}, nil
	}
	sel := vec.Batch{Cols: d.Cols, Weights: d.Weights, Sel: can, N: len(can)}
	sel.Dense(&j.some)
	return &j.some, nil
}

// change takes in rows of one side: it enters them, and emits the pairs that they
// make with the other side and their own outcomes.
func (j *DeltaJoin) change(port int, d *vec.Batch, emit Emit) error {
	own, other := &j.sides[port], &j.sides[1-port]
	ks := j.keysOf(own.spec.Keys, d)
	w := d.Weights
	if w != nil {
		w = w[:d.N]
	}
	j.addTotals(own, other, ks, w)
	var slots, fresh []uint32
	var from []int32
	if own.rows != nil {
		for i, c := range own.kept {
			own.vals[i] = d.Cols[c]
		}
		slots, fresh, from = own.rows.Add(ks, own.vals, w)
		own.enter(j, slots, fresh)
		j.keys.TouchAll(ks) // their first rows
	}
	if err := j.meet(port, d, ks, slots, fresh, from, emit); err != nil {
		return err
	}
	if !own.outcomes {
		return nil
	}
	for i, k := range ks {
		j.out.add(j.outcomeOf(j.hits(own, other, k, slots, i)), uint32(i), d.Weight(i))
	}
	return j.out.emitRows(j, port, d.Cols, emit)
}

// hits is the number of matches of row i of a batch.
func (j *DeltaJoin) hits(own, other *joinSide, key uint32, slots []uint32, i int) int64 {
	if j.spec.Residual == nil {
		return j.keys.Cols[other.total].Ints[key]
	}
	return own.rows.Hits()[slots[i]]
}

// keysOf gives the slots of the rows' keys.
func (j *DeltaJoin) keysOf(cols []int, d *vec.Batch) []uint32 {
	j.keyCols = j.keyCols[:0]
	for _, c := range cols {
		j.keyCols = append(j.keyCols, d.Cols[c])
	}
	if cap(j.ks) < d.N {
		j.ks = make([]uint32, d.N)
	}
	ks := j.ks[:d.N]
	nk := len(j.spec.KeyTypes)
	fresh, _ := j.keys.Groups(j.keyCols, d.N, ks)
	for _, k := range fresh {
		j.keys.Cols[nk].Ints[k], j.keys.Cols[nk+1].Ints[k] = 0, 0
	}
	j.touched = append(j.touched, ks...)
	return ks
}

// addTotals adds the rows to their keys' totals, and notes the keys whose total
// decides about rows of the other side.
func (j *DeltaJoin) addTotals(own, other *joinSide, ks []uint32, w []int64) {
	total := j.keys.Cols[own.total].Ints
	note := other.outcomes && j.spec.Residual == nil
	for i, k := range ks {
		if note && !other.seen.Has(k) {
			other.seen.Add(k)
			other.changed, other.before = append(other.changed, k), append(other.before, total[k])
		}
		if w == nil {
			total[k]++
		} else {
			total[k] += w[i]
		}
	}
	j.keys.TouchAll(ks)
}

// enter notes rows that were added: the new ones in the buckets, those that may be
// taken away again for Flush.
func (s *joinSide) enter(j *DeltaJoin, slots, fresh []uint32) {
	s.stale = append(s.stale, slots...)
	if s.times == nil {
		return
	}
	for _, slot := range fresh {
		if at, ok := j.expiry(s, slot); ok {
			s.times.Add(slot, at)
		}
	}
}

// meet finds the pairs of changed rows with the other side.
func (j *DeltaJoin) meet(port int, d *vec.Batch, ks, slots, fresh []uint32, from []int32, emit Emit) error {
	own, other := &j.sides[port], &j.sides[1-port]
	emits := j.spec.Kind != plan.Semi && j.spec.Kind != plan.Anti
	if other.rows == nil || !emits && j.spec.Residual == nil {
		return nil
	}
	p := &j.pairs
	p.begin(port, d, emits)
	if own.outcomes && j.spec.Residual != nil {
		p.counts(slots, fresh, from)
	}
	for i, k := range ks {
		w := d.Weight(i)
		for slot := other.rows.First(k); slot != state.None; slot = other.rows.Next(slot) {
			p.add(int32(i), slot, w)
			if p.full() {
				if err := p.flush(j, emit); err != nil {
					return err
				}
			}
		}
	}
	return p.flush(j, emit)
}

// settle emits what changes for the rows of the other side, after all changes of
// a port.
func (j *DeltaJoin) settle(port int, emit Emit) error {
	s := &j.sides[1-port]
	for i, x := range s.changed {
		s.seen.Remove(x)
		var err error
		if j.spec.Residual == nil {
			err = j.flipKey(s, x, s.before[i], j.keys.Cols[j.sides[port].total].Ints[x], emit)
		} else {
			err = j.flipRow(s, x, s.before[i], s.rows.Hits()[x], emit)
		}
		if err != nil {
			return err
		}
	}
	s.changed, s.before = s.changed[:0], s.before[:0]
	return j.out.emitSlots(j, s, emit)
}

func (j *DeltaJoin) flipKey(s *joinSide, key uint32, before, now int64, emit Emit) error {
	if j.outcomeOf(before) == j.outcomeOf(now) {
		return nil
	}
	for slot := s.rows.First(key); slot != state.None; slot = s.rows.Next(slot) {
		if err := j.flipRow(s, slot, before, now, emit); err != nil {
			return err
		}
	}
	return nil
}

func (j *DeltaJoin) flipRow(s *joinSide, slot uint32, before, now int64, emit Emit) error {
	was, is := j.outcomeOf(before), j.outcomeOf(now)
	if was == is {
		return nil
	}
	w := s.rows.Weights()[slot]
	j.out.add(was, slot, -w)
	j.out.add(is, slot, w)
	if j.out.full() {
		return j.out.emitSlots(j, s, emit)
	}
	return nil
}

// Flush implements Node.
func (j *DeltaJoin) Flush(ctx context.Context, emit Emit) error {
	j.ctx = funcs.Ctx{Context: ctx, Env: j.spec.Env, Bad: &j.bad}
	for p := j.port; p < 2; p++ {
		if err := j.settle(p, emit); err != nil {
			return err
		}
	}
	j.port = 0
	j.sweep()
	return nil
}

// sweep forgets the rows that have gone or expired, and the keys without rows.
func (j *DeltaJoin) sweep() {
	for p := range j.sides {
		s := &j.sides[p]
		for _, slot := range s.stale {
			if invariant.Enabled && !s.spec.Grows && s.rows.Live(slot) {
				invariant.Check(s.rows.Weights()[slot] >= 0, "C5: a row of weight %d", s.rows.Weights()[slot])
			}
			if s.rows.Live(slot) && s.rows.Weights()[slot] == 0 {
				at, ok := j.expiry(s, slot)
				j.remove(s, slot)
				if ok && s.times != nil {
					s.times.Remove(at)
				}
			}
		}
		s.stale = s.stale[:0]
		if s.times != nil {
			_ = s.times.Before(s.bound, func(_ int64, slots []uint32) error {
				for _, slot := range slots {
					j.touched = append(j.touched, s.rows.Owner(slot))
					j.remove(s, slot)
				}
				return nil
			})
		}
	}
	for _, k := range j.touched {
		if j.keys.Live(k) && j.sides[0].without(j, k) && j.sides[1].without(j, k) {
			j.keys.Free(k)
		}
	}
	j.touched = j.touched[:0]
}

func (j *DeltaJoin) remove(s *joinSide, slot uint32) {
	j.keys.Touch(s.rows.Owner(slot)) // its first row may be another now
	s.rows.Remove(slot)
}

// without tells whether a side has no rows of a key. Rows that have expired are
// not there, though the key's total still counts them: it says that rows of the
// other side have found matches.
func (s *joinSide) without(j *DeltaJoin, key uint32) bool {
	if s.rows == nil {
		return j.keys.Cols[s.total].Ints[key] == 0
	}
	return s.rows.First(key) == state.None
}
