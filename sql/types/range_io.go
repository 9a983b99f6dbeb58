package types

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func errRangeText(kind, s, detail string) error {
	return pgerr.New(pgerr.InvalidTextRepresentation, "malformed %s literal: \"%s\"", kind, s).WithDetail("%s", detail)
}

// cutEmpty cuts the word empty off.
func cutEmpty(s string) (string, bool) {
	if len(s) < 5 || !strings.EqualFold(s[:5], "empty") {
		return s, false
	}
	return s[5:], true
}

// rangeIn reads "empty" or [lower,upper], either bracket of which may be a
// parenthesis; a bound that is left out is infinite.
func rangeIn(env *Env, t *Type, s string, _ int32) (Datum, error) {
	fail := func(detail string) (Datum, error) { return Null, errRangeText("range", s, detail) }
	rest := strings.TrimLeft(s, spaces)
	if after, ok := cutEmpty(rest); ok {
		if strings.TrimLeft(after, spaces) != "" {
			return fail("Junk after \"empty\" key word.")
		}
		return NewString(EmptyRange.Encode(t)), nil
	}
	if rest == "" || rest[0] != '[' && rest[0] != '(' {
		return fail("Missing left parenthesis or bracket.")
	}
	var lower, upper Bound
	lower.Inc = rest[0] == '['
	low, rest, ok := boundText(rest[1:])
	if !ok {
		return fail("Unexpected end of input.")
	}
	if rest[0] != ',' {
		return fail("Missing comma after lower bound.")
	}
	high, rest, ok := boundText(rest[1:])
	switch {
	case !ok:
		return fail("Unexpected end of input.")
	case rest[0] == ',':
		return fail("Too many commas.")
	case strings.TrimLeft(rest[1:], spaces) != "":
		return fail("Junk after right parenthesis or bracket.")
	}
	upper.Inc = rest[0] == ']'
	for _, x := range []struct {
		b    *Bound
		text *string
	}{{&lower, low}, {&upper, high}} {
		if x.b.Inf = x.text == nil; x.b.Inf {
			continue
		}
		var err error
		if x.b.Val, err = t.Sub.In(env, *x.text, NoMod); err != nil {
			return Null, err
		}
	}
	r, err := t.NewRange(lower, upper)
	return NewString(r.Encode(t)), err
}

// boundText reads a bound up to the comma or bracket behind it: nil when there
// is nothing.
func boundText(s string) (text *string, rest string, ok bool) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case !quoted && (c == ',' || c == ')' || c == ']'):
			if i == 0 {
				return nil, s, true
			}
			v := b.String()
			return &v, s[i:], true
		case c == '\\':
			if i++; i == len(s) {
				return nil, "", false
			}
			b.WriteByte(s[i])
		case c == '"' && quoted && i+1 < len(s) && s[i+1] == '"':
			i++
			b.WriteByte('"')
		case c == '"':
			quoted = !quoted
		default:
			b.WriteByte(c)
		}
	}
	return nil, "", false
}

func rangeOut(env *Env, t *Type, dst []byte, d Datum) []byte {
	return appendRangeText(env, t, dst, DecodeRange(t, d.s))
}

func appendRangeText(env *Env, t *Type, dst []byte, r RangeVal) []byte {
	if r.Empty {
		return append(dst, "empty"...)
	}
	open, end := byte('('), byte(')')
	if r.Lower.Inc {
		open = '['
	}
	if r.Upper.Inc {
		end = ']'
	}
	dst = appendBoundText(env, t, append(dst, open), &r.Lower)
	return append(appendBoundText(env, t, append(dst, ','), &r.Upper), end)
}

