package plpgsql

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// statements reads statements up to one of these words.
func (p *reader) statements(ends ...string) []Stmt {
	list := []Stmt{}
	for {
		t := p.tok()
		if t.Kind == lex.EOF {
			panic(p.unexpected())
		}
		if w := word(t); slices.Contains(ends, w) {
			return list
		}
		list = append(list, p.statement())
	}
}

// statement reads one statement with the semicolon behind it.
func (p *reader) statement() Stmt {
	p.enter()
	defer func() { p.depth-- }()
	line := p.line()
	if label := p.label(); label != "" {
		line = p.line()
		switch word(p.tok()) {
		case "loop", "while", "for", "foreach":
			return p.loop(label, line)
		case "declare", "begin":
			return p.innerBlock(label)
		}
		panic(p.unexpected())
	}
	w := word(p.tok())
	if w == "" || !slices.Contains(neverVariable, w) {
		if p.isAssignment() {
			return p.assign(line)
		}
	}
	if s := p.control(w, line); s != nil {
		return s
	}
	if s := p.simple(w, line); s != nil {
		return s
	}
	if w == "" || reserved[w] || p.tok().Kind == lex.Ident {
		panic(p.unexpected())
	}
	return p.sqlStatement(line)
}

// neverVariable begin statements, whatever follows.
var neverVariable = []string{"begin", "declare", "if", "case", "while", "for", "foreach", "loop", "execute"}

func (p *reader) innerBlock(label string) Stmt {
	b := p.block(label)
	p.expectChar(';')
	return b
}

// control reads blocks, branches and loops; nil: it is none of them.
func (p *reader) control(w string, line Line) Stmt {
	switch w {
	case "declare", "begin":
		return p.innerBlock("")
	case "if":
		return p.ifStatement(line)
	case "case":
		return p.caseStatement(line)
	case "loop", "while", "for", "foreach":
		return p.loop("", line)
	case "exit", "continue":
		return p.exit(line, w == "continue")
	case "return":
		return p.returns(line)
	}
	return nil
}

// simple reads what has no statements inside; nil: it is SQL.
func (p *reader) simple(w string, line Line) Stmt {
	switch w {
	case "null":
		p.next()
		p.expectChar(';')
		return &Null{line}
	case "raise":
		return p.raise(line)
	case "assert":
		p.next()
		a := &Assert{Line: line, Cond: p.expr(";", ",")}
		if p.acceptChar(',') {
			a.Message = p.expr(";")
		}
		p.expectChar(';')
		return a
	case "perform":
		return p.perform(line)
	case "execute":
		return p.execute(line)
	case "get":
		return p.diagnostics(line)
	case "open":
		return p.open(line)
	case "fetch", "move":
		return p.fetch(line, w == "move")
	case "close":
		p.next()
		c := &Close{Line: line, Cursor: p.cursorVar()}
		p.expectChar(';')
		return c
	case "call", "do":
		c := &Call{Line: line, Do: w == "do", Stmt: p.sql(";")}
		p.expectChar(';')
		return c
	case "commit", "rollback":
		p.next()
		e := &End{Line: line, Commit: w == "commit"}
		if p.accept("and") {
			e.Chain = !p.accept("no")
			p.expect("chain")
		}
		p.expectChar(';')
		return e
	}
	return nil
}

func (p *reader) assign(line Line) Stmt {
	a := &Assign{Line: line, To: p.target()}
	p.next() // := or =
	a.Value = p.expr(";")
	a.Value.Shown, a.Value.ShownAt = p.source(a.To.Pos), int(a.Value.Pos-a.To.Pos)
	p.expectChar(';')
	return a
}

// perform reads PERFORM, which is a SELECT.
func (p *reader) perform(line Line) Stmt {
	p.next()
	from, to := p.skipTo(";")
	if to <= from {
		panic(p.near("missing expression"))
	}
	e := p.newExpr("SELECT ", p.src[from:to], from)
	e.Perform = true
	p.check(e)
	p.expectChar(';')
	return &SQL{Line: line, Stmt: e, Perform: true, Word: "perform"}
}

