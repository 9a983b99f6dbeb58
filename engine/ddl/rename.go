package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// rename runs ALTER … RENAME.
func (r *run) rename(st *ast.Rename) error {
	switch st.Kind {
	case ast.ObjTable, ast.ObjStream, ast.ObjView, ast.ObjMatView, ast.ObjIndex, ast.ObjSequence:
		return r.renameRelation(st)
	case ast.ObjColumn:
		return r.renameColumn(st)
	case ast.ObjConstraint:
		return r.renameConstraint(st)
	case ast.ObjSchema:
		return r.renameSchema(st)
	case ast.ObjType, ast.ObjDomain:
		return r.renameType(st)
	case ast.ObjDomainConstraint:
		return r.renameDomainConstraint(st)
	case ast.ObjRole:
		return r.renameRole(st)
	case ast.ObjDatabase:
		return r.renameDatabase(st)
	case ast.ObjFunction, ast.ObjProcedure, ast.ObjRoutine, ast.ObjAggregate:
		return r.renameFunction(st)
	case ast.ObjRule:
		return r.renameRule(st)
	case ast.ObjTrigger:
		return r.renameTrigger(st)
	case ast.ObjPolicy:
		return r.renamePolicy(st)
	case ast.ObjStatistics:
		return r.renameStatistics(st)
	}
	return pgerr.NotSupported("ALTER %s RENAME", kindName(st.Kind))
}

// naming says which dependencies name an object.
func naming(oid OID) func(d catalog.Dep) bool {
	return func(d catalog.Dep) bool { return d.Object == oid }
}

func (r *run) renameRelation(st *ast.Rename) error {
	rel, err := r.locked(st.Name, st.IfExists, AccessExclusive)
	if rel == nil || err != nil {
		return err
	}
	if err := r.renamable(rel, st.Kind); err != nil {
		return err
	}
	if err := r.creatable(rel.Schema); err != nil {
		return err
	}
	if rel.Stream != nil && rel.Stream.LateOf != 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot rename \"%s\", which belongs to a stream", rel.Name).WithHint("Rename the stream instead.")
	}
	list := []*catalog.Relation{rel}
	names := []string{st.NewName}
	if rel.Stream != nil && rel.Stream.Late != 0 {
		list, names = append(list, r.e.RelationByOID(rel.Stream.Late)), append(names, lateName(st.NewName))
	}
	for i, x := range list {
		if err := r.renameTo(x, names[i]); err != nil {
			return err
		}
	}
	return nil
}

// renamable checks that the statement is for relations of this kind.
func (r *run) renamable(rel *catalog.Relation, kind ast.ObjectKind) error {
	switch kind {
	case ast.ObjIndex, ast.ObjTable:
		if err := r.mustOwn(rel); err != nil {
			return err
		}
		if rel.Kind == catalog.Composite {
			return pgerr.New(pgerr.WrongObjectType, "\"%s\" is a composite type", rel.Name).WithHint("Use ALTER TYPE instead.")
		}
		if rel.Kind == catalog.Stream {
			return r.alterable(rel, kind)
		}
		return checkSystem(rel)
	}
	return r.alterable(rel, kind)
}

// creatable checks that the role may make things in a schema.
func (r *run) creatable(schema OID) error {
	s := r.e.SchemaByOID(schema)
	if s == nil || s.OID == r.s.TempSchema(false) || r.e.SchemaAllowed(r.s.Role(), s, "C", false) {
		return nil
	}
	return denied("schema", s.Name)
}

// renameTo gives a relation another name, its row type and its constraint too.
func (r *run) renameTo(rel *catalog.Relation, name string) error {
	s := r.e.SchemaByOID(rel.Schema)
	if err := r.lockName(s.OID, name); err != nil {
		return err
	}
	if r.e.Relation(s.OID, name) != nil {
		return pgerr.New(pgerr.DuplicateTable, "relation \"%s\" already exists", name)
	}
	if rel.RowType != 0 {
		if t := r.e.Type(s.OID, name); t != nil && !r.moveArrayType(t) {
			return pgerr.New(pgerr.DuplicateObject, "type \"%s\" already exists", name)
		}
	}
	return r.restate(func(d catalog.Dep) bool { return d.Object == rel.OID || rel.RowType != 0 && d.Object == rel.RowType }, func() error {
		r.change(rel.OID, func(now *catalog.Relation) { now.Name = name })
		if rel.Index == nil || rel.Index.Constraint == 0 {
			return nil
		}
		var err error
		r.change(rel.Index.Table, func(t *catalog.Relation) {
			for _, c := range t.Constraints {
				if c.OID != rel.Index.Constraint {
					continue
				}
				if t.Constraint(name) != nil {
					err = r.checkConstraintFree(t, name)
				}
				c.Name = name
			}
		})
		return err
	})
}

