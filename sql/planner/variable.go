package planner

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Variables says what names mean that stand in a statement of a function written in
// PL/pgSQL: its variables, which are the statement's parameters.
type Variables interface {
	// Variable finds a variable, or a field of one, by a name ("$1" is one). used is how
	// many parts of it say which one; 0: there is none. An error says why a variable has
	// no such value; it counts if there is no column of that name.
	Variable(parts []string) (v Variable, used int, err error)
	// Prefers says what a name means that is a variable and a column.
	Prefers() Preference
}

// Variable is the parameter that holds a variable's value; N is from 1.
type Variable struct {
	N    int
	Type *types.Type
	Mod  int32
}

// Preference says what a name means that is a variable and a column.
type Preference uint8

// The preferences.
const (
	PreferNone Preference = iota // that is an error
	PreferVariable
	PreferColumn
)

// variable resolves a name to a variable, nil when it is none.
func (b *binder) variable(parts []string) (plan.Expr, error) {
	v, used, err := b.Vars.Variable(parts)
	if err != nil || used == 0 {
		return nil, err
	}
	x := b.variableParam(v)
	for _, n := range parts[used:] {
		if x = b.field(x, n); x == nil {
			return nil, nil
		}
	}
	return x, nil
}

func (b *binder) variableParam(v Variable) plan.Expr {
	for len(b.params) < v.N {
		b.params = append(b.params, nil)
	}
	b.params[v.N-1] = v.Type
	return &plan.Param{N: v.N, Typ: v.Type}
}

// columnOrVariable resolves a name in a statement of PL/pgSQL
// (plpgsql_post_column_ref).
func (b *binder) columnOrVariable(e *ast.ColumnRef, c *ectx) (plan.Expr, error) {
	if b.Vars.Prefers() == PreferVariable {
		if x, err := b.variable(e.Parts); x != nil || err != nil {
			return x, err
		}
	}
	x, err := b.plainColumn(e, c)
	if b.Vars.Prefers() != PreferNone && err == nil {
		return x, nil
	}
	if err != nil && !notThere(err) {
		return nil, err
	}
	v, verr := b.variable(e.Parts)
	switch {
	case err == nil && v != nil && verr == nil:
		return nil, pgerr.New(pgerr.AmbiguousColumn, "column reference \"%s\" is ambiguous", dotted(e.Parts)).
			WithDetail("It could refer to either a PL/pgSQL variable or a table column.").At(e.Pos)
	case err == nil:
		return x, nil
	case verr != nil:
		return nil, verr
	case v != nil:
		return v, nil
	}
	return nil, err
}

// notThere tells the errors of names that are none of a column.
func notThere(err error) bool {
	e, ok := err.(*pgerr.Error)
	return ok && (e.Code == pgerr.UndefinedColumn || e.Code == pgerr.UndefinedTable)
}

// variableStar gives the fields of the record variable that v.* names, false when
// it is none.
func (b *binder) variableStar(e *ast.ColumnRef, c *ectx) ([]namedExpr, bool, error) {
	if b.Vars == nil || len(e.Parts) == 0 {
		return nil, false, nil
	}
	if c.s != nil && b.Vars.Prefers() != PreferVariable {
		schema := ""
		if len(e.Parts) > 1 {
			schema = e.Parts[len(e.Parts)-2]
		}
		if it, err := c.s.table(schema, e.Parts[len(e.Parts)-1], e.Pos); err == nil && it != nil {
			return nil, false, nil
		}
	}
	x, err := b.variable(e.Parts)
	if x == nil || err != nil {
		return nil, false, err
	}
	fields := b.rowFields(x)
	if fields == nil {
		return nil, false, nil
	}
	var out []namedExpr
	for i, f := range fields {
		if !f.Dropped {
			out = append(out, namedExpr{f.Name, b.fieldAt(x, i, f)})
		}
	}
	return out, true, nil
}

