package rel

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/ckpt"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// numbers makes a chunk of n rows from a number on, with keys.
func numbers(t testing.TB, from, n int) *Chunk {
	rows := &vec.Batch{N: n, Cols: []vec.Vec{vec.New(types.Int, n)}}
	keys := new(Keys)
	for i := range n {
		rows.Cols[0].Ints[i] = int64(from + i)
		keys.Append(binary.BigEndian.AppendUint64(nil, uint64(from+i)))
	}
	return chunkOf(t, rows, keys)
}

var numberSchema = &Schema{Cols: []Column{{Kind: types.Int}}, Indexes: make([]Index, 1)}

func mustRun(t testing.TB, run func(context.Context) (*Replacement, error)) *Replacement {
	t.Helper()
	p, err := run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// blobs counts the blobs that are in the store.
func blobs(t *testing.T, env *Env) int {
	t.Helper()
	n := 0
	dead, err := env.Store.RetainBlobs(func(ckpt.BlobID) bool { n++; return true })
	if err != nil || dead != 0 {
		t.Fatal(dead, err)
	}
	return n
}

// What no version reaches any more is deleted, but not before a checkpoint has
// been committed that does not name it.
func TestSweep(t *testing.T) {
	env := testEnv(t)
	w := NewWriter(New(env, numberSchema))
	for i := range 8 {
		if _, err := w.Append(numbers(t, i*vec.Size, vec.Size)); err != nil {
			t.Fatal(err)
		}
		w.Replace(mustRun(t, w.Publish().Seal(true).Run))
	}
	if n := blobs(t, env); n == 0 {
		t.Fatal("no blobs")
	}
	old := w.Publish()
	c := old.Compact(false)
	if c == nil {
		t.Fatal("nothing to compact")
	}
	w.Replace(mustRun(t, c.Run))
	c = nil
	before := blobs(t, env)
	settle := func() int {
		for range 20 {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
		if err := env.Sweep()(); err != nil {
			t.Fatal(err)
		}
		return blobs(t, env)
	}
	if n := settle(); n != before {
		t.Fatalf("%d blobs of %d are left, though a version reaches all", n, before)
	}
	if rows := len(version{old, nil}.scanInts(t)); rows != 8*vec.Size {
		t.Fatalf("%d rows in the old version", rows)
	}
	runtime.KeepAlive(old)
	old = nil
	for range 50 {
		if settle() < before {
			break
		}
	}
	// A segment and a run are two blobs with several parts each.
	seen := map[ckpt.BlobID]bool{}
	w.Publish().Blobs(func(id ckpt.BlobID) { seen[id] = true })
	kept := map[ckpt.BlobID]bool{}
	if _, err := env.Store.RetainBlobs(func(id ckpt.BlobID) bool { kept[id] = true; return true }); err != nil {
		t.Fatal(err)
	}
	if len(kept) != len(seen) {
		t.Fatalf("%d blobs are left, %d are in use", len(kept), len(seen))
	}
}

// scanInts reads column 0.
func (v version) scanInts(t testing.TB) (out []int64) {
	src := v.r.Scan(ScanSpec{Cols: []int{0}})
	defer src.Close()
	var b vec.Batch
	for {
		if err := src.Next(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		if b.N == 0 {
			return out
		}
		for i := range b.N {
			out = append(out, b.Cols[0].Ints[b.Row(i)])
		}
	}
}

// Readers of versions run beside the writer and the jobs.
func TestReadersBesideWriter(t *testing.T) {
	env := testEnv(t)
	env.limits.segmentRows = 8000
	w := NewWriter(New(env, numberSchema))
	versions := make(chan *Relation, 8)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for r := range versions {
				got := version{r, nil}.scanInts(t)
				if int64(len(got)) != r.Rows() {
					t.Errorf("%d rows, want %d", len(got), r.Rows())
				}
				for i := 1; i < len(got); i++ {
					if got[i] <= got[i-1] {
						t.Errorf("%d after %d", got[i], got[i-1])
						break
					}
				}
				n := 0
				_ = r.Range(0, nil, nil, false, func([]byte, uint64) bool { n++; return true })
				if int64(n) != r.Rows() {
					t.Errorf("%d rows by index, want %d", n, r.Rows())
				}
			}
		})
	}
	next := 0
	for i := range 60 {
		n := []int{1, 7, 700, 2000}[i%4]
		if _, err := w.Append(numbers(t, next, n)); err != nil {
			t.Fatal(err)
		}
		next += n
		w.Delete([]uint64{uint64(next / 2), uint64(next / 3), uint64(next - 1)})
		r := w.Publish()
		versions <- r
		if i%9 == 8 {
			w.Replace(mustRun(t, r.Seal(true).Run))
			if c := w.Publish().Compact(i%2 == 0); c != nil {
				w.Replace(mustRun(t, c.Run))
			}
		}
	}
	close(versions)
	wg.Wait()
}

