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
	"import foreign schema", "load", "reassign owned", "security label",
}

// unsupportedCreates are the like of CREATE. OR REPLACE may stand between.
var unsupportedCreates = []string{
	"create access method", "create assertion", "create cast", "create collation",
	"create connection", "create conversion", "create default conversion",
	"create event trigger", "create foreign data wrapper",
	"create foreign table", "create language", "create trusted language",
	"create procedural language", "create trusted procedural language", "create operator class",
	"create operator family", "create operator", "create publication",
	"create server", "create sink", "create subscription",
	"create tablespace", "create text search configuration", "create text search dictionary",
	"create text search parser", "create text search template", "create transform",
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
func (r cmd) arePhrase(words []string) bool { return r.commonPhrase(words) == len(words) }

// commonPhrase is the number of words that are the next tokens, OR REPLACE
// behind the first one not counted.
func (r cmd) commonPhrase(words []string) int {
	if !r.WordAt(0, words[0]) {
		return 0
	}
	skip := r.orReplace()
	n := 1
	for n < len(words) && r.WordAt(skip+n, words[n]) {
		n++
	}
	return n
}

// orReplace is the number of tokens of OR REPLACE behind the current word.
func (r cmd) orReplace() int {
	if r.Peek(1).Is(keyword.Or) && r.Peek(2).Is(keyword.Replace) {
		return 2
	}
	return 0
}

// badPhrase fails behind the longest beginning of a phrase.
func (r cmd) badPhrase(phrases []string) {
	longest := 0
	for _, phrase := range phrases {
		longest = max(longest, r.commonPhrase(strings.Fields(phrase)))
	}
	if longest > 1 {
		r.Skip(r.orReplace())
	}
	r.Skip(longest)
	panic(r.Unexpected())
}

// skipBody moves to the statement's end. The semicolons in a function's body
// of SQL (BEGIN ATOMIC … END) do not end it.
func (r cmd) skipBody() {
	parens, blocks := 0, 0
	for {
		switch {
		case parens == 0 && blocks == 0 && (r.AtEnd() || r.IsChar(')')):
			return
		case r.IsChar(lex.EOF), r.IsChar(lex.Invalid), r.IsChar(';') && blocks == 0:
			panic(r.Unexpected())
		case r.IsChar('('):
			parens++
		case r.IsChar(')'):
			if parens == 0 {
				panic(r.Unexpected())
			}
			parens--
		case r.Is(keyword.Begin) && r.Peek(1).Is(keyword.Atomic), blocks > 0 && r.Is(keyword.Case):
			blocks++
		case blocks > 0 && r.Is(keyword.End):
			blocks--
		}
		r.Next()
	}
}

// upperWords joins words as they are shown in messages.
func upperWords(words []string) string { return strings.ToUpper(strings.Join(words, " ")) }
