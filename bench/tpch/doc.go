// Package tpch runs the 22 queries of TPC-H through parser, planner and executor
// over encoded blocks in memory: no server, no disk. The environment variable
// TPCH_DIR names a directory with the tables as dbgen writes them (*.tbl), the
// queries (q01.sql …) and answers (q01.ans …, fields separated by |); without it
// nothing is run.
//
//	TPCH_DIR=… go test ./bench/tpch -run Answers
//	TPCH_DIR=… go test ./bench/tpch -bench . -benchtime 3x
package tpch
