package segment

import (
	"bytes"
	"sort"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// runDir is the directory of a run.
type runDir struct {
	firsts [][]byte
	parts  []uint32
	offs   []uint32
	lens   []uint32
}

func readDir(src []byte) (*runDir, bool) {
	r := &reader{src: src}
	n := r.count()
	d := &runDir{firsts: make([][]byte, n), parts: make([]uint32, n), offs: make([]uint32, n), lens: make([]uint32, n)}
	for i := range n {
		d.parts[i], d.offs[i], d.lens[i] = uint32(r.uint()), uint32(r.uint()), uint32(r.uint())
		k := r.count()
		d.firsts[i], r.src = r.src[:k:k], r.src[k:]
	}
	return d, n > 0 && !r.bad && len(r.src) == 0
}

// pageFor gives the page in which the first entry not below key is, or before
// whose end it would be.
func (d *runDir) pageFor(key []byte) int {
	i := sort.Search(len(d.firsts), func(i int) bool { return bytes.Compare(d.firsts[i], key) >= 0 })
	return max(0, i-1)
}

func (c *Cache) runDir(r *Run) (*runDir, error) {
	val, err := c.fetch(cacheKey{r.Blob, dirPart, -1}, func() (any, int, error) {
		raw, err := c.runPart(r, dirPart)
		if err != nil {
			return nil, 0, err
		}
		d, ok := readDir(raw)
		if !ok {
			return nil, 0, r.damaged("the directory")
		}
		return d, len(raw) + len(d.firsts)*36, nil
	})
	if err != nil {
		return nil, err
	}
	return val.(*runDir), nil
}

// Filter gives the filter of a run.
func (c *Cache) Filter(r *Run) (Filter, error) {
	val, err := c.fetch(cacheKey{r.Blob, filterPart, -1}, func() (any, int, error) {
		raw, err := c.runPart(r, filterPart)
		if err != nil {
			return nil, 0, err
		}
		f, ok := readFilter(raw)
		if !ok {
			return nil, 0, r.damaged("the filter")
		}
		return f, f.Bytes(), nil
	})
	if err != nil {
		return nil, err
	}
	return val.(Filter), nil
}

// runPart reads a sealed part.
func (c *Cache) runPart(r *Run, part uint32) ([]byte, error) {
	raw, err := c.store.ReadBlob(nil, r.Blob, part, 0, -1)
	if err != nil {
		return nil, pgerr.Wrap(err, pgerr.DataCorrupted, "index run %d", r.Blob)
	}
	b, ok := unsealPart(raw)
	if !ok {
		return nil, r.damaged("a checksum")
	}
	return b, nil
}

func (c *Cache) runPage(r *Run, d *runDir, i int) (runPage, error) {
	val, err := c.fetch(cacheKey{r.Blob, firstPart + d.parts[i], int32(d.offs[i])}, func() (any, int, error) {
		raw, err := c.store.ReadBlob(nil, r.Blob, firstPart+d.parts[i], int(d.offs[i]), int(d.lens[i]))
		if err != nil {
			return nil, 0, pgerr.Wrap(err, pgerr.DataCorrupted, "index run %d", r.Blob)
		}
		p, ok := openRunPage(raw)
		if !ok {
			return nil, 0, r.damaged("a page")
		}
		return p, len(raw), nil
	})
	if err != nil {
		return nil, err
	}
	return val.(runPage), nil
}

func (r *Run) damaged(what string) error {
	return pgerr.New(pgerr.DataCorrupted, "index run %d is damaged: %s does not check", r.Blob, what)
}

// Covers tells whether a key lies between the run's least and greatest.
func (r *Run) Covers(key []byte) bool {
	return bytes.Compare(key, r.Min) >= 0 && bytes.Compare(key, r.Max) <= 0
}

// MayHave is false when the key with a hash is not in the run. It asks the
// filter alone.
func (c *Cache) MayHave(r *Run, hash uint64) (bool, error) {
	f, err := c.Filter(r)
	return err == nil && f.Has(hash), err
}

// Find calls fn with the ids of a key's entries, in order, until fn gives false.
func (c *Cache) Find(r *Run, key []byte, fn func(id uint64) bool) (more bool, err error) {
	d, err := c.runDir(r)
	if err != nil {
		return false, err
	}
	for i := d.pageFor(key); i < len(d.firsts); i++ {
		p, err := c.runPage(r, d, i)
		if err != nil {
			return false, err
		}
		n := p.entries()
		for at := p.search(key); ; at++ {
			if at == n {
				break // the key may go on in the next page
			}
			if !p.match(at, key) {
				return true, nil
			}
			if !fn(r.Base + p.id(at)) {
				return false, nil
			}
		}
	}
	return true, nil
}

// RunIter goes through a run in order, or backwards. The Entry is lent until
// the next call.
type RunIter struct {
	c    *Cache
	run  *Run
	dir  *runDir
	page runPage
	no   int // of page
	at   int // of the next entry in page
	key  []byte
}

// Iter begins at the first entry whose key is not below from (nil: at the
// first).
func (c *Cache) Iter(r *Run, from []byte) (*RunIter, error) {
	it := &RunIter{c: c, run: r}
	d, err := c.runDir(r)
	if err != nil {
		return nil, err
	}
	it.dir = d
	if err := it.load(d.pageFor(from)); err != nil {
		return nil, err
	}
	it.at = it.page.search(from)
	return it, nil
}

// IterBack begins at the last entry whose key is below to (nil: at the last).
func (c *Cache) IterBack(r *Run, to []byte) (*RunIter, error) {
	it := &RunIter{c: c, run: r}
	d, err := c.runDir(r)
	if err != nil {
		return nil, err
	}
	it.dir = d
	no := len(d.firsts) - 1
	if to != nil {
		no = d.pageFor(to)
	}
	if err := it.load(no); err != nil {
		return nil, err
	}
	it.at = it.page.entries() - 1
	if to != nil {
		it.at = it.page.search(to) - 1
	}
	return it, nil
}

func (it *RunIter) load(no int) error {
	p, err := it.c.runPage(it.run, it.dir, no)
	it.page, it.no = p, no
	return err
}

// Next gives the next entry; ok is false at the end.
func (it *RunIter) Next() (e Entry, ok bool, err error) {
	for it.at >= it.page.entries() {
		if it.no+1 >= len(it.dir.firsts) {
			return e, false, nil
		}
		if err := it.load(it.no + 1); err != nil {
			return e, false, err
		}
		it.at = 0
	}
	e = it.entry()
	it.at++
	return e, true, nil
}

// Prev gives the entry before; ok is false at the beginning.
func (it *RunIter) Prev() (e Entry, ok bool, err error) {
	for it.at < 0 {
		if it.no == 0 {
			return e, false, nil
		}
		if err := it.load(it.no - 1); err != nil {
			return e, false, err
		}
		it.at = it.page.entries() - 1
	}
	e = it.entry()
	it.at--
	return e, true, nil
}

func (it *RunIter) entry() Entry {
	it.key = it.page.key(it.key[:0], it.at)
	return Entry{it.key, it.run.Base + it.page.id(it.at)}
}
