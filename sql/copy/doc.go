// Package copy knows the formats of COPY: text, csv and binary, from bytes to
// batches (Decoder) and from batches to bytes (Encoder). It knows no tables,
// no defaults, no constraints: a caller says which columns come and takes
// batches of them.
//
// # How a Decoder works
//
// Bytes come in pieces cut anywhere (Feed) and go out as batches (Fill). Two
// ways lead through the text formats:
//
// The fast way (fast.go) parses rows where they lie, straight into the vectors
// of a batch, column by column: there is no separate search for the end of a
// line or of a field, no object per row and no string per field. It knows the
// plain forms of the common types, and gives a row up as soon as it meets
// anything else: it never reports an error.
//
// The exact way (line.go, fields.go, slow.go) takes one row as PostgreSQL's
// copyfromparse.c does, step by step: find the end of the line by its rules of
// quotes, escapes, line ends and end markers; check the encoding; split and
// unescape the fields; read each with its type's input function. All errors
// come from there, in PostgreSQL's order and words.
//
// D1: a row that the fast way takes gives what the exact way would give for it.
// A test holds them against each other.
//
// D2: the line number in an error counts what PostgreSQL counts: lines, plus
// the line ends within quotes.
//
// Not taken: a first pass that finds all structural characters of a block, as
// simdjson does. Without SIMD it touches every byte once more, and the fast way
// takes less than a nanosecond per byte for everything (BenchmarkDecode).
package copy
