// Package differential runs statements on this server and on PostgreSQL and
// compares what they give.
//
// TestRandom makes schemas, data and statements by chance: joins, subqueries,
// aggregates, windows, set operations, casts, nulls and extremes, and changes of
// data. A statement whose outcomes differ is made smaller as long as they do. The
// seed is printed, and can be given:
//
//	go test ./sqltests/differential -run TestRandom -n 100000 -seed 7
//	go test ./sqltests/differential -run TestRandom -budget 2m
package differential
