package catalog

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// constraintRows writes the constraints of the users' relations and domains.
func constraintRows(s *Snapshot, w *rowWriter) {
	for _, r := range s.Relations() {
		for _, c := range r.Constraints {
			s.addConstraint(w, c, r, 0)
			for i := range c.Parts {
				s.addConstraintBelow(w, s.partForeign(c, &c.Parts[i]), r, c.Parts[i].Parent)
			}
		}
		for _, t := range r.Triggers {
			if c := t.AsConstraint(); c != nil {
				s.addConstraint(w, c, r, 0)
			}
		}
	}
	for _, d := range sorted(s.domains) {
		for _, c := range d.Constraints {
			s.addConstraint(w, c, nil, d.OID)
		}
	}
}

// systemConstraintRows writes the keys of PostgreSQL's catalogues and the checks
// of information_schema's domains.
func systemConstraintRows(w *rowWriter) {
	s := New()
	for _, x := range systemIndexes() {
		if x.Index.Constraint == 0 {
			continue
		}
		s.addConstraint(w, systemConstraint(x), systemByOID[x.Index.Table], 0)
	}
	for _, d := range sorted(systemDomains) {
		for _, c := range d.Constraints {
			s.addConstraint(w, c, nil, d.OID)
		}
	}
}

// addConstraint writes a row of pg_constraint: of relation r, or when it is nil
// of the domain.
func (s *Snapshot) addConstraint(w *rowWriter, c *Constraint, r *Relation, domain OID) {
	s.writeConstraint(w, c, r, domain, 0)
}

// addConstraintBelow is addConstraint of one that belongs to another.
func (s *Snapshot) addConstraintBelow(w *rowWriter, c *Constraint, r *Relation, parent OID) {
	s.writeConstraint(w, c, r, 0, parent)
}

func (s *Snapshot) writeConstraint(w *rowWriter, c *Constraint, r *Relation, domain, parent OID) {
	schema, rel := OID(0), OID(0)
	if r != nil {
		schema, rel = r.Schema, r.OID
	} else if t := s.TypeByOID(domain); t != nil {
		schema = t.Schema
	}
	onUpdate, onDelete, match := byte(' '), byte(' '), byte(' ')
	var pf, pp, ff types.Datum
	if c.Kind == Foreign {
		onUpdate, onDelete, match = action(c.OnUpdate), action(c.OnDelete), 's'
		if c.MatchFull {
			match = 'f'
		}
		pf, pp, ff = s.keyOperators(c, r)
	}
	inherited, local := int(c.Inherited), !c.NotLocal
	if parent != 0 {
		inherited, local = 1, false
	} else if above := s.InheritedConstraint(r, c); above != nil {
		inherited, local = 1, false
		if c.Kind != Check {
			parent = above.OID
		}
	}
	w.add(vOID(c.OID), vStr(c.Name), vOID(schema), vChar(c.Kind), vBool(c.Deferrable), vBool(c.Deferred), vBool(c.Valid), vOID(rel), vOID(domain),
		vOID(c.Index), vOID(parent), vOID(c.RefTable), vChar(onUpdate), vChar(onDelete), vChar(match), vBool(local), vInt(inherited),
		vBool(c.NoInherit || c.Kind != Check), vInts(int2Array, c.Columns), vInts(int2Array, c.RefColumns), pf, pp, ff,
		vInts(int2Array, c.SetColumns), types.Null, vText(c.Expr))
}

func action(a byte) byte {
	if a == 0 {
		return 'a'
	}
	return a
}

// keyOperators gives the equality operators of a foreign key: between referenced
// and referencing columns, among the former, among the latter.
func (s *Snapshot) keyOperators(c *Constraint, r *Relation) (pf, pp, ff types.Datum) {
	ref := s.RelationByOID(c.RefTable)
	if r == nil || ref == nil {
		return types.Null, types.Null, types.Null
	}
	var a, b, d []OID
	for i, n := range c.Columns {
		if i >= len(c.RefColumns) || int(n) > len(r.Columns) || int(c.RefColumns[i]) > len(ref.Columns) {
			break
		}
		fk, pk := r.Columns[n-1].Type, ref.Columns[c.RefColumns[i]-1].Type
		a, b, d = append(a, equality(pk, fk)), append(b, equality(pk, pk)), append(d, equality(fk, fk))
	}
	return vInts(oidArray, a), vInts(oidArray, b), vInts(oidArray, d)
}

// equality gives the operator that compares values of two types, 0 when there
// is none.
func equality(a, b *types.Type) OID {
	if o := funcs.FindOperator("=", comparedAs(a), comparedAs(b)); o != nil {
		return o.OID
	}
	if o := funcs.FindOperator("=", comparedAs(a), comparedAs(a)); o != nil {
		return o.OID
	}
	return 0
}

// comparedAs gives the type whose operators compare values of t.
func comparedAs(t *types.Type) OID {
	if t == nil {
		return 0
	}
	if class := OpClassByOID(DefaultOpClass(BtreeAM, t)); class != nil {
		return class.Input
	}
	return t.Underlying().OID
}

// ForeignKeysTo gives the foreign keys that reference a relation, with the
// relations they are on, by OID.
func (s *Snapshot) ForeignKeysTo(oid OID) (rels []*Relation, cons []*Constraint) {
	for _, x := range s.find().referring[oid] {
		rels, cons = append(rels, x.rel), append(cons, x.con)
	}
	return rels, cons
}

// ForeignKeyIn is a foreign key to a partitioned table as it refers to a table below that;
// nil: the key's index is not there.
func (s *Snapshot) ForeignKeyIn(c *Constraint, below *Relation) *Constraint {
	for _, oid := range below.Indexes {
		at := s.RelationByOID(oid)
		for at != nil && at.OID != c.Index {
			at = s.rels[at.Index.Parent]
		}
		if at != nil {
			return s.partForeign(c, &ForeignPart{OID: c.OID, Name: c.Name, Table: below.OID, Index: oid})
		}
	}
	return nil
}

// partForeign is a foreign key as it refers to a partition.
func (s *Snapshot) partForeign(c *Constraint, p *ForeignPart) *Constraint {
	out := *c
	out.OID, out.Name, out.RefTable, out.Index, out.Parts, out.RefColumns = p.OID, p.Name, p.Table, p.Index, nil, nil
	from, to := s.rels[c.RefTable], s.rels[p.Table]
	if from == nil || to == nil {
		return &out
	}
	for _, n := range c.RefColumns {
		_, at := to.Column(from.Columns[n-1].Name)
		out.RefColumns = append(out.RefColumns, at)
	}
	return &out
}

// systemConstraint is the key that an index of PostgreSQL's enforces.
func systemConstraint(x *Relation) *Constraint {
	c := &Constraint{OID: x.Index.Constraint, Name: x.Name, Kind: Unique, Index: x.OID, Valid: true}
	if x.Index.Primary {
		c.Kind = Primary
	}
	for _, k := range x.Index.Keys {
		c.Columns = append(c.Columns, k.Column)
	}
	return c
}

// sequenceRows writes the users' sequences.
func sequenceRows(s *Snapshot, w *rowWriter) {
	for _, r := range s.Relations() {
		if q := r.Seq; q != nil {
			w.add(vOID(r.OID), vOID(q.TypeOID), vInt(q.Start), vInt(q.Increment), vInt(q.Max), vInt(q.Min), vInt(q.Cache), vBool(q.Cycle))
		}
	}
}
