package fault

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Op is an operation that can be made to fail.
type Op string

// The operations.
const (
	Create   Op = "create"
	Allocate Op = "allocate"
	Write    Op = "write" // half of the bytes are written first
	Sync     Op = "sync"  // of files and directories
	Rename   Op = "rename"
	Remove   Op = "remove"
)

var errnos = map[string]syscall.Errno{
	"EIO": syscall.EIO, "ENOSPC": syscall.ENOSPC, "EDQUOT": syscall.EDQUOT, "EROFS": syscall.EROFS, "EMFILE": syscall.EMFILE,
	"EACCES": syscall.EACCES,
}

// Injector is a file system with faults. Its faults may be changed while it is
// in use.
type Injector struct {
	base FS

	mu    sync.Mutex
	rules []*rule
	calls map[Op]int
}

type rule struct {
	op    Op
	at    int // counted from the moment the rule was made
	after bool
	err   error
}

// Inject puts the faults that spec lists (see the package comment) in front of
// base. An empty spec gives none.
func Inject(base FS, spec string) (*Injector, error) {
	in := &Injector{base: base, calls: map[Op]int{}}
	for part := range strings.SplitSeq(spec, ",") {
		if part == "" {
			continue
		}
		if err := in.Arm(part); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// Arm adds a fault, counting calls from now on.
func (in *Injector) Arm(spec string) error {
	where, what, ok := strings.Cut(spec, "=")
	op, count, counted := strings.Cut(where, ":")
	errno, known := errnos[what]
	if !ok || !known {
		return fmt.Errorf("fault %q: want op[:n[+]]=errno", spec)
	}
	switch Op(op) {
	case Create, Allocate, Write, Sync, Rename, Remove:
	default:
		return fmt.Errorf("fault %q: unknown operation %q", spec, op)
	}
	r := &rule{op: Op(op), at: 1, err: errno}
	if counted {
		count, r.after = strings.CutSuffix(count, "+")
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 {
			return fmt.Errorf("fault %q: bad count", spec)
		}
		r.at = n
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	r.at += in.calls[r.op]
	in.rules = append(in.rules, r)
	return nil
}

// Disarm removes all faults.
func (in *Injector) Disarm() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.rules = nil
}

// hit counts a call and gives the error that it must fail with.
func (in *Injector) hit(op Op, path string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.calls[op]++
	for _, r := range in.rules {
		if r.op == op && (r.at == in.calls[op] || r.after && r.at < in.calls[op]) {
			return &os.PathError{Op: string(op), Path: path, Err: r.err}
		}
	}
	return nil
}

// Open implements FS.
func (in *Injector) Open(name string) (File, error) {
	f, err := in.base.Open(name)
	if err != nil {
		return nil, err
	}
	return &faultFile{File: f, in: in}, nil
}

// Create implements FS.
func (in *Injector) Create(name string) (File, error) {
	if err := in.hit(Create, name); err != nil {
		return nil, err
	}
	f, err := in.base.Create(name)
	if err != nil {
		return nil, err
	}
	return &faultFile{File: f, in: in}, nil
}

// Rename implements FS.
func (in *Injector) Rename(from, to string) error {
	if err := in.hit(Rename, from); err != nil {
		return err
	}
	return in.base.Rename(from, to)
}

// Remove implements FS.
func (in *Injector) Remove(name string) error {
	if err := in.hit(Remove, name); err != nil {
		return err
	}
	return in.base.Remove(name)
}

// List implements FS.
func (in *Injector) List(dir string) ([]string, error) { return in.base.List(dir) }

// MkdirAll implements FS.
func (in *Injector) MkdirAll(dir string) error { return in.base.MkdirAll(dir) }

// SyncDir implements FS.
func (in *Injector) SyncDir(dir string) error {
	if err := in.hit(Sync, dir); err != nil {
		return err
	}
	return in.base.SyncDir(dir)
}

// Free implements FS.
func (in *Injector) Free(dir string) (uint64, error) { return in.base.Free(dir) }

type faultFile struct {
	File
	in *Injector
}

func (f *faultFile) WriteAt(b []byte, off int64) (int, error) {
	if err := f.in.hit(Write, f.Name()); err != nil {
		n, _ := f.File.WriteAt(b[:len(b)/2], off)
		return n, err
	}
	return f.File.WriteAt(b, off)
}

func (f *faultFile) Allocate(size int64) error {
	if err := f.in.hit(Allocate, f.Name()); err != nil {
		return err
	}
	return f.File.Allocate(size)
}

func (f *faultFile) Datasync() error {
	if err := f.in.hit(Sync, f.Name()); err != nil {
		return err
	}
	return f.File.Datasync()
}
