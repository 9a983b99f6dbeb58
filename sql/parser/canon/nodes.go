package canon

import "github.com/streamsqld/streamsqld/sql/ast"

// The values of nodes are the sql/ast nodes themselves, by pointer, where
// there is one: any ast.Expr in an expression, *ast.TableRef, *ast.FuncRef,
// *ast.WindowRef and *ast.SubqueryRef in FROM, *ast.JoinExpr in a join's ON,
// *ast.GroupItem in GROUP BY, and *ast.Insert, *ast.Update and *ast.Delete as
// the table of such a statement. The types below are for what has no node.

// SelectInfo is the first field of a SELECT that has more to say than its
// text: what is zero was not given.
type SelectInfo struct {
	DistinctOn    []ast.Expr
	Into          *ast.IntoClause
	GroupDistinct bool
	Windows       []*ast.WindowDef
	// Star is set when the fields are not the target list, but SELECT was
	// written without one or as TABLE t; Targets is the list then.
	Given   bool
	Targets []ast.Target
}

// QueryTail is the last item of a query's ORDER BY. The items before it are
// the query's own, described by OrderBy.
type QueryTail struct {
	OrderBy  []ast.SortItem // X is filled from the items before
	Limit    ast.Expr
	Offset   ast.Expr
	WithTies bool
	LimitPos ast.Pos
	Locking  []ast.LockingClause
	Emit     ast.EmitKind
	EmitPos  ast.Pos
}

// Values is the only item of the only row of a VALUES list; its rows are
// complete but for the holes.
type Values struct {
	Rows [][]ast.Expr
	Pos  ast.Pos
}

// Arm is the only field of a SELECT that stands for a query in parentheses as
// an operand of a set operation.
type Arm struct{ Query ast.Select }

// Dual is the table of a SELECT without FROM.
type Dual struct{}

// CTE is the name of a common table expression.
type CTE struct {
	Node ast.CTE
	// Held: the query in the text only holds what fills the node's holes, as its
	// fields. So it is of a data-modifying statement, and of a CYCLE clause.
	Held bool
	// From is filled with the further FROM items of UPDATE and DELETE; nil: none.
	From *ast.Select
	// WithPos is the place of the WITH clause.
	WithPos ast.Pos
}

// DMLWhere is the WHERE condition of a DELETE that has a RETURNING list. The
// first hole is the condition if there is one.
type DMLWhere struct{ Where ast.Expr }
