package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
	"github.com/streamsqld/streamsqld/sql/parser/read"
)

// explain reads EXPLAIN.
func (r cmd) explain() ast.Stmt {
	e := &ast.Explain{Pos: r.Pos()}
	r.Next()
	if r.IsChar('(') && !r.IsQueryOnly() {
		e.Options = r.utilityOptions()
	} else {
		if pos := r.Pos(); r.Accept(keyword.Analyze) || r.Accept(keyword.Analyse) {
			e.Options = append(e.Options, option("analyze", nil, pos))
		}
		if pos := r.Pos(); r.Accept(keyword.Verbose) {
			e.Options = append(e.Options, option("verbose", nil, pos))
		}
	}
	if r.Is(keyword.Materialized) && r.Peek(1).Is(keyword.View) {
		r.Skip(2)
		return &ast.ExplainView{Name: r.QualifiedName(), Options: e.Options, Pos: e.Pos}
	}
	start := r.Pos()
	e.Stmt = r.explainable()
	e.Text = r.Source(start)
	return orUnsupported(e.Stmt, e)
}

// orUnsupported gives inner if it is refused by name, so that nobody has to
// look into outer for it; else outer.
func orUnsupported(inner, outer ast.Stmt) ast.Stmt {
	if u, ok := inner.(*ast.Unsupported); ok {
		return u
	}
	return outer
}

// explainable reads a statement that EXPLAIN can explain.
func (r cmd) explainable() ast.Stmt {
	switch {
	case r.IsPreparable(), r.IsChar('('):
		return r.Preparable()
	case r.Is(keyword.Declare):
		return r.declare()
	case r.Is(keyword.Execute):
		return r.execute()
	case r.Is(keyword.Refresh):
		return r.refresh()
	case r.Is(keyword.Create):
		pos := r.Pos()
		switch s := r.create().(type) {
		case *ast.CreateTableAs, *ast.CreateMatView, *ast.Unsupported:
			return s
		}
		r.failAt(pos, "syntax error at or near \"CREATE\"")
	}
	panic(r.Unexpected())
}

// prepare reads PREPARE, also PREPARE TRANSACTION.
func (r cmd) prepare() ast.Stmt {
	pos := r.Pos()
	r.Next()
	if r.Is(keyword.Transaction) && r.Peek(1).Kind == lex.String {
		r.Next()
		return &ast.Transaction{Kind: ast.TxPrepare, Name: r.StringConst(), Pos: pos}
	}
	p := &ast.Prepare{Name: r.ColID().Name, Pos: pos}
	if r.IsChar('(') {
		r.Parens(func() { p.Types = append(p.Types, r.ConstTypeName()) })
	}
	r.Expect(keyword.As)
	start := r.Pos()
	p.Stmt = r.Preparable()
	p.Text = r.Source(start)
	return orUnsupported(p.Stmt, p)
}

// execute reads EXECUTE name (arguments).
func (r cmd) execute() ast.Stmt {
	e := &ast.Execute{Pos: r.Pos()}
	r.Next()
	e.Name = r.ColID().Name
	if r.IsChar('(') {
		e.Args = r.exprList()
	}
	return e
}

// exprList reads expressions in parentheses into slots.
func (r cmd) exprList() []ast.Expr {
	var items []read.Expression
	r.Parens(func() { items = append(items, r.Expr()) })
	out := make([]ast.Expr, len(items))
	for i, e := range items {
		r.Fill(&out[i], e)
	}
	return out
}

func (r cmd) deallocate() ast.Stmt {
	d := &ast.Deallocate{Pos: r.Pos()}
	r.Next()
	if next := r.Peek(1).Kind; r.Is(keyword.Prepare) && next != lex.EOF && next != ';' {
		r.Next()
	}
	if d.All = r.Accept(keyword.All); !d.All {
		d.Name = r.ColID().Name
	}
	return d
}

