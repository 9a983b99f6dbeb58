package engine

import (
	"context"
	"math"
	"sort"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage"
	"github.com/streamsqld/streamsqld/storage/log"
	"github.com/streamsqld/streamsqld/storage/rel"
	"github.com/streamsqld/streamsqld/window"
)

// state is what the commit line and recovery own: the writers and circuits behind
// the last version. The same step changes it in both.
type state struct {
	e    *Engine
	cur  *Version
	pos  log.Pos // behind the record of cur
	rels map[OID]*owner
	// views in an order in which each comes after those it reads.
	views []*view
	// builds are views that are being filled beside the line.
	builds []*viewBuild
	seqs   map[OID]seqState
	// replay: rows come encoded, and there is nobody to answer.
	replay bool
	// named are the rows in the store that replayed commits have named.
	named []*rel.Relation
}

// owner is a table or stream with its writer.
type owner struct {
	oid    OID
	def    *catalog.Relation
	writer *rel.Writer
	layout *layout
	keys   *indexKeys
	mark   window.Mark
	stats  streamCounters
	moves  *moves
	// oldest gives the oldest commit that somebody reads.
	oldest func() storage.Seq
	// judge is the watermark that rows of commit judgeSeq are judged by.
	judge    int64
	judgeSeq storage.Seq
	// readers are the views that read it.
	readers []*view
	// late is the relation that late rows go to, nil when there is none.
	late *owner

	// delta collects what the group under way changes, when anybody reads it.
	delta *relDelta
	dirty bool
}

// relDelta is the change of a relation in one group.
type relDelta struct {
	parts []deltaPart
}

// deltaPart is some rows of a change, all of one weight, in storage layout: a batch, a
// chunk, or those of a version.
type deltaPart struct {
	batch  *vec.Batch
	chunk  *rel.Chunk
	first  uint64   // id of the first row; the others follow it …
	ids    []uint64 // … unless they are listed
	weight int64
	// rows stands for many: the n rows of a version from first on.
	rows *rel.Relation
	n    int
}

// step applies a group (a tick, when it is empty) and gives the version after it.
// After an error the state is in no usable condition.
func (s *state) step(ctx context.Context, group []*commit, first storage.Seq, clock int64) (*Version, error) {
	v := &Version{Seq: seqAfter(first, len(group)), Clock: clock, Cat: s.cur.Cat}
	edit := s.cur.rels.edit()
	for i, c := range group {
		if err := s.apply(ctx, c, first+storage.Seq(i), clock, v, edit); err != nil {
			return nil, err
		}
	}
	s.ticks(clock)
	if err := s.stepViews(ctx, v, edit); err != nil {
		return nil, err
	}
	for _, o := range s.ordered() {
		if o.dirty {
			edit.set(o.oid, o.published(v.Seq))
			o.dirty, o.delta = false, nil
			o.forgetMoves()
		}
	}
	v.rels = edit.relMap
	return v, nil
}

// ordered gives the owners by OID.
func (s *state) ordered() []*owner {
	out := make([]*owner, 0, len(s.rels))
	for _, o := range s.rels {
		if o.dirty {
			out = append(out, o)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].oid < out[j].oid })
	return out
}

// forgetMoves drops what no transaction can ask for any more.
func (o *owner) forgetMoves() {
	if o.moves.pending() {
		o.moves.forget(o.oldest())
	}
}

func (o *owner) published(seq storage.Seq) *relState {
	return &relState{rows: o.writer.Publish(), mark: o.mark, moves: o.moves, stats: o.stats, changed: seq}
}

