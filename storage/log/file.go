package log

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/fault"
)

const (
	fileHead  = 64
	firstFile = 1 // the number of a log's first file
)

var fileMagic = [8]byte{'S', 'S', 'Q', 'L', 'L', 'O', 'G', 1}

// file is one file of the log.
type file struct {
	fault.File
	seq  uint64
	path string
}

func logName(seq uint64) string { return fmt.Sprintf("%016x.log", seq) }

// parseLogName gives the number in a file's name.
func parseLogName(name string) (seq uint64, ok bool) {
	digits, ok := strings.CutSuffix(name, ".log")
	if !ok || len(digits) != 16 {
		return 0, false
	}
	seq, err := strconv.ParseUint(digits, 16, 64)
	return seq, err == nil
}

func fileHeader(seq uint64, size int64) []byte {
	h := make([]byte, fileHead)
	copy(h, fileMagic[:])
	binary.LittleEndian.PutUint64(h[8:], uint64(size))
	binary.LittleEndian.PutUint64(h[16:], seq)
	binary.LittleEndian.PutUint32(h[24:], crc32.Checksum(h[:24], castagnoli))
	return h
}

// readHeader gives the segment size in a file's header; ok is false when the
// header is not that of file seq.
func readHeader(f fault.File, seq uint64) (size int64, ok bool, err error) {
	h := make([]byte, fileHead)
	n, err := f.Size()
	if err != nil {
		return 0, false, err
	}
	if n < fileHead {
		return 0, false, nil
	}
	if _, err := f.ReadAt(h, 0); err != nil {
		return 0, false, err
	}
	size = int64(binary.LittleEndian.Uint64(h[8:]))
	ok = [8]byte(h) == fileMagic && binary.LittleEndian.Uint64(h[16:]) == seq && size >= minSegment && n >= size &&
		binary.LittleEndian.Uint32(h[24:]) == crc32.Checksum(h[:24], castagnoli)
	return size, ok, nil
}
