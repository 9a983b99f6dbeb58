package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// roleNamed finds the role that a name gives; CURRENT_USER and its kin stand for the
// session's.
func (r *run) roleNamed(name string) (*catalog.Role, error) {
	switch name {
	case "current_user", "current_role":
		return r.e.RoleByOID(r.s.Role()), nil
	case "session_user":
		if c := r.planner().Env; c != nil && c.Session != nil {
			if s, ok := c.Session.(interface{ SessionRole() OID }); ok {
				return r.e.RoleByOID(s.SessionRole()), nil
			}
		}
		return r.e.RoleByOID(r.s.Role()), nil
	case "public", "none":
		return nil, pgerr.New(pgerr.ReservedName, "role name \"%s\" is reserved", name)
	}
	if role := r.e.Role(name); role != nil {
		return role, nil
	}
	return nil, pgerr.New(pgerr.UndefinedObject, "role \"%s\" does not exist", name)
}

// checkMember refuses to act for a role that the current one is no member of.
func (r *run) checkMember(role *catalog.Role) error {
	if r.s.Super() || r.e.MemberOf(r.s.Role(), role.OID, false) {
		return nil
	}
	return pgerr.New(pgerr.InsufficientPrivilege, "must be member of role \"%s\"", role.Name)
}
