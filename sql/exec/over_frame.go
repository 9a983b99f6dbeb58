package exec

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// frameEnds are the frames of a partition's rows: row i's is lo[i] … hi[i]-1, but
// for the rows that EXCLUDE takes out. Both bounds only grow from row to row.
type frameEnds struct {
	call   *overCall
	p      *partition
	lo, hi []int32
	made   bool
	buf    [2][2]int
}

func (f *frameEnds) reset(c *overCall, p *partition) { f.call, f.p, f.made = c, p, false }

// make computes the bounds of all rows.
func (f *frameEnds) make(ctx *funcs.Ctx) error {
	if f.made {
		return nil
	}
	f.made = true
	n := f.p.n
	f.lo, f.hi = resize(f.lo, n), resize(f.hi, n)
	c := f.call
	if err := f.bounds(ctx, f.lo, c.frame.Start, &c.start, false); err != nil {
		return err
	}
	if err := f.bounds(ctx, f.hi, c.frame.End, &c.end, true); err != nil {
		return err
	}
	for i := range f.lo {
		f.hi[i] = max(f.hi[i], f.lo[i])
	}
	return nil
}

// bounds computes one bound of all rows: the first row of the frame, or the one
// behind its last.
func (f *frameEnds) bounds(ctx *funcs.Ctx, dst []int32, kind plan.BoundKind, off *frameOffset, end bool) error {
	n := f.p.n
	switch kind {
	case plan.UnboundedPreceding:
		clear(dst)
		return nil
	case plan.UnboundedFollowing:
		for i := range dst {
			dst[i] = int32(n)
		}
		return nil
	}
	switch f.call.frame.Mode {
	case plan.FrameRows:
		f.rowBounds(dst, kind, off, end)
	case plan.FrameGroups:
		f.groupBounds(dst, kind, off, end)
	default:
		if kind == plan.CurrentRow {
			f.groupBounds(dst, kind, off, end)
			return nil
		}
		return f.call.within.bounds(ctx, f.p, dst, kind == plan.OffsetPreceding, off.val, end)
	}
	return nil
}

// distance is how far a bound is from the current row or group, never more than n.
func distance(kind plan.BoundKind, off *frameOffset, n int) int {
	switch kind {
	case plan.OffsetPreceding:
		return -int(min(off.val.Int(), int64(n)))
	case plan.OffsetFollowing:
		return int(min(off.val.Int(), int64(n)))
	}
	return 0
}

func (f *frameEnds) rowBounds(dst []int32, kind plan.BoundKind, off *frameOffset, end bool) {
	d := distance(kind, off, len(dst))
	if end {
		d++
	}
	for i := range dst {
		dst[i] = int32(min(max(i+d, 0), len(dst)))
	}
}

func (f *frameEnds) groupBounds(dst []int32, kind plan.BoundKind, off *frameOffset, end bool) {
	g := f.p.peerGroups()
	d := distance(kind, off, len(dst))
	if end {
		d++
	}
	last := len(g.start) - 1
	for i := range dst {
		dst[i] = g.start[min(max(int(g.of[i])+d, 0), last)]
	}
}

// ranges gives the frame of row i without what is excluded. It is lent until the
// next call.
func (f *frameEnds) ranges(i int) [][2]int {
	lo, hi := int(f.lo[i]), int(f.hi[i])
	var a, b int // excluded
	switch f.call.frame.Exclude {
	case plan.ExcludeNone:
		f.buf[0] = [2]int{lo, hi}
		return f.some(1)
	case plan.ExcludeCurrent:
		a, b = i, i+1
	case plan.ExcludeGroup, plan.ExcludeTies:
		g := f.p.peerGroups()
		a, b = int(g.start[g.of[i]]), int(g.start[g.of[i]+1])
		if f.call.frame.Exclude == plan.ExcludeTies && lo <= i && i < hi {
			return f.ties(lo, hi, a, b, i)
		}
	}
	f.buf[0], f.buf[1] = [2]int{lo, min(hi, a)}, [2]int{max(lo, b), hi}
	return f.some(2)
}

// ties gives the frame without the current row's peers.
func (f *frameEnds) ties(lo, hi, a, b, i int) [][2]int {
	out := make([][2]int, 0, 3)
	for _, r := range [][2]int{{lo, min(hi, a)}, {i, i + 1}, {max(lo, b), hi}} {
		if r[0] < r[1] {
			out = append(out, r)
		}
	}
	return out
}

// some gives the first n ranges that are not empty.
func (f *frameEnds) some(n int) [][2]int {
	k := 0
	for _, r := range f.buf[:n] {
		if r[0] < r[1] {
			f.buf[k] = r
			k++
		}
	}
	return f.buf[:k]
}

