package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
	"github.com/streamsqld/streamsqld/sql/parser/read"
)

// constraint is a constraint with its expression, which finds its place when
// the list of constraints is complete.
type constraint struct {
	ast.Constraint
	expr *read.Expression
}

// finishConstraints gives the list; its expressions become slots.
func finishConstraints(r cmd, list []constraint) []ast.Constraint {
	if len(list) == 0 {
		return nil
	}
	out := make([]ast.Constraint, len(list))
	for i, c := range list {
		out[i] = c.Constraint
		if c.expr != nil {
			r.Fill(&out[i].Expr, *c.expr)
		}
	}
	return out
}

// quals are the constraints and the collation behind a column's type.
type quals struct {
	list      []constraint
	collation *ast.Name
}

func (q *quals) finish(r cmd) []ast.Constraint { return finishConstraints(r, q.list) }

// columnQuals reads gram.y's ColQualList.
func (r cmd) columnQuals() *quals {
	q := &quals{}
	for {
		pos := r.Pos()
		switch {
		case r.Accept(keyword.Collate):
			name := r.AnyName()
			if q.collation != nil {
				r.failAt(pos, "multiple COLLATE clauses not allowed")
			}
			q.collation = &name
		case r.isConstraintAttr():
			r.columnAttr(q)
		case r.Accept(keyword.Constraint):
			name := r.ColID().Name
			c, ok := r.columnConstraint(pos)
			if !ok {
				panic(r.Unexpected())
			}
			c.Name = name
			q.list = append(q.list, c)
		default:
			c, ok := r.columnConstraint(pos)
			if !ok {
				return q
			}
			q.list = append(q.list, c)
		}
	}
}

// isConstraintAttr tells whether DEFERRABLE or its kin follows.
func (r cmd) isConstraintAttr() bool {
	return r.Is(keyword.Deferrable) || r.Is(keyword.Initially) ||
		r.Is(keyword.Not) && r.Peek(1).Is(keyword.Deferrable)
}

// columnAttr reads DEFERRABLE and its kin, which belong to the constraint
// before.
func (r cmd) columnAttr(q *quals) {
	pos := r.Pos()
	not := r.Accept(keyword.Not)
	clause := "DEFERRABLE"
	switch {
	case r.Accept(keyword.Deferrable):
		if not {
			clause = "NOT DEFERRABLE"
		}
	default:
		r.Expect(keyword.Initially)
		if clause = "INITIALLY DEFERRED"; !r.Accept(keyword.Deferred) {
			r.Expect(keyword.Immediate)
			clause = "INITIALLY IMMEDIATE"
		}
	}
	if len(q.list) == 0 || !deferrableKind(q.list[len(q.list)-1].Kind) {
		r.failAt(pos, "misplaced %s clause", clause)
	}
	c := &q.list[len(q.list)-1]
	switch clause {
	case "DEFERRABLE":
		c.Deferrable = true
	case "NOT DEFERRABLE":
		if c.InitiallyDeferred {
			r.failAt(pos, "constraint declared INITIALLY DEFERRED must be DEFERRABLE")
		}
	case "INITIALLY DEFERRED":
		c.InitiallyDeferred, c.Deferrable = true, true
	}
}

func deferrableKind(k ast.ConKind) bool {
	return k == ast.ConPrimary || k == ast.ConUnique || k == ast.ConExclude || k == ast.ConForeign
}

// columnConstraint reads one constraint of a column; ok is false if none
// follows.
func (r cmd) columnConstraint(pos ast.Pos) (c constraint, ok bool) {
	c.Pos = pos
	switch {
	case r.Is(keyword.Not):
		r.Next()
		r.Expect(keyword.Null)
		c.Kind = ast.ConNotNull
	case r.Accept(keyword.Null):
		c.Kind = ast.ConNull
	case r.Accept(keyword.Unique):
		c.Kind = ast.ConUnique
		c.NullsNotDistinct = r.nullsNotDistinct()
		r.indexParameters(&c)
	case r.acceptPair(keyword.Primary, keyword.Key):
		c.Kind = ast.ConPrimary
		r.indexParameters(&c)
	case r.Accept(keyword.Check):
		c.Kind = ast.ConCheck
		c.expr = r.parenExpr()
		c.NoInherit = r.acceptPair(keyword.No, keyword.Inherit)
	case r.Accept(keyword.Default):
		c.Kind = ast.ConDefault
		e := r.BExpr()
		c.expr = &e
	case r.Accept(keyword.Generated):
		r.generated(&c)
	case r.Accept(keyword.References):
		c.Kind = ast.ConForeign
		r.references(&c)
	default:
		return c, false
	}
	return c, true
}

// parenExpr reads an expression in parentheses.
func (r cmd) parenExpr() *read.Expression {
	r.ExpectChar('(')
	e := r.Expr()
	r.ExpectChar(')')
	return &e
}

// generated reads GENERATED … behind this word.
func (r cmd) generated(c *constraint) {
	at := r.Pos()
	c.Always = r.generatedWhen()
	r.Expect(keyword.As)
	if r.Accept(keyword.Identity) {
		c.Kind = ast.ConIdentity
		c.SeqOpts = r.identityOptions()
		return
	}
	c.Kind = ast.ConGenerated
	c.expr = r.parenExpr()
	r.Expect(keyword.Stored)
	if !c.Always {
		r.failAt(at, "for a generated column, GENERATED ALWAYS must be specified")
	}
}

// generatedWhen reads ALWAYS or BY DEFAULT.
func (r cmd) generatedWhen() bool {
	if r.Accept(keyword.Always) {
		return true
	}
	r.Expect(keyword.By, keyword.Default)
	return false
}

// identityOptions reads (sequence options) if they follow.
func (r cmd) identityOptions() []ast.SeqOption {
	if !r.AcceptChar('(') {
		return nil
	}
	if !r.isSeqOption() {
		panic(r.Unexpected())
	}
	list := r.seqOptions()
	r.ExpectChar(')')
	return list
}

// indexParameters reads WITH (…) and USING INDEX TABLESPACE of a constraint
// that makes an index.
func (r cmd) indexParameters(c *constraint) {
	if r.Accept(keyword.With) {
		c.Options = r.definition()
	}
	if pos := r.Pos(); r.Accept(keyword.Using) {
		r.Expect(keyword.Index, keyword.Tablespace)
		r.ColID()
		r.Refuse(pos, "USING INDEX TABLESPACE")
	}
}

// references reads what follows REFERENCES.
func (r cmd) references(c *constraint) {
	c.RefTable = r.QualifiedName()
	c.RefColumns = r.OptColumnList()
	if at := r.Pos(); r.Accept(keyword.Match) {
		switch {
		case r.Accept(keyword.Full):
			c.MatchFull = true
		case r.Accept(keyword.Partial):
			r.refuseAt(at, "MATCH PARTIAL not yet implemented")
		case r.Accept(keyword.Simple):
		default:
			panic(r.Unexpected())
		}
	}
	seen := map[keyword.ID]bool{}
	for r.Is(keyword.On) {
		event := r.Peek(1).Keyword
		if event != keyword.Update && event != keyword.Delete || seen[event] {
			if !seen[event] {
				r.Next()
			}
			panic(r.Unexpected())
		}
		seen[event] = true
		r.keyAction(c, event)
	}
}

// keyAction reads ON UPDATE or ON DELETE with its action.
func (r cmd) keyAction(c *constraint, event keyword.ID) {
	at := r.Pos()
	r.Skip(2)
	action, columns := ast.FKNoAction, []ast.Ident(nil)
	name := ""
	switch {
	case r.acceptPair(keyword.No, keyword.Action):
	case r.Accept(keyword.Restrict):
		action = ast.FKRestrict
	case r.Accept(keyword.Cascade):
		action = ast.FKCascade
	default:
		r.Expect(keyword.Set)
		if action, name = ast.FKSetNull, "SET NULL"; !r.Accept(keyword.Null) {
			r.Expect(keyword.Default)
			action, name = ast.FKSetDefault, "SET DEFAULT"
		}
		columns = r.OptColumnList()
	}
	if event == keyword.Delete {
		c.OnDelete, c.SetColumns = action, columns
		return
	}
	if columns != nil {
		r.refuseAt(at, "a column list with %s is only supported for ON DELETE actions", name)
	}
	c.OnUpdate = action
}

// isTableConstraint tells whether a constraint of the table follows, and not a
// column.
func (r cmd) isTableConstraint() bool {
	switch r.Tok().Keyword {
	case keyword.Constraint, keyword.Check, keyword.Unique, keyword.Primary, keyword.Foreign:
		return true
	case keyword.Exclude: // may name a column
		next := r.Peek(1)
		return next.Is(keyword.Using) || next.Kind == '('
	}
	return false
}

