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
	registerSequences()
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
