package types

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func arrayOut(env *Env, t *Type, dst []byte, d Datum) []byte {
	it := IterArray(t.Elem, d.s)
	if it.N == 0 {
		return append(dst, "{}"...)
	}
	dst = appendBounds(dst, &it.ArrayHead)
	dst = append(dst, '{')
	var index [MaxDim]int32
	open := 0 // the dimension from which braces have to be opened
	for {
		for i := open; i < it.NDim-1; i++ {
			dst = append(dst, '{')
		}
		e, ok := it.Next()
		if !ok {
			return dst
		}
		dst = appendElemText(env, t.Elem, dst, e)
		i := it.NDim - 1
		for ; i >= 0; i-- {
			if index[i]++; index[i] < it.Dims[i] {
				dst = append(dst, t.Elem.Delim)
				break
			}
			index[i] = 0
			dst = append(dst, '}')
		}
		if open = i; i < 0 {
			return dst
		}
	}
}

// appendBounds appends [m:n] items and = if any lower bound is not 1.
func appendBounds(dst []byte, h *ArrayHead) []byte {
	plain := true
	for i := 0; i < h.NDim; i++ {
		plain = plain && h.Lower[i] == 1
	}
	if plain {
		return dst
	}
	for i := 0; i < h.NDim; i++ {
		dst = append(AppendInt(append(dst, '['), int64(h.Lower[i])), ':')
		dst = append(AppendInt(dst, int64(h.Lower[i])+int64(h.Dims[i])-1), ']')
	}
	return append(dst, '=')
}

// appendElemText appends an element, in quotes where it needs them.
func appendElemText(env *Env, elem *Type, dst []byte, d Datum) []byte {
	if d.IsNull() {
		return append(dst, "NULL"...)
	}
	n := len(dst)
	dst = elem.Out(env, dst, d)
	switch elem.OID { // types whose text never needs quotes
	case Int2OID, Int4OID, Int8OID, Float4OID, Float8OID, NumericOID, BoolOID, OidOID, UUIDOID:
		return dst
	}
	text := dst[n:]
	need, escapes := len(text) == 0 || len(text) == 4 && strings.EqualFold(string(text), "NULL"), 0
	for _, c := range text {
		if c == '"' || c == '\\' {
			escapes++
			need = true
		} else if c == '{' || c == '}' || c == elem.Delim || isSpace(c) {
			need = true
		}
	}
	if !need {
		return dst
	}
	return quoteTail(dst, n, escapes)
}

// quoteTail puts what dst holds from n on in quotes, with a backslash before
// each of the escapes quotes and backslashes in it.
func quoteTail(dst []byte, n, escapes int) []byte {
	text := append([]byte(nil), dst[n:]...)
	dst = append(dst[:n], '"')
	if escapes == 0 {
		return append(append(dst, text...), '"')
	}
	for _, c := range text {
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

func arraySend(env *Env, t *Type, dst []byte, d Datum) []byte {
	it := IterArray(t.Elem, d.s)
	flags := uint32(0)
	if it.HasNulls() {
		flags = 1
	}
	dst = appendU32(appendU32(appendU32(dst, uint32(it.NDim)), flags), uint32(t.Elem.OID))
	for i := 0; i < it.NDim; i++ {
		dst = appendU32(appendU32(dst, uint32(it.Dims[i])), uint32(it.Lower[i]))
	}
	for {
		e, ok := it.Next()
		if !ok {
			return dst
		}
		dst = appendSend(env, t.Elem, dst, e)
	}
}

// appendSend appends the binary form of a value after its length; -1 for NULL.
func appendSend(env *Env, t *Type, dst []byte, d Datum) []byte {
	if d.IsNull() {
		return appendU32(dst, 0xffffffff)
	}
	n := len(dst)
	dst = t.Send(env, append(dst, 0, 0, 0, 0), d)
	size := len(dst) - n - 4
	dst[n], dst[n+1], dst[n+2], dst[n+3] = byte(size>>24), byte(size>>16), byte(size>>8), byte(size)
	return dst
}

func arrayRecv(env *Env, t *Type, r *reader, mod int32) (Datum, error) {
	a, err := recvArray(env, t.Elem, r, mod)
	if err != nil {
		return Null, err
	}
	return NewString(a.Encode()), nil
}

func recvArray(env *Env, elem *Type, r *reader, mod int32) (a Array, err error) {
	a.Elem = elem
	ndim, flags := r.i32(), r.i32()
	switch {
	case r.short:
		return a, nil
	case ndim < 0:
		return a, errBinary("invalid number of dimensions: %d", ndim)
	case ndim > MaxDim:
		return a, errTooManyDims(int(ndim))
	case flags != 0 && flags != 1:
		return a, errBinary("invalid array flags")
	}
	if oid := OID(r.u32()); oid != elem.OID && oid < firstStableOID && elem.OID < firstStableOID && !r.short {
		return a, errElemType(oid, elem)
	}
	for i := int32(0); i < ndim; i++ {
		dim, low := r.i32(), r.i32()
		a.Dims, a.Lower = append(a.Dims, dim), append(a.Lower, low)
	}
	n, err := CheckShape(a.Dims, a.Lower)
	if err != nil || r.short {
		return a, err
	}
	if n == 0 {
		a.Dims, a.Lower = nil, nil
		return a, nil
	}
	if n > len(r.b)/4 { // each element has a length at least
		r.take(len(r.b) + 1)
		return a, nil
	}
	a.Vals = make([]Datum, n)
	for i := range a.Vals {
		if a.Vals[i], err = recvElem(env, elem, r, mod, i); err != nil {
			return a, err
		}
	}
	return a, nil
}

// firstStableOID is where OIDs begin that may differ between databases.
const firstStableOID OID = 10000

func errElemType(got OID, want *Type) error {
	name := "???"
	if t := ByOID(got); t != nil {
		name = t.SQLName(NoMod)
	}
	return pgerr.New(pgerr.DatatypeMismatch, "binary data has array element type %d (%s) instead of expected %d (%s)",
		got, name, want.OID, want.SQLName(NoMod))
}

func recvElem(env *Env, elem *Type, r *reader, mod int32, i int) (Datum, error) {
	size := r.i32()
	if size == -1 && !r.short {
		return Null, nil
	}
	if size < -1 || int(size) > len(r.b) || r.short {
		return Null, errBinary("insufficient data left in message")
	}
	d, err := elem.Recv(env, r.take(int(size)), mod)
	if e, ok := err.(*pgerr.Error); ok && e.Message == incorrectBinary {
		return Null, errBinary("improper binary format in array element %d", i+1)
	}
	return d, err
}
