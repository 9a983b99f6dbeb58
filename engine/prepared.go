package engine

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// prepared is a prepared statement.
type prepared struct {
	name string
	st   *ast.Statement // nil: an empty query
	sql  string
	// given are the parameter types the client has given, params those of the plan.
	given, params []*types.Type
	cols          []port.Column // of its rows; nil: it gives none
	fromSQL       bool
	noParams      bool // it is a statement of a simple Query
	at            int64
	runs          int64
	step          bool // it is one of those that rules have made of one, and planned already
	cursor        bool // it is the query of a cursor, which gives row ids too
	// fn is the function whose body it is a part of; with fnResult it gives the result.
	fn       *catalog.Function
	fnResult bool
	call     *planner.Call // of CALL
	// vars are the variables of the function in PL/pgSQL that it is a part of.
	vars *plVars

	plan *planned
}

// planned is a plan with what it was made under: it is made again when that has
// changed.
type planned struct {
	snap     *catalog.Snapshot
	edits    uint64 // of the transaction, when it changes the catalogue
	settings uint64
	role     OID // that row-level security is for
	query    *planner.Query
	modify   *planner.Modify
	// ruled: rules have made steps of the statement; modify then is the step that answers
	// its RETURNING list, or tells the parameters only.
	ruled  bool
	steps  []ruledStep
	checks []compiledCheck // of modify
	newAt  []int           // where modify's source has the new rows' columns
	// rows are how many rows the relations had that are read.
	rows []plannedRows

	// run is the compiled plan, kept for the next execution; it is nil while it is in
	// use.
	run *compiled
}

// compiled is a plan ready to run.
type compiled struct {
	rt   *exec.Runtime
	prep *exec.Prepared
}

// plannedRows is the number of rows a plan was chosen for.
type plannedRows struct {
	rel  OID
	rows float64
}

// sized notes how many rows the relations of a plan have.
func (s *Session) sized(pl *planned, access []planner.Access) {
	st := statistics{v: s.tx.read}
	for i := range access {
		if st.v.relation(access[i].Rel) != nil {
			pl.rows = append(pl.rows, plannedRows{access[i].Rel, st.Rows(access[i].Rel)})
		}
	}
}

// outgrown tells whether a relation has become so much larger or smaller that
// another plan may be better.
func (s *Session) outgrown(pl *planned) bool {
	if s.tx == nil || s.tx.read == nil {
		return false
	}
	const few, times = 1000, 3
	st := statistics{v: s.tx.read}
	for _, p := range pl.rows {
		if now := st.Rows(p.rel); now > times*p.rows+few || p.rows > times*now+few {
			return true
		}
	}
	return false
}

// prepare analyses a statement: its parameters and columns.
func (s *Session) prepare(st *ast.Statement, given []*types.Type) (*prepared, error) {
	return s.prepareAs(&prepared{st: st, given: given, at: s.e.now()})
}

func (s *Session) prepareAs(p *prepared) (*prepared, error) {
	st := p.st
	if st == nil {
		return p, nil
	}
	p.sql = st.Text
	return p, s.analyze(p)
}

// analyze plans the statement, if it is one that is planned, and finds its
// parameters and columns.
func (s *Session) analyze(p *prepared) error {
	var err error
	switch st := p.st.Stmt.(type) {
	case *ast.Select:
		if st.IntoTarget() == nil {
			return s.analyzeQuery(p)
		}
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		return s.analyzeModify(p)
	case *ast.ShowVar:
		p.cols = s.showColumns(st)
	case *ast.Explain, *ast.ExplainView:
		p.cols = []port.Column{{Name: "QUERY PLAN", Type: explainType(st), Mod: types.NoMod}}
	case *ast.CheckView:
		p.cols = checkColumns()
	case *ast.Execute:
		q := s.prepared[st.Name]
		if q == nil || !q.fromSQL && st.Name == "" {
			return noStatement(st.Name)
		}
		p.cols = q.cols
	case *ast.Fetch:
		if !st.Move {
			p.cols = s.cursorColumns(st.Cursor)
		}
	case *ast.Call:
		return s.analyzeCall(p)
	}
	if err != nil {
		return err
	}
	if q := innerQuery(p.st.Stmt); q != nil && p.st.NumParams > 0 {
		return s.parametersFor(p, q)
	}
	p.params = p.given
	for i, t := range p.params {
		if t == nil {
			return pgerr.New(pgerr.IndeterminateDatatype, "could not determine data type of parameter $%d", i+1)
		}
	}
	return nil
}

// innerQuery is the query or statement that a utility statement holds, nil if none.
func innerQuery(st ast.Stmt) ast.Stmt {
	switch st := st.(type) {
	case *ast.DeclareCursor:
		return st.Query
	case *ast.Explain:
		return st.Stmt
	case *ast.CreateTableAs:
		return st.Query
	case *ast.Copy:
		return st.Query
	}
	return nil
}

// parametersFor finds the parameters of a utility statement that holds a query.
func (s *Session) parametersFor(p *prepared, inner ast.Stmt) error {
	q := &prepared{st: &ast.Statement{Stmt: inner, Text: p.st.Text, Start: p.st.Start, NumParams: p.st.NumParams}, given: p.given}
	if err := s.analyze(q); err != nil {
		return err
	}
	p.params = q.params
	return nil
}

