package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Format is the version of everything below a data directory. It goes up when
// an older binary could not read what a newer one writes.
const Format = 1

const (
	lockName   = "lock"
	formatName = "format"
)

// Dir is a data directory that this process holds: no other process opens it
// until Close, or until this process dies.
//
//	lock      locked while the directory is in use; holds the process id
//	format    "streamsqld data format 1"
//	log/      the commit log (storage/log)
//	store/    Badger (storage/ckpt)
type Dir struct {
	path string
	lock *os.File
}

// OpenDir makes or opens a data directory. A directory in use is F0001; one that
// is not a data directory, or one of a newer version, is 55000.
func OpenDir(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, IOError(err, "could not create directory %q", path)
	}
	lock, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, IOError(err, "could not open file %q", filepath.Join(path, lockName))
	}
	d := &Dir{path: path, lock: lock}
	if err := d.take(); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return d, nil
}

func (d *Dir) take() error {
	if err := lockFile(d.lock); err != nil {
		return pgerr.New(pgerr.LockFileExists, "data directory %q is in use by another process%s", d.path, d.holder())
	}
	if err := d.checkFormat(); err != nil {
		return err
	}
	if err := d.lock.Truncate(0); err != nil {
		return IOError(err, "could not truncate file %q", d.lock.Name())
	}
	if _, err := fmt.Fprintf(d.lock, "%d\n", os.Getpid()); err != nil {
		return IOError(err, "could not write file %q", d.lock.Name())
	}
	return nil
}

// holder tells the process id in the lock file, if there is one.
func (d *Dir) holder() string {
	b := make([]byte, 32)
	n, _ := d.lock.ReadAt(b, 0)
	if pid := strings.TrimSpace(string(b[:n])); pid != "" {
		return " (PID " + pid + ")"
	}
	return ""
}

// checkFormat reads the version, or writes it into an empty directory.
func (d *Dir) checkFormat() error {
	name := filepath.Join(d.path, formatName)
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return d.writeFormat(name)
	}
	if err != nil {
		return IOError(err, "could not read file %q", name)
	}
	var v int
	if _, err := fmt.Sscanf(string(text), "streamsqld data format %d\n", &v); err != nil || v < 1 {
		return pgerr.New(pgerr.DataCorrupted, "file %q is damaged", name)
	}
	if v > Format {
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "data directory %q is of format %d, which this version does not know", d.path, v).
			WithHint("This version reads formats up to %d. Use the version that wrote the directory, or a newer one.", Format)
	}
	return nil
}

func (d *Dir) writeFormat(name string) error {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return IOError(err, "could not read directory %q", d.path)
	}
	for _, e := range entries {
		if e.Name() != lockName && e.Name() != formatName+".new" {
			return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "directory %q is not empty and not a data directory", d.path)
		}
	}
	text := fmt.Sprintf("streamsqld data format %d\n", Format)
	if err := writeDurably(name, text); err != nil {
		return IOError(err, "could not write file %q", name)
	}
	return nil
}

// writeDurably makes a file that is there whole or not at all.
func writeDurably(name, text string) error {
	f, err := os.Create(name + ".new")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	err = dir.Sync()
	if cerr := dir.Close(); err == nil {
		err = cerr
	}
	return err
}

// Log is where the commit log lives.
func (d *Dir) Log() string { return filepath.Join(d.path, "log") }

// Store is where Badger lives.
func (d *Dir) Store() string { return filepath.Join(d.path, "store") }

// Close gives the directory up.
func (d *Dir) Close() error { return d.lock.Close() }
