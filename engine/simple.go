package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Simple implements port.Session: the statements of a simple Query are one
// implicit transaction, which BEGIN makes a block and COMMIT ends.
func (s *Session) Simple(ctx context.Context, sql string, sink port.Sink) (err error) {
	ctx, done := s.call(ctx, sink)
	defer done()
	s.setState("active", sql)
	defer func() {
		if err != nil {
			s.fail()
		}
		s.setState(s.idleState(), "")
	}()
	s.dropPortal("")
	if st := s.textPlans.statement(sql); st != nil {
		return s.simpleStatement(ctx, sql, st, true, false, sink)
	}
	list, err := parser.Parse(sql)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return sink.Empty()
	}
	text := ""
	if len(list) == 1 {
		text = sql
	}
	for i := range list {
		if err := s.simpleStatement(ctx, text, &list[i], i == len(list)-1, len(list) > 1, sink); err != nil {
			return err
		}
	}
	return nil
}

// simpleStatement runs one statement of a simple Query. The last one commits the
// implicit transaction before its completion is told. text is the Query's text when
// it is the only one.
func (s *Session) simpleStatement(ctx context.Context, text string, st *ast.Statement, last, many bool, sink port.Sink) (err error) {
	for _, n := range st.Notices {
		s.notice(n)
	}
	if err := s.enter(st.Stmt); err != nil {
		return err
	}
	if many && !last {
		s.tx.many = true
	}
	ctx, stop := s.withTimeout(ctx)
	defer func() {
		err = causeOf(ctx, err)
		stop()
	}()
	p, err := s.textPlans.take(s, text, st)
	if err != nil {
		return err
	}
	if st.NumParams > 0 && len(p.params) > 0 {
		return pgerr.New(pgerr.UndefinedParameter, "there is no parameter $%d", 1)
	}
	r, err := s.execute(ctx, p, nil, sink)
	if err != nil {
		return err
	}
	defer r.close()
	var n int64
	if r.src != nil {
		if err := sink.Columns(p.cols); err != nil {
			return err
		}
		if n, _, err = send(ctx, r.src, &vec.Batch{}, 0, sink); err != nil {
			return err
		}
		r.close()
	}
	if s.tx != nil && !s.tx.block && last {
		if err := s.commit(ctx); err != nil {
			return err
		}
	}
	s.report()
	if r.done {
		return nil
	}
	return sink.Complete(r.tag(n))
}
