package server_test

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/server"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// fakeEngine knows a handful of statements, by their text, and PostgreSQL's
// rules of transactions, statements and portals: enough for every path through
// the protocol, and little enough to be read.
type fakeEngine struct {
	mu       sync.Mutex
	sessions map[int32]*fakeSession
	nextPID  int32
	open     atomic.Int64
	ready    error
	opened   []map[string]string
	// auth is the verifier of every user; nil: no authentication.
	auth *string
	// commits takes the commits that Sync leaves on their way; nil: none.
	commits chan *fakePending
	// discard makes sessions take every Bind and Execute and do nothing: for
	// benchmarks of what is around them.
	discard bool
	// closed takes the sessions that have been closed.
	closed chan *fakeSession
	// idleLimit is every session's IdleLimit; nil: none.
	idleLimit func(*fakeSession) (time.Duration, error)
}

type fakeAuth string

func (a fakeAuth) SCRAM() string { return string(a) }

func newFakeEngine() *fakeEngine {
	return &fakeEngine{sessions: map[int32]*fakeSession{}, closed: make(chan *fakeSession, 1000)}
}

func (e *fakeEngine) Open(ctx context.Context, params map[string]string, client server.ClientInfo) (server.Session, error) {
	if params["database"] == "missing" {
		err := pgerr.New(pgerr.InvalidCatalogName, "database \"missing\" does not exist")
		err.Severity = pgerr.SevFatal
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.nextPID++
	s := &fakeSession{
		e: e, pid: e.nextPID, secret: uint32(e.nextPID) * 7919, wake: make(chan struct{}, 1), params: params,
		stmts: map[string]*fakeStmt{}, portals: map[string]*fakePortal{}, settings: map[string]string{"application_name": params["application_name"]},
	}
	e.sessions[s.pid] = s
	e.opened = append(e.opened, params)
	e.open.Add(1)
	return s, nil
}

func (e *fakeEngine) Authentication(user string) server.Authenticator {
	if e.auth == nil {
		return nil
	}
	if user == "nobody" {
		return fakeAuth("")
	}
	return fakeAuth(*e.auth)
}

func (e *fakeEngine) Cancel(pid int32, secret uint32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.sessions[pid]; s != nil && s.secret == secret {
		s.cancel()
	}
}

func (e *fakeEngine) Ready() error { return e.ready }

// notify gives every listening session a notification.
func (e *fakeEngine) notify(n server.Notification) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sessions {
		s.mu.Lock()
		if s.listening {
			s.heard = append(s.heard, n)
			select {
			case s.wake <- struct{}{}:
			default:
			}
		}
		s.mu.Unlock()
	}
}

// end ends every session from elsewhere.
func (e *fakeEngine) end(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sessions {
		s.mu.Lock()
		s.ended = err
		s.mu.Unlock()
		s.wake <- struct{}{}
	}
}

type fakePending struct {
	done chan struct{}
	err  error
}

func (p *fakePending) Done() <-chan struct{} { return p.done }
func (p *fakePending) Err() error            { return p.err }

func (p *fakePending) finish(err error) {
	p.err = err
	close(p.done)
}

// txState is a session's place in PostgreSQL's transaction state machine.
type txState int

const (
	txNone     txState = iota
	txImplicit         // of a simple Query or a pipeline
	txBlock
	txFailed         // a block that has failed
	txImplicitFailed // a pipeline that has failed
)

type fakeStmt struct {
	def    *fakeDef
	sql    string
	params []uint32
}

type fakePortal struct {
	stmt    *fakeStmt
	args    []string
	formats []int16
	at      int
}

type fakeSession struct {
	e        *fakeEngine
	pid      int32
	secret   uint32
	params   map[string]string
	tx       txState
	stmts    map[string]*fakeStmt
	portals  map[string]*fakePortal
	settings map[string]string
	wrote    bool // the implicit transaction has something to commit

	mu        sync.Mutex
	stop      context.CancelFunc
	listening bool
	heard     []server.Notification
	ended     error
	wake      chan struct{}
	closed    bool
	loose     *fakePending // the last commit left on its way
}

