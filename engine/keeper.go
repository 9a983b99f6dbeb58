package engine

import (
	"context"
	"sort"
	"time"

	"github.com/streamsqld/streamsqld/storage/rel"
)

// keeper moves rows from memory into segments, and merges segments, beside the
// commit line: jobs are made from a published version, run here, and their results
// are swapped in on the line.
type keeper struct {
	e    *Engine
	wake chan struct{}
	ctx  context.Context
	stop context.CancelFunc
	done chan struct{}
	// seen is the version of each relation that was last looked at in vain.
	seen map[OID]*rel.Relation
}

func newKeeper(e *Engine) *keeper {
	k := &keeper{e: e, wake: make(chan struct{}, 1), done: make(chan struct{}), seen: map[OID]*rel.Relation{}}
	k.ctx, k.stop = context.WithCancel(context.Background())
	return k
}

// poke says that there are new rows.
func (k *keeper) poke() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// pause is how long the keeper rests between rounds that found something: rows that
// come meanwhile are sealed together.
const pause = 20 * time.Millisecond

func (k *keeper) run() {
	defer close(k.done)
	for {
		select {
		case <-k.wake:
		case <-k.ctx.Done():
			return
		}
		for k.round() && k.ctx.Err() == nil {
		}
		select {
		case <-time.After(pause):
		case <-k.ctx.Done():
			return
		}
	}
}

// end stops the keeper and waits for the job under way.
func (k *keeper) end() {
	k.stop()
	<-k.done
}

// round does one job, the most urgent one; false when there is none.
func (k *keeper) round() bool {
	v := k.e.latest()
	over := k.e.env.Tail.Over()
	for _, c := range k.candidates(v, over) {
		if s := c.rows.Seal(over); s != nil {
			return k.do(c, s.Run)
		}
		if over {
			continue
		}
		if s := c.rows.Compact(false); s != nil {
			return k.do(c, s.Run)
		}
		k.seen[c.oid] = c.rows
	}
	return false
}

type candidate struct {
	oid    OID
	rows   *rel.Relation
	memory int64
}

// candidates lists the relations that have changed since they were looked at,
// those with most in memory first.
func (k *keeper) candidates(v *Version, over bool) []candidate {
	var out []candidate
	for oid, slot := range v.rels.slots {
		st := v.rels.chunks[slot/relChunk][slot%relChunk]
		if st == nil || st.rows == nil || !over && k.seen[oid] == st.rows {
			continue
		}
		_, memory := st.rows.Bytes()
		out = append(out, candidate{oid, st.rows, memory})
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].memory != out[j].memory {
			return out[i].memory > out[j].memory
		}
		return out[i].oid < out[j].oid
	})
	for oid := range k.seen {
		if v.relation(oid) == nil {
			delete(k.seen, oid)
		}
	}
	return out
}

// do runs a job and swaps its result in.
func (k *keeper) do(c candidate, run func(context.Context) (*rel.Replacement, error)) bool {
	p, err := run(k.ctx)
	if err != nil {
		if k.ctx.Err() == nil {
			k.e.cfg.Logger.Error("rows cannot be moved to segments", "relation", c.oid, "error", err)
		}
		k.seen[c.oid] = c.rows
		return false
	}
	if err := k.e.line.do(func() { k.e.line.swap(c.oid, p) }); err != nil {
		p.Discard()
		return false
	}
	return true
}

// swap puts a job's result in place and publishes the relation again: the rows are
// the same.
func (l *line) swap(oid OID, p *rel.Replacement) {
	o := l.state.rels[oid]
	if o == nil {
		p.Discard()
		return
	}
	if !o.writer.Replace(p) {
		return
	}
	l.republish(o)
}

// republish shows a relation's writer as it is now, at the same commit.
func (l *line) republish(o *owner) {
	v := *l.state.cur
	edit := v.rels.edit()
	st := o.published(v.Seq)
	if old := v.rels.get(o.oid); old != nil {
		st.changed = old.changed
	}
	edit.set(o.oid, st)
	v.rels = edit.relMap
	l.publish(&v)
}
