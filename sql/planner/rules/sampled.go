package rules

import (
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// What is worth trying on sampled rows, and what they can tell.
const (
	sampledTable = 1000     // rows, below which a wrong guess does not matter
	fewFound     = 1.25     // rows that an equality with a key finds: no sample knows it better
	leastShare   = 1.0 / 64 // more may be missing in a sample where it has none
)

// filtered guesses the fraction of a scan's rows for which all conditions are true: by
// trying those on some of its rows that constants decide, together, as they may go
// together.
func (e *Estimator) filtered(s *plan.Scan, preds []plan.Expr) float64 {
	guess := e.dependent(s, preds)
	sampler, ok := e.stats.(Sampler)
	rows := e.tableRows(s)
	if !ok || rows < sampledTable || s.Rel.Kind == catalog.View {
		return guess
	}
	var tried, rest []plan.Expr
	for _, p := range preds {
		for _, p := range plan.Conjuncts(p) {
			if !tryable(p, s) {
				rest = append(rest, p)
				continue
			}
			if c, ok := p.(*plan.Call); ok && c.Op == "=" && e.Selectivity(p)*rows <= fewFound {
				return guess
			}
			tried = append(tried, p)
		}
	}
	if len(tried) == 0 {
		return guess
	}
	cols, attrs := readOf(s, tried)
	share, ok := sampler.Share(s.Rel.OID, cols, attrs, tried)
	switch {
	case !ok:
		return guess
	case share == 0:
		share = math.Min(e.dependent(s, tried), leastShare)
	}
	return share * e.all(rest)
}

// readOf lists the columns of s that conditions read.
func readOf(s *plan.Scan, preds []plan.Expr) (cols []plan.ColID, attrs []int16) {
	reads := plan.ColSet{}
	for _, p := range preds {
		plan.Reads(p, reads)
	}
	for i, id := range s.Cols {
		if reads.Has(id) {
			cols, attrs = append(cols, id), append(attrs, s.Attrs[i])
		}
	}
	return cols, attrs
}

// tryable tells conditions that a row of s and constants decide, by PostgreSQL's own
// functions, always alike.
func tryable(p plan.Expr, s *plan.Scan) bool {
	ok, reads := true, false
	plan.Visit(p, func(x plan.Expr) bool {
		switch x := x.(type) {
		case *plan.Col:
			at := slices.Index(s.Cols, x.ID)
			ok, reads = ok && at >= 0 && s.Attrs[at] > 0, true
		case *plan.Call:
			ok = ok && x.Fn.Schema == catalog.PgCatalogOID && x.Fn.Volatility == funcs.Immutable
		case *plan.ArrayCmp:
			ok = ok && x.Fn.Schema == catalog.PgCatalogOID && x.Fn.Volatility == funcs.Immutable
		case *plan.Const, *plan.And, *plan.Or, *plan.Not, *plan.IsNull, *plan.BoolTest, *plan.Distinct, *plan.MakeArray, *plan.Relabel, *plan.Case, *plan.Coalesce:
		default:
			ok = false
		}
		return ok
	})
	return ok && reads
}