func TestTailBudget(t *testing.T) {
	env := testEnv(t)
	env.Tail = NewBudget(10_000)
	w := NewWriter(New(env, numberSchema))
	if env.Tail.Over() {
		t.Fatal("over")
	}
	if _, err := w.Append(numbers(t, 0, vec.Size)); err != nil {
		t.Fatal(err)
	}
	if !env.Tail.Over() {
		t.Fatalf("%d bytes are not over", env.Tail.Used())
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(pgerr.New(pgerr.QueryCanceled, "enough"))
	if err := env.Tail.Wait(ctx); pgerr.CodeOf(err) != pgerr.QueryCanceled {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- env.Tail.Wait(context.Background()) }()
	w.Replace(mustRun(t, w.Publish().Seal(true).Run))
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// A private writer counts nothing, and its versions find the keys of all its chunks,
// of the open batch too, and no others.
func TestPrivateWriter(t *testing.T) {
	env := testEnv(t)
	schema := &Schema{Cols: []Column{{Kind: types.Int}}, Indexes: []Index{{}}}
	w := NewPrivateWriter(New(env, schema))
	const rows = 20*2000 + 10
	for at := 0; at < rows; at += 2000 {
		b := &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, min(2000, rows-at))}, N: min(2000, rows-at)}
		k := &Keys{}
		for i := range b.N {
			b.Cols[0].Ints[i] = int64(at + i)
			k.Append([]byte(fmt.Sprintf("%08d", 2*(at+i))))
		}
		c, err := EncodeChunk(b, k)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Append(c); err != nil {
			t.Fatal(err)
		}
	}
	if n := env.Tail.Used(); n != 0 {
		t.Fatalf("%d bytes are counted", n)
	}
	v := w.Publish()
	k := &Keys{}
	for i := range 2 * rows {
		k.Append([]byte(fmt.Sprintf("%08d", i)))
	}
	found := map[int]uint64{}
	if err := v.LookupMany(0, k, func(i int, id uint64) { found[i] = id }); err != nil {
		t.Fatal(err)
	}
	if len(found) != rows {
		t.Fatalf("%d keys are found instead of %d", len(found), rows)
	}
	for i := range 2 * rows {
		if id, ok := found[i]; ok != (i%2 == 0) || ok && id != uint64(i/2) {
			t.Fatalf("key %d: id %d, %v", i, id, ok)
		}
		n := 0
		if err := v.Lookup(0, k.Key(i), func(id uint64) bool { n++; return id == uint64(i/2) }); err != nil || n != 1-i%2 {
			t.Fatalf("key %d is found %d times, %v", i, n, err)
		}
	}
}

func TestCancelledScanAndJob(t *testing.T) {
	env := testEnv(t)
	w := NewWriter(New(env, numberSchema))
	if _, err := w.Append(numbers(t, 0, vec.Size)); err != nil {
		t.Fatal(err)
	}
	r := w.Publish()
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(pgerr.New(pgerr.QueryCanceled, "enough"))
	src := r.Scan(ScanSpec{Cols: []int{0}})
	defer src.Close()
	if err := src.Next(ctx, new(vec.Batch)); pgerr.CodeOf(err) != pgerr.QueryCanceled {
		t.Fatal(err)
	}
	if _, err := r.Seal(true).Run(ctx); pgerr.CodeOf(err) != pgerr.QueryCanceled {
		t.Fatal(err)
	}
	if n := blobs(t, env); n != 0 {
		t.Fatalf("%d blobs are left", n)
	}
}

