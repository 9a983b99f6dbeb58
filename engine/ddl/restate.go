package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Where PostgreSQL keeps trees, the catalogue here keeps SQL. What gets another name
// is therefore written again wherever it is named: everything that names it is
// bound under the old names, the change is made, and it is written under the new
// ones. Expressions are written from what they were bound to; the queries of views
// keep the user's text as far as it still says the same (restateview.go).

// restated is a text to be written again after a change.
type restated func(r *run)

// restate makes a change of names: touches tells the objects that it concerns.
func (r *run) restate(touches func(d catalog.Dep) bool, change func() error) error {
	for _, f := range r.e.Functions() {
		if f.Body != "" && anyDep(f.Deps, touches) {
			return pgerr.NotSupported("renaming what the body of function %s names", f.Name)
		}
	}
	rules, err := r.readRules(touches, 0)
	if err != nil {
		return err
	}
	list, err := r.readTexts(touches)
	if err != nil {
		return err
	}
	views, err := r.readViews(touches, false)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	for _, write := range list {
		write(r)
	}
	if err := r.writeRules(rules); err != nil {
		return err
	}
	return r.writeViews(views)
}

func anyDep(deps []catalog.Dep, touches func(d catalog.Dep) bool) bool {
	for _, d := range deps {
		if touches(d) {
			return true
		}
	}
	return false
}

// textContext is what stored expressions are bound under.
func (r *run) textContext() *planner.Context {
	c := r.planner()
	c.Path = catalog.Path{catalog.PgCatalogOID}
	return c
}

// readTexts binds the expressions that name what is going to change.
func (r *run) readTexts(touches func(d catalog.Dep) bool) ([]restated, error) {
	t := &textReader{run: r, touches: touches}
	for _, rel := range r.e.Relations() {
		for i := range rel.Columns {
			if c := &rel.Columns[i]; !c.Dropped && anyDep(c.Deps, touches) {
				t.column(rel, int16(i+1))
			}
		}
		for _, con := range rel.Constraints {
			if con.Kind == catalog.Check && anyDep(con.Deps, touches) {
				t.check(rel, con)
			}
		}
		for _, tr := range rel.Triggers {
			if tr.When != "" && anyDep(tr.Deps, touches) {
				t.trigger(rel, tr)
			}
		}
		for _, p := range rel.Policies {
			if anyDep(p.Deps, touches) {
				t.policy(rel, p)
			}
		}
		for _, x := range rel.Stats {
			if len(x.Exprs) > 0 && anyDep(x.Deps, touches) {
				t.statistics(rel, x)
			}
		}
		if rel.PartKey != nil {
			t.partKey(rel)
		}
		if rel.Index != nil && anyDep(rel.Deps, touches) {
			t.index(rel)
		}
	}
	for _, typ := range r.e.Types() {
		if def := r.e.Domain(typ.OID); def != nil {
			t.domain(typ, def)
		}
	}
	return t.out, t.err
}

// textReader collects bound expressions.
type textReader struct {
	*run
	touches func(d catalog.Dep) bool
	out     []restated
	err     error
}

// parse parses a stored text, nil after an error.
func (t *textReader) parse(text string) ast.Expr {
	if t.err != nil {
		return nil
	}
	e, err := parseExpr(text)
	if t.err = err; err != nil {
		return nil
	}
	return e
}

func (t *textReader) column(rel *catalog.Relation, attr int16) {
	c := rel.Columns[attr-1]
	text, generated := c.Default, false
	if c.Generated != "" {
		text, generated = c.Generated, true
	}
	e := t.parse(text)
	if _, ok := e.(*ast.SQLValue); ok || e == nil {
		return
	}
	x, meta, err := planner.ShownDefault(t.textContext(), e, &c, generated, rel)
	if err != nil {
		t.err = err
		return
	}
	t.out = append(t.out, func(r *run) {
		r.change(rel.OID, func(now *catalog.Relation) {
			switch n := &now.Columns[attr-1]; {
			case generated && n.Generated != "":
				n.Generated = r.stored(r.renewed(x), meta)
			case n.Default != "":
				n.Default = r.stored(r.renewed(x), meta)
			}
		})
	})
}

