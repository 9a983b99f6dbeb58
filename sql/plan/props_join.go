package plan

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
)

// join derives the properties of a join.
func (d *Deriver) join(kind JoinKind, l, r Node, on []Expr) *Props {
	lp, rp := d.Of(l), d.Of(r)
	left, right := SetOf(l.Out()...), SetOf(r.Out()...)
	p := &Props{Bounds: map[ColID]*Bound{}}
	eqL, eqR := equalCols(on, left, right)
	p.Keys = joinKeys(kind, lp, rp, eqL, eqR)
	switch kind {
	case Inner, Semi:
		p.AppendOnly = lp.AppendOnly && rp.AppendOnly
	}
	if kind == NullAnti || kind == Mark {
		return p // a row of one side changes rows of the other that it does not equal
	}
	// A row of one side is there again when a row of the other side changes that it
	// is joined to: its column is bounded if the condition ties it to a column of the
	// other side that is.
	d.tie(p, lp, rp, left, right, on)
	if kind != Semi && kind != Anti {
		d.tie(p, rp, lp, right, left, on)
	}
	return p
}

// tie adds the bounds of the columns of one side.
func (d *Deriver) tie(p, own, other *Props, ownCols, otherCols ColSet, on []Expr) {
	for _, c := range comparisons(on) {
		for _, c := range []comparison{c, c.flipped()} {
			col, ok := c.l.(*Col)
			if !ok || !ownCols.Has(col.ID) || c.op == "<" || c.op == "<=" || own.Bounds[col.ID] == nil {
				continue
			}
			if !otherCols.ContainsAll(ReadsOf(c.r)) {
				continue
			}
			if b := d.boundOf(c.r, other); b != nil && p.Bounds[col.ID] == nil {
				p.Bounds[col.ID] = least(own.Bounds[col.ID], b)
			}
		}
	}
}

// comparison is l op r, op one of = < <= > >=.
type comparison struct {
	l, r Expr
	op   string
}

func (c comparison) flipped() comparison {
	op := map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}[c.op]
	return comparison{c.r, c.l, op}
}

// comparisons gives the conditions that compare two values of the same type.
func comparisons(on []Expr) []comparison {
	var out []comparison
	for _, e := range on {
		for _, x := range Conjuncts(e) {
			c, ok := x.(*Call)
			if !ok || len(c.Args) != 2 || !sameOrder(c.Args[0].Type(), c.Args[1].Type()) {
				continue
			}
			switch c.Op {
			case "=", "<", "<=", ">", ">=":
				out = append(out, comparison{c.Args[0], c.Args[1], c.Op})
			}
		}
	}
	return out
}

// equalCols gives the pairs of a left and a right column that the condition says
// are equal.
func equalCols(on []Expr, left, right ColSet) (l, r ColSet) {
	l, r = ColSet{}, ColSet{}
	for _, c := range comparisons(on) {
		a, ok1 := c.l.(*Col)
		b, ok2 := c.r.(*Col)
		if c.op != "=" || !ok1 || !ok2 {
			continue
		}
		if right.Has(a.ID) {
			a, b = b, a
		}
		if left.Has(a.ID) && right.Has(b.ID) {
			l.Add(a.ID)
			r.Add(b.ID)
		}
	}
	return l, r
}

// joinKeys: a side whose rows have at most one partner keeps its keys.
func joinKeys(kind JoinKind, l, r *Props, eqL, eqR ColSet) [][]ColID {
	switch kind {
	case Semi, Anti, NullAnti, Single, Mark:
		return l.Keys
	case Full:
		return nil // a row without partner may look like one of the other side
	}
	var keys [][]ColID
	for _, a := range l.Keys {
		for _, b := range r.Keys {
			keys = append(keys, append(slices.Clone(a), b...))
		}
	}
	// In an outer join the padded rows of the other side have NULL in the key.
	if r.HasKey(eqR) && (kind == Inner || kind == Left) {
		keys = append(keys, l.Keys...)
	}
	if l.HasKey(eqL) && (kind == Inner || kind == Right) {
		keys = append(keys, r.Keys...)
	}
	return keys
}

// apply: like a join without a condition that can be read.
func (d *Deriver) apply(n *Apply) *Props {
	lp, rp := d.Of(n.L), d.Of(n.R)
	return &Props{Keys: joinKeys(n.Kind, lp, rp, ColSet{}, ColSet{})}
}

// Expiry tells what makes a row of one input of a join die: when the value of f, an
// expression over that input, is below bound, no row of the other input that is
// yet to change can fulfil the condition with it. Nil when there is nothing.
func (d *Deriver) Expiry(own, other Node, on []Expr) (f Expr, bound *Bound) {
	ownCols, otherCols, op := SetOf(own.Out()...), SetOf(other.Out()...), d.Of(other)
	for _, equal := range []bool{true, false} {
		for _, c := range comparisons(on) {
			for _, c := range []comparison{c, c.flipped()} {
				later := c.op == ">" || c.op == ">="
				if c.op != "=" && !later || (c.op == "=") != equal || c.l.Type().Kind != types.Int {
					continue
				}
				if !readsOnly(c.l, ownCols) || !readsOnly(c.r, otherCols) {
					continue
				}
				if b := d.boundOf(c.r, op); b != nil {
					return c.l, b
				}
			}
		}
	}
	return nil, nil
}

// readsOnly tells whether an expression reads some of these columns and no other.
func readsOnly(e Expr, cols ColSet) bool {
	reads := ReadsOf(e)
	return len(reads) > 0 && cols.ContainsAll(reads)
}