// Wrong calls are errors, and leave the writer as it was.
func TestWriterRefuses(t *testing.T) {
	env := testEnv(t)
	w := NewWriter(New(env, numberSchema))
	text := &vec.Batch{N: 1, Cols: []vec.Vec{{Kind: types.Bytes, Strs: []string{"x"}}}}
	one := &vec.Batch{N: 1, Cols: []vec.Vec{{Kind: types.Int, Ints: []int64{1}}}}
	key, long := new(Keys), new(Keys)
	key.Append([]byte("k"))
	long.Append(make([]byte, segment.MaxKey+1))
	if _, err := w.AppendRows(text, key); pgerr.CodeOf(err) != pgerr.InternalError {
		t.Fatal(err)
	}
	if _, err := w.AppendRows(one); pgerr.CodeOf(err) != pgerr.InternalError {
		t.Fatal(err)
	}
	if _, err := w.AppendRows(one, long); pgerr.CodeOf(err) != pgerr.ProgramLimitExceeded {
		t.Fatal(err)
	}
	if _, err := w.Append(chunkOf(t, one)); pgerr.CodeOf(err) != pgerr.InternalError {
		t.Fatal(err)
	}
	if _, err := w.Append(chunkOf(t, text, key)); pgerr.CodeOf(err) != pgerr.InternalError {
		t.Fatal(err)
	}
	if w.NextID() != 0 || w.Publish().Rows() != 0 {
		t.Fatal("something was written")
	}
	if err := w.Publish().Lookup(3, nil, nil); pgerr.CodeOf(err) != pgerr.InternalError {
		t.Fatal(err)
	}
	if id, err := w.AppendRows(one, key); id != 0 || err != nil {
		t.Fatal(id, err)
	}
}

// Retention drops what lies wholly below a bound.
func TestDropBelow(t *testing.T) {
	env := testEnv(t)
	w := NewWriter(New(env, numberSchema))
	for i := range 6 {
		if _, err := w.Append(numbers(t, i*vec.Size, vec.Size)); err != nil {
			t.Fatal(err)
		}
		if i == 1 || i == 3 {
			w.Replace(mustRun(t, w.Publish().Seal(true).Run))
		}
	}
	w.Delete([]uint64{5})
	old := w.Publish()
	if n := w.DropBelow(0, types.NewInt(3*vec.Size)); n != 2*vec.Size-1 {
		t.Fatalf("%d rows dropped", n)
	}
	if n := w.DropBelow(0, types.NewInt(5*vec.Size+1)); n != 3*vec.Size {
		t.Fatalf("%d rows dropped", n)
	}
	r := w.Publish()
	if got := (version{r, nil}).scanInts(t); len(got) != vec.Size || got[0] != 5*vec.Size || r.Rows() != vec.Size {
		t.Fatalf("%d rows from %d", len(got), got[0])
	}
	if len(r.segs) != 0 || len(r.runs[0]) != 0 || old.Rows() != 6*vec.Size-1 {
		t.Fatal("what was dropped is still there")
	}
	if n := len(r.GoneSince(old)); n != 5*vec.Size-1 {
		t.Fatalf("%d rows are gone", n)
	}
}

// A value that no segment could hold is refused at once.
func TestTooLarge(t *testing.T) {
	w := NewWriter(New(testEnv(t), &Schema{Cols: []Column{{Kind: types.Bytes}}}))
	big := &vec.Batch{N: 1, Cols: []vec.Vec{{Kind: types.Bytes, Strs: []string{string(make([]byte, MaxColumn+1))}}}}
	if _, err := w.AppendRows(big); pgerr.CodeOf(err) != pgerr.ProgramLimitExceeded {
		t.Fatal(err)
	}
	if _, err := w.Append(chunkOf(t, big)); pgerr.CodeOf(err) != pgerr.ProgramLimitExceeded {
		t.Fatal(err)
	}
}

