package types

import (
	"encoding/binary"
	"sort"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// JSONB is a value of type jsonb in its physical form. A value inside another
// one has the same form, so that taking a part out copies nothing.
//
//	null, false, true   the kind's byte
//	number, string      the kind's byte, uvarint length, and the number's image or the characters
//	array               the kind's byte, 4 bytes: the length of the rest, uvarint number of elements, the elements
//	object              the same with pairs: uvarint length and characters of the key, the value
//
// The keys of an object are sorted by length and then by bytes and do not
// repeat, as in PostgreSQL.
type JSONB string

// JSONKind is the kind of a JSON value. Scalars sort as their kinds do.
type JSONKind byte

// The kinds of JSON value.
const (
	JSONNull JSONKind = iota
	JSONString
	JSONNumber
	JSONFalse
	JSONTrue
	JSONArray
	JSONObject
)

const jsonHead = 5 // kind and length of a container

// JSONBNull and its kin are the constant values.
const (
	JSONBNull  JSONB = "\x00"
	JSONBFalse JSONB = "\x03"
	JSONBTrue  JSONB = "\x04"
)

// Kind tells the kind of value.
func (j JSONB) Kind() JSONKind {
	if j == "" {
		return JSONNull
	}
	return JSONKind(j[0])
}

// IsScalar tells a value that is neither array nor object.
func (j JSONB) IsScalar() bool { return j.Kind() < JSONArray }

// Str is the value of a string.
func (j JSONB) Str() string {
	n, k := stringUvarint(string(j[1:]))
	return string(j[1+k : 1+k+int(n)])
}

// Number is the value of a number.
func (j JSONB) Number() Numeric { return readNumericImage(j.Str()) }

// Len is the number of elements or pairs of a container.
func (j JSONB) Len() int {
	n, _ := stringUvarint(string(j[jsonHead:]))
	return int(n)
}

// size is the length of the value that j starts with.
func (j JSONB) size() int {
	switch j.Kind() {
	case JSONString, JSONNumber:
		n, k := stringUvarint(string(j[1:]))
		return 1 + k + int(n)
	case JSONArray, JSONObject:
		return jsonHead + int(le32(string(j[1:])))
	}
	return 1
}

// body is what follows the number of elements of a container.
func (j JSONB) body() JSONB {
	_, k := stringUvarint(string(j[jsonHead:]))
	return j[jsonHead+k:]
}

// Elems goes over the elements of an array.
func (j JSONB) Elems() func(yield func(JSONB) bool) {
	return func(yield func(JSONB) bool) {
		rest := j.body()
		for range j.Len() {
			n := rest.size()
			if !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// Pairs goes over the pairs of an object, in its order.
func (j JSONB) Pairs() func(yield func(key string, value JSONB) bool) {
	return func(yield func(string, JSONB) bool) {
		rest := j.body()
		for range j.Len() {
			n, k := stringUvarint(string(rest))
			key := string(rest[k : k+int(n)])
			rest = rest[k+int(n):]
			size := rest.size()
			if !yield(key, rest[:size]) {
				return
			}
			rest = rest[size:]
		}
	}
}

// Field gives the value of a key of an object.
func (j JSONB) Field(key string) (JSONB, bool) {
	if j.Kind() != JSONObject {
		return "", false
	}
	rest := j.body()
	for range j.Len() {
		n, k := stringUvarint(string(rest))
		at := rest[k:]
		if int(n) > len(key) {
			return "", false // keys are sorted by length
		}
		rest = at[n:]
		size := rest.size()
		if int(n) == len(key) && string(at[:n]) == key {
			return rest[:size], true
		}
		rest = rest[size:]
	}
	return "", false
}

// Elem gives element i of an array; a negative i counts from the end.
func (j JSONB) Elem(i int) (JSONB, bool) {
	if j.Kind() != JSONArray {
		return "", false
	}
	n := j.Len()
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return "", false
	}
	rest := j.body()
	for ; i > 0; i-- {
		rest = rest[rest.size():]
	}
	return rest[:rest.size()], true
}

// JSONBBool makes a truth value.
func JSONBBool(b bool) JSONB {
	if b {
		return JSONBTrue
	}
	return JSONBFalse
}

// JSONBString makes a string.
func JSONBString(s string) JSONB { return JSONB(appendJSONBString(nil, s)) }

func appendJSONBString(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(append(dst, byte(JSONString)), uint64(len(s)))
	return append(dst, s...)
}

// JSONBNumber makes a number, which must be finite.
func JSONBNumber(n Numeric) JSONB { return JSONB(appendJSONBNumber(nil, n)) }

func appendJSONBNumber(dst []byte, n Numeric) []byte {
	return appendSized(append(dst, byte(JSONNumber)), TNumeric, NewNumeric(n))
}

// JSONBArray makes an array.
func JSONBArray(elems []JSONB) JSONB {
	b := NewJSONBuilder()
	at := b.Begin(JSONArray)
	for _, e := range elems {
		b.Value(e)
	}
	b.EndArray(at, len(elems))
	return b.JSONB()
}

// JSONPair is a pair of an object.
type JSONPair struct {
	Key   string
	Value JSONB
}

// JSONBObject makes an object. The pairs may be in any order, and are sorted in
// place; of those with the same key the last one counts.
func JSONBObject(pairs []JSONPair) JSONB {
	pairs = sortPairs(pairs)
	b := NewJSONBuilder()
	at := b.Begin(JSONObject)
	for _, p := range pairs {
		b.Key(p.Key)
		b.Value(p.Value)
	}
	b.end(at, len(pairs))
	return b.JSONB()
}

// keyLess is the order of keys.
func keyLess(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// sortPairs brings pairs in order and drops all but the last of those with the
// same key.
func sortPairs(pairs []JSONPair) []JSONPair {
	sort.SliceStable(pairs, func(i, k int) bool { return keyLess(pairs[i].Key, pairs[k].Key) })
	out := pairs[:0]
	for i, p := range pairs {
		if i+1 < len(pairs) && pairs[i+1].Key == p.Key {
			continue
		}
		out = append(out, p)
	}
	return out
}

// JSONBuilder writes a jsonb value piece by piece. A container is begun, its
// elements or pairs are written, and it is ended with the position that Begin
// gave.
type JSONBuilder struct{ buf []byte }

// NewJSONBuilder makes an empty builder.
func NewJSONBuilder() *JSONBuilder { return &JSONBuilder{} }

// JSONB gives what was written.
func (b *JSONBuilder) JSONB() JSONB { return JSONB(b.buf) }

// countRoom is kept for the number of elements, which is known at the end.
const countRoom = 1

// Begin starts an array or object.
func (b *JSONBuilder) Begin(kind JSONKind) (at int) {
	at = len(b.buf)
	b.buf = append(b.buf, byte(kind), 0, 0, 0, 0, 0)
	return at
}

// Key writes a key of an object.
func (b *JSONBuilder) Key(key string) {
	b.buf = append(binary.AppendUvarint(b.buf, uint64(len(key))), key...)
}

// Value writes a value that exists.
func (b *JSONBuilder) Value(j JSONB) { b.buf = append(b.buf, j...) }

// Null, Bool, String and Number write scalars.
func (b *JSONBuilder) Null() { b.buf = append(b.buf, byte(JSONNull)) }

// Bool: see Null.
func (b *JSONBuilder) Bool(x bool) { b.buf = append(b.buf, JSONBBool(x)...) }

// String: see Null.
func (b *JSONBuilder) String(s string) { b.buf = appendJSONBString(b.buf, s) }

// Number: see Null.
func (b *JSONBuilder) Number(n Numeric) { b.buf = appendJSONBNumber(b.buf, n) }

// EndArray ends an array of n elements.
func (b *JSONBuilder) EndArray(at, n int) { b.end(at, n) }

// EndObject ends an object whose n pairs were written in any order, and puts
// them in order.
func (b *JSONBuilder) EndObject(at, n int) {
	from := at + jsonHead + countRoom
	body := JSONB(b.buf[from:])
	sorted, last := true, ""
	pairs := make([]JSONPair, 0, n)
	for rest := body; len(rest) > 0; {
		size, k := stringUvarint(string(rest))
		key := string(rest[k : k+int(size)])
		rest = rest[k+int(size):]
		v := rest[:rest.size()]
		rest = rest[len(v):]
		sorted = sorted && (len(pairs) == 0 || keyLess(last, key))
		pairs, last = append(pairs, JSONPair{key, v}), key
	}
	if !sorted {
		pairs = sortPairs(pairs)
		b.buf = b.buf[:from]
		for _, p := range pairs {
			b.Key(p.Key)
			b.Value(p.Value)
		}
	}
	b.end(at, len(pairs))
}

// end fills in length and number of a container.
func (b *JSONBuilder) end(at, n int) {
	from := at + jsonHead
	if n < 0x80 {
		b.buf[from] = byte(n)
	} else {
		var count [binary.MaxVarintLen64]byte
		k := binary.PutUvarint(count[:], uint64(n))
		b.buf = append(b.buf, count[:k-countRoom]...)
		copy(b.buf[from+k:], b.buf[from+countRoom:len(b.buf)-(k-countRoom)])
		copy(b.buf[from:], count[:k])
	}
	binary.LittleEndian.PutUint32(b.buf[at+1:], uint32(len(b.buf)-from))
}

// maxJSONString is the longest string in a jsonb value, in bytes.
const maxJSONString = 0x0FFFFFFF

func checkJSONString(s string) error {
	if len(s) <= maxJSONString {
		return nil
	}
	return pgerr.New(pgerr.ProgramLimitExceeded, "string too long to represent as jsonb string").
		WithDetail("Due to an implementation restriction, jsonb strings cannot exceed %d bytes.", maxJSONString)
}

// rank orders values of different kinds: scalars by kind, then arrays, then
// objects; at the top an empty array is below everything.
func (j JSONB) rank() int {
	switch k := j.Kind(); k {
	case JSONFalse, JSONTrue:
		return int(JSONFalse)
	default:
		return int(k)
	}
}

func (j JSONB) emptyArray() bool { return j.Kind() == JSONArray && j.Len() == 0 }

// Cmp compares two values by PostgreSQL's order.
func (j JSONB) Cmp(o JSONB) int {
	if a, b := j.emptyArray(), o.emptyArray(); a != b {
		if a {
			return -1
		}
		return 1
	}
	return j.cmp(o)
}

func (j JSONB) cmp(o JSONB) int {
	if a, b := j.rank(), o.rank(); a != b {
		return cmpInt(int64(a), int64(b))
	}
	switch j.Kind() {
	case JSONFalse, JSONTrue:
		return cmpInt(int64(j.Kind()), int64(o.Kind()))
	case JSONString:
		return strings.Compare(j.Str(), o.Str())
	case JSONNumber:
		return j.Number().Cmp(o.Number())
	case JSONArray, JSONObject:
		if a, b := j.Len(), o.Len(); a != b {
			return cmpInt(int64(a), int64(b))
		}
		return j.cmpItems(o)
	}
	return 0
}

// cmpItems compares containers of the same kind and length item by item.
func (j JSONB) cmpItems(o JSONB) int {
	a, b := j.body(), o.body()
	keys := j.Kind() == JSONObject
	for range j.Len() {
		if keys {
			n, k := stringUvarint(string(a))
			m, l := stringUvarint(string(b))
			if c := strings.Compare(string(a[k:k+int(n)]), string(b[l:l+int(m)])); c != 0 {
				return c
			}
			a, b = a[k+int(n):], b[l+int(m):]
		}
		x, y := a[:a.size()], b[:b.size()]
		if c := x.cmp(y); c != 0 {
			return c
		}
		a, b = a[len(x):], b[len(y):]
	}
	return 0
}

// Equal tells SQL equality, which ignores the scales of numbers.
func (j JSONB) Equal(o JSONB) bool { return j == o || j.cmp(o) == 0 }

// hash hashes by equality.
func (j JSONB) hash(h uint64) uint64 {
	switch j.Kind() {
	case JSONNumber:
		return Mix(h*31 ^ j.Number().Hash())
	case JSONArray:
		h = Mix(h*31 ^ uint64(j.Len()) ^ uint64(JSONArray)<<32)
		for e := range j.Elems() {
			h = e.hash(h)
		}
		return h
	case JSONObject:
		h = Mix(h*31 ^ uint64(j.Len()) ^ uint64(JSONObject)<<32)
		for k, v := range j.Pairs() {
			h = v.hash(Mix(h*31 ^ TText.HashStr(k)))
		}
		return h
	}
	return Mix(h*31 ^ TText.HashStr(string(j)))
}
