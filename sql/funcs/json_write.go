package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("to_json", &Impl{Bind: func(c *Call) (Kernel, error) { return jsonKernel(c, ""), nil }})
	register("array_to_json", &Impl{Bind: func(c *Call) (Kernel, error) { return jsonKernel(c, ""), nil }})
	register("row_to_json", &Impl{Bind: func(c *Call) (Kernel, error) { return jsonKernel(c, ""), nil }})
	for _, p := range []string{"array_to_json_pretty", "row_to_json_pretty"} {
		register(p, &Impl{Bind: func(c *Call) (Kernel, error) {
			t := c.Args[0]
			return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
				w := jsonWriter{env: &c.Env.Env}
				if a[1].Bool() {
					w.breaks = "\n "
				}
				w.value(t, a[0])
				return types.NewString(string(w.buf)), nil
			}), nil
		}})
	}
	register("to_jsonb", &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Args[0]
		return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
			j, err := toJSONB(&c.Env.Env, t, a[0])
			return types.NewString(string(j)), err
		}), nil
	}})
}

func jsonKernel(call *Call, breaks string) Kernel {
	t := call.Args[0]
	return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		w := jsonWriter{env: &c.Env.Env, breaks: breaks}
		w.value(t, a[0])
		return types.NewString(string(w.buf)), nil
	})
}

// jsonWriter writes values as JSON text, as to_json does. breaks goes between
// the elements of the outermost array or record.
type jsonWriter struct {
	env    *types.Env
	buf    []byte
	breaks string
}

// value writes d, of type t.
func (w *jsonWriter) value(t *types.Type, d types.Datum) {
	if d.IsNull() {
		w.buf = append(w.buf, "null"...)
		return
	}
	t = t.Underlying()
	switch {
	case isArray(t):
		w.array(t, d)
		return
	case isRecord(t):
		w.record(t, d)
		return
	}
	switch t.OID {
	case types.BoolOID:
		w.buf = append(w.buf, boolText(d.Bool())...)
	case types.JSONOID, types.JSONBOID:
		w.buf = t.Out(w.env, w.buf, d)
	case types.Int2OID, types.Int4OID, types.Int8OID:
		w.buf = types.AppendInt(w.buf, d.Int())
	case types.Float4OID, types.Float8OID, types.NumericOID:
		s := t.Text(w.env, d)
		if strings.ContainsAny(s, "NI") { // NaN and infinities are no JSON numbers
			s = `"` + s + `"`
		}
		w.buf = append(w.buf, s...)
	case types.DateOID, types.TimestampOID, types.TimestamptzOID:
		w.buf = types.AppendJSONString(w.buf, jsonTime(w.env, t, d.Int()))
	default:
		w.buf = types.AppendJSONString(w.buf, t.Text(w.env, d))
	}
}

func isArray(t *types.Type) bool { return t.Elem != nil && (t.IsArray() || t.IsVector) }

func isRecord(t *types.Type) bool { return t.Class == types.Composite || t.OID == types.RecordOID }

// jsonTime shows a date or timestamp as XML Schema does, whatever the session's
// format.
func jsonTime(env *types.Env, t *types.Type, x int64) string {
	if t.OID == types.DateOID {
		return string(types.AppendDate(nil, isoEnv, x))
	}
	if !types.TimestampFinite(x) {
		return string(types.AppendTimestamp(nil, isoEnv, x))
	}
	if t.OID == types.TimestampOID {
		return string(types.AppendTimestampISO(nil, x, nil))
	}
	z := env.Zone
	if z == nil {
		z = types.UTC
	}
	east, _, _ := z.At(floorDiv(x, perSecond) + unixShift)
	return string(types.AppendTimestampISO(nil, x+int64(east)*perSecond, &east))
}

// unixShift is 2000-01-01 in seconds since 1970.
const unixShift = 946_684_800

var isoEnv = types.DefaultEnv

func (w *jsonWriter) array(t *types.Type, d types.Datum) {
	a := types.DecodeArray(t, d.Str())
	if len(a.Dims) == 0 || len(a.Vals) == 0 {
		w.buf = append(w.buf, "[]"...)
		return
	}
	w.dimension(&a, 0, a.Vals)
}

// dimension writes the values of one dimension; only the outermost breaks lines.
func (w *jsonWriter) dimension(a *types.Array, dim int, vals []types.Datum) {
	breaks := w.breaks
	w.breaks = ""
	n := int(a.Dims[dim])
	each := len(vals) / n
	w.buf = append(w.buf, '[')
	for i := range n {
		if i > 0 {
			w.buf = append(append(w.buf, ','), breaks...)
		}
		if dim+1 < len(a.Dims) {
			w.dimension(a, dim+1, vals[i*each:(i+1)*each])
		} else {
			w.value(a.Elem, vals[i])
		}
	}
	w.buf = append(w.buf, ']')
	w.breaks = breaks
}

