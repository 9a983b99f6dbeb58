package engine

import (
	"context"
	"runtime/debug"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/storage/rel"
	"github.com/streamsqld/streamsqld/window"
)

// applyCatalog applies a commit's changes of the catalogue, and makes storage and
// views follow. It comes before the commit's rows.
func (s *state) applyCatalog(ctx context.Context, c *commit, v *Version, edit *relEdit) error {
	e := v.Cat.Edit(nil)
	if err := e.Apply(c.cat); err != nil {
		return err
	}
	v.Cat = e.Publish()
	done := map[OID]bool{}
	for _, ch := range c.cat {
		if ch.Kind != catalog.ChangeRelation || done[ch.OID] {
			continue
		}
		done[ch.OID] = true
		def := v.Cat.RelationByOID(ch.OID)
		var err error
		if def == nil {
			s.drop(ch.OID, edit)
		} else {
			err = s.define(ctx, def, c, v)
		}
		if err != nil {
			return err
		}
	}
	s.linkLate()
	return nil
}

// applicable tells why a commit's changes of the catalogue cannot be applied: they
// rest on what another commit has changed meanwhile. It is asked before the commit is
// in the log, since afterwards there is no way back; so a definition that makes us
// panic is refused, too.
func (s *state) applicable(c *commit, v *Version) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.e.cfg.Logger.Error("recovered panic", "panic", p, "stack", string(debug.Stack()))
			err = pgerr.New(pgerr.InternalError, "a definition cannot be applied: %v", p)
		}
	}()
	e := v.Cat.Edit(nil)
	if err := e.Apply(c.cat); err != nil {
		return pgerr.New(pgerr.ObjectInUse, "the catalogue was changed by another transaction: %v", err)
	}
	snap := e.Publish()
	for _, ch := range c.cat {
		if ch.Kind != catalog.ChangeRelation {
			continue
		}
		def := snap.RelationByOID(ch.OID)
		if def == nil {
			continue
		}
		for _, d := range def.Deps {
			if d.Object >= types.FirstUserOID && !exists(snap, d.Object) {
				return pgerr.New(pgerr.UndefinedObject, "an object that \"%s\" depends on was dropped by another transaction", def.Name)
			}
		}
		if def.Kind != catalog.Table && def.Kind != catalog.Stream {
			continue
		}
		if _, err := storageSchema(def, snap); err != nil {
			return err
		}
		if d := s.e.newDef(def, snap); d.keys.err != nil {
			return d.keys.err
		}
	}
	return nil
}

// drop forgets a relation.
func (s *state) drop(oid OID, edit *relEdit) {
	if o := s.rels[oid]; o != nil {
		o.writer.Close()
		delete(s.rels, oid)
		edit.remove(oid)
	}
	for i, v := range s.views {
		if v.oid == oid {
			s.views = append(s.views[:i:i], s.views[i+1:]...)
			s.unlink(v)
			edit.remove(oid)
			break
		}
	}
	delete(s.seqs, oid)
}

// unlink takes a view from the readers of its inputs.
func (s *state) unlink(v *view) {
	without := func(list []*view) []*view {
		var out []*view
		for _, x := range list {
			if x != v {
				out = append(out, x)
			}
		}
		return out
	}
	for _, in := range v.inputs {
		if o := s.rels[in.Rel]; o != nil {
			o.readers = without(o.readers)
		}
		if up := s.view(in.Rel); up != nil {
			up.readers = without(up.readers)
		}
	}
}

// link makes a view a reader of its inputs.
func (s *state) link(v *view) {
	for _, in := range v.inputs {
		if o := s.rels[in.Rel]; o != nil {
			o.readers = append(o.readers, v)
		}
		if up := s.view(in.Rel); up != nil {
			up.readers = append(up.readers, v)
		}
	}
}

