package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// relations reads relations with commas between them.
func (r cmd) relations() []ast.TableRef {
	var list []ast.TableRef
	r.Commas(func() { list = append(list, r.RelationExpr()) })
	return list
}

func (r cmd) truncate() ast.Stmt {
	t := &ast.Truncate{Pos: r.Pos()}
	r.Next()
	r.Accept(keyword.Table)
	t.Tables = r.relations()
	switch {
	case r.acceptPair(keyword.Restart, keyword.Identity):
		t.RestartIdentity = true
	case r.acceptPair(keyword.Continue, keyword.Identity):
	}
	t.Cascade = r.cascade()
	return t
}

func (r cmd) lock() ast.Stmt {
	l := &ast.Lock{Mode: "access exclusive", Pos: r.Pos()}
	r.Next()
	r.Accept(keyword.Table)
	l.Tables = r.relations()
	if r.Accept(keyword.In) {
		l.Mode = r.lockMode()
		r.Expect(keyword.Mode)
	}
	l.NoWait = r.Accept(keyword.Nowait)
	return l
}

func (r cmd) lockMode() string {
	switch {
	case r.Accept(keyword.Access):
		if r.Accept(keyword.Share) {
			return "access share"
		}
		r.Expect(keyword.Exclusive)
		return "access exclusive"
	case r.Accept(keyword.Row):
		if r.Accept(keyword.Share) {
			return "row share"
		}
		r.Expect(keyword.Exclusive)
		return "row exclusive"
	case r.Accept(keyword.Share):
		switch {
		case r.acceptPair(keyword.Update, keyword.Exclusive):
			return "share update exclusive"
		case r.acceptPair(keyword.Row, keyword.Exclusive):
			return "share row exclusive"
		}
		return "share"
	}
	r.Expect(keyword.Exclusive)
	return "exclusive"
}

func (r cmd) listen() ast.Stmt {
	l := &ast.Listen{Pos: r.Pos()}
	r.Next()
	l.Channel = r.ColID().Name
	return l
}

func (r cmd) unlisten() ast.Stmt {
	u := &ast.Unlisten{Pos: r.Pos()}
	r.Next()
	if u.All = r.AcceptChar('*'); !u.All {
		u.Channel = r.ColID().Name
	}
	return u
}

func (r cmd) notify() ast.Stmt {
	n := &ast.Notify{Pos: r.Pos()}
	r.Next()
	n.Channel = r.ColID().Name
	if r.AcceptChar(',') {
		n.Payload = r.StringConst()
	}
	return n
}

// analyze reads ANALYZE.
func (r cmd) analyze() ast.Stmt {
	a := &ast.Analyze{Analyze: true, Pos: r.Pos()}
	r.Next()
	if r.IsChar('(') {
		a.Options = r.utilityOptions()
	} else {
		a.Verbose = r.Accept(keyword.Verbose)
	}
	a.Tables = r.analyzeTargets()
	return a
}

// vacuum reads VACUUM in either spelling of its options.
func (r cmd) vacuum() ast.Stmt {
	v := &ast.Analyze{Vacuum: true, Pos: r.Pos()}
	r.Next()
	if r.IsChar('(') {
		v.Options = r.utilityOptions()
	} else {
		v.Full = r.Accept(keyword.Full)
		if pos := r.Pos(); r.Accept(keyword.Freeze) {
			v.Options = append(v.Options, option("freeze", nil, pos))
		}
		v.Verbose = r.Accept(keyword.Verbose)
		v.Analyze = r.Accept(keyword.Analyze) || r.Accept(keyword.Analyse)
	}
	v.Tables = r.analyzeTargets()
	return v
}

// analyzeTargets reads the tables of ANALYZE and VACUUM if there are any.
func (r cmd) analyzeTargets() []ast.AnalyzeTarget {
	if r.AtEnd() {
		return nil
	}
	var list []ast.AnalyzeTarget
	r.Commas(func() {
		t := ast.TableRef{Pos: r.Pos(), Name: r.QualifiedName(), Alias: ast.Alias{Pos: ast.NoPos}}
		list = append(list, ast.AnalyzeTarget{Table: t, Columns: r.OptColumnList()})
	})
	return list
}

func (r cmd) checkpoint() ast.Stmt {
	c := &ast.Checkpoint{Pos: r.Pos()}
	r.Next()
	return c
}

// call reads CALL procedure(…).
func (r cmd) call() ast.Stmt {
	c := &ast.Call{Pos: r.Pos()}
	r.Next()
	c.Func = r.CallSlot()
	return c
}

// check reads CHECK MATERIALIZED VIEW.
func (r cmd) check() ast.Stmt {
	c := &ast.CheckView{Pos: r.Pos()}
	if !r.Peek(1).Is(keyword.Materialized) {
		panic(r.Unexpected())
	}
	r.Next()
	r.Expect(keyword.Materialized, keyword.View)
	c.Name = r.QualifiedName()
	return c
}

// refresh reads REFRESH MATERIALIZED VIEW.
func (r cmd) refresh() ast.Stmt {
	v := &ast.RefreshMatView{Pos: r.Pos()}
	r.Next()
	r.Expect(keyword.Materialized, keyword.View)
	v.Concurrently = r.Accept(keyword.Concurrently)
	v.Name = r.QualifiedName()
	v.NoData = r.withNoData()
	return v
}

// withNoData reads WITH [NO] DATA.
func (r cmd) withNoData() bool {
	if !r.Accept(keyword.With) {
		return false
	}
	no := r.Accept(keyword.No)
	r.Expect(keyword.Data)
	return no
}

// subscribe reads SUBSCRIBE [TO] relation | (query) [WITH (…)].
func (r cmd) subscribe() ast.Stmt {
	s := &ast.Subscribe{Pos: r.Pos()}
	r.Next()
	r.Accept(keyword.To)
	if r.IsQuery() || r.IsChar('(') {
		s.Query = r.Query()
	} else {
		name := r.QualifiedName()
		s.Relation = &name
	}
	s.Options = r.optWith()
	return s
}
