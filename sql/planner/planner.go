package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/consts"
	"github.com/streamsqld/streamsqld/sql/planner/fold"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Context is what a statement is planned under.
type Context struct {
	Catalog *catalog.Snapshot
	Path    catalog.Path
	Temp    catalog.OID // the session's temporary schema, 0 when it has none yet
	Env     *funcs.Env
	// Params are the parameter types given by the client; nil entries, and
	// parameters beyond the list, are inferred.
	Params []*types.Type
	// View is set while a materialized view is defined: what may not stand in one
	// is refused.
	View bool
	// RowIDs is set for the query of a cursor: its rows come with their ids, where they
	// are those of tables.
	RowIDs bool
	// Stats are the statistics that the physical choices rest on; nil: none.
	Stats rules.Stats
	// Methods are the ways to run a plan that are done without.
	Methods rules.Methods
	// Rules are the rewrite rules; nil: rules.All. Tests leave some out.
	Rules []rules.Rule
	// ParseSQL parses the text of a view's query, ParseExpr that of a default or a
	// check. (The parser is above this room's business; the engine hands it in.)
	ParseSQL  func(sql string) (*ast.Select, error)
	ParseExpr func(sql string) (ast.Expr, error)
	// ParseBody parses the statements of a function's body.
	ParseBody func(sql string) ([]ast.Statement, error)
	// Fn is the function whose body the statement is a part of: names may be its
	// parameters, which are those of the statement. With FnResult the statement gives
	// the function's result.
	Fn       *catalog.Function
	FnResult bool
	// NoParams tells that the statement has no parameters: $1 is an error.
	NoParams bool
	// Vars are the variables of PL/pgSQL that the statement may name; nil: none.
	Vars Variables
	// Role is the role that row-level security is for, 0 for the system itself;
	// NoRowSecurity refuses to limit it (SET row_security = off).
	Role          catalog.OID
	NoRowSecurity bool
	// Given are tables that are there for this statement only: the transition tables of a
	// trigger. They come before those of the catalogue.
	Given []GivenTable
	// Names, if set, is told what names mean.
	Names *Names
	// Notices takes NOTICE and WARNING reports; nil drops them.
	Notices func(*pgerr.Error)
}

// OutCol is a column of a query's result.
type OutCol struct {
	Name string
	Type *types.Type
	Mod  int32
	Rel  catalog.OID
	Attr int16
	ID   plan.ColID
}

// Query is a planned query.
type Query struct {
	Root   plan.Node
	Meta   *plan.Meta
	Cols   []OutCol
	Params []*types.Type
	// Deps are the objects that the query refers to by itself, not through views.
	Deps []catalog.Dep
	// Access is what the query reads, views' insides included.
	Access []Access
	// Emit is the query's EMIT clause.
	Emit ast.EmitKind
	// Locks tells that rows are locked (FOR UPDATE and kin): the query writes.
	Locks bool
	// Rows are the row ids that the result has besides Cols (Context.RowIDs).
	Rows []CursorRow
	// Volatile tells that a volatile function is called.
	Volatile bool
	// Parts are what runs besides the query, its WITH clause's data-modifying
	// statements, and Reads the parts that it reads.
	Parts []*Part
	Reads []int
	// Fails is the error of a constant part, 1/0 for instance: whoever is about to run
	// or to explain the query gives it, whatever rows there are.
	Fails error
	// fields are those of the rows in a single column.
	fields []types.Field
}

// resultCols are the columns of the result.
func (q *Query) resultCols() []plan.ColID {
	out := make([]plan.ColID, len(q.Cols))
	for i := range q.Cols {
		out[i] = q.Cols[i].ID
	}
	return out
}

// Select plans a query.
func Select(c *Context, s *ast.Select) (*Query, error) {
	b := newBinder(c)
	b.top = !c.View
	q, err := b.topSelect(s)
	if err != nil {
		return nil, err
	}
	if err := b.finishParams(); err != nil {
		return nil, err
	}
	q.Params = b.params
	if b.Vars != nil && len(q.Cols) == 1 {
		q.fields = b.columnFields(q)
	}
	q.Fails = consts.Check(q.Root, q.resultCols(), b.Env)
	q.Root = b.optimize(q.Root)
	if q.Fails == nil && b.locks {
		q.Fails = nullableLock(q.Root)
	}
	q.Parts, q.Reads = b.finishParts([]plan.Node{q.Root})
	return q, nil
}

