package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/ddl"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/zeebo/xxh3"
)

// ddl runs a statement that changes the catalogue.
func (s *Session) ddl(ctx context.Context, p *prepared, st ast.Stmt) (*result, error) {
	s.tx.queried = true
	views := len(s.tx.matviews)
	tag, err := ddl.Exec(ctx, ddlSession{s}, st, p.st.Text)
	if err != nil {
		return nil, err
	}
	if len(s.tx.matviews) > views {
		return s.createdView(ctx, tag)
	}
	return tagged(tag), nil
}

// createdView ends CREATE MATERIALIZED VIEW: outside of a transaction block it is
// filled now, so that the tag can tell the number of its rows.
func (s *Session) createdView(ctx context.Context, tag string) (*result, error) {
	oid := s.tx.matviews[len(s.tx.matviews)-1]
	def := s.tx.catalog().RelationByOID(oid)
	if s.tx.block || s.tx.many {
		n, err := s.internalRows(ctx, def.View.SQL, nil, nil)
		if err != nil {
			return nil, err
		}
		return tagged(fmt.Sprintf("%s %d", tag, n)), nil
	}
	if err := s.commit(ctx); err != nil {
		return nil, err
	}
	var n int64
	if st := s.e.latest().relation(oid); st != nil && st.view != nil {
		n = st.view.Rows()
	}
	return tagged(fmt.Sprintf("%s %d", tag, n)), nil
}

// selectInto runs SELECT INTO as CREATE TABLE AS.
func (s *Session) selectInto(ctx context.Context, p *prepared, st *ast.Select) (*result, error) {
	into := st.IntoTarget()
	persistence := ast.Permanent
	if into.Temp {
		persistence = ast.Temporary
	}
	return s.ddl(ctx, p, &ast.CreateTableAs{
		Name: into.Name, Persistence: persistence, Query: st.WithoutInto(), Pos: into.Pos,
	})
}

// ddlSession implements ddl.Session.
type ddlSession struct{ s *Session }

var _ ddl.Session = ddlSession{}

// Edit implements ddl.Session.
func (d ddlSession) Edit() *catalog.Edit { return d.s.tx.ddl() }

// Path implements ddl.Session.
func (d ddlSession) Path() catalog.Path {
	d.s.systemContext()
	return d.s.sys.Path
}

// TempSchema implements ddl.Session.
func (d ddlSession) TempSchema(make bool) OID { return d.s.tempOID(make) }

// User implements ddl.Session.
func (d ddlSession) User() string { return d.s.user }

// SessionUser implements ddl.Session.
func (d ddlSession) SessionUser() string { return d.s.SessionUser() }

// Role implements ddl.Session.
func (d ddlSession) Role() OID { return d.s.role }

// Super implements ddl.Session.
func (d ddlSession) Super() bool { return d.s.super }

// Planner implements ddl.Session.
func (d ddlSession) Planner(params []*types.Type) *planner.Context { return d.s.plannerContext(params) }

// Setting implements ddl.Session.
func (d ddlSession) Setting(name string) string { return d.s.settings.Text(name) }

// frozen are the settings that a view keeps (semantics §9).
var frozen = []string{"search_path", "TimeZone", "DateStyle", "IntervalStyle", "extra_float_digits", "bytea_output", "default_text_search_config"}

// Settings implements ddl.Session.
func (d ddlSession) Settings() map[string]string {
	out := map[string]string{}
	for _, name := range frozen {
		out[name], _ = d.s.settings.Lookup(name)
	}
	return out
}

// CheckSetting implements ddl.Session.
func (d ddlSession) CheckSetting(name, value string) error {
	return d.s.settings.Check(name, value, d.s.super)
}

// Notice implements ddl.Session.
func (d ddlSession) Notice(n *pgerr.Error) { d.s.notice(n) }

// InBlock implements ddl.Session.
func (d ddlSession) InBlock() bool { return d.s.tx.block || d.s.tx.many }

// Lock implements ddl.Session.
func (d ddlSession) Lock(ctx context.Context, oid OID, mode ddl.LockMode) error {
	s := d.s
	if err := s.lockRelation(ctx, oid, lockMode(mode)); err != nil {
		return err
	}
	if s.e.catalog() != s.tx.read.Cat {
		s.tx.refresh()
	}
	if s.tx.catalog().RelationByOID(oid) == nil {
		return pgerr.New(pgerr.UndefinedTable, "relation with OID %d does not exist", oid)
	}
	return nil
}

