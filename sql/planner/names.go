package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Names is told what the names in a query mean while it is bound, so that its text
// can be written again when something gets another name. What stands within views
// is left out.
type Names struct {
	Tables map[*ast.TableRef]*catalog.Relation
	Types  map[*ast.TypeName]*types.Type
	// Calls are the users' functions that are called.
	Calls map[*ast.FuncCall]catalog.OID
	// Stars are the columns that *, t.* stand for: those of one alias, or of the
	// columns that a join has merged ("").
	Stars map[*ast.ColumnRef][]StarColumn
	// Naturals are the columns of NATURAL joins.
	Naturals map[*ast.JoinExpr][]ast.Ident
	// Bare are the aliases whose columns are named without one, by position.
	Bare map[int32]string
	// Constants are what literals stand for that name things.
	Constants map[*ast.Literal]NamedValue
	// Formatted are what literals stand for whose text may mean something else under
	// other settings (DateStyle, TimeZone, IntervalStyle) or at another time.
	Formatted map[*ast.Literal]NamedValue
	literals  map[*plan.Const]*ast.Literal
}

// call notes the call of a user's function.
func (n *Names) call(e *ast.FuncCall, bc *boundCall) {
	if n != nil && bc != nil && bc.fn.OID >= types.FirstUserOID {
		n.Calls[e] = bc.fn.OID
	}
}

// StarColumn is a column among those that a star stands for.
type StarColumn struct{ Alias, Name string }

// NamedValue is what a literal stands for: a value of a type, read with a modifier.
type NamedValue struct {
	Type  *types.Type
	Value types.Datum
	Mod   int32
}

// NewNames makes empty Names.
func NewNames() *Names {
	return &Names{
		Tables: map[*ast.TableRef]*catalog.Relation{}, Calls: map[*ast.FuncCall]catalog.OID{}, Types: map[*ast.TypeName]*types.Type{}, Stars: map[*ast.ColumnRef][]StarColumn{},
		Naturals: map[*ast.JoinExpr][]ast.Ident{}, Constants: map[*ast.Literal]NamedValue{}, Formatted: map[*ast.Literal]NamedValue{},
		literals: map[*plan.Const]*ast.Literal{}, Bare: map[int32]string{},
	}
}

func (n *Names) table(t *ast.TableRef, rel *catalog.Relation) {
	if n != nil {
		n.Tables[t] = rel
	}
}

// instead notes what was told of a copy of a reference for the reference itself.
func (n *Names) instead(of, t *ast.TableRef) {
	if n == nil || n.Tables[of] == nil || of == t {
		return
	}
	n.Tables[t] = n.Tables[of]
	delete(n.Tables, of)
}

func (n *Names) typ(name *ast.TypeName, t *types.Type) {
	if n != nil {
		n.Types[name] = t
	}
}

func (n *Names) star(e *ast.ColumnRef, it *item, level []*item) {
	if n == nil {
		return
	}
	for _, c := range it.cols {
		n.Stars[e] = append(n.Stars[e], StarColumn{aliasOf(it, c.id, level), c.name})
	}
}

// aliasOf is the alias that a column has: a join has none, but what it joins.
func aliasOf(it *item, id plan.ColID, level []*item) string {
	if it.relVisible {
		return it.alias
	}
	for _, x := range level {
		for _, c := range x.cols {
			if x.relVisible && c.id == id {
				return x.alias
			}
		}
	}
	return ""
}

func (n *Names) natural(j *ast.JoinExpr, using []ast.Ident) {
	if n != nil {
		n.Naturals[j] = using
	}
}

func (n *Names) literal(e *ast.Literal, c *plan.Const) {
	if n != nil {
		n.literals[c] = e
	}
}

func (n *Names) constant(c *plan.Const, t *types.Type, mod int32, v types.Datum) {
	if n == nil || n.literals[c] == nil || v.IsNull() {
		return
	}
	value := NamedValue{t, v, mod}
	elem := t
	if t.IsArray() {
		elem = t.Elem.Underlying()
	}
	switch elem.OID {
	case types.RegclassOID, types.RegtypeOID, types.RegnamespaceOID:
		if elem == t {
			n.Constants[n.literals[c]] = value
		}
	case types.DateOID, types.TimeOID, types.TimetzOID, types.TimestampOID, types.TimestamptzOID, types.IntervalOID:
		n.Formatted[n.literals[c]] = value
	default:
		if t.Class == types.Enum {
			n.Constants[n.literals[c]] = value
		}
	}
}

func (n *Names) bare(it *item, at int, level []*item, pos int32) {
	if n != nil && pos >= 0 {
		n.Bare[pos] = aliasOf(it, it.cols[at].id, level)
	}
}
