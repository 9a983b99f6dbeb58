package types

import (
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/zeebo/xxh3"
)

// TSOp is an operator of a tsquery; TSValue is that of a lexeme.
type TSOp byte

// The operators, by PostgreSQL's numbers.
const (
	TSValue TSOp = iota
	TSNot
	TSAnd
	TSOr
	TSPhrase
)

// TSQuery is a node of a value of tsquery: a lexeme or an operator over others. nil is
// the query without lexemes. Nodes are immutable once in a query; several queries may
// share them.
//
// The physical form is PostgreSQL's binary one: the number of nodes, and each: 1, the
// set of weights, whether it is a prefix, and its bytes up to a zero, or 2, the operator
// and of a phrase the distance; then the right operand and the left one.
type TSQuery struct {
	Op TSOp
	// Of a lexeme: Weights has bit 3 for A to 0 for D, none for any.
	Word    string
	Weights byte
	Prefix  bool
	// Of an operator; TSNot has Right alone. Distance is a phrase's.
	Left, Right *TSQuery
	Distance    int
}

// Encode gives the physical form.
func (q *TSQuery) Encode() string {
	return string(q.append(binary.BigEndian.AppendUint32(nil, uint32(q.Nodes()))))
}

func (q *TSQuery) append(b []byte) []byte {
	switch {
	case q == nil:
		return b
	case q.Op == TSValue:
		prefix := byte(0)
		if q.Prefix {
			prefix = 1
		}
		return append(append(append(b, 1, q.Weights, prefix), q.Word...), 0)
	}
	b = append(b, 2, byte(q.Op))
	if q.Op == TSPhrase {
		b = binary.BigEndian.AppendUint16(b, uint16(q.Distance))
	}
	return q.Left.append(q.Right.append(b))
}

// DecodeTSQuery reads the physical form; "", which stands for NULL, has no nodes.
func DecodeTSQuery(s string) *TSQuery {
	if len(s) <= 4 {
		return nil
	}
	q, _ := decodeTSNode(s[4:])
	return q
}

func decodeTSNode(s string) (q *TSQuery, rest string) {
	if s[0] == 1 {
		end := strings.IndexByte(s[3:], 0)
		return &TSQuery{Weights: s[1], Prefix: s[2] != 0, Word: s[3 : 3+end]}, s[4+end:]
	}
	q = &TSQuery{Op: TSOp(s[1])}
	s = s[2:]
	if q.Op == TSPhrase {
		q.Distance = int(s[0])<<8 | int(s[1])
		s = s[2:]
	}
	q.Right, s = decodeTSNode(s)
	if q.Op != TSNot {
		q.Left, s = decodeTSNode(s)
	}
	return q, s
}

// Nodes is the number of lexemes and operators.
func (q *TSQuery) Nodes() int {
	if q == nil {
		return 0
	}
	return 1 + q.Left.Nodes() + q.Right.Nodes()
}

// Words calls f for every lexeme, left operands first; it ends when f gives false.
func (q *TSQuery) Words(f func(*TSQuery) bool) bool {
	switch {
	case q == nil:
		return true
	case q.Op == TSValue:
		return f(q)
	}
	return q.Left.Words(f) && q.Right.Words(f)
}

// wordBytes is the length of all lexemes, each with a zero.
func (q *TSQuery) wordBytes() (n int) {
	q.Words(func(w *TSQuery) bool { n += len(w.Word) + 1; return true })
	return n
}

// Cmp orders queries as PostgreSQL does: by number of nodes, length, and the tree;
// weights and prefixes are of no matter.
func (q *TSQuery) Cmp(r *TSQuery) int {
	if c := cmpInt(int64(q.Nodes()), int64(r.Nodes())); c != 0 {
		return c
	}
	if c := cmpInt(int64(q.wordBytes()), int64(r.wordBytes())); c != 0 || q == nil {
		return c
	}
	return q.CmpNode(r)
}

// CmpNode orders trees as PostgreSQL sorts operands by.
func (q *TSQuery) CmpNode(r *TSQuery) int {
	switch {
	case q.Op == TSValue && r.Op == TSValue:
		if c := cmpInt(q.sum(), r.sum()); c != 0 {
			return -c
		}
		return cmpTSWord(q.Word, r.Word)
	case q.Op == TSValue:
		return 1
	case r.Op == TSValue:
		return -1
	case q.Op != r.Op:
		return cmpInt(int64(r.Op), int64(q.Op))
	case q.Op == TSNot:
		return q.Right.CmpNode(r.Right)
	}
	if c := q.Right.CmpNode(r.Right); c != 0 {
		return c
	}
	if c := q.Left.CmpNode(r.Left); c != 0 {
		return c
	}
	return cmpInt(int64(r.Distance), int64(q.Distance))
}

// sum is PostgreSQL's check sum of a lexeme: a CRC-32 whose table is that of the
// reflected polynomial, but which shifts the other way.
func (q *TSQuery) sum() int64 {
	crc := ^uint32(0)
	for i := range len(q.Word) {
		crc = crc32.IEEETable[byte(crc>>24)^q.Word[i]] ^ crc<<8
	}
	return int64(int32(^crc))
}

// Sum is the check sum that PostgreSQL orders lexemes by.
func (q *TSQuery) Sum() int32 { return int32(q.sum()) }

// appendTSQueryKey appends the key: what Cmp looks at, in its order.
func appendTSQueryKey(dst []byte, s string) []byte {
	q := DecodeTSQuery(s)
	dst = binary.BigEndian.AppendUint32(dst, uint32(q.Nodes()))
	dst = binary.BigEndian.AppendUint32(dst, uint32(q.wordBytes()))
	return q.appendKey(dst)
}

func (q *TSQuery) appendKey(dst []byte) []byte {
	switch {
	case q == nil:
		return dst
	case q.Op == TSValue:
		return AppendTextKey(binary.BigEndian.AppendUint32(append(dst, 1), ^(uint32(q.Sum())^1<<31)), q.Word)
	}
	dst = append(dst, 0, ^byte(q.Op))
	dst = q.Left.appendKey(q.Right.appendKey(dst))
	return binary.BigEndian.AppendUint16(dst, ^uint16(q.Distance))
}

func tsqueryCmp(_ *Type, a, b string) int { return DecodeTSQuery(a).Cmp(DecodeTSQuery(b)) }

func tsqueryHash(_ *Type, s string) uint64 { return xxh3.Hash(appendTSQueryKey(nil, s)) }
