package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/ddl"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// analyzedRows is about how many rows ANALYZE looks at for statistics objects: as many
// as PostgreSQL does with the default statistics target.
const analyzedRows = 30000

// analyzeObjects fills the statistics objects of a table from its rows.
func (s *Session) analyzeObjects(ctx context.Context, r *catalog.Relation) error {
	if len(r.Stats) == 0 || s.owns("table", r) != nil {
		return nil
	}
	if err := s.lockRelation(ctx, r.OID, shareUpdateExclusive); err != nil {
		return err
	}
	r = s.tx.catalog().RelationByOID(r.OID)
	if r == nil {
		return nil
	}
	for _, x := range r.Stats {
		if x.Target == 0 {
			continue
		}
		rows, total, err := s.analyzedRanks(ctx, r, x)
		if err != nil {
			return err
		}
		if len(rows[0]) > 0 {
			ddl.PutStatistics(ddlSession{s}, r.OID, x.OID, statisticsData(x, rows, total))
		}
	}
	return nil
}

// analyzedRanks gives, by column or expression of a statistics object, the rank of the
// value in each of the rows that are looked at; total is how many rows there are.
func (s *Session) analyzedRanks(ctx context.Context, r *catalog.Relation, x *catalog.ExtStats) (ranks [][]int64, total float64, err error) {
	list, err := parser.Parse(s.ranksQuery(r, x, &total))
	if err != nil {
		return nil, 0, err
	}
	p, err := s.prepare(&list[0], nil)
	if err != nil {
		return nil, 0, err
	}
	src, err := s.openQuery(p.plan, nil)
	if err != nil {
		return nil, 0, err
	}
	defer src.Close()
	ranks = make([][]int64, len(x.Columns)+len(x.Exprs))
	for {
		var b vec.Batch
		if err := src.Next(ctx, &b); err != nil || b.N == 0 {
			return ranks, max(total, float64(len(ranks[0]))), err
		}
		for c := range ranks {
			for i := range b.N {
				ranks[c] = append(ranks[c], b.Cols[c].Datum(b.Row(i)).Int())
			}
		}
	}
}

// ranksQuery is the query of analyzedRanks. Ranks tell equal values by the type's own
// comparison, and take NULLs as equal.
func (s *Session) ranksQuery(r *catalog.Relation, x *catalog.ExtStats, total *float64) string {
	var vals, ranks []string
	for _, c := range x.Columns {
		vals = append(vals, types.QuoteIdent(r.Columns[c-1].Name))
	}
	for _, e := range x.Exprs {
		vals = append(vals, "("+e+")")
	}
	for i := range vals {
		vals[i] += fmt.Sprintf(" AS v%d", i)
		ranks = append(ranks, fmt.Sprintf("pg_catalog.dense_rank() OVER (ORDER BY v%d)", i))
	}
	from := types.QuoteIdent(s.schemaName(r)) + "." + types.QuoteIdent(r.Name)
	if s.tx.read != nil {
		*total = (&statistics{e: s.e, v: s.tx.read, cat: s.tx.catalog()}).Rows(r.OID)
	}
	if *total > analyzedRows && r.Kind == catalog.Table && r.PartKey == nil {
		from += fmt.Sprintf(" TABLESAMPLE SYSTEM (%f) REPEATABLE (0)", 100*analyzedRows / *total)
	}
	return fmt.Sprintf("SELECT %s FROM (SELECT %s FROM %s) s", strings.Join(ranks, ", "), strings.Join(vals, ", "), from)
}

// statisticsData computes a statistics object's data from the ranks of values by column.
func statisticsData(x *catalog.ExtStats, ranks [][]int64, total float64) *catalog.StatsData {
	a := &analysis{ranks: ranks, attrs: slices.Clone(x.Columns), total: total}
	for i := range x.Exprs {
		a.attrs = append(a.attrs, int16(-i-1))
	}
	d := &catalog.StatsData{}
	for k := 2; k <= len(ranks); k++ {
		a.combinations(k, nil, func(at []int) {
			if strings.Contains(x.Kinds, "d") {
				d.NDistinct = append(d.NDistinct, catalog.StatsDistinct{Attrs: a.named(at), N: a.distinct(at)})
			}
		})
		a.combinations(k-1, nil, func(by []int) {
			for last := range ranks {
				if !strings.Contains(x.Kinds, "f") || slices.Contains(by, last) {
					continue
				}
				at := append(slices.Clone(by), last)
				if f := a.degree(at); f > 0 {
					d.Dependencies = append(d.Dependencies, catalog.StatsDependency{Attrs: a.named(at), Degree: f})
				}
			}
		})
	}
	return d
}

