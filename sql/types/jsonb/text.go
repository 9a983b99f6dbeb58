package jsonb

import (
	"github.com/streamsqld/streamsqld/internal/jsonlex"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Operations on json values, which are texts: parts are taken out as they are
// written. The texts have been checked when they became values, but for
// escapes that make no characters, which are errors only where a string is
// needed.

// textValue is where a value stands in a text.
type textValue struct {
	kind jsonlex.Kind // of the first token
	raw  string
	str  string // of a string, if asked for
}

// scan reads the value whose first token is current and gives its text.
func scan(l *jsonlex.Lexer, text string) (v textValue, err error) {
	v.kind, v.str = l.Kind, l.Str()
	from, to := l.Start, l.Stop
	if l.Kind == jsonlex.ObjectStart || l.Kind == jsonlex.ArrayStart {
		to, err = skipContainer(l)
		if err != nil {
			return v, err
		}
	} else if err = l.Next(); err != nil {
		return v, err
	}
	v.raw = text[from:to]
	return v, nil
}

// skipContainer passes an object or array and gives where it ends.
func skipContainer(l *jsonlex.Lexer) (end int, err error) {
	for depth := 0; ; {
		switch l.Kind {
		case jsonlex.ObjectStart, jsonlex.ArrayStart:
			depth++
		case jsonlex.ObjectEnd, jsonlex.ArrayEnd:
			if depth--; depth == 0 {
				end = l.Stop
				return end, l.Next()
			}
		case jsonlex.End:
			return 0, l.Fail("JSON value")
		}
		if err := l.Next(); err != nil {
			return 0, err
		}
	}
}

// value gives what ->> makes of a part: the characters of a string, the text of
// others, NULL for null.
func (v textValue) value() (s string, ok bool) {
	switch v.kind {
	case jsonlex.Null:
		return "", false
	case jsonlex.String:
		return v.str, true
	}
	return v.raw, true
}

// start reads the first token; unescape asks for the characters of strings.
func start(text string, unescape bool) (jsonlex.Lexer, error) {
	l := jsonlex.New(text, unescape)
	return l, l.Next()
}

// GetText is json -> path for each step of the path (#>); asText is ->> and
// #>>. ok is false (NULL) when there is nothing, and for null as text.
func GetText(text string, path []string, asText bool) (s string, ok bool, err error) {
	l, err := start(text, true)
	if err != nil {
		return "", false, err
	}
	v, found, err := getText(&l, text, path)
	if err != nil || !found {
		return "", false, err
	}
	if asText {
		s, ok = v.value()
		return s, ok, nil
	}
	return v.raw, true, nil
}

// getText finds the value at the path below the current one. Of fields with the
// same key the last one counts.
func getText(l *jsonlex.Lexer, text string, path []string) (v textValue, found bool, err error) {
	if len(path) == 0 {
		v, err = scan(l, text)
		return v, err == nil, err
	}
	switch l.Kind {
	case jsonlex.ObjectStart:
		err = l.Object(0, func(key string) error {
			if key != path[0] {
				_, err := scan(l, text)
				return err
			}
			w, ok, err := getText(l, text, path[1:])
			v, found = w, ok
			return err
		})
	case jsonlex.ArrayStart:
		return getTextElem(l, text, path)
	default:
		_, err = scan(l, text)
	}
	return v, found, err
}

func getTextElem(l *jsonlex.Lexer, text string, path []string) (v textValue, found bool, err error) {
	want, ok := pathIndex(path[0])
	if want < 0 && ok {
		n, err := TextArrayLength(text[l.Start:])
		if err != nil {
			return v, false, err
		}
		want += n
	}
	err = l.Array(0, func(i int) error {
		if !ok || i != want {
			_, err := scan(l, text)
			return err
		}
		var err error
		v, found, err = getText(l, text, path[1:])
		return err
	})
	return v, found, err
}

// TextTypeof is json_typeof.
func TextTypeof(text string) (string, error) {
	l, err := start(text, false)
	if err != nil {
		return "", err
	}
	return map[jsonlex.Kind]string{jsonlex.Null: "null", jsonlex.True: "boolean", jsonlex.False: "boolean", jsonlex.Number: "number",
		jsonlex.String: "string", jsonlex.ArrayStart: "array", jsonlex.ObjectStart: "object"}[l.Kind], nil
}

// TextArrayLength is json_array_length of the array that text starts with.
func TextArrayLength(text string) (int, error) {
	l, err := start(text, false)
	if err != nil {
		return 0, err
	}
	switch l.Kind {
	case jsonlex.ArrayStart:
	case jsonlex.ObjectStart:
		return 0, errValue("cannot get array length of a non-array")
	default:
		return 0, errValue("cannot get array length of a scalar")
	}
	n := 0
	err = l.Array(0, func(int) error { n++; _, err := scan(&l, text); return err })
	return n, err
}

// TextEach calls f for each pair of an object: json_each, and with asText
// json_each_text, whose nulls are NULL.
func TextEach(text string, asText bool, f func(key string, value types.Datum)) error {
	l, err := start(text, true)
	if err != nil {
		return err
	}
	switch l.Kind {
	case jsonlex.ObjectStart:
	case jsonlex.ArrayStart:
		return errValue("cannot deconstruct an array as an object")
	default:
		return errValue("cannot deconstruct a scalar")
	}
	return l.Object(0, func(key string) error {
		v, err := scan(&l, text)
		if err == nil {
			f(key, v.datum(asText))
		}
		return err
	})
}

func (v textValue) datum(asText bool) types.Datum {
	if !asText {
		return types.NewString(v.raw)
	}
	if s, ok := v.value(); ok {
		return types.NewString(s)
	}
	return types.Null
}

// TextKeys calls f for each key of an object: json_object_keys.
func TextKeys(text string, f func(key string)) error {
	l, err := start(text, true)
	if err != nil {
		return err
	}
	switch l.Kind {
	case jsonlex.ObjectStart:
	case jsonlex.ArrayStart:
		return errValue("cannot call %s on an array", "json_object_keys")
	default:
		return errValue("cannot call %s on a scalar", "json_object_keys")
	}
	return l.Object(0, func(key string) error {
		_, err := scan(&l, text)
		f(key)
		return err
	})
}

// TextElements calls f for each element of an array: json_array_elements, and
// with asText json_array_elements_text, whose nulls are NULL.
func TextElements(text string, asText bool, f func(value types.Datum)) error {
	l, err := start(text, asText)
	if err != nil {
		return err
	}
	fn := "json_array_elements"
	if asText {
		fn = "json_array_elements_text"
	}
	switch l.Kind {
	case jsonlex.ArrayStart:
	case jsonlex.ObjectStart:
		return errValue("cannot call %s on a non-array", fn)
	default:
		return errValue("cannot call %s on a scalar", fn)
	}
	return l.Array(0, func(int) error {
		v, err := scan(&l, text)
		if err == nil {
			f(v.datum(asText))
		}
		return err
	})
}

// TextStripNulls is json_strip_nulls, which also drops blanks.
func TextStripNulls(text string) (string, error) {
	l, err := start(text, true)
	if err != nil {
		return "", err
	}
	dst, err := stripText(nil, &l, text, 0)
	return string(dst), err
}

func stripText(dst []byte, l *jsonlex.Lexer, text string, depth int) ([]byte, error) {
	first := true
	comma := func() {
		if !first {
			dst = append(dst, ',')
		}
		first = false
	}
	var err error
	switch l.Kind {
	case jsonlex.ObjectStart:
		dst = append(dst, '{')
		err = l.Object(depth, func(key string) (err error) {
			if l.Kind == jsonlex.Null {
				return l.Next()
			}
			comma()
			dst = append(types.AppendJSONString(dst, key), ':')
			dst, err = stripText(dst, l, text, depth+1)
			return err
		})
		return append(dst, '}'), err
	case jsonlex.ArrayStart:
		dst = append(dst, '[')
		err = l.Array(depth, func(int) (err error) {
			comma()
			dst, err = stripText(dst, l, text, depth+1)
			return err
		})
		return append(dst, ']'), err
	case jsonlex.String:
		dst = types.AppendJSONString(dst, l.Str())
		return dst, l.Next()
	}
	v, err := scan(l, text)
	return append(dst, v.raw...), err
}
