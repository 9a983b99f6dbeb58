package exec

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// SessionSpec says what a DeltaSession assigns.
type SessionSpec struct {
	Types []*types.Type // of the input's columns
	Time  int           // a column of kind Int
	Parts []int         // the columns that tell partitions apart
	Gap   int64
	// Forgets: rows only come, and Advance says how late they can be.
	Forgets bool
}

// DeltaSession adds to the rows of its input the session they are in: rows of a
// partition whose times are less than the gap apart share one, from the first time
// to the last and the gap. A row without time has no session: NULL, NULL.
//
// It keeps the rows by partition and time, and the sessions. The changes of a step
// are collected and put in order; those that lie together with the sessions they
// touch are a cluster, which no change outside can reach. Sessions of a cluster
// that are another after the step are taken back row by row and emitted anew;
// where a session stays as it was, only the changes themselves are emitted.
type DeltaSession struct {
	spec  SessionSpec
	parts *state.Table    // the partition's columns; its number of sessions
	rows  *state.Multiset // by partition: the input's rows in order of time
	sess  *state.Multiset // by partition: first and last time of each session
	times *state.Buckets  // of sessions by their end
	bound int64

	dense    vec.Batch
	buf      vec.Batch // the changes of the step
	owner    []uint32  // by change: its partition
	clusters []cluster
	out      sessionOut
	one      [2]vec.Vec
}

// span is a session: the times of its first and last row.
type span struct{ first, last int64 }

// cluster is a number of changes of one partition, and what they touch.
type cluster struct {
	part    uint32
	changes []int32  // rows of buf, in order of time
	old     []uint32 // sessions that are touched
	removes bool
	same    []span // sessions that stay
	fresh   []span // sessions that come, when nothing is removed
	reach   span   // of all of it
}

// bufferRows is how many changes are collected before they are dealt with within
// a step.
const bufferRows = 16 * vec.Size

// NewDeltaSession makes one without rows.
func NewDeltaSession(spec SessionSpec) *DeltaSession {
	s := &DeltaSession{spec: spec, bound: minTime}
	var ts []*types.Type
	for _, c := range spec.Parts {
		ts = append(ts, spec.Types[c])
	}
	s.parts = state.NewTable(append(ts, types.TInt8), len(spec.Parts), state.SQL)
	s.rows = state.NewMultiset(spec.Types, []state.SortCol{{Col: spec.Time}})
	s.sess = state.NewMultiset([]*types.Type{types.TInt8, types.TInt8}, []state.SortCol{{Col: 0}})
	if spec.Forgets {
		s.times = state.NewBuckets(func(slot uint32, at int64) bool { return s.sess.Live(slot) && s.end(s.span(slot)) == at })
	}
	s.one = [2]vec.Vec{vec.New(types.Int, 1), vec.New(types.Int, 1)}
	s.resetBuf()
	s.out.init(spec.Types)
	return s
}

func (s *DeltaSession) resetBuf() {
	kinds := make([]types.Kind, len(s.spec.Types))
	for i, t := range s.spec.Types {
		kinds[i] = t.Kind
	}
	s.buf.Reset(kinds)
	s.owner = s.owner[:0]
}

// Advance says, before a Flush, that no row to come has a time below bound.
func (s *DeltaSession) Advance(bound int64) { s.bound = max(s.bound, bound) }

// Push implements Node.
func (s *DeltaSession) Push(ctx context.Context, _ int, d *vec.Batch, emit Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.Sel != nil {
		d.Dense(&s.dense)
		d = &s.dense
	}
	if d, err := s.timeless(d, emit); err != nil || d.N == 0 {
		return err
	} else if err := s.collect(d); err != nil {
		return err
	}
	if s.buf.N >= bufferRows {
		return s.settle(ctx, emit)
	}
	return nil
}

