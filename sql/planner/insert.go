package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// insertion is an INSERT while it is bound.
type insertion struct {
	b    *binder
	s    *ast.Insert
	to   *written
	rel  *catalog.Relation // that is stored
	q    *query
	cols []int16 // the target columns in the order of the values
	// paths are subscripts and fields after a target column's name.
	paths [][]ast.PathStep
	pos   []int32
	// defaults caches the bound default per attribute.
	defaults map[int16]plan.Expr
	// one is what VALUES are computed over: a single row, or OLD and NEW of a rule.
	one plan.Node
}

// insert binds INSERT; parent is what stands around it, for one in WITH.
func (b *binder) insert(s *ast.Insert, parent *scope) (*Modify, error) {
	q := b.newQuery(parent)
	wrap, err := b.with(s.With, q, s)
	if err != nil {
		return nil, err
	}
	to, err := b.writeTarget(&s.Target, "INSERT")
	if err != nil {
		return nil, err
	}
	rel := to.rel
	in := &insertion{b: b, s: s, to: to, rel: rel, q: q, defaults: map[int16]plan.Expr{}, one: oneRow()}
	if ruled := b.ruleRefs[s]; ruled != nil {
		f := b.ruleItems(ruled, q)
		in.one, q.scope.items = f.node, append(q.scope.items, f.items...)
	}
	if err := in.columns(); err != nil {
		return nil, err
	}
	if err := b.noteInserted(in); err != nil {
		return nil, err
	}
	m := &Modify{Kind: InsertRows, Rel: rel, RowID: -1, Instead: to.instead()}
	src, vals, err := in.source()
	if err != nil {
		return nil, err
	}
	_, m.Plain = src.(*plan.Values)
	if m.Source, m.New, err = b.rowNode(rel, src, vals, q, nil); err != nil {
		return nil, err
	}
	m.Source = wrap(m.Source)
	if rel.PartKey == nil { // else its partitions have them too
		if m.Checks, err = b.checks(rel, m.New); err != nil {
			return nil, err
		}
	}
	options, err := b.checkOptions(to, m.New)
	if err != nil {
		return nil, err
	}
	m.Checks = append(m.Checks, options...)
	if s.OnConflict != nil && s.OnConflict.DoUpdate {
		if err := b.noSecurity(to, "INSERT ... ON CONFLICT DO UPDATE into"); err != nil {
			return nil, err
		}
	}
	alias := to.shown().Name
	if s.Target.Alias.Name != "" {
		alias = s.Target.Alias.Name
	}
	if s.OnConflict != nil && m.Instead {
		return nil, pgerr.NotSupported("INSERT ... ON CONFLICT into a view with INSTEAD OF triggers")
	}
	if s.OnConflict != nil {
		if m.Conflict, err = b.onConflict(s.OnConflict, to, alias, q); err != nil {
			return nil, err
		}
		to.excluded = s.OnConflict.DoUpdate
	}
	if m.Returning, err = b.returning(s.Returning, to, alias, nil, q); err != nil {
		return nil, err
	}
	return m, b.secureNew(to, m, 'a')
}

// noteInserted notes the columns that are inserted, of the view and of what is
// below it.
func (b *binder) noteInserted(in *insertion) error {
	if len(in.to.views) == 0 {
		if a := b.access(in.rel.OID, "a"); a != nil {
			a.Insert = in.cols
		}
		return nil
	}
	a := b.access(in.to.shown().OID, "a")
	for i, attr := range in.to.attrs {
		if a != nil && slices.Contains(in.cols, attr) {
			a.Insert = append(a.Insert, int16(i+1))
		}
	}
	return b.noteBelow(in.to, in.cols, "a")
}

// columns resolves the target column list; none means all columns in order.
func (in *insertion) columns() error {
	if len(in.s.Columns) == 0 {
		in.cols = live(in.rel)
		if len(in.to.views) > 0 {
			in.cols = append([]int16(nil), in.to.attrs...)
		}
		in.paths = make([][]ast.PathStep, len(in.cols))
		in.pos = make([]int32, len(in.cols))
		for i := range in.pos {
			in.pos[i] = -1
		}
		return nil
	}
	whole := map[int16]bool{}
	for _, c := range in.s.Columns {
		attr, err := in.to.column(c.Name, "INSERT")
		if err != nil {
			return err
		}
		if whole[attr] {
			return pgerr.New(pgerr.DuplicateColumn, "column \"%s\" specified more than once", c.Name.Name).At(c.Name.Pos)
		}
		whole[attr] = len(c.Path) == 0
		in.cols, in.paths, in.pos = append(in.cols, attr), append(in.paths, c.Path), append(in.pos, c.Name.Pos)
	}
	return nil
}

