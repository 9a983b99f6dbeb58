package parser

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// recorded is what PostgreSQL 15 says of a statement.
type recorded struct {
	code, message, sql string
	pos                int
}

func readRecorded(t *testing.T, file string) []recorded {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []recorded
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &[]any{&r.code, &r.pos, &r.message, &r.sql}); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// judged is what we say of the statement as it was recorded: with a closing
// parenthesis behind it. lenient is set where it is read to its end only.
func judged(sql string) (r recorded, lenient bool) {
	text := sql + "\n;\n)"
	_, err := Parse(text)
	var e *pgerr.Error
	if !errors.As(err, &e) {
		return recorded{message: "taken, with a parenthesis too many"}, false
	}
	if int(e.Pos) != len(text) || !strings.HasPrefix(e.Message, "syntax error at or near \")\"") {
		r = recorded{code: string(e.Code), message: e.Message}
		if e.Pos > 0 {
			r.pos = utf8.RuneCountInString(text[:e.Pos-1]) + 1
		}
		return r, false
	}
	list, err := Parse(sql)
	if errors.As(err, &e) { // refused by name, or a bug
		return recorded{}, e.Code == pgerr.FeatureNotSupported
	}
	for _, s := range list {
		lenient = lenient || isUnsupported(s.Stmt)
	}
	return recorded{}, lenient
}

func isUnsupported(s ast.Stmt) bool {
	_, ok := s.(*ast.Unsupported)
	return ok
}

// TestErrorsOfPostgreSQL wants PostgreSQL's verdict on changed statements: the
// same SQLSTATE, message and place. What is read to its end only may be taken
// although it is wrong; beyond that, one in two hundred may differ.
func TestErrorsOfPostgreSQL(t *testing.T) {
	list := readRecorded(t, "testdata/errors_pg15.txt")
	same, lenient, different := 0, 0, 0
	for _, want := range list {
		got, skipped := judged(want.sql)
		got.sql = want.sql
		switch {
		case got == want:
			same++
		case skipped:
			lenient++
		default:
			different++
			t.Logf("%s\n  PostgreSQL: %s %d %s\n  streamsqld: %s %d %s", want.sql, want.code, want.pos, want.message, got.code, got.pos, got.message)
		}
	}
	t.Logf("%d same, %d read to their end only, %d different", same, lenient, different)
	if different*200 > len(list) {
		t.Errorf("too many differ")
	}
}
