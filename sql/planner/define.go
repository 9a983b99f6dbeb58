package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// What statements of DDL bind besides queries.

// BindDomainCheck binds a CHECK of a domain over base (with modifier mod), in which
// VALUE is a plan.CaseArg.
func BindDomainCheck(ctx *Context, e ast.Expr, base *types.Type, mod int32) (plan.Expr, []catalog.Dep, error) {
	b := newBinder(ctx)
	x, err := b.expr(e, &ectx{place: inCheck, value: &plan.CaseArg{Typ: base, TypMod: mod}})
	if err == nil {
		x, err = b.toBoolean(x, "CHECK", ast.Leftmost(e))
	}
	return x, b.depList(), err
}

// ShownDefault binds a default as it is kept and shown: without the coercion to the
// column's type, which is done anew whenever it is used. An untyped literal gets
// the type.
func ShownDefault(ctx *Context, e ast.Expr, col *catalog.Column, generated bool, rel *catalog.Relation) (plan.Expr, *plan.Meta, error) {
	b := newBinder(ctx)
	c := &ectx{place: inDefault}
	if generated {
		c = b.rowContext(rel, inGenerated)
	}
	x, err := b.expr(e, c)
	if err == nil && x.Type().OID == types.UnknownOID {
		x, err = b.coerceType(x, b.columnType(col).Underlying(), types.NoMod, assignment, -1)
	}
	return x, b.meta, err
}

// dependConstant notes the type of a constant, and the object that one of the reg*
// types names.
func (b *binder) dependConstant(t *types.Type, d types.Datum) {
	b.depend(t.OID, 0)
	switch t.Underlying().OID {
	case types.RegclassOID, types.RegtypeOID, types.RegnamespaceOID:
		b.depend(catalog.OID(d.Int()), 0)
	}
}

// NewValue is what a column has in the rows of a relation that is redefined.
type NewValue struct {
	// Copy is the attribute number of the old column that is copied, 0 when the value
	// is computed.
	Copy int16
	// Using computes it over the old row (ALTER COLUMN TYPE), Default without one.
	// With neither it is NULL.
	Using, Default ast.Expr
	// Explicit tells that the user gave Using.
	Explicit bool
}

// Rewrite is how the rows of a relation get the form of a new definition: Source
// computes them over WorkScan InputID, whose columns In are the live columns of the
// old one. New are the columns of Source that are the live ones of the new one, in
// order.
type Rewrite struct {
	Source  plan.Node
	Meta    *plan.Meta
	InputID int
	In, New []plan.ColID
	// Checks are the CHECK constraints that are valid, over New.
	Checks []Check
}

// BindRewrite plans how rows of old become rows of rel, the same relation
// redefined: vals gives the value of each live column of it, nil for generated
// ones.
func BindRewrite(ctx *Context, old, rel *catalog.Relation, vals []*NewValue) (*Rewrite, error) {
	b := newBinder(ctx)
	q := b.newQuery(nil)
	b.nextID++
	w := &Rewrite{Meta: b.meta, InputID: b.nextID}
	ws := &plan.WorkScan{ID: b.nextID}
	it := &item{alias: old.Name, rel: old, owner: q, relVisible: true, colsVisible: true}
	if old.RowType != 0 {
		it.row = b.Catalog.TypeByOID(old.RowType)
	}
	attrs := live(old)
	for _, attr := range attrs {
		c := &old.Columns[attr-1]
		id := b.newCol(q, plan.ColInfo{Name: c.Name, Type: b.columnType(c), Mod: c.Mod, Rel: old.OID, Attr: attr})
		it.cols, w.In = append(it.cols, itemCol{c.Name, id}), append(w.In, id)
	}
	ws.Cols = w.In
	q.scope.items = []*item{it}
	row := &newRow{b: b, q: q, rel: rel, old: attrs, in: w.In}
	xs := make([]plan.Expr, len(vals))
	for i, attr := range live(rel) {
		if vals[i] == nil {
			continue
		}
		var err error
		if xs[i], err = row.value(attr, vals[i]); err != nil {
			return nil, err
		}
	}
	n, cols, err := b.rowNode(rel, ws, xs, q, nil)
	if err != nil {
		return nil, err
	}
	w.Source, w.New = b.optimizeGiven(n), cols
	checks, err := b.checks(rel, cols)
	for _, c := range checks {
		if con := rel.Constraint(c.Name); con != nil && con.Valid {
			w.Checks = append(w.Checks, c)
		}
	}
	return w, err
}

// newRow binds the values of a redefined relation's row.
type newRow struct {
	b   *binder
	q   *query
	rel *catalog.Relation
	old []int16 // the live attributes of the old row
	in  []plan.ColID
}

func (r *newRow) value(attr int16, v *NewValue) (plan.Expr, error) {
	b := r.b
	switch {
	case v.Copy > 0:
		for i, a := range r.old {
			if a == v.Copy {
				return b.meta.Ref(r.in[i]), nil
			}
		}
		return nil, pgerr.New(pgerr.InternalError, "attribute %d of \"%s\" is gone", v.Copy, r.rel.Name)
	case v.Using != nil:
		x, err := b.expr(v.Using, r.q.at(inUsing))
		if err != nil {
			return nil, err
		}
		return b.toColumn(x, r.rel, attr, v)
	case v.Default != nil:
		x, err := b.expr(v.Default, &ectx{place: inDefault})
		if err != nil {
			return nil, stripPos(err)
		}
		x, err = b.assign(x, r.rel, attr, -1)
		return x, stripPos(err)
	}
	c := &r.rel.Columns[attr-1]
	return b.coerceType(&plan.Const{Typ: types.TUnknown, TypMod: types.NoMod}, b.columnType(c), c.Mod, assignment, -1)
}

// toColumn coerces what USING gives to the column's new type.
func (b *binder) toColumn(x plan.Expr, rel *catalog.Relation, attr int16, v *NewValue) (plan.Expr, error) {
	c := &rel.Columns[attr-1]
	t := b.columnType(c)
	return b.mustCoerce(x, t, c.Mod, assignment, -1, func() *pgerr.Error {
		if v.Explicit {
			return pgerr.New(pgerr.DatatypeMismatch, "result of USING clause for column \"%s\" cannot be cast automatically to type %s",
				c.Name, FormatType(b.Context, t, types.NoMod)).WithHint("You might need to add an explicit cast.")
		}
		return pgerr.New(pgerr.DatatypeMismatch, "column \"%s\" cannot be cast automatically to type %s", c.Name, FormatType(b.Context, t, types.NoMod)).
			WithHint("You might need to specify \"USING %s::%s\".", ast.QuoteIdent(c.Name), FormatType(b.Context, t, c.Mod))
	})
}
