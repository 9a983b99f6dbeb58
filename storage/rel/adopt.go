package rel

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage/ckpt"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Rows can be sealed before they belong to a relation: a transaction that stages
// much writes them with a private writer and settles it. What that gives is a
// version of segments and index runs alone, with ids from 0 on. At the commit the
// relation's writer adopts it: the same blobs, with other ids. Pack and Unpack are
// its form in a log record.

// Settle seals everything at once, on the caller's time. A private writer also
// merges index runs, as nobody does it behind its back.
func (w *Writer) Settle(ctx context.Context) error {
	if err := w.closeOpen(); err != nil {
		return err
	}
	if s := w.Publish().Seal(true); s != nil {
		p, err := s.Run(ctx)
		if err != nil {
			return err
		}
		w.Replace(p)
	}
	if err := w.written(); err != nil {
		return err
	}
	if w.private {
		w.r.sieves = make([]sieve, len(w.r.schema.Indexes)) // no chunk is left; versions keep the old ones
	}
	for w.private {
		c := w.Publish().Compact(false)
		if c == nil {
			break
		}
		p, err := c.Run(ctx)
		if err != nil {
			return err
		}
		if !w.Replace(p) {
			break
		}
	}
	return nil
}

// behindBytes is how many bytes of a private writer's segments are written in one go.
const behindBytes = 8 << 20

// SealFull seals a private writer's rows that fill segments; the others wait for more.
// Segments may still be written when it returns: they must not be read before Settle,
// nor deleted before that or Abandon.
func (w *Writer) SealFull(ctx context.Context) error {
	s := w.Publish().Seal(false)
	if s == nil {
		return nil
	}
	if w.builder == nil || w.builderOf != w.r.schema {
		if err := w.written(); err != nil {
			return err
		}
		w.builder, w.builderOf = segment.NewBuilder(w.r.schema.kinds(), false), w.r.schema
		w.builder.Behind = behindBytes
	}
	s.builder = w.builder
	p, err := s.Run(ctx)
	if err != nil {
		return err
	}
	w.Replace(p)
	if len(w.r.chunks) == 0 && w.o.n == 0 {
		w.r.sieves = make([]sieve, len(w.r.schema.Indexes))
	}
	return nil
}

// written writes what SealFull has left to be written, and waits for it.
func (w *Writer) written() error {
	if w.builder == nil {
		return nil
	}
	return w.builder.Flush(w.r.env.Store)
}

// Abandon ends the writing of segments, so that they can be deleted. The writer is not
// used any more.
func (w *Writer) Abandon() {
	if w.builder != nil {
		w.builder.Abandon()
	}
}

// settled tells whether the version is segments alone, and none of its rows are
// gone.
func (r *Relation) settled() bool {
	return len(r.chunks) == 0 && r.open.n == 0 && r.gone.floor == 0 && r.gone.count == 0
}

// Adopt adds the rows of a settled version and gives the id of the first; the
// others follow it. What the writer has in memory is sealed before: segments come
// before chunks. The version stays readable as it is, and as long as anything that
// was adopted is in use its blobs are not buried.
func (w *Writer) Adopt(ctx context.Context, p *Relation) (first uint64, err error) {
	if err := w.adoptable(p); err != nil {
		return 0, err
	}
	if err := w.Settle(ctx); err != nil {
		return 0, err
	}
	first = w.r.next
	segs := slices.Clone(w.r.segs)
	for _, s := range p.segs {
		m, err := s.Moved(first)
		if err != nil {
			return 0, err
		}
		segs = append(segs, &held{Segment: m, from: s})
	}
	w.r.segs, w.r.runs = segs, slices.Clone(w.r.runs)
	for x := range w.r.schema.Indexes {
		if w.r.schema.Indexes[x].Dropped {
			continue
		}
		runs := slices.Clone(w.r.runs[x])
		for _, r := range p.runs[x] {
			runs = append(runs, &heldRun{Run: r.Moved(first), from: r})
		}
		w.r.runs[x] = runs
	}
	w.r.sealed = w.r.sealed.merged(p.sealed.sketches)
	w.r.next += p.next
	w.o.base = w.r.next
	return first, nil
}

// adoptable checks a version against the schema.
func (w *Writer) adoptable(p *Relation) error {
	have, want := p.schema, w.r.schema
	if !p.settled() || len(have.Cols) > len(want.Cols) {
		return pgerr.New(pgerr.InternalError, "rows that are not settled, or of %d columns, for a relation of %d", len(have.Cols), len(want.Cols))
	}
	for i := range have.Cols {
		if have.Cols[i].Kind != want.Cols[i].Kind {
			return pgerr.New(pgerr.InternalError, "column %d is of kind %s, not %s", i, have.Cols[i].Kind, want.Cols[i].Kind)
		}
	}
	for i := range want.Indexes {
		if !want.Indexes[i].Dropped && (i >= len(have.Indexes) || have.Indexes[i].Dropped) {
			return pgerr.New(pgerr.InternalError, "rows without keys for index %d", i)
		}
	}
	return nil
}

