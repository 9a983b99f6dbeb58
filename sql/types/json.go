package types

import "github.com/streamsqld/streamsqld/internal/jsonlex"

// json is text that was checked; it is kept as it was written.
var jsonCodec = &codec{in: jsonIn, out: textOut, recv: jsonRecv, send: textSend}

func jsonIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	if err := jsonlex.Check(s); err != nil {
		return Null, err
	}
	return NewString(s), nil
}

func jsonRecv(env *Env, t *Type, r *reader, mod int32) (Datum, error) {
	s, err := r.text()
	if err != nil {
		return Null, err
	}
	return jsonIn(env, t, s, mod)
}

// AppendJSONString appends s as a JSON string, escaped as PostgreSQL's
// escape_json does.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '"', '\\':
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, '\\', 'u', '0', '0', lowerHex[c>>4], lowerHex[c&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
}
