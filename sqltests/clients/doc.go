// Package clients has real programs talk to the real binary: pgbench, pg_dump with
// psql to read the dump again, and Python with psycopg2. A program that is not
// installed is a test that says so and is skipped, unless STREAMSQLD_TEST_REQUIRE
// lists it (pgbench, pg_dump, psql, psycopg2).
//
// psql's own commands are compared with PostgreSQL's in package sqltests.
package clients
