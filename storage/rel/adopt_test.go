package rel

import (
	"context"
	"encoding/binary"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// settledNumbers are n rows from a number on, settled in steps.
func settledNumbers(t testing.TB, env *Env, from, n, step int) *Relation {
	t.Helper()
	w := NewPrivateWriter(New(env, numberSchema))
	for at := 0; at < n; {
		for end := min(n, at+step); at < end; {
			rows := min(vec.Size, end-at)
			if _, err := w.Append(numbers(t, from+at, rows)); err != nil {
				t.Fatal(err)
			}
			at += rows
		}
		if err := w.Settle(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return w.Publish()
}

// checkNumbers checks that row i has number want[i], by scan, index and id.
func checkNumbers(t testing.TB, r *Relation, want []int64) {
	t.Helper()
	if got := (version{r, nil}).scanInts(t); !slices.Equal(got, want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	ids := make([]uint64, 0, 100)
	for i := 0; i < len(want); i += max(1, len(want)/100) {
		key := binary.BigEndian.AppendUint64(nil, uint64(want[i]))
		ids = append(ids, uint64(i))
		found := -1
		if err := r.Lookup(0, key, func(id uint64) bool { found = int(id); return false }); err != nil || found != i {
			t.Fatalf("number %d is found at %d, not %d (%v)", want[i], found, i, err)
		}
	}
	var out vec.Batch
	if kept, err := r.Get(ids, []int{0}, &out); err != nil || kept != nil {
		t.Fatal(kept, err)
	}
	for k, id := range ids {
		if out.Cols[0].Ints[k] != want[id] {
			t.Fatalf("row %d is %d, want %d", id, out.Cols[0].Ints[k], want[id])
		}
	}
	at := 0
	if err := r.Range(0, nil, nil, false, func(_ []byte, id uint64) bool { at++; return true }); err != nil || at != len(want) {
		t.Fatalf("the index has %d rows of %d (%v)", at, len(want), err)
	}
}

func sequence(spans ...[2]int) (out []int64) {
	for _, s := range spans {
		for i := range s[1] {
			out = append(out, int64(s[0]+i))
		}
	}
	return out
}

// Rows that were settled elsewhere become rows of a relation, behind those that
// are there, and before those that come later; also by way of their packed form.
func TestAdopt(t *testing.T) {
	env := testEnv(t)
	for _, packed := range []bool{false, true} {
		w := NewWriter(New(env, numberSchema))
		for _, n := range []int{vec.Size, 10} {
			if _, err := w.Append(numbers(t, int(w.NextID()), n)); err != nil {
				t.Fatal(err)
			}
		}
		before := w.Publish()
		p := settledNumbers(t, env, 100_000, 30_000, 11_000)
		if packed {
			var err error
			if p, err = Unpack(env, numberSchema, p.Pack(nil)); err != nil {
				t.Fatal(err)
			}
		}
		first, err := w.Adopt(context.Background(), p)
		if err != nil || first != vec.Size+10 {
			t.Fatal(first, err)
		}
		if _, err := w.Append(numbers(t, 200_000, 3000)); err != nil {
			t.Fatal(err)
		}
		want := sequence([2]int{0, vec.Size + 10}, [2]int{100_000, 30_000}, [2]int{200_000, 3000})
		checkNumbers(t, w.Publish(), want)
		checkNumbers(t, before, want[:first])
		checkNumbers(t, p, want[first:first+30_000])
		kv := saved{}
		if err := w.Publish().Save(kv, nil, nil); err != nil {
			t.Fatal(err)
		}
		again, err := Load(env, numberSchema, kv.scan(""))
		if err != nil {
			t.Fatal(err)
		}
		checkNumbers(t, again, want)
		st, err := w.Publish().Stats()
		if err != nil {
			t.Fatal(err)
		}
		if d := st.Cols[0].Distinct; d < 0.9*float64(len(want)) || d > 1.1*float64(len(want)) {
			t.Errorf("%v distinct values of %d", d, len(want))
		}
	}
}

// A deleted row of a version cannot be adopted, nor rows without keys.
func TestAdoptRefuses(t *testing.T) {
	env := testEnv(t)
	p := NewPrivateWriter(settledNumbers(t, env, 0, 9000, 9000))
	p.Delete([]uint64{5})
	w := NewWriter(New(env, numberSchema))
	if _, err := w.Adopt(context.Background(), p.Publish()); pgerr.CodeOf(err) != pgerr.InternalError {
		t.Error(err)
	}
	bare := New(env, &Schema{Cols: numberSchema.Cols})
	if _, err := w.Adopt(context.Background(), bare); pgerr.CodeOf(err) != pgerr.InternalError {
		t.Error(err)
	}
}

// The head of a settled version is whole parts, never more than was asked for, and
// can be gone on with.
func TestHead(t *testing.T) {
	env := testEnv(t)
	p := settledNumbers(t, env, 0, 30_000, 9_000)
	for _, n := range []uint64{0, 1, 9_000, 20_000, 29_999, 30_000, 1 << 40} {
		h := p.Head(n)
		if h.NextID() > n {
			t.Fatalf("%d rows of the first %d", h.NextID(), n)
		}
		w := NewPrivateWriter(h)
		if _, err := w.Append(numbers(t, int(h.NextID()), 2000)); err != nil {
			t.Fatal(err)
		}
		checkNumbers(t, w.Publish(), sequence([2]int{0, int(h.NextID()) + 2000}))
	}
	if n := p.Head(30_000).NextID(); n != 30_000 {
		t.Errorf("the head of everything has %d rows", n)
	}
}

// Damage of a packed version is an error, never a panic.
func TestUnpackDamage(t *testing.T) {
	env := testEnv(t)
	whole := settledNumbers(t, env, 0, 9000, 4000).Pack(nil)
	for i := 0; i < len(whole); i += 1 + i/50 {
		if _, err := Unpack(env, numberSchema, whole[:i]); pgerr.CodeOf(err) != pgerr.DataCorrupted {
			t.Fatalf("cut at %d: %v", i, err)
		}
		bad := slices.Clone(whole)
		bad[i] ^= 0x55
		if _, err := Unpack(env, numberSchema, bad); err != nil && pgerr.CodeOf(err) != pgerr.DataCorrupted {
			t.Fatalf("wrong at %d: %v", i, err)
		}
	}
}

// The blobs of what was adopted live as long as anything that reaches them.
func TestAdoptedBlobsLive(t *testing.T) {
	env := testEnv(t)
	w := NewWriter(New(env, numberSchema))
	if _, err := w.Adopt(context.Background(), settledNumbers(t, env, 0, 9000, 9000)); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if err := env.Sweep()(); err != nil {
		t.Fatal(err)
	}
	checkNumbers(t, w.Publish(), sequence([2]int{0, 9000}))
	settledNumbers(t, env, 0, 9000, 9000).Discard()
	checkNumbers(t, w.Publish(), sequence([2]int{0, 9000}))
}