func (r *run) renameColumn(st *ast.Rename) error {
	rel, err := r.locked(st.Name, st.IfExists, AccessExclusive)
	if rel == nil || err != nil {
		return err
	}
	if err := r.mustOwn(rel); err != nil {
		return err
	}
	switch rel.Kind {
	case catalog.Index, catalog.Sequence, catalog.Virtual:
		if err := checkSystem(rel); err != nil {
			return err
		}
		return pgerr.New(pgerr.WrongObjectType, "cannot rename columns of relation \"%s\"", rel.Name).WithDetail("%s", unsupportedKind(rel))
	case catalog.Composite:
		if st.Relation != ast.ObjType {
			return pgerr.New(pgerr.WrongObjectType, "\"%s\" is a composite type", rel.Name).WithHint("Use ALTER TYPE instead.")
		}
	default:
		if st.Relation != ast.ObjTable && st.Relation != ast.ObjColumn {
			if err := r.alterable(rel, st.Relation); err != nil {
				return err
			}
		}
	}
	switch {
	case rel.Part != nil:
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot rename inherited column \"%s\"", st.Sub)
	case rel.PartKey != nil:
		return r.renameBelow(rel, st.Sub, st.NewName)
	case rel.Kind == catalog.Table:
		if c, _ := rel.Column(st.Sub); c != nil && c.Inherited > 0 {
			return pgerr.New(pgerr.InvalidTableDefinition, "cannot rename inherited column \"%s\"", st.Sub)
		} else if c != nil && len(r.e.Children(rel)) > 0 {
			return r.renameHeirs(rel, st)
		}
	}
	if rel.Stream != nil && rel.Stream.LateOf != 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot rename columns of \"%s\", which belongs to a stream", rel.Name).
			WithHint("Rename the stream's columns instead.")
	}
	return r.renameColumnOf(rel, st.Sub, st.NewName)
}

func (r *run) renameColumnOf(rel *catalog.Relation, old, name string) error {
	c, attr := rel.Column(old)
	if c == nil {
		if systemColumns[old] && rel.Stored() {
			return pgerr.New(pgerr.FeatureNotSupported, "cannot rename system column \"%s\"", old)
		}
		return pgerr.New(pgerr.UndefinedColumn, "column \"%s\" does not exist", old)
	}
	if err := r.columnFree(rel, name); err != nil {
		return err
	}
	if rel.Stream != nil && rel.Stream.Late != 0 {
		if late := r.e.RelationByOID(rel.Stream.Late); late != nil {
			if l, n := late.Column(old); l != nil {
				if err := r.columnFree(late, name); err != nil {
					return err
				}
				if err := r.nameColumn(late, n, name); err != nil {
					return err
				}
			}
		}
	}
	return r.nameColumn(rel, attr, name)
}

// columnFree refuses a column's name that the relation has.
func (r *run) columnFree(rel *catalog.Relation, name string) error {
	if c, _ := rel.Column(name); c != nil {
		return pgerr.New(pgerr.DuplicateColumn, "column \"%s\" of relation \"%s\" already exists", name, rel.Name)
	}
	if systemColumns[name] && rel.Stored() {
		return checkColumnName(name)
	}
	return nil
}

// nameColumn gives a column another name, wherever it is named.
func (r *run) nameColumn(rel *catalog.Relation, attr int16, name string) error {
	return r.restate(naming(rel.OID), func() error {
		r.putColumnName(rel, attr, name)
		return nil
	})
}

// putColumnName gives a column, and those of indexes that are called after it, another
// name.
func (r *run) putColumnName(rel *catalog.Relation, attr int16, name string) {
	old := rel.Columns[attr-1].Name
	r.change(rel.OID, func(now *catalog.Relation) { now.Columns[attr-1].Name = name })
	for _, oid := range rel.Indexes {
		ix := r.e.RelationByOID(oid)
		at := slices.IndexFunc(ix.Index.Keys, func(k catalog.IndexKey) bool { return k.Column == attr })
		if at >= 0 && at < len(ix.Columns) && ix.Columns[at].Name == old {
			r.change(oid, func(now *catalog.Relation) { now.Columns[at].Name = name })
		}
	}
}

