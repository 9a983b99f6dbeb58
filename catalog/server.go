package catalog

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog/settings"
	"github.com/streamsqld/streamsqld/window"
)

// Times in this file are microseconds since 2000-01-01 UTC, 0 where there is
// none; NoTime marks a watermark that has not begun.

// NoTime is a watermark before the first row.
const NoTime = window.NoTime

// Server is what virtual relations and system functions ask of the running
// server. The engine supplies it. All methods may be called at any time, by many
// sessions at once, and answer from memory.
type Server interface {
	// StartTime is when the server started, ReloadTime when it last read its
	// configuration.
	StartTime() int64
	ReloadTime() int64

	// RelationStats gives the counters of a stored relation or an index, zero for
	// one that has none.
	RelationStats(oid OID) RelationStats
	// DatabaseStats gives the counters of the database.
	DatabaseStats() DatabaseStats
	// ResetStats sets the counters of a relation to zero, with 0 those of the
	// database and all its relations.
	ResetStats(oid OID)
	// SequenceLast gives the last value a sequence gave out; ok is false when it
	// has not given out any.
	SequenceLast(oid OID) (last int64, ok bool)

	// Activity lists the sessions.
	Activity() []Backend
	// Locks lists the locks held and waited for.
	Locks() []Lock
	// Cancel asks a session to end its statement, Terminate to end; false when
	// there is no such session. Terminate waits up to so many milliseconds for it.
	Cancel(pid int32) bool
	Terminate(ctx context.Context, pid int32, timeoutMs int64) bool

	// Reload reads the configuration again; false when that fails.
	Reload() bool

	// Position is the end of the commit log as a byte position, Commit the number
	// of the last commit.
	Position() uint64
	Commit() uint64

	Streams() []StreamStats
	Views() []ViewStats
	// Progress lists the statements of DDL that are at work.
	Progress() []DDLProgress
}

// RelationStats are the counters of a relation since the server started; Rows
// and Bytes are what it holds now.
type RelationStats struct {
	Rows, Bytes                int64
	Scans, RowsRead            int64 // full scans; of an index: look-ups
	Inserted, Updated, Deleted int64
}

// DatabaseStats are the counters of the database since the server started.
type DatabaseStats struct {
	Bytes                                     int64
	Commits, Rollbacks, Deadlocks             int64
	Read, Inserted, Updated, Deleted          int64 // rows
	TempFiles, TempBytes                      int64
	Sessions, Fatal, Killed, Abandoned        int64
	SessionMicros, ActiveMicros, TxIdleMicros int64
}

// Backend is a session as pg_stat_activity shows it.
type Backend struct {
	PID         int32
	Role        OID
	DB          OID
	Application string
	Address     string // of the client, "" for a Unix socket
	Port        int32  // -1 for a Unix socket
	// ServerAddress and ServerPort are where the client connected to.
	ServerAddress string
	ServerPort    int32
	TLS           string // protocol version, "" without TLS
	Cipher        string
	Bits          int32
	// Kind is "client backend" or what a background worker calls itself.
	Kind                                        string
	Started, XactStart, QueryStart, StateChange int64
	WaitType, WaitEvent                         string
	State                                       string // active, idle, idle in transaction, …
	Query                                       string
	Xid                                         uint64 // 0 when none is assigned
}

// Lock is a row of pg_locks.
type Lock struct {
	Kind     string // relation, tuple, transactionid, advisory …
	DB       OID
	Relation OID
	Row      int64 // of kind tuple: the row's number in its relation
	Xid      uint64
	Advisory AdvisoryKey
	PID      int32
	Mode     string
	Granted  bool
	Waiting  int64 // since when
}

// AdvisoryKey is what an advisory lock is on: a number, or a pair of them.
type AdvisoryKey struct {
	Pair bool
	Key  int64 // of a pair: the first in the upper half
}

