package segment

import (
	"encoding/binary"
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/ckpt"
)

// The saved form of a Segment: uvarints, and what appendDatum writes.

// AppendMeta appends what ReadMeta reads.
func (s *Segment) AppendMeta(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(s.Blob))
	dst = binary.AppendUvarint(dst, s.Lo)
	dst = binary.AppendUvarint(dst, s.Hi)
	dst = appendAscending(dst, s.starts)
	dst = binary.AppendUvarint(dst, uint64(len(s.firsts)))
	for _, id := range s.firsts {
		dst = binary.AppendUvarint(dst, id-s.Lo)
	}
	dst = appendAscending(dst, s.ids.ends)
	dst = binary.AppendUvarint(dst, uint64(len(s.cols)))
	for i := range s.cols {
		c := &s.cols[i]
		dst = appendAscending(dst, c.ends)
		if c.ends != nil {
			dst = appendStat(dst, c.stat)
		}
	}
	return dst
}

func appendAscending(dst []byte, v []uint32) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(v)))
	last := uint32(0)
	for _, x := range v {
		dst = binary.AppendUvarint(dst, uint64(x-last))
		last = x
	}
	return dst
}

func appendStat(dst []byte, s vec.Stat) []byte {
	dst = binary.AppendUvarint(dst, uint64(s.Rows))
	dst = binary.AppendUvarint(dst, uint64(s.Nulls))
	flags := byte(0)
	if s.Known {
		flags = 1
	}
	if s.MaxOpen {
		flags |= 2
	}
	dst = append(dst, flags)
	if s.Known {
		dst = AppendDatum(dst, s.Min)
		dst = AppendDatum(dst, s.Max)
	}
	return dst
}

// ReadMeta reads what AppendMeta wrote. Damage is XX001.
func ReadMeta(src []byte) (*Segment, error) {
	r := &reader{src: src}
	s := &Segment{Blob: ckpt.BlobID(r.uint()), Lo: r.uint(), Hi: r.uint(), starts: r.ascending()}
	if n := r.count(); n > 0 {
		s.firsts = make([]uint64, n)
		for i := range s.firsts {
			s.firsts[i] = s.Lo + r.uint()
		}
	}
	s.ids.ends = r.ascending()
	s.cols = make([]column, r.count())
	for i := range s.cols {
		if s.cols[i].ends = r.ascending(); s.cols[i].ends != nil {
			s.cols[i].stat = r.stat()
		}
	}
	if r.bad || len(r.src) != 0 || !s.sound() {
		return nil, pgerr.New(pgerr.DataCorrupted, "the description of a segment is damaged")
	}
	return s, nil
}

// sound checks that the parts of a description fit each other.
func (s *Segment) sound() bool {
	n := s.Blocks()
	if n < 1 || s.starts[0] != 0 || s.Rows() < 1 || s.Rows() > MaxRows || s.Hi < s.Lo+uint64(s.Rows()) {
		return false
	}
	if s.firsts != nil && (len(s.firsts) != n || len(s.ids.ends) != n) {
		return false
	}
	for i := range s.cols {
		if s.cols[i].ends != nil && len(s.cols[i].ends) != n {
			return false
		}
	}
	return true
}

// reader reads uvarints; bad is set, and zeros are given, after damage.
type reader struct {
	src []byte
	bad bool
}

func (r *reader) uint() uint64 {
	x, n := binary.Uvarint(r.src)
	if n <= 0 {
		r.bad, r.src = true, nil
		return 0
	}
	r.src = r.src[n:]
	return x
}

// count reads the length of a list, of which every element takes a byte.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.src)) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) ascending() []uint32 {
	n := r.count()
	if n == 0 {
		return nil
	}
	out := make([]uint32, n)
	last := uint64(0)
	for i := range out {
		last += r.uint()
		if last > math.MaxUint32 {
			r.bad = true
			return nil
		}
		out[i] = uint32(last)
	}
	return out
}

func (r *reader) byte() byte {
	if len(r.src) == 0 {
		r.bad = true
		return 0
	}
	b := r.src[0]
	r.src = r.src[1:]
	return b
}

func (r *reader) stat() (s vec.Stat) {
	s.Rows, s.Nulls = int(r.uint()), int(r.uint())
	flags := r.byte()
	s.Known, s.MaxOpen = flags&1 != 0, flags&2 != 0
	if s.Known {
		s.Min, s.Max = r.datum(), r.datum()
	}
	return s
}

func (r *reader) datum() types.Datum {
	d, rest, ok := ReadDatum(r.src)
	if !ok {
		r.bad, r.src = true, nil
	} else {
		r.src = rest
	}
	return d
}

// AppendDatum appends a value of any kind, or NULL, as a page of one row.
func AppendDatum(dst []byte, d types.Datum) []byte {
	var v vec.Vec
	if d.IsNull() {
		v.AllNull(types.Int, 1)
	} else {
		v.Const(d.Kind(), d, 1)
	}
	var e vec.Encoder
	out, err := e.EncodeColumn(dst, &v)
	if err != nil { // a value beyond 2 GiB does not get here: no page held it
		panic(err)
	}
	return out
}

// ReadDatum reads what AppendDatum wrote and gives what follows it.
func ReadDatum(src []byte) (d types.Datum, rest []byte, ok bool) {
	p, err := vec.OpenPage(src)
	if err != nil || p.Verify() != nil || p.Rows() != 1 {
		return d, nil, false
	}
	var v vec.Vec
	if p.Decode(&v) != nil {
		return d, nil, false
	}
	return v.Datum(0), src[len(p.Bytes()):], true
}