// optimize runs the rewrite rules.
func (b *binder) optimize(n plan.Node) plan.Node {
	return rules.Run(&rules.Ctx{
		Meta: b.meta, Env: b.Env, Stats: b.Stats, Catalog: b.Catalog, View: b.View, NextID: b.nextID, Rules: b.Rules, BindStored: b.bindStored, Methods: b.Methods,
	}, n)
}

// bindStored implements rules.Ctx's: the attributes of columns are told by number,
// so that they mean the same in any plan.
func (b *binder) bindStored(rel *catalog.Relation, text string, pred bool) (plan.Expr, map[plan.ColID]int16, error) {
	e, err := b.ParseExpr(text)
	if err != nil {
		return nil, nil, err
	}
	what := RowIndex
	if pred {
		what = RowIndexPredicate
	}
	row, err := BindRow(b.Context, e, rel, what)
	if err != nil {
		return nil, nil, err
	}
	attrs := map[plan.ColID]int16{}
	for i, attr := range live(rel) {
		attrs[row.Cols[i]] = attr
	}
	return fold.Expr(row.X, b.Env), attrs, nil
}

// binder binds one statement.
type binder struct {
	*Context
	meta   *plan.Meta
	params []*types.Type
	// literals tells where strings stand: what is wrong with one is reported there.
	literals map[*plan.Const]int32
	alike    sameSubs
	// owner tells at which query level a column comes into being.
	owner            map[plan.ColID]*query
	deps             map[catalog.Dep]struct{}
	depth, viewDepth int
	nextID           int // of CTEs and recursions
	volatile         bool
	acc              accesses
	securing         []catalog.OID // tables whose policies are being bound
	locks            bool
	// recordFields gives the fields of columns of type record, as far as known.
	recordFields map[plan.ColID][]types.Field
	parts        []*Part
	subNames     subNames
	cursor       []CursorRow
	// leaf is which of a partitioned target's leaves tables is planned for.
	leaf, leaves int
	// fn is the function whose body is being bound, nil outside, outermost the one that
	// the statement is a part of; fnCalls counts those that were bound, and bodyDeps are
	// they and what their bodies refer to.
	fn, outermost *fnScope
	fnCalls       int
	bodyDeps      map[catalog.Dep]struct{}
	// checking: a body is only checked, so a call of itself is fine.
	checking bool
	// bareRecord is the last value of a function that returns record.
	bareRecord plan.Expr
	calling    bool // CALL looks its procedure up
	// asRows is the relation for whose rows a statement is bound that rules rewrite: it
	// gives them, and changes nothing. ruleRefs are where OLD and NEW of actions stand: by
	// a reference in their FROM list, or an INSERT of VALUES.
	asRows   catalog.OID
	ruleRefs map[any]*ruleSource
	// top: the statement is a query, which may call functions that are run.
	top bool
}

func newBinder(c *Context) *binder {
	b := &binder{
		Context: c, meta: &plan.Meta{}, params: append([]*types.Type(nil), c.Params...),
		literals: map[*plan.Const]int32{},
		owner:    map[plan.ColID]*query{}, deps: map[catalog.Dep]struct{}{},
		recordFields: map[plan.ColID][]types.Field{}, subNames: subNames{}, bodyDeps: map[catalog.Dep]struct{}{},
	}
	if c.Fn != nil {
		b.within(c.Fn)
	}
	return b
}

// finishParams checks that every parameter has found a type.
func (b *binder) finishParams() error {
	for i, t := range b.params {
		if t == nil || t.OID == types.UnknownOID {
			return pgerr.New(pgerr.IndeterminateDatatype, "could not determine data type of parameter $%d", i+1)
		}
	}
	return nil
}

func (b *binder) notice(n *pgerr.Error) {
	if b.Notices != nil {
		b.Notices(n)
	}
}

func (b *binder) depend(obj catalog.OID, col int16) {
	if obj >= types.FirstUserOID {
		b.deps[catalog.Dep{Object: obj, Column: col, Kind: catalog.DepNormal}] = struct{}{}
	}
}

// newCol makes a column that comes into being at this query level.
func (b *binder) newCol(q *query, c plan.ColInfo) plan.ColID {
	id := b.meta.Add(c)
	b.owner[id] = q
	return id
}
