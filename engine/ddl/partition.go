package ddl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// partitionParent begins a partition: it has the columns, checks and keys of its
// parent.
func (t *newTable) partitionParent() error {
	of := t.st.PartitionOf
	if of == nil {
		return nil
	}
	parent, err := t.partitioned(of.Parent, AccessExclusive)
	if err != nil {
		return err
	}
	if err := samePersistence(t.rel, parent); err != nil {
		return err
	}
	t.parent = parent
	if err := t.like(&ast.LikeClause{Table: of.Parent, Include: []string{"defaults", "constraints", "generated", "indexes"}, Pos: of.Pos}); err != nil {
		return err
	}
	for i := range t.st.Columns {
		if err := t.partitionOptions(&t.st.Columns[i]); err != nil {
			return err
		}
	}
	return nil
}

// partitionOptions reads what a partition says of one of its columns.
func (t *newTable) partitionOptions(def *ast.ColumnDef) error {
	col, attr := t.rel.Column(def.Name.Name)
	if col == nil {
		return pgerr.New(pgerr.UndefinedColumn, "column \"%s\" does not exist", def.Name.Name)
	}
	for i := range t.st.Columns {
		if c := &t.st.Columns[i]; c != def && c.Name.Name == def.Name.Name {
			return pgerr.New(pgerr.DuplicateColumn, "column \"%s\" specified more than once", def.Name.Name)
		}
	}
	d := &columnDef{run: t.run, rel: t.rel, def: def, col: catalog.Column{Name: col.Name}}
	for i := range def.Constraints {
		if def.Constraints[i].Kind == ast.ConIdentity {
			return pgerr.New(pgerr.FeatureNotSupported, "identity columns are not supported on partitions")
		}
		if err := d.constraint(&def.Constraints[i]); err != nil {
			return err
		}
	}
	col.NotNull = col.NotNull || d.col.NotNull
	if d.value != nil {
		d.value.attr = attr
		if err := t.ownDefault(*d.value); err != nil {
			return err
		}
	}
	for _, c := range d.others {
		if err := t.tableConstraint(c); err != nil {
			return err
		}
	}
	return nil
}

// partitioned finds and locks a partitioned table that gets or loses a partition.
func (r *run) partitioned(n ast.Name, mode LockMode) (*catalog.Relation, error) {
	parent, err := r.locked(n, false, mode)
	if err != nil {
		return nil, err
	}
	if err := r.mustOwn(parent); err != nil {
		return nil, err
	}
	if parent.PartKey == nil {
		return nil, pgerr.New(pgerr.InvalidObjectDefinition, "\"%s\" is not partitioned", parent.Name)
	}
	return parent, r.unwatched(parent, "partitions")
}

// samePersistence refuses partitions that last longer or shorter than their table.
func samePersistence(rel, parent *catalog.Relation) error {
	switch {
	case parent.Persistence != 't' && rel.Persistence == 't':
		return pgerr.New(pgerr.WrongObjectType, "cannot create a temporary relation as partition of permanent relation \"%s\"", parent.Name)
	case parent.Persistence == 't' && rel.Persistence != 't':
		return pgerr.New(pgerr.WrongObjectType, "cannot create a permanent relation as partition of temporary relation \"%s\"", parent.Name)
	}
	return nil
}

