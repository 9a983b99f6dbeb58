package planner

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/fold"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
)

// windowCols are the columns that a window function adds to its relation.
type windowCols struct{ start, end plan.ColID }

// windowRef is TUMBLE, HOP, CUMULATE or SESSION in FROM: the relation's columns and
// window_start and window_end. Windows are columns: TUMBLE is a projection, HOP
// and CUMULATE are flat-maps.
func (b *binder) windowRef(t *ast.WindowRef, q *query) (*fromItem, error) {
	in, err := b.tableExpr(t.Input, q)
	if err != nil {
		return nil, err
	}
	var cols []itemCol
	for _, c := range columnsOf(in) {
		if c.name == "window_start" || c.name == "window_end" {
			return nil, pgerr.New(pgerr.DuplicateColumn, "column \"%s\" specified more than once", c.name).
				WithHint("A window function adds columns of that name; rename the input's.").At(t.Pos)
		}
		cols = append(cols, c)
	}
	time, err := b.windowTime(t, in, q)
	if err != nil {
		return nil, err
	}
	if t.Kind == ast.WinSession {
		return nil, pgerr.NotSupported("SESSION").At(t.Pos)
	}
	asg, err := b.assigner(t, q)
	if err != nil {
		return nil, err
	}
	info := plan.ColInfo{Type: time.Type(), Mod: types.NoMod}
	info.Name = "window_start"
	w := &windowCols{start: b.newCol(q, info)}
	info.Name = "window_end"
	w.end = b.newCol(q, info)
	var node plan.Node
	if asg.Kind == window.Tumble {
		p := passThrough(b.meta, in.node)
		p.Cols = append(p.Cols, w.start, w.end)
		p.Vals = append(p.Vals, b.tumbleCall("tumble_start", time, asg, t.Pos), b.tumbleCall("tumble_end", time, asg, t.Pos))
		node = p
	} else {
		node = &plan.FlatMap{In: in.node, Ordinal: -1, Gens: []plan.Gen{{Hop: asg, Args: []plan.Expr{time}, Cols: []plan.ColID{w.start, w.end}, Pos: t.Pos}}}
	}
	return b.windowItem(t, in, cols, node, w, q)
}

// windowItem is the item that a window function makes: the relation's own name
// goes on naming it.
func (b *binder) windowItem(t *ast.WindowRef, in *fromItem, cols []itemCol, node plan.Node, w *windowCols, q *query) (*fromItem, error) {
	it := &item{owner: q, relVisible: true, colsVisible: true, window: w, alias: t.Alias.Name}
	if it.alias == "" && len(in.items) == 1 {
		it.alias, it.schema = in.items[0].alias, in.items[0].schema
	}
	if len(in.items) == 1 {
		it.rel, it.scan = in.items[0].rel, in.items[0].scan
	}
	it.cols = append(append(it.cols, cols...), itemCol{"window_start", w.start}, itemCol{"window_end", w.end})
	return &fromItem{node, []*item{it}}, it.renameColumns(&t.Alias)
}

// windowTime finds the event-time column, a timestamp with or without zone.
func (b *binder) windowTime(t *ast.WindowRef, in *fromItem, q *query) (plan.Expr, error) {
	s := &scope{query: q, items: in.items}
	x, err := b.column(s, t.Time)
	if err != nil {
		return nil, err
	}
	switch x.Type().Underlying().OID {
	case types.TimestampOID, types.TimestamptzOID:
		return x, nil
	}
	return nil, pgerr.New(pgerr.DatatypeMismatch, "the time column of a window must be of type timestamp or timestamp with time zone, not %s",
		formatType(x.Type(), types.NoMod)).At(t.Time.Pos)
}

// windowName is how errors call a window function.
func windowName(k ast.WindowKind) string {
	return [...]string{ast.WinTumble: "TUMBLE", ast.WinHop: "HOP", ast.WinSession: "SESSION", ast.WinCumulate: "CUMULATE"}[k]
}

