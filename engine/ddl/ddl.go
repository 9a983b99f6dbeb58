package ddl

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/sysfunc"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// OID is short for the catalogue's.
type OID = catalog.OID

// run is a statement being run.
type run struct {
	ctx context.Context
	s   Session
	e   *catalog.Edit
	// text is the query string that the positions in the statement count in.
	text string
	// names are those that this statement has chosen, but not yet put into the
	// catalogue.
	taken map[string]bool
	// front is a schema before all others on the path, 0 when there is none.
	front OID
}

// Exec runs a statement of DDL, and gives its command tag; text is the query
// string that its positions count in. What it has changed before it fails is in
// the transaction's catalogue still: the caller rolls back to a savepoint.
//
// CREATE MATERIALIZED VIEW gives the tag SELECT, to which the caller adds the
// number of rows.
func Exec(ctx context.Context, s Session, st ast.Stmt, text string) (tag string, err error) {
	r := &run{ctx: ctx, s: s, e: s.Edit(), text: text}
	return r.exec(st)
}

func (r *run) exec(st ast.Stmt) (tag string, err error) {
	tag = Name(st)
	switch st := st.(type) {
	case *ast.CreateSchema:
		err = r.createSchema(st)
	case *ast.CreateTable:
		err = r.createTable(st)
	case *ast.CreateTableAs:
		return r.createTableAs(st)
	case *ast.CreateView:
		err = r.createView(st)
	case *ast.CreateMatView:
		return r.createMatView(st)
	case *ast.RefreshMatView:
		err = r.refreshMatView(st)
	case *ast.CreateIndex:
		err = r.createIndex(st)
	case *ast.CreateSequence:
		err = r.createSequence(st)
	case *ast.Comment:
		err = r.comment(st)
	case *ast.Drop:
		err = r.drop(st)
	case *ast.Truncate:
		err = r.truncate(st)
	default:
		err = r.other(st)
	}
	return tag, err
}

// other runs the statements that change what there is already.
func (r *run) other(st ast.Stmt) error {
	switch st := st.(type) {
	case *ast.AlterTable:
		return r.alterTable(st)
	case *ast.AlterPartition:
		return r.alterPartition(st)
	case *ast.AlterSequence:
		return r.alterSequence(st)
	case *ast.Rename:
		return r.rename(st)
	case *ast.SetSchema:
		return r.setSchema(st)
	case *ast.ChangeOwner:
		return r.changeOwner(st)
	case *ast.CreateDatabase:
		return r.createDatabase(st)
	case *ast.AlterDatabase:
		return r.alterDatabase(st)
	case *ast.CreateRole:
		return r.createRole(st)
	case *ast.AlterRole:
		return r.alterRole(st)
	case *ast.Grant:
		return r.grant(st)
	case *ast.GrantRole:
		return r.grantRole(st)
	case *ast.AlterDefaultPrivileges:
		return r.alterDefaultPrivileges(st)
	case *ast.OwnedBy:
		return r.ownedBy(st)
	case *ast.CreateEnum:
		return r.createEnum(st)
	case *ast.CreateRange:
		return r.createRange(st)
	case *ast.AlterEnum:
		return r.alterEnum(st)
	case *ast.CreateComposite:
		return unpositioned(r.createComposite(st))
	case *ast.AlterType:
		return r.alterType(st)
	case *ast.CreateFunction:
		return r.createFunction(st)
	case *ast.CreateRule:
		return r.createRule(st)
	case *ast.CreateTrigger:
		return r.createTrigger(st)
	case *ast.CreatePolicy:
		return r.createPolicy(st)
	case *ast.AlterPolicy:
		return r.alterPolicy(st)
	case *ast.CreateAggregate:
		return r.createAggregate(st)
	case *ast.CreateExtension:
		return r.createExtension(st)
	case *ast.CreateStatistics:
		return r.createStatistics(st)
	case *ast.AlterStatistics:
		return r.alterStatistics(st)
	case *ast.AlterFunction:
		return r.alterFunction(st)
	case *ast.CreateDomain:
		return unpositioned(r.createDomain(st))
	case *ast.AlterDomain:
		return r.alterDomain(st)
	}
	return pgerr.New(pgerr.InternalError, "%T is no statement of DDL", st)
}

// planner gives the context that expressions and queries are bound under.
func (r *run) planner() *planner.Context {
	c := r.s.Planner(nil)
	c.Catalog, c.Path = r.e.Snapshot, r.path()
	c.Role = 0 // row-level security is for those who run what is defined
	return c
}

// system is the catalogue as this session sees it, for names in messages.
func (r *run) system() *catalog.Context {
	c := &catalog.Context{Snapshot: r.e.Snapshot, Path: r.path(), Temp: r.s.TempSchema(false), Role: r.s.Role()}
	if env := r.planner().Env; env != nil {
		c.Env = &env.Env
	}
	return c
}

// describe gives an object in words: "column a of table t".
func (r *run) describe(o catalog.Object) string { return sysfunc.Describe(r.system(), o) }

// qualified gives schema.name of a relation as SQL.
func (r *run) qualified(rel *catalog.Relation) string {
	sc := r.e.SchemaByOID(rel.Schema)
	if sc == nil {
		return ast.QuoteIdent(rel.Name)
	}
	return ast.QuoteIdent(sc.Name) + "." + ast.QuoteIdent(rel.Name)
}

// rowsOf names a table of whose rows all are meant, and none of those that inherit
// from it.
func (r *run) rowsOf(rel *catalog.Relation) string {
	if rel.PartKey != nil {
		return r.qualified(rel)
	}
	return "ONLY " + r.qualified(rel)
}

func (r *run) notice(code pgerr.Code, format string, args ...any) {
	r.s.Notice(pgerr.Notice(code, format, args...))
}
