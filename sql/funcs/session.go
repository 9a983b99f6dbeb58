package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// ofSession makes the Impl of a function that asks the session.
func ofSession(kind types.Kind, f func(s Session, a []types.Datum) (types.Datum, error)) *Impl {
	return rowImpl(kind, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		if c.Env.Session == nil {
			return types.Null, errNoSession
		}
		return f(c.Env.Session, a)
	})
}

// errNoSession is of functions of a session, or of sequences, where there is
// none: in a view.
var errNoSession = pgerr.NotSupported("a function that depends on the session here")

func init() {
	name := func(f func(Session) string) *Impl {
		return ofSession(types.Bytes, func(s Session, _ []types.Datum) (types.Datum, error) {
			return types.NewString(types.TruncateName(f(s))), nil
		})
	}
	register("current_user", name(Session.User))
	register("session_user", name(Session.SessionUser))
	register("current_database", name(Session.Database))
	register("pg_backend_pid", ofSession(types.Int, func(s Session, _ []types.Datum) (types.Datum, error) {
		return types.NewInt(int64(s.BackendPID())), nil
	}))
	register("current_schema", ofSession(types.Bytes, func(s Session, _ []types.Datum) (types.Datum, error) {
		if path := s.SearchPath(false); len(path) > 0 {
			return types.NewString(path[0]), nil
		}
		return types.Null, nil
	}))
	register("current_schemas", ofSession(types.Bytes, func(s Session, a []types.Datum) (types.Datum, error) {
		path := s.SearchPath(a[0].Bool())
		vals := make([]types.Datum, len(path))
		for i, schema := range path {
			vals[i] = types.NewString(schema)
		}
		return arrayDatum(types.TName, vals), nil
	}))
	register("show_config_by_name", ofSession(types.Bytes, currentSetting))
	register("show_config_by_name_missing_ok", ofSession(types.Bytes, currentSetting))
	register("set_config_by_name", ofSession(types.Bytes, setConfig))
	registerSequences()
}

// currentSetting is current_setting(name [, missing_ok]).
func currentSetting(s Session, a []types.Datum) (types.Datum, error) {
	v, ok := s.Setting(a[0].Str())
	switch {
	case ok:
		return types.NewString(v), nil
	case len(a) > 1 && a[1].Bool():
		return types.Null, nil
	}
	return types.Null, pgerr.New(pgerr.UndefinedObject, "unrecognized configuration parameter \"%s\"", a[0].Str())
}

// setConfig is set_config(name, value, is_local); a NULL value resets.
func setConfig(s Session, a []types.Datum) (types.Datum, error) {
	if a[0].IsNull() {
		return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "SET requires parameter name")
	}
	v, err := s.SetSetting(a[0].Str(), a[1].Str(), a[2].Bool())
	return types.NewString(v), err
}

func registerSequences() {
	seq := func(f func(s Sequences, a []types.Datum) (int64, error)) *Impl {
		return rowImpl(types.Int, func(c *Ctx, a []types.Datum) (types.Datum, error) {
			if c.Env.Sequence == nil {
				return types.Null, errNoSession
			}
			return intDatum(f(c.Env.Sequence, a))
		})
	}
	register("nextval_oid", seq(func(s Sequences, a []types.Datum) (int64, error) { return s.Next(types.OID(a[0].Int())) }))
	register("currval_oid", seq(func(s Sequences, a []types.Datum) (int64, error) { return s.Current(types.OID(a[0].Int())) }))
	register("lastval", seq(func(s Sequences, _ []types.Datum) (int64, error) { return s.Last() }))
	set := seq(func(s Sequences, a []types.Datum) (int64, error) {
		called := len(a) < 3 || a[2].Bool()
		return a[1].Int(), s.Set(types.OID(a[0].Int()), a[1].Int(), called)
	})
	register("setval_oid", set)
	register("setval3_oid", set)
}
