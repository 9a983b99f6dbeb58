package tpch

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed queries.sql
var queryFile string

// Query is one of the 22.
type Query struct {
	Number int
	SQL    string
	Order  []int // the columns of its ORDER BY, from 0
}

// Queries are the 22, in order. At another scale than 1, the threshold of
// query 11 follows the specification.
func Queries(scale float64) []Query {
	var out []Query
	for i, piece := range strings.Split(queryFile, "\n-- query ") {
		if i == 0 {
			continue // the file's head
		}
		head, sql, _ := strings.Cut(piece, "\n")
		number, order, _ := strings.Cut(head, ": order")
		q := Query{SQL: strings.TrimSuffix(strings.TrimSpace(sql), ";")}
		q.Number, _ = strconv.Atoi(number)
		for _, word := range strings.Fields(order) {
			column, _ := strconv.Atoi(word)
			q.Order = append(q.Order, column-1)
		}
		if q.Number == 11 {
			q.SQL = strings.Replace(q.SQL, "* 0.0001", fmt.Sprintf("* %.10f", 0.0001/scale), 1)
		}
		out = append(out, q)
	}
	return out
}