// Head gives the version of the first rows of a settled one, as many of the first
// n as can be had without cutting a segment or an index run.
func (r *Relation) Head(n uint64) *Relation {
	whole := func(end uint64) bool {
		for _, runs := range r.runs {
			for _, x := range runs {
				if x.Lo < end && end < x.Hi {
					return false
				}
			}
		}
		return true
	}
	at := len(r.segs)
	for at > 0 && (r.segs[at-1].Hi > n || !whole(r.segs[at-1].Hi)) {
		at--
	}
	h := *r
	h.segs, h.next, h.lazy, h.runs = slices.Clip(r.segs[:at]), 0, new(lazyStats), make([][]*heldRun, len(r.runs))
	if at > 0 {
		h.next = r.segs[at-1].Hi
	}
	for i, runs := range r.runs {
		for _, x := range runs {
			if x.Hi <= h.next {
				h.runs[i] = append(h.runs[i], x)
			}
		}
	}
	h.open.base = h.next
	return &h
}

// Discard deletes the blobs of a settled version that nobody reads any more and
// that nothing has adopted.
func (r *Relation) Discard() {
	var ids []ckpt.BlobID
	r.Blobs(func(id ckpt.BlobID) { ids = append(ids, id) })
	_ = r.env.Store.DeleteBlobs(ids...)
}

// DiscardBeyond deletes the blobs of a private writer's version that a former one of
// it, nil if there is none, does not have.
func (r *Relation) DiscardBeyond(former *Relation) {
	kept := map[ckpt.BlobID]bool{}
	if former != nil {
		former.Blobs(func(id ckpt.BlobID) { kept[id] = true })
	}
	var ids []ckpt.BlobID
	r.Blobs(func(id ckpt.BlobID) {
		if !kept[id] {
			ids = append(ids, id)
		}
	})
	_ = r.env.Store.DeleteBlobs(ids...)
}

// Pack appends what Unpack reads: of a settled version, what is not in its blobs.
func (r *Relation) Pack(dst []byte) []byte {
	uint := func(n int) { dst = binary.AppendUvarint(dst, uint64(n)) }
	var buf []byte
	part := func(meta []byte) {
		buf = meta
		uint(len(meta))
		dst = append(dst, meta...)
	}
	dst = binary.AppendUvarint(dst, r.next)
	uint(len(r.segs))
	for _, s := range r.segs {
		part(s.AppendMeta(buf[:0]))
	}
	uint(len(r.runs))
	for _, runs := range r.runs {
		uint(len(runs))
		for _, x := range runs {
			part(x.AppendMeta(buf[:0]))
		}
	}
	uint(len(r.sealed.sketches))
	for _, s := range r.sealed.sketches {
		if s == nil {
			uint(0)
			continue
		}
		uint(len(s.regs))
		dst = append(dst, s.regs...)
	}
	return dst
}

// Unpack makes the settled version that was packed, under the schema that the
// relation has at its commit. Damage is XX001.
func Unpack(env *Env, schema *Schema, src []byte) (*Relation, error) {
	u := &unpacker{src: src}
	r := New(env, schema)
	r.next = u.uint()
	for range u.count() {
		s, err := segment.ReadMeta(u.part())
		if err != nil {
			return nil, err
		}
		r.segs = append(r.segs, env.hold(s))
	}
	n := u.count()
	if n > len(r.runs) {
		return nil, damagedVersion("an index is not in the schema")
	}
	for i := range n {
		for range u.count() {
			x, err := segment.ReadRunMeta(u.part())
			if err != nil {
				return nil, err
			}
			r.runs[i] = append(r.runs[i], env.holdRun(x))
		}
	}
	for range u.count() {
		regs := u.part()
		if len(regs) != 0 && len(regs) != 1<<sketchBits {
			return nil, damagedVersion("a sketch")
		}
		s := new(sketch)
		if len(regs) > 0 {
			s.regs = slices.Clone(regs)
		}
		r.sealed.sketches = append(r.sealed.sketches, s)
	}
	if u.bad || len(u.src) > 0 || !r.sound() {
		return nil, damagedVersion("its parts do not fit")
	}
	return r, nil
}

// unpacker reads uvarints and parts; after damage everything is empty.
type unpacker struct {
	src []byte
	bad bool
}

func (u *unpacker) uint() uint64 {
	v, n := binary.Uvarint(u.src)
	if n <= 0 {
		u.bad, u.src = true, nil
		return 0
	}
	u.src = u.src[n:]
	return v
}

// count reads the length of something of which every element takes a byte.
func (u *unpacker) count() int {
	n := u.uint()
	if n > uint64(len(u.src)) {
		u.bad, u.src = true, nil
		return 0
	}
	return int(n)
}

func (u *unpacker) part() []byte {
	n := u.count()
	p := u.src[:n:n]
	u.src = u.src[n:]
	return p
}
