package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// setSchema runs ALTER … SET SCHEMA.
func (r *run) setSchema(st *ast.SetSchema) error {
	switch st.Kind {
	case ast.ObjType, ast.ObjDomain:
		return r.moveType(st)
	case ast.ObjFunction, ast.ObjProcedure, ast.ObjRoutine, ast.ObjAggregate:
		return r.functionSchema(st)
	case ast.ObjStatistics:
		return r.statisticsSchema(st)
	case ast.ObjTable, ast.ObjStream, ast.ObjView, ast.ObjMatView, ast.ObjSequence:
	default:
		return pgerr.NotSupported("ALTER %s SET SCHEMA", kindName(st.Kind))
	}
	rel, err := r.locked(st.Name, st.IfExists, AccessExclusive)
	if rel == nil || err != nil {
		return err
	}
	switch rel.Kind {
	case catalog.Index:
		return pgerr.New(pgerr.WrongObjectType, "cannot change schema of index \"%s\"", rel.Name).WithHint("Change the schema of the table instead.")
	case catalog.Composite:
		return pgerr.New(pgerr.WrongObjectType, "cannot change schema of composite type \"%s\"", rel.Name).WithHint("Use ALTER TYPE instead.")
	}
	if err := r.alterable(rel, st.Kind); err != nil {
		return err
	}
	if q := rel.Seq; q != nil && q.OwnerTable != 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot move an owned sequence into another schema").
			WithDetail("Sequence \"%s\" is linked to table \"%s\".", rel.Name, r.e.RelationByOID(q.OwnerTable).Name)
	}
	if rel.Stream != nil && rel.Stream.LateOf != 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot move \"%s\", which belongs to a stream", rel.Name)
	}
	to, err := r.destination(st.NewSchema, rel.Schema)
	if err != nil || to.OID == rel.Schema {
		return err
	}
	return r.moveRelations(r.together(rel), to)
}

// destination finds the schema that something is moved to.
func (r *run) destination(name string, from OID) (*catalog.Schema, error) {
	if name == "pg_temp" && r.s.TempSchema(false) == 0 {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cannot move objects into or out of temporary schemas")
	}
	to, err := r.schemaNamed(name)
	if err != nil {
		return nil, err
	}
	if err := r.creatable(to.OID); err != nil {
		return nil, err
	}
	if old := r.e.SchemaByOID(from); to.OID != from && (to.Temp || old != nil && old.Temp) {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cannot move objects into or out of temporary schemas")
	}
	return to, nil
}

// together are the relations that move, or change hands, with one: its indexes, the
// sequences that it owns, the companion of a stream.
func (r *run) together(rel *catalog.Relation) []*catalog.Relation {
	list := []*catalog.Relation{rel}
	for _, oid := range rel.Indexes {
		list = append(list, r.e.RelationByOID(oid))
	}
	for _, x := range r.e.Relations() {
		if x.Seq != nil && x.Seq.OwnerTable == rel.OID {
			list = append(list, x)
		}
	}
	if rel.Stream != nil && rel.Stream.Late != 0 {
		list = append(list, r.together(r.e.RelationByOID(rel.Stream.Late))...)
	}
	return list
}

func (r *run) moveRelations(list []*catalog.Relation, to *catalog.Schema) error {
	moved := map[OID]bool{}
	for _, x := range list {
		moved[x.OID] = true
		if x.RowType != 0 {
			moved[x.RowType] = true
		}
		if r.e.Relation(to.OID, x.Name) != nil {
			return pgerr.New(pgerr.DuplicateTable, "relation \"%s\" already exists in schema \"%s\"", x.Name, to.Name)
		}
		if t := r.e.Type(to.OID, x.Name); x.RowType != 0 && t != nil && !r.moveArrayType(t) {
			return pgerr.New(pgerr.DuplicateObject, "type \"%s\" already exists in schema \"%s\"", x.Name, to.Name)
		}
	}
	return r.restate(func(d catalog.Dep) bool { return moved[d.Object] }, func() error {
		for _, x := range list {
			r.change(x.OID, func(now *catalog.Relation) { now.Schema = to.OID })
		}
		return nil
	})
}

func (r *run) moveType(st *ast.SetSchema) error {
	t, err := r.ownType(st.Name, st.Kind == ast.ObjDomain)
	if err != nil {
		return err
	}
	to, err := r.destination(st.NewSchema, t.Schema)
	if err != nil || to.OID == t.Schema {
		return err
	}
	if t.Class == types.Composite {
		return r.moveRelations([]*catalog.Relation{r.e.RelationByOID(t.Rel)}, to)
	}
	if r.e.Type(to.OID, t.Name) != nil {
		return pgerr.New(pgerr.DuplicateObject, "type \"%s\" already exists in schema \"%s\"", t.Name, to.Name)
	}
	return r.restate(r.namingType(t), func() error {
		r.changeType(t.OID, func(n *types.Type) { n.Schema = to.OID })
		return nil
	})
}

// ofRelation tells whether a kind of object is one of relation.
func ofRelation(k ast.ObjectKind) bool {
	switch k {
	case ast.ObjTable, ast.ObjStream, ast.ObjView, ast.ObjMatView, ast.ObjSequence, ast.ObjIndex:
		return true
	}
	return false
}