// row binds an expression over a row; the writer gives its new text.
func (t *textReader) row(rel *catalog.Relation, text string, place planner.RowPlace) func(r *run) string {
	e := t.parse(text)
	if e == nil {
		return nil
	}
	x, err := planner.BindRow(t.textContext(), e, rel, place)
	if err != nil {
		t.err = err
		return nil
	}
	return func(r *run) string { return r.stored(r.renewed(x.X), x.Meta) }
}

func (t *textReader) check(rel *catalog.Relation, con *catalog.Constraint) {
	write := t.row(rel, con.Expr, planner.RowCheck)
	if write == nil {
		return
	}
	t.out = append(t.out, func(r *run) {
		r.change(rel.OID, func(now *catalog.Relation) {
			for _, c := range now.Constraints {
				if c.OID == con.OID {
					c.Expr = write(r)
				}
			}
		})
	})
}

func (t *textReader) partKey(rel *catalog.Relation) {
	for i := range rel.PartKey.Exprs {
		x := &rel.PartKey.Exprs[i]
		if !anyDep(x.Deps, t.touches) {
			continue
		}
		write := t.row(rel, x.Text, planner.RowPartition)
		if write == nil {
			return
		}
		t.out = append(t.out, func(r *run) {
			r.change(rel.OID, func(now *catalog.Relation) { now.PartKey.Exprs[i].Text = write(r) })
		})
	}
}

func (t *textReader) index(ix *catalog.Relation) {
	table := t.e.RelationByOID(ix.Index.Table)
	keys := make([]func(r *run) string, len(ix.Index.Keys))
	for i, k := range ix.Index.Keys {
		if k.Expr != "" {
			keys[i] = t.row(table, k.Expr, planner.RowIndex)
		}
	}
	var predicate func(r *run) string
	if ix.Index.Predicate != "" {
		predicate = t.row(table, ix.Index.Predicate, planner.RowIndexPredicate)
	}
	t.out = append(t.out, func(r *run) {
		r.change(ix.OID, func(now *catalog.Relation) {
			for i, write := range keys {
				if write != nil {
					now.Index.Keys[i].Expr = write(r)
				}
			}
			if predicate != nil {
				now.Index.Predicate = predicate(r)
			}
		})
	})
}

func (t *textReader) domain(typ *types.Type, def *catalog.DomainDef) {
	var value func(r *run) string
	if def.Default != "" && anyDep(def.Deps, t.touches) {
		if e := t.parse(def.Default); e != nil {
			x, meta, err := planner.ShownDefault(t.textContext(), e, domainColumn(typ), false, nil)
			if t.err = err; err == nil {
				value = func(r *run) string { return r.stored(r.renewed(x), meta) }
			}
		}
	}
	checks := map[OID]func(r *run) string{}
	for _, con := range def.Constraints {
		if !anyDep(con.Deps, t.touches) {
			continue
		}
		if e := t.parse(con.Expr); e != nil {
			x, _, err := planner.BindDomainCheck(t.textContext(), e, typ.Base, typ.BaseMod)
			if t.err = err; err == nil {
				checks[con.OID] = func(r *run) string { return r.stored(r.renewed(x), &plan.Meta{}) }
			}
		}
	}
	if value == nil && len(checks) == 0 {
		return
	}
	t.out = append(t.out, func(r *run) {
		now := r.e.Domain(typ.OID)
		if now == nil {
			return
		}
		n := *now
		if value != nil && n.Default != "" {
			n.Default = value(r)
		}
		n.Constraints = nil
		for _, con := range now.Constraints {
			k := *con
			if write := checks[k.OID]; write != nil {
				k.Expr = write(r)
			}
			n.Constraints = append(n.Constraints, &k)
		}
		r.e.PutDomain(&n)
	})
}

// renewed gives the constants in an expression the types of now, under which their
// values may be written otherwise.
func (r *run) renewed(x plan.Expr) plan.Expr {
	return plan.Map(x, func(e plan.Expr) plan.Expr {
		k, ok := e.(*plan.Const)
		if !ok || k.Typ.OID < types.FirstUserOID {
			return e
		}
		if t := r.e.TypeByOID(k.Typ.OID); t != nil {
			n := *k
			n.Typ = t
			return &n
		}
		return e
	})
}

// domainColumn is a column of a domain's base type, for binding its default.
func domainColumn(t *types.Type) *catalog.Column {
	return &catalog.Column{Name: t.Name, TypeOID: t.Base.OID, Mod: t.BaseMod, Type: t.Base}
}