// timeless passes rows without a time on, and gives the others.
func (s *DeltaSession) timeless(d *vec.Batch, emit Emit) (*vec.Batch, error) {
	t := &d.Cols[s.spec.Time]
	if !t.HasNulls() {
		return d, nil
	}
	var with, none []int32
	for i := range int32(d.N) {
		if t.Nulls[i] {
			none = append(none, i)
		} else {
			with = append(with, i)
		}
	}
	out := vec.Batch{Cols: slices.Clone(d.Cols), Weights: d.Weights, Sel: none, N: len(none)}
	var null vec.Vec
	null.AllNull(types.Int, d.N)
	out.Cols = append(out.Cols, null, null)
	if err := emit(&out); err != nil {
		return nil, err
	}
	if len(with) == 0 {
		return &vec.Batch{}, nil
	}
	rest, timed := vec.Batch{Cols: d.Cols, Weights: d.Weights, Sel: with, N: len(with)}, vec.Batch{}
	rest.Dense(&timed)
	return &timed, nil
}

// collect copies changes and finds their partitions.
func (s *DeltaSession) collect(d *vec.Batch) error {
	keys := make([]vec.Vec, len(s.spec.Parts))
	for i, c := range s.spec.Parts {
		keys[i] = d.Cols[c]
	}
	at := len(s.owner)
	s.owner = append(s.owner, make([]uint32, d.N)...)
	fresh, _ := s.parts.Groups(keys, d.N, s.owner[at:])
	for _, p := range fresh {
		*s.count(p) = 0
	}
	s.buf.AppendBatch(d)
	return nil
}

// count is where the number of sessions of a partition is kept.
func (s *DeltaSession) count(p uint32) *int64 { return &s.parts.Cols[len(s.spec.Parts)].Ints[p] }

func (s *DeltaSession) span(slot uint32) span {
	c := s.sess.Columns()
	return span{c[0].Ints[slot], c[1].Ints[slot]}
}

func (s *DeltaSession) end(x span) int64 { return saturated(x.last, s.spec.Gap) }

// Flush implements Node.
func (s *DeltaSession) Flush(ctx context.Context, emit Emit) error {
	if err := s.settle(ctx, emit); err != nil {
		return err
	}
	s.forget()
	return nil
}

// settle deals with the collected changes.
func (s *DeltaSession) settle(ctx context.Context, emit Emit) error {
	if s.buf.N == 0 {
		return ctx.Err()
	}
	s.cluster()
	for i := range s.clusters {
		c := &s.clusters[i]
		if err := s.takeBack(ctx, c, emit); err != nil {
			return err
		}
	}
	s.rows.Add(s.owner, s.buf.Cols, s.buf.Weights)
	for i := range s.clusters {
		if err := s.bring(ctx, &s.clusters[i], emit); err != nil {
			return err
		}
	}
	for _, p := range s.owner {
		if s.parts.Live(p) && *s.count(p) == 0 {
			s.parts.Free(p)
		}
	}
	s.resetBuf()
	return nil
}

// cluster puts the changes in order and divides them into clusters.
func (s *DeltaSession) cluster() {
	perm := make([]int32, s.buf.N)
	for i := range perm {
		perm[i] = int32(i)
	}
	times := s.buf.Cols[s.spec.Time].Ints
	slices.SortFunc(perm, func(a, b int32) int {
		switch {
		case s.owner[a] != s.owner[b]:
			return int(s.owner[a]) - int(s.owner[b])
		case times[a] != times[b]:
			return compareInts(times[a], times[b])
		}
		return int(a - b)
	})
	s.clusters = s.clusters[:0]
	for lo := 0; lo < len(perm); {
		lo += s.oneCluster(perm[lo:])
	}
}

func compareInts(a, b int64) int {
	if a < b {
		return -1
	}
	return 1
}

