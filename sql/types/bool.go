package types

import (
	"strings"
)

var boolCodec = &codec{
	in: func(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
		b, ok := ParseBool(trimSpaces(s))
		if !ok {
			return Null, errSyntaxFor("boolean", s)
		}
		return NewBool(b), nil
	},
	out:  func(_ *Env, _ *Type, dst []byte, d Datum) []byte { return append(dst, "ft"[d.i]) },
	recv: func(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) { return NewBool(r.u8() != 0), nil },
	send: func(_ *Env, _ *Type, dst []byte, d Datum) []byte { return append(dst, byte(d.i)) },
}

// ParseBool reads a truth value as PostgreSQL's parse_bool does: any unique
// prefix of true, false, yes, no, on, off, or 1 or 0, in any case.
func ParseBool(s string) (value, ok bool) {
	if s == "" || len(s) > 5 {
		return false, false
	}
	low := strings.ToLower(s)
	switch low[0] {
	case 't':
		return true, strings.HasPrefix("true", low)
	case 'f':
		return false, strings.HasPrefix("false", low)
	case 'y':
		return true, strings.HasPrefix("yes", low)
	case 'n':
		return false, strings.HasPrefix("no", low)
	case 'o': // "o" alone is ambiguous
		if low == "on" {
			return true, true
		}
		return false, len(low) > 1 && strings.HasPrefix("off", low)
	case '1':
		return true, len(low) == 1
	case '0':
		return false, len(low) == 1
	}
	return false, false
}
