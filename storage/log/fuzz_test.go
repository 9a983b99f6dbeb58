package log

import (
	"os"
	"path/filepath"
	"testing"
)

// A log whose files hold anything at all gives records or an error, and what it gives
// is intact: bytes of a record that were changed are never handed out as another.
func FuzzRead(f *testing.F) {
	dir := f.TempDir()
	l, err := Open(dir, Options{SegmentSize: testSegment, Spares: 1})
	if err != nil {
		f.Fatal(err)
	}
	for _, data := range []string{"one", "", "a longer record with some more bytes in it"} {
		if _, _, err := l.Append(Record{Type: 1, Data: []byte(data)}); err != nil {
			f.Fatal(err)
		}
	}
	if err := l.Sync(); err != nil {
		f.Fatal(err)
	}
	if err := l.Close(); err != nil {
		f.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	good, err := os.ReadFile(names[0])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, 0, byte(0))
	f.Add(good, 40, byte(1))
	f.Add(good[:100], 0, byte(0))
	f.Fuzz(func(t *testing.T, file []byte, at int, flip byte) {
		if len(file) > 0 {
			file[uint(at)%uint(len(file))] ^= flip
		}
		d := t.TempDir()
		if err := os.WriteFile(filepath.Join(d, filepath.Base(names[0])), file, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Open(d, Options{SegmentSize: testSegment, Spares: 1})
		if err != nil {
			return
		}
		defer l.Close()
		var last Pos
		_ = l.Read(0, func(start, end Pos, r Record) error {
			if start < last || end <= start {
				t.Fatalf("record %d … %d after %d", start, end, last)
			}
			last = end
			return nil
		})
	})
}
