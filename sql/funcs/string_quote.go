package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("quote_ident", &Impl{Kernel: fn1(types.QuoteIdent)})
	register("quote_literal", &Impl{Kernel: fn1(QuoteLiteral)})
	register("quote_nullable", &Impl{Kernel: rows(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return quoteNullable(a[0]), nil })})
	register("quote_literal(anyelement)", &Impl{Bind: func(c *Call) (Kernel, error) { return quoteAny(c.Args[0]), nil }})
	register("quote_nullable(anyelement)", &Impl{Bind: func(c *Call) (Kernel, error) { return quoteAny(c.Args[0]), nil }})
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