func (s *fakeSession) PID() int32            { return s.pid }
func (s *fakeSession) Secret() uint32        { return s.secret }
func (s *fakeSession) Env() *types.Env       { return types.DefaultEnv }
func (s *fakeSession) Wake() <-chan struct{} { return s.wake }
func (s *fakeSession) Ended() error          { s.mu.Lock(); defer s.mu.Unlock(); return s.ended }

func (s *fakeSession) IdleLimit() (time.Duration, error) {
	if s.e.idleLimit == nil {
		return 0, nil
	}
	return s.e.idleLimit(s)
}

func (s *fakeSession) Parameters() []server.Parameter {
	return []server.Parameter{
		{Name: "application_name", Value: s.settings["application_name"]},
		{Name: "session_authorization", Value: s.params["user"]},
	}
}

func (s *fakeSession) TxStatus() byte {
	switch s.tx {
	case txBlock:
		return 'T'
	case txFailed:
		return 'E'
	}
	return 'I'
}

func (s *fakeSession) Notifications() []server.Notification {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.heard
	s.heard = nil
	return n
}

func (s *fakeSession) cancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		s.stop()
	}
}

// statement gives the context of a statement, which cancel ends.
func (s *fakeSession) statement(ctx context.Context) (context.Context, func()) {
	ctx, stop := context.WithCancel(ctx)
	s.mu.Lock()
	s.stop = stop
	s.mu.Unlock()
	return ctx, func() {
		s.mu.Lock()
		s.stop = nil
		s.mu.Unlock()
		stop()
	}
}

func (s *fakeSession) fail(err error) error {
	switch s.tx {
	case txBlock:
		s.tx = txFailed
	case txImplicit, txNone:
		s.tx = txImplicitFailed
	}
	return err
}

func (s *fakeSession) Fail(err error) { s.fail(err) }

func (s *fakeSession) Simple(ctx context.Context, sql string, sink server.Sink) error {
	if s.e.discard {
		return errors.Join(sink.Columns(int4Columns), sink.Rows(oneRow), sink.Complete("SELECT 1"))
	}
	ctx, done := s.statement(ctx)
	defer done()
	delete(s.stmts, "")
	defer s.endImplicit()
	parts := strings.Split(sql, ";")
	some := false
	defs := make([]*fakeDef, len(parts))
	offset := 0
	for i, part := range parts {
		text := strings.TrimSpace(part)
		if text != "" && !strings.HasPrefix(text, "--") {
			def, err := define(text)
			if err != nil {
				e := *pgerr.From(err)
				e.Pos += int32(offset + strings.Index(part, text))
				return s.fail(&e)
			}
			defs[i], some = def, true
		}
		offset += len(part) + 1
	}
	if !some {
		return sink.Empty()
	}
	offset = 0
	for i, def := range defs {
		at := offset
		offset += len(parts[i]) + 1
		if def == nil {
			continue
		}
		if err := s.usable(def); err != nil {
			return s.fail(err)
		}
		if def.wrong != nil {
			e := *def.wrong
			e.Pos += int32(at + strings.Index(parts[i], strings.TrimSpace(parts[i])))
			return s.fail(&e)
		}
		if def.fails != nil {
			return s.fail(def.fails)
		}
		if err := s.run(ctx, def, &fakePortal{}, 0, sink); err != nil {
			return s.fail(err)
		}
	}
	return nil
}

// endImplicit ends the transaction of a simple Query or a pipeline.
func (s *fakeSession) endImplicit() {
	if s.tx == txImplicit || s.tx == txImplicitFailed {
		s.tx = txNone
	}
	if s.tx == txNone {
		clear(s.portals)
		s.wrote = false
	}
}