// tableConstraint reads a constraint of a table.
func (r cmd) tableConstraint() constraint {
	c := constraint{Constraint: ast.Constraint{Pos: r.Pos()}}
	if r.Accept(keyword.Constraint) {
		c.Name = r.ColID().Name
	}
	switch {
	case r.Accept(keyword.Check):
		c.Kind = ast.ConCheck
		c.expr = r.parenExpr()
		r.attributes(&c, "CHECK", attrNotValid|attrNoInherit)
	case r.Accept(keyword.Unique):
		c.Kind = ast.ConUnique
		r.indexConstraint(&c, "UNIQUE")
	case r.acceptPair(keyword.Primary, keyword.Key):
		c.Kind = ast.ConPrimary
		r.indexConstraint(&c, "PRIMARY KEY")
	case r.Accept(keyword.Exclude):
		c.Kind = ast.ConExclude
		r.exclude(&c)
	default:
		r.Expect(keyword.Foreign, keyword.Key)
		c.Kind = ast.ConForeign
		c.Columns = r.ColumnList()
		r.Expect(keyword.References)
		r.references(&c)
		r.attributes(&c, "FOREIGN KEY", attrDeferrable|attrNotValid)
	}
	return c
}

// indexConstraint reads what follows UNIQUE and PRIMARY KEY.
func (r cmd) indexConstraint(c *constraint, name string) {
	if r.acceptPair(keyword.Using, keyword.Index) {
		c.UsingIndex = r.ColID().Name
	} else {
		if c.Kind == ast.ConUnique {
			c.NullsNotDistinct = r.nullsNotDistinct()
		}
		c.Columns = r.ColumnList()
		if r.Accept(keyword.Include) {
			c.Include = r.ColumnList()
		}
		r.indexParameters(c)
	}
	r.attributes(c, name, attrDeferrable)
}

// exclude reads what follows EXCLUDE, which streamsqld has not.
func (r cmd) exclude(c *constraint) {
	if r.Accept(keyword.Using) {
		r.ColID()
	}
	r.Parens(func() {
		r.SkipIndexElem()
		r.Expect(keyword.With)
		if r.Accept(keyword.Operator) {
			r.ExpectChar('(')
			r.AnyOperator()
			r.ExpectChar(')')
			return
		}
		r.AnyOperator()
	})
	if r.Accept(keyword.Include) {
		r.ColumnList()
	}
	r.indexParameters(c)
	if r.Accept(keyword.Where) {
		r.parenExpr()
	}
	r.attributes(c, "EXCLUDE", attrDeferrable)
}

// attrs are the attributes that a kind of constraint can have.
type attrs uint8

const (
	attrDeferrable attrs = 1 << iota
	attrNotValid
	attrNoInherit
)

// attributes reads gram.y's ConstraintAttributeSpec.
func (r cmd) attributes(c *constraint, name string, allowed attrs) {
	var notDeferrable, immediate bool
	for {
		at := r.Pos()
		next := r.Peek(1)
		switch {
		case r.Is(keyword.Not) && next.Is(keyword.Deferrable):
			r.Skip(2)
			notDeferrable = true
		case r.Is(keyword.Not) && next.Is(keyword.Valid):
			r.Skip(2)
			c.NotValid = true
		case r.Is(keyword.No) && next.Is(keyword.Inherit):
			r.Skip(2)
			c.NoInherit = true
		case r.Accept(keyword.Deferrable):
			c.Deferrable = true
		case r.Accept(keyword.Initially):
			if r.Accept(keyword.Deferred) {
				c.InitiallyDeferred = true
			} else {
				r.Expect(keyword.Immediate)
				immediate = true
			}
		case r.Is(keyword.Not) && next.Kind != lex.EOF:
			r.Next()
			panic(r.Unexpected())
		default:
			r.checkAttributes(c, name, allowed)
			return
		}
		switch {
		case notDeferrable && c.InitiallyDeferred:
			r.failAt(at, "constraint declared INITIALLY DEFERRED must be DEFERRABLE")
		case notDeferrable && c.Deferrable, immediate && c.InitiallyDeferred:
			r.failAt(at, "conflicting constraint properties")
		}
	}
}

// checkAttributes fails without a place, as PostgreSQL does: its list of
// attributes begins with an empty one.
func (r cmd) checkAttributes(c *constraint, name string, allowed attrs) {
	if c.InitiallyDeferred {
		c.Deferrable = true
	}
	switch {
	case c.Deferrable && allowed&attrDeferrable == 0:
		r.refuseAt(ast.NoPos, "%s constraints cannot be marked DEFERRABLE", name)
	case c.NotValid && allowed&attrNotValid == 0:
		r.refuseAt(ast.NoPos, "%s constraints cannot be marked NOT VALID", name)
	case c.NoInherit && allowed&attrNoInherit == 0:
		r.refuseAt(ast.NoPos, "%s constraints cannot be marked NO INHERIT", name)
	}
}
