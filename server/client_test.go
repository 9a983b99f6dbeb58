package server_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// client is a raw connection with a session.
type client struct {
	t   testing.TB
	nc  net.Conn
	fe  *pgproto3.Frontend
	key pgproto3.BackendKeyData
}

// connect opens a session, over nc if it is given.
func (s *testServer) connect(t testing.TB, nc net.Conn, params ...string) *client {
	t.Helper()
	c := s.dial(t, nc)
	c.start(params...)
	c.expect("Z")
	return c
}

// dial opens a connection without a session.
func (s *testServer) dial(t testing.TB, nc net.Conn) *client {
	t.Helper()
	if nc == nil {
		var err error
		if nc, err = net.Dial("tcp", s.addr); err != nil {
			t.Fatal(err)
		}
	}
	nc.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { nc.Close() })
	return &client{t: t, nc: nc, fe: pgproto3.NewFrontend(nc, nc)}
}

func (c *client) start(params ...string) {
	c.t.Helper()
	m := &pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "u"}}
	for i := 0; i+1 < len(params); i += 2 {
		m.Parameters[params[i]] = params[i+1]
	}
	c.send(m)
}

func (c *client) send(messages ...pgproto3.FrontendMessage) {
	c.t.Helper()
	for _, m := range messages {
		c.fe.Send(m)
	}
	if err := c.fe.Flush(); err != nil {
		c.t.Fatal(err)
	}
}

// run sends a query through the extended protocol, up to Sync.
func (c *client) run(sql string) {
	c.t.Helper()
	c.send(&pgproto3.Parse{Query: sql}, &pgproto3.Bind{}, &pgproto3.Execute{}, &pgproto3.Sync{})
}

// expect reads messages until one of the types has come ("Z"), or all of them
// in this order, and gives the last one in the form of the transcripts.
func (c *client) expect(types string) string {
	c.t.Helper()
	last := ""
	for i := 0; i < len(types); {
		m, err := c.fe.Receive()
		if err != nil {
			c.t.Fatalf("waiting for %q, after %q: %v", types[i:], last, err)
		}
		b, _ := m.(pgproto3.Message).(interface {
			Encode([]byte) ([]byte, error)
		}).Encode(nil)
		if k, ok := m.(*pgproto3.BackendKeyData); ok {
			c.key = *k
		}
		last = serverMessage(b[0], b[5:])
		if b[0] == types[i] {
			i++
		}
	}
	return last
}

// expectError reads messages up to an error, whose code it checks.
func (c *client) expectError(severity, code string) {
	c.t.Helper()
	got := c.expect("E")
	if !strings.HasPrefix(got, fmt.Sprintf("E S=%q", severity)) || !strings.Contains(got, fmt.Sprintf("C=%q", code)) {
		c.t.Errorf("got %s, expected %s %s", got, severity, code)
	}
}

// expectEnd reads up to the end of the connection.
func (c *client) expectEnd() {
	c.t.Helper()
	for {
		if _, err := c.fe.Receive(); err != nil {
			if err != io.ErrUnexpectedEOF && err != io.EOF && !isReset(err) {
				c.t.Errorf("expected the end of the connection, got %v", err)
			}
			return
		}
	}
}
