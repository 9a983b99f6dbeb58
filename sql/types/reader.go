package types

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// reader takes a binary form apart. Reading past the end gives zeros and sets
// short, which Recv turns into 08P01; codecs need not look at it before they
// would allocate by what they have read.
type reader struct {
	b      []byte
	short  bool
	client *Client // of texts
}

func errShort() error {
	return pgerr.New(pgerr.ProtocolViolation, "insufficient data left in message")
}

func errBinary(format string, args ...any) error {
	return pgerr.New(pgerr.InvalidBinaryRepresentation, format, args...)
}

// take gives the next n bytes, nil when there are fewer.
func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.short, r.b = true, nil
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u8() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *reader) i16() int16   { return int16(r.u16()) }
func (r *reader) i32() int32   { return int32(r.u32()) }
func (r *reader) i64() int64   { return int64(r.u64()) }
func (r *reader) f32() float32 { return math.Float32frombits(r.u32()) }
func (r *reader) f64() float64 { return math.Float64frombits(r.u64()) }

// text takes all that is left as characters, which must be valid in the client's
// encoding without a zero byte.
func (r *reader) text() (string, error) {
	s := string(r.take(len(r.b)))
	if r.client != nil {
		return r.client.FromClient(s)
	}
	return s, CheckUTF8(s)
}

// CheckUTF8 is 22021 for text that is not valid in the server encoding, as
// PostgreSQL's pg_verify_mbstr words it.
func CheckUTF8(s string) error {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c == 0 {
				return errEncoding(s[i:], 1)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n <= 1 {
			return errEncoding(s[i:], utf8Width(c))
		}
		i += n
	}
	return nil
}

// utf8Width is the length that a leading byte announces.
func utf8Width(c byte) int {
	switch {
	case c&0xe0 == 0xc0:
		return 2
	case c&0xf0 == 0xe0:
		return 3
	case c&0xf8 == 0xf0:
		return 4
	}
	return 1
}

func errEncoding(s string, width int) error {
	var b []byte
	for i := 0; i < width && i < len(s) && i < 8; i++ {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, '0', 'x', lowerHex[s[i]>>4], lowerHex[s[i]&15])
	}
	return pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding %q: %s", "UTF8", string(b))
}

func appendU16(dst []byte, x uint16) []byte { return binary.BigEndian.AppendUint16(dst, x) }
func appendU32(dst []byte, x uint32) []byte { return binary.BigEndian.AppendUint32(dst, x) }
func appendU64(dst []byte, x uint64) []byte { return binary.BigEndian.AppendUint64(dst, x) }
