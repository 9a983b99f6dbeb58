package engine

import (
	"sync"

	"github.com/streamsqld/streamsqld/catalog"
)

// relDef is what the engine derives from a relation's definition.
type relDef struct {
	rel    *catalog.Relation
	layout *layout
	keys   *indexKeys
	// refs are its foreign keys.
	refs []*catalog.Constraint
}

// defCache holds the relDefs of one catalogue.
type defCache struct {
	snap *catalog.Snapshot
	mu   sync.RWMutex
	rels map[OID]*relDef
}

// def gives what is derived from a relation's definition in a catalogue; that of
// the latest one is kept.
func (e *Engine) def(r *catalog.Relation, snap *catalog.Snapshot) *relDef {
	snap = snap.In(0)
	c := e.defs.Load()
	if c == nil || c.snap != snap {
		if v := e.cur.Load(); v == nil || v.Cat != snap {
			return e.newDef(r, snap)
		}
		c = &defCache{snap: snap, rels: map[OID]*relDef{}}
		e.defs.Store(c)
	}
	c.mu.RLock()
	d := c.rels[r.OID]
	c.mu.RUnlock()
	if d == nil || d.rel != r {
		d = e.newDef(r, snap)
		c.mu.Lock()
		c.rels[r.OID] = d
		c.mu.Unlock()
	}
	return d
}

func (e *Engine) newDef(r *catalog.Relation, snap *catalog.Snapshot) *relDef {
	lay := newLayout(r, snap)
	d := &relDef{rel: r, layout: lay, keys: newIndexKeys(e, r, lay, snap)}
	if r.Kind != catalog.Table {
		return d
	}
	for _, c := range r.Constraints {
		if c.Kind == catalog.Foreign {
			d.refs = append(d.refs, c)
		}
	}
	return d
}

// ownKeys gives keys for one goroutine: compiled expressions are not shared.
func (d *relDef) ownKeys(e *Engine, snap *catalog.Snapshot) *indexKeys {
	if d.keys.compiled {
		return newIndexKeys(e, d.rel, d.layout, snap)
	}
	return d.keys
}
