package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// ruledStep is one of the statements that rules (CREATE RULE) have made of one.
type ruledStep struct {
	plan   *planned // nil: notify
	notify *ast.Notify
	cols   []port.Column
	tells  bool
}

// analyzeRules plans a statement that rules rewrite; false: none does.
func (s *Session) analyzeRules(p *prepared, pc *planner.Context, pl *planned) (bool, error) {
	steps, first, ruled, err := planner.ApplyRules(pc, p.st.Stmt)
	if err != nil || !ruled {
		return false, err
	}
	pl.ruled, pl.modify = true, first
	var cols []port.Column
	for _, x := range steps {
		st := ruledStep{notify: x.Notify, tells: x.Tells}
		switch {
		case x.Modify != nil:
			st.plan = s.newPlanned()
			st.plan.modify = x.Modify
			if x.Tells && x.Modify.Returning != nil {
				cols = portColumns(x.Modify.Returning.Cols)
				pl.modify = x.Modify
			}
		case x.Query != nil:
			st.plan = s.newPlanned()
			st.plan.query, st.cols = x.Query, portColumns(x.Query.Cols)
		}
		pl.steps = append(pl.steps, st)
	}
	return true, p.adopt(pl, first.Params, cols)
}

// modifyRuled runs what rules have made of a statement, each part over what the ones
// before it have left.
func (s *Session) modifyRuled(ctx context.Context, p *prepared, args []types.Datum, sink port.Sink) (*result, error) {
	s.tx.queried = true
	if blind(p.st.Stmt) { // what a rule does may read
		s.waitPending()
		s.tx.statement()
	}
	if err := s.lockTargets(ctx, p, s.analyzeModify); err != nil {
		return nil, err
	}
	var out *result
	for _, st := range p.plan.steps {
		switch {
		case st.notify != nil:
			if _, err := s.notifySQL(st.notify); err != nil {
				return nil, err
			}
		case st.plan.query != nil:
			if err := s.ruledQuery(ctx, p, &st, args, sink); err != nil {
				return nil, err
			}
		default:
			r, err := s.ruledModify(ctx, p, &st, args)
			if err != nil {
				return nil, err
			}
			if st.tells {
				out = r
			}
		}
	}
	if out == nil {
		out = tagged(map[planner.ModifyKind]string{planner.InsertRows: "INSERT 0 0", planner.UpdateRows: "UPDATE 0", planner.DeleteRows: "DELETE 0"}[kindOf(p.st.Stmt)])
	}
	return out, nil
}

func kindOf(st ast.Stmt) planner.ModifyKind {
	switch st.(type) {
	case *ast.Update:
		return planner.UpdateRows
	case *ast.Delete:
		return planner.DeleteRows
	}
	return planner.InsertRows
}

// part is a statement of p's with a plan of its own.
func (st *ruledStep) part(p *prepared) *prepared {
	return &prepared{st: p.st, sql: p.sql, given: p.given, params: p.params, at: p.at, plan: st.plan, step: true}
}

// ruledModify runs one of the changes; its rows are taken before the next one runs.
func (s *Session) ruledModify(ctx context.Context, p *prepared, st *ruledStep, args []types.Datum) (*result, error) {
	r, err := s.modifyPlanned(ctx, st.part(p), args)
	if err != nil || r.src == nil {
		return r, err
	}
	rows, err := readAll(ctx, r.src)
	r.close()
	if st.tells {
		r.src = &batchList{list: rows}
	}
	return r, err
}

// ruledQuery runs a rule's query, whose rows a client of the simple protocol gets.
func (s *Session) ruledQuery(ctx context.Context, p *prepared, st *ruledStep, args []types.Datum, sink port.Sink) error {
	r, err := s.query(ctx, st.part(p), args)
	if err != nil {
		return err
	}
	defer r.close()
	if !p.noParams || p.vars != nil || p.fn != nil {
		_, err = readAll(ctx, r.src)
		return err
	}
	if err := sink.Columns(st.cols); err != nil {
		return err
	}
	_, _, err = send(ctx, r.src, &vec.Batch{}, 0, sink)
	return err
}

// explainRuled shows the plans of what rules have made of a statement, one after the other.
func (s *Session) explainRuled(ctx context.Context, opt *explainOptions, p *prepared, args []types.Datum) (*result, error) {
	if opt.json {
		return nil, pgerr.NotSupported("EXPLAIN (FORMAT JSON) of a statement that rules rewrite")
	}
	if opt.analyze {
		if err := s.lockTargets(ctx, p, s.analyzeModify); err != nil {
			return nil, err
		}
	}
	var rows [][]string
	for i, st := range p.plan.steps {
		if i > 0 {
			rows = append(rows, []string{""})
		}
		x := &explained{opt: opt}
		var err error
		switch {
		case st.notify != nil:
			rows = append(rows, []string{"NOTIFY"})
			continue
		case st.plan.query != nil:
			err = s.explainQuery(ctx, x, st.part(p), args)
		default:
			err = s.explainModify(ctx, x, st.part(p), args)
		}
		if err != nil {
			return nil, err
		}
		for _, l := range x.asText() {
			rows = append(rows, []string{l})
		}
	}
	if len(p.plan.steps) == 0 {
		rows = [][]string{{"Query rewrites to nothing"}}
	}
	return rowsResult("EXPLAIN", 1, rows), nil
}
