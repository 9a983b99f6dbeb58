// Package oracle compares the parser with PostgreSQL's own, which
// wasilibs/go-pgquery carries as WebAssembly. It is a module of its own, so
// that the server does not depend on it.
//
//	go test .
//
// The trees are compared by a round trip: PostgreSQL's tree of a statement must
// be its tree of what FormatStmt writes of ours. Corpora are statements of real
// clients in $STREAMSQLD_SHARED/clients/recorded, PostgreSQL's regression tests
// in $STREAMSQLD_REGRESS (a folder of .sql files), and random statements.
//
// The oracle is PostgreSQL 17's parser while the server is PostgreSQL 15;
// where the grammars differ, see the lists of allowed differences.
package oracle
