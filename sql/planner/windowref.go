package planner

import (
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
	input := t.Input
	if sub, ok := input.(*ast.SubqueryRef); ok && sub.Alias.Name == "" {
		named := *sub // a query here needs no alias: it has the window's
		if named.Alias.Name = t.Alias.Name; named.Alias.Name == "" {
			named.Alias.Name = windowName(t.Kind)
		}
		input = &named
	}
	in, err := b.tableExpr(input, q)
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
	lengths, err := b.windowLengths(t, q)
	if err != nil {
		return nil, err
	}
	info := plan.ColInfo{Type: time.Type(), Mod: types.NoMod}
	info.Name = "window_start"
	w := &windowCols{start: b.newCol(q, info)}
	info.Name = "window_end"
	w.end = b.newCol(q, info)
	if t.Kind == ast.WinTumble {
		if _, err := window.NewTumble(lengths[0], lengths[1]); err != nil {
			return nil, pgerr.AtPos(err, ast.Leftmost(t.Args[0]))
		}
		p := passThrough(b.meta, in.node)
		p.Cols = append(p.Cols, w.start, w.end)
		p.Vals = append(p.Vals, tumbleCall("tumble_start", time, lengths, t.Pos), tumbleCall("tumble_end", time, lengths, t.Pos))
		return b.windowItem(t, in, cols, p, w, q)
	}
	asg, err := assigner(t, lengths)
	if err != nil {
		return nil, pgerr.AtPos(err, ast.Leftmost(t.Args[0]))
	}
	fm := &plan.FlatMap{In: in.node, Ordinal: -1, Gens: []plan.Gen{{Hop: asg, Args: []plan.Expr{time}, Cols: []plan.ColID{w.start, w.end}, Pos: t.Pos}}}
	return b.windowItem(t, in, cols, fm, w, q)
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

// windowLengths evaluates the lengths, which are constant intervals, an offset of
// zero added where none is given.
func (b *binder) windowLengths(t *ast.WindowRef, q *query) ([]types.Interval, error) {
	n := map[ast.WindowKind]int{ast.WinTumble: 1, ast.WinHop: 2, ast.WinCumulate: 2}[t.Kind]
	if len(t.Args) < n || len(t.Args) > n+1 {
		return nil, pgerr.New(pgerr.SyntaxError, "wrong number of arguments for %s", windowName(t.Kind)).
			WithHint("TUMBLE(relation, time, size [, offset]), HOP(relation, time, slide, size [, offset]), CUMULATE(relation, time, step, size [, offset]).").At(t.Pos)
	}
	out := make([]types.Interval, n+1)
	for i, e := range t.Args {
		x, err := b.expr(e, &ectx{q: q, place: inWindowArg})
		if err != nil {
			return nil, err
		}
		if x, err = b.toType(x, types.TInterval, windowName(t.Kind), ast.Leftmost(e)); err != nil {
			return nil, err
		}
		c, ok := fold.Expr(x, b.Env).(*plan.Const)
		if !ok || c.Val.IsNull() {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "the lengths of %s must be constant intervals", windowName(t.Kind)).At(ast.Leftmost(e))
		}
		out[i] = c.Val.Interval()
	}
	return out, nil
}

func assigner(t *ast.WindowRef, n []types.Interval) (window.Assigner, error) {
	if t.Kind == ast.WinHop {
		return window.NewHop(n[0], n[1], n[2])
	}
	return window.NewCumulate(n[0], n[1], n[2])
}

// groupWindow reads tumble(ts, size), as GROUP BY writes it, as the start of the
// window, and gives the window functions the offset that is left out.
func groupWindow(e *ast.FuncCall, args []plan.Expr, names []string) (*ast.FuncCall, []plan.Expr) {
	if e.Name.Schema != "" || len(names) > 0 || len(args) != 2 && len(args) != 3 {
		return e, args
	}
	switch e.Name.Object {
	case "tumble":
		c := *e
		c.Name.Object = "tumble_start"
		e = &c
	case "tumble_start", "tumble_end":
	default:
		return e, args
	}
	if len(args) == 2 {
		args = append(args, &plan.Const{Val: types.NewInterval(types.Interval{}), Typ: types.TInterval, TypMod: types.NoMod})
	}
	return e, args
}

// tumbleCall calls tumble_start or tumble_end.
func tumbleCall(name string, time plan.Expr, n []types.Interval, pos int32) plan.Expr {
	args := []plan.Expr{time}
	for _, v := range n {
		args = append(args, &plan.Const{Val: types.NewInterval(v), Typ: types.TInterval, TypMod: types.NoMod})
	}
	t := time.Type().Underlying()
	return &plan.Call{Fn: funcs.FindFunc(name, t, types.TInterval, types.TInterval), Args: args, Ret: t, RetMod: types.NoMod, Pos: pos}
}