func (s *fakeSession) Parse(ctx context.Context, name, sql string, params []uint32) error {
	if name != "" && s.stmts[name] != nil {
		return s.fail(pgerr.New(pgerr.DuplicatePstatement, "prepared statement %q already exists", name))
	}
	st := &fakeStmt{sql: sql, params: params}
	if s.e.discard {
		return nil
	}
	if text := strings.Trim(sql, "; "); text != "" && !strings.HasPrefix(text, "--") {
		def, err := define(text)
		if err != nil {
			return s.fail(pgerr.AtPos(err, 0))
		}
		st.def = def
		if def.wrong != nil {
			return s.fail(def.wrong)
		}
		if st.params == nil {
			st.params = def.params
		}
	}
	if err := s.usable(st.def); err != nil {
		return s.fail(err)
	}
	s.begin()
	s.stmts[name] = st
	return nil
}

func (s *fakeSession) begin() {
	if s.tx == txNone {
		s.tx = txImplicit
	}
}

// usable refuses what a failed block does not take.
func (s *fakeSession) usable(def *fakeDef) error {
	if s.tx == txFailed && (def == nil || !def.ends) {
		return pgerr.New(pgerr.InFailedSQLTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	}
	return nil
}

func (s *fakeSession) stmt(name string) (*fakeStmt, error) {
	st := s.stmts[name]
	switch {
	case st != nil:
		return st, nil
	case name == "":
		return nil, pgerr.New(pgerr.UndefinedPstatement, "unnamed prepared statement does not exist")
	}
	return nil, pgerr.New(pgerr.UndefinedPstatement, "prepared statement %q does not exist", name)
}

func (s *fakeSession) Bind(ctx context.Context, portal, stmt string, formats []int16, params [][]byte, results []int16) error {
	if s.e.discard {
		return nil
	}
	st, err := s.stmt(stmt)
	if err != nil {
		return s.fail(err)
	}
	if len(params) != len(st.params) {
		return s.fail(pgerr.New(pgerr.ProtocolViolation, "bind message supplies %d parameters, but prepared statement %q requires %d", len(params), stmt, len(st.params)))
	}
	if err := s.usable(st.def); err != nil {
		return s.fail(err)
	}
	if st.def != nil && st.def.fails != nil {
		return s.fail(st.def.fails)
	}
	if portal != "" && s.portals[portal] != nil {
		return s.fail(pgerr.New(pgerr.DuplicateCursor, "cursor %q already exists", portal))
	}
	s.begin()
	p := &fakePortal{stmt: st, formats: append([]int16(nil), results...)}
	for _, v := range params {
		p.args = append(p.args, string(v))
	}
	s.portals[portal] = p
	return nil
}

func (s *fakeSession) DescribeStatement(ctx context.Context, name string) ([]uint32, []server.Column, error) {
	st, err := s.stmt(name)
	if err != nil {
		return nil, nil, s.fail(err)
	}
	s.begin()
	return st.params, columnsOf(st.def, nil), nil
}

func (s *fakeSession) portal(name string) (*fakePortal, error) {
	if p := s.portals[name]; p != nil {
		return p, nil
	}
	return nil, pgerr.New(pgerr.UndefinedCursor, "portal %q does not exist", name)
}

func (s *fakeSession) DescribePortal(ctx context.Context, name string) ([]server.Column, error) {
	p, err := s.portal(name)
	if err != nil {
		return nil, s.fail(err)
	}
	s.begin()
	return columnsOf(p.stmt.def, p.formats), nil
}

func columnsOf(def *fakeDef, formats []int16) []server.Column {
	if def == nil || def.cols == nil {
		return nil
	}
	cols := append([]server.Column{}, def.cols...)
	for i := range cols {
		switch {
		case len(formats) == 1:
			cols[i].Format = formats[0]
		case i < len(formats):
			cols[i].Format = formats[i]
		}
	}
	return cols
}

func (s *fakeSession) Execute(ctx context.Context, portal string, maxRows int, sink server.Sink) (bool, error) {
	if s.e.discard {
		return false, sink.Complete("INSERT 0 1")
	}
	ctx, done := s.statement(ctx)
	defer done()
	p, err := s.portal(portal)
	if err != nil {
		return false, s.fail(err)
	}
	if p.stmt.def == nil {
		return false, sink.Empty()
	}
	before := p.at
	if err := s.run(ctx, p.stmt.def, p, maxRows, sink); err != nil {
		return false, s.fail(err)
	}
	return maxRows > 0 && p.at-before == maxRows, nil
}

func (s *fakeSession) CloseStatement(name string) error { delete(s.stmts, name); return nil }
func (s *fakeSession) ClosePortal(name string) error    { delete(s.portals, name); return nil }

func (s *fakeSession) Sync(ctx context.Context) (server.Pending, error) {
	wrote := s.wrote && s.tx == txImplicit || s.e.discard
	s.endImplicit()
	if !wrote || s.e.commits == nil {
		return nil, nil
	}
	p := &fakePending{done: make(chan struct{})}
	s.loose = p
	s.e.commits <- p
	return p, nil
}

func (s *fakeSession) Close() {
	if s.closed {
		panic("session closed twice")
	}
	s.closed = true
	s.e.mu.Lock()
	delete(s.e.sessions, s.pid)
	s.e.mu.Unlock()
	s.e.open.Add(-1)
	select {
	case s.e.closed <- s:
	default: // nobody counts
	}
}

// run runs a statement.
func (s *fakeSession) run(ctx context.Context, def *fakeDef, p *fakePortal, maxRows int, sink server.Sink) error {
	if err := s.usable(def); err != nil {
		return err
	}
	s.begin()
	if def.cols != nil {
		if err := sink.Columns(columnsOf(def, p.formats)); err != nil {
			return err
		}
	}
	return def.run(s, ctx, p, maxRows, sink)
}

// fakeDef is a statement that the fake knows.
type fakeDef struct {
	params []uint32
	cols   []server.Column
	ends   bool         // ends a transaction block: runs in one that has failed
	wrong  *pgerr.Error // found when it is analysed
	fails  *pgerr.Error // found when it is planned
	run    func(s *fakeSession, ctx context.Context, p *fakePortal, maxRows int, sink server.Sink) error
}

func column(name string, t *types.Type) server.Column {
	return server.Column{Name: name, Type: t, Mod: -1}
}

// tagged makes a statement that gives no rows.
func tagged(tag string, f func(s *fakeSession, sink server.Sink) error) *fakeDef {
	return &fakeDef{run: func(s *fakeSession, _ context.Context, _ *fakePortal, _ int, sink server.Sink) error {
		if f != nil {
			if err := f(s, sink); err != nil {
				return err
			}
		}
		return sink.Complete(tag)
	}}
}

// selecting makes a query that gives rows.
func selecting(cols []server.Column, tag string, rows func(s *fakeSession, p *fakePortal) [][]types.Datum) *fakeDef {
	return &fakeDef{cols: cols, run: func(s *fakeSession, _ context.Context, p *fakePortal, maxRows int, sink server.Sink) error {
		return page(rows(s, p), tag, p, maxRows, sink, cols)
	}}
}

// page sends the rows of a portal from where it stands.
func page(all [][]types.Datum, tag string, p *fakePortal, maxRows int, sink server.Sink, cols []server.Column) error {
	n := len(all) - p.at
	if maxRows > 0 {
		n = min(n, maxRows)
	}
	if err := sink.Rows(batchOf(cols, all[p.at:p.at+n])); err != nil {
		return err
	}
	p.at += n
	if maxRows > 0 && n == maxRows {
		return nil
	}
	if tag == "SELECT" {
		tag += " " + strconv.Itoa(n)
	}
	return sink.Complete(tag)
}

func batchOf(cols []server.Column, rows [][]types.Datum) *vec.Batch {
	b := &vec.Batch{Cols: make([]vec.Vec, len(cols)), N: len(rows)}
	for c := range cols {
		b.Cols[c].Reset(cols[c].Type.Kind, 0)
		for _, r := range rows {
			b.Cols[c].AppendDatum(r[c])
		}
	}
	return b
}

func one(d ...types.Datum) func(*fakeSession, *fakePortal) [][]types.Datum {
	return func(*fakeSession, *fakePortal) [][]types.Datum { return [][]types.Datum{d} }
}

var errTest = errors.New("an error without a code")

// define gives the statement with that text.
func define(sql string) (*fakeDef, error) {
	if def, ok := fakeStatements[sql]; ok {
		return def, nil
	}
	if n, ok := strings.CutPrefix(sql, "select generate_series(1,"); ok {
		count, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(n), ")"))
		return series(count), nil
	}
	if name, ok := strings.CutPrefix(sql, "set application_name = "); ok {
		return tagged("SET", func(s *fakeSession, sink server.Sink) error {
			s.settings["application_name"] = strings.Trim(name, "'")
			sink.Parameter("application_name", s.settings["application_name"])
			return nil
		}), nil
	}
	if at := strings.Index(sql, "nope"); at >= 0 {
		return &fakeDef{wrong: pgerr.New(pgerr.UndefinedTable, "relation \"nope\" does not exist").At(int32(at))}, nil
	}
	word, _, _ := strings.Cut(sql, " ")
	return nil, pgerr.New(pgerr.SyntaxError, "syntax error at or near \"%s\"", word).At(0)
}

