package copy_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	sqlcopy "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// TestGoldenTo encodes rows. A case's input is the rows' values, in the types'
// text forms, rows set apart by /.
func TestGoldenTo(t *testing.T) {
	db := judge(t)
	golden(t, "testdata/to.txt", func(columns, options, input string) []string {
		rows := [][]string{{}}
		for _, w := range words(t, input) {
			if last := len(rows) - 1; w == "/" {
				rows = append(rows, nil)
			} else {
				rows[last] = append(rows[last], w)
			}
		}
		if db != nil {
			return judgeTo(t, db, columns, options, rows)
		}
		return encodeAll(t, columns, options, rows)
	})
}

func judgeTo(t *testing.T, db *pgx.Conn, columns, options string, rows [][]string) []string {
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
	for _, r := range rows {
		if len(r) == 0 {
			continue
		}
		values := make([]string, len(r))
		for i, w := range r {
			if values[i] = w; w != "NULL" {
				values[i] = "'" + strings.ReplaceAll(unquote(t, w), "'", "''") + "'"
			}
		}
		if _, err := db.Exec(ctx, "insert into t ("+list+") values ("+strings.Join(values, ",")+")"); err != nil {
			t.Fatal(err)
		}
	}
	if options != "" {
		options = " with (" + options + ")"
	}
	var messages messageWriter
	if _, err := db.PgConn().CopyTo(ctx, &messages, "copy t("+list+") to stdout"+options); err != nil {
		return theirError(t, err)
	}
	return messages.lines
}

// messageWriter keeps each Write as a line: text as it is, and what is not
// text in hexadecimal.
type messageWriter struct{ lines []string }

func (m *messageWriter) Write(p []byte) (int, error) {
	if bytes.IndexByte(p, 0) >= 0 || bytes.IndexByte(p, 0xff) >= 0 {
		m.lines = append(m.lines, "< "+hex.EncodeToString(p))
	} else {
		m.lines = append(m.lines, "< "+strconv.Quote(string(p)))
	}
	return len(p), nil
}

func encodeAll(t *testing.T, columns, options string, rows [][]string) []string {
	cols := parseColumns(t, columns)
	o, err := sqlcopy.ParseOptions(false, parseOptions(t, options))
	if err != nil {
		return ourError(err)
	}
	e, err := sqlcopy.NewEncoder(o, "t", cols, nil, types.DefaultEnv)
	if err != nil {
		return ourError(err)
	}
	b := &vec.Batch{Cols: make([]vec.Vec, len(cols))}
	for c := range cols {
		b.Cols[c].Reset(cols[c].Type.Kind, 0)
	}
	for _, r := range rows {
		if len(r) == 0 {
			continue
		}
		for c, w := range r {
			d := types.Null
			if w != "NULL" {
				if d, err = cols[c].Type.In(types.DefaultEnv, unquote(t, w), cols[c].Mod); err != nil {
					t.Fatal(err)
				}
			}
			b.Cols[c].AppendDatum(d)
		}
		b.N++
	}
	var messages messageWriter
	if err := writeAll(e, &messages, b); err != nil {
		t.Fatal(err)
	}
	return messages.lines
}

func writeAll(e *sqlcopy.Encoder, w io.Writer, b *vec.Batch) error {
	if err := e.Begin(w); err != nil {
		return err
	}
	if err := e.Rows(w, b); err != nil {
		return err
	}
	return e.End(w)
}

// TestGoldenBinary decodes the binary format; a case's input is hexadecimal,
// HEAD for a proper header.
func TestGoldenBinary(t *testing.T) {
	db := judge(t)
	golden(t, "testdata/binary.txt", func(columns, options, input string) []string {
		input = strings.ReplaceAll(input, "HEAD", fmt.Sprintf("%x", "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
		raw, err := hex.DecodeString(strings.ReplaceAll(input, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if db != nil {
			return judgeFrom(t, db, columns, "format binary", string(raw))
		}
		first := decodeAll(t, columns, "format binary", string(raw), 1<<20, false)
		for _, piece := range []int{1, 2, 3, 7, 20} {
			if got := decodeAll(t, columns, "format binary", string(raw), piece, false); strings.Join(first, "\n") != strings.Join(got, "\n") {
				t.Errorf("%s > %s: pieces of %d give\n%s\ninstead of\n%s", columns, input, piece, strings.Join(got, "\n"), strings.Join(first, "\n"))
			}
		}
		return first
	})
}
