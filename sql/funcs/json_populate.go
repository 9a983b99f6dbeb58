package funcs

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for _, p := range []string{"json", "jsonb"} {
		binary := p == "jsonb"
		register(p+"_populate_record", populateImpl(p+"_populate_record", binary, 1))
		register(p+"_to_record", populateImpl(p+"_to_record", binary, 0))
		register(p+"_populate_recordset", setImpl(func(call *Call, c *Ctx, a []types.Datum) (vec.Source, error) {
			return populateSet(call, c, a, p+"_populate_recordset", binary, 1)
		}))
		register(p+"_to_recordset", setImpl(func(call *Call, c *Ctx, a []types.Datum) (vec.Source, error) {
			return populateSet(call, c, a, p+"_to_recordset", binary, 0)
		}))
	}
}

// populator makes SQL values of JSON ones, by the names of columns.
type populator struct {
	env      *types.Env
	function string
	path     string // where in the input, for messages: a key and subscripts
}

func (c *Call) recordFields(base *types.Type) []types.Field {
	if len(c.Columns) > 0 {
		out := make([]types.Field, len(c.Columns))
		for i, col := range c.Columns {
			out[i] = types.Field{Name: col.Name, Type: col.Type, Mod: types.NoMod}
		}
		return out
	}
	return liveFields(base)
}

// baseRow gives the first argument of …_populate_record as values.
func baseRow(d types.Datum, n int) []types.Datum {
	row := make([]types.Datum, n)
	if !d.IsNull() {
		copy(row, types.DecodeRecord(d.Str()).Vals)
	}
	return row
}

func errNoRowType(function string) error {
	return pgerr.New(pgerr.FeatureNotSupported, "could not determine row type for result of %s", function).
		WithHint("Provide a non-null record argument, or call the function in the FROM clause using a column definition list.")
}

func errNotRow(function string) error {
	return pgerr.New(pgerr.DatatypeMismatch, "first argument of %s must be a row type", function)
}

// rowShape finds the columns to fill: those asked for, those of the composite
// type, or those of the record given.
func (c *Call) rowShape(base types.Datum, jsonArg int, function string) ([]types.Field, error) {
	t := c.Ret
	if jsonArg > 0 {
		t = c.Args[0]
		if u := t.Underlying(); !isRecord(u) {
			return nil, errNotRow(function)
		}
	}
	fields := c.recordFields(t)
	if len(fields) == 0 && !base.IsNull() && t.Underlying().OID == types.RecordOID {
		for i, ft := range types.DecodeRecord(base.Str()).Types {
			fields = append(fields, types.Field{Name: fmt.Sprintf("f%d", i+1), Type: ft, Mod: types.NoMod})
		}
	}
	if len(fields) == 0 && t.Underlying().OID == types.RecordOID {
		return nil, errNoRowType(function)
	}
	return fields, nil
}

// populateImpl makes a row of a JSON object: a record, or in FROM the columns
// asked for.
func populateImpl(function string, binary bool, jsonArg int) *Impl {
	return &Impl{
		Bind: func(call *Call) (Kernel, error) {
			return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
				fields, row, err := call.populate(c, a, function, binary, jsonArg)
				switch {
				case err != nil:
					return types.Null, err
				case fields != nil:
					return encodeRow(fields, row), nil
				case jsonArg > 0:
					return a[0], nil
				}
				return types.Null, nil
			}), nil
		},
		Set: func(call *Call) (SetFunc, error) {
			return func(c *Ctx, a []types.Datum) (vec.Source, error) {
				_, row, err := call.populate(c, a, function, binary, jsonArg)
				if err != nil {
					return nil, err
				}
				ts := call.columnTypes()
				if row == nil {
					row = baseRow(types.Null, len(ts))
				}
				return tableSource(ts, [][]types.Datum{row}), nil
			}, nil
		},
	}
}

// populate gives the fields of the row and their values; no fields when the JSON
// argument is NULL.
func (c *Call) populate(ctx *Ctx, a []types.Datum, function string, binary bool, jsonArg int) ([]types.Field, []types.Datum, error) {
	base := types.Null
	if jsonArg > 0 {
		if !isRecord(c.Args[0].Underlying()) {
			return nil, nil, errNotRow(function)
		}
		base = a[0]
	}
	if a[jsonArg].IsNull() {
		return nil, nil, nil
	}
	fields, err := c.rowShape(base, jsonArg, function)
	if err != nil {
		return nil, nil, err
	}
	p := populator{env: &ctx.Env.Env, function: function}
	row, err := p.record(fields, baseRow(base, len(fields)), newJSONValue(binary, a[jsonArg].Str()))
	return fields, row, err
}

func encodeRow(fields []types.Field, row []types.Datum) types.Datum {
	ts := make([]*types.Type, len(fields))
	for i, f := range fields {
		ts[i] = f.Type
	}
	return types.NewString(string(types.AppendRecord(nil, ts, row)))
}

// populateSet gives a row for every object in an array: a column each where
// columns were asked for, otherwise one record.
func populateSet(call *Call, c *Ctx, a []types.Datum, function string, binary bool, jsonArg int) (vec.Source, error) {
	base := types.Null
	if jsonArg > 0 {
		if !isRecord(call.Args[0].Underlying()) {
			return nil, errNotRow(function)
		}
		base = a[0]
	}
	ts := call.columnTypes()
	if a[jsonArg].IsNull() {
		return tableSource(ts, nil), nil
	}
	fields, err := call.rowShape(base, jsonArg, function)
	if err != nil {
		return nil, err
	}
	v := newJSONValue(binary, a[jsonArg].Str())
	if v.kind() != types.JSONArray {
		what := "a scalar"
		if v.kind() == types.JSONObject {
			what = "an object"
		}
		if binary {
			what = "a non-array"
		}
		return nil, errInvalid("cannot call %s on %s", function, what)
	}
	elems, err := v.elems()
	if err != nil {
		return nil, err
	}
	var out [][]types.Datum
	for _, e := range elems {
		if e.kind() != types.JSONObject {
			return nil, errInvalid("argument of %s must be an array of objects", function)
		}
		p := populator{env: &c.Env.Env, function: function}
		row, err := p.record(fields, baseRow(base, len(fields)), e)
		if err != nil {
			return nil, err
		}
		if len(call.Columns) == 0 {
			row = []types.Datum{encodeRow(fields, row)}
		}
		out = append(out, row)
	}
	return tableSource(ts, out), nil
}

