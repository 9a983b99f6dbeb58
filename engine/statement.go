package engine

import (
	"context"
	"fmt"

	"github.com/streamsqld/streamsqld/engine/ddl"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// result is what running a statement gives: rows, or just a command tag.
type result struct {
	src vec.Source // nil: no rows
	// tag makes the command tag from the number of rows that were sent.
	tag func(rows int64) string
	// done tells that everything was sent to the client already (COPY).
	done bool
}

func tagged(tag string) *result { return &result{tag: func(int64) string { return tag }} }

func (r *result) close() {
	if r != nil && r.src != nil {
		_ = r.src.Close()
		r.src = nil
	}
}

// enter readies the session for a statement: it begins a transaction unless one
// is under way, refuses statements of a failed one, and takes a snapshot.
func (s *Session) enter(st ast.Stmt) error {
	if err := s.notFailed(st); err != nil {
		return err
	}
	if s.tx == nil {
		s.begin(false)
	}
	if !blind(st) {
		s.waitPending()
	}
	s.tx.statement()
	if fixes(st) {
		s.tx.fixed = true
	}
	s.env.StmtTime = s.e.now()
	s.env.Now = s.tx.begun
	s.systemContext()
	return nil
}

// notFailed refuses statements of a failed transaction.
func (s *Session) notFailed(st ast.Stmt) error {
	if s.tx != nil && s.tx.failed && !endsFailed(st) {
		return pgerr.New(pgerr.InFailedSQLTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	}
	return nil
}

// endsFailed tells the statements that are accepted in a failed transaction.
func endsFailed(st ast.Stmt) bool {
	t, ok := st.(*ast.Transaction)
	if !ok {
		return false
	}
	switch t.Kind {
	case ast.TxCommit, ast.TxRollback, ast.TxRollbackTo, ast.TxPrepare:
		return true
	}
	return false
}

// fixes tells the statements that need a snapshot, which is the transaction's own
// above READ COMMITTED. The others may come before it: LOCK before what it protects.
func fixes(st ast.Stmt) bool {
	switch st.(type) {
	case *ast.Transaction, *ast.SetTransaction, *ast.SetVar, *ast.ShowVar, *ast.SetConstraints, *ast.Lock,
		*ast.Fetch, *ast.ClosePortal, *ast.Listen, *ast.Unlisten, *ast.Notify, *ast.Checkpoint:
		return false
	}
	return true
}

// blind tells statements that need not see the session's own last commit.
func blind(st ast.Stmt) bool {
	ins, ok := st.(*ast.Insert)
	return ok && ins.Query != nil && ins.Query.Values != nil && ins.OnConflict == nil && ins.With == nil
}

// fail notes an error: the transaction block is failed, an implicit transaction
// is rolled back.
func (s *Session) fail() {
	if s.tx == nil {
		return
	}
	if s.tx.block {
		s.tx.failed = true
		s.tx.releaseFailed()
		return
	}
	s.rollback()
}

// rollback ends the transaction without effect.
func (s *Session) rollback() {
	s.closeTxPortals()
	s.closeHeld()
	s.tx.end(false)
}

// commit ends the transaction, and waits until it is durable and visible.
func (s *Session) commit(ctx context.Context) error {
	c, err := s.commitStart(ctx)
	if err != nil || c == nil {
		return err
	}
	<-c.done
	s.tx.end(c.err == nil)
	return c.err
}

// commitStart sends the transaction's changes to the commit line. nil: there were
// none, and the transaction has ended. After an error it has been rolled back.
func (s *Session) commitStart(ctx context.Context) (*commit, error) {
	s.closeTxPortals()
	err := s.checkDeferred(ctx, true)
	if err == nil {
		err = s.beforeCommit(ctx)
	}
	if err != nil {
		s.tx.end(false)
		return nil, err
	}
	c, err := s.tx.commitRequest(ctx)
	if err == nil && c != nil {
		err = s.buildIndexes(ctx, c)
	}
	if err == nil && c != nil {
		err = s.buildViews(ctx, c)
	}
	if err == nil && c != nil {
		s.tx.guard(c)
		err = s.e.line.commit(c)
		s.tx.sent = err == nil
	}
	if err != nil {
		s.tx.end(false)
		return nil, err
	}
	if c == nil {
		s.tx.end(true)
	}
	return c, nil
}

// execute runs a statement whose portal or query it is. The transaction is open.
func (s *Session) execute(ctx context.Context, p *prepared, args []types.Datum, sink port.Sink) (*result, error) {
	if err := s.allowed(p.st.Stmt); err != nil {
		return nil, err
	}
	if err := s.doomed(p.st.Stmt); err != nil {
		return nil, err
	}
	p.runs++
	switch p.st.Stmt.(type) {
	case *ast.Select, *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge, *ast.Copy, *ast.Explain:
		s.tx.queried = true
	}
	switch st := p.st.Stmt.(type) {
	case *ast.Select:
		if st.IntoTarget() != nil {
			return s.selectInto(ctx, p, st)
		}
		return s.query(ctx, p, args)
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		return s.modify(ctx, p, args, sink)
	case *ast.Copy:
		return s.copy(ctx, p, st, args, sink)
	case *ast.Transaction:
		return s.transaction(ctx, st)
	case *ast.Explain:
		return s.explain(ctx, p, st, args)
	case *ast.Call:
		return s.callProcedure(ctx, p, args)
	case *ast.Do:
		return s.do(ctx, st)
	}
	if r, err, ok := s.utility(ctx, p, args, sink); ok {
		return r, err
	}
	return s.ddl(ctx, p, p.st.Stmt)
}

// allowed refuses statements that a read-only transaction may not run.
func (s *Session) allowed(st ast.Stmt) error {
	if !s.tx.readOnly {
		return nil
	}
	name := ""
	switch st := st.(type) {
	case *ast.Select:
		if modifies(st) {
			name = "SELECT"
		}
	case *ast.Insert:
		name = "INSERT"
	case *ast.Update:
		name = "UPDATE"
	case *ast.Delete:
		name = "DELETE"
	case *ast.Merge:
		if st.Writes() {
			name = "MERGE"
		}
	case *ast.Copy:
		if st.From {
			name = "COPY FROM"
		}
	default:
		name = ddl.Name(st)
	}
	if name == "" {
		return nil
	}
	return pgerr.New(pgerr.ReadOnlySQLTransaction, "cannot execute %s in a read-only transaction", name)
}

// permitted tells why the role may not do what a plan does.
func (s *Session) permitted(access []planner.Access) error {
	if s.super {
		return nil
	}
	return ddl.Privileges(s.systemContext().Snapshot, s.role, access)
}

// query opens a SELECT.
func (s *Session) query(ctx context.Context, p *prepared, args []types.Datum) (*result, error) {
	if err := s.analyzeQuery(p); err != nil {
		return nil, err
	}
	if err := p.plan.query.Fails; err != nil {
		return nil, err
	}
	if err := s.permitted(p.plan.query.Access); err != nil {
		return nil, err
	}
	open := func() (vec.Source, error) { return s.openQuery(p.plan, args) }
	switch {
	case len(p.plan.query.Parts) > 0:
		open = func() (vec.Source, error) { return s.queryWith(ctx, p, args) }
	case p.plan.query.Locks:
		open = func() (vec.Source, error) { return s.lockingQuery(ctx, p, args) }
	}
	src, err := open()
	if err != nil {
		return nil, err
	}
	return &result{src: src, tag: func(n int64) string { return fmt.Sprintf("SELECT %d", n) }}, nil
}

// openQuery opens a planned query over the statement's snapshot.
func (s *Session) openQuery(pl *planned, args []types.Datum) (vec.Source, error) {
	r, err := s.tx.reader()
	if err != nil {
		return nil, err
	}
	return s.openOver(pl, args, r, nil)
}

// openOver opens a planned query over what a reader sees; work are the rows of its
// WorkScans.
func (s *Session) openOver(pl *planned, args []types.Datum, r *reader, work map[int][]*vec.Batch) (vec.Source, error) {
	c, err := s.compiledQuery(pl)
	if err != nil {
		return nil, err
	}
	c.rt.Params, c.rt.Rels, c.rt.Work = args, r, s.transitions(work)
	return &querySource{Source: c.prep.Run(), pl: pl, c: c}, nil
}

// querySource gives the compiled plan back to its prepared statement when it is
// closed.
type querySource struct {
	vec.Source
	pl *planned
	c  *compiled
}

// Close implements vec.Source.
func (q *querySource) Close() error {
	err := q.Source.Close()
	if q.pl.run == nil && err == nil {
		q.pl.run = q.c
		return nil
	}
	_ = q.c.prep.Close()
	return err
}

// send sends rows to the client, up to max rows (0: all); more tells that there
// may be more, rest then holds rows that were taken from the source already.
func send(ctx context.Context, src vec.Source, rest *vec.Batch, max int64, sink port.Sink) (n int64, more bool, err error) {
	if rest.N > 0 {
		if n, more, err = sendSome(rest, max, 0, sink); err != nil || more {
			return n, more, err
		}
	}
	for {
		if max > 0 && n == max {
			return n, true, nil
		}
		var b vec.Batch
		if err := src.Next(ctx, &b); err != nil {
			return n, false, err
		}
		if b.N == 0 {
			return n, false, nil
		}
		k, cut, err := sendSome(&b, max, n, sink)
		n += k
		if err != nil {
			return n, false, err
		}
		if cut {
			*rest = *copyBatch(&b)
			return n, true, nil
		}
	}
}

// sendSome sends as many of a batch's rows as max allows after sent ones; cut
// tells that b now holds the others.
func sendSome(b *vec.Batch, max, sent int64, sink port.Sink) (n int64, cut bool, err error) {
	if max == 0 || int64(b.N) <= max-sent {
		n = int64(b.N)
		err = sink.Rows(b)
		b.N = 0
		return n, false, err
	}
	k := int(max - sent)
	var head, tail vec.Batch
	b.Slice(&head, 0, k)
	b.Slice(&tail, k, b.N)
	if err := sink.Rows(&head); err != nil {
		return 0, false, err
	}
	*b = tail
	return int64(k), true, nil
}
