package planner

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/consts"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Modify is a planned INSERT, UPDATE, DELETE or MERGE. The engine runs Source, locks
// and re-checks old rows where there are any, checks the new ones, and stages
// the change.
type Modify struct {
	Kind ModifyKind
	Rel  *catalog.Relation
	Meta *plan.Meta
	// Source gives a row per change. New are the columns of the new row, one per
	// live column of Rel in order (INSERT, UPDATE); RowID is the old row's id and Old
	// its columns (UPDATE, DELETE).
	Source plan.Node
	New    []plan.ColID
	Old    []plan.ColID
	RowID  plan.ColID
	// Recheck is Source over a given version of the target's rows in place of its
	// scan: WorkScan RecheckID, whose columns are RowID and Old. It tells whether a
	// row that was changed meanwhile still qualifies, and what it becomes
	// (semantics §21). nil for INSERT.
	Recheck   plan.Node
	RecheckID int
	// Instead: Rel is a view, whose INSTEAD OF triggers get the rows. There is no RowID.
	Instead bool
	// CurrentOf is the cursor whose row is changed (WHERE CURRENT OF): Recheck over
	// that row is then what Source would be.
	CurrentOf string
	// Checks are the CHECK constraints, over New.
	Checks []Check
	// Changed lists the attributes that an UPDATE assigns, generated ones included.
	Changed []int16

	Conflict  *Conflict
	Merge     *Merging
	Returning *Returning
	Params    []*types.Type
	Deps      []catalog.Dep
	Access    []Access
	Volatile  bool
	// Locks tells that a part of it locks rows (FOR UPDATE and kin).
	Locks bool
	// Plain is set when Source is VALUES or a single row: the statement reads no
	// relation.
	Plain bool
	// Parts are what runs besides the statement, its WITH clause's data-modifying
	// statements, and Reads the parts that it reads.
	Parts []*Part
	Reads []int
	// Also is the same statement for the other tables that hold rows of a partitioned
	// target, Root that target; Rel is one of them (UPDATE, DELETE). INSERT into a
	// partitioned table has it as Rel.
	Also []*Modify
	Root *catalog.Relation
	// Fails is the error of a constant part of Source; see Query.
	Fails error
}

// ModifyKind says which statement a Modify is.
type ModifyKind uint8

// The kinds of Modify.
const (
	InsertRows ModifyKind = iota
	UpdateRows
	DeleteRows
	MergeRows
)

// Check is a CHECK constraint bound to a row's columns.
type Check struct {
	Name string
	Cond plan.Expr
	// View: it is the WITH CHECK OPTION of the view of that name (44000).
	View bool
	// Security is set for a policy's condition, which then is not Cond.
	Security *SecurityCheck
}

// Conflict is ON CONFLICT: with Update, Root gives the new versions of existing
// rows over WorkScan InputID, whose columns are RowID, Old (the existing row) and
// Excluded (the row proposed); of a partitioned table also TableOID, of the partition that
// has the row. A row that Root leaves out stays as it is.
type Conflict struct {
	// Indexes are the arbiters; nil means any unique index (DO NOTHING only).
	Indexes  []*catalog.Relation
	Update   bool
	InputID  int
	RowID    plan.ColID
	Old      []plan.ColID
	Excluded []plan.ColID
	TableOID plan.ColID
	Root     plan.Node
	New      []plan.ColID
	Checks   []Check
	Changed  []int16
}

// Returning computes the RETURNING list over the rows that were changed: WorkScan
// InputID, whose columns are In: the row's live columns (new ones; old for
// DELETE), then what else Source gives and Extra names.
type Returning struct {
	InputID int
	In      []plan.ColID
	// Extra are columns of Source beyond the target's row (UPDATE … FROM), in the
	// order they follow In's first ones.
	Extra []plan.ColID
	Root  plan.Node
	Cols  []OutCol
}

// Insert, Update and Delete plan their statements.