// LockName implements ddl.Session.
func (d ddlSession) LockName(ctx context.Context, schema OID, name string) error {
	s := d.s
	tag := lockTag{kind: lockName, rel: schema, id: xxh3.HashString(name)}
	_, err := s.e.locks.acquire(ctx, &s.locker, tag, keyExclusive, s.lockPolicy())
	if err == nil && s.e.catalog() != s.tx.read.Cat {
		s.tx.refresh()
	}
	return err
}

// refresh takes the latest version in the middle of a statement, after a wait for
// a lock.
func (t *tx) refresh() {
	if t.iso == readCommitted {
		t.statement()
		t.s.systemContext()
	}
}

// InUse implements ddl.Session.
func (d ddlSession) InUse(oid OID) bool {
	if slices.Contains(d.s.triggering, oid) {
		return true
	}
	for _, pt := range d.s.portals {
		if (pt.res == nil || pt.res.src == nil) && (pt.cursor == nil || pt.cursor.src == nil) || pt.p.plan == nil || pt.p.plan.query == nil {
			continue
		}
		for _, dep := range pt.p.plan.query.Deps {
			if dep.Object == oid {
				return true
			}
		}
	}
	return false
}

// HasPending implements ddl.Session.
func (d ddlSession) HasPending(oid OID) bool { return d.s.tx.hasPending(oid) }

// HasRows implements ddl.Session.
func (d ddlSession) HasRows(ctx context.Context, oid OID) (bool, error) {
	r, err := d.s.tx.reader()
	if err != nil {
		return false, err
	}
	if own := r.own[oid]; own != nil {
		if own.rows != nil && own.rows.Rows() > 0 {
			return true, nil
		}
		c := r.committed(oid)
		return c != nil && !own.truncated && c.Rows() > int64(own.gone.rows), nil
	}
	c := r.committed(oid)
	return c != nil && c.Rows() > 0, nil
}

// Any implements ddl.Session.
func (d ddlSession) Any(ctx context.Context, sql string) (bool, string, error) {
	list, err := parser.Parse(sql)
	if err != nil {
		return false, "", err
	}
	p, err := d.s.prepare(&list[0], nil)
	if err != nil {
		return false, "", err
	}
	r, err := d.s.execute(ctx, p, nil, nil)
	if err != nil {
		return false, "", err
	}
	defer r.close()
	var b vec.Batch
	if err := r.src.Next(ctx, &b); err != nil || b.N == 0 {
		return false, "", err
	}
	v := b.Cols[0].Datum(b.Row(0))
	if v.IsNull() {
		return true, "", nil
	}
	return true, p.cols[0].Type.Text(&d.s.env.Env, v), nil
}

// ViewQuery implements catalog.ViewWriter. The parts of a parallel query may call it
// at the same time: it reads what stands while a statement runs.
func (s *Session) ViewQuery(v *catalog.Relation) (string, error) {
	pc := s.e.plannerContext(s.sys.Snapshot, s.sys.Path, s.env)
	pc.Temp = s.sys.Temp
	return ddl.ViewQuery(pc, v)
}

// RuleTexts implements catalog.RuleWriter.
func (s *Session) RuleTexts(r *catalog.Relation, x *catalog.Rule) (where string, actions []string, err error) {
	pc := s.e.plannerContext(s.sys.Snapshot, s.sys.Path, s.env)
	pc.Temp = s.sys.Temp
	return ddl.RuleTexts(pc, r, x)
}

// Rewrite implements ddl.Session.
func (d ddlSession) Rewrite(ctx context.Context, old *catalog.Relation, w *planner.Rewrite) error {
	s := d.s
	now := s.tx.catalog().RelationByOID(old.OID)
	read, err := s.tx.readerOf(old)
	if err != nil {
		return err
	}
	src, err := read.live(ctx, old)
	if err != nil {
		return err
	}
	defer src.Close()
	rw := &rewriter{s: s, plan: w, w: newWrites(s.e, s.e.def(now, s.tx.catalog()), s.tx.catalog()), rel: now}
	rw.w.truncated = true
	if err := rw.compileChecks(); err != nil {
		return err
	}
	if err := rw.run(ctx, src); err != nil {
		return err
	}
	s.tx.replaceWrites(old.OID, rw.w)
	return nil
}

// rewriter computes the rows of a relation's new definition.
type rewriter struct {
	s      *Session
	rel    *catalog.Relation
	w      *writes
	plan   *planner.Rewrite
	checks []compiledCheck
}

