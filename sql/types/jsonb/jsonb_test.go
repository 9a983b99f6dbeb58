package jsonb_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/vectest"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/jsonb"
)

type result func(a []string) (string, bool, error)

func must(j types.JSONB, err error) types.JSONB {
	if err != nil {
		panic(err)
	}
	return j
}

func parse(s string) types.JSONB { return must(types.ParseJSONB(s)) }

func value(t *types.Type, s string) types.Datum {
	if s == `\N` {
		return types.Null
	}
	d, err := t.In(types.DefaultEnv, s, types.NoMod)
	if err != nil {
		panic(err)
	}
	return d
}

func json(s string) string { return value(types.TJSON, s).Str() }

func texts(s string) string { return value(types.TText.Array, s).Str() }

func steps(s string) []types.Datum { return types.DecodeArray(types.TText.Array, texts(s)).Vals }

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func outJ(j types.JSONB, err error) (string, bool, error) {
	if err != nil {
		return "", false, err
	}
	return j.Text(), false, nil
}

func outOK(j types.JSONB, ok bool) (string, bool, error) {
	if !ok {
		return "", true, nil
	}
	return j.Text(), false, nil
}

func outBool(b bool) (string, bool, error) { return "ft"[map[bool]int{true: 1}[b]:][:1], false, nil }

func asText(j types.JSONB, ok bool) (string, bool, error) {
	if !ok {
		return "", true, nil
	}
	s, ok := jsonb.Text(j)
	return s, !ok, nil
}

func outS(s string, err error) (string, bool, error) { return s, false, err }

// onPath runs a function of a jsonb and a path; a path with NULL gives NULL.
func onPath(f func(j types.JSONB, path []string) (string, bool, error)) result {
	return func(a []string) (string, bool, error) {
		j := parse(a[0])
		path, ok := jsonb.Path(texts(a[1]))
		if !ok {
			return "", true, nil
		}
		return f(j, path)
	}
}

func onText(text bool) result {
	return func(a []string) (string, bool, error) {
		j := json(a[0])
		path, ok := jsonb.Path(texts(a[1]))
		if !ok {
			return "", true, nil
		}
		s, ok, err := jsonb.GetText(j, path, text)
		return s, !ok, err
	}
}

func oneTextStep(text bool) result {
	return func(a []string) (string, bool, error) {
		j := json(a[0])
		if kind, _ := jsonb.TextTypeof(j); kind != "object" {
			return "", true, nil
		}
		s, ok, err := jsonb.GetText(j, []string{a[1]}, text)
		return s, !ok, err
	}
}

func nullText(s string, ok bool) string {
	if !ok {
		return "NULL"
	}
	return s
}

func datumText(d types.Datum) string { return nullText(d.Str(), !d.IsNull()) }

// list joins what a set-returning function gives; of nothing it is NULL.
func list(parts []string, err error) (string, bool, error) {
	return strings.Join(parts, "|"), len(parts) == 0 && err == nil, err
}

func each(fn string, show func(types.JSONB) string) result {
	return func(a []string) (string, bool, error) {
		j := parse(a[0])
		if err := jsonb.CheckObject(j, fn); err != nil {
			return "", false, err
		}
		var out []string
		for k, v := range j.Pairs() {
			out = append(out, k+"="+show(v))
		}
		return list(out, nil)
	}
}

func elements(show func(types.JSONB) string) result {
	return func(a []string) (string, bool, error) {
		j := parse(a[0])
		if err := jsonb.CheckArray(j); err != nil {
			return "", false, err
		}
		var out []string
		for e := range j.Elems() {
			out = append(out, show(e))
		}
		return list(out, nil)
	}
}

func jeach(text bool) result {
	return func(a []string) (string, bool, error) {
		var out []string
		err := jsonb.TextEach(json(a[0]), text, func(k string, v types.Datum) { out = append(out, k+"="+datumText(v)) })
		return list(out, err)
	}
}

func jelements(text bool) result {
	return func(a []string) (string, bool, error) {
		var out []string
		err := jsonb.TextElements(json(a[0]), text, func(v types.Datum) { out = append(out, datumText(v)) })
		return list(out, err)
	}
}

func showText(j types.JSONB) string { return nullText(jsonb.Text(j)) }

func buildArgs(a []string) []jsonb.Arg {
	key, value2 := value(types.TText, a[0]), types.Null
	if !key.IsNull() {
		value2 = types.NewString(a[0] + "2")
	}
	return []jsonb.Arg{{Type: types.TText, Value: key}, {Type: types.TInt4, Value: value(types.TInt4, a[1])},
		{Type: types.TText, Value: value2}, {Type: types.TJSONB, Value: value(types.TJSONB, a[2])}}
}

