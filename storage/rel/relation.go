package rel

import (
	"sort"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/ckpt"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Relation is one version of a relation. It is immutable.
type Relation struct {
	env    *Env
	schema *Schema
	segs   []*held  // ascending ids
	chunks []placed // ascending ids, all above the segments'
	open   openView // ids above the chunks'
	next   uint64   // the id of the next row
	gone   deleteSet
	runs   [][]*heldRun // of sealed rows, by index slot
	sealed sealedStats
	lazy   *lazyStats
	sieves []sieve // of a private writer, by index slot, over its chunks; else nil

	// fromOpen is, of a version that was loaded, the chunk that was saved as the
	// open batch.
	fromOpen *Chunk
}

// held is a segment in use. Versions share it; when the last one that reaches
// it is collected, its blob is buried (Env.Sweep). A segment that was moved (see
// Writer.Adopt) is used by way of the one that it was.
type held struct {
	*segment.Segment
	from *held
}

// heldRun is an index run in use, likewise.
type heldRun struct {
	*segment.Run
	from *heldRun
}

// New makes the first version of a relation: no rows, the next id being 0.
func New(env *Env, schema *Schema) *Relation {
	return &Relation{env: env, schema: schema, runs: make([][]*heldRun, len(schema.Indexes)), lazy: new(lazyStats)}
}

// Schema is the definition that the version was made under.
func (r *Relation) Schema() *Schema { return r.schema }

// Under gives the version as a transaction sees it that has added columns, but not
// committed: old rows have their Missing values.
func (r *Relation) Under(cols []Column) *Relation {
	if len(cols) <= len(r.schema.Cols) {
		return r
	}
	v, s := *r, *r.schema
	s.Cols = append(append([]Column(nil), r.schema.Cols...), cols[len(r.schema.Cols):]...)
	v.schema, v.lazy = &s, new(lazyStats)
	if v.open.n > 0 {
		v.open.cols = append([]vec.Vec(nil), r.open.cols...)
		for _, c := range s.Cols[len(v.open.cols):] {
			var col vec.Vec
			col.Const(c.Kind, c.Missing, v.open.n)
			v.open.cols = append(v.open.cols, col)
		}
	}
	return &v
}

// Rows is the number of rows.
func (r *Relation) Rows() int64 { return int64(r.next - r.gone.floor - r.gone.count) }

// NextID is the id that the next row will get.
func (r *Relation) NextID() uint64 { return r.next }

// Visible tells whether a row id is a row of this version (R5).
func (r *Relation) Visible(id uint64) bool { return id < r.next && !r.gone.has(id) }

// allGone tells whether no id from lo to hi-1 is visible.
func (r *Relation) allGone(lo, hi uint64) bool {
	lo = max(lo, r.gone.floor)
	return lo >= hi || r.gone.countIn(lo, hi) == hi-lo
}

// GoneSince lists the ids of the rows that are visible in prev, an earlier
// version, and not in this one, in order. With a scan from prev.NextID on
// (ScanSpec.From) that is what has changed between the two.
func (r *Relation) GoneSince(prev *Relation) []uint64 {
	var out []uint64
	list := func(lo, hi uint64) {
		for id := max(lo, prev.gone.floor); id < min(hi, prev.next); id++ {
			if !r.Visible(id) && prev.Visible(id) {
				out = append(out, id)
			}
		}
	}
	list(prev.gone.floor, r.gone.floor)
	_ = r.gone.diff(&prev.gone, func(n uint64, c *container) error {
		if c != nil {
			list(max(n<<containerBits, r.gone.floor), (n+1)<<containerBits)
		}
		return nil
	})
	return out
}

// Bytes is how much room the rows take, without their indexes: on disk, and in
// memory.
func (r *Relation) Bytes() (disk, memory int64) {
	for _, s := range r.segs {
		disk += s.Bytes()
	}
	for i := range r.chunks {
		memory += r.chunks[i].bytes
	}
	return disk, memory + r.open.bytes()
}

// IndexBytes is how much room an index takes on disk: keys of the tail are kept
// in memory, with its rows.
func (r *Relation) IndexBytes(slot int) (disk int64) {
	if slot < 0 || slot >= len(r.runs) {
		return 0
	}
	for _, x := range r.runs[slot] {
		disk += x.Bytes()
	}
	return disk
}

// Blobs calls fn with every blob that the version is made of.
func (r *Relation) Blobs(fn func(ckpt.BlobID)) {
	for _, s := range r.segs {
		fn(s.Blob)
	}
	for _, runs := range r.runs {
		for _, x := range runs {
			fn(x.Blob)
		}
	}
}

// unit is a part of a version that holds a range of ids in one form.
type unit struct {
	seg   *held
	chunk *placed
	open  *openView
}

func (u unit) rows() int {
	switch {
	case u.seg != nil:
		return u.seg.Rows()
	case u.chunk != nil:
		return u.chunk.Rows()
	}
	return u.open.n
}

// end is the bound of the ids in the part.
func (u unit) end() uint64 {
	switch {
	case u.seg != nil:
		return u.seg.Hi
	case u.chunk != nil:
		return u.chunk.end()
	}
	return u.open.end()
}

// units counts the parts: segments, chunks, open batch.
func (r *Relation) units() int {
	n := len(r.segs) + len(r.chunks)
	if r.open.n > 0 {
		n++
	}
	return n
}

func (r *Relation) unit(i int) unit {
	if i < len(r.segs) {
		return unit{seg: r.segs[i]}
	}
	if i -= len(r.segs); i < len(r.chunks) {
		return unit{chunk: &r.chunks[i]}
	}
	return unit{open: &r.open}
}

// unitOf gives the part that holds an id that is visible.
func (r *Relation) unitOf(id uint64) unit {
	if r.open.n > 0 && id >= r.open.base {
		return unit{open: &r.open}
	}
	if len(r.chunks) > 0 && id >= r.chunks[0].base {
		i := sort.Search(len(r.chunks), func(i int) bool { return r.chunks[i].base > id })
		return unit{chunk: &r.chunks[i-1]}
	}
	i := sort.Search(len(r.segs), func(i int) bool { return r.segs[i].Hi > id })
	return unit{seg: r.segs[i]}
}

// ordered tells the kinds that statistics have bounds for.
func ordered(k types.Kind) bool {
	return k == types.Int || k == types.Float || k == types.Numer || k == types.Bytes
}

// ColRange says that only rows whose column lies between Lo and Hi (each Null:
// no bound; both inclusive) are wanted. It is used to leave out blocks; rows
// outside may still be given. Strings are compared byte by byte: only use it for
// types that sort so.
type ColRange struct {
	Col    int
	Lo, Hi types.Datum
}

// excludes tells that no value that s describes lies in the range.
func (c *ColRange) excludes(kind types.Kind, s vec.Stat) bool {
	if s.Nulls == s.Rows {
		return true
	}
	if !s.Known {
		return false
	}
	if !c.Hi.IsNull() && segment.Compare(kind, s.Min, c.Hi) > 0 {
		return true
	}
	if c.Lo.IsNull() || segment.Compare(kind, s.Max, c.Lo) >= 0 {
		return false
	}
	return !s.MaxOpen || !hasPrefix(c.Lo.Str(), s.Max.Str())
}

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }
