package log

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/streamsqld/streamsqld/internal/fault"
	"github.com/streamsqld/streamsqld/internal/fault/powerloss"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"pgregory.net/rapid"
)

const testSegment = 8192

func open(t testing.TB, fs fault.FS) *Log {
	t.Helper()
	l, err := Open("log", Options{FS: fs, SegmentSize: testSegment, Spares: 2})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

type entry struct {
	start, end Pos
	rec        Record
}

func readAll(l *Log, from Pos) (out []entry, err error) {
	err = l.Read(from, func(start, end Pos, r Record) error {
		out = append(out, entry{start, end, r})
		return nil
	})
	return out, err
}

func mustRead(t testing.TB, l *Log, from Pos) []entry {
	t.Helper()
	out, err := readAll(l, from)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sameEntries(a, b []entry) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d records, want %d", len(a), len(b))
	}
	for i := range a {
		if a[i].start != b[i].start || a[i].end != b[i].end || a[i].rec.Type != b[i].rec.Type || !bytes.Equal(a[i].rec.Data, b[i].rec.Data) {
			return fmt.Errorf("record %d is %v, want %v", i, a[i], b[i])
		}
	}
	return nil
}

func payload(n int, seed byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = seed + byte(i*7)
	}
	return b
}

func TestAppendRead(t *testing.T) {
	fs := powerloss.New()
	l := open(t, fs)
	var want []entry
	for i, n := range []int{0, 1, 7, 8, 9, 100, 8000, 8128, 20000, 3, 50000} {
		rec := Record{Type: byte(i + 1), Data: payload(n, byte(i))}
		start, end, err := l.Append(rec)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, entry{start, end, rec})
	}
	if err := sameEntries(mustRead(t, l, 0), want); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if err := sameEntries(mustRead(t, l, want[i].end), want[i+1:]); err != nil {
			t.Fatalf("from record %d: %v", i+1, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, fs)
	defer l.Close()
	if err := sameEntries(mustRead(t, l, 0), want); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	if err := l.Read(0, func(Pos, Pos, Record) error { return stop }); err != stop {
		t.Fatal(err)
	}
	for _, bad := range []Pos{1, l.Tail() + 8} {
		if _, err := readAll(l, bad); pgerr.CodeOf(err) != pgerr.DataCorrupted {
			t.Fatalf("read from %d: %v", bad, err)
		}
	}
}

// model runs a log beside a list of what must be in it.
type model struct {
	fs      *powerloss.FS
	l       *Log
	want    []entry
	durable int // so many of want must survive a loss of power
}

func (m *model) append(t *rapid.T) {
	var recs []Record
	for range rapid.IntRange(1, 4).Draw(t, "records") {
		n := rapid.OneOf(rapid.IntRange(0, 60), rapid.IntRange(0, 3000), rapid.IntRange(8000, 20000)).Draw(t, "size")
		recs = append(recs, Record{Type: byte(rapid.IntRange(1, 255).Draw(t, "type")), Data: payload(n, rapid.Byte().Draw(t, "seed"))})
	}
	start, end, err := m.l.Append(recs...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(m.l, start)
	if err != nil {
		t.Fatal(err)
	}
	for i := range recs {
		if i >= len(got) || got[i].rec.Type != recs[i].Type || !bytes.Equal(got[i].rec.Data, recs[i].Data) {
			t.Fatalf("record %d of an append is not read back", i)
		}
	}
	if len(got) != len(recs) || got[0].start != start || got[len(got)-1].end != end {
		t.Fatalf("%d records from %d to %d, want %d from %d to %d", len(got), got[0].start, got[len(got)-1].end, len(recs), start, end)
	}
	m.want = append(m.want, got...)
}

func (m *model) sync(t *rapid.T) {
	if err := m.l.Sync(); err != nil {
		t.Fatal(err)
	}
	m.durable = len(m.want)
}

func (m *model) trim(t *rapid.T) {
	if m.durable == 0 {
		return
	}
	k := rapid.IntRange(0, m.durable-1).Draw(t, "trim")
	if err := m.l.Trim(m.want[k].start); err != nil {
		t.Fatal(err)
	}
	head := m.l.Head()
	for len(m.want) > 0 && m.want[0].start < head {
		m.want, m.durable = m.want[1:], m.durable-1
		if m.durable < 0 {
			t.Fatal("trimmed what was not durable")
		}
	}
}

// reopen opens the log as it is found after the end that kind names.
func (m *model) reopen(t *rapid.T, kind string) {
	switch kind {
	case "close":
		if err := m.l.Close(); err != nil {
			t.Fatal(err)
		}
	case "kill":
		m.fs = m.fs.Clone()
	case "power":
		m.fs = m.fs.PowerLoss(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
	}
	l, err := Open("log", Options{FS: m.fs, SegmentSize: testSegment, Spares: 2})
	if err != nil {
		t.Fatal(kind, err)
	}
	m.l = l
	if kind == "power" {
		got, err := readAll(m.l, m.l.Head())
		if err != nil {
			t.Fatal(err)
		}
		if len(got) < m.durable || len(got) > len(m.want) {
			t.Fatalf("%d records after a loss of power; %d were durable, %d written", len(got), m.durable, len(m.want))
		}
		m.want = m.want[:len(got)]
	}
	m.durable = len(m.want)
	m.check(t)
}

func (m *model) check(t *rapid.T) {
	got, err := readAll(m.l, m.l.Head())
	if err != nil {
		t.Fatal(err)
	}
	if err := sameEntries(got, m.want); err != nil {
		t.Fatal(err)
	}
}

// Whatever is appended, synced, trimmed, and however it ends, the log holds what
// was durable, and beyond it a prefix of what was appended: L1 to L4.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{fs: powerloss.New()}
		l, err := Open("log", Options{FS: m.fs, SegmentSize: testSegment, Spares: 2})
		if err != nil {
			t.Fatal(err)
		}
		m.l = l
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "op") {
			case 0, 1, 2, 3:
				m.append(t)
			case 4, 5:
				m.sync(t)
			case 6:
				m.trim(t)
			case 7:
				m.reopen(t, "power")
			case 8:
				m.reopen(t, "kill")
			case 9:
				m.reopen(t, "close")
			}
		}
		m.check(t)
	})
}