func buildList(a []string) []jsonb.Arg {
	args := buildArgs(a)
	return []jsonb.Arg{args[0], args[1], args[3]}
}

var env = types.DefaultEnv

var calls = map[string]result{
	"get":     func(a []string) (string, bool, error) { return outOK(jsonb.Field(parse(a[0]), a[1])) },
	"gettext": func(a []string) (string, bool, error) { return asText(jsonb.Field(parse(a[0]), a[1])) },
	"jget":    oneTextStep(false), "jgettext": oneTextStep(true),
	"exists": func(a []string) (string, bool, error) { return outBool(jsonb.Exists(parse(a[0]), a[1])) },
	"del":    func(a []string) (string, bool, error) { return outJ(jsonb.Delete(parse(a[0]), a[1])) },
	"geti":   func(a []string) (string, bool, error) { return outOK(jsonb.Index(parse(a[0]), atoi(a[1]))) },
	"jgeti": func(a []string) (string, bool, error) {
		if kind, _ := jsonb.TextTypeof(json(a[0])); kind != "array" {
			return "", true, nil
		}
		s, ok, err := jsonb.GetText(json(a[0]), []string{a[1]}, false)
		return s, !ok, err
	},
	"deli":     func(a []string) (string, bool, error) { return outJ(jsonb.DeleteIndex(parse(a[0]), atoi(a[1]))) },
	"path":     onPath(func(j types.JSONB, p []string) (string, bool, error) { return outOK(jsonb.Get(j, p)) }),
	"pathtext": onPath(func(j types.JSONB, p []string) (string, bool, error) { return asText(jsonb.Get(j, p)) }),
	"jpath":    onText(false), "jpathtext": onText(true),
	"delpath": func(a []string) (string, bool, error) { return outJ(jsonb.DeletePath(parse(a[0]), steps(a[1]))) },
	"set": func(a []string) (string, bool, error) {
		return outJ(jsonb.Set(parse(a[0]), steps(a[1]), parse("[7]"), true))
	},
	"replace": func(a []string) (string, bool, error) {
		return outJ(jsonb.Set(parse(a[0]), steps(a[1]), parse("[7]"), false))
	},
	"insert": func(a []string) (string, bool, error) {
		return outJ(jsonb.Insert(parse(a[0]), steps(a[1]), parse(`"n"`), false))
	},
	"insertafter": func(a []string) (string, bool, error) {
		return outJ(jsonb.Insert(parse(a[0]), steps(a[1]), parse(`"n"`), true))
	},
	"concat":   func(a []string) (string, bool, error) { return outJ(jsonb.Concat(parse(a[0]), parse(a[1])), nil) },
	"contains": func(a []string) (string, bool, error) { return outBool(jsonb.Contains(parse(a[0]), parse(a[1]))) },
	"any":      func(a []string) (string, bool, error) { return outBool(jsonb.ExistsAny(parse(a[0]), steps(a[1]))) },
	"all":      func(a []string) (string, bool, error) { return outBool(jsonb.ExistsAll(parse(a[0]), steps(a[1]))) },
	"delkeys": func(a []string) (string, bool, error) {
		j := parse(a[0])
		var keys []string
		for _, k := range steps(a[1]) {
			if !k.IsNull() {
				keys = append(keys, k.Str())
			}
		}
		return outJ(jsonb.Delete(j, keys...))
	},
	"typeof":  func(a []string) (string, bool, error) { return jsonb.Typeof(parse(a[0])), false, nil },
	"jtypeof": func(a []string) (string, bool, error) { return outS(jsonb.TextTypeof(json(a[0]))) },
	"length": func(a []string) (string, bool, error) {
		n, err := jsonb.ArrayLength(parse(a[0]))
		return strconv.Itoa(n), false, err
	},
	"jlength": func(a []string) (string, bool, error) {
		n, err := jsonb.TextArrayLength(json(a[0]))
		return strconv.Itoa(n), false, err
	},
	"strip":  func(a []string) (string, bool, error) { return outJ(jsonb.StripNulls(parse(a[0])), nil) },
	"jstrip": func(a []string) (string, bool, error) { return outS(jsonb.TextStripNulls(json(a[0]))) },
	"pretty": func(a []string) (string, bool, error) { return jsonb.Pretty(parse(a[0])), false, nil },
	"keys": func(a []string) (string, bool, error) {
		j := parse(a[0])
		if err := jsonb.CheckKeys(j, "jsonb_object_keys"); err != nil {
			return "", false, err
		}
		var out []string
		for k := range j.Pairs() {
			out = append(out, k)
		}
		return list(out, nil)
	},
	"jkeys": func(a []string) (string, bool, error) {
		var out []string
		err := jsonb.TextKeys(json(a[0]), func(k string) { out = append(out, k) })
		return list(out, err)
	},
	"each": each("jsonb_each", types.JSONB.Text), "eachtext": each("jsonb_each_text", showText), "jeach": jeach(false), "jeachtext": jeach(true),
	"elements": elements(types.JSONB.Text), "elementstext": elements(showText), "jelements": jelements(false), "jelementstext": jelements(true),
	"tobool": func(a []string) (string, bool, error) {
		b, err := jsonb.ToBool(parse(a[0]))
		return strconv.FormatBool(b), false, err
	},
	"tonumeric": func(a []string) (string, bool, error) {
		n, err := jsonb.ToNumeric(parse(a[0]))
		return n.String(), false, err
	},
	"toint4": func(a []string) (string, bool, error) {
		n, err := jsonb.ToInt(parse(a[0]), 32)
		return strconv.FormatInt(n, 10), false, err
	},
	"tofloat8": func(a []string) (string, bool, error) {
		f, err := jsonb.ToFloat(parse(a[0]), 64)
		return string(types.AppendFloat(nil, f, 64, 1)), false, err
	},
	"assign": func(a []string) (string, bool, error) {
		return outJ(jsonb.Assign(parse(a[0]), steps(a[1]), parse("7")))
	},
	"build":     func(a []string) (string, bool, error) { return outS(jsonb.BuildObjectText(env, buildArgs(a))) },
	"buildb":    func(a []string) (string, bool, error) { return outJ(jsonb.BuildObject(env, buildArgs(a))) },
	"buildarr":  func(a []string) (string, bool, error) { return jsonb.BuildArrayText(env, buildList(a)), false, nil },
	"buildarrb": func(a []string) (string, bool, error) { return outJ(jsonb.BuildArray(env, buildList(a))) },
	"object":    func(a []string) (string, bool, error) { return outS(jsonb.ObjectText(texts(a[0]), nil)) },
	"objectb":   func(a []string) (string, bool, error) { return outJ(jsonb.Object(texts(a[0]), nil)) },
	"object2": func(a []string) (string, bool, error) {
		v := texts(a[1])
		return outS(jsonb.ObjectText(texts(a[0]), &v))
	},
	"object2b": func(a []string) (string, bool, error) {
		v := texts(a[1])
		return outJ(jsonb.Object(texts(a[0]), &v))
	},
}

