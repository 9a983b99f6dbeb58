package fulltext

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Option is a name = value.
type Option struct{ Name, Value string }

// ParseOptions reads a list of name = value as PostgreSQL writes them down: values are
// words, or in quotes, in which a quote stands twice and, behind E, a backslash, too.
// A malformed list is 42601.
func ParseOptions(s string) (out []Option, err error) {
	rest := s
	bad := func() ([]Option, error) {
		return nil, pgerr.New(pgerr.SyntaxError, "invalid parameter list format: \"%s\"", s)
	}
	const blank = " \t\n\v\f\r"
	for {
		rest = strings.TrimLeft(rest, blank)
		if rest == "" {
			return out, nil
		}
		var o Option
		var ok bool
		if o.Name, rest, ok = optionName(rest); !ok {
			return bad()
		}
		rest = strings.TrimLeft(rest, blank)
		if rest, ok = strings.CutPrefix(rest, "="); !ok {
			return bad()
		}
		if o.Value, rest, ok = optionValue(strings.TrimLeft(rest, blank)); !ok {
			return bad()
		}
		out = append(out, o)
		rest = strings.TrimLeft(rest, blank)
		if rest == "" {
			return out, nil
		}
		if rest, ok = strings.CutPrefix(rest, ","); !ok {
			return bad()
		}
	}
}

// optionName reads a name, in double quotes or up to white space, "=" or ",".
func optionName(s string) (name, rest string, ok bool) {
	if s[0] == '"' {
		return quotedOption(s[1:], '"', false)
	}
	i := strings.IndexAny(s, " \t\n\v\f\r=,")
	if i < 0 {
		i = len(s)
	}
	return s[:i], s[i:], i > 0
}

func optionValue(s string) (value, rest string, ok bool) {
	switch {
	case s == "":
		return "", "", false
	case s[0] == '\'':
		return quotedOption(s[1:], '\'', false)
	case len(s) > 1 && s[0] == 'E' && s[1] == '\'':
		return quotedOption(s[2:], '\'', true)
	case s[0] == '"':
		return quotedOption(s[1:], '"', false)
	}
	i := strings.IndexAny(s, " \t\n\v\f\r,")
	if i < 0 {
		i = len(s)
	}
	return s[:i], s[i:], true
}

// quotedOption reads up to the closing quote.
func quotedOption(s string, quote byte, escapes bool) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		doubled := i+1 < len(s) && s[i+1] == s[i]
		switch {
		case s[i] == quote && !doubled:
			return b.String(), s[i+1:], true
		case s[i] == quote || escapes && s[i] == '\\' && doubled:
			i++
		case escapes && s[i] == '\\':
			return "", "", false
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}
