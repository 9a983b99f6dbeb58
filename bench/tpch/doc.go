// Package tpch is TPC-H: a generator of the eight tables written after the
// specification, the 22 queries in PostgreSQL's dialect, and the comparison of
// answers.
//
// Its tests can also run the queries through parser, planner and executor over
// encoded blocks in memory, without server and disk. For that the environment variable
// TPCH_DIR names a directory with the tables as dbgen writes them (*.tbl), the
// queries (q01.sql …) and answers (q01.ans …, fields separated by |):
//
//	TPCH_DIR=… go test ./bench/tpch -run Answers
//	TPCH_DIR=… go test ./bench/tpch -bench . -benchtime 3x
package tpch