// Insert plans INSERT.
func Insert(c *Context, s *ast.Insert) (*Modify, error) {
	return planModify(c, func(b *binder) (*Modify, error) { return b.insert(s, nil) })
}

// Update plans UPDATE.
func Update(c *Context, s *ast.Update) (*Modify, error) {
	return planLeaves(c, func(b *binder) (*Modify, error) { return b.update(s, nil) })
}

// Delete plans DELETE.
func Delete(c *Context, s *ast.Delete) (*Modify, error) {
	return planLeaves(c, func(b *binder) (*Modify, error) { return b.delete(s, nil) })
}

func planModify(c *Context, bind func(*binder) (*Modify, error)) (*Modify, error) {
	b := newBinder(c)
	m, err := bind(b)
	if err != nil {
		return nil, err
	}
	if err := b.finishParams(); err != nil {
		return nil, err
	}
	if b.FnResult && m.Returning != nil {
		r, err := b.fnResult(&result{m.Returning.Root, m.Returning.Cols})
		if err != nil {
			return nil, err
		}
		m.Returning.Root, m.Returning.Cols = r.node, r.cols
	}
	m.Params, m.Volatile, m.Locks = b.params, b.volatile, b.locks
	b.optimizeModify(m)
	m.Parts, m.Reads = b.finishParts(m.plans())
	for d := range b.deps {
		m.Deps = append(m.Deps, d)
	}
	sortDeps(m.Deps)
	m.Access = b.accessList()
	return m, nil
}

// optimizeModify optimizes the plans of one statement.
func (b *binder) optimizeModify(m *Modify) {
	m.Meta = b.meta
	m.Fails = consts.Check(m.Source, m.Source.Out(), b.Env)
	m.Source = b.optimizeGiven(m.Source)
	if m.Fails == nil && b.locks {
		m.Fails = nullableLock(m.Source)
	}
	for _, c := range m.Checks {
		if c.Security != nil {
			c.Security.Root = b.optimizeGiven(c.Security.Root)
		}
	}
	if m.Recheck != nil {
		m.Recheck = b.optimizeGiven(m.Recheck)
	}
	if m.Conflict != nil && m.Conflict.Root != nil {
		m.Conflict.Root = b.optimizeGiven(m.Conflict.Root)
	}
	if m.Returning != nil {
		m.Returning.Root = b.optimizeGiven(m.Returning.Root)
	}
}

// optimizeGiven optimizes a plan that is run over given rows, and writes down the
// types of their columns.
func (b *binder) optimizeGiven(n plan.Node) plan.Node {
	n = b.optimize(n)
	plan.VisitNodes(n, func(x plan.Node) {
		if ws, ok := x.(*plan.WorkScan); ok && ws.Types == nil {
			ws.Types = make([]*types.Type, len(ws.Cols))
			for i, id := range ws.Cols {
				ws.Types[i] = b.meta.Col(id).Type
			}
		}
	})
	return n
}