// unwatched refuses to change the partitions, or the columns, of a partitioned table that a
// materialized view reads: what the view is computed from does not change while it stands.
func (r *run) unwatched(parent *catalog.Relation, what string) error {
	seen := map[OID]bool{}
	var find func(oid OID) *catalog.Relation
	find = func(oid OID) *catalog.Relation {
		for _, d := range r.e.Dependents(oid) {
			rel := r.e.RelationByOID(d)
			if rel == nil || rel.View == nil || seen[d] {
				continue
			}
			seen[d] = true
			if rel.Kind == catalog.MatView {
				return rel
			}
			if v := find(d); v != nil {
				return v
			}
		}
		return nil
	}
	for up := []*catalog.Relation{parent}; len(up) > 0; up = up[1:] {
		rel := up[0]
		if v := find(rel.OID); v != nil {
			kind := "partitioned table"
			if rel.PartKey == nil {
				kind = "table with children"
			}
			return pgerr.New(pgerr.FeatureNotSupported, "changing the %s of a %s that a materialized view reads is not supported", what, kind).
				WithDetail("Materialized view \"%s\" reads table \"%s\".", v.Name, rel.Name).
				WithHint("Create the view when the table has its %s.", what)
		}
		above := rel.Inherits
		if rel.Part != nil {
			above = []OID{rel.Part.Parent}
		}
		for _, oid := range above {
			if p := r.e.RelationByOID(oid); p != nil {
				up = append(up, p)
			}
		}
	}
	return nil
}

// partition makes the table a partition of its parent, and a partitioned one, once its
// columns are known.
func (t *newTable) partition() error {
	if t.st.PartitionBy != nil {
		key, err := t.partitionKey(t.st.PartitionBy)
		if err != nil {
			return err
		}
		t.rel.PartKey = key
	}
	if t.parent == nil {
		return nil
	}
	part, err := t.bound(t.parent, t.rel.Name, &t.st.PartitionOf.Bound)
	if err != nil {
		return err
	}
	t.rel.Part = part
	t.rel.Deps = append(t.rel.Deps, catalog.Dep{Object: t.parent.OID, Kind: catalog.DepAuto})
	t.put(t.e.RelationByOID(t.parent.OID).Clone()) // who has planned without the partition plans again
	return t.defaultHolds(t.parent, part)
}

// partitionKey reads PARTITION BY.
func (t *newTable) partitionKey(by *ast.PartitionBy) (*catalog.PartKey, error) {
	k := &catalog.PartKey{}
	switch by.Strategy {
	case "range":
		k.Strategy = catalog.PartRange
	case "list":
		k.Strategy = catalog.PartList
	case "hash":
		k.Strategy = catalog.PartHash
	default:
		return nil, pgerr.New(pgerr.InvalidParameterValue, "unrecognized partitioning strategy \"%s\"", by.Strategy)
	}
	if k.Strategy == catalog.PartList && len(by.Keys) != 1 {
		return nil, pgerr.New(pgerr.InvalidObjectDefinition, "cannot use \"list\" partition strategy with more than one column")
	}
	if len(by.Keys) > maxKeys {
		return nil, pgerr.New(pgerr.TooManyColumns, "cannot partition using more than %d columns", maxKeys)
	}
	for i := range by.Keys {
		e := &by.Keys[i]
		attr, typ, err := t.partitionElem(k, e)
		if err != nil {
			return nil, err
		}
		if err := t.partitionClass(k, e, typ); err != nil {
			return nil, err
		}
		k.Columns = append(k.Columns, attr)
	}
	return k, nil
}

// partitionElem reads a column or an expression of the key.
func (t *newTable) partitionElem(k *catalog.PartKey, e *ast.IndexElem) (int16, *types.Type, error) {
	if e.Expr != nil {
		return t.partitionExpr(k, e)
	}
	attr, err := t.partitionColumn(e)
	if err != nil {
		return 0, nil, err
	}
	return attr, t.e.TypeByOID(t.rel.Columns[attr-1].TypeOID), nil
}