// converted runs the conversions of SQL values under their settings.
func converted(fn, settings string, a []string) (string, bool, error) {
	e := *types.DefaultEnv
	for _, kv := range strings.Split(settings, ";") {
		k, v, _ := strings.Cut(kv, "=")
		e.ApplySetting(k, v)
	}
	if strings.HasPrefix(fn, "row_") {
		inner := types.Record{Types: []*types.Type{types.TNumeric, types.TBool}, Vals: []types.Datum{value(types.TNumeric, "1.5"), types.NewBool(true)}}
		r := types.Record{Types: []*types.Type{types.TInt4, types.TText, types.TText, types.TInt4.Array, types.TRecord, types.TDate},
			Vals: []types.Datum{types.NewInt(1), types.NewString(a[0]), types.Null, value(types.TInt4.Array, "{1,2}"), types.NewString(inner.Encode()), value(types.TDate, "2001-02-03")}}
		d := types.NewString(r.Encode())
		if fn == "row_to_jsonb" {
			return outJ(jsonb.ToJSONB(&e, types.TRecord, d))
		}
		return string(jsonb.AppendJSON(nil, &e, types.TRecord, d)), false, nil
	}
	t := types.ByName(strings.TrimSuffix(a[0], "[]"))
	if strings.HasSuffix(a[0], "[]") {
		t = t.Array
	}
	d, err := t.In(&e, a[1], types.NoMod)
	if err != nil {
		return "", false, err
	}
	if fn == "to_jsonb" {
		return outJ(jsonb.ToJSONB(&e, t, d))
	}
	return string(jsonb.AppendJSON(nil, &e, t, d)), false, nil
}

func TestVectors(t *testing.T) {
	vectest.Run(t, "testdata/jsonb.txt", func(fn, settings string, args []string) (string, bool, error) {
		if settings != "" {
			return converted(fn, settings, args)
		}
		call := calls[fn]
		if call == nil {
			t.Fatalf("no function %s", fn)
		}
		return call(args)
	})
}
