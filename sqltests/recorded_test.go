package sqltests

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sqltests/harness"
)

// envShared names a variable with the directory that has clients/fixture.sql and
// clients/recorded: what clients of PostgreSQL have sent, recorded by a proxy.
const envShared = "STREAMSQLD_SHARED"

// TestRecordedStatements has every statement that a client was recorded with parsed
// and bound: Parse and Describe over the wire, after the schema that the clients
// looked at. Accepted are the error that PostgreSQL gave, and those that say that
// something of the session is not there: it is the order of the session that a
// statement is taken from.
func TestRecordedStatements(t *testing.T) {
	dir := os.Getenv(envShared)
	if dir == "" {
		t.Skipf("SKIPPED: no recorded statements; set %s to their directory", envShared)
	}
	files, err := filepath.Glob(filepath.Join(dir, "clients", "recorded", "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded statements in %s: %v", dir, err)
	}
	s := harness.Start(t, harness.Options{Args: []string{"--synchronous-commit", "off"}})
	loadFixture(t, s, filepath.Join(dir, "clients", "fixture.sql"))
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".sql"), func(t *testing.T) {
			c, err := s.Connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(context.Background())
			n := 0
			for _, r := range recordedIn(t, path) {
				n += bindRecorded(t, c, r)
			}
			t.Logf("%d statements", n)
		})
	}
}

// recording is what a client has sent in one message.
type recording struct {
	sql  string
	code string // of PostgreSQL's error; "": none
}

var (
	recordHeader = regexp.MustCompile(`(?m)^-- \[.*$`)
	recordError  = regexp.MustCompile(`PG_ERROR: ([0-9A-Z]{5})`)
)

func recordedIn(t *testing.T, path string) []recording {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := recordHeader.FindAllIndex(text, -1)
	var out []recording
	for i, h := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		r := recording{sql: strings.TrimSpace(string(text[h[1]:end]))}
		if m := recordError.FindSubmatch(text[h[0]:h[1]]); m != nil {
			r.code = string(m[1])
		}
		out = append(out, r)
	}
	return out
}

// absent are errors that say that something is not there which an earlier statement
// of the session, or an extension, would have made.
var absent = map[string]bool{
	"42P01": true, "26000": true, "34000": true, "42704": true, "3B001": true, "3F000": true, "42883": true,
}

// bindRecorded prepares the statements of a message and gives their number.
func bindRecorded(t *testing.T, c *pgconn.PgConn, r recording) int {
	t.Helper()
	list, err := parser.Parse(r.sql)
	if err != nil {
		if code := string(pgerr.CodeOf(err)); code != r.code {
			t.Errorf("%s\ndoes not parse: %v", r.sql, err)
		}
		return 1
	}
	for i := range list {
		_, err := c.Prepare(t.Context(), "", list[i].Text, nil)
		if err == nil {
			continue
		}
		var e *pgconn.PgError
		if !errors.As(err, &e) {
			t.Fatalf("%s\n%v", list[i].Text, err)
		}
		if e.Code != r.code && !absent[e.Code] {
			t.Errorf("%s\n%s: %s", list[i].Text, e.Code, e.Message)
		}
	}
	return len(list)
}

// loadFixture makes the schema that the clients looked at; what this server has no
// form of is left out.
func loadFixture(t *testing.T, s *harness.Server, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, `\`) || strings.HasPrefix(line, "CREATE DATABASE") || strings.HasPrefix(line, "SET ROLE") {
			continue
		}
		if _, err := c.Exec(t.Context(), line).ReadAll(); err != nil {
			var e *pgconn.PgError
			if !errors.As(err, &e) || e.Code != "0A000" && !absent[e.Code] {
				t.Errorf("%s%v", line, err)
			}
		}
	}
}
