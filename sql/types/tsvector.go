package types

import (
	"encoding/binary"
	"sort"
	"strings"

	"github.com/zeebo/xxh3"
)

// Bounds of text search values, PostgreSQL's.
const (
	// MaxLexeme is the length in bytes that a lexeme stays below.
	MaxLexeme = 1<<11 - 1
	// MaxLexemes is the most bytes that lexemes and positions of a tsvector take.
	MaxLexemes = 1<<20 - 1
	// MaxTextPos is what every position in a text stays below.
	MaxTextPos = 1 << 14
	// MaxPositions is what the number of a lexeme's positions stays below.
	MaxPositions = 256
)

// TSPos is a place of a lexeme in a text: its weight (0 is D, 3 is A) in the upper two
// bits and the position, from 1 on, in the others.
type TSPos uint16

// NewTSPos makes a place; positions that are too high become the highest.
func NewTSPos(pos, weight int) TSPos {
	if pos >= MaxTextPos {
		pos = MaxTextPos - 1
	}
	return TSPos(weight&3)<<14 | TSPos(pos&(MaxTextPos-1))
}

// Pos is the position.
func (p TSPos) Pos() int { return int(p & (MaxTextPos - 1)) }

// Weight is the weight, 0 (D) to 3 (A).
func (p TSPos) Weight() int { return int(p >> 14) }

// Lexeme is a word of a tsvector with its places, in order; there may be none.
type Lexeme struct {
	Word string
	Pos  []TSPos
}

// TSVector is a value of tsvector: lexemes in the order of their bytes, each once. Its
// physical form is PostgreSQL's binary one: the number of lexemes, of each its bytes, a
// zero, the number of places and these, all big-endian.
type TSVector []Lexeme

// Encode gives the physical form.
func (v TSVector) Encode() string { return string(v.append(nil)) }

func (v TSVector) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
	for _, l := range v {
		b = append(append(b, l.Word...), 0)
		b = binary.BigEndian.AppendUint16(b, uint16(len(l.Pos)))
		for _, p := range l.Pos {
			b = binary.BigEndian.AppendUint16(b, uint16(p))
		}
	}
	return b
}

// DecodeTSVector reads the physical form; "", which stands for NULL, has no lexemes.
func DecodeTSVector(s string) TSVector {
	if s == "" {
		return nil
	}
	v := make(TSVector, binary.BigEndian.Uint32([]byte(s[:4])))
	s = s[4:]
	for i := range v {
		end := strings.IndexByte(s, 0)
		v[i].Word = s[:end]
		n := int(s[end+1])<<8 | int(s[end+2])
		s = s[end+3:]
		if n > 0 {
			v[i].Pos = make([]TSPos, n)
		}
		for j := range v[i].Pos {
			v[i].Pos[j] = TSPos(s[2*j])<<8 | TSPos(s[2*j+1])
		}
		s = s[2*n:]
	}
	return v
}

// Find gives the index of a lexeme, or where it would be.
func (v TSVector) Find(word string) (i int, ok bool) {
	i = sort.Search(len(v), func(i int) bool { return v[i].Word >= word })
	return i, i < len(v) && v[i].Word == word
}

// Size is the number of bytes that the lexemes and their positions take in
// PostgreSQL, which bounds a tsvector's length and orders tsvectors.
func (v TSVector) Size() (n int) {
	for _, l := range v {
		n += len(l.Word)
		if len(l.Pos) > 0 {
			n += n&1 + 2 + 2*len(l.Pos)
		}
	}
	return n
}

// cmp orders tsvectors as PostgreSQL does: by size, number of lexemes and what they are.
func (v TSVector) cmp(w TSVector) int {
	if c := cmpInt(int64(v.Size()+4*len(v)), int64(w.Size()+4*len(w))); c != 0 {
		return c
	}
	if c := cmpInt(int64(len(v)), int64(len(w))); c != 0 {
		return c
	}
	for i := range v {
		if c := v[i].cmp(w[i]); c != 0 {
			return c
		}
	}
	return 0
}

func (l Lexeme) cmp(m Lexeme) int {
	if a, b := len(l.Pos) > 0, len(m.Pos) > 0; a != b {
		if a {
			return -1
		}
		return 1
	}
	if c := cmpTSWord(l.Word, m.Word); c != 0 {
		return c
	}
	if c := cmpInt(int64(len(m.Pos)), int64(len(l.Pos))); c != 0 {
		return c
	}
	for i, p := range l.Pos {
		q := m.Pos[i]
		if c := cmpInt(int64(q.Pos()), int64(p.Pos())); c != 0 {
			return c
		}
		if c := cmpInt(int64(q.Weight()), int64(p.Weight())); c != 0 {
			return c
		}
	}
	return 0
}

// cmpTSWord compares words by their bytes. Of those that differ it gives the difference,
// as tsvector_cmp does, too.
func cmpTSWord(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
	}
	return cmpInt(int64(len(a)), int64(len(b)))
}

// appendTSVectorKey appends the key: what cmp looks at, in its order.
func appendTSVectorKey(dst []byte, s string) []byte {
	v := DecodeTSVector(s)
	dst = binary.BigEndian.AppendUint32(dst, uint32(v.Size()+4*len(v)))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(v)))
	for _, l := range v {
		if len(l.Pos) > 0 {
			dst = append(dst, 0)
		} else {
			dst = append(dst, 1)
		}
		dst = AppendTextKey(dst, l.Word)
		dst = binary.BigEndian.AppendUint16(dst, ^uint16(len(l.Pos)))
		for _, p := range l.Pos {
			dst = binary.BigEndian.AppendUint16(dst, ^uint16(p.Pos()<<2|p.Weight()))
		}
	}
	return dst
}

func tsvectorCmp(_ *Type, a, b string) int { return DecodeTSVector(a).cmp(DecodeTSVector(b)) }

func tsvectorHash(_ *Type, s string) uint64 { return xxh3.HashString(s) }
