// Package lex splits a query string into PostgreSQL's tokens, exactly as
// scan.l and the token filter of parser.c do, with absolute byte offsets.
//
// Steps taken here, so that nobody does them again: identifiers are folded and
// truncated, strings are unescaped and joined over line breaks, U& literals
// are decoded together with their UESCAPE, operators are cut where a comment
// or a sign begins. standard_conforming_strings is always on.
package lex

import "github.com/streamsqld/streamsqld/sql/ast/keyword"

// Kind is the kind of a token. A single-character token of scan.l's "self" set
// has its character as its kind ('(', ',', '+', …); so has a character that
// fits no rule.
type Kind uint8

// The kinds that are not a single character.
const (
	EOF Kind = 128 + iota
	// Invalid ends the tokens where the text is lexically wrong.
	Invalid
	Ident   // Str is the name, folded unless Quoted
	Keyword // Keyword is set; Str is the word in lower case
	String  // Str is the value
	Bits    // B'…'; Str is b and the digits
	Hex     // X'…'; Str is x and the digits
	Int     // Str is the digits; the value fits an int4
	Float   // Str is the digits, with point or exponent or too large for Int
	Param   // $n; Str is the digits
	Op      // Str is the operator
	Typecast
	DotDot
	ColonEquals
	EqualsGreater
	LessEquals
	GreaterEquals
	NotEquals
)

// Token is one token. Text [Pos, End) of the query string is its source.
type Token struct {
	Str      string
	Pos, End int32
	Keyword  keyword.ID
	Kind     Kind
	// Quoted is set for an identifier written in double quotes.
	Quoted bool
}

// Is tells whether the token is the given key word.
func (t *Token) Is(k keyword.ID) bool { return t.Keyword == k }

// IsWord tells whether the token is the given unquoted word that is not a key
// word of PostgreSQL's.
func (t *Token) IsWord(word string) bool {
	return t.Kind == Ident && !t.Quoted && t.Str == word
}

// Operator is the operator's name if the token is an operator of any kind
// (all_Op in gram.y), else "".
func (t *Token) Operator() string {
	switch t.Kind {
	case Op:
		return t.Str
	case '+':
		return "+"
	case '-':
		return "-"
	case '*':
		return "*"
	case '/':
		return "/"
	case '%':
		return "%"
	case '^':
		return "^"
	case '<':
		return "<"
	case '>':
		return ">"
	case '=':
		return "="
	case LessEquals:
		return "<="
	case GreaterEquals:
		return ">="
	case NotEquals:
		return "<>"
	}
	return ""
}
