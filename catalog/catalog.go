// Package catalog is the immutable snapshot of everything that has a name:
// schemas, relations, columns, constraints, indexes, sequences, types, roles,
// privileges, comments; and pg_catalog and information_schema as virtual
// relations over it.
//
// A Snapshot never changes. DDL makes an Edit from one, changes it, and either
// drops it or publishes the Snapshot it makes; the same Edit, as a list of
// Changes, is what the commit log holds and what recovery applies.
//
// C1: objects are shared between snapshots; an object that is in a snapshot is
// never written to. Editing one means putting a changed copy under its OID.
//
// C2: OIDs are given once and never again, also not after a rollback.
package catalog

import (
	"sort"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// OID identifies any object.
type OID = types.OID

// OIDs of objects that every database has.
const (
	PgCatalogOID  OID = 11
	PgToastOID    OID = 99
	PublicOID     OID = 2200
	InfoSchemaOID OID = 13207
	StreamsqlOID  OID = 9100
	BootstrapRole OID = 10
	DatabaseOwner OID = 6171 // role pg_database_owner: whoever owns the database
	DatabaseOID   OID = 5    // database postgres
	Template1OID  OID = 1
	Template0OID  OID = 4
	// The schemas public of the templates.
	public1OID OID = 9101
	public0OID OID = 9102
)

// Schema is a namespace.
type Schema struct {
	OID   OID
	Name  string
	Owner OID
	ACL   []ACLItem `json:",omitempty"`
	// Temp is set for a session's schema of temporary objects.
	Temp bool `json:",omitempty"`
	// DB is the database that it is in; 0: postgres, or for a system schema all.
	DB OID `json:",omitempty"`
}

// Role is a user or group.
type Role struct {
	OID        OID
	Name       string
	Super      bool   `json:",omitempty"`
	Inherit    bool   `json:",omitempty"`
	CreateRole bool   `json:",omitempty"`
	CreateDB   bool   `json:",omitempty"`
	Login      bool   `json:",omitempty"`
	Repl       bool   `json:",omitempty"`
	BypassRLS  bool   `json:",omitempty"`
	ConnLimit  int    `json:",omitempty"`
	Password   string `json:",omitempty"` // SCRAM verifier
	ValidUntil string `json:",omitempty"`
	// Member lists the roles this one is a member of.
	Member []OID `json:",omitempty"`
	// Admin are those of them that it may grant to others.
	Admin  []OID             `json:",omitempty"`
	Config map[string]string `json:",omitempty"`
}

// ACLItem is one grant. Grantee 0 is PUBLIC; Privs are PostgreSQL's letters, a
// '*' behind one marks its grant option.
type ACLItem struct {
	Grantee, Grantor OID
	Privs            string
}

// CommentKey names what a comment is on: an object of the catalogue relation
// Class (1259 pg_class, 2615 pg_namespace …) and, for a column, its number.
type CommentKey struct {
	Object, Class OID
	Sub           int32
}

// name is a name within a schema.
type name struct {
	schema OID
	name   string
}

// Snapshot is the state of the catalogue at one commit.
type Snapshot struct {
	// Version counts the snapshots that were published.
	Version uint64
	nextOID OID

	// db is the database whose names are looked up and whose objects are listed; 0:
	// those of postgres are looked up, and those of all are listed.
	db  OID
	dbs map[OID]*Database
	// inside are the snapshot's views of single databases (In); nil in an Edit.
	inside *insides

	schemas      map[OID]*Schema
	schemaByName map[name]*Schema // by database, 0 for those that are in all
	rels         map[OID]*Relation
	relByName    map[name]*Relation
	types        map[OID]*types.Type
	typeByName   map[name]*types.Type
	domains      map[OID]*DomainDef
	roles        map[OID]*Role
	comments     map[CommentKey]string
	procs        map[OID]*Function
	procByName   map[name][]*Function
	defaults     map[OID]*DefaultPrivs
	typeACLs     map[OID][]ACLItem // of types whose privileges are not the default ones
	// dependents: object → those that depend on it.
	dependents map[OID][]OID

	cache *rowCache
}

// New makes the catalogue of an empty database: the system schemas, public, the
// superuser and PostgreSQL's predefined roles.
func New() *Snapshot {
	s := &Snapshot{
		nextOID: types.FirstUserOID,
		dbs:     map[OID]*Database{}, inside: &insides{}, schemas: map[OID]*Schema{}, schemaByName: map[name]*Schema{},
		rels: map[OID]*Relation{}, relByName: map[name]*Relation{},
		types: map[OID]*types.Type{}, typeByName: map[name]*types.Type{}, domains: map[OID]*DomainDef{},
		roles: map[OID]*Role{}, comments: map[CommentKey]string{}, procs: map[OID]*Function{}, procByName: map[name][]*Function{},
		defaults: map[OID]*DefaultPrivs{}, typeACLs: map[OID][]ACLItem{}, dependents: map[OID][]OID{},
		cache: newRowCache(),
	}
	for _, sc := range []*Schema{
		{OID: PgCatalogOID, Name: "pg_catalog", Owner: BootstrapRole, ACL: []ACLItem{{BootstrapRole, BootstrapRole, "UC"}, {0, BootstrapRole, "U"}}},
		{OID: PgToastOID, Name: "pg_toast", Owner: BootstrapRole},
		{OID: InfoSchemaOID, Name: "information_schema", Owner: BootstrapRole, ACL: []ACLItem{{BootstrapRole, BootstrapRole, "UC"}, {0, BootstrapRole, "U"}}},
		{OID: StreamsqlOID, Name: "streamsql", Owner: BootstrapRole, ACL: []ACLItem{{BootstrapRole, BootstrapRole, "UC"}, {0, BootstrapRole, "U"}}},
		publicSchema(PublicOID, 0), publicSchema(public1OID, Template1OID), publicSchema(public0OID, Template0OID),
	} {
		s.schemas[sc.OID], s.schemaByName[sc.key()] = sc, sc
	}
	for _, d := range initialDatabases() {
		s.dbs[d.OID] = d
	}
	for _, r := range predefinedRoles() {
		s.roles[r.OID] = r
	}
	s.inside.all = s
	return s
}

func publicSchema(oid, db OID) *Schema {
	return &Schema{OID: oid, Name: "public", Owner: DatabaseOwner, ACL: []ACLItem{{DatabaseOwner, DatabaseOwner, "UC"}, {0, DatabaseOwner, "U"}}, DB: db}
}

// Schema gives the schema of that name, nil when there is none.
func (s *Snapshot) Schema(n string) *Schema {
	if sc := s.schemaByName[name{0, n}]; sc != nil {
		return sc
	}
	return s.schemaByName[name{s.Database(), n}]
}

// SchemaByOID gives a schema, nil when there is none.
func (s *Snapshot) SchemaByOID(oid OID) *Schema { return s.schemas[oid] }

// Schemas gives all schemas by OID.
func (s *Snapshot) Schemas() []*Schema {
	return within(s, sorted(s.schemas), func(sc *Schema) OID { return sc.OID })
}

// Relation gives a relation of any kind by schema and name: the user's, or a
// system relation. nil when there is none.
func (s *Snapshot) Relation(schema OID, n string) *Relation {
	if r := s.relByName[name{schema, n}]; r != nil {
		return r
	}
	return systemByName[name{schema, n}]
}

// RelationByOID gives a relation of any kind, nil when there is none.
func (s *Snapshot) RelationByOID(oid OID) *Relation {
	if r := s.rels[oid]; r != nil {
		return r
	}
	return systemByOID[oid]
}

// Relations gives the user's relations of every kind, by OID.
func (s *Snapshot) Relations() []*Relation {
	return within(s, sorted(s.rels), func(r *Relation) OID { return r.Schema })
}

// Type gives a type by schema and name, built in or a user's; nil when there is
// none.
func (s *Snapshot) Type(schema OID, n string) *types.Type {
	if schema == PgCatalogOID {
		if t := types.ByName(n); t != nil {
			return t
		}
	}
	if t := s.typeByName[name{schema, n}]; t != nil {
		return t
	}
	return systemTypeByName[name{schema, n}]
}

// TypeByOID gives a type, nil when there is none.
func (s *Snapshot) TypeByOID(oid OID) *types.Type {
	if t := s.types[oid]; t != nil {
		return t
	}
	if t := systemTypeByOID[oid]; t != nil {
		return t
	}
	if oid < types.FirstUserOID {
		return types.ByOID(oid)
	}
	return nil
}

// Types gives the users' types, row types and array types included, by OID.
func (s *Snapshot) Types() []*types.Type {
	return within(s, sorted(s.types), func(t *types.Type) OID { return t.Schema })
}

// Role gives the role of that name, nil when there is none.
func (s *Snapshot) Role(name string) *Role {
	for _, r := range s.roles {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// RoleByOID gives a role, nil when there is none.
func (s *Snapshot) RoleByOID(oid OID) *Role { return s.roles[oid] }

// Roles gives all roles by OID.
func (s *Snapshot) Roles() []*Role { return sorted(s.roles) }

// Comment gives the comment on something; ok is false when there is none.
func (s *Snapshot) Comment(k CommentKey) (text string, ok bool) {
	text, ok = s.comments[k]
	return text, ok
}

// Comments calls fn for every comment.
func (s *Snapshot) Comments(fn func(k CommentKey, text string)) {
	for k, t := range s.comments {
		fn(k, t)
	}
}

// Dependents gives the objects that depend on oid directly, by OID.
func (s *Snapshot) Dependents(oid OID) []OID { return s.dependents[oid] }

// Path is a search path: schema OIDs in order of look-up.
type Path []OID

// ResolvePath turns the names of search_path into the schemas to look in:
// pg_catalog first unless it is listed, "$user" by the role, temp first when
// given (0: none), names that do not exist left out.
func (s *Snapshot) ResolvePath(names []string, user string, temp OID) Path {
	var path Path
	listed := false
	for _, n := range names {
		if n == "$user" {
			n = user
		}
		if n == "pg_temp" {
			if temp != 0 {
				path = append(path, temp)
			}
			continue
		}
		sc := s.Schema(n)
		if sc == nil || contains(path, sc.OID) {
			continue
		}
		listed = listed || sc.OID == PgCatalogOID
		path = append(path, sc.OID)
	}
	var implicit Path
	if temp != 0 && !contains(path, temp) {
		implicit = append(implicit, temp)
	}
	if !listed {
		implicit = append(implicit, PgCatalogOID)
	}
	return append(implicit, path...)
}

// SplitPath splits the value of search_path into its names, unquoted and folded.
func SplitPath(value string) []string {
	var out []string
	for i := 0; i < len(value); {
		switch c := value[i]; {
		case c == ',' || c == ' ' || c == '\t' || c == '\n':
			i++
		case c == '"':
			var name strings.Builder
			for i++; i < len(value); i++ {
				if value[i] == '"' {
					if i+1 >= len(value) || value[i+1] != '"' {
						break
					}
					i++
				}
				name.WriteByte(value[i])
			}
			i++
			out = append(out, name.String())
		default:
			j := i
			for j < len(value) && value[j] != ',' {
				j++
			}
			out = append(out, strings.ToLower(strings.TrimSpace(value[i:j])))
			i = j
		}
	}
	return out
}

func contains(p Path, oid OID) bool {
	for _, x := range p {
		if x == oid {
			return true
		}
	}
	return false
}

// FindRelation looks a relation up along the path, nil when there is none.
func (s *Snapshot) FindRelation(path Path, n string) *Relation {
	for _, sc := range path {
		if r := s.Relation(sc, n); r != nil {
			return r
		}
	}
	return nil
}

// FindType looks a type up along the path, nil when there is none.
func (s *Snapshot) FindType(path Path, n string) *types.Type {
	for _, sc := range path {
		if t := s.Type(sc, n); t != nil {
			return t
		}
	}
	return nil
}

// LookupRelation finds the relation that a possibly qualified name means. A
// missing one is 42P01 (a missing schema too, as in PostgreSQL's queries).
func (s *Snapshot) LookupRelation(path Path, schema, n string, temp OID) (*Relation, error) {
	if schema == "" {
		if r := s.FindRelation(path, n); r != nil {
			return r, nil
		}
		return nil, pgerr.New(pgerr.UndefinedTable, "relation \"%s\" does not exist", n)
	}
	if schema == "pg_temp" && temp != 0 {
		if r := s.Relation(temp, n); r != nil {
			return r, nil
		}
	} else if sc := s.Schema(schema); sc != nil {
		if r := s.Relation(sc.OID, n); r != nil {
			return r, nil
		}
	}
	return nil, pgerr.New(pgerr.UndefinedTable, "relation \"%s.%s\" does not exist", schema, n)
}

// Qualified gives schema.name of a relation, unquoted.
func (s *Snapshot) Qualified(r *Relation) string {
	if sc := s.schemas[r.Schema]; sc != nil {
		return sc.Name + "." + r.Name
	}
	return r.Name
}

// Visible tells whether an unqualified name means this relation under the path.
func (s *Snapshot) Visible(path Path, r *Relation) bool {
	found := s.FindRelation(path, r.Name)
	return found != nil && found.OID == r.OID
}

func sorted[T any](m map[OID]T) []T {
	keys := make([]OID, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	out := make([]T, len(keys))
	for i, k := range keys {
		out[i] = m[k]
	}
	return out
}
