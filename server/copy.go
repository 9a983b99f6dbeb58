package server

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// copyWriter makes CopyData messages, one per Write: psycopg3 and others take
// a message for a row, as PostgreSQL sends them.
type copyWriter struct{ out *output }

func (w *copyWriter) Write(p []byte) (int, error) {
	if len(p) > maxMessage {
		return 0, errTooLong(len(p))
	}
	out := w.out
	out.buf = append(out.buf, 'd', 0, 0, 0, 0)
	binary.BigEndian.PutUint32(out.buf[len(out.buf)-4:], uint32(len(p)+4))
	out.buf = append(out.buf, p...)
	if out.full() {
		if err := out.flush(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// copyReader reads what a client copies in. Data is handed on as it comes in,
// however it is cut into messages: clients send one per row, or all in one.
type copyReader struct {
	c    *conn
	done error // io.EOF or the error that ended the copying
}

// Next implements CopyReader.
func (r *copyReader) Next(ctx context.Context) ([]byte, error) {
	if r.done != nil {
		return nil, r.done
	}
	defer r.waiting(ctx)()
	for r.done == nil {
		if ctx.Err() != nil {
			return nil, errCanceled()
		}
		data, err := r.message()
		if len(data) > 0 {
			return data, nil
		}
		if err != nil && ctx.Err() != nil {
			return nil, errCanceled() // another wait may go on from here
		}
		r.done = err
	}
	return nil, r.done
}

// waiting has the end of ctx, the statement's own (a cancel request), end waits for data,
// until it is called off.
func (r *copyReader) waiting(ctx context.Context) (off func()) {
	if ctx == r.c.ctx {
		return func() {}
	}
	stop := context.AfterFunc(ctx, r.c.poke)
	r.c.waitCtx = ctx
	return func() {
		r.c.waitCtx = nil
		stop()
	}
}

// leastRead is for how much room Append reads by itself.
const leastRead = 4 << 10

// Append implements port.CopyAppender. What the connection's buffer does not hold is
// read to where it is wanted, messages and all, and their headers are then taken out.
func (r *copyReader) Append(ctx context.Context, dst []byte) ([]byte, error) {
	in := &r.c.in
	if r.done != nil || in.w-in.r >= headerBytes || cap(dst)-len(dst) < leastRead {
		data, err := r.Next(ctx)
		return append(dst, data...), err
	}
	defer r.waiting(ctx)()
	if ctx.Err() != nil {
		return dst, errCanceled()
	}
	n, err := in.readData(dst[len(dst):cap(dst)])
	if err != nil {
		if ctx.Err() != nil {
			return dst, errCanceled()
		}
		r.done = r.lost(err)
		return dst, r.done
	}
	r.c.srv.metrics.copyIn.Add(float64(n))
	return dst[:len(dst)+n], nil
}

func errCanceled() *pgerr.Error {
	return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request")
}

// message takes the next message, or more of the one that is being taken. It
// gives data, an error, or neither.
func (r *copyReader) message() ([]byte, error) {
	in := &r.c.in
	if in.left > 0 {
		return r.data()
	}
	if err := in.fill(1); err != nil {
		return nil, r.lost(err)
	}
	switch typ := in.buf[in.r]; typ {
	case 'd':
		if err := in.header(); err != nil {
			return nil, r.lost(err)
		}
		return r.data()
	case 'c', 'f', 'H', 'S':
		_, b, err := in.next()
		if err != nil {
			return nil, r.lost(err)
		}
		return nil, r.c.endOfCopy(typ, b)
	default:
		// The client speaks of something else: there is no telling where its next
		// message begins.
		r.c.desync = true
		return nil, pgerr.New(pgerr.ProtocolViolation, "unexpected message type 0x%02X during COPY from stdin", typ)
	}
}

// endOfCopy gives what a message without data means: Flush and Sync nothing.
func (c *conn) endOfCopy(typ byte, b []byte) error {
	m := c.body(b)
	switch typ {
	case 'c':
		if err := m.end(); err != nil {
			return err
		}
		return io.EOF
	case 'f':
		reason := string(m.text())
		if m.err != nil {
			return m.err
		}
		return pgerr.New(pgerr.QueryCanceled, "COPY from stdin failed: %s", reason)
	}
	return nil
}

// lost turns a read's error into the statement's.
func (r *copyReader) lost(err error) error {
	var e *pgerr.Error
	if errors.As(err, &e) {
		return err
	}
	r.c.cancel(errDisconnected)
	return fatal(pgerr.ConnectionFailure, "unexpected EOF on client connection with an open transaction")
}

// data takes what is there of the message that has begun, and moves to it what
// is there of those behind it.
func (r *copyReader) data() ([]byte, error) {
	in := &r.c.in
	if in.left > 0 {
		if err := in.fill(1); err != nil {
			return nil, r.lost(err)
		}
	}
	start := in.r
	end := start + in.take()
	for in.left == 0 && in.w-in.r >= headerBytes && in.buf[in.r] == 'd' {
		if in.header() != nil {
			break // the header stays, and fails when its turn comes
		}
		from := in.r
		end += copy(in.buf[end:], in.buf[from:from+in.take()])
	}
	r.c.srv.metrics.copyIn.Add(float64(end - start))
	return in.buf[start:end:end], nil
}
