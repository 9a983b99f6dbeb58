package parser

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

func TestEmptyStrings(t *testing.T) {
	for _, sql := range []string{"", " \n\t", ";", " ; ;; ", "-- ping", "/* a */ ; -- b", ";\n"} {
		if list, err := Parse(sql); err != nil || len(list) != 0 {
			t.Errorf("%q: %d statements, %v", sql, len(list), err)
		}
	}
}

func TestStatements(t *testing.T) {
	sql := "  SELECT $2, $1 ; /* x */ INSERT INTO t VALUES ($3, ';') ;;\nBEGIN -- y\n; TABLE a"
	list, err := Parse(sql)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		text   string
		params int
	}{{"SELECT $2, $1", 2}, {"INSERT INTO t VALUES ($3, ';')", 3}, {"BEGIN", 0}, {"TABLE a", 0}}
	if len(list) != len(want) {
		t.Fatalf("%d statements, want %d", len(list), len(want))
	}
	for i, s := range list {
		if s.Text != want[i].text || s.NumParams != want[i].params || int(s.Start) != strings.Index(sql, s.Text) {
			t.Errorf("statement %d is %q at %d with %d parameters", i, s.Text, s.Start, s.NumParams)
		}
	}
	// Places are absolute.
	insert := list[1].Stmt.(*ast.Insert)
	if p := insert.Query.Values[0][1].Position(); sql[p:p+3] != "';'" {
		t.Errorf("the literal is at %d", p)
	}
}

// TestErrorAnywhereFailsAll wants what PostgreSQL does: no statement of a
// string with a syntax error is run.
func TestErrorAnywhereFailsAll(t *testing.T) {
	for sql, pos := range map[string]int32{
		"SELECT 1; SELECT 2 SELECT 3": 27, "SELECT 1; 'abc": 11, "SELECT 1; FOO": 11, "SELECT 'a' 'b'; SELECT 1": 12,
	} {
		_, err := Parse(sql)
		var e *pgerr.Error
		if !errors.As(err, &e) || e.Code != pgerr.SyntaxError || e.Pos != pos {
			t.Errorf("%q: %v", sql, err)
		}
	}
}

func TestRefusedByName(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT xmlelement(name a, b)":                        "XMLELEMENT is not supported",
		"SELECT * FROM xmltable('a' PASSING b COLUMNS c int)": "XMLTABLE is not supported",
		"SELECT a IS DOCUMENT":                                "IS DOCUMENT is not supported",
	} {
		_, err := Parse(sql)
		var e *pgerr.Error
		if !errors.As(err, &e) || e.Code != pgerr.FeatureNotSupported || e.Message != want || e.Pos == 0 {
			t.Errorf("%s: %v", sql, err)
		}
		// A syntax error behind it comes first.
		if _, err := Parse(sql + " )"); pgerr.CodeOf(err) != pgerr.SyntaxError {
			t.Errorf("%s ): %v", sql, err)
		}
	}
	for sql, want := range map[string]string{

		"ALTER SYSTEM SET a = b": "ALTER SYSTEM",
	} {
		list, err := Parse(sql)
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if u, ok := list[0].Stmt.(*ast.Unsupported); !ok || u.What != want {
			t.Errorf("%s is %#v", sql, list[0].Stmt)
		}
	}
}

func TestNotices(t *testing.T) {
	long := strings.Repeat("x", 70)
	list, err := Parse("SELECT 1; SELECT " + long + "; CREATE GLOBAL TEMP TABLE t (a int)")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		for _, n := range s.Notices {
			got = append(got, string(n.Severity)+" "+string(n.Code))
		}
		got = append(got, ";")
	}
	if text := strings.Join(got, " "); text != "; NOTICE 42622 ; WARNING 01000 ;" {
		t.Errorf("notices: %s", text)
	}
}

func TestInvalidText(t *testing.T) {
	for _, sql := range []string{"SELECT '\xff'", "SELECT 1\x00"} {
		if _, err := Parse(sql); pgerr.CodeOf(err) != pgerr.CharacterNotInRepertoire {
			t.Errorf("%q: %v", sql, err)
		}
	}
}