// A bit that flips anywhere is an error, or changes nothing.
func TestBitFlips(t *testing.T) {
	fs := powerloss.New()
	l := open(t, fs)
	for i := range 20 {
		if _, _, err := l.Append(Record{Type: 1, Data: payload(i*97, byte(i))}); err != nil {
			t.Fatal(err)
		}
		if err := l.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	want := mustRead(t, l, 0)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	names, _ := fs.List("log")
	caught, harmless := 0, 0
	for _, name := range names {
		if !strings.HasSuffix(name, ".log") {
			continue
		}
		for off := int64(0); off < testSegment; off += 3 {
			bad := fs.Clone()
			bad.Flip("log/"+name, off, uint(off)%8)
			l, err := Open("log", Options{FS: bad, SegmentSize: testSegment})
			if err == nil {
				var got []entry
				if got, err = readAll(l, 0); err == nil {
					harmless++
					if err := sameEntries(got, want); err != nil {
						t.Fatalf("%s, byte %d: %v", name, off, err)
					}
				}
				l.Close()
			}
			if err != nil {
				caught++
				if pgerr.CodeOf(err) != pgerr.DataCorrupted || !strings.Contains(err.Error(), "log") {
					t.Fatalf("%s, byte %d: %v", name, off, err)
				}
			}
		}
	}
	if caught == 0 || harmless == 0 {
		t.Fatalf("%d caught, %d harmless", caught, harmless)
	}
}

// A tail that is cut at any byte gives the records before the cut.
func TestTornTail(t *testing.T) {
	fs := powerloss.New()
	l := open(t, fs)
	base := l.Tail()
	for i := range 5 {
		if _, _, err := l.Append(Record{Type: 9, Data: payload(50+i, byte(i))}); err != nil {
			t.Fatal(err)
		}
	}
	want := mustRead(t, l, 0)
	for cut := base; cut <= l.Tail(); cut++ {
		torn := fs.Clone()
		f, _ := torn.Open("log/" + logName(1))
		off := int64(cut) - testSegment
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, int(testSegment-off)), off); err != nil {
			t.Fatal(err)
		}
		l := open(t, torn)
		k := 0
		for k < len(want) && want[k].end <= cut {
			k++
		}
		// The padding behind a record is not part of it.
		got := mustRead(t, l, 0)
		if len(got) == k+1 && want[k].end-cut < fragAlign {
			k++
		}
		if err := sameEntries(got, want[:k]); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if _, _, err := l.Append(Record{Type: 2, Data: []byte("next")}); err != nil {
			t.Fatal(err)
		}
		if got := mustRead(t, l, 0); len(got) != k+1 || string(got[k].rec.Data) != "next" {
			t.Fatalf("cut at %d: %d records after another append", cut, len(got))
		}
		l.Close()
	}
}