func (r *run) renameConstraint(st *ast.Rename) error {
	rel, err := r.locked(st.Name, st.IfExists, AccessExclusive)
	if rel == nil || err != nil {
		return err
	}
	if err := r.mustOwn(rel); err != nil {
		return err
	}
	con := rel.Constraint(st.Sub)
	if con == nil {
		return pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" for table \"%s\" does not exist", st.Sub, rel.Name)
	}
	if con.Kind == catalog.Check && (rel.Part != nil || rel.PartKey != nil) {
		return pgerr.NotSupported("renaming constraints of partitions")
	}
	if con.Kind == catalog.Primary || con.Kind == catalog.Unique {
		return r.renameTo(r.e.RelationByOID(con.Index), st.NewName)
	}
	if con.Kind == catalog.Check {
		return r.renameCheck(rel, con, st)
	}
	if err := r.checkConstraintFree(rel, st.NewName); err != nil {
		return err
	}
	r.change(rel.OID, func(now *catalog.Relation) { now.Constraint(st.Sub).Name = st.NewName })
	return nil
}

func (r *run) renameSchema(st *ast.Rename) error {
	s := r.e.Schema(st.Name.Object)
	if s == nil {
		return pgerr.New(pgerr.UndefinedSchema, "schema \"%s\" does not exist", st.Name.Object)
	}
	if err := r.lockName(0, st.NewName); err != nil {
		return err
	}
	if r.e.Schema(st.NewName) != nil {
		return pgerr.New(pgerr.DuplicateSchema, "schema \"%s\" already exists", st.NewName)
	}
	if !r.owns(s.Owner) {
		return notOwner("schema", s.Name)
	}
	if !r.s.Super() && !r.databaseAllowed("C") {
		return denied("database", r.system().DatabaseName())
	}
	if err := checkSchemaName(st.NewName); err != nil {
		return err
	}
	if s.System() {
		return pgerr.New(pgerr.InsufficientPrivilege, "permission denied: \"%s\" is a system schema", s.Name)
	}
	within := func(d catalog.Dep) bool {
		if rel := r.e.RelationByOID(d.Object); rel != nil {
			return rel.Schema == s.OID
		}
		t := r.e.TypeByOID(d.Object)
		return t != nil && t.Schema == s.OID
	}
	onPath := func(v *catalog.Relation) bool { return slices.Contains(r.viewPath(v), s.OID) }
	var views []*viewText
	for _, v := range r.e.Relations() {
		if v.View != nil && (onPath(v) || anyDep(v.Deps, within)) {
			t, err := r.readView(v)
			if err != nil {
				return err
			}
			views = append(views, t)
		}
	}
	list, err := r.readTexts(within)
	if err != nil {
		return err
	}
	rules, err := r.readRules(within, s.OID)
	if err != nil {
		return err
	}
	n := *s
	n.Name = st.NewName
	r.e.PutSchema(&n)
	for _, write := range list {
		write(r)
	}
	if err := r.writeRules(rules); err != nil {
		return err
	}
	return r.writeViews(views)
}

// ownType finds a type that is to be changed, and checks that it may be.
func (r *run) ownType(n ast.Name, domain bool) (*types.Type, error) {
	t, err := r.findType(n)
	switch {
	case err != nil:
		return nil, err
	case t == nil:
		return nil, undefinedType(n)
	case domain && t.Class != types.Domain:
		return nil, pgerr.New(pgerr.WrongObjectType, "%s is not a domain", r.typeName(t))
	}
	if err := r.mustOwnType(t); err != nil {
		return nil, err
	}
	if t.OID < types.FirstUserOID {
		return nil, pgerr.New(pgerr.InsufficientPrivilege, "permission denied: \"%s\" is a system type", t.Name)
	}
	if t.IsArray() {
		return nil, pgerr.New(pgerr.WrongObjectType, "cannot alter array type %s", r.typeName(t)).
			WithHint("You can alter type %s, which will alter the array type as well.", r.typeName(t.Elem))
	}
	if t.Class == types.Composite {
		if rel := r.e.RelationByOID(t.Rel); rel != nil && rel.Kind != catalog.Composite {
			return nil, pgerr.New(pgerr.WrongObjectType, "%s is a table's row type", r.typeName(t)).WithHint("Use ALTER TABLE instead.")
		}
	}
	return t, nil
}

