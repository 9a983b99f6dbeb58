package lower

import (
	tidb "github.com/pingcap/tidb/pkg/parser/ast"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
)

// query lowers a SELECT, VALUES or set operation.
func (l *lowering) query(n tidb.Node) *ast.Select {
	switch s := n.(type) {
	case *tidb.SelectStmt:
		q := l.arm(s)
		l.tail(q, s.OrderBy)
		l.with(q, s.With)
		return q
	case *tidb.SetOprStmt:
		return l.setOperation(s)
	}
	l.bug("query %T", n)
	return nil
}

// setOperation folds TiDB's flat list to the left.
func (l *lowering) setOperation(s *tidb.SetOprStmt) *ast.Select {
	var q *ast.Select
	for _, n := range s.SelectList.Selects {
		sel, ok := n.(*tidb.SelectStmt)
		if !ok {
			l.bug("operand %T of a set operation", n)
		}
		arm := l.arm(sel)
		if q == nil {
			q = arm
			continue
		}
		op := setOperators[*sel.AfterSetOperator]
		q = &ast.Select{SetOp: op.kind, All: op.all, L: q, R: arm, Pos: q.Pos}
	}
	l.tail(q, s.OrderBy)
	l.with(q, s.With)
	return q
}

var setOperators = map[tidb.SetOprType]struct {
	kind ast.SetOpKind
	all  bool
}{
	tidb.Union: {ast.SetUnion, false}, tidb.UnionAll: {ast.SetUnion, true},
	tidb.Except: {ast.SetExcept, false}, tidb.ExceptAll: {ast.SetExcept, true},
	tidb.Intersect: {ast.SetIntersect, false}, tidb.IntersectAll: {ast.SetIntersect, true},
}

// arm lowers a query without the clauses around it.
func (l *lowering) arm(s *tidb.SelectStmt) *ast.Select {
	if s.Kind == tidb.SelectStmtKindValues {
		return l.values(s)
	}
	fields := s.Fields.Fields
	if a, ok := marked[*canon.Arm](l, fields[0].Expr); ok {
		return &a.Query
	}
	if v, ok := marked[*canon.SelectInfo](l, fields[0].Expr); ok {
		q := l.core(s, fields[1:])
		l.info(q, v)
		return q
	}
	return l.core(s, fields)
}

func (l *lowering) info(q *ast.Select, v *canon.SelectInfo) {
	q.DistinctOn = v.DistinctOn
	q.Into = v.Into
	q.GroupDistinct = v.GroupDistinct
	q.Windows = v.Windows
	if v.Given {
		q.Targets = v.Targets
	}
}

// values lowers VALUES, whose only row holds the marker of all rows.
func (l *lowering) values(s *tidb.SelectStmt) *ast.Select {
	if len(s.Lists) != 1 || len(s.Lists[0].Values) != 1 {
		l.bug("VALUES")
	}
	v, ok := marked[*canon.Values](l, s.Lists[0].Values[0])
	if !ok {
		l.bug("VALUES")
	}
	return &ast.Select{Values: v.Rows, Pos: v.Pos}
}

// core lowers a plain SELECT with these fields.
func (l *lowering) core(s *tidb.SelectStmt, fields []*tidb.SelectField) *ast.Select {
	first := s.Fields.Fields[0].Offset
	q := &ast.Select{Distinct: s.Distinct, Pos: l.text.Source(first - 2)}
	if len(fields) > 0 {
		q.Targets = make([]ast.Target, len(fields))
	}
	for i, f := range fields {
		t := ast.Target{X: l.expr(f.Expr), Pos: l.text.Source(f.Offset - 1)}
		if f.AsName.O != "" {
			t.Alias = l.user(f.AsName)
		}
		q.Targets[i] = t
	}
	if s.From != nil {
		q.From = l.from(s.From.TableRefs)
	}
	if s.Where != nil {
		q.Where = l.expr(s.Where)
	}
	if s.GroupBy != nil {
		q.GroupBy = l.groupBy(s.GroupBy)
	}
	if s.Having != nil {
		q.Having = l.expr(s.Having.Expr)
	}
	return q
}

func (l *lowering) groupBy(g *tidb.GroupByClause) []ast.GroupItem {
	items := make([]ast.GroupItem, len(g.Items))
	for i, item := range g.Items {
		if g, ok := marked[*ast.GroupItem](l, item.Expr); ok {
			items[i] = *g
			continue
		}
		items[i] = ast.GroupItem{X: l.expr(item.Expr), Pos: l.before(item.Expr)}
	}
	return items
}

// tail lowers ORDER BY with the marker of what follows it.
func (l *lowering) tail(q *ast.Select, order *tidb.OrderByClause) {
	if order == nil {
		return
	}
	items := order.Items
	if t, ok := marked[*canon.QueryTail](l, items[len(items)-1].Expr); ok {
		l.fullTail(q, items[:len(items)-1], t)
		return
	}
	q.OrderBy = make([]ast.SortItem, len(items))
	for i, item := range items {
		q.OrderBy[i] = ast.SortItem{X: l.expr(item.Expr), Pos: l.before(item.Expr)}
	}
}

func (l *lowering) fullTail(q *ast.Select, items []*tidb.ByItem, t *canon.QueryTail) {
	if len(items) != len(t.OrderBy) {
		l.bug("%d items of ORDER BY for %d", len(items), len(t.OrderBy))
	}
	for i := range t.OrderBy {
		t.OrderBy[i].X = l.expr(items[i].Expr)
	}
	q.OrderBy, q.Limit, q.Offset, q.WithTies, q.LimitPos = t.OrderBy, t.Limit, t.Offset, t.WithTies, t.LimitPos
	q.Locking, q.Emit, q.EmitPos = t.Locking, t.Emit, t.EmitPos
}

func (l *lowering) with(q *ast.Select, w *tidb.WithClause) {
	if w == nil {
		return
	}
	q.With = l.withClause(w)
	q.Pos = q.With.Pos
}

func (l *lowering) withClause(w *tidb.WithClause) *ast.With {
	out := &ast.With{Recursive: w.IsRecursive, CTEs: make([]ast.CTE, len(w.CTEs))}
	for i, c := range w.CTEs {
		value, holes := l.node(c.Name.O)
		n, ok := value.(*canon.CTE)
		if !ok {
			l.bug("%T in WITH", value)
		}
		if n.Held {
			l.held(n, c.Query.Query, holes)
		} else {
			n.Node.Query = l.query(c.Query.Query)
		}
		out.CTEs[i], out.Pos = n.Node, n.WithPos
	}
	return out
}

// held fills a common table expression from the fields of the query that holds
// its parts.
func (l *lowering) held(n *canon.CTE, q tidb.ResultSetNode, holes []canon.Hole) {
	s, ok := q.(*tidb.SelectStmt)
	if !ok {
		l.bug("%T in WITH", q)
	}
	if len(holes) > 0 {
		l.fields(s, holes)
	}
	if n.From == nil {
		return
	}
	switch d := n.Node.DML.(type) {
	case *ast.Update:
		d.From = n.From.From
	case *ast.Delete:
		d.Using = n.From.From
	}
}
