package engine

import (
	"sort"
	"sync"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// sequences are the positions of all sequences. They move at once, outside of
// transactions; every record of the log carries those that have moved since the
// last one, so a value that a commit rests on is never given out again.
type sequences struct {
	mu    sync.Mutex
	pos   map[OID]*seqState
	dirty map[OID]struct{}
}

// state gives a sequence's position; mu is held.
func (q *sequences) state(r *catalog.Relation) *seqState {
	if q.pos == nil {
		q.pos, q.dirty = map[OID]*seqState{}, map[OID]struct{}{}
	}
	st := q.pos[r.OID]
	if st == nil {
		st = &seqState{OID: r.OID, Last: r.Seq.Start}
		q.pos[r.OID] = st
	}
	return st
}

// next moves a sequence on.
func (q *sequences) next(r *catalog.Relation) (int64, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	st, def := q.state(r), r.Seq
	n := st.Last
	if st.Called {
		var ok bool
		if n, ok = def.Advance(st.Last); !ok {
			word := "maximum"
			limit := def.Max
			if def.Increment < 0 {
				word, limit = "minimum", def.Min
			}
			return 0, pgerr.New(pgerr.SequenceGeneratorLimitExceeded, "nextval: reached %s value of sequence \"%s\" (%d)", word, r.Name, limit)
		}
	}
	st.Last, st.Called = n, true
	q.dirty[r.OID] = struct{}{}
	return n, nil
}

// set puts a sequence to a value.
func (q *sequences) set(r *catalog.Relation, n int64, called bool) error {
	if n < r.Seq.Min || n > r.Seq.Max {
		return pgerr.New(pgerr.NumericValueOutOfRange, "setval: value %d is out of bounds for sequence \"%s\" (%d..%d)", n, r.Name, r.Seq.Min, r.Seq.Max)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	st := q.state(r)
	st.Last, st.Called = n, called
	q.dirty[r.OID] = struct{}{}
	return nil
}

// peek gives a sequence's position.
func (q *sequences) peek(r *catalog.Relation, _ *tx) seqState {
	q.mu.Lock()
	defer q.mu.Unlock()
	return *q.state(r)
}

// last gives the last value that a sequence gave out.
func (q *sequences) last(oid OID) (int64, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if st := q.pos[oid]; st != nil && st.Called {
		return st.Last, true
	}
	return 0, false
}

// take gives the positions that have moved, for a record of the log.
func (q *sequences) take() []seqState {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.dirty) == 0 {
		return nil
	}
	out := make([]seqState, 0, len(q.dirty))
	for oid := range q.dirty {
		out = append(out, *q.pos[oid])
	}
	sort.Slice(out, func(i, j int) bool { return out[i].OID < out[j].OID })
	clear(q.dirty)
	return out
}

// giveBack notes positions that were taken and not written.
func (q *sequences) giveBack(list []seqState) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range list {
		q.dirty[s.OID] = struct{}{}
	}
}

// load takes the positions that recovery has found.
func (q *sequences) load(list map[OID]seqState) {
	q.pos, q.dirty = map[OID]*seqState{}, map[OID]struct{}{}
	for oid, s := range list {
		q.pos[oid] = &s
	}
}

// sequenceOf finds a sequence by OID.
func (s *Session) sequenceOf(oid OID) (*catalog.Relation, error) {
	r := s.systemContext().RelationByOID(oid)
	if r == nil {
		return nil, pgerr.New(pgerr.UndefinedTable, "could not open relation with OID %d", oid)
	}
	if r.Kind != catalog.Sequence {
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a sequence", r.Name)
	}
	return r, nil
}

// Next implements funcs.Sequences.
func (s *Session) Next(oid OID) (int64, error) {
	r, err := s.sequenceOf(oid)
	if err != nil {
		return 0, err
	}
	if s.tx != nil && s.tx.readOnly && r.Persistence != 't' {
		return 0, pgerr.New(pgerr.ReadOnlySQLTransaction, "cannot execute nextval() in a read-only transaction")
	}
	n, err := s.e.sequences.next(r)
	if err != nil {
		return 0, err
	}
	if s.seqLast == nil {
		s.seqLast = map[OID]int64{}
	}
	s.seqLast[oid], s.lastSeq = n, oid
	return n, nil
}

// Current implements funcs.Sequences.
func (s *Session) Current(oid OID) (int64, error) {
	r, err := s.sequenceOf(oid)
	if err != nil {
		return 0, err
	}
	n, ok := s.seqLast[oid]
	if !ok {
		return 0, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "currval of sequence \"%s\" is not yet defined in this session", r.Name)
	}
	return n, nil
}

// Last implements funcs.Sequences.
func (s *Session) Last() (int64, error) {
	n, ok := s.seqLast[s.lastSeq]
	if !ok || s.systemContext().RelationByOID(s.lastSeq) == nil {
		return 0, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session")
	}
	return n, nil
}

// Set implements funcs.Sequences.
func (s *Session) Set(oid OID, n int64, called bool) error {
	r, err := s.sequenceOf(oid)
	if err != nil {
		return err
	}
	if s.tx != nil && s.tx.readOnly && r.Persistence != 't' {
		return pgerr.New(pgerr.ReadOnlySQLTransaction, "cannot execute setval() in a read-only transaction")
	}
	if err := s.e.sequences.set(r, n, called); err != nil {
		return err
	}
	if called {
		if s.seqLast == nil {
			s.seqLast = map[OID]int64{}
		}
		s.seqLast[oid], s.lastSeq = n, oid
	}
	return nil
}
