package engine

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plpgsql"
	"github.com/streamsqld/streamsqld/sql/types"
)

// plRun is a function in PL/pgSQL while it runs.
type plRun struct {
	s    *Session
	ctx  context.Context
	fctx funcs.Ctx
	f    *plFunction
	vals []plValue
	// rows are those of RETURN NEXT and RETURN QUERY.
	rows [][]types.Datum
	// value and typ are what RETURN gives.
	value    types.Datum
	typ      *types.Type
	returned bool
	// handled is the error that a handler is busy with.
	handled *pgerr.Error
	// marked is the last error that the context of a statement was added to.
	marked   *pgerr.Error
	rowCount int64
	// atomic: the transaction may not be ended; subs counts the blocks with handlers
	// around.
	atomic bool
	subs   int
	// calling: a CALL or DO is being run; now is the statement that is.
	calling int
	now     plpgsql.Stmt
	// during is what happens where it is no statement.
	during string
	// trigger is what has called a trigger function.
	trigger *triggerCall
}

// plFlow says where to go on.
type plFlow uint8

const (
	plNext plFlow = iota
	plExit
	plContinue
	plReturn
)

// plJump is what a statement did: the label is that of EXIT or CONTINUE.
type plJump struct {
	flow  plFlow
	label string
}

// run runs statements.
func (a *plRun) run(list []plpgsql.Stmt) (plJump, error) {
	for _, st := range list {
		if a.ctx.Err() != nil {
			return plJump{}, a.mark(context.Cause(a.ctx), st)
		}
		a.now = st
		j, err := a.statement(st)
		if err != nil {
			return j, a.mark(err, st)
		}
		if j.flow != plNext {
			return j, nil
		}
	}
	return plJump{}, nil
}

// mark adds the statement's line to an error that comes from it.
func (a *plRun) mark(err error, st plpgsql.Stmt) error {
	e, ok := err.(*pgerr.Error)
	if ok && e == a.marked {
		return err
	}
	if !ok {
		e = pgerr.From(err)
	}
	c := *e
	if c.Pos > 0 {
		c.Pos = 0
	}
	c.Where = joinLines(c.Where, a.where(st))
	a.marked = &c
	return &c
}

// where is the line of a context for a statement.
func (a *plRun) where(st plpgsql.Stmt) string {
	w := "PL/pgSQL function " + a.f.name
	switch {
	case a.during != "" && st != nil:
		return w + " line " + strconv.Itoa(st.At()) + " " + a.during
	case a.during != "":
		return w + " " + a.during
	case st != nil:
		return w + " line " + strconv.Itoa(st.At()) + " at " + plStatementName(st)
	}
	return w
}

// plStatementName names a statement in contexts (plpgsql_stmt_typename).
func plStatementName(st plpgsql.Stmt) string {
	switch st := st.(type) {
	case *plpgsql.Block:
		return "statement block"
	case *plpgsql.Assign:
		return "assignment"
	case *plpgsql.If:
		return "IF"
	case *plpgsql.Case:
		return "CASE"
	case *plpgsql.Loop:
		if st.Cond != nil {
			return "WHILE"
		}
		return "LOOP"
	case *plpgsql.ForInt:
		return "FOR with integer loop variable"
	case *plpgsql.ForQuery:
		if st.Execute {
			return "FOR over EXECUTE statement"
		}
		return "FOR over SELECT rows"
	case *plpgsql.ForCursor:
		return "FOR over cursor"
	case *plpgsql.ForEach:
		return "FOREACH over array"
	case *plpgsql.Exit:
		if st.Continue {
			return "CONTINUE"
		}
		return "EXIT"
	case *plpgsql.Return:
		return "RETURN"
	case *plpgsql.ReturnNext:
		return "RETURN NEXT"
	case *plpgsql.ReturnQuery:
		return "RETURN QUERY"
	case *plpgsql.SQL:
		if st.Perform {
			return "PERFORM"
		}
		return "SQL statement"
	}
	return plOtherName(st)
}

func plOtherName(st plpgsql.Stmt) string {
	switch st := st.(type) {
	case *plpgsql.Execute:
		return "EXECUTE"
	case *plpgsql.Call:
		if st.Do {
			return "DO"
		}
		return "CALL"
	case *plpgsql.Raise:
		return "RAISE"
	case *plpgsql.Assert:
		return "ASSERT"
	case *plpgsql.Diagnostics:
		if st.Stacked {
			return "GET STACKED DIAGNOSTICS"
		}
		return "GET DIAGNOSTICS"
	case *plpgsql.Open:
		return "OPEN"
	case *plpgsql.Fetch:
		if st.Move {
			return "MOVE"
		}
		return "FETCH"
	case *plpgsql.Close:
		return "CLOSE"
	case *plpgsql.End:
		if st.Commit {
			return "COMMIT"
		}
		return "ROLLBACK"
	}
	return "NULL"
}

