package planner

import (
	"fmt"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// setName is how errors call a set operation.
func setName(k ast.SetOpKind) string {
	return [...]string{ast.SetUnion: "UNION", ast.SetIntersect: "INTERSECT", ast.SetExcept: "EXCEPT"}[k]
}

// setOp binds a tree of set operations with its ORDER BY and LIMIT.
func (b *binder) setOp(s *ast.Select, q *query, opt selOptions) (*result, error) {
	if len(s.Locking) > 0 {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "%s is not allowed with UNION/INTERSECT/EXCEPT", lockName(s.Locking[0].Strength))
	}
	first := s
	for first.SetOp != ast.SetNone {
		first = first.L
	}
	r, err := b.setTree(s, q, first)
	if err != nil {
		return nil, err
	}
	var keys []plan.SortKey
	if len(s.OrderBy) > 0 {
		if keys, err = b.setOrder(s, q, r); err != nil {
			return nil, err
		}
		r.node = &plan.Order{In: r.node, Keys: keys}
	}
	l, err := b.limit(s, q)
	if err != nil {
		return nil, err
	}
	r.node = limitNode(r.node, l, keys)
	return r, nil
}

// setTree binds one set operation: its arms, and the common types of their
// columns.
func (b *binder) setTree(s *ast.Select, q *query, first *ast.Select) (*result, error) {
	l, err := b.setArm(s.L, q, first)
	if err != nil {
		return nil, err
	}
	r, err := b.setArm(s.R, q, first)
	if err != nil {
		return nil, err
	}
	name := setName(s.SetOp)
	if len(l.cols) != len(r.cols) {
		return nil, pgerr.New(pgerr.SyntaxError, "each %s query must have the same number of columns", name).At(firstTarget(s.R))
	}
	n := &plan.SetOp{Kind: plan.SetKind(s.SetOp - ast.SetUnion), All: s.All}
	out := &result{}
	lv, rv := b.armExprs(l), b.armExprs(r)
	for i := range lv {
		pos := targetPos(s.R, i)
		t, err := commonType([]plan.Expr{lv[i], rv[i]}, name, []int32{targetPos(s.L, i), pos})
		if err != nil {
			return nil, err
		}
		if lv[i], err = b.toCommon(lv[i], t, name, targetPos(s.L, i)); err != nil {
			return nil, err
		}
		if rv[i], err = b.toCommon(rv[i], t, name, pos); err != nil {
			return nil, err
		}
		if (s.SetOp != ast.SetUnion || !s.All) && !hashable(t) {
			return nil, noEquality(t).At(valuePos(s.L, i))
		}
		mod := commonMod([]plan.Expr{lv[i], rv[i]}, t)
		id := b.newCol(q, plan.ColInfo{Name: l.cols[i].Name, Type: t, Mod: mod})
		n.Cols = append(n.Cols, id)
		out.cols = append(out.cols, OutCol{Name: l.cols[i].Name, Type: t, Mod: mod, ID: id})
	}
	b.addArm(n, q, l, lv)
	b.addArm(n, q, r, rv)
	out.node = n
	return out, nil
}

// setArm binds an arm: a nested set operation without WITH, ORDER BY or LIMIT is
// part of the tree, anything else a query of its own.
func (b *binder) setArm(s *ast.Select, q *query, first *ast.Select) (*result, error) {
	if s.SetOp != ast.SetNone && s.With == nil && s.OrderBy == nil && s.Limit == nil && s.Offset == nil && s.Locking == nil {
		return b.setTree(s, q, first)
	}
	if into := s.IntoTarget(); into != nil && s != first {
		return nil, pgerr.New(pgerr.SyntaxError, "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT").At(into.NamePos)
	}
	parent := &scope{parent: q.scope.parent, query: q.parent, ctes: q.scope.ctes}
	if q.parent == nil {
		parent.query = nil
	}
	r, err := b.selectStmt(s, parent, selOptions{keepUnknown: s.Values == nil})
	if err == nil {
		q.scope.arms = append(q.scope.arms, &item{alias: fmt.Sprintf("*SELECT* %d", len(q.scope.arms)+1), cols: itemCols(r.cols)})
	}
	return r, err
}

