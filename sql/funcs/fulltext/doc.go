// Package fulltext is text search: how a text is cut into tokens, what lexemes
// dictionaries make of them, and how queries match, rank and show texts.
//
// A text goes through the parser (PostgreSQL's default one, states.go and parser.go) and
// each of its tokens through the dictionaries that the configuration has for the kind of
// token (config.go, dict.go). What comes out are lexemes with positions: a tsvector.
// Words of a query go the same way. The values themselves are types.TSVector and
// types.TSQuery; package funcs makes SQL functions of what is here.
package fulltext
