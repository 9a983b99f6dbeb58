package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

// rowType makes the type of a relation's rows, under the OIDs it has already if
// there is one.
func (r *run) rowType(rel *catalog.Relation) *types.Type {
	t := &types.Type{
		OID: rel.RowType, Name: rel.Name, Schema: rel.Schema, Kind: types.Bytes, Class: types.Composite, Category: 'C', Len: -1, Align: 'd',
		Storage: 'x', Delim: ',', Rel: rel.OID, BaseMod: types.NoMod, Owner: rel.Owner,
	}
	for i := range rel.Columns {
		c := &rel.Columns[i]
		t.Fields = append(t.Fields, types.Field{Name: c.Name, Type: r.typeOf(c), Mod: c.Mod, Dropped: c.Dropped})
	}
	return t
}

// typeOf is a column's type.
func (r *run) typeOf(c *catalog.Column) *types.Type {
	if t := r.e.TypeByOID(c.TypeOID); t != nil {
		return t
	}
	return c.Type
}

// putRowType makes the row type of a new relation, with its array type.
func (r *run) putRowType(rel *catalog.Relation) {
	rel.RowType = r.e.NewOID()
	t := r.rowType(rel)
	r.putType(t)
}

// putType adds a type and the array type over it.
func (r *run) putType(t *types.Type) {
	t.Array = catalog.ArrayType(t, r.e.NewOID(), r.arrayName(t.Name, t.Schema))
	r.e.PutType(t)
}

// put replaces a relation, and its row type along with it.
func (r *run) put(rel *catalog.Relation) {
	r.initialACL(rel)
	if rel.RowType != 0 {
		t, old := r.rowType(rel), r.e.TypeByOID(rel.RowType)
		if old != nil && old.Array != nil {
			name := old.Array.Name
			if old.Name != t.Name || old.Schema != t.Schema {
				name = r.arrayName(t.Name, t.Schema)
			}
			t.Array = catalog.ArrayType(t, old.Array.OID, name)
		}
		if old == nil || !sameRow(old, t) {
			r.e.PutType(t)
			r.e.PutRelation(rel)
			r.refreshUsers(rel.RowType)
			return
		}
	}
	r.e.PutRelation(rel)
}

// sameRow tells whether two row types are the same.
func sameRow(a, b *types.Type) bool {
	if a.Name != b.Name || a.Schema != b.Schema || a.Owner != b.Owner || len(a.Fields) != len(b.Fields) {
		return false
	}
	for i := range a.Fields {
		if x, y := a.Fields[i], b.Fields[i]; x.Name != y.Name || x.Mod != y.Mod || x.Dropped != y.Dropped || x.Type != y.Type {
			return false
		}
	}
	return true
}
