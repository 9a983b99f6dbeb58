// Package crash kills the real binary again and again while it works, and looks
// whether everything is there.
//
// Writers on several connections change tables and streams, each only rows of
// its own number, by single INSERTs, multi-row INSERTs, COPY, transactions with
// updates, deletes and savepoints, and DDL. A writer knows what was acknowledged,
// and the one operation that was under way when the server died. The server dies
// by kill -9 at a random moment, or by itself at one of the crash points in its
// source (package internal/crash), those of recovery included. After each start:
//
//	D  what a writer finds is what was acknowledged, with the operation under way
//	   applied wholly or not at all;
//	V  every view equals its query;
//	S  while the writers are at work, a reader finds views and tables at one commit.
//
// go test ./sqltests/crash -rounds 100 -seed 7
package crash
