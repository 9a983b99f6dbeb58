// Package differential runs statements on this server and on PostgreSQL and
// compares what they give.
//
// TestRandom makes schemas, data and statements by chance: joins, subqueries,
// aggregates, windows, set operations, casts, nulls and extremes, and changes of
// data. A statement whose outcomes differ is made smaller as long as they do.
//
// Without flags it tries a fixed number of statements made from a fixed seed, so
// that it says the same wherever it runs. Other seeds are for looking further; 0
// draws one and prints it:
//
//	go test ./sqltests/differential -run TestRandom -n 100000 -seed 7
//	go test ./sqltests/differential -run TestRandom -n 100000 -seed 0 -timeout 1h
//	go test ./sqltests/differential -run TestRandom -budget 2m -seed 0
//
// TestRandomViews keeps such queries as materialized views while their tables are
// changed at random, and compares them with their queries; it takes the same flags.
package differential