// oneCluster makes the cluster of the first of some changes, and gives the number
// of changes in it.
func (s *DeltaSession) oneCluster(perm []int32) int {
	times := s.buf.Cols[s.spec.Time].Ints
	first := perm[0]
	c := cluster{part: s.owner[first], reach: span{times[first], times[first]}}
	n := 0
	for ; n < len(perm); n++ {
		i := perm[n]
		t := times[i]
		if n > 0 && (s.owner[i] != c.part || t >= s.end(c.reach)) {
			break
		}
		c.removes = c.removes || s.buf.Weight(int(i)) < 0
		c.reach.last = max(c.reach.last, t)
		s.touch(&c, t)
	}
	c.changes = perm[:n]
	s.clusters = append(s.clusters, c)
	return n
}

// touch adds the sessions that a time belongs to, or that it would join.
func (s *DeltaSession) touch(c *cluster, t int64) {
	add := func(slot uint32) {
		if !slices.Contains(c.old, slot) {
			c.old = append(c.old, slot)
			x := s.span(slot)
			c.reach = span{min(c.reach.first, x.first), max(c.reach.last, x.last)}
		}
	}
	if slot := s.sess.AtOrBefore(c.part, t); slot != state.None && t < s.end(s.span(slot)) {
		add(slot)
	}
	s.sess.AscendBetween(c.part, saturated(t, 1), saturated(t, s.spec.Gap-1), func(slot uint32) bool {
		add(slot)
		return true
	})
}

// takeBack finds out which sessions of a cluster stay, and emits the others'
// rows as gone.
func (s *DeltaSession) takeBack(ctx context.Context, c *cluster, emit Emit) error {
	if !c.removes {
		c.fresh = s.merge(c)
	}
	for _, slot := range c.old {
		x := s.span(slot)
		if i := slices.Index(c.fresh, x); i >= 0 {
			c.fresh = slices.Delete(c.fresh, i, i+1)
			c.same = append(c.same, x)
			continue
		}
		if err := s.show(ctx, c.part, x, -1, emit); err != nil {
			return err
		}
		s.sess.Remove(slot)
		*s.count(c.part)--
		if s.times != nil {
			s.times.Remove(s.end(x))
		}
	}
	return nil
}

// merge gives the sessions of a cluster when its changes have been added.
func (s *DeltaSession) merge(c *cluster) []span {
	var all []span
	for _, slot := range c.old {
		all = append(all, s.span(slot))
	}
	for _, i := range c.changes {
		t := s.buf.Cols[s.spec.Time].Ints[i]
		all = append(all, span{t, t})
	}
	slices.SortFunc(all, func(a, b span) int {
		if a.first != b.first {
			return compareInts(a.first, b.first)
		}
		return 0
	})
	out := all[:1]
	for _, x := range all[1:] {
		if last := &out[len(out)-1]; x.first < s.end(*last) {
			last.last = max(last.last, x.last)
		} else {
			out = append(out, x)
		}
	}
	return out
}

// bring enters the sessions that have come with their rows, and emits the changes
// in those that stay.
func (s *DeltaSession) bring(ctx context.Context, c *cluster, emit Emit) error {
	if c.removes {
		c.fresh = s.walk(c.part, c.reach)
	}
	for _, x := range c.fresh {
		s.one[0].Ints[0], s.one[1].Ints[0] = x.first, x.last
		s.sess.Add([]uint32{c.part}, s.one[:], nil)
		*s.count(c.part)++
		if s.times != nil {
			s.times.Add(s.sess.AtOrBefore(c.part, x.first), s.end(x))
		}
		if err := s.show(ctx, c.part, x, 1, emit); err != nil {
			return err
		}
	}
	s.parts.Touch(c.part)
	if len(c.same) == 0 {
		return nil
	}
	return s.pass(ctx, c, emit)
}

