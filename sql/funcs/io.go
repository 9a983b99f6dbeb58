package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// The I/O functions of types when they are called by name: int4in('1'),
// numeric_out(1.5). Which ones there are, pg_type says.
func init() {
	t, src := pgdata.Load("pg_type"), procSources()
	seen := map[string]bool{}
	for key, im := range map[string]*Impl{"enum_in": inputImpl, "enum_out": outputImpl, "enum_send": sendImpl} {
		seen[key] = true // no built-in type is an enum
		register(key, im)
	}
	for column, im := range map[string]*Impl{"typinput": inputImpl, "typoutput": outputImpl, "typsend": sendImpl} {
		col := t.Column(column)
		for _, r := range t.Rows {
			if key := src[pgdata.Uint(r[col])]; key != "" && !seen[key] {
				seen[key] = true
				register(key, im)
			}
		}
	}
}

// procSources gives prosrc of the functions whose types are known, by OID.
func procSources() map[uint32]string {
	t := pgdata.Load("pg_proc")
	oid, src, args, ret := t.Column("oid"), t.Column("prosrc"), t.Column("proargtypes"), t.Column("prorettype")
	out := map[uint32]string{}
	for _, r := range t.Rows {
		if _, ok := typesOf(pgdata.OIDs(r[args])); ok && types.ByOID(types.OID(pgdata.Uint(r[ret]))) != nil {
			out[pgdata.Uint(r[oid])] = r[src]
		}
	}
	return out
}

// inputImpl reads a cstring as the function's result type; a second argument
// names an element or composite type, the last one is a type modifier.
var inputImpl = &Impl{Bind: func(call *Call) (Kernel, error) {
	ret := call.Ret
	if ret.Class == types.Pseudo && ret != types.TCstring && ret != types.TVoid && ret != types.TRecord && !ofNamedType[call.Func.Src] {
		return nil, errPseudoIn(ret)
	}
	return rows(ret.Kind, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		t, mod := ret, types.NoMod
		if len(a) == 3 {
			mod = int32(a[2].Int())
		}
		if len(a) >= 2 {
			named := types.ByOID(types.OID(a[1].Int()))
			switch {
			case named == nil:
			case call.Func.Src == "array_in":
				t = named.Array
			case ret.Class == types.Pseudo || named.Class == types.Domain || named.Class == types.Enum:
				t = named
			}
			if t == nil {
				return types.Null, pgerr.NotSupported("array_in of type %s", named.Name)
			}
		}
		return t.In(&c.Env.Env, a[0].Str(), mod)
	}), nil
}}

// ofNamedType are the input functions whose second argument says what they read.
var ofNamedType = map[string]bool{"array_in": true, "range_in": true, "multirange_in": true}

func errPseudoIn(t *types.Type) error {
	return pgerr.New(pgerr.FeatureNotSupported, "cannot accept a value of type %s", t.SQLName(types.NoMod))
}

var outputImpl = &Impl{Bind: func(call *Call) (Kernel, error) {
	t := call.Args[0]
	if t.Class == types.Pseudo && t.OID == types.AnyOID {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cannot display a value of type %s", t.SQLName(types.NoMod))
	}
	return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		return types.NewString(t.Text(&c.Env.Env, a[0])), nil
	}), nil
}}

var sendImpl = &Impl{Bind: func(call *Call) (Kernel, error) {
	t := call.Args[0]
	if !t.HasBinary() {
		return nil, pgerr.New(pgerr.UndefinedFunction, "no binary output function available for type %s", t.SQLName(types.NoMod))
	}
	return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		return types.NewString(string(t.Send(&c.Env.Env, nil, a[0]))), nil
	}), nil
}}
