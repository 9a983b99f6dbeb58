package funcs

import (
	"crypto/rand"
	"math"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("dpi", &Impl{Kernel: func(_ *Ctx, _ []*vec.Vec, n int, out *vec.Vec) { fillFloats(Out[float64](out, n), math.Pi) }})
	register("drandom", ofSession(types.Float, func(s Session, _ []types.Datum) (types.Datum, error) { return types.NewFloat(s.Random()), nil }))
	register("setseed", ofSession(types.Bytes, setSeed))
	register("gen_random_uuid", rowImpl(types.Bytes, randomUUID))
	register("pg_num_nulls", countNulls(true))
	register("pg_num_nonnulls", countNulls(false))
	register("pg_typeof", &Impl{Bind: func(call *Call) (Kernel, error) {
		oid := int64(call.Args[0].OID)
		return func(_ *Ctx, _ []*vec.Vec, n int, out *vec.Vec) { fillInts(Out[int64](out, n), oid) }, nil
	}})
	register("pg_collation_for", &Impl{Bind: func(call *Call) (Kernel, error) {
		t := call.Args[0]
		return rows(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return collationFor(t, a[0]) }), nil
	}})
	register("pg_column_size", &Impl{Bind: func(call *Call) (Kernel, error) {
		t := call.Args[0]
		return rows(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return types.NewInt(columnSize(t, a[0])), nil }), nil
	}})
	register("pg_sleep", rowImpl(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) { return sleep(c, a[0].Float()) }))
	register("pg_sleep_for(interval)", rowImpl(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		v := a[0].Interval()
		end, err := types.TimestamptzPlus(c.zone(), c.Env.Clock(), v)
		if err != nil {
			return types.Null, err
		}
		return sleep(c, float64(end-c.Env.Clock())/perSecond)
	}))
	register("pg_sleep_until(timestamptz)", rowImpl(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		return sleep(c, float64(a[0].Int()-c.Env.Clock())/perSecond)
	}))
	register("anytextcat(anynonarray,text)", catAny(0))
	register("textanycat(text,anynonarray)", catAny(1))
	registerSizes()
	registerRegs()
}

func setSeed(s Session, a []types.Datum) (types.Datum, error) {
	seed := a[0].Float()
	if !(seed >= -1 && seed <= 1) {
		return types.Null, errInvalid("setseed parameter %s is out of allowed range [-1,1]", formatG(seed))
	}
	s.Seed(seed)
	return types.NewString(""), nil
}

// randomUUID makes a version 4 UUID.
func randomUUID(*Ctx, []types.Datum) (types.Datum, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return types.Null, pgerr.New(pgerr.InternalError, "could not generate random values")
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return types.NewString(string(b[:])), nil
}

// countNulls is num_nulls and num_nonnulls.
func countNulls(null bool) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		return rows(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			vals, ok := call.anyArgs(0, a)
			if !ok {
				return types.Null, nil
			}
			n := int64(0)
			for _, v := range vals {
				if v.d.IsNull() == null {
					n++
				}
			}
			return types.NewInt(n), nil
		}), nil
	}}
}

func collationFor(t *types.Type, d types.Datum) (types.Datum, error) {
	if t.Collation == 0 && t != types.TUnknown {
		return types.Null, pgerr.New(pgerr.DatatypeMismatch, "collations are not supported by type %s", t.SQLName(types.NoMod))
	}
	return types.NewString("\"default\""), nil
}

// columnSize is about the bytes that PostgreSQL would store a value in; exactly
// so for types of a fixed width, character strings and bytea.
func columnSize(t *types.Type, d types.Datum) int64 {
	u := t.Underlying()
	switch {
	case u.Len > 0:
		return int64(u.Len)
	case u.OID == types.NumericOID:
		digits := int64(len(u.Text(types.DefaultEnv, d)))
		return 6 + (digits+3)/4*2
	}
	return 4 + int64(len(d.Str()))
}

// sleep waits, or ends with the context.
func sleep(c *Ctx, seconds float64) (types.Datum, error) {
	if seconds > 0 {
		t := time.NewTimer(time.Duration(min(seconds, 1e9) * 1e9))
		defer t.Stop()
		select {
		case <-t.C:
		case <-c.Context.Done():
			return types.Null, c.Context.Err()
		}
	}
	return types.NewString(""), nil
}

// catAny is || of a text with a value of any type, which is argument arg.
func catAny(arg int) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		t := call.Args[arg]
		return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
			s := [2]string{a[0].Str(), a[1].Str()}
			s[arg] = textOf(&c.Env.Env, t, a[arg])
			return types.NewString(s[0] + s[1]), nil
		}), nil
	}}
}

// registerRegs registers to_regclass and its kin, which are NULL where the
// input function of the type fails to find a name.
func registerRegs() {
	for name, t := range map[string]*types.Type{
		"to_regclass": types.TRegclass, "to_regtype": types.TRegtype, "to_regproc": types.TRegproc, "to_regprocedure": types.TRegprocedure,
		"to_regoper": types.TRegoper, "to_regoperator": types.TRegoperator, "to_regrole": types.TRegrole,
		"to_regnamespace": types.TRegnamespace, "to_regcollation": types.TRegcollation,
	} {
		register(name, rowImpl(types.Int, func(c *Ctx, a []types.Datum) (types.Datum, error) {
			if s := a[0].Str(); isNumberOrDash(s) {
				return types.Null, nameError(t, s)
			}
			d, err := t.In(&c.Env.Env, a[0].Str(), types.NoMod)
			switch pgerr.CodeOf(err) {
			case "":
				return d, nil
			case pgerr.UndefinedTable, pgerr.UndefinedFunction, pgerr.UndefinedObject, pgerr.AmbiguousFunction, pgerr.InvalidSchemaName:
				return types.Null, nil
			}
			return types.Null, err
		}))
	}
}

// isNumberOrDash tells what the input functions of the reg… types take for an
// OID, and which is no name of anything but an operator ("-").
func isNumberOrDash(s string) bool {
	return s == "-" || s != "" && strings.Trim(s, "0123456789") == ""
}

// nameError is what the parser of names says to a number or a dash.
func nameError(t *types.Type, s string) error {
	switch {
	case t == types.TRegprocedure || t == types.TRegoperator:
		return pgerr.New(pgerr.InvalidTextRepresentation, "expected a left parenthesis")
	case t == types.TRegtype:
		return pgerr.New(pgerr.SyntaxError, "syntax error at or near \"%s\"", s).WithWhere("invalid type name \"%s\"", s)
	}
	return nil
}
