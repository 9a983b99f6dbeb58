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

// identifiers gives the names that stand in an SQL expression: quoted ones, and
// words outside literals.
func identifiers(expr string) map[string]bool {
	names := map[string]bool{}
	for i := 0; i < len(expr); {
		switch c := expr[i]; {
		case c == '\'' || c == '"':
			end := i + 1
			for end < len(expr) && (expr[end] != c || end+1 < len(expr) && expr[end+1] == c) {
				if expr[end] == c {
					end++
				}
				end++
			}
			if c == '"' {
				names[strings.ReplaceAll(expr[i+1:min(end, len(expr))], `""`, `"`)] = true
			}
			i = end + 1
		case wordByte(c):
			end := i
			for end < len(expr) && wordByte(expr[end]) {
				end++
			}
			names[expr[i:end]] = true
			i = end
		default:
			i++
		}
	}
	return names
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}
