package ckpt

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"pgregory.net/rapid"
)

var testOptions = Options{MemTable: 1 << 20, ValueLog: 2 << 20, Reserve: 1, GCInterval: -1}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, testOptions)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// contents reads all values.
func contents(s *Store) (map[string]string, error) {
	out := map[string]string{}
	last := ""
	err := s.Scan(nil, func(key, val []byte) error {
		if string(key) < last {
			return fmt.Errorf("%q after %q", key, last)
		}
		last = string(key)
		out[last] = string(val)
		return nil
	})
	return out, err
}

// copyDir copies the files of a store that is in use: what a kill leaves. Badger
// may be making and removing files in the background: a copy during which the
// names changed is no moment in time, and is made again.
func copyDir(t testing.TB, from, to string) {
	t.Helper()
	for range 100 {
		before := names(t, from)
		if tryCopy(from, to, before) == nil && slices.Equal(before, names(t, from)) {
			return
		}
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the store does not come to rest")
}

func names(t testing.TB, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "LOCK" {
			out = append(out, e.Name())
		}
	}
	return out
}

func tryCopy(from, to string, names []string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), data, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// model runs a store beside maps.
type model struct {
	root  string
	dirs  int
	s     *Store
	want  map[string]string
	meta  string
	epoch uint64
	blobs map[BlobID][]string
}

func (m *model) batch(t *rapid.T) {
	b := m.s.Begin()
	next := maps.Clone(m.want)
	key := func() string {
		return rapid.SampledFrom([]string{"", "a", "a\x00", "ab", "b", "b1", "b2", "c\xff", "\xff"}).Draw(t, "key")
	}
	for range rapid.IntRange(0, 12).Draw(t, "changes") {
		var err error
		switch k := key(); rapid.IntRange(0, 5).Draw(t, "change") {
		case 0:
			err = b.Delete([]byte(k))
			delete(next, k)
		case 1:
			err = b.DeletePrefix([]byte(k))
			maps.DeleteFunc(next, func(x, _ string) bool { return strings.HasPrefix(x, k) })
		default:
			v := strings.Repeat(rapid.StringN(0, 3, -1).Draw(t, "value"), rapid.SampledFrom([]int{1, 10, 5000}).Draw(t, "times"))
			err = b.Put([]byte(k), []byte(v))
			next[k] = v
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	switch rapid.IntRange(0, 4).Draw(t, "end") {
	case 0:
		b.Abort()
	case 1:
		if err := b.flush(); err != nil { // as if it had grown large
			t.Fatal(err)
		}
		b.Abort()
	default:
		m.meta = rapid.String().Draw(t, "meta")
		if err := b.Commit([]byte(m.meta)); err != nil {
			t.Fatal(err)
		}
		m.want = next
		epoch, _ := m.s.Last()
		if epoch <= m.epoch {
			t.Fatalf("epoch %d after %d", epoch, m.epoch)
		}
		m.epoch = epoch
	}
}

func (m *model) blob(t *rapid.T) {
	id := m.s.NewBlob()
	if m.blobs[id] != nil {
		t.Fatalf("blob %d is given twice", id)
	}
	parts := rapid.SliceOfN(rapid.StringN(0, 2000, -1), 1, 4).Draw(t, "parts")
	var data [][]byte
	for _, p := range parts {
		data = append(data, []byte(p))
	}
	if err := m.s.PutBlob(id, 0, data...); err != nil {
		t.Fatal(err)
	}
	m.blobs[id] = parts
}

func (m *model) deleteBlob(t *rapid.T) {
	if len(m.blobs) == 0 {
		return
	}
	id := rapid.SampledFrom(slices.Sorted(maps.Keys(m.blobs))).Draw(t, "blob")
	if err := m.s.DeleteBlobs(id); err != nil {
		t.Fatal(err)
	}
	delete(m.blobs, id)
	if _, err := m.s.ReadBlob(nil, id, 0, 0, -1); pgerr.CodeOf(err) != pgerr.DataCorrupted {
		t.Fatalf("a deleted blob: %v", err)
	}
}

func (m *model) reopen(t *rapid.T, tb testing.TB, kill bool) {
	dir := m.s.dir
	if kill {
		m.dirs++
		dir = filepath.Join(m.root, strconv.Itoa(m.dirs))
		copyDir(tb, m.s.dir, dir)
	}
	mustClose(tb, m.s)
	m.s = open(tb, dir)
	if err := m.s.Verify(); err != nil {
		t.Fatal(err)
	}
	// A crash may have lost track of some blobs: half of them are orphans.
	dead := 0
	for id := range m.blobs {
		if id%2 == 0 {
			delete(m.blobs, id)
			dead++
		}
	}
	n, err := m.s.RetainBlobs(func(id BlobID) bool { return m.blobs[id] != nil })
	if err != nil || n != dead {
		t.Fatalf("%d orphans, want %d (%v)", n, dead, err)
	}
}

func (m *model) check(t *rapid.T) {
	got, err := contents(m.s)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got, m.want) {
		t.Fatalf("got %q, want %q", got, m.want)
	}
	for k, v := range m.want {
		if val, err := m.s.Get([]byte(k)); err != nil || val == nil || string(val) != v {
			t.Fatalf("key %q: %q, %v", k, val, err)
		}
	}
	if val, err := m.s.Get([]byte("nowhere")); val != nil || err != nil {
		t.Fatal(val, err)
	}
	if epoch, meta := m.s.Last(); epoch != m.epoch || string(meta) != m.meta {
		t.Fatalf("mark %d %q, want %d %q", epoch, meta, m.epoch, m.meta)
	}
	for id, parts := range m.blobs {
		for i, p := range parts {
			b, err := m.s.ReadBlob([]byte("x"), id, uint32(i), 0, -1)
			if err != nil || string(b) != "x"+p {
				t.Fatalf("blob %d, part %d: %v", id, i, err)
			}
			if _, err := m.s.ReadBlob(nil, id, uint32(i), 1, len(p)); pgerr.CodeOf(err) != pgerr.DataCorrupted {
				t.Fatalf("beyond a part: %v", err)
			}
		}
	}
}

// Batches are there whole or not at all, whatever was left unfinished and
// however the store ended.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		root := t.TempDir()
		m := &model{root: root, want: map[string]string{}, blobs: map[BlobID][]string{}}
		m.s = open(t, filepath.Join(root, "0"))
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 9).Draw(rt, "op") {
			case 0, 1, 2, 3, 4:
				m.batch(rt)
			case 5, 6:
				m.blob(rt)
			case 7:
				m.deleteBlob(rt)
			case 8:
				m.reopen(rt, t, false)
			case 9:
				if rapid.Bool().Draw(rt, "clean") {
					if err := m.s.Clean(); err != nil {
						rt.Fatal(err)
					}
				}
				m.reopen(rt, t, true)
			}
			m.check(rt)
		}
		mustClose(t, m.s)
		_ = os.RemoveAll(root)
	})
}

