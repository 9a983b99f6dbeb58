package types

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The reg* types are OIDs that are written as the names of what they identify.
var regCodec = &codec{in: regIn, out: regOut, recv: oidRecv, send: int4Send}

// regDash tells the reg types whose "no object" is written "-"; to the others
// that is the name of an operator, and they write "0".
func regDash(t *Type) bool { return t.OID != RegoperOID && t.OID != RegoperatorOID }

func regIn(env *Env, t *Type, s string, mod int32) (Datum, error) {
	if s == "-" && regDash(t) {
		return NewInt(0), nil
	}
	if s != "" && strings.Trim(s, "0123456789") == "" {
		return oidIn(env, t, s, mod)
	}
	if env.Names == nil {
		return Null, pgerr.New(pgerr.UndefinedObject, "%s \"%s\" does not exist", t.Name, s)
	}
	oid, err := env.Names.RegIn(t, s)
	return NewInt(int64(oid)), err
}

func regOut(env *Env, t *Type, dst []byte, d Datum) []byte {
	switch {
	case d.i == 0 && regDash(t):
		return append(dst, '-')
	case d.i != 0 && env.Names != nil:
		if s, ok := env.Names.RegOut(t, OID(d.i)); ok {
			return append(dst, s...)
		}
	}
	return AppendInt(dst, d.i)
}