// statement runs one statement.
func (a *plRun) statement(st plpgsql.Stmt) (plJump, error) {
	switch st := st.(type) {
	case *plpgsql.Assign:
		d, t, err := a.eval(st.Value)
		if err != nil {
			return plJump{}, err
		}
		err = a.assign(&st.To, d, t)
		if err != nil && a.isConstant(st.Value) { // PostgreSQL's planner computes it
			err = a.inText(st.Value, err, true)
		}
		return plJump{}, err
	case *plpgsql.If:
		return a.ifThen(st)
	case *plpgsql.Block:
		return a.block(st)
	case *plpgsql.Case:
		return a.caseOf(st)
	case *plpgsql.Loop:
		return a.loop(st)
	case *plpgsql.ForInt:
		return a.forInt(st)
	case *plpgsql.ForQuery:
		return a.forQuery(st)
	case *plpgsql.ForCursor:
		return a.forCursor(st)
	case *plpgsql.ForEach:
		return a.forEach(st)
	case *plpgsql.Exit:
		return a.exit(st)
	case *plpgsql.Return:
		return plJump{flow: plReturn}, a.returns(st)
	}
	return plJump{}, a.plain(st)
}

// plain runs a statement behind which the next one follows.
func (a *plRun) plain(st plpgsql.Stmt) error {
	switch st := st.(type) {
	case *plpgsql.SQL:
		return a.sql(st)
	case *plpgsql.Execute:
		return a.execute(st)
	case *plpgsql.Call:
		return a.call(st)
	case *plpgsql.ReturnNext:
		return a.returnNext(st)
	case *plpgsql.ReturnQuery:
		return a.returnQuery(st)
	case *plpgsql.Raise:
		return a.raise(st)
	case *plpgsql.Assert:
		return a.assert(st)
	case *plpgsql.Diagnostics:
		return a.diagnostics(st)
	case *plpgsql.Open:
		return a.open(st)
	case *plpgsql.Fetch:
		return a.fetch(st)
	case *plpgsql.Close:
		return a.close(st)
	case *plpgsql.End:
		return a.endTransaction(st)
	}
	return nil
}

func (a *plRun) ifThen(st *plpgsql.If) (plJump, error) {
	for i, c := range st.Conds {
		ok, err := a.evalBool(c)
		if err != nil {
			return plJump{}, err
		}
		if ok {
			return a.run(st.Thens[i])
		}
	}
	return a.run(st.Else)
}

func (a *plRun) caseOf(st *plpgsql.Case) (plJump, error) {
	if st.Operand != nil {
		d, t, err := a.eval(st.Operand)
		if err != nil {
			return plJump{}, err
		}
		a.f.vars[st.Var] = plType{typ: t, mod: types.NoMod}
		a.vals[st.Var].d = d
	}
	for i, c := range st.Conds {
		ok, err := a.evalBool(c)
		if err != nil {
			return plJump{}, err
		}
		if ok {
			return a.run(st.Thens[i])
		}
	}
	if !st.HasElse {
		return plJump{}, pgerr.New(pgerr.CaseNotFound, "case not found").WithHint("CASE statement is missing ELSE part.")
	}
	return a.run(st.Else)
}

func (a *plRun) exit(st *plpgsql.Exit) (plJump, error) {
	if st.Cond != nil {
		if ok, err := a.evalBool(st.Cond); err != nil || !ok {
			return plJump{}, err
		}
	}
	if st.Continue {
		return plJump{plContinue, st.Label}, nil
	}
	return plJump{plExit, st.Label}, nil
}

// block runs a block, with its handlers.
func (a *plRun) block(b *plpgsql.Block) (plJump, error) {
	a.during = "during statement block local variable initialization"
	for _, v := range b.Vars {
		if err := a.initialize(v); err != nil {
			err = a.mark(err, plpgsql.Line(v.Line))
			a.during = ""
			return plJump{}, err
		}
	}
	a.during = ""
	var j plJump
	var err error
	if b.Protects {
		j, err = a.protected(b)
	} else {
		j, err = a.run(b.Body)
	}
	if j.flow == plExit && j.label != "" && j.label == b.Label {
		j = plJump{}
	}
	return j, err
}

