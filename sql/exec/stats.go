package exec

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Stats is what EXPLAIN ANALYZE shows: counters per node of the plan.
type Stats struct {
	mu    sync.Mutex
	nodes map[plan.Node]*NodeStats
}

// NodeStats are the counters of one node. Several workers may add to them.
type NodeStats struct {
	Rows    atomic.Int64 // given
	Batches atomic.Int64
	Loops   atomic.Int64 // how often the node was run
	// Nanos is the time in the node and below, of all workers together.
	Nanos atomic.Int64
	// Memory is the most bytes that were kept at once, Spilled the bytes written
	// to temporary files.
	Memory  atomic.Int64
	Spilled atomic.Int64
}

// NewStats makes empty counters.
func NewStats() *Stats { return &Stats{nodes: map[plan.Node]*NodeStats{}} }

// Of gives the counters of a node, nil when it was not compiled.
func (s *Stats) Of(n plan.Node) *NodeStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nodes[n]
}

func (s *Stats) of(n plan.Node) *NodeStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.nodes[n]
	if st == nil {
		st = &NodeStats{}
		s.nodes[n] = st
	}
	return st
}

// countedOp counts what an operator gives.
type countedOp struct {
	in    operator
	stats *NodeStats
	began bool
}

// Next implements vec.Source.
func (o *countedOp) Next(ctx context.Context, out *vec.Batch) error {
	if !o.began {
		o.began = true
		o.stats.Loops.Add(1)
	}
	t := time.Now()
	err := o.in.Next(ctx, out)
	o.stats.Nanos.Add(int64(time.Since(t)))
	if err == nil && out.N > 0 {
		o.stats.Rows.Add(int64(out.N))
		o.stats.Batches.Add(1)
	}
	return err
}

// Close implements vec.Source.
func (o *countedOp) Close() error { return o.in.Close() }

func (o *countedOp) rewind(why restart) {
	o.began = false
	o.in.rewind(why)
}
