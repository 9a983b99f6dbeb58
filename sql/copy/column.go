package copy

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// shape is how the fast way reads a column.
type shape uint8

const (
	plain shape = iota // by the type's input function
	anInt              // int2, int4, int8
	aFloat8
	aFloat4
	aStamp
	aStampTZ
	aDate
	aBool
	aText // text, varchar, and bpchar without a length
	aChar // bpchar with a length
	aNumeric
)

// column is a column that is being decoded: what it is, and the vectors of the
// batch that is being filled, at full length.
type column struct {
	name  string
	typ   *types.Type // below any domain
	mod   int32
	shape shape
	fast  fastFunc // of the shape
	// lo and hi bound an integer.
	lo, hi int64
	// maxBytes is the length up to which a text needs no check; -1: any. A bpchar is
	// padded to it.
	maxBytes int
	// seen has short texts of this column.
	seen *seen
	// scale and bound are of numeric(p, s): |coefficient| < bound. scale is -1 for
	// numeric without a modifier.
	scale  int32
	bound  int64
	bounds []int64 // by how many digits are missing after the point

	forceNotNull, forceNull bool

	vec    *vec.Vec
	ints   []int64
	floats []float64
	strs   []string
	bools  []bool
	nulls  []bool
	// open says that a numeric column's scale in this batch is not yet settled.
	open bool
}

func newColumn(c Column, env *types.Env) column {
	t, mod := c.Type, c.Mod
	for t.Class == types.Domain {
		if mod < 0 {
			mod = t.BaseMod
		}
		t = t.Base
	}
	col := column{name: c.Name, typ: t, mod: mod, maxBytes: -1, scale: -1}
	switch t.OID {
	case types.Int2OID:
		col.shape, col.lo, col.hi = anInt, -1<<15, 1<<15-1
	case types.Int4OID:
		col.shape, col.lo, col.hi = anInt, -1<<31, 1<<31-1
	case types.Int8OID:
		col.shape, col.lo, col.hi = anInt, -1<<63, 1<<63-1
	case types.Float8OID:
		col.shape = aFloat8
	case types.Float4OID:
		col.shape = aFloat4
	case types.DateOID:
		col.shape = aDate
	case types.TimestampOID, types.TimestamptzOID:
		col.shape = stampShape(t, mod)
	case types.BoolOID:
		col.shape = aBool
	case types.TextOID:
		col.shape, col.seen = aText, &seen{}
	case types.VarcharOID:
		col.shape, col.seen = aText, &seen{}
		if mod >= varHeader {
			col.maxBytes = int(mod) - varHeader
		}
	case types.BpcharOID:
		col.shape, col.seen = aText, &seen{}
		if mod >= varHeader {
			col.shape, col.maxBytes = aChar, int(mod)-varHeader
		}
	case types.NumericOID:
		col.numeric(mod)
	}
	col.fast = fastFuncs[col.shape]
	return col
}

// varHeader is added to lengths and precisions in type modifiers.
const varHeader = 4

func stampShape(t *types.Type, mod int32) shape {
	const micros = 6
	switch {
	case mod >= 0 && mod < micros:
		return plain
	case t.OID == types.TimestampOID:
		return aStamp
	}
	return aStampTZ
}

// numeric sets the fast way for numerics that fit 18 digits.
func (c *column) numeric(mod int32) {
	if mod < varHeader {
		c.shape = aNumeric
		return
	}
	precision, scale := (mod-varHeader)>>16, (mod-varHeader)<<21>>21
	if precision > 18 || scale < 0 || scale > 18 {
		return
	}
	c.shape, c.scale, c.bound = aNumeric, scale, types.Pow10(precision)
	for more := range scale + 1 {
		c.bounds = append(c.bounds, c.bound/types.Pow10(more))
	}
}

// attach makes v, which holds n values, the column's vector, with room for
// vec.Size.
func (c *column) attach(v *vec.Vec, n int) {
	c.vec = v
	if n == 0 {
		v.Reset(c.typ.Kind, 0)
		c.open = c.typ.Kind == types.Numer
		if c.open {
			v.ResetNarrow(max(c.scale, 0), 0)
		}
	}
	v.Ints = extend(v.Ints, v.Kind == types.Int || v.Kind == types.Numer && v.Narrow)
	v.Floats = extend(v.Floats, v.Kind == types.Float)
	v.Strs = extend(v.Strs, v.Kind == types.Bytes)
	v.Bools = extend(v.Bools, v.Kind == types.Bool)
	v.Nums = extend(v.Nums, v.Kind == types.Numer && !v.Narrow)
	v.Inters = extend(v.Inters, v.Kind == types.Inter)
	c.ints, c.floats, c.strs, c.bools = v.Ints, v.Floats, v.Strs, v.Bools
	c.nulls = nil
	if v.Nulls != nil {
		v.Nulls = extend(v.Nulls, true)
		clear(v.Nulls[n:])
		c.nulls = v.Nulls
	}
}

func extend[T any](s []T, used bool) []T {
	switch {
	case !used:
		return s
	case cap(s) >= vec.Size:
		return s[:vec.Size]
	}
	long := make([]T, vec.Size)
	copy(long, s)
	return long
}

// detach leaves the vector with n values.
func (c *column) detach(n int) {
	c.vec.Nulls = c.nulls
	c.vec.Truncate(n)
	*c = c.without()
}

// without is the column without vectors, so that it keeps no batch alive.
func (c *column) without() column {
	d := *c
	d.vec, d.ints, d.floats, d.strs, d.bools, d.nulls = nil, nil, nil, nil, nil, nil
	return d
}

// setNull makes row a NULL, with a harmless value under it.
func (c *column) setNull(row int) {
	if c.nulls == nil {
		c.nulls = make([]bool, vec.Size)
		c.vec.Nulls = c.nulls
	}
	c.nulls[row] = true
	switch v := c.vec; v.Kind {
	case types.Int:
		v.Ints[row] = 0
	case types.Float:
		v.Floats[row] = 0
	case types.Bytes:
		v.Strs[row] = ""
	case types.Bool:
		v.Bools[row] = false
	case types.Inter:
		v.Inters[row] = types.Interval{}
	case types.Numer:
		if v.Narrow {
			v.Ints[row] = 0
		} else {
			v.Nums[row] = types.Numeric{}
		}
	}
}

// set makes row d, which is not NULL.
func (c *column) set(row int, d types.Datum) {
	if c.typ.Kind == types.Numer {
		if n := d.Numeric(); c.vec.Narrow {
			if coef, ok := n.Small(); ok {
				c.setNumeric(row, coef, n.Scale())
				return
			}
		}
		c.open = false
	}
	if c.nulls != nil {
		c.nulls[row] = false
	}
	c.vec.Set(row, d)
	c.ints = c.vec.Ints
}

// setNumeric makes row coef × 10^-scale. The first value of a batch settles the
// scale; another scale makes the column wide.
func (c *column) setNumeric(row int, coef int64, scale int32) {
	if c.nulls != nil {
		c.nulls[row] = false
	}
	v := c.vec
	if c.open && v.Narrow {
		v.Scale = scale
	}
	c.open = false
	switch {
	case v.Narrow && v.Scale == scale:
		v.Ints[row] = coef
		return
	case v.Narrow:
		v.Widen()
	}
	v.Nums[row] = types.NumericScaled(coef, scale)
}
