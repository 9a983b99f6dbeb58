// Package powerloss is a file system in memory, for tests, that can lose power.
package powerloss

import (
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"syscall"

	"github.com/streamsqld/streamsqld/internal/fault"
)

// FS is a file system in memory. What was not synced when it loses power
// survives in part, sector by sector, as chance has it. Names (files made,
// renamed, removed) survive in the order in which they were changed, up to some
// point behind the last SyncDir.
type FS struct {
	mu    sync.Mutex
	files map[string]*memFile // as they are seen
	names []func(map[string]*memFile)
	kept  map[string]*memFile // as they would be found after a loss of power
	// Space is how many bytes files may have in all; 0 is no limit.
	Space int64
}

// Sector is the unit in which a loss of power keeps or loses writes.
const Sector = 512

type memFile struct {
	data  []byte
	safe  []byte         // what was there at the last sync
	dirty map[int64]bool // sectors written since
}

// New makes an empty file system.
func New() *FS {
	return &FS{files: map[string]*memFile{}, kept: map[string]*memFile{}}
}

// PowerLoss gives what is found after a loss of power. The file system itself
// goes on as it was; open files keep working on it.
func (m *FS) PowerLoss(rng *rand.Rand) *FS {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := map[string]*memFile{}
	for name, f := range m.kept {
		kept[name] = f
	}
	for _, change := range m.names[:rng.IntN(len(m.names)+1)] {
		change(kept)
	}
	out := New()
	out.Space = m.Space
	for _, name := range sortedNames(kept) {
		f := kept[name].torn(rng)
		out.files[name], out.kept[name] = f, f
	}
	return out
}

func sortedNames(files map[string]*memFile) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// torn is the file with some of the sectors that were not synced.
func (f *memFile) torn(rng *rand.Rand) *memFile {
	data := append([]byte(nil), f.data...)
	share := rng.Float64()
	sectors := make([]int64, 0, len(f.dirty))
	for s := range f.dirty {
		sectors = append(sectors, s)
	}
	sort.Slice(sectors, func(i, j int) bool { return sectors[i] < sectors[j] })
	for _, s := range sectors {
		if rng.Float64() < share {
			continue
		}
		lo, hi := s*Sector, min((s+1)*Sector, int64(len(data)))
		clear(data[lo:hi])
		if lo < int64(len(f.safe)) {
			copy(data[lo:hi], f.safe[lo:])
		}
	}
	return &memFile{data: data, safe: append([]byte(nil), data...), dirty: map[int64]bool{}}
}

func (m *FS) change(do func(map[string]*memFile)) {
	do(m.files)
	m.names = append(m.names, do)
}

// Open implements fault.FS.
func (m *FS) Open(name string) (fault.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.files[name]
	if f == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &memHandle{m: m, f: f, name: name}, nil
}

// Create implements fault.FS.
func (m *FS) Create(name string) (fault.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[name] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	f := &memFile{dirty: map[int64]bool{}}
	m.change(func(files map[string]*memFile) { files[name] = f })
	return &memHandle{m: m, f: f, name: name}, nil
}

// Rename implements fault.FS.
func (m *FS) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[from] == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	f := m.files[from]
	m.change(func(files map[string]*memFile) {
		delete(files, from)
		files[to] = f
	})
	return nil
}

// Remove implements fault.FS.
func (m *FS) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[name] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	m.change(func(files map[string]*memFile) { delete(files, name) })
	return nil
}

// List implements fault.FS.
func (m *FS) List(dir string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for _, name := range sortedNames(m.files) {
		if filepath.Dir(name) == filepath.Clean(dir) {
			names = append(names, filepath.Base(name))
		}
	}
	return names, nil
}

// MkdirAll implements fault.FS: directories are where files are.
func (m *FS) MkdirAll(string) error { return nil }

// SyncDir implements fault.FS. All names become durable, of whatever directory.
func (m *FS) SyncDir(string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, change := range m.names {
		change(m.kept)
	}
	m.names = nil
	return nil
}

// Free implements fault.FS.
func (m *FS) Free(string) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Space == 0 {
		return math.MaxUint64, nil
	}
	return uint64(max(0, m.Space-m.used())), nil
}

func (m *FS) used() int64 {
	var n int64
	for _, f := range m.files {
		n += int64(len(f.data))
	}
	return n
}

type memHandle struct {
	m    *FS
	f    *memFile
	name string
}

func (h *memHandle) Name() string { return h.name }

func (h *memHandle) Close() error { return nil }

func (h *memHandle) Size() (int64, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	return int64(len(h.f.data)), nil
}

func (h *memHandle) ReadAt(b []byte, off int64) (int, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if off < 0 || off > int64(len(h.f.data)) {
		return 0, io.EOF
	}
	n := copy(b, h.f.data[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (h *memHandle) WriteAt(b []byte, off int64) (int, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if err := h.extend(off + int64(len(b))); err != nil {
		return 0, err
	}
	copy(h.f.data[off:], b)
	for s := off / Sector; s*Sector < off+int64(len(b)); s++ {
		h.f.dirty[s] = true
	}
	return len(b), nil
}

func (h *memHandle) extend(size int64) error {
	grow := size - int64(len(h.f.data))
	if grow <= 0 {
		return nil
	}
	if h.m.Space > 0 && h.m.used()+grow > h.m.Space {
		return &os.PathError{Op: "write", Path: h.name, Err: syscall.ENOSPC}
	}
	h.f.data = append(h.f.data, make([]byte, grow)...)
	return nil
}

// Allocate implements fault.File.
func (h *memHandle) Allocate(size int64) error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	return h.extend(size)
}

// Datasync implements fault.File.
func (h *memHandle) Datasync() error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	h.f.safe = append(h.f.safe[:0], h.f.data...)
	clear(h.f.dirty)
	return nil
}

// Flip changes a bit of a file, as a failing disk would.
func (m *FS) Flip(name string, off int64, bit uint) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.files[name]
	if f == nil || off >= int64(len(f.data)) {
		panic(fmt.Sprintf("no byte %d in %q", off, name))
	}
	f.data[off] ^= 1 << bit
}

// Clone is a copy that changes independently, with nothing left to sync.
func (m *FS) Clone() *FS {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := New()
	out.Space = m.Space
	for name, f := range m.files {
		g := &memFile{data: append([]byte(nil), f.data...), safe: append([]byte(nil), f.data...), dirty: map[int64]bool{}}
		out.files[name], out.kept[name] = g, g
	}
	return out
}