// Saved keys and values that are changed are errors or read as something, but
// never panic.
func TestDamagedManifest(t *testing.T) {
	env := testEnv(t)
	w := NewWriter(New(env, numberSchema))
	for i := range 3 {
		if _, err := w.Append(numbers(t, i*2000, 2000)); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			w.Replace(mustRun(t, w.Publish().Seal(true).Run))
		}
		w.Delete([]uint64{uint64(i * 1999)})
	}
	kv := saved{}
	if err := w.Publish().Save(kv, nil, nil); err != nil {
		t.Fatal(err)
	}
	for k, val := range kv {
		for i := range min(len(val), 300) {
			val[i] ^= 0x55
			if _, err := Load(env, numberSchema, kv.scan("")); err != nil && pgerr.CodeOf(err) != pgerr.DataCorrupted {
				t.Fatalf("byte %d of %x: %v", i, k, err)
			}
			val[i] ^= 0x55
		}
		delete(kv, k)
		_, err := Load(env, numberSchema, kv.scan(""))
		if k[0] != runKey && k[0] != sketchKey && k[0] != containerKey && pgerr.CodeOf(err) != pgerr.DataCorrupted {
			t.Fatalf("without key %x: %v", k, err)
		}
		kv[k[:len(k)/2]] = val
		if _, err := Load(env, numberSchema, kv.scan("")); err == nil && len(k) > 1 {
			t.Fatalf("key %x is cut, and that is taken", k)
		}
		delete(kv, k[:len(k)/2])
		kv[k] = val
	}
}

// A damaged segment is an error that names it.
func TestDamagedSegment(t *testing.T) {
	dir := t.TempDir()
	o := ckpt.Options{MemTable: 1 << 20, ValueLog: 4 << 20, Reserve: 1, GCInterval: -1}
	st, err := ckpt.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	env := NewEnv(st, 1<<20, 1<<20)
	w := NewWriter(New(env, numberSchema))
	for i := range 4 {
		if _, err := w.Append(numbers(t, i*i*vec.Size, vec.Size)); err != nil { // 0, 1, 4, 9 times vec.Size
			t.Fatal(err)
		}
	}
	w.Replace(mustRun(t, w.Publish().Seal(true).Run))
	r := w.Publish()
	kv := saved{}
	if err := r.Save(kv, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	logs, _ := filepath.Glob(filepath.Join(dir, "*.vlog"))
	info, err := os.Stat(logs[0])
	if err != nil || info.Size() < 10_000 {
		t.Fatal(info.Size(), err)
	}
	var caught int
	for off := int64(60); off < info.Size(); off += info.Size()/40 + 1 {
		// Badger cuts a damaged file when it opens it: each damage has its own copy.
		bad := filepath.Join(t.TempDir(), "bad")
		if out, err := exec.Command("cp", "-r", "--sparse=always", dir, bad).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		flipByte(t, filepath.Join(bad, filepath.Base(logs[0])), off)
		st, err := ckpt.Open(bad, o)
		if err != nil {
			t.Fatal(err)
		}
		env := NewEnv(st, 1<<20, 1<<20)
		r, err := Load(env, numberSchema, kv.scan(""))
		if err != nil {
			t.Fatal(err)
		}
		if checkDamaged(t, r) {
			caught++
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if caught == 0 {
		t.Fatal("no damage was found")
	}
}

// checkDamaged reads all: right rows, or XX001.
func checkDamaged(t *testing.T, r *Relation) (found bool) {
	src := r.Scan(ScanSpec{Cols: []int{0}, WithRowID: true})
	defer src.Close()
	var b vec.Batch
	for {
		if err := src.Next(context.Background(), &b); err != nil {
			if pgerr.CodeOf(err) != pgerr.DataCorrupted {
				t.Fatal(err)
			}
			return true
		}
		if b.N == 0 {
			break
		}
		for i := range b.N {
			id := b.Cols[1].Ints[i]
			block := id / vec.Size
			if want := block*block*vec.Size + id%vec.Size; b.Cols[0].Ints[i] != want {
				t.Fatalf("row %d is %d, want %d", id, b.Cols[0].Ints[i], want)
			}
		}
	}
	for id := uint64(0); id < r.NextID(); id += 500 {
		block := id / vec.Size
		key := binary.BigEndian.AppendUint64(nil, block*block*vec.Size+id%vec.Size)
		hit := false
		if err := r.Lookup(0, key, func(got uint64) bool { hit = hit || got == id; return true }); err != nil {
			if pgerr.CodeOf(err) != pgerr.DataCorrupted {
				t.Fatal(err)
			}
			return true
		}
		if !hit {
			t.Fatalf("row %d is not found", id)
		}
	}
	return false
}

func flipByte(t *testing.T, name string, off int64) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], off); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 0x20
	if _, err := f.WriteAt(b[:], off); err != nil {
		t.Fatal(err)
	}
}