func series(n int) *fakeDef {
	return selecting([]server.Column{column("generate_series", types.TInt4)}, "SELECT", func(*fakeSession, *fakePortal) [][]types.Datum {
		rows := make([][]types.Datum, n)
		for i := range rows {
			rows[i] = []types.Datum{types.NewInt(int64(i + 1))}
		}
		return rows
	})
}

var oneRow = batchOf(int4Columns, [][]types.Datum{{types.NewInt(1)}})

var int4Columns = []server.Column{column("?column?", types.TInt4)}

var fakeStatements map[string]*fakeDef

func init() {
	text := []server.Column{column("?column?", types.TText)}
	var a, b, t = column("a", types.TInt4), column("b", types.TInt4), column("n", types.TText)
	fakeStatements = map[string]*fakeDef{
		"select 1":   selecting(int4Columns, "SELECT", one(types.NewInt(1))),
		"select 2":   selecting(int4Columns, "SELECT", one(types.NewInt(2))),
		"select 1/0": {cols: int4Columns, fails: pgerr.New(pgerr.DivisionByZero, "division by zero")},
		"select":     selecting([]server.Column{}, "SELECT", one()),
		"select 1 as a, null::int as b, 'x' as n": selecting([]server.Column{a, b, t}, "SELECT", one(types.NewInt(1), types.Null, types.NewString("x"))),
		"select $1::int": {params: []uint32{23}, cols: []server.Column{column("int4", types.TInt4)},
			run: func(s *fakeSession, _ context.Context, p *fakePortal, maxRows int, sink server.Sink) error {
				var n int64
				if arg := p.args[0]; len(arg) == 4 && arg[0] == 0 {
					n = int64(arg[3])
				} else {
					n, _ = strconv.ParseInt(arg, 10, 32)
				}
				return page([][]types.Datum{{types.NewInt(n)}}, "SELECT", p, maxRows, sink, int4Columns)
			}},
		"select $1::text": {params: []uint32{25}, cols: []server.Column{column("text", types.TText)},
			run: func(s *fakeSession, _ context.Context, p *fakePortal, maxRows int, sink server.Sink) error {
				return page([][]types.Datum{{types.NewString(p.args[0])}}, "SELECT", p, maxRows, sink, text)
			}},
		"begin": tagged("BEGIN", func(s *fakeSession, sink server.Sink) error {
			if s.tx == txBlock {
				sink.Notice(pgerr.Warning(pgerr.ActiveSQLTransaction, "there is already a transaction in progress"))
			}
			s.tx = txBlock
			return nil
		}),
		"commit":                        endTx("COMMIT"),
		"rollback":                      endTx("ROLLBACK"),
		"insert into t values (1, 'x')": tagged("INSERT 0 1", func(s *fakeSession, _ server.Sink) error { s.wrote = true; return nil }),
		"show application_name": selecting([]server.Column{column("application_name", types.TText)}, "SHOW", func(s *fakeSession, _ *fakePortal) [][]types.Datum {
			return [][]types.Datum{{types.NewString(s.settings["application_name"])}}
		}),
		"listen c": tagged("LISTEN", func(s *fakeSession, _ server.Sink) error {
			s.mu.Lock()
			s.listening = true
			s.mu.Unlock()
			return nil
		}),
		"notify c, 'hello'": tagged("NOTIFY", func(s *fakeSession, _ server.Sink) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.heard = append(s.heard, server.Notification{PID: s.pid, Channel: "c", Payload: "hello"})
			return nil
		}),
		"copy t from stdin":                        {run: copyIn},
		"copy (values (1,'x'),(2,null)) to stdout": {run: copyOut},
		// What follows PostgreSQL does not know: it is for the conversations of our own.
		"wait": {run: func(s *fakeSession, ctx context.Context, _ *fakePortal, _ int, sink server.Sink) error {
			if err := sink.Flush(); err != nil {
				return err
			}
			<-ctx.Done()
			return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request")
		}},
		"panic": {run: func(*fakeSession, context.Context, *fakePortal, int, server.Sink) error { panic("told to") }},
		"oops":  {run: func(*fakeSession, context.Context, *fakePortal, int, server.Sink) error { return errTest }},
		"die":   {run: func(*fakeSession, context.Context, *fakePortal, int, server.Sink) error { return fatalTest() }},
		"flood": {cols: text, run: flood},
	}
	fakeStatements["commit"].ends = true
	fakeStatements["rollback"].ends = true
}

