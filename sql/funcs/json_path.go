package funcs

import (
	"github.com/streamsqld/streamsqld/sql/funcs/pathquery"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for _, suffix := range []string{"", "_tz"} {
		zoned := suffix != ""
		register("jsonb_path_exists"+suffix, pathFunc(types.Bool, zoned, pathExists))
		register("jsonb_path_match"+suffix, pathFunc(types.Bool, zoned, pathMatch))
		register("jsonb_path_query_array"+suffix, pathFunc(types.Bytes, zoned, func(c *pathCall) (types.Datum, error) {
			all, err := c.q.All(c.target, c.vars, c.o)
			return types.NewString(string(types.JSONBArray(all))), err
		}))
		register("jsonb_path_query_first"+suffix, pathFunc(types.Bytes, zoned, func(c *pathCall) (types.Datum, error) {
			all, err := c.q.All(c.target, c.vars, c.o)
			if err != nil || len(all) == 0 {
				return types.Null, err
			}
			return types.NewString(string(all[0])), nil
		}))
		register("jsonb_path_query"+suffix, setImpl(func(_ *Call, c *Ctx, a []types.Datum) (vec.Source, error) {
			p := &pathCall{}
			if err := p.set(c, a, zoned); err != nil {
				return nil, err
			}
			all, err := p.q.All(p.target, p.vars, p.o)
			out := make([]types.Datum, len(all))
			for i, j := range all {
				out[i] = types.NewString(string(j))
			}
			return listSource(types.TJSONB, out), err
		}))
	}
	register("jsonb_path_exists_opr", pathFunc(types.Bool, false, pathExists))
	register("jsonb_path_match_opr", pathFunc(types.Bool, false, pathMatch))
}

// pathCall is one row of a jsonb_path_… function. The operators have two
// arguments and are silent.
type pathCall struct {
	q            *pathquery.Query
	path         string
	target, vars types.JSONB
	o            pathquery.Options
}

// set takes the arguments; the path is read again only when it has changed.
func (p *pathCall) set(c *Ctx, a []types.Datum, zoned bool) error {
	if p.q == nil || p.path != a[1].Str() {
		q, err := pathquery.New(a[1].Str())
		if err != nil {
			return err
		}
		p.q, p.path = q, a[1].Str()
	}
	p.target, p.vars = types.JSONB(a[0].Str()), ""
	p.o = pathquery.Options{Env: &c.Env.Env, Silent: true, Zoned: zoned}
	if len(a) == 4 {
		p.vars, p.o.Silent = types.JSONB(a[2].Str()), a[3].Bool()
	}
	return nil
}

func pathFunc(kind types.Kind, zoned bool, f func(*pathCall) (types.Datum, error)) *Impl {
	return &Impl{Bind: func(*Call) (Kernel, error) {
		p := &pathCall{}
		return rows(kind, func(c *Ctx, a []types.Datum) (types.Datum, error) {
			if err := p.set(c, a, zoned); err != nil {
				return types.Null, err
			}
			return f(p)
		}), nil
	}}
}

func boolOrNull(b, ok bool, err error) (types.Datum, error) {
	if err != nil || !ok {
		return types.Null, err
	}
	return types.NewBool(b), nil
}

func pathExists(p *pathCall) (types.Datum, error) {
	return boolOrNull(p.q.Exists(p.target, p.vars, p.o))
}
func pathMatch(p *pathCall) (types.Datum, error) { return boolOrNull(p.q.Match(p.target, p.vars, p.o)) }