// CheckWritable refuses relations that users do not write: verb is INSERT,
// UPDATE, DELETE, TRUNCATE or COPY FROM.
func CheckWritable(rel *catalog.Relation, verb string, pos int32) error {
	if rel.Stream != nil && rel.Stream.LateOf != 0 {
		return pgerr.New(pgerr.WrongObjectType, "cannot change \"%s\", which holds the late rows of a stream", rel.Name).At(pos)
	}
	switch rel.Kind {
	case catalog.Table:
		return nil
	case catalog.Stream:
		if verb != "INSERT" && verb != "COPY FROM" {
			return pgerr.New(pgerr.FeatureNotSupported, "%s on stream \"%s\" is not supported", verb, rel.Name).
				WithHint("A stream is append-only.").At(pos)
		}
		return nil
	case catalog.View:
		switch verb {
		case "COPY FROM":
			if rel.HasInstead("INSERT") {
				return pgerr.NotSupported("COPY into a view with INSTEAD OF triggers")
			}
			return pgerr.New(pgerr.WrongObjectType, "cannot copy to view \"%s\"", rel.Name).
				WithHint("To enable copying to a view, provide an INSTEAD OF INSERT trigger.")
		case "TRUNCATE":
			return pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a table", rel.Name)
		}
		return pgerr.New(pgerr.FeatureNotSupported, "%s on view \"%s\" is not supported", verb, rel.Name).At(pos)
	case catalog.MatView:
		if verb == "COPY FROM" {
			return pgerr.New(pgerr.WrongObjectType, "cannot copy to materialized view \"%s\"", rel.Name)
		}
		return pgerr.New(pgerr.WrongObjectType, "cannot change materialized view \"%s\"", rel.Name)
	case catalog.Sequence:
		if verb == "COPY FROM" {
			return pgerr.New(pgerr.WrongObjectType, "cannot copy to sequence \"%s\"", rel.Name)
		}
		return pgerr.New(pgerr.WrongObjectType, "cannot change sequence \"%s\"", rel.Name)
	}
	return pgerr.New(pgerr.InsufficientPrivilege, "permission denied: \"%s\" is a system catalog", rel.Name).At(pos)
}

// live gives the attribute numbers of a relation's columns that exist.
func live(rel *catalog.Relation) []int16 {
	var out []int16
	for i := range rel.Columns {
		if !rel.Columns[i].Dropped {
			out = append(out, int16(i+1))
		}
	}
	return out
}

// targetColumn finds a column to be assigned.
func targetColumn(rel *catalog.Relation, id ast.Ident) (int16, error) {
	_, attr := rel.Column(id.Name)
	if attr == 0 {
		if _, sys := systemColumns[id.Name]; sys {
			return 0, pgerr.New(pgerr.FeatureNotSupported, "cannot assign to system column \"%s\"", id.Name).At(id.Pos)
		}
		return 0, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", id.Name, rel.Name).At(id.Pos)
	}
	return attr, nil
}

// assign coerces a value to the column it is assigned to.
func (b *binder) assign(x plan.Expr, rel *catalog.Relation, attr int16, pos int32) (plan.Expr, error) {
	c := &rel.Columns[attr-1]
	t := b.columnType(c)
	return b.mustCoerce(x, t, c.Mod, assignment, pos, func() *pgerr.Error {
		return pgerr.New(pgerr.DatatypeMismatch, "column \"%s\" is of type %s but expression is of type %s", c.Name,
			formatType(t, types.NoMod), formatType(x.Type(), types.NoMod)).
			WithHint("You will need to rewrite or cast the expression.")
	})
}

// defaultOf gives the column's default: its DEFAULT, the next value of its
// identity, its domain's default, or NULL.
func (b *binder) defaultOf(rel *catalog.Relation, attr int16) (plan.Expr, error) {
	return unasked(b, func() (plan.Expr, error) { return b.storedDefault(rel, attr) })
}

func (b *binder) storedDefault(rel *catalog.Relation, attr int16) (plan.Expr, error) {
	c := &rel.Columns[attr-1]
	t := b.columnType(c)
	text := c.Default
	if c.Identity != 0 {
		return b.nextValue(c.Seq, rel, attr)
	}
	for d := t; text == "" && d.Class == types.Domain; d = d.Base {
		if def := b.Catalog.Domain(d.OID); def != nil {
			text = def.Default
		}
	}
	if text == "" {
		return b.coerceType(&plan.Const{Typ: types.TUnknown, TypMod: types.NoMod}, t, c.Mod, assignment, -1)
	}
	e, err := b.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	x, err := b.expr(e, &ectx{place: inDefault})
	if err != nil {
		return nil, stripPos(err)
	}
	x, err = b.assign(x, rel, attr, -1)
	return x, stripPos(err)
}