func (r *run) renameType(st *ast.Rename) error {
	t, err := r.ownType(st.Name, st.Kind == ast.ObjDomain)
	if err != nil {
		return err
	}
	if t.Class == types.Composite {
		return r.renameTo(r.e.RelationByOID(t.Rel), st.NewName)
	}
	if err := r.lockName(t.Schema, st.NewName); err != nil {
		return err
	}
	if old := r.e.Type(t.Schema, st.NewName); old != nil && !r.moveArrayType(old) {
		return pgerr.New(pgerr.DuplicateObject, "type \"%s\" already exists", st.NewName)
	}
	return r.restate(r.namingType(t), func() error {
		r.changeType(t.OID, func(n *types.Type) { n.Name = st.NewName })
		return nil
	})
}

// changeType puts a changed copy of a type into the catalogue, its array type and
// what is made of it too.
func (r *run) changeType(oid OID, fn func(t *types.Type)) {
	old := r.e.TypeByOID(oid)
	n := *old
	fn(&n)
	switch {
	case old.Class == types.Multirange:
		rng := *r.e.TypeByOID(old.Over.OID)
		r.putRange(&rng, &n)
		return
	case old.Class == types.Range:
		r.putRange(&n, old.Multi)
		return
	}
	if old.Array != nil {
		name := old.Array.Name
		if n.Name != old.Name || n.Schema != old.Schema {
			name = r.arrayName(n.Name, n.Schema)
		}
		n.Array = catalog.ArrayType(&n, old.Array.OID, name)
	}
	r.e.PutType(&n)
	r.refreshUsers(oid)
}

// refreshUsers puts what is made of a type again, so that it is made of its new form.
func (r *run) refreshUsers(oid OID) {
	t := r.e.TypeByOID(oid)
	is := func(x *types.Type) bool {
		return x != nil && slices.ContainsFunc(catalog.Derived(t), func(d *types.Type) bool { return d.OID == x.OID })
	}
	for _, x := range r.e.Types() {
		if x.Class == types.Range && is(x.Sub) {
			n := *x
			n.Sub = r.e.TypeByOID(x.Sub.OID)
			r.putRange(&n, x.Multi)
		}
		if x.Class == types.Domain && is(x.Base) {
			n := *x
			n.Base = r.e.TypeByOID(x.Base.OID)
			if x.Array != nil {
				n.Array = catalog.ArrayType(&n, x.Array.OID, x.Array.Name)
			}
			r.e.PutType(&n)
			r.refreshUsers(x.OID)
		}
	}
	for _, rel := range r.e.Relations() {
		if slices.ContainsFunc(rel.Columns, func(c catalog.Column) bool {
			return slices.ContainsFunc(catalog.Derived(t), func(d *types.Type) bool { return d.OID == c.TypeOID })
		}) {
			r.put(rel.Clone())
			if rel.RowType != 0 {
				r.refreshUsers(rel.RowType)
			}
		}
	}
}

func (r *run) renameDomainConstraint(st *ast.Rename) error {
	t, err := r.ownType(st.Name, true)
	if err != nil {
		return err
	}
	return r.changeDomainConstraint(t, st.Sub, func(def *catalog.DomainDef, at int) error {
		for _, c := range def.Constraints {
			if c.Name == st.NewName {
				return pgerr.New(pgerr.DuplicateObject, "constraint \"%s\" for domain \"%s\" already exists", st.NewName, t.Name)
			}
		}
		def.Constraints[at].Name = st.NewName
		return nil
	})
}

// changeDomainConstraint changes a domain's definition, at being where the constraint
// of that name is.
func (r *run) changeDomainConstraint(t *types.Type, name string, fn func(def *catalog.DomainDef, at int) error) error {
	old := r.e.Domain(t.OID)
	def := &catalog.DomainDef{OID: t.OID, Default: old.Default, Deps: old.Deps}
	at := -1
	for i, c := range old.Constraints {
		k := *c
		def.Constraints = append(def.Constraints, &k)
		if c.Name == name {
			at = i
		}
	}
	if at < 0 {
		return pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" for domain %s does not exist", name, r.typeName(t))
	}
	if err := fn(def, at); err != nil {
		return err
	}
	r.e.PutDomain(def)
	return nil
}