func (p *reader) ifStatement(line Line) Stmt {
	p.next()
	s := &If{Line: line}
	for {
		s.Conds = append(s.Conds, p.expr("then"))
		p.expect("then")
		s.Thens = append(s.Thens, p.statements("elsif", "elseif", "else", "end"))
		if !p.accept("elsif") && !p.accept("elseif") {
			break
		}
	}
	if p.accept("else") {
		s.Else = p.statements("end")
	}
	p.expect("end", "if")
	p.expectChar(';')
	return s
}

// caseStatement reads CASE. Its operand goes into a variable of its own, which the
// arms are compared with.
func (p *reader) caseStatement(line Line) Stmt {
	p.next()
	s := &Case{Line: line, Var: -1}
	name := ""
	if !p.is("when") {
		s.Operand = p.expr("when")
		v := &Var{Name: "__Case__Variable__", Kind: Record}
		p.number(v)
		name = "__Case__Variable_" + itoa(v.Number) + "__"
		p.push("", false)
		defer p.pop()
		p.scope.add(name, v)
		s.Var = v.Number
	}
	for p.accept("when") {
		from, to := p.skipTo("then")
		if to <= from {
			panic(p.near("missing expression"))
		}
		e := p.newExpr("SELECT ", p.src[from:to], from)
		p.check(e)
		if s.Operand != nil {
			before := "SELECT \"" + name + "\" IN ("
			e.Text, e.Prefix = before+e.Source()+")", len(before)
		}
		s.Conds = append(s.Conds, e)
		p.expect("then")
		s.Thens = append(s.Thens, p.statements("when", "else", "end"))
	}
	if len(s.Conds) == 0 {
		panic(p.unexpected())
	}
	if p.accept("else") {
		s.HasElse = true
		s.Else = p.statements("end")
	}
	p.expect("end", "case")
	p.expectChar(';')
	return s
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// body reads LOOP … END LOOP [label];
func (p *reader) body(label string) []Stmt {
	p.expect("loop")
	list := p.statements("end")
	p.expect("end", "loop")
	p.endLabel(label)
	p.expectChar(';')
	return list
}

func (p *reader) loop(label string, line Line) Stmt {
	p.push(label, true)
	defer p.pop()
	switch word(p.tok()) {
	case "loop":
		return &Loop{Line: line, Label: label, Body: p.body(label)}
	case "while":
		p.next()
		l := &Loop{Line: line, Label: label, Cond: p.expr("loop")}
		l.Body = p.body(label)
		return l
	case "foreach":
		return p.forEach(label, line)
	}
	return p.forLoop(label, line)
}

func (p *reader) forEach(label string, line Line) Stmt {
	p.next()
	f := &ForEach{Line: line, Label: label}
	for {
		f.Into = append(f.Into, p.target())
		if !p.acceptChar(',') {
			break
		}
	}
	if p.accept("slice") {
		t := p.next()
		if t.Kind != lex.Int || len(t.Str) > 1 {
			p.at--
			panic(p.unexpected())
		}
		f.Slice = int(t.Str[0] - '0')
	}
	p.expect("in", "array")
	f.Array = p.expr("loop")
	f.Body = p.body(label)
	return f
}

// forLoop reads the kinds of FOR.
func (p *reader) forLoop(label string, line Line) Stmt {
	p.next()
	first := p.tok()
	start := p.at
	names := 1
	p.targetName()
	for p.isChar('.') || p.isChar(',') {
		if p.isChar(',') {
			names++
		}
		p.next()
		p.field()
	}
	p.expect("in")
	after := p.at
	into := func() []Target {
		p.at = start
		var list []Target
		for {
			v, _ := p.scope.Find([]string{p.tok().Str})
			if v == nil {
				panic(fail(first.Pos, "loop variable of loop over rows must be a record variable or list of scalar variables"))
			}
			list = append(list, p.target())
			if !p.acceptChar(',') {
				break
			}
		}
		p.at = after
		return list
	}
	if p.is("execute") {
		f := &ForQuery{Line: line, Label: label, Into: into(), Execute: true}
		p.next()
		f.Query = p.expr("loop", "using")
		if p.accept("using") {
			f.Using = p.exprList("loop")
		}
		f.Body = p.body(label)
		return f
	}
	if t := p.tok(); t.Kind == lex.Ident || t.Kind == lex.Keyword {
		if v, used := p.scope.Find([]string{t.Str, p.peekField()}); v != nil && v.Kind == Cursor {
			if n := p.peek(2*used - 1); word(n) == "loop" || n.Kind == '(' {
				return p.forCursor(label, line, first, v, used)
			}
		}
	}
	reverse := p.accept("reverse")
	from := p.at
	if p.isRange() {
		if names > 1 {
			panic(fail(first.Pos, "integer FOR loop must have only one target variable"))
		}
		return p.forInt(label, line, first, reverse)
	}
	p.at = from
	f := &ForQuery{Line: line, Label: label, Into: into()}
	if reverse {
		panic(fail(p.tok().Pos, "cannot specify REVERSE in query FOR loop"))
	}
	f.Query = p.sql("loop")
	f.Body = p.body(label)
	return f
}

// peekField is the name behind a dot after the next token.
func (p *reader) peekField() string {
	if p.peek(1).Kind == '.' {
		return p.peek(2).Str
	}
	return ""
}

// isRange tells whether a .. comes before LOOP.
func (p *reader) isRange() bool {
	depth := 0
	for n := 0; ; n++ {
		t := p.peek(n)
		switch {
		case t.Kind == '(' || t.Kind == '[':
			depth++
		case t.Kind == ')' || t.Kind == ']':
			depth--
		case t.Kind == lex.DotDot && depth == 0:
			return true
		case t.Kind == lex.EOF || t.Kind == ';' || t.Kind == lex.Invalid || word(t) == "loop" && depth == 0:
			return false
		}
	}
}

func (p *reader) forInt(label string, line Line, name *lex.Token, reverse bool) Stmt {
	f := &ForInt{Line: line, Label: label, Reverse: reverse}
	f.From = p.expr("..")
	p.next()
	f.To = p.expr("loop", "by")
	if p.accept("by") {
		f.Step = p.expr("loop")
	}
	v := &Var{Name: name.Str, Line: int(line)}
	p.number(v)
	p.scope.add(v.Name, v)
	f.Var = v.Number
	f.Body = p.body(label)
	return f
}

func (p *reader) forCursor(label string, line Line, name *lex.Token, v *Var, used int) Stmt {
	if v.Query == nil {
		panic(fail(p.tok().Pos, "cursor FOR loop must use a bound cursor variable"))
	}
	pos := p.tok().Pos
	p.at += 2*used - 1
	f := &ForCursor{Line: line, Label: label, Cursor: v.Number}
	f.Args = p.cursorArgs(v, pos)
	rec := &Var{Name: name.Str, Kind: Record, Line: int(line)}
	p.number(rec)
	p.scope.add(rec.Name, rec)
	f.Rec = rec.Number
	f.Body = p.body(label)
	return f
}

// cursorArgs reads the arguments of a bound cursor, by place or by name.
func (p *reader) cursorArgs(v *Var, pos int32) []*Expr {
	if !p.isChar('(') {
		if len(v.CursorArgs) > 0 {
			panic(p.near("cursor \"" + v.Name + "\" has arguments"))
		}
		return nil
	}
	if len(v.CursorArgs) == 0 {
		panic(p.near("cursor \"" + v.Name + "\" has no arguments"))
	}
	p.next()
	list := make([]*Expr, len(v.CursorArgs))
	for i := 0; ; i++ {
		at := i
		if k := p.peek(1).Kind; k == lex.ColonEquals || k == lex.EqualsGreater {
			t := p.tok()
			at = slices.IndexFunc(v.CursorArgs, func(a *Var) bool { return a.Name == t.Str })
			if at < 0 {
				panic(p.near("cursor \"" + v.Name + "\" has no argument named \"" + t.Str + "\""))
			}
			p.at += 2
		}
		if at >= len(list) {
			panic(p.near("too many arguments for cursor \"" + v.Name + "\""))
		}
		if list[at] != nil {
			panic(p.near("value for parameter \"" + v.CursorArgs[at].Name + "\" of cursor \"" + v.Name + "\" specified more than once"))
		}
		list[at] = p.expr(",", ")")
		if !p.acceptChar(',') {
			break
		}
	}
	if slices.Contains(list, nil) {
		panic(p.near("not enough arguments for cursor \"" + v.Name + "\""))
	}
	p.expectChar(')')
	return list
}

func (p *reader) exit(line Line, again bool) Stmt {
	p.next()
	e := &Exit{Line: line, Continue: again}
	t := p.tok()
	if !p.isChar(';') && !p.is("when") {
		e.Label = p.name()
		found, loop := p.scope.label(e.Label)
		switch {
		case !found:
			panic(fail(t.Pos, "there is no label \"%s\" attached to any block or loop enclosing this statement", e.Label))
		case again && !loop:
			panic(fail(t.Pos, "block label \"%s\" cannot be used in CONTINUE", e.Label))
		}
	} else if !p.scope.inLoop() {
		what := "EXIT cannot be used outside a loop, unless it has a label"
		if again {
			what = "CONTINUE cannot be used outside a loop"
		}
		panic(fail(p.tokens[p.at-1].Pos, "%s", what))
	}
	if p.accept("when") {
		e.Cond = p.expr(";")
	}
	p.expectChar(';')
	return e
}

// returns reads RETURN, RETURN NEXT and RETURN QUERY.
func (p *reader) returns(line Line) Stmt {
	p.next()
	switch {
	case p.is("next"):
		return p.returnNext(line)
	case p.is("query"):
		return p.returnQuery(line)
	}
	r := &Return{Line: line}
	t := p.tok()
	bad := func(format string) {
		if t.Kind != ';' {
			panic(pgerr.New(pgerr.DatatypeMismatch, "%s", format).At(t.Pos))
		}
	}
	switch {
	case p.o.Set:
		if t.Kind != ';' {
			panic(pgerr.New(pgerr.DatatypeMismatch, "RETURN cannot have a parameter in function returning set").
				WithHint("Use RETURN NEXT or RETURN QUERY.").At(t.Pos))
		}
	case p.o.Procedure:
		if t.Kind != ';' {
			panic(fail(t.Pos, "RETURN cannot have a parameter in a procedure"))
		}
	case p.o.Void:
		bad("RETURN cannot have a parameter in function returning void")
	case p.o.HasOut:
		bad("RETURN cannot have a parameter in function with OUT parameters")
	}
	if t.Kind == ';' && (p.o.Set || p.o.Procedure || p.o.Void || p.o.HasOut) {
		p.next()
		return r
	}
	if t.Kind == ';' {
		panic(p.near("missing expression"))
	}
	r.Value = p.expr(";")
	p.expectChar(';')
	return r
}

func (p *reader) returnNext(line Line) Stmt {
	p.next()
	r := &ReturnNext{Line: line}
	t := p.tok()
	switch {
	case !p.o.Set:
		panic(pgerr.New(pgerr.DatatypeMismatch, "cannot use RETURN NEXT in a non-SETOF function").At(t.Pos))
	case p.o.HasOut && t.Kind != ';':
		panic(pgerr.New(pgerr.DatatypeMismatch, "RETURN NEXT cannot have a parameter in function with OUT parameters").At(t.Pos))
	case !p.o.HasOut:
		r.Value = p.expr(";")
	}
	p.expectChar(';')
	return r
}

func (p *reader) returnQuery(line Line) Stmt {
	p.next()
	r := &ReturnQuery{Line: line}
	if !p.o.Set {
		panic(pgerr.New(pgerr.DatatypeMismatch, "cannot use RETURN QUERY in a non-SETOF function").At(p.tok().Pos))
	}
	if p.accept("execute") {
		r.Execute = true
		r.Query = p.expr(";", "using")
		if p.accept("using") {
			r.Using = p.exprList(";")
		}
	} else {
		r.Query = p.sql(";")
	}
	p.expectChar(';')
	return r
}

// execute reads EXECUTE string [INTO …] [USING …], the clauses in any order.
func (p *reader) execute(line Line) Stmt {
	p.next()
	e := &Execute{Line: line, Query: p.expr(";", "into", "using")}
	for !p.acceptChar(';') {
		switch {
		case p.is("into"):
			if e.HasInto {
				panic(p.unexpected())
			}
			p.next()
			e.HasInto = true
			e.Into, e.Strict = p.intoTargets()
		case p.is("using"):
			if e.Using != nil {
				panic(p.unexpected())
			}
			p.next()
			e.Using = p.exprList(";", "into")
		default:
			panic(p.unexpected())
		}
	}
	return e
}
