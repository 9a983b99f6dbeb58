package storage

import (
	"errors"
	"os"
	"syscall"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// IOError makes the report of a failed call of the file system: 53100
// (disk_full) when space or quota is used up, else 58030 (io_error). The message
// says what could not be done, as PostgreSQL does: `could not write file "x"`.
func IOError(err error, format string, args ...any) *pgerr.Error {
	code := pgerr.IoError
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		code = pgerr.DiskFull
	}
	// The message names the file already.
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	return pgerr.Wrap(err, code, format, args...)
}