// walk finds the sessions of a partition among its rows.
func (s *DeltaSession) walk(part uint32, reach span) []span {
	var out []span
	times := s.rows.Columns()[s.spec.Time].Ints
	s.rows.AscendBetween(part, reach.first, reach.last, func(slot uint32) bool {
		t := times[slot]
		if n := len(out); n > 0 && t < s.end(out[n-1]) {
			out[n-1].last = t
		} else {
			out = append(out, span{t, t})
		}
		return true
	})
	return out
}

// show emits the rows of a session, added or taken away.
func (s *DeltaSession) show(ctx context.Context, part uint32, x span, sign int64, emit Emit) error {
	var err error
	s.rows.AscendBetween(part, x.first, x.last, func(slot uint32) bool {
		s.out.add(slot, sign*s.rows.Count(slot), x.first, s.end(x))
		if s.out.full() {
			err = s.out.send(ctx, s.rows.Columns(), emit)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	return s.out.send(ctx, s.rows.Columns(), emit) // the slots may be given to others
}

// pass emits the changes that lie in sessions that stay as they are.
func (s *DeltaSession) pass(ctx context.Context, c *cluster, emit Emit) error {
	times := s.buf.Cols[s.spec.Time].Ints
	for _, i := range c.changes {
		at := slices.IndexFunc(c.same, func(x span) bool { return x.first <= times[i] && times[i] <= x.last })
		if at < 0 {
			continue
		}
		s.out.add(uint32(i), s.buf.Weight(int(i)), c.same[at].first, s.end(c.same[at]))
		if s.out.full() {
			if err := s.out.send(ctx, s.buf.Cols, emit); err != nil {
				return err
			}
		}
	}
	return s.out.send(ctx, s.buf.Cols, emit)
}

// forget drops the sessions that no row to come can join: those that end at the
// bound or before.
func (s *DeltaSession) forget() {
	if s.times == nil || s.bound == minTime {
		return
	}
	_ = s.times.Before(saturated(s.bound, 1), func(_ int64, slots []uint32) error {
		for _, slot := range slots {
			s.drop(slot)
		}
		return nil
	})
}

func (s *DeltaSession) drop(slot uint32) {
	part, x := s.sess.Group(slot), s.span(slot)
	var rows []uint32
	s.rows.AscendBetween(part, x.first, x.last, func(r uint32) bool {
		rows = append(rows, r)
		return true
	})
	for _, r := range rows {
		s.rows.Remove(r)
	}
	s.sess.Remove(slot)
	s.parts.Touch(part)
	if *s.count(part)--; *s.count(part) == 0 {
		s.parts.Free(part)
	}
}

// sessionOut gathers rows with their sessions.
type sessionOut struct {
	refs  []uint32
	w     []int64
	batch vec.Batch
	n     int
}

func (o *sessionOut) init(ts []*types.Type) {
	o.n = len(ts)
	o.batch.Cols = make([]vec.Vec, o.n+2)
	o.clear()
}

func (o *sessionOut) clear() {
	o.refs, o.w = o.refs[:0], o.w[:0]
	o.batch.Cols[o.n].Reset(types.Int, 0)
	o.batch.Cols[o.n+1].Reset(types.Int, 0)
}

func (o *sessionOut) add(ref uint32, w, start, end int64) {
	o.refs, o.w = append(o.refs, ref), append(o.w, w)
	s, e := &o.batch.Cols[o.n], &o.batch.Cols[o.n+1]
	s.Ints, e.Ints = append(s.Ints, start), append(e.Ints, end)
}

func (o *sessionOut) full() bool { return len(o.refs) == vec.Size }

// send emits the gathered rows, whose other columns are those of cols.
func (o *sessionOut) send(ctx context.Context, cols []vec.Vec, emit Emit) error {
	if err := ctx.Err(); err != nil || len(o.refs) == 0 {
		return err
	}
	for c := range o.n {
		state.Gather(&o.batch.Cols[c], &cols[c], o.refs)
	}
	o.batch.N, o.batch.Weights = len(o.refs), o.w
	err := emit(&o.batch)
	o.clear()
	return err
}
