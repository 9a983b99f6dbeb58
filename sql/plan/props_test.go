package plan

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
)

// propsCase builds plans over two streams s (ts timestamp 1, id int4 2, v int4 3)
// and r (ts timestamp 11, id int4 12), and a table t (id int4 primary key 21, u
// int4 unique 22).
type propsCase struct {
	s, r, t *Scan
	next    ColID
}

func newPropsCase() *propsCase {
	cols := func(names string, ts ...*types.Type) []catalog.Column {
		out := make([]catalog.Column, len(ts))
		for i, t := range ts {
			out[i] = catalog.Column{Name: names[i : i+1], Type: t}
		}
		return out
	}
	s := &catalog.Relation{OID: 100, Kind: catalog.Stream, Stream: &catalog.StreamDef{Time: 1}, Columns: cols("tiv", types.TTimestamp, types.TInt4, types.TInt4)}
	r := &catalog.Relation{OID: 101, Kind: catalog.Stream, Stream: &catalog.StreamDef{Time: 1}, Columns: cols("ti", types.TTimestamp, types.TInt4)}
	t := &catalog.Relation{OID: 102, Kind: catalog.Table, Columns: cols("iu", types.TInt4, types.TInt4), Constraints: []*catalog.Constraint{
		{Kind: catalog.Primary, Columns: []int16{1}}, {Kind: catalog.Unique, Columns: []int16{2}}}}
	return &propsCase{
		s: &Scan{Rel: s, Cols: []ColID{1, 2, 3}, Attrs: []int16{1, 2, 3}},
		r: &Scan{Rel: r, Cols: []ColID{11, 12}, Attrs: []int16{1, 2}},
		t: &Scan{Rel: t, Cols: []ColID{21, 22}, Attrs: []int16{1, 2}}, next: 100,
	}
}

func ts(id ColID) *Col { return &Col{ID: id, Typ: types.TTimestamp} }
func i4(id ColID) *Col { return &Col{ID: id, Typ: types.TInt4} }
func iv(n int64) *Const {
	return &Const{Val: types.NewInterval(types.Interval{Micros: n}), Typ: types.TInterval}
}

func callOf(name string, args ...Expr) *Call {
	var at []*types.Type
	for _, a := range args {
		at = append(at, a.Type())
	}
	f := funcs.FindFunc(name, at...)
	if f == nil {
		panic(name)
	}
	return &Call{Fn: f, Args: args, Ret: f.Ret}
}

func opOf(op string, l, r Expr) *Call {
	o := funcs.FindOperator(op, l.Type().OID, r.Type().OID)
	return &Call{Fn: o.Func, Args: []Expr{l, r}, Ret: o.Ret, Op: op}
}

// tumble adds date_bin(1 minute, ts) as column `at` and its end as the next one.
func (c *propsCase) tumble(in Node, time, at ColID) *Project {
	bin := callOf("date_bin", iv(60e6), ts(time), &Const{Val: types.NewInt(0), Typ: types.TTimestamp})
	p := &Project{In: in}
	for _, id := range in.Out() {
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, &Col{ID: id, Typ: typeIn(id)})
	}
	p.Cols = append(p.Cols, at, at+1)
	p.Vals = append(p.Vals, bin, opOf("+", bin, iv(60e6)))
	return p
}

func typeIn(id ColID) *types.Type {
	if id%10 == 1 && id < 20 {
		return types.TTimestamp
	}
	return types.TInt4
}

