// Package harness runs the server that tests talk to: the real binary, built
// from this tree, as a process of its own over a directory of its own. It also
// finds the PostgreSQL that is the judge, where there is one.
//
//	build.go     the binary, built once per test process
//	server.go    one server: start, stop, kill, restart on the same directory
//	postgres.go  the judge: a database of its own for each test
//
// A server's log is kept. When a test ends and the log tells of a panic, the
// test fails, whatever it looked at: no input may cause one.
package harness