func TestParseExpr(t *testing.T) {
	for sql, want := range map[string]string{
		"now() - interval '1 day'": "now() - '1 day'::interval", "a>1 and b": "a > 1 AND b", "(SELECT 1)": "(SELECT 1)",
		"'x'::text": "'x'::text", "-2147483648": "-2147483648", "DEFAULT": "DEFAULT",
	} {
		e, err := ParseExpr(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
		} else if got := ast.FormatExpr(e); got != want {
			t.Errorf("%s is %s, want %s", sql, got, want)
		}
	}
	for _, sql := range []string{"", "a b", "1;", "SELECT 1", "a,", "(1"} {
		if _, err := ParseExpr(sql); pgerr.CodeOf(err) != pgerr.SyntaxError {
			t.Errorf("%q: %v", sql, err)
		}
	}
}

// TestParseType has the types' spelling of format_type().
func TestParseType(t *testing.T) {
	for s, want := range map[string]string{
		"int": "integer", " numeric(10,2)[] ": "numeric(10, 2)[]", "char": "character(1)", `"char"`: `"char"`,
		"timestamp(3) with time zone": "timestamp(3) with time zone", "s.t": "s.t", `"My Type"`: `"My Type"`,
		"float(20)": "real", "double precision": "double precision", "int ARRAY[3]": "integer[3]", "interval hour": "interval hour",
		"bit varying(5)": "bit varying(5)", "national character varying(3)": "character varying(3)", "pg_catalog.int4": "integer",
		"geometry(Point, 4326)": "geometry(point, 4326)", "time": "time", "bit": "bit(1)", "varchar": "character varying",
	} {
		typ, err := ParseType(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
		} else if got := ast.FormatType(typ); got != want {
			t.Errorf("%s is %s, want %s", s, got, want)
		}
	}
	for s, want := range map[string]string{
		"foo bar": `syntax error at or near "bar"`, "int[": "syntax error at end of input", "": `invalid type name ""`,
		"  ": `invalid type name "  "`, "setof int": `invalid type name "setof int"`, "int; x": `syntax error at or near ";"`,
	} {
		_, err := ParseType(s)
		var e *pgerr.Error
		if !errors.As(err, &e) || e.Code != pgerr.SyntaxError || e.Message != want || e.Pos != 0 {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestSplitIdentifier(t *testing.T) {
	for s, want := range map[string]string{
		"a": "a", "A.B": "a|b", `"My".Tab`: "My|tab", ` a . "b""c" `: `a|b"c`, `"a.b"`: "a.b", "a.b.c.d": "a|b|c|d", `""`: "",
		strings.Repeat("x", 70): strings.Repeat("x", 63), "É": "É",
	} {
		parts, err := SplitIdentifier(s)
		if got := strings.Join(parts, "|"); err != nil || got != want {
			t.Errorf("%q is %q, %v", s, got, err)
		}
	}
	for _, s := range []string{"", " ", ".", "a.", ".a", "a b", `"a`, `"a"b`, "a..b", `a."b" c`} {
		_, err := SplitIdentifier(s)
		if e := pgerr.From(errOr(err)); e.Code != pgerr.InvalidName || e.Message != "invalid name syntax" {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// errOr makes a missing error one that fails the test.
func errOr(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return err
}

func TestKeywords(t *testing.T) {
	list := Keywords()
	if len(list) != 460 || list[0].Word != "abort" || list[0].Category.Code() != "U" || !list[0].BareLabel {
		t.Errorf("%d key words, the first is %+v", len(list), list[0])
	}
}

func TestConcurrentUse(t *testing.T) {
	statements := paragraphs(t, "testdata/seeds.sql")
	var wait sync.WaitGroup
	for g := 0; g < 4; g++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := range statements {
				sql := statements[(i*7+g)%len(statements)]
				list, err := Parse(sql)
				if err != nil {
					t.Errorf("%s: %v", sql, err)
					return
				}
				first := ast.FormatStmt(list[0].Stmt)
				again, _ := Parse(sql)
				if second := ast.FormatStmt(again[0].Stmt); first != second || first != ast.FormatStmt(list[0].Stmt) {
					t.Errorf("%s is once %s, once %s", sql, first, second)
				}
			}
		}()
	}
	wait.Wait()
}
