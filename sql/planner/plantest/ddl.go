package plantest

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

func (d *DB) edit(fn func(e *catalog.Edit)) {
	e := d.snap.Edit(func() OID { d.next++; return d.next })
	fn(e)
	d.snap = e.Publish()
}

func (d *DB) schemaOf(n ast.Name) OID {
	if s := d.snap.Schema(n.Schema); n.Schema != "" && s != nil {
		return s.OID
	}
	return catalog.PublicOID
}

// createTable makes a table: columns, NOT NULL, PRIMARY KEY and UNIQUE.
func (d *DB) createTable(s *ast.CreateTable) error {
	r := &catalog.Relation{Schema: d.schemaOf(s.Name), Name: s.Name.Object, Kind: catalog.Table, Owner: catalog.BootstrapRole, Persistence: 'p'}
	var keys []ast.Constraint
	for i := range s.Columns {
		c := &s.Columns[i]
		t, mod, err := planner.ResolveType(d.Context(), &c.Type)
		if err != nil {
			return err
		}
		col := catalog.Column{Name: c.Name.Name, TypeOID: t.OID, Mod: mod, Slot: i}
		for _, con := range c.Constraints {
			switch con.Kind {
			case ast.ConNotNull:
				col.NotNull = true
			case ast.ConPrimary, ast.ConUnique:
				con.Columns = []ast.Ident{c.Name}
				keys = append(keys, con)
			}
		}
		r.Columns = append(r.Columns, col)
	}
	keys = append(keys, s.Constraints...)
	d.edit(func(e *catalog.Edit) {
		r.OID = e.NewOID()
		d.putRow(e, r)
		for _, k := range keys {
			d.addKey(e, r, k)
		}
		e.PutRelation(r)
	})
	return nil
}

// putRow makes a relation's row type.
func (d *DB) putRow(e *catalog.Edit, r *catalog.Relation) {
	row := &types.Type{
		OID: e.NewOID(), Name: r.Name, Schema: r.Schema, Kind: types.Bytes, Class: types.Composite, Category: 'C', Len: -1, Rel: r.OID,
		Align: 'd', Storage: 'x', Delim: ',', BaseMod: types.NoMod, Owner: r.Owner,
	}
	for _, c := range r.Columns {
		row.Fields = append(row.Fields, types.Field{Name: c.Name, Type: e.TypeByOID(c.TypeOID), Mod: c.Mod})
	}
	row.Array = catalog.ArrayType(row, e.NewOID(), "_"+r.Name)
	e.PutType(row)
	r.RowType = row.OID
}

func (d *DB) addKey(e *catalog.Edit, r *catalog.Relation, k ast.Constraint) {
	con := &catalog.Constraint{OID: e.NewOID(), Kind: catalog.Unique, Valid: true}
	switch k.Kind {
	case ast.ConPrimary:
		con.Kind = catalog.Primary
	case ast.ConUnique:
	default:
		return
	}
	x := &catalog.IndexDef{Table: r.OID, Unique: true, Primary: con.Kind == catalog.Primary, Valid: true, Method: "btree", Slot: len(r.Indexes)}
	name := r.Name
	for _, c := range k.Columns {
		for i := range r.Columns {
			if r.Columns[i].Name == c.Name {
				con.Columns = append(con.Columns, int16(i+1))
				r.Columns[i].NotNull = r.Columns[i].NotNull || x.Primary
				x.Keys = append(x.Keys, catalog.IndexKey{Column: int16(i + 1), TypeOID: r.Columns[i].TypeOID, Mod: r.Columns[i].Mod})
			}
		}
		name += "_" + c.Name
	}
	x.NKeys = len(x.Keys)
	con.Name = name + "_key"
	if x.Primary {
		con.Name = r.Name + "_pkey"
	}
	ix := &catalog.Relation{OID: e.NewOID(), Schema: r.Schema, Name: con.Name, Kind: catalog.Index, Owner: r.Owner, Persistence: 'p', Index: x}
	con.Index, x.Constraint = ix.OID, con.OID
	r.Constraints, r.Indexes = append(r.Constraints, con), append(r.Indexes, ix.OID)
	e.PutRelation(ix)
}

