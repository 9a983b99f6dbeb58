// Command mkslt makes a file of records from a file of SQL statements:
//
//	go run ./sqltests/slt/mkslt in.sql >out.slt
//	REWRITE=1 go test ./sqltests -run TestFiles/out
//
// Statements end with a semicolon. A comment line becomes a comment; "--! words"
// becomes a line of its own, for conditions and for records without SQL:
// "--! noview random", "--! connection b". Data of COPY … FROM STDIN follows the
// statement as in psql, up to a line "\.". The second command fills in results.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/sqltests/slt"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: mkslt file.sql")
		os.Exit(2)
	}
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		w := bufio.NewWriter(os.Stdout)
		convert(w, string(text))
		err = w.Flush()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mkslt:", err)
		os.Exit(1)
	}
}

// convert writes the records of a text.
func convert(w io.Writer, text string) {
	lines := strings.Split(text, "\n")
	var statement []string
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if len(statement) == 0 && between(w, line) {
			continue
		}
		statement = append(statement, line)
		sql := strings.Join(statement, "\n")
		if !strings.HasSuffix(strings.TrimRight(line, " "), ";") || len(slt.Split(sql+" x")) < 2 {
			continue
		}
		statement = nil
		i = record(w, strings.TrimSuffix(strings.TrimRight(sql, " "), ";"), lines, i)
	}
}

// between writes what stands between statements; false: the line begins one.
func between(w io.Writer, line string) bool {
	trimmed := strings.TrimSpace(line)
	switch {
	case trimmed == "":
	case strings.HasPrefix(trimmed, "--!"):
		fmt.Fprintln(w, strings.TrimSpace(trimmed[3:]))
	case strings.HasPrefix(trimmed, "--"):
		fmt.Fprintln(w, strings.TrimSpace("# "+strings.TrimSpace(trimmed[2:])))
	default:
		return false
	}
	return true
}

// rowVerbs begin the statements that give rows.
var rowVerbs = []string{"select", "values", "with", "table", "show", "explain", "fetch", "execute"}

// record writes one record and gives the last line that it has used.
func record(w io.Writer, sql string, lines []string, at int) int {
	low := strings.ToLower(strings.TrimSpace(sql))
	word := strings.FieldsFunc(low, func(r rune) bool { return r == ' ' || r == '(' || r == '\n' })[0]
	switch {
	case word == "copy" && strings.Contains(low, "from stdin"):
		fmt.Fprintf(w, "copy ok\n%s\n<<<<\n", sql)
		for at++; at < len(lines) && lines[at] != `\.`; at++ {
			fmt.Fprintln(w, lines[at])
		}
		fmt.Fprint(w, "----\n\n")
	case word == "copy" && strings.Contains(low, "to stdout"):
		fmt.Fprintf(w, "copyout\n%s\n\n", sql)
	case slices.Contains(rowVerbs, word), strings.Contains(low, "returning"):
		fmt.Fprintf(w, "query\n%s\n\n", sql)
	default:
		fmt.Fprintf(w, "statement ok\n%s\n\n", sql)
	}
	return at
}