// source binds what is inserted: the node that gives it, and per live column of
// the relation the value over that node (nil for generated columns).
func (in *insertion) source() (plan.Node, []plan.Expr, error) {
	s := in.s
	switch {
	case s.Query == nil:
		vals, err := in.row(nil, nil)
		return in.one, vals, err
	case s.Query.Values != nil && s.Query.With == nil && s.Query.OrderBy == nil && s.Query.Limit == nil && s.Query.Offset == nil:
		return in.valuesSource(s.Query)
	}
	b := in.b
	r, err := b.selectStmt(s.Query, in.q.scope, selOptions{keepUnknown: true})
	if err != nil {
		return nil, nil, err
	}
	xs := b.armExprs(r)
	pos := make([]int32, len(xs))
	consts := false
	for i := range xs {
		pos[i] = targetPos(s.Query, i)
		_, isCol := xs[i].(*plan.Col)
		consts = consts || !isCol
	}
	if err := in.count(len(xs), pos); err != nil {
		return nil, nil, err
	}
	for i, x := range xs { // an untyped literal takes the column's type; the rest of the row stays columns
		if _, isCol := x.(*plan.Col); !isCol && len(plan.ReadsOf(x)) > 0 {
			xs[i] = b.meta.Ref(r.cols[i].ID)
		}
	}
	for _, attr := range in.cols[:len(xs)] {
		if err := in.refuseGenerated(attr, false); err != nil {
			return nil, nil, err
		}
	}
	vals, err := in.row(xs, pos)
	return r.node, vals, err
}

// count checks the number of values against that of target columns.
func (in *insertion) count(n int, pos []int32) error {
	for i, attr := range in.cols[:min(n, len(in.cols))] {
		if attr == 0 {
			_, err := in.to.attr(i, "INSERT", pos[i])
			return err
		}
	}
	switch {
	case n > len(in.cols):
		return pgerr.New(pgerr.SyntaxError, "INSERT has more expressions than target columns").At(pos[len(in.cols)])
	case n < len(in.cols) && len(in.s.Columns) > 0:
		return pgerr.New(pgerr.SyntaxError, "INSERT has more target columns than expressions").At(in.pos[n])
	}
	return nil
}

// valuesSource binds VALUES rows, each coerced to the target columns by itself, so
// that rows may differ in type and hold DEFAULT.
func (in *insertion) valuesSource(s *ast.Select) (plan.Node, []plan.Expr, error) {
	b := in.b
	sets := len(in.q.sets)
	attrs := live(in.rel)
	n := &plan.Values{}
	skip := make([]bool, len(attrs))
	width := 0
	for i, row := range s.Values {
		if len(row) != len(s.Values[0]) && !slices.ContainsFunc(append(slices.Clone(row), s.Values[0]...), isStar) {
			return nil, nil, pgerr.New(pgerr.SyntaxError, "VALUES lists must all be the same length").At(rowPos(row))
		}
		xs, pos, err := in.valuesExprs(row)
		if err != nil {
			return nil, nil, err
		}
		if i == 0 {
			width = len(xs)
		}
		if len(xs) != width {
			return nil, nil, pgerr.New(pgerr.SyntaxError, "VALUES lists must all be the same length").At(rowPos(row))
		}
		vals, err := in.row(xs, pos)
		if err != nil {
			return nil, nil, err
		}
		if len(in.q.sets) > sets {
			return flatMaps(in.one, in.q.sets), vals, nil
		}
		if b.ruleRefs[in.s] != nil && len(s.Values) == 1 {
			return in.one, vals, nil
		}
		var out []plan.Expr
		for j, x := range vals {
			skip[j] = x == nil
			if x != nil {
				out = append(out, x)
			}
		}
		n.Rows = append(n.Rows, out)
		if i == 0 {
			for j, x := range vals {
				if x != nil {
					c := &in.rel.Columns[attrs[j]-1]
					n.Cols = append(n.Cols, b.newCol(in.q, plan.ColInfo{Name: c.Name, Type: b.columnType(c), Mod: c.Mod}))
				}
			}
		}
	}
	vals := make([]plan.Expr, len(attrs))
	at := 0
	for j := range vals {
		if !skip[j] {
			vals[j] = b.meta.Ref(n.Cols[at])
			at++
		}
	}
	if b.ruleRefs[in.s] != nil {
		return cross(in.one, n), vals, nil
	}
	return n, vals, nil
}

// valuesExprs binds one row; a nil expression is DEFAULT.
func (in *insertion) valuesExprs(row []ast.Expr) ([]plan.Expr, []int32, error) {
	c := in.q.at(inValues)
	if len(in.s.Query.Values) == 1 {
		c = in.q.at(inOneValues)
	}
	return in.exprs(row, c)
}

