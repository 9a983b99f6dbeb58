package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// loopJoin joins by testing every probe row with every build row. The build side
// is read once and kept, in a file if need be; then the probe side is taken in
// blocks, each of which meets the build side block by block. While the build side
// is in memory a probe block is a batch; else it is as many rows as half the
// memory holds, so that the file is read seldom.
type loopJoin struct {
	evaluator
	*joinSpec
	in, build operator
	apply     *applySide  // set: the build side is run for every probe row
	lookup    *lookupSide // set: the build side is looked up for every probe batch
	buf       *rowBuffer
	filled    bool
	phase     loopPhase

	batch  vec.Batch // the probe block
	held   *rowSet   // its rows, when they are kept
	hit    []hit
	rest   int       // rows of the probe block that are dealt with at its end
	left   vec.Batch // with apply: the probe batch, of which taken rows were blocks
	taken  int
	reader vec.Source // of the build side
	block  vec.Batch  // of the build side
	base   int64      // rows before the block
	j, k   int        // the next pair: row of the probe block, row of the block
	r, p   []int32    // pairs: the row of the probe block, and its place
	b      []int32    // the row of the build block
	given  int        // of the pairs
	loneP  []int32    // p and b with lone rows between
	loneB  []int32
	cond   pairEval
	sel    []int32

	matched bitset // build rows
	cols    []vec.Vec
	own     []vec.Vec
	mark    vec.Vec
}

type loopPhase uint8

const (
	loopOpening loopPhase = iota
	loopProbe
	loopBlocks
	loopRest
	loopTail
	loopDone
)

func newLoopJoin(s *joinSpec, probe, build operator) *loopJoin {
	return &loopJoin{
		evaluator: evaluator{rt: s.runtime}, joinSpec: s, in: probe, build: build, cond: pairEval{x: s.full},
		cols: make([]vec.Vec, len(s.outs)), own: make([]vec.Vec, len(s.outs)),
	}
}

// Next implements vec.Source.
func (o *loopJoin) Next(ctx context.Context, out *vec.Batch) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if o.late != nil {
			return o.late
		}
		out.N = 0
		var err error
		switch o.phase {
		case loopOpening:
			err = o.open(ctx)
		case loopProbe:
			err = o.nextProbe(ctx)
		case loopBlocks:
			err = o.stepBlock(ctx, out)
		case loopRest:
			o.giveRest(out)
		case loopTail:
			err = o.giveTail(ctx, out)
		default:
			return nil
		}
		if err != nil || out.N > 0 {
			return err
		}
	}
}

func (o *loopJoin) open(ctx context.Context) error {
	if o.apply != nil || o.lookup != nil {
		o.phase, o.left = loopProbe, vec.Batch{}
		return nil
	}
	if !o.filled {
		if o.buf == nil {
			o.buf = newRowBuffer(o.rt, o.buildKinds, o.stats)
		}
		var b vec.Batch
		for {
			if err := o.build.Next(ctx, &b); err != nil {
				return err
			}
			if b.N == 0 {
				break
			}
			if err := o.buf.add(&b); err != nil {
				return err
			}
		}
		o.filled = true
	}
	o.phase = loopProbe
	if o.tracksBuild() {
		o.matched = newBitset(o.buf.rows)
	}
	if o.buf.rows == 0 && !o.probeOuter() && (o.swapped || o.pairs() || o.kind == plan.Semi) {
		o.phase = loopDone
	}
	return nil
}

// nextProbe takes the next block of probe rows.
func (o *loopJoin) nextProbe(ctx context.Context) error {
	switch {
	case o.apply != nil:
		return o.nextRow(ctx)
	case o.lookup != nil:
		return o.nextLookup(ctx)
	}
	if o.buf.file == nil {
		if err := o.in.Next(ctx, &o.batch); err != nil {
			return err
		}
	} else if err := o.holdProbe(ctx); err != nil {
		return err
	}
	if o.batch.N == 0 {
		o.phase = loopTail
		o.reader, o.base = o.buf.reader(), 0
		return nil
	}
	o.reader = o.buf.reader()
	o.meet()
	return nil
}