// rangeTest decides, for RANGE with an offset, whether a value is within the
// offset of another: PostgreSQL's in_range functions. Where the offset is a fixed
// distance on integers (numbers, or times without calendar in between) it is
// computed here.
type rangeTest struct {
	key    sortKey
	offset *types.Type
	kernel funcs.Kernel
	noFunc error // instead of kernel
	plain  bool
	dist   int64 // when plain
	args   []vec.Vec
	ptrs   []*vec.Vec
	out    vec.Vec
}

func newRangeTest(w *plan.WinCall, key sortKey, env *funcs.Env) *rangeTest {
	off := w.Frame.StartX
	if off == nil {
		off = w.Frame.EndX
	}
	site := &funcs.Call{
		Func: w.Frame.InRange, Args: []*types.Type{key.typ, key.typ, off.Type(), types.TBool, types.TBool},
		Mods: make([]int32, 5), Const: make([]*types.Datum, 5), Ret: types.TBool, Env: env,
	}
	t := &rangeTest{key: key, offset: off.Type().Underlying(), args: make([]vec.Vec, 5)}
	t.kernel, t.noFunc = site.Bind()
	for i, typ := range site.Args {
		t.args[i] = vec.New(typ.Kind, 1)
		t.ptrs = append(t.ptrs, &t.args[i])
	}
	return t
}

// fixed gives the offset as a distance on the key's integers, if it is one.
func (t *rangeTest) fixed(off types.Datum) (int64, bool) {
	switch typ := t.key.typ.Underlying(); {
	case isInteger(typ) && isInteger(t.offset):
		return off.Int(), true
	case t.offset.Kind != types.Inter || off.Interval().Months != 0:
	case typ.OID == types.TimestampOID, typ.OID == types.TimestamptzOID && off.Interval().Days == 0:
		v := off.Interval()
		return int64(v.Days)*24*3600*1000000 + v.Micros, true
	}
	return 0, false
}

// bounds moves a bound over the partition as PostgreSQL does: on from where it was
// for the row before, as long as the row there is outside of the frame (start), or
// inside (end).
func (t *rangeTest) bounds(ctx *funcs.Ctx, p *partition, dst []int32, preceding bool, off types.Datum, end bool) error {
	v := p.orderCol(0)
	sub, less := preceding, end
	if t.key.desc {
		sub, less = !sub, !less
	}
	switch t.dist, t.plain = t.fixed(off); {
	case t.plain && t.dist < 0:
		return errRangeSize
	case !t.plain && t.noFunc != nil:
		return t.noFunc
	}
	t.args[2].Set(0, off)
	t.args[3].Bools[0], t.args[4].Bools[0] = sub, less
	at := 0
	for i := range dst {
		for at < p.n {
			on, err := t.moves(ctx, v, at, i, end)
			if err != nil {
				return err
			}
			if !on {
				break
			}
			at++
		}
		dst[i] = int32(at)
	}
	return nil
}

// moves tells whether the bound of row i goes on past row at.
func (t *rangeTest) moves(ctx *funcs.Ctx, v *vec.Vec, at, i int, end bool) (bool, error) {
	an, in := v.IsNull(at), v.IsNull(i)
	if an || in {
		switch {
		case t.key.nullsFirst && end:
			return an || !in, nil
		case t.key.nullsFirst:
			return an && !in, nil
		case end:
			return !an || in, nil
		}
		return !an && in, nil
	}
	inside, err := t.inside(ctx, v, at, i)
	return inside == end, err
}

// inside is in_range(value at, value i, offset, sub, less).
func (t *rangeTest) inside(ctx *funcs.Ctx, v *vec.Vec, at, i int) (bool, error) {
	if t.plain {
		limit := t.limit(v.Ints[i])
		if t.args[4].Bools[0] {
			return v.Ints[at] <= limit, nil
		}
		return v.Ints[at] >= limit, nil
	}
	t.args[0].Reset(v.Kind, 1)
	t.args[1].Reset(v.Kind, 1)
	t.args[0].Set(0, v.Datum(at))
	t.args[1].Set(0, v.Datum(i))
	ctx.Null = nil
	t.kernel(ctx, t.ptrs, 1, &t.out)
	if err := ctx.Bad.First(); err != nil {
		return false, err
	}
	return t.out.Bools[0], nil
}

// limit is the value at the distance from x; infinite times stay where they are.
func (t *rangeTest) limit(x int64) int64 {
	switch {
	case t.offset.Kind == types.Inter && (x == math.MaxInt64 || x == math.MinInt64):
		return x
	case t.args[3].Bools[0] && x < math.MinInt64+t.dist:
		return math.MinInt64
	case t.args[3].Bools[0]:
		return x - t.dist
	case x > math.MaxInt64-t.dist:
		return math.MaxInt64
	}
	return x + t.dist
}
