// Package segment holds immutable columnar runs of one relation's rows, in the
// order of their row ids, as blobs of the store: one part per column, which is a
// sequence of pages (sql/vec), one per block of up to vec.Size rows. A segment
// has at most MaxRows rows, in as a rule 16 blocks. What is in memory is a
// Segment: where the pages are, and the least and greatest value per column.
//
// G1: row ids ascend within a segment. They are dense (Lo, Lo+1, …) unless rows
// were left out when the segment was built; then they are a column of their own.
//
// G2: a part never changes, and every page has a checksum that is verified when
// the page is read; the part of a column holds nothing but its pages. The
// Segment itself is saved in its owner's manifest (AppendMeta), under the
// checkpoint's checksum.
//
// G3: a column slot means the same for ever. A slot beyond those that a segment
// has, or one without a column, is absent: its owner knows what to give.
package segment

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/ckpt"
)

// MaxRows is the number of rows that a segment holds at most.
const MaxRows = 1 << 16

// idsPart is the part that holds the row ids of a segment that is not dense.
const idsPart = 1 << 20

// Segment is what memory knows of a segment. It is immutable.
type Segment struct {
	Blob ckpt.BlobID
	// Lo and Hi bound the row ids: Lo ≤ id < Hi. Segments of a relation do not
	// overlap, though some ids between them may be in none.
	Lo, Hi uint64

	starts []uint32 // the first row of each block, and the number of rows
	firsts []uint64 // the first id of each block; nil when dense
	cols   []column // by slot
	ids    column   // when not dense
}

// column is where the pages of a column are. A column of no pages is absent.
type column struct {
	ends []uint32 // where each block's page ends in the part
	stat vec.Stat
}

// Store reads blobs.
type Store interface {
	// ReadBlob appends bytes of a part to dst, see ckpt.Store.
	ReadBlob(dst []byte, id ckpt.BlobID, part uint32, off, n int) ([]byte, error)
}

// Rows is the number of rows.
func (s *Segment) Rows() int { return int(s.starts[len(s.starts)-1]) }

// Dense tells whether the ids are Lo, Lo+1, … Hi-1.
func (s *Segment) Dense() bool { return s.firsts == nil }

// Moved gives the segment with all ids raised by a number: it is the same blob. A
// segment that is not dense has its ids in the blob, and cannot be moved.
func (s *Segment) Moved(by uint64) (*Segment, error) {
	if !s.Dense() {
		return nil, pgerr.New(pgerr.InternalError, "segment %d lists its row ids and cannot be moved", s.Blob)
	}
	m := *s
	m.Lo, m.Hi = s.Lo+by, s.Hi+by
	return &m, nil
}

// Blocks is the number of blocks.
func (s *Segment) Blocks() int { return len(s.starts) - 1 }

// Block gives the range of rows of a block.
func (s *Segment) Block(i int) (lo, hi int) { return int(s.starts[i]), int(s.starts[i+1]) }

// Has tells whether the segment has the column of a slot.
func (s *Segment) Has(slot int) bool { return slot < len(s.cols) && s.cols[slot].ends != nil }

// Stat gives the statistics of a column that the segment has.
func (s *Segment) Stat(slot int) vec.Stat { return s.cols[slot].stat }

// Bytes is the length of all parts.
func (s *Segment) Bytes() int64 {
	n := int64(0)
	for i := range s.cols {
		n += s.cols[i].size()
	}
	return n + s.ids.size()
}

func (c *column) size() int64 {
	if len(c.ends) == 0 {
		return 0
	}
	return int64(c.ends[len(c.ends)-1])
}

func (c *column) page(block int) (off, n int) {
	if block > 0 {
		off = int(c.ends[block-1])
	}
	return off, int(c.ends[block]) - off
}

// BlockOf gives the block that holds an id if any does.
func (s *Segment) BlockOf(id uint64) int {
	if s.Dense() {
		i, found := slices.BinarySearch(s.starts, uint32(id-s.Lo))
		if !found {
			i--
		}
		return i
	}
	i, found := slices.BinarySearch(s.firsts, id)
	if !found {
		i--
	}
	return max(i, 0)
}