func TestMissingFile(t *testing.T) {
	fs := powerloss.New()
	l := open(t, fs)
	if _, _, err := l.Append(Record{Type: 1, Data: payload(5*testSegment, 1)}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_ = fs.Remove("log/" + logName(3))
	_, err := Open("log", Options{FS: fs, SegmentSize: testSegment})
	if pgerr.CodeOf(err) != pgerr.DataCorrupted || !strings.Contains(err.Error(), logName(3)) {
		t.Fatal(err)
	}
}

func TestFailedSyncIsSticky(t *testing.T) {
	fs, _ := fault.Inject(powerloss.New(), "")
	l := open(t, fs)
	if _, _, err := l.Append(Record{Type: 1}); err != nil {
		t.Fatal(err)
	}
	_ = fs.Arm("sync=EIO")
	first := l.Sync()
	if pgerr.CodeOf(first) != pgerr.IoError || !strings.Contains(first.Error(), "could not fsync file") {
		t.Fatal(first)
	}
	if err := l.Sync(); err != first {
		t.Fatalf("second sync: %v", err)
	}
	if _, _, err := l.Append(Record{Type: 1}); err != first {
		t.Fatalf("append: %v", err)
	}
	if err := l.Close(); err != first || l.Err() != first {
		t.Fatalf("close: %v", err)
	}
	if l, err := Open("log", Options{FS: fs}); err != nil {
		t.Fatal(err)
	} else {
		l.Close()
	}
}

func TestFailedWriteIsSticky(t *testing.T) {
	fs, _ := fault.Inject(powerloss.New(), "")
	l := open(t, fs)
	good := Record{Type: 1, Data: []byte("good")}
	if _, _, err := l.Append(good); err != nil {
		t.Fatal(err)
	}
	_ = fs.Arm("write=ENOSPC")
	_, _, first := l.Append(Record{Type: 1, Data: []byte("bad")})
	if pgerr.CodeOf(first) != pgerr.DiskFull {
		t.Fatal(first)
	}
	if _, _, err := l.Append(good); err != first {
		t.Fatal(err)
	}
	l.Close()
	l = open(t, fs)
	defer l.Close()
	if got := mustRead(t, l, 0); len(got) != 1 || string(got[0].rec.Data) != "good" {
		t.Fatal(got)
	}
}

// A disk that is full when a new file is wanted refuses that append, and only
// that.
func TestFullDisk(t *testing.T) {
	mem := powerloss.New()
	l := open(t, mem)
	l.pool.stock(2) // as the stocker does
	mem.Space = 1
	start := l.Tail()
	_, _, err := l.Append(Record{Type: 1, Data: payload(4*testSegment, 1)})
	if pgerr.CodeOf(err) != pgerr.DiskFull {
		t.Fatal(err)
	}
	if l.Tail() != start || len(mustRead(t, l, 0)) != 0 {
		t.Fatal("something was written")
	}
	if _, _, err := l.Append(Record{Type: 1, Data: []byte("small")}); err != nil {
		t.Fatal(err)
	}
	mem.Space = 0
	if _, _, err := l.Append(Record{Type: 1, Data: payload(4*testSegment, 1)}); err != nil {
		t.Fatal(err)
	}
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	if n := len(mustRead(t, l, 0)); n != 2 {
		t.Fatalf("%d records", n)
	}
	l.Close()
}

// Several goroutines append and sync; each finds its records, in its order.
func TestConcurrentAppends(t *testing.T) {
	l := open(t, powerloss.New())
	const workers, each = 8, 200
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				var b [8]byte
				binary.LittleEndian.PutUint64(b[:], uint64(i))
				_, end, err := l.Append(Record{Type: byte(w + 1), Data: b[:]})
				if err == nil {
					err = l.Sync()
				}
				if err != nil || l.Durable() < end {
					t.Errorf("worker %d: %v, durable to %d of %d", w, err, l.Durable(), end)
					return
				}
			}
		})
	}
	wg.Wait()
	var next [workers]uint64
	for _, e := range mustRead(t, l, 0) {
		w := e.rec.Type - 1
		if got := binary.LittleEndian.Uint64(e.rec.Data); got != next[w] {
			t.Fatalf("worker %d: record %d, want %d", w, got, next[w])
		}
		next[w]++
	}
	for w, n := range next {
		if n != each {
			t.Errorf("worker %d: %d records", w, n)
		}
	}
	l.Close()
}

// Trimmed files are used again, and few are kept.
func TestRecycling(t *testing.T) {
	fs := powerloss.New()
	l := open(t, fs)
	for range 200 {
		_, end, err := l.Append(Record{Type: 1, Data: payload(3000, 1)})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Trim(end); err != nil {
			t.Fatal(err)
		}
	}
	names, _ := fs.List("log")
	if len(names) > 5 {
		t.Fatalf("files: %v", names)
	}
	if l.Size() > 2*testSegment {
		t.Fatalf("size %d", l.Size())
	}
	if _, err := readAll(l, 0); pgerr.CodeOf(err) != pgerr.DataCorrupted {
		t.Fatalf("the first record is gone, but reading it gives %v", err)
	}
	l.Close()
}
