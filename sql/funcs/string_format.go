package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("text_format", &Impl{Bind: func(c *Call) (Kernel, error) { return formatKernel(c), nil }})
	register("text_format_nv", &Impl{Bind: func(c *Call) (Kernel, error) { return formatKernel(c), nil }})
	register("text_concat", &Impl{Bind: func(c *Call) (Kernel, error) { return concatKernel(c, false), nil }})
	register("text_concat_ws", &Impl{Bind: func(c *Call) (Kernel, error) { return concatKernel(c, true), nil }})
}

// anyValue is a value with its type, as functions of "any" arguments see them.
type anyValue struct {
	t *types.Type
	d types.Datum
}

func (v anyValue) text(env *types.Env) string { return v.t.Text(env, v.d) }

// anyArgs gives the "any" arguments from position lo on: those of the call, or
// the elements of an array given with VARIADIC. ok is false when that array is
// NULL.
func (c *Call) anyArgs(lo int, row []types.Datum) (vals []anyValue, ok bool) {
	if c.Variadic {
		last := len(row) - 1
		if row[last].IsNull() {
			return nil, false
		}
		elem := c.Args[last].Underlying().Elem
		for _, d := range arrayElems(c.Args[last], row[last]) {
			vals = append(vals, anyValue{elem, d})
		}
		return vals, true
	}
	for i := lo; i < len(row); i++ {
		vals = append(vals, anyValue{c.Args[i], row[i]})
	}
	return vals, true
}

// concatKernel is concat and, with a separator as first argument, concat_ws;
// NULLs are left out.
func concatKernel(call *Call, sep bool) Kernel {
	if !call.Variadic {
		return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) { concatColumns(c, call.Args, args, sep, n, out) }
	}
	return rows(types.Bytes, func(c *Ctx, row []types.Datum) (types.Datum, error) {
		var b strings.Builder
		lo, between := 0, ""
		if sep {
			if row[0].IsNull() {
				return types.Null, nil
			}
			lo, between = 1, row[0].Str()
		}
		vals, ok := call.anyArgs(lo, row)
		if !ok {
			return types.Null, nil
		}
		first := true
		for _, v := range vals {
			if v.d.IsNull() {
				continue
			}
			if !first {
				b.WriteString(between)
			}
			first = false
			b.WriteString(v.text(&c.Env.Env))
		}
		return types.NewString(b.String()), nil
	})
}

// concatColumns is concatKernel for arguments that are not in an array.
func concatColumns(c *Ctx, ts []*types.Type, args []*vec.Vec, sep bool, n int, out *vec.Vec) {
	r := Out[string](out, n)
	var m arena
	for i := range n {
		start, between, rest := m.next(), "", 0
		if sep {
			if args[0].IsNull(i) {
				out.SetNull(i)
				continue
			}
			between, rest = args[0].Strs[i], 1
		}
		first := true
		for k := rest; k < len(args); k++ {
			if args[k].IsNull(i) {
				continue
			}
			if !first {
				m.buf = append(m.buf, between...)
			}
			first = false
			m.buf = ts[k].Out(&c.Env.Env, m.buf, args[k].Datum(i))
		}
		r[i] = m.end(start)
	}
}

func formatKernel(call *Call) Kernel {
	return rows(types.Bytes, func(c *Ctx, row []types.Datum) (types.Datum, error) {
		if row[0].IsNull() {
			return types.Null, nil
		}
		vals, _ := call.anyArgs(1, row)
		f := formatter{env: &c.Env.Env, in: row[0].Str(), args: vals}
		if err := f.run(); err != nil {
			return types.Null, err
		}
		return types.NewString(f.out.String()), nil
	})
}

// formatter does format(in, args…).
type formatter struct {
	env  *types.Env
	in   string
	pos  int
	args []anyValue
	next int // the argument after the last one used
	out  strings.Builder
}

var errFormatEnd = pgerr.New(pgerr.InvalidParameterValue, "unterminated format() type specifier").
	WithHint("For a single \"%\" use \"%%\".")

func (f *formatter) run() error {
	for f.pos < len(f.in) {
		i := strings.IndexByte(f.in[f.pos:], '%')
		if i < 0 {
			f.out.WriteString(f.in[f.pos:])
			return nil
		}
		f.out.WriteString(f.in[f.pos : f.pos+i])
		if f.pos += i + 1; f.pos >= len(f.in) {
			return errFormatEnd
		}
		if f.in[f.pos] == '%' {
			f.out.WriteByte('%')
			f.pos++
			continue
		}
		if err := f.specifier(); err != nil {
			return err
		}
	}
	return nil
}

