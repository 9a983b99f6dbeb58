package ddl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

func joinLines(lines []string) string {
	rest := len(lines) - maxReported
	if rest <= 0 {
		return strings.Join(lines, "\n")
	}
	more := "and %d other objects (see server log for list)"
	if rest == 1 {
		more = "and %d other object (see server log for list)"
	}
	return strings.Join(lines[:maxReported], "\n") + "\n" + fmt.Sprintf(more, rest)
}

// apply deletes the targets from the catalogue.
func (d *deletion) apply(command string) error {
	defaults := d.defaults()
	for _, t := range d.targets {
		if t.Class != catalog.ClassRelation {
			continue
		}
		rel := d.e.RelationByOID(t.OID)
		if rel == nil {
			continue
		}
		if rel.Index != nil { // its table, before it
			if table := d.e.RelationByOID(rel.Index.Table); table != nil {
				if _, err := d.lock(table, AccessExclusive); err != nil {
					return err
				}
			}
		}
		now, err := d.lock(rel, AccessExclusive)
		if err != nil {
			return err
		}
		if err := d.checkUnused(now, dropCommand(now, command)); err != nil {
			return err
		}
	}
	for _, t := range d.targets {
		d.delete(t.Object, defaults)
	}
	return nil
}

// dropCommand is the command that a message names when a relation is in use.
func dropCommand(rel *catalog.Relation, command string) string {
	switch rel.Kind {
	case catalog.Index:
		return "DROP INDEX"
	case catalog.Table, catalog.View, catalog.MatView, catalog.Sequence:
		if strings.HasPrefix(command, "DROP ") {
			return "DROP TABLE"
		}
	}
	return command
}

// columnOf is a column of a relation.
type columnOf struct {
	rel  OID
	attr int16
}

// defaults gives the columns that the objects of pg_attrdef belong to.
func (d *deletion) defaults() map[OID]columnOf {
	m := map[OID]columnOf{}
	for _, rel := range d.e.Relations() {
		for i := range rel.Columns {
			if oid, ok := rel.DefaultOID(int16(i + 1)); ok {
				m[oid] = columnOf{rel.OID, int16(i + 1)}
			}
		}
	}
	return m
}

// delete deletes one object. What belongs to a relation that is gone already is gone
// with it.
func (d *deletion) delete(o Object, defaults map[OID]columnOf) {
	d.uncomment(o)
	switch o.Class {
	case catalog.ClassRelation:
		if o.Sub != 0 {
			d.deleteColumn(o.OID, o.Sub)
		} else {
			d.deleteRelation(o.OID)
		}
	case catalog.ClassDefault:
		c := defaults[o.OID]
		d.change(c.rel, func(rel *catalog.Relation) {
			col := &rel.Columns[c.attr-1]
			col.Default, col.Generated, col.Deps = "", "", nil
		})
	case catalog.ClassConstraint:
		d.deleteConstraint(o.OID)
	case catalog.ClassTrigger:
		if _, rel := d.e.TriggerByOID(o.OID); rel != nil {
			d.change(rel.OID, func(now *catalog.Relation) { now.DropTrigger(o.OID) })
		}
	case catalog.ClassRule:
		if _, rel := d.e.RuleByOID(o.OID); rel != nil {
			d.change(rel.OID, func(now *catalog.Relation) { now.DropRule(o.OID) })
		}
	case catalog.ClassPolicy:
		if _, rel := d.e.PolicyByOID(o.OID); rel != nil {
			d.change(rel.OID, func(now *catalog.Relation) { now.DropPolicy(o.OID) })
		}
	case catalog.ClassStatistics:
		if _, rel := d.e.ExtStatsByOID(o.OID); rel != nil {
			d.change(rel.OID, func(now *catalog.Relation) { now.DropStats(o.OID) })
		}
	case catalog.ClassType:
		if t := d.e.TypeByOID(o.OID); t != nil && !t.IsArray() && t.Class != types.Multirange {
			d.e.DropType(o.OID)
		}
	case catalog.ClassSchema:
		for _, p := range d.e.AllDefaultPrivs() {
			if p.Schema == o.OID {
				d.e.DropDefaultPrivs(p.OID)
			}
		}
		d.e.DropSchema(o.OID)
	case catalog.ClassFunction:
		if d.e.FunctionByOID(o.OID) != nil { // not a maker of a range, which goes with its type
			d.e.DropFunction(o.OID)
		}
	}
}

