package funcs

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("parse_ident", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		parts, err := parseIdent(a[0].Str(), a[1].Bool())
		if err != nil {
			return types.Null, err
		}
		return textArray(parts), nil
	}))
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

func skipSpace(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

func identStart(c byte) bool {
	return c == '_' || c >= utf8.RuneSelf || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func identPart(c byte) bool { return identStart(c) || c >= '0' && c <= '9' || c == '$' }

// parseIdent cuts a qualified name at its dots, taking quotes off and folding
// what is not quoted.
func parseIdent(s string, strict bool) ([]string, error) {
	bad := func(detail string, args ...any) error {
		e := pgerr.New(pgerr.InvalidParameterValue, "string is not a valid identifier: \"%s\"", s)
		if detail != "" {
			e = e.WithDetail(detail, args...)
		}
		return e
	}
	var parts []string
	rest := skipSpace(s)
	afterDot := false
	for {
		missing := true
		switch {
		case rest != "" && rest[0] == '"':
			name, tail, ok := quotedIdent(rest[1:])
			if !ok {
				return nil, bad("String has unclosed double quotes.")
			}
			if name == "" {
				return nil, bad("Quoted identifier must not be empty.")
			}
			parts, rest, missing = append(parts, name), tail, false
		case rest != "" && identStart(rest[0]):
			n := 0
			for n < len(rest) && identPart(rest[n]) {
				n++
			}
			parts, rest, missing = append(parts, foldIdent(rest[:n])), rest[n:], false
		}
		if missing {
			switch {
			case rest != "" && rest[0] == '.':
				return nil, bad("No valid identifier before \".\".")
			case afterDot:
				return nil, bad("No valid identifier after \".\".")
			}
			return nil, bad("")
		}
		rest = skipSpace(rest)
		switch {
		case rest != "" && rest[0] == '.':
			afterDot = true
			rest = skipSpace(rest[1:])
		case rest == "" || !strict:
			return parts, nil
		default:
			return nil, bad("")
		}
	}
}

// quotedIdent reads a quoted name after its opening quote.
func quotedIdent(s string) (name, rest string, ok bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return "", "", false
		}
		b.WriteString(s[:i])
		if i+1 < len(s) && s[i+1] == '"' {
			b.WriteByte('"')
			s = s[i+2:]
			continue
		}
		return b.String(), s[i+1:], true
	}
}

// foldIdent puts ASCII letters in lower case; in a multi-byte encoding
// PostgreSQL leaves the others.
func foldIdent(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
