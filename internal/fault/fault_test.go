package fault

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

func TestInjectedFaults(t *testing.T) {
	dir := t.TempDir()
	in, err := Inject(OS{}, "write:2=ENOSPC,sync:1+=EIO")
	if err != nil {
		t.Fatal(err)
	}
	f, err := in.Create(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("abcd"), 0); err != nil {
		t.Fatal(err)
	}
	if n, err := f.WriteAt([]byte("efgh"), 4); n != 2 || !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("second write: %d, %v", n, err)
	}
	if _, err := f.WriteAt([]byte("efgh"), 4); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Datasync(); !errors.Is(err, syscall.EIO) {
			t.Fatalf("sync: %v", err)
		}
	}
	in.Disarm()
	if err := f.Datasync(); err != nil {
		t.Fatal(err)
	}
	if err := in.Arm("create=EACCES"); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Create(filepath.Join(dir, "b")); !errors.Is(err, syscall.EACCES) {
		t.Fatalf("create: %v", err)
	}
}

func TestBadSpecs(t *testing.T) {
	for _, spec := range []string{"write", "write=EWHAT", "frob=EIO", "write:x=EIO", "write:0=EIO"} {
		if _, err := Inject(OS{}, spec); err == nil {
			t.Errorf("%q is taken", spec)
		}
	}
}

func TestAllocate(t *testing.T) {
	f, err := OS{}.Create(filepath.Join(t.TempDir(), "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Allocate(1 << 16); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Size(); n != 1<<16 || err != nil {
		t.Fatalf("size %d, %v", n, err)
	}
}
