package ddl

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// A foreign key to a partitioned table refers to each of its partitions, too, where the
// rows are: by a row of pg_constraint with a name of its own.

// referAll has a foreign key refer to the partitions of a table; above is its row for that.
func (r *run) referAll(rel *catalog.Relation, con *catalog.Constraint, above OID, ref *catalog.Relation) {
	if ref.PartKey == nil {
		return
	}
	for _, p := range r.e.Partitions(ref) {
		r.referPart(rel, con, above, p)
	}
}

// referPart has a foreign key refer to a partition, and to the partitions of that.
func (r *run) referPart(rel *catalog.Relation, con *catalog.Constraint, above OID, p *catalog.Relation) {
	var cols []string
	for _, n := range con.Columns {
		cols = append(cols, rel.Columns[n-1].Name)
	}
	taken := []string{con.Name}
	for i := range con.Parts {
		taken = append(taken, con.Parts[i].Name)
	}
	part := catalog.ForeignPart{OID: r.e.NewOID(), Parent: above, Table: p.OID, Name: r.chooseConstraint(rel.Name, indexAddition(cols), "fkey", rel.Schema, taken)}
	if in := r.e.ForeignKeyIn(con, p); in != nil {
		part.Index = in.Index
	}
	con.Parts = append(con.Parts, part)
	r.referAll(rel, con, part.OID, p)
}

// referNew has the foreign keys that refer to a partitioned table refer to a new partition.
func (r *run) referNew(parent *catalog.Relation, oid OID) {
	rels, cons := r.e.ForeignKeysTo(parent.OID)
	for i := range cons {
		rel := r.e.RelationByOID(rels[i].OID).Clone()
		at := slices.IndexFunc(rel.Constraints, func(c *catalog.Constraint) bool { return c.OID == cons[i].OID })
		if at < 0 || r.e.InheritedConstraint(rel, rel.Constraints[at]) != nil {
			continue // partitions have the actions of their table's
		}
		con := rel.Constraints[at]
		above := con.OID
		for _, p := range con.Parts {
			if p.Table == parent.OID {
				above = p.OID
			}
		}
		r.referPart(rel, con, above, r.e.RelationByOID(oid))
		r.put(rel)
	}
}

// referNoMore takes what is no partition any more out of the foreign keys to its table,
// which none of its rows may be referred to by.
func (r *run) referNoMore(rel *catalog.Relation) error {
	gone := []OID{rel.OID}
	for i := 0; i < len(gone); i++ {
		for _, p := range r.e.Partitions(r.e.RelationByOID(gone[i])) {
			gone = append(gone, p.OID)
		}
	}
	froms, cons := r.e.ForeignKeysTo(rel.OID)
	for i, con := range cons {
		from := r.e.RelationByOID(froms[i].OID).Clone()
		at := slices.IndexFunc(from.Constraints, func(c *catalog.Constraint) bool { return c.OID == con.OID })
		if at < 0 || from.Constraints[at].RefTable == rel.OID {
			continue
		}
		if err := r.unreferred(from, rel, con); err != nil {
			return err
		}
		list := from.Constraints[at].Parts
		from.Constraints[at].Parts = slices.DeleteFunc(slices.Clone(list), func(p catalog.ForeignPart) bool { return slices.Contains(gone, p.Table) })
		r.put(from)
	}
	return nil
}

// unreferred checks that no row refers to one of a partition (RI_PartitionRemove_Check).
func (r *run) unreferred(from, rel *catalog.Relation, con *catalog.Constraint) error {
	var names, keys, on []string
	for i, n := range con.Columns {
		name := from.Columns[n-1].Name
		fk := "fk." + catalog.QuoteIdent(name)
		names, keys = append(names, name), append(keys, fk)
		on = append(on, "pk."+catalog.QuoteIdent(rel.Columns[con.RefColumns[i]-1].Name)+" = "+fk)
	}
	found, detail, err := r.s.Any(r.ctx, "SELECT concat_ws(', ', "+strings.Join(keys, ", ")+") FROM "+r.rowsOf(from)+" fk JOIN "+r.rowsOf(rel)+
		" pk ON "+strings.Join(on, " AND ")+" LIMIT 1")
	if err != nil || !found {
		return err
	}
	return pgerr.New(pgerr.ForeignKeyViolation, "removing partition \"%s\" violates foreign key constraint \"%s\"", rel.Name, con.Name).
		WithDetail("Key (%s)=(%s) is still referenced from table \"%s\".", strings.Join(names, ", "), detail, from.Name).
		WithTable(r.e.SchemaByOID(from.Schema).Name, from.Name, "", con.Name)
}

// partNamed tells whether a constraint of the relation has a row of that name for a
// partition.
func partNamed(rel *catalog.Relation, name string) bool {
	return slices.ContainsFunc(rel.Constraints, func(c *catalog.Constraint) bool {
		return slices.ContainsFunc(c.Parts, func(p catalog.ForeignPart) bool { return p.Name == name })
	})
}