// partitionExpr reads an expression of the key; one that is a column is kept as that.
func (t *newTable) partitionExpr(k *catalog.PartKey, e *ast.IndexElem) (int16, *types.Type, error) {
	b, err := planner.BindRow(t.planner(), e.Expr, t.rel, planner.RowPartition)
	if err != nil {
		return 0, nil, unpositioned(err)
	}
	switch x := b.X.(type) {
	case *plan.Col:
		if info := b.Meta.Col(x.ID); info.Rel == t.rel.OID && info.Attr > 0 {
			return t.partitionElem(k, &ast.IndexElem{Column: t.rel.Columns[info.Attr-1].Name, Pos: e.Pos})
		}
	case *plan.Const:
		return 0, nil, pgerr.New(pgerr.InvalidObjectDefinition, "cannot use constant expression as partition key")
	}
	typ := b.X.Type()
	if typ.Class == types.Pseudo {
		return 0, nil, pgerr.New(pgerr.InvalidObjectDefinition, "partition key column %d has pseudo-type %s", len(k.Columns)+1, typ.SQLName(types.NoMod))
	}
	for _, d := range t.defaults {
		if d.generated && slices.Contains(columnsIn(exprDeps(b.Deps), t.rel.OID), d.attr) {
			return 0, nil, pgerr.New(pgerr.InvalidObjectDefinition, "cannot use generated column in partition key").
				WithDetail("Column \"%s\" is a generated column.", t.rel.Columns[d.attr-1].Name).At(e.Pos)
		}
	}
	k.Exprs = append(k.Exprs, catalog.PartExpr{Text: t.stored(b.X, b.Meta), TypeOID: typ.OID, Deps: exprDeps(b.Deps)})
	return 0, typ, nil
}

// partitionClass checks how the values of a key's element are to be compared or hashed:
// there is one way.
func (t *newTable) partitionClass(k *catalog.PartKey, e *ast.IndexElem, typ *types.Type) error {
	method, name := catalog.BtreeAM, "btree"
	if k.Strategy == catalog.PartHash {
		method, name = catalog.HashAM, "hash"
	}
	if e.Collation != nil {
		if _, err := collationOf(*e.Collation, typ); err != nil {
			return pgerr.AtPos(err, e.Pos)
		}
		return pgerr.NotSupported("PARTITION BY with COLLATE").At(e.Pos)
	}
	class := catalog.DefaultOpClass(method, typ)
	if e.OpClass != nil {
		if class == 0 || catalog.OpClassByOID(class).Name != e.OpClass.Object {
			return pgerr.NotSupported("PARTITION BY with an operator class").At(e.Pos)
		}
	}
	if typ == nil || typ.Class == types.Domain || typ.IsArray() || typ.Class == types.Composite {
		return pgerr.NotSupported("a partition key of this type").At(e.Pos)
	}
	if class == 0 {
		return pgerr.New(pgerr.UndefinedObject, "data type %s has no default operator class for access method \"%s\"", typ.SQLName(types.NoMod), name).
			WithHint("You must specify a %s operator class or define a default %s operator class for the data type.", name, name)
	}
	return nil
}

func (t *newTable) partitionColumn(e *ast.IndexElem) (int16, error) {
	col, attr := t.rel.Column(e.Column)
	switch {
	case col == nil && systemColumns[e.Column]:
		return 0, pgerr.New(pgerr.InvalidObjectDefinition, "cannot use system column \"%s\" in partition key", e.Column).At(e.Pos)
	case col == nil:
		return 0, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" named in partition key does not exist", e.Column).At(e.Pos)
	case slices.ContainsFunc(t.defaults, func(d pendingDefault) bool { return d.attr == attr && d.generated }):
		return 0, pgerr.New(pgerr.InvalidObjectDefinition, "cannot use generated column in partition key").
			WithDetail("Column \"%s\" is a generated column.", e.Column).At(e.Pos)
	}
	return attr, nil
}

// keyHolds checks that a key of a partitioned table includes all that the table is
// partitioned by: each partition looks after its own rows only.
func keyHolds(rel *catalog.Relation, cols []int16, what string) error {
	if rel.PartKey == nil {
		return nil
	}
	if len(rel.PartKey.Exprs) > 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "unsupported %s constraint with partition key definition", what).
			WithDetail("%s constraints cannot be used when partition keys include expressions.", what)
	}
	for _, attr := range rel.PartKey.Columns {
		if !slices.Contains(cols, attr) {
			return pgerr.New(pgerr.FeatureNotSupported, "unique constraint on partitioned table must include all partitioning columns").
				WithDetail("%s constraint on table \"%s\" lacks column \"%s\" which is part of the partition key.", what, rel.Name, rel.Columns[attr-1].Name)
		}
	}
	return nil
}

