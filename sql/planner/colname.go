package planner

import "github.com/streamsqld/streamsqld/sql/ast"

// figureName chooses the name of a result column that has no alias
// (FigureColname).
func (b *binder) figureName(e ast.Expr) string { return b.subNames.figure(e) }

// subNames are the names that the single columns of subqueries in expressions have,
// as far as they are bound.
type subNames map[*ast.SubLink]string

func (s subNames) figure(e ast.Expr) string {
	if name, strength := s.nameOf(e); strength > 0 {
		return name
	}
	return "?column?"
}

// ColumnName chooses the name that a result column or an index column has when the
// user gives none; "?column?" when there is no good one.
func ColumnName(e ast.Expr) string { return subNames(nil).figure(e) }

// nameOf gives a name and how good it is: 0 none, 1 a poor one (a type's), 2 a
// good one.
func (s subNames) nameOf(e ast.Expr) (string, int) {
	switch e := e.(type) {
	case *ast.ColumnRef:
		if len(e.Parts) > 0 {
			return e.Parts[len(e.Parts)-1], 2
		}
	case *ast.FieldSelect:
		if e.Name != "" {
			return e.Name, 2
		}
		return s.nameOf(e.X)
	case *ast.SubscriptExpr:
		return s.nameOf(e.X)
	case *ast.FuncCall:
		return e.Name.Object, 2
	case *ast.NullIfExpr:
		return "nullif", 2
	case *ast.TypeCast:
		if n, good := s.nameOf(e.X); good > 1 {
			return n, good
		}
		return e.Type.Name.Object, 1
	case *ast.CollateClause:
		return s.nameOf(e.X)
	case *ast.GroupingFunc:
		return "grouping", 2
	case *ast.SubLink:
		return s.subLink(e)
	case *ast.CaseExpr:
		if e.Else != nil {
			if n, good := s.nameOf(e.Else); good > 1 {
				return n, good
			}
		}
		return "case", 1
	case *ast.ArrayExpr:
		return "array", 2
	case *ast.RowExpr:
		return "row", 2
	case *ast.CoalesceExpr:
		return "coalesce", 2
	case *ast.MinMaxExpr:
		if e.Least {
			return "least", 2
		}
		return "greatest", 2
	case *ast.SQLValue:
		return sqlValueName(e.Func), 2
	}
	return "", 0
}

func (s subNames) subLink(e *ast.SubLink) (string, int) {
	switch e.Kind {
	case ast.SubExists:
		return "exists", 2
	case ast.SubArray:
		return "array", 2
	case ast.SubExpr:
		if name, ok := s[e]; ok {
			return name, 2
		}
	}
	return "", 0
}