// armExprs gives the arm's columns as expressions: an untyped literal shows
// itself, so that it may still take the other arm's type.
func (b *binder) armExprs(r *result) []plan.Expr {
	out := make([]plan.Expr, len(r.cols))
	for i, c := range r.cols {
		out[i] = b.meta.Ref(c.ID)
		if c.Type.OID == types.UnknownOID {
			out[i] = behind(r.node, out[i])
		}
	}
	return out
}

// behind gives what a column of n is where it stands in a select list, below the
// nodes that hand it on.
func behind(n plan.Node, x plan.Expr) plan.Expr {
	for {
		c, ok := x.(*plan.Col)
		if !ok {
			return x
		}
		switch in := n.(type) {
		case *plan.Project:
			i := slices.Index(in.Cols, c.ID)
			if i < 0 {
				return x
			}
			n, x = in.In, in.Vals[i]
		case *plan.Order:
			n = in.In
		case *plan.Limit:
			n = in.In
		case *plan.DistinctRows:
			n = in.In
		default:
			return x
		}
	}
}

// addArm makes the arm an input, projected to the common types where needed.
// UNION ALL under UNION ALL becomes one node.
func (b *binder) addArm(n *plan.SetOp, q *query, r *result, vals []plan.Expr) {
	same := true
	cols := make([]plan.ColID, len(vals))
	for i, v := range vals {
		c, ok := v.(*plan.Col)
		same = same && ok && c.ID == r.cols[i].ID
		cols[i] = r.cols[i].ID
	}
	if inner, ok := r.node.(*plan.SetOp); ok && same && n.Kind == plan.Union && n.All && inner.Kind == plan.Union && inner.All {
		n.Ins, n.InCols = append(n.Ins, inner.Ins...), append(n.InCols, inner.InCols...)
		return
	}
	node := r.node
	if !same {
		p := &plan.Project{In: node}
		for i, v := range vals {
			cols[i] = b.newCol(q, plan.ColInfo{Name: r.cols[i].Name, Type: v.Type(), Mod: v.Mod()})
			p.Cols, p.Vals = append(p.Cols, cols[i]), append(p.Vals, v)
		}
		node = p
	}
	n.Ins, n.InCols = append(n.Ins, node), append(n.InCols, cols)
}

// setOrder binds ORDER BY of a set operation: output names and positions only.
func (b *binder) setOrder(s *ast.Select, q *query, r *result) ([]plan.SortKey, error) {
	sel := &selectList{b: b, q: q}
	for _, c := range r.cols {
		sel.targets = append(sel.targets, target{name: c.Name, x: b.meta.Ref(c.ID), id: c.ID})
	}
	n := len(sel.targets)
	// The columns can be named, but not be part of an expression.
	q.scope.items = append(q.scope.items, &item{cols: itemCols(r.cols), colsVisible: true, joined: true})
	order, err := sel.orderBy(s.OrderBy, inOrderBy)
	if err != nil {
		return nil, err
	}
	if len(sel.targets) > n {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause").
			WithDetail("Only result column names can be used, not expressions or functions.").
			WithHint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.").At(sel.targets[n].pos)
	}
	var keys []plan.SortKey
	for _, o := range order {
		keys = append(keys, plan.SortKey{X: sel.targets[o.at].x, Desc: o.desc, NullsFirst: o.nullsFirst})
	}
	return keys, nil
}

func itemCols(cols []OutCol) []itemCol {
	out := make([]itemCol, len(cols))
	for i, c := range cols {
		out[i] = itemCol{c.Name, c.ID}
	}
	return out
}

func firstTarget(s *ast.Select) int32 { return targetPos(s, 0) }

// targetPos is where column i of a query is written, for errors.
func targetPos(s *ast.Select, i int) int32 {
	for s.SetOp != ast.SetNone {
		s = s.L
	}
	if s.Values != nil && i < len(s.Values[0]) {
		return s.Values[0][i].Position()
	}
	if i < len(s.Targets) {
		return ast.Leftmost(s.Targets[i].X)
	}
	return s.Pos
}

// valuePos is where the value of column i is written: of a cast, what is cast.
func valuePos(s *ast.Select, i int) int32 {
	for s.SetOp != ast.SetNone {
		s = s.L
	}
	if i < len(s.Targets) {
		if c, ok := s.Targets[i].X.(*ast.TypeCast); ok {
			if l, ok := c.X.(*ast.Literal); ok {
				return l.Pos
			}
		}
	}
	return targetPos(s, i)
}