// copyForeign gives a partition the foreign keys of its parent.
func (t *newTable) copyForeign() error {
	if t.parent == nil {
		return nil
	}
	for _, c := range t.parent.Constraints {
		if c.Kind != catalog.Foreign {
			continue
		}
		rel := t.current()
		rel.Constraints = append(rel.Constraints, t.foreignOf(c, t.copies[0].attrs))
		t.put(rel)
	}
	return nil
}

// foreignOf copies a foreign key for a partition, whose columns have other numbers.
func (r *run) foreignOf(c *catalog.Constraint, attrs map[int16]int16) *catalog.Constraint {
	n := *c
	n.OID = r.e.NewOID()
	n.Columns, n.SetColumns, n.Parts = nil, nil, nil
	for _, a := range c.Columns {
		n.Columns = append(n.Columns, attrs[a])
	}
	for _, a := range c.SetColumns {
		n.SetColumns = append(n.SetColumns, attrs[a])
	}
	return &n
}

// defaultHolds checks that no row of the default partition belongs to a new one.
func (r *run) defaultHolds(parent *catalog.Relation, part *catalog.Part) error {
	if part.Default {
		return nil
	}
	for _, p := range r.e.Partitions(parent) {
		if !p.Part.Default {
			continue
		}
		p, err := r.lock(p, AccessExclusive)
		if err != nil {
			return err
		}
		for _, leaf := range r.e.Leaves(p) {
			found, _, err := r.s.Any(r.ctx, "SELECT 1 FROM "+r.rowsOf(leaf)+" WHERE "+r.condition(parent, leaf, part)+" LIMIT 1")
			if err != nil {
				return err
			}
			if found {
				return pgerr.New(pgerr.CheckViolation, "updated partition constraint for default partition \"%s\" would be violated by some row", leaf.Name).
					WithTable(r.e.SchemaByOID(leaf.Schema).Name, leaf.Name, "", "")
			}
		}
	}
	return nil
}

// condition is what rows of rel, a table with the columns of parent, fulfil that a
// partition is for; as SQL.
func (r *run) condition(parent, rel *catalog.Relation, part *catalog.Part) string {
	b := r.e.PartBounds(parent)
	names := parent.PartKeyColumns(true)
	if b.Key.Strategy == catalog.PartHash {
		return fmt.Sprintf("pg_catalog.satisfies_hash_partition(%d, %d, %d, %s)", parent.OID, part.Modulus, part.Remainder, strings.Join(names, ", "))
	}
	lit := func(i int, v catalog.PartValue) string {
		return "CAST(" + ast.QuoteLiteral(v.Text) + " AS " + r.typeName(b.Types[i]) + ")"
	}
	if b.Key.Strategy == catalog.PartList {
		var or []string
		for _, v := range part.Values {
			if v.Null {
				or = append(or, names[0]+" IS NULL")
			} else {
				or = append(or, names[0]+" = "+lit(0, v))
			}
		}
		return "(" + strings.Join(or, " OR ") + ")"
	}
	and := make([]string, 0, len(names)+2)
	for _, n := range names {
		and = append(and, n+" IS NOT NULL")
	}
	and = append(and, beyond(names, part.From, lit, ">", ">="), beyond(names, part.To, lit, "<", "<"))
	return "(" + strings.Join(and, " AND ") + ")"
}

// beyond compares a row with a bound, column by column: last is the operator of the
// last column.
func beyond(names []string, bound []catalog.PartValue, lit func(int, catalog.PartValue) string, op, last string) string {
	out := ""
	for i := len(names) - 1; i >= 0; i-- {
		v := bound[i]
		switch {
		case v.Inf != 0:
			out = map[bool]string{true: "true", false: "false"}[(v.Inf < 0) == (op == ">")]
		case out == "":
			out = names[i] + " " + last + " " + lit(i, v)
		default:
			out = "(" + names[i] + " " + op + " " + lit(i, v) + " OR " + names[i] + " = " + lit(i, v) + " AND " + out + ")"
		}
	}
	return out
}