// change puts a changed copy of a relation into the catalogue, if it is still there.
func (r *run) change(oid OID, fn func(rel *catalog.Relation)) {
	rel := r.e.RelationByOID(oid)
	if rel == nil {
		return
	}
	rel = rel.Clone()
	fn(rel)
	r.put(rel)
}

// uncomment deletes the comments on an object, and on its columns.
func (d *deletion) uncomment(o Object) {
	var keys []catalog.CommentKey
	d.e.Comments(func(k catalog.CommentKey, _ string) {
		if k.Object == o.OID && k.Class == o.Class && (o.Sub == 0 || k.Sub == int32(o.Sub)) {
			keys = append(keys, k)
		}
	})
	for _, k := range keys {
		d.e.PutComment(k, nil)
	}
}

func (d *deletion) deleteRelation(oid OID) {
	rel := d.e.RelationByOID(oid)
	if rel == nil {
		return
	}
	switch {
	case rel.Index != nil:
		d.change(rel.Index.Table, func(t *catalog.Relation) {
			t.Indexes = slices.DeleteFunc(t.Indexes, func(x OID) bool { return x == oid })
		})
	case rel.Seq != nil && rel.Seq.OwnerTable != 0:
		d.change(rel.Seq.OwnerTable, func(t *catalog.Relation) {
			if c := &t.Columns[rel.Seq.OwnerColumn-1]; c.Seq == oid {
				c.Seq = 0
			}
		})
	case rel.Stream != nil && rel.Stream.LateOf != 0:
		d.change(rel.Stream.LateOf, func(t *catalog.Relation) {
			s := *t.Stream
			s.Late = 0
			t.Stream = &s
		})
	}
	d.e.DropRelation(oid)
	if rel.RowType != 0 {
		d.e.DropType(rel.RowType)
	}
}

// deleteColumn marks a column as dropped: its number and its slot are never used
// again.
func (d *deletion) deleteColumn(oid OID, attr int16) {
	d.change(oid, func(rel *catalog.Relation) {
		c := &rel.Columns[attr-1]
		n := catalog.Column{Name: fmt.Sprintf("........pg.dropped.%d........", attr), TypeOID: c.TypeOID, Mod: types.NoMod, Dropped: true, Slot: c.Slot}
		if rel.Stored() {
			n.TypeOID = standIns[d.typeOf(c).Kind]
		}
		n.Type = d.e.TypeByOID(n.TypeOID)
		rel.Columns[attr-1] = n
	})
}

func (d *deletion) deleteConstraint(oid OID) {
	con, rel := d.e.ConstraintByOID(oid)
	switch {
	case con == nil:
	case rel != nil:
		d.change(rel.OID, func(t *catalog.Relation) {
			t.Constraints = slices.DeleteFunc(t.Constraints, func(c *catalog.Constraint) bool { return c.OID == oid })
		})
	default:
		d.deleteDomainConstraint(oid)
	}
}

func (d *deletion) deleteDomainConstraint(oid OID) {
	for _, t := range d.e.Types() {
		def := d.e.Domain(t.OID)
		if def == nil || !slices.ContainsFunc(def.Constraints, func(c *catalog.Constraint) bool { return c.OID == oid }) {
			continue
		}
		n := *def
		n.Constraints = slices.DeleteFunc(slices.Clone(def.Constraints), func(c *catalog.Constraint) bool { return c.OID == oid })
		d.e.PutDomain(&n)
	}
}