// createIndex makes an index; expressions and predicates are kept as SQL.
func (d *DB) createIndex(s *ast.CreateIndex) error {
	schema := catalog.PublicOID
	if sc := d.snap.Schema(s.Table.Name.Schema); s.Table.Name.Schema != "" && sc != nil {
		schema = sc.OID
	}
	old := d.snap.Relation(schema, s.Table.Name.Object)
	r := *old
	x := &catalog.IndexDef{Table: r.OID, Unique: s.Unique, Valid: true, Method: "btree", Slot: len(r.Indexes), NKeys: len(s.Keys)}
	if s.Where != nil {
		x.Predicate = ast.FormatExpr(s.Where)
	}
	for _, k := range s.Keys {
		key := catalog.IndexKey{Desc: k.Desc, NullsFirst: k.NullsFirst, Mod: types.NoMod}
		if k.Expr != nil {
			key.Expr = ast.FormatExpr(k.Expr)
			row, err := planner.BindRow(d.Context(), k.Expr, old, planner.RowIndex)
			if err != nil {
				return err
			}
			key.TypeOID = row.X.Type().OID
		}
		for i, c := range r.Columns {
			if c.Name == k.Column && k.Expr == nil {
				key.Column, key.TypeOID, key.Mod = int16(i+1), c.TypeOID, c.Mod
			}
		}
		x.Keys = append(x.Keys, key)
	}
	d.edit(func(e *catalog.Edit) {
		ix := &catalog.Relation{OID: e.NewOID(), Schema: r.Schema, Name: s.Name, Kind: catalog.Index, Owner: r.Owner, Persistence: 'p', Index: x}
		e.PutRelation(ix)
		r.Indexes = append(append([]OID(nil), r.Indexes...), ix.OID)
		e.PutRelation(&r)
	})
	return nil
}

func (d *DB) createView(s *ast.CreateView) error {
	q, err := planner.Select(d.Context(), s.Query)
	if err != nil {
		return err
	}
	r := &catalog.Relation{
		Schema: d.schemaOf(s.Name), Name: s.Name.Object, Kind: catalog.View, Owner: catalog.BootstrapRole, Persistence: 'p',
		View: &catalog.ViewDef{SQL: s.QueryText},
	}
	for i, c := range q.Cols {
		name := c.Name
		if i < len(s.Columns) {
			name = s.Columns[i].Name
			r.View.ColumnNames = append(r.View.ColumnNames, name)
		}
		r.Columns = append(r.Columns, catalog.Column{Name: name, TypeOID: c.Type.OID, Mod: c.Mod})
	}
	for _, o := range s.Options {
		if lit, ok := o.Value.(*ast.Literal); ok {
			r.Options = append(r.Options, o.Name+"="+lit.Text)
		}
	}
	d.edit(func(e *catalog.Edit) {
		r.OID = e.NewOID()
		d.putRow(e, r)
		e.PutRelation(r)
	})
	return nil
}

func (d *DB) createEnum(s *ast.CreateEnum) error {
	d.edit(func(e *catalog.Edit) {
		t := &types.Type{
			OID: e.NewOID(), Name: s.Name.Object, Schema: d.schemaOf(s.Name), Kind: types.Int, Class: types.Enum, Category: 'E', Len: 4, ByVal: true,
			Align: 'i', Storage: 'p', Delim: ',', BaseMod: types.NoMod, Owner: catalog.BootstrapRole,
		}
		for i, l := range s.Labels {
			t.Labels = append(t.Labels, types.Label{Name: l, Key: int64(i + 1), OID: e.NewOID()})
		}
		t.Array = catalog.ArrayType(t, e.NewOID(), "_"+t.Name)
		e.PutType(t)
	})
	return nil
}
