package rules

import (
	"github.com/streamsqld/streamsqld/sql/plan"
)

// Methods are the ways to run a plan that a session does without (enable_hashjoin and
// its like), as far as there is another, and what its hash tables may take.
type Methods struct {
	NoSeqScan, NoIndexScan, NoHashJoin, NoMergeJoin, NoNestLoop bool
	// WorkMem is how large a hash table in memory may be, in bytes; 0: any size.
	WorkMem int64
}

// costOff is what a way costs that is switched off (PostgreSQL's disable_cost).
const costOff = 1e10

// byMerge makes a hash join a merge join where its inputs come sorted by its keys and a
// hash table would not fit in memory, or where hash joins are switched off.
func (o *orderer) byMerge(j *plan.Join) {
	if j.Method == plan.JoinIndex {
		return
	}
	switch j.Kind {
	case plan.Inner, plan.Left, plan.Right, plan.Full, plan.Semi, plan.Anti:
	default:
		return
	}
	keys := mergeKeys(j)
	switch sorted := sortedKeys(j, keys); {
	case len(keys) == 0:
	case o.NoMergeJoin:
		if o.NoHashJoin && !o.NoNestLoop {
			j.Method, j.BuildLeft = plan.JoinLoop, false
		}
	case len(sorted) > 0 && (o.NoHashJoin || o.overflows(j)):
		j.Method, j.BuildLeft, j.Merge = plan.JoinMerge, false, sorted
	case o.NoHashJoin:
		l, r := &plan.Order{In: j.L}, &plan.Order{In: j.R}
		for _, k := range keys {
			l.Keys, r.Keys = append(l.Keys, plan.SortKey{X: o.Meta.Ref(k.L)}), append(r.Keys, plan.SortKey{X: o.Meta.Ref(k.R)})
		}
		j.L, j.R = l, r
		j.Method, j.BuildLeft, j.Merge = plan.JoinMerge, false, keys
	}
}

// overflows tells whether the hash table of a join is guessed not to fit in memory.
func (o *orderer) overflows(j *plan.Join) bool {
	if o.WorkMem == 0 {
		return false
	}
	build := j.R
	if j.BuildLeft {
		build = j.L
	}
	const slot = 40 // of the table, in bytes
	return o.est.Rows(build)*float64(o.est.Width(build)+slot) > float64(o.WorkMem)
}

// mergeKeys lists the columns that a join makes equal and that sort alike.
func mergeKeys(j *plan.Join) []plan.MergeKey {
	keys, _ := plan.SplitEqualities(j)
	var out []plan.MergeKey
	for _, k := range keys {
		l, lok := k.L.(*plan.Col)
		r, rok := k.R.(*plan.Col)
		if lok && rok && !k.NullSafe && sameOrder(l.Typ, r.Typ) && ordersAlike(l.Typ) {
			out = append(out, plan.MergeKey{L: l.ID, R: r.ID})
		}
	}
	return out
}

// sortedKeys gives the keys by which both inputs of a join are sorted.
func sortedKeys(j *plan.Join, keys []plan.MergeKey) []plan.MergeKey {
	l, r := sortedBy(j.L), sortedBy(j.R)
	var out []plan.MergeKey
	for i := range min(len(l), len(r)) {
		k := plan.MergeKey{L: l[i], R: r[i]}
		found := false
		for _, x := range keys {
			found = found || x == k
		}
		if !found {
			break
		}
		out = append(out, k)
	}
	return out
}

// sortedBy gives the columns by which the rows of n come sorted, ascending with NULLs
// last.
func sortedBy(n plan.Node) []plan.ColID {
	switch n := n.(type) {
	case *plan.Order:
		var out []plan.ColID
		for _, k := range n.Keys {
			c, ok := k.X.(*plan.Col)
			if !ok || k.Desc || k.NullsFirst {
				break
			}
			out = append(out, c.ID)
		}
		return out
	case *plan.Filter:
		return sortedBy(n.In)
	case *plan.Limit:
		return sortedBy(n.In)
	case *plan.Project:
		var out []plan.ColID
		for _, id := range sortedBy(n.In) {
			at := -1
			for i, v := range n.Vals {
				if c, ok := v.(*plan.Col); ok && c.ID == id {
					at = i
				}
			}
			if at < 0 {
				break
			}
			out = append(out, n.Cols[at])
		}
		return out
	}
	return nil
}