// BindDefault binds a column's default as it is defined: c is the column with
// its type resolved. It gives the bound expression, for checking and showing.
func BindDefault(ctx *Context, e ast.Expr, col *catalog.Column, generated bool, rel *catalog.Relation) (plan.Expr, *plan.Meta, []catalog.Dep, error) {
	b := newBinder(ctx)
	c := &ectx{place: inDefault}
	if generated {
		c = b.rowContext(rel, inGenerated)
	}
	x, err := b.expr(e, c)
	if err != nil {
		return nil, nil, nil, err
	}
	if generated && (plan.IsVolatile(x) || isStable(x)) {
		return nil, nil, nil, pgerr.New(pgerr.InvalidObjectDefinition, "generation expression is not immutable").At(ast.Leftmost(e))
	}
	y, err := b.mustCoerce(x, col.Type, col.Mod, assignment, ast.Leftmost(e), func() *pgerr.Error {
		return pgerr.New(pgerr.DatatypeMismatch, "column \"%s\" is of type %s but default expression is of type %s", col.Name,
			formatType(col.Type, types.NoMod), formatType(x.Type(), types.NoMod)).
			WithHint("You will need to rewrite or cast the expression.")
	})
	if err != nil {
		return nil, nil, nil, err
	}
	return y, b.meta, b.depList(), nil
}

func (b *binder) depList() []catalog.Dep {
	var out []catalog.Dep
	for d := range b.deps {
		out = append(out, d)
	}
	sortDeps(out)
	return out
}

// rowContext is the surroundings of an expression over one row of a relation.
func (b *binder) rowContext(rel *catalog.Relation, p *place) *ectx {
	q := b.newQuery(nil)
	scan := b.scan(rel, q)
	it := b.tableItem(rel, "", q)
	it.scan = scan
	for _, id := range scan.Cols {
		it.cols = append(it.cols, itemCol{b.meta.Col(id).Name, id})
	}
	q.scope.items = []*item{it}
	return q.at(p)
}

// RowExpr is an expression over one row of a relation: Cols are the columns it
// may read, one per live attribute.
type RowExpr struct {
	X    plan.Expr
	Meta *plan.Meta
	Cols []plan.ColID
	Deps []catalog.Dep
}

// RowPlace says what an expression over a row is for.
type RowPlace uint8

// The uses of an expression over a row.
const (
	RowCheck RowPlace = iota
	RowIndex
	RowIndexPredicate
	RowUsing // ALTER COLUMN TYPE … USING
	RowCopyWhere
	RowStatistics
	RowInference // the WHERE of ON CONFLICT's inference: of any type
	RowPartition // a key of PARTITION BY
)

// BindRow binds an expression over one row of rel. A condition must be boolean.
func BindRow(ctx *Context, e ast.Expr, rel *catalog.Relation, what RowPlace) (*RowExpr, error) {
	b := newBinder(ctx)
	p := [...]*place{RowCheck: inCheck, RowIndex: inIndex, RowIndexPredicate: inIndexPred, RowUsing: inUsing, RowCopyWhere: inCopyWhere, RowStatistics: inStatistics, RowInference: inIndexPred, RowPartition: inPartKey}[what]
	c := b.rowContext(rel, p)
	x, err := b.expr(e, c)
	if err != nil {
		return nil, err
	}
	switch what {
	case RowCheck:
		x, err = b.toBoolean(x, "CHECK", ast.Leftmost(e))
	case RowIndexPredicate, RowCopyWhere:
		x, err = b.toBoolean(x, "WHERE", ast.Leftmost(e))
	default:
		x, err = b.knownType(x, ast.Leftmost(e))
	}
	if err != nil {
		return nil, err
	}
	if (what == RowIndex || what == RowIndexPredicate || what == RowPartition) && (plan.IsVolatile(x) || isStable(x)) {
		name := map[RowPlace]string{RowIndex: "index expression", RowIndexPredicate: "index predicate", RowPartition: "partition key expression"}[what]
		return nil, pgerr.New(pgerr.InvalidObjectDefinition, "functions in %s must be marked IMMUTABLE", name).At(ast.Leftmost(e))
	}
	scan := c.s.items[0].scan
	if err := noSystemColumns(scan, what); err != nil {
		return nil, err
	}
	return &RowExpr{X: x, Meta: b.meta, Cols: scan.Cols, Deps: b.depList()}, nil
}

