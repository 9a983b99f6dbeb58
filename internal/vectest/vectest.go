// Package vectest runs files of vectors: calls with the results that PostgreSQL
// gave. A line is tab-separated: function, settings (name=value;…), arguments,
// and the result: =value, ~ for NULL, or !SQLSTATE message, with detail, hint
// and context on lines of their own. Backslash, tab, newline and return are
// escaped.
package vectest

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Call computes the result of a line: the text of a value, or null. An argument
// that cannot be read may panic with its *pgerr.Error.
type Call func(fn, settings string, args []string) (s string, null bool, err error)

// shown is how many differences of a file are printed.
const shown = 25

// Run checks every line of a file.
func Run(t *testing.T, path string, call Call) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<22)
	lines, bad := 0, 0
	for sc.Scan() {
		lines++
		cols := strings.Split(sc.Text(), "\t")
		for i := range cols {
			cols[i] = unescape(cols[i])
		}
		args, want := cols[2:len(cols)-1], cols[len(cols)-1]
		if got := result(call, cols[0], cols[1], args); got != want {
			if bad++; bad <= shown {
				t.Errorf("%s:%d: %s %s %q\n got %.300s\nwant %.300s", path, lines, cols[0], cols[1], args, got, want)
			}
		}
	}
	if sc.Err() != nil || lines == 0 {
		t.Fatalf("%s: %d lines, %v", path, lines, sc.Err())
	}
	t.Logf("%s: %d vectors, %d differ", path, lines, bad)
}

func result(call Call, fn, settings string, args []string) string {
	s, null, err := guarded(call, fn, settings, args)
	switch {
	case err != nil:
		e := pgerr.From(err)
		out := "!" + string(e.Code) + " " + e.Message
		if e.Detail != "" {
			out += "\nDETAIL: " + e.Detail
		}
		if e.Hint != "" {
			out += "\nHINT: " + e.Hint
		}
		if e.Where != "" {
			out += "\nCONTEXT: " + e.Where
		}
		return out
	case null:
		return "~"
	}
	return "=" + s
}

func guarded(call Call, fn, settings string, args []string) (s string, null bool, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *pgerr.Error:
			err = e
		default:
			panic(e)
		}
	}()
	return call(fn, settings, args)
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r").Replace(s)
}
