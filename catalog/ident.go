package catalog

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgdata"
)

// QuoteIdent writes a name as SQL wants it, as quote_ident does.
func QuoteIdent(s string) string { return pgdata.QuoteIdent(s) }

// QuoteLiteral writes a text as an SQL literal, as quote_literal does.
func QuoteLiteral(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}

func oidText(oid OID) string { return strconv.FormatUint(uint64(oid), 10) }