// apply applies one commit.
func (s *state) apply(ctx context.Context, c *commit, seq storage.Seq, clock int64, v *Version, edit *relEdit) error {
	for _, q := range c.seqs {
		s.seqs[q.OID] = q
	}
	if len(c.cat) > 0 {
		if err := s.applyCatalog(ctx, c, v, edit); err != nil {
			return err
		}
	}
	for i := range c.ops {
		o := s.rels[c.ops[i].rel]
		if o == nil {
			continue // dropped by the same transaction
		}
		if err := s.applyOp(ctx, o, &c.ops[i], seq, clock); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) applyOp(ctx context.Context, o *owner, p *op, seq storage.Seq, clock int64) error {
	o.dirty = true
	switch p.kind {
	case opDelete:
		if len(p.moved) > 0 && !s.replay {
			o.moves.add(seq, p.moved, p.moves, o.writer.NextID())
			s.e.locks.carry(o.oid, p.moved, p.moves, o.writer.NextID())
		}
		return o.deleteRows(p.ids)
	case opTruncate:
		return o.truncate()
	case opSpilled:
		return s.addSpilled(ctx, o, p, seq, clock)
	}
	if err := s.decode(o, p); err != nil {
		return err
	}
	if p.batch != nil {
		if err := s.addBatch(o, p.batch, p.keys, seq, clock); err != nil {
			return err
		}
	}
	if p.chunk != nil {
		if err := s.addChunk(o, p.chunk, seq, clock); err != nil {
			return err
		}
	}
	for _, ch := range p.staged {
		if err := s.addChunk(o, ch, seq, clock); err != nil {
			return err
		}
	}
	for _, data := range p.blocks {
		b, err := vec.OpenBlock(data)
		if err != nil {
			return err
		}
		ch, err := o.chunk(b)
		if err != nil {
			return err
		}
		if err := s.addChunk(o, ch, seq, clock); err != nil {
			return err
		}
	}
	return nil
}

// decode makes rows of a block that came from the log. Small blocks become batches
// again and large ones chunks, as they were.
func (s *state) decode(o *owner, p *op) error {
	if p.block == nil {
		return nil
	}
	b, err := vec.OpenBlock(p.block)
	if err != nil {
		return err
	}
	if b.Rows() >= chunkRows {
		p.chunk, err = o.chunk(b)
		return err
	}
	p.batch = &vec.Batch{}
	if err := b.Decode(p.batch, nil); err != nil {
		return err
	}
	p.keys, err = o.keys.of(p.batch)
	return err
}

// chunk makes a chunk of an encoded block, with its keys.
func (o *owner) chunk(b vec.Block) (*rel.Chunk, error) {
	keys, err := o.keys.ofBlock(o.layout, b)
	if err != nil {
		return nil, err
	}
	return rel.NewChunk(b, keys...)
}

// chunkRows is from how many rows on rows are kept as an encoded chunk of their
// own instead of being appended to the batch in memory.
const chunkRows = 1024

// timeRange gives the least and greatest event time of rows.
func timeRange(v *vec.Vec) (lo, hi int64) {
	lo, hi = v.Ints[0], v.Ints[0]
	for _, t := range v.Ints[1:] {
		lo, hi = min(lo, t), max(hi, t)
	}
	return lo, hi
}

// addBatch adds rows in storage layout. Late rows of a stream go to its late
// relation.
func (s *state) addBatch(o *owner, b *vec.Batch, keys []*rel.Keys, seq storage.Seq, clock int64) error {
	if t := o.layout.time; t >= 0 && b.N > 0 {
		ts := &b.Cols[t]
		lo, hi := timeRange(ts)
		if w := o.watermarkBefore(seq); lo < w {
			return s.splitLate(o, b, w, seq, clock)
		}
		o.observe(ts.Ints, lo, hi, clock)
	}
	first, err := o.writer.AppendRows(b, keys...)
	if err != nil {
		return err
	}
	o.added(seq, clock, b.N)
	o.change(deltaPart{batch: b, first: first, weight: 1})
	return nil
}

// addChunk adds the rows of a chunk.
func (s *state) addChunk(o *owner, c *rel.Chunk, seq storage.Seq, clock int64) error {
	if t := o.layout.time; t >= 0 {
		b := c.Block()
		st, err := b.Stat(t)
		if err != nil {
			return err
		}
		w := o.watermarkBefore(seq)
		if st.Min.Int() < w {
			batch := &vec.Batch{}
			if err := b.Decode(batch, nil); err != nil {
				return err
			}
			return s.splitLate(o, batch, w, seq, clock)
		}
		if st.Max.Int() <= o.def.Stream.Rules.Limit(clock) {
			o.observe(nil, st.Min.Int(), st.Max.Int(), clock)
		} else {
			var ts vec.Vec
			if err := b.Column(t, &ts); err != nil {
				return err
			}
			o.observe(ts.Ints, st.Min.Int(), st.Max.Int(), clock)
		}
	}
	first, err := o.writer.Append(c)
	if err != nil {
		return err
	}
	o.added(seq, clock, c.Rows())
	o.change(deltaPart{chunk: c, first: first, weight: 1})
	return nil
}

// watermarkBefore is the watermark that the rows of commit seq are judged by: that
// of the commit before. Rows of one commit never make each other late.
func (o *owner) watermarkBefore(seq storage.Seq) int64 {
	if o.judgeSeq != seq {
		o.judgeSeq, o.judge = seq, o.mark.Watermark(o.def.Stream.Rules)
	}
	return o.judge
}

// observe moves the mark by rows whose times lie between lo and hi; ts are the
// times, which are only looked at when some are too far ahead.
func (o *owner) observe(ts []int64, lo, hi, clock int64) {
	latest, limit := hi, o.def.Stream.Rules.Limit(clock)
	if hi > limit {
		latest = window.NoTime
		for _, t := range ts {
			if t <= limit {
				latest = max(latest, t)
			}
		}
	}
	o.mark.Observe(latest, clock)
	if o.stats.Rows == 0 {
		o.stats.First, o.stats.Last = lo, hi
	}
	o.stats.First, o.stats.Last = min(o.stats.First, lo), max(o.stats.Last, hi)
}

func (o *owner) added(seq storage.Seq, clock int64, n int) {
	o.stats.Rows += int64(n)
	o.stats.LastSeq, o.stats.LastRow = seq, clock
}

// splitLate adds the rows that are in time, and sends the others to the late
// relation.
func (s *state) splitLate(o *owner, b *vec.Batch, w int64, seq storage.Seq, clock int64) error {
	ts := b.Cols[o.layout.time].Ints
	var good, late []int32
	for i, t := range ts {
		if t < w {
			late = append(late, int32(i))
		} else {
			good = append(good, int32(i))
		}
	}
	o.stats.Late += int64(len(late))
	if o.late == nil {
		o.stats.Dropped += int64(len(late))
	} else if err := s.divert(o, b, late, w, clock); err != nil {
		return err
	}
	if len(good) == 0 {
		o.mark.Observe(window.NoTime, clock)
		return nil
	}
	part := gatherRows(b, good)
	keys, err := o.keys.of(part)
	if err != nil {
		return err
	}
	return s.addBatch(o, part, keys, seq, clock)
}

func gatherRows(b *vec.Batch, rows []int32) *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Vec, len(b.Cols)), N: len(rows)}
	for i := range b.Cols {
		out.Cols[i].Gather(&b.Cols[i], rows)
	}
	return out
}

