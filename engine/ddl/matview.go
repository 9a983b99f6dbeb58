package ddl

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// windowClose is ViewDef.Emit of a view whose rows appear when their window closes.
const windowClose = "window_close"

// createMatView runs CREATE MATERIALIZED VIEW.
func (r *run) createMatView(st *ast.CreateMatView) (string, error) {
	const skipped = "CREATE MATERIALIZED VIEW"
	if st.NoData {
		return "", pgerr.NotSupported("WITH NO DATA")
	}
	if err := checkMethod(st.Method); err != nil {
		return "", err
	}
	if err := checkTablespace(st.Space); err != nil {
		return "", err
	}
	emit, options, err := emitOf(st)
	if err != nil {
		return "", err
	}
	s, _, err := r.relationSchema(st.Name, ast.Permanent)
	if err != nil {
		return "", err
	}
	if s.Temp {
		return "", pgerr.New(pgerr.InvalidTableDefinition, "cannot create a materialized view in a temporary schema")
	}
	if err := r.lockName(s.OID, st.Name.Object); err != nil {
		return "", err
	}
	if old := r.e.Relation(s.OID, st.Name.Object); old != nil && st.OrReplace {
		if err := r.replaceMatView(old); err != nil {
			return "", err
		}
	}
	if skip, err := r.reserve(s, st.Name.Object, st.IfNotExists); skip || err != nil {
		return skipped, err
	}
	v, err := r.planMatView(st, emit)
	if err != nil {
		return "", err
	}
	v.Schema, v.Options = s.OID, options
	v.OID = r.e.NewOID()
	r.putRowType(v)
	r.putNew(v)
	r.s.BuildView(v.OID)
	return "SELECT", nil
}

// emitOf reads EMIT and WITH of a materialized view.
func emitOf(st *ast.CreateMatView) (emit string, options []string, err error) {
	given := map[ast.EmitKind]string{ast.EmitUpdate: "update", ast.EmitWindowClose: windowClose}[st.Query.Emit]
	var rest []ast.Option
	for _, o := range st.Options {
		if o.Name != "emit" {
			rest = append(rest, o)
			continue
		}
		v := strings.ToLower(optionText(o))
		switch {
		case v != "update" && v != windowClose:
			return "", nil, badOption("emit", v).WithHint("Available values: update, window_close.").At(o.Pos)
		case given != "":
			return "", nil, pgerr.New(pgerr.SyntaxError, "conflicting or redundant options").At(o.Pos)
		}
		given = v
	}
	options, err = relOptions(rest, heapOptions)
	if given != windowClose {
		given = ""
	}
	return given, options, err
}

// planMatView plans the view's query and gives its relation, without a name for it.
func (r *run) planMatView(st *ast.CreateMatView, emit string) (*catalog.Relation, error) {
	if st.Query.Into != nil {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "materialized views must not contain SELECT INTO")
	}
	if err := noParameters(st.Query); err != nil {
		return nil, err
	}
	query := *st.Query
	if emit == windowClose && query.EmitPos == 0 {
		query.EmitPos = ast.NoPos
	}
	c := r.planner()
	c.Names, c.Role = planner.NewNames(), r.s.Role() // whose rows it would hold
	q, err := planner.View(c, &query, emit == windowClose)
	if err != nil {
		return nil, err
	}
	if q.Volatile {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "a volatile function in a materialized view is not supported").
			WithHint("A view has to give the same rows whenever it is computed.")
	}
	if r.readsTemporary(q.Deps) {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "materialized views must not use temporary tables or views")
	}
	cols, err := resultColumns(q.Cols, st.Columns, func() error { return pgerr.New(pgerr.SyntaxError, "too many column names were specified") })
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(st.QueryText)
	if fixLiterals(c.Names, &c.Env.Env) || text == "" {
		query.Emit = ast.EmitDefault
		text = ast.FormatStmt(&query)
	}
	return &catalog.Relation{
		Name: st.Name.Object, Kind: catalog.MatView, Owner: r.s.Role(), Persistence: 'p', Columns: cols, Deps: exprDeps(q.Deps),
		View: &catalog.ViewDef{SQL: text, ColumnNames: identNames(st.Columns), Settings: r.frozen(), Emit: emit, Time: q.Time},
	}, nil
}

// replaceMatView drops the view that OR REPLACE replaces.
func (r *run) replaceMatView(old *catalog.Relation) error {
	old, err := r.lock(old, AccessExclusive)
	if err != nil {
		return err
	}
	if old.Kind != catalog.MatView {
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a materialized view", old.Name)
	}
	if err := r.mustOwn(old); err != nil {
		return err
	}
	return r.dropObjects([]catalog.Object{{Class: catalog.ClassRelation, OID: old.OID}}, false, "CREATE OR REPLACE MATERIALIZED VIEW")
}

// refreshMatView runs REFRESH MATERIALIZED VIEW, for which there is nothing to do.
func (r *run) refreshMatView(st *ast.RefreshMatView) error {
	if st.NoData {
		return pgerr.NotSupported("WITH NO DATA")
	}
	rel, err := r.locked(st.Name, false, AccessShare)
	if err != nil {
		return err
	}
	if rel.Kind != catalog.MatView {
		return pgerr.New(pgerr.FeatureNotSupported, "\"%s\" is not a materialized view", rel.Name)
	}
	if err := r.mustOwn(rel); err != nil {
		return err
	}
	r.notice(pgerr.SuccessfulCompletion, "materialized view \"%s\" is always up to date", rel.Name)
	return nil
}
