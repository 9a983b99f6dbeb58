package types

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// codec is a type's text and binary I/O. A value's NULL never gets here.
type codec struct {
	// in reads the text form; mod is applied as the type's input function does.
	// Nil: values cannot be made from text.
	in func(env *Env, t *Type, s string, mod int32) (Datum, error)
	// out appends the text form.
	out func(env *Env, t *Type, dst []byte, d Datum) []byte
	// recv reads the binary form and takes no more than it needs; send appends
	// it. Both nil: no binary form.
	recv func(env *Env, t *Type, r *reader, mod int32) (Datum, error)
	send func(env *Env, t *Type, dst []byte, d Datum) []byte

	// cmp and hash follow SQL order and equality of a type of kind Bytes whose
	// values may be equal with different bytes, or sort otherwise than their
	// bytes; nil for all others.
	cmp  func(t *Type, a, b string) int
	hash func(t *Type, s string) uint64
}

// In reads a value's text form, applying the type modifier. A malformed text is
// 22P02 (or the type's own code), as in PostgreSQL.
func (t *Type) In(env *Env, s string, mod int32) (Datum, error) {
	b := t.bind()
	if b.c.in == nil {
		return Null, noInput(b.t)
	}
	if b.mod != NoMod {
		mod = b.mod
	}
	return b.c.in(env, b.t, s, mod)
}

// noInput is the error of types whose values cannot be made from text.
func noInput(t *Type) error {
	if t.Class == Pseudo || t.OID == PgNodeTreeOID {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot accept a value of type %s", t.Name)
	}
	return pgerr.NotSupported("type %s", t.Name)
}

// Out appends a value's text form to dst.
func (t *Type) Out(env *Env, dst []byte, d Datum) []byte {
	b := t.bind()
	if b.c.out == nil {
		return append(dst, d.s...)
	}
	return b.c.out(env, b.t, dst, d)
}

// Recv reads a value's binary form. Damage is 22P03 or 08P01, as in
// PostgreSQL; a type without a binary form is 42883.
func (t *Type) Recv(env *Env, buf []byte, mod int32) (Datum, error) {
	b := t.bind()
	if b.c.recv == nil {
		return Null, pgerr.New(pgerr.UndefinedFunction, "no binary input function available for type %s", t.Name)
	}
	if b.mod != NoMod {
		mod = b.mod
	}
	r := reader{b: buf, client: env.Client}
	d, err := b.c.recv(env, b.t, &r, mod)
	switch {
	case r.short:
		return Null, errShort()
	case err != nil:
		return Null, err
	case len(r.b) != 0:
		return Null, errBinary(incorrectBinary)
	}
	return d, nil
}

// incorrectBinary is the message for bytes that are left over.
const incorrectBinary = "incorrect binary data format"

// Send appends a value's binary form to dst; HasBinary must hold.
func (t *Type) Send(env *Env, dst []byte, d Datum) []byte {
	b := t.bind()
	return b.c.send(env, b.t, dst, d)
}

// HasBinary tells whether the type has a binary form (42883 when a client asks
// for one that is not there).
func (t *Type) HasBinary() bool {
	b := t.bind()
	if b.t.Elem != nil && !b.t.IsVector {
		return b.t.Elem.HasBinary()
	}
	if b.t.Class == Range {
		return b.t.Sub.HasBinary()
	}
	if b.t.Class == Multirange {
		return b.t.Over.HasBinary()
	}
	return b.c.send != nil
}

// Supported tells whether values of the type can be made at all.
func (t *Type) Supported() bool { return t.bind().c != noCodec }

// Text is Out as a string.
func (t *Type) Text(env *Env, d Datum) string { return string(t.Out(env, nil, d)) }
