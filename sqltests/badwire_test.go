package sqltests

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/streamsqld/streamsqld/sqltests/harness"
)

// message frames a body as a message of a type; type 0 is a startup packet.
func message(kind byte, body string) []byte {
	var out []byte
	if kind != 0 {
		out = append(out, kind)
	}
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)+4))
	return append(out, body...)
}

const startup = "\x00\x03\x00\x00user\x00postgres\x00\x00"

// TestMalformedMessages sends what no client should. Each time the connection
// may go, with an error or without, but the server answers the next client.
func TestMalformedMessages(t *testing.T) {
	s := harness.Start(t, harness.Options{Args: []string{"--max-message", "1MiB"}})
	begun := message(0, startup)
	after := func(parts ...[]byte) []byte { return bytes.Join(append([][]byte{begun}, parts...), nil) }
	for _, c := range []struct {
		name string
		sent []byte
		code string // that the answer must have, when it must have one
	}{
		{"nothing", nil, ""},
		{"a length of zero", []byte{0, 0, 0, 0}, ""},
		{"a length of two", []byte{0, 0, 0, 2}, ""},
		{"a startup of two gigabytes", []byte{0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0}, ""},
		{"a negative length", []byte{0xff, 0xff, 0xff, 0xff}, ""},
		{"HTTP", []byte("GET / HTTP/1.1\r\n\r\n"), ""},
		{"a protocol of the future", message(0, "\x00\x09\x00\x00user\x00x\x00\x00"), ""},
		{"protocol 2", message(0, "\x00\x02\x00\x00"), ""},
		{"a startup without an end", message(0, "\x00\x03\x00\x00user"), ""},
		{"a startup without a user", message(0, "\x00\x03\x00\x00\x00"), "28000"},
		{"half a startup", begun[:9], ""},
		{"an unknown message", after(message('!', "what")), "08P01"},
		{"a message of length zero", after([]byte{'Q', 0, 0, 0, 0}), "08P01"},
		{"a message of negative length", after([]byte{'Q', 0xff, 0xff, 0xff, 0xff}), "08P01"},
		{"a message beyond the limit", after([]byte{'Q', 0x00, 0x20, 0x00, 0x00}), ""},
		{"a query without an end", after(message('Q', "select 1")), "08P01"},
		{"an empty query message", after(message('Q', "")), "08P01"},
		{"an empty Parse", after(message('P', ""), message('S', "")), "08P01"},
		{"a Parse with too many types", after(message('P', "\x00select 1\x00\xff\xff"), message('S', "")), "08P01"},
		{"an empty Bind", after(message('B', ""), message('S', "")), "08P01"},
		{"a Bind of nothing", after(message('B', "p\x00nosuch\x00\x00\x00\x00\x00\x00\x00"), message('S', "")), "26000"},
		{"a Bind with values that are not there", after(message('P', "\x00select $1::int\x00\x00\x00"), message('B', "\x00\x00\x00\x00\x00\x01\x00\x00\x00\xff12"), message('S', "")), "08P01"},
		{"a Bind with a negative length", after(message('P', "\x00select $1::int\x00\x00\x00"), message('B', "\x00\x00\x00\x00\x00\x01\xff\xff\xff\xf0\x00\x00"), message('S', "")), "08P01"},
		{"a Bind with too few values", after(message('P', "\x00select $1::int\x00\x00\x00"), message('B', "\x00\x00\x00\x00\x00\x00\x00\x00"), message('S', "")), "08P01"},
		{"an unknown format", after(message('P', "\x00select 1\x00\x00\x00"), message('B', "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x07"), message('S', "")), "22023"},
		{"a bad binary value", after(message('P', "\x00select $1::int\x00\x00\x00"), message('B', "\x00\x00\x00\x01\x00\x01\x00\x01\x00\x00\x00\x05abcde\x00\x00"), message('S', "")), "22P03"},
		{"an Execute of nothing", after(message('E', "nosuch\x00\x00\x00\x00\x00"), message('S', "")), "34000"},
		{"a Describe of what is not", after(message('D', "Xy\x00"), message('S', "")), "08P01"},
		{"a Close of what is not", after(message('C', "Xy\x00"), message('S', "")), "08P01"},
		{"copy data without COPY", after(message('d', "x"), message('c', ""), message('Q', "select 1\x00")), ""},
		{"a password nobody asked for", after(message('p', "secret\x00")), ""},
		{"broken UTF-8 in a query", after(message('Q', "select '\xff\xfe'\x00")), "22021"},
		{"broken UTF-8 in a parameter", after(message('P', "\x00select $1::text\x00\x00\x00"), message('B', "\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\xc3\x00\x00"), message('E', "\x00\x00\x00\x00\x00"), message('S', "")), "22021"},
		{"a zero byte in a parameter", after(message('P', "\x00select $1::text\x00\x00\x00"), message('B', "\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00"), message('E', "\x00\x00\x00\x00\x00"), message('S', "")), "22021"},
		{"half a message", after(message('Q', "select 1\x00")[:7]), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := exchange(t, s.Addr(), c.sent)
			if c.code != "" && !strings.Contains(answer, "C"+c.code+"\x00") {
				t.Errorf("the answer has no %s: %q", c.code, answer)
			}
			if strings.Contains(answer, "CXX000") {
				t.Errorf("an internal error: %q", answer)
			}
			alive(t, s)
		})
	}
}

