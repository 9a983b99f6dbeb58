package plan

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Props are what follows from a node's plan about its rows, now and under
// changes of what it reads.
type Props struct {
	// Keys are sets of output columns that no two rows agree in, NULL being equal
	// to NULL. The empty set says that there is at most one row. Columns ascend.
	Keys [][]ColID
	// AppendOnly: a step only adds rows.
	AppendOnly bool
	// Bounds are the columns that never change again behind a watermark.
	Bounds map[ColID]*Bound
}

// HasKey tells whether some key is within the given columns.
func (p *Props) HasKey(cols ColSet) bool {
	return slices.ContainsFunc(p.Keys, func(k []ColID) bool {
		return !slices.ContainsFunc(k, func(id ColID) bool { return !cols.Has(id) })
	})
}

// Deriver derives properties. It remembers them by node, so a plan may not be
// changed while one is in use.
type Deriver struct {
	zone *types.Zone // the session's
	memo map[Node]*Props
}

// NewDeriver makes a Deriver for a plan bound under a time zone (nil: UTC).
func NewDeriver(zone *types.Zone) *Deriver {
	if zone == nil {
		zone = types.UTC
	}
	return &Deriver{zone: zone, memo: map[Node]*Props{}}
}

// Of derives a node's properties. The caller changes nothing in them.
func (d *Deriver) Of(n Node) *Props {
	if p := d.memo[n]; p != nil {
		return p
	}
	d.memo[n] = &Props{} // a plan that refers to itself (recursion) has none
	p := d.derive(n)
	p.Keys = minimal(p.Keys)
	d.memo[n] = p
	return p
}

func (d *Deriver) derive(n Node) *Props {
	switch n := n.(type) {
	case *Scan:
		return d.scan(n)
	case *Values:
		p := &Props{AppendOnly: true}
		if len(n.Rows) <= 1 {
			p.Keys = [][]ColID{{}}
		}
		return p
	case *Filter:
		return d.Of(n.In)
	case *Project:
		return d.project(n)
	case *FlatMap:
		return d.flatMap(n)
	case *Join:
		return d.join(n.Kind, n.L, n.R, n.On)
	case *Apply:
		return d.apply(n)
	case *Aggregate:
		return d.aggregate(n)
	case *DistinctRows:
		return d.distinct(n)
	case *SetOp:
		return d.setOp(n)
	case *Order:
		return d.Of(n.In)
	case *LockRows:
		return d.Of(n.In)
	case *Limit:
		return d.limit(n)
	case *Over:
		return d.over(n)
	case *MaxOne:
		in := d.Of(n.In)
		return &Props{Keys: [][]ColID{{}}, AppendOnly: in.AppendOnly, Bounds: in.Bounds}
	case *With:
		return d.Of(n.Body)
	case *CTEScan:
		return d.cteScan(n)
	case *TimeFilter:
		return d.timeFilter(n)
	case *Session:
		return d.session(n)
	}
	return &Props{}
}

// scan: a table's constraints are keys; a stream, and a view that emits on window
// close, only grow, and the column that carries their watermark is bounded.
func (d *Deriver) scan(n *Scan) *Props {
	r := n.Rel
	col := map[int16]ColID{}
	for i, a := range n.Attrs {
		col[a] = n.Cols[i]
	}
	p := &Props{}
	if id, ok := col[AttrRowID]; ok {
		p.Keys = append(p.Keys, []ColID{id})
	}
	for _, c := range r.Constraints {
		if key, ok := constraintKey(r, c, col); ok {
			p.Keys = append(p.Keys, key)
		}
	}
	closing := r.Kind == catalog.MatView && r.View != nil && r.View.Emit == "window_close"
	p.AppendOnly = r.Kind == catalog.Stream || closing
	var time int16
	switch {
	case r.Kind == catalog.Stream && r.Stream != nil && r.Stream.LateOf == 0:
		time = r.Stream.Time
	case closing:
		time = r.View.Time
	}
	if id, ok := col[time]; ok && time > 0 && isTime(r.Columns[time-1].Type) {
		p.Bounds = map[ColID]*Bound{id: {Terms: []BoundTerm{{Rel: r.OID}}}}
	}
	return p
}

