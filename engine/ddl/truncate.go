package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// truncate runs TRUNCATE.
func (r *run) truncate(st *ast.Truncate) error {
	var rels []*catalog.Relation
	var oids []OID
	add := func(rel *catalog.Relation) error {
		if err := r.truncatable(rel); err != nil {
			return err
		}
		rels, oids = append(rels, rel), append(oids, rel.OID)
		return nil
	}
	for _, t := range st.Tables {
		rel, err := r.locked(t.Name, false, AccessExclusive)
		if err != nil {
			return err
		}
		if slices.Contains(oids, rel.OID) {
			continue
		}
		if t.Only && rel.PartKey != nil {
			return pgerr.New(pgerr.WrongObjectType, "cannot truncate only a partitioned table").
				WithHint("Do not specify the ONLY keyword, or use TRUNCATE ONLY on the partitions directly.")
		}
		if err := add(rel); err != nil {
			return err
		}
		leaves := r.e.Leaves(rel)
		if t.Only {
			leaves = nil
		}
		for _, leaf := range leaves {
			if slices.Contains(oids, leaf.OID) {
				continue
			}
			if leaf, err = r.lock(leaf, AccessExclusive); err != nil {
				return err
			}
			rels, oids = append(rels, leaf), append(oids, leaf.OID)
		}
	}
	if st.Cascade {
		for i := 0; i < len(rels); i++ {
			refs, _ := r.e.ForeignKeysTo(rels[i].OID)
			for _, ref := range refs {
				if slices.Contains(oids, ref.OID) {
					continue
				}
				r.notice(pgerr.SuccessfulCompletion, "truncate cascades to table \"%s\"", ref.Name)
				ref, err := r.lock(ref, AccessExclusive)
				if err != nil {
					return err
				}
				if err := add(ref); err != nil {
					return err
				}
			}
		}
	} else if err := r.unreferenced(rels, oids); err != nil {
		return err
	}
	if st.RestartIdentity {
		if err := r.restartSequences(oids); err != nil {
			return err
		}
	}
	return r.s.Truncate(r.ctx, oids)
}

func (r *run) truncatable(rel *catalog.Relation) error {
	switch rel.Kind {
	case catalog.Table, catalog.Stream:
	default:
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a table", rel.Name)
	}
	if err := planner.CheckWritable(rel, "TRUNCATE", ast.NoPos); err != nil {
		return err
	}
	if !r.e.RelationAllowed(r.s.Role(), rel, "D", false) {
		return denied("table", rel.Name)
	}
	return r.checkUnused(rel, "TRUNCATE")
}

// unreferenced refuses to truncate what other tables reference.
func (r *run) unreferenced(rels []*catalog.Relation, oids []OID) error {
	for _, rel := range rels {
		refs, _ := r.e.ForeignKeysTo(rel.OID)
		for _, ref := range refs {
			if !slices.Contains(oids, ref.OID) {
				return pgerr.New(pgerr.FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint").
					WithDetail("Table \"%s\" references \"%s\".", ref.Name, rel.Name).
					WithHint("Truncate table \"%s\" at the same time, or use TRUNCATE ... CASCADE.", ref.Name)
			}
		}
	}
	return nil
}

// restartSequences puts the sequences that the tables own to their start.
func (r *run) restartSequences(oids []OID) error {
	for _, seq := range r.e.Relations() {
		if seq.Seq == nil || seq.Seq.OwnerTable == 0 || !slices.Contains(oids, seq.Seq.OwnerTable) {
			continue
		}
		if err := r.mustOwn(seq); err != nil {
			return err
		}
		if err := r.s.RestartSequence(seq, seq.Seq.Start, false); err != nil {
			return err
		}
	}
	return nil
}
