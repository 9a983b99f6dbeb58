package catalog

import "slices"

// A table that inherits from others (CREATE TABLE … INHERITS) has their columns and
// CHECKs, and its rows are read with theirs. It depends on each of them (Deps,
// DepNormal). Partitions are told by Part instead.

// Children gives the tables that inherit directly from r, by OID.
func (s *Snapshot) Children(r *Relation) []*Relation {
	if r.Kind != Table || r.PartKey != nil {
		return nil
	}
	var out []*Relation
	for _, oid := range s.dependents[r.OID] {
		if c := s.rels[oid]; c != nil && slices.Contains(c.Inherits, r.OID) && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *Relation) int { return int(int64(a.OID) - int64(b.OID)) })
	return out
}

// Heirs gives r and all tables that inherit from it, each once: level by level, as
// PostgreSQL's find_all_inheritors.
func (s *Snapshot) Heirs(r *Relation) []*Relation {
	out := []*Relation{r}
	for i := 0; i < len(out); i++ {
		for _, c := range s.Children(out[i]) {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}
