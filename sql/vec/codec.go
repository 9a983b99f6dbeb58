package vec

import (
	"encoding/binary"
	"hash/crc32"
	"sync"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// The byte codec. A block is an encoded batch, the same bytes in the log, in
// segments, in checkpoints and, one day, on the wire. Little-endian:
//
//	 0  "SQB" and the version of the format, 1
//	 4  crc32c of the rest of the head         u32
//	 8  length of the block                    u32
//	12  number of rows                         u16
//	14  number of columns                      u16
//	16  flags: 1 = weights                     u32
//	20  where each page ends, counted from the end of the head; u32 each
//	    the pages, one per column, then the weights as a page of integers
//
// Every page has its own checksum (codec_page.go), so that reading some columns
// checks those columns. Encodings: integers are bit-packed above a base, or as
// steps where they ascend; floats are decimal integers where that is exact;
// strings are plain or coded by a dictionary; numerics of one scale are
// integers. Nothing is compressed unless asked for.
//
// E1: the bytes handed to OpenBlock or OpenPage are lent for ever: strings are
// cut from them. Nobody changes them; who has them in a buffer that is reused
// copies them first.
//
// E2: bytes that did not come from an Encoder give an error of code XX001
// (data_corrupted), never a panic, and allocate no more than a few times their
// length. Wrong values are excluded by the checksums alone.

var blockMagic = [4]byte{'S', 'Q', 'B', 1}

const (
	blockHead    = 20
	blockWeights = 1
	weightKind   = types.Int
)

var encoders = sync.Pool{New: func() any { return new(Encoder) }}

// Encode appends the block of b, see Encoder.Encode.
func Encode(dst []byte, b *Batch) ([]byte, error) {
	e := encoders.Get().(*Encoder)
	defer encoders.Put(e)
	return e.Encode(dst, b)
}

// Encode appends the block of the rows of b that count, of which there are 1 …
// Size. An error (a column too large) leaves dst as it was.
func (e *Encoder) Encode(dst []byte, b *Batch) ([]byte, error) {
	if b.N < 1 || b.N > Size {
		return dst, pgerr.New(pgerr.InternalError, "block of %d rows", b.N)
	}
	if b.Sel != nil {
		b.Dense(&e.dense)
		b = &e.dense
	}
	at := len(dst)
	pages, flags := len(b.Cols), uint32(0)
	if b.Weights != nil {
		pages++
		flags = blockWeights
	}
	start := at + blockHead + 4*pages
	dst = append(dst, make([]byte, start-at)...)
	for i := range pages {
		var err error
		if i < len(b.Cols) {
			dst, err = e.EncodeColumn(dst, denseTo(&b.Cols[i], b.N))
		} else {
			dst, err = e.EncodeColumn(dst, &Vec{Kind: weightKind, Ints: b.Weights[:b.N]})
		}
		if err == nil && len(dst)-at > maxPage {
			err = pgerr.New(pgerr.ProgramLimitExceeded, "batch of more than %d bytes is too large", maxPage)
		}
		if err != nil {
			return dst[:at], err
		}
		binary.LittleEndian.PutUint32(dst[at+blockHead+4*i:], uint32(len(dst)-start))
	}
	head := dst[at:start]
	copy(head, blockMagic[:])
	binary.LittleEndian.PutUint32(head[8:], uint32(len(dst)-at))
	binary.LittleEndian.PutUint16(head[12:], uint16(b.N))
	binary.LittleEndian.PutUint16(head[14:], uint16(len(b.Cols)))
	binary.LittleEndian.PutUint32(head[16:], flags)
	binary.LittleEndian.PutUint32(head[4:], crc32.Checksum(head[8:], castagnoli))
	return dst, nil
}

// denseTo cuts a column to the n rows of its batch.
func denseTo(v *Vec, n int) *Vec {
	if v.Len() == n {
		return v
	}
	s := v.Slice(0, n)
	return &s
}

// Block is an opened block. It borrows the bytes (E1) and is immutable but for
// Trust; copies share nothing else.
type Block struct {
	data    []byte
	trusted bool
}

// OpenBlock opens the block that src begins with and checks its head. Columns
// are checked when they are read.
func OpenBlock(src []byte) (Block, error) {
	if len(src) < blockHead {
		return Block{}, damaged("head is cut short")
	}
	if [3]byte(src[:3]) != [3]byte(blockMagic[:3]) {
		return Block{}, damaged("not a block")
	}
	if src[3] != blockMagic[3] {
		return Block{}, damaged("format version %d is not known", src[3])
	}
	size := binary.LittleEndian.Uint32(src[8:])
	if size < blockHead || uint64(size) > uint64(len(src)) {
		return Block{}, damaged("block length %d, there are %d bytes", size, len(src))
	}
	b := Block{data: src[:size:size]}
	start := b.start()
	if start > len(b.data) {
		return Block{}, damaged("directory is cut short")
	}
	if crc32.Checksum(b.data[8:start], castagnoli) != binary.LittleEndian.Uint32(src[4:]) {
		return Block{}, damaged("checksum of the head does not match")
	}
	if n := b.Rows(); n == 0 || n > Size {
		return Block{}, damaged("block of %d rows", n)
	}
	last := 0
	for i := range b.pages() {
		end := b.end(i)
		if end < last || end > len(b.data)-start {
			return Block{}, damaged("page %d ends at %d of %d", i, end, len(b.data)-start)
		}
		last = end
	}
	return b, nil
}

// Trust says that the bytes are known to be whole, as they were just encoded or
// have passed another checksum: columns are not checked again.
func (b *Block) Trust() { b.trusted = true }

// Rows is the number of rows.
func (b *Block) Rows() int { return int(binary.LittleEndian.Uint16(b.data[12:])) }

// Columns is the number of columns, without the weights.
func (b *Block) Columns() int { return int(binary.LittleEndian.Uint16(b.data[14:])) }

// Bytes is the block as it was encoded.
func (b *Block) Bytes() []byte { return b.data }

// Weighted tells whether there are weights.
func (b *Block) Weighted() bool { return binary.LittleEndian.Uint32(b.data[16:])&blockWeights != 0 }

func (b *Block) pages() int {
	if b.Weighted() {
		return b.Columns() + 1
	}
	return b.Columns()
}

func (b *Block) start() int { return blockHead + 4*b.pages() }

func (b *Block) end(i int) int {
	if i < 0 {
		return 0
	}
	return int(binary.LittleEndian.Uint32(b.data[blockHead+4*i:]))
}

// Page opens column i, checked unless the block is trusted.
func (b *Block) Page(i int) (Page, error) {
	start := b.start()
	p, err := OpenPage(b.data[start+b.end(i-1) : start+b.end(i)])
	if err != nil {
		return p, err
	}
	if p.Rows() != b.Rows() {
		return p, damaged("column %d has %d rows, the block %d", i, p.Rows(), b.Rows())
	}
	if !b.trusted {
		err = p.Verify()
	}
	return p, err
}

// Stat gives the statistics of column i, checked unless the block is trusted.
func (b *Block) Stat(i int) (Stat, error) {
	p, err := b.Page(i)
	if err != nil {
		return Stat{}, inColumn(err, i)
	}
	return p.Stat(), nil
}

// Column makes v column i, see Page.Decode.
func (b *Block) Column(i int, v *Vec) error {
	p, err := b.Page(i)
	if err == nil {
		err = p.Decode(v)
	}
	return inColumn(err, i)
}

func inColumn(err error, i int) error {
	if err == nil {
		return nil
	}
	return pgerr.Wrap(err, pgerr.DataCorrupted, "column %d", i)
}

// Weights gives the weights, reusing dst; nil when every row counts once.
func (b *Block) Weights(dst []int64) ([]int64, error) {
	if !b.Weighted() {
		return nil, nil
	}
	v := Vec{Ints: dst}
	if err := b.Column(b.Columns(), &v); err != nil {
		return nil, err
	}
	if v.Kind != weightKind {
		return nil, damaged("weights of kind %s", v.Kind)
	}
	return v.Ints, nil
}

// Decode makes out the rows with the listed columns (nil: all), reusing memory
// that out owns.
func (b *Block) Decode(out *Batch, cols []int) (err error) {
	n := len(cols)
	if cols == nil {
		n = b.Columns()
	}
	if cap(out.Cols) < n {
		out.Cols = make([]Vec, n)
	}
	out.Cols = out.Cols[:n]
	for i := range n {
		c := i
		if cols != nil {
			c = cols[i]
		}
		if err := b.Column(c, &out.Cols[i]); err != nil {
			return err
		}
	}
	out.Sel, out.N = nil, b.Rows()
	out.Weights, err = b.Weights(out.Weights)
	return err
}

// Verify checks every checksum.
func (b *Block) Verify() error {
	for i := range b.pages() {
		p, err := b.Page(i)
		if err == nil {
			err = p.Verify()
		}
		if err != nil {
			return inColumn(err, i)
		}
	}
	return nil
}

// Decode opens src and decodes all of it into out.
func Decode(src []byte, out *Batch) error {
	b, err := OpenBlock(src)
	if err != nil {
		return err
	}
	return b.Decode(out, nil)
}