// values binds VALUES lists.
func (b *binder) values(s *ast.Select, q *query, opt selOptions) (*result, error) {
	width := len(s.Values[0])
	rows := make([][]plan.Expr, len(s.Values))
	c := q.at(inValues)
	for i, row := range s.Values {
		if len(row) != width {
			return nil, pgerr.New(pgerr.SyntaxError, "VALUES lists must all be the same length").At(rowPos(row))
		}
		xs, err := b.valuesRow(row, c)
		if err != nil {
			return nil, err
		}
		if len(xs) != len(rows[0]) && i > 0 {
			return nil, pgerr.New(pgerr.SyntaxError, "VALUES lists must all be the same length").At(rowPos(row))
		}
		rows[i] = xs
	}
	n := &plan.Values{Rows: rows}
	r := &result{}
	for j := range rows[0] {
		if err := b.valuesColumn(s, rows, j, opt); err != nil {
			return nil, err
		}
		name := fmt.Sprintf("column%d", j+1)
		info := plan.ColInfo{Name: name, Type: rows[0][j].Type(), Mod: columnMod(rows, j)}
		id := b.newCol(q, info)
		n.Cols = append(n.Cols, id)
		r.cols = append(r.cols, OutCol{Name: name, Type: info.Type, Mod: info.Mod, ID: id})
	}
	r.node = n
	var keys []plan.SortKey
	var err error
	if len(s.OrderBy) > 0 {
		if keys, err = b.valuesOrder(s, q, r); err != nil {
			return nil, err
		}
	}
	l, err := b.limit(s, q)
	if err != nil {
		return nil, err
	}
	if len(s.Locking) > 0 {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "%s cannot be applied to VALUES", lockName(s.Locking[0].Strength)).At(s.Locking[0].Pos)
	}
	r.node = limitNode(r.node, l, keys)
	return r, nil
}

func rowPos(row []ast.Expr) int32 {
	if len(row) == 0 {
		return -1
	}
	return ast.Leftmost(row[0])
}

func columnMod(rows [][]plan.Expr, j int) int32 {
	col := make([]plan.Expr, len(rows))
	for i := range rows {
		col[i] = rows[i][j]
	}
	return commonMod(col, rows[0][j].Type())
}

func (b *binder) valuesRow(row []ast.Expr, c *ectx) ([]plan.Expr, error) {
	return b.rowArgs(&ast.RowExpr{Args: row}, c)
}

// valuesColumn gives the values of a column their common type.
func (b *binder) valuesColumn(s *ast.Select, rows [][]plan.Expr, j int, opt selOptions) error {
	col := make([]plan.Expr, len(rows))
	positions := make([]int32, len(rows))
	unknown := true
	for i := range rows {
		col[i] = rows[i][j]
		positions[i] = -1
		if j < len(s.Values[i]) {
			positions[i] = s.Values[i][j].Position()
		}
		unknown = unknown && col[i].Type().OID == types.UnknownOID
	}
	if unknown && opt.keepUnknown {
		return nil
	}
	t, err := commonType(col, "VALUES", positions)
	if err != nil {
		return err
	}
	for i := range rows {
		if rows[i][j], err = b.toCommon(col[i], t, "VALUES", positions[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *binder) valuesOrder(s *ast.Select, q *query, r *result) ([]plan.SortKey, error) {
	q.scope.items = append(q.scope.items, &item{alias: "*VALUES*", cols: itemCols(r.cols), colsVisible: true})
	sel := &selectList{b: b, q: q}
	for _, c := range r.cols {
		sel.targets = append(sel.targets, target{name: c.Name, x: b.meta.Ref(c.ID), id: c.ID})
	}
	order, err := sel.orderBy(s.OrderBy, inOrderBy)
	if err != nil {
		return nil, err
	}
	p := passThrough(b.meta, r.node)
	var keys []plan.SortKey
	for _, o := range order {
		t := &sel.targets[o.at]
		if t.junk {
			t.id = b.newCol(q, plan.ColInfo{Name: t.name, Type: t.x.Type(), Mod: t.x.Mod()})
			p.Cols, p.Vals = append(p.Cols, t.id), append(p.Vals, t.x)
		}
		keys = append(keys, plan.SortKey{X: b.meta.Ref(t.id), Desc: o.desc, NullsFirst: o.nullsFirst})
	}
	r.node = &plan.Order{In: p, Keys: keys}
	return keys, nil
}
