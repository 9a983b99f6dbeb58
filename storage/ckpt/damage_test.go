package ckpt

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// filledStore makes a store with so many generations of forty values, some of them in the
// value log, and closes it; it gives what is in it.
func filledStore(t *testing.T, gens int) (dir string, want map[string]string) {
	dir = t.TempDir()
	s := open(t, dir)
	for gen := range gens {
		b := s.Begin()
		for i := range 40 {
			if err := b.Put(fmt.Appendf(nil, "k%02d", i), bytes.Repeat([]byte{byte('a' + gen)}, i*i*4)); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Commit([]byte("meta")); err != nil {
			t.Fatal(err)
		}
	}
	want, err := contents(s)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	return dir, want
}

// Bits that flip in a closed store are errors or change nothing.
func TestBitFlips(t *testing.T) {
	dir, want := filledStore(t, 2)
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	caught, harmless := 0, 0
	for _, name := range names {
		st, err := os.Stat(name)
		if err != nil || st.Size() == 0 || filepath.Base(name) == "LOCK" {
			continue
		}
		for try := range int64(12) {
			off := (try*7919*31 + 13) % min(st.Size(), 60000)
			if try < 3 {
				off = st.Size() - 1 - try*9
			}
			if off < 0 {
				continue
			}
			bad := filepath.Join(t.TempDir(), "bad")
			copyDir(t, dir, bad)
			flip(t, filepath.Join(bad, filepath.Base(name)), off)
			if err := readBack(bad, want); err != nil {
				if pgerr.CodeOf(err) == "" || strings.HasPrefix(err.Error(), "wrong") {
					t.Fatalf("%s, byte %d: %v", filepath.Base(name), off, err)
				}
				caught++
			} else {
				harmless++
			}
		}
	}
	if caught == 0 {
		t.Fatal("nothing was caught")
	}
	t.Logf("%d caught, %d harmless", caught, harmless)
}

func flip(t *testing.T, name string, off int64) {
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
	b[0] ^= 0x10
	if _, err := f.WriteAt(b[:], off); err != nil {
		t.Fatal(err)
	}
}

func readBack(dir string, want map[string]string) error {
	s, err := Open(dir, testOptions)
	if err != nil {
		return err
	}
	defer s.Close()
	got, err := contents(s)
	if err != nil {
		return err
	}
	if _, meta := s.Last(); !maps.Equal(got, want) || string(meta) != "meta" {
		return fmt.Errorf("wrong contents: %d values, meta %q", len(got), meta)
	}
	return nil
}

// A writer that died when it had made its next memtable or value log file, and not
// given it a size, leaves a store that opens; an empty file in the place of an older
// one is damage.
func TestUnsizedFiles(t *testing.T) {
	dir, want := filledStore(t, 1)
	for _, name := range []string{"00007.mem", "000007.vlog"} {
		left := filepath.Join(t.TempDir(), "left")
		copyDir(t, dir, left)
		if err := os.WriteFile(filepath.Join(left, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readBack(left, want); err != nil {
			t.Errorf("with an empty %s: %v", name, err)
		}
	}
	vlogs, _ := filepath.Glob(filepath.Join(dir, "*.vlog"))
	if len(vlogs) == 0 {
		t.Fatal("no value log")
	}
	if err := os.Truncate(vlogs[0], 0); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "000009.vlog"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readBack(dir, want); err == nil {
		t.Error("an emptied value log was taken for a new one")
	}
}
