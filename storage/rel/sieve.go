package rel

import "github.com/streamsqld/streamsqld/storage/segment"

// sieve tells which keys none of a private writer's chunks has, whatever their
// number: a transaction that loads millions of rows looks for each key among its own
// rows, and asking chunk after chunk would take time in proportion to the square of
// their number. It is Bloom filters that double in size.
//
// Only a private writer has sieves: it changes them between the reads of its
// versions, all of one transaction. Other relations are read beside their writer,
// and their chunks are few, being sealed.
type sieve struct {
	filters []segment.Filter
	room    int // keys that the last filter still takes
}

// sieveKeys is how many keys the first filter takes.
const sieveKeys = 1 << 16

func (s *sieve) add(hash uint64) {
	if s.room == 0 {
		s.room = sieveKeys << len(s.filters)
		s.filters = append(s.filters, segment.NewFilter(s.room))
	}
	s.filters[len(s.filters)-1].Add(hash)
	s.room--
}

// has tells whether a key may be there.
func (s *sieve) has(hash uint64) bool {
	for i := len(s.filters) - 1; i >= 0; i-- {
		if s.filters[i].Has(hash) {
			return true
		}
	}
	return false
}

// addRun enters the keys of a chunk's run.
func (s *sieve) addRun(run *keyRun) {
	for _, row := range run.order {
		s.add(keyHash(run.keys.Key(int(row))))
	}
}

// sift leaves the keys that a private writer's chunks may have.
func (r *Relation) sift(index int, m *manyKeys) *manyKeys {
	if r.sieves == nil {
		return m
	}
	s := &r.sieves[index]
	out := *m
	out.which, out.hashes = nil, nil
	for k, i := range m.which {
		if s.has(m.hashes[k]) {
			out.which, out.hashes = append(out.which, i), append(out.hashes, m.hashes[k])
		}
	}
	return &out
}
