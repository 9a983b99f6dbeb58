package state

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Table is a hash table of groups: each distinct key has a slot. The key is all
// columns of the rows, or the first few of them; the others are set by the user
// of the table when Groups says that a slot is new.
type Table struct {
	*Rows
	eq   Equality
	nkey int
	ix   index

	// tags are the upper halves of the keys' hashes by slot: a slot's entry is found
	// again without looking at the key.
	tags []uint32

	hash  []uint64
	fresh []uint32
	from  []int32 // the rows that fresh slots were made of
	bad   []int32
	runs  runs
}

// NewTable makes an empty table. Its rows have columns of types ts, the first
// nkey of which are the key.
func NewTable(ts []*types.Type, nkey int, eq Equality) *Table {
	return &Table{Rows: NewRows(ts), nkey: nkey, eq: eq}
}

// Groups writes to out[0 … n-1] the slots of the keys that stand in rows 0 … n-1
// of keys, making slots for new ones. It gives the new slots in the order they
// were made, and from which rows; both are lent until the next call.
func (t *Table) Groups(keys []vec.Vec, n int, out []uint32) (fresh []uint32, from []int32) {
	t.fresh, t.from = t.fresh[:0], t.from[:0]
	switch {
	case n == 0:
	case t.nkey == 0:
		t.single(n, out)
	case n > 32 && t.runs.detect(t, keys, n):
		m := t.runs.gather(keys[:t.nkey])
		t.groups(t.runs.keys, m, t.runs.slots[:m])
		t.runs.expand(out[:n])
		for i, row := range t.from {
			t.from[i] = t.runs.starts[row]
		}
	default:
		t.groups(keys, n, out[:n])
	}
	return t.fresh, t.from
}

// single is Groups for a table without key columns: at most one group.
func (t *Table) single(n int, out []uint32) {
	if t.Len() == 0 {
		t.Alloc()
		t.fresh, t.from = append(t.fresh, 0), append(t.from, 0)
	}
	clear(out[:n])
}

// groups is in three steps, of which only the first goes row by row: find for
// each row the first entry with its tag, or make one; store the new keys; look,
// column by column, whether the keys really are the rows'. The few that are not
// (two keys of one tag) are done over again singly.
func (t *Table) groups(keys []vec.Vec, n int, out []uint32) {
	hash := t.hashes(keys, n)
	t.probe(hash, out)
	t.storeKeys(keys)
	t.bad = t.bad[:0]
	for c := range t.nkey {
		t.bad = t.eq.mismatches(t.bad, &t.Cols[c], &keys[c], t.ts[c], out)
	}
	if len(t.bad) > 0 {
		for _, row := range sortUnique(t.bad) {
			out[row] = t.groupOf(keys, int(row), hash[row])
		}
	}
}

func (t *Table) hashes(keys []vec.Vec, n int) []uint64 {
	if cap(t.hash) < n {
		t.hash = make([]uint64, max(n, vec.Size))
	}
	hash := t.hash[:n]
	vec.Hash(hash, keys[:t.nkey], t.ts[:t.nkey], n)
	return hash
}

func (t *Table) probe(hash []uint64, out []uint32) {
	t.ix.grow(1)
	e, shift := t.ix.e, t.ix.shift&63
	for i, h := range hash {
		mask := uint64(len(e) - 1)
		h = tag(h)
		p := h >> shift
		for {
			x := e[p&mask]
			if tag(x) == h && x != 0 {
				out[i] = slotOf(x)
				break
			}
			if x == 0 {
				slot := t.Alloc()
				t.enter(h, slot)
				t.fresh, t.from = append(t.fresh, slot), append(t.from, int32(i))
				out[i] = slot
				t.ix.grow(1)
				e, shift = t.ix.e, t.ix.shift&63
				break
			}
			p++
		}
	}
}

// storeKeys stores the keys of the new slots.
func (t *Table) storeKeys(keys []vec.Vec) {
	for c := range t.nkey {
		if len(t.fresh) > 0 {
			t.setColumn(c, t.fresh, &keys[c], t.from)
		}
	}
}

// groupOf gives the slot of one row, making it if it is new.
func (t *Table) groupOf(keys []vec.Vec, row int, h uint64) uint32 {
	slot, ok := t.ix.find(h, func(s uint32) bool { return t.keyIs(s, keys, row) })
	if ok {
		return slot
	}
	slot = t.Alloc()
	for c := range t.nkey {
		t.SetValue(c, slot, &keys[c], row)
	}
	t.ix.grow(1)
	t.enter(h, slot)
	t.fresh, t.from = append(t.fresh, slot), append(t.from, int32(row))
	return slot
}

