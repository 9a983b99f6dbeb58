package expr

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Pred is a compiled conjunction. It is used by one goroutine at a time; Clone
// makes another.
type Pred struct {
	src    []plan.Expr
	layout Layout
	cc     *CompileCtx
	conj   []*cell
	run    run
	root   frame
	sub    frame
}

// CompilePred compiles the conjunction of preds over batches of the given layout.
// They are tested in the order that inOrder gives.
func CompilePred(preds []plan.Expr, layout Layout, cc *CompileCtx) (*Pred, error) {
	b := newBuilder(layout, cc)
	p := &Pred{src: preds, layout: layout, cc: cc}
	var quals []qual
	for _, e := range preds {
		for _, c := range plan.Conjuncts(e) {
			x, err := b.compile(c)
			if err != nil {
				return nil, err
			}
			quals = append(quals, newQual(c, b.operand(x, false)))
		}
	}
	p.conj = inOrder(quals)
	p.run = b.run()
	return p, nil
}

// Clone makes a predicate of the same conditions for another goroutine.
func (p *Pred) Clone() (*Pred, error) { return CompilePred(p.src, p.layout, p.cc) }

// Select writes to sel[:0] the physical positions of the rows of in, among those
// that count, for which all conditions are true, in order. Rows that fail are
// reported to c.Bad under their physical position and are left out.
func (p *Pred) Select(c *funcs.Ctx, in *vec.Batch, sel []int32) []int32 {
	p.run.ctx = *c
	f := &p.root
	f.begin(&p.run, physical(in))
	f.in, f.bad = in.Cols, c.Bad
	cur, all := in.Sel, in.Sel == nil
	for _, x := range p.conj {
		if !all && len(cur) == 0 {
			break
		}
		if all || x.safe && len(cur)*4 >= f.n {
			cur = pick(x.eval(f), cur, sel, f.n, all)
		} else {
			g := p.sub.enter(f, cur)
			v := x.eval(g)
			g.leave() // before its list of rows is overwritten
			cur = pickDense(v, cur, sel)
		}
		sel, all = cur, false
	}
	if all {
		return iota32(sel, f.n)
	}
	return append(sel[:0], cur...)
}

// physical is the number of physical rows of a batch, which may have a selection
// and no columns.
func physical(in *vec.Batch) int {
	if in.Sel != nil && len(in.Cols) == 0 && in.N > 0 {
		return int(in.Sel[in.N-1]) + 1
	}
	return in.Len()
}

func iota32(dst []int32, n int) []int32 {
	dst = slices.Grow(dst[:0], n)[:n]
	for i := range dst {
		dst[i] = int32(i)
	}
	return dst
}

// pick writes to dst the rows, of all n or those listed in cur, where v is true.
// dst may be cur.
func pick(v *vec.Vec, cur, dst []int32, n int, all bool) []int32 {
	if !all {
		dst = slices.Grow(dst[:0], len(cur))[:len(cur)]
		k := 0
		for _, i := range cur {
			dst[k] = i
			k += bit(v.Bools[i] && (v.Nulls == nil || !v.Nulls[i]))
		}
		return dst[:k]
	}
	dst = slices.Grow(dst[:0], n)[:n]
	k := 0
	if v.Nulls == nil {
		for i, b := range v.Bools[:n] {
			dst[k] = int32(i)
			k += bit(b)
		}
		return dst[:k]
	}
	null := v.Nulls[:n]
	for i, b := range v.Bools[:n] {
		dst[k] = int32(i)
		k += bit(b) &^ bit(null[i])
	}
	return dst[:k]
}

// pickDense writes to dst the rows cur[j] where value j of v is true. dst may be
// cur.
func pickDense(v *vec.Vec, cur, dst []int32) []int32 {
	dst = slices.Grow(dst[:0], len(cur))[:len(cur)]
	k := 0
	for j, i := range cur {
		dst[k] = i
		k += bit(v.Bools[j] && !v.IsNull(j))
	}
	return dst[:k]
}

// bit is 1 for true.
func bit(b bool) int {
	n := 0
	if b {
		n = 1
	}
	return n
}

// Safe tells whether no condition can fail or has effects.
func (p *Pred) Safe() bool {
	for _, x := range p.conj {
		if !x.safe {
			return false
		}
	}
	return true
}
