package engine

import (
	"context"
	"encoding/binary"
	"encoding/json"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage/ckpt"
	"github.com/streamsqld/streamsqld/storage/log"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// recover makes the state that the last checkpoint and the log behind it tell of.
func (e *Engine) recover(ctx context.Context) (*recovery, error) {
	r := &recovery{e: e, st: &state{e: e, rels: map[OID]*owner{}, seqs: map[OID]seqState{}, replay: true}, staged: map[uint64]map[uint64][]byte{}}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	crash.Point("recover.before-replay")
	if err := r.replay(ctx); err != nil {
		return nil, err
	}
	if err := r.sweep(); err != nil {
		return nil, err
	}
	crash.Point("recover.after-replay")
	e.oids.Store(uint32(max(r.meta.NextOID, r.st.cur.Cat.NextOID())))
	e.txids.Store(r.lastTx)
	e.sequences.load(r.st.seqs)
	r.st.replay, r.staged = false, nil
	return r, nil
}

// recovery is a recovery under way.
type recovery struct {
	e    *Engine
	st   *state
	meta checkpointMeta
	// staged are the blocks of transactions that have not committed yet, by number.
	staged map[uint64]map[uint64][]byte
	lastTx uint64
	groups int
	// What the checkpoint holds, for the next one.
	rows     map[OID]*rel.Relation
	contents map[OID]*rel.ContentsVersion
	cat      *catalog.Snapshot
}

// load makes the state of the checkpoint.
func (r *recovery) load(ctx context.Context) error {
	epoch, meta := r.e.store.Last()
	r.rows, r.contents = map[OID]*rel.Relation{}, map[OID]*rel.ContentsVersion{}
	v := &Version{Cat: catalog.New()}
	if epoch > 0 {
		if err := json.Unmarshal(meta, &r.meta); err != nil {
			return pgerr.New(pgerr.DataCorrupted, "the checkpoint's description is malformed: %s", err)
		}
		cat, err := r.loadCatalog()
		if err != nil {
			return err
		}
		v.Cat = cat
		r.cat = cat
	}
	v.Seq, v.Clock = r.meta.Seq, r.meta.Clock
	r.lastTx = r.meta.NextTx
	r.st.cur, r.st.pos = v, r.meta.Pos
	for _, q := range r.meta.Sequences {
		r.st.seqs[q.OID] = q
	}
	edit := v.rels.edit()
	if err := r.loadRelations(v, edit); err != nil {
		return err
	}
	v.rels = edit.relMap
	return r.loadViews(ctx, v)
}

func (r *recovery) loadCatalog() (*catalog.Snapshot, error) {
	var changes []catalog.Change
	err := r.e.store.Scan([]byte{keyCatalog}, func(_, val []byte) error {
		var ch catalog.Change
		if err := json.Unmarshal(val, &ch); err != nil {
			return pgerr.New(pgerr.DataCorrupted, "the catalogue in the checkpoint is malformed: %s", err)
		}
		changes = append(changes, ch)
		return nil
	})
	if err != nil {
		return nil, err
	}
	edit := catalog.New().Edit(nil)
	if err := edit.Apply(changes); err != nil {
		return nil, err
	}
	edit.SetNextOID(r.meta.NextOID)
	return edit.Publish(), nil
}

// scan gives what the checkpoint holds under a prefix, without the prefix.
func (r *recovery) scan(prefix []byte) func(fn func(key, val []byte) error) error {
	return func(fn func(key, val []byte) error) error {
		return r.e.store.Scan(prefix, func(k, v []byte) error { return fn(k[len(prefix):], v) })
	}
}

func (r *recovery) loadRelations(v *Version, edit *relEdit) error {
	for _, def := range v.Cat.Relations() {
		if def.Kind != catalog.Table && def.Kind != catalog.Stream {
			continue
		}
		schema, err := storageSchema(def, v.Cat)
		if err != nil {
			return err
		}
		o := r.st.owner(def, v.Cat)
		schema.Indexes = o.keys.slots()
		rows, err := rel.Load(r.e.env, schema, r.scan(key(keyRows, uint32(def.OID))))
		if err != nil {
			return pgerr.Wrap(err, pgerr.DataCorrupted, "loading \"%s\"", def.Name)
		}
		r.rows[def.OID] = rows
		o.writer = rel.NewWriter(rows)
		if m, ok := r.meta.Streams[def.OID]; ok {
			o.mark, o.stats = m.Mark, m.Stats
		}
		r.st.rels[def.OID] = o
		edit.set(def.OID, &relState{rows: rows, mark: o.mark, moves: o.moves, stats: o.stats})
	}
	r.st.linkLate()
	return nil
}

// loadViews makes the views, each after those it reads. One whose state is that of
// another plan (the server is a newer one) is filled anew.
func (r *recovery) loadViews(ctx context.Context, ver *Version) error {
	for _, def := range ver.Cat.Relations() {
		if def.Kind != catalog.MatView {
			continue
		}
		v, err := r.st.newView(def, ver.Cat)
		if err != nil {
			return err
		}
		m := r.meta.Views[def.OID]
		if m.Fingerprint == v.circuit.Fingerprint() && !m.Stopped && len(m.Marks) == len(v.marks) {
			err = r.loadView(v, m)
		} else {
			r.e.cfg.Logger.Info("filling materialized view anew", "view", def.Name)
			base := *ver
			base.rels = r.st.currentRels()
			v.fresh = true
			err = r.st.backfill(ctx, v, &base)
		}
		if err != nil {
			return pgerr.Wrap(err, pgerr.DataCorrupted, "loading materialized view \"%s\"", def.Name)
		}
		r.st.views = append(r.st.views, v)
		r.st.link(v)
		if err := r.publishView(v, ver); err != nil {
			return err
		}
	}
	return nil
}

func (r *recovery) publishView(v *view, ver *Version) error {
	version, err := v.contents.Publish()
	if err != nil {
		return err
	}
	v.setErr(r.st.failing(v), ver.Clock)
	v.dirty = false
	edit := ver.rels.edit()
	edit.set(v.oid, v.published(version, ver.Seq))
	ver.rels = edit.relMap
	return nil
}

func (r *recovery) loadView(v *view, m viewMeta) error {
	v.mark = m.Mark
	copy(v.marks, m.Marks)
	err := r.scan(key(keyCircuit, uint32(v.oid)))(func(k, val []byte) error {
		if len(k) != 12 {
			return pgerr.New(pgerr.DataCorrupted, "malformed key of a page")
		}
		return v.circuit.LoadPage(binary.BigEndian.Uint32(k), binary.BigEndian.Uint32(k[4:]), binary.BigEndian.Uint32(k[8:]), val)
	})
	if err != nil {
		return err
	}
	if err := v.circuit.Loaded(); err != nil {
		return err
	}
	var version *rel.ContentsVersion
	v.contents, version, err = rel.LoadContents(v.circuit.Types(), v.key, r.scan(key(keyContents, uint32(v.oid))))
	r.contents[v.oid] = version
	return err
}

// sweep deletes the blobs that a crash has left behind: all but those of the
// checkpoint, those that the log behind it names (the next replay may be of the same
// log), and those that are in use.
func (r *recovery) sweep() error {
	alive := map[ckpt.BlobID]bool{}
	keep := func(rows *rel.Relation) { rows.Blobs(func(id ckpt.BlobID) { alive[id] = true }) }
	for _, rows := range r.rows {
		keep(rows)
	}
	for _, rows := range r.st.named {
		keep(rows)
	}
	for _, o := range r.st.rels {
		keep(o.writer.Publish())
	}
	r.st.named = nil
	_, err := r.e.store.RetainBlobs(func(id ckpt.BlobID) bool { return alive[id] })
	return err
}

// replay applies the groups of the log after the checkpoint.
func (r *recovery) replay(ctx context.Context) error {
	return r.e.log.Read(r.meta.Pos, func(_, end log.Pos, rec log.Record) error {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		switch rec.Type {
		case recStage:
			tx, number, block, err := readStage(rec.Data)
			if err != nil {
				return err
			}
			r.lastTx = max(r.lastTx, tx)
			if r.staged[tx] == nil {
				r.staged[tx] = map[uint64][]byte{}
			}
			r.staged[tx][number] = block
			return nil
		case recGroup:
			if err := r.group(ctx, rec.Data); err != nil {
				return err
			}
			r.st.pos = end
			return nil
		}
		return pgerr.New(pgerr.DataCorrupted, "unknown record of type %d in the commit log", rec.Type)
	})
}

// group applies a group, unless the checkpoint holds it.
func (r *recovery) group(ctx context.Context, data []byte) error {
	g, err := readGroup(data)
	if err != nil {
		return err
	}
	old := g.seq <= r.meta.Seq
	if !old && g.seq != r.st.cur.Seq+1 {
		return pgerr.New(pgerr.DataCorrupted, "commit %d in the log follows commit %d", g.seq, r.st.cur.Seq)
	}
	for _, c := range g.commits {
		r.lastTx = max(r.lastTx, c.tx)
		if err := r.unstage(c, old); err != nil {
			return err
		}
	}
	if old {
		return nil
	}
	v, err := r.st.step(ctx, g.commits, g.seq, g.clock)
	if err != nil {
		return err
	}
	r.st.cur = v
	r.groups++
	return r.makeRoom(ctx)
}

// unstage gives a commit its staged blocks.
func (r *recovery) unstage(c *commit, old bool) error {
	blocks := r.staged[c.tx]
	delete(r.staged, c.tx)
	if old {
		return nil
	}
	for i := range c.ops {
		o := &c.ops[i]
		for _, n := range o.numbers {
			block, ok := blocks[n]
			if !ok {
				return pgerr.New(pgerr.DataCorrupted, "rows of transaction %d are missing in the commit log", c.tx)
			}
			o.blocks = append(o.blocks, block)
		}
	}
	return nil
}

// makeRoom moves rows into segments when they are more than memory should hold.
func (r *recovery) makeRoom(ctx context.Context) error {
	if !r.e.env.Tail.Over() {
		return nil
	}
	for oid, o := range r.st.rels {
		job := o.writer.Publish().Seal(true)
		if job == nil {
			continue
		}
		p, err := job.Run(ctx)
		if err != nil {
			return err
		}
		if o.writer.Replace(p) {
			v := *r.st.cur
			edit := v.rels.edit()
			edit.set(oid, o.published(v.Seq))
			v.rels = edit.relMap
			r.st.cur = &v
		}
	}
	return nil
}

// resume has the first checkpoint go on from the one that was loaded.
func (c *checkpointer) resume(r *recovery) {
	c.rows, c.contents, c.cat, c.seq, c.pos = r.rows, r.contents, r.cat, r.meta.Seq, r.meta.Pos
}
