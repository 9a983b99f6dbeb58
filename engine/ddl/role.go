package ddl

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

func forbidden(format string, args ...any) error {
	return pgerr.New(pgerr.InsufficientPrivilege, format, args...)
}

// mayCreateRoles tells whether the role has CREATEROLE.
func (r *run) mayCreateRoles() bool {
	me := r.e.RoleByOID(r.s.Role())
	return r.s.Super() || me != nil && me.CreateRole
}

// checkRoleName refuses the names of PostgreSQL's own roles.
func checkRoleName(name string) error {
	if strings.HasPrefix(name, "pg_") {
		return pgerr.New(pgerr.ReservedName, "role name \"%s\" is reserved", name).WithDetail("Role names starting with \"pg_\" are reserved.")
	}
	return nil
}

// roleOptions are the options of CREATE and ALTER ROLE, each once.
func roleOptions(list []ast.Option) (map[string]*ast.Option, error) {
	by := map[string]*ast.Option{}
	for i := range list {
		o := &list[i]
		if by[o.Name] != nil {
			return nil, pgerr.New(pgerr.SyntaxError, "conflicting or redundant options").At(o.Pos)
		}
		by[o.Name] = o
	}
	return by, nil
}

func flag(o *ast.Option) bool {
	l, ok := o.Value.(*ast.Literal)
	return ok && l.Bool
}

// createRole runs CREATE ROLE, USER and GROUP.
func (r *run) createRole(st *ast.CreateRole) error {
	by, err := roleOptions(st.Options)
	if err != nil {
		return err
	}
	on := func(name string) bool { return by[name] != nil && flag(by[name]) }
	if !r.s.Super() {
		for name, what := range map[string]string{"superuser": "superusers", "isreplication": "replication users", "bypassrls": "bypassrls users"} {
			if on(name) {
				return forbidden("must be superuser to create %s", what)
			}
		}
	}
	if !r.mayCreateRoles() {
		return forbidden("permission denied to create role")
	}
	if err := checkRoleName(st.Name); err != nil {
		return err
	}
	if err := r.lockName(0, "role "+st.Name); err != nil {
		return err
	}
	if r.e.Role(st.Name) != nil {
		return pgerr.New(pgerr.DuplicateObject, "role \"%s\" already exists", st.Name)
	}
	role := &catalog.Role{OID: r.e.NewOID(), Name: st.Name, Inherit: true, Login: st.User, ConnLimit: -1}
	if err := r.setRole(role, by); err != nil {
		return err
	}
	r.e.PutRole(role)
	return r.newMembers(role, by)
}

