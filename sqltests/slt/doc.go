// Package slt reads, runs and rewrites text files of SQL statements with their
// expected results, over the wire. The format is sqllogictest's, so that public
// suites run as they are, with an exact form of results for files of our own;
// sqltests/README.md is its manual.
//
//	record.go   what a file consists of
//	parse.go    text → File
//	write.go    File → text
//	cell.go     values as they stand in a file
//	classic.go  results as sqllogictest writes them
//	scan.go     just enough of SQL's lexer to see statements and words
//	outcome.go  what running a statement has given, and the lines that say so
//	conn.go     one connection: running a statement
//	compare.go  outcome against expectation
//	runner.go   a file against a server
//	views.go    a file's queries as materialized views
package slt
