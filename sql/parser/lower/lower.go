// Package lower turns TiDB's tree of a canonical text, with its annex, into
// sql/ast. It is the only place that knows TiDB's nodes.
//
// Most nodes come from the annex, complete but for their holes; what TiDB's
// grammar has itself (queries, joins, boolean and arithmetic operators,
// comparisons, IN, BETWEEN, LIKE, CASE, plain calls, columns, literals) is
// rebuilt from its nodes, with places from the offset map. TiDB tells the
// offset of an expression's first token only; the place of an operator is
// found at the byte before its right operand, which is the operator's last.
//
// Canonical text is made by us, so anything unexpected in the tree is a bug:
// XX000.
package lower

import (
	"fmt"

	tidb "github.com/pingcap/tidb/pkg/parser/ast"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
)

// Query lowers a statement that is a query into to.
func Query(stmt tidb.StmtNode, text *canon.Text, to *ast.Select) error {
	return run(text, func(l *lowering) { *to = *l.query(stmt) })
}

// Slots lowers a SELECT whose fields fill holes.
func Slots(stmt tidb.StmtNode, text *canon.Text, holes []canon.Hole) error {
	return run(text, func(l *lowering) {
		s, ok := stmt.(*tidb.SelectStmt)
		if !ok {
			l.bug("slots in %T", stmt)
		}
		l.fields(s, holes)
	})
}

// DML lowers INSERT, UPDATE and DELETE into the node of the annex.
func DML(stmt tidb.StmtNode, text *canon.Text) error {
	return run(text, func(l *lowering) {
		switch s := stmt.(type) {
		case *tidb.InsertStmt:
			l.insert(s)
		case *tidb.UpdateStmt:
			l.update(s)
		case *tidb.DeleteStmt:
			l.delete(s)
		default:
			l.bug("statement %T", stmt)
		}
	})
}

// lowering is the lowering of one statement.
type lowering struct{ text *canon.Text }

// bailout carries a bug out of the recursion.
type bailout struct{ err error }

func run(text *canon.Text, lower func(l *lowering)) (err error) {
	defer func() {
		if e := recover(); e != nil {
			b, ok := e.(bailout)
			if !ok {
				panic(e)
			}
			err = b.err
		}
	}()
	lower(&lowering{text})
	return nil
}

// bug ends the lowering: the tree is not what the reader wrote.
func (l *lowering) bug(format string, args ...any) {
	panic(bailout{pgerr.New(pgerr.InternalError, "unexpected parse tree: %s", fmt.Sprintf(format, args...)).
		WithDetail("Text: %s", l.text.SQL)})
}

// pos is the place of an expression's first token.
func (l *lowering) pos(e tidb.ExprNode) ast.Pos { return l.text.Source(e.OriginTextPosition()) }

// before is the place of what stands before an expression: an operator, or the
// word that begins a clause.
func (l *lowering) before(e tidb.ExprNode) ast.Pos { return l.text.Source(e.OriginTextPosition() - 1) }

// node looks a marker's node up.
func (l *lowering) node(name string) (value any, holes []canon.Hole) {
	value, holes, ok := l.text.Lookup(name)
	if !ok {
		l.bug("marker %q", name)
	}
	return value, holes
}

// user is the user's name that an identifier stands for.
func (l *lowering) user(name tidb.CIStr) string {
	ident, ok := canon.UserName(name.O)
	if !ok {
		l.bug("identifier %q", name.O)
	}
	return ident
}

// fill lowers args into the holes of a node.
func (l *lowering) fill(holes []canon.Hole, args []tidb.ExprNode) {
	if len(holes) != len(args) {
		l.bug("%d arguments for %d holes", len(args), len(holes))
	}
	for i, h := range holes {
		l.fillHole(h, args[i])
	}
}

func (l *lowering) fillHole(h canon.Hole, arg tidb.ExprNode) {
	if h.Expr != nil {
		*h.Expr = l.expr(arg)
		return
	}
	s, ok := arg.(*tidb.SubqueryExpr)
	if !ok {
		l.bug("%T for a query", arg)
	}
	q := l.query(s.Query)
	if h.With != nil {
		*h.With = q.With
		return
	}
	*h.Query = *q
}

// fields lowers the fields of a SELECT into holes.
func (l *lowering) fields(s *tidb.SelectStmt, holes []canon.Hole) {
	if len(s.Fields.Fields) != len(holes) {
		l.bug("%d fields for %d holes", len(s.Fields.Fields), len(holes))
	}
	for i, h := range holes {
		l.fillHole(h, s.Fields.Fields[i].Expr)
	}
}

// marked gives the node of a marker, with its holes filled, if e is a marker
// and its node a T.
func marked[T any](l *lowering, e tidb.ExprNode) (node T, ok bool) {
	var name string
	var args []tidb.ExprNode
	switch e := e.(type) {
	case *tidb.ColumnNameExpr:
		if e.Name.Table.O != "" {
			return node, false
		}
		name = e.Name.Name.O
	case *tidb.FuncCallExpr:
		if e.Schema.O != "" {
			return node, false
		}
		name, args = e.FnName.O, e.Args
	}
	if canon.MarkerIndex(name) < 0 {
		return node, false
	}
	value, holes := l.node(name)
	if node, ok = value.(T); ok {
		l.fill(holes, args)
	}
	return node, ok
}
