package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// actInTree does what a MERGE does to rows of a table that others hold rows of, too: in the
// tables that have them.
func (md *modification) actInTree(ctx context.Context, r *mergeRows) error {
	for from := 0; from < len(r.oids); {
		to := from + 1
		for to < len(r.oids) && r.oids[to] == r.oids[from] {
			to++
		}
		leaf, err := md.mergeLeaf(ctx, OID(r.oids[from]))
		if err != nil {
			return err
		}
		here := r.slice(from, to)
		part := &mergeRows{action: here.action, source: here.source}
		part.ids = here.ids
		if part.old, err = leaf.asRead(here.ids); err != nil {
			return err
		}
		part.new = mapOver(md.rel, leaf.rel, here.new, part.old)
		before := leaf.n
		if err := leaf.actHere(ctx, part); err != nil {
			return err
		}
		md.n += leaf.n - before
		from = to
	}
	return nil
}

// mergeLeaf readies one of the tables that hold rows of the target.
func (md *modification) mergeLeaf(ctx context.Context, oid OID) (*modification, error) {
	if leaf := md.leaves[oid]; leaf != nil {
		return leaf, nil
	}
	rel := md.s.systemContext().Snapshot.RelationByOID(oid)
	if rel == nil {
		return nil, errSerialize()
	}
	if err := md.spreads().lock(ctx, rel); err != nil {
		return nil, err
	}
	m, err := planner.RouteTo(md.s.plannerContext(nil), rel)
	if err != nil {
		return nil, err
	}
	m.Kind, m.Merge = planner.MergeRows, &planner.Merging{TableOID: -1}
	if md.rel.PartKey != nil {
		m.Root = md.rel
	}
	for _, a := range md.m.Merge.Actions {
		a.Changed = mapAttrs(md.rel, rel, a.Changed)
		m.Merge.Actions = append(m.Merge.Actions, a)
	}
	leaf, err := md.s.newModification(m, nil)
	if err != nil {
		return nil, err
	}
	leaf.above, leaf.sender = md, md
	if leaf.checks, err = leaf.compileChecks(m.Checks, m.New); err != nil {
		return nil, err
	}
	if md.leaves == nil {
		md.leaves = map[OID]*modification{}
	}
	md.leaves[oid] = leaf
	return leaf, nil
}

// asRead gives rows by their ids, whole, as the statement has read them.
func (md *modification) asRead(ids []uint64) (*vec.Batch, error) {
	s, out := md.s, &vec.Batch{}
	for i, id := range ids {
		var one vec.Batch
		var err error
		switch {
		case id >= ownBase:
			own, oerr := md.w.rows(s.e.env, s.tx.catalog())
			if oerr != nil {
				return nil, oerr
			}
			_, err = own.Get([]uint64{id - ownBase}, md.w.layout.attrs, &one)
		case s.visibleInSnapshot(md.rel.OID, id):
			_, err = s.tx.read.relation(md.rel.OID).rows.Get([]uint64{id}, md.w.layout.attrs, &one)
		default: // a newer version, which is locked
			_, err = s.latestRows(md.rel.OID).Get([]uint64{id}, md.w.layout.attrs, &one)
		}
		if err != nil {
			return nil, err
		}
		if i == 0 {
			out.Cols = make([]vec.Vec, len(one.Cols))
			for c := range out.Cols {
				out.Cols[c].Kind = one.Cols[c].Kind
			}
		}
		for c := range out.Cols {
			out.Cols[c].AppendRange(&one.Cols[c], 0, 1)
		}
		out.N++
	}
	return out, nil
}

// mapOver is mapRows to a table that may have more columns: those are as in old, which is
// in that table's layout.
func mapOver(from, to *catalog.Relation, b, old *vec.Batch) *vec.Batch {
	at, n := map[string]int{}, 0
	for i := range from.Columns {
		if !from.Columns[i].Dropped {
			at[from.Columns[i].Name] = n
			n++
		}
	}
	out := &vec.Batch{N: b.N}
	n = 0
	for i := range to.Columns {
		c := &to.Columns[i]
		if c.Dropped {
			continue
		}
		if k, ok := at[c.Name]; ok {
			out.Cols = append(out.Cols, b.Cols[k])
		} else {
			out.Cols = append(out.Cols, old.Cols[n])
		}
		n++
	}
	return out
}

// mapAttrs gives the attributes that columns of a table have in another one.
func mapAttrs(from, to *catalog.Relation, attrs []int16) []int16 {
	var out []int16
	for _, attr := range attrs {
		if _, at := to.Column(from.Columns[attr-1].Name); at != 0 {
			out = append(out, at)
		}
	}
	return out
}
