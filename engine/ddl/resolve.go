package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// checkDatabase refuses relations in other databases.
func (r *run) checkDatabase(n ast.Name) error {
	if n.Catalog == "" || n.Catalog == r.system().DatabaseName() {
		return nil
	}
	return pgerr.New(pgerr.FeatureNotSupported, "cross-database references are not implemented: \"%s.%s.%s\"", n.Catalog, n.Schema, n.Object)
}

// checkQualified is checkDatabase for what is no relation.
func (r *run) checkQualified(n ast.Name) error {
	if r.checkDatabase(n) == nil {
		return nil
	}
	return pgerr.New(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s.%s.%s", n.Catalog, n.Schema, n.Object)
}

// schemaNamed finds a schema that a name gives; pg_temp is the session's.
func (r *run) schemaNamed(name string) (*catalog.Schema, error) {
	if name == "pg_temp" {
		if oid := r.s.TempSchema(false); oid != 0 {
			return r.e.SchemaByOID(oid), nil
		}
	}
	if s := r.e.Schema(name); s != nil {
		return s, nil
	}
	return nil, pgerr.New(pgerr.UndefinedSchema, "schema \"%s\" does not exist", name)
}

// usable finds a schema that a name gives, in which the role may look things up.
func (r *run) usable(name string) (*catalog.Schema, error) {
	s, err := r.schemaNamed(name)
	if err == nil && !r.e.SchemaAllowed(r.s.Role(), s, "U", false) && !s.Temp {
		err = denied("schema", s.Name)
	}
	return s, err
}

func denied(kind, name string) error {
	return pgerr.New(pgerr.InsufficientPrivilege, "permission denied for %s %s", kind, name)
}

// creationSchema finds the schema that an object is to be made in, and checks that
// it may be.
func (r *run) creationSchema(n ast.Name) (*catalog.Schema, error) {
	if err := r.checkQualified(n); err != nil {
		return nil, err
	}
	s, err := r.schemaToCreateIn(n)
	if err != nil {
		return nil, err
	}
	if s.OID != r.s.TempSchema(false) && !r.e.SchemaAllowed(r.s.Role(), s, "C", false) {
		return nil, denied("schema", s.Name)
	}
	return s, nil
}

func (r *run) schemaToCreateIn(n ast.Name) (*catalog.Schema, error) {
	switch n.Schema {
	case "pg_temp":
		return r.e.SchemaByOID(r.s.TempSchema(true)), nil
	case "":
		for _, name := range catalog.SplitPath(r.s.Setting("search_path")) {
			switch name {
			case "$user":
				name = r.s.User()
			case "pg_temp":
				return r.e.SchemaByOID(r.s.TempSchema(true)), nil
			}
			if s := r.e.Schema(name); s != nil && r.e.SchemaAllowed(r.s.Role(), s, "U", false) {
				return s, nil
			}
		}
		return nil, pgerr.New(pgerr.UndefinedSchema, "no schema has been selected to create in")
	}
	return r.schemaNamed(n.Schema)
}

// relationSchema is creationSchema for a relation, whose persistence and schema
// have to fit: what is made in the session's temporary schema is temporary.
func (r *run) relationSchema(n ast.Name, p ast.Persistence) (*catalog.Schema, ast.Persistence, error) {
	if p == ast.Temporary && n.Schema == "" {
		return r.e.SchemaByOID(r.s.TempSchema(true)), p, r.checkDatabase(n)
	}
	if err := r.checkDatabase(n); err != nil {
		return nil, p, err
	}
	s, err := r.creationSchema(n)
	if err != nil {
		return nil, p, err
	}
	own := s.OID == r.s.TempSchema(false)
	switch {
	case own && p == ast.Permanent:
		p = ast.Temporary
	case own && p == ast.Unlogged:
		return nil, p, pgerr.New(pgerr.InvalidTableDefinition, "only temporary relations may be created in temporary schemas")
	case s.Temp && !own:
		return nil, p, pgerr.New(pgerr.InvalidTableDefinition, "cannot create relations in temporary schemas of other sessions")
	case p == ast.Temporary && !s.Temp:
		return nil, p, pgerr.New(pgerr.InvalidTableDefinition, "cannot create temporary relation in non-temporary schema")
	}
	return s, p, nil
}

// systemSchema tells the schemas in which nobody creates relations.
func systemSchema(s *catalog.Schema) bool {
	switch s.OID {
	case catalog.PgCatalogOID, catalog.PgToastOID, catalog.StreamsqlOID:
		return true
	}
	return false
}

// checkNotSystem refuses to create a relation in a system schema.
func checkNotSystem(s *catalog.Schema, name string) error {
	if !systemSchema(s) {
		return nil
	}
	return pgerr.New(pgerr.InsufficientPrivilege, "permission denied to create \"%s.%s\"", s.Name, name).
		WithDetail("System catalog modifications are currently disallowed.")
}

// checkFree refuses a name that a relation or a type of the schema has; exists tells
// that it was a relation.
func (r *run) checkFree(s *catalog.Schema, name string) (exists bool, err error) {
	if r.e.Relation(s.OID, name) != nil {
		return true, pgerr.New(pgerr.DuplicateTable, "relation \"%s\" already exists", name)
	}
	return false, r.checkTypeFree(s, name)
}

// checkTypeFree refuses the name of a new relation's row type when a type has it.
// An array type that was made along with its element type gives way.
func (r *run) checkTypeFree(s *catalog.Schema, name string) error {
	t := r.e.Type(s.OID, name)
	if t == nil || r.moveArrayType(t) {
		return nil
	}
	return pgerr.New(pgerr.DuplicateObject, "type \"%s\" already exists", name).
		WithHint("A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.")
}

// moveArrayType renames an array type whose name is wanted; it tells whether t is
// one that may be renamed.
func (r *run) moveArrayType(t *types.Type) bool {
	if !t.IsArray() || t.OID < types.FirstUserOID {
		return false
	}
	elem := *r.e.TypeByOID(t.Elem.OID)
	if elem.Class == types.Multirange {
		return false
	}
	if elem.Array == nil || elem.Array.OID != t.OID {
		return false
	}
	name := r.arrayName(t.Name, t.Schema)
	elem.Array = catalog.ArrayType(&elem, t.OID, name)
	if m := elem.Multi; m != nil {
		elem.Multi = catalog.MultirangeType(&elem, m.OID, m.Name, m.Schema)
		elem.Multi.Array = catalog.ArrayType(elem.Multi, m.Array.OID, m.Array.Name)
	}
	r.e.PutType(&elem)
	return true
}

// lookup finds the relation that a name means. A missing one is 42P01; with
// ifExists it is nil and no error, after a notice.
func (r *run) lookup(n ast.Name, ifExists bool) (*catalog.Relation, error) {
	rel, err := r.find(n)
	if err == nil {
		return rel, nil
	}
	if e, ok := err.(*pgerr.Error); ok && ifExists && (e.Code == pgerr.UndefinedTable || e.Code == pgerr.UndefinedSchema) {
		r.notice(pgerr.SuccessfulCompletion, "relation \"%s\" does not exist, skipping", n.Object)
		return nil, nil
	}
	return nil, err
}

// find finds the relation that a name means, in the schemas the role may use.
func (r *run) find(n ast.Name) (*catalog.Relation, error) {
	if err := r.checkDatabase(n); err != nil {
		return nil, err
	}
	if n.Schema != "" {
		s, err := r.schemaNamed(n.Schema)
		if err != nil && n.Schema != "pg_temp" {
			return nil, err
		}
		if err == nil && !s.Temp && !r.e.SchemaAllowed(r.s.Role(), s, "U", false) {
			return nil, denied("schema", s.Name)
		}
	}
	rel, err := r.e.LookupRelation(r.path(), n.Schema, n.Object, r.s.TempSchema(false))
	return rel, err
}

// locked finds a relation and locks it. What another session changed while this
// one waited is seen.
func (r *run) locked(n ast.Name, ifExists bool, mode LockMode) (*catalog.Relation, error) {
	rel, err := r.lookup(n, ifExists)
	if err != nil || rel == nil {
		return nil, err
	}
	return r.lock(rel, mode)
}

// lock locks a relation and gives its definition as it is then.
func (r *run) lock(rel *catalog.Relation, mode LockMode) (*catalog.Relation, error) {
	if rel.OID < types.FirstUserOID {
		return rel, nil
	}
	if err := r.s.Lock(r.ctx, rel.OID, mode); err != nil {
		return nil, err
	}
	r.e = r.s.Edit()
	now := r.e.RelationByOID(rel.OID)
	if now == nil {
		return nil, pgerr.New(pgerr.UndefinedTable, "relation \"%s\" does not exist", rel.Name)
	}
	return now, nil
}

// checkUnused refuses to change a relation that the session itself is reading, or
// that has rows to be looked at when the transaction commits.
func (r *run) checkUnused(rel *catalog.Relation, command string) error {
	if r.s.InUse(rel.OID) {
		return pgerr.New(pgerr.ObjectInUse, "cannot %s \"%s\" because it is being used by active queries in this session", command, rel.Name)
	}
	if r.s.HasPending(rel.OID) {
		return pgerr.New(pgerr.ObjectInUse, "cannot %s \"%s\" because it has pending trigger events", command, rel.Name)
	}
	return nil
}
