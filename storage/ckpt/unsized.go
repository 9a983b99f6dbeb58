package ckpt

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/streamsqld/streamsqld/storage"
)

// dropUnsized removes what a process left that died between making Badger's next
// memtable or value log file and giving it its size: an empty file that nothing was
// written to, but with which Badger v4 does not open (openMemTables takes z.NewFile for
// an error). Only the last file of its kind can be such a one; another empty file is damage.
func (s *Store) dropUnsized() error {
	for _, pattern := range []string{"*.mem", "*.vlog"} {
		names, err := filepath.Glob(filepath.Join(s.dir, pattern))
		if err != nil || len(names) == 0 {
			continue
		}
		last := slices.Max(names) // their numbers have leading zeros
		info, err := os.Stat(last)
		if err != nil {
			return storage.IOError(err, "could not stat file %q", last)
		}
		if info.Size() > 0 {
			continue
		}
		if err := s.fs.Remove(last); err != nil {
			return storage.IOError(err, "could not remove file %q", last)
		}
	}
	return nil
}
