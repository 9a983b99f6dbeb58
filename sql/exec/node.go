package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Emit takes a batch of changes: rows with weights. The batch is lent for the
// call (vec rule O1).
type Emit func(d *vec.Batch) error

// Node is an operator over changes. A step is: Push the changes of port 0 in any
// number of batches, then those of port 1 and so on, then Flush. What is emitted
// in a step, added up over all steps, is the operator applied to what was pushed
// in all steps.
//
// C1: a node changes nothing in what it is given and keeps none of it but
// strings it has copied.
//
// C2: what it emits depends on what was pushed, in its order, and on nothing
// else: no clock, no map order, no randomness.
//
// C3: rows that fail are reported (BadRow) with their weight and are otherwise
// left out. An error returned by Push or Flush is not of a row (cancellation, a
// limit); the node is then in no usable state.
//
// C5: what has been pushed adds up, after every step, to rows that are there: no
// row counts a negative number of times. Within a step the removal of a row may
// come before the row.
type Node interface {
	Push(ctx context.Context, port int, d *vec.Batch, emit Emit) error
	Flush(ctx context.Context, emit Emit) error
}

// BadRow is told of a row that failed, and how often it counts; a negative
// weight takes back a failure reported earlier.
type BadRow func(err error, weight int64)

// Stateful is a Node that remembers something between steps.
//
// C4: after Save, the pages written since the node was empty (the newest of each,
// without those deleted) are its state: a new node of the same kind that has
// loaded them goes on exactly as this one does, and equal states are equal pages.
// Save and LoadPage are called between steps.
type Stateful interface {
	Node
	// Save writes the pages that have changed since the last Save; SaveAll makes
	// the next Save write all.
	Save(w state.PageWriter) error
	SaveAll()
	// LoadPage takes back a page; Loaded is called after the last one.
	LoadPage(table, page uint32, data []byte) error
	Loaded() error
	// Bytes is the memory in use, Kept the number of rows or groups kept.
	Bytes() int64
	Kept() int
}
