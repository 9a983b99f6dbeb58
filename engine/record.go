package engine

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage"
)

// Types of log records.
const (
	// recGroup is a group of commits that were stepped as one.
	recGroup byte = 1
	// recStage is a block of rows of a transaction that may commit later.
	recStage byte = 2
)

// A group record:
//
//	seq of its first commit, clock, number of commits, then each commit:
//	transaction id, catalogue changes (JSON, length first), sequences, ops
//
// Numbers are varints. What an op holds is told by its kind. A group without
// commits is a tick: the clock alone moves.

// opKind is what an op does.
type opKind byte

const (
	// opRows adds the rows of a block in the record.
	opRows opKind = 1
	// opStaged adds the rows of staged blocks of the transaction, by their numbers.
	opStaged opKind = 2
	// opDelete deletes rows by id.
	opDelete opKind = 3
	// opTruncate deletes all rows.
	opTruncate opKind = 4
	// opSpilled adds rows that are in blobs of the store, and deletes some of them
	// again, by their position.
	opSpilled opKind = 5
)

// seqState is a sequence's position.
type seqState struct {
	OID    OID
	Last   int64
	Called bool
}

// recordWriter appends to a record.
type recordWriter struct{ buf []byte }

func (w *recordWriter) uint(n uint64)  { w.buf = binary.AppendUvarint(w.buf, n) }
func (w *recordWriter) int(n int64)    { w.buf = binary.AppendVarint(w.buf, n) }
func (w *recordWriter) bytes(b []byte) { w.uint(uint64(len(b))); w.buf = append(w.buf, b...) }

// payload encodes one commit's part of a group record.
func (c *commit) payload() ([]byte, error) {
	w := &recordWriter{buf: make([]byte, 0, 32)}
	w.uint(c.tx)
	var cat []byte
	if len(c.cat) > 0 {
		var err error
		if cat, err = json.Marshal(c.cat); err != nil {
			return nil, err
		}
	}
	w.bytes(cat)
	w.uint(uint64(len(c.seqs)))
	for _, s := range c.seqs {
		w.uint(uint64(s.OID))
		w.int(s.Last)
		called := uint64(0)
		if s.Called {
			called = 1
		}
		w.uint(called)
	}
	w.uint(uint64(len(c.ops)))
	for i := range c.ops {
		if err := c.ops[i].encode(w); err != nil {
			return nil, err
		}
	}
	return w.buf, nil
}

func (o *op) encode(w *recordWriter) error {
	w.buf = append(w.buf, byte(o.kind))
	w.uint(uint64(o.rel))
	switch o.kind {
	case opRows:
		if o.chunk != nil {
			b := o.chunk.Block()
			w.bytes(b.Bytes())
			return nil
		}
		return w.block(o.batch)
	case opStaged:
		w.uint(uint64(len(o.numbers)))
		last := uint64(0)
		for _, n := range o.numbers {
			w.uint(n - last)
			last = n
		}
	case opDelete:
		w.ids(o.ids)
	case opSpilled:
		w.bytes(o.spilled.Pack(nil))
		w.ids(o.ids)
	}
	return nil
}

// block writes the rows of a batch. They are encoded aside, as their length stands
// before them.
func (w *recordWriter) block(b *vec.Batch) error {
	aside := blocks.Get().(*[]byte)
	defer blocks.Put(aside)
	block, err := vec.Encode((*aside)[:0], b)
	if err != nil {
		return err
	}
	w.buf = slices.Grow(w.buf, len(block)+2*binary.MaxVarintLen64)
	w.bytes(block)
	if cap(block) <= keptRecord {
		*aside = block
	}
	return nil
}

// blocks is memory for encoded batches.
var blocks = sync.Pool{New: func() any { return new([]byte) }}

// ids writes ids in the order of the statement: they are not sorted.
func (w *recordWriter) ids(ids []uint64) {
	w.uint(uint64(len(ids)))
	last := uint64(0)
	for _, id := range ids {
		w.int(int64(id - last))
		last = id
	}
}

// groupHeader encodes what stands before the commits.
func groupHeader(seq storage.Seq, clock int64, n int) []byte {
	w := &recordWriter{}
	w.uint(uint64(seq))
	w.int(clock)
	w.uint(uint64(n))
	return w.buf
}

