package engine

import (
	"context"
	"fmt"

	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// portal is a bound statement, or an SQL cursor.
type portal struct {
	name string
	p    *prepared
	args []types.Datum
	cols []port.Column // with formats

	res  *result
	rest vec.Batch // rows taken from the source and not sent
	// sent counts the rows sent; over: the statement has run to its end.
	sent int64
	over bool

	cursor *cursor // nil unless it was DECLAREd, or FETCH and MOVE have spoken of it
	at     int64   // when it was made
	// depth is how many savepoints there were when it was made, those that were
	// released not counted.
	depth int
}

// Parse implements port.Session.
func (s *Session) Parse(ctx context.Context, name, sql string, params []uint32) (err error) {
	ctx, done := s.call(ctx, nil)
	defer done()
	defer func() {
		if err != nil {
			s.fail()
		}
	}()
	if name != "" && s.prepared[name] != nil {
		return pgerr.New(pgerr.DuplicatePstatement, "prepared statement \"%s\" already exists", name)
	}
	list, err := parser.Parse(sql)
	if err != nil {
		return err
	}
	if len(list) > 1 {
		return pgerr.New(pgerr.SyntaxError, "cannot insert multiple commands into a prepared statement")
	}
	given, err := s.paramTypes(params)
	if err != nil {
		return err
	}
	p := &prepared{given: given, at: s.e.now(), sql: sql}
	if len(list) == 1 {
		for _, n := range list[0].Notices {
			s.notice(n)
		}
		if err := s.enter(list[0].Stmt); err != nil {
			return err
		}
		if p, err = s.prepare(&list[0], given); err != nil {
			return err
		}
	}
	p.name = name
	if old := s.prepared[name]; old != nil {
		old.plan.discard()
	}
	s.prepared[name] = p
	return causeOf(ctx, ctx.Err())
}

// paramTypes resolves the type OIDs that a client gives for parameters.
func (s *Session) paramTypes(oids []uint32) ([]*types.Type, error) {
	out := make([]*types.Type, len(oids))
	for i, oid := range oids {
		if oid == 0 || types.OID(oid) == types.UnknownOID {
			continue
		}
		if out[i] = s.systemContext().TypeByOID(types.OID(oid)); out[i] == nil {
			return nil, pgerr.New(pgerr.UndefinedObject, "type with OID %d does not exist", oid)
		}
	}
	return out, nil
}

// Bind implements port.Session.
func (s *Session) Bind(ctx context.Context, name, stmt string, formats []int16, params [][]byte, results []int16) (err error) {
	_, done := s.call(ctx, nil)
	defer done()
	defer func() {
		if err != nil {
			s.fail()
		}
	}()
	p := s.prepared[stmt]
	if p == nil {
		if stmt == "" {
			return pgerr.New(pgerr.InvalidSQLStatementName, "unnamed prepared statement does not exist")
		}
		return noStatement(stmt)
	}
	if name != "" && s.portals[name] != nil {
		return pgerr.New(pgerr.DuplicateCursor, "cursor \"%s\" already exists", name)
	}
	if p.st != nil {
		if err := s.enter(p.st.Stmt); err != nil {
			return err
		}
	}
	if len(formats) > 1 && len(formats) != len(params) {
		return pgerr.New(pgerr.ProtocolViolation, "bind message has %d parameter formats but %d parameters", len(formats), len(params))
	}
	if len(params) != len(p.params) {
		return pgerr.New(pgerr.ProtocolViolation, "bind message supplies %d parameters, but prepared statement \"%s\" requires %d", len(params), stmt, len(p.params))
	}
	pt := &portal{name: name, p: p, at: s.e.now(), depth: s.depth()}
	if pt.args, err = s.bindArgs(p, name, formats, params); err != nil {
		return err
	}
	if pt.cols, err = formatted(s.boundColumns(p), results); err != nil {
		return err
	}
	s.dropPortal(name)
	s.portals[name] = pt
	return nil
}

// boundColumns are the columns of a statement that is bound. Those of FETCH are the
// cursor's, which may have been declared since the statement was prepared.
func (s *Session) boundColumns(p *prepared) []port.Column {
	if p.st != nil {
		if st, ok := p.st.Stmt.(*ast.Fetch); ok && !st.Move {
			return s.cursorColumns(st.Cursor)
		}
	}
	return p.cols
}

// bindArgs reads parameter values.
func (s *Session) bindArgs(p *prepared, portal string, formats []int16, params [][]byte) ([]types.Datum, error) {
	args := make([]types.Datum, len(params))
	for i, b := range params {
		if b == nil {
			continue
		}
		format := int16(0)
		if len(formats) == 1 {
			format = formats[0]
		} else if len(formats) > 1 {
			format = formats[i]
		}
		var err error
		switch format {
		case 0:
			args[i], err = p.params[i].In(&s.env.Env, string(b), types.NoMod)
		case 1:
			args[i], err = p.params[i].Recv(&s.env.Env, b, types.NoMod)
		default:
			err = pgerr.New(pgerr.InvalidParameterValue, "unsupported format code: %d", format)
		}
		if err != nil {
			return nil, inParameter(err, portal, i, format, b)
		}
	}
	return args, nil
}

// inParameter gives an error its place among a portal's parameters.
func inParameter(err error, portal string, i int, format int16, value []byte) error {
	where := fmt.Sprintf("unnamed portal parameter $%d", i+1)
	if portal != "" {
		where = fmt.Sprintf("portal \"%s\" parameter $%d", portal, i+1)
	}
	if format == 0 {
		where += " = '...'"
	}
	return withWhere(err, where)
}

// formatted gives the columns the formats that the client asks for.
func formatted(cols []port.Column, results []int16) ([]port.Column, error) {
	if cols == nil {
		return nil, nil
	}
	if len(results) > 1 && len(results) != len(cols) {
		return nil, pgerr.New(pgerr.ProtocolViolation, "bind message has %d result formats but query has %d columns", len(results), len(cols))
	}
	out := append([]port.Column{}, cols...)
	for i := range out {
		switch {
		case len(results) == 1:
			out[i].Format = results[0]
		case len(results) > 1:
			out[i].Format = results[i]
		}
		if out[i].Format == 1 && !out[i].Type.HasBinary() {
			return nil, pgerr.New(pgerr.UndefinedFunction, "no binary output function available for type %s", out[i].Type.SQLName(types.NoMod))
		}
		if out[i].Format != 0 && out[i].Format != 1 {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "unsupported format code: %d", out[i].Format)
		}
	}
	return out, nil
}

