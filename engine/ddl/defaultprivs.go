package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// defaultKind is a kind of object with default privileges.
type defaultKind struct {
	letter byte // of pg_default_acl
	kind   catalog.ObjectKind
	word   string
}

var defaultKinds = map[ast.ObjectKind]defaultKind{
	ast.ObjTable:    {'r', catalog.OnRelation, "relation"},
	ast.ObjSequence: {'S', catalog.OnSequence, "sequence"},
	ast.ObjFunction: {'f', catalog.OnFunction, "function"},
	ast.ObjType:     {'T', catalog.OnType, "type"},
	ast.ObjSchema:   {'n', catalog.OnSchema, "schema"},
}

// alterDefaultPrivileges runs ALTER DEFAULT PRIVILEGES
// (ExecAlterDefaultPrivilegesStmt).
func (r *run) alterDefaultPrivileges(st *ast.AlterDefaultPrivileges) error {
	g := &granting{run: r, st: st.Grant, columns: map[string]privs{}}
	if err := g.findGrantees(); err != nil {
		return err
	}
	k := defaultKinds[st.Grant.Kind]
	if len(st.Grant.Columns) > 0 {
		return pgerr.New(pgerr.InvalidGrantOperation, "default privileges cannot be set for columns")
	}
	if err := g.defaultBits(k); err != nil {
		return err
	}
	roles := []*catalog.Role{r.e.RoleByOID(r.s.Role())}
	if len(st.Roles) > 0 {
		roles = roles[:0]
	}
	for _, name := range st.Roles {
		role, err := r.roleNamed(name)
		if err != nil {
			return err
		}
		if err := r.checkMember(role); err != nil {
			return err
		}
		roles = append(roles, role)
	}
	for _, role := range roles {
		if err := g.defaultsOf(role, st.Schemas, k); err != nil {
			return err
		}
	}
	return nil
}

// defaultBits reads the privileges: those on tables are without what only sequences
// have.
func (g *granting) defaultBits(k defaultKind) error {
	if err := g.privileges(k.kind, k.word); err != nil {
		return err
	}
	if allowed, _ := privBits(catalog.PrivsOf(k.kind)); g.bits&^allowed != 0 {
		return pgerr.New(pgerr.InvalidGrantOperation, "invalid privilege type %s for relation", "USAGE")
	}
	return nil
}

// defaultsOf changes a role's default privileges, everywhere or in schemas.
func (g *granting) defaultsOf(role *catalog.Role, schemas []ast.Ident, k defaultKind) error {
	if len(schemas) == 0 {
		return g.changeDefaults(role.OID, 0, k)
	}
	for _, id := range schemas {
		s, err := g.schemaNamed(id.Name)
		if err != nil {
			return err
		}
		if k.letter == 'n' {
			return pgerr.New(pgerr.InvalidGrantOperation, "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS")
		}
		if err := g.changeDefaults(role.OID, s.OID, k); err != nil {
			return err
		}
	}
	return nil
}

// changeDefaults changes one entry; one that says what holds anyway is removed
// (SetDefaultACL).
func (g *granting) changeDefaults(role, schema OID, k defaultKind) error {
	old := g.e.DefaultPrivs(role, schema, k.letter)
	usual := catalog.UsualACL(role, schema, k.letter)
	acl := slices.Clone(usual)
	if old != nil {
		acl = slices.Clone(old.ACL)
	}
	for _, to := range g.grantees {
		if g.st.Revoke {
			var err error
			if acl, err = g.revoke(acl, to, role, g.bits); err != nil {
				return err
			}
			continue
		}
		grant := privs(0)
		if g.st.Option {
			grant = g.bits
		}
		acl = addItem(acl, to, role, g.bits, grant)
	}
	catalog.SortACL(acl)
	switch {
	case !slices.Equal(acl, usual):
		d := &catalog.DefaultPrivs{Role: role, Schema: schema, Kind: k.letter, ACL: acl}
		if d.OID = g.e.NewOID(); old != nil {
			d.OID = old.OID
		}
		g.e.PutDefaultPrivs(d)
	case old != nil:
		g.e.DropDefaultPrivs(old.OID)
	}
	return nil
}

// relationKinds are the letters of pg_default_acl of kinds of relation.
var relationKinds = map[catalog.RelKind]byte{
	catalog.Table: 'r', catalog.Stream: 'r', catalog.View: 'r', catalog.MatView: 'r', catalog.Sequence: 'S',
}

// putNew puts a relation into the catalogue; a new one gets the privileges that its
// owner's relations have.
func (r *run) putNew(rel *catalog.Relation) {
	r.initialACL(rel)
	r.e.PutRelation(rel)
}

func (r *run) initialACL(rel *catalog.Relation) {
	if k := relationKinds[rel.Kind]; k != 0 && rel.ACL == nil && r.e.RelationByOID(rel.OID) == nil {
		rel.ACL = r.e.InitialACL(rel.Owner, rel.Schema, k)
	}
}

// initialTypeACL gives a new type the privileges that its owner's types have.
func (r *run) initialTypeACL(t *types.Type) {
	if acl := r.e.InitialACL(t.Owner, t.Schema, 'T'); acl != nil {
		r.e.PutTypeACL(t.OID, acl)
		if t.Multi != nil {
			r.e.PutTypeACL(t.Multi.OID, acl)
		}
	}
}

// types runs GRANT ON TYPE and DOMAIN.
func (g *granting) types(list []*types.Type) error {
	word := "type"
	if g.st.Kind == ast.ObjDomain {
		word = "domain"
	}
	if err := g.privileges(catalog.OnType, word); err != nil {
		return err
	}
	for _, t := range list {
		switch {
		case t.IsArray():
			return pgerr.New(pgerr.InvalidGrantOperation, "cannot set privileges of array types").
				WithHint("Set the privileges of the element type instead.")
		case g.st.Kind == ast.ObjDomain && t.Class != types.Domain:
			return pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a domain", t.Name)
		case t.OID < types.FirstUserOID:
			return pgerr.NotSupported("changing the privileges on system type \"%s\"", t.Name)
		}
		acl, err := g.change(&aclTarget{kind: catalog.OnType, owner: t.Owner, acl: g.e.TypeACL(t.OID), word: "type", name: t.Name}, g.bits)
		if err != nil {
			return err
		}
		g.e.PutTypeACL(t.OID, acl)
	}
	return nil
}

func (g *granting) typeList() ([]*types.Type, error) {
	var list []*types.Type
	for _, n := range g.st.Objects {
		t, err := g.findType(n)
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, undefinedType(n)
		}
		list = append(list, t)
	}
	return list, nil
}