// initialize gives a variable its first value.
func (a *plRun) initialize(v *plpgsql.Var) error {
	if v.Query != nil {
		a.vals[v.Number].d = types.NewString(v.Name)
		return nil
	}
	if v.Default == nil {
		if a.f.vars[v.Number].rec {
			a.vals[v.Number].rec = a.emptyRow(v.Number)
			return nil
		}
		a.vals[v.Number].d = types.Null
		if t := a.f.vars[v.Number].typ; t.Class == types.Domain {
			return a.set(v.Number, types.Null, t)
		}
		return nil
	}
	d, t, err := a.eval(v.Default)
	if err != nil {
		return err
	}
	return a.set(v.Number, d, t)
}

// protected runs a block with handlers as a subtransaction.
func (a *plRun) protected(b *plpgsql.Block) (plJump, error) {
	t := a.s.tx
	const name = "" // no user's savepoint is called that
	t.savepoint(name)
	depth := len(t.saves)
	a.subs++
	j, err := a.run(b.Body)
	a.subs--
	if err == nil {
		t.release(name)
		return j, nil
	}
	e := pgerr.From(err)
	h := handlerOf(b, e)
	if h == nil || a.s.tx != t || len(t.saves) < depth {
		return j, err
	}
	if err := t.rollbackTo(name); err != nil {
		return plJump{}, err
	}
	if err := t.release(name); err != nil {
		return plJump{}, err
	}
	a.s.systemContext()
	was := a.handled
	a.handled, a.marked = e, nil
	defer func() { a.handled = was }()
	a.vals[b.State].d, a.vals[b.Message].d = types.NewString(string(e.Code)), types.NewString(e.Message)
	return a.run(h.Body)
}

// handlerOf finds the handler of an error. OTHERS takes neither a cancelled query nor
// a failed assertion.
func handlerOf(b *plpgsql.Block, e *pgerr.Error) *plpgsql.Handler {
	for i := range b.Handlers {
		h := &b.Handlers[i]
		if h.Others && e.Code != pgerr.QueryCanceled && e.Code != pgerr.AssertFailure {
			return h
		}
		for _, c := range h.Codes {
			if c == string(e.Code) || strings.HasSuffix(c, "000") && strings.HasPrefix(string(e.Code), c[:2]) {
				return h
			}
		}
	}
	return nil
}

// snapshot has the next statement see what was changed before it.
func (a *plRun) snapshot() {
	t := a.s.tx
	if a.f.def.Volatility != 'v' || t.fixed && t.iso != readCommitted {
		return
	}
	if v := a.s.e.latest(); t.read != v {
		t.read = v
		t.rebase()
	}
}

// open statements: what a text of SQL gives.

// query runs a text of SQL with its variables.
func (a *plRun) query(e *plpgsql.Expr) (*plExpr, *result, error) {
	x, err := a.expr(e)
	if err != nil {
		return nil, nil, err
	}
	if err := a.allowedStatement(x.p.st.Stmt); err != nil {
		if a.f.def.Volatility != 'v' {
			err = a.inText(e, err, true)
		}
		return nil, nil, err
	}
	a.snapshot()
	a.s.systemContext()
	if err := a.prepare(x); err != nil {
		return nil, nil, a.inText(e, err, true)
	}
	r, err := a.s.execute(a.ctx, x.p, x.vars.values(a, nil), a.s.sink)
	if err != nil {
		return nil, nil, a.inText(e, err, true)
	}
	return x, r, nil
}

// allowedStatement refuses what no function may run.
func (a *plRun) allowedStatement(st ast.Stmt) error {
	switch st := st.(type) {
	case *ast.Transaction:
		return pgerr.New(pgerr.FeatureNotSupported, "unsupported transaction command in PL/pgSQL")
	case *ast.Copy:
		if st.Filename == "" && !st.Program {
			return pgerr.New(pgerr.FeatureNotSupported, "cannot COPY to/from client in PL/pgSQL")
		}
	case *ast.Select, *ast.ShowVar, *ast.Explain, *ast.Call, *ast.Do:
	case *ast.CreateMatView, *ast.Discard:
		return pgerr.NotSupported("%s in a function", statementWord(st))
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		if a.f.def.Volatility != 'v' {
			return pgerr.New(pgerr.FeatureNotSupported, "%s is not allowed in a non-volatile function", statementWord(st))
		}
	default:
		if a.f.def.Volatility != 'v' {
			return pgerr.New(pgerr.FeatureNotSupported, "%s is not allowed in a non-volatile function", statementWord(st))
		}
	}
	return nil
}

