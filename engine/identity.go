package engine

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// identity is who a session acts as. The settings session_authorization and role
// say it, so that it is undone with them: by RESET, by the end of SET LOCAL and by
// ROLLBACK; takeIdentity carries it over to the session.
type identity struct {
	// login is who has connected, and whether as a superuser: only superusers may
	// take any other session authorization.
	login      string
	loginRole  OID
	loginSuper bool
	// sessionRole is what SET SESSION AUTHORIZATION has taken, at first login's.
	sessionRole  OID
	sessionSuper bool
}

// roleOff is the value of the setting role while no SET ROLE is in force.
const roleOff = "none"

// checkRole says whether the session may set role or session_authorization to a
// name.
func (s *Session) checkRole(setting, name string) error {
	if setting == "role" && name == roleOff {
		return nil
	}
	oid, _, ok := s.roleByName(name)
	if !ok {
		return pgerr.New(pgerr.InvalidParameterValue, "role \"%s\" does not exist", name)
	}
	if setting == "session_authorization" {
		if oid != s.id.loginRole && !s.id.loginSuper {
			return pgerr.New(pgerr.InsufficientPrivilege, "permission denied to set session authorization")
		}
		return nil
	}
	if !s.id.sessionSuper && !s.systemContext().Snapshot.MemberOf(s.id.sessionRole, oid, false) {
		return pgerr.New(pgerr.InsufficientPrivilege, "permission denied to set role \"%s\"", name)
	}
	return nil
}

// roleByName finds a role, and whether it is a superuser. Who has connected
// without a role of that name is the first superuser.
func (s *Session) roleByName(name string) (oid OID, super, ok bool) {
	snap := s.systemContext().Snapshot
	if r := snap.Role(name); r != nil {
		return r.OID, r.Super, true
	}
	if name == s.id.login {
		return catalog.BootstrapRole, s.id.loginSuper, true
	}
	return 0, false, false
}

// changeSetting sets a setting as a user may.
func (s *Session) changeSetting(name, value string, local bool) error {
	name = strings.ToLower(name)
	if name == "role" || name == "session_authorization" {
		if err := s.checkRole(name, value); err != nil {
			return err
		}
	}
	if err := s.settings.Set(name, value, local, s.super); err != nil {
		return err
	}
	if name == "session_authorization" {
		return s.settings.Set("role", roleOff, local, s.super)
	}
	return nil
}

// resetSetting runs RESET and SET TO DEFAULT of one setting.
func (s *Session) resetSetting(name string, local bool) error {
	name = strings.ToLower(name)
	if err := s.settings.Reset(name, local, s.super); err != nil {
		return err
	}
	if name == "session_authorization" {
		return s.settings.Set("role", roleOff, local, s.super)
	}
	return nil
}

// takeIdentity makes the session act as the settings say. A role that has been
// renamed or dropped meanwhile stays what it was.
func (s *Session) takeIdentity() {
	session, role := s.settings.Text("session_authorization"), s.settings.Text("role")
	if oid, super, ok := s.roleByName(session); ok {
		s.id.sessionRole, s.id.sessionSuper = oid, super
	}
	if role == roleOff {
		s.user, s.role, s.super = session, s.id.sessionRole, s.id.sessionSuper
	} else if oid, super, ok := s.roleByName(role); ok {
		s.user, s.role, s.super = role, oid, super
	}
	s.settings.Assign("is_superuser", onOff(s.super))
}
