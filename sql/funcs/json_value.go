package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/jsonb"
)

// jsonText is a value of type json.
type jsonText string

// kind is the kind of value, told by its first character.
func (j jsonText) kind() types.JSONKind {
	s := strings.TrimLeft(string(j), " \t\n\r")
	if s == "" {
		return types.JSONNull
	}
	switch s[0] {
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

// jsonValue is a value of type json or jsonb.
type jsonValue struct {
	binary bool
	text   jsonText
	b      types.JSONB
}

func newJSONValue(binary bool, s string) jsonValue {
	if binary {
		return jsonValue{binary: true, b: types.JSONB(s)}
	}
	return jsonValue{text: jsonText(s)}
}

func (v jsonValue) kind() types.JSONKind {
	if v.binary {
		return v.b.Kind()
	}
	return v.text.kind()
}

// field gives a field of an object.
func (v jsonValue) field(name string) (jsonValue, bool, error) {
	if v.binary {
		b, ok := v.b.Field(name)
		return jsonValue{binary: true, b: b}, ok, nil
	}
	t, ok, err := jsonb.GetText(string(v.text), []string{name}, false)
	return jsonValue{text: jsonText(t)}, ok, err
}

// elems gives the elements of an array.
func (v jsonValue) elems() (out []jsonValue, err error) {
	if v.binary {
		for e := range v.b.Elems() {
			out = append(out, jsonValue{binary: true, b: e})
		}
		return out, nil
	}
	err = jsonb.TextElements(string(v.text), false, func(d types.Datum) { out = append(out, jsonValue{text: jsonText(d.Str())}) })
	return out, err
}

// source is the value as JSON text.
func (v jsonValue) source() string {
	if v.binary {
		return v.b.Text()
	}
	return strings.Trim(string(v.text), " \t\n\r")
}

// scalar is the value as the input of a type: of a string its characters.
func (v jsonValue) scalar() (string, error) {
	if v.binary {
		s, _ := jsonb.Text(v.b)
		return s, nil
	}
	s, _, err := jsonb.GetText(string(v.text), nil, true)
	return s, err
}