// exchange sends bytes and gives what comes back until the server closes the
// connection or has nothing more to say.
func exchange(t *testing.T, addr string, sent []byte) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(sent); err != nil {
		return ""
	}
	c.(*net.TCPConn).CloseWrite()
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer, err := io.ReadAll(c)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Error("the server keeps the connection of a client that is gone")
	}
	return string(answer)
}

// alive tells whether the server still answers.
func alive(t *testing.T, s *harness.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := s.Connect(ctx)
	if err != nil {
		t.Fatalf("the server is gone: %v", err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "SELECT 1").ReadAll(); err != nil {
		t.Fatal(err)
	}
}

// TestOversizedStatements has clients ask for too much in well-formed messages.
func TestOversizedStatements(t *testing.T) {
	s := harness.Start(t, harness.Options{Args: []string{"--max-message", "4MiB"}})
	deep := func(n int, open, body, end string) string {
		return "SELECT " + strings.Repeat(open, n) + body + strings.Repeat(end, n)
	}
	for _, c := range []struct{ name, sql, code string }{
		{"parentheses", deep(100000, "(", "1", ")"), "54001"},
		{"NOT", deep(100000, "NOT ", "true", ""), "54001"},
		{"CASE", deep(20000, "CASE WHEN true THEN ", "1", " END"), "54001"},
		{"subqueries", deep(20000, "(SELECT ", "1", ")"), "54001"},
		{"casts", "SELECT 1" + strings.Repeat("::int", 100000), ""},
		{"additions", "SELECT 1" + strings.Repeat("+1", 100000), ""},
		{"columns", "SELECT 1" + strings.Repeat(",1", 2000), "54011"},
		{"arguments", "SELECT concat(1" + strings.Repeat(",1", 200) + ")", "54023"},
		{"joins", "SELECT 1 FROM (VALUES (1)) t0" + strings.Repeat(", (VALUES (1)) x", 3), "42712"},
		{"an unterminated quote", "SELECT '" + strings.Repeat("x", 3<<20), "42601"},
		{"an unterminated comment", "/*" + strings.Repeat("/* ", 1<<20), "42601"},
		{"a wide IN", "SELECT 1 WHERE 1 IN (2" + strings.Repeat(",3", 200000) + ")", ""},
		{"unions", "SELECT 1" + strings.Repeat(" UNION ALL SELECT 1", 5000), ""},
		{"a number of many digits", "SELECT " + strings.Repeat("9", 200000), "22003"},
		{"a large exponent", "SELECT 1e1000000", "22003"},
		{"repeat", "SELECT repeat('x', 2000000000)", "54000"},
		{"a series without end", "SELECT count(*) FROM generate_series(1, 9223372036854775807) LIMIT 0", ""},
		{"many parameters", "SELECT $70000", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			conn, err := s.Connect(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(context.Background())
			if c.name != "a series without end" {
				_, err = conn.Exec(ctx, c.sql).ReadAll()
			}
			var pg *pgconn.PgError
			switch {
			case ctx.Err() != nil:
				t.Error("the server hangs")
			case errors.As(err, &pg) && pg.Code == "XX000":
				t.Error(err)
			case c.code != "" && (pg == nil || pg.Code != c.code):
				t.Errorf("want %s, got %v", c.code, clipped(err))
			}
			alive(t, s)
		})
	}
}

func clipped(err error) string {
	s := fmt.Sprint(err)
	return s[:min(len(s), 300)]
}
