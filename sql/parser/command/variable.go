package command

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// set reads SET.
func (r cmd) set() ast.Stmt {
	pos := r.Pos()
	r.Next()
	local := false
	switch {
	case r.Is(keyword.Local) && !r.isSetName(1):
		r.Next()
		local = true
	case r.isCharacteristics():
	case r.Is(keyword.Session) && !r.Peek(1).Is(keyword.Authorization) && !r.isSetName(1):
		r.Next()
	}
	if r.isCharacteristics() {
		r.Skip(2)
		r.Expect(keyword.As, keyword.Transaction)
		return &ast.SetTransaction{Session: true, Modes: r.modes(), Pos: pos}
	}
	return r.setRest(pos, local)
}

// isCharacteristics tells whether SESSION CHARACTERISTICS follows, which may
// also be a setting of that name.
func (r cmd) isCharacteristics() bool {
	return r.Is(keyword.Session) && r.Peek(1).Is(keyword.Characteristics) && !r.isSetName(2)
}

// isSetName tells whether the token n ahead follows the name of a setting, so
// that the word before it is that name.
func (r cmd) isSetName(n int) bool {
	t := r.Peek(n)
	return t.Kind == '=' || t.Kind == '.' || t.Is(keyword.To) || t.Is(keyword.From)
}

// setRest reads what is set.
func (r cmd) setRest(pos ast.Pos, local bool) ast.Stmt {
	if r.Is(keyword.Transaction) && !r.isSetName(1) {
		r.Next()
		if r.Accept(keyword.Snapshot) {
			return &ast.SetTransaction{Snapshot: r.StringConst(), Pos: pos}
		}
		return &ast.SetTransaction{Modes: r.modes(), Pos: pos}
	}
	if r.Is(keyword.Constraints) && !r.isSetName(1) && !local {
		return r.setConstraints(pos)
	}
	s := &ast.SetVar{Local: local, Pos: pos}
	if !r.isSetName(1) && r.specialSet(s) {
		return s
	}
	s.Name = r.varName()
	if r.Is(keyword.From) {
		r.Next()
		r.Expect(keyword.Current)
		return &ast.Unsupported{What: "SET FROM CURRENT", Pos: pos}
	}
	if !r.AcceptChar('=') {
		r.Expect(keyword.To)
	}
	if s.Default = r.Accept(keyword.Default); !s.Default {
		r.Commas(func() { s.Values = append(s.Values, r.varValue()) })
	}
	return s
}

// specialSet reads the settings with a grammar of their own; false means that
// there is none.
func (r cmd) specialSet(s *ast.SetVar) bool {
	switch {
	case r.Accept(keyword.Time):
		r.Expect(keyword.Zone)
		s.Name = "timezone"
		r.zoneValue(s)
	case r.Accept(keyword.Catalog):
		at := r.Pos()
		r.StringConst()
		r.refuseAt(at, "current database cannot be changed")
	case r.Accept(keyword.Schema):
		s.Name = "search_path"
		s.Values = []ast.Expr{r.stringLiteral()}
	case r.Accept(keyword.Names):
		s.Name = "client_encoding"
		if r.Tok().Kind == lex.String {
			s.Values = []ast.Expr{r.stringLiteral()}
		} else {
			r.Accept(keyword.Default)
			s.Default = true
		}
	case r.Accept(keyword.Role):
		s.Name = "role"
		s.Values = []ast.Expr{r.wordOrString()}
	case r.Accept(keyword.Session):
		r.Expect(keyword.Authorization)
		s.Name = "session_authorization"
		if s.Default = r.Accept(keyword.Default); !s.Default {
			s.Values = []ast.Expr{r.wordOrString()}
		}
	case r.Accept(keyword.Xml):
		r.Expect(keyword.Option)
		s.Name = "xmloption"
		if !r.Is(keyword.Document) && !r.Is(keyword.Content) {
			panic(r.Unexpected())
		}
		s.Values = []ast.Expr{r.word()}
	default:
		return false
	}
	return true
}

// zoneValue reads the value of SET TIME ZONE.
func (r cmd) zoneValue(s *ast.SetVar) {
	t := r.Tok()
	switch {
	case r.Accept(keyword.Default), r.Accept(keyword.Local):
		s.Default = true
	case t.Kind == lex.String:
		s.Values = []ast.Expr{r.stringLiteral()}
	case t.Kind == lex.Ident:
		s.Values = []ast.Expr{r.word()}
	case r.Is(keyword.Interval):
		s.Values = []ast.Expr{r.zoneInterval()}
	default:
		s.Values = []ast.Expr{r.Number()}
	}
}

