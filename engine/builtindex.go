package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// builtIndex is an index that a transaction creates, over the rows that were stored
// when it began to commit. The transaction's lock keeps writers of the table away, the
// commit line goes on with other tables meanwhile.
type builtIndex struct {
	oid OID
	b   *rel.IndexBuilder
}

// buildIndexes builds the indexes that a transaction creates over stored rows, beside
// the commit line.
func (s *Session) buildIndexes(ctx context.Context, c *commit) error {
	snap, v := s.tx.catalog(), s.e.latest()
	for _, ch := range c.cat {
		if ch.Kind != catalog.ChangeRelation {
			continue
		}
		ix := snap.RelationByOID(ch.OID)
		if ix == nil || ix.Kind != catalog.Index || c.index(ix.OID) != nil {
			continue
		}
		st, w := v.relation(ix.Index.Table), s.tx.writes[ix.Index.Table]
		if st == nil || st.rows == nil || st.rows.Rows() == 0 || w != nil && w.truncated {
			continue
		}
		def := s.e.def(snap.RelationByOID(ix.Index.Table), snap)
		k := def.ownKeys(s.e, snap).find(ix.OID)
		if k == nil || k.slot < len(st.rows.Schema().Indexes) {
			continue
		}
		b, err := buildIndex(ctx, st.rows, def, snap, k)
		if err != nil {
			c.discardIndexes()
			return err
		}
		c.indexes = append(c.indexes, builtIndex{ix.OID, b})
	}
	return nil
}

// buildIndex adds the keys of all rows of a version.
func buildIndex(ctx context.Context, rows *rel.Relation, def *relDef, snap *catalog.Snapshot, k *indexKey) (*rel.IndexBuilder, error) {
	schema, err := storageSchema(def.rel, snap)
	if err != nil {
		return nil, err
	}
	b := rows.NewIndexBuilder(k.slot)
	if err := addKeys(ctx, b, rows.Under(schema.Cols), 0, def.layout, k); err != nil {
		b.Discard()
		return nil, err
	}
	return b, nil
}

// addKeys adds the keys of the rows from an id on.
func addKeys(ctx context.Context, b *rel.IndexBuilder, rows *rel.Relation, from uint64, lay *layout, k *indexKey) error {
	src := rows.Scan(rel.ScanSpec{Cols: lay.all, WithRowID: true, From: from})
	defer src.Close()
	for {
		var lent, dense vec.Batch
		if err := src.Next(ctx, &lent); err != nil {
			return err
		}
		if lent.N == 0 {
			return nil
		}
		lent.Dense(&dense)
		ids := dense.Cols[len(dense.Cols)-1].Ints[:dense.N]
		dense.Cols = dense.Cols[:len(dense.Cols)-1]
		keys, err := k.of(&dense)
		if err == nil {
			err = b.Add(ids, keys)
		}
		if err != nil {
			return err
		}
	}
}

// index gives the builder of an index that the commit brings in, nil when there is none.
func (c *commit) index(oid OID) *rel.IndexBuilder {
	for _, x := range c.indexes {
		if x.oid == oid {
			return x.b
		}
	}
	return nil
}

func (c *commit) discardIndexes() {
	for i := range c.indexes {
		c.indexes[i].b.Discard()
	}
	c.indexes = nil
}

// completeIndex brings an index in. What came since it was built is added: late rows,
// which nobody locks their relation for. In recovery all of it is built here.
func (o *owner) completeIndex(ctx context.Context, slot int, c *commit) error {
	k := o.keys.at(slot)
	b := c.index(k.def.OID)
	rows, done := o.writer.Publish(), uint64(0)
	if b == nil {
		b = rows.NewIndexBuilder(slot)
	} else {
		done = b.Rows()
		b.Extend(rows.Schema().Indexes[slot].From)
	}
	var err error
	if done < rows.NextID() {
		err = addKeys(ctx, b, rows, done, o.layout, k)
	}
	var built *rel.Replacement
	if err == nil {
		built, err = b.Finish()
	}
	if err != nil {
		b.Discard()
		return err
	}
	ok, err := o.writer.FinishIndex(slot, built)
	if err == nil && !ok {
		err = pgerr.New(pgerr.InternalError, "index %d of \"%s\" was dropped while it was built", slot, o.def.Name)
	}
	return err
}