func constraintKey(r *catalog.Relation, c *catalog.Constraint, col map[int16]ColID) ([]ColID, bool) {
	if c.Kind != catalog.Primary && c.Kind != catalog.Unique || c.Deferrable {
		return nil, false
	}
	var key []ColID
	for _, a := range c.Columns {
		id, ok := col[a]
		if !ok || c.Kind == catalog.Unique && !r.Columns[a-1].NotNull {
			return nil, false // several rows may hold NULL
		}
		key = append(key, id)
	}
	return key, true
}

// project: keys and bounds go where their columns go; an expression that grows
// with a bounded column is bounded by itself at the bound.
func (d *Deriver) project(n *Project) *Props {
	in := d.Of(n.In)
	p := &Props{AppendOnly: in.AppendOnly, Bounds: map[ColID]*Bound{}}
	to := map[ColID]ColID{}
	for i, e := range n.Vals {
		if c, ok := e.(*Col); ok {
			if _, have := to[c.ID]; !have {
				to[c.ID] = n.Cols[i]
			}
		}
		if b := d.boundOf(e, in); b != nil {
			p.Bounds[n.Cols[i]] = b
		}
	}
	p.Keys = renameKeys(in.Keys, to)
	return p
}

// boundOf gives the bound of an expression over columns of a node with the given
// properties, nil when there is none.
func (d *Deriver) boundOf(e Expr, in *Props) *Bound {
	if len(in.Bounds) == 0 {
		return nil
	}
	id, ok := growsIn(e, d.zone)
	if !ok || in.Bounds[id] == nil {
		return nil
	}
	if _, plain := e.(*Col); plain {
		return in.Bounds[id]
	}
	return in.Bounds[id].then(BoundStep{Expr: e, Arg: id})
}

// renameKeys gives the keys whose columns all have a new name.
func renameKeys(keys [][]ColID, to map[ColID]ColID) [][]ColID {
	var out [][]ColID
	for _, k := range keys {
		renamed := make([]ColID, 0, len(k))
		for _, id := range k {
			if t, ok := to[id]; ok {
				renamed = append(renamed, t)
			}
		}
		if len(renamed) == len(k) {
			out = append(out, renamed)
		}
	}
	return out
}

// flatMap: what tells apart the rows of one input row is their number or, for
// windows, the window's start (CUMULATE: its end).
func (d *Deriver) flatMap(n *FlatMap) *Props {
	in := d.Of(n.In)
	p := &Props{AppendOnly: in.AppendOnly, Bounds: map[ColID]*Bound{}}
	for id, b := range in.Bounds {
		p.Bounds[id] = b
	}
	var within []ColID
	if n.Ordinal >= 0 {
		within = []ColID{n.Ordinal}
	}
	for _, g := range n.Gens {
		if g.Fn != nil && g.Fn.Volatility == funcs.Volatile {
			p.AppendOnly = false
		}
		if g.Hop == nil {
			continue
		}
		if len(n.Gens) == 1 && within == nil {
			within = g.Cols[:2:2]
		}
		if b := d.boundOf(g.Args[0], in); b != nil {
			p.Bounds[g.Cols[0]] = b.then(BoundStep{Hop: g.Hop})
			p.Bounds[g.Cols[1]] = b.then(BoundStep{Hop: g.Hop, End: true})
		}
	}
	if within != nil {
		for _, k := range in.Keys {
			p.Keys = append(p.Keys, append(slices.Clone(k), within...))
		}
	}
	return p
}

// aggregate: groups change only where their rows change.
func (d *Deriver) aggregate(n *Aggregate) *Props {
	in := d.Of(n.In)
	key := slices.Clone(n.GroupOut)
	if n.Sets != nil {
		key = append(key, n.SetCol)
	}
	p := &Props{Keys: [][]ColID{key}, Bounds: map[ColID]*Bound{}}
	p.AppendOnly = in.AppendOnly && len(n.Aggs) == 0 && len(n.Groups) > 0 && n.Sets == nil
	for i, id := range n.Groups {
		if b := in.Bounds[id]; b != nil && inAllSets(n.Sets, i) {
			p.Bounds[n.GroupOut[i]] = b
		}
	}
	return p
}

func inAllSets(sets [][]int, i int) bool {
	for _, s := range sets {
		if !slices.Contains(s, i) {
			return false
		}
	}
	return true
}

func (d *Deriver) distinct(n *DistinctRows) *Props {
	in := d.Of(n.In)
	if n.On == nil {
		return &Props{Keys: append(slices.Clone(in.Keys), n.Out()), AppendOnly: in.AppendOnly, Bounds: in.Bounds}
	}
	return &Props{Keys: append(slices.Clone(in.Keys), n.On), Bounds: only(in.Bounds, n.On)}
}

