package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// maxColumns is the greatest number of columns that a table has.
const maxColumns = 1600

// newTable is a table or stream while it is made.
type newTable struct {
	*run
	st     *ast.CreateTable
	schema *catalog.Schema
	rel    *catalog.Relation
	// What waits until all columns are known.
	defaults []pendingDefault
	checks   []ast.Constraint
	keys     []ast.Constraint
	foreign  []ast.Constraint
	seqs     []*catalog.Relation
	copies   []likeCopy
	// primary tells that there is a primary key already.
	primary bool
	parent  *catalog.Relation // that it is a partition of; nil: none
	legacy  legacy
}

// createTable runs CREATE TABLE and CREATE STREAM.
func (r *run) createTable(st *ast.CreateTable) error {
	if err := r.refuseTable(st); err != nil {
		return err
	}
	s, p, err := r.relationSchema(st.Name, st.Persistence)
	if err != nil {
		return pgerr.AtPos(err, st.Name.Pos)
	}
	skip, err := r.reserve(s, st.Name.Object, st.IfNotExists)
	if skip || err != nil {
		return err
	}
	t := &newTable{run: r, st: st, schema: s, rel: &catalog.Relation{
		OID: r.e.NewOID(), Schema: s.OID, Name: st.Name.Object, Kind: catalog.Table, Owner: r.s.Role(), Persistence: persistence(p),
	}}
	if err := t.setting(p); err != nil {
		return err
	}
	if err := t.partitionParent(); err != nil {
		return err
	}
	if err := t.inherits(); err != nil {
		return err
	}
	if err := t.elements(); err != nil {
		return err
	}
	return t.finish()
}

// refuseTable refuses what PostgreSQL has and streamsqld does not.
func (r *run) refuseTable(st *ast.CreateTable) error {
	kind := "CREATE TABLE"
	if st.Stream {
		kind = "CREATE STREAM"
	}
	switch {
	case st.Stream && (st.PartitionBy != nil || st.PartitionOf != nil):
		return pgerr.NotSupported("%s PARTITION", kind)
	case st.Stream && len(st.Inherits) > 0:
		return pgerr.NotSupported("%s INHERITS", kind)
	case st.OfType != nil:
		return pgerr.NotSupported("%s OF type", kind)
	case st.Stream && st.Persistence != ast.Permanent:
		return pgerr.NotSupported("a temporary or unlogged stream")
	}
	if err := checkMethod(st.Method); err != nil {
		return err
	}
	return checkTablespace(st.Space)
}

// checkMethod checks USING of a table: there is one way to keep rows.
func checkMethod(method string) error {
	switch method {
	case "", "heap":
		return nil
	}
	if accessMethod(method) != 0 {
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "access method \"%s\" is not of type TABLE", method)
	}
	return pgerr.New(pgerr.UndefinedObject, "access method \"%s\" does not exist", method)
}

// checkTablespace checks TABLESPACE: there is one for everything.
func checkTablespace(space string) error {
	switch space {
	case "", "pg_default":
		return nil
	case "pg_global":
		return pgerr.New(pgerr.InvalidParameterValue, "only shared relations can be placed in pg_global tablespace")
	}
	return pgerr.New(pgerr.UndefinedObject, "tablespace \"%s\" does not exist", space)
}

// setting reads what the table has besides its elements.
func (t *newTable) setting(p ast.Persistence) error {
	onCommit, err := onCommitOf(t.st.OnCommit, p)
	if err != nil {
		return err
	}
	t.rel.OnCommit = onCommit
	if t.st.Stream {
		return t.streamOptions()
	}
	t.rel.Options, err = relOptions(t.st.Options, heapOptions)
	return err
}

func onCommitOf(o ast.OnCommit, p ast.Persistence) (byte, error) {
	if o != ast.OnCommitNone && p != ast.Temporary {
		return 0, pgerr.New(pgerr.InvalidTableDefinition, "ON COMMIT can only be used on temporary tables")
	}
	switch o {
	case ast.OnCommitDelete:
		return 'd', nil
	case ast.OnCommitDrop:
		return 'x', nil
	}
	return 0, nil
}

// elements reads columns, LIKE clauses and constraints, in order.
func (t *newTable) elements() error {
	for _, i := range t.order() {
		var err error
		if i < 0 {
			err = t.like(&t.st.Likes[^i])
		} else {
			err = t.column(&t.st.Columns[i])
		}
		if err != nil {
			return err
		}
	}
	for _, c := range t.st.Constraints {
		if err := t.tableConstraint(c); err != nil {
			return err
		}
	}
	if len(t.rel.Columns) > maxColumns {
		return pgerr.New(pgerr.TooManyColumns, "tables can have at most %d columns", maxColumns)
	}
	return nil
}

