package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// maxKeys is the greatest number of columns that an index has.
const maxKeys = 32

// newIndex is an index while it is made.
type newIndex struct {
	*run
	table   *catalog.Relation // a copy, which gets the index
	def     *catalog.IndexDef
	names   []string
	deps    []catalog.Dep
	options []string
}

// accessMethod gives the OID of an access method, 0 when there is none.
func accessMethod(name string) OID {
	t := pgdata.Load("pg_am")
	for _, r := range t.Rows {
		if r[t.Column("amname")] == name {
			return OID(pgdata.Uint(r[t.Column("oid")]))
		}
	}
	return 0
}

// createIndex runs CREATE INDEX (DefineIndex).
func (r *run) createIndex(st *ast.CreateIndex) error {
	if st.Concurrently && r.s.InBlock() {
		return pgerr.New(pgerr.ActiveSQLTransaction, "CREATE INDEX CONCURRENTLY cannot run inside a transaction block")
	}
	rel, err := r.locked(st.Table.Name, false, Share)
	if err != nil {
		return err
	}
	if err := r.indexable(rel); err != nil {
		return err
	}
	if rel.Stream != nil && rel.Stream.LateOf != 0 && st.Unique {
		return pgerr.New(pgerr.FeatureNotSupported, "a unique index on late rows is not supported").
			WithDetail("Late rows are kept as they come; there is nobody to tell that one is refused.")
	}
	if st.Concurrently && rel.PartKey != nil {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot create index on partitioned table \"%s\" concurrently", rel.Name)
	}
	x := &newIndex{run: r, table: rel.Clone(), def: &catalog.IndexDef{
		Table: rel.OID, Unique: st.Unique, NullsNotDistinct: st.NullsNotDistinct, Method: st.Method, Valid: true,
	}}
	if err := x.read(st); err != nil {
		return err
	}
	s := r.e.SchemaByOID(rel.Schema)
	name := st.Name
	if name == "" {
		name = r.chooseRelation(rel.Name, indexAddition(x.names), "idx", rel.Schema, false)
	}
	skip, err := r.reserve(s, name, st.IfNotExists)
	if skip || err != nil {
		return err
	}
	ix := x.relation(name)
	if st.Unique {
		if err := keyHolds(rel, keyColumns(x.def), "UNIQUE"); err != nil {
			return err
		}
	}
	x.put(ix)
	if err := r.s.CheckIndex(r.ctx, ix.OID); err != nil {
		return err
	}
	if st.Unique {
		if err := r.s.CheckUnique(r.ctx, ix.OID); err != nil {
			return err
		}
	}
	return r.indexPartitions(st, rel, ix)
}

// indexable checks that a relation can have indexes, and that the role may make them.
func (r *run) indexable(rel *catalog.Relation) error {
	if err := checkSystem(rel); err != nil {
		return err
	}
	if !rel.Stored() {
		return pgerr.New(pgerr.WrongObjectType, "cannot create index on relation \"%s\"", rel.Name).WithDetail("%s", unsupportedKind(rel))
	}
	if err := r.mustOwn(rel); err != nil {
		return err
	}
	if s := r.e.SchemaByOID(rel.Schema); !s.Temp && !r.e.SchemaAllowed(r.s.Role(), s, "C", false) {
		return denied("schema", s.Name)
	}
	return nil
}

func (x *newIndex) read(st *ast.CreateIndex) error {
	if err := checkTablespace(st.Space); err != nil {
		return err
	}
	if err := x.method(st); err != nil {
		return err
	}
	if len(st.Keys)+len(st.Include) > maxKeys {
		return pgerr.New(pgerr.TooManyColumns, "cannot use more than %d columns in an index", maxKeys)
	}
	if x.table.Kind == catalog.Stream && st.Unique {
		return uniqueStream()
	}
	for i := range st.Keys {
		if err := x.key(&st.Keys[i]); err != nil {
			return err
		}
	}
	x.def.NKeys = len(x.def.Keys)
	for i := range st.Include {
		if err := x.includedKey(&st.Include[i]); err != nil {
			return err
		}
	}
	x.names = keyNames(x.names)
	if st.Where != nil {
		w, err := planner.BindRow(x.planner(), st.Where, x.table, planner.RowIndexPredicate)
		if err != nil {
			return unplaced(err)
		}
		x.def.Predicate = x.stored(w.X, w.Meta)
		x.deps = append(x.deps, exprDeps(w.Deps)...)
	}
	var err error
	x.options, err = relOptions(st.Options, btreeOptions)
	return err
}