// assigner evaluates the sizes, which are constants.
func (b *binder) assigner(t *ast.WindowRef, q *query) (*window.Assigner, error) {
	most := map[ast.WindowKind][2]int{ast.WinTumble: {1, 2}, ast.WinHop: {2, 3}, ast.WinCumulate: {2, 3}}[t.Kind]
	if len(t.Args) < most[0] || len(t.Args) > most[1] {
		return nil, pgerr.New(pgerr.SyntaxError, "%s takes %d to %d lengths", windowName(t.Kind), most[0], most[1]).
			WithHint("TUMBLE(relation, time, size [, offset]), HOP(relation, time, slide, size [, offset]), CUMULATE(relation, time, step, size [, offset]).").At(t.Pos)
	}
	n := make([]int64, len(t.Args))
	for i, e := range t.Args {
		what, least := "size", int64(1)
		if i == most[1]-1 {
			what, least = "offset", math.MinInt64
		}
		var err error
		if n[i], err = b.windowLength(e, what, least, q); err != nil {
			return nil, err
		}
	}
	a := &window.Assigner{Kind: window.Tumble, Size: n[0]}
	rest := n[1:]
	if t.Kind != ast.WinTumble {
		a.Step, a.Size, rest = n[0], n[1], n[2:]
	}
	if len(rest) > 0 {
		a.Offset = rest[0]
	}
	return a, checkAssigner(a, t)
}

func checkAssigner(a *window.Assigner, t *ast.WindowRef) error {
	switch t.Kind {
	case ast.WinHop:
		a.Kind = window.Hop
		if a.Step > a.Size {
			return pgerr.New(pgerr.InvalidParameterValue, "the slide of HOP must not exceed its size").
				WithHint("The slide comes first: HOP(relation, time, slide, size).").At(t.Pos)
		}
	case ast.WinCumulate:
		a.Kind = window.Cumulate
		if a.Size%a.Step != 0 {
			return pgerr.New(pgerr.InvalidParameterValue, "the size of CUMULATE must be a multiple of its step").
				WithHint("The step comes first: CUMULATE(relation, time, step, size).").At(t.Pos)
		}
	}
	const mostWindows = 100000
	if a.Most() > mostWindows {
		return pgerr.New(pgerr.ProgramLimitExceeded, "%s gives more than %d windows for each row", windowName(t.Kind), mostWindows).At(t.Pos)
	}
	return nil
}

// windowLength evaluates a constant interval without months, in microseconds.
func (b *binder) windowLength(e ast.Expr, what string, least int64, q *query) (int64, error) {
	x, err := b.expr(e, &ectx{q: q, place: inWindowArg})
	if err != nil {
		return 0, err
	}
	if x, err = b.toType(x, types.TInterval, "window "+what, e.Position()); err != nil {
		return 0, err
	}
	c, ok := fold.Expr(x, b.Env).(*plan.Const)
	if !ok || c.Val.IsNull() {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "window %s must be a constant interval", what).At(e.Position())
	}
	return intervalMicros(c.Val.Interval(), what, least, e.Position())
}

func intervalMicros(v types.Interval, what string, least int64, pos int32) (int64, error) {
	if v.Months != 0 {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "window %s must not contain months or years", what).
			WithHint("Group by date_trunc for calendar months and years.").At(pos)
	}
	const day = 24 * 60 * 60 * 1000000
	n := int64(v.Days)*day + v.Micros // an int32 of days is far from overflowing
	if v.Days > 0 && n < v.Micros || v.Days < 0 && n > v.Micros {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "interval out of range").At(pos)
	}
	if n < least {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "window %s must be positive", what).At(pos)
	}
	return n, nil
}

// tumbleCall calls tumble_start or tumble_end.
func (b *binder) tumbleCall(name string, time plan.Expr, a *window.Assigner, pos int32) plan.Expr {
	length := func(n int64) plan.Expr {
		return &plan.Const{Val: types.NewInterval(types.Interval{Micros: n}), Typ: types.TInterval, TypMod: types.NoMod}
	}
	t := time.Type().Underlying()
	fn := funcs.FindFunc(name, t, types.TInterval, types.TInterval)
	return &plan.Call{Fn: fn, Args: []plan.Expr{time, length(a.Size), length(a.Offset)}, Ret: t, RetMod: types.NoMod, Pos: pos}
}
