package types

import (
	"github.com/streamsqld/streamsqld/internal/jsonlex"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

var jsonbCodec = &codec{in: jsonbIn, out: jsonbOut, recv: jsonbRecv, send: jsonbSend,
	cmp:  func(_ *Type, a, b string) int { return JSONB(a).Cmp(JSONB(b)) },
	hash: func(_ *Type, s string) uint64 { return JSONB(s).hash(0) },
}

func jsonbIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	j, err := ParseJSONB(s)
	return NewString(string(j)), err
}

// ParseJSONB reads JSON text.
func ParseJSONB(s string) (JSONB, error) {
	p := jsonbParser{Lexer: jsonlex.New(s, true)}
	p.b.buf = make([]byte, 0, len(s)+16)
	err := p.Next()
	if err == nil {
		err = p.value(0)
	}
	if err == nil && p.Kind != jsonlex.End {
		err = p.Fail("end of input")
	}
	return p.b.JSONB(), err
}

type jsonbParser struct {
	jsonlex.Lexer
	b JSONBuilder
}

// value reads the value whose first token is the current one.
func (p *jsonbParser) value(depth int) error {
	switch p.Kind {
	case jsonlex.Null:
		p.b.Null()
	case jsonlex.True, jsonlex.False:
		p.b.Bool(p.Kind == jsonlex.True)
	case jsonlex.String:
		s := p.Str()
		if err := p.Next(); err != nil { // PostgreSQL reports this one first
			return err
		}
		if err := checkJSONString(s); err != nil {
			return err
		}
		p.b.String(s)
		return nil
	case jsonlex.Number:
		s := p.Text()
		if err := p.Next(); err != nil {
			return err
		}
		n, err := ParseNumeric(s)
		if err != nil {
			return err
		}
		p.b.Number(n)
		return nil
	case jsonlex.ArrayStart:
		at, n := p.b.Begin(JSONArray), 0
		err := p.Array(depth, func(int) error { n++; return p.value(depth + 1) })
		p.b.EndArray(at, n)
		return err
	case jsonlex.ObjectStart:
		return p.object(depth)
	default:
		return p.Fail("JSON value")
	}
	return p.Next()
}

func (p *jsonbParser) object(depth int) error {
	at, n, sorted, last := p.b.Begin(JSONObject), 0, true, ""
	err := p.Object(depth, func(key string) error {
		if err := checkJSONString(key); err != nil {
			return err
		}
		sorted = sorted && (n == 0 || keyLess(last, key))
		n, last = n+1, key
		p.b.Key(key)
		return p.value(depth + 1)
	})
	switch {
	case err != nil:
		return err
	case sorted:
		p.b.end(at, n)
	default:
		p.b.EndObject(at, n)
	}
	return nil
}

func jsonbOut(_ *Env, _ *Type, dst []byte, d Datum) []byte { return JSONB(d.s).Append(dst) }

// Append appends the text form.
func (j JSONB) Append(dst []byte) []byte {
	switch j.Kind() {
	case JSONString:
		return AppendJSONString(dst, j.Str())
	case JSONNumber:
		return j.Number().Append(dst)
	case JSONFalse:
		return append(dst, "false"...)
	case JSONTrue:
		return append(dst, "true"...)
	case JSONArray:
		dst = append(dst, '[')
		first := true
		for e := range j.Elems() {
			if !first {
				dst = append(dst, ", "...)
			}
			first = false
			dst = e.Append(dst)
		}
		return append(dst, ']')
	case JSONObject:
		dst = append(dst, '{')
		first := true
		for k, v := range j.Pairs() {
			if !first {
				dst = append(dst, ", "...)
			}
			first = false
			dst = v.Append(append(AppendJSONString(dst, k), ": "...))
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

// Text is the text form.
func (j JSONB) Text() string { return string(j.Append(nil)) }

func jsonbRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	if v := r.u8(); v != 1 && !r.short {
		return Null, pgerr.New(pgerr.InternalError, "unsupported jsonb version number %d", v)
	}
	s, err := r.text()
	if err != nil || r.short {
		return Null, err
	}
	return jsonbIn(nil, nil, s, NoMod)
}

func jsonbSend(env *Env, _ *Type, dst []byte, d Datum) []byte {
	dst = append(dst, 1)
	at := len(dst)
	dst = JSONB(d.s).Append(dst)
	if env.Client != nil {
		dst = env.Client.Tail(dst, at)
	}
	return dst
}
