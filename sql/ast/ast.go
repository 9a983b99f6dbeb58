// Package ast is streamsqld's syntax tree: PostgreSQL's raw parse tree in Go.
//
// sql/parser builds it, sql/planner reads it; nothing in it is resolved. The
// shapes follow PostgreSQL's own parse nodes (parsenodes.h), so that the
// binder can follow PostgreSQL's own rules. Names are already folded to lower
// case where the user did not quote them.
//
// Every node that an error can point at carries a Pos: the byte offset of its
// first token in the statement text that was parsed (for an operator: of the
// operator token, as PostgreSQL does). The text is the whole query string of
// the client's message, so positions of a multi-statement string are absolute.
package ast

import "github.com/streamsqld/streamsqld/internal/pgerr"

// Pos is a byte offset into the query string, or NoPos.
type Pos = int32

// NoPos marks a node that stands for nothing the user wrote.
const NoPos Pos = -1

// Statement is one parsed statement with the place it came from.
type Statement struct {
	Stmt Stmt
	// Text is the statement's own source, without the terminating semicolon
	// and the blanks around it; it starts at byte Start of the query string.
	Text  string
	Start Pos
	// NumParams is the highest $n that occurs in the statement.
	NumParams int
	// Notices are reports that do not stop the statement: an identifier that
	// was truncated, an outdated spelling.
	Notices []*pgerr.Error
}

// Stmt is any statement node.
type Stmt interface{ stmtNode() }

// Expr is any expression node.
type Expr interface {
	exprNode()
	// Position is where an error about the node points.
	Position() Pos
}

// TableExpr is any item of a FROM clause.
type TableExpr interface{ tableExprNode() }

// Name is a possibly qualified name: [catalog.][schema.]object.
type Name struct {
	Catalog string // "" when not given
	Schema  string // "" when not given
	Object  string
	// Args are the arguments of a function that is named with them; nil: without.
	Args *FuncArgs
	Pos  Pos
}

// String shows the name as it is quoted in messages: a.b, without quoting.
func (n Name) String() string {
	switch {
	case n.Catalog != "":
		return n.Catalog + "." + n.Schema + "." + n.Object
	case n.Schema != "":
		return n.Schema + "." + n.Object
	}
	return n.Object
}

// Ident is a single name with its place: a column of a list, an alias.
type Ident struct {
	Name string
	Pos  Pos
}

// TypeName is a type as it is written: numeric(10,2)[], pg_catalog.int4,
// interval day to second(3). Keyword types arrive under their catalog names
// (int → pg_catalog.int4), as PostgreSQL's grammar does.
type TypeName struct {
	Name Name
	// Mods are the modifiers in parentheses; for INTERVAL the first one is the
	// field mask (see IntervalMask) and the second, if any, the precision.
	Mods []Expr
	// ArrayDims has an entry per [] or [n]; -1 where no bound is given.
	ArrayDims []int32
	SetOf     bool
	PctType   bool // name%TYPE
	Pos       Pos
}

// IntervalMask bits, as PostgreSQL's INTERVAL_MASK(field).
const (
	IntervalMonth  = 1 << 1
	IntervalYear   = 1 << 2
	IntervalDay    = 1 << 3
	IntervalHour   = 1 << 10
	IntervalMinute = 1 << 11
	IntervalSecond = 1 << 12
	IntervalFull   = 0x7FFF
)
