package engine

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Input that comes in pieces, which are decoded ahead of their turn, gives the
// rows, or the error with its place, that the same input gives at once.
func TestCopyAhead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))))
	lines := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	plain := func(i int) string { return fmt.Sprintf("%d\trow %d\n", i, i) }
	csv := func(i int) string { return fmt.Sprintf("%d,\"row \"\"%d\"\", and\nmore\"\n", i, i) }
	const n = 30_000
	some := func(at int, odd string, else_ func(int) string) func(int) string {
		return func(i int) string {
			if i == at {
				return odd
			}
			return else_(i)
		}
	}
	for name, c := range map[string]struct{ options, input string }{
		"text":             {"", lines(n, plain)},
		"no last newline":  {"", strings.TrimSuffix(lines(n, plain), "\n")},
		"escaped newlines": {"", lines(n, func(i int) string { return fmt.Sprintf("%d\trow\\\n%d\n", i, i) })},
		"one escaped":      {"", lines(n, some(4095, "7\trow\\\nx\n", plain))},
		"nulls":            {"", lines(n, func(i int) string { return fmt.Sprintf("%d\t\\N\n", i) })},
		"bad value":        {"", lines(n, some(13_000, "x\trow\n", plain))},
		"too few":          {"", lines(n, some(29_999, "1\n", plain))},
		"not null":         {"", lines(n, some(13_001, "\\N\trow\n", plain))},
		"where, error":     {"WHERE 1 / (a - 13001) < 5", lines(n, plain)},
		"where, not null":  {"WHERE a % 3 = 0 OR a IS NULL", lines(n, some(13_001, "\\N\trow\n", plain))},
		"check":            {"", lines(n, some(13_001, "-1\trow\n", plain))},
		"end marker":       {"", lines(n, some(17_000, "\\.\n", plain))},
		"carriage return":  {"", lines(n, some(17_000, "1\ta\rb\n", plain))},
		"csv":              {"WITH (FORMAT csv)", lines(n, csv)},
		"csv, bad value":   {"WITH (FORMAT csv)", lines(n, some(20_000, "x,1\n", csv))},
		"csv, open quote":  {"WITH (FORMAT csv)", lines(n, some(20_000, "1,\"1\n", csv))},
		"csv, header":      {"WITH (FORMAT csv, HEADER)", lines(n, csv)},
		"csv, crlf":        {"WITH (FORMAT csv)", strings.ReplaceAll(lines(n, csv), "\n", "\r\n")},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDatabase(t)
			s := d.session()
			defer s.close()
			var told [2]string
			for i, size := range []int{0, 10_007} {
				table := fmt.Sprintf("t%d", i)
				s.exec("CREATE TABLE " + table + " (a int NOT NULL CONSTRAINT positive CHECK (a >= 0), b text)")
				_, err := s.tryPieces(size, "COPY "+table+" FROM STDIN "+c.options, c.input)
				if err != nil {
					e := pgerr.From(err)
					told[i] = strings.Replace(fmt.Sprintf("%s %s %s", e.Code, e.Message, e.Where), "t1", "t0", -1)
				}
				told[i] += s.text("SELECT count(*), sum(a), sum(hashtext(b)) FROM " + table)
			}
			if told[0] != told[1] {
				t.Errorf("in pieces: %s\nat once:   %s", told[1], told[0])
			}
		})
	}
}
