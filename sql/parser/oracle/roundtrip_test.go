package oracle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// seedFile holds the statements of the parser's own tests.
const seedFile = "../testdata/seeds.sql"

// outcome is what became of one statement.
type outcome int

const (
	same        outcome = iota
	different           // the tree is another one
	rejected            // PostgreSQL takes it, we do not
	refused             // refused by name
	notByOracle         // the oracle does not take it
	unsupported         // read to its end only
	partial             // sql/ast does not hold all of it, on purpose
	broken              // XX000, or FormatStmt wrote what does not parse
)

func (o outcome) String() string {
	return [...]string{"same", "different", "rejected", "refused", "not by oracle", "unsupported", "partial", "broken"}[o]
}

// compare compares one query string.
func compare(sql string) (outcome, string) {
	if _, err := Tree(sql); err != nil {
		return notByOracle, err.Error()
	}
	list, err := parser.Parse(sql)
	if err != nil {
		var e *pgerr.Error
		errors.As(err, &e)
		switch e.Code {
		case pgerr.FeatureNotSupported:
			return refused, e.Message
		case pgerr.InternalError:
			return broken, e.Error()
		}
		return rejected, e.Error()
	}
	for _, s := range list {
		if o, why := compareOne(s); o != same {
			return o, why
		}
	}
	return same, ""
}

func compareOne(s ast.Statement) (outcome, string) {
	if isUnsupported(s.Stmt) {
		return unsupported, ""
	}
	if isPartial(s.Stmt) {
		return partial, ""
	}
	text := ast.FormatStmt(s.Stmt)
	want, err := Tree(s.Text)
	if err != nil {
		return notByOracle, err.Error()
	}
	got, err := Tree(text)
	if err != nil {
		return broken, fmt.Sprintf("%v\n    ours: %s", err, text)
	}
	if got != want {
		i := 0
		for i < len(got) && i < len(want) && got[i] == want[i] {
			i++
		}
		from := max(0, i-60)
		return different, fmt.Sprintf("\n    ours: %s\n    got:  …%s\n    want: …%s", text, clip(got[from:]), clip(want[from:]))
	}
	return same, ""
}

func clip(s string) string { return s[:min(len(s), 160)] }

// isUnsupported tells whether the statement is refused by name.
func isUnsupported(s ast.Stmt) bool {
	_, ok := s.(*ast.Unsupported)
	return ok
}

// isPartial tells whether the statement is of a kind that streamsqld has
// nothing of, so that sql/ast holds no more than its name: objects told apart
// by argument types, typed tables, refused actions.
func isPartial(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.Drop:
		return partialKind(s.Kind)
	case *ast.Comment:
		return partialKind(s.Kind)
	case *ast.Rename:
		return partialKind(s.Kind)
	case *ast.SetSchema:
		return partialKind(s.Kind)
	case *ast.ChangeOwner:
		return partialKind(s.Kind)
	case *ast.Grant:
		return partialKind(s.Kind)
	case *ast.CreateTable:
		for _, c := range s.Constraints {
			if c.Kind == ast.ConExclude {
				return true
			}
		}
		return s.OfType != nil
	case *ast.AlterTable:
		for _, a := range s.Actions {
			if a.Kind == ast.AlterOther || a.Constraint != nil && a.Constraint.Kind == ast.ConExclude {
				return true
			}
		}
	case *ast.CreateSchema:
		for _, e := range s.Elements {
			if isPartial(e) {
				return true
			}
		}
	}
	return false
}

func partialKind(k ast.ObjectKind) bool {
	switch k {
	case ast.ObjFunction, ast.ObjProcedure, ast.ObjRoutine, ast.ObjAggregate, ast.ObjOperator, ast.ObjOperatorClass,
		ast.ObjOperatorFamily, ast.ObjCast, ast.ObjTextSearch, ast.ObjTransform:
		return true
	}
	return false
}

// tally compares a corpus and prints what became of it.
func tally(t *testing.T, corpus []Sample, show int) map[outcome]int {
	t.Helper()
	counts := map[outcome]int{}
	for _, s := range corpus {
		o, why := compare(s.SQL)
		counts[o]++
		if (o == different || o == rejected || o == broken) && show > 0 {
			show--
			t.Logf("%s: %v: %s: %s", s.File, o, clip(strings.Join(strings.Fields(s.SQL), " ")), why)
		}
	}
	var lines []string
	for o, n := range counts {
		lines = append(lines, fmt.Sprintf("%v %d", o, n))
	}
	sort.Strings(lines)
	t.Logf("%d statements: %s", len(corpus), strings.Join(lines, ", "))
	return counts
}

func TestSeeds(t *testing.T) {
	corpus := Seeds(seedFile)
	if len(corpus) < 200 {
		t.Fatalf("only %d statements in %s", len(corpus), seedFile)
	}
	counts := tally(t, corpus, 40)
	if n := counts[different] + counts[rejected] + counts[broken] + counts[notByOracle]; n > 0 {
		t.Errorf("%d statements are not read as PostgreSQL does", n)
	}
}

func TestRecorded(t *testing.T) {
	dir := os.Getenv("STREAMSQLD_SHARED")
	if dir == "" {
		t.Skip("STREAMSQLD_SHARED is not set: the statements of real clients were NOT compared")
	}
	corpus := Recorded(filepath.Join(dir, "clients", "recorded"))
	if len(corpus) == 0 {
		t.Fatalf("no statements in %s", dir)
	}
	counts := tally(t, corpus, 40)
	if n := counts[different] + counts[rejected] + counts[broken]; n > 0 {
		t.Errorf("%d statements of real clients are not read as PostgreSQL does", n)
	}
}

func TestRegress(t *testing.T) {
	dir := os.Getenv("STREAMSQLD_REGRESS")
	if dir == "" {
		t.Skip("STREAMSQLD_REGRESS is not set: PostgreSQL's regression tests were NOT compared")
	}
	counts := tally(t, Regress(dir), 25)
	total := 0
	for o, n := range counts {
		if o != notByOracle {
			total += n
		}
	}
	good := counts[same] + counts[refused] + counts[unsupported]
	t.Logf("%.2f %% read as PostgreSQL does or refused by name", 100*float64(good)/float64(total))
}