func (r cmd) zoneInterval() ast.Expr {
	value, fieldPos := r.IntervalConst()
	if len(value.Type.Mods) > 0 {
		mask, _ := strconv.Atoi(value.Type.Mods[0].(*ast.Literal).Text)
		if mask != ast.IntervalFull && mask&^(ast.IntervalHour|ast.IntervalMinute) != 0 {
			r.failAt(fieldPos, "time zone interval must be HOUR or HOUR TO MINUTE")
		}
	}
	return value
}

// varName reads the name of a setting.
func (r cmd) varName() string {
	name := r.ColID().Name
	for r.AcceptChar('.') {
		name += "." + r.ColID().Name
	}
	return name
}

// varValue reads a word, a string or a number.
func (r cmd) varValue() ast.Expr {
	switch {
	case r.IsNumber(), r.IsChar('-'), r.IsChar('+'):
		return r.Number()
	case r.Is(keyword.True), r.Is(keyword.False), r.Is(keyword.On):
		return r.word()
	}
	return r.wordOrString()
}

// word takes the current token for a bare word.
func (r cmd) word() ast.Expr {
	w := &ast.ColumnRef{Parts: []string{r.Tok().Str}, Pos: r.Pos()}
	r.Next()
	return w
}

func (r cmd) stringLiteral() ast.Expr {
	lit := &ast.Literal{Kind: ast.LitString, Pos: r.Pos()}
	lit.Text = r.StringConst()
	return lit
}

func (r cmd) wordOrString() ast.Expr {
	if r.Tok().Kind == lex.String {
		return r.stringLiteral()
	}
	if !r.IsNonReserved() {
		panic(r.Unexpected())
	}
	return r.word()
}

// setConstraints reads SET CONSTRAINTS.
func (r cmd) setConstraints(pos ast.Pos) ast.Stmt {
	s := &ast.SetConstraints{Pos: pos}
	r.Next()
	if s.All = r.Accept(keyword.All); !s.All {
		s.Names = r.QualifiedNames()
	}
	if s.Deferred = r.Accept(keyword.Deferred); !s.Deferred {
		r.Expect(keyword.Immediate)
	}
	return s
}

// namedSetting reads the settings that RESET and SHOW spell in several words.
func (r cmd) namedSetting() (string, bool) {
	switch {
	case r.Is(keyword.Time) && r.Peek(1).Is(keyword.Zone):
		r.Skip(2)
		return "timezone", true
	case r.Is(keyword.Transaction) && r.Peek(1).Is(keyword.Isolation):
		r.Skip(2)
		r.Expect(keyword.Level)
		return "transaction_isolation", true
	case r.Is(keyword.Session) && r.Peek(1).Is(keyword.Authorization):
		r.Skip(2)
		return "session_authorization", true
	}
	return "", false
}

// reset reads RESET.
func (r cmd) reset() ast.Stmt { return r.resetVar() }

func (r cmd) resetVar() *ast.SetVar {
	s := &ast.SetVar{Reset: true, Pos: r.Pos()}
	r.Next()
	if r.Accept(keyword.All) {
		s.Reset, s.All = false, true
		return s
	}
	var ok bool
	if s.Name, ok = r.namedSetting(); !ok {
		s.Name = r.varName()
	}
	return s
}

// show reads SHOW.
func (r cmd) show() ast.Stmt {
	s := &ast.ShowVar{Pos: r.Pos()}
	r.Next()
	if s.All = r.Accept(keyword.All); s.All {
		return s
	}
	var ok bool
	if s.Name, ok = r.namedSetting(); !ok {
		s.Name = r.varName()
	}
	return s
}

// setOrReset reads the SET or RESET of ALTER ROLE.
func (r cmd) setOrReset() *ast.SetVar {
	if r.Is(keyword.Reset) {
		return r.resetVar()
	}
	pos := r.Pos()
	r.Expect(keyword.Set)
	s, ok := r.setRest(pos, false).(*ast.SetVar)
	if !ok {
		r.Fail(pgerr.NotSupported("SET TRANSACTION of a role").At(pos))
	}
	return s
}

func (r cmd) discard() ast.Stmt {
	d := &ast.Discard{Pos: r.Pos()}
	r.Next()
	switch {
	case r.Accept(keyword.All):
		d.What = "all"
	case r.Accept(keyword.Plans):
		d.What = "plans"
	case r.Accept(keyword.Sequences):
		d.What = "sequences"
	case r.Accept(keyword.Temp), r.Accept(keyword.Temporary):
		d.What = "temp"
	default:
		panic(r.Unexpected())
	}
	return d
}