// enter adds a slot to the index, in which there is room.
func (t *Table) enter(h uint64, slot uint32) {
	t.ix.add(h, slot)
	if int(slot) >= len(t.tags) {
		t.tags = growSlice(t.tags, t.room)
	}
	t.tags[slot] = uint32(h >> 32)
}

func (t *Table) keyIs(slot uint32, keys []vec.Vec, row int) bool {
	for c := range t.nkey {
		if !t.eq.same(&t.Cols[c], int(slot), &keys[c], row, t.ts[c]) {
			return false
		}
	}
	return true
}

// None is the slot of a key that is not there.
const None = ^uint32(0)

// Lookup writes to out[0 … n-1] the slots of the keys in rows 0 … n-1, None where
// there is none.
func (t *Table) Lookup(keys []vec.Vec, n int, out []uint32) {
	if t.nkey == 0 {
		slot := None
		if t.Len() > 0 {
			slot = 0
		}
		for i := range n {
			out[i] = slot
		}
		return
	}
	for i, h := range t.hashes(keys, n) {
		slot, ok := t.ix.find(h, func(s uint32) bool { return t.keyIs(s, keys, i) })
		if !ok {
			slot = None
		}
		out[i] = slot
	}
}

// Free removes the group of a slot.
func (t *Table) Free(slot uint32) {
	if t.nkey > 0 {
		t.ix.remove(uint64(t.tags[slot])<<32, slot)
	}
	t.Rows.Free(slot)
}

// rehash builds the index anew from the slots.
func (t *Table) rehash() error {
	t.ix = index{}
	if t.nkey == 0 {
		return nil
	}
	t.ix.grow(t.Len())
	key := make([]vec.Vec, t.nkey)
	return t.All(vec.Size, func(slots []uint32) error {
		for c := range key {
			t.GatherColumn(&key[c], c, slots)
		}
		for i, h := range t.hashes(key, len(slots)) {
			t.enter(h, slots[i])
		}
		return nil
	})
}

// Bytes is the memory in use.
func (t *Table) Bytes() int64 {
	return t.Rows.Bytes() + t.ix.bytes() + int64(8*cap(t.hash)+4*cap(t.tags))
}

// runs cuts a batch into runs of rows with the same key, for input that is sorted
// or nearly so.
type runs struct {
	diff   []bool
	starts []int32
	keys   []vec.Vec
	slots  []uint32
}

// detect tells whether at least half of the rows have the key of the row before,
// and then has the first rows of the runs in starts. It looks at a few rows
// first, so that it costs little where there are no runs.
func (r *runs) detect(t *Table, keys []vec.Vec, n int) bool {
	same := 0
	for i := 1; i <= 16; i++ {
		row := i * (n - 1) / 16
		if t.sameRows(keys, row-1, row) {
			same++
		}
	}
	if same < 8 {
		return false
	}
	if cap(r.diff) < n {
		r.diff = make([]bool, max(n, vec.Size))
	}
	diff := r.diff[:n]
	clear(diff)
	for c := range t.nkey {
		changes(diff, &keys[c], t.ts[c], t.eq)
	}
	diff[0] = true
	r.starts = r.starts[:0]
	for i, d := range diff {
		if d {
			r.starts = append(r.starts, int32(i))
		}
	}
	return 2*len(r.starts) <= n
}

func (t *Table) sameRows(keys []vec.Vec, i, j int) bool {
	for c := range t.nkey {
		if !t.eq.same(&keys[c], i, &keys[c], j, t.ts[c]) {
			return false
		}
	}
	return true
}

// gather makes r.keys the keys of the runs, and gives their number.
func (r *runs) gather(keys []vec.Vec) int {
	if len(r.keys) < len(keys) {
		r.keys = make([]vec.Vec, len(keys))
	}
	for c := range keys {
		r.keys[c].Gather(&keys[c], r.starts)
	}
	if cap(r.slots) < len(r.starts) {
		r.slots = make([]uint32, max(len(r.starts), vec.Size))
	}
	return len(r.starts)
}

// expand gives every row the slot of its run.
func (r *runs) expand(out []uint32) {
	for k, start := range r.starts {
		end := len(out)
		if k+1 < len(r.starts) {
			end = int(r.starts[k+1])
		}
		slot := r.slots[k]
		for i := int(start); i < end; i++ {
			out[i] = slot
		}
	}
}
