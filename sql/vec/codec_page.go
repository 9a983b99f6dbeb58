package vec

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// A page is one encoded column of 1 … Size values. It stands for itself: blocks
// are rows of pages, segments are columns of pages. Little-endian:
//
//	 0  crc32c of everything behind it        u32
//	 4  length of the page                    u32
//	 8  number of values                      u16
//	10  number of NULLs                       u16
//	12  kind                                  u8
//	13  form, how the body is encoded         u8
//	14  flags                                 u8
//	15  0
//	16  display scale of narrow numerics      u16
//	18  0                                     u16
//	20  statistics, when flagged: least and greatest value that is not NULL
//	    null bitmap, when some but not all are NULL: a 1 is a NULL
//	    body
//
// Values under a NULL are not kept: they read as some harmless value.
const pageHead = 20

// The flags of a page.
const (
	pageStats   = 1 << iota // least and greatest follow the head
	pageMaxOpen             // the greatest is only the first bytes of it
	pageNarrow              // numerics as integers × 10^-scale
	pageZstd                // the body is compressed: uvarint length, zstd frame
)

// The forms of a body.
const (
	formNull    = iota // all NULL: empty
	formConst          // one value for all
	formInts           // integers: a stream
	formDelta          // integers: the first, a stream of steps
	formRaw            // floats: 8 bytes each
	formRaw32          // floats that float32 holds: 4 bytes each
	formDecimal        // floats: integers / 10^e, and exceptions
	formBits           // bools: 1 bit each
	formPlain          // strings: a stream of lengths, the bytes
	formDict           // strings: the distinct ones, a stream of codes
	formNumeric        // wide numerics, one after the other
	formInter          // intervals: three streams: months, days, microseconds
)

// maxStatBytes is how much of a string goes into statistics.
const maxStatBytes = 32

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// damaged makes the error for bytes that are not what the encoder wrote.
func damaged(format string, args ...any) error {
	return pgerr.New(pgerr.DataCorrupted, "damaged block: "+format, args...)
}

// Page is an opened page. It borrows the bytes.
type Page struct {
	data  []byte // the page
	stats []byte
	nulls []byte // bitmap, nil when none or all are NULL
	body  []byte
}

// OpenPage reads the head of the page that src begins with. It does not look at
// the checksum, see Verify. The bytes are lent to the page, and to the strings
// cut from it (O2), for ever: nobody may change them.
func OpenPage(src []byte) (Page, error) {
	var p Page
	if len(src) < pageHead {
		return p, damaged("page is cut short")
	}
	size := binary.LittleEndian.Uint32(src[4:])
	if size < pageHead || uint64(size) > uint64(len(src)) {
		return p, damaged("page length %d, there are %d bytes", size, len(src))
	}
	p.data = src[:size:size]
	n, nulls := p.Rows(), p.Nulls()
	if n == 0 || n > Size || nulls > n {
		return p, damaged("page of %d rows, %d of them null", n, nulls)
	}
	if k := p.Kind(); k == types.KindNone || k > types.Bytes {
		return p, damaged("page of kind %d", k)
	}
	return p, p.cutSections()
}

// cutSections finds statistics, null bitmap and body.
func (p *Page) cutSections() error {
	rest := p.data[pageHead:]
	if p.flag(pageStats) {
		size, ok := statSize(p.Kind(), rest)
		if !ok {
			return damaged("statistics are cut short")
		}
		p.stats, rest = rest[:size], rest[size:]
	}
	if nulls := p.Nulls(); nulls > 0 && nulls < p.Rows() {
		size := (p.Rows() + 7) / 8
		if len(rest) < size {
			return damaged("null bitmap is cut short")
		}
		p.nulls, rest = rest[:size], rest[size:]
	}
	p.body = rest
	return nil
}

// Rows is the number of values.
func (p *Page) Rows() int { return int(binary.LittleEndian.Uint16(p.data[8:])) }

// Nulls is the number of NULLs.
func (p *Page) Nulls() int { return int(binary.LittleEndian.Uint16(p.data[10:])) }

// Kind is the kind of the values.
func (p *Page) Kind() types.Kind { return types.Kind(p.data[12]) }

// Bytes is the page as it was encoded.
func (p *Page) Bytes() []byte { return p.data }

func (p *Page) form() byte { return p.data[13] }

func (p *Page) flag(f byte) bool { return p.data[14]&f != 0 }

func (p *Page) scale() int32 { return int32(binary.LittleEndian.Uint16(p.data[16:])) }

// Verify checks the checksum.
func (p *Page) Verify() error {
	if crc32.Checksum(p.data[4:], castagnoli) != binary.LittleEndian.Uint32(p.data) {
		return damaged("checksum of a column does not match")
	}
	return nil
}

// Decode makes v the values, reusing memory that v owns; strings are cut from
// the page's bytes. The caller has called Verify, or knows the bytes. After an
// error v holds nothing of use.
func (p *Page) Decode(v *Vec) error {
	n := p.Rows()
	body, err := p.plainBody()
	if err != nil {
		return err
	}
	spare := v.Nulls
	p.reset(v, n)
	if p.Nulls() == n {
		v.clear(0, n)
	} else if !decodeBody(v, p.form(), body) {
		return p.badBody()
	}
	if p.Nulls() > 0 {
		v.Nulls = p.unpackNulls(spare)
	}
	return nil
}

// decodeBody fills v, which has its final length.
func decodeBody(v *Vec, form byte, body []byte) bool {
	if form == formConst {
		return decodeConst(v, body)
	}
	switch v.Kind {
	case types.Bool:
		return form == formBits && decodeBits(v.Bools, body)
	case types.Int:
		return decodeIntBody(v.Ints, form, body)
	case types.Float:
		return decodeFloats(v.Floats, form, body)
	case types.Numer:
		if v.Narrow {
			return decodeIntBody(v.Ints, form, body)
		}
		return form == formNumeric && decodeNumerics(v.Nums, body)
	case types.Inter:
		return form == formInter && decodeIntervals(v.Inters, body)
	}
	return decodeStrs(v.Strs, form, body)
}

func decodeIntBody(out []int64, form byte, body []byte) bool {
	switch form {
	case formInts:
		s, rest, ok := readInts(body, len(out))
		if !ok || len(rest) != 0 {
			return false
		}
		s.unpack(out)
		return true
	case formDelta:
		return undelta(out, body)
	}
	return false
}

func (p *Page) unpackNulls(spare []bool) []bool {
	n := p.Rows()
	out := resize(spare, n)
	if p.nulls == nil {
		fill(out, true)
		return out
	}
	unpackBools(out, p.nulls)
	return out
}