// only gives the bounds of some columns.
func only(bounds map[ColID]*Bound, cols []ColID) map[ColID]*Bound {
	out := map[ColID]*Bound{}
	for _, id := range cols {
		if b := bounds[id]; b != nil {
			out[id] = b
		}
	}
	return out
}

// setOp: a row of the result changes where the same row of an input changes.
func (d *Deriver) setOp(n *SetOp) *Props {
	p := &Props{AppendOnly: n.Kind != Except, Bounds: map[ColID]*Bound{}}
	for k, in := range n.Ins {
		ip := d.Of(in)
		p.AppendOnly = p.AppendOnly && ip.AppendOnly
		for i, id := range n.Cols {
			b := ip.Bounds[n.InCols[k][i]]
			if k > 0 {
				b = least(p.Bounds[id], b)
			}
			if p.Bounds[id] = b; b == nil {
				delete(p.Bounds, id)
			}
		}
	}
	switch {
	case !n.All:
		p.Keys = [][]ColID{slices.Clone(n.Cols)}
	case n.Kind != Union:
		to := map[ColID]ColID{}
		for i, id := range n.InCols[0] {
			to[id] = n.Cols[i]
		}
		p.Keys = renameKeys(d.Of(n.Ins[0]).Keys, to)
	}
	return p
}

func (d *Deriver) limit(n *Limit) *Props {
	p := &Props{Keys: d.Of(n.In).Keys}
	if c, ok := n.Count.(*Const); ok && !c.Val.IsNull() && c.Val.Int() <= 1 && !n.IsTies {
		p.Keys = [][]ColID{{}}
	}
	return p
}

// over: a change of a row may change the results of all rows of its partition.
func (d *Deriver) over(n *Over) *Props {
	in := d.Of(n.In)
	return &Props{Keys: in.Keys, Bounds: only(in.Bounds, n.Partition)}
}

func (d *Deriver) cteScan(n *CTEScan) *Props {
	if n.Def == nil {
		return &Props{}
	}
	in := d.Of(n.Def.Def)
	to := map[ColID]ColID{}
	p := &Props{AppendOnly: in.AppendOnly, Bounds: map[ColID]*Bound{}}
	for i, id := range n.Def.DefCols {
		to[id] = n.Cols[i]
		if b := in.Bounds[id]; b != nil {
			p.Bounds[n.Cols[i]] = b
		}
	}
	p.Keys = renameKeys(in.Keys, to)
	return p
}

// timeFilter: rows come when the clock reaches them and never go unless there is
// an end to them. On window close, what comes is later than the watermark before.
func (d *Deriver) timeFilter(n *TimeFilter) *Props {
	in := d.Of(n.In)
	p := &Props{Keys: in.Keys}
	bound := in.Bounds[n.Grows()]
	p.AppendOnly = n.Until < 0 && (in.AppendOnly || n.Close && bound != nil)
	if n.Close && n.From >= 0 && n.Until < 0 && n.Shift == 0 && bound != nil {
		b := &Bound{}
		for _, rel := range bound.Rels() {
			b.Terms = append(b.Terms, BoundTerm{Rel: rel})
		}
		p.Bounds = map[ColID]*Bound{n.From: b}
	}
	return p
}

// session: a row that comes changes sessions that end after it.
func (d *Deriver) session(n *Session) *Props {
	in := d.Of(n.In)
	p := &Props{Keys: in.Keys, Bounds: only(in.Bounds, n.Partition)}
	if b := in.Bounds[n.Time]; b != nil {
		p.Bounds[n.End] = b
	}
	return p
}

// minimal sorts keys and removes those that hold another.
func minimal(keys [][]ColID) [][]ColID {
	var out [][]ColID
	for _, k := range keys {
		k = slices.Clone(k)
		slices.Sort(k)
		out = append(out, slices.Compact(k))
	}
	slices.SortStableFunc(out, func(a, b []ColID) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return slices.Compare(a, b)
	})
	var kept [][]ColID
	for _, k := range out {
		if !slices.ContainsFunc(kept, func(x []ColID) bool { return within(x, k) }) {
			kept = append(kept, k)
		}
	}
	return kept
}

// within tells whether all of a is in b.
func within(a, b []ColID) bool {
	return !slices.ContainsFunc(a, func(id ColID) bool { return !slices.Contains(b, id) })
}
