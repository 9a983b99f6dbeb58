package planner

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// subLink binds a subquery in an expression.
func (b *binder) subLink(e *ast.SubLink, c *ectx) (plan.Expr, error) {
	if c.place.noSub {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cannot use subquery in %s", singular(c.place.name)).At(e.Pos)
	}
	var place *place
	if c.q != nil {
		place = c.q.place
		c.q.place = c.place
	}
	r, err := b.selectStmt(e.Query, c.s, selOptions{exists: e.Kind == ast.SubExists})
	if c.q != nil {
		c.q.place = place
	}
	if err != nil {
		return nil, err
	}
	x, err := b.linkValue(e, r, c)
	if sub, ok := x.(*plan.Subquery); ok && err == nil {
		b.alike.link(e, c.s, sub.Plan)
	}
	return x, err
}

func (b *binder) linkValue(e *ast.SubLink, r *result, c *ectx) (plan.Expr, error) {
	switch e.Kind {
	case ast.SubExists:
		return &plan.Subquery{Kind: plan.SubExists, Plan: r.node, Typ: types.TBool, TypMod: types.NoMod}, nil
	case ast.SubExpr:
		return b.scalarSub(e, r)
	case ast.SubArray:
		return b.arraySub(e, r)
	}
	return b.quantified(e, r, c)
}

func singular(name string) string {
	switch name {
	case inCheck.name:
		return "check constraint"
	case inDefault.name:
		return "DEFAULT expression"
	case inIndex.name:
		return "index expression"
	case inStatistics.name:
		return "statistics expression"
	case inIndexPred.name:
		return "index predicate"
	case inGenerated.name:
		return "column generation expression"
	case inTriggerWhen.name:
		return "trigger WHEN condition"
	case inExecute.name:
		return "EXECUTE parameter"
	case inUsing.name:
		return "transform expression"
	case inCopyWhere.name:
		return "COPY FROM WHERE condition"
	}
	return name
}

func (b *binder) scalarSub(e *ast.SubLink, r *result) (plan.Expr, error) {
	if len(r.cols) != 1 {
		if len(r.cols) == 0 {
			return nil, pgerr.New(pgerr.SyntaxError, "subquery must return a column").At(e.Pos)
		}
		return nil, pgerr.New(pgerr.SyntaxError, "subquery must return only one column").At(e.Pos)
	}
	b.subNames[e] = r.cols[0].Name
	return &plan.Subquery{Kind: plan.SubScalar, Plan: onlyCols(b, r), Typ: r.cols[0].Type, TypMod: r.cols[0].Mod}, nil
}

// onlyCols makes the result's columns the node's only ones, in order.
func onlyCols(b *binder, r *result) plan.Node {
	out := r.node.Out()
	same := len(out) == len(r.cols)
	for i := range out {
		same = same && i < len(r.cols) && out[i] == r.cols[i].ID
	}
	if same {
		return r.node
	}
	p := &plan.Project{In: r.node}
	for _, c := range r.cols {
		p.Cols, p.Vals = append(p.Cols, c.ID), append(p.Vals, b.meta.Ref(c.ID))
	}
	return p
}

func (b *binder) arraySub(e *ast.SubLink, r *result) (plan.Expr, error) {
	if len(r.cols) != 1 {
		return nil, pgerr.New(pgerr.SyntaxError, "subquery must return only one column").At(e.Pos)
	}
	t := r.cols[0].Type
	at := t.Array
	if t.IsArray() {
		at = t
	}
	if at == nil {
		return nil, pgerr.New(pgerr.UndefinedObject, "could not find array type for data type %s", formatType(t, types.NoMod)).At(e.Pos)
	}
	return &plan.Subquery{Kind: plan.SubArray, Plan: onlyCols(b, r), Typ: at, TypMod: r.cols[0].Mod}, nil
}

// quantified is x OP ANY|ALL (SELECT …) and x IN (SELECT …); x may be a row.
func (b *binder) quantified(e *ast.SubLink, r *result, c *ectx) (plan.Expr, error) {
	var left []plan.Expr
	var err error
	if row, ok := e.Test.(*ast.RowExpr); ok {
		left, err = b.rowArgs(row, c)
	} else {
		var x plan.Expr
		x, err = b.expr(e.Test, c)
		left = []plan.Expr{x}
	}
	if err != nil {
		return nil, err
	}
	if len(left) < len(r.cols) {
		return nil, pgerr.New(pgerr.SyntaxError, "subquery has too many columns").At(e.Pos)
	}
	if len(left) > len(r.cols) {
		return nil, pgerr.New(pgerr.SyntaxError, "subquery has too few columns").At(e.Pos)
	}
	right := make([]plan.Expr, len(r.cols))
	for i, col := range r.cols {
		right[i] = b.meta.Ref(col.ID)
	}
	test, err := b.compareRows(left, right, e.Schema, e.Op, e.Pos)
	if err != nil {
		return nil, err
	}
	if test.Type().OID != types.BoolOID {
		return nil, pgerr.New(pgerr.DatatypeMismatch, "operator %s must return type boolean, not type %s", e.Op, formatType(test.Type(), types.NoMod)).At(e.Pos)
	}
	kind := plan.SubAny
	if e.Kind == ast.SubAll {
		kind = plan.SubAll
	}
	return &plan.Subquery{Kind: kind, Plan: r.node, Test: test, Typ: types.TBool, TypMod: types.NoMod}, nil
}

// rowSubquery is (a, b) OP (SELECT c, d …): a single row is compared.
func (b *binder) rowSubquery(l *ast.RowExpr, sub *ast.SubLink, e *ast.BinaryOp, c *ectx) (plan.Expr, error) {
	left, err := b.rowArgs(l, c)
	if err != nil {
		return nil, err
	}
	r, err := b.selectStmt(sub.Query, c.s, selOptions{})
	if err != nil {
		return nil, err
	}
	if len(left) < len(r.cols) {
		return nil, pgerr.New(pgerr.SyntaxError, "subquery has too many columns").At(e.Pos)
	}
	if len(left) > len(r.cols) {
		return nil, pgerr.New(pgerr.SyntaxError, "subquery has too few columns").At(e.Pos)
	}
	row := &plan.Subquery{Kind: plan.SubRow, Plan: onlyCols(b, r), Typ: types.TRecord, TypMod: types.NoMod}
	right := make([]plan.Expr, len(r.cols))
	for i, col := range r.cols {
		right[i] = &plan.Field{X: row, I: i, Name: col.Name, Typ: col.Type, TypMod: col.Mod}
	}
	return b.compareRows(left, right, e.Schema, e.Op, e.Pos)
}

// domainCheck binds a domain's CHECK; it reads the value as VALUE.
func (b *binder) domainCheck(t *types.Type, text string) (plan.Expr, error) {
	e, err := b.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	c := &ectx{place: inCheck, value: &plan.CaseArg{Typ: t.Base, TypMod: t.BaseMod}}
	x, err := b.expr(e, c)
	if err != nil {
		return nil, stripPos(err)
	}
	return b.toBoolean(x, "CHECK", -1)
}
