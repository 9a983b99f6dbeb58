package rel

import (
	"context"
	"math/bits"

	"github.com/streamsqld/streamsqld/internal/invariant"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// ContentsVersion is one version of a view's contents. It is immutable. Rows
// have ids, their slots, which mean something within one version only.
type ContentsVersion struct {
	c     *Contents // for its index and types
	root  []*pageLeaf
	rows  int64
	bytes int64
	num   uint64
}

// Rows is the number of rows, each counted as often as it counts.
func (v *ContentsVersion) Rows() int64 { return v.rows }

// Bytes is the memory that pages and index take.
func (v *ContentsVersion) Bytes() int64 { return v.bytes }

// pageCount bounds the numbers of pages.
func (v *ContentsVersion) pageCount() uint32 { return uint32(len(v.root)) << leafPageBits }

// Scan gives the rows by slot. A batch has weights if some of its rows do not
// count once. ScanSpec.WithRowID adds the slots; predicates are not looked at.
func (v *ContentsVersion) Scan(spec ScanSpec) vec.Source {
	s := &contentsScan{v: v, spec: spec, end: v.pageCount()}
	if spec.Parts > 1 {
		n := uint64(s.end)
		s.at, s.end = uint32(n*uint64(spec.Part)/uint64(spec.Parts)), uint32(n*uint64(spec.Part+1)/uint64(spec.Parts))
	}
	return s
}

type contentsScan struct {
	v       *ContentsVersion
	spec    ScanSpec
	at, end uint32
	out     vec.Batch
	slots   []int32
}

// Close implements vec.Source.
func (s *contentsScan) Close() error {
	*s = contentsScan{}
	return nil
}

// Next implements vec.Source: it puts pages together until the batch is full.
func (s *contentsScan) Next(ctx context.Context, out *vec.Batch) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.out.Reset(s.kinds())
	for ; s.at < s.end; s.at++ {
		if s.at&(leafPages-1) == 0 && s.at>>leafPageBits >= uint32(len(s.v.root)) {
			break
		}
		p := pageAt(s.v.root, s.at)
		if p == nil {
			continue
		}
		if s.out.N+p.n > vec.Size {
			break
		}
		s.slots = p.slots(s.slots[:0])
		s.take(p)
	}
	*out = s.out
	return nil
}

func (s *contentsScan) kinds() []types.Kind {
	kinds := make([]types.Kind, 0, len(s.spec.Cols)+1)
	for _, k := range s.spec.Cols {
		kinds = append(kinds, s.v.c.ts[k].Kind)
	}
	if s.spec.WithRowID {
		kinds = append(kinds, types.Int)
	}
	return kinds
}

// take appends the slots listed of a page.
func (s *contentsScan) take(p *page) {
	for i, k := range s.spec.Cols {
		p.col(k).appendTo(&s.out.Cols[i], s.slots)
	}
	if s.spec.WithRowID {
		ids := &s.out.Cols[len(s.spec.Cols)]
		for _, x := range s.slots {
			ids.Ints = append(ids.Ints, int64(s.at)<<pageBits|int64(x))
		}
	}
	if p.counts != nil && s.out.Weights == nil {
		s.out.Weights = ones(make([]int64, 0, vec.Size), s.out.N)
	}
	if s.out.Weights != nil {
		for _, x := range s.slots {
			s.out.Weights = append(s.out.Weights, p.count(int(x)))
		}
	}
	s.out.N += len(s.slots)
}

func ones(w []int64, n int) []int64 {
	for range n {
		w = append(w, 1)
	}
	return w
}

// slots appends the slots in use.
func (p *page) slots(dst []int32) []int32 {
	for i, w := range p.used {
		for ; w != 0; w &= w - 1 {
			dst = append(dst, int32(i<<6+bits.TrailingZeros64(w)))
		}
	}
	return dst
}

// bytes is the memory that the page takes.
func (p *page) bytes(cols int) int64 {
	n := int64(8*len(p.counts)+96*len(p.rest)) + 600
	for k := range cols {
		n += p.col(k).bytes()
	}
	return n
}