// recordReader reads a record; the first malformed part makes it fail for good.
type recordReader struct {
	buf []byte
	err error
}

func (r *recordReader) fail() {
	if r.err == nil {
		r.err = pgerr.New(pgerr.DataCorrupted, "malformed record in the commit log")
	}
	r.buf = nil
}

func (r *recordReader) uint() uint64 {
	n, k := binary.Uvarint(r.buf)
	if k <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[k:]
	return n
}

func (r *recordReader) int() int64 {
	n, k := binary.Varint(r.buf)
	if k <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[k:]
	return n
}

func (r *recordReader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.buf)) {
		r.fail()
		return nil
	}
	b := r.buf[:n:n]
	r.buf = r.buf[n:]
	return b
}

// count reads a number of things that each take at least one byte.
func (r *recordReader) count() int {
	n := r.uint()
	if n > uint64(len(r.buf)) {
		r.fail()
		return 0
	}
	return int(n)
}

// group is a group record that was read.
type group struct {
	seq     storage.Seq
	clock   int64
	commits []*commit
}

// readGroup decodes a group record. Rows stay encoded; staged blocks are filled in
// by the reader of the log.
func readGroup(data []byte) (*group, error) {
	r := &recordReader{buf: data}
	g := &group{seq: storage.Seq(r.uint()), clock: r.int()}
	n := r.count()
	for range n {
		g.commits = append(g.commits, r.commit())
		if r.err != nil {
			return nil, r.err
		}
	}
	return g, r.err
}

func (r *recordReader) commit() *commit {
	c := &commit{tx: r.uint()}
	if cat := r.bytes(); len(cat) > 0 {
		var changes []catalog.Change
		if err := json.Unmarshal(cat, &changes); err != nil {
			r.err = pgerr.New(pgerr.DataCorrupted, "malformed catalogue change in the commit log: %s", err)
			return c
		}
		c.cat = changes
	}
	for range r.count() {
		c.seqs = append(c.seqs, seqState{OID: OID(r.uint()), Last: r.int(), Called: r.uint() == 1})
	}
	for range r.count() {
		c.ops = append(c.ops, r.op())
		if r.err != nil {
			break
		}
	}
	return c
}

func (r *recordReader) op() op {
	if len(r.buf) == 0 {
		r.fail()
		return op{}
	}
	o := op{kind: opKind(r.buf[0])}
	r.buf = r.buf[1:]
	o.rel = OID(r.uint())
	switch o.kind {
	case opRows:
		o.block = r.bytes()
	case opStaged:
		n := uint64(0)
		for range r.count() {
			n += r.uint()
			o.numbers = append(o.numbers, n)
		}
	case opDelete:
		o.ids = r.ids()
	case opSpilled:
		o.packed, o.ids = r.bytes(), r.ids()
	case opTruncate:
	default:
		r.err = pgerr.New(pgerr.DataCorrupted, "unknown operation %d in the commit log", o.kind)
	}
	return o
}

func (r *recordReader) ids() (ids []uint64) {
	id := uint64(0)
	for range r.count() {
		id += uint64(r.int())
		ids = append(ids, id)
	}
	return ids
}

// stageRecord encodes a block of rows of a transaction; number counts its blocks
// from 1 on.
func stageRecord(tx, number uint64, oid OID, block []byte) []byte {
	w := &recordWriter{buf: make([]byte, 0, len(block)+30)}
	w.uint(tx)
	w.uint(number)
	w.uint(uint64(oid))
	w.buf = append(w.buf, block...)
	return w.buf
}

// readStage decodes a staged block; the block aliases data.
func readStage(data []byte) (tx, number uint64, block []byte, err error) {
	r := &recordReader{buf: data}
	tx, number = r.uint(), r.uint()
	r.uint() // the relation; it is for those who look at the log
	return tx, number, r.buf, r.err
}

// String shows a commit for tests and logs.
func (c *commit) String() string {
	return fmt.Sprintf("commit of transaction %d: %d ops, %d catalogue changes", c.tx, len(c.ops), len(c.cat))
}