// rowsOf reads the rows of a statement that was run.
func (a *plRun) rowsOf(p *prepared, r *result) (*plRows, error) {
	out := &plRows{}
	if r == nil || r.src == nil {
		return out, nil
	}
	defer r.close()
	var err error
	if out.list, err = readAll(a.ctx, r.src); err != nil {
		return nil, err
	}
	out.fields, out.at = resultFields(p), resultColumns(p)
	return out, nil
}

// resultFields are the columns that a statement gives, with their names.
func resultFields(p *prepared) []types.Field {
	var out []types.Field
	switch {
	case p.plan != nil && p.plan.query != nil:
		q := p.plan.query
		for _, c := range q.Cols {
			out = append(out, types.Field{Name: c.Name, Type: c.Type, Mod: c.Mod})
		}
		if len(out) == 1 && q.Fields() != nil && out[0].Type.OID == types.RecordOID {
			out[0].Type = types.RecordOf(q.Fields())
		}
	case p.plan != nil && p.plan.modify != nil && p.plan.modify.Returning != nil:
		for _, c := range p.plan.modify.Returning.Cols {
			out = append(out, types.Field{Name: c.Name, Type: c.Type, Mod: c.Mod})
		}
	default:
		for _, c := range p.cols {
			out = append(out, types.Field{Name: c.Name, Type: c.Type, Mod: c.Mod})
		}
	}
	return out
}

