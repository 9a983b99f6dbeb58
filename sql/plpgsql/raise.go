package plpgsql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// raiseLevels are the levels of RAISE.
var raiseLevels = []string{"exception", "warning", "notice", "info", "log", "debug"}

// raiseOptions are the options of RAISE … USING.
var raiseOptions = []string{"errcode", "message", "detail", "hint", "column", "constraint", "datatype", "table", "schema"}

func (p *reader) raise(line Line) Stmt {
	p.next()
	r := &Raise{Line: line, Level: "exception"}
	if p.acceptChar(';') {
		r.Again = true
		return r
	}
	if w := word(p.tok()); slices.Contains(raiseLevels, w) {
		p.next()
		r.Level = w
	}
	switch t := p.tok(); {
	case t.Kind == lex.EOF:
		panic(p.unexpected())
	case t.Kind == lex.String:
		p.next()
		r.Format, r.HasFormat = t.Str, true
		if p.acceptChar(',') {
			r.Args = p.exprList(";", "using")
		}
		p.checkPlaces(r)
	case p.is("using") || t.Kind == ';':
	case p.is("sqlstate"):
		p.next()
		r.Condition = p.sqlstate()
	default:
		r.Condition = p.name()
		if Condition(r.Condition) == nil {
			panic(pgerr.New(pgerr.UndefinedObject, "unrecognized exception condition \"%s\"", r.Condition).At(t.Pos))
		}
	}
	if p.accept("using") {
		p.raiseUsing(r)
	}
	p.expectChar(';')
	return r
}

// checkPlaces checks that there is an argument for every % of the format.
func (p *reader) checkPlaces(r *Raise) {
	n := strings.Count(strings.ReplaceAll(r.Format, "%%", ""), "%")
	switch {
	case n < len(r.Args):
		panic(pgerr.New(pgerr.SyntaxError, "too many parameters specified for RAISE"))
	case n > len(r.Args):
		panic(pgerr.New(pgerr.SyntaxError, "too few parameters specified for RAISE"))
	}
}

func (p *reader) raiseUsing(r *Raise) {
	for {
		w := word(p.tok())
		if !slices.Contains(raiseOptions, w) {
			panic(p.near("unrecognized RAISE statement option"))
		}
		p.next()
		if k := p.tok().Kind; k != '=' && k != lex.ColonEquals {
			panic(p.near("syntax error, expected \"=\""))
		}
		p.next()
		r.Options = append(r.Options, RaiseOption{w, p.expr(",", ";")})
		if !p.acceptChar(',') {
			return
		}
	}
}

// items of GET DIAGNOSTICS and of GET STACKED DIAGNOSTICS.
var (
	currentItems = []string{"row_count", "pg_context"}
	stackedItems = []string{
		"returned_sqlstate", "column_name", "constraint_name", "pg_datatype_name", "message_text", "table_name", "schema_name",
		"pg_exception_detail", "pg_exception_hint", "pg_exception_context",
	}
)

func (p *reader) diagnostics(line Line) Stmt {
	p.next()
	d := &Diagnostics{Line: line}
	if d.Stacked = p.accept("stacked"); !d.Stacked {
		p.accept("current")
	}
	p.expect("diagnostics")
	for {
		it := DiagItem{To: p.target()}
		if k := p.tok().Kind; k != '=' && k != lex.ColonEquals {
			panic(p.unexpected())
		}
		p.next()
		t := p.tok()
		it.Name = word(t)
		current, stacked := slices.Contains(currentItems, it.Name), slices.Contains(stackedItems, it.Name)
		upper := strings.ToUpper(it.Name)
		switch {
		case !current && !stacked:
			panic(p.near("unrecognized GET DIAGNOSTICS item"))
		case d.Stacked && it.Name == "row_count":
			panic(fail(p.tokens[p.at].Pos, "diagnostics item %s is not allowed in GET STACKED DIAGNOSTICS", upper))
		case !d.Stacked && stacked:
			panic(fail(p.tokens[p.at].Pos, "diagnostics item %s is not allowed in GET CURRENT DIAGNOSTICS", upper))
		}
		p.next()
		d.Items = append(d.Items, it)
		if !p.acceptChar(',') {
			break
		}
	}
	p.expectChar(';')
	return d
}

