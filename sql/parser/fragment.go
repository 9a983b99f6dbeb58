package parser

import (
	"errors"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// ParseExpr parses an expression that stands alone: a stored default, a check.
func ParseExpr(sql string) (ast.Expr, error) {
	var e ast.Expr
	err := parseFragment(sql, func(w *workspace) { w.reader.Fill(&e, w.reader.Expr()) })
	return e, err
}

// ParseType parses a type that stands alone, as regtype's input does. Errors
// have no place, but name the whole text, as PostgreSQL's do.
func ParseType(s string) (ast.TypeName, error) {
	var t ast.TypeName
	if strings.Trim(s, " \t\n\r\f") == "" {
		return t, pgerr.New(pgerr.SyntaxError, "invalid type name \"%s\"", s)
	}
	err := parseFragment(s, func(w *workspace) { t = w.reader.ConstTypeName() })
	if err == nil && t.SetOf {
		return t, pgerr.New(pgerr.SyntaxError, "invalid type name \"%s\"", s)
	}
	var e *pgerr.Error
	if errors.As(err, &e) && e.Code != pgerr.InternalError {
		c := *e
		c.Pos = 0
		return t, c.WithWhere("invalid type name \"%s\"", s)
	}
	return t, err
}

// parseFragment parses a text that is no statement with read, which must come
// to its end.
func parseFragment(sql string, read func(w *workspace)) error {
	w := workspaces.Get().(*workspace)
	defer w.close()
	if _, err := w.open(sql); err != nil {
		return err
	}
	r := &w.reader
	res, err := r.Statement(func() {
		read(w)
		if !r.IsChar(lex.EOF) {
			panic(r.Unexpected())
		}
	})
	switch {
	case err != nil:
		return err
	case res.Refused != nil:
		return res.Refused
	}
	return finish(res, sql)
}

// Keywords lists PostgreSQL's key words in alphabetical order, as
// pg_get_keywords() does. The slice must not be changed.
func Keywords() []keyword.Keyword { return keyword.List() }

// SplitIdentifier splits a name as it is given in text ('"My".tab') into its
// parts: unquoted ones are folded, all are truncated.
func SplitIdentifier(s string) ([]string, error) {
	bad := pgerr.New(pgerr.InvalidName, "invalid name syntax")
	rest := trimSpace(s)
	if rest == "" {
		return nil, bad
	}
	var parts []string
	for {
		part, after, ok := splitPart(rest)
		if !ok {
			return nil, bad
		}
		parts = append(parts, lex.Truncate(part))
		rest = trimSpace(after)
		if rest == "" {
			return parts, nil
		}
		if rest[0] != '.' {
			return nil, bad
		}
		rest = trimSpace(rest[1:])
	}
}

func trimSpace(s string) string { return strings.TrimLeft(s, " \t\n\r\f") }

// splitPart reads one part of a name.
func splitPart(s string) (part, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ". \t\n\r\f")
		if end < 0 {
			end = len(s)
		}
		return lex.Fold(s[:end]), s[end:], end > 0
	}
	var b strings.Builder
	s = s[1:]
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return "", "", false
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		if !strings.HasPrefix(s, `"`) {
			return b.String(), s, true
		}
		b.WriteByte('"')
		s = s[1:]
	}
}
