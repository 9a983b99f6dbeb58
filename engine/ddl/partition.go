package ddl

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// partitionParent begins a partition: it has the columns, checks and keys of its
// parent.
func (t *newTable) partitionParent() error {
	of := t.st.PartitionOf
	if of == nil {
		return nil
	}
	if of.Elements {
		return pgerr.NotSupported("columns and constraints of a partition in CREATE TABLE").At(of.Pos)
	}
	parent, err := t.partitioned(of.Parent, AccessExclusive)
	if err != nil {
		return err
	}
	if err := samePersistence(t.rel, parent); err != nil {
		return err
	}
	t.parent = parent
	return t.like(&ast.LikeClause{Table: of.Parent, Include: []string{"defaults", "constraints", "generated", "indexes"}, Pos: of.Pos})
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
		return nil, pgerr.NotSupported("PARTITION BY HASH").At(by.Pos)
	default:
		return nil, pgerr.New(pgerr.InvalidParameterValue, "unrecognized partitioning strategy \"%s\"", by.Strategy)
	}
	if k.Strategy == catalog.PartList && len(by.Keys) != 1 {
		return nil, pgerr.New(pgerr.InvalidObjectDefinition, "cannot use \"list\" partition strategy with more than one column")
	}
	if len(by.Keys) > maxKeys {
		return nil, pgerr.New(pgerr.TooManyColumns, "cannot partition using more than %d columns", maxKeys)
	}
	for _, e := range by.Keys {
		attr, err := t.partitionColumn(e)
		if err != nil {
			return nil, err
		}
		k.Columns = append(k.Columns, attr)
	}
	return k, nil
}

func (t *newTable) partitionColumn(e ast.IndexElem) (int16, error) {
	switch {
	case e.Expr != nil:
		return 0, pgerr.NotSupported("PARTITION BY an expression").At(e.Pos)
	case e.Collation != nil:
		return 0, pgerr.NotSupported("PARTITION BY with COLLATE").At(e.Pos)
	case e.OpClass != nil:
		return 0, pgerr.NotSupported("PARTITION BY with an operator class").At(e.Pos)
	}
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
	typ := t.e.TypeByOID(col.TypeOID)
	if typ == nil || typ.Class == types.Domain || typ.IsArray() || typ.Class == types.Composite {
		return 0, pgerr.NotSupported("a partition key of this type").At(e.Pos)
	}
	switch typ.OID {
	case types.JSONOID:
		return 0, pgerr.New(pgerr.UndefinedObject, "data type %s has no default operator class for access method \"btree\"", typ.Name).
			WithHint("You must specify a btree operator class or define a default btree operator class for the data type.")
	}
	return attr, nil
}

// keyHolds checks that a key of a partitioned table includes all that the table is
// partitioned by: each partition looks after its own rows only.
func keyHolds(rel *catalog.Relation, cols []int16, what string) error {
	if rel.PartKey == nil {
		return nil
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
	n.Columns, n.SetColumns = nil, nil
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
	names := make([]string, len(b.Key.Columns))
	for i, attr := range b.Key.Columns {
		names[i] = ast.QuoteIdent(parent.Columns[attr-1].Name)
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