// meet begins to test the probe block.
func (o *loopJoin) meet() {
	o.hit = resize(o.hit, o.batch.N)
	clear(o.hit)
	o.base, o.rest = 0, 0
	o.p, o.given = o.p[:0], 0
	o.block = vec.Batch{}
	o.phase = loopBlocks
}

// nextRow takes the next probe row as a block, and runs the build side for it.
func (o *loopJoin) nextRow(ctx context.Context) error {
	if o.taken == o.left.N {
		if err := o.in.Next(ctx, &o.left); err != nil {
			return err
		}
		o.taken = 0
		if o.left.N == 0 {
			o.phase = loopDone
			return nil
		}
	}
	o.left.Slice(&o.batch, o.taken, o.taken+1)
	o.taken++
	o.apply.bindRow(&o.batch, o.batch.Row(0))
	o.reader = o.apply
	o.meet()
	return nil
}

// holdProbe collects probe rows up to half the memory.
func (o *loopJoin) holdProbe(ctx context.Context) error {
	o.held = newRowSet(o.probeKinds)
	var b vec.Batch
	for o.held.n == 0 || o.held.bytes < o.rt.workMem()/2 {
		if err := o.in.Next(ctx, &b); err != nil {
			return err
		}
		if b.N == 0 {
			break
		}
		o.held.add(&b)
	}
	o.batch = vec.Batch{Cols: o.held.cols, N: o.held.n}
	return nil
}

// nextLookup takes the next probe batch as a block, and looks its rows up.
func (o *loopJoin) nextLookup(ctx context.Context) error {
	if err := o.in.Next(ctx, &o.batch); err != nil {
		return err
	}
	if o.batch.N == 0 {
		o.phase = loopDone
		return nil
	}
	o.reader = o.lookup
	o.meet()
	return o.lookup.open(ctx, &o.batch)
}

// stepBlock tests the next pairs.
func (o *loopJoin) stepBlock(ctx context.Context, out *vec.Batch) error {
	if o.pairs() && o.given < len(o.p) {
		o.give(out)
		return nil
	}
	if o.j == o.batch.N || o.block.N == 0 {
		if o.allDecided() {
			o.phase = loopRest
			return nil
		}
		o.base += int64(o.block.N)
		if err := o.reader.Next(ctx, &o.block); err != nil {
			return err
		}
		if o.block.N == 0 {
			o.phase = loopRest
			return nil
		}
		o.j, o.k = 0, 0
	}
	o.fill()
	if len(o.p) == 0 {
		return nil
	}
	if err := o.test(ctx); err != nil {
		return err
	}
	if !o.pairs() {
		return nil
	}
	if o.lookup != nil && o.probeOuter() {
		o.insertLone()
	}
	o.given = 0
	o.give(out)
	return nil
}

// give gives the next of the pairs.
func (o *loopJoin) give(out *vec.Batch) {
	lo, hi := o.given, min(o.given+vec.Size, len(o.p))
	if o.given = hi; lo == hi {
		return
	}
	for i, c := range o.outs {
		switch {
		case c.side == probeSide:
			o.own[i].Gather(&o.batch.Cols[c.pos], o.p[lo:hi])
		case o.probeOuter():
			o.own[i].GatherOuter(&o.block.Cols[c.pos], o.b[lo:hi])
		default:
			o.own[i].Gather(&o.block.Cols[c.pos], o.b[lo:hi])
		}
		o.cols[i] = o.own[i]
	}
	*out = vec.Batch{Cols: o.cols, N: hi - lo}
}

