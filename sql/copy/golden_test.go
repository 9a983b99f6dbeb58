package copy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	sqlcopy "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The files in testdata are cases whose outcome PostgreSQL 15.18 has written.
// A line is
//
//	# a comment
//	: COLUMNS              a int, b text, …      for the cases that follow
//	= OPTIONS              WITH list, for the cases that follow
//	> INPUT                a case: Go string literals, for COPY FROM; the rows' values, for COPY TO
//	< VALUE …              a row that comes out of it, or what COPY TO writes
//	! CODE MESSAGE HINT CONTEXT      or the error
//
// JUDGE=postgres://… go test -run Golden ./sql/copy writes the outcomes anew.

// judge gives the PostgreSQL that is to write the outcomes, nil if none is.
func judge(t *testing.T) *pgx.Conn {
	url := os.Getenv("JUDGE")
	if url == "" {
		return nil
	}
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// golden runs each case of a file through do, which gives the lines of its
// outcome, and compares or rewrites them.
func golden(t *testing.T, file string, do func(columns, options, input string) []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	var columns, options string
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	failed := 0
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		fmt.Fprintln(&out, line)
		switch {
		case strings.HasPrefix(line, ": "):
			columns, options = line[2:], ""
		case strings.HasPrefix(line, "="):
			options = strings.TrimPrefix(line[1:], " ")
		case strings.HasPrefix(line, "> "):
			at := i
			var want []string
			for i+1 < len(lines) && (strings.HasPrefix(lines[i+1], "<") || strings.HasPrefix(lines[i+1], "!")) {
				i++
				want = append(want, lines[i])
			}
			got := do(columns, options, line[2:])
			for _, l := range got {
				fmt.Fprintln(&out, l)
			}
			if os.Getenv("JUDGE") == "" && strings.Join(want, "\n") != strings.Join(got, "\n") {
				if failed++; failed < 8 {
					t.Errorf("%s:%d: %s\n= %s\n%s\nexpected\n%s\ngot\n%s", file, at+1, columns, options, line, strings.Join(want, "\n"), strings.Join(got, "\n"))
				}
			}
		}
	}
	if failed > 0 {
		t.Errorf("%d cases fail", failed)
	}
	if os.Getenv("JUDGE") != "" && !t.Failed() {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// errorLine writes an error as the files have it.
func errorLine(code, message, hint, context string) []string {
	return []string{fmt.Sprintf("! %s %q %q %q", code, message, hint, context)}
}

func ourError(err error) []string {
	e := pgerr.From(err)
	return errorLine(string(e.Code), e.Message, e.Hint, e.Where)
}

func theirError(t *testing.T, err error) []string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	return errorLine(e.Code, e.Message, e.Hint, e.Where)
}

// unquote reads a Go string literal.
func unquote(t *testing.T, s string) string {
	v, err := strconv.Unquote(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

// words splits at spaces; a word may be a Go string literal.
func words(t *testing.T, line string) []string {
	var out []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		word, rest, _ := strings.Cut(line, " ")
		if line[0] == '"' {
			q, err := strconv.QuotedPrefix(line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			word, rest = q, line[len(q):]
		}
		out, line = append(out, word), rest
	}
	return out
}

// parseColumns reads "a int, b numeric(5,2)".
func parseColumns(t *testing.T, s string) []sqlcopy.Column {
	var cols []sqlcopy.Column
	for _, def := range strings.Split(s, ", ") {
		name, typ, _ := strings.Cut(strings.TrimSpace(def), " ")
		if name == "" {
			continue
		}
		typ, args, _ := strings.Cut(strings.TrimSuffix(typ, ")"), "(")
		if alias := map[string]string{"int": "int4", "bigint": "int8", "smallint": "int2", "decimal": "numeric", "boolean": "bool"}[typ]; alias != "" {
			typ = alias
		}
		c := sqlcopy.Column{Name: name, Type: types.ByName(typ), Mod: -1}
		if c.Type == nil {
			t.Fatalf("no type %s", typ)
		}
		if args != "" {
			p, s, two := strings.Cut(args, ",")
			a, _ := strconv.Atoi(p)
			b, _ := strconv.Atoi(s)
			switch {
			case typ == "numeric":
				c.Mod = int32(a<<16|b&0x7ff) + 4
			case typ == "timestamp" || typ == "timestamptz":
				c.Mod = int32(a)
			case !two:
				c.Mod = int32(a) + 4
			}
		}
		cols = append(cols, c)
	}
	return cols
}

// parseOptions reads a WITH list: names, arguments that are words or quoted,
// lists in parentheses, *.
func parseOptions(t *testing.T, s string) []sqlcopy.Option {
	var list []sqlcopy.Option
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeft(s, ", ") {
		n := strings.IndexAny(s, " ,")
		if n < 0 {
			n = len(s)
		}
		opt := sqlcopy.Option{Name: s[:n], Pos: -1}
		s = strings.TrimLeft(s[n:], " ")
		switch {
		case s == "" || s[0] == ',':
		case s[0] == '*':
			opt.Star, s = true, s[1:]
		case s[0] == '(':
			end := strings.IndexByte(s, ')')
			opt.List, s = strings.Split(s[1:end], ","), s[end+1:]
		case s[0] == '\'' || strings.HasPrefix(s, "E'"):
			start := 1 + strings.IndexByte(s, '\'')
			end := start
			for s[end] != '\'' || strings.HasPrefix(s[end:], "''") {
				if s[end] == '\'' {
					end++
				}
				end++
			}
			v := strings.ReplaceAll(s[start:end], "''", "'")
			if s[0] == 'E' {
				v = unquote(t, `"`+v+`"`)
			}
			opt.Value, opt.HasValue, s = v, true, s[end+1:]
		default:
			n := strings.IndexByte(s+",", ',')
			opt.Value, opt.HasValue, s = s[:n], true, s[n:]
		}
		list = append(list, opt)
	}
	return list
}

// TestGoldenFrom decodes every case in several cuts, and the exact way alone.
func TestGoldenFrom(t *testing.T) {
	db := judge(t)
	for _, file := range []string{"testdata/from.txt", "testdata/from_random.txt"} {
		golden(t, file, func(columns, options, input string) []string {
			in := unquote(t, input)
			if db != nil {
				return judgeFrom(t, db, columns, options, in)
			}
			var first []string
			for _, piece := range []int{1 << 20, 1, 2, 3, 7} {
				for _, exact := range []bool{false, true} {
					got := decodeAll(t, columns, options, in, piece, exact)
					if first == nil {
						first = got
					} else if sameOutcome(first) != sameOutcome(got) {
						t.Errorf("%s = %s > %s: pieces of %d (exact %v) give\n%s\ninstead of\n%s", columns, options, input, piece, exact, strings.Join(got, "\n"), strings.Join(first, "\n"))
					}
				}
			}
			return first
		})
	}
}

// sameOutcome is what has to be the same however an input is cut. How many
// bytes behind a bad one are shown depends on what has come (in PostgreSQL, too).
func sameOutcome(lines []string) string {
	if len(lines) == 1 && strings.HasPrefix(lines[0], "! 22021") {
		shown, rest, _ := strings.Cut(lines[0], ": 0x")
		return shown + rest[:2] + rest[strings.IndexByte(rest, '"'):]
	}
	return strings.Join(lines, "\n")
}

func judgeFrom(t *testing.T, db *pgx.Conn, columns, options, input string) []string {
	ctx := context.Background()
	if _, err := db.Exec(ctx, "drop table if exists t; create temp table t ("+columns+"); alter table t add n serial"); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, def := range strings.Split(columns, ", ") {
		name, _, _ := strings.Cut(def, " ")
		names = append(names, name)
	}
	list := strings.Join(names, ",")
	if options != "" {
		options = " with (" + options + ")"
	}
	if _, err := db.PgConn().CopyFrom(ctx, strings.NewReader(input), "copy t("+list+") from stdin"+options); err != nil {
		return theirError(t, err)
	}
	results, err := db.PgConn().Exec(ctx, "select "+list+" from t order by n").ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, row := range results[0].Rows {
		line := "<"
		for _, v := range row {
			if v == nil {
				line += " NULL"
			} else {
				line += " " + strconv.Quote(string(v))
			}
		}
		out = append(out, line)
	}
	return out
}

// decodeAll decodes an input cut into pieces and gives the rows' texts, or the
// error.
func decodeAll(t *testing.T, columns, options, input string, piece int, exact bool) []string {
	cols := parseColumns(t, columns)
	o, err := sqlcopy.ParseOptions(true, parseOptions(t, options))
	if err != nil {
		return ourError(err)
	}
	d, err := sqlcopy.NewDecoder(o, sqlcopy.Target{Table: "t", Columns: cols}, types.DefaultEnv)
	if err != nil {
		return ourError(err)
	}
	if exact {
		d.ExactOnly()
	}
	var out []string
	batches, err := collect(d, strings.NewReader(input), piece)
	if err != nil {
		return ourError(err)
	}
	for _, b := range batches {
		for i := range b.N {
			line := "<"
			for c := range cols {
				if b.Cols[c].IsNull(i) {
					line += " NULL"
				} else {
					line += " " + strconv.Quote(string(vec.AppendText(nil, &b.Cols[c], i, cols[c].Type, types.DefaultEnv)))
				}
			}
			out = append(out, line)
		}
	}
	return out
}

// collect decodes an input in pieces. The memory of a piece is spoiled as soon
// as it is no longer lent.
func collect(d *sqlcopy.Decoder, r io.Reader, piece int) ([]*vec.Batch, error) {
	b := &vec.Batch{}
	batches := []*vec.Batch{b}
	buf := make([]byte, piece)
	for {
		n, err := io.ReadFull(r, buf)
		if n > 0 {
			d.Feed(buf[:n])
		} else {
			d.End()
		}
		for full := true; full; {
			var ferr error
			if full, ferr = d.Fill(b, nil); ferr != nil {
				return batches, ferr
			}
			if full {
				b = &vec.Batch{}
				batches = append(batches, b)
			}
		}
		for i := range buf[:n] {
			buf[i] = '#'
		}
		if n == 0 && err != nil {
			return batches, nil
		}
	}
}

func TestGoldenOptions(t *testing.T) {
	db := judge(t)
	golden(t, "testdata/options.txt", func(columns, options, input string) []string {
		if db != nil {
			return append(judgeFrom(t, db, columns, options, ""), judgeTo(t, db, columns, options, nil)...)
		}
		return append(decodeAll(t, columns, options, "", 1, false), encodeAll(t, columns, options, nil)...)
	})
}