// StreamStats is the state of a stream.
type StreamStats struct {
	OID OID
	// Rows and Bytes are what is stored now; the other counters go back to the
	// stream's creation.
	Rows, Bytes                   int64
	Late, Dropped, Errors, Repeat int64
	// Rate is the mean of rows per second over the last ten seconds.
	Rate                float64
	FirstTime, LastTime int64 // of the rows stored
	Floor               int64 // retention has removed what is older
	LastCommit          uint64
	LastRow             int64 // when a row last came

	// Watermark is NoTime before the first row; MaxTime is the latest time that
	// moved it.
	Watermark, MaxTime int64
	Idle               bool // moved on by the clock
	// OpenWindows counts the windows of views EMIT ON WINDOW CLOSE over the stream that
	// have rows and are not closed; windows of one end count once.
	OpenWindows  int64
	OldestWindow int64 // end of the oldest open one
	// HeldBack says what keeps the watermark where it is, Waiting what keeps its
	// oldest window open; sentences without a full stop.
	HeldBack, Waiting string
}

// ViewStats is the state of a materialized view.
type ViewStats struct {
	OID                      OID
	State                    string // running, building, failed, stopped
	Commit                   uint64 // it holds everything up to this commit
	Lag                      int64  // how long ago that was superseded, 0 when it is the last one
	Watermark                int64
	Rows, StateBytes, Bytes  int64
	RowsIn, RowsOut          int64
	StepMicros               int64 // time spent in it
	Errors                   int64 // rows in its error set
	LastError, LastErrorCode string
	LastErrorAt              int64
}

// DDLProgress is a statement of DDL at work.
type DDLProgress struct {
	PID         int32
	Command     string // CREATE MATERIALIZED VIEW, CREATE INDEX …
	Relation    OID
	Phase       string
	Done, Total int64 // rows; Total is 0 when unknown
	Started     int64
	Query       string
}

// Session is what they ask of the session they run in.
type Session interface {
	Database() string
	// User and SessionUser are the names of the current user and of who has connected,
	// which need not be a role's: a server without configuration lets everybody in. ""
	// is the role's name.
	User() string
	SessionUser() string
	SessionRole() OID
	PID() int32
	Settings() *settings.Session
	Prepared() []Prepared
	Cursors() []Cursor
	// Xid gives the transaction's number, assigning one if asked to; 0 is none.
	// Snapshot gives the number that rows of later commits are above.
	Xid(assign bool) uint64

	// Listening lists the channels listened to; Notify sends a notification when the
	// transaction commits.
	Listening() []string
	Notify(channel, payload string) error

	// AdvisoryLock takes an advisory lock for the session or, with xact, the
	// transaction, waiting for it unless try is set; false is that it is taken.
	AdvisoryLock(ctx context.Context, key AdvisoryKey, shared, xact, try bool) (bool, error)
	// AdvisoryUnlock gives one back; false when it was not held.
	AdvisoryUnlock(key AdvisoryKey, shared bool) bool
	AdvisoryUnlockAll()
}

// ViewWriter is a Session that can write a view's query so that its names mean the
// same along the session's path. It is optional: without it, the query is shown as
// its user wrote it.
type ViewWriter interface {
	ViewQuery(v *Relation) (string, error)
}

// RuleWriter is a Session that can do so with the condition and the actions of a rule.
type RuleWriter interface {
	RuleTexts(r *Relation, x *Rule) (where string, actions []string, err error)
}

// Prepared is a prepared statement.
type Prepared struct {
	Name, Query     string
	At              int64
	Params          []OID
	FromSQL         bool // by PREPARE, not by the protocol
	Generic, Custom int64
}

// Cursor is an open cursor.
type Cursor struct {
	Name, Query                  string
	Holdable, Binary, Scrollable bool
	At                           int64
}

// SameObject tells whether two locks are on the same thing.
func (l Lock) SameObject(o Lock) bool {
	return l.Kind == o.Kind && l.Relation == o.Relation && l.Row == o.Row && l.Xid == o.Xid && l.Advisory == o.Advisory
}