// define makes storage and views follow the definition of a relation, new or
// changed.
func (s *state) define(ctx context.Context, def *catalog.Relation, c *commit, v *Version) error {
	switch def.Kind {
	case catalog.Table, catalog.Stream:
		if o := s.rels[def.OID]; o != nil {
			return s.redefine(ctx, o, def, v.Cat, c)
		}
		return s.create(def, v.Cat)
	case catalog.MatView:
		if old := s.view(def.OID); old != nil {
			old.def = def
			return nil
		}
		return s.addView(ctx, def, c, v)
	}
	return nil
}

// create makes the storage of a new relation.
func (s *state) create(def *catalog.Relation, snap *catalog.Snapshot) error {
	schema, err := storageSchema(def, snap)
	if err != nil {
		return err
	}
	o := s.owner(def, snap)
	schema.Indexes = o.keys.slots()
	for i := range schema.Indexes {
		schema.Indexes[i].Building = false // there are no rows that could be missing
	}
	o.writer = rel.NewWriter(rel.New(s.e.env, schema))
	o.dirty = true
	s.rels[def.OID] = o
	return nil
}

func (s *state) owner(def *catalog.Relation, snap *catalog.Snapshot) *owner {
	lay := newLayout(def, snap)
	return &owner{oid: def.OID, def: def, layout: lay, keys: newIndexKeys(s.e, def, lay, snap), mark: window.NewMark(), moves: newMoves(), oldest: s.e.oldestRead}
}

// linkLate ties streams to their relations of late rows.
func (s *state) linkLate() {
	for _, o := range s.rels {
		o.late = nil
		if st := o.def.Stream; st != nil && st.Late != 0 && !st.OnLateDrop {
			o.late = s.rels[st.Late]
		}
	}
}

// redefine changes the storage of a relation: columns and indexes that came or
// went.
func (s *state) redefine(ctx context.Context, o *owner, def *catalog.Relation, snap *catalog.Snapshot, c *commit) error {
	schema, err := storageSchema(def, snap)
	if err != nil {
		return err
	}
	have := o.writer.Schema()
	for i, col := range schema.Cols {
		switch {
		case i >= len(have.Cols):
			if err := o.writer.AddColumn(rel.Column{Kind: col.Kind, Missing: col.Missing}); err != nil {
				return err
			}
			if col.Dropped {
				err = o.writer.DropColumn(i)
			}
		case col.Dropped && !have.Cols[i].Dropped:
			err = o.writer.DropColumn(i)
		}
		if err != nil {
			return err
		}
	}
	o.def, o.layout = def, newLayout(def, snap)
	o.keys = newIndexKeys(s.e, def, o.layout, snap)
	o.dirty = true
	return s.reindex(ctx, o, c)
}

// reindex adds and drops index slots; a new index over rows that are there was built
// beside the line, and is completed.
func (s *state) reindex(ctx context.Context, o *owner, c *commit) error {
	want := o.keys.slots()
	for slot := range max(len(want), len(o.writer.Schema().Indexes)) {
		wanted := slot < len(want) && !want[slot].Dropped
		have := o.writer.Schema().Indexes
		switch {
		case slot >= len(have):
			if _, err := o.writer.AddIndex(); err != nil {
				return err
			}
			if !wanted {
				if err := o.writer.DropIndex(slot); err != nil {
					return err
				}
				continue
			}
			if o.writer.Schema().Indexes[slot].Building {
				if err := o.completeIndex(ctx, slot, c); err != nil {
					return err
				}
			}
		case !wanted && !have[slot].Dropped:
			if err := o.writer.DropIndex(slot); err != nil {
				return err
			}
		}
	}
	return nil
}

// exists tells whether there is a relation, type or constraint of that OID.
func exists(snap *catalog.Snapshot, oid OID) bool {
	if snap.RelationByOID(oid) != nil || snap.TypeByOID(oid) != nil || snap.FunctionByOID(oid) != nil {
		return true
	}
	con, _ := snap.ConstraintByOID(oid)
	return con != nil
}
