package ddl

import (
	"reflect"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// createView runs CREATE [OR REPLACE] VIEW (DefineView).
func (r *run) createView(st *ast.CreateView) error {
	if st.Persistence == ast.Unlogged {
		return pgerr.New(pgerr.SyntaxError, "views cannot be unlogged because they do not have storage")
	}
	barrier, options, err := viewOptions(st.Options)
	if err != nil {
		return err
	}
	if st.Check {
		options = append(options, "check_option="+map[bool]string{true: "local", false: "cascaded"}[st.CheckLocal])
	}
	query, text := recursiveView(st)
	q, fixed, err := r.viewQuery(query, "views")
	if err != nil {
		return err
	}
	if fixed {
		text = ast.FormatStmt(query)
	}
	p := st.Persistence
	if p == ast.Permanent && r.readsTemporary(q.Deps) {
		p = ast.Temporary
		r.notice(pgerr.SuccessfulCompletion, "view \"%s\" will be a temporary view", st.Name.Object)
	}
	s, p, err := r.relationSchema(st.Name, p)
	if err != nil {
		return err
	}
	cols, err := resultColumns(q.Cols, st.Columns, func() error {
		return pgerr.New(pgerr.SyntaxError, "CREATE VIEW specifies more column names than columns")
	})
	if err != nil {
		return err
	}
	if err := r.lockName(s.OID, st.Name.Object); err != nil {
		return err
	}
	def := &catalog.ViewDef{SQL: text, ColumnNames: identNames(st.Columns), Settings: r.frozen(), SecurityBarrier: barrier}
	v := &catalog.Relation{
		Schema: s.OID, Name: st.Name.Object, Kind: catalog.View, Owner: r.s.Role(), Persistence: persistence(p), Columns: cols, View: def,
		Deps: exprDeps(q.Deps), Options: options,
	}
	if err := r.checkOption(v); err != nil {
		return err
	}
	if old := r.e.Relation(s.OID, v.Name); old != nil && st.OrReplace {
		return r.replaceView(old, v)
	}
	if err := checkNotSystem(s, v.Name); err != nil {
		return err
	}
	if _, err := r.checkFree(s, v.Name); err != nil {
		return err
	}
	v.OID = r.e.NewOID()
	r.putRowType(v)
	r.putNew(v)
	return nil
}

// checkOption refuses WITH CHECK OPTION on a view whose rows cannot be written.
func (r *run) checkOption(v *catalog.Relation) error {
	if !slices.ContainsFunc(v.Options, func(o string) bool { return strings.HasPrefix(o, "check_option=") }) {
		return nil
	}
	why, err := planner.NotUpdatable(r.planner(), v)
	if err == nil && why != "" {
		err = pgerr.New(pgerr.FeatureNotSupported, "WITH CHECK OPTION is supported only on automatically updatable views").WithHint("%s", why)
	}
	return err
}

// knownViewOptions are the options of a view.
var knownViewOptions = map[string]storageOption{
	"check_option": {kind: enumOption, values: []string{"local", "cascaded"}}, "security_barrier": {kind: boolOption}, "security_invoker": {kind: boolOption},
}

// viewOptions reads WITH of a view.
func viewOptions(list []ast.Option) (barrier bool, options []string, err error) {
	for _, o := range list {
		if o.Name == "security_barrier" {
			barrier, _ = types.ParseBool(optionText(o))
		}
	}
	options, err = relOptions(list, knownViewOptions)
	return barrier, options, err
}

// recursiveView gives the query of a view; that of CREATE RECURSIVE VIEW is wrapped
// into WITH RECURSIVE (makeRecursiveViewSelect).
func recursiveView(st *ast.CreateView) (*ast.Select, string) {
	if !st.Recursive {
		if text := strings.TrimSpace(st.QueryText); text != "" {
			return st.Query, text
		}
		return st.Query, ast.FormatStmt(st.Query)
	}
	q := &ast.Select{
		With: &ast.With{Recursive: true, CTEs: []ast.CTE{{Name: ast.Ident{Name: st.Name.Object, Pos: st.Name.Pos}, Columns: st.Columns, Query: st.Query}}},
		From: []ast.TableExpr{&ast.TableRef{Name: ast.Name{Object: st.Name.Object, Pos: ast.NoPos}, Pos: ast.NoPos}},
		Pos:  st.Query.Pos,
	}
	for _, c := range st.Columns {
		q.Targets = append(q.Targets, ast.Target{X: &ast.ColumnRef{Parts: []string{c.Name}, Pos: ast.NoPos}})
	}
	return q, ast.FormatStmt(q)
}

// viewQuery plans the query of a view; fixed tells that literals in it were changed.
func (r *run) viewQuery(s *ast.Select, what string) (q *planner.Query, fixed bool, err error) {
	if s.IntoTarget() != nil {
		return nil, false, pgerr.New(pgerr.FeatureNotSupported, "%s must not contain SELECT INTO", what)
	}
	if s.Emit != ast.EmitDefault {
		return nil, false, pgerr.New(pgerr.SyntaxError, "EMIT is for materialized views").At(s.EmitPos)
	}
	if err := noParameters(s); err != nil {
		return nil, false, err
	}
	c := r.planner()
	c.Names = planner.NewNames()
	if q, err = planner.Select(c, s); err != nil {
		return nil, false, err
	}
	if len(q.Parts) > 0 {
		return nil, false, pgerr.New(pgerr.FeatureNotSupported, "%s must not contain data-modifying statements in WITH", what)
	}
	return q, fixLiterals(c.Names, &c.Env.Env), nil
}

// noParameters refuses parameters in what is kept.
func noParameters(n any) error {
	var first *ast.ParamRef
	visit(reflect.ValueOf(n), func(n any) {
		if p, ok := n.(*ast.ParamRef); ok && first == nil {
			first = p
		}
	})
	if first == nil {
		return nil
	}
	return pgerr.New(pgerr.UndefinedParameter, "there is no parameter $%d", first.Number).At(first.Pos)
}

// readsTemporary tells whether a query names temporary relations.
func (r *run) readsTemporary(deps []catalog.Dep) bool {
	for _, d := range deps {
		if rel := r.e.RelationByOID(d.Object); rel != nil && rel.Persistence == 't' {
			return true
		}
	}
	return false
}

// resultColumns are the columns of a relation that a query defines. More names than
// columns is the error that tooMany makes.
func resultColumns(out []planner.OutCol, names []ast.Ident, tooMany func() error) ([]catalog.Column, error) {
	if len(names) > len(out) {
		return nil, tooMany()
	}
	var cols []catalog.Column
	seen := map[string]bool{}
	for i, o := range out {
		t := textType(o.Type)
		c := catalog.Column{Name: o.Name, TypeOID: t.OID, Mod: o.Mod, Slot: i, Type: t}
		if i < len(names) {
			c.Name = names[i].Name
		}
		if t.OID != types.TextOID || o.Type != nil && o.Type.OID == types.TextOID {
			if err := checkColumnType(c.Name, t); err != nil {
				return nil, err
			}
		}
		if seen[c.Name] {
			return nil, pgerr.New(pgerr.DuplicateColumn, "column \"%s\" specified more than once", c.Name)
		}
		seen[c.Name] = true
		cols = append(cols, c)
	}
	for _, c := range cols {
		if err := checkColumnName(c.Name); err != nil {
			return nil, err
		}
	}
	return cols, nil
}

// frozen are the settings that a view keeps; the search path as it works now.
func (r *run) frozen() map[string]string {
	m := r.s.Settings()
	var path []string
	for _, oid := range r.path() {
		if s := r.e.SchemaByOID(oid); s != nil {
			path = append(path, catalog.QuoteIdent(s.Name))
		}
	}
	m["search_path"] = strings.Join(path, ", ")
	return m
}

// replaceView gives a view a new query (checkViewTupleDesc).
func (r *run) replaceView(old, v *catalog.Relation) error {
	old, err := r.lock(old, AccessExclusive)
	if err != nil {
		return err
	}
	if old.Kind != catalog.View {
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a view", old.Name)
	}
	if err := r.mustOwn(old); err != nil {
		return err
	}
	if err := r.checkUnused(old, "CREATE OR REPLACE VIEW"); err != nil {
		return err
	}
	if len(v.Columns) < len(old.Columns) {
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot drop columns from view")
	}
	for i := range old.Columns {
		if err := r.sameViewColumn(&old.Columns[i], &v.Columns[i]); err != nil {
			return err
		}
	}
	n := old.Clone()
	n.Columns = append(n.Columns, v.Columns[len(old.Columns):]...)
	n.View, n.Deps, n.Options = v.View, v.Deps, v.Options
	if r.dependsOn(v.Deps, old.OID) {
		return pgerr.New(pgerr.InvalidObjectDefinition, "infinite recursion detected in rules for relation \"%s\"", old.Name)
	}
	return r.sameFor(r.matViewsOver(old.OID), old, func() { r.put(n) })
}

func (r *run) sameViewColumn(old, c *catalog.Column) error {
	if old.Name != c.Name {
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot change name of view column \"%s\" to \"%s\"", old.Name, c.Name).
			WithHint("Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.")
	}
	if old.TypeOID != c.TypeOID || old.Mod != c.Mod {
		show := func(c *catalog.Column) string { return planner.FormatType(r.planner(), r.typeOf(c), c.Mod) }
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot change data type of view column \"%s\" from %s to %s", old.Name, show(old), show(c))
	}
	return nil
}

// dependsOn tells whether dependencies lead, through views, to a relation.
func (r *run) dependsOn(deps []catalog.Dep, oid OID) bool {
	for _, d := range deps {
		if d.Object == oid {
			return true
		}
		if rel := r.e.RelationByOID(d.Object); rel != nil && rel.View != nil && r.dependsOn(rel.Deps, oid) {
			return true
		}
	}
	return false
}
