package catalog

import "strings"

// ObjectKind is a kind of object that privileges are granted on, by its letter in
// acldefault.
type ObjectKind byte

// The kinds of object with privileges.
const (
	OnRelation   ObjectKind = 'r'
	OnSequence   ObjectKind = 's'
	OnColumn     ObjectKind = 'c'
	OnDatabase   ObjectKind = 'd'
	OnFunction   ObjectKind = 'f'
	OnLanguage   ObjectKind = 'l'
	OnLargeObj   ObjectKind = 'L'
	OnSchema     ObjectKind = 'n'
	OnParameter  ObjectKind = 'p'
	OnTablespace ObjectKind = 't'
	OnWrapper    ObjectKind = 'F'
	OnServer     ObjectKind = 'S'
	OnType       ObjectKind = 'T'
)

// privileges are what the owner has by default, and what everybody has.
var privileges = map[ObjectKind][2]string{
	OnRelation: {"arwdDxt", ""}, OnSequence: {"rwU", ""}, OnColumn: {"", ""}, OnDatabase: {"CTc", "Tc"}, OnFunction: {"X", "X"},
	OnLanguage: {"U", "U"}, OnLargeObj: {"rw", ""}, OnSchema: {"UC", ""}, OnParameter: {"sA", ""}, OnTablespace: {"C", ""},
	OnWrapper: {"U", ""}, OnServer: {"U", ""}, OnType: {"U", "U"},
}

// DefaultACL gives the privileges on an object whose ACL is NULL; ok is false for
// a kind that does not exist.
func DefaultACL(kind ObjectKind, owner OID) (acl []ACLItem, ok bool) {
	p, ok := privileges[kind]
	if p[1] != "" {
		acl = append(acl, ACLItem{Grantee: 0, Grantor: owner, Privs: p[1]})
	}
	if p[0] != "" {
		acl = append(acl, ACLItem{Grantee: owner, Grantor: owner, Privs: p[0]})
	}
	return acl, ok
}

// privNames are the letters of privileges by name.
var privNames = map[string]byte{
	"INSERT": 'a', "SELECT": 'r', "UPDATE": 'w', "DELETE": 'd', "TRUNCATE": 'D', "REFERENCES": 'x', "TRIGGER": 't', "EXECUTE": 'X', "USAGE": 'U',
	"CREATE": 'C', "TEMPORARY": 'T', "TEMP": 'T', "CONNECT": 'c', "SET": 's', "ALTER SYSTEM": 'A',
}

// PrivLetter gives the letter of a privilege, 0 when there is none of that name.
func PrivLetter(name string) byte { return privNames[strings.ToUpper(name)] }

// PrivName gives the name of the privilege of a letter.
func PrivName(letter byte) string {
	for n, l := range privNames {
		if l == letter && n != "TEMP" {
			return n
		}
	}
	return ""
}

// PrivsOf lists the letters of the privileges that there are on a kind of object.
func PrivsOf(kind ObjectKind) string {
	if kind == OnColumn {
		return "arwx"
	}
	return privileges[kind][0]
}

// Allowed tells whether a role has any of the privileges of these letters on an
// object; with grant, whether it may grant it. acl is nil for the default. It
// says no for role 0, PUBLIC, unless everybody has it.
func (s *Snapshot) Allowed(role OID, kind ObjectKind, owner OID, acl []ACLItem, letters string, grant bool) bool {
	if r := s.roles[role]; r != nil && r.Super {
		return true
	}
	if acl == nil {
		acl, _ = DefaultACL(kind, owner)
	}
	if grant && role != 0 && s.MemberOf(role, owner, true) {
		return strings.ContainsAny(letters, PrivsOf(kind))
	}
	for _, item := range acl {
		if !item.has(letters, grant) {
			continue
		}
		if item.Grantee == 0 && !grant || item.Grantee != 0 && role != 0 && s.MemberOf(role, item.Grantee, true) {
			return true
		}
	}
	return false
}

// has tells whether an item holds any of the letters, with its grant option if
// asked.
func (a ACLItem) has(letters string, grant bool) bool {
	for i := range len(a.Privs) {
		if a.Privs[i] == '*' || strings.IndexByte(letters, a.Privs[i]) < 0 {
			continue
		}
		if !grant || i+1 < len(a.Privs) && a.Privs[i+1] == '*' {
			return true
		}
	}
	return false
}

// Roles that may read or write everything.
const (
	readAllData  OID = 6181
	writeAllData OID = 6182
)

// RelationAllowed is Allowed for a relation, the roles that may read and write
// all data included.
func (s *Snapshot) RelationAllowed(role OID, r *Relation, letters string, grant bool) bool {
	kind := OnRelation
	if r.Kind == Sequence {
		kind = OnSequence
	}
	if s.Allowed(role, kind, r.Owner, r.ACL, letters, grant) {
		return true
	}
	if grant || role == 0 {
		return false
	}
	return strings.Contains(letters, "r") && s.MemberOf(role, readAllData, true) ||
		strings.ContainsAny(letters, "awd") && s.MemberOf(role, writeAllData, true)
}

// ColumnAllowed is RelationAllowed for one of its columns.
func (s *Snapshot) ColumnAllowed(role OID, r *Relation, num int16, letters string, grant bool) bool {
	if s.RelationAllowed(role, r, letters, grant) {
		return true
	}
	if num < 1 || int(num) > len(r.Columns) {
		return false
	}
	acl := r.Columns[num-1].ACL
	return acl != nil && s.Allowed(role, OnColumn, r.Owner, acl, letters, grant)
}

// SchemaAllowed is Allowed for a schema.
func (s *Snapshot) SchemaAllowed(role OID, n *Schema, letters string, grant bool) bool {
	if s.Allowed(role, OnSchema, n.Owner, n.ACL, letters, grant) {
		return true
	}
	return !grant && role != 0 && strings.Contains(letters, "U") && (s.MemberOf(role, readAllData, true) || s.MemberOf(role, writeAllData, true))
}
