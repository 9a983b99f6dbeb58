package server

import (
	"encoding/binary"
	"io"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

const (
	readBuffer = 16 << 10
	// bigReadBuffer is what the buffer grows to when reads fill it, as they do
	// while data is copied in.
	bigReadBuffer = 256 << 10
	// smallMessage bounds the messages that have no data in them
	// (PQ_SMALL_MESSAGE_LIMIT).
	smallMessage = 10000
	// headerBytes is the length of a message's type and length.
	headerBytes = 5
)

// input takes messages off a connection. It holds what has been read and not
// yet been used; memory grows with what arrives, never by a declared length.
type input struct {
	src  io.Reader
	buf  []byte // buf[r:w] is unread
	r, w int
	max  int // the most bytes that the body of a message with data may have
	// left is what is not yet taken of the body of a message whose header has been
	// (header, take).
	left int
}

func newInput(src io.Reader, max int) input {
	return input{src: src, buf: make([]byte, readBuffer), max: max}
}

// next gives the next message; the body is lent until the next call. A message
// that cannot be one is 08P01, in PostgreSQL's wording, and FATAL.
func (in *input) next() (typ byte, body []byte, err error) {
	for in.left > 0 {
		if err := in.fill(1); err != nil {
			return 0, nil, err
		}
		in.take()
	}
	typ, n, err := in.peek()
	if err != nil {
		return 0, nil, err
	}
	if err := in.fill(headerBytes + n); err != nil {
		return 0, nil, err
	}
	body = in.buf[in.r+headerBytes : in.r+headerBytes+n]
	in.r += headerBytes + n
	return typ, body, nil
}

// peek waits for a message's header and leaves it unread. The type is judged
// before the length has come.
func (in *input) peek() (typ byte, n int, err error) {
	if err := in.fill(1); err != nil {
		return 0, 0, err
	}
	typ = in.buf[in.r]
	limit, ok := in.limit(typ)
	if !ok {
		return 0, 0, errMessageType(typ)
	}
	if err := in.fill(headerBytes); err != nil {
		return 0, 0, err
	}
	n, err = bodyLen(in.buf[in.r+1:], limit)
	return typ, n, err
}

// header takes a message's header; its body is left to take.
func (in *input) header() error {
	_, n, err := in.peek()
	if err == nil {
		in.r += headerBytes
		in.left = n
	}
	return err
}

// take takes what is there of the body, from r on, and tells how much that is.
func (in *input) take() int {
	n := min(in.left, in.w-in.r)
	in.r += n
	in.left -= n
	return n
}

// readData reads messages with data to raw, which is larger than the buffer's rest of
// less than a header, and leaves the data alone there; it tells how much they are,
// perhaps nothing. An error has taken nothing.
func (in *input) readData(raw []byte) (int, error) {
	held := copy(raw, in.buf[in.r:in.w])
	n, err := in.src.Read(raw[held:])
	if n == 0 && err != nil {
		return 0, err
	}
	in.r, in.w = 0, 0
	return in.unpack(raw[:held+n]), nil
}

// unpack takes what raw has of messages with data, in order, and leaves the data
// at raw's front; it tells how much that is. What is none of these, or the begin of a
// header, goes to the buffer, which is empty.
func (in *input) unpack(raw []byte) (to int) {
	for at := 0; at < len(raw); {
		if in.left == 0 {
			n, err := 0, io.ErrUnexpectedEOF
			if raw[at] == 'd' && len(raw)-at >= headerBytes {
				n, err = bodyLen(raw[at+1:], in.max)
			}
			if err != nil {
				if len(raw)-at > len(in.buf) {
					in.buf = make([]byte, bigReadBuffer)
				}
				in.w = copy(in.buf, raw[at:])
				return to
			}
			in.left = n
			at += headerBytes
			continue
		}
		n := min(in.left, len(raw)-at)
		to += copy(raw[to:], raw[at:at+n])
		at += n
		in.left -= n
	}
	return to
}

// limit tells how long the body of a message may be; ok is false when no such
// message exists.
func (in *input) limit(typ byte) (n int, ok bool) {
	switch typ {
	case 'Q', 'P', 'B', 'F', 'd':
		return in.max, true
	case 'C', 'D', 'E', 'H', 'S', 'X', 'c', 'f', 'p':
		return smallMessage, true
	}
	return 0, false
}

func bodyLen(b []byte, limit int) (int, error) {
	n := binary.BigEndian.Uint32(b)
	if n < 4 || int64(n)-4 > int64(limit) {
		return 0, fatal(pgerr.ProtocolViolation, "invalid message length")
	}
	return int(n) - 4, nil
}

func errMessageType(typ byte) error {
	return fatal(pgerr.ProtocolViolation, "invalid frontend message type %d", typ)
}

// buffered tells whether a whole message is there without reading.
func (in *input) buffered() bool {
	if in.w-in.r < headerBytes {
		return false
	}
	n := int64(binary.BigEndian.Uint32(in.buf[in.r+1:]))
	return int64(in.w-in.r) > n
}

// fill makes at least n bytes unread ones.
func (in *input) fill(n int) error {
	for in.w-in.r < n {
		in.makeRoom(n)
		m, err := in.src.Read(in.buf[in.w:])
		in.w += m
		if err != nil && in.w-in.r < n {
			return err
		}
	}
	return nil
}

// makeRoom leaves some of the buffer free behind w, with n bytes from r on if
// they fit: what is there moves to the front, and a buffer that was full doubles.
// An input that waits for its next message keeps no large buffer.
func (in *input) makeRoom(n int) {
	size := len(in.buf)
	switch {
	case in.w == size && (size < bigReadBuffer || in.r == 0):
		size *= 2
	case in.r == in.w:
		in.r, in.w = 0, 0
		if in.left == 0 {
			in.shrink()
		}
		return
	case in.w < size && size-in.r >= n:
		return
	}
	dst := in.buf
	if size != len(in.buf) {
		dst = make([]byte, size)
	}
	in.w = copy(dst, in.buf[in.r:in.w])
	in.r, in.buf = 0, dst
}

// shrink gives back the memory of a large message that has been used, of an
// empty input. It stands before the read, which has a part of the buffer.
func (in *input) shrink() {
	if len(in.buf) > bigReadBuffer {
		in.buf = make([]byte, readBuffer)
	}
}