// fill gives the slots that a batch leaves out (dropped columns) some value.
func (o *owner) fill(b *vec.Batch) {
	for i := range b.Cols {
		if b.Cols[i].Kind == types.KindNone {
			b.Cols[i].AllNull(o.layout.kinds[i], b.N)
		}
	}
}

// change notes what views have to be told.
func (o *owner) change(p deltaPart) {
	if len(o.readers) == 0 {
		return
	}
	if o.delta == nil {
		o.delta = &relDelta{}
	}
	o.delta.parts = append(o.delta.parts, p)
}

// deleteRows deletes rows by id. When views read the relation they are told what
// the rows were.
func (o *owner) deleteRows(ids []uint64) error {
	if len(o.readers) > 0 {
		for lo := 0; lo < len(ids); lo += vec.Size {
			part := ids[lo:min(lo+vec.Size, len(ids))]
			b := &vec.Batch{}
			if _, err := o.writer.Publish().Get(part, o.layout.all, b); err != nil {
				return err
			}
			o.change(deltaPart{batch: b, ids: part, weight: -1})
		}
	}
	if n := o.writer.Delete(ids); n != len(ids) {
		return pgerr.New(pgerr.InternalError, "%d of %d rows to be deleted from \"%s\" are not there", len(ids)-n, len(ids), o.def.Name)
	}
	return nil
}

// truncate deletes all rows.
func (o *owner) truncate() error {
	if len(o.readers) > 0 {
		src := o.writer.Publish().Scan(rel.ScanSpec{Cols: o.layout.all, WithRowID: true})
		defer src.Close()
		for {
			var lent vec.Batch
			if err := src.Next(context.Background(), &lent); err != nil {
				return err
			}
			if lent.N == 0 {
				break
			}
			o.change(takenBack(&lent))
		}
	}
	o.writer.Truncate()
	return nil
}

// takenBack copies rows that are going, their ids in the last column.
func takenBack(lent *vec.Batch) deltaPart {
	dense := &vec.Batch{}
	lent.Dense(dense)
	n := len(dense.Cols) - 1
	own := &vec.Batch{Cols: make([]vec.Vec, n), N: dense.N}
	for i := range own.Cols {
		own.Cols[i].Kind = dense.Cols[i].Kind
		own.Cols[i].AppendRange(&dense.Cols[i], 0, dense.N)
	}
	ids := make([]uint64, dense.N)
	for i, id := range dense.Cols[n].Ints[:dense.N] {
		ids[i] = uint64(id)
	}
	return deltaPart{batch: own, ids: ids, weight: -1}
}

// ticks moves the watermarks of silent streams.
func (s *state) ticks(clock int64) {
	for _, o := range s.rels {
		if st := o.def.Stream; st != nil && st.Rules.Idle > 0 && o.mark.Tick(st.Rules, clock) {
			o.dirty = true
		}
	}
}

// due tells whether a tick would change anything.
func (s *state) due(now int64) bool { return s.nextDue() <= now }

const (
	tickMicros = 100_000
	never      = math.MaxInt64
)

// nextDue is when time alone next changes something.
func (s *state) nextDue() int64 {
	next := int64(never)
	for _, o := range s.rels {
		if at, ok := o.idleDue(); ok {
			next = min(next, at)
		}
	}
	for _, v := range s.views {
		if at, ok := v.due(); ok {
			next = min(next, at)
		}
	}
	if next < never {
		next = max(next, s.cur.Clock+tickMicros) // at most every 100 ms
	}
	return next
}

// idleDue is when an idle timeout next moves the stream's watermark.
func (o *owner) idleDue() (int64, bool) {
	st := o.def.Stream
	if st == nil || st.Rules.Idle <= 0 {
		return 0, false
	}
	probe := o.mark
	if !probe.Tick(st.Rules, never/2) { // it is where the clock can never move it on from
		return 0, false
	}
	return o.mark.Active + st.Rules.Idle, true
}

// untilDue is how long the line may sleep.
func (s *state) untilDue(now int64) time.Duration {
	next := s.nextDue()
	if next == never {
		return time.Hour
	}
	return max(time.Duration(next-now)*time.Microsecond, time.Millisecond)
}
