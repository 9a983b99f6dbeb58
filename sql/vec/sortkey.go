package vec

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
)

// KeyPart says how a column takes part in a key.
type KeyPart struct {
	Type       *types.Type
	Desc       bool
	NullsFirst bool
}

// Marks in front of each part of a key.
const (
	markNullFirst = iota
	markValue
	markNullLast
)

// AppendSortKey appends the part of a sort key that value i makes: a mark for
// NULL or not, and the value's key (types.AppendKey), inverted if descending.
// Keys made of the same parts compare as the rows sort.
func AppendSortKey(dst []byte, v *Vec, i int, p *KeyPart) []byte {
	if v.Nulls != nil && v.Nulls[i] {
		if p.NullsFirst {
			return append(dst, markNullFirst)
		}
		return append(dst, markNullLast)
	}
	n := len(dst)
	dst = appendValueKey(append(dst, markValue), v, i, p.Type)
	if p.Desc {
		for k := n + 1; k < len(dst); k++ {
			dst[k] = ^dst[k]
		}
	}
	return dst
}

// appendValueKey is types.AppendKey of value i without making a Datum for the
// common types.
func appendValueKey(dst []byte, v *Vec, i int, t *types.Type) []byte {
	switch v.Kind {
	case types.Int:
		switch t.OID {
		case types.Int8OID, types.TimestamptzOID, types.TimestampOID, types.TimeOID:
			return binary.BigEndian.AppendUint64(dst, uint64(v.Ints[i])^1<<63)
		case types.Int4OID, types.DateOID:
			return binary.BigEndian.AppendUint32(dst, uint32(v.Ints[i])^1<<31)
		}
		return types.AppendIntKey(dst, types.KeyWidth(t), t.Underlying(), v.Ints[i])
	case types.Float:
		if t.OID == types.Float8OID {
			return types.AppendFloatKey(dst, v.Floats[i])
		}
	case types.Bool:
		if v.Bools[i] {
			return append(dst, 1)
		}
		return append(dst, 0)
	case types.Numer:
		return types.AppendNumericKey(dst, v.Numeric(i))
	case types.Inter:
		return types.AppendIntervalKey(dst, v.Inters[i])
	case types.Bytes:
		if t.OID == types.TextOID || t.OID == types.VarcharOID {
			return types.AppendTextKey(dst, v.Strs[i])
		}
	}
	return types.AppendKey(dst, t, v.Datum(i))
}

// Keys holds the sort keys of many rows in one piece of memory.
type Keys struct {
	buf []byte
	end []uint64 // where the key of each row ends
}

// Append adds the keys of rows 0 … n-1 of the columns, one part per column.
func (k *Keys) Append(cols []*Vec, parts []KeyPart, n int) {
	const usual = 10 // bytes of a part
	k.buf = slices.Grow(k.buf, n*usual*len(cols))
	k.end = slices.Grow(k.end, n)
	for i := range n {
		for c, v := range cols {
			k.buf = AppendSortKey(k.buf, v, i, &parts[c])
		}
		k.end = append(k.end, uint64(len(k.buf)))
	}
}

// Len is the number of keys.
func (k *Keys) Len() int { return len(k.end) }

// Reset forgets the keys and keeps the memory.
func (k *Keys) Reset() { k.buf, k.end = k.buf[:0], k.end[:0] }

// Key gives the key of row i; it is valid until the next Append.
func (k *Keys) Key(i int) []byte {
	from := uint64(0)
	if i > 0 {
		from = k.end[i-1]
	}
	return k.buf[from:k.end[i]]
}

// keyRef is a row with eight bytes of its key.
type keyRef struct {
	prefix uint64
	row    uint32
}

// Order gives the rows sorted by their keys; rows with equal keys stay in
// order. It sorts by eight bytes that follow what all keys begin with, by
// radix, and then compares keys only where those bytes are the same.
func (k *Keys) Order() []int32 {
	n := k.Len()
	skip := k.common()
	refs := make([]keyRef, n)
	for i := range refs {
		refs[i] = keyRef{prefixAt(k.Key(i), skip), uint32(i)}
	}
	refs = radixSort(refs)
	k.sortTies(refs, skip+8)
	out := make([]int32, n)
	for i := range refs {
		out[i] = int32(refs[i].row)
	}
	return out
}

// common is the length of what all keys begin with.
func (k *Keys) common() int {
	if k.Len() == 0 {
		return 0
	}
	first := k.Key(0)
	n := len(first)
	for i := 1; i < k.Len() && n > 0; i++ {
		key := k.Key(i)
		n = min(n, len(key))
		if bytes.Equal(first[:n], key[:n]) {
			continue
		}
		for j := 0; j < n; j++ {
			if first[j] != key[j] {
				n = j
			}
		}
	}
	return n
}

// prefixAt gives the eight bytes of a key from a position on, zeros behind its
// end.
func prefixAt(key []byte, at int) uint64 {
	key = key[at:]
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	x := uint64(0)
	for i, b := range key {
		x |= uint64(b) << (56 - 8*i)
	}
	return x
}

// radixSort sorts by prefix, least significant byte first, which is stable.
// Bytes that are the same in all prefixes cost nothing.
func radixSort(refs []keyRef) []keyRef {
	if len(refs) < 128 {
		slices.SortStableFunc(refs, func(a, b keyRef) int {
			if a.prefix < b.prefix {
				return -1
			} else if a.prefix > b.prefix {
				return 1
			}
			return 0
		})
		return refs
	}
	var counts [8][256]uint32
	for i := range refs {
		p := refs[i].prefix
		for b := range counts {
			counts[b][byte(p>>(8*b))]++
		}
	}
	tmp := make([]keyRef, len(refs))
	for b := range counts {
		count := &counts[b]
		if count[byte(refs[0].prefix>>(8*b))] == uint32(len(refs)) {
			continue
		}
		sum := uint32(0)
		for i, c := range count {
			count[i] = sum
			sum += c
		}
		for i := range refs {
			d := byte(refs[i].prefix >> (8 * b))
			tmp[count[d]] = refs[i]
			count[d]++
		}
		refs, tmp = tmp, refs
	}
	return refs
}

// sortTies sorts the runs of rows with the same prefix by the rest of their
// keys, from a position on.
func (k *Keys) sortTies(refs []keyRef, from int) {
	for lo := 0; lo < len(refs); {
		hi := lo + 1
		for hi < len(refs) && refs[hi].prefix == refs[lo].prefix {
			hi++
		}
		if hi-lo > 1 && len(k.Key(int(refs[lo].row))) > from {
			slices.SortStableFunc(refs[lo:hi], func(a, b keyRef) int {
				return bytes.Compare(k.rest(a, from), k.rest(b, from))
			})
		}
		lo = hi
	}
}

func (k *Keys) rest(r keyRef, from int) []byte {
	key := k.Key(int(r.row))
	return key[min(from, len(key)):]
}
