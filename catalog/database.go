package catalog

import (
	"sync"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Database is one of the server's databases: schemas of its own, under names of its
// own. Roles and system schemas are in all of them.
type Database struct {
	OID   OID
	Name  string
	Owner OID
	ACL   []ACLItem `json:",omitempty"`
	// Config are the settings of ALTER DATABASE … SET.
	Config map[string]string `json:",omitempty"`
	// ConnLimit is how many connections it takes, -1 for any number.
	ConnLimit int
	// Template: everybody who may create databases may copy it. Closed: nobody may
	// connect to it.
	Template, Closed bool `json:",omitempty"`
}

// initialDatabases are the databases of a new server. The templates stay empty.
func initialDatabases() []*Database {
	acl := []ACLItem{{0, BootstrapRole, "c"}, {BootstrapRole, BootstrapRole, "CTc"}}
	return []*Database{
		{OID: Template1OID, Name: "template1", Owner: BootstrapRole, ACL: acl, ConnLimit: -1, Template: true},
		{OID: Template0OID, Name: "template0", Owner: BootstrapRole, ACL: acl, ConnLimit: -1, Template: true, Closed: true},
		{OID: DatabaseOID, Name: "postgres", Owner: BootstrapRole, ConnLimit: -1},
	}
}

// Initial tells whether a database is one that every server has.
func (d *Database) Initial() bool { return d.OID < types.FirstUserOID }

// Database is the database whose names the snapshot looks up.
func (s *Snapshot) Database() OID {
	if s.db == 0 {
		return DatabaseOID
	}
	return s.db
}

// Databases gives all databases by OID.
func (s *Snapshot) Databases() []*Database { return sorted(s.dbs) }

// DatabaseByOID gives a database, nil when there is none.
func (s *Snapshot) DatabaseByOID(oid OID) *Database { return s.dbs[oid] }

// DatabaseNamed gives the database of that name, nil when there is none.
func (s *Snapshot) DatabaseNamed(n string) *Database {
	for _, d := range s.dbs {
		if d.Name == n {
			return d
		}
	}
	return nil
}

// insides keeps the views of a snapshot's single databases.
type insides struct {
	all *Snapshot // what they are views of
	mu  sync.Mutex
	of  map[OID]*Snapshot
}

// In gives the snapshot as sessions of a database see it; 0: with the objects of all.
// It is cheap.
func (s *Snapshot) In(db OID) *Snapshot {
	if s.db == db {
		return s
	}
	if s.inside == nil {
		return s.view(db)
	}
	if db == 0 {
		return s.inside.all
	}
	s.inside.mu.Lock()
	defer s.inside.mu.Unlock()
	v := s.inside.of[db]
	if v == nil {
		v = s.view(db)
		if s.inside.of == nil {
			s.inside.of = map[OID]*Snapshot{}
		}
		s.inside.of[db] = v
	}
	return v
}

func (s *Snapshot) view(db OID) *Snapshot {
	v := *s
	v.db, v.cache = db, newRowCache()
	return &v
}

// Home gives the snapshot as sessions of a schema's database see it: what a view, a
// default or a function in the schema means.
func (s *Snapshot) Home(schema OID) *Snapshot {
	if sc := s.schemas[schema]; sc != nil && sc.key().schema != 0 {
		return s.In(sc.key().schema)
	}
	return s.In(DatabaseOID)
}

// Holds tells whether a relation is in the snapshot's database.
func (s *Snapshot) Holds(r *Relation) bool { return s.db == 0 || s.holds(r.Schema) }

// holds tells it of a schema, in the view of one database.
func (s *Snapshot) holds(schema OID) bool {
	sc := s.schemas[schema]
	if sc == nil {
		return true
	}
	in := sc.key().schema
	return in == 0 || in == s.db
}

// System tells whether a schema is one of those that are in all databases.
func (sc *Schema) System() bool { return sc.key().schema == 0 }

// key is the schema's name in its database, 0 where it is in all.
func (sc *Schema) key() name {
	switch {
	case sc.DB != 0:
		return name{sc.DB, sc.Name}
	case sc.OID < types.FirstUserOID && sc.OID != PublicOID:
		return name{0, sc.Name}
	}
	return name{DatabaseOID, sc.Name}
}

// within leaves out what is in schemas of other databases.
func within[T any](s *Snapshot, list []T, schema func(T) OID) []T {
	if s.db == 0 {
		return list
	}
	kept := list[:0]
	for _, x := range list {
		if s.holds(schema(x)) {
			kept = append(kept, x)
		}
	}
	return kept
}

func (s *Snapshot) ownsDatabase(role OID) bool {
	d := s.dbs[s.Database()]
	return d != nil && d.Owner == role
}

// PutDatabase adds or replaces a database.
func (e *Edit) PutDatabase(d *Database) {
	e.dbs[d.OID] = d
	e.record(ChangeDatabase, d.OID, d)
}

// CreateDatabase adds a database with its schema public.
func (e *Edit) CreateDatabase(d *Database) {
	d.OID = e.NewOID()
	e.PutDatabase(d)
	public := publicSchema(e.NewOID(), d.OID)
	e.PutSchema(public)
	text, _ := builtinComments()[CommentKey{Object: PublicOID, Class: ClassSchema}]
	e.PutComment(CommentKey{Object: public.OID, Class: ClassSchema}, &text)
}

// DropDatabase removes a database; what is in it is the caller's business.
func (e *Edit) DropDatabase(oid OID) {
	delete(e.dbs, oid)
	e.record(ChangeDatabase, oid, nil)
}

// Enter has the edit go on in another database.
func (e *Edit) Enter(db OID) { e.db = db }
