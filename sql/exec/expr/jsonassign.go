package expr

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/jsonb"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// jsonAssignNode is a jsonb with the value at a path of subscripts replaced.
type jsonAssignNode struct {
	ints []bool  // which subscripts are integers
	args []*cell // the jsonb, the subscripts, the value
	vals []*vec.Vec
	path []types.Datum
	out  vec.Vec
}

func (b *builder) jsonAssign(e *plan.Subscript) (*cell, error) {
	args, err := b.compileAll(e.Children())
	if err != nil {
		return nil, err
	}
	n := jsonAssignNode{}
	for _, s := range e.Subs {
		n.ints = append(n.ints, s.Hi.Type().Kind == types.Int)
	}
	return b.interior("", e.Typ.Kind, partial, args, func(a []*cell) (node, error) {
		n.args, n.vals = a, make([]*vec.Vec, len(a))
		return &n, nil
	})
}

func (x *jsonAssignNode) eval(f *frame) *vec.Vec {
	for i, a := range x.args {
		x.vals[i] = a.eval(f)
	}
	x.out.Reset(types.Bytes, f.n)
	for i := range f.n {
		d, err := x.row(i)
		if err != nil {
			f.bad.Set(i, err)
			d = types.Null
		}
		x.out.Set(i, d)
	}
	return &x.out
}

// row is what PostgreSQL's jsonb_subscript_assign does: NULL is an empty array or object, by
// the first subscript, and a NULL that is assigned is JSON's.
func (x *jsonAssignNode) row(i int) (types.Datum, error) {
	x.path = x.path[:0]
	for k, isInt := range x.ints {
		d := x.vals[k+1].Datum(i)
		switch {
		case d.IsNull():
			return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "jsonb subscript in assignment must not be null")
		case isInt:
			d = types.NewString(strconv.FormatInt(d.Int(), 10))
		}
		x.path = append(x.path, d)
	}
	old, value := types.JSONBObject(nil), types.JSONBNull
	if x.ints[0] {
		old = types.JSONBArray(nil)
	}
	if d := x.vals[0].Datum(i); !d.IsNull() {
		old = types.JSONB(d.Str())
	}
	if d := x.vals[len(x.vals)-1].Datum(i); !d.IsNull() {
		value = types.JSONB(d.Str())
	}
	out, err := jsonb.Assign(old, x.path, value)
	return types.NewString(string(out)), err
}
