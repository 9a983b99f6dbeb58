package parser

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// paragraphs reads the statements of a file of test data, but for the comment
// at its beginning.
func paragraphs(t testing.TB, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Split(strings.TrimSpace(string(text)), "\n\n")[1:]
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// checkText wants that the parser does not crash on a text, that TiDB never
// refuses what it is given, and that what FormatStmt writes of a statement
// parses to what it would write again.
func checkText(t *testing.T, sql string) {
	list, err := Parse(sql)
	if err != nil {
		var e *pgerr.Error
		if !errors.As(err, &e) || e.Code == pgerr.InternalError {
			t.Fatalf("%q: %v", sql, err)
		}
		if e.Pos < 0 || int(e.Pos) > len(sql)+1 {
			t.Fatalf("%q: error at %d", sql, e.Pos)
		}
		return
	}
	for _, s := range list {
		if isUnsupported(s.Stmt) || isPartial(s.Stmt) {
			continue
		}
		text := ast.FormatStmt(s.Stmt)
		again, err := Parse(text)
		if err != nil || len(again) != 1 {
			t.Fatalf("%q\n is written %q\n which gives %v", s.Text, text, err)
		}
		if other := ast.FormatStmt(again[0].Stmt); other != text {
			t.Fatalf("%q\n is written %q\n and again  %q", s.Text, text, other)
		}
	}
}

// isPartial tells whether sql/ast does not hold all of a statement of a kind
// that streamsqld has not: functions told apart by their arguments, partitions.
func isPartial(s ast.Stmt) bool {
	kind := ast.ObjTable
	switch s := s.(type) {
	case *ast.Drop:
		kind = s.Kind
	case *ast.Comment:
		kind = s.Kind
	case *ast.Rename:
		kind = s.Kind
	case *ast.SetSchema:
		kind = s.Kind
	case *ast.ChangeOwner:
		kind = s.Kind
	case *ast.Grant:
		kind = s.Kind
	case *ast.CreateTable:
		return s.PartitionBy != nil || s.PartitionOf != nil || s.OfType != nil
	case *ast.CreateSchema:
		for _, e := range s.Elements {
			if isPartial(e) {
				return true
			}
		}
	case *ast.AlterTable:
		for _, a := range s.Actions {
			if a.Kind == ast.AlterOther {
				return true
			}
		}
	}
	switch kind {
	case ast.ObjAggregate, ast.ObjOperator, ast.ObjOperatorClass, ast.ObjOperatorFamily, ast.ObjCast, ast.ObjTextSearch,
		ast.ObjTransform:
		return true
	}
	return false
}

// FuzzParse checks any text.
func FuzzParse(f *testing.F) {
	for _, file := range []string{"testdata/seeds.sql", "testdata/streaming.sql"} {
		for _, s := range paragraphs(f, file) {
			f.Add(s)
		}
	}
	f.Fuzz(checkText)
}

// FuzzParseExpr checks any text for an expression and for a type.
func FuzzParseExpr(f *testing.F) {
	for _, s := range []string{
		"a + b * -1", "now() - interval '1 day'", "x IS NOT NULL AND y IN (1, 2)", "(SELECT 1)", "numeric(10, 2)[]",
		"CASE WHEN a THEN 1 END", "a.b[1].c", "f(DISTINCT a ORDER BY b) FILTER (WHERE c) OVER (PARTITION BY d)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if e, err := ParseExpr(sql); err == nil {
			text := ast.FormatExpr(e)
			again, err := ParseExpr(text)
			if err != nil || ast.FormatExpr(again) != text {
				t.Fatalf("%q is written %q: %v", sql, text, err)
			}
		} else if pgerr.CodeOf(err) == pgerr.InternalError {
			t.Fatalf("%q: %v", sql, err)
		}
		if typ, err := ParseType(sql); err == nil {
			text := ast.FormatType(typ)
			again, err := ParseType(text)
			if err != nil || ast.FormatType(again) != text {
				t.Fatalf("%q is written %q: %v", sql, text, err)
			}
		} else if pgerr.CodeOf(err) == pgerr.InternalError {
			t.Fatalf("%q: %v", sql, err)
		}
	})
}

// TestWrittenAgain checks the statements of the test data.
func TestWrittenAgain(t *testing.T) {
	for _, file := range []string{"testdata/seeds.sql", "testdata/streaming.sql"} {
		for _, s := range paragraphs(t, file) {
			checkText(t, s)
			if _, err := Parse(s); err != nil {
				t.Errorf("%s: %v", s, err)
			}
		}
	}
}
