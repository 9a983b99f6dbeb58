package ddl

import (
	"reflect"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// ruleTexts is a rule whose condition and actions name something that gets another name.
type ruleTexts struct {
	rel     *catalog.Relation
	rule    *catalog.Rule
	where   ast.Expr
	actions []ast.Stmt
	names   *planner.Names
	path    catalog.Path
	changed bool
}

// readRules binds the rules that name what is going to change, or look names up in schema.
func (r *run) readRules(touches func(d catalog.Dep) bool, schema OID) ([]*ruleTexts, error) {
	var out []*ruleTexts
	for _, rel := range r.e.Relations() {
		for _, rule := range rel.Rules {
			path := r.e.ResolvePath(catalog.SplitPath(rule.Path), "", 0)
			if !anyDep(rule.Deps, touches) && (schema == 0 || !slices.Contains(path, schema)) {
				continue
			}
			t, err := r.readRule(rel, rule)
			if err != nil {
				return nil, err
			}
			out = append(out, t)
		}
	}
	return out, nil
}

func (r *run) readRule(rel *catalog.Relation, rule *catalog.Rule) (*ruleTexts, error) {
	t := &ruleTexts{rel: rel, rule: rule, names: planner.NewNames(), path: r.e.ResolvePath(catalog.SplitPath(rule.Path), "", 0)}
	if rule.Where != "" {
		var err error
		if t.where, err = parseExpr(rule.Where); err != nil {
			return nil, err
		}
	}
	for _, text := range rule.Actions {
		list, err := parser.Parse(text)
		if err != nil {
			return nil, err
		}
		t.actions = append(t.actions, list[0].Stmt)
	}
	c := r.planner()
	c.Follow(t.path)
	c.Names, c.Notices = t.names, func(*pgerr.Error) {}
	_, err := planner.DefineRule(c, rel, rule.Verb(), t.where, t.actions, make([]ast.Pos, len(t.actions)))
	return t, err
}

// writeRules puts rules with their texts under the names of now. What cannot be written
// again is refused.
func (r *run) writeRules(list []*ruleTexts) error {
	for _, t := range list {
		now := r.e.RelationByOID(t.rel.OID)
		if now == nil {
			continue
		}
		if t.names.Calls != nil && len(t.names.Types)+len(t.names.Calls) > 0 {
			return t.refused()
		}
		for ref, old := range t.names.Tables {
			if err := t.table(r, ref, old); err != nil {
				return err
			}
		}
		if err := t.rows(now); err != nil {
			return err
		}
		t.write(r)
	}
	return nil
}

func (t *ruleTexts) refused() error {
	return pgerr.NotSupported("renaming what rule \"%s\" on relation \"%s\" names", t.rule.Name, t.rel.Name)
}

// renamedColumns are the columns of a relation that have another name now.
func renamedColumns(old, now *catalog.Relation) map[string]string {
	out := map[string]string{}
	for i := range old.Columns {
		if i < len(now.Columns) && old.Columns[i].Name != now.Columns[i].Name && !old.Columns[i].Dropped {
			out[old.Columns[i].Name] = now.Columns[i].Name
		}
	}
	return out
}

// table gives a relation's name to a reference, which goes on to be known by the old one.
func (t *ruleTexts) table(r *run, ref *ast.TableRef, old *catalog.Relation) error {
	now := r.e.RelationByOID(old.OID)
	if now == nil {
		return nil
	}
	if cols := renamedColumns(old, now); len(cols) > 0 && !t.inserted(ref, cols) {
		given := len(ref.Alias.Columns)
		if t.isTarget(ref) || given > 0 && given < liveColumns(old) {
			return t.refused()
		}
		if given == 0 {
			t.oldColumns(ref, old, now)
		}
	}
	found, err := r.e.LookupRelation(t.path, ref.Name.Schema, ref.Name.Object, 0)
	if err == nil && found.OID == now.OID {
		return nil
	}
	t.changed = true
	if ref.Alias.Name == "" && now.Name != ref.Name.Object {
		ref.Alias.Name = ref.Name.Object
	}
	ref.Name.Object = now.Name
	if ref.Name.Schema != "" || !r.e.Visible(t.path, now) {
		ref.Name.Schema = r.e.SchemaByOID(now.Schema).Name
	}
	return nil
}

func liveColumns(rel *catalog.Relation) (n int) {
	for i := range rel.Columns {
		if !rel.Columns[i].Dropped {
			n++
		}
	}
	return n
}

// isTarget tells a reference to what an action changes.
func (t *ruleTexts) isTarget(ref *ast.TableRef) bool {
	return slices.ContainsFunc(t.actions, func(s ast.Stmt) bool {
		switch s := s.(type) {
		case *ast.Insert:
			return &s.Target == ref
		case *ast.Update:
			return &s.Target == ref
		case *ast.Delete:
			return &s.Target == ref
		}
		return false
	})
}

// oldColumns has a reference in a FROM list give the columns the names that they had.
func (t *ruleTexts) oldColumns(ref *ast.TableRef, old, now *catalog.Relation) {
	t.changed = true
	if ref.Alias.Name == "" {
		ref.Alias.Name = ref.Name.Object
	}
	for i := range now.Columns {
		switch {
		case now.Columns[i].Dropped:
		case i < len(old.Columns):
			ref.Alias.Columns = append(ref.Alias.Columns, ast.Ident{Name: old.Columns[i].Name, Pos: ast.NoPos})
		}
	}
}

// inserted renames the columns of an INSERT into the relation; false: ref stands elsewhere.
func (t *ruleTexts) inserted(ref *ast.TableRef, cols map[string]string) bool {
	for _, s := range t.actions {
		ins, ok := s.(*ast.Insert)
		if !ok || &ins.Target != ref || ins.Returning != nil || ins.OnConflict != nil {
			continue
		}
		for i := range ins.Columns {
			if to := cols[ins.Columns[i].Name.Name]; to != "" {
				ins.Columns[i].Name.Name, t.changed = to, true
			}
		}
		return true
	}
	return false
}

// rows renames the columns of OLD and NEW.
func (t *ruleTexts) rows(now *catalog.Relation) error {
	cols := renamedColumns(t.rel, now)
	if len(cols) == 0 {
		return nil
	}
	bad := false
	rename := func(bare bool) func(n any) {
		return func(n any) {
			if _, sub := n.(*ast.Select); sub && bare {
				bad = true
			}
			ref, ok := n.(*ast.ColumnRef)
			if !ok || len(ref.Parts) == 0 {
				return
			}
			at := -1
			switch {
			case len(ref.Parts) > 1 && (ref.Parts[0] == "old" || ref.Parts[0] == "new"):
				at = 1
			case bare && len(ref.Parts) == 1 && !ref.Star:
				at = 0
			}
			if at >= 0 && cols[ref.Parts[at]] != "" {
				ref.Parts[at], t.changed = cols[ref.Parts[at]], true
			}
		}
	}
	for _, s := range t.actions {
		visit(reflect.ValueOf(s), rename(false))
	}
	if t.where != nil {
		visit(reflect.ValueOf(&t.where), rename(true))
	}
	if bad {
		return t.refused()
	}
	return nil
}

func (t *ruleTexts) write(r *run) {
	c := *t.rule
	var path []string
	for _, oid := range t.path {
		if s := r.e.SchemaByOID(oid); s != nil {
			path = append(path, catalog.QuoteIdent(s.Name))
		}
	}
	c.Path = strings.Join(path, ", ")
	if t.changed {
		c.Actions = nil
		for _, s := range t.actions {
			c.Actions = append(c.Actions, ast.FormatStmt(s))
		}
		if t.where != nil {
			c.Where = ast.FormatExpr(t.where)
		}
	}
	r.change(t.rel.OID, func(now *catalog.Relation) { now.PutRule(&c) })
}

// RuleTexts gives a rule's condition and actions as they have to be written to mean the
// same under c: what c's path does not find is named with its schema. pg_dump relies on
// that, as it does of ViewQuery.
func RuleTexts(c *planner.Context, rel *catalog.Relation, rule *catalog.Rule) (where string, actions []string, err error) {
	r := &run{s: reading{c: c}, e: c.Catalog.Edit(nil)}
	t, err := r.readRule(rel, rule)
	if err != nil {
		return "", nil, err
	}
	if slices.Equal(t.path, c.Path) {
		return rule.Where, rule.Actions, nil
	}
	t.path = c.Path
	for ref, old := range t.names.Tables {
		if err := t.table(r, ref, old); err != nil {
			return "", nil, err
		}
	}
	for call, oid := range t.names.Calls {
		if f := r.e.FunctionByOID(oid); f != nil && !slices.Contains(c.Path, f.Schema) {
			call.Name.Schema, t.changed = r.e.SchemaByOID(f.Schema).Name, true
		}
	}
	for n, typ := range t.names.Types {
		if len(n.ArrayDims) > 0 && typ.Elem != nil {
			typ = typ.Elem
		}
		if s := r.e.SchemaByOID(typ.Schema); s != nil && typ.OID >= types.FirstUserOID && !slices.Contains(c.Path, typ.Schema) && !n.PctType {
			n.Name.Schema, t.changed = s.Name, true
		}
	}
	if !t.changed {
		return rule.Where, rule.Actions, nil
	}
	if t.where != nil {
		where = ast.FormatExpr(t.where)
	}
	for _, s := range t.actions {
		actions = append(actions, ast.FormatStmt(s))
	}
	return where, actions, nil
}