func noStatement(name string) error {
	return pgerr.New(pgerr.InvalidSQLStatementName, "prepared statement \"%s\" does not exist", name)
}

// fresh tells whether the plan was made under what holds now.
func (s *Session) fresh(pl *planned) bool {
	return pl != nil && pl.snap == s.systemContext().Snapshot && pl.edits == s.edits() && pl.settings == s.settings.Version() && pl.role == s.role && !s.outgrown(pl)
}

func (s *Session) newPlanned() *planned {
	return &planned{snap: s.systemContext().Snapshot, edits: s.edits(), settings: s.settings.Version(), role: s.role}
}

// edits tells the states of a catalogue apart that the transaction has changed; 0
// when it has not.
func (s *Session) edits() uint64 {
	if s.tx == nil {
		return 0
	}
	return s.tx.edits
}

func (s *Session) analyzeQuery(p *prepared) error {
	if p.step || s.fresh(p.plan) {
		return nil
	}
	pl := s.newPlanned()
	pc := s.plannerContext(p.given)
	pc.RowIDs, pc.Fn, pc.FnResult = p.cursor, p.fn, p.fnResult
	p.within(pc)
	q, err := planner.Select(pc, p.st.Stmt.(*ast.Select))
	if err != nil {
		return err
	}
	pl.query = q
	s.sized(pl, q.Access)
	return p.adopt(pl, q.Params, portColumns(q.Cols))
}

func (s *Session) analyzeModify(p *prepared) error {
	if p.step || s.fresh(p.plan) {
		return nil
	}
	pl := s.newPlanned()
	var m *planner.Modify
	var err error
	pc := s.plannerContext(p.given)
	pc.Fn, pc.FnResult = p.fn, p.fnResult
	p.within(pc)
	if ruled, err := s.analyzeRules(p, pc, pl); ruled || err != nil {
		return err
	}
	switch st := p.st.Stmt.(type) {
	case *ast.Insert:
		m, err = planner.Insert(pc, st)
	case *ast.Update:
		m, err = planner.Update(pc, st)
	case *ast.Delete:
		m, err = planner.Delete(pc, st)
	case *ast.Merge:
		m, err = planner.Merge(pc, st)
	}
	if err != nil {
		return err
	}
	pl.modify = m
	s.sized(pl, m.Access)
	var cols []port.Column
	if m.Returning != nil {
		cols = portColumns(m.Returning.Cols)
	}
	return p.adopt(pl, m.Params, cols)
}

// adopt takes a new plan. What clients were told of an earlier one must still be
// true.
func (p *prepared) adopt(pl *planned, params []*types.Type, cols []port.Column) error {
	if p.plan != nil && p.vars == nil && !sameColumns(p.cols, cols) {
		e := pgerr.New(pgerr.FeatureNotSupported, "cached plan must not change result type")
		e.Routine = "RevalidateCachedQuery"
		return e
	}
	p.plan.discard()
	p.plan, p.params, p.cols = pl, params, cols
	return nil
}

func (pl *planned) discard() {
	if pl != nil && pl.run != nil {
		_ = pl.run.prep.Close()
		pl.run = nil
	}
}

func sameColumns(a, b []port.Column) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || !types.Same(a[i].Type, b[i].Type) || a[i].Mod != b[i].Mod {
			return false
		}
	}
	return true
}

// portColumns describes result columns. An empty list is not nil: a query without
// columns gives rows.
func portColumns(cols []planner.OutCol) []port.Column {
	out := make([]port.Column, len(cols))
	for i, c := range cols {
		out[i] = port.Column{Name: c.Name, Type: c.Type, Mod: c.Mod}
		for out[i].Type.Class == types.Domain { // clients are told of the base type
			if out[i].Type.BaseMod != types.NoMod {
				out[i].Mod = out[i].Type.BaseMod
			}
			out[i].Type = out[i].Type.Base
		}
		if c.Rel != 0 && c.Attr > 0 {
			out[i].TableOID, out[i].Attr = uint32(c.Rel), c.Attr
		}
	}
	return out
}

// compiled gives the plan ready to run, compiling it unless it was before.
func (s *Session) compiledQuery(pl *planned) (*compiled, error) {
	if c := pl.run; c != nil && s.stats == nil {
		pl.run = nil
		return c, nil
	}
	rt := s.runtime()
	prep, err := exec.Prepare(rt, pl.query.Root)
	if err != nil {
		return nil, err
	}
	return &compiled{rt, prep}, nil
}

// runtime is what plans of the session run in.
func (s *Session) runtime() *exec.Runtime {
	return &exec.Runtime{Env: s.env, WorkMem: s.settings.Int("work_mem") << 10, HashMem: s.hashMem(), TempDir: s.e.cfg.TempDir, Stats: s.stats}
}

// within plans the statement as a part of a function in PL/pgSQL.
func (p *prepared) within(pc *planner.Context) {
	pc.NoParams = p.noParams
	if p.vars != nil {
		p.vars.refs = nil
		pc.Vars = p.vars
		pc.Given = p.vars.run.trigger.tables()
	}
}
