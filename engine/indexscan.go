package engine

import (
	"bytes"
	"context"
	"iter"

	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// indexScan looks rows up by an index and reads them.
func (r *reader) indexScan(s *plan.Scan, req *exec.ScanRequest, m *columnMap, lay *layout) (vec.Source, error) {
	keys := r.e.def(s.Rel, r.cat).keys
	if keys.err != nil {
		return nil, keys.err
	}
	k := keys.find(s.Index.Index.OID)
	out := &rowSource{r: r, oid: s.Rel.OID, m: m}
	ranges := lookups(k, s, req)
	if len(ranges) == 1 && ranges[0].exact == nil {
		out.chunks(func(fn func(uint64) bool) error { return r.findRows(s.Rel.OID, k, ranges[0], fn) }, req.Limit)
		return out, nil
	}
	for _, lk := range ranges {
		if err := r.findRows(s.Rel.OID, k, lk, func(id uint64) bool {
			out.ids = append(out.ids, id)
			return req.Limit < 0 || int64(len(out.ids)) < req.Limit
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keyRange is one look-up: an exact key, or a range of keys.
type keyRange struct {
	exact  []byte
	lo, hi []byte
	desc   bool
}

// lookups makes the key ranges of an index scan.
func lookups(k *indexKey, s *plan.Scan, req *exec.ScanRequest) []keyRange {
	if s.Index.In != nil {
		var out []keyRange
		for _, d := range req.In {
			if rg, ok := k.lookup(append([]types.Datum{d}, req.Eq...), exec.Bounds{}, false); ok {
				out = append(out, rg)
			}
		}
		return out
	}
	if rg, ok := k.lookup(req.Eq, req.Key, s.Index.Desc); ok {
		return []keyRange{rg}
	}
	return nil
}

// lookup makes one key range; ok is false when nothing can be found.
func (k *indexKey) lookup(eq []types.Datum, b exec.Bounds, desc bool) (rg keyRange, ok bool) {
	prefix, ok := k.prefix(nil, eq)
	if !ok {
		return rg, false
	}
	if len(eq) == len(k.cols) {
		return keyRange{exact: prefix}, true
	}
	rg = keyRange{lo: prefix, hi: after(prefix), desc: desc}
	c := &k.cols[len(eq)]
	if b.HasLo {
		if b.Lo.IsNull() {
			return rg, false
		}
		rg.lo = c.value(bytes.Clone(prefix), b.Lo)
		if b.LoOpen {
			rg.lo = after(rg.lo)
		}
	}
	if b.HasHi {
		if b.Hi.IsNull() {
			return rg, false
		}
		rg.hi = c.value(bytes.Clone(prefix), b.Hi)
		if !b.HiOpen {
			rg.hi = after(rg.hi)
		}
	} else if b.HasLo { // a comparison is not true of NULL
		rg.hi = append(bytes.Clone(prefix), keyValue+1)
	}
	if b.HasHi && !b.HasLo {
		rg.lo = append(bytes.Clone(prefix), keyValue)
	}
	return rg, true
}

// after is the least key above all that begin with prefix; nil: there is none.
func after(prefix []byte) []byte {
	out := bytes.Clone(prefix)
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] != 0xff {
			out[i]++
			return out[:i+1]
		}
	}
	return nil
}

// findRows calls fn with the ids of the rows that a look-up finds, the
// transaction's own rows included, in the order of the index.
func (r *reader) findRows(oid OID, k *indexKey, rg keyRange, fn func(id uint64) bool) error {
	own := r.own[oid]
	m := &keyMerge{desc: rg.desc, fn: fn}
	if own != nil && own.rows != nil {
		if err := searchIndex(own.rows, k, rg, m.addOwn); err != nil {
			return err
		}
	}
	if c := r.committed(oid); c != nil && !(own != nil && own.truncated) {
		index, err := r.t.s.byIndex(c, r.cat.RelationByOID(oid), k)
		if err != nil {
			return err
		}
		err = searchIndex(index, k, rg, func(key []byte, id uint64) bool {
			if own != nil && own.gone.has(id) {
				return true
			}
			return m.pass(key, id)
		})
		if err != nil {
			return err
		}
	}
	m.rest()
	return nil
}

// keyMerge puts a transaction's own rows in their places among the stored ones:
// behind those of the same key.
type keyMerge struct {
	desc bool
	own  []ownKey
	fn   func(id uint64) bool
	done bool
}

type ownKey struct {
	key []byte
	id  uint64
}

func (m *keyMerge) addOwn(key []byte, id uint64) bool {
	m.own = append(m.own, ownKey{bytes.Clone(key), id + ownBase})
	return true
}

// pass takes the next stored row.
func (m *keyMerge) pass(key []byte, id uint64) bool {
	for len(m.own) > 0 && !m.done {
		c := bytes.Compare(m.own[0].key, key)
		if c == 0 || c < 0 == m.desc {
			break
		}
		m.next()
	}
	if !m.done {
		m.done = !m.fn(id)
	}
	return !m.done
}

func (m *keyMerge) next() {
	m.done = !m.fn(m.own[0].id)
	m.own = m.own[1:]
}

func (m *keyMerge) rest() {
	for len(m.own) > 0 && !m.done {
		m.next()
	}
}

// searchIndex calls fn with the keys and rows of a look-up in their order; nil keys
// for an exact one, where all are the same.
func searchIndex(c keyed, k *indexKey, rg keyRange, fn func(key []byte, id uint64) bool) error {
	if rg.exact != nil {
		return c.Lookup(k.slot, rg.exact, func(id uint64) bool { return fn(nil, id) })
	}
	return c.Range(k.slot, rg.lo, rg.hi, rg.desc, fn)
}

// rowSource reads rows by id.
type rowSource struct {
	r   *reader
	oid OID
	ids []uint64
	m   *columnMap
	at  int
	in  vec.Batch
	// more gives the next ids, as long as there are any; nil: ids are all.
	more func() ([]uint64, bool)
	stop func()
	err  error // of the search behind more
}

// firstChunk is how many rows of a range are looked for at first: often no more are
// wanted.
const firstChunk = 64

// chunks has the ids found by search, at most limit (below 0: all), in pieces that
// grow, each when it is wanted.
func (s *rowSource) chunks(search func(fn func(id uint64) bool) error, limit int64) {
	if limit == 0 {
		return
	}
	s.more, s.stop = iter.Pull(func(yield func([]uint64) bool) {
		size, left := firstChunk, limit
		var ids []uint64
		s.err = search(func(id uint64) bool {
			ids = append(ids, id)
			if left--; left == 0 {
				return false
			}
			if len(ids) < size {
				return true
			}
			size = min(2*size, vec.Size)
			ok := yield(ids)
			ids = ids[:0]
			return ok
		})
		if s.err == nil && len(ids) > 0 {
			yield(ids)
		}
	})
}

// Next implements vec.Source.
func (s *rowSource) Next(ctx context.Context, out *vec.Batch) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	for {
		if s.at == len(s.ids) && s.more != nil {
			s.at = 0
			if s.ids, _ = s.more(); s.err != nil {
				return s.err
			}
		}
		if s.at == len(s.ids) {
			break
		}
		// A run of committed ids, or of own ones.
		lo, isOwn := s.at, s.ids[s.at] >= ownBase
		for s.at < len(s.ids) && s.at-lo < vec.Size && (s.ids[s.at] >= ownBase) == isOwn {
			s.at++
		}
		if err := s.read(s.ids[lo:s.at], isOwn); err != nil {
			return err
		}
		if s.in.N == 0 {
			continue
		}
		s.m.fill(&s.in, out, 0)
		return nil
	}
	out.N = 0
	return nil
}

// read fills in with the rows, their ids in the last column.
func (s *rowSource) read(ids []uint64, isOwn bool) error {
	got, err := s.r.rowsByID(s.oid, ids, isOwn, s.m.slots, &s.in)
	if err != nil {
		return err
	}
	idCol := vec.New(types.Int, len(got))
	for i, id := range got {
		idCol.Ints[i] = int64(id)
	}
	s.in.Cols = append(s.in.Cols, idCol)
	s.in.N = len(got)
	return nil
}

// rowsByID reads rows by id, all committed or all own, and gives the ids of those
// that are there.
func (r *reader) rowsByID(oid OID, ids []uint64, isOwn bool, slots []int, out *vec.Batch) ([]uint64, error) {
	src := r.committed(oid)
	local := ids
	if isOwn {
		src = r.own[oid].rows
		local = make([]uint64, len(ids))
		for i, id := range ids {
			local[i] = id - ownBase
		}
	}
	if src == nil {
		out.N = 0
		return nil, nil
	}
	kept, err := src.Get(local, slots, out)
	if err != nil || kept == nil {
		return ids, err
	}
	got := make([]uint64, len(kept))
	for i, k := range kept {
		got[i] = ids[k]
	}
	return got, nil
}

// Close implements vec.Source.
func (s *rowSource) Close() error {
	if s.stop != nil {
		s.stop()
	}
	return nil
}

// Lookup implements exec.Relations.
func (r *reader) Lookup(ctx context.Context, s *plan.Scan, keys []vec.Vec, n int) (exec.Found, error) {
	if r.t.serial != nil {
		if err := r.noteRead(s.Rel.OID); err != nil {
			return nil, err
		}
	}
	def := r.e.def(s.Rel, r.cat)
	lay, ik := def.layout, def.keys
	if ik.err != nil {
		return nil, ik.err
	}
	k := ik.find(s.Index.Index.OID)
	out := &foundRows{rows: rowSource{r: r, oid: s.Rel.OID, m: mapColumns(s, lay.slotOf)}}
	vals := make([]types.Datum, len(keys))
	for i := range n {
		for j := range keys {
			vals[j] = keys[j].Datum(i)
		}
		rg, ok := k.lookup(vals, exec.Bounds{}, false)
		if !ok {
			continue
		}
		if err := r.findRows(s.Rel.OID, k, rg, func(id uint64) bool {
			out.rows.ids = append(out.rows.ids, id)
			out.key = append(out.key, int32(i))
			return true
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// foundRows implements exec.Found.
type foundRows struct {
	rows rowSource
	key  []int32
}

// Next implements exec.Found. Every id was found visible in the version that is
// read, so none is left out.
func (f *foundRows) Next(ctx context.Context, out *vec.Batch) ([]int32, error) {
	from := f.rows.at
	if err := f.rows.Next(ctx, out); err != nil || out.N == 0 {
		return nil, err
	}
	return f.key[from:f.rows.at], nil
}

// Close implements exec.Found.
func (f *foundRows) Close() error { return nil }