// DescribeStatement implements port.Session.
func (s *Session) DescribeStatement(ctx context.Context, name string) ([]uint32, []port.Column, error) {
	p := s.prepared[name]
	if p == nil {
		s.fail()
		if name == "" {
			return nil, nil, pgerr.New(pgerr.InvalidSQLStatementName, "unnamed prepared statement does not exist")
		}
		return nil, nil, noStatement(name)
	}
	if p.st != nil {
		if err := s.enter(p.st.Stmt); err != nil {
			return nil, nil, err
		}
	}
	oids := make([]uint32, len(p.params))
	for i, t := range p.params {
		oids[i] = uint32(t.OID)
	}
	return oids, p.cols, nil
}

// DescribePortal implements port.Session.
func (s *Session) DescribePortal(ctx context.Context, name string) ([]port.Column, error) {
	pt := s.portals[name]
	if pt == nil {
		s.fail()
		return nil, noPortal(name)
	}
	return pt.cols, nil
}

func noPortal(name string) error {
	return pgerr.New(pgerr.InvalidCursorName, "portal \"%s\" does not exist", name)
}

// Execute implements port.Session.
func (s *Session) Execute(ctx context.Context, name string, maxRows int, sink port.Sink) (suspended bool, err error) {
	ctx, done := s.call(ctx, sink)
	defer done()
	pt := s.portals[name]
	if pt == nil {
		s.fail()
		return false, noPortal(name)
	}
	s.setState("active", pt.p.sql)
	defer func() {
		if err != nil {
			s.fail()
		}
		s.setState(s.idleState(), "")
	}()
	if pt.p.st == nil {
		return false, sink.Empty()
	}
	ctx, stop := s.withTimeout(ctx)
	defer stop()
	suspended, err = s.runPortal(ctx, pt, int64(maxRows), sink)
	return suspended, causeOf(ctx, err)
}

