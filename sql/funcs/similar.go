package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs/regex"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("similar_to_escape_1", &Impl{Kernel: fn1e(func(p string) (string, error) { return similarEscape(p, `\`) })})
	register("similar_to_escape_2", &Impl{Kernel: fn2e(similarEscape)})
	register("similar_escape", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		esc := `\`
		if !a[1].IsNull() {
			esc = a[1].Str()
		}
		if a[0].IsNull() {
			return types.Null, nil
		}
		s, err := similarEscape(a[0].Str(), esc)
		return types.NewString(s), err
	}))
	// substring(s similar pattern escape e)
	register("substring(text,text,text)", &Impl{Bind: func(*Call) (Kernel, error) {
		var known patterns
		return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
			p, err := similarEscape(a[1].Str(), a[2].Str())
			if err != nil {
				return types.Null, err
			}
			m, err := known.get(c, p, regex.Options{})
			if err != nil {
				return types.Null, err
			}
			loc, err := m.Find(a[0].Str(), 0)
			if loc == nil {
				return types.Null, err
			}
			return textOrNull(group(a[0].Str(), loc, min(m.NumGroups(), 1))), nil
		}), nil
	}})
}

// similarEscape turns a pattern of SIMILAR TO into a regular expression, as
// PostgreSQL's similar_escape_internal does. Two separators (the escape and a
// double quote) cut the pattern in three, of which the middle is captured.
func similarEscape(p, esc string) (string, error) {
	if charCount(esc) > 1 {
		return "", pgerr.New(pgerr.InvalidEscapeSequence, "invalid escape string").
			WithHint("Escape string must be empty or one character.")
	}
	var b strings.Builder
	b.WriteString("^(?:")
	after, inClass, quotes := false, false, 0
	for _, r := range p {
		c := string(r)
		switch {
		case after:
			if c == `"` && !inClass {
				if quotes == 0 {
					b.WriteString("){1,1}?(")
				} else if quotes == 1 {
					b.WriteString("){1,1}(?:")
				} else {
					return "", pgerr.New(pgerr.InvalidUseOfEscapeCharacter, "SQL regular expression may not contain more than two escape-double-quote separators")
				}
				quotes++
			} else {
				b.WriteByte('\\')
				b.WriteString(c)
			}
			after = false
		case esc != "" && c == esc:
			after = true
		case inClass:
			if c == `\` {
				b.WriteByte('\\')
			}
			b.WriteString(c)
			inClass = c != "]"
		case c == "[":
			b.WriteString(c)
			inClass = true
		case c == "%":
			b.WriteString(".*")
		case c == "_":
			b.WriteByte('.')
		case c == "(":
			b.WriteString("(?:")
		case strings.Contains(`\.^$`, c):
			b.WriteByte('\\')
			b.WriteString(c)
		default:
			b.WriteString(c)
		}
	}
	b.WriteString(")$")
	return b.String(), nil
}
