package fulltext

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
)

// tree is a query in the form that parts of it are looked for in: operands of AND and OR
// in one list with those of the same operators below, and in order.
type tree struct {
	*types.TSQuery
	args []*tree
	// kept is set of what was put in, which is not looked into again.
	kept bool
}

func treeOf(q *types.TSQuery) *tree {
	if q == nil {
		return nil
	}
	t := &tree{TSQuery: q}
	switch q.Op {
	case types.TSValue:
	case types.TSNot:
		t.args = []*tree{treeOf(q.Right)}
	default:
		t.args = []*tree{treeOf(q.Right), treeOf(q.Left)}
	}
	return t
}

// flat lists the operands of equal operators together.
func (t *tree) flat() {
	for _, a := range t.args {
		a.flat()
	}
	if t.Op != types.TSAnd && t.Op != types.TSOr {
		return
	}
	var out []*tree
	for _, a := range t.args {
		if a.Op == t.Op {
			out = append(out, a.args...)
		} else {
			out = append(out, a)
		}
	}
	t.args = out
}

// cmp orders trees as PostgreSQL does.
func (t *tree) cmp(u *tree) int {
	if t.Op == types.TSValue || u.Op == types.TSValue || t.Op != u.Op {
		return t.CmpNode(u.TSQuery)
	}
	if len(t.args) != len(u.args) {
		if len(t.args) > len(u.args) {
			return -1
		}
		return 1
	}
	for i, a := range t.args {
		if c := a.cmp(u.args[i]); c != 0 {
			return c
		}
	}
	if t.Op == types.TSPhrase && t.Distance != u.Distance {
		if t.Distance > u.Distance {
			return -1
		}
		return 1
	}
	return 0
}

// sort puts operands into order; a phrase's have theirs.
func (t *tree) sort() {
	for _, a := range t.args {
		a.sort()
	}
	if t.Op == types.TSAnd || t.Op == types.TSOr {
		slices.SortStableFunc(t.args, (*tree).cmp)
	}
}

// normal gives the form that is looked in.
func normal(q *types.TSQuery) *tree {
	t := treeOf(q)
	if t != nil {
		t.flat()
		t.sort()
	}
	return t
}

// Rewrite replaces a part of a query by another one, wherever the part stands; nil takes
// the part out. The order of operands may change, as it does in PostgreSQL.
func Rewrite(q, part, by *types.TSQuery) *types.TSQuery {
	if q == nil || part == nil {
		return q
	}
	return normal(q).replace(normal(part), by).query()
}

// RewriteAll replaces one part after the other; a part without lexemes is left out.
func RewriteAll(q *types.TSQuery, pairs [][2]*types.TSQuery) *types.TSQuery {
	t := normal(q)
	for _, p := range pairs {
		if t == nil || p[0] == nil {
			continue
		}
		if t = t.replace(normal(p[0]), p[1]); t != nil {
			t.release()
			t.flat()
			t.sort()
		}
	}
	return t.query()
}

// release lets what was put in be looked into.
func (t *tree) release() {
	t.kept = false
	for _, a := range t.args {
		a.release()
	}
}

// replace replaces a part at and below a node.
func (t *tree) replace(part *tree, by *types.TSQuery) *tree {
	t = t.replaceHere(part, by)
	if t == nil || t.kept || t.Op == types.TSValue {
		return t
	}
	var rest []*tree
	for _, a := range t.args {
		if a = a.replace(part, by); a != nil {
			rest = append(rest, a)
		}
	}
	t.args = rest
	switch {
	case len(rest) == 0:
		return nil
	case len(rest) == 1 && t.Op != types.TSNot:
		return rest[0]
	}
	return t
}

// replaceHere replaces a node that is the part, or those of its operands that are all
// operands of the part.
func (t *tree) replaceHere(part *tree, by *types.TSQuery) *tree {
	switch {
	case t.kept || t.Op != part.Op || len(t.args) < len(part.args):
		return t
	case len(t.args) == len(part.args):
		if t.cmp(part) != 0 {
			return t
		}
		return put(by)
	}
	var rest []*tree // operands are in order on both sides
	j := 0
	for _, a := range t.args {
		if j < len(part.args) && a.cmp(part.args[j]) == 0 {
			j++
			continue
		}
		rest = append(rest, a)
	}
	if j < len(part.args) {
		return t
	}
	if n := put(by); n != nil {
		rest = append(rest, n)
	}
	t.args = rest
	t.sort()
	return t
}

// put makes a node of what is put in.
func put(by *types.TSQuery) *tree {
	t := treeOf(by)
	if t != nil {
		t.kept = true
	}
	return t
}

// query makes a query of a tree: operators of two operands each, put together in the
// order that PostgreSQL does.
func (t *tree) query() *types.TSQuery {
	switch {
	case t == nil:
		return nil
	case t.Op == types.TSValue:
		return t.TSQuery
	case t.Op == types.TSNot:
		return &types.TSQuery{Op: types.TSNot, Right: t.args[0].query()}
	}
	var qs []*types.TSQuery
	for _, a := range t.args {
		qs = append(qs, a.query())
	}
	for len(qs) > 2 {
		last := qs[len(qs)-1]
		qs[0] = &types.TSQuery{Op: t.Op, Right: qs[0], Left: qs[1]}
		qs[1] = last
		qs = qs[:len(qs)-1]
	}
	return &types.TSQuery{Op: t.Op, Right: qs[0], Left: qs[1], Distance: t.Distance}
}
