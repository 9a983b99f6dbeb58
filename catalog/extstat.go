package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// ExtStats is a row of pg_statistic_ext: statistics of several columns of a relation
// together. It is kept with the relation, but has a schema and an owner of its own.
type ExtStats struct {
	OID    OID
	Schema OID
	Name   string
	Owner  OID
	// Columns are attribute numbers in their order; Exprs are expressions over the row as
	// SQL, ExprTypes their types, Deps what they name.
	Columns   []int16  `json:",omitempty"`
	Exprs     []string `json:",omitempty"`
	ExprTypes []OID    `json:",omitempty"`
	Deps      []Dep    `json:",omitempty"`
	// Kinds are the letters of stxkind: d(istinct), f(unctional dependencies), m(ost common
	// values), e(xpressions).
	Kinds string
	// Target is stxstattarget: -1 for the default one, 0 to build none.
	Target int
	// Data is what the last ANALYZE found, nil before the first.
	Data *StatsData `json:",omitempty"`
}

// StatsData is a row of pg_statistic_ext_data. Attributes below zero are expressions,
// counted from -1 on.
type StatsData struct {
	NDistinct    []StatsDistinct   `json:",omitempty"`
	Dependencies []StatsDependency `json:",omitempty"`
}

// StatsDistinct is how many combinations of values some attributes have.
type StatsDistinct struct {
	Attrs []int16
	N     float64
}

// StatsDependency is for which share of the rows all attributes but the last one
// determine the last one.
type StatsDependency struct {
	Attrs  []int16
	Degree float64
}

// ClassStatistics is pg_statistic_ext, as Object.Class.
const ClassStatistics OID = 3381

// ExtStatsByOID finds a statistics object with the relation it is of.
func (s *Snapshot) ExtStatsByOID(oid OID) (*ExtStats, *Relation) {
	return s.extStats(func(x *ExtStats) bool { return x.OID == oid })
}

// ExtStatsNamed finds the statistics object of a name in a schema.
func (s *Snapshot) ExtStatsNamed(schema OID, n string) (*ExtStats, *Relation) {
	return s.extStats(func(x *ExtStats) bool { return x.Schema == schema && x.Name == n })
}

func (s *Snapshot) extStats(is func(x *ExtStats) bool) (*ExtStats, *Relation) {
	for _, r := range s.rels {
		for _, x := range r.Stats {
			if is(x) {
				return x, r
			}
		}
	}
	return nil, nil
}

// PutStats adds a statistics object, or puts it in the place of the one with its OID.
func (r *Relation) PutStats(x *ExtStats) {
	if at := slices.IndexFunc(r.Stats, func(o *ExtStats) bool { return o.OID == x.OID }); at >= 0 {
		r.Stats[at] = x
		return
	}
	r.Stats = append(r.Stats, x)
}

// DropStats takes a statistics object away.
func (r *Relation) DropStats(oid OID) {
	r.Stats = slices.DeleteFunc(slices.Clone(r.Stats), func(x *ExtStats) bool { return x.OID == oid })
}

func cloneStats(list []*ExtStats) []*ExtStats {
	var out []*ExtStats
	for _, x := range list {
		c := *x
		out = append(out, &c)
	}
	return out
}

// extStatsSorted calls fn for the statistics objects by OID.
func (s *Snapshot) extStatsSorted(fn func(r *Relation, x *ExtStats)) {
	for _, r := range s.Relations() {
		for _, x := range r.Stats {
			fn(r, x)
		}
	}
}

// extStatsRows writes pg_statistic_ext.
func extStatsRows(s *Snapshot, w *rowWriter) {
	s.extStatsSorted(func(r *Relation, x *ExtStats) {
		w.add(vOID(x.OID), vOID(r.OID), vStr(x.Name), vOID(x.Schema), vOID(x.Owner), vInt(x.Target), vInt2Vector(x.Columns),
			vLiteral(w.rel.Columns[7].Type, "{"+strings.Join(strings.Split(x.Kinds, ""), ",")+"}"), vText(strings.Join(x.Exprs, ", ")))
	})
}

// extStatsDataRows writes pg_statistic_ext_data.
func extStatsDataRows(s *Snapshot, w *rowWriter) {
	s.extStatsSorted(func(r *Relation, x *ExtStats) {
		if x.Data != nil {
			w.add(vOID(x.OID), vBool(r.PartKey != nil), vText(x.Data.distinctText()), vText(x.Data.dependencyText()), vText(""), vText(""))
		}
	})
}

func (d *StatsData) distinctText() string {
	var list []string
	for _, x := range d.NDistinct {
		list = append(list, fmt.Sprintf("\"%s\": %.0f", attrList(x.Attrs), x.N))
	}
	return braced(list)
}

func (d *StatsData) dependencyText() string {
	var list []string
	for _, x := range d.Dependencies {
		last := len(x.Attrs) - 1
		list = append(list, fmt.Sprintf("\"%s => %d\": %f", attrList(x.Attrs[:last]), x.Attrs[last], x.Degree))
	}
	return braced(list)
}

func braced(list []string) string {
	if list == nil {
		return ""
	}
	return "{" + strings.Join(list, ", ") + "}"
}

func attrList(attrs []int16) string {
	s := strings.ReplaceAll(fmt.Sprint(attrs), " ", ", ")
	return s[1 : len(s)-1]
}

// stats writes the dependencies of a statistics object: it goes with the columns it is
// of (CreateStatistics).
func (d *dependWriter) stats(r *Relation, x *ExtStats) {
	self := Object{ClassStatistics, x.OID, 0}
	for _, c := range x.Columns {
		d.on(self, rel(r.OID, c), DepAuto)
	}
	if len(x.Columns) == 0 {
		d.on(self, rel(r.OID, 0), DepAuto)
	}
	for _, dep := range x.Deps {
		kind := DepNormal
		if dep.Object == r.OID {
			kind = DepAuto
		}
		d.on(self, Object{d.classOf(dep.Object), dep.Object, dep.Column}, kind)
	}
	d.on(self, Object{classNamespace, x.Schema, 0}, DepNormal)
}
