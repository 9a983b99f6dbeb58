package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// likeCopy is what a LIKE clause copies besides columns: from is where its columns
// begin in the new table.
type likeCopy struct {
	source  *catalog.Relation
	include []string
	attrs   map[int16]int16 // of the source → of the new table
}

// like adds the columns of another relation (transformTableLikeClause).
func (t *newTable) like(l *ast.LikeClause) error {
	src, err := t.locked(l.Table, false, AccessShare)
	if err != nil {
		return pgerr.AtPos(err, l.Table.Pos)
	}
	switch src.Kind {
	case catalog.Index, catalog.Sequence:
		return pgerr.New(pgerr.WrongObjectType, "relation \"%s\" is invalid in LIKE clause", src.Name).WithDetail("%s", unsupportedKind(src)).At(l.Table.Pos)
	}
	if src.Kind != catalog.Composite && !t.e.RelationAllowed(t.s.Role(), src, "r", false) {
		return denied(kindWord(src), src.Name)
	}
	k := likeCopy{source: src, include: l.Include, attrs: map[int16]int16{}}
	for i := range src.Columns {
		c := &src.Columns[i]
		if c.Dropped {
			continue
		}
		if err := t.likeColumn(&k, c, int16(i+1)); err != nil {
			return err
		}
	}
	t.copies = append(t.copies, k)
	if k.has("constraints") {
		return t.likeChecks(&k)
	}
	return nil
}

func (k *likeCopy) has(what string) bool { return slices.Contains(k.include, what) }

func (t *newTable) likeColumn(k *likeCopy, c *catalog.Column, from int16) error {
	_, attr := t.rel.Column(c.Name)
	if attr == 0 {
		attr = int16(len(t.rel.Columns) + 1)
	}
	nc := catalog.Column{
		Name: c.Name, TypeOID: c.TypeOID, Mod: c.Mod, NotNull: c.NotNull, Collation: c.Collation, Dims: c.Dims, Type: c.Type, Slot: nextSlot(t.rel),
	}
	if c.Identity != 0 && k.has("identity") {
		old := t.e.RelationByOID(c.Seq)
		if old != nil {
			seq := t.copySequence(old, nc.Name, attr)
			nc.Identity, nc.Seq = c.Identity, seq.OID
			t.seqs = append(t.seqs, seq)
		}
	}
	attr, err := t.ownColumn(nc)
	if err != nil {
		return err
	}
	k.attrs[from] = attr
	text, generated := "", false
	switch {
	case c.Generated != "" && k.has("generated"):
		text, generated = c.Generated, true
	case c.Default != "" && k.has("defaults"):
		text = c.Default
	default:
		return nil
	}
	e, err := parseExpr(text)
	if err != nil {
		return err
	}
	return t.ownDefault(pendingDefault{attr: attr, expr: e, generated: generated})
}

func (t *newTable) copySequence(old *catalog.Relation, column string, attr int16) *catalog.Relation {
	seq := t.newSequence(t.schema, t.chooseRelation(t.rel.Name, column, "seq", t.schema.OID, false), ast.Permanent)
	d := *old.Seq
	d.OwnerTable, d.OwnerColumn = t.rel.OID, attr
	seq.Seq, seq.Persistence = &d, t.rel.Persistence
	return seq
}

func (t *newTable) likeChecks(k *likeCopy) error {
	for _, c := range k.source.Constraints {
		if c.Kind != catalog.Check {
			continue
		}
		e, err := parseExpr(c.Expr)
		if err != nil {
			return err
		}
		t.checks = append(t.checks, ast.Constraint{Kind: ast.ConCheck, Name: c.Name, Expr: e, NoInherit: c.NoInherit, Pos: ast.NoPos})
	}
	return nil
}

// copyLikes copies the indexes and comments of LIKE clauses, once the table stands.
func (t *newTable) copyLikes() error {
	for i := range t.copies {
		k := &t.copies[i]
		if k.has("indexes") {
			if err := t.likeIndexes(k); err != nil {
				return err
			}
		}
		if k.has("statistics") {
			t.likeStatistics(k)
		}
		if k.has("comments") {
			t.likeComments(k)
		}
	}
	return nil
}

func (t *newTable) likeIndexes(k *likeCopy) error {
	for _, oid := range k.source.Indexes {
		old := t.e.RelationByOID(oid)
		if t.rel.Kind == catalog.Stream && old.Index.Unique {
			return uniqueStream()
		}
		if err := t.likeIndex(k, old); err != nil {
			return err
		}
	}
	return nil
}

func (t *newTable) likeIndex(k *likeCopy, old *catalog.Relation) error {
	rel := t.current()
	def := *old.Index
	def.Keys, def.Table, def.Constraint, def.Parent = slices.Clone(old.Index.Keys), rel.OID, 0, 0
	if t.parent != nil {
		def.Parent = old.OID
	}
	x := &newIndex{run: t.run, table: rel, def: &def, options: slices.Clone(old.Options)}
	cols := t.e.Attributes(old)
	for i := range def.Keys {
		if key := &def.Keys[i]; key.Column > 0 {
			key.Column = k.attrs[key.Column]
		}
		x.names = append(x.names, cols[i].Name)
	}
	for _, d := range old.Deps {
		if d.Object == k.source.OID {
			d.Object, d.Column = rel.OID, k.attrs[d.Column]
		}
		x.deps = append(x.deps, d)
	}
	con, _ := t.e.ConstraintByOID(old.Index.Constraint)
	if con == nil {
		name := t.chooseRelation(rel.Name, indexAddition(x.names), "idx", t.schema.OID, false)
		x.put(x.relation(name))
		return nil
	}
	nc := *con
	nc.OID, nc.Columns = t.e.NewOID(), nil
	for _, key := range def.Keys[:def.NKeys] {
		nc.Columns = append(nc.Columns, key.Column)
		if def.Primary {
			rel.Columns[key.Column-1].NotNull = true
		}
	}
	if def.Primary {
		if rel.PrimaryKey() != nil {
			return pgerr.New(pgerr.InvalidTableDefinition, "multiple primary keys for table \"%s\" are not allowed", rel.Name)
		}
		nc.Name = t.chooseRelation(rel.Name, "", "pkey", t.schema.OID, true)
	} else {
		nc.Name = t.chooseRelation(rel.Name, indexAddition(x.names), "key", t.schema.OID, true)
	}
	def.Constraint = nc.OID
	ix := x.relation(nc.Name)
	nc.Index = ix.OID
	rel.Constraints = append(rel.Constraints, &nc)
	x.put(ix)
	return nil
}

func (t *newTable) likeComments(k *likeCopy) {
	for from, to := range k.attrs {
		if text, ok := t.e.Comment(catalog.CommentKey{Object: k.source.OID, Class: catalog.ClassRelation, Sub: int32(from)}); ok {
			t.e.PutComment(catalog.CommentKey{Object: t.rel.OID, Class: catalog.ClassRelation, Sub: int32(to)}, &text)
		}
	}
	rel := t.e.RelationByOID(t.rel.OID)
	for _, c := range k.source.Constraints {
		text, ok := t.e.Comment(catalog.CommentKey{Object: c.OID, Class: catalog.ClassConstraint})
		if nc := rel.Constraint(c.Name); ok && nc != nil && c.Kind == catalog.Check {
			t.e.PutComment(catalog.CommentKey{Object: nc.OID, Class: catalog.ClassConstraint}, &text)
		}
	}
}

// textType is the type that a result column of unknown type gets.
func textType(t *types.Type) *types.Type {
	if t == nil || t.OID == types.UnknownOID {
		return types.TText
	}
	return t
}
