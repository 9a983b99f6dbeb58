package types

import "github.com/streamsqld/streamsqld/internal/pgerr"

func enumRecv(env *Env, t *Type, r *reader, mod int32) (Datum, error) {
	s, err := r.text()
	if err != nil {
		return Null, err
	}
	return enumIn(env, t, s, mod)
}

// enumIndex finds labels by name and by key.
type enumIndex struct {
	keys  map[string]int64
	names map[int64]string
}

func newEnumIndex(t *Type) *enumIndex {
	x := &enumIndex{keys: make(map[string]int64, len(t.Labels)), names: make(map[int64]string, len(t.Labels))}
	for _, l := range t.Labels {
		x.keys[l.Name], x.names[l.Key] = l.Key, l.Name
	}
	return x
}

func enumIn(_ *Env, t *Type, s string, _ int32) (Datum, error) {
	k, ok := t.bind().enum.keys[s]
	if !ok {
		return Null, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input value for enum %s: \"%s\"", t.SQLName(NoMod), s)
	}
	return NewInt(k), nil
}

// enumSend is a label in the client's encoding.
func enumSend(env *Env, t *Type, dst []byte, d Datum) []byte {
	at := len(dst)
	dst = enumOut(env, t, dst, d)
	if env.Client != nil {
		dst = env.Client.Tail(dst, at)
	}
	return dst
}

func enumOut(_ *Env, t *Type, dst []byte, d Datum) []byte {
	return append(dst, t.bind().enum.names[d.i]...)
}
