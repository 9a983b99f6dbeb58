package catalog

import "sync"

// finder finds objects that are part of others. It is made of one snapshot when
// it is first asked for.
type finder struct {
	once        sync.Once
	constraints map[OID]conOn
	sequences   map[ownedBy]*Relation
	// referring are the foreign keys to a relation, by OID of the relations they are on.
	referring map[OID][]conOn
}

type conOn struct {
	con *Constraint
	rel *Relation // nil for a domain's
}

type ownedBy struct {
	table  OID
	column int16
}

// partReference notes a foreign key to a partitioned table as one to a partition. There it
// has the OID that its checks are put off by.
func (f *finder) partReference(s *Snapshot, c *Constraint, p *ForeignPart, r *Relation) {
	part := s.partForeign(c, p)
	f.constraints[p.OID] = conOn{part, r}
	ref := *part
	ref.OID = c.OID
	f.referring[p.Table] = append(f.referring[p.Table], conOn{&ref, r})
}

func (s *Snapshot) find() *finder {
	f := &s.cache.finder
	f.once.Do(func() {
		f.constraints, f.sequences, f.referring = map[OID]conOn{}, map[ownedBy]*Relation{}, map[OID][]conOn{}
		for _, r := range s.Relations() {
			for _, c := range r.Constraints {
				f.constraints[c.OID] = conOn{c, r}
				if c.Kind == Foreign {
					f.referring[c.RefTable] = append(f.referring[c.RefTable], conOn{c, r})
					for i := range c.Parts {
						f.partReference(s, c, &c.Parts[i], r)
					}
				}
			}
			for _, t := range r.Triggers {
				if c := t.AsConstraint(); c != nil {
					f.constraints[c.OID] = conOn{c, r}
				}
			}
			if q := r.Seq; q != nil && q.OwnerTable != 0 {
				f.sequences[ownedBy{q.OwnerTable, q.OwnerColumn}] = r
			}
		}
		for _, m := range []map[OID]*DomainDef{s.domains, systemDomains} {
			for _, d := range m {
				for _, c := range d.Constraints {
					f.constraints[c.OID] = conOn{c, nil}
				}
			}
		}
		for _, x := range systemIndexes() {
			if x.Index.Constraint != 0 {
				f.constraints[x.Index.Constraint] = conOn{systemConstraint(x), systemByOID[x.Index.Table]}
			}
		}
	})
	return f
}

// ConstraintByOID finds a constraint with the relation it is on, nil for one of a
// domain.
func (s *Snapshot) ConstraintByOID(oid OID) (*Constraint, *Relation) {
	c := s.find().constraints[oid]
	return c.con, c.rel
}

// OwnedSequence gives the sequence that a column owns, nil when it has none. Of
// several it is any.
func (s *Snapshot) OwnedSequence(table OID, column int16) *Relation {
	return s.find().sequences[ownedBy{table, column}]
}
