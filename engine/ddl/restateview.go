package ddl

import (
	"reflect"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// viewText is a view's query with what its names mean.
type viewText struct {
	view  *catalog.Relation
	path  catalog.Path
	query *ast.Select
	names *planner.Names
	// outputs are the names that the query gives its columns.
	outputs []string
	// expand has stars and bare columns written out.
	expand  bool
	changed bool
	// now has the relations that references name, as they are now.
	now map[*ast.TableRef]*catalog.Relation
}

// readViews binds the queries of the views that name what is going to change.
func (r *run) readViews(touches func(d catalog.Dep) bool, expand bool) ([]*viewText, error) {
	var out []*viewText
	for _, v := range r.e.Relations() {
		if v.View == nil || !anyDep(v.Deps, touches) {
			continue
		}
		t, err := r.readView(v)
		if err != nil {
			return nil, err
		}
		t.expand = expand
		out = append(out, t)
	}
	return out, nil
}

func (r *run) readView(v *catalog.Relation) (*viewText, error) {
	c := r.planner()
	q, err := c.ParseSQL(v.View.SQL)
	if err != nil {
		return nil, err
	}
	t := &viewText{view: v, query: q, names: planner.NewNames(), path: r.viewPath(v), now: map[*ast.TableRef]*catalog.Relation{}}
	c.Follow(t.path)
	c.Names, c.Notices = t.names, func(*pgerr.Error) {}
	bound, err := planner.Select(c, q)
	if err != nil {
		return nil, err
	}
	for _, col := range bound.Cols {
		t.outputs = append(t.outputs, col.Name)
	}
	return t, nil
}

// viewPath is the path that a view's names are looked up along.
func (r *run) viewPath(v *catalog.Relation) catalog.Path {
	return r.e.ResolvePath(catalog.SplitPath(v.View.Settings["search_path"]), "", 0)
}

// viewsOver reads the views over a relation, which is about to get another column:
// what * and unqualified columns mean in them is written out.
func (r *run) viewsOver(rel *catalog.Relation) ([]*viewText, error) {
	return r.readViews(func(d catalog.Dep) bool { return d.Object == rel.OID }, true)
}

// writeViews puts views with their queries under the names of now. One that does not
// mean a query any more is an error: it would never be read again.
func (r *run) writeViews(views []*viewText) error {
	for _, v := range views {
		v.write(r)
	}
	for _, v := range views {
		now := r.e.RelationByOID(v.view.OID)
		if !v.changed || now == nil {
			continue
		}
		if err := r.checkView(now); err != nil {
			return pgerr.Wrap(err, pgerr.FeatureNotSupported, "cannot rewrite the query of view \"%s\" for this change", now.Name)
		}
	}
	return nil
}

// checkView binds a view's query as it is kept.
func (r *run) checkView(v *catalog.Relation) error {
	t, err := r.readView(v)
	if err != nil || v.Kind != catalog.MatView {
		return err
	}
	c := r.planner()
	c.Follow(t.path)
	c.Notices = func(*pgerr.Error) {}
	q, err := c.ParseSQL(v.View.SQL)
	if err != nil {
		return err
	}
	_, err = planner.View(c, q, v.View.Emit == windowClose)
	return err
}

// write puts the view with its query under the names of now.
func (t *viewText) write(r *run) {
	if r.e.RelationByOID(t.view.OID) == nil {
		return
	}
	settings := t.settings(r)
	for ref, old := range t.names.Tables {
		t.table(r, ref, old)
	}
	for n, typ := range t.names.Types {
		t.typ(r, n, typ)
	}
	t.constants(r)
	if t.expand {
		t.stars()
	}
	if t.changed {
		t.windowInputs()
	}
	if !t.changed && settings == nil {
		return
	}
	r.change(t.view.OID, func(v *catalog.Relation) {
		if t.changed {
			v.View.SQL = ast.FormatStmt(t.query)
		}
		if settings != nil {
			v.View.Settings = settings
		}
	})
}

// settings gives the view's settings if the schemas on its path have other names now.
func (t *viewText) settings(r *run) map[string]string {
	var path []string
	for _, oid := range t.path {
		if s := r.e.SchemaByOID(oid); s != nil {
			path = append(path, catalog.QuoteIdent(s.Name))
		}
	}
	now := strings.Join(path, ", ")
	if now == t.view.View.Settings["search_path"] {
		return nil
	}
	m := map[string]string{}
	for k, v := range t.view.View.Settings {
		m[k] = v
	}
	m["search_path"] = now
	return m
}

// table gives a relation's name, and the columns that it had, to a reference.
func (t *viewText) table(r *run, ref *ast.TableRef, old *catalog.Relation) {
	now := r.e.RelationByOID(old.OID)
	if now == nil {
		return
	}
	t.now[ref] = now
	shown := ref.Alias.Name
	if shown == "" {
		shown = ref.Name.Object
	}
	if found, err := r.e.LookupRelation(t.path, ref.Name.Schema, ref.Name.Object, 0); err != nil || found.OID != now.OID || t.schemaRenamed(r, ref, now) {
		t.changed = true
		if ref.Alias.Name == "" && now.Name != ref.Name.Object {
			ref.Alias.Name = ref.Name.Object
			t.unqualify(ref.Name.Object)
		}
		ref.Name.Object = now.Name
		if ref.Name.Schema != "" || !r.e.Visible(t.path, now) {
			ref.Name.Schema = r.e.SchemaByOID(now.Schema).Name
			if ref.Alias.Name == "" {
				t.unqualify(ref.Name.Object)
			}
		}
	}
	t.columns(ref, old, now, shown)
}

// schemaRenamed tells whether a reference names a schema that has another name now.
func (t *viewText) schemaRenamed(r *run, ref *ast.TableRef, now *catalog.Relation) bool {
	return ref.Name.Schema != "" && r.e.SchemaByOID(now.Schema).Name != ref.Name.Schema
}

// unqualify takes the schema off the references schema.table.column.
func (t *viewText) unqualify(table string) {
	visit(reflect.ValueOf(t.query), func(n any) {
		c, ok := n.(*ast.ColumnRef)
		if !ok {
			return
		}
		at := len(c.Parts) - 2
		if c.Star {
			at++
		}
		if at >= 1 && c.Parts[at] == table {
			c.Parts = c.Parts[at:]
		}
	})
}

// columns lists the names under which the query knows a relation's columns behind
// its alias, if they are no longer the relation's own.
func (t *viewText) columns(ref *ast.TableRef, old, now *catalog.Relation, shown string) {
	var list []ast.Ident
	last, i := 0, 0
	used := map[string]bool{}
	for n := range now.Columns {
		c := &now.Columns[n]
		if n < len(old.Columns) && !old.Columns[n].Dropped {
			i++
		}
		if c.Dropped {
			continue
		}
		name := c.Name
		switch {
		case n >= len(old.Columns):
			for used[name] {
				name += "_1"
			}
		case i <= len(ref.Alias.Columns):
			name = ref.Alias.Columns[i-1].Name
		default:
			name = old.Columns[n].Name
		}
		used[name] = true
		list = append(list, ast.Ident{Name: name, Pos: ast.NoPos})
		if name != c.Name {
			last = len(list)
		}
	}
	list = list[:last]
	if sameIdents(list, ref.Alias.Columns) {
		return
	}
	t.changed = true
	ref.Alias.Columns = list
	if ref.Alias.Name == "" {
		ref.Alias.Name = shown
		t.unqualify(shown)
	}
}

// windowInputs moves the aliases that relations in TUMBLE and its kin were given
// to the windows: the grammar has none inside. Columns that were renamed become a
// query's.
func (t *viewText) windowInputs() {
	visit(reflect.ValueOf(t.query), func(n any) {
		w, ok := n.(*ast.WindowRef)
		if !ok {
			return
		}
		ref, ok := w.Input.(*ast.TableRef)
		if !ok || ref.Alias.Name == "" {
			return
		}
		if w.Alias.Name == "" {
			w.Alias.Name = ref.Alias.Name
		}
		if w.Time != nil {
			w.Time.Parts = w.Time.Parts[len(w.Time.Parts)-1:]
		}
		names := ref.Alias.Columns
		ref.Alias = ast.Alias{}
		if len(names) > 0 {
			w.Input = &ast.SubqueryRef{Query: t.selectAs(ref, names), Pos: ast.NoPos}
		}
	})
}

// selectAs is the query that gives a relation's columns, the first of them under
// these names.
func (t *viewText) selectAs(ref *ast.TableRef, names []ast.Ident) *ast.Select {
	q := &ast.Select{From: []ast.TableExpr{ref}, Pos: ast.NoPos}
	k := 0
	for i := range t.now[ref].Columns {
		c := &t.now[ref].Columns[i]
		if c.Dropped {
			continue
		}
		target := ast.Target{X: &ast.ColumnRef{Parts: []string{c.Name}, Pos: ast.NoPos}, Pos: ast.NoPos}
		if k < len(names) && names[k].Name != c.Name {
			target.Alias = names[k].Name
		}
		q.Targets, k = append(q.Targets, target), k+1
	}
	return q
}

// typ gives a type's name to a reference.
func (t *viewText) typ(r *run, n *ast.TypeName, old *types.Type) {
	elem := old
	if len(n.ArrayDims) > 0 && elem.Elem != nil {
		elem = elem.Elem
	}
	now := r.e.TypeByOID(elem.OID)
	if now == nil || elem.OID < types.FirstUserOID || n.PctType {
		return
	}
	var found *types.Type
	if n.Name.Schema == "" {
		found = r.e.FindType(t.path, n.Name.Object)
	} else if s := r.e.Schema(n.Name.Schema); s != nil {
		found = r.e.Type(s.OID, n.Name.Object)
	}
	if found != nil && found.OID == now.OID {
		return
	}
	t.changed = true
	n.Name = ast.Name{Schema: r.e.SchemaByOID(now.Schema).Name, Object: now.Name, Pos: n.Name.Pos}
}

// constants writes the literals that name things again.
func (t *viewText) constants(r *run) {
	if len(t.names.Constants) == 0 {
		return
	}
	env, here := r.deparser(nil).Env, r.planner().Env
	for l, v := range t.names.Constants {
		typ := r.e.TypeByOID(v.Type.OID)
		if typ == nil || l.Kind != ast.LitString {
			continue
		}
		if now, err := typ.In(&here.Env, l.Text, types.NoMod); err == nil && now.Int() == v.Value.Int() {
			continue
		}
		if text := typ.Text(env, v.Value); text != l.Text {
			l.Text, t.changed = text, true
		}
	}
}

// stars writes out stars, the columns of NATURAL joins and the aliases of bare columns.
func (t *viewText) stars() {
	visit(reflect.ValueOf(t.query), func(n any) {
		switch n := n.(type) {
		case *ast.Select:
			t.selectStars(n)
		case *ast.JoinExpr:
			if using, ok := t.names.Naturals[n]; ok && n.Natural {
				n.Natural, n.Using, t.changed = false, using, true
			}
		case *ast.WindowRef:
			if n.Time != nil {
				delete(t.names.Bare, n.Time.Pos)
			}
		case *ast.ColumnRef:
			if alias := t.names.Bare[n.Pos]; alias != "" && len(n.Parts) == 1 && !n.Star {
				n.Parts, t.changed = []string{alias, n.Parts[0]}, true
			}
		}
	})
}

func (t *viewText) selectStars(q *ast.Select) {
	var out []ast.Target
	found := false
	for _, target := range q.Targets {
		ref, ok := target.X.(*ast.ColumnRef)
		cols := t.names.Stars[ref]
		if !ok || !ref.Star || cols == nil {
			out = append(out, target)
			continue
		}
		found = true
		for _, c := range cols {
			parts := []string{c.Alias, c.Name}
			if c.Alias == "" {
				parts = parts[1:]
			}
			out = append(out, ast.Target{X: &ast.ColumnRef{Parts: parts, Pos: ast.NoPos}, Pos: ast.NoPos})
		}
	}
	if found {
		q.Targets, t.changed = out, true
	}
}
