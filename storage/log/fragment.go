package log

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

const (
	fragHead   = 32
	fragAlign  = 8
	minSegment = 4096
)

const (
	fragFirst = 1 << iota
	fragLast
)

// The type of records that the log writes for itself; their payload says what.
const (
	internalType = 0
	opened       = "open"
	closed       = "close"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// fragment is the head of a fragment.
type fragment struct {
	size  uint32
	epoch uint32
	pos   Pos
	// durable is the position up to which the log was durable when the fragment
	// was written.
	durable Pos
	typ     byte
	flags   byte
	crc     uint32 // of the payload
}

// padded is the room that a fragment with n bytes of payload takes.
func padded(n int) int64 { return (int64(n) + fragHead + fragAlign - 1) &^ (fragAlign - 1) }

// appendFragment appends a whole fragment with its padding.
func appendFragment(dst []byte, f fragment, payload []byte) []byte {
	at := len(dst)
	var h [fragHead]byte
	binary.LittleEndian.PutUint32(h[4:], crc32.Checksum(payload, castagnoli))
	binary.LittleEndian.PutUint32(h[8:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(h[12:], f.epoch)
	binary.LittleEndian.PutUint64(h[16:], uint64(f.pos))
	binary.LittleEndian.PutUint32(h[24:], uint32(min(f.pos-f.durable, math.MaxUint32)))
	h[28], h[29] = f.typ, f.flags
	binary.LittleEndian.PutUint32(h[0:], crc32.Checksum(h[4:], castagnoli))
	dst = append(dst, h[:]...)
	dst = append(dst, payload...)
	for int64(len(dst)-at) < padded(len(payload)) {
		dst = append(dst, 0)
	}
	return dst
}

// readFragment reads the head that h begins with; ok is false unless it is one,
// at that position (L1).
func readFragment(h []byte, at Pos) (f fragment, ok bool) {
	if Pos(binary.LittleEndian.Uint64(h[16:])) != at {
		return f, false
	}
	if crc32.Checksum(h[4:fragHead], castagnoli) != binary.LittleEndian.Uint32(h) {
		return f, false
	}
	return fragment{
		crc:     binary.LittleEndian.Uint32(h[4:]),
		size:    binary.LittleEndian.Uint32(h[8:]),
		epoch:   binary.LittleEndian.Uint32(h[12:]),
		pos:     at,
		durable: at - Pos(binary.LittleEndian.Uint32(h[24:])),
		typ:     h[28],
		flags:   h[29],
	}, true
}