// record fills row, which holds the values of fields that v has no key for.
func (p populator) record(fields []types.Field, row []types.Datum, v jsonValue) ([]types.Datum, error) {
	switch v.kind() {
	case types.JSONObject:
	case types.JSONArray:
		return nil, errInvalid("cannot call populate_composite on an array")
	default:
		return nil, errInvalid("cannot call populate_composite on a scalar")
	}
	for i, f := range fields {
		x, ok, err := v.field(f.Name)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		q := p
		q.path = f.Name
		if row[i], err = q.value(f.Type, f.Mod, x, row[i]); err != nil {
			return nil, err
		}
	}
	return row, nil
}

// value makes a value of type t; old is what a record's field had.
func (p populator) value(t *types.Type, mod int32, v jsonValue, old types.Datum) (types.Datum, error) {
	if v.kind() == types.JSONNull && t.Underlying().OID != types.JSONOID && t.Underlying().OID != types.JSONBOID {
		return types.Null, nil
	}
	u := t.Underlying()
	switch {
	case u.OID == types.JSONOID:
		if v.kind() == types.JSONNull {
			return types.Null, nil
		}
		return types.NewString(v.source()), nil
	case u.OID == types.JSONBOID:
		if v.kind() == types.JSONNull {
			return types.Null, nil
		}
		j, err := types.ParseJSONB(v.source())
		return types.NewString(string(j)), err
	case isArray(u) && v.kind() != types.JSONString:
		return p.array(u, mod, v)
	case u.Class == types.Composite && v.kind() != types.JSONString:
		fields := liveFields(u)
		row, err := p.record(fields, baseRow(old, len(fields)), v)
		if err != nil {
			return types.Null, err
		}
		return encodeRow(fields, row), nil
	}
	s, err := v.scalar()
	if err != nil {
		return types.Null, err
	}
	return t.In(p.env, s, mod)
}

// array makes an array of nested JSON arrays of equal sizes.
func (p populator) array(t *types.Type, mod int32, v jsonValue) (types.Datum, error) {
	a := types.Array{Elem: t.Elem}
	if v.kind() != types.JSONArray {
		return types.Null, p.expectedArray(nil)
	}
	if err := p.collect(&a, mod, v, nil); err != nil {
		return types.Null, err
	}
	if len(a.Vals) == 0 {
		return arrayDatum(t.Elem, nil), nil
	}
	a.Lower = make([]int32, len(a.Dims))
	for i := range a.Lower {
		a.Lower[i] = 1
	}
	return encodeArray(&a)
}

// collect adds the elements of v, which lies at the subscripts given. The first
// scalar met fixes the number of dimensions.
func (p populator) collect(a *types.Array, mod int32, v jsonValue, at []int) error {
	elems, err := v.elems()
	if err != nil {
		return err
	}
	depth := len(at)
	if depth >= types.MaxDim {
		return pgerr.New(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", depth+1, types.MaxDim)
	}
	switch {
	case len(a.Dims) == depth && a.Vals == nil:
		a.Dims = append(a.Dims, int32(len(elems)))
	case len(a.Dims) <= depth || a.Dims[depth] != int32(len(elems)):
		return pgerr.New(pgerr.InvalidTextRepresentation, "malformed JSON array").
			WithDetail("Multidimensional arrays must have sub-arrays with matching dimensions.")
	}
	for i, e := range elems {
		sub := append(at[:depth:depth], i)
		deeper := len(a.Dims) > depth+1
		if e.kind() == types.JSONArray && (deeper || a.Vals == nil) && !(a.Elem.Underlying().OID == types.JSONOID || a.Elem.Underlying().OID == types.JSONBOID) {
			if err := p.collect(a, mod, e, sub); err != nil {
				return err
			}
			continue
		}
		if deeper {
			return p.expectedArray(sub)
		}
		q := p
		d, err := q.value(a.Elem, mod, e, types.Null)
		if err != nil {
			return err
		}
		a.Vals = append(a.Vals, d)
	}
	return nil
}

func (p populator) expectedArray(at []int) error {
	e := pgerr.New(pgerr.InvalidTextRepresentation, "expected JSON array")
	var b strings.Builder
	for _, i := range at {
		fmt.Fprintf(&b, "[%d]", i)
	}
	switch {
	case len(at) == 0 && p.path != "":
		return e.WithHint("See the value of key \"%s\".", p.path)
	case p.path != "":
		return e.WithHint("See the array element %s of key \"%s\".", b.String(), p.path)
	case len(at) > 0:
		return e.WithHint("See the array element %s.", b.String())
	}
	return e
}

func isArray(t *types.Type) bool { return t.Elem != nil && (t.IsArray() || t.IsVector) }

func isRecord(t *types.Type) bool { return t.Class == types.Composite || t.OID == types.RecordOID }

// liveFields are the attributes of a composite type that are not dropped.
func liveFields(t *types.Type) (out []types.Field) {
	for _, f := range t.Underlying().Fields {
		if !f.Dropped {
			out = append(out, f)
		}
	}
	return out
}
