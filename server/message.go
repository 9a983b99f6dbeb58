package server

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// body takes the body of a message apart by hand, in the manner of
// PostgreSQL's pqformat.c and with its errors: pgproto3's Decode allocates per
// Bind and has other words. The first error stays in err and what is read
// after it is empty.
type body struct {
	b      []byte
	err    error
	client *types.Client // of texts, nil: UTF8
}

// body is a message's body, whose texts are in the client's encoding.
func (c *conn) body(b []byte) body { return body{b: b, client: c.client()} }

// client is the client's encoding as it stands now, nil for UTF8.
func (c *conn) client() *types.Client {
	if c.session == nil {
		return nil
	}
	return c.session.Env().Client
}

func (m *body) fail(text string) {
	if m.err == nil {
		m.err = pgerr.New(pgerr.ProtocolViolation, "%s", text)
	}
	m.b = nil
}

func (m *body) bytes(n int) []byte {
	if n < 0 || n > len(m.b) {
		m.fail("insufficient data left in message")
		return nil
	}
	b := m.b[:n:n]
	m.b = m.b[n:]
	return b
}

func (m *body) byte() byte {
	if len(m.b) == 0 {
		m.fail("no data left in message")
		return 0
	}
	c := m.b[0]
	m.b = m.b[1:]
	return c
}

func (m *body) int16() int {
	if len(m.b) < 2 {
		m.fail("insufficient data left in message")
		return 0
	}
	n := int(binary.BigEndian.Uint16(m.b))
	m.b = m.b[2:]
	return n
}

func (m *body) int32() int32 {
	if len(m.b) < 4 {
		m.fail("insufficient data left in message")
		return 0
	}
	n := int32(binary.BigEndian.Uint32(m.b))
	m.b = m.b[4:]
	return n
}

// text gives a NUL-terminated text, lent with the body.
func (m *body) text() []byte {
	i := bytes.IndexByte(m.b, 0)
	if i < 0 {
		m.fail("invalid string in message")
		return nil
	}
	s := m.b[:i]
	m.b = m.b[i+1:]
	s, err := m.utf8(s)
	if m.err == nil {
		m.err = err
	}
	return s
}

// utf8 gives a text of the client's in UTF8, as it is where it is that already.
func (m *body) utf8(s []byte) ([]byte, error) {
	if m.client != nil {
		t, err := m.client.FromClient(string(s))
		return []byte(t), err
	}
	return s, checkText(s)
}

// end checks that nothing is left.
func (m *body) end() error {
	if m.err == nil && len(m.b) != 0 {
		m.fail("invalid message format")
	}
	return m.err
}

// checkText checks that bytes are a text: valid UTF-8 without NUL, else 22021.
func checkText(b []byte) error {
	if utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 {
		return nil
	}
	return types.CheckUTF8(string(b))
}
