package ddl

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// granting is a GRANT or REVOKE of privileges under way.
type granting struct {
	*run
	st       *ast.Grant
	grantees []OID // 0 is PUBLIC
	all      bool
	// bits are the privileges on the objects, columns those on columns by name.
	bits    privs
	columns map[string]privs
}

// grant runs GRANT and REVOKE of privileges (ExecuteGrantStmt).
func (r *run) grant(st *ast.Grant) error {
	g := &granting{run: r, st: st, columns: map[string]privs{}}
	if st.GrantedBy != "" {
		by, err := r.roleNamed(st.GrantedBy)
		if err != nil {
			return err
		}
		if by.OID != r.s.Role() {
			return pgerr.New(pgerr.FeatureNotSupported, "grantor must be current user")
		}
	}
	run, err := g.objects()
	if err != nil {
		return err
	}
	if err := g.findGrantees(); err != nil {
		return err
	}
	return run()
}

// objects finds what the privileges are on, and gives what changes them.
func (g *granting) objects() (func() error, error) {
	switch g.st.Kind {
	case ast.ObjTable, ast.ObjSequence:
		list, err := g.relationList()
		return func() error { return g.relations(list) }, err
	case ast.ObjSchema:
		list, err := g.schemaList()
		return func() error { return g.schemas(list) }, err
	case ast.ObjFunction, ast.ObjProcedure, ast.ObjRoutine:
		list, err := g.functionList()
		return func() error { return g.functions(list) }, err
	case ast.ObjType, ast.ObjDomain:
		list, err := g.typeList()
		return func() error { return g.types(list) }, err
	case ast.ObjDatabase:
		list, err := g.databaseList()
		return func() error { return g.databases(list) }, err
	}
	return func() error { return pgerr.NotSupported("%s ON %s", Name(g.st), kindName(g.st.Kind)) }, nil
}

// findGrantees finds the roles.
func (g *granting) findGrantees() error {
	for _, name := range g.st.Grantees {
		oid := OID(0)
		if name != "public" {
			role, err := g.roleNamed(name)
			if err != nil {
				return err
			}
			oid = role.OID
		} else if g.st.Option && !g.st.Revoke {
			return pgerr.New(pgerr.InvalidGrantOperation, "grant options can only be granted to roles")
		}
		g.grantees = append(g.grantees, oid)
	}
	return nil
}

// privileges reads the list of privileges for a kind of object; word is what messages
// call it.
func (g *granting) privileges(kind catalog.ObjectKind, word string) error {
	g.all = len(g.st.Privileges) == 0
	allowed, _ := privBits(catalog.PrivsOf(kind))
	if kind == catalog.OnRelation { // sequences may stand where tables do
		u, _ := privBits("U")
		allowed |= u
	}
	onColumn, _ := privBits(catalog.PrivsOf(catalog.OnColumn))
	if g.all {
		if len(g.st.Columns) == 0 {
			g.bits, _ = privBits(catalog.PrivsOf(kind))
			return nil
		}
		for _, c := range g.st.Columns[0] {
			g.columns[c] |= onColumn
		}
		return nil
	}
	for i, name := range g.st.Privileges {
		letter := catalog.PrivLetter(name)
		if letter == 0 {
			return pgerr.New(pgerr.SyntaxError, "unrecognized privilege type \"%s\"", name)
		}
		bit, _ := privBits(string(letter))
		if len(g.st.Columns) > i && len(g.st.Columns[i]) > 0 {
			if kind != catalog.OnRelation {
				return pgerr.New(pgerr.InvalidGrantOperation, "column privileges are only valid for relations")
			}
			if bit&onColumn == 0 {
				return pgerr.New(pgerr.InvalidGrantOperation, "invalid privilege type %s for column", strings.ToUpper(name))
			}
			for _, c := range g.st.Columns[i] {
				g.columns[c] |= bit
			}
			continue
		}
		if bit&allowed == 0 {
			return pgerr.New(pgerr.InvalidGrantOperation, "invalid privilege type %s for %s", strings.ToUpper(name), word)
		}
		g.bits |= bit
	}
	return nil
}

// relations runs GRANT ON tables and sequences.
func (g *granting) relations(list []*catalog.Relation) error {
	kind, word := catalog.OnRelation, "relation"
	if g.st.Kind == ast.ObjSequence {
		kind, word = catalog.OnSequence, "sequence"
	}
	if err := g.privileges(kind, word); err != nil {
		return err
	}
	for _, rel := range list {
		if err := g.relation(rel); err != nil {
			return err
		}
	}
	return nil
}

