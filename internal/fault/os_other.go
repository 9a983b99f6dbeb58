//go:build !linux

package fault

import "math"

// Allocate implements File.
func (f osFile) Allocate(size int64) error { return f.writeZeros(size) }

// Datasync implements File.
func (f osFile) Datasync() error { return f.Sync() }

// Free implements FS: unknown is taken for plenty.
func (OS) Free(string) (uint64, error) { return math.MaxUint64, nil }
