// Record asks a running PostgreSQL 15 for its verdict on changed statements and
// writes what it says, for the parser's tests:
//
//	go run ./record -pg 'host=127.0.0.1 port=5432 user=postgres' > ../testdata/errors_pg15.txt
//
// Nothing is executed: a closing parenthesis behind each statement makes every
// query string wrong, and tells from the place of the error whether the
// statement itself was.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/sql/parser/oracle"
)

func main() {
	dsn := flag.String("pg", "", "connection string of a PostgreSQL 15")
	seeds := flag.String("seeds", "../testdata/seeds.sql", "the statements")
	n := flag.Int("n", 2500, "how many changed statements")
	seed := flag.Int64("seed", 15, "of the random numbers")
	flag.Parse()
	conn, err := pgconn.Connect(context.Background(), *dsn)
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintf(out, "# What PostgreSQL %s says of changed statements: SQLSTATE, place in characters, message, statement.\n"+
		"# An empty SQLSTATE means that it is well-formed. Made by sql/parser/oracle/record.\n", conn.ParameterStatus("server_version"))
	corpus := oracle.Seeds(*seeds)
	rng := rand.New(rand.NewSource(*seed))
	seen := map[string]bool{}
	for i := 0; i < *n; i++ {
		sql := oracle.Mutate(rng, corpus[rng.Intn(len(corpus))].SQL)
		if seen[sql] {
			continue
		}
		seen[sql] = true
		code, pos, message := judge(conn, sql)
		line, err := json.Marshal([]any{code, pos, message, sql})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprintf(out, "%s\n", line)
	}
}

// judge gives the error of the statement's syntax, "" if it has none.
func judge(conn *pgconn.PgConn, sql string) (code string, pos int32, message string) {
	text := sql + "\n;\n)"
	_, err := conn.Exec(context.Background(), text).ReadAll()
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		log.Fatalf("%s: %v", sql, err)
	}
	if int(e.Position) == utf8.RuneCountInString(text) && strings.HasPrefix(e.Message, "syntax error at or near \")\"") {
		return "", 0, ""
	}
	return e.Code, e.Position, e.Message
}
