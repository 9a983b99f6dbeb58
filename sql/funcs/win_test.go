package funcs

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// testdata/windows.txt holds PostgreSQL's results (testdata/gen/windows.sql).
func TestWindowFunctions(t *testing.T) {
	text, err := os.ReadFile("testdata/windows.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(line, "\t")
		got := windowResult(t, f[0], frameOf(f[1], ints(f[2])), ints(f[2]), ints(f[3]))
		if got != f[4] {
			t.Errorf("%s %s: %s, want %s", f[0], f[1], got, f[4])
		}
	}
}

// ints reads {1,NULL,3}; NULL is the least integer.
func ints(s string) (out []types.Datum) {
	for _, x := range strings.Split(strings.Trim(s, "{}"), ",") {
		d := types.Null
		if x != "NULL" {
			n, _ := strconv.Atoi(x)
			d = types.NewInt(int64(n))
		}
		out = append(out, d)
	}
	return out
}

// frameOf gives the frames that a frame clause means over rows with the order
// keys.
func frameOf(clause string, keys []types.Datum) func(i int) [][2]int {
	n := len(keys)
	peers := func(i int) (lo, hi int) {
		lo, hi = i, i+1
		for lo > 0 && keys[lo-1] == keys[i] {
			lo--
		}
		for hi < n && keys[hi] == keys[i] {
			hi++
		}
		return lo, hi
	}
	bounds := regexp.MustCompile(`BETWEEN (.*) AND (.*?)( EXCLUDE .*)?$`).FindStringSubmatch(clause)
	bound := func(s string, i int, end int) int {
		k, _ := strconv.Atoi(strings.Fields(s)[0])
		switch {
		case s == "UNBOUNDED PRECEDING":
			return 0
		case s == "UNBOUNDED FOLLOWING":
			return n
		case strings.HasSuffix(s, "PRECEDING"):
			return i - k + end
		case strings.HasSuffix(s, "FOLLOWING"):
			return i + k + end
		}
		if end == 1 && strings.HasPrefix(clause, "RANGE") {
			_, hi := peers(i)
			return hi
		}
		return i + end
	}
	return func(i int) [][2]int {
		lo, hi := min(max(bound(bounds[1], i, 0), 0), n), min(max(bound(bounds[2], i, 1), 0), n)
		pl, ph := peers(i)
		switch strings.TrimSpace(bounds[3]) {
		case "EXCLUDE CURRENT ROW":
			return [][2]int{{lo, min(hi, i)}, {max(lo, i+1), hi}}
		case "EXCLUDE GROUP":
			return [][2]int{{lo, min(hi, pl)}, {max(lo, ph), hi}}
		case "EXCLUDE TIES":
			return [][2]int{{lo, min(hi, pl)}, {max(lo, i), min(hi, i+1)}, {max(lo, ph), hi}}
		}
		return [][2]int{{lo, hi}}
	}
}

func windowResult(t *testing.T, call string, frame func(int) [][2]int, keys, vals []types.Datum) string {
	name, args, _ := strings.Cut(strings.TrimSuffix(call, ")"), "(")
	p := &Partition{N: len(keys), Frame: frame, Peer: make([]int32, len(keys))}
	for i := 1; i < len(keys); i++ {
		p.Peer[i] = p.Peer[i-1]
		if keys[i] != keys[i-1] {
			p.Peer[i]++
		}
	}
	if args != "" {
		for _, a := range strings.Split(args, ",") {
			v := &vec.Vec{Kind: types.Int}
			for i := range vals {
				if a == "v" {
					v.AppendDatum(vals[i])
				} else {
					v.AppendDatum(ints(a)[0])
				}
			}
			p.Args = append(p.Args, v)
		}
	}
	var fn *Func
	for _, f := range ByName(name) {
		if f.Kind == Window && len(f.Args) == len(p.Args) {
			fn = f
		}
	}
	w, err := (&Call{Func: fn, Ret: fn.Ret}).BindWin()
	if err != nil {
		t.Fatal(err)
	}
	c := &Ctx{Context: context.Background(), Env: testEnv(), Bad: &vec.RowErrors{}}
	var out vec.Vec
	w.Eval(c, p, &out)
	if err := c.Bad.First(); err != nil {
		t.Fatalf("%s: %v", call, err)
	}
	var b []string
	for i := range p.N {
		d := out.Datum(i)
		switch {
		case d.IsNull():
			b = append(b, "NULL")
		case d.Kind() == types.Float:
			b = append(b, types.TFloat8.Text(types.DefaultEnv, d))
		default:
			b = append(b, fmt.Sprint(d.Int()))
		}
	}
	return "{" + strings.Join(b, ",") + "}"
}

func TestWindowArguments(t *testing.T) {
	for call, code := range map[string]pgerr.Code{"ntile": pgerr.InvalidArgumentForNtile, "nth_value": pgerr.InvalidArgumentForNthValue} {
		zero := &vec.Vec{Kind: types.Int, Ints: []int64{0}}
		p := &Partition{N: 1, Args: []*vec.Vec{zero, zero}, Peer: []int32{0}, Frame: func(int) [][2]int { return [][2]int{{0, 1}} }}
		w, err := (&Call{Func: ByName(call)[0], Ret: types.TInt4}).BindWin()
		if err != nil {
			t.Fatal(err)
		}
		c := &Ctx{Env: testEnv(), Bad: &vec.RowErrors{}}
		var out vec.Vec
		w.Eval(c, p, &out)
		if got := pgerr.CodeOf(c.Bad.First()); got != code {
			t.Errorf("%s(0): %s", call, got)
		}
	}
}
