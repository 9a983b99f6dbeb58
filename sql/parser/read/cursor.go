package read

import (
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// Next moves to the next token; it stays on the last one.
func (r *Reader) Next() {
	if r.i < len(r.toks)-1 {
		r.i++
		r.tok = &r.toks[r.i]
	}
}

// Peek is the token n places behind the current one.
func (r *Reader) Peek(n int) *lex.Token { return &r.toks[min(r.i+n, len(r.toks)-1)] }

// Is tells whether the current token is the key word k.
func (r *Reader) Is(k keyword.ID) bool { return r.tok.Keyword == k }

// IsChar tells whether the current token is the character or kind k.
func (r *Reader) IsChar(k lex.Kind) bool { return r.tok.Kind == k }

// IsWord tells whether the current token is a word that PostgreSQL has no key
// word for, unquoted.
func (r *Reader) IsWord(w string) bool { return r.tok.IsWord(w) }

// AreWords tells whether the next tokens are these words, each a key word or
// not.
func (r *Reader) AreWords(words ...string) bool {
	for i, w := range words {
		if !r.WordAt(i, w) {
			return false
		}
	}
	return true
}

// WordAt tells whether the token n places ahead is the unquoted word w, a key
// word or not.
func (r *Reader) WordAt(n int, w string) bool {
	t := r.Peek(n)
	return !t.Quoted && (t.Kind == lex.Ident || t.Kind == lex.Keyword) && t.Str == w
}

// Before tells whether the token before the current one is the key word k.
func (r *Reader) Before(k keyword.ID) bool { return r.i > 0 && r.toks[r.i-1].Keyword == k }

// Skip moves n tokens forward.
func (r *Reader) Skip(n int) {
	for ; n > 0; n-- {
		r.Next()
	}
}

// Accept moves past the key word k if it is the current token.
func (r *Reader) Accept(k keyword.ID) bool {
	if r.tok.Keyword != k {
		return false
	}
	r.Next()
	return true
}

// AcceptChar moves past the character or kind k if it is the current token.
func (r *Reader) AcceptChar(k lex.Kind) bool {
	if r.tok.Kind != k {
		return false
	}
	r.Next()
	return true
}

// AcceptAll moves past the key words if they are the next tokens.
func (r *Reader) AcceptAll(ks ...keyword.ID) bool {
	for i, k := range ks {
		if r.Peek(i).Keyword != k {
			return false
		}
	}
	r.Skip(len(ks))
	return true
}

// Expect moves past the key words, which must be the next tokens.
func (r *Reader) Expect(ks ...keyword.ID) {
	for _, k := range ks {
		if r.tok.Keyword != k {
			panic(r.Unexpected())
		}
		r.Next()
	}
}

// ExpectChar moves past the character or kind k, which must be the current
// token.
func (r *Reader) ExpectChar(k lex.Kind) {
	if r.tok.Kind != k {
		panic(r.Unexpected())
	}
	r.Next()
}

// AtEnd tells whether the statement ends here.
func (r *Reader) AtEnd() bool { return r.tok.Kind == lex.EOF || r.tok.Kind == ';' }

// Commas reads one or more items with commas between them.
func (r *Reader) Commas(item func()) {
	item()
	for r.AcceptChar(',') {
		item()
	}
}

// Parens reads one or more items with commas between them in parentheses.
func (r *Reader) Parens(item func()) {
	r.ExpectChar('(')
	r.Commas(item)
	r.ExpectChar(')')
}

// isNotLA tells whether the current token is gram.y's NOT_LA: a NOT that
// negates the operator behind it.
func (r *Reader) isNotLA() bool {
	if !r.Is(keyword.Not) {
		return false
	}
	switch r.Peek(1).Keyword {
	case keyword.Between, keyword.In, keyword.Like, keyword.Ilike, keyword.Similar:
		return true
	}
	return false
}

// isWithLA tells whether the current token is WITH_LA or WITHOUT_LA: a WITH
// before TIME or ORDINALITY, a WITHOUT before TIME.
func (r *Reader) isWithLA() bool {
	next := r.Peek(1).Keyword
	return r.Is(keyword.With) && (next == keyword.Time || next == keyword.Ordinality) ||
		r.Is(keyword.Without) && next == keyword.Time
}

// lookahead tells whether the token at i is one of the words that the token
// filter of PostgreSQL's parser takes for another token there, so that it is
// no name: NULLS before FIRST or LAST, WITHOUT before TIME.
func (r *Reader) lookahead(n int) bool {
	next := r.Peek(n + 1).Keyword
	switch r.Peek(n).Keyword {
	case keyword.Nulls:
		return next == keyword.First || next == keyword.Last
	case keyword.Without:
		return next == keyword.Time
	}
	return false
}
