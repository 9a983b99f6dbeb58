package log

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/fault"
	"github.com/streamsqld/streamsqld/internal/fault/powerloss"
)

// The disk's own floor: 4 KiB written over blocks that exist, one fdatasync.
// BenchmarkCommit is to be read beside it.
func BenchmarkBareFdatasync(b *testing.B) {
	f, err := fault.OS{}.Create(filepath.Join(b.TempDir(), "f"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(make([]byte, defaultSegment), 0); err != nil {
		b.Fatal(err)
	}
	if err := f.Datasync(); err != nil {
		b.Fatal(err)
	}
	block := make([]byte, 4096)
	var took []time.Duration
	off := int64(0)
	for b.Loop() {
		start := time.Now()
		if _, err := f.WriteAt(block, off); err != nil {
			b.Fatal(err)
		}
		if err := f.Datasync(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		off = (off + 4096) % (defaultSegment - 4096)
	}
	reportLatency(b, took)
}

func reportLatency(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
}

// One row, one commit: a record of 150 bytes, durable.
func BenchmarkCommit(b *testing.B) {
	l, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	data := make([]byte, 150)
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if _, _, err := l.Append(Record{Type: 1, Data: data}); err != nil {
			b.Fatal(err)
		}
		if err := l.Sync(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	reportLatency(b, took)
}

// A load: chunks of 27 kB (4096 rows), a group of 16 of them per fdatasync, the
// log trimmed 256 MiB behind.
func BenchmarkLoad(b *testing.B) {
	l, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	rec := Record{Type: 1, Data: make([]byte, 27<<10)}
	group := []Record{rec, rec, rec, rec, rec, rec, rec, rec, rec, rec, rec, rec, rec, rec, rec, rec}
	b.SetBytes(int64(len(group) * len(rec.Data)))
	for b.Loop() {
		_, end, err := l.Append(group...)
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Sync(); err != nil {
			b.Fatal(err)
		}
		if end > 256<<20 {
			if err := l.Trim(end - 256<<20); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// The work of an append without the disk.
func BenchmarkAppend(b *testing.B) {
	l, err := Open("log", Options{FS: powerloss.New()})
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 150)
	b.ReportAllocs()
	for b.Loop() {
		_, end, err := l.Append(Record{Type: 1, Data: data})
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Trim(end); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	l, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	rec := Record{Type: 1, Data: make([]byte, 27<<10)}
	for range 2000 {
		if _, _, err := l.Append(rec); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(2000 * 27 << 10)
	for b.Loop() {
		if err := l.Read(0, func(Pos, Pos, Record) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
