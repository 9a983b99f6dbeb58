package exec

import (
	"bytes"
	"maps"
	"slices"

	"pgregory.net/rapid"
)

// pageStore is a checkpoint: the newest of every page.
type pageStore map[[2]uint32][]byte

func (p pageStore) Put(table, page uint32, data []byte) error {
	p[[2]uint32{table, page}] = bytes.Clone(data)
	return nil
}

func (p pageStore) Delete(table, page uint32) error {
	delete(p, [2]uint32{table, page})
	return nil
}

func (p pageStore) keys() [][2]uint32 {
	return slices.SortedFunc(maps.Keys(p), func(a, b [2]uint32) int { return slices.Compare(a[:], b[:]) })
}

// checkpoint saves a node incrementally, checks that saving everything gives the
// same pages, and sometimes goes on with a new node that has loaded them (C4).
func (p pageStore) checkpoint(r *rapid.T, n Stateful, fresh func() Stateful) Stateful {
	if err := n.Save(p); err != nil {
		r.Fatal(err)
	}
	full := pageStore{}
	n.SaveAll()
	if err := n.Save(full); err != nil {
		r.Fatal(err)
	}
	if !maps.EqualFunc(p, full, bytes.Equal) {
		r.Fatalf("pages saved step by step %v, at once %v", p.keys(), full.keys())
	}
	if !rapid.Bool().Draw(r, "reload") {
		return n
	}
	m := fresh()
	keys := p.keys()
	if rapid.Bool().Draw(r, "backwards") {
		slices.Reverse(keys)
	}
	for _, k := range keys {
		if err := m.LoadPage(k[0], k[1], bytes.Clone(p[k])); err != nil {
			r.Fatal(err)
		}
	}
	if err := m.Loaded(); err != nil {
		r.Fatal(err)
	}
	again := pageStore{}
	m.SaveAll()
	if err := m.Save(again); err != nil {
		r.Fatal(err)
	}
	if !maps.EqualFunc(p, again, bytes.Equal) {
		r.Fatalf("loaded state saves other pages: %v, was %v", again.keys(), p.keys())
	}
	return m
}
