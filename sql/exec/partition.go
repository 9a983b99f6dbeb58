package exec

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// partitioner divides rows by bits of their hash into files, so that each part can
// be worked on by itself. What does not fit even then is divided again by other
// bits: level says which.
type partitioner struct {
	files []*rowFile
	sets  []*rowSet
	rows  [][]int32
	shift uint
}

const (
	partBits = 4
	numParts = 1 << partBits
	partRows = 1024 // are collected before they are written
	// maxLevel is how often rows are divided before it is taken that they hash alike.
	maxLevel = 6
)

// newPartitioner makes the empty parts of a level, from 0.
func newPartitioner(rt *Runtime, kinds []types.Kind, level int, stats *NodeStats) *partitioner {
	p := &partitioner{shift: uint(32 + partBits*level), rows: make([][]int32, numParts)}
	for range numParts {
		p.files = append(p.files, newRowFile(rt, stats))
		p.sets = append(p.sets, newRowSet(kinds))
	}
	return p
}

// add puts the rows of b that count, whose hashes are given, into their parts.
func (p *partitioner) add(b *vec.Batch, hash []uint64) error {
	for i := range p.rows {
		p.rows[i] = p.rows[i][:0]
	}
	for j := range b.N {
		k := hash[j] >> p.shift & (numParts - 1)
		p.rows[k] = append(p.rows[k], int32(b.Row(j)))
	}
	for k, rows := range p.rows {
		if len(rows) == 0 {
			continue
		}
		p.sets[k].addRows(b.Cols, rows)
		if p.sets[k].n >= partRows {
			if err := p.write(k); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *partitioner) write(k int) error {
	s := p.sets[k]
	var part vec.Batch
	for lo := 0; lo < s.n; lo += vec.Size {
		s.batch(&part, lo, min(lo+vec.Size, s.n))
		if err := p.files[k].add(&part); err != nil {
			return err
		}
	}
	s.clear()
	return nil
}

// finish writes what is left, so that the parts can be read.
func (p *partitioner) finish() error {
	for k := range p.files {
		if err := p.write(k); err != nil {
			return err
		}
		if err := p.files[k].finish(); err != nil {
			return err
		}
		p.sets[k].reset()
	}
	return nil
}

func (p *partitioner) close() {
	if p == nil {
		return
	}
	for _, f := range p.files {
		f.close()
	}
	p.files = nil
}