func (g *granting) relationList() ([]*catalog.Relation, error) {
	var list []*catalog.Relation
	for _, n := range g.st.Objects {
		if !g.st.AllIn {
			rel, err := g.find(n)
			if err != nil {
				return nil, err
			}
			list = append(list, rel)
			continue
		}
		s, err := g.usable(n.Object)
		if err != nil {
			return nil, err
		}
		for _, rel := range g.e.Relations() {
			isSeq := rel.Kind == catalog.Sequence
			if rel.Schema == s.OID && rel.Kind != catalog.Index && rel.Kind != catalog.Composite && isSeq == (g.st.Kind == ast.ObjSequence) {
				list = append(list, rel)
			}
		}
	}
	return list, nil
}

// relation changes the privileges on one relation.
func (g *granting) relation(rel *catalog.Relation) error {
	switch rel.Kind {
	case catalog.Index, catalog.Composite:
		return notOpened(rel)
	case catalog.Virtual:
		return pgerr.NotSupported("changing the privileges on system relation \"%s\"", rel.Name)
	}
	if g.st.Kind == ast.ObjSequence && rel.Kind != catalog.Sequence {
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a sequence", rel.Name)
	}
	bits, kind := g.bits, catalog.OnRelation
	if rel.Kind == catalog.Sequence {
		kind = catalog.OnSequence
		valid, _ := privBits(catalog.PrivsOf(kind))
		switch {
		case g.all:
			bits = valid
		case bits&^valid != 0:
			g.s.Notice(pgerr.Warning(pgerr.InvalidGrantOperation, "sequence \"%s\" only supports USAGE, SELECT, and UPDATE privileges", rel.Name))
			bits &= valid
		}
	} else if u, _ := privBits("U"); bits&u != 0 {
		return pgerr.New(pgerr.InvalidGrantOperation, "invalid privilege type %s for table", "USAGE")
	}
	n := rel.Clone()
	if bits != 0 || len(g.columns) == 0 {
		acl, err := g.change(&aclTarget{kind: kind, owner: rel.Owner, acl: rel.ACL, word: kindWord(rel), name: rel.Name}, bits)
		if err != nil {
			return err
		}
		n.ACL = acl
		if g.st.Revoke {
			if err := g.revokeColumns(n, bits); err != nil {
				return err
			}
		}
	}
	for i := range n.Columns {
		c := &n.Columns[i]
		b, ok := g.columns[c.Name]
		if !ok || c.Dropped {
			continue
		}
		acl, err := g.columnACL(n, c, b)
		if err != nil {
			return err
		}
		c.ACL = acl
	}
	for name := range g.columns {
		if c, _ := n.Column(name); c == nil {
			return undefinedColumn(name, n)
		}
	}
	g.put(n)
	return nil
}

// revokeColumns takes from the columns what is revoked from their table.
func (g *granting) revokeColumns(rel *catalog.Relation, bits privs) error {
	onColumn, _ := privBits(catalog.PrivsOf(catalog.OnColumn))
	for i := range rel.Columns {
		if c := &rel.Columns[i]; c.ACL != nil && bits&onColumn != 0 {
			acl, err := g.columnACL(rel, c, bits&onColumn)
			if err != nil {
				return err
			}
			c.ACL = acl
		}
	}
	return nil
}

func (g *granting) columnACL(rel *catalog.Relation, c *catalog.Column, bits privs) ([]catalog.ACLItem, error) {
	acl, err := g.change(&aclTarget{kind: catalog.OnColumn, owner: rel.Owner, acl: c.ACL, table: rel, word: "column", name: c.Name}, bits)
	if len(acl) == 0 {
		acl = nil
	}
	return acl, err
}

// schemas runs GRANT ON SCHEMA.
func (g *granting) schemas(list []*catalog.Schema) error {
	if err := g.privileges(catalog.OnSchema, "schema"); err != nil {
		return err
	}
	for _, s := range list {
		acl, err := g.change(&aclTarget{kind: catalog.OnSchema, owner: s.Owner, acl: s.ACL, word: "schema", name: s.Name}, g.bits)
		if err != nil {
			return err
		}
		n := *s
		n.ACL = acl
		g.e.PutSchema(&n)
	}
	return nil
}

func (g *granting) schemaList() ([]*catalog.Schema, error) {
	var list []*catalog.Schema
	for _, name := range g.st.Objects {
		s, err := g.schemaNamed(name.Object)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func (g *granting) databases(list []*catalog.Database) error {
	if err := g.privileges(catalog.OnDatabase, "database"); err != nil {
		return err
	}
	for _, d := range list {
		acl, err := g.change(&aclTarget{kind: catalog.OnDatabase, owner: d.Owner, acl: d.ACL, word: "database", name: d.Name}, g.bits)
		if err != nil {
			return err
		}
		n := *d
		n.ACL = acl
		g.e.PutDatabase(&n)
	}
	return nil
}

func (g *granting) databaseList() ([]*catalog.Database, error) {
	var list []*catalog.Database
	for _, name := range g.st.Objects {
		d, err := g.databaseNamed(name.Object)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}
