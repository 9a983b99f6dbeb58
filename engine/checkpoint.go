package engine

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/storage"
	"github.com/streamsqld/streamsqld/storage/ckpt"
	"github.com/streamsqld/streamsqld/storage/log"
	"github.com/streamsqld/streamsqld/storage/rel"
	"github.com/streamsqld/streamsqld/window"
)

// A checkpoint holds, in one batch of the store:
//
//	c number            the catalogue, a change that makes it each
//	r oid …             a table's or stream's rows (storage/rel)
//	v oid …             a view's contents (storage/rel)
//	s oid node table page   a view's circuit (sql/exec)
//
// and as its meta the rest: checkpointMeta.
const (
	keyCatalog  = 'c'
	keyRows     = 'r'
	keyContents = 'v'
	keyCircuit  = 's'
)

func key(kind byte, parts ...uint32) []byte {
	k := []byte{kind}
	for _, p := range parts {
		k = binary.BigEndian.AppendUint32(k, p)
	}
	return k
}

// checkpointMeta is what a checkpoint says of itself.
type checkpointMeta struct {
	// Pos is where in the log that what comes after begins: groups after Seq are to be
	// replayed, staged blocks from Pos on are needed for them.
	Pos       log.Pos
	Seq       storage.Seq
	Clock     int64
	NextOID   OID
	NextTx    uint64
	Sequences []seqState
	Streams   map[OID]streamMeta
	Views     map[OID]viewMeta
}

type streamMeta struct {
	Mark  window.Mark
	Stats streamCounters
}

type viewMeta struct {
	Fingerprint string
	Mark        int64
	Marks       []int64
	Stopped     bool
}

// checkpointer writes checkpoints: when there is much log to replay, after some
// time, on demand, and at the end.
type checkpointer struct {
	e    *Engine
	reqs chan chan error
	quit chan bool // whether to write a last one
	done chan error
	gone chan struct{} // closed when it has ended

	// What the last checkpoint holds.
	rows     map[OID]*rel.Relation
	contents map[OID]*rel.ContentsVersion
	cat      *catalog.Snapshot
	seq      storage.Seq
	pos      log.Pos
}

func newCheckpointer(e *Engine) *checkpointer {
	return &checkpointer{
		e: e, reqs: make(chan chan error), quit: make(chan bool), gone: make(chan struct{}), done: make(chan error, 1),
		rows: map[OID]*rel.Relation{}, contents: map[OID]*rel.ContentsVersion{},
	}
}

// lookEvery is how often it is looked whether a checkpoint is due.
const lookEvery = 250 * time.Millisecond

func (c *checkpointer) run() {
	defer close(c.gone)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case write := <-c.quit:
			var err error
			if write {
				err = c.checkpoint()
			}
			c.done <- err
			return
		case answer := <-c.reqs:
			answer <- c.checkpoint()
			last = time.Now()
		case <-ticker.C:
			c.e.reports.rates.sample(c.e.latest())
			if !c.due(last) {
				continue
			}
			if err := c.checkpoint(); err != nil {
				c.e.cfg.Logger.Error("checkpoint failed", "error", err)
			}
			last = time.Now()
		}
	}
}

func (c *checkpointer) due(last time.Time) bool {
	v := c.e.latest()
	if v.Seq == c.seq { // perhaps a transaction was rolled back that had rows in the store
		return time.Since(last) >= c.e.cfg.CheckpointEvery && c.e.env.Dead() > 0
	}
	return time.Since(last) >= c.e.cfg.CheckpointEvery || int64(c.e.log.Tail()-c.pos) >= c.e.cfg.CheckpointBytes
}

// now makes a checkpoint and waits for it.
func (c *checkpointer) now(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case c.reqs <- answer:
	case <-c.gone:
		return errShutdown()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return <-answer
}

// stop ends it, with a last checkpoint if write is set.
func (c *checkpointer) stop(write bool) error {
	c.quit <- write
	return <-c.done
}

// capture is the state of everything at one commit, as a checkpoint takes it.
type capture struct {
	v    *Version
	meta checkpointMeta
	// pages are those of circuits that have changed; fresh are views whose stored
	// pages are of no more use.
	pages []page
	fresh []OID
	err   error
}

type page struct {
	key  []byte
	data []byte // nil: deleted
}

// capture runs on the line.
func (l *line) capture() *capture {
	s := l.state
	c := &capture{v: s.cur, meta: checkpointMeta{
		Pos: l.e.oldestStaged(s.pos), Seq: s.cur.Seq, Clock: s.cur.Clock, NextOID: OID(l.e.oids.Load()), NextTx: l.e.txids.Load() + 1,
		Streams: map[OID]streamMeta{}, Views: map[OID]viewMeta{},
	}}
	for _, q := range s.seqs {
		c.meta.Sequences = append(c.meta.Sequences, q)
	}
	for oid, o := range s.rels {
		if o.def.Kind == catalog.Stream {
			c.meta.Streams[oid] = streamMeta{o.mark, o.stats}
		}
	}
	for _, v := range s.views {
		c.meta.Views[v.oid] = viewMeta{v.circuit.Fingerprint(), v.mark, append([]int64(nil), v.marks...), v.stopped != nil}
		if v.fresh {
			c.fresh = append(c.fresh, v.oid)
			v.fresh = false
		}
		if v.stopped != nil {
			continue
		}
		if err := v.circuit.Save(pageCollector{c, v.oid}); err != nil && c.err == nil {
			c.err = err
		}
	}
	return c
}

