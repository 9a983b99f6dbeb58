package plpgsql

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// Given is a variable that is there before the body: a parameter, TG_OP. It may have
// several names.
type Given struct {
	Names []string
	Kind  VarKind
	Const bool
}

// Options are what a body is read under.
type Options struct {
	// Name is the function's, a label of its parameters.
	Name  string
	Given []Given
	// The rest says which RETURN statements are right.
	Procedure, Set, Void, HasOut, Trigger bool
}

// Parse reads the body of a function. The variables that are given have the numbers
// from 0 on.
func Parse(src string, o Options) (f *Function, err error) {
	p := &reader{src: src, f: &Function{}, o: o}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*pgerr.Error)
			if !ok {
				panic(r)
			}
			f, err = nil, e
		}
	}()
	if e := lex.ValidText(src); e != nil {
		return nil, e
	}
	res := lex.Scan(src, nil)
	p.tokens, p.lexErr = res.Tokens, res.Err
	p.scope = &Scope{Label: o.Name}
	for _, g := range o.Given {
		v := &Var{Kind: g.Kind, Const: g.Const}
		if len(g.Names) > 0 {
			v.Name = g.Names[0]
		}
		p.number(v)
		for _, n := range g.Names {
			p.scope.add(n, v)
		}
	}
	found := &Var{Name: "found"}
	p.number(found)
	p.scope.add("found", found)
	p.f.Found = found.Number
	p.options()
	p.f.Body = p.block(p.label())
	p.acceptChar(';')
	if p.tok().Kind != lex.EOF {
		panic(p.unexpected())
	}
	p.f.Exprs = p.exprs
	return p.f, nil
}

// reader reads tokens. Failing, it panics with the *pgerr.Error, which Parse catches.
type reader struct {
	src    string
	tokens []lex.Token
	at     int
	lexErr *pgerr.Error
	f      *Function
	o      Options
	scope  *Scope
	exprs  int
	depth  int
}

func (p *reader) tok() *lex.Token { return p.peek(0) }

func (p *reader) peek(n int) *lex.Token {
	if p.at+n >= len(p.tokens) {
		return &p.tokens[len(p.tokens)-1]
	}
	return &p.tokens[p.at+n]
}

func (p *reader) next() *lex.Token {
	t := p.tok()
	if p.at < len(p.tokens)-1 {
		p.at++
	}
	return t
}

func (p *reader) number(v *Var) {
	v.Number = len(p.f.Vars)
	p.f.Vars = append(p.f.Vars, v)
}

// unexpected is the syntax error at the next token.
func (p *reader) unexpected() *pgerr.Error { return p.near("syntax error") }

func (p *reader) near(message string) *pgerr.Error {
	t := p.tok()
	if t.Kind == lex.Invalid && p.lexErr != nil {
		return p.lexErr
	}
	return lex.Near(p.src, message, t.Pos, t.End)
}

// fail makes an error at a place.
func fail(pos int32, format string, args ...any) *pgerr.Error {
	return pgerr.New(pgerr.SyntaxError, format, args...).At(pos)
}

// word is the next token as an unquoted word in lower case, "" when it is none.
func word(t *lex.Token) string {
	if t.Kind == lex.Keyword || t.Kind == lex.Ident && !t.Quoted {
		return t.Str
	}
	return ""
}

func (p *reader) is(w string) bool { return word(p.tok()) == w }

func (p *reader) accept(w string) bool {
	if p.is(w) {
		p.next()
		return true
	}
	return false
}

func (p *reader) expect(words ...string) {
	for _, w := range words {
		if !p.accept(w) {
			panic(p.unexpected())
		}
	}
}

func (p *reader) isChar(c byte) bool { return p.tok().Kind == lex.Kind(c) }

func (p *reader) acceptChar(c byte) bool {
	if p.isChar(c) {
		p.next()
		return true
	}
	return false
}

func (p *reader) expectChar(c byte) {
	if !p.acceptChar(c) {
		panic(p.unexpected())
	}
}

func (p *reader) line() Line { return p.lineAt(p.tok().Pos) }

func (p *reader) lineAt(pos int32) Line { return Line(strings.Count(p.src[:pos], "\n") + 1) }

// options reads #variable_conflict and its kin.
func (p *reader) options() {
	for {
		t := p.tok()
		if t.Kind != lex.Op && t.Kind != '#' || t.Str != "#" && p.src[t.Pos:t.End] != "#" {
			return
		}
		p.next()
		switch name := word(p.next()); name {
		case "variable_conflict":
			switch word(p.tok()) {
			case "error":
				p.f.Conflict = ConflictError
			case "use_variable":
				p.f.Conflict = UseVariable
			case "use_column":
				p.f.Conflict = UseColumn
			default:
				panic(p.unexpected())
			}
		case "option", "print_strict_params":
		default:
			p.at--
			panic(p.unexpected())
		}
		p.next()
	}
}

// label reads <<name>>.
func (p *reader) label() string {
	if p.src[p.tok().Pos:p.tok().End] != "<<" {
		return ""
	}
	p.next()
	n := p.name()
	if p.src[p.tok().Pos:p.tok().End] != ">>" {
		panic(p.unexpected())
	}
	p.next()
	return n
}

