package vec

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Encoder turns columns into pages and batches into blocks. The zero Encoder is
// ready; it keeps memory for the next use and serves one goroutine at a time.
// The same values give the same bytes, whatever lies under NULLs.
type Encoder struct {
	// Compress has bodies compressed where that saves an eighth. Decoding then
	// runs at a quarter of the speed: it is for cold data.
	Compress bool

	ints   []int64
	filled Vec   // a column with its NULLs replaced
	dense  Batch // a batch without its selection
	dict   strDict
}

// maxPage is the largest page: what a length field holds and a machine may be
// asked to load at once.
const maxPage = 1 << 31

// EncodeColumn appends the page of v, which has 1 … Size values. A column too
// large for a page is 54000; dst is then returned as it was.
func (e *Encoder) EncodeColumn(dst []byte, v *Vec) ([]byte, error) {
	n := v.Len()
	if n == 0 || n > Size {
		return dst, pgerr.New(pgerr.InternalError, "page of %d rows", n)
	}
	at := len(dst)
	dst = append(dst, make([]byte, pageHead)...)
	nulls := countTrue(v.Nulls)
	form, flags, scale := byte(formNull), byte(0), int32(0)
	if nulls < n {
		v = e.narrowed(e.withoutNulls(v, nulls))
		dst, form, flags = e.appendSections(dst, v, nulls)
		if v.Narrow {
			flags |= pageNarrow
			scale = v.Scale
		}
	}
	size := len(dst) - at
	if size > maxPage {
		return dst[:at], pgerr.New(pgerr.ProgramLimitExceeded, "column of %d bytes in one batch is too large", size)
	}
	head := dst[at:]
	binary.LittleEndian.PutUint32(head[4:], uint32(size))
	binary.LittleEndian.PutUint16(head[8:], uint16(n))
	binary.LittleEndian.PutUint16(head[10:], uint16(nulls))
	head[12], head[13], head[14] = byte(v.Kind), form, flags
	binary.LittleEndian.PutUint16(head[16:], uint16(scale))
	binary.LittleEndian.PutUint32(head, crc32.Checksum(head[4:], castagnoli))
	return dst, nil
}

// withoutNulls gives the column with its first value in the place of NULLs, so
// that neither bounds nor bytes depend on what was there.
func (e *Encoder) withoutNulls(v *Vec, nulls int) *Vec {
	if nulls == 0 {
		return v
	}
	first := 0
	for v.Nulls[first] {
		first++
	}
	f := &e.filled
	f.Kind, f.Narrow, f.Scale, f.Nulls = v.Kind, v.Narrow, v.Scale, v.Nulls
	switch {
	case v.Kind == types.Bool:
		f.Bools = fillNulls(f.Bools, v.Bools, v.Nulls, first)
	case v.Kind == types.Int || v.Kind == types.Numer && v.Narrow:
		f.Ints = fillNulls(f.Ints, v.Ints, v.Nulls, first)
	case v.Kind == types.Float:
		f.Floats = fillNulls(f.Floats, v.Floats, v.Nulls, first)
	case v.Kind == types.Numer:
		f.Nums = fillNulls(f.Nums, v.Nums, v.Nulls, first)
	case v.Kind == types.Inter:
		f.Inters = fillNulls(f.Inters, v.Inters, v.Nulls, first)
	default:
		f.Strs = fillNulls(f.Strs, v.Strs, v.Nulls, first)
	}
	return f
}

func fillNulls[T any](dst, src []T, nulls []bool, first int) []T {
	dst = append(dst[:0], src...)
	for i, null := range nulls {
		if null {
			dst[i] = src[first]
		}
	}
	return dst
}

// narrowed gives a wide numeric column in narrow form if it can be.
func (e *Encoder) narrowed(v *Vec) *Vec {
	if v.Kind != types.Numer || v.Narrow {
		return v
	}
	e.ints = resize(e.ints, len(v.Nums))
	scale := v.Nums[0].Scale()
	for i, x := range v.Nums {
		c, ok := x.Small()
		if !ok || x.Scale() != scale {
			return v
		}
		e.ints[i] = c
	}
	return &Vec{Kind: types.Numer, Narrow: true, Scale: scale, Nulls: v.Nulls, Ints: append([]int64(nil), e.ints...)}
}

