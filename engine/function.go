package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/ddl"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Functions in SQL whose body does not take the place of the call are run here, one
// statement after another, within the statement that calls them (fmgr_sql).

// maxFunctionDepth bounds functions that are run by functions.
const maxFunctionDepth = 200

// runFunction runs a function's body and gives the rows of its result. args are those
// of its input parameters, want the types of the result's columns.
func (s *Session) runFunction(ctx context.Context, f *catalog.Function, args []types.Datum, want []*types.Type) ([]*vec.Batch, error) {
	if f.Lang == catalog.LangPLpgSQL {
		return s.runPL(ctx, f, args, want, s.atomic())
	}
	if s.fnDepth++; s.fnDepth > maxFunctionDepth {
		s.fnDepth--
		return nil, pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").
			WithHint("Function %s calls itself, or functions call each other too deeply.", f.Name)
	}
	defer func() { s.fnDepth-- }()
	if f.SecDef {
		defer s.actAs(f.Owner)()
	}
	if f.Strict {
		for _, a := range args {
			if a.IsNull() {
				return functionResult(f, nil, want), nil
			}
		}
	}
	body, err := planner.FunctionBody(s.plannerContext(nil), f)
	if err != nil {
		return nil, err
	}
	var rows []*vec.Batch
	for i := range body {
		if rows, err = s.runStatement(ctx, f, &body[i], args, i == len(body)-1); err != nil {
			return nil, withinFunction(f, i, err)
		}
	}
	return functionResult(f, rows, want), nil
}

// withinFunction says where in a function's body an error is.
func withinFunction(f *catalog.Function, i int, err error) error {
	e, ok := err.(*pgerr.Error)
	if !ok {
		return err
	}
	c := *e
	c.Pos = 0
	return c.WithWhere("SQL function \"%s\" statement %d", f.Name, i+1)
}

// actAs makes a role the current one until the function it gives is called.
func (s *Session) actAs(role OID) (back func()) {
	was, super, user := s.role, s.super, s.user
	s.role = role
	if r := s.systemContext().RoleByOID(role); r != nil {
		s.super, s.user = r.Super, r.Name
	}
	s.sys.Role = role
	return func() { s.role, s.super, s.sys.Role, s.user = was, super, was, user }
}

// runStatement runs one statement of a function's body. What one changes, the next
// one sees.
func (s *Session) runStatement(ctx context.Context, f *catalog.Function, st *ast.Statement, args []types.Datum, last bool) ([]*vec.Batch, error) {
	if err := allowedInFunction(f, st.Stmt); err != nil {
		return nil, err
	}
	if f.Volatility == 'v' {
		s.tx.statement()
	}
	s.systemContext()
	p := &prepared{st: st, sql: st.Text, at: s.e.now(), fn: f, fnResult: last && f.Ret != types.VoidOID}
	for _, oid := range f.Inputs() {
		p.given = append(p.given, s.systemContext().TypeByOID(oid))
	}
	r, err := s.execute(ctx, p, args, s.sink)
	if err != nil || r.src == nil {
		return nil, err
	}
	defer r.close()
	rows, err := readAll(ctx, r.src)
	if err != nil || !p.fnResult {
		return nil, err
	}
	at := resultColumns(p)
	for i, b := range rows {
		rows[i] = take(b, at)
	}
	return rows, nil
}

// resultColumns are the positions of the columns that a statement gives.
func resultColumns(p *prepared) []int {
	root, cols := plan.Node(nil), []planner.OutCol(nil)
	switch {
	case p.plan == nil:
		at := make([]int, len(p.cols))
		for i := range at {
			at[i] = i
		}
		return at
	case p.plan.query != nil:
		root, cols = p.plan.query.Root, p.plan.query.Cols
	default:
		root, cols = p.plan.modify.Returning.Root, p.plan.modify.Returning.Cols
	}
	ids := make([]plan.ColID, len(cols))
	for i, c := range cols {
		ids[i] = c.ID
	}
	return positions(root, ids)
}

// allowedInFunction refuses statements that no function runs.
func allowedInFunction(f *catalog.Function, st ast.Stmt) error {
	switch st := st.(type) {
	case *ast.Transaction:
		return pgerr.New(pgerr.FeatureNotSupported, "%s is not allowed in an SQL function", transactionWords[st.Kind])
	case *ast.Copy:
		if st.Filename == "" && !st.Program {
			return pgerr.New(pgerr.FeatureNotSupported, "cannot COPY to/from client in an SQL function")
		}
	case *ast.Prepare, *ast.Execute, *ast.Deallocate, *ast.DeclareCursor, *ast.Fetch, *ast.ClosePortal, *ast.Discard, *ast.CreateMatView, *ast.SetTransaction:
		return pgerr.NotSupported("%s in a function", statementWord(st))
	case *ast.Select:
	case *ast.Call, *ast.ShowVar, *ast.Explain:
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		if f.Volatility != 'v' {
			return pgerr.New(pgerr.FeatureNotSupported, "%s is not allowed in a non-volatile function", statementWord(st))
		}
	default:
		if len(f.Config) > 0 {
			return pgerr.NotSupported("%s in a function with a search_path of its own", statementWord(st))
		}
		if f.Volatility != 'v' {
			return pgerr.New(pgerr.FeatureNotSupported, "%s is not allowed in a non-volatile function", statementWord(st))
		}
	}
	return nil
}

