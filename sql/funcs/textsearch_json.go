package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/jsonlex"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs/fulltext"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Text search in json and jsonb.

// jsonParts says which parts of a document are texts to search in.
type jsonParts uint8

const (
	partKey jsonParts = 1 << iota
	partString
	partNumber
	partBool
)

// jsonPartNames are the names of the parts, as functions take them.
var jsonPartNames = map[string]jsonParts{
	"all": partKey | partString | partNumber | partBool, "key": partKey, "string": partString, "numeric": partNumber, "boolean": partBool,
}

// parseJSONParts reads names of parts: a string or an array of strings.
func parseJSONParts(j types.JSONB) (out jsonParts, err error) {
	const hint = "Possible values are: \"string\", \"numeric\", \"boolean\", \"key\", and \"all\"."
	list := []types.JSONB{j}
	switch j.Kind() {
	case types.JSONObject:
		return 0, pgerr.New(pgerr.InvalidParameterValue, "wrong flag type, only arrays and scalars are allowed")
	case types.JSONArray:
		list = nil
		for e := range j.Elems() {
			list = append(list, e)
		}
	}
	for _, e := range list {
		if e.Kind() != types.JSONString {
			return 0, pgerr.New(pgerr.InvalidParameterValue, "flag array element is not a string").WithHint("%s", hint)
		}
		part, ok := jsonPartNames[strings.ToLower(e.Str())]
		if !ok {
			return 0, pgerr.New(pgerr.InvalidParameterValue, "wrong flag in flag array: \"%s\"", e.Str()).WithHint("%s", hint)
		}
		out |= part
	}
	return out, nil
}

// jsonbTexts gives the texts of a document one after the other.
func jsonbTexts(j types.JSONB, parts jsonParts, add func(string) error) (err error) {
	switch j.Kind() {
	case types.JSONObject:
		for k, v := range j.Pairs() {
			if parts&partKey != 0 {
				err = add(k)
			}
			if err == nil {
				err = jsonbTexts(v, parts, add)
			}
			if err != nil {
				return err
			}
		}
	case types.JSONArray:
		for e := range j.Elems() {
			if err := jsonbTexts(e, parts, add); err != nil {
				return err
			}
		}
	case types.JSONString:
		if parts&partString != 0 {
			return add(j.Str())
		}
	case types.JSONNumber:
		if parts&partNumber != 0 {
			return add(j.Text())
		}
	case types.JSONTrue, types.JSONFalse:
		if parts&partBool != 0 {
			return add(j.Text())
		}
	}
	return nil
}

// jsonTexts is jsonbTexts of a text, with all keys in their order.
func jsonTexts(s string, parts jsonParts, add func(string) error) error {
	l := jsonlex.New(s, true)
	return jsonTokens(&l, func(text string, part jsonParts) error {
		if parts&part != 0 {
			return add(text)
		}
		return nil
	})
}

// jsonTokens gives the tokens of a valid document and which parts they are, 0 for signs
// and null.
func jsonTokens(l *jsonlex.Lexer, f func(text string, part jsonParts) error) error {
	var objects []bool
	key := false
	for {
		if err := l.Next(); err != nil {
			return err
		}
		text, part := l.Text(), jsonParts(0)
		switch l.Kind {
		case jsonlex.End:
			return nil
		case jsonlex.ObjectStart, jsonlex.ArrayStart:
			key = l.Kind == jsonlex.ObjectStart
			objects = append(objects, key)
		case jsonlex.ObjectEnd, jsonlex.ArrayEnd:
			objects = objects[:len(objects)-1]
		case jsonlex.Comma:
			key = len(objects) > 0 && objects[len(objects)-1]
		case jsonlex.String:
			text, part = l.Str(), partString
			if key {
				part, key = partKey, false
			}
		case jsonlex.Number:
			part = partNumber
		case jsonlex.True, jsonlex.False:
			part = partBool
		}
		if err := f(text, part); err != nil {
			return err
		}
	}
}

func init() {
	type texts func(doc string, parts jsonParts, add func(string) error) error
	for typ, each := range map[string]texts{"json": jsonTexts, "jsonb": func(s string, parts jsonParts, add func(string) error) error {
		return jsonbTexts(types.JSONB(s), parts, add)
	}} {
		vector := func(c *fulltext.Config, doc string, parts jsonParts) (types.Datum, error) {
			t := fulltext.Text{Config: c}
			if err := each(doc, parts, t.AddApart); err != nil {
				return types.Null, err
			}
			v, err := t.Vector()
			return types.NewString(v.Encode()), err
		}
		configured(typ+"_string_to_tsvector", typ+"_string_to_tsvector_byid", types.Bytes, func(c *fulltext.Config, a []types.Datum) (types.Datum, error) {
			return vector(c, a[0].Str(), partString)
		})
		configured(typ+"_to_tsvector", typ+"_to_tsvector_byid", types.Bytes, func(c *fulltext.Config, a []types.Datum) (types.Datum, error) {
			parts, err := parseJSONParts(types.JSONB(a[1].Str()))
			if err != nil {
				return types.Null, err
			}
			return vector(c, a[0].Str(), parts)
		})
	}
	for _, opt := range []string{"", "_opt"} {
		configured("ts_headline_json"+opt, "ts_headline_json_byid"+opt, types.Bytes, headlineOf(changeJSON))
		configured("ts_headline_jsonb"+opt, "ts_headline_jsonb_byid"+opt, types.Bytes, headlineOf(func(s string, f func(string) (string, error)) (string, error) {
			j, err := changeJSONB(types.JSONB(s), f)
			return string(j), err
		}))
	}
}

// changeJSON replaces the strings of a document, but for its keys.
func changeJSON(s string, f func(string) (string, error)) (string, error) {
	var out []byte
	l := jsonlex.New(s, true)
	err := jsonTokens(&l, func(text string, part jsonParts) (err error) {
		switch part {
		case partString:
			if text, err = f(text); err != nil {
				return err
			}
			out = types.AppendJSONString(out, text)
		case partKey:
			out = types.AppendJSONString(out, text)
		default:
			out = append(out, text...)
		}
		return nil
	})
	return string(out), err
}

// changeJSONB is changeJSON of a jsonb.
func changeJSONB(j types.JSONB, f func(string) (string, error)) (types.JSONB, error) {
	switch j.Kind() {
	case types.JSONString:
		s, err := f(j.Str())
		return types.JSONBString(s), err
	case types.JSONArray:
		var out []types.JSONB
		for e := range j.Elems() {
			e, err := changeJSONB(e, f)
			if err != nil {
				return "", err
			}
			out = append(out, e)
		}
		return types.JSONBArray(out), nil
	case types.JSONObject:
		var out []types.JSONPair
		for k, v := range j.Pairs() {
			v, err := changeJSONB(v, f)
			if err != nil {
				return "", err
			}
			out = append(out, types.JSONPair{Key: k, Value: v})
		}
		return types.JSONBObject(out), nil
	}
	return j, nil
}