// appendBoundText writes a bound, in double quotes where it has to be.
func appendBoundText(env *Env, t *Type, dst []byte, b *Bound) []byte {
	if b.Inf {
		return dst
	}
	text := t.Sub.Text(env, b.Val)
	if text != "" && !strings.ContainsAny(text, `"\()[],`+spaces) {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for i := range len(text) {
		if text[i] == '"' || text[i] == '\\' {
			dst = append(dst, text[i])
		}
		dst = append(dst, text[i])
	}
	return append(dst, '"')
}

// rangeRecv reads the flags and, for each bound that is there, its length and
// binary form.
func rangeRecv(env *Env, t *Type, r *reader, _ int32) (Datum, error) {
	f := r.u8() & rangeFlags
	if f&rangeEmpty != 0 {
		return NewString(EmptyRange.Encode(t)), nil
	}
	lower := Bound{Inc: f&rangeLowerInc != 0, Inf: f&rangeLowerInf != 0}
	upper := Bound{Inc: f&rangeUpperInc != 0, Inf: f&rangeUpperInf != 0}
	for _, b := range []*Bound{&lower, &upper} {
		if b.Inf {
			continue
		}
		buf := r.take(int(r.i32()))
		if r.short {
			return Null, errShort()
		}
		var err error
		if b.Val, err = t.Sub.Recv(env, buf, NoMod); err != nil {
			return Null, err
		}
	}
	v, err := t.NewRange(lower, upper)
	return NewString(v.Encode(t)), err
}

func rangeSend(env *Env, t *Type, dst []byte, d Datum) []byte {
	r := DecodeRange(t, d.s)
	return r.send(env, t, dst)
}

func (r *RangeVal) send(env *Env, t *Type, dst []byte) []byte {
	dst = append(dst, r.flags())
	if r.Empty {
		return dst
	}
	for _, b := range []*Bound{&r.Lower, &r.Upper} {
		if !b.Inf {
			v := t.Sub.Send(env, nil, b.Val)
			dst = append(appendU32(dst, uint32(len(v))), v...)
		}
	}
	return dst
}

// multirangeIn reads {range,…}.
func multirangeIn(env *Env, t *Type, s string, _ int32) (Datum, error) {
	rs, detail, err := multirangeText(env, t, s)
	if detail != "" {
		err = errRangeText("multirange", s, detail)
	}
	if err != nil {
		return Null, err
	}
	return NewString(EncodeMultirange(t, rs)), nil
}

// multirangeText reads the ranges; detail says what is wrong with the text.
func multirangeText(env *Env, t *Type, s string) (rs []RangeVal, detail string, err error) {
	rest := strings.TrimLeft(s, spaces)
	if rest == "" || rest[0] != '{' {
		return nil, "Missing left brace.", nil
	}
	rest = strings.TrimLeft(rest[1:], spaces)
	for first := true; ; first = false {
		var ok bool
		switch {
		case rest == "":
			return nil, "Unexpected end of input.", nil
		case rest[0] == '[' || rest[0] == '(':
			n := rangeLength(rest)
			if n == 0 {
				return nil, "Unexpected end of input.", nil
			}
			d, err := t.Over.In(env, rest[:n], NoMod)
			if err != nil {
				return nil, "", err
			}
			rs, rest = append(rs, DecodeRange(t.Over, d.s)), rest[n:]
		case rest[0] == '}' && first:
			return nil, junkBehind(rest), nil
		default:
			if rest, ok = cutEmpty(rest); !ok {
				return nil, "Expected range start.", nil
			}
		}
		rest = strings.TrimLeft(rest, spaces)
		switch {
		case rest == "":
			return nil, "Unexpected end of input.", nil
		case rest[0] == '}':
			return rs, junkBehind(rest), nil
		case rest[0] != ',':
			return nil, "Expected comma or end of multirange.", nil
		}
		rest = strings.TrimLeft(rest[1:], spaces)
	}
}

func junkBehind(rest string) string {
	if strings.TrimLeft(rest[1:], spaces) != "" {
		return "Junk after closing right brace."
	}
	return ""
}

// rangeLength is the length of the range that s begins with, 0 when it has no
// end.
func rangeLength(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ']' || c == ')'):
			return i + 1
		}
	}
	return 0
}

func multirangeOut(env *Env, t *Type, dst []byte, d Datum) []byte {
	dst = append(dst, '{')
	for i, r := range DecodeMultirange(t, d.s) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendRangeText(env, t.Over, dst, r)
	}
	return append(dst, '}')
}

// multirangeRecv reads the number of ranges and, for each, its length and binary
// form.
func multirangeRecv(env *Env, t *Type, r *reader, _ int32) (Datum, error) {
	var rs []RangeVal
	for n := r.u32(); n > 0 && !r.short; n-- {
		buf := r.take(int(r.i32()))
		if r.short {
			break
		}
		d, err := t.Over.Recv(env, buf, NoMod)
		if err != nil {
			return Null, err
		}
		rs = append(rs, DecodeRange(t.Over, d.s))
	}
	return NewString(EncodeMultirange(t, rs)), nil
}

func multirangeSend(env *Env, t *Type, dst []byte, d Datum) []byte {
	rs := DecodeMultirange(t, d.s)
	dst = appendU32(dst, uint32(len(rs)))
	for i := range rs {
		v := rs[i].send(env, t.Over, nil)
		dst = append(appendU32(dst, uint32(len(v))), v...)
	}
	return dst
}
