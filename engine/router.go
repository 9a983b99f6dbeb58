package engine

import (
	"slices"
	"sort"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// router finds the partitions of one partitioned table that rows belong to.
type router struct {
	rel    *catalog.Relation
	bounds *catalog.PartBounds
	keys   []int      // where the key's columns are among the live ones, -1: an expression
	exprs  *expr.Prog // computes the expressions, in order; nil: there are none
	at     []*vec.Vec // the key's columns of the batch that was routed last
	parts  []*catalog.Relation
	def    int // the default partition, -1: none
	null   int // the partition of LIST for NULL, -1: none
	// Of RANGE: from and to are the bounds of parts in ascending order, values those of
	// them, ints those of keys that are one integer.
	from, to     [][]partBound
	fromInt, end []int64
	plain        bool // fromInt and end are in use
	// Of LIST: values ascend, of says whose each is.
	values []types.Datum
	of     []int
}

// partBound is a value in a bound of RANGE.
type partBound struct {
	inf int8
	val types.Datum
}

func (s *Session) newRouter(rel *catalog.Relation) (*router, error) {
	snap := s.systemContext().Snapshot
	r := &router{rel: rel, bounds: snap.PartBounds(rel), parts: snap.Partitions(rel), def: -1, null: -1}
	for _, attr := range rel.PartKey.Columns {
		r.keys = append(r.keys, liveIndex(rel, attr))
	}
	if err := r.compile(s.e, snap); err != nil {
		return nil, err
	}
	for i, p := range r.parts {
		switch {
		case p.Part.Default:
			r.def = i
		case rel.PartKey.Strategy == catalog.PartList:
			r.addValues(i, p.Part.Values)
		case rel.PartKey.Strategy == catalog.PartHash:
		default:
			r.from, r.to = append(r.from, r.bound(p.Part.From)), append(r.to, r.bound(p.Part.To))
		}
	}
	r.sortValues()
	r.integers()
	return r, nil
}

// liveIndex is where a column is among the live ones, -1 for attribute 0.
func liveIndex(rel *catalog.Relation, attr int16) int {
	at := 0
	for i := range attr - 1 {
		if !rel.Columns[i].Dropped {
			at++
		}
	}
	if attr == 0 {
		return -1
	}
	return at
}

// compile readies the expressions of the key.
func (r *router) compile(e *Engine, snap *catalog.Snapshot) error {
	if len(r.rel.PartKey.Exprs) == 0 {
		return nil
	}
	pc := e.plannerContext(snap.Home(r.rel.Schema), catalog.Path{catalog.PgCatalogOID}, defaultEnv())
	var exprs []plan.Expr
	where := expr.Layout{}
	for _, k := range r.rel.PartKey.Exprs {
		x, err := e.bindRowText(pc, k.Text, r.rel, planner.RowPartition)
		if err != nil {
			return err
		}
		// Each expression was bound by itself: its columns get places of their own.
		shift := plan.ColID(len(exprs) * 10000)
		for i, id := range x.Cols {
			where[id+shift] = i
		}
		exprs = append(exprs, shiftCols(x.X, shift))
	}
	var err error
	r.exprs, err = expr.CompileAll(exprs, where, &expr.CompileCtx{Env: defaultEnv()})
	return err
}

// columns finds or computes the key's columns.
func (r *router) columns(b *vec.Batch) error {
	r.at = r.at[:0]
	var computed []vec.Vec
	if r.exprs != nil {
		var bad vec.RowErrors
		computed = make([]vec.Vec, r.exprs.Len())
		r.exprs.EvalAll(&funcs.Ctx{Env: defaultEnv(), Bad: &bad}, b, computed)
		if err := bad.First(); err != nil {
			return err
		}
	}
	n := 0
	for _, k := range r.keys {
		if k >= 0 {
			r.at = append(r.at, &b.Cols[k])
		} else {
			r.at = append(r.at, &computed[n])
			n++
		}
	}
	return nil
}

func (r *router) bound(vals []catalog.PartValue) []partBound {
	out := make([]partBound, len(vals))
	for i, v := range vals {
		out[i] = partBound{v.Inf, r.bounds.Datum(i, v)}
	}
	return out
}

func (r *router) addValues(part int, vals []catalog.PartValue) {
	for _, v := range vals {
		if v.Null {
			r.null = part
			continue
		}
		r.values, r.of = append(r.values, r.bounds.Datum(0, v)), append(r.of, part)
	}
}

// sortValues puts the values of LIST into ascending order.
func (r *router) sortValues() {
	order := make([]int, len(r.values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return r.bounds.Types[0].Compare(r.values[a], r.values[b]) })
	values, of := make([]types.Datum, len(order)), make([]int, len(order))
	for i, o := range order {
		values[i], of[i] = r.values[o], r.of[o]
	}
	r.values, r.of = values, of
}

// integers readies the bounds of a single key that is kept as an integer.
func (r *router) integers() {
	if r.rel.PartKey.Strategy != catalog.PartRange || len(r.keys) != 1 {
		return
	}
	switch r.bounds.Types[0].OID {
	case types.Int2OID, types.Int4OID, types.Int8OID, types.DateOID, types.TimestampOID, types.TimestamptzOID:
	default:
		return
	}
	for i := range r.from {
		f, t := r.from[i][0], r.to[i][0]
		if f.inf != 0 || t.inf != 0 {
			return
		}
		r.fromInt, r.end = append(r.fromInt, f.val.Int()), append(r.end, t.val.Int())
	}
	r.plain = true
}

// route says for each row which of parts it belongs to, -1: none.
func (r *router) route(b *vec.Batch) ([]int, error) {
	if err := r.columns(b); err != nil {
		return nil, err
	}
	out := make([]int, b.N)
	switch {
	case r.rel.PartKey.Strategy == catalog.PartList:
		r.routeList(out)
	case r.rel.PartKey.Strategy == catalog.PartHash:
		r.routeHash(out)
	case r.plain:
		r.routeInts(r.at[0], out)
	default:
		r.routeRange(out)
	}
	return out, nil
}

func (r *router) routeHash(out []int) {
	row := make([]types.Datum, len(r.at))
	for i := range out {
		for k, v := range r.at {
			row[k] = v.Datum(i)
		}
		h := r.bounds.Hash(row)
		out[i] = slices.IndexFunc(r.parts, func(p *catalog.Relation) bool { return p.Part.Has(h) })
	}
}

func (r *router) routeList(out []int) {
	v, t := r.at[0], r.bounds.Types[0]
	for i := range out {
		out[i] = r.def
		if v.IsNull(i) {
			if r.null >= 0 {
				out[i] = r.null
			}
			continue
		}
		d := v.Datum(i)
		at := sort.Search(len(r.values), func(k int) bool { return t.Compare(r.values[k], d) >= 0 })
		if at < len(r.values) && t.Compare(r.values[at], d) == 0 {
			out[i] = r.of[at]
		}
	}
}

// routeInts is routeRange over one key of integers; rows that follow each other often
// belong together.
func (r *router) routeInts(v *vec.Vec, out []int) {
	last := -1
	for i := range out {
		out[i] = r.def
		if v.IsNull(i) {
			continue
		}
		x := v.Ints[i]
		if last < 0 || x < r.fromInt[last] || x >= r.end[last] {
			last = sort.Search(len(r.fromInt), func(k int) bool { return r.fromInt[k] > x }) - 1
		}
		if last >= 0 && x < r.end[last] {
			out[i] = last
		} else {
			last = -1
		}
	}
}

func (r *router) routeRange(out []int) {
	row := make([]types.Datum, len(r.keys))
rows:
	for i := range out {
		out[i] = r.def
		for k, v := range r.at {
			if v.IsNull(i) {
				continue rows
			}
			row[k] = v.Datum(i)
		}
		p := sort.Search(len(r.from), func(k int) bool { return r.compare(row, r.from[k]) < 0 }) - 1
		if p >= 0 && r.compare(row, r.to[p]) < 0 {
			out[i] = p
		}
	}
}

// compare compares a row's key with a bound.
func (r *router) compare(row []types.Datum, b []partBound) int {
	for i, d := range row {
		if b[i].inf != 0 {
			return -int(b[i].inf)
		}
		if c := r.bounds.Types[i].Compare(d, b[i].val); c != 0 {
			return c
		}
	}
	return 0
}