// analysis are the ranks of values by column, and which attributes the columns are.
type analysis struct {
	ranks [][]int64
	attrs []int16
	total float64
}

// combinations calls fn for every choice of k columns, in order.
func (a *analysis) combinations(k int, head []int, fn func(at []int)) {
	if k == 0 {
		fn(head)
		return
	}
	from := 0
	if len(head) > 0 {
		from = head[len(head)-1] + 1
	}
	for i := from; i < len(a.ranks); i++ {
		a.combinations(k-1, append(slices.Clone(head), i), fn)
	}
}

func (a *analysis) named(at []int) []int16 {
	out := make([]int16, len(at))
	for i, c := range at {
		out[i] = a.attrs[c]
	}
	return out
}

// sorted gives the rows in the order of some columns.
func (a *analysis) sorted(at []int) []int32 {
	rows := make([]int32, len(a.ranks[0]))
	for i := range rows {
		rows[i] = int32(i)
	}
	slices.SortFunc(rows, func(i, j int32) int { return a.compare(at, i, j) })
	return rows
}

func (a *analysis) compare(at []int, i, j int32) int {
	for _, c := range at {
		if d := a.ranks[c][i] - a.ranks[c][j]; d != 0 {
			return int(d)
		}
	}
	return 0
}

// distinct estimates how many combinations of values of some columns there are
// (estimate_ndistinct: the estimator Duj1 of Haas and Stokes).
func (a *analysis) distinct(at []int) float64 {
	rows := a.sorted(at)
	n, d, once := float64(len(rows)), 0.0, 0.0
	for lo := 0; lo < len(rows); {
		hi := lo + 1
		for hi < len(rows) && a.compare(at, rows[lo], rows[hi]) == 0 {
			hi++
		}
		if d++; hi == lo+1 {
			once++
		}
		lo = hi
	}
	est := n * d / (n - once + once*n/a.total)
	return math.Floor(math.Min(math.Max(est, d), a.total) + 0.5)
}

// degree is the share of rows whose values in all columns but the last one come with one
// value in the last one only (dependency_degree).
func (a *analysis) degree(at []int) float64 {
	rows := a.sorted(at)
	by := at[:len(at)-1]
	supporting := 0
	for lo := 0; lo < len(rows); {
		hi := lo + 1
		for hi < len(rows) && a.compare(by, rows[lo], rows[hi]) == 0 {
			hi++
		}
		if a.compare(at, rows[lo], rows[hi-1]) == 0 {
			supporting += hi - lo
		}
		lo = hi
	}
	return float64(supporting) / float64(len(rows))
}

// Together implements rules.Grouper.
func (s *statistics) Together(oid OID, attrs []int16) (n float64, of []int16) {
	def := s.cat.RelationByOID(oid)
	if def == nil {
		return 0, nil
	}
	for _, x := range def.Stats {
		if x.Data == nil {
			continue
		}
		for _, d := range x.Data.NDistinct {
			if len(d.Attrs) > len(of) && within(d.Attrs, attrs) {
				n, of = d.N, d.Attrs
			}
		}
	}
	return n, of
}

// Determines implements rules.Grouper: the strongest of the dependencies that the most
// attributes go into.
func (s *statistics) Determines(oid OID, attrs []int16) (by []int16, attr int16, degree float64) {
	def := s.cat.RelationByOID(oid)
	if def == nil {
		return nil, 0, 0
	}
	for _, x := range def.Stats {
		if x.Data == nil {
			continue
		}
		for _, d := range x.Data.Dependencies {
			last := len(d.Attrs) - 1
			if within(d.Attrs, attrs) && (last > len(by) || last == len(by) && d.Degree > degree) {
				by, attr, degree = d.Attrs[:last], d.Attrs[last], d.Degree
			}
		}
	}
	return by, attr, degree
}

// within tells whether all of part are in whole.
func within(part, whole []int16) bool {
	for _, a := range part {
		if !slices.Contains(whole, a) {
			return false
		}
	}
	return true
}
