// Command duckdb runs SQL in a DuckDB for the benchmarks: a JSON request per
// line on standard input, a JSON answer per line on standard output. It is a
// module of its own because DuckDB is C++ behind cgo, which the project stays
// free of.
//
//	duckdb [database file]
package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// request asks for one statement; Rows asks for its rows, which are otherwise
// computed and counted only.
type request struct {
	SQL  string `json:"sql"`
	Rows bool   `json:"rows"`
}

// answer holds the time from the statement to its last row, and the rows as
// text, nil for NULL.
type answer struct {
	Seconds float64     `json:"seconds"`
	Count   int64       `json:"count"`
	Rows    [][]*string `json:"rows,omitempty"`
	Error   string      `json:"error,omitempty"`
}

func main() {
	path := ""
	if len(os.Args) > 1 {
		path = os.Args[1]
	}
	if err := serve(path); err != nil {
		fmt.Fprintln(os.Stderr, "duckdb:", err)
		os.Exit(1)
	}
}

func serve(path string) error {
	db, err := sql.Open("duckdb", path)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var r request
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			return err
		}
		if err := out.Encode(run(conn, r)); err != nil {
			return err
		}
	}
	return in.Err()
}

func run(conn *sql.Conn, r request) answer {
	begin := time.Now()
	a := answer{}
	rows, err := conn.QueryContext(context.Background(), r.SQL)
	if err == nil {
		err = read(rows, r.Rows, &a)
	}
	a.Seconds = time.Since(begin).Seconds()
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

func read(rows *sql.Rows, keep bool, a *answer) error {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]any, len(names))
	targets := make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		a.Count++
		if !keep {
			continue
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		row := make([]*string, len(values))
		for i, v := range values {
			if v != nil {
				text := spell(v)
				row[i] = &text
			}
		}
		a.Rows = append(a.Rows, row)
	}
	return rows.Err()
}

// spell writes a value as PostgreSQL would, as far as the benchmarks' queries
// need it; a timestamp without a time of day is a date.
func spell(v any) string {
	switch v := v.(type) {
	case time.Time:
		if v.Hour() == 0 && v.Minute() == 0 && v.Second() == 0 && v.Nanosecond() == 0 {
			return v.Format("2006-01-02")
		}
		return v.Format("2006-01-02 15:04:05.999999")
	case duckdb.Decimal:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}
