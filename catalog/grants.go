package catalog

import (
	"cmp"
	"slices"
)

// DefaultPrivs is a row of pg_default_acl: what objects of a kind that a role makes
// are granted (ALTER DEFAULT PRIVILEGES).
type DefaultPrivs struct {
	OID  OID
	Role OID
	// DB is the database whose objects are concerned, 0 postgres.
	DB OID `json:",omitempty"`
	// Schema is the one whose objects are concerned, 0 all of them. The privileges of a
	// schema come on top of those that hold everywhere.
	Schema OID `json:",omitempty"`
	// Kind is defaclobjtype: r, S, f, T or n.
	Kind byte
	ACL  []ACLItem
}

// defaultKinds are the kinds of object by the letter of pg_default_acl.
var defaultKinds = map[byte]ObjectKind{'r': OnRelation, 'S': OnSequence, 'f': OnFunction, 'T': OnType, 'n': OnSchema}

// DefaultPrivs gives the entry of a role, of a schema (0: everywhere) and of a kind;
// nil when there is none.
func (s *Snapshot) DefaultPrivs(role, schema OID, kind byte) *DefaultPrivs {
	for _, d := range s.defaults {
		if d.Role == role && d.Schema == schema && d.Kind == kind && d.database() == s.Database() {
			return d
		}
	}
	return nil
}

// AllDefaultPrivs gives the entries by OID.
func (s *Snapshot) AllDefaultPrivs() []*DefaultPrivs {
	return slices.DeleteFunc(sorted(s.defaults), func(d *DefaultPrivs) bool { return s.db != 0 && d.database() != s.db })
}

func (d *DefaultPrivs) database() OID { return cmp.Or(d.DB, DatabaseOID) }

// DefaultPrivsByOID gives an entry, nil when there is none.
func (s *Snapshot) DefaultPrivsByOID(oid OID) *DefaultPrivs { return s.defaults[oid] }

// InitialACL gives the privileges of an object that a role makes: nil when those are
// what everybody's objects have (get_user_default_acl).
func (s *Snapshot) InitialACL(role, schema OID, kind byte) []ACLItem {
	everywhere, here := s.DefaultPrivs(role, 0, kind), s.DefaultPrivs(role, schema, kind)
	if schema == 0 {
		here = nil
	}
	if everywhere == nil && here == nil {
		return nil
	}
	usual, _ := DefaultACL(defaultKinds[kind], role)
	acl := slices.Clone(usual)
	if everywhere != nil {
		acl = slices.Clone(everywhere.ACL)
	}
	if here != nil {
		for _, a := range here.ACL {
			acl = MergeACLItem(acl, a)
		}
	}
	SortACL(acl)
	SortACL(usual)
	if slices.Equal(acl, usual) {
		return nil
	}
	if acl == nil {
		acl = []ACLItem{}
	}
	return acl
}

// UsualACL gives what an entry of DefaultPrivs starts from: the built-in privileges,
// or, for a schema, none.
func UsualACL(role, schema OID, kind byte) []ACLItem {
	if schema != 0 {
		return nil
	}
	acl, _ := DefaultACL(defaultKinds[kind], role)
	SortACL(acl)
	return acl
}

// SortACL puts items into the order of their grantees and grantors (aclitemsort).
func SortACL(acl []ACLItem) {
	slices.SortFunc(acl, func(a, b ACLItem) int {
		return cmp.Or(cmp.Compare(a.Grantee, b.Grantee), cmp.Compare(a.Grantor, b.Grantor))
	})
}

// MergeACLItem adds an item to a list, or its privileges to the one of the same
// roles.
func MergeACLItem(acl []ACLItem, a ACLItem) []ACLItem {
	for i := range acl {
		if acl[i].Grantee == a.Grantee && acl[i].Grantor == a.Grantor {
			acl[i].Privs = unitePrivs(acl[i].Privs, a.Privs)
			return acl
		}
	}
	return append(acl, a)
}

// unitePrivs unites the letters of two items; a grant option of either one stays.
func unitePrivs(a, b string) string {
	var out []byte
	for i := range len(PrivLetters) {
		l := string(PrivLetters[i])
		x, y := ACLItem{Privs: a}, ACLItem{Privs: b}
		if !x.has(l, false) && !y.has(l, false) {
			continue
		}
		out = append(out, l...)
		if x.has(l, true) || y.has(l, true) {
			out = append(out, '*')
		}
	}
	return string(out)
}

// PutDefaultPrivs adds or replaces an entry of default privileges.
func (e *Edit) PutDefaultPrivs(d *DefaultPrivs) {
	if old := e.defaults[d.OID]; old != nil {
		d.DB = old.DB
	} else if d.DB == 0 && e.db != DatabaseOID {
		d.DB = e.db
	}
	e.defaults[d.OID] = d
	e.record(ChangeDefaultPrivs, d.OID, d)
}

// DropDefaultPrivs removes an entry of default privileges.
func (e *Edit) DropDefaultPrivs(oid OID) {
	delete(e.defaults, oid)
	e.record(ChangeDefaultPrivs, oid, nil)
}

// TypeACL gives the privileges on a user's type; nil are the default ones.
func (s *Snapshot) TypeACL(oid OID) []ACLItem { return s.typeACLs[oid] }

// PutTypeACL sets the privileges on a user's type; nil are the default ones.
func (e *Edit) PutTypeACL(oid OID, acl []ACLItem) {
	if acl == nil {
		delete(e.typeACLs, oid)
		e.record(ChangeTypeACL, oid, nil)
		return
	}
	e.typeACLs[oid] = acl
	e.record(ChangeTypeACL, oid, &acl)
}

// defaultACLRows writes pg_default_acl.
func defaultACLRows(s *Snapshot, w *rowWriter) {
	for _, d := range s.AllDefaultPrivs() {
		acl := s.vACL(d.ACL)
		if d.ACL == nil {
			acl = s.vACL([]ACLItem{})
		}
		w.add(vOID(d.OID), vOID(d.Role), vOID(d.Schema), vChar(d.Kind), acl)
	}
}

// grantDependencies calls fn for the default privileges of roles and for the
// privileges on types; see RoleDependencies.
func (s *Snapshot) grantDependencies(owns func(Object, OID), grants func(Object, OID, []ACLItem)) {
	for _, t := range s.Types() {
		grants(Object{classType, t.OID, 0}, t.Owner, s.TypeACL(t.OID))
	}
	for _, d := range s.AllDefaultPrivs() {
		o := Object{ClassDefaultPrivs, d.OID, 0}
		owns(o, d.Role)
		grants(o, d.Role, d.ACL)
	}
}

// Objects names what an entry is about, as messages do ("relations").
func (d *DefaultPrivs) Objects() string {
	return map[byte]string{'r': "relations", 'S': "sequences", 'f': "functions", 'T': "types", 'n': "schemas"}[d.Kind]
}
