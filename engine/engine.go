package engine

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/settings"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage"
	"github.com/streamsqld/streamsqld/storage/ckpt"
	"github.com/streamsqld/streamsqld/storage/log"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// Config is what an engine is opened with. Sizes are in bytes; zero values are the
// defaults.
type Config struct {
	DataDir string
	// ViewMemory bounds the state of each materialized view, TailMemory the rows that
	// are not in segments yet, CacheMemory what is kept of pages read by key.
	ViewMemory, TailMemory, CacheMemory int64
	// StagedMemory is how much of what a transaction has inserted is kept in memory, and
	// in the log, before its commit; more is moved to the store.
	StagedMemory int64
	// MaxConnections bounds the sessions.
	MaxConnections int
	// CheckpointEvery is the longest time between checkpoints, CheckpointBytes the
	// length of log that makes one due earlier.
	CheckpointEvery time.Duration
	CheckpointBytes int64
	TempDir         string
	Logger          *slog.Logger
	// Registry takes the engine's metrics; nil: nobody asks for them.
	Registry prometheus.Registerer
	// Settings are values of parameters, as configuration files give them.
	Settings map[string]string
	// Now gives the time in microseconds since 2000-01-01 UTC; nil is the clock.
	Now func() int64
}

const (
	defaultViewMemory  = 4 << 30
	defaultTailMemory  = 256 << 20
	defaultCacheMemory = 128 << 20
	// defaultStaged is semantics §20's.
	defaultStaged      = 256 << 20
	defaultConnections = 500
	defaultEvery       = 15 * time.Second
	defaultLogBytes    = 512 << 20
)

func (c *Config) defaults() {
	def := func(p *int64, v int64) {
		if *p == 0 {
			*p = v
		}
	}
	def(&c.ViewMemory, defaultViewMemory)
	def(&c.TailMemory, defaultTailMemory)
	def(&c.CacheMemory, defaultCacheMemory)
	def(&c.StagedMemory, defaultStaged)
	def(&c.CheckpointBytes, defaultLogBytes)
	if c.MaxConnections == 0 {
		c.MaxConnections = defaultConnections
	}
	if c.CheckpointEvery == 0 {
		c.CheckpointEvery = defaultEvery
	}
	if c.TempDir == "" {
		c.TempDir = os.TempDir()
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = func() int64 { return time.Now().UnixMicro() - pgEpoch }
	}
}

// pgEpoch is 2000-01-01 in Unix microseconds.
const pgEpoch = 946_684_800 * 1_000_000

// Engine is an open database. Its methods may be called by any goroutine.
type Engine struct {
	cfg     Config
	dir     *storage.Dir
	log     *log.Log
	store   *ckpt.Store
	env     *rel.Env
	cur     atomic.Pointer[Version]
	line    *line
	locks   *lockTable
	base    *settings.Base
	defs    atomic.Pointer[defCache]
	samples samples

	oids  atomic.Uint32
	txids atomic.Uint64
	pids  atomic.Int32

	sequences sequences
	channels  channels
	totals    totals

	mu       sync.Mutex
	sessions map[int32]*Session
	active   map[*tx]storage.Seq // what each transaction reads
	staged   map[uint64]log.Pos  // where each transaction's staged blocks begin
	closing  bool

	// broken is why nothing can be committed any more.
	broken atomic.Pointer[error]

	started    int64
	checkpoint *checkpointer
	keeper     *keeper
	reports    *reports
	building   building
}

// logReserve is what the log leaves free on the device, for the store to write what
// lets the log be recycled.
const logReserve = 32 << 20

// Open opens a data directory, recovers what it holds, and starts the commit line.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	cfg.defaults()
	e := &Engine{
		cfg: cfg, locks: newLockTable(), base: settings.NewBase(), sessions: map[int32]*Session{}, active: map[*tx]storage.Seq{}, staged: map[uint64]log.Pos{},
	}
	e.started, e.reports = e.now(), &reports{e: e}
	for name, value := range cfg.Settings {
		if err := e.base.Set(name, value, settings.FromFile); err != nil {
			return nil, err
		}
	}
	if err := e.open(ctx); err != nil {
		e.closeFiles()
		return nil, err
	}
	return e, nil
}

func (e *Engine) open(ctx context.Context) error {
	var err error
	if e.dir, err = storage.OpenDir(e.cfg.DataDir); err != nil {
		return err
	}
	if e.store, err = ckpt.Open(e.dir.Store(), ckpt.Options{Logf: e.logf}); err != nil {
		return err
	}
	if e.log, err = log.Open(e.dir.Log(), log.Options{Reserve: logReserve}); err != nil {
		return err
	}
	e.env = rel.NewEnv(e.store, e.cfg.CacheMemory, e.cfg.TailMemory)
	r, err := e.recover(ctx)
	if err != nil {
		return err
	}
	e.cur.Store(r.st.cur)
	e.line, e.keeper, e.checkpoint = newLine(e, r.st), newKeeper(e), newCheckpointer(e)
	e.checkpoint.resume(r)
	go e.line.run()
	go e.keeper.run()
	go e.checkpoint.run()
	e.cfg.Logger.Info("recovered", "commit", r.st.cur.Seq, "replayed", r.groups)
	if e.cfg.Registry != nil {
		if err := e.cfg.Registry.Register(newCollector(e)); err != nil {
			return err
		}
	}
	return e.dropLeftovers()
}