// The test binary runs itself as an owner of a relation that is killed in a job
// or in a checkpoint; what the last checkpoint says must be there, and nothing
// else may be left.
func TestCrashPoints(t *testing.T) {
	if dir := os.Getenv("REL_TEST_DIR"); dir != "" {
		ownUntilKilled(dir)
	}
	dir := t.TempDir()
	for _, point := range []string{"rel.after-seal:2", "segment.after-write:3", "segment.after-run:4", "ckpt.before-mark:3", "rel.after-compact:1", "ckpt.after-mark:4", "ckpt.after-flush:5"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCrashPoints$")
		cmd.Env = append(os.Environ(), "REL_TEST_DIR="+dir, crash.Env+"="+point)
		out, err := cmd.CombinedOutput()
		exit, ok := err.(*exec.ExitError)
		if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("%s: the owner ended with %v: %s", point, err, out)
		}
		env, r := reopen(t.Fatal, dir)
		_, meta := env.Store.Last()
		n, _ := strconv.Atoi(string(meta))
		got := version{r, nil}.scanInts(t)
		if len(got) != n {
			t.Fatalf("%s: %d rows, the checkpoint has %d", point, len(got), n)
		}
		for i, x := range got {
			if x != int64(i) {
				t.Fatalf("%s: row %d is %d", point, i, x)
			}
		}
		if err := env.Store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func reopen(fatal func(...any), dir string) (*Env, *Relation) {
	st, err := ckpt.Open(dir, ckpt.Options{MemTable: 1 << 20, ValueLog: 4 << 20, Reserve: 1, GCInterval: -1})
	if err != nil {
		fatal(err)
	}
	env := NewEnv(st, 1<<20, 1<<20)
	env.limits.segmentRows = 6000
	r := New(env, numberSchema)
	if epoch, _ := st.Last(); epoch > 0 {
		r, err = Load(env, numberSchema, func(fn func(key, val []byte) error) error {
			return st.Scan([]byte("r"), func(key, val []byte) error { return fn(key[1:], val) })
		})
		if err != nil {
			fatal(err)
		}
	}
	alive := map[ckpt.BlobID]bool{}
	r.Blobs(func(id ckpt.BlobID) { alive[id] = true })
	if _, err := st.RetainBlobs(func(id ckpt.BlobID) bool { return alive[id] }); err != nil {
		fatal(err)
	}
	return env, r
}

// ownUntilKilled appends, seals, compacts and saves for ever.
func ownUntilKilled(dir string) {
	fatal := func(args ...any) {
		fmt.Println(args...)
		os.Exit(1)
	}
	env, prev := reopen(fatal, dir)
	w := NewWriter(prev)
	for round := 0; ; round++ {
		sweep := env.Sweep()
		for range 3 {
			rows := &vec.Batch{N: 2000, Cols: []vec.Vec{vec.New(types.Int, 2000)}}
			keys := new(Keys)
			for i := range rows.Cols[0].Ints {
				rows.Cols[0].Ints[i] = int64(w.NextID()) + int64(i)
				keys.Append(binary.BigEndian.AppendUint64(nil, uint64(rows.Cols[0].Ints[i])))
			}
			if _, err := w.AppendRows(rows, keys); err != nil {
				fatal(err)
			}
		}
		r := w.Publish()
		b := env.Store.Begin()
		if err := r.Save(b, []byte("r"), prev); err != nil {
			fatal(err)
		}
		if err := b.Commit(strconv.AppendInt(nil, r.Rows(), 10)); err != nil {
			fatal(err)
		}
		prev = r
		if err := sweep(); err != nil {
			fatal(err)
		}
		if s := r.Seal(round%2 == 0); s != nil {
			p, err := s.Run(context.Background())
			if err != nil {
				fatal(err)
			}
			w.Replace(p)
		}
		if c := w.Publish().Compact(false); c != nil {
			p, err := c.Run(context.Background())
			if err != nil {
				fatal(err)
			}
			w.Replace(p)
		}
	}
}