func (t *newTable) order() []int {
	if t.parent != nil { // the columns are the parent's
		return nil
	}
	if t.st.Order != nil || len(t.st.Likes) > 0 {
		return t.st.Order
	}
	out := make([]int, len(t.st.Columns))
	for i := range out {
		out[i] = i
	}
	return out
}

// tableConstraint sorts a constraint to where it is looked at.
func (t *newTable) tableConstraint(c ast.Constraint) error {
	if err := t.streamConstraint(&c); err != nil {
		return err
	}
	switch c.Kind {
	case ast.ConCheck:
		t.checks = append(t.checks, c)
	case ast.ConUnique, ast.ConPrimary:
		if c.UsingIndex != "" {
			return pgerr.New(pgerr.FeatureNotSupported, "cannot use an existing index in CREATE TABLE").At(c.Pos)
		}
		if c.Kind == ast.ConPrimary {
			if t.primary {
				return pgerr.New(pgerr.InvalidTableDefinition, "multiple primary keys for table \"%s\" are not allowed", t.rel.Name).At(c.Pos)
			}
			t.primary = true
		}
		t.keys = append(t.keys, c)
	case ast.ConForeign:
		t.foreign = append(t.foreign, c)
	case ast.ConExclude:
		return pgerr.NotSupported("EXCLUDE").At(c.Pos)
	}
	return nil
}

// finish checks what spans elements and puts everything into the catalogue.
func (t *newTable) finish() error {
	if err := t.checkColumns(); err != nil {
		return err
	}
	if err := t.keyColumns(); err != nil {
		return err
	}
	if err := t.watermark(); err != nil {
		return err
	}
	for _, seq := range t.seqs {
		t.putNew(seq)
	}
	if err := t.partition(); err != nil {
		return err
	}
	if err := t.inherit(); err != nil {
		return err
	}
	t.putRowType(t.rel)
	t.initialACL(t.rel)
	if err := t.bindDefaults(); err != nil {
		return err
	}
	if err := t.inheritChecks(); err != nil {
		return err
	}
	for _, c := range t.checks {
		if err := t.ownCheck(c); err != nil {
			return err
		}
	}
	rel := t.rel
	t.e.PutRelation(rel.Clone())
	if err := t.putKeys(); err != nil {
		return err
	}
	if err := t.putForeign(); err != nil {
		return err
	}
	if err := t.copyLikes(); err != nil {
		return err
	}
	if err := t.copyForeign(); err != nil {
		return err
	}
	if t.parent != nil {
		if err := t.copyTriggers(t.parent, t.rel.OID); err != nil {
			return err
		}
		t.referNew(t.parent, t.rel.OID)
	}
	return t.putLate()
}

// current is the relation as the catalogue has it, to be changed.
func (t *newTable) current() *catalog.Relation { return t.e.RelationByOID(t.rel.OID).Clone() }

// checkColumns refuses names that are given twice or taken by the system.
func (t *newTable) checkColumns() error {
	seen := map[string]bool{}
	for i := range t.rel.Columns {
		c := &t.rel.Columns[i]
		if seen[c.Name] {
			return pgerr.New(pgerr.DuplicateColumn, "column \"%s\" specified more than once", c.Name)
		}
		seen[c.Name] = true
	}
	for i := range t.rel.Columns {
		if err := checkColumnName(t.rel.Columns[i].Name); err != nil {
			return err
		}
	}
	return nil
}

// putKeys makes PRIMARY KEY and UNIQUE, the primary key first.
func (t *newTable) putKeys() error {
	var done []ast.Constraint
	for _, primary := range []bool{true, false} {
		for _, c := range t.keys {
			if (c.Kind == ast.ConPrimary) != primary || repeatsKey(done, c) {
				continue
			}
			done = append(done, c)
			rel := t.current()
			if err := t.addKey(rel, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeatsKey tells whether a nameless key says what another one says already.
func repeatsKey(done []ast.Constraint, c ast.Constraint) bool {
	for _, d := range done {
		if c.Name == "" && sameIdents(d.Columns, c.Columns) && sameIdents(d.Include, c.Include) && d.Deferrable == c.Deferrable &&
			d.InitiallyDeferred == c.InitiallyDeferred && d.NullsNotDistinct == c.NullsNotDistinct {
			return true
		}
	}
	return false
}

func sameIdents(a, b []ast.Ident) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name {
			return false
		}
	}
	return true
}

func (t *newTable) putForeign() error {
	for _, c := range t.foreign {
		rel := t.current()
		if err := t.addForeign(rel, c, true); err != nil {
			return err
		}
	}
	return nil
}
