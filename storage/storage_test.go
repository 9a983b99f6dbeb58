package storage

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func wantCode(t *testing.T, err error, code pgerr.Code) {
	t.Helper()
	if pgerr.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func TestDirIsHeldOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = OpenDir(path)
	wantCode(t, err, pgerr.LockFileExists)
	if !strings.Contains(err.Error(), "is in use by another process (PID ") {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err = OpenDir(path); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if !strings.HasPrefix(d.Log(), path) || !strings.HasPrefix(d.Store(), path) {
		t.Fatal(d.Log(), d.Store())
	}
}

func TestDirFormat(t *testing.T) {
	for text, code := range map[string]pgerr.Code{
		"streamsqld data format 1\n":  "",
		"streamsqld data format 99\n": pgerr.ObjectNotInPrerequisiteState,
		"what is this":                pgerr.DataCorrupted,
	} {
		path := t.TempDir()
		if err := os.WriteFile(filepath.Join(path, formatName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := OpenDir(path)
		wantCode(t, err, code)
		if err == nil {
			d.Close()
		}
	}
	path := t.TempDir()
	if err := os.WriteFile(filepath.Join(path, "letter.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := OpenDir(path)
	wantCode(t, err, pgerr.ObjectNotInPrerequisiteState)
}

func TestIOError(t *testing.T) {
	err := IOError(&os.PathError{Op: "write", Path: "/x", Err: syscall.ENOSPC}, "could not write file %q", "/x")
	wantCode(t, err, pgerr.DiskFull)
	if err.Message != `could not write file "/x": no space left on device` || !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	wantCode(t, IOError(syscall.EIO, "could not fsync file %q", "/x"), pgerr.IoError)
}