// exprs binds the expressions of a row; a nil one is DEFAULT.
func (in *insertion) exprs(row []ast.Expr, c *ectx) ([]plan.Expr, []int32, error) {
	var xs []plan.Expr
	var pos []int32
	for _, e := range row {
		if d, ok := e.(*ast.DefaultExpr); ok {
			xs, pos = append(xs, nil), append(pos, d.Pos)
			continue
		}
		if ref, ok := e.(*ast.ColumnRef); ok && ref.Star {
			list, err := in.b.rowArgs(&ast.RowExpr{Args: []ast.Expr{e}}, c)
			if err != nil {
				return nil, nil, err
			}
			for range list {
				pos = append(pos, ref.Pos)
			}
			xs = append(xs, list...)
			continue
		}
		x, err := in.b.expr(e, c)
		if err != nil {
			return nil, nil, err
		}
		xs, pos = append(xs, x), append(pos, ast.Leftmost(e))
	}
	if err := in.count(len(xs), pos); err != nil {
		return nil, nil, err
	}
	for i := range xs {
		if err := in.refuseGenerated(in.cols[i], xs[i] == nil); err != nil {
			return nil, nil, err
		}
	}
	return xs, pos, nil
}

// refuseGenerated refuses a value for a column whose values the system makes.
func (in *insertion) refuseGenerated(attr int16, isDefault bool) error {
	c := &in.rel.Columns[attr-1]
	if isDefault {
		return nil
	}
	refuse := func() *pgerr.Error {
		return pgerr.New(pgerr.GeneratedAlways, "cannot insert a non-DEFAULT value into column \"%s\"", c.Name)
	}
	if c.Generated != "" {
		return refuse().WithDetail("Column \"%s\" is a generated column.", c.Name)
	}
	if c.Identity == 'a' && in.s.Overriding == ast.OverrideNone {
		return refuse().WithDetail("Column \"%s\" is an identity column defined as GENERATED ALWAYS.", c.Name).
			WithHint("Use OVERRIDING SYSTEM VALUE to override.")
	}
	return nil
}

// row gives a value per live column: those that are given, coerced, defaults for
// the rest, nil for generated columns.
func (in *insertion) row(xs []plan.Expr, pos []int32) ([]plan.Expr, error) {
	attrs := live(in.rel)
	vals := make([]plan.Expr, len(attrs))
	byAttr := map[int16]plan.Expr{}
	for i, x := range xs {
		attr := in.cols[i]
		c := &in.rel.Columns[attr-1]
		if in.to != nil && len(in.to.views) == 0 {
			in.b.depend(in.rel.OID, attr)
		}
		if x == nil && len(in.paths[i]) > 0 {
			return nil, partDefault(&in.s.Columns[i])
		}
		if x == nil || c.Identity != 0 && in.s.Overriding == ast.OverrideUser {
			continue // DEFAULT
		}
		var err error
		if len(in.paths[i]) > 0 {
			base := byAttr[attr]
			if base == nil {
				base = &plan.Const{Typ: in.b.columnType(c), TypMod: c.Mod}
			}
			x, err = in.b.assignPath(base, in.paths[i], x, c.Name, in.q.at(inInsert), in.pos[i])
			err = pgerr.AtPos(err, in.pos[i])
		} else {
			x, err = in.b.assign(x, in.rel, attr, pos[i])
		}
		if err != nil {
			return nil, err
		}
		byAttr[attr] = x
	}
	for j, attr := range attrs {
		if in.rel.Columns[attr-1].Generated != "" {
			continue
		}
		if vals[j] = byAttr[attr]; vals[j] != nil {
			continue
		}
		d, err := in.defaultFor(attr)
		if err != nil {
			return nil, err
		}
		vals[j] = d
	}
	return vals, nil
}

func (in *insertion) defaultFor(attr int16) (plan.Expr, error) {
	if d := in.defaults[attr]; d != nil {
		return d, nil
	}
	var d plan.Expr
	var err error
	if in.to != nil { // COPY goes to a table
		d, err = in.b.viewDefault(in.to, attr)
	}
	if d == nil && err == nil {
		d, err = in.b.defaultOf(in.rel, attr)
	}
	if err != nil {
		return nil, err
	}
	in.defaults[attr] = d
	return d, nil
}

// nextValue is the next value of an identity column's sequence.
func (b *binder) nextValue(seq catalog.OID, rel *catalog.Relation, attr int16) (plan.Expr, error) {
	fn := funcs.FindFunc("nextval", types.TRegclass)
	call := &plan.Call{Fn: fn, Args: []plan.Expr{&plan.Const{Val: types.NewInt(int64(seq)), Typ: types.TRegclass, TypMod: types.NoMod}},
		Ret: types.TInt8, RetMod: types.NoMod, Pos: -1}
	b.volatile = true
	return b.assign(call, rel, attr, -1)
}

