package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("string_agg(text,text)", accOf(inOrder, func() Acc { return &stringAcc{} }))
	register("string_agg(bytea,bytea)", accOf(inOrder, func() Acc { return &stringAcc{} }))
}

// joined is a text under construction: all delimiters and values so far, from
// which the first delimiter, of length lead, is cut at the end.
type joined struct {
	buf  []byte
	lead int
	has  bool
}

// stringAcc is string_agg. NULL values are left out; a NULL delimiter is empty.
type stringAcc struct{ states[joined] }

// Clear implements Acc.
func (a *stringAcc) Clear(groups []uint32) {
	for _, g := range groups {
		a.extra -= int64(cap(a.st[g].buf))
	}
	a.states.Clear(groups)
}

// Add implements Acc.
func (a *stringAcc) Add(c *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x, sep := args[0], args[1]
	for i, g := range groups {
		if x.IsNull(i) {
			continue
		}
		delim := ""
		if !sep.IsNull(i) {
			delim = sep.Strs[i]
		}
		s := &a.st[g]
		before := cap(s.buf)
		for range weightOf(w, i) {
			if !s.has {
				s.lead, s.has = len(delim), true
			}
			if more := len(delim) + len(x.Strs[i]); len(s.buf)+more > maxString {
				c.Bad.Set(i, bufferFull(len(s.buf), more))
				break
			}
			s.buf = append(append(s.buf, delim...), x.Strs[i]...)
		}
		a.extra += int64(cap(s.buf) - before)
	}
}

// Result implements Acc.
func (a *stringAcc) Result(_ *Ctx, groups []uint32, out *vec.Vec) {
	r := Out[string](out, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		if !s.has {
			r[i] = ""
			out.SetNull(i)
			continue
		}
		r[i] = string(s.buf[s.lead:])
	}
}

// StateKinds implements Acc.
func (a *stringAcc) StateKinds() []types.Kind { return []types.Kind{types.Bytes, types.Int} }

// Save implements Acc.
func (a *stringAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		s := &a.st[g]
		lead := int64(s.lead)
		if !s.has {
			lead = -1
		}
		out[0].Strs = append(out[0].Strs, string(s.buf))
		out[1].Ints = append(out[1].Ints, lead)
	}
}

// Merge implements Acc.
func (a *stringAcc) Merge(_ *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		lead := state[1].Ints[i]
		if lead < 0 {
			continue
		}
		s := &a.st[g]
		if !s.has {
			s.lead, s.has = int(lead), true
		}
		s.buf = append(s.buf, state[0].Strs[i]...)
		a.extra += int64(len(state[0].Strs[i]))
	}
}