func (s *Session) runPortal(ctx context.Context, pt *portal, max int64, sink port.Sink) (suspended bool, err error) {
	if pt.cursor != nil {
		return s.runCursor(ctx, pt, max, sink)
	}
	if err := s.start(ctx, pt, sink); err != nil {
		return false, err
	}
	if pt.over && pt.cols == nil {
		return false, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "portal \"%s\" cannot be run", pt.name)
	}
	var n int64
	if pt.res != nil && pt.res.src != nil {
		if err := sink.Columns(pt.cols); err != nil {
			return false, err
		}
		var more bool
		if n, more, err = send(ctx, pt.res.src, &pt.rest, max, sink); err != nil {
			return false, err
		}
		pt.sent += n
		if more {
			return true, nil
		}
	}
	res := pt.res
	pt.over = true
	res.close()
	s.report()
	if res.done {
		return false, nil
	}
	return false, sink.Complete(res.tag(n))
}

// start begins a portal's statement unless that was done.
func (s *Session) start(ctx context.Context, pt *portal, sink port.Sink) (err error) {
	if pt.res != nil || pt.over {
		return s.notFailed(pt.p.st.Stmt)
	}
	if err := s.enter(pt.p.st.Stmt); err != nil {
		return err
	}
	if pt.res, err = s.execute(ctx, pt.p, pt.args, sink); err != nil {
		return err
	}
	if pt.cols == nil && pt.p.cols != nil { // it became known when it ran
		pt.cols = pt.p.cols
	}
	return nil
}

// CloseStatement implements port.Session.
func (s *Session) CloseStatement(name string) error {
	if p := s.prepared[name]; p != nil {
		p.plan.discard()
		delete(s.prepared, name)
	}
	return nil
}

// ClosePortal implements port.Session.
func (s *Session) ClosePortal(name string) error {
	s.dropPortal(name)
	return nil
}

func (s *Session) dropPortal(name string) {
	if pt := s.portals[name]; pt != nil {
		pt.res.close()
		if pt.cursor != nil && pt.cursor.src != nil {
			_ = pt.cursor.src.Close()
		}
		delete(s.portals, name)
	}
}

// closePortals closes all portals.
func (s *Session) closePortals() {
	for name := range s.portals {
		s.dropPortal(name)
	}
}

// closeTxPortals closes the portals that end with the transaction: all but
// cursors WITH HOLD, which keep their rows.
func (s *Session) closeTxPortals() {
	for name, pt := range s.portals {
		if pt.cursor == nil || !pt.cursor.held {
			s.dropPortal(name)
		}
	}
}

// closeHeld closes the cursors WITH HOLD that a transaction has made which is rolled
// back.
func (s *Session) closeHeld() {
	for name, pt := range s.portals {
		if pt.cursor != nil && pt.cursor.tx == s.tx {
			s.dropPortal(name)
		}
	}
}

// Sync implements port.Session.
func (s *Session) Sync(ctx context.Context) (port.Pending, error) {
	if s.tx == nil || s.tx.block {
		return nil, nil
	}
	ctx, done := s.call(ctx, nil)
	defer done()
	c, err := s.commitStart(ctx)
	if err != nil || c == nil {
		return nil, causeOf(ctx, err)
	}
	if !s.tx.detachable() {
		<-c.done
		s.tx.end(c.err == nil)
		return nil, c.err
	}
	s.tx.end(true)
	s.pending = c
	return c, nil
}

// detachable tells whether the transaction may be forgotten before its commit is
// done: nothing waits for what it holds.
func (t *tx) detachable() bool {
	if t.edit != nil || t.seqs != nil {
		return false
	}
	return t.s.e.locks.onlyRelations(&t.s.locker)
}

// Fail implements port.Session.
func (s *Session) Fail(error) { s.fail() }

var _ port.Session = (*Session)(nil)