// Column is the pages of one column, read from the store.
type Column struct {
	seg  *Segment
	slot int // -1: the row ids
	raw  []byte
	at   int // offset of raw in the part
}

// IDs is the slot of the row ids of a segment that is not dense.
const IDs = -1

// column gives where a column is; parts of blobs are numbered by slots.
func (s *Segment) column(slot int) (c *column, part uint32) {
	if slot == IDs {
		return &s.ids, idsPart
	}
	return &s.cols[slot], uint32(slot)
}

// Read reads the pages of blocks lo … hi-1 of a column that the segment has. The
// bytes are appended to buf; strings are cut from them (vec.E1).
func (s *Segment) Read(st Store, slot, lo, hi int, buf []byte) (Column, error) {
	c, part := s.column(slot)
	from, _ := c.page(lo)
	off, n := c.page(hi - 1)
	at := len(buf)
	buf, err := st.ReadBlob(buf, s.Blob, part, from, off+n-from)
	if err != nil {
		return Column{}, s.wrap(err, slot)
	}
	return Column{seg: s, slot: slot, raw: buf[at:], at: from}, nil
}

// Buffer gives the memory that was read, for use again by an owner who knows
// that nothing was cut from it.
func (c *Column) Buffer() []byte { return c.raw[:0] }

// Page gives the checked page of a block that was read.
func (c *Column) Page(block int) (vec.Page, error) {
	col, _ := c.seg.column(c.slot)
	off, n := col.page(block)
	p, err := vec.OpenPage(c.raw[off-c.at : off-c.at+n])
	if err == nil {
		err = p.Verify()
	}
	if lo, hi := c.seg.Block(block); err == nil && p.Rows() != hi-lo {
		err = pgerr.New(pgerr.DataCorrupted, "block %d has %d rows, not %d", block, p.Rows(), hi-lo)
	}
	if err != nil {
		return p, c.seg.wrap(err, c.slot)
	}
	return p, nil
}

// ReadPage reads one page into memory of its own.
func (s *Segment) ReadPage(st Store, slot, block int) (vec.Page, error) {
	c, err := s.Read(st, slot, block, block+1, nil)
	if err != nil {
		return vec.Page{}, err
	}
	return c.Page(block)
}

func (s *Segment) wrap(err error, slot int) error {
	if slot == IDs {
		return pgerr.Wrap(err, pgerr.DataCorrupted, "segment %d, row ids", s.Blob)
	}
	return pgerr.Wrap(err, pgerr.DataCorrupted, "segment %d, column %d", s.Blob, slot)
}

// Merge adds the statistics of more rows to those of a column.
func Merge(into *vec.Stat, s vec.Stat, kind types.Kind) {
	if into.Rows == into.Nulls { // nothing known yet
		s.Rows, s.Nulls = s.Rows+into.Rows, s.Nulls+into.Nulls
		*into = s
		return
	}
	into.Rows += s.Rows
	into.Nulls += s.Nulls
	if s.Rows == s.Nulls {
		return
	}
	if !s.Known {
		into.Known = false
	}
	if !into.Known {
		return
	}
	if Compare(kind, s.Min, into.Min) < 0 {
		into.Min = s.Min
	}
	if c := Compare(kind, s.Max, into.Max); c > 0 {
		into.Max, into.MaxOpen = s.Max, s.MaxOpen
	} else if c == 0 {
		into.MaxOpen = into.MaxOpen || s.MaxOpen
	}
}

// Compare compares two values of a kind by the order of statistics: strings
// byte by byte.
func Compare(kind types.Kind, a, b types.Datum) int {
	switch kind {
	case types.Float:
		return types.CmpFloat(a.Float(), b.Float())
	case types.Numer:
		return a.Numeric().Cmp(b.Numeric())
	case types.Bytes:
		return compare(a.Str(), b.Str())
	}
	return compare(a.Int(), b.Int())
}

func compare[T int64 | string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
