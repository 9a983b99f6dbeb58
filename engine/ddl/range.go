package ddl

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// rangeDef are the attributes of CREATE TYPE AS RANGE; nil where not given.
type rangeDef struct {
	subtype                                    *ast.TypeName
	opclass, collation, canonical, diff, multi *ast.Name
}

// rangeAttributes sorts the attributes out.
func rangeAttributes(st *ast.CreateRange) (*rangeDef, error) {
	d := &rangeDef{}
	names := map[string]**ast.Name{
		"subtype_opclass": &d.opclass, "collation": &d.collation, "canonical": &d.canonical, "subtype_diff": &d.diff, "multirange_type_name": &d.multi,
	}
	for i := range st.Options {
		o := &st.Options[i]
		at, known := names[o.Name]
		switch {
		case !known && o.Name != "subtype":
			return nil, pgerr.New(pgerr.SyntaxError, "type attribute \"%s\" not recognized", o.Name)
		case o.Name == "subtype" && d.subtype != nil, known && *at != nil:
			return nil, pgerr.New(pgerr.SyntaxError, "conflicting or redundant options").At(o.Pos)
		case known && o.Object.Object == "", !known && o.Type == nil:
			return nil, pgerr.New(pgerr.SyntaxError, "%s requires a parameter", o.Name)
		case known:
			*at = &o.Object
		default:
			d.subtype = o.Type
		}
	}
	if d.subtype == nil {
		return nil, pgerr.New(pgerr.SyntaxError, "type attribute \"subtype\" is required")
	}
	return d, nil
}

// createRange runs CREATE TYPE … AS RANGE (DefineRange).
func (r *run) createRange(st *ast.CreateRange) error {
	s, err := r.typeSchema(st.Name)
	if err != nil {
		return err
	}
	d, err := rangeAttributes(st)
	if err != nil {
		return err
	}
	sub, _, err := planner.ResolveType(r.planner(), d.subtype)
	if err != nil {
		return unpositioned(err)
	}
	if err := r.checkSubtype(d, sub); err != nil {
		return err
	}
	t := &types.Type{
		OID: r.e.NewOID(), Name: st.Name.Object, Schema: s.OID, Kind: types.Bytes, Class: types.Range, Category: 'R', Len: -1, Align: 'i', Storage: 'x',
		Delim: ',', BaseMod: types.NoMod, Owner: r.s.Role(), Sub: sub,
	}
	if sub.Align == 'd' {
		t.Align = 'd'
	}
	if d.diff != nil {
		if t.SubDiff, err = r.subtypeDiff(*d.diff, sub); err != nil {
			return err
		}
	}
	if t.SubColl = sub.Collation; d.collation != nil {
		if t.SubColl, err = collationOf(*d.collation, sub); err != nil {
			return err
		}
	}
	t.Array = catalog.ArrayType(t, r.e.NewOID(), r.arrayName(t.Name, t.Schema))
	if err := r.multirange(t, d); err != nil {
		return err
	}
	for range 5 {
		t.Makers = append(t.Makers, r.e.NewOID())
	}
	r.e.PutType(t)
	r.initialTypeACL(t)
	return nil
}

// checkSubtype refuses types that no range is of, and attributes that are not
// supported.
func (r *run) checkSubtype(d *rangeDef, sub *types.Type) error {
	if sub.Class == types.Pseudo {
		return pgerr.New(pgerr.DatatypeMismatch, "range subtype cannot be %s", sub.SQLName(types.NoMod))
	}
	if sub.Class == types.Domain {
		return pgerr.NotSupported("a range type over a domain")
	}
	if !sub.HasValues() {
		return pgerr.NotSupported("type %s", sub.SQLName(types.NoMod))
	}
	if err := r.usableType(sub); err != nil {
		return err
	}
	usual := catalog.DefaultOpClass(accessMethod("btree"), sub)
	if d.opclass == nil && usual == 0 {
		return pgerr.New(pgerr.UndefinedObject, "data type %s has no default operator class for access method \"btree\"", r.typeName(sub)).
			WithHint("You must specify an operator class for the range type or define a default operator class for the subtype.")
	}
	if d.opclass != nil {
		if err := onlyOpClass(*d.opclass, usual); err != nil {
			return err
		}
	}
	if d.collation != nil && sub.Collation == 0 {
		return pgerr.New(pgerr.WrongObjectType, "range collation specified but subtype does not support collation")
	}
	if d.canonical != nil {
		return pgerr.New(pgerr.InvalidObjectDefinition, "cannot specify a canonical function without a pre-created shell type").
			WithHint("Create the type as a shell type, then create its canonicalization function, then do a full CREATE TYPE.")
	}
	return nil
}

