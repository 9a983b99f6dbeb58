package exec

import (
	"bufio"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

var windowTypes = []*types.Type{types.TInt8, types.TText, types.TInt8, types.TInt8, types.TTimestamp}

const hour = 3600 * 1000000

// The cases of testdata/windows.txt, computed by PostgreSQL, with batches of
// several sizes, in memory and not.
func TestWindows(t *testing.T) {
	f, err := os.Open("testdata/windows.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer func() { enough = vec.Size }()
	var rows []row
	skipped := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		c := strings.Split(s.Text(), "|")
		switch c[0] {
		case "row":
			num := func(s string) types.Datum {
				if n, err := strconv.Atoi(s); err == nil {
					return types.NewInt(int64(n))
				}
				return types.Null
			}
			r := row{num(c[1]), types.Null, num(c[3]), num(c[4]), types.Null}
			if c[2] != "NULL" {
				r[1] = types.NewString(c[2])
			}
			if !r[2].IsNull() {
				r[4] = types.NewInt(r[2].Int() * hour)
			}
			rows = append(rows, r)
		case "case":
			for _, size := range []int{1, 3, 4096} {
				for _, mem := range []int64{0, 1} {
					for _, enough = range []int{1, 2, vec.Size} {
						if !checkWindow(t, s.Text(), c, rows, size, mem) {
							skipped++
						}
					}
				}
			}
		}
	}
	if skipped > 0 {
		t.Logf("%d runs skipped: their functions are not there", skipped)
	}
}

// checkWindow runs one case; it tells whether its function is supported.
func checkWindow(t *testing.T, line string, c []string, rows []row, size int, mem int64) bool {
	t.Helper()
	rels := newTestRels(size, size == 3)
	// in another order than that of the ids
	in := slices.Clone(rows)
	slices.Reverse(in)
	var meta plan.Meta
	s := scanOf(&meta, rels.add(1, windowTypes, in))
	order, ts := strings.CutPrefix(c[3], "ts ")
	w := plan.WinCall{Col: meta.Add(plan.ColInfo{})}
	n := &plan.Over{In: s}
	if c[2] == "g" {
		n.Partition = []plan.ColID{s.Cols[1]}
	}
	n.OrderBy = windowOrder(&meta, s, order, ts)
	if !windowFunc(&meta, &w, s, c[1]) {
		return false
	}
	meta.Col(w.Col).Type = w.Ret
	windowFrame(&w.Frame, c[4:8], ts, order)
	if c[8] != "" {
		w.Filter = op(">", meta.Ref(s.Cols[3]), int8Of(1))
	}
	n.Calls = []plan.WinCall{w}
	src, err := Compile(&Runtime{Env: testEnv, Rels: rels, WorkMem: mem, Workers: 1}, n)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	defer src.Close()
	got, err := drain(src)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	slices.SortFunc(got, func(a, b row) int { return int(a[0].Int() - b[0].Int()) })
	var texts []string
	for _, r := range got {
		texts = append(texts, windowText(w.Ret, r[len(r)-1]))
	}
	if text := strings.Join(texts, " "); text != c[9] {
		t.Errorf("batch %d, memory %d: %s\ngot %s", size, mem, line, text)
	}
	return true
}

// windowText is a value's text; the elements of an array are sorted, as the order
// of peers is not told.
func windowText(t *types.Type, d types.Datum) string {
	if d.IsNull() {
		return "NULL"
	}
	if t.Elem != nil {
		a := types.DecodeArray(t, d.Str())
		slices.SortFunc(a.Vals, t.Elem.Compare)
		d = types.NewString(a.Encode())
	}
	return t.Text(types.DefaultEnv, d)
}

func windowOrder(meta *plan.Meta, s *plan.Scan, order string, ts bool) []plan.SortKey {
	if order == "" {
		return nil
	}
	k := s.Cols[2]
	if ts {
		k = s.Cols[4]
	}
	keys := []plan.SortKey{{X: meta.Ref(k), Desc: strings.Contains(order, "DESC"), NullsFirst: strings.Contains(order, "NULLS FIRST")}}
	if strings.HasSuffix(order, ", id") {
		keys = append(keys, plan.SortKey{X: meta.Ref(s.Cols[0])})
	}
	return keys
}

func windowFunc(meta *plan.Meta, w *plan.WinCall, s *plan.Scan, text string) bool {
	name, rest, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	v := meta.Ref(s.Cols[3])
	anyE := types.ByName("anyelement")
	anyC := types.ByName("anycompatible")
	i4 := func(s string) plan.Expr {
		n, _ := strconv.Atoi(s)
		return konst(types.TInt4, types.NewInt(int64(n)))
	}
	args := strings.Split(rest, ",")
	switch name {
	case "count":
		w.Fn, w.Ret = funcs.FindFunc("count"), types.TInt8
		if rest == "v" {
			w.Fn, w.Args = funcs.FindFunc("count", types.TAny), []plan.Expr{v}
		}
	case "sum":
		w.Fn, w.Args, w.Ret = funcs.FindFunc("sum", types.TInt8), []plan.Expr{v}, types.TNumeric
	case "max", "min":
		w.Fn, w.Args, w.Ret = funcs.FindFunc(name, types.TInt8), []plan.Expr{v}, types.TInt8
	case "array_agg":
		w.Fn, w.Args, w.Ret = funcs.FindFunc(name, types.ByName("anynonarray")), []plan.Expr{meta.Ref(s.Cols[0])}, types.TInt8.Array
	case "row_number", "rank", "dense_rank":
		w.Fn, w.Ret = funcs.FindFunc(name), types.TInt8
	case "percent_rank", "cume_dist":
		w.Fn, w.Ret = funcs.FindFunc(name), types.TFloat8
	case "ntile":
		w.Fn, w.Args, w.Ret = funcs.FindFunc(name, types.TInt4), []plan.Expr{i4(rest)}, types.TInt4
	case "first_value", "last_value":
		w.Fn, w.Args, w.Ret = funcs.FindFunc(name, anyE), []plan.Expr{v}, types.TInt8
	case "nth_value":
		w.Fn, w.Args, w.Ret = funcs.FindFunc(name, anyE, types.TInt4), []plan.Expr{v, i4(args[1])}, types.TInt8
	case "lag", "lead":
		w.Ret, w.Args = types.TInt8, []plan.Expr{v}
		switch len(args) {
		case 1:
			w.Fn = funcs.FindFunc(name, anyE)
		case 2:
			w.Fn, w.Args = funcs.FindFunc(name, anyE, types.TInt4), []plan.Expr{v, i4(args[1])}
		default:
			n, _ := strconv.Atoi(args[2])
			w.Fn, w.Args = funcs.FindFunc(name, anyC, types.TInt4, anyC), []plan.Expr{v, i4(args[1]), int8Of(int64(n))}
		}
	}
	return w.Fn.Supported()
}

func windowFrame(f *plan.Frame, c []string, ts bool, order string) {
	f.Mode = map[string]plan.FrameMode{"ROWS": plan.FrameRows, "RANGE": plan.FrameRange, "GROUPS": plan.FrameGroups}[c[0]]
	bound := func(text string) (plan.BoundKind, plan.Expr) {
		switch text {
		case "UNBOUNDED PRECEDING":
			return plan.UnboundedPreceding, nil
		case "UNBOUNDED FOLLOWING":
			return plan.UnboundedFollowing, nil
		case "CURRENT ROW":
			return plan.CurrentRow, nil
		}
		num, dir, _ := strings.Cut(text, " ")
		n, _ := strconv.Atoi(num)
		off := int8Of(int64(n))
		if ts {
			off = konst(types.TInterval, types.NewInterval(types.Interval{Micros: int64(n) * hour}))
		}
		if f.Mode == plan.FrameRange {
			f.InRange = funcs.FindFunc("in_range", types.TInt8, types.TInt8, types.TInt8, types.TBool, types.TBool)
			if ts {
				f.InRange = funcs.FindFunc("in_range", types.TTimestamp, types.TTimestamp, types.TInterval, types.TBool, types.TBool)
			}
		}
		if dir == "PRECEDING" {
			return plan.OffsetPreceding, off
		}
		return plan.OffsetFollowing, off
	}
	f.Start, f.StartX = bound(c[1])
	f.End, f.EndX = bound(c[2])
	f.Exclude = map[string]plan.Exclude{
		"": plan.ExcludeNone, "EXCLUDE CURRENT ROW": plan.ExcludeCurrent, "EXCLUDE GROUP": plan.ExcludeGroup, "EXCLUDE TIES": plan.ExcludeTies,
	}[c[3]]
}