// noSystemColumns refuses what reads columns that a row has only where it is
// stored.
func noSystemColumns(scan *plan.Scan, what RowPlace) error {
	for _, attr := range scan.Attrs {
		switch {
		case attr > 0:
		case what == RowStatistics:
			return pgerr.New(pgerr.FeatureNotSupported, "statistics creation on system columns is not supported")
		case what == RowPartition:
			return pgerr.New(pgerr.InvalidObjectDefinition, "partition key expressions cannot contain system column references")
		case what == RowIndex || what == RowIndexPredicate:
			return pgerr.NotSupported("index creation on system columns")
		default:
			return pgerr.NotSupported("a system column in an expression of a table's definition")
		}
	}
	return nil
}

// isStable tells whether a function that is not immutable is called.
func isStable(x plan.Expr) bool {
	found := false
	plan.Visit(x, func(e plan.Expr) bool {
		if c, ok := e.(*plan.Call); ok && c.Fn.Volatility != 'i' && !immutableText(c) {
			found = true
		}
		return !found
	})
	return found
}

// immutableText tells a || b of a text and a value whose text form depends on no
// setting: PostgreSQL inlines these functions, and looks at the cast.
func immutableText(c *plan.Call) bool {
	if c.Fn.Name != "anytextcat" && c.Fn.Name != "textanycat" {
		return false
	}
	for _, a := range c.Args {
		switch t := a.Type().Underlying(); {
		case t.Kind == types.Int && t.Category == 'N', t.OID == types.NumericOID, t.OID == types.BoolOID, t.Category == 'S', t.OID == types.UUIDOID:
		default:
			return false
		}
	}
	return true
}

// checks binds the CHECK constraints of a relation over the given columns.
func (b *binder) checks(rel *catalog.Relation, cols []plan.ColID) ([]Check, error) {
	var out []Check
	cons := slices.Clone(rel.Constraints)
	slices.SortFunc(cons, func(x, y *catalog.Constraint) int { return strings.Compare(x.Name, y.Name) })
	for _, con := range cons {
		if con.Kind != catalog.Check {
			continue
		}
		x, err := b.overRow(rel, con.Expr, cols, inCheck)
		if err != nil {
			return nil, err
		}
		if x, err = b.toBoolean(x, "CHECK", -1); err != nil {
			return nil, err
		}
		out = append(out, Check{Name: con.Name, Cond: x})
	}
	return out, nil
}

// overRow binds a stored expression over the columns that hold a row.
func (b *binder) overRow(rel *catalog.Relation, text string, cols []plan.ColID, p *place) (plan.Expr, error) {
	e, err := b.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	q := b.newQuery(nil)
	it := b.tableItem(rel, "", q)
	for i, attr := range live(rel) {
		it.cols = append(it.cols, itemCol{rel.Columns[attr-1].Name, cols[i]})
	}
	q.scope.items = []*item{it}
	x, err := unasked(b, func() (plan.Expr, error) { return b.expr(e, q.at(p)) })
	return x, stripPos(err)
}

