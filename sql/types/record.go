package types

import (
	"encoding/binary"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The physical form of a record or a value of a composite type (kind Bytes) is
// the number of fields and, for each, its type's OID · 2 + 1 if it is NULL, all
// as uvarints, and if it is not NULL the uvarint length of its image and the
// image. So an anonymous record can be shown and compared by itself.
//
// Dropped attributes of a composite type have no field. A value that was made
// before attributes were added has fewer fields; those are NULL.

// Record is a record taken apart.
type Record struct {
	Types []*Type
	Vals  []Datum
}

// Encode gives the physical form.
func (r *Record) Encode() string { return string(AppendRecord(nil, r.Types, r.Vals)) }

// AppendRecord appends the physical form of a record with values of the types.
func AppendRecord(dst []byte, ts []*Type, vals []Datum) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(vals)))
	for i := range vals {
		head := uint64(ts[i].OID) << 1
		if vals[i].IsNull() {
			dst = binary.AppendUvarint(dst, head|1)
			continue
		}
		dst = appendSized(binary.AppendUvarint(dst, head), ts[i], vals[i])
	}
	return dst
}

// RecordIter gives the fields of a record one after the other.
type RecordIter struct {
	N    int // fields
	rest string
	i    int
}

// IterRecord starts to go over a record.
func IterRecord(s string) RecordIter {
	n, k := stringUvarint(s)
	return RecordIter{N: int(n), rest: s[k:]}
}

// Next gives the next field; ok is false after the last. A type that is not
// known any more is text.
func (it *RecordIter) Next() (t *Type, d Datum, ok bool) {
	if it.i >= it.N {
		return nil, Null, false
	}
	it.i++
	head, k := stringUvarint(it.rest)
	it.rest = it.rest[k:]
	if t = ByOID(OID(head >> 1)); t == nil {
		t = TText
	}
	if head&1 != 0 || k == 0 {
		return t, Null, true
	}
	size, k := stringUvarint(it.rest)
	end := min(k+int(size), len(it.rest))
	d = readImage(t, it.rest[k:end])
	it.rest = it.rest[end:]
	return t, d, true
}

// DecodeRecord takes a record apart. Values of kind Bytes share s.
func DecodeRecord(s string) Record {
	it := IterRecord(s)
	r := Record{}
	for {
		t, d, ok := it.Next()
		if !ok {
			return r
		}
		r.Types, r.Vals = append(r.Types, t), append(r.Vals, d)
	}
}

// RecordField gives field i, counted from 0 among those that are not dropped;
// NULL when the record has fewer.
func RecordField(s string, i int) (t *Type, d Datum) {
	it := IterRecord(s)
	for ; ; i-- {
		t, d, ok := it.Next()
		if !ok {
			return nil, Null
		}
		if i == 0 {
			return t, d
		}
	}
}

// live gives the attributes of a composite type that are not dropped.
func (t *Type) live() []Field {
	for i := range t.Fields {
		if t.Fields[i].Dropped {
			out := append([]Field(nil), t.Fields[:i]...)
			for _, f := range t.Fields[i:] {
				if !f.Dropped {
					out = append(out, f)
				}
			}
			return out
		}
	}
	return t.Fields
}

// recordOut writes (a,b,…). The fields are those of the composite type, or what
// an anonymous record says itself.
func recordOut(env *Env, t *Type, dst []byte, d Datum) []byte {
	it := IterRecord(d.s)
	n := max(it.N, len(t.live()))
	dst = append(dst, '(')
	for i := 0; i < n; i++ {
		if i > 0 {
			dst = append(dst, ',')
		}
		ft, v, _ := it.Next()
		if !v.IsNull() {
			dst = appendFieldText(env, ft, dst, v)
		}
	}
	return append(dst, ')')
}

