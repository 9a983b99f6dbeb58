package lower

import (
	tidb "github.com/pingcap/tidb/pkg/parser/ast"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
)

// target is the name of the marker that a DML statement's table is.
func (l *lowering) target(refs *tidb.TableRefsClause) string {
	n := tidb.ResultSetNode(refs.TableRefs)
	for {
		switch t := n.(type) {
		case *tidb.Join:
			n = t.Left
		case *tidb.TableSource:
			name, ok := t.Source.(*tidb.TableName)
			if !ok {
				l.bug("target %T", t.Source)
			}
			return name.Name.O
		default:
			l.bug("target %T", n)
		}
	}
}

// assignments lowers the values of assignments into holes.
func (l *lowering) assignments(holes []canon.Hole, list []*tidb.Assignment) {
	if len(holes) != len(list) {
		l.bug("%d assignments for %d holes", len(list), len(holes))
	}
	for i, h := range holes {
		l.fillHole(h, list[i].Expr)
	}
}

func (l *lowering) insert(s *tidb.InsertStmt) {
	value, holes := l.node(l.target(s.Table))
	ins, ok := value.(*ast.Insert)
	if !ok {
		l.bug("%T in INSERT", value)
	}
	l.assignments(holes, s.OnDuplicate)
	if s.Select != nil {
		ins.Query = l.query(s.Select)
	}
}

func (l *lowering) update(s *tidb.UpdateStmt) {
	value, holes := l.node(l.target(s.TableRefs))
	u, ok := value.(*ast.Update)
	if !ok {
		l.bug("%T in UPDATE", value)
	}
	l.assignments(holes, s.List)
	u.From = l.from(s.TableRefs.TableRefs)
	if s.Where != nil {
		u.Where = l.expr(s.Where)
	}
	if s.With != nil {
		u.With = l.withClause(s.With)
	}
}

func (l *lowering) delete(s *tidb.DeleteStmt) {
	var name string
	if s.IsMultiTable {
		name = s.Tables.Tables[0].Name.O
	} else {
		name = l.target(s.TableRefs)
	}
	value, _ := l.node(name)
	d, ok := value.(*ast.Delete)
	if !ok {
		l.bug("%T in DELETE", value)
	}
	if s.IsMultiTable {
		d.Using = l.from(s.TableRefs.TableRefs)
	}
	if s.Where != nil {
		d.Where = l.deleteWhere(s.Where)
	}
	if s.With != nil {
		d.With = l.withClause(s.With)
	}
}

// deleteWhere lowers the condition of a DELETE, which carries the RETURNING
// list if there is one.
func (l *lowering) deleteWhere(e tidb.ExprNode) ast.Expr {
	if w, ok := marked[*canon.DMLWhere](l, e); ok {
		return w.Where
	}
	return l.expr(e)
}
