// Package fault is the few file system calls that durable storage makes, behind
// an interface, so that a test (or an environment variable in the real binary)
// can have them fail: a full disk, an fsync that reports an error.
//
// The environment variable
//
//	STREAMSQLD_FAULT_AT=op[:n[+]]=errno[,…]
//
// makes the n-th call (the first when n is absent) of an operation fail, with a
// plus sign all calls from the n-th on: "sync:3=EIO", "create:1+=ENOSPC". The
// operations are create, allocate, write, sync, rename and remove.
package fault

import (
	"io"
	"os"
)

// FS is a file system. Names are paths as package os takes them.
type FS interface {
	// Open opens an existing file for reading and writing.
	Open(name string) (File, error)
	// Create makes a file that must not exist.
	Create(name string) (File, error)
	Rename(from, to string) error
	Remove(name string) error
	// List gives the names in a directory, sorted.
	List(dir string) ([]string, error)
	MkdirAll(dir string) error
	// SyncDir makes names in a directory durable.
	SyncDir(dir string) error
	// Free is the number of bytes that may still be written on dir's device.
	Free(dir string) (uint64, error)
}

// File is an open file. Its methods may be called by several goroutines.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Allocate reserves the bytes up to size: a write there cannot run out of
	// space. The file is at least that long afterwards. Where the file system
	// cannot reserve, zeros are written.
	Allocate(size int64) error
	// Datasync makes what was written durable.
	Datasync() error
	Size() (int64, error)
	Name() string
}

// Env is the environment variable that arms faults.
const Env = "STREAMSQLD_FAULT_AT"

// Default is the real file system, with the faults that the environment asks
// for. A malformed value is an error: a test that arms nothing proves nothing.
func Default() (FS, error) {
	spec := os.Getenv(Env)
	if spec == "" {
		return OS{}, nil
	}
	return Inject(OS{}, spec)
}
