package segment

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage/ckpt"
)

// Run is a sorted run of an index: the keys of the rows with ids from Lo to
// Hi-1, each with its id, in a blob. Rows that are gone may still be in it. Keys
// are bytes that sort as the index does; MaxKey bounds their length. A Run is
// immutable, and what memory knows of the blob:
//
//	part 0    the directory: the first key of every page, and where it is
//	part 1    the filter
//	part 2 …  the pages, up to about runPartBytes in each part
type Run struct {
	Blob   ckpt.BlobID
	Lo, Hi uint64
	// Base is added to the ids in the pages: 0, unless the run was moved.
	Base     uint64
	Entries  int
	Min, Max []byte // the least and the greatest key
	bytes    int64
}

// MaxKey is the length of the longest key. PostgreSQL's B-tree takes 2,704
// bytes after compression, so that longer values are indexed there as well when
// they are repetitive.
const MaxKey = 1<<16 - 1

const (
	dirPart      = 0
	filterPart   = 1
	firstPart    = 2
	runPartBytes = 1 << 20
)

// Bytes is the length of all parts.
func (r *Run) Bytes() int64 { return r.bytes }

// Moved gives the run with all ids raised by a number: it is the same blob.
func (r *Run) Moved(by uint64) *Run {
	m := *r
	m.Lo, m.Hi, m.Base = r.Lo+by, r.Hi+by, r.Base+by
	return &m
}

// RunBuilder builds a run from entries in order of key, then id. It holds the
// filter and one part in memory.
type RunBuilder struct {
	st     *ckpt.Store
	run    Run
	page   []Entry
	keys   []byte // the keys in page
	size   int
	part   []byte
	parts  uint32
	dir    []byte
	pages  int
	filter Filter
	made   bool
}

// NewRunBuilder makes a builder of one run for the rows lo … hi-1, with about n
// entries.
func NewRunBuilder(st *ckpt.Store, lo, hi uint64, n int) *RunBuilder {
	return &RunBuilder{st: st, run: Run{Lo: lo, Hi: hi}, filter: NewFilter(n)}
}

// Add adds an entry; the key is copied.
func (b *RunBuilder) Add(key []byte, id uint64) error {
	if len(b.page) > 0 && b.size+len(key)+16 > runPageBytes {
		if err := b.flushPage(); err != nil {
			return err
		}
	}
	if b.run.Entries == 0 {
		b.run.Min = bytes.Clone(key)
	}
	at := len(b.keys)
	b.keys = append(b.keys, key...)
	b.page = append(b.page, Entry{b.keys[at:len(b.keys):len(b.keys)], id})
	b.size += len(key) + 8
	b.run.Entries++
	b.filter.Add(HashKey(key))
	return nil
}

func (b *RunBuilder) flushPage() error {
	if len(b.part) >= runPartBytes {
		if err := b.flushPart(); err != nil {
			return err
		}
	}
	at := len(b.part)
	b.part = appendRunPage(b.part, b.page)
	first := b.page[0].Key
	b.dir = binary.AppendUvarint(b.dir, uint64(b.parts))
	b.dir = binary.AppendUvarint(b.dir, uint64(at))
	b.dir = binary.AppendUvarint(b.dir, uint64(len(b.part)-at))
	b.dir = binary.AppendUvarint(b.dir, uint64(len(first)))
	b.dir = append(b.dir, first...)
	b.pages++
	b.run.Max = append(b.run.Max[:0], b.page[len(b.page)-1].Key...)
	b.page, b.keys, b.size = b.page[:0], b.keys[:0], 0
	return nil
}

func (b *RunBuilder) flushPart() error {
	if !b.made {
		b.made, b.run.Blob = true, b.st.NewBlob()
	}
	if err := b.st.PutBlob(b.run.Blob, firstPart+b.parts, b.part); err != nil {
		return err
	}
	b.run.bytes += int64(len(b.part))
	b.part = b.part[:0]
	b.parts++
	return nil
}

// Finish writes the run and gives it; nil when there are no entries. After an
// error, here or from Add, the blob is gone again.
func (b *RunBuilder) Finish() (*Run, error) {
	if b.run.Entries == 0 {
		return nil, nil
	}
	if err := b.finish(); err != nil {
		b.Discard()
		return nil, err
	}
	crash.Point("segment.after-run")
	run := b.run // the builder's memory is not kept
	return &run, nil
}

func (b *RunBuilder) finish() error {
	if err := b.flushPage(); err != nil {
		return err
	}
	if err := b.flushPart(); err != nil {
		return err
	}
	dir := sealPart(append(binary.AppendUvarint(nil, uint64(b.pages)), b.dir...))
	filter := sealPart(b.filter.append(nil))
	b.run.bytes += int64(len(dir) + len(filter))
	return b.st.PutBlob(b.run.Blob, dirPart, dir, filter)
}

// Discard deletes what was written of a run that is not wanted.
func (b *RunBuilder) Discard() {
	if b.made {
		_ = b.st.DeleteBlobs(b.run.Blob)
	}
}

// sealPart appends a checksum.
func sealPart(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func unsealPart(b []byte) ([]byte, bool) {
	n := len(b) - 4
	if n < 0 || crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return nil, false
	}
	return b[:n], true
}

// AppendMeta appends what ReadRunMeta reads. No blob has the number 0: it stands
// before the base of a run that was moved.
func (r *Run) AppendMeta(dst []byte) []byte {
	if r.Base != 0 {
		dst = binary.AppendUvarint(append(dst, 0), r.Base)
	}
	for _, x := range []uint64{uint64(r.Blob), r.Lo, r.Hi, uint64(r.Entries), uint64(r.bytes), uint64(len(r.Min))} {
		dst = binary.AppendUvarint(dst, x)
	}
	dst = append(dst, r.Min...)
	return append(dst, r.Max...)
}

// ReadRunMeta reads what AppendMeta wrote. Damage is XX001.
func ReadRunMeta(src []byte) (*Run, error) {
	rd := &reader{src: src}
	r := &Run{Blob: ckpt.BlobID(rd.uint())}
	if r.Blob == 0 {
		r.Base, r.Blob = rd.uint(), ckpt.BlobID(rd.uint())
	}
	r.Lo, r.Hi, r.Entries, r.bytes = rd.uint(), rd.uint(), int(rd.uint()), int64(rd.uint())
	k := rd.count()
	if rd.bad {
		return nil, pgerr.New(pgerr.DataCorrupted, "the description of an index run is damaged")
	}
	r.Min, r.Max = bytes.Clone(rd.src[:k]), bytes.Clone(rd.src[k:])
	return r, nil
}