// unplaced takes the position off an error that PostgreSQL gives without one.
func unplaced(err error) error {
	if e, ok := err.(*pgerr.Error); ok && (e.Code == pgerr.InvalidObjectDefinition || e.Code == pgerr.DatatypeMismatch && e.Hint != "") {
		e.Pos = 0
	}
	return err
}

// method checks USING. A hash index is kept as an ordered one.
func (x *newIndex) method(st *ast.CreateIndex) error {
	switch x.def.Method {
	case "":
		x.def.Method = "btree"
	case "btree":
	case "hash":
		switch {
		case st.Unique:
			return pgerr.New(pgerr.FeatureNotSupported, "access method \"hash\" does not support unique indexes")
		case len(st.Include) > 0:
			return pgerr.New(pgerr.FeatureNotSupported, "access method \"hash\" does not support included columns")
		case len(st.Keys) > 1:
			return pgerr.New(pgerr.FeatureNotSupported, "access method \"hash\" does not support multicolumn indexes")
		case st.Keys[0].Desc:
			return pgerr.New(pgerr.FeatureNotSupported, "access method \"hash\" does not support ASC/DESC options")
		case st.Keys[0].NullsFirst:
			return pgerr.New(pgerr.FeatureNotSupported, "access method \"hash\" does not support NULLS FIRST/LAST options")
		}
	default:
		if oid := accessMethod(x.def.Method); oid == 0 || x.def.Method == "heap" {
			return pgerr.New(pgerr.UndefinedObject, "access method \"%s\" does not exist", x.def.Method)
		}
		return pgerr.NotSupported("access method \"%s\"", x.def.Method)
	}
	return nil
}

// key adds a key column or expression.
func (x *newIndex) key(e *ast.IndexElem) error {
	if e.Column != "" {
		if err := x.columnKey(e.Column); err != nil {
			return err
		}
	} else if err := x.expression(e.Expr); err != nil {
		return err
	}
	k := &x.def.Keys[len(x.def.Keys)-1]
	k.Desc, k.NullsFirst = e.Desc, e.NullsFirst
	t := x.e.TypeByOID(k.TypeOID)
	if e.Collation != nil {
		coll, err := collationOf(*e.Collation, t)
		if err != nil {
			return err
		}
		k.Collation = coll
	}
	if e.OpClass != nil {
		return x.opClass(k, t, *e.OpClass)
	}
	return x.defaultClass(t)
}

// columnKey adds a column of the table.
func (x *newIndex) columnKey(name string) error {
	c, n := x.table.Column(name)
	if c == nil {
		if systemColumns[name] {
			return pgerr.New(pgerr.FeatureNotSupported, "index creation on system columns is not supported")
		}
		return pgerr.New(pgerr.UndefinedColumn, "column \"%s\" does not exist", name)
	}
	x.def.Keys = append(x.def.Keys, catalog.IndexKey{Column: n, TypeOID: c.TypeOID, Mod: c.Mod})
	x.names = append(x.names, name)
	if x.def.Constraint != 0 || x.def.Unique {
		return x.defaultClass(x.typeOf(c))
	}
	return nil
}

// included adds a column that is only stored along.
func (x *newIndex) included(name string) error {
	c, n := x.table.Column(name)
	if c == nil {
		return pgerr.New(pgerr.UndefinedColumn, "column \"%s\" does not exist", name)
	}
	x.def.Keys = append(x.def.Keys, catalog.IndexKey{Column: n, TypeOID: c.TypeOID, Mod: c.Mod})
	x.names = append(x.names, name)
	return nil
}

func (x *newIndex) includedKey(e *ast.IndexElem) error {
	switch {
	case e.Column == "":
		return pgerr.New(pgerr.FeatureNotSupported, "expressions are not supported in included columns")
	case e.Collation != nil:
		return pgerr.New(pgerr.InvalidObjectDefinition, "including column does not support a collation")
	case e.OpClass != nil:
		return pgerr.New(pgerr.InvalidObjectDefinition, "including column does not support an operator class")
	case e.Desc:
		return pgerr.New(pgerr.InvalidObjectDefinition, "including column does not support ASC/DESC options")
	case e.NullsFirst:
		return pgerr.New(pgerr.InvalidObjectDefinition, "including column does not support NULLS FIRST/LAST options")
	}
	return x.included(e.Column)
}

