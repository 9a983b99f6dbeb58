package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// createComposite runs CREATE TYPE … AS (…).
func (r *run) createComposite(st *ast.CreateComposite) error {
	s, err := r.typeSchema(st.Name)
	if err != nil {
		return err
	}
	if r.e.Relation(s.OID, st.Name.Object) != nil {
		return pgerr.New(pgerr.DuplicateTable, "relation \"%s\" already exists", st.Name.Object)
	}
	rel := &catalog.Relation{
		OID: r.e.NewOID(), Schema: s.OID, Name: st.Name.Object, Kind: catalog.Composite, Owner: r.s.Role(), Persistence: 'p',
	}
	seen := map[string]bool{}
	for i := range st.Columns {
		if err := r.addAttribute(rel, &st.Columns[i]); err != nil {
			return err
		}
		name := st.Columns[i].Name.Name
		if seen[name] {
			return pgerr.New(pgerr.DuplicateColumn, "column \"%s\" specified more than once", name)
		}
		seen[name] = true
	}
	r.putRowType(rel)
	r.e.PutRelation(rel)
	r.initialTypeACL(r.e.TypeByOID(rel.RowType))
	return nil
}

// addAttribute adds an attribute to a composite type. There is no serial one.
func (r *run) addAttribute(rel *catalog.Relation, def *ast.ColumnDef) error {
	d := &columnDef{run: r, rel: rel, def: def}
	if serials[def.Type.Name.Object] != nil && def.Type.Name.Schema == "" {
		return pgerr.New(pgerr.UndefinedObject, "type \"%s\" does not exist", def.Type.Name.Object).At(def.Type.Pos)
	}
	if err := d.dataType(); err != nil {
		return err
	}
	if err := r.notWithin(rel, d.col.Type); err != nil {
		return err
	}
	rel.Columns = append(rel.Columns, d.col)
	return nil
}

// notWithin refuses a column whose type holds the relation's own row type.
func (r *run) notWithin(rel *catalog.Relation, t *types.Type) error {
	if rel.RowType == 0 || !holds(t, rel.RowType) {
		return nil
	}
	return pgerr.New(pgerr.InvalidTableDefinition, "composite type %s cannot be made a member of itself", r.typeName(r.e.TypeByOID(rel.RowType)))
}

// holds tells whether values of a type may hold values of another one.
func holds(t *types.Type, oid OID) bool {
	switch {
	case t == nil:
		return false
	case t.OID == oid:
		return true
	case t.Elem != nil && t.IsArray():
		return holds(t.Elem, oid)
	case t.Class == types.Domain:
		return holds(t.Base, oid)
	case t.Class == types.Range:
		return holds(t.Sub, oid)
	case t.Class == types.Multirange:
		return holds(t.Over, oid)
	case t.Class == types.Composite:
		for _, f := range t.Fields {
			if !f.Dropped && holds(f.Type, oid) {
				return true
			}
		}
	}
	return false
}

// alterType runs ALTER TYPE … ADD, DROP and ALTER ATTRIBUTE.
func (r *run) alterType(st *ast.AlterType) error {
	t, err := r.findType(st.Name)
	switch {
	case err != nil:
		return err
	case t == nil:
		return pgerr.New(pgerr.UndefinedTable, "relation \"%s\" does not exist", st.Name.String())
	case t.Class != types.Composite:
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a composite type", t.Name)
	}
	rel := r.e.RelationByOID(t.Rel)
	if rel.Kind != catalog.Composite {
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a composite type", t.Name)
	}
	if err := r.mustOwn(rel); err != nil {
		return err
	}
	if err := r.typeUnused(rel); err != nil {
		return err
	}
	for i := range st.Actions {
		if err := r.attributeAction(rel.OID, &st.Actions[i]); err != nil {
			return err
		}
	}
	return nil
}

// typeUnused refuses to change a composite type of which values are stored.
func (r *run) typeUnused(rel *catalog.Relation) error {
	for _, x := range r.e.Relations() {
		if !x.Stored() {
			continue
		}
		for i := range x.Columns {
			if c := &x.Columns[i]; !c.Dropped && holds(r.typeOf(c), rel.RowType) {
				return pgerr.New(pgerr.FeatureNotSupported, "cannot alter type \"%s\" because column \"%s.%s\" uses it", rel.Name, x.Name, c.Name)
			}
		}
	}
	return nil
}

func (r *run) attributeAction(oid OID, x *ast.AlterAction) error {
	rel := r.e.RelationByOID(oid).Clone()
	switch x.Kind {
	case ast.AlterAddColumn:
		if err := r.columnFree(rel, x.Def.Name.Name); err != nil {
			return err
		}
		if err := r.addAttribute(rel, x.Def); err != nil {
			return err
		}
		r.put(rel)
		return nil
	case ast.AlterDropColumn:
		_, attr := rel.Column(x.Column.Name)
		if attr == 0 {
			if x.IfExists {
				r.notice(pgerr.SuccessfulCompletion, "column \"%s\" of relation \"%s\" does not exist, skipping", x.Column.Name, rel.Name)
				return nil
			}
			return undefinedColumn(x.Column.Name, rel)
		}
		return r.dropObjects([]Object{{Class: catalog.ClassRelation, OID: oid, Sub: attr}}, x.Cascade, "ALTER TYPE")
	case ast.AlterColumnType:
		c, _ := rel.Column(x.Column.Name)
		if c == nil {
			return undefinedColumn(x.Column.Name, rel)
		}
		d := &columnDef{run: r, rel: rel, def: &ast.ColumnDef{Name: x.Column, Type: *x.Type}}
		if err := d.dataType(); err != nil {
			return err
		}
		if err := r.notWithin(rel, d.col.Type); err != nil {
			return err
		}
		*c = d.col
		r.put(rel)
		return nil
	}
	return pgerr.NotSupported("ALTER TYPE %s", x.Text)
}
