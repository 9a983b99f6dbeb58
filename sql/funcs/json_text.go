package funcs

import (
	"github.com/streamsqld/streamsqld/internal/jsonlex"
	"github.com/streamsqld/streamsqld/sql/types"
)

// jsonText is a piece of JSON text, with what functions ask of it. Its text is
// known to be well-formed, so that errors of the lexer are those of escapes.
type jsonText string

// kind is the kind of value, told by its first character.
func (j jsonText) kind() types.JSONKind {
	for i := range len(j) {
		switch j[i] {
		case ' ', '\t', '\n', '\r':
			continue
		case '{':
			return types.JSONObject
		case '[':
			return types.JSONArray
		case '"':
			return types.JSONString
		case 't':
			return types.JSONTrue
		case 'f':
			return types.JSONFalse
		case 'n':
			return types.JSONNull
		}
		return types.JSONNumber
	}
	return types.JSONNull
}

// fields goes over the fields of an object; nothing for other values.
func (j jsonText) fields(f func(key string, v jsonText) error) error {
	l := jsonlex.New(string(j), true)
	if err := l.Next(); err != nil || l.Kind != jsonlex.ObjectStart {
		return err
	}
	return l.Object(0, func(key string) error {
		start := l.Start
		v, err := j.piece(&l, start)
		if err != nil {
			return err
		}
		return f(key, v)
	})
}

// elems goes over the elements of an array; nothing for other values.
func (j jsonText) elems(f func(i int, v jsonText) error) error {
	l := jsonlex.New(string(j), true)
	if err := l.Next(); err != nil || l.Kind != jsonlex.ArrayStart {
		return err
	}
	return l.Array(0, func(i int) error {
		v, err := j.piece(&l, l.Start)
		if err != nil {
			return err
		}
		return f(i, v)
	})
}

// piece passes the value that begins at the current token and gives its text.
func (j jsonText) piece(l *jsonlex.Lexer, start int) (jsonText, error) {
	end := l.Stop
	if l.Kind != jsonlex.ObjectStart && l.Kind != jsonlex.ArrayStart {
		return j[start:end], l.Next()
	}
	depth := 0
	for {
		switch l.Kind {
		case jsonlex.ObjectStart, jsonlex.ArrayStart:
			depth++
		case jsonlex.ObjectEnd, jsonlex.ArrayEnd:
			depth--
		}
		end = l.Stop
		if err := l.Next(); err != nil {
			return "", err
		}
		if depth == 0 {
			return j[start:end], nil
		}
	}
}

// trimmed is the text of the value without white space around it.
func (j jsonText) trimmed() jsonText {
	lo, hi := 0, len(j)
	blank := func(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
	for lo < hi && blank(j[lo]) {
		lo++
	}
	for hi > lo && blank(j[hi-1]) {
		hi--
	}
	return j[lo:hi]
}

// scalar is the value as a text: of a string its characters; ok is false for
// null.
func (j jsonText) scalar() (s string, ok bool, err error) {
	j = j.trimmed()
	switch j.kind() {
	case types.JSONNull:
		return "", false, nil
	case types.JSONString:
		l := jsonlex.New(string(j), true)
		err := l.Next()
		return l.Str(), true, err
	}
	return string(j), true, nil
}

// field gives the last field of that name, elem an element counted from 0 or,
// when i is below 0, from the end.
func (j jsonText) field(name string) (found jsonText, ok bool, err error) {
	err = j.fields(func(key string, v jsonText) error {
		if key == name {
			found, ok = v, true
		}
		return nil
	})
	return found, ok, err
}

func (j jsonText) elem(i int64) (found jsonText, ok bool, err error) {
	if i < 0 {
		n := int64(0)
		if err := j.elems(func(int, jsonText) error { n++; return nil }); err != nil {
			return "", false, err
		}
		if i += n; i < 0 {
			return "", false, nil
		}
	}
	err = j.elems(func(k int, v jsonText) error {
		if int64(k) == i {
			found, ok = v, true
		}
		return nil
	})
	return found, ok, err
}
