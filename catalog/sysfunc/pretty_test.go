package sysfunc

import (
	"strings"
	"testing"
)

// TestPretty compares with what PostgreSQL makes of expressions without and with
// pretty printing; an expression with line breaks takes several lines.
func TestPretty(t *testing.T) {
	n := 0
	var open string // what has several lines
	for _, line := range lines(t, "pretty.txt") {
		if open += line; strings.Count(open, "END")%2 != 0 || !strings.Contains(open, "\t") || strings.HasSuffix(open, "\t") {
			open += "\n"
			continue
		}
		plain, pretty, _ := strings.Cut(open, "\t")
		open = ""
		n++
		if got := prettyExpr(plain); got != pretty {
			t.Errorf("%s\n got %s\nwant %s", plain, got, pretty)
		}
	}
	if n < 30 {
		t.Errorf("%d expressions", n)
	}
}
