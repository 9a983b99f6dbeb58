package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/settings"
	"github.com/streamsqld/streamsqld/catalog/sysfunc"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Session is one connection's state. It implements port.Session, funcs.Session,
// funcs.Sequences and catalog.Session. Its methods are called by one goroutine at
// a time, but for terminate and cancel.
type Session struct {
	e        *Engine
	pid      int32
	secret   uint32
	user     string
	role     OID
	super    bool
	id       identity
	client   port.ClientInfo
	settings *settings.Session
	env      *funcs.Env
	sys      *catalog.Context
	fnDepth  int // functions that are being run
	plDepth  int // of them, those in PL/pgSQL
	// plFunctions and plCasts are functions in PL/pgSQL and casts ready to run.
	plFunctions map[plKey]*plFunction
	// triggerSets are the triggers of tables ready to run. afterLevel is what those of the current statement are told of, nil: nothing yet;
	// cascading: a referential action is being run.
	triggerSets map[OID]*triggerSet
	afterLevel  *triggerLevel
	cascading   bool
	// triggering are the tables whose triggers run.
	triggering []OID
	// transition are the rows of the transition tables of the trigger that runs.
	transition map[int][]*vec.Batch
	plCasts    map[plCastKey]*plProg
	plStack    []*plRun // functions in PL/pgSQL that are being run
	plPortals  int      // numbers cursors without a name

	tx           *tx
	locker       locker // of the transaction under way
	sessionLocks locker // advisory locks of the session

	prepared map[string]*prepared
	portals  map[string]*portal
	// pending is the session's last commit while it is on its way.
	pending *commit
	// greeting are notices that wait for the next call with a sink: those of the
	// start, and of Parse.
	greeting []*pgerr.Error

	sink port.Sink // of the call under way, for notices

	resolved resolvedPath
	seqLast  map[OID]int64
	lastSeq  OID
	rng      *funcs.Prng

	inbox inbox

	// The context of the last call, within the one that the wire gave, and its end.
	outer, inner context.Context
	endInner     context.CancelCauseFunc

	// What other goroutines see, or do.
	mu       sync.Mutex
	stop     context.CancelCauseFunc // ends the statement under way
	dead     bool
	gone     chan struct{}
	activity activity

	// db is the session's database; inDB the catalogue as it sees it.
	db   OID
	inDB databaseView

	// settled is what settingsChanged has carried over.
	settled uint64

	// textPlans are plans of simple Queries.
	textPlans textPlans

	// stats counts what plans do, while EXPLAIN ANALYZE runs a statement.
	stats *exec.Stats
	// hasTemp: the session has made its temporary schema.
	hasTemp bool
}

// activity is what pg_stat_activity shows of a session.
type activity struct {
	mu          sync.Mutex
	application string
	role        OID
	started     int64
	xactStart   int64
	queryStart  int64
	changed     int64
	state       string
	query       string
	xid         atomic.Uint64
}

