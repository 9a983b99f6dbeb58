package server

import "encoding/binary"

// The messages that are written too often for pgproto3 are appended by hand.

func appendInt16(dst []byte, n int16) []byte { return binary.BigEndian.AppendUint16(dst, uint16(n)) }
func appendInt32(dst []byte, n int32) []byte { return binary.BigEndian.AppendUint32(dst, uint32(n)) }

// endMessage writes the length of the message that starts at start.
func endMessage(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start+1:], uint32(len(dst)-start-1))
	return dst
}

func appendComplete(dst []byte, tag string) []byte {
	start := len(dst)
	dst = append(dst, 'C', 0, 0, 0, 0)
	dst = append(dst, tag...)
	dst = append(dst, 0)
	return endMessage(dst, start)
}