// newMembers makes the memberships that CREATE ROLE lists.
func (r *run) newMembers(role *catalog.Role, by map[string]*ast.Option) error {
	if o := by["addroleto"]; o != nil {
		for _, name := range o.List {
			of, err := r.roleNamed(name)
			if err != nil {
				return err
			}
			if err := r.mayGrantRole(of); err != nil {
				return err
			}
			if err := r.join(of, role.Name, false); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"rolemembers", "adminmembers"} {
		if o := by[name]; o != nil {
			for _, member := range o.List {
				if err := r.join(role, member, name == "adminmembers"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// setRole applies options to a role.
func (r *run) setRole(role *catalog.Role, by map[string]*ast.Option) error {
	for name, to := range map[string]*bool{
		"superuser": &role.Super, "inherit": &role.Inherit, "createrole": &role.CreateRole, "createdb": &role.CreateDB, "canlogin": &role.Login,
		"isreplication": &role.Repl, "bypassrls": &role.BypassRLS,
	} {
		if o := by[name]; o != nil {
			*to = flag(o)
		}
	}
	if by["sysid"] != nil {
		r.notice(pgerr.SuccessfulCompletion, "SYSID can no longer be specified")
	}
	if o := by["connectionlimit"]; o != nil {
		n, err := strconv.Atoi(optionText(*o))
		if err != nil || n < -1 {
			return pgerr.New(pgerr.InvalidParameterValue, "invalid connection limit: %s", optionText(*o))
		}
		role.ConnLimit = n
	}
	if o := by["validuntil"]; o != nil {
		d, err := types.TTimestamptz.In(&r.planner().Env.Env, optionText(*o), types.NoMod)
		if err != nil {
			return err
		}
		role.ValidUntil = types.TTimestamptz.Text(types.DefaultEnv, d)
	}
	if o := by["password"]; o != nil {
		return r.setPassword(role, o)
	}
	return nil
}

// alterRole runs ALTER ROLE with options or with SET.
func (r *run) alterRole(st *ast.AlterRole) error {
	if st.Set != nil {
		return r.alterRoleSet(st)
	}
	by, err := roleOptions(st.Options)
	if err != nil {
		return err
	}
	role, err := r.alteredRole(st.Name)
	if err != nil {
		return err
	}
	if !r.s.Super() {
		switch {
		case role.Super || by["superuser"] != nil:
			return forbidden("must be superuser to alter superuser roles or change superuser attribute")
		case role.Repl || by["isreplication"] != nil:
			return forbidden("must be superuser to alter replication roles or change replication attribute")
		case by["bypassrls"] != nil:
			return forbidden("must be superuser to change bypassrls attribute")
		case !r.mayCreateRoles() && (role.OID != r.s.Role() || by["password"] == nil || len(by) > 1):
			return forbidden("permission denied")
		}
	}
	n := *role
	if err := r.setRole(&n, by); err != nil {
		return err
	}
	r.e.PutRole(&n)
	if o := by["rolemembers"]; o != nil {
		for _, member := range o.List {
			if err := r.join(&n, member, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// alteredRole finds a role that is to be changed: none of PostgreSQL's own.
func (r *run) alteredRole(name string) (*catalog.Role, error) {
	if err := checkRoleName(name); err != nil {
		return nil, err
	}
	return r.roleNamed(name)
}

// alterRoleSet runs ALTER ROLE … SET and RESET.
func (r *run) alterRoleSet(st *ast.AlterRole) error {
	if st.Name == "" {
		return pgerr.NotSupported("ALTER ROLE ALL SET")
	}
	role, err := r.alteredRole(st.Name)
	if err != nil {
		return err
	}
	switch {
	case r.s.Super():
	case role.Super:
		return forbidden("must be superuser to alter superusers")
	case !r.mayCreateRoles() && role.OID != r.s.Role():
		return forbidden("permission denied")
	}
	n := *role
	if n.Config, err = r.changedConfig(role.Config, st.Set); err != nil {
		return err
	}
	r.e.PutRole(&n)
	return nil
}

// settingText is the value of SET as one text.
func settingText(values []ast.Expr) string {
	var list []string
	for _, v := range values {
		list = append(list, optionText(ast.Option{Value: v}))
	}
	return strings.Join(list, ", ")
}

// dropRoles runs DROP ROLE.
func (r *run) dropRoles(st *ast.Drop) error {
	if !r.mayCreateRoles() {
		return forbidden("permission denied to drop role")
	}
	var list []*catalog.Role
	for _, n := range st.Names {
		role := r.e.Role(n.Object)
		switch {
		case role == nil && st.IfExists:
			r.notice(pgerr.SuccessfulCompletion, "role \"%s\" does not exist, skipping", n.Object)
			continue
		case role == nil:
			return pgerr.New(pgerr.UndefinedObject, "role \"%s\" does not exist", n.Object)
		case role.OID == r.s.Role():
			return pgerr.New(pgerr.ObjectInUse, "current user cannot be dropped")
		case role.Name == r.s.SessionUser():
			return pgerr.New(pgerr.ObjectInUse, "session user cannot be dropped")
		case role.Super && !r.s.Super():
			return forbidden("must be superuser to drop superusers")
		}
		list = append(list, role)
	}
	for _, role := range list {
		if role.OID < types.FirstUserOID {
			return pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop role %s because it is required by the database system", role.Name)
		}
		if err := r.roleUnused(role); err != nil {
			return err
		}
		for _, m := range r.e.Roles() {
			if slices.Contains(m.Member, role.OID) {
				r.leave(m, role.OID)
			}
		}
		r.e.PutComment(catalog.CommentKey{Object: role.OID, Class: catalog.ClassRole}, nil)
		r.e.DropRole(role.OID)
	}
	return nil
}

// roleUnused refuses to drop a role that has something.
func (r *run) roleUnused(role *catalog.Role) error {
	type line struct {
		oid  OID
		text string
	}
	var found []line
	r.e.RoleDependencies(func(o catalog.Object, oid OID, kind catalog.RoleDep) {
		if oid != role.OID {
			return
		}
		what := "owner of "
		switch kind {
		case catalog.RoleGranted:
			what = "privileges for "
		case catalog.RolePolicy:
			what = "target of "
		}
		found = append(found, line{o.OID, what + r.describe(o)})
	})
	slices.SortStableFunc(found, func(a, b line) int { return cmp.Compare(a.oid, b.oid) })
	var lines []string
	for _, l := range found {
		lines = append(lines, l.text)
	}
	for _, d := range r.e.Databases() {
		if n := r.usesElsewhere(role, d); n == 1 {
			lines = append(lines, "1 object in database "+d.Name)
		} else if n > 1 {
			lines = append(lines, fmt.Sprintf("%d objects in database %s", n, d.Name))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return pgerr.New(pgerr.DependentObjectsStillExist, "role \"%s\" cannot be dropped because some objects depend on it", role.Name).
		WithDetail("%s", joinLines(lines))
}

// usesElsewhere counts what a role has in a database other than the session's.
func (r *run) usesElsewhere(role *catalog.Role, d *catalog.Database) int {
	if d.OID == r.e.Database() {
		return 0
	}
	n := 0
	r.e.In(d.OID).RoleDependencies(func(o catalog.Object, oid OID, _ catalog.RoleDep) {
		if oid == role.OID && o.Class != catalog.ClassDatabase {
			n++
		}
	})
	return n
}

// renameRole runs ALTER ROLE … RENAME TO.
func (r *run) renameRole(st *ast.Rename) error {
	role, err := r.roleNamed(st.Name.Object)
	if err != nil {
		return err
	}
	if me, err := r.roleNamed("session_user"); err == nil && me.OID == role.OID {
		return pgerr.New(pgerr.FeatureNotSupported, "session user cannot be renamed")
	}
	if role.OID == r.s.Role() {
		return pgerr.New(pgerr.FeatureNotSupported, "current user cannot be renamed")
	}
	for _, name := range []string{role.Name, st.NewName} {
		if err := checkRoleName(name); err != nil {
			return err
		}
	}
	if err := r.lockName(0, "role "+st.NewName); err != nil {
		return err
	}
	switch {
	case r.e.Role(st.NewName) != nil:
		return pgerr.New(pgerr.DuplicateObject, "role \"%s\" already exists", st.NewName)
	case role.Super && !r.s.Super():
		return forbidden("must be superuser to rename superusers")
	case !r.mayCreateRoles():
		return forbidden("permission denied to rename role")
	}
	n := *role
	n.Name = st.NewName
	if strings.HasPrefix(n.Password, "md5") {
		n.Password = ""
		r.notice(pgerr.SuccessfulCompletion, "MD5 password cleared because of role rename")
	}
	r.e.PutRole(&n)
	return nil
}
