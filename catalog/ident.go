package catalog

import (
	"strconv"
	"strings"
	"sync"

	"github.com/streamsqld/streamsqld/internal/pgdata"
)

// reserved holds PostgreSQL's keywords that cannot stand as a name everywhere.
var reserved = sync.OnceValue(func() map[string]bool {
	t := pgdata.Load("pg_get_keywords")
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
// case and no keyword but an unreserved one, as quote_ident does.
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

// QuoteLiteral writes a text as an SQL literal, as quote_literal does.
func QuoteLiteral(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}

func oidText(oid OID) string { return strconv.FormatUint(uint64(oid), 10) }
