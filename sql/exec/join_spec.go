package exec

import (
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// joinSpec is what a join does, whoever its inputs are: a join that does not fit
// in memory is done again over pieces of its inputs.
type joinSpec struct {
	runtime *Runtime
	kind    plan.JoinKind
	left    []plan.ColID // the columns of the inputs
	right   []plan.ColID
	// probe and build are the inputs' columns in their roles; swapped: the build
	// side is the left input.
	probe, build []plan.ColID
	swapped      bool
	buildKinds   []types.Kind
	probeKinds   []types.Kind

	keys      []joinKey
	probeKeys program
	buildKeys program
	// residual is what keys leave of the condition; nil: nothing. full is all of it,
	// for where NULLs count.
	residual *pairExpr
	full     *pairExpr

	outs  []outCol
	stats *NodeStats
	// sure: a mark is never NULL.
	sure bool
	// static: the build side is the same at every run under the same parameters.
	static bool
}

// outCol is an output column: a column of the probe or of the build side, or the
// mark.
type outCol struct {
	side side
	pos  int
}

type side uint8

const (
	probeSide side = iota
	buildSide
	markSide
)

// pairExpr is a condition over pairs of rows: over a batch that is gathered from
// both sides.
type pairExpr struct {
	cols []outCol   // of the batch
	pred *expr.Pred // the condition as a filter
	val  *expr.Prog // and as a value, for joins that tell NULL from false
}

func (c *compiler) join(n *plan.Join, want plan.ColSet) (rel, error) {
	if n.Method == plan.JoinIndex {
		return c.indexJoin(n, want)
	}
	if n.Method == plan.JoinMerge {
		return c.mergeJoin(n, want)
	}
	reads := reading(want, n.On...)
	if c.parts != nil {
		return c.pipedJoin(n, want, reads)
	}
	told := c.joinSieves(n, nil)
	l, err := c.under(n.L, reads, told.left)
	if err != nil {
		return rel{}, err
	}
	r, err := c.under(n.R, reads, told.right)
	if err != nil {
		return rel{}, err
	}
	s, cols, err := c.joinSpec(n, l, r, want)
	if err != nil {
		return rel{}, err
	}
	if len(s.keys) == 0 {
		return rel{newLoopJoin(s, l, r), cols}, nil
	}
	probe, build := l, r
	if s.swapped {
		probe, build = r, l
	}
	o := newHashJoin(s, probe, &joinBuild{spec: s, in: build, sifts: told.keys})
	o.owns = true
	return rel{o, cols}, nil
}

// pipedJoin compiles a worker's copy of a join: all copies share the build side.
// It comes before those of the joins below, which are told what it knows.
func (c *compiler) pipedJoin(n *plan.Join, want, reads plan.ColSet) (rel, error) {
	swapped := n.BuildLeft && swappable(n.Kind)
	shared := c.builds.of[n]
	first := shared == nil
	if first {
		shared = &sharedBuild{build: &joinBuild{}}
		c.builds.of[n] = shared
		c.builds.list = append(c.builds.list, shared)
	}
	told := c.joinSieves(n, shared.build.sifts)
	probeNode, probeSieve, buildNode, buildSieve := n.L, told.left, n.R, told.right
	if swapped {
		probeNode, probeSieve, buildNode, buildSieve = n.R, told.right, n.L, told.left
	}
	build := rel{cols: shared.cols}
	var err error
	if first {
		outside := *c
		outside.parts, outside.builds, outside.serial = nil, nil, false
		if build, err = outside.under(buildNode, reads, buildSieve); err != nil {
			return rel{}, err
		}
	}
	probe, err := c.under(probeNode, reads, probeSieve)
	if err != nil {
		return rel{}, err
	}
	l, r := probe, build
	if swapped {
		l, r = build, probe
	}
	s, cols, err := c.joinSpec(n, l, r, want)
	if err != nil {
		return rel{}, err
	}
	if first {
		shared.cols, shared.build.spec, shared.build.in, shared.build.sifts = build.cols, s, build, told.keys
	}
	return rel{newHashJoin(s, probe, shared.build), cols}, nil
}

// joinSpec compiles a join over inputs that are compiled.
func (c *compiler) joinSpec(n *plan.Join, l, r rel, want plan.ColSet) (*joinSpec, []plan.ColID, error) {
	s := &joinSpec{runtime: c.rt, kind: n.Kind, left: l.cols, right: r.cols}
	if c.rt.Stats != nil {
		s.stats = c.rt.Stats.of(n)
	}
	on := n.On
	if n.Kind == plan.Mark {
		on, s.sure = certain(on)
	}
	keys, rest := keysOf(n, l.cols, r.cols)
	if n.Method == plan.JoinLoop {
		keys, rest = nil, on
	}
	s.swapped = n.BuildLeft && len(keys) > 0 && swappable(n.Kind)
	s.probe, s.build = l.cols, r.cols
	buildNode := n.R
	if s.swapped {
		s.probe, s.build = r.cols, l.cols
		buildNode = n.L
	}
	s.static = !c.varies(buildNode)
	s.probeKinds, s.buildKinds = c.kinds(s.probe), c.kinds(s.build)
	if err := c.joinConditions(s, keys, rest, on); err != nil {
		return nil, nil, err
	}
	cols := s.output(want)
	if n.Kind == plan.Mark {
		c.types[n.MarkCol] = types.TBool
		s.outs, cols = append(s.outs, outCol{side: markSide}), append(cols, n.MarkCol)
	}
	return s, cols, nil
}

// swappable tells the kinds of join whose hash table may stand over the left input.
func swappable(k plan.JoinKind) bool {
	switch k {
	case plan.Inner, plan.Left, plan.Right, plan.Full, plan.Semi, plan.Anti:
		return true
	}
	return false
}

func (c *compiler) joinConditions(s *joinSpec, keys []equiKey, rest, on []plan.Expr) (err error) {
	var pe, be []plan.Expr
	for _, k := range keys {
		p, b := k.l, k.r
		if s.swapped {
			p, b = b, p
		}
		pe, be = append(pe, p), append(be, b)
		s.keys = append(s.keys, joinKey{typ: k.typ, nulls: k.nulls})
	}
	if s.probeKeys, err = c.exprs(pe, s.probe); err != nil {
		return err
	}
	if s.buildKeys, err = c.exprs(be, s.build); err != nil {
		return err
	}
	if len(rest) > 0 {
		if s.residual, err = c.pairExpr(s, rest); err != nil {
			return err
		}
	}
	if len(on) > 0 {
		s.full, err = c.pairExpr(s, on)
	}
	return err
}

// pairExpr compiles a condition over pairs.
func (c *compiler) pairExpr(s *joinSpec, conds []plan.Expr) (*pairExpr, error) {
	reads := reading(nil, conds...)
	p := &pairExpr{}
	layout := expr.Layout{}
	for from, cols := range [][]plan.ColID{probeSide: s.probe, buildSide: s.build} {
		for pos, id := range cols {
			if reads.Has(id) {
				layout[id] = len(p.cols)
				p.cols = append(p.cols, outCol{side(from), pos})
			}
		}
	}
	var err error
	if p.pred, err = expr.CompilePred(conds, layout, c.cc); err != nil {
		return nil, err
	}
	p.val, err = expr.Compile(plan.Conjunction(conds), layout, c.cc)
	return p, err
}

// output lists the wanted columns of the inputs, those of the left one first.
func (s *joinSpec) output(want plan.ColSet) []plan.ColID {
	var cols []plan.ColID
	add := func(in []plan.ColID, from side) {
		for pos, id := range in {
			if want.Has(id) {
				s.outs, cols = append(s.outs, outCol{from, pos}), append(cols, id)
			}
		}
	}
	from := [2]side{probeSide, buildSide}
	if s.swapped {
		from = [2]side{buildSide, probeSide}
	}
	add(s.left, from[0])
	if !leftOnly(s.kind) {
		add(s.right, from[1])
	}
	return cols
}

// leftOnly tells the kinds of join that give nothing of the right input.
func leftOnly(k plan.JoinKind) bool {
	return k == plan.Semi || k == plan.Anti || k == plan.NullAnti || k == plan.Mark
}

// asks tells whether of the build side it only matters whether a key is there.
func (s *joinSpec) asks() bool { return leftOnly(s.kind) && !s.swapped && s.residual == nil }

// nullAware tells the kinds of join for which a condition that is NULL counts.
func (s *joinSpec) nullAware() bool {
	return s.kind == plan.NullAnti || s.kind == plan.Mark && !s.sure
}

// probeOuter tells whether probe rows without a match are given with NULLs.
func (s *joinSpec) probeOuter() bool {
	switch s.kind {
	case plan.Left, plan.Single:
		return !s.swapped
	case plan.Right:
		return s.swapped
	}
	return s.kind == plan.Full
}

// tracksBuild tells whether it matters which build rows had a match.
func (s *joinSpec) tracksBuild() bool {
	switch s.kind {
	case plan.Right:
		return !s.swapped
	case plan.Left, plan.Semi, plan.Anti:
		return s.swapped
	}
	return s.kind == plan.Full
}

// pairs tells whether matching pairs are given as such.
func (s *joinSpec) pairs() bool { return !leftOnly(s.kind) }