// A batch larger than any transaction of Badger's; readers see the checkpoint
// before it until it commits.
func TestLargeBatch(t *testing.T) {
	s := open(t, t.TempDir())
	defer mustClose(t, s)
	put := func(gen byte) *Batch {
		b := s.Begin()
		for i := range 3000 {
			val := bytes.Repeat([]byte{gen}, 10+i*7%9000)
			if err := b.Put(fmt.Appendf(nil, "key-%05d", i), val); err != nil {
				t.Fatal(err)
			}
		}
		return b
	}
	check := func(gen byte) {
		t.Helper()
		n := 0
		err := s.Scan([]byte("key-"), func(key, val []byte) error {
			if len(val) != 10+n*7%9000 || val[0] != gen || val[len(val)-1] != gen {
				return fmt.Errorf("%s is of generation %d", key, val[0])
			}
			n++
			return nil
		})
		if err != nil || n != 3000 {
			t.Fatalf("%d values, %v", n, err)
		}
	}
	if err := put(1).Commit(nil); err != nil {
		t.Fatal(err)
	}
	check(1)
	b := put(2)
	check(1)
	b.Abort()
	check(1)
	b = s.Begin()
	if err := b.Put([]byte("other"), nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(nil); err != nil {
		t.Fatal(err)
	}
	check(1)
	if val, err := s.Get([]byte("other")); err != nil || val == nil || len(val) != 0 {
		t.Fatalf("an empty value: %v, %v", val, err)
	}
	if err := put(3).Commit(nil); err != nil {
		t.Fatal(err)
	}
	check(3)
	if err := s.Clean(); err != nil {
		t.Fatal(err)
	}
	check(3)
	if err := s.Verify(); err != nil {
		t.Fatal(err)
	}
}

// diskUse is what the files of a store take on disk.
func diskUse(t *testing.T, dir string) (n int64) {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range names {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		n += info.Sys().(*syscall.Stat_t).Blocks * 512
	}
	return n
}

// Space comes back from superseded values and deleted blobs.
func TestCleaning(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, testOptions)
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	keep := s.NewBlob()
	if err := s.PutBlob(keep, 0, bytes.Repeat([]byte("keep"), 100_000)); err != nil {
		t.Fatal(err)
	}
	const page = 20_000
	for round := range 20 {
		b := s.Begin()
		for i := range 100 {
			if err := b.Put([]byte{byte(i)}, bytes.Repeat([]byte{byte(round)}, page)); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Commit(nil); err != nil {
			t.Fatal(err)
		}
		id := s.NewBlob()
		if err := s.PutBlob(id, 0, make([]byte, 1<<20), make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteBlobs(id); err != nil {
			t.Fatal(err)
		}
	}
	if s.garbage.Load() < 20*(100*page+2<<20) {
		t.Fatalf("%d bytes of garbage", s.garbage.Load())
	}
	before := diskUse(t, dir)
	b := s.Begin() // what was deleted is kept until the next checkpoint
	if err := b.Commit(nil); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.Clean(); err != nil {
			t.Fatal(err)
		}
	}
	after := diskUse(t, dir)
	if after > before/4 {
		t.Fatalf("%d bytes of %d are left", after, before)
	}
	got, err := contents(s)
	if err != nil || len(got) != 100 || got["\x05"] != strings.Repeat("\x13", page) {
		t.Fatal(len(got), err)
	}
	if data, err := s.ReadBlob(nil, keep, 0, 0, -1); err != nil || len(data) != 400_000 || string(data[:4]) != "keep" {
		t.Fatal(len(data), err)
	}
}

// Reads go on beside checkpoints and cleaning, and never miss a value.
func TestReadsBesideCleaning(t *testing.T) {
	s := open(t, t.TempDir())
	defer mustClose(t, s)
	put := func(gen int) {
		b := s.Begin()
		for i := range 50 {
			if err := b.Put([]byte{byte(i)}, bytes.Repeat([]byte{byte(gen)}, 30_000)); err != nil {
				t.Error(err)
			}
		}
		if err := b.Commit(nil); err != nil {
			t.Error(err)
		}
	}
	put(0)
	id := s.NewBlob()
	if err := s.PutBlob(id, 0, bytes.Repeat([]byte("b"), 50_000)); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	readers.Go(func() {
		for last, i := byte(0), 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			val, err := s.Get([]byte{byte(i % 50)})
			if err != nil || len(val) != 30_000 || val[0] < last {
				t.Errorf("value %d: %d bytes, %v", i%50, len(val), err)
				return
			}
			last = val[0]
			if data, err := s.ReadBlob(nil, id, 0, 100, 10); err != nil || string(data) != "bbbbbbbbbb" {
				t.Errorf("blob: %q, %v", data, err)
				return
			}
			n := 0
			if err := s.Scan(nil, func(_, val []byte) error { n += len(val); return nil }); err != nil || n != 50*30_000 {
				t.Errorf("scan: %d bytes, %v", n, err)
				return
			}
		}
	})
	for gen := 1; gen < 25; gen++ {
		put(gen)
		if err := s.Clean(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	readers.Wait()
}

func TestScanError(t *testing.T) {
	s := open(t, t.TempDir())
	defer mustClose(t, s)
	b := s.Begin()
	_ = b.Put([]byte("a"), []byte("1"))
	if err := b.Commit(nil); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	if err := s.Scan(nil, func(_, _ []byte) error { return stop }); err != stop {
		t.Fatal(err)
	}
}

func TestSecondOpen(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer mustClose(t, s)
	if _, err := Open(dir, testOptions); pgerr.CodeOf(err) != pgerr.LockFileExists {
		t.Fatal(err)
	}
}

func TestReserve(t *testing.T) {
	o := testOptions
	o.Reserve = 1 << 60
	if _, err := Open(t.TempDir(), o); pgerr.CodeOf(err) != pgerr.DiskFull {
		t.Fatal(err)
	}
	s := open(t, t.TempDir())
	defer mustClose(t, s)
	s.reserve.Store(1 << 60)
	b := s.Begin()
	_ = b.Put([]byte("a"), []byte("1"))
	if err := b.Commit(nil); pgerr.CodeOf(err) != pgerr.DiskFull {
		t.Fatal(err)
	}
	if err := s.PutBlob(s.NewBlob(), 0, []byte("x")); pgerr.CodeOf(err) != pgerr.DiskFull {
		t.Fatal(err)
	}
	s.reserve.Store(1)
	b = s.Begin()
	_ = b.Put([]byte("b"), []byte("2"))
	if err := b.Commit(nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := contents(s); len(got) != 1 || got["b"] != "2" {
		t.Fatal(got)
	}
}

// A failed fdatasync of the value log, which Badger only logs, ends the store's
// writing (K2).
func TestFailedSync(t *testing.T) {
	s := open(t, t.TempDir())
	defer mustClose(t, s)
	l := &logger{s: s}
	l.Errorf(vlogSyncFailed+": %v\n", syscall.EIO)
	b := s.Begin()
	if err := b.Put([]byte("a"), nil); pgerr.CodeOf(err) != pgerr.IoError {
		t.Fatal(err)
	}
	if err := b.Commit(nil); pgerr.CodeOf(err) != pgerr.IoError || !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	if err := s.PutBlob(1, 0, nil); pgerr.CodeOf(err) != pgerr.IoError {
		t.Fatal(err)
	}
}
