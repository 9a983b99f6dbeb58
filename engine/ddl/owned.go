package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// ownedBy runs DROP OWNED BY and REASSIGN OWNED BY.
func (r *run) ownedBy(st *ast.OwnedBy) error {
	doing := "drop objects"
	if st.NewRole != "" {
		doing = "reassign objects"
	}
	var roles []*catalog.Role
	for _, name := range st.Roles {
		role, err := r.roleNamed(name)
		if err != nil {
			return err
		}
		roles = append(roles, role)
	}
	for _, role := range roles {
		if err := r.actsFor(role, doing); err != nil {
			return err
		}
	}
	if st.NewRole == "" {
		return r.dropOwned(roles, st.Cascade)
	}
	to, err := r.roleNamed(st.NewRole)
	if err != nil {
		return err
	}
	if err := r.actsFor(to, doing); err != nil {
		return err
	}
	return r.reassign(roles, to)
}

// actsFor checks that the current role has the privileges of another.
func (r *run) actsFor(role *catalog.Role, doing string) error {
	if r.owns(role.OID) {
		return nil
	}
	return pgerr.New(pgerr.InsufficientPrivilege, "permission denied to %s", doing)
}

// pinned refuses the objects of a role that the system is made of.
func pinned(role *catalog.Role, what string) error {
	if role.OID >= types.FirstUserOID {
		return nil
	}
	return pgerr.New(pgerr.DependentObjectsStillExist, what+" role %s because they are required by the database system", role.Name)
}

// concerns lists the objects that belong to a role, or are granted to it: each once.
func (r *run) concerns(role *catalog.Role, kind catalog.RoleDep) []Object {
	var list []Object
	r.e.RoleDependencies(func(o catalog.Object, oid OID, k catalog.RoleDep) {
		o.Sub = 0 // what is granted on columns goes with what is granted on their table
		if oid == role.OID && k == kind && !slices.Contains(list, o) {
			list = append(list, o)
		}
	})
	return list
}

// dropOwned drops what roles own, and takes what they are granted (shdepDropOwned).
func (r *run) dropOwned(roles []*catalog.Role, cascade bool) error {
	var list []Object
	for _, role := range roles {
		if err := pinned(role, "cannot drop objects owned by"); err != nil {
			return err
		}
		for _, o := range r.concerns(role, catalog.RoleGranted) {
			if err := r.revokeAll(o, role); err != nil {
				return err
			}
		}
		for _, o := range r.concerns(role, catalog.RolePolicy) {
			r.withoutRole(o.OID, role)
		}
		for _, o := range r.concerns(role, catalog.RoleOwns) {
			if o.Class == catalog.ClassDefaultPrivs {
				r.e.DropDefaultPrivs(o.OID)
				continue
			}
			if o.Class == catalog.ClassDatabase { // stays, as in PostgreSQL
				continue
			}
			o, err := r.lockOwned(o)
			if err != nil {
				return err
			}
			list = append(list, o)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return r.dropObjects(list, cascade, "DROP OWNED")
}

// lockOwned locks an object that is to be dropped; of a composite type it is the
// relation that is dropped.
func (r *run) lockOwned(o Object) (Object, error) {
	if o.Class != catalog.ClassRelation {
		return o, nil
	}
	_, err := r.lock(r.e.RelationByOID(o.OID), AccessExclusive)
	return o, err
}

// revokeAll takes a role's privileges on an object (RemoveRoleFromObjectACL).
func (r *run) revokeAll(o Object, role *catalog.Role) error {
	g := &granting{run: r, st: &ast.Grant{Revoke: true, Cascade: true, Kind: ast.ObjTable}, grantees: []OID{role.OID}, columns: map[string]privs{}}
	switch o.Class {
	case catalog.ClassRelation:
		rel := r.e.RelationByOID(o.OID)
		if rel.Kind == catalog.Sequence {
			g.st.Kind = ast.ObjSequence
		}
		return g.relations([]*catalog.Relation{rel})
	case catalog.ClassSchema:
		g.st.Kind = ast.ObjSchema
		return g.schemas([]*catalog.Schema{r.e.SchemaByOID(o.OID)})
	case catalog.ClassDatabase:
		g.st.Kind = ast.ObjDatabase
		return g.databases([]*catalog.Database{r.e.DatabaseByOID(o.OID)})
	case catalog.ClassFunction:
		g.st.Kind = ast.ObjFunction
		return g.functions([]*catalog.Function{r.e.FunctionByOID(o.OID)})
	case catalog.ClassType:
		g.st.Kind = ast.ObjType
		return g.types([]*types.Type{r.e.TypeByOID(o.OID)})
	case catalog.ClassDefaultPrivs:
		d := r.e.DefaultPrivsByOID(o.OID)
		for kind, k := range defaultKinds {
			if k.letter == d.Kind {
				g.st.Kind = kind
				if err := g.defaultBits(k); err != nil {
					return err
				}
				return g.changeDefaults(d.Role, d.Schema, k)
			}
		}
	}
	return nil
}

// reassign gives what roles own to another one (shdepReassignOwned).
func (r *run) reassign(roles []*catalog.Role, to *catalog.Role) error {
	for _, role := range roles {
		if err := pinned(role, "cannot reassign ownership of objects owned by"); err != nil {
			return err
		}
		for _, o := range r.concerns(role, catalog.RoleOwns) {
			if err := r.give(o, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// give makes a role the owner of an object.
func (r *run) give(o Object, to *catalog.Role) error {
	switch o.Class {
	case catalog.ClassRelation:
		rel, err := r.lock(r.e.RelationByOID(o.OID), AccessExclusive)
		if err != nil {
			return err
		}
		r.giveRelation(rel, to)
	case catalog.ClassSchema:
		n := *r.e.SchemaByOID(o.OID)
		n.ACL, n.Owner = newOwner(n.ACL, n.Owner, to.OID), to.OID
		r.e.PutSchema(&n)
	case catalog.ClassDatabase:
		n := *r.e.DatabaseByOID(o.OID)
		n.ACL, n.Owner = newOwner(n.ACL, n.Owner, to.OID), to.OID
		r.e.PutDatabase(&n)
	case catalog.ClassFunction:
		n := *r.e.FunctionByOID(o.OID)
		n.ACL, n.Owner = newOwner(n.ACL, n.Owner, to.OID), to.OID
		r.e.PutFunction(&n)
	case catalog.ClassStatistics:
		x, rel := r.e.ExtStatsByOID(o.OID)
		r.changeStatistics(x, rel, func(x *catalog.ExtStats) { x.Owner = to.OID })
	case catalog.ClassType:
		r.giveType(r.e.TypeByOID(o.OID), to)
	}
	return nil
}