func (w *jsonWriter) record(t *types.Type, d types.Datum) {
	breaks := w.breaks
	w.breaks = ""
	w.buf = append(w.buf, '{')
	eachField(t, d, func(i int, name string, t *types.Type, d types.Datum) {
		if i > 0 {
			w.buf = append(append(w.buf, ','), breaks...)
		}
		w.buf = append(types.AppendJSONString(w.buf, name), ':')
		w.value(t, d)
	})
	w.buf = append(w.buf, '}')
	w.breaks = breaks
}

// eachField goes over the fields of a record; those of an anonymous one are
// called f1, f2 …
func eachField(t *types.Type, d types.Datum, f func(i int, name string, t *types.Type, d types.Datum)) {
	it := types.IterRecord(d.Str())
	names := liveFields(t)
	for i := 0; ; i++ {
		ft, v, ok := it.Next()
		if !ok {
			if i >= len(names) {
				return
			}
			ft, v = names[i].Type, types.Null
		}
		name := "f" + string(types.AppendInt(nil, int64(i+1)))
		if i < len(names) {
			name, ft = names[i].Name, names[i].Type
		}
		f(i, name, ft, v)
	}
}

// liveFields are the attributes of a composite type that are not dropped.
func liveFields(t *types.Type) (out []types.Field) {
	for _, f := range t.Underlying().Fields {
		if !f.Dropped {
			out = append(out, f)
		}
	}
	return out
}

var errJSONKey = pgerr.New(pgerr.InvalidParameterValue, "key value must be scalar, not array, composite, or json")

// jsonKey gives the text of a value that is used as a key.
func jsonKey(env *types.Env, t *types.Type, d types.Datum) (string, error) {
	t = t.Underlying()
	switch {
	case isArray(t), isRecord(t), t.OID == types.JSONOID, t.OID == types.JSONBOID:
		return "", errJSONKey
	case t.OID == types.BoolOID:
		return boolText(d.Bool()), nil
	case t.OID == types.DateOID, t.OID == types.TimestampOID, t.OID == types.TimestamptzOID:
		return jsonTime(env, t, d.Int()), nil
	}
	return t.Text(env, d), nil
}

// toJSONB makes a jsonb value of d, of type t.
func toJSONB(env *types.Env, t *types.Type, d types.Datum) (types.JSONB, error) {
	if d.IsNull() {
		return types.JSONBNull, nil
	}
	t = t.Underlying()
	switch t.OID {
	case types.JSONBOID:
		return types.JSONB(d.Str()), nil
	case types.BoolOID:
		return types.JSONBBool(d.Bool()), nil
	case types.Int2OID, types.Int4OID, types.Int8OID:
		return types.JSONBNumber(types.NumericFromInt(d.Int())), nil
	case types.NumericOID:
		if d.Numeric().Form() == types.NumFinite {
			return types.JSONBNumber(d.Numeric()), nil
		}
	case types.JSONOID, types.Float4OID, types.Float8OID, types.DateOID, types.TimestampOID, types.TimestamptzOID:
		w := jsonWriter{env: env}
		w.value(t, d)
		return types.ParseJSONB(string(w.buf))
	}
	switch {
	case isArray(t):
		a := types.DecodeArray(t, d.Str())
		return arrayToJSONB(env, &a, 0, a.Vals)
	case isRecord(t):
		return recordToJSONB(env, t, d)
	}
	return types.JSONBString(t.Text(env, d)), nil
}

func arrayToJSONB(env *types.Env, a *types.Array, dim int, vals []types.Datum) (types.JSONB, error) {
	if len(vals) == 0 {
		return types.JSONBArray(nil), nil
	}
	n := int(a.Dims[dim])
	each := len(vals) / n
	out := make([]types.JSONB, n)
	for i := range out {
		var err error
		if dim+1 < len(a.Dims) {
			out[i], err = arrayToJSONB(env, a, dim+1, vals[i*each:(i+1)*each])
		} else {
			out[i], err = toJSONB(env, a.Elem, vals[i])
		}
		if err != nil {
			return "", err
		}
	}
	return types.JSONBArray(out), nil
}

func recordToJSONB(env *types.Env, t *types.Type, d types.Datum) (types.JSONB, error) {
	var pairs []types.JSONPair
	var failed error
	eachField(t, d, func(_ int, name string, t *types.Type, d types.Datum) {
		j, err := toJSONB(env, t, d)
		if err != nil && failed == nil {
			failed = err
		}
		pairs = append(pairs, types.JSONPair{Key: name, Value: j})
	})
	if failed != nil {
		return "", failed
	}
	return types.JSONBObject(pairs), nil
}
