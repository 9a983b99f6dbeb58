package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// winFunc is a WinFunc that needs nothing but its arguments.
type winFunc func(c *Ctx, p *Partition, out *vec.Vec)

// Eval implements WinFunc.
func (f winFunc) Eval(c *Ctx, p *Partition, out *vec.Vec) { f(c, p, out) }

// BindWin gives the window function for a call site.
func (c *Call) BindWin() (WinFunc, error) {
	if im := c.Func.impl; im != nil && im.Win != nil {
		return im.Win(c)
	}
	return nil, c.unsupported()
}

// counting is winImpl for functions that count.
func counting(what WinCounts, f winFunc) *Impl {
	im := winImpl(f)
	im.Counts = what
	return im
}

func winImpl(f winFunc) *Impl {
	return &Impl{Win: func(*Call) (WinFunc, error) { return f, nil }}
}

func init() {
	register("window_row_number", counting(CountsRows, func(_ *Ctx, p *Partition, out *vec.Vec) {
		for i, r := 0, Out[int64](out, p.N); i < p.N; i++ {
			r[i] = int64(i + 1)
		}
	}))
	register("window_rank", counting(CountsPeers, func(_ *Ctx, p *Partition, out *vec.Vec) {
		r := Out[int64](out, p.N)
		p.peers(func(lo, hi int) { fillInts(r[lo:hi], int64(lo+1)) })
	}))
	register("window_dense_rank", counting(CountsGroups, func(_ *Ctx, p *Partition, out *vec.Vec) {
		for i, r := 0, Out[int64](out, p.N); i < p.N; i++ {
			r[i] = int64(p.Peer[i]) + 1
		}
	}))
	register("window_percent_rank", winImpl(func(_ *Ctx, p *Partition, out *vec.Vec) {
		r := Out[float64](out, p.N)
		p.peers(func(lo, hi int) {
			v := 0.0
			if p.N > 1 {
				v = float64(lo) / float64(p.N-1)
			}
			fillFloats(r[lo:hi], v)
		})
	}))
	register("window_cume_dist", winImpl(func(_ *Ctx, p *Partition, out *vec.Vec) {
		r := Out[float64](out, p.N)
		p.peers(func(lo, hi int) { fillFloats(r[lo:hi], float64(hi)/float64(p.N)) })
	}))
	register("window_ntile", winImpl(ntile))
	for _, s := range []string{"", "_with_offset", "_with_offset_and_default"} {
		register("window_lag"+s, winImpl(func(_ *Ctx, p *Partition, out *vec.Vec) { shifted(p, out, -1) }))
		register("window_lead"+s, winImpl(func(_ *Ctx, p *Partition, out *vec.Vec) { shifted(p, out, 1) }))
	}
	register("window_first_value", winImpl(func(_ *Ctx, p *Partition, out *vec.Vec) {
		p.fromFrame(out, func(_ int, ranges [][2]int) int { return ranges[0][0] })
	}))
	register("window_last_value", winImpl(func(_ *Ctx, p *Partition, out *vec.Vec) {
		p.fromFrame(out, func(_ int, ranges [][2]int) int { return ranges[len(ranges)-1][1] - 1 })
	}))
	register("window_nth_value", winImpl(nthValue))
}

func fillInts(s []int64, x int64) {
	for i := range s {
		s[i] = x
	}
}

func fillFloats(s []float64, x float64) {
	for i := range s {
		s[i] = x
	}
}

// peers goes over the peer groups, given as row ranges.
func (p *Partition) peers(f func(lo, hi int)) {
	for lo := 0; lo < p.N; {
		hi := lo + 1
		for hi < p.N && p.Peer[hi] == p.Peer[lo] {
			hi++
		}
		f(lo, hi)
		lo = hi
	}
}

// ntile divides the partition into buckets of as equal sizes as can be, the
// first ones being larger. The number of buckets is that of the first row.
func ntile(c *Ctx, p *Partition, out *vec.Vec) {
	r := Out[int64](out, p.N)
	if p.N == 0 {
		return
	}
	if p.Args[0].IsNull(0) {
		out.AllNull(types.Int, p.N)
		return
	}
	n := p.Args[0].Ints[0]
	if n <= 0 {
		c.Bad.Set(0, pgerr.New(pgerr.InvalidArgumentForNtile, "argument of ntile must be greater than zero"))
		return
	}
	size, larger := int64(p.N)/n, int64(p.N)%n
	row := int64(0)
	for b := int64(1); row < int64(p.N); b++ {
		k := size
		if b <= larger {
			k++
		}
		fillInts(r[row:row+k], b)
		row += k
	}
}

// shifted is lag (dir -1) and lead (dir 1): the first argument of the row that
// is so many rows away, the third argument of this row where there is none.
func shifted(p *Partition, out *vec.Vec, dir int64) {
	x := p.Args[0]
	out.Kind = x.Kind
	if p.N == 0 {
		out.Reset(x.Kind, 0)
		return
	}
	idx := make([]int32, p.N)
	for i := range idx {
		off := int64(1)
		if len(p.Args) > 1 {
			if p.Args[1].IsNull(i) {
				idx[i] = -2 // NULL, whatever the default
				continue
			}
			off = p.Args[1].Ints[i]
		}
		if j := int64(i) + dir*off; j >= 0 && j < int64(p.N) {
			idx[i] = int32(j)
		} else {
			idx[i] = -1
		}
	}
	var missing []int32
	for i, j := range idx {
		if j == -1 && len(p.Args) > 2 {
			missing = append(missing, int32(i))
		}
	}
	out.GatherOuter(x, idx)
	if missing != nil {
		var def vec.Vec
		def.Gather(p.Args[2], missing)
		out.Scatter(&def, missing)
	}
}

// fromFrame takes the first argument from a row of each row's frame; NULL where
// the frame is empty or pick gives a row below 0.
func (p *Partition) fromFrame(out *vec.Vec, pick func(i int, ranges [][2]int) int) {
	x := p.Args[0]
	idx := make([]int32, p.N)
	for i := range idx {
		idx[i] = -1
		if ranges := p.Frame(i); frameSize(ranges) > 0 {
			idx[i] = int32(pick(i, trimFrame(ranges)))
		}
	}
	out.GatherOuter(x, idx)
}

func frameSize(ranges [][2]int) (n int) {
	for _, r := range ranges {
		n += max(r[1]-r[0], 0)
	}
	return n
}

// trimFrame drops empty ranges at both ends.
func trimFrame(r [][2]int) [][2]int {
	for r[0][0] >= r[0][1] {
		r = r[1:]
	}
	for last := len(r) - 1; r[last][0] >= r[last][1]; last-- {
		r = r[:last]
	}
	return r
}

func nthValue(c *Ctx, p *Partition, out *vec.Vec) {
	for i, n := range p.Args[1].Ints[:p.N] { // an error even where the frame is empty
		if n <= 0 && !p.Args[1].IsNull(i) {
			c.Bad.Set(i, pgerr.New(pgerr.InvalidArgumentForNthValue, "argument of nth_value must be greater than zero"))
		}
	}
	p.fromFrame(out, func(i int, ranges [][2]int) int {
		n := p.Args[1].Ints[i]
		if p.Args[1].IsNull(i) || n <= 0 {
			return -1
		}
		for _, r := range ranges {
			if k := int64(r[1] - r[0]); n <= k {
				return r[0] + int(n) - 1
			} else if k > 0 {
				n -= k
			}
		}
		return -1
	})
}
