package ddl

import (
	"slices"
	"sort"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// createSchema runs CREATE SCHEMA with the statements embedded in it.
func (r *run) createSchema(st *ast.CreateSchema) error {
	owner, name := r.s.Role(), st.Name
	if st.Role != "" {
		role, err := r.roleNamed(st.Role)
		if err != nil {
			return err
		}
		owner = role.OID
		if name == "" {
			name = role.Name
		}
		if err := r.checkMember(role); err != nil {
			return err
		}
	}
	if !r.s.Super() && !r.databaseAllowed("C") {
		return denied("database", r.system().DatabaseName())
	}
	if err := checkSchemaName(name); err != nil {
		return err
	}
	if err := r.lockName(0, name); err != nil {
		return err
	}
	if r.e.Schema(name) != nil {
		if st.IfNotExists {
			r.notice(pgerr.DuplicateSchema, "schema \"%s\" already exists, skipping", name)
			return nil
		}
		return pgerr.New(pgerr.DuplicateSchema, "schema \"%s\" already exists", name)
	}
	s := &catalog.Schema{OID: r.e.NewOID(), Name: name, Owner: owner, ACL: r.e.InitialACL(owner, 0, 'n')}
	r.e.PutSchema(s)
	return r.schemaElements(st, s)
}

// databaseAllowed tells whether the role has a privilege on the database.
func (r *run) databaseAllowed(letters string) bool {
	d := r.e.DatabaseByOID(r.e.Database())
	return d != nil && r.e.Allowed(r.s.Role(), catalog.OnDatabase, d.Owner, d.ACL, letters, false)
}

func checkSchemaName(name string) error {
	if !strings.HasPrefix(name, "pg_") {
		return nil
	}
	return pgerr.New(pgerr.ReservedName, "unacceptable schema name \"%s\"", name).
		WithDetail("The prefix \"pg_\" is reserved for system schemas.")
}

// elementRank is the order in which the statements in CREATE SCHEMA run.
func elementRank(st ast.Stmt) int {
	switch st.(type) {
	case *ast.CreateSequence:
		return 0
	case *ast.CreateTable:
		return 1
	case *ast.CreateView:
		return 2
	case *ast.CreateIndex:
		return 3
	}
	return 4
}

// schemaElements runs the statements in CREATE SCHEMA, with the new schema at the
// head of the path.
func (r *run) schemaElements(st *ast.CreateSchema, s *catalog.Schema) error {
	list := slices.Clone(st.Elements)
	sort.SliceStable(list, func(i, j int) bool { return elementRank(list[i]) < elementRank(list[j]) })
	inner := *r
	inner.front = s.OID
	for _, el := range list {
		if err := placeElement(el, s.Name); err != nil {
			return err
		}
		if _, err := inner.exec(el); err != nil {
			return err
		}
	}
	r.e = inner.e
	return nil
}

// placeElement puts what a statement in CREATE SCHEMA makes into the schema.
func placeElement(st ast.Stmt, schema string) error {
	var n *ast.Name
	switch st := st.(type) {
	case *ast.CreateSequence:
		n = &st.Name
	case *ast.CreateTable:
		n = &st.Name
	case *ast.CreateView:
		n = &st.Name
	case *ast.CreateIndex:
		n = &st.Table.Name
	case *ast.CreateTrigger:
		n = &st.Table
	default:
		return nil
	}
	if n.Schema == "" {
		n.Schema = schema
	} else if n.Schema != schema {
		return pgerr.New(pgerr.InvalidSchemaDefinition, "CREATE specifies a schema (%s) different from the one being created (%s)", n.Schema, schema)
	}
	return nil
}

// path is the search path, with the schema that CREATE SCHEMA is filling in front.
func (r *run) path() catalog.Path {
	p := r.s.Path()
	if r.front != 0 {
		p = append(catalog.Path{p[0], r.front}, p[1:]...)
		if p[0] != catalog.PgCatalogOID && p[0] != r.s.TempSchema(false) {
			p[0], p[1] = p[1], p[0]
		}
	}
	return p
}

// lockName keeps others from making the same name; what they committed before is
// seen.
func (r *run) lockName(schema OID, name string) error {
	err := r.s.LockName(r.ctx, schema, name)
	r.e = r.s.Edit()
	return err
}
