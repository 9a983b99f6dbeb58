package server

import (
	"io"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// protocol tells the two ways to run a statement apart.
type protocol bool

const (
	simple   protocol = false
	extended protocol = true
)

// sink is what a connection's session writes to. There is one per connection,
// used by one statement after the other.
type sink struct {
	c     *conn
	proto protocol
	rows  rowWriter
	copy  copyWriter
}

var _ Sink = (*sink)(nil)

// begin readies the sink for a statement.
func (s *sink) begin(p protocol) {
	s.proto = p
	s.rows.reset()
}

// Columns implements Sink.
func (s *sink) Columns(cols []Column) error {
	if err := s.rows.columns(cols, s.c.session.Env()); err != nil {
		return err
	}
	if s.proto == simple {
		dst, err := appendRowDescription(s.c.out.buf, cols, s.c.client())
		if err != nil {
			return err
		}
		s.c.out.buf = dst
	}
	return nil
}

// Rows implements Sink.
func (s *sink) Rows(b *vec.Batch) error {
	out := s.c.out
	for i := 0; i < b.N; {
		n, err := s.rows.append(&out.buf, b, i)
		if err != nil {
			return err
		}
		s.c.srv.metrics.rowsOut.Add(float64(n))
		i += n
		if out.full() {
			if err := out.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush implements Sink.
func (s *sink) Flush() error { return s.c.out.flush() }

// Complete implements Sink.
func (s *sink) Complete(tag string) error {
	s.rows.reset()
	s.c.out.buf = appendComplete(s.c.out.buf, tag)
	return nil
}

// Empty implements Sink.
func (s *sink) Empty() error {
	s.c.out.buf = append(s.c.out.buf, 'I', 0, 0, 0, 4)
	return nil
}

// Notice implements Sink. Notices go out at once: who watches a long statement
// wants to see them while it runs.
func (s *sink) Notice(n *pgerr.Error) {
	if n.Severity == "" {
		c := *n
		c.Severity = pgerr.SevNotice
		n = &c
	}
	s.c.out.buf = appendReport(s.c.out.buf, n, "", s.c.client())
	s.c.out.flush() // the statement hears of a client that is gone by its own output
}

// Parameter implements Sink.
func (s *sink) Parameter(name, value string) {
	s.c.changed = append(s.c.changed, Parameter{Name: name, Value: value})
}

// CopyIn implements Sink.
func (s *sink) CopyIn(format int16, n int) (CopyReader, error) {
	s.c.send(&pgproto3.CopyInResponse{OverallFormat: byte(format), ColumnFormatCodes: columnFormats(format, n)})
	return &copyReader{c: s.c}, s.c.out.flush()
}

// CopyOut implements Sink.
func (s *sink) CopyOut(format int16, n int) (io.Writer, error) {
	s.c.send(&pgproto3.CopyOutResponse{OverallFormat: byte(format), ColumnFormatCodes: columnFormats(format, n)})
	s.copy.out = s.c.out
	return &s.copy, nil
}

// CopyOutDone implements Sink.
func (s *sink) CopyOutDone() error {
	s.c.out.buf = append(s.c.out.buf, 'c', 0, 0, 0, 4)
	return nil
}

func columnFormats(format int16, n int) []uint16 {
	f := make([]uint16, n)
	for i := range f {
		f[i] = uint16(format)
	}
	return f
}
