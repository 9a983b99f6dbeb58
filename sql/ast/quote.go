package ast

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// QuoteIdent is PostgreSQL's quote_ident: the name as it can stand in a
// statement, in double quotes only if it has to.
func QuoteIdent(name string) string {
	if isPlainIdent(name) {
		if id := keyword.Lookup(name); id == keyword.NotKeyword || id.Category() == keyword.Unreserved {
			return name
		}
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// isPlainIdent tells whether a name survives unquoted as far as its characters
// go.
func isPlainIdent(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !(c == '_' || 'a' <= c && c <= 'z' || i > 0 && '0' <= c && c <= '9') {
			return false
		}
	}
	return name != ""
}

// QuoteLiteral is the text as a string literal: standard_conforming_strings is
// always on.
func QuoteLiteral(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// Quoted shows the name with the quotes that it needs in a statement.
func (n Name) Quoted() string {
	s := QuoteIdent(n.Object)
	if n.Schema != "" {
		s = QuoteIdent(n.Schema) + "." + s
	}
	if n.Catalog != "" {
		s = QuoteIdent(n.Catalog) + "." + s
	}
	return s
}

// quoteLabel is a name where any word may be one.
func quoteLabel(name string) string {
	if isPlainIdent(name) {
		return name
	}
	return QuoteIdent(name)
}

// quoteLabels is a name of several parts, each a label.
func quoteLabels(name string) string {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		if part == "" {
			return QuoteIdent(name)
		}
		parts[i] = quoteLabel(part)
	}
	return strings.Join(parts, ".")
}
