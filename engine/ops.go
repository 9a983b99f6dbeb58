package engine

import (
	"slices"
	"sync"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// op is one change to one relation's rows.
type op struct {
	kind opKind
	rel  OID
	// Rows: a batch in storage layout (a column per slot), or a chunk; keys belong to
	// batch, a list per index slot.
	batch *vec.Batch
	keys  []*rel.Keys
	chunk *rel.Chunk
	// staged are chunks that were written to the log ahead of the commit, and numbers
	// which of the transaction's blocks they are.
	staged  []*rel.Chunk
	numbers []uint64
	// spilled are rows that were moved to the store ahead of the commit; ids are then
	// those of them, by position, that were deleted again.
	spilled *rel.Relation
	// ids of the rows to delete.
	ids []uint64
	// moved are those of the deleted rows that became others: moved[i] is now row moves[i]
	// of those that the transaction adds to the relation.
	moved []uint64
	moves []uint32
	// joined: batch and keys are this op's own, made of several.
	joined bool

	// In recovery: the block still encoded, the staged ones, and the spilled rows packed.
	block  []byte
	blocks [][]byte
	packed []byte
}

// commit is what one transaction changes.
type commit struct {
	tx   uint64
	ops  []op
	cat  []catalog.Change
	seqs []seqState
	// notes are sent to listeners once the commit is published.
	notes []notification
	// sync: the commit is acknowledged after it is durable (synchronous_commit).
	sync bool
	// hasStaged: blocks of it are in the log already.
	hasStaged bool
	// rows is how many rows it adds.
	rows int
	// data is the encoded payload.
	data []byte
	// built are materialized views that the commit brings in, ready to go on from a
	// version; live only.
	built []*viewBuild
	// indexes are those that it brings in over stored rows, built; live only.
	indexes []builtIndex
	// check runs on the commit line before anything is done; an error refuses the
	// commit. v is what was committed before its group, before are the commits ahead of
	// it in the group.
	check func(v *Version, before []*commit) error

	done chan struct{}
	err  error
	// mu guards what Notify and finish share.
	mu       sync.Mutex
	finished bool
	waiter   port.Waiter
}

// spilled tells whether the commit has rows in the store.
func (c *commit) spilled() bool {
	return slices.ContainsFunc(c.ops, func(o op) bool { return o.kind == opSpilled })
}

// Done implements port.Pending.
func (c *commit) Done() <-chan struct{} { return c.done }

// Err implements port.Pending.
func (c *commit) Err() error { return c.err }

// Notify implements port.Notifier.
func (c *commit) Notify(w port.Waiter) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.finished {
		return false
	}
	c.waiter = w
	return true
}

// finish answers the commit. It gives who is to be told, nil for nobody.
func (c *commit) finish(err error) port.Waiter {
	c.err = err
	close(c.done)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finished = true
	return c.waiter
}