func appendFieldText(env *Env, t *Type, dst []byte, d Datum) []byte {
	n := len(dst)
	dst = t.Out(env, dst, d)
	text := dst[n:]
	need, escapes := len(text) == 0, 0
	for _, c := range text {
		if c == '"' || c == '\\' {
			escapes++
			need = true
		} else if c == '(' || c == ')' || c == ',' || isSpace(c) {
			need = true
		}
	}
	switch {
	case !need:
		return dst
	case escapes == 0:
		return quoteTail(dst, n, 0)
	}
	// Inside, quotes and backslashes are doubled.
	quoted := strings.NewReplacer(`"`, `""`, `\`, `\\`).Replace(string(text))
	return append(append(append(dst[:n], '"'), quoted...), '"')
}

func errRecordLiteral(s, detail string) error {
	return pgerr.New(pgerr.InvalidTextRepresentation, "malformed record literal: \"%s\"", s).WithDetail("%s", detail)
}

// recordIn reads the text form of a value of a composite type.
func recordIn(env *Env, t *Type, s string, _ int32) (Datum, error) {
	if t.Class != Composite {
		return Null, pgerr.New(pgerr.FeatureNotSupported, "input of anonymous composite types is not implemented")
	}
	p := skipSpaces(s)
	if p == "" || p[0] != '(' {
		return Null, errRecordLiteral(s, "Missing left parenthesis.")
	}
	p = p[1:]
	fields := t.live()
	r := Record{Types: make([]*Type, len(fields)), Vals: make([]Datum, len(fields))}
	for i, f := range fields {
		r.Types[i] = f.Type
		if i > 0 {
			if p == "" || p[0] != ',' {
				return Null, errRecordLiteral(s, "Too few columns.")
			}
			p = p[1:]
		}
		if p != "" && (p[0] == ',' || p[0] == ')') {
			continue // nothing at all is NULL
		}
		item, rest, ok := recordItem(p)
		if !ok {
			return Null, errRecordLiteral(s, "Unexpected end of input.")
		}
		p = rest
		d, err := f.Type.In(env, item, f.Mod)
		if err != nil {
			return Null, err
		}
		r.Vals[i] = d
	}
	if p == "" || p[0] != ')' {
		return Null, errRecordLiteral(s, "Too many columns.")
	}
	if skipSpaces(p[1:]) != "" {
		return Null, errRecordLiteral(s, "Junk after right parenthesis.")
	}
	return NewString(r.Encode()), nil
}

// recordItem reads a field up to the comma or parenthesis that ends it.
func recordItem(p string) (item, rest string, ok bool) {
	var buf []byte
	quoted := false
	for i := 0; ; i++ {
		if i >= len(p) {
			return "", p, false
		}
		c := p[i]
		switch {
		case !quoted && (c == ',' || c == ')'):
			return string(buf), p[i:], true
		case c == '\\':
			if i++; i >= len(p) {
				return "", p, false
			}
			buf = append(buf, p[i])
		case c == '"' && !quoted:
			quoted = true
		case c == '"' && i+1 < len(p) && p[i+1] == '"':
			buf = append(buf, '"')
			i++
		case c == '"':
			quoted = false
		default:
			buf = append(buf, c)
		}
	}
}

func recordSend(env *Env, t *Type, dst []byte, d Datum) []byte {
	it := IterRecord(d.s)
	live := t.live()
	n := max(it.N, len(live))
	dst = appendU32(dst, uint32(n))
	for i := 0; i < n; i++ {
		ft, v, ok := it.Next()
		if !ok {
			ft = live[i].Type
		}
		dst = appendSend(env, ft, appendU32(dst, uint32(ft.OID)), v)
	}
	return dst
}

func recordRecv(env *Env, t *Type, r *reader, _ int32) (Datum, error) {
	if t.Class != Composite {
		return Null, pgerr.New(pgerr.FeatureNotSupported, "input of anonymous composite types is not implemented")
	}
	fields := t.live()
	n := r.i32()
	if r.short {
		return Null, nil
	}
	if int(n) != len(fields) {
		return Null, pgerr.New(pgerr.DatatypeMismatch, "wrong number of columns: %d, expected %d", n, len(fields))
	}
	rec := Record{Types: make([]*Type, len(fields)), Vals: make([]Datum, len(fields))}
	for i, f := range fields {
		rec.Types[i] = f.Type
		if oid := OID(r.u32()); oid != f.Type.OID && oid < firstStableOID && f.Type.OID < firstStableOID && !r.short {
			return Null, errFieldType(oid, f.Type, i)
		}
		size := r.i32()
		if size == -1 && !r.short {
			continue
		}
		if size < -1 || int(size) > len(r.b) || r.short {
			return Null, errBinary("insufficient data left in message")
		}
		d, err := f.Type.Recv(env, r.take(int(size)), f.Mod)
		if e, ok := err.(*pgerr.Error); ok && e.Message == incorrectBinary {
			err = errBinary("improper binary format in record column %d", i+1)
		}
		if err != nil {
			return Null, err
		}
		rec.Vals[i] = d
	}
	return NewString(rec.Encode()), nil
}

func errFieldType(got OID, want *Type, i int) error {
	name := "???"
	if t := ByOID(got); t != nil {
		name = t.SQLName(NoMod)
	}
	return pgerr.New(pgerr.DatatypeMismatch, "binary data has type %d (%s) instead of expected %d (%s) in record column %d",
		got, name, want.OID, want.SQLName(NoMod), i+1)
}

// CompareRecords compares records as SQL's operators do: it is an error (42804) when
// fields that it gets to are of different types, or equal records of different lengths.
func CompareRecords(a, b string) (int, error) {
	x, y := IterRecord(a), IterRecord(b)
	for i := 1; ; i++ {
		t, d, ok := x.Next()
		u, e, also := y.Next()
		if !ok || !also {
			break
		}
		if t.OID != u.OID {
			return 0, pgerr.New(pgerr.DatatypeMismatch, "cannot compare dissimilar column types %s and %s at record column %d", t.SQLName(NoMod), u.SQLName(NoMod), i)
		}
		c, err := compareFields(t, d, e)
		if c != 0 || err != nil {
			return c, err
		}
	}
	if x.N != y.N {
		return 0, pgerr.New(pgerr.DatatypeMismatch, "cannot compare record types with different numbers of columns")
	}
	return 0, nil
}

func compareFields(t *Type, a, b Datum) (int, error) {
	if c := t.Underlying().Class; (c == Composite || t.OID == RecordOID) && !a.IsNull() && !b.IsNull() {
		return CompareRecords(a.Str(), b.Str())
	}
	return t.Compare(a, b), nil
}

// recordCmp compares field by field, NULLs above everything. Records that have
// fields of different types or numbers, which CompareRecords does not compare, are
// ordered too, so that any records sort.
func recordCmp(_ *Type, a, b string) int {
	x, y := IterRecord(a), IterRecord(b)
	for {
		t, d, ok1 := x.Next()
		u, e, ok2 := y.Next()
		switch {
		case !ok1 || !ok2:
			return cmpInt(int64(x.N), int64(y.N))
		case t.OID != u.OID && t.Underlying().Kind != u.Underlying().Kind:
			return cmpInt(int64(t.OID), int64(u.OID))
		}
		if c := t.Compare(d, e); c != 0 {
			return c
		}
	}
}

func recordHash(_ *Type, s string) uint64 {
	it := IterRecord(s)
	h := Mix(uint64(it.N))
	for {
		t, d, ok := it.Next()
		if !ok {
			return h
		}
		h = Mix(h*31 ^ t.Hash(d))
	}
}
