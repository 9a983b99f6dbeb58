// Package port is what the wire and the engine say to each other. The server calls
// an Engine and its Sessions with text and bytes, and a Session answers a Sink
// with vectors; neither knows the other's insides.
package port

import (
	"context"
	"io"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Engine is what the server serves.
type Engine interface {
	// Open begins a session for a startup message: its parameters (user, database,
	// application_name, options already split into settings, any GUC). Errors are
	// FATAL reports (28000, 3D000, 57P03 while shutting down, 53300).
	Open(ctx context.Context, params map[string]string, client ClientInfo) (Session, error)
	// Authentication tells how a user proves who he is; nil: he need not.
	Authentication(user string) Authenticator
	// Cancel cancels what the session with this key is running, if there is one.
	Cancel(pid int32, secret uint32)
	// Ready tells whether recovery is over and commits are possible (/readyz).
	Ready() error
}

// ClientInfo is what is known of a client's connection.
type ClientInfo struct {
	Addr  string
	Local string // the server's end of the connection
	TLS   bool
}

// Authenticator checks a password.
type Authenticator interface {
	// SCRAM gives the stored SCRAM-SHA-256 verifier, "" when there is none (the
	// exchange is then done with a mock, as PostgreSQL does, and fails).
	SCRAM() string
}

// Session is one connection's state in the engine. Its methods are called from
// one goroutine at a time, the connection's own; ctx ends a call (57014).
type Session interface {
	// PID and Secret are the cancellation key.
	PID() int32
	Secret() uint32
	// TxStatus is 'I', 'T' or 'E'.
	TxStatus() byte
	// Env is the session's formats as they stand now, for output.
	Env() *types.Env
	// Parameters gives the GUC_REPORT parameters as they stand after Open, for the
	// ParameterStatus messages of the start-up; later changes go to Sink.Parameter.
	Parameters() []Parameter

	// Simple runs the statements of a simple Query in order, in one implicit
	// transaction, and stops at the first error, which it returns.
	Simple(ctx context.Context, sql string, sink Sink) error

	// Parse makes a prepared statement ("" is the unnamed one); params are the
	// given type OIDs, 0 for those to be inferred.
	Parse(ctx context.Context, name, sql string, params []uint32) error
	// Bind makes a portal from a prepared statement. formats are per parameter, one
	// for all, or none; so are results for the columns. A nil param is NULL. The
	// bytes in params are lent for the call; those in text format are valid UTF-8.
	// An error of one parameter has the context `unnamed portal parameter $1` or
	// `portal "p" parameter $1`, with ` = '...'` behind it if it came as text.
	Bind(ctx context.Context, portal, stmt string, formats []int16, params [][]byte, results []int16) error
	// DescribeStatement gives the parameter types and the columns (nil: no rows).
	DescribeStatement(ctx context.Context, name string) (params []uint32, cols []Column, err error)
	// DescribePortal gives the columns with their formats (nil: no rows).
	DescribePortal(ctx context.Context, name string) ([]Column, error)
	// Execute runs a portal, up to maxRows rows (0: all). suspended tells that there
	// may be more; CommandComplete went to the sink otherwise.
	Execute(ctx context.Context, portal string, maxRows int, sink Sink) (suspended bool, err error)
	CloseStatement(name string) error
	ClosePortal(name string) error
	// Sync ends the implicit transaction of a pipeline: it commits, or rolls back
	// after an error. The commit may still be on its way when Sync returns: then
	// pending is not nil, and ReadyForQuery (or the commit's error before it) is
	// sent when it is done. The connection may go on with the messages that follow
	// meanwhile, keeping answers in order; the session itself waits where a
	// statement has to see the commit.
	Sync(ctx context.Context) (pending Pending, err error)
	// Fail tells the session that an error was reported to the client outside its
	// own methods (a malformed message). Sync follows: at once in the simple
	// protocol, in the extended one when the client sends it.
	Fail(err error)

	// Notifications gives pending NOTIFY messages; Wake is signalled when there are
	// some while the session is idle.
	Notifications() []Notification
	Wake() <-chan struct{}

	// Close ends the session: an open transaction is rolled back.
	Close()
}

// Pending is a commit on its way.
type Pending interface {
	// Done is closed when the commit is durable and visible, or has failed.
	Done() <-chan struct{}
	// Err is the commit's error; it is called after Done is closed.
	Err() error
}

// Notifier is a Pending that tells when it is done, which saves a goroutine that
// waits for it. It is optional.
type Notifier interface {
	// Notify has w told, after Done was closed; false: it is done already and w hears
	// nothing. It is called once.
	Notify(w Waiter) bool
}

// Waiter hears that a commit is done. Committed is called for many connections in
// turn: it must not wait for anything, least of all for a client.
type Waiter interface{ Committed() }

// Parameter is a GUC_REPORT parameter and its value.
type Parameter struct{ Name, Value string }

// Idler is a Session that may end on its own while its client says nothing.
// It is optional.
type Idler interface {
	// IdleLimit tells, when the connection begins to wait for a command, how long
	// it may wait (0: for ever) and the FATAL report that the client gets then
	// (25P03, 57P05).
	IdleLimit() (time.Duration, error)
	// Ended gives the FATAL report that ends the session from elsewhere
	// (pg_terminate_backend: 57P01), nil while it lives. Wake is signalled when it
	// changes. It may be called from any goroutine.
	Ended() error
}

// Notification is one asynchronous message.
type Notification struct {
	PID     int32
	DB      uint32
	Channel string
	Payload string
}

// Column describes a result column, as RowDescription does.
type Column struct {
	Name     string
	TableOID uint32
	Attr     int16
	Type     *types.Type
	Mod      int32
	Format   int16 // 0 text, 1 binary
}

// Sink takes what a statement gives. It is implemented by the connection; its
// methods block while the client is slow, and fail when it is gone.
type Sink interface {
	// Columns begins a result in the simple protocol (RowDescription); in the
	// extended one it is only remembered. cols is lent until Complete.
	Columns(cols []Column) error
	// Rows sends rows: a batch in column order, lent for the call.
	Rows(b *vec.Batch) error
	// Flush sends what is buffered. A statement calls it before it waits for more to
	// come (SUBSCRIBE); otherwise output goes out as buffers fill and at its end.
	Flush() error
	// Complete ends a statement: CommandComplete.
	Complete(tag string) error
	// Empty ends an empty query string.
	Empty() error
	// Notice sends a NOTICE, WARNING or INFO.
	Notice(n *pgerr.Error)
	// Parameter reports a changed GUC_REPORT parameter.
	Parameter(name, value string)
	// CopyIn asks the client for data: format 0 text or csv, 1 binary; n columns.
	// The reader gives the bytes of CopyData messages as they come; it ends with
	// io.EOF at CopyDone and with a 57014 report at CopyFail. Every error it gives
	// is for the session to return, with the place in the input as its context.
	CopyIn(format int16, n int) (CopyReader, error)
	// CopyOut begins to send data. Every Write is a CopyData message, and clients
	// take a message for a row.
	CopyOut(format int16, n int) (io.Writer, error)
	// CopyOutDone ends it.
	CopyOutDone() error
}

// CopyReader reads CopyData.
type CopyReader interface {
	// Next gives the next bytes of data, lent until the next call: part of a
	// message, or what is there of several. The end of ctx ends a wait for them,
	// and nothing is lost: another call may go on waiting.
	Next(ctx context.Context) ([]byte, error)
}

// CopyAppender is a CopyReader that can put the data where they are wanted.
type CopyAppender interface {
	// Append is Next, but appends to dst, hardly more than there is room for; perhaps
	// nothing.
	Append(ctx context.Context, dst []byte) ([]byte, error)
}
