// Package wire is a lean PostgreSQL client for measuring servers: frames are
// written and read by hand, so that the client costs little beside what it
// measures and costs every server the same.
//
// pgconn makes the connection (addresses, TLS, passwords); after that the
// frames are this package's.
package wire

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	readBuffer = 256 << 10
	// copyFrame is the payload of one CopyData message.
	copyFrame = 64 << 10
)

// Conn is one connection. It belongs to one goroutine. After an error that is
// not an *Error it is only good for Close.
type Conn struct {
	nc     net.Conn
	in     *bufio.Reader
	frame  []byte // the body of the frame that was read last, where in's buffer was too small
	out    []byte // frames waiting for Send
	status byte   // of the last ReadyForQuery
}

// Error is an ErrorResponse.
type Error struct {
	Code, Message, Detail string
}

func (e *Error) Error() string {
	if e.Detail != "" {
		return fmt.Sprintf("%s: %s (%s)", e.Code, e.Message, e.Detail)
	}
	return e.Code + ": " + e.Message
}

// Connect opens a connection; dsn is what libpq would take.
func Connect(ctx context.Context, dsn string) (*Conn, error) {
	pc, err := pgconn.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := pc.SyncConn(ctx); err != nil {
		return nil, err
	}
	hijacked, err := pc.Hijack()
	if err != nil {
		return nil, err
	}
	return &Conn{nc: hijacked.Conn, in: bufio.NewReaderSize(hijacked.Conn, readBuffer), status: 'I'}, nil
}

// Close ends the session and the connection.
func (c *Conn) Close() error {
	_, err := c.nc.Write([]byte{'X', 0, 0, 0, 4})
	return errors.Join(err, c.nc.Close())
}

// Send writes the frames that were appended.
func (c *Conn) Send() error {
	_, err := c.nc.Write(c.out)
	c.out = c.out[:0]
	return err
}

// next reads a frame; the body is good until the next call.
func (c *Conn) next() (kind byte, body []byte, err error) {
	head, err := c.in.Peek(5)
	if err != nil {
		return 0, nil, err
	}
	kind = head[0]
	size := int(binary.BigEndian.Uint32(head[1:])) - 4
	if size < 0 {
		return 0, nil, fmt.Errorf("message %q of %d bytes", kind, size)
	}
	if _, err := c.in.Discard(5); err != nil {
		return 0, nil, err
	}
	if size <= c.in.Size() {
		if body, err = c.in.Peek(size); err != nil {
			return 0, nil, err
		}
		_, err = c.in.Discard(size) // moves no bytes: body stays where it is
		return kind, body, err
	}
	if cap(c.frame) < size {
		c.frame = make([]byte, size)
	}
	c.frame = c.frame[:size]
	_, err = io.ReadFull(c.in, c.frame)
	return kind, c.frame, err
}

// parseError takes an ErrorResponse apart.
func parseError(body []byte) *Error {
	e := &Error{}
	for len(body) > 1 {
		field, rest := body[0], body[1:]
		value := cString(&rest)
		switch field {
		case 'C':
			e.Code = value
		case 'M':
			e.Message = value
		case 'D':
			e.Detail = value
		}
		body = rest
	}
	return e
}

// cString takes a zero-terminated string off the front of b.
func cString(b *[]byte) string {
	for i, c := range *b {
		if c == 0 {
			s := string((*b)[:i])
			*b = (*b)[i+1:]
			return s
		}
	}
	s := string(*b)
	*b = nil
	return s
}
