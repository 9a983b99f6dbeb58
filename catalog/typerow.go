package catalog

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// typeRow is a user's type as it is stored: references to other types by OID.
// Its array type is not stored by itself, it follows from ArrayOID and ArrayName.
type typeRow struct {
	OID       OID
	Name      string
	Schema    OID
	Kind      types.Kind
	Class     types.Class
	Category  byte
	Len       int16
	ByVal     bool
	Align     byte
	Storage   byte
	Coll      OID           `json:",omitempty"`
	ArrayOID  OID           `json:",omitempty"`
	ArrayName string        `json:",omitempty"`
	Rel       OID           `json:",omitempty"`
	Fields    []fieldRow    `json:",omitempty"`
	Base      OID           `json:",omitempty"`
	BaseMod   int32         `json:",omitempty"`
	NotNull   bool          `json:",omitempty"`
	Labels    []types.Label `json:",omitempty"`
	Owner     OID

	Sub       OID       `json:",omitempty"`
	Multi     *multiRow `json:",omitempty"`
	Makers    []OID     `json:",omitempty"`
	BoundColl OID       `json:",omitempty"`
	Diff      OID       `json:",omitempty"`
}

// multiRow is the multirange type over a range type, with its array type.
type multiRow struct {
	OID       OID
	Name      string
	Schema    OID
	ArrayOID  OID
	ArrayName string
}

type fieldRow struct {
	Name    string
	Type    OID
	Mod     int32
	Dropped bool `json:",omitempty"`
}

func rowOfType(t *types.Type) *typeRow {
	r := &typeRow{
		OID: t.OID, Name: t.Name, Schema: t.Schema, Kind: t.Kind, Class: t.Class, Category: t.Category, Len: t.Len, ByVal: t.ByVal,
		Align: t.Align, Storage: t.Storage, Coll: t.Collation, Rel: t.Rel, BaseMod: t.BaseMod, NotNull: t.NotNull, Labels: t.Labels,
		Owner: t.Owner,
	}
	if t.Array != nil {
		r.ArrayOID, r.ArrayName = t.Array.OID, t.Array.Name
	}
	if t.Base != nil {
		r.Base = t.Base.OID
	}
	if t.Class == types.Range {
		m := t.Multi
		r.Sub, r.Multi = t.Sub.OID, &multiRow{m.OID, m.Name, m.Schema, m.Array.OID, m.Array.Name}
		r.Makers, r.Diff, r.BoundColl = t.Makers, t.SubDiff, t.SubColl
	}
	for _, f := range t.Fields {
		r.Fields = append(r.Fields, fieldRow{f.Name, f.Type.OID, f.Mod, f.Dropped})
	}
	return r
}

// typ makes the type again, with its array type.
func (r *typeRow) typ(s *Snapshot) *types.Type {
	t := &types.Type{
		OID: r.OID, Name: r.Name, Schema: r.Schema, Kind: r.Kind, Class: r.Class, Category: r.Category, Len: r.Len, ByVal: r.ByVal,
		Align: r.Align, Storage: r.Storage, Delim: ',', Collation: r.Coll, Rel: r.Rel, BaseMod: r.BaseMod, NotNull: r.NotNull,
		Labels: r.Labels, Owner: r.Owner,
	}
	if r.Base != 0 {
		t.Base = s.TypeByOID(r.Base)
	}
	for _, f := range r.Fields {
		t.Fields = append(t.Fields, types.Field{Name: f.Name, Type: s.TypeByOID(f.Type), Mod: f.Mod, Dropped: f.Dropped})
	}
	if r.ArrayOID != 0 {
		t.Array = ArrayType(t, r.ArrayOID, r.ArrayName)
	}
	if m := r.Multi; m != nil {
		t.Sub, t.Makers, t.SubDiff, t.SubColl = s.TypeByOID(r.Sub), r.Makers, r.Diff, r.BoundColl
		t.Multi = MultirangeType(t, m.OID, m.Name, m.Schema)
		t.Multi.Array = ArrayType(t.Multi, m.ArrayOID, m.ArrayName)
	}
	return t
}

// MultirangeType makes the multirange type over a range type, without its array
// type.
func MultirangeType(rng *types.Type, oid OID, n string, schema OID) *types.Type {
	return &types.Type{
		OID: oid, Name: n, Schema: schema, Kind: types.Bytes, Class: types.Multirange, Category: 'R', Len: -1, Align: rng.Align, Storage: 'x',
		Delim: ',', Over: rng, BaseMod: types.NoMod, Owner: rng.Owner,
	}
}

// ArrayType makes the array type over elem.
func ArrayType(elem *types.Type, oid OID, n string) *types.Type {
	align := byte('i')
	if elem.Align == 'd' {
		align = 'd'
	}
	return &types.Type{
		OID: oid, Name: n, Schema: elem.Schema, Kind: types.Bytes, Class: types.Base, Category: 'A', Len: -1, Align: align, Storage: 'x',
		Delim: ',', Elem: elem, BaseMod: types.NoMod, Owner: elem.Owner, Collation: elem.Collation,
	}
}
