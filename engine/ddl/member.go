package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// grantRole runs GRANT role TO role and REVOKE.
func (r *run) grantRole(st *ast.GrantRole) error {
	if st.GrantedBy != "" {
		if _, err := r.roleNamed(st.GrantedBy); err != nil {
			return err
		}
	}
	for _, name := range st.Grantees {
		if _, err := r.member(name); err != nil {
			return err
		}
	}
	for _, name := range st.Roles {
		if name == "public" {
			return pgerr.New(pgerr.UndefinedObject, "role \"%s\" does not exist", name)
		}
		of, err := r.roleNamed(name)
		if err != nil {
			return err
		}
		if err := r.mayGrantRole(of); err != nil {
			return err
		}
		for _, member := range st.Grantees {
			if st.Revoke {
				err = r.revokeRole(of, member, st.Admin)
			} else {
				err = r.join(of, member, st.Admin)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// mayGrantRole checks that the role may change who is a member of another one.
func (r *run) mayGrantRole(of *catalog.Role) error {
	switch {
	case of.OID == catalog.DatabaseOwner:
		return forbidden("role \"%s\" cannot have explicit members", of.Name)
	case r.s.Super():
		return nil
	case of.Super:
		return forbidden("must be superuser to alter superusers")
	case !r.mayCreateRoles() && !r.isAdmin(of):
		return forbidden("must have admin option on role \"%s\"", of.Name)
	}
	return nil
}

// isAdmin tells whether the role, or one that it is a member of, has the admin option
// on another one.
func (r *run) isAdmin(of *catalog.Role) bool {
	for _, m := range r.e.Roles() {
		if slices.Contains(m.Admin, of.OID) && r.e.MemberOf(r.s.Role(), m.OID, false) {
			return true
		}
	}
	return false
}

// member finds a role that a membership is about.
func (r *run) member(name string) (*catalog.Role, error) {
	if name == "public" {
		return nil, pgerr.New(pgerr.UndefinedObject, "role \"%s\" does not exist", name)
	}
	return r.roleNamed(name)
}

// join makes a role a member of another one.
func (r *run) join(of *catalog.Role, name string, admin bool) error {
	m, err := r.member(name)
	if err != nil {
		return err
	}
	if r.e.MemberOf(of.OID, m.OID, false) {
		return pgerr.New(pgerr.InvalidGrantOperation, "role \"%s\" is a member of role \"%s\"", of.Name, m.Name)
	}
	has := slices.Contains(m.Member, of.OID)
	if has && (!admin || slices.Contains(m.Admin, of.OID)) {
		r.notice(pgerr.SuccessfulCompletion, "role \"%s\" is already a member of role \"%s\"", m.Name, of.Name)
		return nil
	}
	n := *m
	if !has {
		n.Member = append(slices.Clone(m.Member), of.OID)
	}
	if admin {
		n.Admin = append(slices.Clone(m.Admin), of.OID)
	}
	r.e.PutRole(&n)
	return nil
}

// revokeRole takes a membership, or its admin option, away.
func (r *run) revokeRole(of *catalog.Role, name string, admin bool) error {
	m, err := r.member(name)
	if err != nil {
		return err
	}
	if !slices.Contains(m.Member, of.OID) {
		r.s.Notice(pgerr.Warning(pgerr.WarningCode, "role \"%s\" is not a member of role \"%s\"", m.Name, of.Name))
		return nil
	}
	if !admin {
		r.leave(m, of.OID)
		return nil
	}
	n := *m
	n.Admin = without(m.Admin, of.OID)
	r.e.PutRole(&n)
	return nil
}

// leave ends a membership.
func (r *run) leave(m *catalog.Role, of OID) {
	n := *m
	n.Member, n.Admin = without(m.Member, of), without(m.Admin, of)
	r.e.PutRole(&n)
}

func without(list []OID, oid OID) []OID {
	return slices.DeleteFunc(slices.Clone(list), func(x OID) bool { return x == oid })
}