// affected is the number in a command's tag.
func affected(tag string) int64 {
	n, err := strconv.ParseInt(tag[strings.LastIndexByte(tag, ' ')+1:], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (a *plRun) setFound(found bool) { a.vals[a.f.tree.Found].d = types.NewBool(found) }

// sql runs a statement of SQL.
func (a *plRun) sql(st *plpgsql.SQL) error {
	x, r, err := a.query(st.Stmt)
	if err != nil {
		return err
	}
	rows, err := a.rowsOf(x.p, r)
	if err != nil {
		return a.inText(st.Stmt, err, true)
	}
	modifies := false
	switch x.p.st.Stmt.(type) {
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		modifies = true
	}
	n := rows.count()
	if r != nil && modifies {
		n = affected(r.tag(n))
	}
	a.rowCount = n
	_, isQuery := x.p.st.Stmt.(*ast.Select)
	if modifies || isQuery {
		a.setFound(n > 0)
	}
	if st.HasInto {
		return a.into(st.Into, rows, st.Strict, modifies)
	}
	if !st.Perform && rows.at != nil {
		if isQuery && x.p.st.Stmt.(*ast.Select).IntoTarget() != nil {
			return nil
		}
		e := pgerr.New(pgerr.SyntaxError, "query has no destination for result data")
		if isQuery {
			e = e.WithHint("If you want to discard the results of a SELECT, use PERFORM instead.")
		}
		return e
	}
	return nil
}

// into stores the first row in the targets. Without rows they become NULL.
func (a *plRun) into(to []plpgsql.Target, rows *plRows, strict, modifies bool) error {
	n := rows.count()
	switch {
	case rows.at == nil:
		return pgerr.New(pgerr.SyntaxError, "INTO used with a command that cannot return data")
	case strict && n == 0:
		return pgerr.New(pgerr.NoDataFound, "query returned no rows")
	case (strict || modifies) && n > 1:
		return pgerr.New(pgerr.TooManyRows, "query returned more than one row").
			WithHint("Make sure the query returns a single row, or use LIMIT 1.")
	}
	row, ok := rows.next()
	if !ok {
		row = nil
	}
	a.setFound(ok)
	return a.store(to, rows.fields, row)
}

// store assigns a row to targets; nil is one of NULLs.
func (a *plRun) store(to []plpgsql.Target, fields []types.Field, row []types.Datum) error {
	if len(to) == 1 && len(to[0].Field) == 0 && len(to[0].Subs) == 0 && a.f.vars[to[0].Var].rec {
		return a.storeRow(to[0].Var, fields, row)
	}
	for i := range to {
		d, t := types.Null, types.TUnknown
		if i < len(fields) {
			t = fields[i].Type
			if row != nil {
				d = row[i]
			}
		}
		if err := a.assign(&to[i], d, t); err != nil {
			return err
		}
	}
	return nil
}

func (a *plRun) storeRow(v int, fields []types.Field, row []types.Datum) error {
	if len(fields) == 1 && isRowType(fields[0].Type) && a.f.vars[v].typ != nil && types.Same(fields[0].Type, a.f.vars[v].typ) {
		d := types.Null
		if row != nil {
			d = row[0]
		}
		return a.setRow(v, d, fields[0].Type)
	}
	if row == nil {
		if a.f.vars[v].typ != nil {
			return a.nullRow(v)
		}
		a.vals[v].rec = plRecord{typ: types.RecordOf(fields), fields: fields}
		return nil
	}
	return a.setFields(v, &plRecord{typ: a.shape(v, fields), fields: fields, vals: row})
}

// shape is the type of a row of these fields: the one that a variable has already, if
// that is the same.
func (a *plRun) shape(v int, fields []types.Field) *types.Type {
	if t := a.vals[v].rec.typ; t != nil && t.OID == types.RecordOID && sameFields(t.Fields, fields) {
		return t
	}
	return types.RecordOf(slices.Clone(fields))
}

// dynamic plans a text that is made at run time.
func (a *plRun) dynamic(e *plpgsql.Expr, using []*plpgsql.Expr) (*prepared, []types.Datum, error) {
	text, ok, err := a.evalText(e)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, pgerr.New(pgerr.NullValueNotAllowed, "query string argument of EXECUTE is null")
	}
	var args []types.Datum
	var given []*types.Type
	for _, u := range using {
		d, t, err := a.eval(u)
		if err != nil {
			return nil, nil, err
		}
		if t.OID == types.UnknownOID {
			t = types.TText
		}
		args, given = append(args, d), append(given, t)
	}
	list, err := parser.Parse(text)
	if err != nil {
		return nil, nil, inDynamic(text, err)
	}
	if len(list) != 1 {
		if len(list) == 0 {
			return nil, args, nil
		}
		return nil, nil, pgerr.NotSupported("several statements in one EXECUTE")
	}
	p := &prepared{st: &list[0], sql: text, at: a.s.e.now(), given: given, fromSQL: true}
	return p, args, nil
}

func inDynamic(text string, err error) error {
	pe, ok := err.(*pgerr.Error)
	if !ok {
		return err
	}
	c := *pe
	if c.Pos > 0 && c.InternalQuery == "" {
		c.InternalPos, c.InternalQuery, c.Pos = c.Pos, text, 0
		return &c
	}
	c.Pos = 0
	c.Where = joinLines(c.Where, "SQL statement \""+text+"\"")
	return &c
}

// runDynamic runs a text that is made at run time.
func (a *plRun) runDynamic(e *plpgsql.Expr, using []*plpgsql.Expr) (*prepared, *plRows, string, error) {
	p, args, err := a.dynamic(e, using)
	if err != nil || p == nil {
		return nil, &plRows{}, "", err
	}
	if _, ok := p.st.Stmt.(*ast.Transaction); ok {
		return nil, nil, "", pgerr.New(pgerr.FeatureNotSupported, "EXECUTE of transaction commands is not implemented")
	}
	if err := a.allowedStatement(p.st.Stmt); err != nil {
		return nil, nil, "", err
	}
	a.snapshot()
	a.s.systemContext()
	if err := a.s.analyze(p); err != nil {
		return nil, nil, "", inDynamic(p.sql, err)
	}
	if len(p.params) > len(args) {
		return nil, nil, "", inDynamic(p.sql, pgerr.New(pgerr.UndefinedParameter, "there is no parameter $%d", len(args)+1))
	}
	r, err := a.s.execute(a.ctx, p, args, a.s.sink)
	if err != nil {
		return nil, nil, "", inDynamic(p.sql, err)
	}
	rows, err := a.rowsOf(p, r)
	if err != nil {
		return nil, nil, "", inDynamic(p.sql, err)
	}
	tag := ""
	if r != nil && r.tag != nil {
		tag = r.tag(rows.count())
	}
	return p, rows, tag, nil
}

// execute runs EXECUTE.
func (a *plRun) execute(st *plpgsql.Execute) error {
	p, rows, tag, err := a.runDynamic(st.Query, st.Using)
	if err != nil {
		return err
	}
	if p != nil {
		if sel, ok := p.st.Stmt.(*ast.Select); ok && sel.IntoTarget() != nil {
			return pgerr.New(pgerr.FeatureNotSupported, "EXECUTE of SELECT ... INTO is not implemented").
				WithHint("You might want to use EXECUTE ... INTO or EXECUTE CREATE TABLE ... AS instead.")
		}
		a.rowCount = affected(tag)
	}
	if !st.HasInto {
		return nil
	}
	found := a.vals[a.f.tree.Found].d
	err = a.into(st.Into, rows, st.Strict, false)
	a.vals[a.f.tree.Found].d = found
	return err
}