// appendSections appends statistics, null bitmap and body of a column in which
// every value counts.
func (e *Encoder) appendSections(dst []byte, v *Vec, nulls int) (_ []byte, form, flags byte) {
	var body func([]byte) ([]byte, byte)
	switch {
	case v.Kind == types.Int || v.Kind == types.Numer && v.Narrow:
		lo, hi := bounds(v.Ints)
		dst, flags = appendIntStats(dst, lo, hi), pageStats
		body = func(dst []byte) ([]byte, byte) { return e.appendIntBody(dst, v.Ints, lo, hi) }
	case v.Kind == types.Float:
		lo, hi := floatBounds(v.Floats)
		dst, flags = appendFloatStats(dst, lo, hi), pageStats
		body = func(dst []byte) ([]byte, byte) { return e.appendFloats(dst, v.Floats) }
	case v.Kind == types.Bytes:
		d := &e.dict
		coded := d.worthDict(v.Strs) && d.build(v.Strs, min(maxDict, len(v.Strs)/4))
		among := v.Strs
		if coded { // what there is at all is in the dictionary
			among = d.entries
		}
		lo, hi := strBounds(among)
		var open bool
		if dst, open = appendStrStats(dst, lo, hi); open {
			flags = pageMaxOpen
		}
		flags |= pageStats
		body = func(dst []byte) ([]byte, byte) { return e.appendStrs(dst, v.Strs, lo == hi, coded) }
	case v.Kind == types.Bool:
		body = func(dst []byte) ([]byte, byte) { return appendBits(dst, v.Bools) }
	case v.Kind == types.Inter:
		body = func(dst []byte) ([]byte, byte) { return e.appendIntervals(dst, v.Inters) }
	default:
		body = func(dst []byte) ([]byte, byte) { return appendNumerics(dst, v.Nums), formNumeric }
	}
	if nulls > 0 {
		dst = packBools(dst, v.Nulls)
	}
	at := len(dst)
	dst, form = body(dst)
	if e.Compress && form != formConst {
		var done bool
		if dst, done = compressTail(dst, at); done {
			flags |= pageZstd
		}
	}
	return dst, form, flags
}

func (e *Encoder) appendIntBody(dst []byte, v []int64, lo, hi int64) ([]byte, byte) {
	if lo == hi {
		return binary.LittleEndian.AppendUint64(dst, uint64(lo)), formConst
	}
	width := widthFor(uint64(hi) - uint64(lo))
	if len(v) >= 8 && width > 4 && mayBeSorted(v) {
		dlo, dhi := deltaBounds(v)
		// A step narrower by an eighth is worth the slower decoding.
		if dw := widthFor(uint64(dhi) - uint64(dlo)); dw <= width-max(2, width/8) {
			e.ints = resize(e.ints, len(v))
			return appendDeltas(dst, v, e.ints, dlo, dhi), formDelta
		}
	}
	return appendInts(dst, v, lo, hi), formInts
}

// decodeConst fills v with the one value.
func decodeConst(v *Vec, body []byte) bool {
	switch {
	case v.Kind == types.Bool:
		if len(body) != 1 {
			return false
		}
		fill(v.Bools, body[0] != 0)
		return true
	case v.Kind == types.Bytes:
		s := aliasString(body)
		fill(v.Strs, s)
		return true
	case v.Kind == types.Inter:
		if len(body) != 16 {
			return false
		}
		fill(v.Inters, types.Interval{
			Months: int32(binary.LittleEndian.Uint32(body)),
			Days:   int32(binary.LittleEndian.Uint32(body[4:])),
			Micros: int64(binary.LittleEndian.Uint64(body[8:])),
		})
		return true
	}
	if len(body) != 8 || v.Kind == types.Numer && !v.Narrow {
		return false
	}
	x := binary.LittleEndian.Uint64(body)
	if v.Kind == types.Float {
		fill(v.Floats, math.Float64frombits(x))
	} else {
		fill(v.Ints, int64(x))
	}
	return true
}

// zstdCoder is the one compressor; both halves serve any number of goroutines.
var zstdCoder = sync.OnceValue(func() (c struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}) {
	c.enc, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(2))
	c.dec, _ = zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPage), zstd.WithDecoderConcurrency(2))
	return c
})

// compressTail compresses dst[at:] if that saves an eighth.
func compressTail(dst []byte, at int) ([]byte, bool) {
	raw := dst[at:]
	if len(raw) < 128 {
		return dst, false
	}
	out := binary.AppendUvarint(nil, uint64(len(raw)))
	out = zstdCoder().enc.EncodeAll(raw, out)
	if len(out) > len(raw)-len(raw)/8 {
		return dst, false
	}
	return append(dst[:at], out...), true
}

// plainBody is the body, decompressed where it is compressed.
func (p *Page) plainBody() ([]byte, error) {
	if !p.flag(pageZstd) {
		return p.body, nil
	}
	size, k := binary.Uvarint(p.body)
	if k <= 0 || size > maxPage {
		return nil, damaged("compressed body is cut short")
	}
	room := min(size, uint64(len(p.body))*256) // a lie about the size allocates little
	out, err := zstdCoder().dec.DecodeAll(p.body[k:], make([]byte, 0, room))
	if err != nil || uint64(len(out)) != size {
		return nil, damaged("compressed body of %d bytes, want %d (%v)", len(out), size, err)
	}
	return out, nil
}