// number reads a decimal number; ok is false when there is none.
func (f *formatter) number() (n int64, ok bool, err error) {
	for f.pos < len(f.in) && f.in[f.pos] >= '0' && f.in[f.pos] <= '9' {
		if n = n*10 + int64(f.in[f.pos]-'0'); !width4.fits(n) {
			return 0, false, pgerr.New(pgerr.NumericValueOutOfRange, "number is out of range")
		}
		ok = true
		f.pos++
	}
	if ok && f.pos >= len(f.in) {
		return 0, false, errFormatEnd
	}
	return n, ok, nil
}

// spec is a parsed specifier: %[position$][flags][width]type.
type spec struct {
	arg, width, widthArg int64 // arguments count from 1; -1 is none, 0 the next
	left                 bool
}

// parse reads up to the type letter.
func (f *formatter) parse() (s spec, err error) {
	s.arg, s.widthArg = -1, -1
	n, ok, err := f.number()
	if err != nil {
		return s, err
	}
	if ok {
		if f.in[f.pos] != '$' { // it was a width
			s.width = n
			return s, nil
		}
		if s.arg = n; n == 0 {
			return s, errFormatArgZero
		}
		if f.pos++; f.pos >= len(f.in) {
			return s, errFormatEnd
		}
	}
	for f.in[f.pos] == '-' {
		s.left = true
		if f.pos++; f.pos >= len(f.in) {
			return s, errFormatEnd
		}
	}
	if f.in[f.pos] != '*' {
		s.width, _, err = f.number()
		return s, err
	}
	return s, f.indirectWidth(&s)
}

var errFormatArgZero = pgerr.New(pgerr.InvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1")

// indirectWidth reads * or *position$.
func (f *formatter) indirectWidth(s *spec) error {
	if f.pos++; f.pos >= len(f.in) {
		return errFormatEnd
	}
	n, ok, err := f.number()
	if err != nil {
		return err
	}
	s.widthArg = 0
	if !ok {
		return nil
	}
	if f.in[f.pos] != '$' {
		return pgerr.New(pgerr.InvalidParameterValue, "width argument position must be ended by \"$\"")
	}
	if s.widthArg = n; n == 0 {
		return errFormatArgZero
	}
	if f.pos++; f.pos >= len(f.in) {
		return errFormatEnd
	}
	return nil
}

// take gives argument n, or the next one when n is not positive.
func (f *formatter) take(n int64) (anyValue, error) {
	if n > 0 {
		f.next = int(n)
	} else {
		f.next++
	}
	if f.next > len(f.args) {
		return anyValue{}, pgerr.New(pgerr.InvalidParameterValue, "too few arguments for format()")
	}
	return f.args[f.next-1], nil
}

func (f *formatter) specifier() error {
	s, err := f.parse()
	if err != nil {
		return err
	}
	kind := f.in[f.pos]
	if !strings.ContainsRune("sIL", rune(kind)) {
		return pgerr.New(pgerr.InvalidParameterValue, "unrecognized format() type specifier \"%s\"", firstChar(f.in[f.pos:])).
			WithHint("For a single \"%\" use \"%%\".")
	}
	f.pos++
	if s.widthArg >= 0 {
		if err := f.widthFrom(&s); err != nil {
			return err
		}
	}
	v, err := f.take(s.arg)
	if err != nil {
		return err
	}
	text, err := f.convert(kind, v)
	if err != nil {
		return err
	}
	if !width4.fits(s.width) {
		return pgerr.New(pgerr.NumericValueOutOfRange, "number is out of range")
	}
	f.pad(text, s)
	return nil
}

// widthFrom takes the width from an argument; a negative one means to the left.
func (f *formatter) widthFrom(s *spec) error {
	v, err := f.take(s.widthArg)
	if err != nil || v.d.IsNull() {
		return err
	}
	switch v.t.OID {
	case types.Int4OID, types.Int2OID:
		s.width = v.d.Int()
	default:
		d, err := types.TInt4.In(f.env, v.text(f.env), types.NoMod)
		if err != nil {
			return err
		}
		s.width = d.Int()
	}
	if s.width < 0 {
		s.left = true
		s.width = -s.width
	}
	return nil
}

func (f *formatter) convert(kind byte, v anyValue) (string, error) {
	if v.d.IsNull() {
		switch kind {
		case 'I':
			return "", pgerr.New(pgerr.NullValueNotAllowed, "null values cannot be formatted as an SQL identifier")
		case 'L':
			return "NULL", nil
		}
		return "", nil
	}
	s := v.text(f.env)
	switch kind {
	case 'I':
		return types.QuoteIdent(s), nil
	case 'L':
		return QuoteLiteral(s), nil
	}
	return s, nil
}

func (f *formatter) pad(s string, sp spec) {
	fill := ""
	if n := sp.width - charCount(s); n > 0 {
		fill = strings.Repeat(" ", int(n))
	}
	if sp.left {
		f.out.WriteString(s + fill)
	} else {
		f.out.WriteString(fill + s)
	}
}
