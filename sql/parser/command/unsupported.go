package command

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// otherStatements are the statements of PostgreSQL's that sql/ast has no node
// for, by their first words.
var otherStatements = []string{
	"cluster", "do", "import foreign schema", "load", "reassign owned", "reindex", "security label",
}

// unsupportedCreates are the like of CREATE. OR REPLACE may stand between.
var unsupportedCreates = []string{
	"create access method", "create aggregate", "create assertion", "create cast", "create collation",
	"create connection", "create constraint trigger", "create conversion", "create default conversion",
	"create database", "create event trigger", "create extension", "create foreign data wrapper",
	"create foreign table", "create function", "create language", "create trusted language",
	"create procedural language", "create trusted procedural language", "create operator class",
	"create operator family", "create operator", "create policy", "create procedure", "create publication",
	"create rule", "create server", "create sink", "create statistics", "create subscription",
	"create tablespace", "create text search configuration", "create text search dictionary",
	"create text search parser", "create text search template", "create transform", "create trigger",
	"create user mapping",
}

// unsupported reads a statement that begins with one of the phrases to its
// end; it is nil, and nothing is read, if none fits.
func (r cmd) unsupported(phrases []string) ast.Stmt {
	for _, phrase := range phrases {
		words := strings.Fields(phrase)
		if r.arePhrase(words) {
			pos := r.Pos()
			r.skipBody()
			return &ast.Unsupported{What: strings.ToUpper(phrase), Pos: pos}
		}
	}
	return nil
}

// arePhrase tells whether the next tokens are these words, with OR REPLACE
// behind the first one or not.
func (r cmd) arePhrase(words []string) bool {
	if !r.AreWords(words[0]) {
		return false
	}
	if len(words) == 1 {
		return true
	}
	skip := 1
	if r.Peek(1).Is(keyword.Or) && r.Peek(2).Is(keyword.Replace) {
		skip = 3
	}
	for i, w := range words[1:] {
		t := r.Peek(skip + i)
		if t.Quoted || t.Str != w || t.Kind != lex.Ident && t.Kind != lex.Keyword {
			return false
		}
	}
	return true
}

// skipBody moves to the statement's end. The semicolons in a function's body
// of SQL (BEGIN ATOMIC … END) do not end it.
func (r cmd) skipBody() {
	depth := 0
	for {
		switch {
		case r.IsChar(lex.EOF), r.IsChar(';') && depth == 0:
			return
		case r.IsChar(lex.Invalid):
			panic(r.Unexpected())
		case r.IsChar('('):
			r.SkipParens()
			continue
		case r.Is(keyword.Begin) && r.Peek(1).Is(keyword.Atomic), depth > 0 && r.Is(keyword.Case):
			depth++
		case depth > 0 && r.Is(keyword.End):
			depth--
		}
		r.Next()
	}
}

// upperWords joins words as they are shown in messages.
func upperWords(words []string) string { return strings.ToUpper(strings.Join(words, " ")) }