func fatalTest() error {
	err := pgerr.New(pgerr.AdminShutdown, "terminating connection due to administrator command")
	err.Severity = pgerr.SevFatal
	return err
}

func endTx(tag string) *fakeDef {
	return &fakeDef{run: func(s *fakeSession, _ context.Context, _ *fakePortal, _ int, sink server.Sink) error {
		tag := tag
		switch s.tx {
		case txFailed:
			tag = "ROLLBACK"
		case txBlock:
		default:
			sink.Notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "there is no transaction in progress"))
		}
		s.tx = txNone
		clear(s.portals)
		return sink.Complete(tag)
	}}
}

// copyIn takes lines for t (a int, b text) and checks the first column.
func copyIn(s *fakeSession, ctx context.Context, _ *fakePortal, _ int, sink server.Sink) error {
	r, err := sink.CopyIn(0, 2)
	if err != nil {
		return err
	}
	var data []byte
	for err == nil {
		var chunk []byte
		chunk, err = r.Next(ctx)
		data = append(data, chunk...)
		if err := checkLines(data); err != nil {
			return err
		}
	}
	if err != io.EOF {
		e := *pgerr.From(err)
		return e.WithWhere("COPY t, line %d", strings.Count(string(data), "\n")+1)
	}
	s.wrote = true
	return sink.Complete("COPY " + strconv.Itoa(strings.Count(string(data), "\n")))
}

