package tidb

import (
	"strings"
	"sync"
	"testing"

	"github.com/pingcap/tidb/pkg/parser/ast"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func TestLiteralsAreKept(t *testing.T) {
	stmt, err := Parse(`SELECT 1, 9223372036854775808, 99999999999999999999, 1.50, 'a\n''b', TRUE, NULL`, "")
	if err != nil {
		t.Fatal(err)
	}
	want := []any{int64(1), uint64(9223372036854775808), Decimal("99999999999999999999"), Decimal("1.50"), `a\n'b`, true, nil}
	for i, f := range stmt.(*ast.SelectStmt).Fields.Fields {
		if got := f.Expr.(*Value).V; got != want[i] {
			t.Errorf("literal %d is %T %v, want %T %v", i, got, got, want[i], want[i])
		}
	}
}

func TestGroupByNumberIsNoPosition(t *testing.T) {
	stmt, err := Parse("SELECT 1 FROM k0 GROUP BY 1 ORDER BY 2", "")
	if err != nil {
		t.Fatal(err)
	}
	s := stmt.(*ast.SelectStmt)
	if _, ok := s.GroupBy.Items[0].Expr.(*Value); !ok {
		t.Errorf("GROUP BY 1 is %T", s.GroupBy.Items[0].Expr)
	}
	if _, ok := s.OrderBy.Items[0].Expr.(*Value); !ok {
		t.Errorf("ORDER BY 2 is %T", s.OrderBy.Items[0].Expr)
	}
}

// TestRefusal wants our bugs to be XX000, with both texts.
func TestRefusal(t *testing.T) {
	for _, text := range []string{"SELECT FROM", "SELECT 1; SELECT 2", "", "SELECT x'zz'", "SELECT 1 FROM `a ` . b"} {
		_, err := Parse(text, "the source")
		if pgerr.CodeOf(err) != pgerr.InternalError {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if detail := pgerr.From(err).Detail; !strings.Contains(detail, "the source") || !strings.Contains(detail, text) {
			t.Errorf("%q: detail %q", text, detail)
		}
	}
}

// TestStatementsSurviveTheNext wants a statement to stay what it is while its
// parser is used again, by others and at the same time.
func TestStatementsSurviveTheNext(t *testing.T) {
	var wait sync.WaitGroup
	for g := 0; g < 4; g++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			var kept []ast.StmtNode
			for i := 0; i < 200; i++ {
				text := "SELECT '" + strings.Repeat("x", i) + "'"
				if i%50 == 0 {
					text = "SELECT '" + strings.Repeat("x", i) + "', '" + strings.Repeat("y", 2*resetSize) + "'"
				}
				stmt, err := Parse(text, text)
				if err != nil {
					t.Error(err)
					return
				}
				kept = append(kept, stmt)
			}
			for i, stmt := range kept {
				if got := stmt.(*ast.SelectStmt).Fields.Fields[0].Expr.(*Value).V; got != strings.Repeat("x", i) {
					t.Errorf("statement %d became %v", i, got)
				}
			}
		}()
	}
	wait.Wait()
}
