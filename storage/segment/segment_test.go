package segment

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/ckpt"
	"pgregory.net/rapid"
)

func openStore(t testing.TB) *ckpt.Store {
	t.Helper()
	s, err := ckpt.Open(t.TempDir(), ckpt.Options{MemTable: 1 << 20, ValueLog: 4 << 20, Reserve: 1, GCInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// rows makes a batch of n rows with an int, a float and a text column, and a
// slot that is left out.
func rows(from, n int) *vec.Batch {
	b := &vec.Batch{N: n, Cols: []vec.Vec{vec.New(types.Int, n), vec.New(types.Float, n), {}, vec.New(types.Bytes, n)}}
	for i := range n {
		b.Cols[0].Ints[i] = int64(from + i)
		b.Cols[1].Floats[i] = float64((from+i)%1000) / 10
		b.Cols[3].Strs[i] = fmt.Sprint("row ", from+i)
	}
	return b
}

var kinds = []types.Kind{types.Int, types.Float, types.KindNone, types.Bytes}

func build(t testing.TB, st *ckpt.Store, sizes []int, step int64) *Segment {
	t.Helper()
	b := NewBuilder(kinds, false)
	at := 0
	id := int64(1000)
	for _, n := range sizes {
		ids := make([]int64, n)
		for i := range ids {
			ids[i] = id
			id += step
		}
		if err := b.AddRows(rows(at, n), ids); err != nil {
			t.Fatal(err)
		}
		at += n
	}
	s, err := b.Finish(st, uint64(id))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSegment(t *testing.T) {
	st := openStore(t)
	cache := NewCache(st, 1<<20)
	for _, step := range []int64{1, 3} {
		s := build(t, st, []int{4096, 17, 4096, 1}, step)
		again, err := ReadMeta(s.AppendMeta(nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*Segment{s, again} {
			checkSegment(t, st, cache, s, step)
		}
		if s.Bytes() != again.Bytes() || s.Bytes() < 8000 {
			t.Fatalf("%d bytes, %d after reading", s.Bytes(), again.Bytes())
		}
	}
	if cache.Bytes() == 0 {
		t.Fatal("nothing is kept")
	}
}

func checkSegment(t *testing.T, st *ckpt.Store, cache *Cache, s *Segment, step int64) {
	t.Helper()
	if s.Rows() != 8210 || s.Blocks() != 4 || s.Dense() != (step == 1) || s.Lo != 1000 || s.Hi != 1000+8210*uint64(step) {
		t.Fatalf("rows %d, blocks %d, dense %v, %d to %d", s.Rows(), s.Blocks(), s.Dense(), s.Lo, s.Hi)
	}
	if s.Has(2) || s.Has(4) || !s.Has(3) {
		t.Fatal("slots")
	}
	if st := s.Stat(0); !st.Known || st.Min.Int() != 0 || st.Max.Int() != 8209 || st.Rows != 8210 {
		t.Fatalf("statistics %+v", st)
	}
	c, err := s.Read(st, 0, 1, 4, nil)
	if err != nil {
		t.Fatal(err)
	}
	for block := 1; block < 4; block++ {
		p, err := c.Page(block)
		if err != nil {
			t.Fatal(err)
		}
		var v vec.Vec
		if err := p.Decode(&v); err != nil {
			t.Fatal(err)
		}
		lo, hi := s.Block(block)
		if len(v.Ints) != hi-lo || v.Ints[0] != int64(lo) {
			t.Fatalf("block %d begins with %d, has %d", block, v.Ints[0], len(v.Ints))
		}
	}
	for _, row := range []int{0, 4095, 4096, 4112, 4113, 8208, 8209} {
		id := uint64(1000 + int64(row)*step)
		block := s.BlockOf(id)
		lo, hi := s.Block(block)
		if row < lo || row >= hi {
			t.Fatalf("row %d is looked for in block %d", row, block)
		}
		p, err := cache.Page(s, 3, block)
		if err != nil {
			t.Fatal(err)
		}
		var v vec.Vec
		if err := p.Gather(&v, []int32{int32(row - lo)}); err != nil || v.Strs[0] != fmt.Sprint("row ", row) {
			t.Fatalf("row %d is %q, %v", row, v.Strs, err)
		}
		if !s.Dense() {
			p, err := cache.Page(s, IDs, block)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Gather(&v, []int32{int32(row - lo)}); err != nil || uint64(v.Ints[0]) != id {
				t.Fatalf("id of row %d is %v, %v", row, v.Ints, err)
			}
		}
	}
}

func TestMetaDamage(t *testing.T) {
	st := openStore(t)
	meta := build(t, st, []int{100, 50}, 3).AppendMeta(nil)
	for n := range meta {
		if _, err := ReadMeta(meta[:n]); pgerr.CodeOf(err) != pgerr.DataCorrupted {
			t.Fatalf("cut to %d: %v", n, err)
		}
	}
	for i := range meta {
		bad := bytes.Clone(meta)
		bad[i] ^= 0x41
		_, _ = ReadMeta(bad) // must not panic
	}
}

func TestDatums(t *testing.T) {
	for _, d := range []types.Datum{types.Null, types.NewInt(-5), types.NewFloat(2.5), types.NewString("x"), types.NewBool(true),
		types.NewNumeric(types.NumericScaled(125, 2)), types.NewNumeric(types.NumericSpecial(types.NumNaN)),
		types.NewInterval(types.Interval{Months: 1, Days: 2, Micros: 3})} {
		got, rest, ok := ReadDatum(append(AppendDatum(nil, d), 7))
		if !ok || !got.SameImage(d) || len(rest) != 1 {
			t.Fatalf("%v is read as %v", d, got)
		}
	}
}

// genEntries makes entries in order; keys repeat.
func genEntries(t *rapid.T, n int) []Entry {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	spread := rapid.SampledFrom([]int{3, 1000, 1 << 30}).Draw(t, "spread")
	long := rapid.SampledFrom([]int{0, 30, 3000}).Draw(t, "long")
	out := make([]Entry, n)
	for i := range out {
		k := binary.BigEndian.AppendUint32(nil, uint32(rng.IntN(spread)))
		if long > 0 {
			k = append(k, bytes.Repeat([]byte{byte(i)}, rng.IntN(long))...)
		}
		out[i] = Entry{k, rng.Uint64N(1 << 40)}
	}
	slices.SortFunc(out, func(a, b Entry) int {
		if c := bytes.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return compare(int64(a.ID), int64(b.ID))
	})
	return out
}

func buildRun(t testing.TB, st *ckpt.Store, entries []Entry) *Run {
	t.Helper()
	b := NewRunBuilder(st, 0, 1<<40, len(entries))
	for _, e := range entries {
		if err := b.Add(e.Key, e.ID); err != nil {
			t.Fatal(err)
		}
	}
	r, err := b.Finish()
	if err != nil {
		t.Fatal(err)
	}
	r, err = ReadRunMeta(r.AppendMeta(nil))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRun(t *testing.T) {
	st := openStore(t)
	cache := NewCache(st, 64<<10)
	rapid.Check(t, func(rt *rapid.T) {
		entries := genEntries(rt, rapid.IntRange(1, 1500).Draw(rt, "n"))
		r := buildRun(t, st, entries)
		if r.Entries != len(entries) || !bytes.Equal(r.Min, entries[0].Key) || !bytes.Equal(r.Max, entries[len(entries)-1].Key) {
			rt.Fatalf("%d entries, %x to %x", r.Entries, r.Min, r.Max)
		}
		for range 30 {
			key := entries[rapid.IntRange(0, len(entries)-1).Draw(rt, "pick")].Key
			if rapid.IntRange(0, 2).Draw(rt, "miss") == 0 {
				key = append(bytes.Clone(key), rapid.SliceOfN(rapid.Byte(), 0, 2).Draw(rt, "tail")...)
			}
			checkFind(rt, cache, r, entries, key)
			checkIter(rt, cache, r, entries, key)
		}
		checkIter(rt, cache, r, entries, nil)
	})
}

func checkFind(t *rapid.T, c *Cache, r *Run, entries []Entry, key []byte) {
	var want, got []uint64
	for _, e := range entries {
		if bytes.Equal(e.Key, key) {
			want = append(want, e.ID)
		}
	}
	if _, err := c.Find(r, key, func(id uint64) bool { got = append(got, id); return true }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%x: %v, want %v", key, got, want)
	}
	may, err := c.MayHave(r, HashKey(key))
	if err != nil || !may && len(want) > 0 {
		t.Fatalf("%x: the filter denies it (%v)", key, err)
	}
}

func checkIter(t *rapid.T, c *Cache, r *Run, entries []Entry, key []byte) {
	at := 0
	for key != nil && at < len(entries) && bytes.Compare(entries[at].Key, key) < 0 {
		at++
	}
	it, err := c.Iter(r, key)
	if err != nil {
		t.Fatal(err)
	}
	for i := at; ; i++ {
		e, ok, err := it.Next()
		if err != nil || ok != (i < len(entries)) {
			t.Fatalf("entry %d of %d: %v, %v", i, len(entries), ok, err)
		}
		if !ok {
			break
		}
		if !bytes.Equal(e.Key, entries[i].Key) || e.ID != entries[i].ID {
			t.Fatalf("entry %d is %x %d", i, e.Key, e.ID)
		}
	}
	if key == nil {
		at = len(entries)
	}
	if it, err = c.IterBack(r, key); err != nil {
		t.Fatal(err)
	}
	for i := at - 1; ; i-- {
		e, ok, err := it.Prev()
		if err != nil || ok != (i >= 0) {
			t.Fatalf("entry %d backwards: %v, %v", i, ok, err)
		}
		if !ok {
			break
		}
		if !bytes.Equal(e.Key, entries[i].Key) || e.ID != entries[i].ID {
			t.Fatalf("entry %d backwards is %x %d", i, e.Key, e.ID)
		}
	}
}

// Every bit of a run's pages, directory and filter is checked.
func TestRunDamage(t *testing.T) {
	entries := make([]Entry, 50)
	for i := range entries {
		entries[i] = Entry{fmt.Appendf(nil, "key-%03d", i), uint64(i * 3)}
	}
	page := appendRunPage(nil, entries)
	if _, ok := openRunPage(page); !ok {
		t.Fatal("not read back")
	}
	for i := range page {
		bad := bytes.Clone(page)
		bad[i] ^= 4
		if _, ok := openRunPage(bad); ok {
			t.Fatalf("byte %d", i)
		}
	}
	part := sealPart([]byte("some part"))
	for i := range part {
		bad := bytes.Clone(part)
		bad[i] ^= 4
		if _, ok := unsealPart(bad); ok {
			t.Fatalf("byte %d", i)
		}
	}
}

func TestFilterRate(t *testing.T) {
	const n = 65536
	f := NewFilter(n)
	var k [8]byte
	for i := range uint64(n) {
		binary.LittleEndian.PutUint64(k[:], i)
		f.Add(HashKey(k[:]))
	}
	wrong := 0
	for i := range uint64(n) {
		binary.LittleEndian.PutUint64(k[:], i)
		if !f.Has(HashKey(k[:])) {
			t.Fatal("a key is denied")
		}
		binary.LittleEndian.PutUint64(k[:], i+1<<40)
		if f.Has(HashKey(k[:])) {
			wrong++
		}
	}
	if wrong > n/300 {
		t.Fatalf("%d of %d wrong", wrong, n)
	}
	t.Logf("%d of %d wrong", wrong, n)
}

func TestCacheBudget(t *testing.T) {
	c := NewCache(nil, 160<<10)
	for i := range 5000 {
		k := cacheKey{blob: ckpt.BlobID(i % 700), part: 1}
		val, err := c.fetch(k, func() (any, int, error) { return i % 700, 500, nil })
		if err != nil || val.(int) != i%700 {
			t.Fatal(val, err)
		}
		if c.Bytes() > 160<<10 {
			t.Fatalf("%d bytes", c.Bytes())
		}
	}
	if c.Bytes() < 100<<10 {
		t.Fatalf("only %d bytes are kept", c.Bytes())
	}
}

func BenchmarkFind(b *testing.B) {
	st := openStore(b)
	entries := make([]Entry, MaxRows)
	for i := range entries {
		entries[i] = Entry{binary.BigEndian.AppendUint64([]byte{1}, uint64(i)*977), uint64(i)}
	}
	r := buildRun(b, st, entries)
	b.Logf("%.1f B/entry", float64(r.Bytes())/float64(len(entries)))
	for name, budget := range map[string]int64{"cached": 16 << 20, "uncached": 32 << 10} {
		c := NewCache(st, budget)
		b.Run(name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				i = (i + 7919) % len(entries)
				_, _ = c.Find(r, entries[i].Key, func(uint64) bool { return true })
			}
		})
	}
	b.Run("filter", func(b *testing.B) {
		c := NewCache(st, 16<<20)
		f, _ := c.Filter(r)
		h := uint64(0)
		for b.Loop() {
			h += 0x9e3779b97f4a7c15
			f.Has(h)
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	st := openStore(b)
	batch := rows(0, vec.Size)
	b.Run("segment", func(b *testing.B) {
		ids := make([]int64, vec.Size)
		for b.Loop() {
			bld := NewBuilder(kinds, false)
			for i := range 16 {
				for k := range ids {
					ids[k] = int64(i*vec.Size + k)
				}
				if err := bld.AddRows(batch, ids); err != nil {
					b.Fatal(err)
				}
			}
			if _, err := bld.Finish(st, MaxRows); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*MaxRows/1e6/b.Elapsed().Seconds(), "Mrows/s")
	})
	b.Run("run", func(b *testing.B) {
		var k [9]byte
		for b.Loop() {
			rb := NewRunBuilder(st, 0, MaxRows, MaxRows)
			for i := range uint64(MaxRows) {
				binary.BigEndian.PutUint64(k[1:], i*977)
				if err := rb.Add(k[:], i); err != nil {
					b.Fatal(err)
				}
			}
			if _, err := rb.Finish(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*MaxRows/1e6/b.Elapsed().Seconds(), "Mrows/s")
	})
}
