// Package engine is where the rooms meet: sessions and transactions, DDL, the
// commit line, views and recovery.
//
// # The commit line
//
// A Session stages what its transaction writes. A commit is a request to the
// commit line, one goroutine that takes the requests waiting together as a group:
// it appends one record to the log, steps what the group changes, waits for the
// record to be durable, publishes one Version by an atomic pointer, and answers.
//
//	session ── commit ──► queue ──► [ record → log ]──► fdatasync ──┐
//	                                [ step: rows, marks, views ]────┴─► publish ──► acknowledge
//
// What is written where:
//
//	version.go            Version, the immutable state at one commit
//	record.go, ops.go     log records; what one commit changes
//	line.go               the commit line: queue, groups, order of things
//	step.go, stepspilled.go
//	                      one group applied: live and in recovery the same code
//	views.go              circuits of materialized views, their order and contents
//	checkpoint.go, recover.go
//	session.go, statement.go, portal.go, cursor.go …   the session side
//	tx.go, locks.go       transactions: what they read, what is locked
//	writes.go, spill.go   what is staged: in memory, in the log, in the store
//	savepoint.go          going back
//	reader.go             what plans read: a Version and a transaction's own rows
//	ddl_*.go              statements that change the catalogue
//
// # Invariants
//
// E1: everything after the log is a function of the log: step reads no clock, no
// randomness and no map in its order.
//
// E2: a Version and all it reaches never change. Writers, circuits and the lists
// in line belong to the commit line.
//
// E3: a commit is acknowledged after its record is durable and the Version that
// holds it is published.
package engine