// onlyOpClass refuses operator classes other than the type's default one.
func onlyOpClass(n ast.Name, usual OID) error {
	tab := pgdata.Load("pg_opclass")
	found := false
	for _, row := range tab.Rows {
		if row[tab.Column("opcname")] != n.Object || OID(pgdata.Uint(row[tab.Column("opcmethod")])) != accessMethod("btree") {
			continue
		}
		if found = true; OID(pgdata.Uint(row[tab.Column("oid")])) == usual {
			return nil
		}
	}
	if !found {
		return pgerr.New(pgerr.UndefinedObject, "operator class \"%s\" does not exist for access method \"btree\"", n.String())
	}
	return pgerr.NotSupported("operator class %s of a range type", n.String())
}

// subtypeDiff finds the function that tells how far apart two values are.
func (r *run) subtypeDiff(n ast.Name, sub *types.Type) (OID, error) {
	for _, f := range funcs.ByName(n.Object) {
		if n.Schema != "" && n.Schema != "pg_catalog" || len(f.Args) != 2 || !types.Same(f.Args[0], sub) || !types.Same(f.Args[1], sub) {
			continue
		}
		switch {
		case f.Ret != types.TFloat8:
			return 0, pgerr.New(pgerr.InvalidObjectDefinition, "range subtype diff function %s must return type double precision", r.signature(n, sub))
		case f.Volatility != funcs.Immutable:
			return 0, pgerr.New(pgerr.InvalidObjectDefinition, "range subtype diff function %s must be immutable", r.signature(n, sub))
		}
		return f.OID, nil
	}
	return 0, pgerr.New(pgerr.UndefinedFunction, "function %s does not exist", r.signature(n, sub))
}

func (r *run) signature(n ast.Name, sub *types.Type) string {
	return n.String() + "(" + r.typeName(sub) + ", " + r.typeName(sub) + ")"
}

// multirange makes the multirange type over t.
func (r *run) multirange(t *types.Type, d *rangeDef) error {
	schema, n, given := t.Schema, multirangeName(t.Name), false
	if given = d.multi != nil; given {
		if d.multi.Schema == "pg_catalog" && types.ByName(d.multi.Object) != nil {
			return pgerr.New(pgerr.DuplicateObject, "type \"%s\" already exists", d.multi.Object)
		}
		s, err := r.creationSchema(*d.multi)
		if err != nil {
			return err
		}
		schema, n = s.OID, d.multi.Object
	}
	if schema == t.Schema && n == t.Name {
		return pgerr.New(pgerr.UniqueViolation, "duplicate key value violates unique constraint \"pg_type_typname_nsp_index\"").
			WithDetail("Key (typname, typnamespace)=(%s, %d) already exists.", n, schema).
			WithTable("pg_catalog", "pg_type", "", "pg_type_typname_nsp_index")
	}
	if old := r.e.Type(schema, n); old != nil && !r.moveArrayType(old) {
		err := pgerr.New(pgerr.DuplicateObject, "type \"%s\" already exists", n)
		if !given {
			err = err.WithDetail("Failed while creating a multirange type for type \"%s\".", t.Name).
				WithHint("You can manually specify a multirange type name using the \"multirange_type_name\" attribute.")
		}
		return err
	}
	t.Multi = catalog.MultirangeType(t, r.e.NewOID(), n, schema)
	t.Multi.Array = catalog.ArrayType(t.Multi, r.e.NewOID(), r.arrayName(n, schema))
	return nil
}

// multirangeName is the name of a multirange type that is given none.
func multirangeName(n string) string {
	if i := strings.Index(n, "range"); i >= 0 {
		return clip(n[:i]+"multi"+n[i:], maxName)
	}
	const suffix = "_multirange"
	return clip(n, maxName-len(suffix)) + suffix
}

// putRange puts a range type again with a multirange type of the given name,
// schema and owner.
func (r *run) putRange(t *types.Type, m *types.Type) {
	array := t.Array.Name
	if old := r.e.TypeByOID(t.OID); old.Name != t.Name || old.Schema != t.Schema {
		array = r.arrayName(t.Name, t.Schema)
	}
	t.Array = catalog.ArrayType(t, t.Array.OID, array)
	multiArray := m.Array.Name
	if old := r.e.TypeByOID(m.OID); old.Name != m.Name || old.Schema != m.Schema {
		multiArray = r.arrayName(m.Name, m.Schema)
	}
	t.Multi = catalog.MultirangeType(t, m.OID, m.Name, m.Schema)
	t.Multi.Array = catalog.ArrayType(t.Multi, m.Array.OID, multiArray)
	r.e.PutType(t)
	r.refreshUsers(t.OID)
}
