// Package ddl turns the statements that define things into changes of the
// catalogue: it checks them, resolves what they name, and edits the transaction's
// catalog.Edit. What they do to rows it asks of the session.
package ddl

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// LockMode is a strength of PostgreSQL's table locks, numbered as there.
type LockMode uint8

// The lock modes.
const (
	AccessShare LockMode = iota + 1
	RowShare
	RowExclusive
	ShareUpdateExclusive
	Share
	ShareRowExclusive
	Exclusive
	AccessExclusive
)

// Session is what statements of DDL ask of the session that runs them. It is
// within a transaction; what it reads, it reads as that sees it.
type Session interface {
	// Edit gives the transaction's catalogue, to be changed.
	Edit() *catalog.Edit
	// Path is the effective search path. TempSchema is the session's schema for
	// temporary objects, which is made if make is set; 0 when there is none.
	Path() catalog.Path
	TempSchema(make bool) catalog.OID
	// User is the name of the current role, Role its OID, Super whether it is a
	// superuser.
	User() string
	// SessionUser is the name that SET ROLE does not change.
	SessionUser() string
	Role() catalog.OID
	Super() bool
	// Planner is what expressions and queries are bound under, over the catalogue
	// as it is now.
	Planner(params []*types.Type) *planner.Context
	// Setting gives a run-time parameter; Settings those that a view freezes
	// (semantics §9).
	Setting(name string) string
	Settings() map[string]string
	// CheckSetting tells whether ALTER ROLE … SET may store a value.
	CheckSetting(name, value string) error
	Notice(n *pgerr.Error)
	// InBlock tells whether a transaction block, or an implicit transaction of
	// several statements, is under way.
	InBlock() bool

	// DatabaseUsers counts the other sessions of a database, which are ended first if
	// end is set; it waits a while for them to go.
	DatabaseUsers(ctx context.Context, db catalog.OID, end bool) (int, error)

	// Lock locks a relation until the transaction ends, and fails with 42P01 when it
	// was dropped meanwhile. LockName keeps others from making the same name in the
	// schema.
	Lock(ctx context.Context, rel catalog.OID, mode LockMode) error
	LockName(ctx context.Context, schema catalog.OID, name string) error
	// InUse tells whether an open cursor or statement of the session reads a relation
	// (55006).
	InUse(rel catalog.OID) bool
	// HasPending tells whether rows of a relation are yet to be looked at for a
	// deferred constraint (55006).
	HasPending(rel catalog.OID) bool

	// HasRows tells whether a relation has rows.
	HasRows(ctx context.Context, rel catalog.OID) (bool, error)
	// Any tells whether a query, written in SQL with qualified names, gives a row;
	// detail is its first column of the first row as text.
	Any(ctx context.Context, sql string) (found bool, detail string, err error)
	// Rewrite puts the rows of old into the form of its new definition, which the
	// catalogue has already, as w computes them. It fails with 23502 or 23514 when a
	// new row has a NULL in a NOT NULL column or violates a CHECK that is valid.
	Rewrite(ctx context.Context, old *catalog.Relation, w *planner.Rewrite) error
	// Value computes an expression that reads no column.
	Value(ctx context.Context, x plan.Expr) (types.Datum, error)
	// Describe gives the columns of what a query (*ast.Select, *ast.Execute) returns.
	Describe(ctx context.Context, query ast.Stmt) ([]planner.OutCol, error)
	// Fill puts the rows of a query (*ast.Select, *ast.Execute) into a new table, and
	// gives their number.
	Fill(ctx context.Context, rel catalog.OID, query ast.Stmt) (int64, error)
	// CheckIndex fails if a row of an index's table cannot be in it: an expression
	// fails, or the key is too long (54000).
	CheckIndex(ctx context.Context, index catalog.OID) error
	// CheckUnique fails with 23505 ("could not create unique index …") if the rows
	// of an index's table are not unique by it.
	CheckUnique(ctx context.Context, index catalog.OID) error
	// Truncate deletes all rows of tables.
	Truncate(ctx context.Context, rels []catalog.OID) error
	// RestartSequence puts a sequence to a position, at once.
	RestartSequence(seq *catalog.Relation, value int64, called bool) error
	// SequencePosition gives where a sequence is.
	SequencePosition(seq *catalog.Relation) (value int64, called bool)
	// Fingerprint identifies what a materialized view computes under a catalogue: two
	// plans of one fingerprint give the same rows and keep the same state.
	Fingerprint(view *catalog.Relation, snap *catalog.Snapshot) (string, error)
	// BuildView has a new materialized view filled when the transaction commits.
	BuildView(view catalog.OID)
}