// changeOwner runs ALTER … OWNER TO.
func (r *run) changeOwner(st *ast.ChangeOwner) error {
	role, err := r.roleNamed(st.Role)
	if err != nil && ofRelation(st.Kind) { // which has to be there first
		rel, lockErr := r.locked(st.Name, st.IfExists, AccessExclusive)
		if rel == nil || lockErr != nil {
			return lockErr
		}
	}
	if err != nil {
		return err
	}
	if ofRelation(st.Kind) {
		return r.relationOwner(st, role)
	}
	switch st.Kind {
	case ast.ObjSchema:
		return r.schemaOwner(st, role)
	case ast.ObjDatabase:
		return r.databaseOwner(st, role)
	case ast.ObjType, ast.ObjDomain:
		return r.typeOwner(st, role)
	case ast.ObjFunction, ast.ObjProcedure, ast.ObjRoutine, ast.ObjAggregate:
		return r.functionOwner(st, role)
	case ast.ObjStatistics:
		return r.statisticsOwner(st, role)
	}
	return pgerr.NotSupported("ALTER %s OWNER TO", kindName(st.Kind))
}

// mayGive checks that the role may give an object in a schema to another.
func (r *run) mayGive(role *catalog.Role, schema OID) error {
	if r.s.Super() {
		return nil
	}
	if err := r.checkMember(role); err != nil {
		return err
	}
	if s := r.e.SchemaByOID(schema); s != nil && !r.e.SchemaAllowed(role.OID, s, "C", false) {
		return denied("schema", s.Name)
	}
	return nil
}

func (r *run) relationOwner(st *ast.ChangeOwner, role *catalog.Role) error {
	rel, err := r.locked(st.Name, st.IfExists, AccessExclusive)
	if rel == nil || err != nil {
		return err
	}
	if rel.Kind == catalog.Index {
		if err := r.mustOwn(rel); err != nil || rel.Owner == role.OID {
			return err
		}
		r.s.Notice(pgerr.Warning(pgerr.WrongObjectType, "cannot change owner of index \"%s\"", rel.Name).
			WithHint("Change the ownership of the index's table instead."))
		return nil
	}
	if err := r.alterable(rel, st.Kind); err != nil {
		return err
	}
	if q := rel.Seq; q != nil && q.OwnerTable != 0 && rel.Owner != role.OID {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot change owner of sequence \"%s\"", rel.Name).
			WithDetail("Sequence \"%s\" is linked to table \"%s\".", rel.Name, r.e.RelationByOID(q.OwnerTable).Name)
	}
	if rel.Owner == role.OID {
		return nil
	}
	if err := r.mayGive(role, rel.Schema); err != nil {
		return err
	}
	r.giveRelation(rel, role)
	return nil
}

// giveRelation makes a role the owner of a relation and of what belongs to it.
func (r *run) giveRelation(rel *catalog.Relation, role *catalog.Role) {
	for _, x := range r.together(rel) {
		r.change(x.OID, func(now *catalog.Relation) {
			now.ACL = newOwner(now.ACL, now.Owner, role.OID)
			for i := range now.Columns {
				now.Columns[i].ACL = newOwner(now.Columns[i].ACL, now.Owner, role.OID)
			}
			now.Owner = role.OID
		})
	}
}

// newOwner gives privileges their new owner as grantor and grantee (aclnewowner).
func newOwner(acl []catalog.ACLItem, from, to OID) []catalog.ACLItem {
	if acl == nil {
		return nil
	}
	out := []catalog.ACLItem{}
	for _, a := range acl {
		if a.Grantor == from {
			a.Grantor = to
		}
		if a.Grantee == from {
			a.Grantee = to
		}
		out = mergeItem(out, a)
	}
	return out
}

// mergeItem adds an item to a list, or its privileges to the one of the same roles.
func mergeItem(acl []catalog.ACLItem, a catalog.ACLItem) []catalog.ACLItem {
	for i := range acl {
		if acl[i].Grantee == a.Grantee && acl[i].Grantor == a.Grantor {
			have, haveGrant := privBits(acl[i].Privs)
			more, moreGrant := privBits(a.Privs)
			acl[i].Privs = privText(have|more, haveGrant|moreGrant)
			return acl
		}
	}
	return append(acl, a)
}

func (r *run) schemaOwner(st *ast.ChangeOwner, role *catalog.Role) error {
	s := r.e.Schema(st.Name.Object)
	if s == nil {
		return pgerr.New(pgerr.UndefinedSchema, "schema \"%s\" does not exist", st.Name.Object)
	}
	if s.Owner == role.OID {
		return nil
	}
	if !r.owns(s.Owner) {
		return notOwner("schema", s.Name)
	}
	if err := r.checkMember(role); err != nil {
		return err
	}
	if !r.s.Super() && !r.databaseAllowed("C") {
		return denied("database", r.system().DatabaseName())
	}
	n := *s
	n.ACL, n.Owner = newOwner(s.ACL, s.Owner, role.OID), role.OID
	r.e.PutSchema(&n)
	return nil
}

func (r *run) typeOwner(st *ast.ChangeOwner, role *catalog.Role) error {
	t, err := r.ownType(st.Name, st.Kind == ast.ObjDomain)
	if err != nil || t.Owner == role.OID {
		return err
	}
	if err := r.mayGive(role, t.Schema); err != nil {
		return err
	}
	r.giveType(t, role)
	return nil
}

// giveType makes a role the owner of a type.
func (r *run) giveType(t *types.Type, role *catalog.Role) {
	for _, x := range catalog.Derived(t) {
		if acl := r.e.TypeACL(x.OID); acl != nil {
			r.e.PutTypeACL(x.OID, newOwner(acl, t.Owner, role.OID))
		}
	}
	if t.Class == types.Composite {
		r.change(t.Rel, func(now *catalog.Relation) { now.Owner = role.OID })
		return
	}
	r.changeType(t.OID, func(n *types.Type) { n.Owner = role.OID })
}