// insertLone puts between the pairs the probe rows that have no match, for the output to
// have the probe side's order: what was looked up comes in it, so that nothing more
// comes for the rows before the last one that something was found for.
func (o *loopJoin) insertLone() {
	if len(o.lookup.of) == 0 {
		return
	}
	o.loneP, o.loneB = o.loneP[:0], o.loneB[:0]
	last := int(o.lookup.of[len(o.lookup.of)-1])
	lone := func(to int) {
		for ; o.rest < to; o.rest++ {
			if o.hit[o.rest] == hitNone {
				o.loneP, o.loneB = append(o.loneP, int32(o.batch.Row(o.rest))), append(o.loneB, -1)
			}
		}
	}
	for i, j := range o.r {
		lone(int(j))
		o.loneP, o.loneB = append(o.loneP, o.p[i]), append(o.loneB, o.b[i])
	}
	if o.late == nil {
		lone(last)
	}
	o.p, o.loneP = o.loneP, o.p
	o.b, o.loneB = o.loneB, o.b
}

// fill makes pairs of places in the probe block and rows of the build block.
func (o *loopJoin) fill() {
	o.r, o.p, o.b = o.r[:0], o.p[:0], o.b[:0]
	if o.lookup != nil {
		o.fillFound()
		return
	}
	for o.j < o.batch.N && len(o.p) < vec.Size {
		if o.decided(o.hit[o.j]) {
			o.j, o.k = o.j+1, 0
			continue
		}
		at := int32(o.batch.Row(o.j))
		n := min(o.block.N-o.k, vec.Size-len(o.p))
		for i := o.k; i < o.k+n; i++ {
			o.r, o.p, o.b = append(o.r, int32(o.j)), append(o.p, at), append(o.b, int32(o.block.Row(i)))
		}
		if o.k += n; o.k == o.block.N {
			o.j, o.k = o.j+1, 0
		}
	}
}

// fillFound makes the pairs of rows with what was found for them.
func (o *loopJoin) fillFound() {
	for i, j := range o.lookup.of {
		if !o.decided(o.hit[j]) {
			o.r, o.p, o.b = append(o.r, j), append(o.p, int32(o.batch.Row(int(j)))), append(o.b, int32(o.block.Row(i)))
		}
	}
	o.j = o.batch.N // the block is done
}

// allDecided tells whether no build row can change anything any more.
func (o *loopJoin) allDecided() bool {
	for _, h := range o.hit[:o.batch.N] {
		if !o.decided(h) {
			return false
		}
	}
	return true
}

// decided tells whether more build rows can change what is known of a probe row.
func (o *loopJoin) decided(h hit) bool {
	if o.pairs() || o.matched != nil {
		return false
	}
	return h == hitTrue || h == hitNull && o.kind == plan.NullAnti
}

// test leaves the pairs that match, and notes what is then known of their rows.
func (o *loopJoin) test(ctx context.Context) error {
	switch {
	case o.full == nil && len(o.keys) > 0:
		o.testColumns()
	case o.full != nil:
		o.cond.gather(o.batch.Cols, o.block.Cols, o.p, o.b)
		c := o.start(ctx)
		if o.nullAware() {
			o.full.val.Eval(c, &o.cond.batch, &o.cond.out)
			for i, j := range o.r {
				o.hit[j] = max(o.hit[j], hitOf(&o.cond.out, i))
			}
			return o.bad.First()
		}
		o.sel = o.full.pred.Select(c, &o.cond.batch, o.sel)
		o.cut(len(o.p))
		o.keep(o.cutSel(o.sel))
	}
	for i, j := range o.r {
		if o.kind == plan.Single && o.hit[j] == hitTrue {
			o.late = errSecondRow
			o.r, o.p, o.b = o.r[:i], o.p[:i], o.b[:i]
			return nil
		}
		o.hit[j] = hitTrue
	}
	if o.matched != nil {
		for _, i := range o.b {
			o.matched.set(o.base + int64(i))
		}
	}
	return nil
}

// testColumns leaves the pairs whose keys, which are columns, are equal, NULL with
// NULL (equalJoin).
func (o *loopJoin) testColumns() {
	o.sel = iota32(o.sel, len(o.p))
	for k, key := range o.keys {
		l, r := &o.batch.Cols[o.probeKeys.direct[k]], &o.block.Cols[o.buildKeys.direct[k]]
		n := 0
		for _, i := range o.sel {
			if vec.Equal(l, int(o.p[i]), r, int(o.b[i]), key.typ) {
				o.sel[n] = i
				n++
			}
		}
		o.sel = o.sel[:n]
	}
	o.keep(o.sel)
}