// expression adds an expression. One that is a column is kept as that.
func (x *newIndex) expression(e ast.Expr) error {
	b, err := planner.BindRow(x.planner(), e, x.table, planner.RowIndex)
	if err != nil {
		return unplaced(err)
	}
	if c, ok := b.X.(*plan.Col); ok {
		if info := b.Meta.Col(c.ID); info.Rel == x.table.OID && info.Attr > 0 {
			return x.columnKey(x.table.Columns[info.Attr-1].Name)
		}
	}
	t := b.X.Type()
	if err := checkColumnType("expr", t); err != nil {
		return err
	}
	name := planner.ColumnName(e)
	if name == "?column?" {
		name = "expr"
	}
	x.def.Keys = append(x.def.Keys, catalog.IndexKey{Expr: x.stored(b.X, b.Meta), TypeOID: t.OID, Mod: b.X.Mod()})
	x.names = append(x.names, name)
	x.deps = append(x.deps, exprDeps(b.Deps)...)
	return nil
}

func (x *newIndex) defaultClass(t *types.Type) error {
	if catalog.DefaultOpClass(accessMethod(x.def.Method), t) != 0 {
		return nil
	}
	return pgerr.New(pgerr.UndefinedObject, "data type %s has no default operator class for access method \"%s\"", x.typeName(t), x.def.Method).
		WithHint("You must specify an operator class for the index or define a default operator class for the data type.")
}

// opClass finds the operator class that the user named. The classes that order as
// the default one does are accepted.
func (x *newIndex) opClass(k *catalog.IndexKey, t *types.Type, n ast.Name) error {
	tab := pgdata.Load("pg_opclass")
	for _, r := range tab.Rows {
		if r[tab.Column("opcname")] != n.Object || OID(pgdata.Uint(r[tab.Column("opcmethod")])) != accessMethod(x.def.Method) {
			continue
		}
		oid := OID(pgdata.Uint(r[tab.Column("oid")]))
		class := catalog.OpClassByOID(oid)
		base := t.Underlying()
		if class.Input != base.OID && !(base.OID == types.VarcharOID && class.Input == types.TextOID) && !castable(base.OID, class.Input, "i") &&
			!(base.IsArray() && class.Input == types.AnyArrayOID) && !(base.Class == types.Enum && class.Input == types.AnyEnumOID) {
			return pgerr.New(pgerr.DatatypeMismatch, "operator class \"%s\" does not accept data type %s", n.Object, x.typeName(t))
		}
		if oid != catalog.DefaultOpClass(accessMethod(x.def.Method), t) {
			k.OpClass = oid
		}
		return nil
	}
	return pgerr.New(pgerr.UndefinedObject, "operator class \"%s\" does not exist for access method \"%s\"", n.String(), x.def.Method)
}

// relation makes the index's relation, and gives it a slot of the table.
func (x *newIndex) relation(name string) *catalog.Relation {
	x.def.Slot, x.def.Partitioned = x.table.IndexSlots, x.table.PartKey != nil
	x.table.IndexSlots++
	ix := &catalog.Relation{
		OID: x.e.NewOID(), Schema: x.table.Schema, Name: name, Kind: catalog.Index, Owner: x.table.Owner, Persistence: x.table.Persistence,
		Index: x.def, Deps: exprDeps(x.deps), Options: x.options,
	}
	if x.plainNames() {
		return ix
	}
	for i, k := range x.def.Keys {
		ix.Columns = append(ix.Columns, catalog.Column{Name: x.names[i], TypeOID: k.TypeOID, Mod: k.Mod, Collation: k.Collation})
	}
	return ix
}

// plainNames tells whether the index's columns have the names of the table's.
func (x *newIndex) plainNames() bool {
	for i, k := range x.def.Keys {
		if k.Column == 0 || x.names[i] != x.table.Columns[k.Column-1].Name {
			return false
		}
	}
	return true
}

// put puts the index and its table into the catalogue.
func (x *newIndex) put(ix *catalog.Relation) {
	x.e.PutRelation(ix)
	x.table.Indexes = append(x.table.Indexes, ix.OID)
	x.run.put(x.table)
}
