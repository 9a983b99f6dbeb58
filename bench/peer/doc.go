// Package peer starts the servers that a benchmark compares (streamsqld as it
// is built, a PostgreSQL of its own, a DuckDB) as child processes in temporary
// directories, and reads what they use of the machine.
package peer
