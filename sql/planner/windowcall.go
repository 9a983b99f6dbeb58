package planner

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// windowSpec is a window: what a call is computed over.
type windowSpec struct {
	partition []plan.Expr
	order     []plan.SortKey
	frame     plan.Frame
	hasFrame  bool
	hasOrder  bool
}

// windowCall binds f(…) OVER ….
func (b *binder) windowCall(e *ast.FuncCall, bc *boundCall, c *ectx) (plan.Expr, error) {
	name := e.Name.String()
	switch {
	case bc.fn.Kind == funcs.Aggregate && bc.fn.AggKind != 'n' && !e.WithinGroup:
		return nil, pgerr.New(pgerr.WrongObjectType, "WITHIN GROUP is required for ordered-set aggregate %s", e.Name.Object).At(e.Pos)
	case c.win && (c.place == inPartition || c.place == inWinOrder || c.place.frame):
		return nil, pgerr.New(pgerr.WindowingError, "window functions are not allowed in window definitions").At(e.Pos)
	case c.win:
		return nil, pgerr.New(pgerr.WindowingError, "window function calls cannot be nested").At(e.Pos)
	case c.q == nil || !c.place.wins:
		return nil, notAllowed("window functions", pgerr.WindowingError, c.place, e.Pos)
	case e.Distinct:
		return nil, pgerr.New(pgerr.FeatureNotSupported, "DISTINCT is not implemented for window functions").At(e.Pos)
	case e.OrderBy != nil && !e.WithinGroup:
		return nil, pgerr.New(pgerr.FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions").At(e.Pos)
	case bc.fn.Kind == funcs.Aggregate && bc.fn.AggKind != 'n':
		return nil, pgerr.New(pgerr.FeatureNotSupported, "OVER is not supported for ordered-set aggregate %s", name).At(e.Pos)
	case bc.fn.Kind == funcs.Aggregate && len(e.Args) == 0 && !e.Star:
		return nil, pgerr.New(pgerr.WrongObjectType, "%s(*) must be used to call a parameterless aggregate function", name).At(e.Pos)
	case bc.fn.Kind == funcs.Window && e.Filter != nil:
		return nil, pgerr.New(pgerr.FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions").At(e.Pos)
	case bc.fn.Kind == funcs.Window && e.Star:
		return nil, pgerr.New(pgerr.WrongObjectType, "%s(*) specified, but %s is not an aggregate function", name, name).At(e.Pos)
	}
	bc, user, err := b.userAggregate(bc, e.Pos)
	if err != nil {
		return nil, err
	}
	call := plan.WinCall{User: user, Fn: bc.fn, Args: bc.args, Ret: bc.ret, Variadic: bc.variadic, Pos: e.Pos}
	inner := *c
	inner.win = true
	if e.Filter != nil {
		x, err := b.expr(e.Filter, inner.within(inFilter))
		if err != nil {
			return nil, err
		}
		if call.Filter, err = b.toBoolean(x, "FILTER", ast.Leftmost(e.Filter)); err != nil {
			return nil, err
		}
	}
	spec, err := b.window(e.Over, &inner)
	if err != nil {
		return nil, err
	}
	call.Frame = spec.frame
	return c.q.addWindow(b, call, spec), nil
}

// window binds an OVER clause: a name, or a definition that may build on one.
func (b *binder) window(w *ast.WindowDef, c *ectx) (*windowSpec, error) {
	if w.Name != "" {
		return b.namedWindow(w.Name, w.Pos, c)
	}
	return b.defineWindow(w, c)
}

// namedWindow finds an entry of the WINDOW clause, which is bound when it is
// first named.
func (b *binder) namedWindow(name string, pos int32, c *ectx) (*windowSpec, error) {
	if spec := c.q.windows[name]; spec != nil {
		return spec, nil
	}
	for i, def := range c.q.windowDefs {
		if def.Name != name {
			continue
		}
		anon := *def
		anon.Name = ""
		inner := &ectx{s: c.q.scope, q: c.q, place: c.place, win: true}
		rest := c.q.windowDefs
		c.q.windowDefs = rest[:i] // a window may build on earlier ones only
		spec, err := b.defineWindow(&anon, inner)
		c.q.windowDefs = rest
		if err != nil {
			return nil, err
		}
		c.q.windows[name] = spec
		return spec, nil
	}
	return nil, pgerr.New(pgerr.UndefinedObject, "window \"%s\" does not exist", name).At(pos)
}

// defineWindow binds a window definition.
func (b *binder) defineWindow(w *ast.WindowDef, c *ectx) (*windowSpec, error) {
	spec := &windowSpec{}
	var ref *windowSpec
	if w.Ref != "" {
		var err error
		if ref, err = b.namedWindow(w.Ref, w.Pos, c); err != nil {
			return nil, err
		}
		switch {
		case len(w.Partition) > 0:
			return nil, pgerr.New(pgerr.WindowingError, "cannot override PARTITION BY clause of window \"%s\"", w.Ref).At(w.Pos)
		case len(w.OrderBy) > 0 && ref.hasOrder:
			return nil, pgerr.New(pgerr.WindowingError, "cannot override ORDER BY clause of window \"%s\"", w.Ref).At(w.Pos)
		case ref.hasFrame:
			e := pgerr.New(pgerr.WindowingError, "cannot copy window \"%s\" because it has a frame clause", w.Ref).At(w.Pos)
			if len(w.OrderBy) == 0 && w.Frame == nil {
				e.WithHint("Omit the parentheses in this OVER clause.")
			}
			return nil, e
		}
		spec.partition, spec.order, spec.hasOrder = ref.partition, ref.order, ref.hasOrder
	}
	for _, e := range w.Partition {
		x, err := b.expr(e, c.within(inPartition))
		if err != nil {
			return nil, err
		}
		if x, err = b.knownType(x, ast.Leftmost(e)); err != nil {
			return nil, err
		}
		if !hashable(x.Type()) {
			return nil, noEquality(x.Type()).At(ast.Leftmost(e))
		}
		spec.partition = append(spec.partition, x)
	}
	if len(w.OrderBy) > 0 {
		xs, err := b.exprs(sortExprs(w.OrderBy), c.within(inWinOrder))
		if err != nil {
			return nil, err
		}
		if spec.order, err = b.sortKeys(w.OrderBy, xs); err != nil {
			return nil, err
		}
		spec.hasOrder = true
	}
	return spec, b.bindFrame(w, spec, c)
}

// knownType makes an untyped literal text.
func (b *binder) knownType(x plan.Expr, pos int32) (plan.Expr, error) {
	if x.Type().OID == types.UnknownOID {
		return b.coerceType(x, types.TText, types.NoMod, implicit, pos)
	}
	return x, nil
}

func (b *binder) bindFrame(w *ast.WindowDef, spec *windowSpec, c *ectx) error {
	// The default: RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW.
	spec.frame = plan.Frame{Mode: plan.FrameRange, Start: plan.UnboundedPreceding, End: plan.CurrentRow}
	f := w.Frame
	if f == nil {
		return nil
	}
	spec.hasFrame = true
	spec.frame = plan.Frame{
		Mode: plan.FrameMode(f.Mode), Start: plan.BoundKind(f.Start.Kind), End: plan.BoundKind(f.End.Kind), Exclude: plan.Exclude(f.Exclude),
	}
	if spec.frame.Mode == plan.FrameGroups && !spec.hasOrder {
		return pgerr.New(pgerr.WindowingError, "GROUPS mode requires an ORDER BY clause").At(w.Pos)
	}
	var err error
	if f.Start.Offset != nil {
		if spec.frame.StartX, err = b.frameOffset(w, f.Start.Offset, spec, c); err != nil {
			return err
		}
	}
	if f.End.Offset != nil {
		if spec.frame.EndX, err = b.frameOffset(w, f.End.Offset, spec, c); err != nil {
			return err
		}
	}
	return nil
}

// frameOffset binds the offset of a frame bound. ROWS and GROUPS count; RANGE
// adds to the single order key, by the in_range function of its type.
func (b *binder) frameOffset(w *ast.WindowDef, e ast.Expr, spec *windowSpec, c *ectx) (plan.Expr, error) {
	f := w.Frame
	mode := [...]string{ast.FrameRange: "RANGE", ast.FrameRows: "ROWS", ast.FrameGroups: "GROUPS"}[f.Mode]
	x, err := b.expr(e, c.within(&place{name: "window " + mode, frame: true}))
	if err != nil {
		return nil, err
	}
	for id := range plan.ReadsOf(x) {
		if b.owner[id] == c.q {
			return nil, pgerr.New(pgerr.InvalidColumnReference, "argument of %s must not contain variables", mode).At(ast.Leftmost(e))
		}
	}
	if f.Mode != ast.FrameRange {
		return b.mustCoerce(x, types.TInt8, types.NoMod, assignment, ast.Leftmost(e), func() *pgerr.Error {
			return pgerr.New(pgerr.DatatypeMismatch, "argument of %s must be type %s, not type %s", mode, "bigint", formatType(x.Type(), types.NoMod))
		})
	}
	if len(spec.order) != 1 {
		return nil, pgerr.New(pgerr.WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column").At(w.Pos)
	}
	key := spec.order[0].X.Type().Underlying()
	fn, offset := inRange(key, x.Type())
	if fn == nil {
		if !anyInRange(key) {
			return nil, pgerr.New(pgerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s", formatType(sortedAs(key), types.NoMod)).At(ast.Leftmost(e))
		}
		return nil, pgerr.New(pgerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s",
			formatType(spec.order[0].X.Type(), types.NoMod), formatType(x.Type(), types.NoMod)).
			WithHint("Cast the offset value to an appropriate type.").At(ast.Leftmost(e))
	}
	spec.frame.InRange = fn
	return b.mustCoerce(x, offset, types.NoMod, implicit, ast.Leftmost(e), func() *pgerr.Error { return cannotCast(x.Type(), offset) })
}

// inRange finds PostgreSQL's in_range support function for a key and offset type.
func inRange(key, offset *types.Type) (*funcs.Func, *types.Type) {
	var best *funcs.Func
	for _, f := range funcs.ByName("in_range") {
		if !types.Same(f.Args[0], key) || !types.Same(f.Args[1], key) {
			continue
		}
		want := f.Args[2]
		switch {
		case types.Same(want, offset):
			return f, want
		case offset.OID == types.UnknownOID && (best == nil || types.Same(want, key)):
			best = f
		case offset.OID != types.UnknownOID && canCoerce([]*types.Type{offset}, []*types.Type{want}, implicit) && best == nil:
			best = f
		}
	}
	if best == nil {
		return nil, nil
	}
	return best, best.Args[2]
}

func anyInRange(key *types.Type) bool {
	for _, f := range funcs.ByName("in_range") {
		if types.Same(f.Args[0], key) {
			return true
		}
	}
	return false
}

// addWindow adds a window call to the query, or finds an equal one: it is computed
// once, and an ORDER BY that repeats it means it. Volatile calls stay apart.
func (q *query) addWindow(b *binder, call plan.WinCall, spec *windowSpec) plan.Expr {
	key, volatile := plan.WinKey(&call, spec.partition, spec.order)
	for _, w := range q.wins {
		if other, _ := plan.WinKey(&w.call, w.spec.partition, w.spec.order); !volatile && other == key {
			return b.meta.Ref(w.call.Col)
		}
	}
	call.Col = b.newCol(q, plan.ColInfo{Name: call.Fn.Name, Type: call.Ret, Mod: types.NoMod})
	q.winCols.Add(call.Col)
	q.wins = append(q.wins, boundWindow{call, spec})
	return b.meta.Ref(call.Col)
}

// boundWindow is a window call with its window.
type boundWindow struct {
	call plan.WinCall
	spec *windowSpec
}

// sortedAs is the type that values are sorted as, where it is another one.
func sortedAs(t *types.Type) *types.Type {
	switch {
	case t.OID == types.VarcharOID:
		return types.TText
	case t.Elem != nil && t.Category == 'A':
		return types.TAnyArray
	}
	return t
}
