package command

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// createTrigger reads CREATE [OR REPLACE] [CONSTRAINT] TRIGGER from there on.
func (r cmd) createTrigger(c created) ast.Stmt {
	t := &ast.CreateTrigger{OrReplace: c.orReplace, Pos: c.pos}
	t.Constraint = r.Accept(keyword.Constraint)
	r.Expect(keyword.Trigger)
	t.Name = r.ColID().Name
	r.triggerTime(t)
	r.triggerEvents(t)
	r.Expect(keyword.On)
	t.Table = r.QualifiedName()
	if t.Constraint {
		if r.Accept(keyword.From) {
			n := r.QualifiedName()
			t.From = &n
		}
		r.triggerAttrs(t)
		r.Expect(keyword.For, keyword.Each, keyword.Row)
		t.Type |= ast.TriggerRow
	} else {
		r.triggerReferencing(t)
		if r.Accept(keyword.For) {
			r.Accept(keyword.Each)
			if r.Accept(keyword.Row) {
				t.Type |= ast.TriggerRow
			} else {
				r.Expect(keyword.Statement)
			}
		}
	}
	if r.Accept(keyword.When) {
		r.ExpectChar('(')
		r.Fill(&t.When, r.Expr())
		r.ExpectChar(')')
	}
	r.Expect(keyword.Execute)
	if !r.Accept(keyword.Function) {
		r.Expect(keyword.Procedure)
	}
	t.Func = r.functionName()
	r.ExpectChar('(')
	if !r.IsChar(')') {
		r.Commas(func() { t.Args = append(t.Args, r.triggerArg()) })
	}
	r.ExpectChar(')')
	return t
}

// triggerTime reads BEFORE, AFTER or INSTEAD OF.
func (r cmd) triggerTime(t *ast.CreateTrigger) {
	switch {
	case r.Accept(keyword.After):
	case t.Constraint:
		panic(r.Unexpected())
	case r.Accept(keyword.Before):
		t.Type |= ast.TriggerBefore
	default:
		r.Expect(keyword.Instead, keyword.Of)
		t.Type |= ast.TriggerInstead
	}
}

func (r cmd) triggerEvents(t *ast.CreateTrigger) {
	for {
		event := int16(0)
		switch {
		case r.Accept(keyword.Insert):
			event = ast.TriggerInsert
		case r.Accept(keyword.Delete):
			event = ast.TriggerDelete
		case r.Accept(keyword.Truncate):
			event = ast.TriggerTruncate
		default:
			r.Expect(keyword.Update)
			event = ast.TriggerUpdate
			if r.Accept(keyword.Of) {
				r.Commas(func() { t.Columns = append(t.Columns, r.ColID()) })
			}
		}
		if t.Type&event != 0 {
			panic(r.Misplaced("duplicate trigger events specified"))
		}
		t.Type |= event
		if !r.Accept(keyword.Or) {
			return
		}
	}
}

// triggerReferencing reads the names of the transition tables.
func (r cmd) triggerReferencing(t *ast.CreateTrigger) {
	if !r.Accept(keyword.Referencing) {
		return
	}
	for {
		to, word := &t.NewTable, "NEW"
		if r.Accept(keyword.Old) {
			to, word = &t.OldTable, "OLD"
		} else {
			r.Expect(keyword.New)
		}
		if at := r.Pos(); r.Accept(keyword.Row) {
			r.refuseAt(at, "ROW variable naming in the REFERENCING clause is not supported")
		}
		r.Expect(keyword.Table)
		r.Accept(keyword.As)
		name := r.ColID().Name
		if *to != "" {
			r.Fail(pgerr.New(pgerr.InvalidObjectDefinition, "%s TABLE cannot be specified multiple times", word))
		}
		*to = name
		if !r.Is(keyword.Old) && !r.Is(keyword.New) {
			return
		}
	}
}

// triggerAttrs reads DEFERRABLE and INITIALLY DEFERRED.
func (r cmd) triggerAttrs(t *ast.CreateTrigger) {
	not := false
	for {
		at := r.Pos()
		switch {
		case r.Is(keyword.Not):
			r.Next()
			r.Expect(keyword.Deferrable)
			if not = true; t.Deferred {
				r.failAt(at, "constraint declared INITIALLY DEFERRED must be DEFERRABLE")
			}
		case r.Accept(keyword.Deferrable):
			t.Deferrable = true
		case r.Accept(keyword.Initially):
			if !r.Accept(keyword.Deferred) {
				r.Expect(keyword.Immediate)
				continue
			}
			if t.Deferrable, t.Deferred = true, true; not {
				r.failAt(at, "constraint declared INITIALLY DEFERRED must be DEFERRABLE")
			}
		default:
			return
		}
	}
}

// triggerArg reads an argument, which is a text whatever it looks like.
func (r cmd) triggerArg() string {
	switch r.Tok().Kind {
	case lex.String:
		return r.StringConst()
	case lex.Int, lex.Float:
		text := r.Tok().Str
		r.Next()
		return text
	}
	return r.ColLabel().Name
}
