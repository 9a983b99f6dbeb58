package rel

import (
	"math"
	"unsafe"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// pageCol is one column of a page. Its memory is shared between versions until
// the writer makes it its own (P1).
type pageCol struct {
	gen    uint64
	kind   types.Kind
	narrow bool // numerics: words × 10^-scale
	scale  int32
	nulls  []bool  // nil when there are none
	words  []int64 // integers, the bits of floats, narrow numerics
	wide   *wideCol
}

// wideCol holds the kinds that are not a word. Strings lie in an arena that is
// only ever appended to: a version reads what was there when it was published.
type wideCol struct {
	bools  []bool
	nums   []types.Numeric
	inters []types.Interval
	at     []strRef
	text   []byte
	dead   int // bytes of text that no slot refers to
}

type strRef struct{ off, n uint32 }

// room is the number of slots that there is memory for.
func (c *pageCol) room() int {
	if c.wide == nil {
		return len(c.words)
	}
	return len(c.wide.bools) + len(c.wide.nums) + len(c.wide.inters) + len(c.wide.at)
}

// own makes the memory of the column the writer's, with the given room.
func (c *pageCol) own(gen uint64, room int) {
	if c.gen == gen && c.room() >= room {
		return
	}
	if c.room() == 0 {
		c.alloc(room)
	} else {
		c.nulls, c.words = roomy(c.nulls, room), roomy(c.words, room)
		if w := c.wide; w != nil {
			c.wide = &wideCol{roomy(w.bools, room), roomy(w.nums, room), roomy(w.inters, room), roomy(w.at, room), w.text, w.dead}
		}
	}
	c.gen = gen
}

// alloc gives an empty column its memory. Numerics begin narrow.
func (c *pageCol) alloc(room int) {
	switch c.kind {
	case types.Bool:
		c.wide = &wideCol{bools: make([]bool, room)}
	case types.Inter:
		c.wide = &wideCol{inters: make([]types.Interval, room)}
	case types.Bytes:
		c.wide = &wideCol{at: make([]strRef, room)}
	case types.Numer:
		c.words, c.narrow, c.scale = make([]int64, room), true, -1
	default:
		c.words = make([]int64, room)
	}
}

// roomy is a copy of s with the given length; nil stays nil.
func roomy[T any](s []T, room int) []T {
	switch {
	case s == nil:
		return nil
	case len(s) == room:
		return append([]T(nil), s...) // the memory is not cleared first
	}
	out := make([]T, room)
	copy(out, s)
	return out
}

// bytes is the memory that the column takes besides the page's own.
func (c *pageCol) bytes() int64 {
	n := int64(len(c.nulls) + 8*len(c.words))
	if w := c.wide; w != nil {
		n += int64(len(w.bools)+32*len(w.nums)+16*len(w.inters)+8*len(w.at)+cap(w.text)) + 128
	}
	return n
}

func (c *pageCol) isNull(s int) bool { return c.nulls != nil && c.nulls[s] }

func (c *pageCol) float(s int) float64 { return math.Float64frombits(uint64(c.words[s])) }

// str gives the string in a slot, which is cut from the arena.
func (c *pageCol) str(s int) string {
	r := c.wide.at[s]
	if r.n == 0 {
		return ""
	}
	return unsafe.String(&c.wide.text[r.off], r.n)
}

func (c *pageCol) numeric(s int) types.Numeric {
	if c.narrow {
		return types.NumericScaled(c.words[s], c.scale)
	}
	return c.wide.nums[s]
}

// same tells whether a slot holds the very value i of v.
func (c *pageCol) same(s int, v *vec.Vec, i int) bool {
	if null := c.isNull(s); null || v.IsNull(i) {
		return null && v.IsNull(i)
	}
	switch c.kind {
	case types.Int:
		return c.words[s] == v.Ints[i]
	case types.Float:
		return c.words[s] == int64(math.Float64bits(v.Floats[i]))
	case types.Bool:
		return c.wide.bools[s] == v.Bools[i]
	case types.Inter:
		return c.wide.inters[s] == v.Inters[i]
	case types.Bytes:
		return c.str(s) == v.Strs[i]
	}
	if c.narrow && v.Narrow && c.scale == v.Scale {
		return c.words[s] == v.Ints[i]
	}
	return types.NewNumeric(c.numeric(s)).SameImage(types.NewNumeric(v.Numeric(i)))
}

// equal tells whether a slot holds a value that equals value i of v in SQL, NULL
// equal to NULL.
func (c *pageCol) equal(s int, v *vec.Vec, i int, t *types.Type) bool {
	if null := c.isNull(s); null || v.IsNull(i) {
		return null && v.IsNull(i)
	}
	switch c.kind {
	case types.Float:
		return types.CmpFloat(c.float(s), v.Floats[i]) == 0
	case types.Inter:
		return c.wide.inters[s].Cmp(v.Inters[i]) == 0
	case types.Numer:
		if c.narrow && v.Narrow && c.scale == v.Scale {
			return c.words[s] == v.Ints[i]
		}
		return c.numeric(s).Cmp(v.Numeric(i)) == 0
	case types.Bytes:
		a, b := c.str(s), v.Strs[i]
		return a == b || !t.PlainBytes() && t.CmpStr(a, b) == 0
	}
	return c.same(s, v, i)
}

// set puts value i of v into a slot; the column is the writer's.
func (c *pageCol) set(s int, v *vec.Vec, i int) {
	if v.IsNull(i) {
		if c.nulls == nil {
			c.nulls = make([]bool, c.room())
		}
		c.nulls[s] = true
		if c.kind == types.Bytes {
			c.wide.dead += int(c.wide.at[s].n)
			c.wide.at[s] = strRef{}
		}
		return
	}
	if c.nulls != nil {
		c.nulls[s] = false
	}
	switch c.kind {
	case types.Int:
		c.words[s] = v.Ints[i]
	case types.Float:
		c.words[s] = int64(math.Float64bits(v.Floats[i]))
	case types.Bool:
		c.wide.bools[s] = v.Bools[i]
	case types.Inter:
		c.wide.inters[s] = v.Inters[i]
	case types.Bytes:
		c.wide.set(s, v.Strs[i])
	default:
		c.setNumeric(s, v.Numeric(i))
	}
}

// setNumeric widens the column if the value is not of its one scale, which the
// first value chooses.
func (c *pageCol) setNumeric(s int, x types.Numeric) {
	coef, small := x.Small()
	if c.narrow {
		if c.scale < 0 && small {
			c.scale = x.Scale()
		}
		if small && x.Scale() == c.scale {
			c.words[s] = coef
			return
		}
		nums := make([]types.Numeric, len(c.words))
		for i, w := range c.words {
			nums[i] = types.NumericScaled(w, max(c.scale, 0))
		}
		c.wide, c.words, c.narrow = &wideCol{nums: nums}, nil, false
	}
	c.wide.nums[s] = x
}

// set appends the string and, when most of the arena is dead, copies what is
// alive.
func (w *wideCol) set(s int, str string) {
	w.dead += int(w.at[s].n)
	w.at[s] = strRef{uint32(len(w.text)), uint32(len(str))}
	w.text = append(w.text, str...)
	if w.dead > len(w.text)/2+4096 {
		w.pack()
	}
}

func (w *wideCol) pack() {
	text := make([]byte, 0, len(w.text)-w.dead)
	for s, r := range w.at {
		w.at[s].off = uint32(len(text))
		text = append(text, w.text[r.off:r.off+r.n]...)
	}
	w.text, w.dead = text, 0
}

// appendTo appends the values of the slots listed to out, which is of the same
// kind.
func (c *pageCol) appendTo(out *vec.Vec, slots []int32) {
	n := out.Len()
	switch c.kind {
	case types.Int:
		for _, s := range slots {
			out.Ints = append(out.Ints, c.words[s])
		}
	case types.Float:
		for _, s := range slots {
			out.Floats = append(out.Floats, c.float(int(s)))
		}
	case types.Bytes:
		for _, s := range slots {
			out.Strs = append(out.Strs, c.str(int(s)))
		}
	default:
		v := c.vec()
		out.AppendRows(&v, slots)
		return
	}
	if c.nulls == nil && out.Nulls == nil {
		return
	}
	if out.Nulls == nil {
		out.Nulls = make([]bool, n, max(n+len(slots), vec.Size))
	}
	for _, s := range slots {
		out.Nulls = append(out.Nulls, c.isNull(int(s)))
	}
}

// vec gives the slots of a column of another kind than numbers and strings.
func (c *pageCol) vec() vec.Vec {
	v := vec.Vec{Kind: c.kind, Nulls: c.nulls}
	switch {
	case c.kind == types.Numer && c.narrow:
		v.Narrow, v.Scale, v.Ints = true, max(c.scale, 0), c.words
	case c.kind == types.Numer:
		v.Nums = c.wide.nums
	case c.kind == types.Bool:
		v.Bools = c.wide.bools
	default:
		v.Inters = c.wide.inters
	}
	return v
}