// newSession checks a startup message and makes the session.
func (e *Engine) newSession(params map[string]string, client port.ClientInfo) (*Session, error) {
	user := params["user"]
	if user == "" {
		return nil, fatal(pgerr.New(pgerr.InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet"))
	}
	s := &Session{
		e: e, user: user, client: client, settings: settings.NewSession(e.base), prepared: map[string]*prepared{}, portals: map[string]*portal{},
		gone: make(chan struct{}), inbox: newInbox(), rng: funcs.NewPrng(rand.Uint64()),
	}
	if err := s.login(); err != nil {
		return nil, err
	}
	if err := s.database(params["database"]); err != nil {
		return nil, err
	}
	s.storedSettings()
	for name, value := range params {
		switch name {
		case "user", "database", "replication":
			continue
		}
		if strings.HasPrefix(name, "_pq_.") {
			continue
		}
		if err := s.settings.Startup(name, value, settings.FromClient, s.super); err != nil {
			return nil, fatal(pgerr.From(err))
		}
	}
	s.settings.Assign("session_authorization", user)
	s.id = identity{login: user, loginRole: s.role, loginSuper: s.super, sessionRole: s.role, sessionSuper: s.super}
	s.env = &funcs.Env{Clock: e.now, Session: s, Sequence: s, Routine: s}
	s.sys = &catalog.Context{Snapshot: e.catalog().In(s.db), Role: s.role, Server: e.reports, Session: s}
	s.env.System = sysfunc.Functions{Context: s.sys}
	if err := s.checkRole("role", s.settings.Text("role")); err != nil { // of the start-up options
		return nil, fatal(pgerr.From(err))
	}
	s.settingsChanged()
	s.activity.started = e.now()
	s.setState("idle", "")
	return s, nil
}

// login finds the role. A user without a role is let in as a superuser, so that a
// server without configuration works for everybody on the machine.
func (s *Session) login() error {
	r := s.e.catalog().Role(s.user)
	if r == nil {
		s.role, s.super = catalog.BootstrapRole, true
		return nil
	}
	if !r.Login {
		return fatal(pgerr.New(pgerr.InvalidAuthorizationSpecification, "role \"%s\" is not permitted to log in", s.user))
	}
	s.role, s.super = r.OID, r.Super
	return nil
}

// settingsChanged carries settings over to where they act.
func (s *Session) settingsChanged() {
	if s.settled == s.settings.Version() {
		return
	}
	s.settle()
	s.settled = s.settings.Version()
}

func (s *Session) settle() {
	s.takeIdentity()
	now := s.env.Now
	s.env.Env = s.settings.Env()
	s.env.Now = now
	s.env.Names = sysfunc.Functions{Context: s.sys}
	s.sys.Env = &s.env.Env
	s.activity.mu.Lock()
	s.activity.application, s.activity.role = s.settings.Text("application_name"), s.id.sessionRole
	s.activity.mu.Unlock()
}

// systemContext gives what system relations and functions read, as of the
// statement under way.
func (s *Session) systemContext() *catalog.Context {
	if s.tx != nil && s.tx.read != nil {
		s.sys.Snapshot = s.tx.catalog()
	}
	s.sys.Role = s.role
	s.sys.Path = s.path()
	return s.sys
}

// resolvedPath is a search path with what it was resolved under.
type resolvedPath struct {
	snap     *catalog.Snapshot
	settings uint64
	user     string
	path     catalog.Path
}

// path is the effective search path; it finds the temporary schema, too.
func (s *Session) path() catalog.Path {
	snap := s.sys.Snapshot
	if c := &s.resolved; c.snap == snap && c.settings == s.settings.Version() && c.user == s.user && !s.tx.changesCatalog() {
		return c.path
	}
	s.sys.Temp = s.tempOID(false)
	p := snap.ResolvePath(s.settings.SearchPath(), s.user, s.sys.Temp)
	s.resolved = resolvedPath{snap, s.settings.Version(), s.user, p}
	return p
}

// relation finds the relation that a name means.
func (s *Session) relation(n ast.Name) (*catalog.Relation, error) {
	s.systemContext()
	r, err := s.sys.LookupRelation(s.sys.Path, n.Schema, n.Object, s.sys.Temp)
	return r, pgerr.AtPos(err, n.Pos)
}

// PID implements port.Session.
func (s *Session) PID() int32 { return s.pid }

// Secret implements port.Session.
func (s *Session) Secret() uint32 { return s.secret }

// Env implements port.Session.
func (s *Session) Env() *types.Env { return &s.env.Env }

// TxStatus implements port.Session.
func (s *Session) TxStatus() byte {
	switch {
	case s.tx == nil || !s.tx.block:
		return 'I'
	case s.tx.failed:
		return 'E'
	}
	return 'T'
}

// defaultIsolation is the level a transaction begins with.
func (s *Session) defaultIsolation() isolation {
	return isolationOf(s.settings.Text("default_transaction_isolation"))
}

func isolationOf(name string) isolation {
	switch name {
	case "repeatable read":
		return repeatableRead
	case "serializable":
		return serializable
	}
	return readCommitted
}

// syncCommit tells whether commits wait for the disk.
func (s *Session) syncCommit() bool { return s.settings.Text("synchronous_commit") != "off" }

// notice sends a notice to the client, if client_min_messages lets it.
func (s *Session) notice(n *pgerr.Error) {
	switch {
	case !s.wants(n.Severity):
	case s.sink != nil:
		s.sink.Notice(n)
	case len(s.greeting) < maxWaiting:
		s.greeting = append(s.greeting, n)
	}
}

// maxWaiting bounds the notices that wait for a call that can tell them.
const maxWaiting = 100

// levels orders what client_min_messages may say.
var levels = map[string]int{"debug5": 0, "debug4": 0, "debug3": 0, "debug2": 0, "debug1": 0, "log": 1, "notice": 2, "warning": 3, "error": 4}

func (s *Session) wants(sev pgerr.Severity) bool {
	if sev == pgerr.SevInfo {
		return true
	}
	level := map[pgerr.Severity]int{pgerr.SevDebug: 0, pgerr.SevLog: 1, pgerr.SevNotice: 2, pgerr.SevWarning: 3}[sev]
	return level >= levels[s.settings.Text("client_min_messages")]
}

// call begins a call of the wire: notices go to sink, and the statement can be
// cancelled. The function it gives ends the call.
func (s *Session) call(ctx context.Context, sink port.Sink) (context.Context, func()) {
	s.sink = sink
	if ctx != s.outer || s.inner.Err() != nil { // else the last call's serves again
		s.outer = ctx
		s.inner, s.endInner = context.WithCancelCause(ctx)
	}
	ctx = s.inner
	s.mu.Lock()
	s.stop = s.endInner
	if s.dead {
		s.stop(errShutdown())
	}
	s.mu.Unlock()
	waiting := s.greeting
	s.greeting = nil
	for _, n := range waiting {
		s.notice(n)
	}
	return ctx, func() {
		s.mu.Lock()
		s.stop = nil
		s.mu.Unlock()
		s.report()
		s.sink = nil
	}
}

// report tells the client of changed parameters.
func (s *Session) report() {
	if s.sink == nil {
		return
	}
	for _, st := range s.settings.Report() {
		s.sink.Parameter(st.Name, st.Value)
	}
}

// withTimeout bounds a statement by statement_timeout.
func (s *Session) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	ms := s.settings.Int("statement_timeout")
	if ms <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, time.Duration(ms)*time.Millisecond,
		pgerr.New(pgerr.QueryCanceled, "canceling statement due to statement timeout"))
}

