package exec

import (
	"slices"
	"sync"

	"github.com/streamsqld/streamsqld/sql/vec"
)

// item is a row to be sorted with the prefix of its current key.
type item struct {
	prefix uint64
	row    int32
}

// rowSorter sorts rows key by key: all rows by the prefix of the first key, then
// the rows that this leaves equal by comparing, or by the next key. It is stable.
type rowSorter struct {
	keys   []sortKey
	cols   []vec.Vec
	prefix []uint64
	spare  []item
}

// sortRows gives the rows 0 … n-1 of cols in order. Large inputs are sorted by
// several workers.
func sortRows(keys []sortKey, cols []vec.Vec, n, workers int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	if len(keys) == 0 {
		return order
	}
	const worthwhile = 1 << 17
	if workers < 2 || n < worthwhile {
		s := rowSorter{keys: keys, cols: cols}
		s.sort(order, 0)
		return order
	}
	half := n / 2
	var wg sync.WaitGroup
	for _, part := range [][]int32{order[:half], order[half:]} {
		wg.Go(func() {
			s := rowSorter{keys: keys, cols: cols}
			s.sort(part, 0)
		})
	}
	wg.Wait()
	return mergeHalves(keys, cols, order[:half], order[half:])
}

// mergeHalves merges two sorted lists of rows; the first one's come first among
// equals.
func mergeHalves(keys []sortKey, cols []vec.Vec, a, b []int32) []int32 {
	out := make([]int32, 0, len(a)+len(b))
	key := &keys[0]
	v := &cols[key.pos]
	pa, pb := make([]uint64, len(a)), make([]uint64, len(b))
	key.prefixes(pa, v, a, len(a))
	key.prefixes(pb, v, b, len(b))
	plain := v.Nulls == nil
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		first := pa[i] < pb[j]
		if !plain || pa[i] == pb[j] {
			first = compareRows(keys, cols, int(a[i]), cols, int(b[j])) <= 0
		}
		if first {
			out = append(out, a[i])
			i++
		} else {
			out = append(out, b[j])
			j++
		}
	}
	return append(append(out, a[i:]...), b[j:]...)
}

// sort sorts rows, which stand in input order, by the keys from the given one on.
func (s *rowSorter) sort(rows []int32, key int) {
	if key == len(s.keys) || len(rows) < 2 {
		return
	}
	k := &s.keys[key]
	v := &s.cols[k.pos]
	if len(rows) < 12 {
		s.insertion(rows, key)
		return
	}
	if v.Nulls != nil {
		null := s.splitNulls(rows, v, k.nullsFirst)
		if k.nullsFirst {
			s.sort(rows[:null], key+1)
			rows = rows[null:]
		} else {
			s.sort(rows[len(rows)-null:], key+1)
			rows = rows[:len(rows)-null]
		}
		if len(rows) < 2 {
			return
		}
	}
	s.byPrefix(rows, key, k, v)
}

// insertion sorts a few rows by comparing all keys that are left.
func (s *rowSorter) insertion(rows []int32, key int) {
	keys := s.keys[key:]
	for i := 1; i < len(rows); i++ {
		x := rows[i]
		j := i
		for ; j > 0 && compareRows(keys, s.cols, int(x), s.cols, int(rows[j-1])) < 0; j-- {
			rows[j] = rows[j-1]
		}
		rows[j] = x
	}
}

// splitNulls moves the rows that are NULL to one end, keeping their order, and
// tells how many there are.
func (s *rowSorter) splitNulls(rows []int32, v *vec.Vec, first bool) int {
	var null, rest []int32
	for _, r := range rows {
		if v.Nulls[r] {
			null = append(null, r)
		} else if null != nil || rest != nil {
			rest = append(rest, r)
		} else {
			rest = append(make([]int32, 0, len(rows)), r)
		}
	}
	if first {
		copy(rows[copy(rows, null):], rest)
	} else {
		copy(rows[copy(rows, rest):], null)
	}
	return len(null)
}

// byPrefix sorts rows without NULLs.
func (s *rowSorter) byPrefix(rows []int32, key int, k *sortKey, v *vec.Vec) {
	if cap(s.prefix) < len(rows) {
		s.prefix = make([]uint64, len(rows))
	}
	exact := k.prefixes(s.prefix, v, rows, len(rows))
	items := make([]item, len(rows))
	for i, r := range rows {
		items[i] = item{s.prefix[i], r}
	}
	items = s.sortItems(items)
	for i, x := range items {
		rows[i] = x.row
	}
	if exact && key+1 == len(s.keys) {
		return
	}
	for lo := 0; lo < len(items); {
		hi := lo + 1
		for hi < len(items) && items[hi].prefix == items[lo].prefix {
			hi++
		}
		if hi-lo > 1 {
			s.ties(rows[lo:hi], key, exact || k.whole(items[lo].prefix))
		}
		lo = hi
	}
}

// ties sorts rows of equal prefixes; same says that they are equal in the key.
func (s *rowSorter) ties(rows []int32, key int, same bool) {
	if same {
		s.sort(rows, key+1)
		return
	}
	k := &s.keys[key]
	v := &s.cols[k.pos]
	slices.SortStableFunc(rows, func(a, b int32) int { return k.compare(v, int(a), v, int(b)) })
	if key+1 == len(s.keys) {
		return
	}
	for lo := 0; lo < len(rows); {
		hi := lo + 1
		for hi < len(rows) && k.compare(v, int(rows[lo]), v, int(rows[hi])) == 0 {
			hi++
		}
		s.sort(rows[lo:hi], key+1)
		lo = hi
	}
}

// sortItems sorts by prefix, stably. Few items are sorted by comparing (rows
// ascend, so that they decide among equals); many byte by byte.
func (s *rowSorter) sortItems(items []item) []item {
	if isSorted(items) {
		return items
	}
	if len(items) < 1024 {
		slices.SortStableFunc(items, func(a, b item) int {
			switch {
			case a.prefix < b.prefix:
				return -1
			case a.prefix > b.prefix:
				return 1
			}
			return 0
		})
		return items
	}
	if cap(s.spare) < len(items) {
		s.spare = make([]item, len(items))
	}
	out := radixSort(items, s.spare[:len(items)])
	if &out[0] == &s.spare[0] {
		s.spare = items // the other half is free now
	}
	return out
}

func isSorted(items []item) bool {
	for i := 1; i < len(items); i++ {
		if items[i].prefix < items[i-1].prefix {
			return false
		}
	}
	return true
}

// radixSort sorts by prefix from the lowest byte to the highest; bytes that are
// the same everywhere are passed over. The result is in a or in b.
func radixSort(a, b []item) []item {
	var counts [8][256]uint32
	for _, x := range a {
		p := x.prefix
		for i := range counts {
			counts[i][byte(p)]++
			p >>= 8
		}
	}
	for i := range counts {
		count := &counts[i]
		shift := 8 * i
		if count[byte(a[0].prefix>>shift)] == uint32(len(a)) {
			continue
		}
		at := uint32(0)
		for d, n := range count {
			count[d] = at
			at += n
		}
		for _, x := range a {
			d := byte(x.prefix >> shift)
			b[count[d]] = x
			count[d]++
		}
		a, b = b, a
	}
	return a
}