// pageCollector implements exec.PageWriter.
type pageCollector struct {
	c    *capture
	view OID
}

// Put implements exec.PageWriter.
func (p pageCollector) Put(node, table, n uint32, data []byte) error {
	p.c.pages = append(p.c.pages, page{key(keyCircuit, uint32(p.view), node, table, n), append([]byte{}, data...)})
	return nil
}

// Delete implements exec.PageWriter.
func (p pageCollector) Delete(node, table, n uint32) error {
	p.c.pages = append(p.c.pages, page{key: key(keyCircuit, uint32(p.view), node, table, n)})
	return nil
}

var _ exec.PageWriter = pageCollector{}

// checkpoint makes one.
func (c *checkpointer) checkpoint() error {
	if c.e.broken.Load() != nil {
		return nil // what is in memory may be more than the log holds
	}
	after := c.e.env.Sweep()
	var cp *capture
	if err := c.e.line.do(func() { cp = c.e.line.capture() }); err != nil {
		return err
	}
	if cp.v.Seq == c.seq && cp.v.Cat == c.cat && len(cp.pages) == 0 && c.seq > 0 {
		return after()
	}
	err := cp.err
	if err == nil {
		err = c.write(cp)
	}
	if err != nil {
		_ = c.e.line.do(func() {
			for _, v := range c.e.line.state.views {
				v.circuit.SaveAll()
			}
		})
		return err
	}
	if err := after(); err != nil {
		c.e.cfg.Logger.Warn("deleting old segments", "error", err)
	}
	crash.Point("checkpoint.before-trim")
	return c.e.log.Trim(cp.meta.Pos)
}

func (c *checkpointer) write(cp *capture) error {
	b := c.e.store.Begin()
	err := c.fill(b, cp)
	if err != nil {
		b.Abort()
		return err
	}
	meta, err := json.Marshal(&cp.meta)
	if err != nil {
		b.Abort()
		return err
	}
	crash.Point("checkpoint.before-commit")
	if err := b.Commit(meta); err != nil {
		return err
	}
	c.took(cp)
	return nil
}

// fill puts what has changed since the last checkpoint.
func (c *checkpointer) fill(b *ckpt.Batch, cp *capture) error {
	if err := c.fillCatalog(b, cp.v.Cat); err != nil {
		return err
	}
	for oid := range c.rows {
		if st := cp.v.relation(oid); st == nil {
			if err := b.DeletePrefix(key(keyRows, uint32(oid))); err != nil {
				return err
			}
		}
	}
	for oid := range c.contents {
		if st := cp.v.relation(oid); st == nil {
			if err := c.forgetView(b, oid, keyContents, keyCircuit); err != nil {
				return err
			}
		}
	}
	for _, oid := range cp.fresh {
		if err := c.forgetView(b, oid, keyContents, keyCircuit); err != nil {
			return err
		}
		delete(c.contents, oid)
	}
	for oid, slot := range cp.v.rels.slots {
		st := cp.v.rels.chunks[slot/relChunk][slot%relChunk]
		var err error
		switch {
		case st == nil:
		case st.rows != nil && st.rows != c.rows[oid]:
			err = st.rows.Save(b, key(keyRows, uint32(oid)), c.rows[oid])
		case st.view != nil && st.view != c.contents[oid]:
			err = st.view.Save(b, key(keyContents, uint32(oid)), c.contents[oid])
		}
		if err != nil {
			return err
		}
	}
	return putPages(b, cp.pages)
}

func putPages(b *ckpt.Batch, pages []page) error {
	for _, p := range pages {
		var err error
		if p.data == nil {
			err = b.Delete(p.key)
		} else {
			err = b.Put(p.key, p.data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checkpointer) forgetView(b *ckpt.Batch, oid OID, kinds ...byte) error {
	for _, k := range kinds {
		if err := b.DeletePrefix(key(k, uint32(oid))); err != nil {
			return err
		}
	}
	return nil
}

func (c *checkpointer) fillCatalog(b *ckpt.Batch, cat *catalog.Snapshot) error {
	if cat == c.cat {
		return nil
	}
	if err := b.DeletePrefix([]byte{keyCatalog}); err != nil {
		return err
	}
	for i, ch := range cat.Dump() {
		data, err := json.Marshal(&ch)
		if err != nil {
			return pgerr.Wrap(err, pgerr.InternalError, "saving the catalogue")
		}
		if err := b.Put(key(keyCatalog, uint32(i)), data); err != nil {
			return err
		}
	}
	return nil
}

// took notes what the checkpoint that was committed holds.
func (c *checkpointer) took(cp *capture) {
	clear(c.rows)
	clear(c.contents)
	for oid, slot := range cp.v.rels.slots {
		switch st := cp.v.rels.chunks[slot/relChunk][slot%relChunk]; {
		case st == nil:
		case st.rows != nil:
			c.rows[oid] = st.rows
		case st.view != nil:
			c.contents[oid] = st.view
		}
	}
	c.cat, c.seq, c.pos = cp.v.Cat, cp.v.Seq, cp.meta.Pos
}
