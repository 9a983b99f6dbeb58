package lower

import (
	tidb "github.com/pingcap/tidb/pkg/parser/ast"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
)

// from lowers a FROM list: TiDB joins its items without a condition.
func (l *lowering) from(j *tidb.Join) []ast.TableExpr {
	var reversed []tidb.ResultSetNode
	for isList(j) {
		if j.Right != nil {
			reversed = append(reversed, j.Right)
		}
		left, ok := j.Left.(*tidb.Join)
		if !ok {
			reversed = append(reversed, j.Left)
			j = nil
			break
		}
		j = left
	}
	if j != nil {
		reversed = append(reversed, j)
	}
	list := make([]ast.TableExpr, 0, len(reversed))
	for i := len(reversed) - 1; i >= 0; i-- {
		if t := l.table(reversed[i]); t != nil {
			list = append(list, t)
		}
	}
	return list
}

// isList tells whether j is no join of the user's: those have a condition.
func isList(j *tidb.Join) bool { return j.On == nil }

// table lowers an item of FROM; it is nil for what the user did not write
// there.
func (l *lowering) table(n tidb.ResultSetNode) ast.TableExpr {
	switch t := n.(type) {
	case *tidb.TableSource:
		return l.source(t)
	case *tidb.Join:
		return l.join(t)
	}
	l.bug("item %T of FROM", n)
	return nil
}

func (l *lowering) source(t *tidb.TableSource) ast.TableExpr {
	if name, ok := t.Source.(*tidb.TableName); ok {
		value, _ := l.node(name.Name.O)
		return l.tableNode(value)
	}
	value, holes := l.node(t.AsName.O)
	if s, ok := value.(*ast.SubqueryRef); ok && len(holes) == 0 {
		s.Query = l.query(t.Source)
		return s
	}
	s, ok := t.Source.(*tidb.SelectStmt)
	if !ok {
		l.bug("%T for holes", t.Source)
	}
	l.fields(s, holes)
	return l.tableNode(value)
}

func (l *lowering) tableNode(value any) ast.TableExpr {
	switch v := value.(type) {
	case canon.Dual, *ast.Update: // no item of the user's
		return nil
	case ast.TableExpr:
		return v
	}
	l.bug("%T in FROM", value)
	return nil
}

// join lowers a join. Its condition is a marker if TiDB has no such join. Long
// chains lean to the left, so the left side is walked in a loop.
func (l *lowering) join(j *tidb.Join) ast.TableExpr {
	chain := []*tidb.Join{j}
	for {
		left, ok := unwrapped(chain[len(chain)-1].Left)
		if !ok {
			break
		}
		chain = append(chain, left)
	}
	x := l.operand(chain[len(chain)-1].Left)
	for i := len(chain) - 1; i >= 0; i-- {
		x = l.joinOver(x, chain[i])
	}
	return x
}

// unwrapped is the join that an operand is, out of the parentheses that TiDB
// makes a join of one item of.
func unwrapped(n tidb.ResultSetNode) (*tidb.Join, bool) {
	for {
		j, ok := n.(*tidb.Join)
		if !ok {
			return nil, false
		}
		if j.Right != nil {
			return j, true
		}
		n = j.Left
	}
}

func (l *lowering) operand(n tidb.ResultSetNode) ast.TableExpr {
	if j, ok := unwrapped(n); ok {
		return l.join(j)
	}
	for {
		j, ok := n.(*tidb.Join)
		if !ok {
			return l.table(n)
		}
		n = j.Left
	}
}

// joinOver joins x with the right operand of j.
func (l *lowering) joinOver(x ast.TableExpr, j *tidb.Join) ast.TableExpr {
	if j.On == nil {
		l.bug("a join without ON")
	}
	out := l.joinNode(j)
	out.L, out.R = x, l.operand(j.Right)
	return out
}

func (l *lowering) joinNode(j *tidb.Join) *ast.JoinExpr {
	on := j.On.Expr
	if node, ok := marked[*ast.JoinExpr](l, on); ok {
		return node
	}
	out := &ast.JoinExpr{On: l.expr(on), Pos: l.before(on), Alias: ast.Alias{Pos: ast.NoPos}}
	switch j.Tp {
	case tidb.LeftJoin:
		out.Kind = ast.JoinLeft
	case tidb.RightJoin:
		out.Kind = ast.JoinRight
	}
	return out
}