// keep leaves the pairs that sel lists.
func (o *loopJoin) keep(sel []int32) {
	for n, i := range sel {
		o.r[n], o.p[n], o.b[n] = o.r[i], o.p[i], o.b[i]
	}
	n := len(sel)
	o.r, o.p, o.b = o.r[:n], o.p[:n], o.b[:n]
}

// giveRest gives, when a probe block has met all build rows, its rows that have
// no match beside NULLs, or those that a semi or anti join lets pass.
func (o *loopJoin) giveRest(out *vec.Batch) {
	if o.rest == o.batch.N || o.pairs() && !o.probeOuter() || o.matched != nil && !o.probeOuter() {
		o.phase = loopProbe
		return
	}
	lo, hi := o.rest, min(o.rest+vec.Size, o.batch.N)
	o.rest = hi
	if !o.pairs() {
		var part vec.Batch
		o.batch.Slice(&part, lo, hi)
		giveHits(&hitRows{spec: o.joinSpec, batch: &part, hit: o.hit[lo:hi], sel: &o.sel, mark: &o.mark, cols: o.cols}, hi-lo, out)
		return
	}
	o.p = o.p[:0]
	for j := lo; j < hi; j++ {
		if o.hit[j] == hitNone {
			o.p = append(o.p, int32(o.batch.Row(j)))
		}
	}
	for i, c := range o.outs {
		if c.side == probeSide {
			o.own[i].Gather(&o.batch.Cols[c.pos], o.p)
		} else {
			o.own[i].AllNull(o.buildKinds[c.pos], len(o.p))
		}
		o.cols[i] = o.own[i]
	}
	*out = vec.Batch{Cols: o.cols, N: len(o.p)}
}

// giveTail gives the build rows that the kind of join gives at the end.
func (o *loopJoin) giveTail(ctx context.Context, out *vec.Batch) error {
	if o.matched == nil {
		o.phase = loopDone
		return nil
	}
	if err := o.reader.Next(ctx, &o.block); err != nil {
		return err
	}
	if o.block.N == 0 {
		o.phase = loopDone
		return nil
	}
	want := o.kind == plan.Semi
	o.b = o.b[:0]
	for i := range o.block.N {
		if o.matched.has(o.base+int64(i)) == want {
			o.b = append(o.b, int32(i))
		}
	}
	o.base += int64(o.block.N)
	for i, c := range o.outs {
		if c.side == probeSide {
			o.own[i].AllNull(o.probeKinds[c.pos], len(o.b))
		} else {
			o.own[i].Gather(&o.block.Cols[c.pos], o.b)
		}
		o.cols[i] = o.own[i]
	}
	*out = vec.Batch{Cols: o.cols, N: len(o.b)}
	return nil
}

// Close implements vec.Source.
func (o *loopJoin) Close() error {
	o.drop()
	if o.lookup != nil {
		o.lookup.close()
	}
	err := o.in.Close()
	if e := o.build.Close(); err == nil {
		err = e
	}
	return err
}

func (o *loopJoin) drop() {
	if o.buf != nil {
		o.buf.reset()
	}
	o.filled, o.held = false, nil
}

func (o *loopJoin) rewind(why restart) {
	o.reset()
	if o.lookup != nil {
		o.lookup.close()
	}
	o.phase, o.batch, o.block, o.left, o.taken = loopOpening, vec.Batch{}, vec.Batch{}, vec.Batch{}, 0
	if why == newRun || !o.static || !o.filled {
		o.drop()
		o.build.rewind(why)
	}
	o.in.rewind(why)
}

// bitset is a set of row numbers.
type bitset []uint64

func newBitset(n int64) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(i int64) { b[i/64] |= 1 << (i % 64) }

func (b bitset) has(i int64) bool { return b[i/64]>>(i%64)&1 != 0 }
