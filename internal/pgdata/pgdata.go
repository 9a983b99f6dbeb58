// Package pgdata holds rows of PostgreSQL 15's system catalogue as data, dumped
// from a server (PostgreSQL licence): which types, functions, operators, casts
// and aggregates exist, under which OIDs, and with which properties.
//
// It is what "as PostgreSQL does" rests on: overload resolution looks at the
// same candidates, and pg_catalog shows the same rows. Tables are parsed when
// they are first asked for. dump.sh makes the files; references to functions are
// OIDs in them, default arguments and function bodies are SQL.
package pgdata

import (
	"embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.csv *.sql
var files embed.FS

// Table is a catalogue relation as text; a NULL is an empty string.
type Table struct {
	Columns []string
	Rows    [][]string
}

var (
	mu     sync.Mutex
	tables = map[string]*Table{}
)

// Load gives the rows of the relation of that name. It panics when the
// relation was not compiled in.
func Load(name string) *Table {
	mu.Lock()
	defer mu.Unlock()
	if t := tables[name]; t != nil {
		return t
	}
	f, err := files.Open(name + ".csv")
	if err != nil {
		panic(fmt.Sprintf("pgdata: no table %s", name))
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.LazyQuotes = false
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		panic(fmt.Sprintf("pgdata: %s: %v", name, err))
	}
	t := &Table{Columns: rows[0], Rows: rows[1:]}
	tables[name] = t
	return t
}

// Column gives the position of a column; it panics when there is none.
func (t *Table) Column(name string) int {
	for i, c := range t.Columns {
		if c == name {
			return i
		}
	}
	panic(fmt.Sprintf("pgdata: no column %s", name))
}

// Uint parses an OID or another unsigned number; "" and "-" are 0.
func Uint(s string) uint32 {
	if s == "" || s == "-" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		panic(fmt.Sprintf("pgdata: not a number: %q", s))
	}
	return uint32(n)
}

// Int parses a signed number; "" is 0.
func Int(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("pgdata: not a number: %q", s))
	}
	return n
}

// Bool parses t and f.
func Bool(s string) bool { return s == "t" }

// OIDs parses an oidvector ("23 25") or an array of OIDs ("{23,25}").
func OIDs(s string) []uint32 {
	s = strings.Trim(s, "{}")
	f := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
	out := make([]uint32, len(f))
	for i, x := range f {
		out[i] = Uint(x)
	}
	return out
}

// Strings parses a one-dimensional text array whose elements hold no commas,
// quotes or braces ("{a,b}"), as argument names and modes are.
func Strings(s string) []string {
	if s == "" || s == "{}" {
		return nil
	}
	parts := strings.Split(strings.Trim(s, "{}"), ",")
	for i, p := range parts {
		parts[i] = strings.Trim(p, `"`)
	}
	return parts
}

// Views gives the definitions of a system schema's views by name, as
// pg_get_viewdef shows them, without the semicolon.
func Views(schema string) map[string]string {
	data, err := files.ReadFile(schema + "_views.sql")
	if err != nil {
		panic(fmt.Sprintf("pgdata: no views of %s", schema))
	}
	views := map[string]string{}
	for _, part := range strings.Split("\n"+string(data), "\n-- ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		views[name] = strings.TrimRight(text, ";\n")
	}
	return views
}

// Has tells whether a relation was compiled in.
func Has(name string) bool {
	f, err := files.Open(name + ".csv")
	if err == nil {
		f.Close()
	}
	return err == nil
}
