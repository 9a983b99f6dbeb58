package catalog

import (
	"github.com/streamsqld/streamsqld/internal/pgdata"
)

// predefinedRoles makes the superuser and PostgreSQL's predefined roles.
func predefinedRoles() []*Role {
	var roles []*Role
	t := pgdata.Load("pg_authid")
	col := t.Column
	for _, r := range t.Rows {
		is := func(name string) bool { return pgdata.Bool(r[col(name)]) }
		roles = append(roles, &Role{
			OID: OID(pgdata.Uint(r[col("oid")])), Name: r[col("rolname")], Super: is("rolsuper"), Inherit: is("rolinherit"),
			CreateRole: is("rolcreaterole"), CreateDB: is("rolcreatedb"), Login: is("rolcanlogin"), Repl: is("rolreplication"),
			BypassRLS: is("rolbypassrls"), ConnLimit: pgdata.Int(r[col("rolconnlimit")]), Member: predefinedMembership(OID(pgdata.Uint(r[col("oid")]))),
		})
	}
	return roles
}

// predefinedMembership gives the roles that a predefined role is a member of.
func predefinedMembership(member OID) []OID {
	var of []OID
	t := pgdata.Load("pg_auth_members")
	for _, r := range t.Rows {
		if OID(pgdata.Uint(r[t.Column("member")])) == member {
			of = append(of, OID(pgdata.Uint(r[t.Column("roleid")])))
		}
	}
	return of
}

// predefinedRole gives the OID of a role that every database has; "" is PUBLIC.
func predefinedRole(name string) OID {
	t := pgdata.Load("pg_authid")
	for _, r := range t.Rows {
		if r[t.Column("rolname")] == name {
			return OID(pgdata.Uint(r[t.Column("oid")]))
		}
	}
	return 0
}

// RoleName gives the name of a role; one that is gone shows as its number.
func (s *Snapshot) RoleName(oid OID) string {
	if r := s.roles[oid]; r != nil {
		return r.Name
	}
	return oidText(oid)
}

// MemberOf tells whether a role is, directly or through others, a member of
// another; every role is a member of itself. With inherit set only memberships
// whose privileges the member has without SET ROLE count. The owner of the
// database is a member of pg_database_owner.
func (s *Snapshot) MemberOf(role, of OID, inherit bool) bool {
	seen := map[OID]bool{}
	var walk func(OID) bool
	walk = func(oid OID) bool {
		if oid == of {
			return true
		}
		r := s.roles[oid]
		if r == nil || seen[oid] || inherit && !r.Inherit {
			return false
		}
		seen[oid] = true
		if of == DatabaseOwner && s.ownsDatabase(oid) {
			return true
		}
		for _, m := range r.Member {
			if walk(m) {
				return true
			}
		}
		return false
	}
	return walk(role)
}
