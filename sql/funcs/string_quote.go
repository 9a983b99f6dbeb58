package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("quote_ident", &Impl{Kernel: fn1(QuoteIdent)})
	register("quote_literal", &Impl{Kernel: fn1(QuoteLiteral)})
	register("quote_nullable", &Impl{Kernel: rows(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return quoteNullable(a[0]), nil })})
	register("quote_literal(anyelement)", &Impl{Bind: func(c *Call) (Kernel, error) { return quoteAny(c.Args[0]), nil }})
	register("quote_nullable(anyelement)", &Impl{Bind: func(c *Call) (Kernel, error) { return quoteAny(c.Args[0]), nil }})
}

// quotedWords are the keywords that are not names unless they are quoted: all
// but PostgreSQL's unreserved ones.
var quotedWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(reserved) {
		m[w] = true
	}
	return m
}()

const reserved = "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case " +
	"cast char character check coalesce collate collation column concurrently constraint create cross " +
	"current_catalog current_date current_role current_schema current_time current_timestamp current_user dec " +
	"decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign " +
	"freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect " +
	"interval into is isnull join lateral leading least left like limit localtime localtimestamp national natural " +
	"nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay " +
	"placing position precision primary real references returning right row select session_user setof similar " +
	"smallint some substring symmetric table tablesample then time timestamp to trailing treat trim true union " +
	"unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement " +
	"xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable"

// QuoteIdent quotes a name where SQL needs it.
func QuoteIdent(s string) string {
	safe := s != "" && (s[0] >= 'a' && s[0] <= 'z' || s[0] == '_')
	for i := 0; safe && i < len(s); i++ {
		c := s[i]
		safe = c >= 'a' && c <= 'z' || c == '_' || c >= '0' && c <= '9'
	}
	if safe && !quotedWords[s] {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// QuoteLiteral makes a string constant; one with backslashes becomes E'…', so
// that it reads alike under every setting.
func QuoteLiteral(s string) string {
	s = strings.ReplaceAll(s, `'`, `''`)
	if strings.Contains(s, `\`) {
		return `E'` + strings.ReplaceAll(s, `\`, `\\`) + `'`
	}
	return `'` + s + `'`
}

func quoteNullable(d types.Datum) types.Datum {
	if d.IsNull() {
		return types.NewString("NULL")
	}
	return types.NewString(QuoteLiteral(d.Str()))
}

// quoteAny quotes the text of a value of any type; a NULL only gets here from
// quote_nullable.
func quoteAny(t *types.Type) Kernel {
	return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		if a[0].IsNull() {
			return types.NewString("NULL"), nil
		}
		return types.NewString(QuoteLiteral(textOf(&c.Env.Env, t, a[0]))), nil
	})
}
