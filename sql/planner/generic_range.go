package planner

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// allFunctions gives the functions of that name that are visible, those that make
// values of users' range types among them.
func (b *binder) allFunctions(schema, name string) []*funcs.Func {
	out := b.functions(schema, name)
	path := b.Path
	if schema != "" {
		path = nil
		if s := b.Catalog.Schema(schema); s != nil {
			path = append(path, s.OID)
		}
	}
	for _, s := range path {
		if more := b.Catalog.RangeMakers(s, name); more != nil {
			out = append(out[:len(out):len(out)], more...)
		}
	}
	return out
}

// collectRange takes in the actual type of an argument declared as anyrange or
// anymultirange (d).
func (g *generics) collectRange(a, d *types.Type) *pgerr.Error {
	seen := &g.ranges
	if d.OID == types.AnyMultirangeOID {
		seen = &g.multirange
	}
	if *seen != nil && !types.Same(*seen, a) {
		return alike(d.Name, *seen, a)
	}
	*seen = a
	return nil
}

// settleRanges derives range from multirange, multirange from range, and element
// from range.
func (g *generics) settleRanges() *pgerr.Error {
	if m := g.multirange; m != nil {
		switch {
		case m.Class != types.Multirange:
			return pgerr.New(pgerr.DatatypeMismatch, "argument declared %s is not a multirange type but type %s", "anymultirange", formatType(m, types.NoMod))
		case g.ranges == nil:
			g.ranges = m.Over
		case !types.Same(g.ranges, m.Over):
			return inconsistent("anymultirange", "anyrange", m, g.ranges)
		}
	}
	r := g.ranges
	if r == nil {
		return nil
	}
	if r.Class != types.Range {
		return pgerr.New(pgerr.DatatypeMismatch, "argument declared %s is not a range type but type %s", "anyrange", formatType(r, types.NoMod))
	}
	switch {
	case g.elem == nil:
		g.elem = r.Sub
	case !types.Same(g.elem, r.Sub):
		return inconsistent("anyrange", "anyelement", r, g.elem)
	}
	if g.multirange == nil {
		g.multirange = r.Multi
	}
	return nil
}

func inconsistent(a, b string, x, y *types.Type) *pgerr.Error {
	return pgerr.New(pgerr.DatatypeMismatch, "argument declared %s is not consistent with argument declared %s", a, b).
		WithDetail("%s versus %s", formatType(x, types.NoMod), formatType(y, types.NoMod))
}

func undeterminedAs(d *types.Type) *pgerr.Error {
	return pgerr.New(pgerr.DatatypeMismatch, "could not determine polymorphic type %s because input has type %s", d.Name, "unknown")
}

func rangesAmong(declared []*types.Type) bool {
	for _, d := range declared {
		if d.OID == types.AnyRangeOID || d.OID == types.AnyMultirangeOID {
			return true
		}
	}
	return false
}