// generated computes the stored generated columns from the others: vals are the
// row's values by live column, nil where the column is generated. It gives a node
// whose outputs are cols, one per live column.
func (b *binder) rowNode(rel *catalog.Relation, in plan.Node, vals []plan.Expr, q *query, keep []plan.ColID) (plan.Node, []plan.ColID, error) {
	p := &plan.Project{In: in}
	for _, id := range keep {
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, b.meta.Ref(id))
	}
	cols := make([]plan.ColID, len(vals))
	attrs := live(rel)
	generated := false
	for i, x := range vals {
		c := &rel.Columns[attrs[i]-1]
		cols[i] = b.newCol(q, plan.ColInfo{Name: c.Name, Type: b.columnType(c), Mod: c.Mod, Rel: rel.OID, Attr: attrs[i]})
		if x == nil {
			generated = true
			continue
		}
		p.Cols, p.Vals = append(p.Cols, cols[i]), append(p.Vals, x)
	}
	if !generated {
		return p, cols, nil
	}
	g := passThrough(b.meta, p)
	for i, x := range vals {
		if x != nil {
			continue
		}
		val, err := b.overRow(rel, rel.Columns[attrs[i]-1].Generated, cols, inGenerated)
		if err != nil {
			return nil, nil, err
		}
		if val, err = b.assign(val, rel, attrs[i], -1); err != nil {
			return nil, nil, err
		}
		g.Cols, g.Vals = append(g.Cols, cols[i]), append(g.Vals, val)
	}
	return g, cols, nil
}

// besides gives a query level that stands beside another: it sees the same WITH
// entries, and none of its FROM items.
func (b *binder) besides(stmt *query) *query {
	q := b.newQuery(nil)
	q.scope.parent, q.scope.ctes = stmt.scope.parent, stmt.scope.ctes
	return q
}

// returning binds RETURNING over the changed rows; items are the FROM items that
// may be named besides the target, and stmt is the statement's query level.
func (b *binder) returning(list []ast.Target, w *written, alias string, others []*item, stmt *query) (*Returning, error) {
	if len(list) == 0 {
		return nil, nil
	}
	b.nextID++
	r := &Returning{InputID: b.nextID}
	q := b.besides(stmt)
	ws := &plan.WorkScan{ID: r.InputID, Cols: b.rowColumns(w.rel, q)}
	own := ws.Cols
	items := []*item{nil}
	for _, o := range others {
		c := *o
		c.owner, c.scan, c.cols = q, nil, nil
		for _, col := range o.cols {
			id := b.newCol(q, *b.meta.Col(col.id))
			ws.Cols = append(ws.Cols, id)
			r.Extra = append(r.Extra, col.id)
			c.cols = append(c.cols, itemCol{col.name, id})
		}
		items = append(items, &c)
	}
	r.In = ws.Cols
	it, in, err := b.writtenItem(w, alias, ws, own, q)
	if err != nil {
		return nil, err
	}
	it.changed = len(w.views) == 0
	if w.rel.PartKey != nil || w.root != nil && w.root.PartKey != nil { // each row may go to a partition of its own
		id := b.newCol(q, plan.ColInfo{Name: "tableoid", Type: types.TOid, Mod: types.NoMod, NotNull: true})
		ws.Cols = append(ws.Cols, id)
		r.In, it.oid = ws.Cols, b.meta.Ref(id)
	}
	items[0] = it
	if w.excluded {
		items = append(items, &item{alias: "excluded", rel: w.shown(), owner: q})
	}
	q.scope.items = items
	targets, err := b.targets(list, q.at(inReturning), selOptions{})
	if err != nil {
		return nil, err
	}
	p := &plan.Project{In: in}
	for _, t := range targets {
		if t.x, err = b.knownType(t.x, t.pos); err != nil {
			return nil, err
		}
		info := plan.ColInfo{Name: t.name, Type: t.x.Type(), Mod: t.x.Mod()}
		if c, ok := t.x.(*plan.Col); ok {
			info.Rel, info.Attr = b.meta.Col(c.ID).Rel, b.meta.Col(c.ID).Attr
		}
		id := b.newCol(q, info)
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, t.x)
		r.Cols = append(r.Cols, OutCol{Name: t.name, Type: info.Type, Mod: info.Mod, Rel: info.Rel, Attr: info.Attr, ID: id})
	}
	r.Root = p
	return r, nil
}
