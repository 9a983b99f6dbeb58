package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// createStatistics reads CREATE STATISTICS from there on.
func (r cmd) createStatistics(pos ast.Pos) ast.Stmt {
	r.Expect(keyword.Statistics)
	s := &ast.CreateStatistics{Pos: pos}
	if s.IfNotExists = r.Accept(keyword.If); s.IfNotExists {
		r.Expect(keyword.Not, keyword.Exists)
	}
	s.Name = r.AnyName()
	s.Kinds = r.OptColumnList()
	r.Expect(keyword.On)
	s.Elems = r.StatisticsElems()
	r.Expect(keyword.From)
	if r.isOneRelation() {
		s.Table = r.QualifiedName()
	} else {
		s.NoTable, s.Several = true, r.SkipFrom() > 1
	}
	return s
}

// isOneRelation tells whether nothing but a name stands before the end of the statement.
func (r cmd) isOneRelation() bool {
	n := 0
	for r.Peek(n+1).Kind == '.' {
		n += 2
	}
	end := r.Peek(n + 1)
	return r.IsColID() && (end.Kind == ';' || end.Kind == lex.EOF)
}

// alterStatistics reads ALTER STATISTICS … SET STATISTICS.
func (r cmd) alterStatistics(pos ast.Pos, name ast.Name, ifExists bool) ast.Stmt {
	r.Expect(keyword.Set, keyword.Statistics)
	return &ast.AlterStatistics{Name: name, IfExists: ifExists, Target: int64(r.SignedInt()), Pos: pos}
}