// LookupMany calls fn with the row of each key that there is one of: keys are
// columns, in the order of the contents' key, of which rows 0 … n-1 count. The
// contents must have a key. It uses the index, unless the version is so old that
// the index may have forgotten rows of it; then it reads all rows.
func (v *ContentsVersion) LookupMany(keys []vec.Vec, n int, fn func(i int, id uint64)) {
	hashes := make([]uint64, n)
	vec.Hash(hashes, keys, v.c.keyTs, n)
	ids := make([]int64, n)
	for i, h := range hashes {
		ids[i] = v.find(h, keys, i)
	}
	if v.num < v.c.stale.purged.Load() {
		v.findAll(hashes, keys, ids)
	}
	for i, id := range ids {
		if id >= 0 {
			fn(i, uint64(id))
		}
	}
}

// find gives the slot of the row with a key, -1 if the index knows none.
func (v *ContentsVersion) find(hash uint64, keys []vec.Vec, i int) int64 {
	for p := v.c.index.probe(hash); ; {
		slot, ok := p.next()
		if !ok {
			return -1
		}
		if pg := pageAt(v.root, slot/pageSlots); pg != nil && v.matches(pg, int(slot%pageSlots), keys, i) {
			return int64(slot)
		}
	}
}

func (v *ContentsVersion) matches(pg *page, s int, keys []vec.Vec, i int) bool {
	if !pg.has(s) {
		return false
	}
	for k, col := range v.c.key {
		if !pg.col(col).equal(s, &keys[k], i, v.c.ts[col]) {
			return false
		}
	}
	return true
}

// findAll goes through all rows.
func (v *ContentsVersion) findAll(hashes []uint64, keys []vec.Vec, ids []int64) {
	byHash := map[uint64][]int{}
	for i, h := range hashes {
		ids[i] = -1
		byHash[h] = append(byHash[h], i)
	}
	var slots []int32
	var b vec.Batch
	for no := range v.pageCount() {
		pg := pageAt(v.root, no)
		if pg == nil {
			continue
		}
		slots = pg.slots(slots[:0])
		b.Reset(kindsOf(v.c.keyTs))
		for k, col := range v.c.key {
			pg.col(col).appendTo(&b.Cols[k], slots)
		}
		h := make([]uint64, len(slots))
		vec.Hash(h, b.Cols, v.c.keyTs, len(slots))
		for j, s := range slots {
			for _, i := range byHash[h[j]] {
				if v.matches(pg, int(s), keys, i) {
					ids[i] = int64(no)<<pageBits | int64(s)
				}
			}
		}
	}
}

func kindsOf(ts []*types.Type) []types.Kind {
	out := make([]types.Kind, len(ts))
	for i, t := range ts {
		out[i] = t.Kind
	}
	return out
}

// Get makes out the rows with the given ids, in their order, with the listed
// columns; every id was given by this version.
func (v *ContentsVersion) Get(ids []uint64, cols []int, out *vec.Batch) {
	kinds := make([]types.Kind, len(cols))
	for i, k := range cols {
		kinds[i] = v.c.ts[k].Kind
	}
	out.Reset(kinds)
	for _, id := range ids {
		pg, at := pageAt(v.root, uint32(id>>pageBits)), []int32{int32(id & (pageSlots - 1))}
		for i, k := range cols {
			pg.col(k).appendTo(&out.Cols[i], at)
		}
		if n := pg.count(int(at[0])); n != 1 || out.Weights != nil {
			if out.Weights == nil {
				out.Weights = ones(nil, out.N)
			}
			out.Weights = append(out.Weights, n)
		}
		out.N++
	}
}

// check checks C1 but for the uniqueness of keys.
func (v *ContentsVersion) check() {
	rows := int64(0)
	for no := range v.pageCount() {
		p := pageAt(v.root, no)
		if p == nil {
			continue
		}
		n := 0
		for s := range pageSlots {
			if !p.has(s) {
				continue
			}
			n++
			rows += p.count(s)
			invariant.Check(p.count(s) > 0, "C1: slot %d of page %d counts %d times", s, no, p.count(s))
			invariant.Check(v.c.key == nil || p.count(s) == 1, "C1: a row with a key counts %d times", p.count(s))
		}
		invariant.Check(n == p.n, "page %d has %d slots in use, not %d", no, n, p.n)
	}
	invariant.Check(rows == v.rows, "%d rows, not %d", rows, v.rows)
}