// compileChecks compiles the CHECK constraints that old rows have to satisfy.
func (rw *rewriter) compileChecks() error {
	layout := expr.LayoutOf(rw.plan.New)
	for _, c := range rw.plan.Checks {
		prog, err := expr.Compile(c.Cond, layout, &expr.CompileCtx{Env: rw.s.env})
		if err != nil {
			return err
		}
		rw.checks = append(rw.checks, compiledCheck{name: c.Name, prog: prog, view: c.View})
	}
	return nil
}

func (rw *rewriter) run(ctx context.Context, src vec.Source) error {
	order := make([]int, len(rw.plan.In))
	for i := range order {
		order[i] = i
	}
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil {
			return err
		}
		if lent.N == 0 {
			return nil
		}
		if err := rw.batch(ctx, take(&lent, order)); err != nil {
			return err
		}
	}
}

// batch rewrites a batch of the old relation's live columns.
func (rw *rewriter) batch(ctx context.Context, in *vec.Batch) error {
	rt := rw.s.runtime()
	r, err := rw.s.tx.reader()
	if err != nil {
		return err
	}
	rt.Rels, rt.Work = r, map[int][]*vec.Batch{rw.plan.InputID: {in}}
	src, err := exec.Compile(rt, rw.plan.Source)
	if err != nil {
		return err
	}
	defer src.Close()
	at := positions(rw.plan.Source, rw.plan.New)
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil {
			return err
		}
		if lent.N == 0 {
			return nil
		}
		out := take(&lent, at)
		if err := rw.valid(ctx, out); err != nil {
			return err
		}
		if err := rw.s.tx.put(ctx, rw.rel.OID, rw.w, out); err != nil {
			return err
		}
	}
}

// valid checks NOT NULL and CHECK as ALTER TABLE words it.
func (rw *rewriter) valid(ctx context.Context, b *vec.Batch) error {
	for i, attr := range rw.w.layout.attNums {
		c := &rw.rel.Columns[attr-1]
		if !c.NotNull || b.Cols[i].Nulls == nil {
			continue
		}
		if slices.Contains(b.Cols[i].Nulls[:b.N], true) {
			return pgerr.New(pgerr.NotNullViolation, "column \"%s\" of relation \"%s\" contains null values", c.Name, rw.rel.Name).
				WithTable(rw.s.schemaName(rw.rel), rw.rel.Name, c.Name, "")
		}
	}
	var bad vec.RowErrors
	fc := &funcs.Ctx{Context: ctx, Env: rw.s.env, Bad: &bad}
	for i := range rw.checks {
		var ok vec.Vec
		rw.checks[i].prog.Eval(fc, b, &ok)
		if err := bad.First(); err != nil {
			return err
		}
		for row := range b.N {
			if !ok.IsNull(row) && !ok.Bools[row] {
				return pgerr.New(pgerr.CheckViolation, "check constraint \"%s\" of relation \"%s\" is violated by some row", rw.checks[i].name, rw.rel.Name).
					WithTable(rw.s.schemaName(rw.rel), rw.rel.Name, "", rw.checks[i].name)
			}
		}
	}
	return nil
}

// Value implements ddl.Session.
func (d ddlSession) Value(ctx context.Context, x plan.Expr) (types.Datum, error) {
	prog, err := expr.Compile(x, expr.Layout{}, &expr.CompileCtx{Env: d.s.env})
	if err != nil {
		return types.Null, err
	}
	var bad vec.RowErrors
	var out vec.Vec
	prog.Eval(&funcs.Ctx{Context: ctx, Env: d.s.env, Bad: &bad}, &vec.Batch{N: 1}, &out)
	if err := bad.First(); err != nil {
		return types.Null, err
	}
	return out.Datum(0), nil
}

// Describe implements ddl.Session.
func (d ddlSession) Describe(ctx context.Context, query ast.Stmt) ([]planner.OutCol, error) {
	p, err := d.s.prepare(&ast.Statement{Stmt: query}, nil)
	if err != nil {
		return nil, err
	}
	out := make([]planner.OutCol, len(p.cols))
	for i, c := range p.cols {
		out[i] = planner.OutCol{Name: c.Name, Type: c.Type, Mod: c.Mod, Rel: OID(c.TableOID), Attr: c.Attr}
	}
	return out, nil
}

// Fill implements ddl.Session.
func (d ddlSession) Fill(ctx context.Context, oid OID, query ast.Stmt) (int64, error) {
	s := d.s
	p, err := s.prepare(&ast.Statement{Stmt: query}, nil)
	if err != nil {
		return 0, err
	}
	r, err := s.execute(ctx, p, nil, nil)
	if err != nil {
		return 0, err
	}
	defer r.close()
	w, err := s.tx.into(s.tx.catalog().RelationByOID(oid))
	if err != nil {
		return 0, err
	}
	var n int64
	for {
		var lent vec.Batch
		if err := r.src.Next(ctx, &lent); err != nil {
			return n, err
		}
		if lent.N == 0 {
			return n, nil
		}
		n += int64(lent.N)
		if err := s.tx.put(ctx, oid, w, copyBatch(&lent)); err != nil {
			return n, err
		}
	}
}