// cursorVar reads the name of a cursor variable.
func (p *reader) cursorVar() int {
	t := p.tok()
	parts := []string{p.targetName()}
	for p.acceptChar('.') {
		parts = append(parts, p.field())
	}
	v, used := p.scope.Find(parts)
	switch {
	case v == nil:
		panic(fail(t.Pos, "\"%s\" is not a known variable", strings.Join(parts, ".")))
	case used != len(parts) || v.Kind == Record || v.Kind == RowType:
		panic(pgerr.New(pgerr.DatatypeMismatch, "cursor variable must be a simple variable").At(t.Pos))
	}
	return v.Number
}

// open reads OPEN.
func (p *reader) open(line Line) Stmt {
	p.next()
	pos := p.tok().Pos
	o := &Open{Line: line, Cursor: p.cursorVar()}
	v := p.f.Vars[o.Cursor]
	if v.Query != nil {
		o.Args = p.cursorArgs(v, pos)
		p.expectChar(';')
		return o
	}
	if p.accept("no") {
		p.expect("scroll")
		o.NoScroll = true
	} else {
		o.Scroll = p.accept("scroll")
	}
	if !p.accept("for") {
		panic(p.near("syntax error, expected \"FOR\""))
	}
	if p.accept("execute") {
		o.Execute = true
		o.Query = p.expr(";", "using")
		if p.accept("using") {
			o.Using = p.exprList(";")
		}
	} else {
		o.Query = p.sql(";")
	}
	p.expectChar(';')
	return o
}

// fetch reads FETCH and MOVE.
func (p *reader) fetch(line Line, move bool) Stmt {
	p.next()
	f := &Fetch{Line: line, Move: move, Count: 1}
	p.direction(f)
	f.Cursor = p.cursorVar()
	if !move {
		if !p.is("into") {
			panic(p.unexpected())
		}
		p.next()
		var strict bool
		if f.Into, strict = p.intoTargets(); strict {
			panic(p.unexpected())
		}
	}
	p.expectChar(';')
	return f
}

// direction reads where FETCH goes; FROM or IN behind it.
func (p *reader) direction(f *Fetch) {
	counted := func() {
		f.CountExpr = p.expr("from", "in")
	}
	if k := word(p.peek(1)); k == "" || k == "into" || p.peek(1).Kind == lex.EOF { // the cursor's name
		if k == "into" || p.peek(1).Kind == ';' {
			return
		}
	}
	switch w := word(p.tok()); w {
	case "next":
		p.next()
	case "prior":
		p.next()
		f.Dir = ast.FetchBackward
	case "first":
		p.next()
		f.Dir = ast.FetchAbsolute
	case "last":
		p.next()
		f.Dir, f.Count = ast.FetchAbsolute, -1
	case "absolute":
		p.next()
		f.Dir = ast.FetchAbsolute
		counted()
	case "relative":
		p.next()
		f.Dir = ast.FetchRelative
		counted()
	case "all":
		p.next()
		f.Count = ast.FetchAll
	case "forward", "backward":
		p.next()
		if w == "backward" {
			f.Dir = ast.FetchBackward
		}
		switch {
		case p.accept("all"):
			f.Count = ast.FetchAll
		case !p.is("from") && !p.is("in"):
			counted()
		}
	case "from", "in":
	default:
		if w := word(p.peek(1)); w == "from" || w == "in" || p.tok().Kind == lex.Int || p.tok().Kind == '-' {
			counted()
		} else {
			return
		}
	}
	if !p.accept("from") && !p.accept("in") && f.CountExpr != nil {
		panic(p.near("expected FROM or IN"))
	}
	if !f.Move && (f.Count == ast.FetchAll || f.CountExpr != nil && (f.Dir == ast.FetchForward || f.Dir == ast.FetchBackward)) {
		panic(pgerr.New(pgerr.FeatureNotSupported, "FETCH statement cannot return multiple rows").At(p.tok().Pos))
	}
}
