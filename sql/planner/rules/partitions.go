package rules

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// skipPartitions leaves out of what a partitioned table reads as the partitions that
// have no row for the conditions upon them. Views read all: what they are computed from
// is chosen once.
func skipPartitions(c *Ctx, n plan.Node) plan.Node {
	if c.View {
		return n
	}
	a := newAccess(c)
	return each(n, func(n plan.Node) plan.Node {
		if u, ok := n.(*plan.SetOp); ok && u.Kind == plan.Union && u.All {
			return a.fewerInputs(u)
		}
		return n
	})
}

// fewerInputs drops inputs that give nothing. One stays, for the columns.
func (a *access) fewerInputs(u *plan.SetOp) plan.Node {
	var keep []int
	for i, in := range u.Ins {
		if !a.excluded(in) {
			keep = append(keep, i)
		}
	}
	if len(keep) == len(u.Ins) {
		return u
	}
	if len(keep) == 0 {
		keep = []int{0}
	}
	if len(keep) == 1 {
		p := &plan.Project{In: u.Ins[keep[0]], Cols: u.Cols}
		for _, id := range u.InCols[keep[0]] {
			p.Vals = append(p.Vals, a.Meta.Ref(id))
		}
		return p
	}
	ins, cols := make([]plan.Node, len(keep)), make([][]plan.ColID, len(keep))
	for i, k := range keep {
		ins[i], cols[i] = u.Ins[k], u.InCols[k]
	}
	u.Ins, u.InCols = ins, cols
	return u
}

// excluded tells that the conditions upon a partition hold for none of the rows that it
// is for, itself or a table above it.
func (a *access) excluded(n plan.Node) bool {
	f, ok := n.(*plan.Filter)
	if !ok {
		return false
	}
	s, ok := f.In.(*plan.Scan)
	if !ok || s.Rel.Part == nil {
		return false
	}
	of := map[string]*keyFact{}
	for _, x := range a.facts(s, f.Preds) {
		if col, ok := x.x.(*plan.Col); ok {
			attr := s.Attrs[slices.Index(s.Cols, col.ID)]
			if k := newKeyFact(x); k != nil && attr > 0 {
				of[s.Rel.Columns[attr-1].Name] = k
			}
		}
	}
	for rel := s.Rel; len(of) > 0 && rel.Part != nil; {
		parent := a.Catalog.RelationByOID(rel.Part.Parent)
		if parent == nil {
			break
		}
		p := &partCheck{b: a.Catalog.PartBounds(parent)}
		for _, attr := range parent.PartKey.Columns {
			var known *keyFact // nothing of an expression
			if attr > 0 {
				known = of[parent.Columns[attr-1].Name]
			}
			p.facts = append(p.facts, known)
		}
		if p.excludes(a.Catalog, parent, rel.Part) {
			return true
		}
		rel = parent
	}
	return false
}

// keyFact is what is known, as values, of a column of a partition's key. It is not NULL.
type keyFact struct {
	lo, hi         *types.Datum
	loOpen, hiOpen bool
	vals           []types.Datum // it is one of these
	listed         bool
}

// newKeyFact gives the constants of a fact, nil when there are none.
func newKeyFact(x *fact) *keyFact {
	k := &keyFact{lo: constant(x.rng.Lo), hi: constant(x.rng.Hi), loOpen: x.rng.LoOpen, hiOpen: x.rng.HiOpen}
	if vals, ok := listOf(x.in); ok {
		k.listed, k.vals = true, vals
	} else if x.rng.Lo != nil && x.rng.Lo == x.rng.Hi && k.lo != nil {
		k.listed, k.vals = true, []types.Datum{*k.lo}
	}
	if k.lo == nil && k.hi == nil && !k.listed {
		return nil
	}
	return k
}

// listOf gives the elements of an array of constants that are not NULL.
func listOf(e plan.Expr) (vals []types.Datum, ok bool) {
	switch e := e.(type) {
	case *plan.Const:
		if e.Val.IsNull() {
			return nil, false
		}
		arr := types.DecodeArray(e.Typ, e.Val.Str())
		vals = slices.DeleteFunc(arr.Vals, types.Datum.IsNull)
	case *plan.MakeArray:
		for _, x := range e.Elems {
			k, isConst := x.(*plan.Const)
			if !isConst || e.Multi {
				return nil, false
			}
			if !k.Val.IsNull() {
				vals = append(vals, k.Val)
			}
		}
	default:
		return nil, false
	}
	return vals, true
}

func constant(e plan.Expr) *types.Datum {
	if k, ok := e.(*plan.Const); ok && !k.Val.IsNull() {
		return &k.Val
	}
	return nil
}

