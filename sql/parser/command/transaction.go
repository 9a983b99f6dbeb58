package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

func (r cmd) begin() ast.Stmt {
	t := &ast.Transaction{Kind: ast.TxBegin, Pos: r.Pos()}
	r.Next()
	r.workOrTransaction()
	t.Modes = r.optModes()
	return t
}

func (r cmd) start() ast.Stmt {
	t := &ast.Transaction{Kind: ast.TxStart, Pos: r.Pos()}
	r.Next()
	r.Expect(keyword.Transaction)
	t.Modes = r.optModes()
	return t
}

func (r cmd) workOrTransaction() {
	if !r.Accept(keyword.Work) {
		r.Accept(keyword.Transaction)
	}
}

// chain reads AND [NO] CHAIN.
func (r cmd) chain() bool {
	if !r.Accept(keyword.And) {
		return false
	}
	no := r.Accept(keyword.No)
	r.Expect(keyword.Chain)
	return !no
}

// commit reads COMMIT and END.
func (r cmd) commit() ast.Stmt {
	t := &ast.Transaction{Kind: ast.TxCommit, Pos: r.Pos()}
	end := r.Is(keyword.End)
	r.Next()
	if !end && r.Accept(keyword.Prepared) {
		t.Kind, t.Name = ast.TxCommitPrepared, r.StringConst()
		return t
	}
	r.workOrTransaction()
	t.Chain = r.chain()
	return t
}

// rollback reads ROLLBACK and ABORT.
func (r cmd) rollback() ast.Stmt {
	t := &ast.Transaction{Kind: ast.TxRollback, Pos: r.Pos()}
	abort := r.Is(keyword.Abort)
	r.Next()
	if !abort && r.Accept(keyword.Prepared) {
		t.Kind, t.Name = ast.TxRollbackPrepared, r.StringConst()
		return t
	}
	r.workOrTransaction()
	if !abort && r.Accept(keyword.To) {
		r.savepointWord()
		t.Kind, t.Name = ast.TxRollbackTo, r.ColID().Name
		return t
	}
	t.Chain = r.chain()
	return t
}

// savepointWord reads the SAVEPOINT that may stand before a savepoint's name.
func (r cmd) savepointWord() {
	if next := r.Peek(1).Kind; r.Is(keyword.Savepoint) && next != lex.EOF && next != ';' {
		r.Next()
	}
}

func (r cmd) savepoint() ast.Stmt {
	pos := r.Pos()
	r.Next()
	return &ast.Transaction{Kind: ast.TxSavepoint, Name: r.ColID().Name, Pos: pos}
}

func (r cmd) release() ast.Stmt {
	pos := r.Pos()
	r.Next()
	r.savepointWord()
	return &ast.Transaction{Kind: ast.TxRelease, Name: r.ColID().Name, Pos: pos}
}

// isMode tells whether a transaction mode follows.
func (r cmd) isMode() bool {
	switch r.Tok().Keyword {
	case keyword.Isolation, keyword.Read, keyword.Deferrable:
		return true
	case keyword.Not:
		return true
	}
	return false
}

func (r cmd) optModes() ast.TxModes {
	if !r.isMode() {
		return ast.TxModes{}
	}
	return r.modes()
}

// modes reads transaction modes, with commas between them or not.
func (r cmd) modes() ast.TxModes {
	var m ast.TxModes
	for {
		r.mode(&m)
		if !r.AcceptChar(',') && !r.isMode() {
			return m
		}
	}
}

func (r cmd) mode(m *ast.TxModes) {
	yes, no := true, false
	switch {
	case r.Accept(keyword.Isolation):
		r.Expect(keyword.Level)
		m.Isolation = r.isolation()
	case r.Accept(keyword.Read):
		if r.Accept(keyword.Only) {
			m.ReadOnly = &yes
			return
		}
		r.Expect(keyword.Write)
		m.ReadOnly = &no
	case r.Accept(keyword.Deferrable):
		m.Deferrable = &yes
	default:
		r.Expect(keyword.Not, keyword.Deferrable)
		m.Deferrable = &no
	}
}

func (r cmd) isolation() string {
	switch {
	case r.Accept(keyword.Serializable):
		return "serializable"
	case r.Accept(keyword.Repeatable):
		r.Expect(keyword.Read)
		return "repeatable read"
	}
	r.Expect(keyword.Read)
	if r.Accept(keyword.Committed) {
		return "read committed"
	}
	r.Expect(keyword.Uncommitted)
	return "read uncommitted"
}
