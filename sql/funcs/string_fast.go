package funcs

import (
	"encoding/binary"
	"strings"
	"unsafe"

	"github.com/streamsqld/streamsqld/sql/vec"
)

// isASCII tells whether all bytes are below 128, eight at a time.
func isASCII(s string) bool {
	i := 0
	if len(s) >= 8 {
		p := unsafe.Pointer(unsafe.StringData(s))
		for ; i+8 <= len(s); i += 8 {
			if *(*uint64)(unsafe.Add(p, i))&0x8080808080808080 != 0 {
				return false
			}
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// arena is memory for the strings that one call of a kernel makes: one
// allocation for many strings, never written again (vec rule O2).
type arena struct{ buf []byte }

// room makes sure that n bytes fit without moving what is there.
func (a *arena) room(n int) {
	if cap(a.buf)-len(a.buf) < n {
		a.buf = make([]byte, 0, max(n, 1<<14))
	}
}

// cut gives the bytes from start on as a string.
func (a *arena) cut(start int) string {
	if start == len(a.buf) {
		return ""
	}
	return unsafe.String(&a.buf[start], len(a.buf)-start)
}

// next begins a string; end ends it. A string that was too large for the buffer
// takes the buffer away with it, so that the next one does not copy it.
func (a *arena) next() int {
	a.room(128)
	return len(a.buf)
}

func (a *arena) end(start int) string {
	s := a.cut(start)
	if len(a.buf) > 1<<14 {
		a.buf = nil
	}
	return s
}

// append1 makes a kernel of a function that appends its result to a buffer.
func append1[A Value](f func(dst []byte, a A) []byte) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, r := In[A](args[0]), Out[string](out, n)
		var m arena
		for i := range n {
			if !c.skip(i) {
				start := m.next()
				m.buf = f(m.buf, a[i])
				r[i] = m.end(start)
			}
		}
	}
}

// append3e is append1 for three arguments and functions that can fail. A
// function that gives same is followed: the result is the first argument.
func append3e[B, C Value](f func(dst []byte, a string, b B, c C) (b2 []byte, same bool, err error)) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, b, d, r := args[0].Strs, In[B](args[1]), In[C](args[2]), Out[string](out, n)
		var m arena
		for i := range n {
			if c.skip(i) {
				continue
			}
			start := m.next()
			buf, same, err := f(m.buf, a[i], b[i], d[i])
			switch {
			case err != nil:
				c.Bad.Set(i, err)
			case same:
				r[i] = a[i]
			default:
				m.buf = buf
				r[i] = m.end(start)
			}
		}
	}
}

// concatKernel2 is || of two strings.
func concatKernel2(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
	a, b, r := args[0].Strs[:n], args[1].Strs[:n], Out[string](out, n)[:n]
	total := 0
	for i, s := range a {
		total += len(s) + len(b[i])
	}
	var m arena
	m.room(min(total, 1<<20))
	for i, s := range a {
		t := b[i]
		switch size := len(s) + len(t); {
		case s == "":
			r[i] = t
		case t == "":
			r[i] = s
		case size > maxString:
			if !c.skip(i) {
				c.Bad.Set(i, errTooLong)
			}
		default:
			m.room(size)
			start := len(m.buf)
			m.buf = append(append(m.buf, s...), t...)
			r[i] = m.cut(start)
		}
	}
}

// caseKernel is lower or upper: lo and hi bound the ASCII letters that change,
// f is for texts with other characters.
func caseKernel(lo, hi byte, f func(string) string) Kernel {
	return func(_ *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, r := args[0].Strs[:n], Out[string](out, n)[:n]
		var m arena
		for i, s := range a {
			switch {
			case !isASCII(s):
				r[i] = f(s)
			case !hasBetween(s, lo, hi):
				r[i] = s
			default:
				m.room(len(s))
				start := len(m.buf)
				m.buf = appendCase(m.buf, s, lo, hi)
				r[i] = m.cut(start)
			}
		}
	}
}

// ones has a one in every byte.
const ones = 0x0101010101010101

// between8 marks, in the top bit of each byte of w, the bytes from lo to hi; all
// bytes are below 128.
func between8(w uint64, lo, hi byte) uint64 {
	return ((w + ones*uint64(0x80-lo)) &^ (w + ones*uint64(0x7f-hi))) & (ones * 0x80)
}

func hasBetween(s string, lo, hi byte) bool {
	i := 0
	p := unsafe.Pointer(unsafe.StringData(s))
	for ; i+8 <= len(s); i += 8 {
		if between8(*(*uint64)(unsafe.Add(p, i)), lo, hi) != 0 {
			return true
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= lo && s[i] <= hi {
			return true
		}
	}
	return false
}

// appendCase appends s, which is ASCII, with its letters between lo and hi in
// the other case.
func appendCase(dst []byte, s string, lo, hi byte) []byte {
	n := len(dst)
	dst = append(dst, s...)
	b := dst[n:]
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		binary.LittleEndian.PutUint64(b[i:], w^between8(w, lo, hi)>>2)
	}
	for ; i < len(b); i++ {
		if b[i] >= lo && b[i] <= hi {
			b[i] ^= 0x20
		}
	}
	return dst
}

// folder puts texts in lower case one after the other; each is valid until the
// next.
type folder struct{ buf []byte }

func (f *folder) lower(s string) string {
	if !isASCII(s) {
		return strings.ToLower(s)
	}
	f.buf = appendCase(f.buf[:0], s, 'A', 'Z')
	if len(f.buf) == 0 {
		return ""
	}
	return unsafe.String(&f.buf[0], len(f.buf))
}
