package rel

import (
	"bytes"
	"container/heap"

	"github.com/streamsqld/streamsqld/storage/segment"
)

// keyCursor goes through a part of an index, forwards or backwards. The key is
// lent until the next call. bound, when not nil, is a key that the first one
// does not come before; it costs nothing.
type keyCursor interface {
	bound() []byte
	next() (key []byte, id uint64, ok bool, err error)
}

// merge is a heap of cursors by their current keys.
type merge struct {
	desc  bool
	heads []head
}

type head struct {
	cur  keyCursor
	key  []byte
	id   uint64
	lazy bool // key is a bound: the cursor has not begun
}

func (m *merge) add(c keyCursor) error {
	if b := c.bound(); b != nil {
		m.heads = append(m.heads, head{cur: c, key: b, lazy: true})
		return nil
	}
	key, id, ok, err := c.next()
	if ok {
		m.heads = append(m.heads, head{cur: c, key: key, id: id})
	}
	return err
}

// advance moves the first cursor on.
func (m *merge) advance() error {
	h := &m.heads[0]
	key, id, ok, err := h.cur.next()
	if err != nil {
		return err
	}
	if !ok {
		heap.Pop(m)
		return nil
	}
	h.key, h.id, h.lazy = key, id, false
	heap.Fix(m, 0)
	return nil
}

func (m *merge) Len() int { return len(m.heads) }

// Less puts bounds before the keys that they equal.
func (m *merge) Less(i, j int) bool {
	a, b := &m.heads[i], &m.heads[j]
	c := bytes.Compare(a.key, b.key)
	if c == 0 && a.lazy != b.lazy {
		return a.lazy
	}
	if c == 0 {
		c = 1
		if a.id < b.id {
			c = -1
		}
	}
	return (c < 0) != m.desc
}

func (m *merge) Swap(i, j int) { m.heads[i], m.heads[j] = m.heads[j], m.heads[i] }

func (m *merge) Push(x any) { m.heads = append(m.heads, x.(head)) }

func (m *merge) Pop() any {
	n := len(m.heads) - 1
	h := m.heads[n]
	m.heads = m.heads[:n]
	return h
}

// runCursor goes through a sealed run, which it opens when it is first asked.
type runCursor struct {
	cache  *segment.Cache
	run    *segment.Run
	lo, hi []byte
	desc   bool
	it     *segment.RunIter
}

func (c *runCursor) bound() []byte {
	if c.desc {
		if c.hi != nil && bytes.Compare(c.hi, c.run.Max) < 0 {
			return c.hi
		}
		return c.run.Max
	}
	if bytes.Compare(c.lo, c.run.Min) > 0 {
		return c.lo
	}
	return c.run.Min
}

func (c *runCursor) next() (key []byte, id uint64, ok bool, err error) {
	if c.it == nil {
		if c.desc {
			c.it, err = c.cache.IterBack(c.run, c.hi)
		} else {
			c.it, err = c.cache.Iter(c.run, c.lo)
		}
		if err != nil {
			return nil, 0, false, err
		}
	}
	step := c.it.Next
	if c.desc {
		step = c.it.Prev
	}
	e, ok, err := step()
	return e.Key, e.ID, ok, err
}

// chunkCursor goes through the keys of a chunk.
type chunkCursor struct {
	run  *keyRun
	base uint64
	desc bool
	at   int
}

func (c *chunkCursor) bound() []byte { return nil }

func (c *chunkCursor) next() (key []byte, id uint64, ok bool, err error) {
	if c.at < 0 || c.at >= len(c.run.order) {
		return nil, 0, false, nil
	}
	row := c.run.order[c.at]
	if c.at++; c.desc {
		c.at -= 2
	}
	return c.run.keys.Key(int(row)), c.base + uint64(row), true, nil
}

// openCursor goes through the keys of the open batch.
type openCursor struct {
	open *openView
	list *skipList
	desc bool
	at   *skipNode
}

func newOpenCursor(o *openView, index int, lo, hi []byte, desc bool) *openCursor {
	c := &openCursor{open: o, list: o.keys[index], desc: desc}
	switch {
	case !desc:
		c.at = c.list.first(lo, 0)
	case hi == nil:
		c.at = c.list.end()
	default:
		c.at = c.list.last(hi, 0)
	}
	return c
}

func (c *openCursor) bound() []byte { return nil }

func (c *openCursor) next() (key []byte, id uint64, ok bool, err error) {
	for c.at != nil {
		n := c.at
		if c.desc {
			c.at = c.list.last(n.key, n.row)
		} else {
			c.at = n.next[0].Load()
		}
		if int(n.row) < c.open.n {
			return n.key, c.open.base + uint64(n.row), true, nil
		}
	}
	return nil, 0, false, nil
}
