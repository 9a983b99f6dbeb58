package pgdata

import (
	"strings"
	"sync"
)

// reserved holds the keywords that cannot stand as a name everywhere.
var reserved = sync.OnceValue(func() map[string]bool {
	t := Load("pg_get_keywords")
	word, cat := t.Column("word"), t.Column("catcode")
	m := map[string]bool{}
	for _, r := range t.Rows {
		if r[cat] != "U" {
			m[r[word]] = true
		}
	}
	return m
})

// QuoteIdent writes a name as SQL wants it: in double quotes unless it is lower
// case and no keyword but an unreserved one, as PostgreSQL's quote_ident does.
func QuoteIdent(s string) string {
	plain := s != "" && !reserved()[s]
	for i := 0; i < len(s) && plain; i++ {
		c := s[i]
		plain = c >= 'a' && c <= 'z' || c == '_' || i > 0 && c >= '0' && c <= '9'
	}
	if plain {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