// declare reads DECLARE CURSOR.
func (r cmd) declare() ast.Stmt {
	d := &ast.DeclareCursor{Pos: r.Pos()}
	r.Next()
	d.Name = r.ColID().Name
	for !r.Accept(keyword.Cursor) {
		switch {
		case r.Accept(keyword.No):
			r.Expect(keyword.Scroll)
			d.NoScroll = true
		case r.Accept(keyword.Scroll):
			d.Scroll = true
		case r.Accept(keyword.Binary):
			d.Binary = true
		case r.Accept(keyword.Asensitive):
			d.Asensitive = true
		case r.Accept(keyword.Insensitive):
			d.Insensitive = true
		default:
			panic(r.Unexpected())
		}
	}
	switch {
	case r.Accept(keyword.With):
		r.Expect(keyword.Hold)
		d.Hold = true
	case r.Accept(keyword.Without):
		r.Expect(keyword.Hold)
	}
	r.Expect(keyword.For)
	start := r.Pos()
	if r.IsWord("subscribe") {
		d.Query = r.subscribe()
	} else {
		d.Query = r.selectStmt()
	}
	d.Text = r.Source(start)
	return d
}

// selectStmt reads a query and nothing else.
func (r cmd) selectStmt() *ast.Select { return r.Query() }

// fetch reads FETCH and MOVE.
func (r cmd) fetch() ast.Stmt {
	f := &ast.Fetch{Move: r.Is(keyword.Move), Count: 1, Pos: r.Pos()}
	r.Next()
	if !r.fetchDirection(f) {
		// A cursor may bear the name of a direction.
		r.fromIn()
		f.Cursor = r.ColID().Name
		return f
	}
	r.fromIn()
	f.Cursor = r.ColID().Name
	return f
}

// fromIn reads the FROM or IN before a cursor's name.
func (r cmd) fromIn() {
	if !r.Accept(keyword.From) {
		r.Accept(keyword.In)
	}
}

// fetchDirection reads the direction; false means that none was given.
func (r cmd) fetchDirection(f *ast.Fetch) bool {
	if r.isFetchCount(0) {
		f.Count = int64(r.SignedInt())
		return true
	}
	if r.Accept(keyword.All) {
		f.Count = ast.FetchAll
		return true
	}
	if next := r.Peek(1).Kind; next == lex.EOF || next == ';' {
		return false // the word is the cursor's name
	}
	switch {
	case r.Accept(keyword.Next):
	case r.Accept(keyword.Prior):
		f.Dir = ast.FetchBackward
	case r.Accept(keyword.First):
		f.Dir = ast.FetchAbsolute
	case r.Accept(keyword.Last):
		f.Dir, f.Count = ast.FetchAbsolute, -1
	case r.Accept(keyword.Absolute):
		f.Dir, f.Count = ast.FetchAbsolute, int64(r.SignedInt())
	case r.Accept(keyword.Relative):
		f.Dir, f.Count = ast.FetchRelative, int64(r.SignedInt())
	case r.Is(keyword.Forward), r.Is(keyword.Backward):
		if r.Is(keyword.Backward) {
			f.Dir = ast.FetchBackward
		}
		r.Next()
		r.fetchCount(f)
	default:
		return false
	}
	return true
}

func (r cmd) fetchCount(f *ast.Fetch) {
	switch {
	case r.Accept(keyword.All):
		f.Count = ast.FetchAll
	case r.isFetchCount(0):
		f.Count = int64(r.SignedInt())
	}
}

func (r cmd) isFetchCount(n int) bool {
	k := r.Peek(n).Kind
	return k == lex.Int || (k == '+' || k == '-')
}

func (r cmd) closePortal() ast.Stmt {
	c := &ast.ClosePortal{Pos: r.Pos()}
	r.Next()
	if c.All = r.Accept(keyword.All); !c.All {
		c.Name = r.ColID().Name
	}
	return c
}
