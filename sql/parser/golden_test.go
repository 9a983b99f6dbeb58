package parser

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/ast"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden compares what FormatStmt writes of the statements of the test
// data. That it means the same to PostgreSQL is what the tests in the folder
// oracle are for; run them when these files change.
func TestGolden(t *testing.T) {
	for _, name := range []string{"seeds", "streaming"} {
		var b strings.Builder
		for _, sql := range paragraphs(t, "testdata/"+name+".sql") {
			list, err := Parse(sql)
			if err != nil {
				t.Errorf("%s: %v", sql, err)
				continue
			}
			for _, s := range list {
				b.WriteString(ast.FormatStmt(s.Stmt))
				b.WriteByte('\n')
			}
		}
		file := "testdata/" + name + ".golden"
		if *update {
			if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, wanted := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
		for i := 0; i < max(len(got), len(wanted)); i++ {
			switch {
			case i >= len(got) || i >= len(wanted):
				t.Fatalf("%d lines, %s has %d", len(got), file, len(wanted))
			case got[i] != wanted[i]:
				t.Errorf("%s:%d\n  got  %s\n  want %s", file, i+1, got[i], wanted[i])
			}
		}
	}
}