// transactionWords are the statements that begin and end transactions.
var transactionWords = map[ast.TxKind]string{
	ast.TxBegin: "BEGIN", ast.TxStart: "START TRANSACTION", ast.TxCommit: "COMMIT", ast.TxRollback: "ROLLBACK", ast.TxSavepoint: "SAVEPOINT",
	ast.TxRelease: "RELEASE SAVEPOINT", ast.TxRollbackTo: "ROLLBACK TO SAVEPOINT", ast.TxPrepare: "PREPARE TRANSACTION",
	ast.TxCommitPrepared: "COMMIT PREPARED", ast.TxRollbackPrepared: "ROLLBACK PREPARED",
}

// statementWord names a statement in messages.
func statementWord(st ast.Stmt) string {
	switch st.(type) {
	case *ast.Insert:
		return "INSERT"
	case *ast.Update:
		return "UPDATE"
	case *ast.Delete:
		return "DELETE"
	case *ast.Merge:
		return "MERGE"
	case *ast.Prepare:
		return "PREPARE"
	case *ast.Execute:
		return "EXECUTE"
	case *ast.Deallocate:
		return "DEALLOCATE"
	case *ast.DeclareCursor:
		return "DECLARE CURSOR"
	case *ast.Fetch:
		return "FETCH"
	case *ast.ClosePortal:
		return "CLOSE"
	case *ast.Discard:
		return "DISCARD ALL"
	case *ast.SetTransaction, *ast.SetVar:
		return "SET"
	}
	if n := ddl.Name(st); n != "" {
		return n
	}
	return "the statement"
}

// functionResult makes a function's result of the rows of its last statement: one
// that does not return a set gives just one row.
func functionResult(f *catalog.Function, rows []*vec.Batch, want []*types.Type) []*vec.Batch {
	if f.RetSet {
		return rows
	}
	for _, b := range rows {
		if b.N > 0 && len(b.Cols) == len(want) {
			return []*vec.Batch{oneRow(b, 0)}
		}
	}
	b := &vec.Batch{N: 1, Cols: make([]vec.Vec, len(want))}
	for i, t := range want {
		b.Cols[i].Kind = t.Kind
		b.Cols[i].AppendDatum(types.Null)
	}
	return []*vec.Batch{b}
}

// runCall runs a part of a statement that calls a function.
func (w *withParts) runCall(ctx context.Context, p *planner.Part) error {
	args, err := w.s.argRow(ctx, p.Query, p.Cols, w.args, w.read, w.work)
	if err != nil {
		return err
	}
	rows, err := w.s.runFunction(ctx, p.Call, args, p.Types)
	if err != nil {
		return err
	}
	w.work[p.ID] = append(w.work[p.ID], rows...)
	return nil
}

// argRow computes the arguments of a call.
func (s *Session) argRow(ctx context.Context, n plan.Node, cols []plan.ColID, params []types.Datum, read *reader, work map[int][]*vec.Batch) ([]types.Datum, error) {
	rt := s.runtime()
	rt.Params, rt.Rels, rt.Work = params, read, work
	src, err := exec.Compile(rt, n)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	rows, err := readAll(ctx, src)
	if err != nil {
		return nil, err
	}
	out := make([]types.Datum, len(cols))
	for _, b := range rows {
		for i, at := range positions(n, cols) {
			out[i] = b.Cols[at].Datum(0)
		}
	}
	return out, nil
}

// analyzeCall plans CALL.
func (s *Session) analyzeCall(p *prepared) error {
	pc := s.plannerContext(p.given)
	pc.Fn = p.fn
	p.within(pc)
	c, err := planner.PlanCall(pc, p.st.Stmt.(*ast.Call))
	if err != nil {
		return err
	}
	p.call, p.params = c, c.Params
	if len(c.Out) > 0 {
		p.cols = portColumns(c.Out)
	}
	return nil
}

// callProcedure runs CALL.
func (s *Session) callProcedure(ctx context.Context, p *prepared, args []types.Datum) (*result, error) {
	if err := s.analyzeCall(p); err != nil {
		return nil, err
	}
	c := p.call
	if err := s.permitted(c.Access); err != nil {
		return nil, err
	}
	s.tx.queried = true
	r, err := s.tx.reader()
	if err != nil {
		return nil, err
	}
	all, err := s.argRow(ctx, c.Args, c.Cols, args, r, nil)
	if err != nil {
		return nil, err
	}
	var in []types.Datum
	for i := range c.Proc.Args {
		if c.Proc.Args[i].Input() {
			in = append(in, all[i])
		}
	}
	var want []*types.Type
	for _, o := range c.Out {
		want = append(want, o.Type)
	}
	rows, err := s.runFunction(ctx, c.Proc, in, want)
	if err != nil || len(c.Out) == 0 {
		return tagged("CALL"), err
	}
	return &result{src: &batchList{list: rows}, tag: func(int64) string { return "CALL" }}, nil
}