// PlanCast plans the assignment of $1, a value of one type, to a variable of another:
// as an assignment if there is such a cast, else through the text
// (get_cast_hashentry).
func PlanCast(c *Context, from, to *types.Type, mod int32) (plan.Expr, error) {
	b := newBinder(c)
	b.params = []*types.Type{from}
	p := &plan.Param{N: 1, Typ: from}
	x, err := b.coerce(p, to, mod, assignment, -1)
	if x != nil || err != nil {
		return x, err
	}
	text, err := b.coerce(p, types.TText, types.NoMod, explicit, -1)
	if err != nil || text == nil {
		return nil, pgerr.New(pgerr.DatatypeMismatch, "cannot cast type %s to %s", formatType(from, types.NoMod), formatType(to, types.NoMod))
	}
	if x, err = b.coerce(text, to, mod, explicit, -1); x == nil && err == nil {
		err = pgerr.New(pgerr.DatatypeMismatch, "cannot cast type %s to %s", formatType(from, types.NoMod), formatType(to, types.NoMod))
	}
	return x, err
}

// Fields are those of the rows that the one column of a query holds, nil when they
// are not known.
func (q *Query) Fields() []types.Field { return q.fields }

// Simple gives the value of a query that is one expression, which reads nothing;
// nil: it is more than that.
func (q *Query) Simple() plan.Expr {
	if len(q.Cols) != 1 || len(q.Parts) > 0 || len(q.Rows) > 0 || q.Locks {
		return nil
	}
	x := plan.Expr(nil)
	switch n := q.Root.(type) {
	case *plan.Project:
		v, ok := n.In.(*plan.Values)
		if !ok || len(v.Rows) != 1 || len(v.Cols) != 0 {
			return nil
		}
		for i, id := range n.Cols {
			if id == q.Cols[0].ID {
				x = n.Vals[i]
			}
		}
	case *plan.Values:
		if len(n.Rows) != 1 {
			return nil
		}
		for i, id := range n.Cols {
			if id == q.Cols[0].ID {
				x = n.Rows[0][i]
			}
		}
	}
	if x == nil || plan.HasSubquery(x) {
		return nil
	}
	return x
}

// routine notes that a function is called whose body is interpreted, and refuses it
// where no session would run it.
func (b *binder) routine(bc *boundCall, c *ectx, pos int32) error {
	if !bc.fn.Interpreted() {
		return nil
	}
	if bc.fn.OID < types.FirstUserOID { // it runs a query given as text, and is volatile
		return nil
	}
	b.called(bc.fn)
	switch {
	case b.View:
		return pgerr.NotSupported("function %s, which is written in PL/pgSQL, in a materialized view", bc.fn.Name).At(pos)
	case c.place == inGenerated || c.place == inIndex || c.place == inIndexPred || c.place == inPartKey:
		return pgerr.NotSupported("function %s, which is written in PL/pgSQL, in %s", bc.fn.Name, c.place.name).At(pos)
	}
	return nil
}

// PlanPart plans the assignment of $2 to a part of $1, a variable's value: the
// subscripts in path are parameters from $3 on.
func PlanPart(c *Context, base *types.Type, path []ast.PathStep, from *types.Type, name string, subs int) (plan.Expr, error) {
	b := newBinder(c)
	b.params = []*types.Type{base, from}
	for range subs {
		b.params = append(b.params, types.TInt4)
	}
	return b.assignPath(&plan.Param{N: 1, Typ: base}, path, &plan.Param{N: 2, Typ: from}, name, &ectx{place: inDefault}, -1)
}

// columnFields finds the fields of the rows in a query's only column.
func (b *binder) columnFields(q *Query) []types.Field {
	id := q.Cols[0].ID
	if f := b.recordFields[id]; f != nil {
		return f
	}
	if p, ok := q.Root.(*plan.Project); ok {
		for i := range p.Cols {
			if p.Cols[i] == id {
				return b.rowFields(p.Vals[i])
			}
		}
	}
	return nil
}