func (e *Engine) logf(format string, args ...any) {
	e.cfg.Logger.Warn("badger: " + sprintf(format, args))
}

func (e *Engine) now() int64 { return e.cfg.Now() }

// Close refuses new work, ends the sessions, makes a checkpoint and closes the
// files. ctx bounds the wait for what runs.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closing = true
	open := make([]*Session, 0, len(e.sessions))
	for _, s := range e.sessions {
		open = append(open, s)
	}
	e.mu.Unlock()
	for _, s := range open {
		s.terminate()
	}
	for _, s := range open {
		select {
		case <-s.gone:
		case <-ctx.Done():
		}
	}
	e.keeper.end()
	err := e.checkpoint.stop(true)
	e.line.stop()
	if cerr := e.closeFiles(); err == nil {
		err = cerr
	}
	return err
}

func (e *Engine) closeFiles() error {
	var err error
	keep := func(x error) {
		if err == nil {
			err = x
		}
	}
	if e.log != nil {
		keep(e.log.Close())
	}
	if e.store != nil {
		keep(e.store.Close())
	}
	if e.dir != nil {
		keep(e.dir.Close())
	}
	return err
}

// fail notes that nothing can be committed any more.
func (e *Engine) fail(err error) {
	if e.broken.CompareAndSwap(nil, &err) {
		e.cfg.Logger.Error("no more commits are possible", "error", err)
	}
}

// Ready implements port.Engine.
func (e *Engine) Ready() error {
	if p := e.broken.Load(); p != nil {
		return *p
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing {
		return errShutdown()
	}
	return nil
}

// Authentication implements port.Engine: everybody is who he says he is, unless
// his role has a password.
func (e *Engine) Authentication(user string) port.Authenticator {
	r := e.cur.Load().Cat.Role(user)
	if r == nil || r.Password == "" {
		return nil
	}
	return scramVerifier(r.Password)
}

type scramVerifier string

// SCRAM implements port.Authenticator.
func (v scramVerifier) SCRAM() string { return string(v) }

// Cancel implements port.Engine.
func (e *Engine) Cancel(pid int32, secret uint32) {
	e.mu.Lock()
	s := e.sessions[pid]
	e.mu.Unlock()
	if s != nil && s.secret == secret {
		s.cancel(errCanceled)
	}
}

var errCanceled = pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request")

// Open implements port.Engine: it begins a session.
func (e *Engine) Open(ctx context.Context, params map[string]string, client port.ClientInfo) (port.Session, error) {
	s, err := e.newSession(params, client)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing {
		return nil, fatal(pgerr.New(pgerr.CannotConnectNow, "the database system is shutting down"))
	}
	if len(e.sessions) >= e.cfg.MaxConnections {
		return nil, fatal(pgerr.New(pgerr.TooManyConnections, "sorry, too many clients already"))
	}
	if err := s.room(); err != nil {
		return nil, err
	}
	for {
		s.pid = e.pids.Add(1)%1_000_000 + 1000
		if e.sessions[s.pid] == nil {
			break
		}
	}
	s.secret = rand.Uint32()
	s.locker.pid, s.sessionLocks.pid = s.pid, s.pid
	e.sessions[s.pid] = s
	return s, nil
}

func fatal(err *pgerr.Error) *pgerr.Error {
	err.Severity = pgerr.SevFatal
	return err
}

// newOID gives an OID that nothing has had (catalog rule C2).
func (e *Engine) newOID() OID { return OID(e.oids.Add(1) - 1) }

// newTx gives a transaction number.
func (e *Engine) newTx() uint64 { return e.txids.Add(1) }

// checkBudget stops a view whose state has outgrown its budget (semantics §15).
func (e *Engine) checkBudget(v *view) {
	state, contents := v.circuit.Bytes(), v.contents.Bytes()
	v.stateBytes.Store(state)
	if state+contents <= e.cfg.ViewMemory {
		return
	}
	v.stopped = pgerr.New(pgerr.OutOfMemory, "materialized view \"%s\" has outgrown its state budget of %d bytes", v.def.Name, e.cfg.ViewMemory).
		WithHint("Drop the view, or restart the server with a larger --view-memory.")
	e.cfg.Logger.Error("view stopped", "view", v.def.Name, "state", state, "contents", contents)
}

// latest is the last published version.
func (e *Engine) latest() *Version { return e.cur.Load() }

// snapshot of the catalogue now.
func (e *Engine) catalog() *catalog.Snapshot { return e.latest().Cat }