func checkLines(data []byte) error {
	for i, line := range strings.SplitAfter(string(data), "\n") {
		a, _, _ := strings.Cut(line, "\t")
		if _, err := strconv.Atoi(a); err != nil && strings.HasSuffix(line, "\n") {
			return pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type integer: %q", a).
				WithWhere("COPY t, line %d, column a: %q", i+1, a)
		}
	}
	return nil
}

func copyOut(s *fakeSession, _ context.Context, _ *fakePortal, _ int, sink server.Sink) error {
	w, err := sink.CopyOut(0, 2)
	if err != nil {
		return err
	}
	for _, line := range []string{"1\tx\n", "2\t\\N\n"} {
		if _, err := io.WriteString(w, line); err != nil {
			return err
		}
	}
	if err := sink.CopyOutDone(); err != nil {
		return err
	}
	return sink.Complete("COPY 2")
}

// flood sends rows until the client is gone.
func flood(s *fakeSession, ctx context.Context, _ *fakePortal, _ int, sink server.Sink) error {
	b := batchOf(fakeStatements["flood"].cols, [][]types.Datum{{types.NewString(strings.Repeat("x", 1000))}})
	for ctx.Err() == nil {
		if err := sink.Rows(b); err != nil {
			return err
		}
	}
	return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request")
}
