package planner

import (
	"maps"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// query is one query level while it is bound.
type query struct {
	b      *binder
	parent *query
	scope  *scope
	// place is the clause being bound: an aggregate in a subquery that belongs to
	// this level must be allowed there.
	place *place

	// recursive: FROM has the working table of the recursive query being bound.
	recursive bool
	grouped   bool
	// bare: a select list without FROM, soleFunc: FROM is one function: what is called
	// there is called once.
	bare, soleFunc bool
	aggs           []plan.Agg
	aggKeys        map[string]plan.ColID
	aggCols        plan.ColSet
	aggPos         map[plan.ColID]int32
	groupings      []groupingCall

	windowDefs []*ast.WindowDef
	windows    map[string]*windowSpec
	wins       []boundWindow
	winCols    plan.ColSet

	sets    []setGen
	setCols map[plan.ColID]int // column of a set-returning call → its level

	// passes are projections in FROM that pass all columns on, inner ones first.
	passes []*plan.Project
	// groupRel are the relations' items, for functional dependency on a primary key.
	groups *grouping
}

// groupingCall is a GROUPING(…) of the query.
type groupingCall struct {
	id   plan.ColID
	args []plan.Expr
	pos  []int32 // where the arguments are written
}

// setGen is a set-returning call of the select list; calls of one level run in
// lock-step, those of a higher level over the rows of the lower ones.
type setGen struct {
	gen   plan.Gen
	level int
}

func (b *binder) newQuery(parent *scope) *query {
	q := &query{
		b: b, aggKeys: map[string]plan.ColID{}, aggCols: plan.ColSet{}, aggPos: map[plan.ColID]int32{}, windows: map[string]*windowSpec{},
		winCols: plan.ColSet{}, setCols: map[plan.ColID]int{},
	}
	if parent != nil {
		q.parent = parent.query
	}
	q.scope = &scope{parent: parent, query: q, ctes: map[string]*cte{}}
	return q
}

// at gives the surroundings for a clause of the query.
func (q *query) at(p *place) *ectx {
	q.place = p
	return &ectx{s: q.scope, q: q, place: p}
}

// addSet adds a set-returning call and gives what stands for its value.
func (q *query) addSet(b *binder, bc *boundCall, pos int32) (plan.Expr, error) {
	level := 0
	for _, a := range bc.args {
		for id := range plan.ReadsOf(a) {
			if l, ok := q.setCols[id]; ok {
				level = max(level, l+1)
			}
		}
	}
	g := plan.Gen{Fn: bc.fn, Args: bc.args, Ret: bc.ret, Variadic: bc.variadic, Pos: pos}
	x, err := b.genColumns(q, &g, bc)
	if err != nil {
		return nil, err
	}
	for _, id := range g.Cols {
		q.setCols[id] = level
	}
	q.sets = append(q.sets, setGen{g, level})
	return x, nil
}

// genColumns makes the columns of a generator and an expression for its value:
// the single column, or a row of them.
func (b *binder) genColumns(q *query, g *plan.Gen, bc *boundCall) (plan.Expr, error) {
	fields := b.resultFields(bc)
	if fields == nil {
		id := b.newCol(q, plan.ColInfo{Name: bc.fn.Name, Type: bc.ret, Mod: -1})
		g.Cols, g.Types = []plan.ColID{id}, []*types.Type{bc.ret}
		return b.meta.Ref(id), nil
	}
	row := &plan.MakeRow{Typ: bc.ret}
	if row.Typ.OID == types.RecordOID {
		row.Typ = types.RecordOf(fields)
	}
	for _, f := range fields {
		if f.Dropped {
			continue
		}
		id := b.newCol(q, plan.ColInfo{Name: f.Name, Type: f.Type, Mod: f.Mod})
		g.Types = append(g.Types, f.Type)
		g.Cols = append(g.Cols, id)
		row.Args, row.Names = append(row.Args, b.meta.Ref(id)), append(row.Names, f.Name)
	}
	return row, nil
}

// result is a bound query: its node and the output columns that count.
type result struct {
	node plan.Node
	cols []OutCol
}

// topSelect binds the query of a statement.
func (b *binder) topSelect(s *ast.Select) (*Query, error) {
	r, err := b.selectStmt(s, nil, selOptions{})
	if err != nil {
		return nil, err
	}
	if b.FnResult {
		if r, err = b.fnResult(r); err != nil {
			return nil, err
		}
	}
	q := &Query{Root: r.node, Meta: b.meta, Cols: r.cols, Emit: s.Emit, Locks: b.locks, Rows: b.cursor, Volatile: b.volatile}
	if b.View {
		maps.Copy(b.deps, b.bodyDeps)
	}
	for d := range b.deps {
		q.Deps = append(q.Deps, d)
	}
	sortDeps(q.Deps)
	q.Access = b.accessList()
	return q, nil
}

// selOptions is how a query's result is wanted.
type selOptions struct {
	// keepUnknown leaves untyped literals in the select list as they are: the caller
	// coerces them (INSERT, an arm of a set operation).
	keepUnknown bool
	// exists: only whether there are rows matters.
	exists bool
}

// selectStmt binds any query: plain, VALUES or set operation, with its WITH.
func (b *binder) selectStmt(s *ast.Select, parent *scope, opt selOptions) (*result, error) {
	if b.depth++; b.depth > maxDepth {
		return nil, pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").At(s.Pos)
	}
	defer func() { b.depth-- }()
	q := b.newQuery(parent)
	wrap, err := b.with(s.With, q, s)
	if err != nil {
		return nil, err
	}
	var r *result
	switch {
	case s.SetOp != ast.SetNone:
		r, err = b.setOp(s, q, opt)
	case s.Values != nil:
		r, err = b.values(s, q, opt)
	default:
		r, err = b.plainSelect(s, q, opt)
	}
	if err != nil {
		return nil, err
	}
	r.node = wrap(r.node)
	return r, nil
}
