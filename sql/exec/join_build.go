package exec

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// joinBuild is the build side of a hash join: its rows and the table over their
// keys. When the rows do not fit in memory it holds them in a file instead.
type joinBuild struct {
	spec *joinSpec
	in   operator

	done  bool
	rows  *rowSet // the build input's columns, then computed keys
	keys  []int   // which of them are the keys
	table *joinTable
	// hasNull: a key that matches nothing is NULL in some row; nullRows are these
	// rows, where the kind of join wants to know.
	hasNull  bool
	nullRows []int32
	total    int64 // rows, those of other partitions included
	others   sideFacts
	sifts    []*keySift // by key; nil where nobody asks
	level    int        // how often the rows were divided already
	mem      memory
	// spilled holds all rows when they are too many.
	spilled *rowBuffer
	ev      evaluator
	dense   denser
}

// ready reads the build input, unless that is done. What is then there is either
// the table, or the rows in a file.
func (b *joinBuild) ready(ctx context.Context) error {
	if b.done {
		return nil
	}
	s := b.spec
	b.ev.rt, b.mem = s.runtime, memory{limit: s.runtime.hashMem(), stats: s.stats}
	b.dense.need = s.buildKeys.need
	b.begin()
	var in vec.Batch
	vals := make([]vec.Vec, len(s.keys))
	for {
		if err := b.in.Next(ctx, &in); err != nil {
			return err
		}
		if in.N == 0 {
			break
		}
		b.total += int64(in.N)
		if b.spilled != nil {
			if err := b.spilled.add(&in); err != nil {
				return err
			}
			continue
		}
		if err := b.add(ctx, &in, vals); err != nil {
			return err
		}
		if b.mem.used+tableBytes(b.rows.n) > b.mem.limit {
			if err := b.spill(); err != nil {
				return err
			}
		}
	}
	b.done = true
	if b.spilled != nil {
		return nil
	}
	return b.finish(ctx)
}

// begin lays out the columns that are kept: the input's, and keys that are not
// among them.
func (b *joinBuild) begin() {
	s := b.spec
	kinds := slices.Clone(s.buildKinds)
	b.keys = b.keys[:0]
	for _, k := range s.keys {
		b.keys = append(b.keys, len(kinds))
		kinds = append(kinds, k.typ.Kind)
	}
	for i, pos := range s.buildKeys.direct {
		if pos >= 0 {
			b.keys[i] = pos
		}
	}
	b.rows, b.total, b.hasNull, b.nullRows = newRowSet(kinds), 0, false, nil
}

// add keeps the rows of a batch with their keys.
func (b *joinBuild) add(ctx context.Context, in *vec.Batch, vals []vec.Vec) error {
	s, before := b.spec, b.rows.bytes
	for i := range s.buildKinds {
		b.rows.addCol(i, &in.Cols[i], in.Sel, in.N)
	}
	if slices.Max(b.keys) >= len(s.buildKinds) {
		dense := b.dense.dense(in)
		s.buildKeys.EvalAll(b.ev.start(ctx), &dense, vals)
		if err := b.ev.bad.First(); err != nil {
			return err
		}
	}
	for i := len(s.buildKinds); i < len(b.rows.cols); i++ {
		k := i - len(s.buildKinds)
		if b.keys[k] == i {
			b.rows.addCol(i, &vals[k], nil, in.N)
		}
	}
	b.rows.n += in.N
	b.mem.add(b.rows.bytes - before)
	return nil
}

// finish makes the table.
func (b *joinBuild) finish(ctx context.Context) (err error) {
	keys := make([]vec.Vec, len(b.keys))
	for i, k := range b.keys {
		keys[i] = b.rows.cols[k]
	}
	b.noteNulls(keys)
	for i, s := range b.sifts {
		if s != nil && s.read && keys[i].Kind == types.Int {
			s.make(&keys[i])
		}
	}
	b.table, err = newJoinTable(ctx, keys, b.spec.keys, b.rows.n, b.spec.asks())
	b.mem.add(tableBytes(b.rows.n))
	return err
}

// noteNulls finds the rows whose key is NULL, for the kinds of join that care.
func (b *joinBuild) noteNulls(keys []vec.Vec) {
	if !b.spec.nullAware() {
		return
	}
	h := hasher{ks: b.spec.keys}
	for i, null := range h.nulls(keys, b.rows.n) {
		if null {
			b.hasNull = true
			b.nullRows = append(b.nullRows, int32(i))
		}
	}
}

// spill moves the rows to a file.
func (b *joinBuild) spill() (err error) {
	kinds := b.spec.buildKinds
	b.spilled = newRowBuffer(b.spec.runtime, kinds, b.spec.stats)
	if err := b.spilled.toFile(); err != nil {
		return err
	}
	part := vec.Batch{Cols: b.rows.cols[:len(kinds)], N: b.rows.n}
	var out vec.Batch
	for lo := 0; lo < b.rows.n; lo += vec.Size {
		part.Slice(&out, lo, min(lo+vec.Size, b.rows.n))
		if err := b.spilled.add(&out); err != nil {
			return err
		}
	}
	b.rows = nil
	b.mem.free()
	return nil
}

// close lets go of everything, also of the input.
func (b *joinBuild) close() error {
	b.drop()
	return b.in.Close()
}

func (b *joinBuild) drop() {
	if b.spilled != nil {
		b.spilled.reset()
	}
	b.done, b.rows, b.table, b.spilled = false, nil, nil, nil
	for _, s := range b.sifts {
		if s != nil {
			s.drop()
		}
	}
	b.mem.free()
}

func (b *joinBuild) rewind(why restart) {
	if why == newOuter && b.spec.static && b.done {
		return
	}
	b.drop()
	b.in.rewind(why)
}