// partCheck compares what is known of a key with the bounds of partitions; facts are in
// the order of the key's columns, nil: nothing is known.
type partCheck struct {
	b     *catalog.PartBounds
	facts []*keyFact
}

func (p *partCheck) excludes(s *catalog.Snapshot, parent *catalog.Relation, part *catalog.Part) bool {
	switch {
	case part.Default:
		return p.elsewhere(s, parent)
	case p.b.Key.Strategy == catalog.PartHash:
		return p.hashesElsewhere(part)
	case p.b.Key.Strategy == catalog.PartList:
		return p.facts[0] != nil && !p.inList(part)
	}
	for i, f := range p.facts {
		if f != nil && p.outside(i, f, part) {
			return true
		}
		if part.From[i].Inf != 0 || part.To[i].Inf != 0 || p.compare(i, p.b.Datum(i, part.From[i]), p.b.Datum(i, part.To[i])) != 0 {
			return false // the columns behind have every value
		}
	}
	return false
}

// maxHashed bounds the keys that are hashed to exclude a partition.
const maxHashed = 1000

// hashesElsewhere tells that no key that is possible belongs to a partition of HASH:
// every column is one of some values.
func (p *partCheck) hashesElsewhere(part *catalog.Part) bool {
	n := 1
	for _, f := range p.facts {
		if f == nil || !f.listed {
			return false
		}
		if n *= len(f.vals); n > maxHashed {
			return false
		}
	}
	key := make([]types.Datum, len(p.facts))
	var here func(i int) bool
	here = func(i int) bool {
		if i == len(key) {
			return part.Has(p.b.Hash(key))
		}
		for _, v := range p.facts[i].vals {
			if key[i] = v; here(i + 1) {
				return true
			}
		}
		return false
	}
	return !here(0)
}

// elsewhere tells that all values that the key can have belong to partitions other than
// the default one.
func (p *partCheck) elsewhere(s *catalog.Snapshot, parent *catalog.Relation) bool {
	f := p.facts[0]
	if f == nil || !f.listed || len(p.facts) > 1 {
		return false
	}
	for _, v := range f.vals {
		one := &partCheck{b: p.b, facts: []*keyFact{{listed: true, vals: []types.Datum{v}}}}
		found := false
		for _, other := range s.Partitions(parent) {
			found = found || !other.Part.Default && !one.excludes(s, parent, other.Part)
		}
		if !found {
			return false
		}
	}
	return true
}

func (p *partCheck) compare(i int, a, b types.Datum) int { return p.b.Types[i].Compare(a, b) }

// inList tells whether the key can have a value of a partition of LIST.
func (p *partCheck) inList(part *catalog.Part) bool {
	f := p.facts[0]
	for _, v := range part.Values {
		if v.Null {
			continue
		}
		if d := p.b.Datum(0, v); p.holds(0, f, d) {
			return true
		}
	}
	return false
}

// holds tells whether a value is one that a column can have.
func (p *partCheck) holds(i int, f *keyFact, d types.Datum) bool {
	if f.lo != nil {
		if c := p.compare(i, d, *f.lo); c < 0 || c == 0 && f.loOpen {
			return false
		}
	}
	if f.hi != nil {
		if c := p.compare(i, d, *f.hi); c > 0 || c == 0 && f.hiOpen {
			return false
		}
	}
	for _, v := range f.vals {
		if p.compare(i, d, v) == 0 {
			return true
		}
	}
	return !f.listed
}

// outside tells that no value that a column can have is between the bounds of RANGE. The
// upper one belongs to the partition unless the column is the last.
func (p *partCheck) outside(i int, f *keyFact, part *catalog.Part) bool {
	from, to, last := part.From[i], part.To[i], i == len(p.facts)-1
	if from.Inf == 0 && f.hi != nil {
		if c := p.compare(i, *f.hi, p.b.Datum(i, from)); c < 0 || c == 0 && f.hiOpen {
			return true
		}
	}
	if to.Inf == 0 && f.lo != nil {
		if c := p.compare(i, *f.lo, p.b.Datum(i, to)); c > 0 || c == 0 && (last || f.loOpen) {
			return true
		}
	}
	if !f.listed {
		return false
	}
	for _, v := range f.vals {
		if from.Inf == 0 && p.compare(i, v, p.b.Datum(i, from)) < 0 {
			continue
		}
		if c := -1; to.Inf == 0 {
			if c = p.compare(i, v, p.b.Datum(i, to)); c > 0 || c == 0 && last {
				continue
			}
		}
		return false
	}
	return true
}