// partDefault refuses DEFAULT for a part of a column.
func partDefault(c *ast.InsertColumn) error {
	if c.Path[0].Field != "" {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot set a subfield to DEFAULT").At(c.Name.Pos)
	}
	return pgerr.New(pgerr.FeatureNotSupported, "cannot set an array element to DEFAULT").At(c.Name.Pos)
}

// assignPath assigns to an element, slice or field: col[1].f = x. A value of a
// domain is assigned to as one of its base type, and checked then.
func (b *binder) assignPath(base plan.Expr, path []ast.PathStep, x plan.Expr, name string, ctx *ectx, pos int32) (plan.Expr, error) {
	t := base.Type()
	if t.Class != types.Domain {
		return b.assignPart(base, path, x, name, ctx, pos)
	}
	var err error
	if d, ok := base.(*plan.ToDomain); ok && isAssigned(d.X) {
		base = d.X // checked once, when all parts are assigned
	} else if base, err = b.coerceType(base, t.Underlying(), types.NoMod, implicit, pos); err != nil {
		return nil, err
	}
	if x, err = b.assignPart(base, path, x, name, ctx, pos); err != nil {
		return nil, err
	}
	return b.coerceToDomain(x, t, assignment, pos)
}

// isAssigned tells a value to a part of which something was assigned.
func isAssigned(x plan.Expr) bool {
	switch x := x.(type) {
	case *plan.SetField:
		return true
	case *plan.Subscript:
		return x.Assign != nil
	}
	return false
}

func (b *binder) assignPart(base plan.Expr, path []ast.PathStep, x plan.Expr, name string, ctx *ectx, pos int32) (plan.Expr, error) {
	t := base.Type().Underlying()
	if path[0].Field != "" {
		return b.assignField(base, path, x, name, ctx, pos)
	}
	var list []ast.Subscript
	for len(path) > 0 && path[0].Sub != nil {
		list = append(list, *path[0].Sub)
		path = path[1:]
	}
	elem := partType(t)
	var subs []plan.Sub
	var slice bool
	var err error
	switch {
	case t.OID == types.JSONBOID:
		elem = t
		subs, err = b.jsonSubscripts(list, pos, ctx)
	case elem == nil:
		return nil, pgerr.New(pgerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", formatType(base.Type(), types.NoMod)).At(pos)
	default:
		subs, slice, err = b.subscripts(list, ctx)
	}
	if err != nil {
		return nil, err
	}
	want := elem
	if slice {
		want = t
	}
	if len(path) > 0 {
		cur := &plan.Subscript{X: base, Subs: subs, Typ: elem, TypMod: base.Mod()}
		if x, err = b.assignPath(cur, path, x, name, ctx, pos); err != nil {
			return nil, err
		}
	} else {
		from := x.Type()
		x, err = b.mustCoerce(x, want, base.Mod(), assignment, pos, func() *pgerr.Error {
			return pgerr.New(pgerr.DatatypeMismatch, "subscripted assignment to \"%s\" requires type %s but expression is of type %s",
				name, formatType(want, types.NoMod), formatType(from, types.NoMod)).WithHint("You will need to rewrite or cast the expression.")
		})
		if err != nil {
			return nil, err
		}
	}
	return &plan.Subscript{X: base, Subs: subs, Assign: x, Typ: base.Type(), TypMod: base.Mod()}, nil
}

func (b *binder) assignField(base plan.Expr, path []ast.PathStep, x plan.Expr, name string, ctx *ectx, pos int32) (plan.Expr, error) {
	t := base.Type().Underlying()
	if t.Class != types.Composite {
		return nil, pgerr.New(pgerr.DatatypeMismatch, "cannot assign to field \"%s\" of column \"%s\" because its type %s is not a composite type",
			path[0].Field, name, formatType(base.Type(), types.NoMod))
	}
	for i, f := range t.Fields {
		if f.Name != path[0].Field || f.Dropped {
			continue
		}
		var err error
		if len(path) > 1 {
			x, err = b.assignPath(b.fieldAt(base, i, f), path[1:], x, f.Name, ctx, pos)
		} else {
			from := x.Type()
			x, err = b.mustCoerce(x, f.Type, f.Mod, assignment, pos, func() *pgerr.Error {
				return pgerr.New(pgerr.DatatypeMismatch, "subfield \"%s\" is of type %s but expression is of type %s",
					f.Name, formatType(f.Type, types.NoMod), formatType(from, types.NoMod)).WithHint("You will need to rewrite or cast the expression.")
			})
		}
		if err != nil {
			return nil, err
		}
		return &plan.SetField{X: base, I: i, Val: x}, nil
	}
	return nil, pgerr.New(pgerr.UndefinedColumn, "cannot assign to field \"%s\" of column \"%s\" because there is no such column in data type %s",
		path[0].Field, name, formatType(base.Type(), types.NoMod))
}