// CheckUnique implements ddl.Session.
func (d ddlSession) CheckUnique(ctx context.Context, index OID) error {
	cat := d.s.tx.catalog()
	ix := cat.RelationByOID(index)
	r := cat.RelationByOID(ix.Index.Table)
	var names, exprs, some string
	for i, k := range ix.Index.Keys[:ix.Index.NKeys] {
		name := k.Expr
		if k.Column != 0 {
			name = types.QuoteIdent(r.Columns[k.Column-1].Name)
		}
		if i > 0 {
			names, exprs, some = names+", ", exprs+", ", some+" AND "
		}
		names, exprs, some = names+name, exprs+"("+name+")", some+"("+name+") IS NOT NULL"
	}
	where := "true"
	if !ix.Index.NullsNotDistinct {
		where = some
	}
	if ix.Index.Predicate != "" {
		where = "(" + ix.Index.Predicate + ") AND " + where
	}
	found, detail, err := d.Any(ctx, fmt.Sprintf("SELECT concat_ws(', ', %s) FROM %s.%s WHERE %s GROUP BY %s HAVING count(*) > 1 LIMIT 1",
		exprs, types.QuoteIdent(d.s.schemaName(r)), types.QuoteIdent(r.Name), where, exprs))
	if err != nil || !found {
		return err
	}
	return pgerr.New(pgerr.UniqueViolation, "could not create unique index \"%s\"", ix.Name).
		WithDetail("Key (%s)=(%s) is duplicated.", names, detail).WithTable(d.s.schemaName(r), r.Name, "", ix.Name)
}

// Truncate implements ddl.Session.
func (d ddlSession) Truncate(ctx context.Context, rels []OID) error {
	s := d.s
	outer, own := s.ownLevel()
	if own {
		defer func() { s.afterLevel = outer }()
	}
	var sets []*triggerSet
	for _, oid := range rels {
		def := s.e.def(s.tx.catalog().RelationByOID(oid), s.tx.catalog())
		ts, err := s.triggers(s.tx.catalog().RelationByOID(oid), def.layout)
		if err != nil {
			return err
		}
		if ts != nil {
			sets = append(sets, ts)
		}
	}
	for _, ts := range sets {
		if err := ts.beforeStatement(ctx, ast.TriggerTruncate, nil); err != nil {
			return err
		}
	}
	if err := d.truncateRows(rels); err != nil {
		return err
	}
	for _, ts := range sets {
		if err := ts.afterStatement(ctx, ast.TriggerTruncate, nil); err != nil {
			return err
		}
	}
	return s.fireAfter(ctx)
}

// truncateRows takes all rows of relations away, whatever triggers they have.
func (d ddlSession) truncateRows(rels []OID) error {
	for _, oid := range rels {
		def := d.s.e.def(d.s.tx.catalog().RelationByOID(oid), d.s.tx.catalog())
		w := newWrites(d.s.e, def, d.s.tx.catalog())
		w.truncated = true
		d.s.tx.replaceWrites(oid, w)
	}
	return nil
}

// RestartSequence implements ddl.Session.
func (d ddlSession) RestartSequence(seq *catalog.Relation, value int64, called bool) error {
	return d.s.e.sequences.set(seq, value, called)
}

// SequencePosition implements ddl.Session.
func (d ddlSession) SequencePosition(seq *catalog.Relation) (int64, bool) {
	st := d.s.e.sequences.peek(seq, d.s.tx)
	return st.Last, st.Called
}

// Fingerprint implements ddl.Session.
func (d ddlSession) Fingerprint(view *catalog.Relation, snap *catalog.Snapshot) (string, error) {
	q, env, err := d.s.e.planView(view, snap, func(*pgerr.Error) {})
	if err != nil {
		return "", err
	}
	c, err := exec.CompileCircuit(q.Root, env)
	if err != nil {
		return "", err
	}
	return c.Fingerprint(), nil
}

// BuildView implements ddl.Session.
func (d ddlSession) BuildView(view OID) { d.s.tx.matviews = append(d.s.tx.matviews, view) }

// PopulatedView implements ddl.Session.
func (d ddlSession) PopulatedView(view OID) bool { return !slices.Contains(d.s.tx.matviews, view) }