// name reads an identifier. What PL/pgSQL reserves is none.
func (p *reader) name() string {
	t := p.tok()
	if t.Kind == lex.Ident || t.Kind == lex.Keyword && !reserved[t.Str] {
		p.next()
		return t.Str
	}
	panic(p.unexpected())
}

// reserved are PL/pgSQL's reserved words.
var reserved = map[string]bool{
	"all": true, "begin": true, "by": true, "case": true, "declare": true, "else": true, "end": true, "execute": true, "for": true, "foreach": true,
	"from": true, "if": true, "in": true, "into": true, "loop": true, "not": true, "null": true, "or": true, "strict": true, "then": true, "to": true,
	"using": true, "when": true, "while": true,
}

// maxNesting bounds statements within statements.
const maxNesting = 1000

func (p *reader) enter() {
	if p.depth++; p.depth > maxNesting {
		panic(pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded"))
	}
}

// push begins a scope, pop ends it.
func (p *reader) push(label string, loop bool) {
	p.enter()
	p.scope = &Scope{Outer: p.scope, Label: label, Loop: loop}
}

func (p *reader) pop() {
	p.depth--
	p.scope = p.scope.Outer
}

// endLabel reads the label behind an END.
func (p *reader) endLabel(label string) {
	if p.isChar(';') || p.tok().Kind == lex.EOF {
		return
	}
	pos := p.tok().Pos
	n := p.name()
	switch {
	case label == "":
		panic(fail(pos, "end label \"%s\" specified for unlabeled block", n))
	case label != n:
		panic(fail(pos, "end label \"%s\" differs from block's label \"%s\"", n, label))
	}
}

// block reads [DECLARE …] BEGIN … END.
func (p *reader) block(label string) *Block {
	p.push(label, false)
	defer p.pop()
	b := &Block{Label: label}
	for p.accept("declare") {
		for !p.is("begin") && !p.is("declare") {
			if v := p.declaration(); v != nil {
				b.Vars = append(b.Vars, v)
			}
		}
	}
	b.Line = p.line()
	p.expect("begin")
	b.Body = p.statements("end", "exception")
	if p.accept("exception") {
		p.handlers(b)
	}
	p.expect("end")
	p.endLabel(label)
	return b
}

// handlers reads the WHEN clauses of EXCEPTION.
func (p *reader) handlers(b *Block) {
	p.push("", false)
	defer p.pop()
	b.Protects = true
	state, message := &Var{Name: "sqlstate", Const: true}, &Var{Name: "sqlerrm", Const: true}
	for _, v := range []*Var{state, message} {
		p.number(v)
		p.scope.add(v.Name, v)
	}
	b.State, b.Message = state.Number, message.Number
	if !p.is("when") {
		panic(p.unexpected())
	}
	for p.accept("when") {
		var h Handler
		for {
			p.condition(&h)
			if !p.accept("or") {
				break
			}
		}
		p.expect("then")
		h.Body = p.statements("when", "end")
		b.Handlers = append(b.Handlers, h)
	}
}

func (p *reader) condition(h *Handler) {
	pos := p.tok().Pos
	n := p.name()
	switch {
	case n == "others":
		h.Others = true
		return
	case n == "sqlstate":
		h.Codes = append(h.Codes, p.sqlstate())
		return
	}
	codes := Condition(n)
	if codes == nil {
		panic(pgerr.New(pgerr.UndefinedObject, "unrecognized exception condition \"%s\"", n).At(pos))
	}
	h.Codes = append(h.Codes, codes...)
}

// sqlstate reads the string behind SQLSTATE.
func (p *reader) sqlstate() string {
	t := p.tok()
	if t.Kind != lex.String {
		panic(p.unexpected())
	}
	if len(t.Str) != 5 || strings.Trim(t.Str, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		panic(p.near("invalid SQLSTATE code"))
	}
	p.next()
	return t.Str
}

// declaration reads one declaration; nil: an alias.
func (p *reader) declaration() *Var {
	v := &Var{Line: int(p.line())}
	v.Name = p.name()
	if p.scope.local(v.Name) != nil {
		p.at--
		panic(p.near("duplicate declaration"))
	}
	if p.is("alias") && word(p.peek(1)) == "for" {
		p.at += 2
		p.alias(v.Name)
		return nil
	}
	if p.is("cursor") || p.is("no") || p.is("scroll") {
		p.cursor(v)
		return v
	}
	v.Const = p.accept("constant")
	p.varType(v)
	if p.is("not") {
		p.expect("not", "null")
		v.NotNull = true
	}
	t := p.tok()
	switch {
	case t.Kind == lex.ColonEquals || t.Kind == '=' || word(t) == "default":
		p.next()
		v.Default = p.expr(";")
	case v.NotNull && t.Kind == ';':
		panic(pgerr.New(pgerr.NullValueNotAllowed, "variable \"%s\" must have a default value, since it's declared NOT NULL", v.Name).At(t.Pos))
	}
	p.expectChar(';')
	p.number(v)
	p.scope.add(v.Name, v)
	return v
}

func (p *reader) alias(name string) {
	t := p.tok()
	var n []string
	if t.Kind == lex.Param {
		n = []string{"$" + t.Str}
		p.next()
	} else {
		n = []string{p.name()}
		for p.acceptChar('.') {
			n = append(n, p.name())
		}
	}
	v, used := p.scope.Find(n)
	if v == nil || used != len(n) {
		panic(pgerr.New(pgerr.UndefinedObject, "variable \"%s\" does not exist", strings.Join(n, ".")).At(t.Pos))
	}
	p.expectChar(';')
	p.scope.add(name, v)
}

// cursor reads [[NO] SCROLL] CURSOR [(args)] FOR query.
func (p *reader) cursor(v *Var) {
	v.Kind = Cursor
	if p.accept("no") {
		v.NoScroll = true
		p.expect("scroll")
	} else {
		v.Scroll = p.accept("scroll")
	}
	p.expect("cursor")
	p.push("", false)
	if p.acceptChar('(') {
		for {
			a := &Var{Line: int(p.line()), Name: p.name()}
			p.varType(a)
			p.number(a)
			p.scope.add(a.Name, a)
			v.CursorArgs = append(v.CursorArgs, a)
			if !p.acceptChar(',') {
				break
			}
		}
		p.expectChar(')')
	}
	if !p.accept("is") {
		p.expect("for")
	}
	v.Query = p.sql(";")
	p.pop()
	p.expectChar(';')
	p.number(v)
	p.scope.add(v.Name, v)
}

// varType reads a type up to what ends it.
func (p *reader) varType(v *Var) {
	if p.is("record") {
		p.next()
		v.Kind = Record
		return
	}
	from := p.tok()
	v.TypePos = from.Pos
	depth := 0
	for {
		t := p.tok()
		w := word(t)
		switch {
		case t.Kind == '(' || t.Kind == '[':
			depth++
		case depth > 0 && (t.Kind == ')' || t.Kind == ']'):
			depth--
			p.next()
			continue
		}
		if t.Kind == lex.EOF || t.Kind == lex.Invalid || t.Kind == ';' ||
			depth == 0 && (w == "not" || w == "default" || w == "collate" || t.Kind == lex.ColonEquals || t.Kind == '=' || t.Kind == ',' || t.Kind == ')') {
			break
		}
		p.next()
	}
	text := strings.TrimSpace(p.src[from.Pos:p.tok().Pos])
	if text == "" {
		if p.tok().Kind == ';' || p.tok().Kind == lex.EOF {
			panic(p.near("missing data type declaration"))
		}
		panic(p.near("syntax error"))
	}
	p.typeOf(v, text, from.Pos)
	if p.accept("collate") {
		p.name()
		for p.acceptChar('.') {
			p.name()
		}
	}
}

// typeOf parses the text of a type; %ROWTYPE and %TYPE are marked.
func (p *reader) typeOf(v *Var, text string, pos int32) {
	low := strings.ToLower(text)
	if i := strings.LastIndexByte(low, '%'); i >= 0 {
		what := strings.TrimSpace(low[i+1:])
		array := ""
		if k := strings.IndexAny(what, "[ "); k >= 0 {
			what, array = what[:k], what[k:]
		}
		if what == "rowtype" || what == "type" {
			parts, err := parser.SplitIdentifier(strings.TrimSpace(text[:i]))
			if err == nil && strings.Trim(array, " []") == "" {
				p.referred(v, parts, what, strings.Count(array, "["), pos)
				return
			}
		}
	}
	t, err := parser.ParseType(text)
	if err != nil {
		e := *pgerr.From(err)
		e.Where = ""
		e.Pos = 0
		panic(e.At(pos))
	}
	v.Type = &t
	if low == "refcursor" || low == "pg_catalog.refcursor" {
		v.Kind = Cursor
	}
}

// referred is the type of name%TYPE or name%ROWTYPE.
func (p *reader) referred(v *Var, parts []string, what string, dims int, pos int32) {
	t := &ast.TypeName{ArrayDims: anyDims(dims)}
	v.Type = t
	if what == "type" {
		t.PctType = true
		if o, used := p.scope.Find(parts); o != nil && used == len(parts) {
			v.Type, v.Kind, v.Like, v.LikeDims = nil, o.Kind, o, dims
			return
		}
	} else {
		v.Kind = RowType
	}
	switch len(parts) {
	case 1:
		t.Name.Object = parts[0]
	case 2:
		t.Name.Schema, t.Name.Object = parts[0], parts[1]
	case 3:
		t.Name.Catalog, t.Name.Schema, t.Name.Object = parts[0], parts[1], parts[2]
	default:
		panic(fail(pos, "improper qualified name (too many dotted names): %s", strings.Join(parts, ".")))
	}
}

// anyDims are array dimensions without bounds.
func anyDims(n int) []int32 {
	var out []int32
	for range n {
		out = append(out, -1)
	}
	return out
}