// boundText shows the bounds: column, streams, steps.
func boundText(p *Props) string {
	var ids []ColID
	for id := range p.Bounds {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	s := ""
	for _, id := range ids {
		s += fmt.Sprintf("%d:", id)
		for _, t := range p.Bounds[id].Terms {
			s += fmt.Sprintf("%d/%d ", t.Rel, len(t.Steps))
		}
	}
	return s
}

func TestProps(t *testing.T) {
	c := newPropsCase()
	win, win2 := c.tumble(c.s, 1, 31), c.tumble(c.r, 11, 41)
	agg := &Aggregate{In: win, Groups: []ColID{31, 32, 2}, GroupOut: []ColID{31, 32, 2}, Aggs: []Agg{{Col: 50}}}
	month := opOf("+", ts(1), &Const{Val: types.NewInterval(types.Interval{Months: 1}), Typ: types.TInterval})
	tz := &Col{ID: 1, Typ: types.TTimestamptz}
	eqID := opOf("=", i4(2), i4(12))
	near := []Expr{eqID, opOf(">=", ts(11), opOf("-", ts(1), iv(5e6))), opOf("<=", ts(11), opOf("+", ts(1), iv(5e6)))}
	cases := []struct {
		name   string
		n      Node
		keys   string
		append bool
		bounds string
	}{
		{"stream", c.s, "[]", true, "1:100/0 "},
		{"table", c.t, "[[21]]", false, ""},
		{"row id", &Scan{Rel: c.t.Rel, Cols: []ColID{5}, Attrs: []int16{AttrRowID}}, "[[5]]", false, ""},
		{"tumble", win, "[]", true, "1:100/0 31:100/1 32:100/1 "},
		{"filter", &Filter{In: win, Preds: []Expr{eqID}}, "[]", true, "1:100/0 31:100/1 32:100/1 "},
		{"windowed aggregate", agg, "[[2 31 32]]", false, "31:100/1 32:100/1 "},
		{"global aggregate", &Aggregate{In: c.s, Aggs: []Agg{{Col: 50}}}, "[[]]", false, ""},
		{"distinct of a stream", &Aggregate{In: c.s, Groups: []ColID{1}, GroupOut: []ColID{1}}, "[[1]]", true, "1:100/0 "},
		{"on window close", &TimeFilter{In: agg, From: 32, Until: -1, Window: -1, Close: true}, "[[2 31 32]]", true, "32:100/0 "},
		{"temporal filter", &TimeFilter{In: c.s, From: -1, Until: 1, Window: -1, Shift: 5}, "[]", false, ""},
		{"month", &Project{In: c.s, Vals: []Expr{month}, Cols: []ColID{60}}, "[]", true, ""},
		{"hop", &FlatMap{In: c.s, Ordinal: -1, Gens: []Gen{{Hop: hop(10, 5), Args: []Expr{ts(1)}, Cols: []ColID{61, 62}}}},
			"[]", true, "1:100/0 61:100/1 62:100/1 "},
		{"session", &Session{In: c.s, Time: 1, Gap: 5, Partition: []ColID{2}, Start: 63, End: 64}, "[]", false, "64:100/0 "},
		{"join by key of a table", &Join{L: c.s, R: c.t, On: []Expr{opOf("=", i4(2), i4(21))}}, "[]", false, ""},
		{"join of windows", &Join{L: win, R: win2, On: []Expr{eqID, opOf("=", ts(31), ts(41))}}, "[]", true, "31:100/1 101/1 41:101/1 100/1 "},
		{"interval join", &Join{L: c.s, R: c.r, On: near}, "[]", true, "11:101/0 100/1 "},
		{"semi join of windows", &Join{Kind: Semi, L: win, R: win2, On: []Expr{opOf("=", ts(31), ts(41))}}, "[]", true, "31:100/1 101/1 "},
		{"left join of windows", &Join{Kind: Left, L: win, R: win2, On: []Expr{opOf("=", ts(31), ts(41))}}, "[]", false, "31:100/1 101/1 41:101/1 100/1 "},
		{"tables joined by their keys", &Join{L: c.t, R: &Project{In: c.t, Vals: []Expr{i4(21)}, Cols: []ColID{70}}, On: []Expr{opOf("=", i4(22), i4(70))}}, "[[21]]", false, ""},
		{"union all", &SetOp{All: true, Ins: []Node{c.s, c.r}, InCols: [][]ColID{{1, 2}, {11, 12}}, Cols: []ColID{80, 81}}, "[]", true, "80:100/0 101/0 "},
		{"union", &SetOp{Ins: []Node{c.s, c.t}, InCols: [][]ColID{{2}, {21}}, Cols: []ColID{81}}, "[[81]]", false, ""},
		{"except", &SetOp{Kind: Except, Ins: []Node{c.s, c.r}, InCols: [][]ColID{{1}, {11}}, Cols: []ColID{81}}, "[[81]]", false, "81:100/0 101/0 "},
		{"limit 1", &Limit{In: c.s, Count: &Const{Val: types.NewInt(1), Typ: types.TInt8}}, "[[]]", false, ""},
		{"rank", &Over{In: win, Partition: []ColID{31}}, "[]", false, "31:100/1 "},
		{"zone", &Project{In: &Project{In: c.s, Vals: []Expr{ts(1)}, Cols: []ColID{1}}, Vals: []Expr{callOf("date_trunc", &Const{Val: types.NewString("day"), Typ: types.TText}, tz)}, Cols: []ColID{90}},
			"[]", true, "90:100/1 "},
	}
	for _, x := range cases {
		p := NewDeriver(nil).Of(x.n)
		if keys := fmt.Sprint(p.Keys); keys != x.keys || p.AppendOnly != x.append || boundText(p) != x.bounds {
			t.Errorf("%s: keys %v, append only %v, bounds %q; want %s, %v, %q", x.name, p.Keys, p.AppendOnly, boundText(p), x.keys, x.append, x.bounds)
		}
	}
	// In Newfoundland, clocks were put back from 00:01 to 23:01 of the day before.
	for name, want := range map[string]string{"Europe/Berlin": "90:100/1 ", "America/St_Johns": ""} {
		zone, err := types.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		if p := NewDeriver(zone).Of(cases[len(cases)-1].n); boundText(p) != want {
			t.Errorf("date_trunc('day', timestamptz) in %s: %q", name, boundText(p))
		}
	}
}

func TestMinimalKeys(t *testing.T) {
	got := minimal([][]ColID{{3, 1}, {1, 2, 3}, {2}, {1, 3}})
	if want := [][]ColID{{2}, {1, 3}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// hop makes hopping windows of lengths in microseconds.
func hop(size, slide int64) window.Assigner {
	h, err := window.NewHop(types.Interval{Micros: slide}, types.Interval{Micros: size}, types.Interval{})
	if err != nil {
		panic(err)
	}
	return h
}
