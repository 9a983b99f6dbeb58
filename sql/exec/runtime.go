package exec

import (
	"context"
	"runtime"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Runtime is what a plan runs in.
type Runtime struct {
	Env    *funcs.Env
	Params []types.Datum // $1 …, of the types the plan was made for
	Rels   Relations
	// Work are the rows of the plan's WorkScans that are of no Recursive, by ID: what
	// an INSERT or UPDATE has at hand. The batches are lent.
	Work map[int][]*vec.Batch
	// WorkMem is what one operator may keep in memory, in bytes; 0 is
	// DefaultWorkMem.
	WorkMem int64
	// HashMem is the same of what hashes: joins, groups, DISTINCT; 0 is WorkMem.
	HashMem int64
	// TempDir is where temporary files go; "" is the system's.
	TempDir string
	// Workers is how many goroutines a query may use; 0 is GOMAXPROCS.
	Workers int
	// Stats collects what EXPLAIN ANALYZE shows; nil: nothing is counted.
	Stats *Stats
}

// DefaultWorkMem is the memory of one operator when the Runtime does not say.
const DefaultWorkMem = 64 << 20

func (rt *Runtime) workMem() int64 {
	if rt.WorkMem <= 0 {
		return DefaultWorkMem
	}
	return rt.WorkMem
}

func (rt *Runtime) hashMem() int64 {
	if rt.HashMem <= 0 {
		return rt.workMem()
	}
	return rt.HashMem
}

func (rt *Runtime) workers() int {
	if rt.Workers <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return rt.Workers
}

// Relations is what plans read: all relations as they stand at one commit, and
// what a transaction has written itself. Its methods are called by several
// goroutines at once, as are those of Runtime.Env for stable functions.
type Relations interface {
	// Parts says into how many parts the scan is usefully divided for parallel
	// reading, 1 when it is not. The parts one after another are the whole scan.
	Parts(s *plan.Scan, req *ScanRequest) int
	// Scan opens a scan, or a part of it. The columns are those of s.Attrs; rows
	// come in id order, or in that of the index.
	Scan(ctx context.Context, s *plan.Scan, req *ScanRequest) (vec.Source, error)
	// Lookup looks rows up by the index of s: the leading keys of the index are
	// equal to keys, of which there are n rows. A key that is NULL finds nothing.
	Lookup(ctx context.Context, s *plan.Scan, keys []vec.Vec, n int) (Found, error)
	// Lock locks the rows of target i of l whose ids are given (-1: none), and
	// gives the positions of those that still count, in order.
	Lock(ctx context.Context, l *plan.LockRows, i int, ids []int64) ([]int32, error)
	// Watermark is the least watermark of the relations, window.NoTime if one of
	// them has none.
	Watermark(rels []catalog.OID) int64
}

// Found gives the rows that a Lookup found. Next fills out as a vec.Source does,
// and gives for each row the number of the key it was found for; these ascend.
type Found interface {
	Next(ctx context.Context, out *vec.Batch) (key []int32, err error)
	Close() error
}

// ScanRequest is a scan's conditions with their values, and which part is wanted.
type ScanRequest struct {
	// Ranges are the values of the Scan's Ranges.
	Ranges []Bounds
	// Eq are the values of the index's leading keys, none of them NULL. In, when
	// the Scan's Index has one, replaces the first of them: its values ascend and
	// are distinct. Key bounds the key after them.
	Eq  []types.Datum
	In  []types.Datum
	Key Bounds
	// Part of Parts, from 0.
	Part, Parts int
	// Limit is how many rows will be asked for at most, -1 when unknown.
	Limit int64
	// Sifts tell which rows are of interest.
	Sifts []Sift
}

// Bounds is an interval; a side that Has says nothing of is open.
type Bounds struct {
	Lo, Hi         types.Datum
	HasLo, HasHi   bool
	LoOpen, HiOpen bool // the bound itself is excluded
}