// causeOf gives what has ended a statement's context in place of the context's own
// error. A cursor whose query was ended by an earlier statement says so again.
func causeOf(ctx context.Context, err error) error {
	switch {
	case !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request")
}

// cancel ends the statement under way, if there is one.
func (s *Session) cancel(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		s.stop(why)
	}
}

// terminate ends the session: at once when it is idle, else after its statement
// was cancelled.
func (s *Session) terminate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = true
	if s.stop != nil {
		s.stop(errTerminated())
	}
	s.inbox.signal()
}

func errTerminated() *pgerr.Error {
	return fatal(pgerr.New(pgerr.AdminShutdown, "terminating connection due to administrator command"))
}

var _ port.Idler = (*Session)(nil)

// IdleLimit implements port.Idler.
func (s *Session) IdleLimit() (time.Duration, error) {
	name := "idle_session_timeout"
	inBlock := s.tx != nil && s.tx.block
	if inBlock {
		name = "idle_in_transaction_session_timeout"
	}
	limit := time.Duration(s.settings.Int(name)) * time.Millisecond
	switch {
	case limit <= 0: // as nearly always
		return 0, nil
	case inBlock:
		return limit, fatal(pgerr.New(pgerr.IdleInTransactionSessionTimeout, "terminating connection due to idle-in-transaction timeout"))
	}
	return limit, fatal(pgerr.New(pgerr.IdleSessionTimeout, "terminating connection due to idle-session timeout"))
}

// Ended implements port.Idler.
func (s *Session) Ended() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return errTerminated()
	}
	return nil
}

// Close implements port.Session.
func (s *Session) Close() {
	s.closePortals()
	if s.tx != nil {
		s.tx.end(false)
	}
	s.waitPending()
	s.e.channels.unlistenAll(s)
	s.e.locks.release(&s.sessionLocks)
	_ = s.dropTemp()
	if s.endInner != nil {
		s.endInner(nil)
	}
	s.e.mu.Lock()
	delete(s.e.sessions, s.pid)
	s.e.mu.Unlock()
	close(s.gone)
}

// Parameters implements port.Session.
func (s *Session) Parameters() []port.Parameter {
	var out []port.Parameter
	for _, st := range s.settings.Report() {
		out = append(out, port.Parameter{Name: st.Name, Value: st.Value})
	}
	return out
}

// lockPolicy is how long the session waits for locks.
func (s *Session) lockPolicy() lockPolicy {
	return lockPolicy{timeout: time.Duration(s.settings.Int("lock_timeout")) * time.Millisecond}
}

// waitPending waits for the session's commit that is on its way: what comes next
// has to see it.
func (s *Session) waitPending() {
	if s.pending != nil {
		<-s.pending.Done()
		s.pending = nil
	}
}

// setState notes what the session does, for pg_stat_activity.
func (s *Session) setState(state, query string) {
	now := s.e.now()
	a := &s.activity
	a.mu.Lock()
	defer a.mu.Unlock()
	if query != "" {
		a.query, a.queryStart = query, now
	}
	if a.state != state {
		a.state, a.changed = state, now
	}
	a.xactStart = 0
	if s.tx != nil {
		a.xactStart = s.tx.begun
		a.xid.Store(s.tx.id)
	}
}

// idleState is the state between statements.
func (s *Session) idleState() string {
	switch s.TxStatus() {
	case 'E':
		return "idle in transaction (aborted)"
	case 'T':
		return "idle in transaction"
	}
	return "idle"
}
