package expr

import (
	"bufio"
	"context"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

var int4Array = types.TInt4.Array

// constOf reads a constant from its text; NULL is NULL.
func constOf(t *testing.T, typ *types.Type, text string) plan.Expr {
	t.Helper()
	d := types.Null
	if text != "NULL" {
		var err error
		if d, err = typ.In(types.DefaultEnv, text, types.NoMod); err != nil {
			t.Fatal(err)
		}
	}
	return &plan.Const{Val: d, Typ: typ, TypMod: types.NoMod}
}

// valueOf evaluates an expression without columns: its text, or its error.
func valueOf(t *testing.T, e plan.Expr) string {
	t.Helper()
	p, err := Compile(e, nil, &CompileCtx{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.Datums(&funcs.Ctx{Context: context.Background(), Env: &funcs.Env{}})
	switch {
	case err != nil:
		return "ERROR " + string(pgerr.CodeOf(err)) + ": " + pgerr.From(err).Message
	case d[0].IsNull():
		return "NULL"
	}
	return e.Type().Text(types.DefaultEnv, d[0])
}

// The lines of testdata/subscripts.txt, computed by PostgreSQL.
func TestSubscripts(t *testing.T) {
	f, err := os.Open("testdata/subscripts.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	one := regexp.MustCompile(`\[([^]]*)\]`)
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(line, "|")
		e := &plan.Subscript{X: constOf(t, int4Array, c[1]), Typ: types.TInt4, TypMod: types.NoMod}
		slices := false
		for _, m := range one.FindAllStringSubmatch(c[2], -1) {
			lo, hi, slice := strings.Cut(m[1], ":")
			if !slice {
				lo, hi = "", lo
			}
			slices = slices || slice
			e.Subs = append(e.Subs, plan.Sub{Slice: slice, Lo: subOf(lo), Hi: subOf(hi)})
		}
		switch {
		case c[0] == "set" && slices:
			e.Assign, e.Typ = constOf(t, int4Array, c[3]), int4Array
		case c[0] == "set":
			e.Assign, e.Typ = constOf(t, types.TInt4, c[3]), int4Array
		case slices:
			e.Typ = int4Array
		}
		if got := valueOf(t, e); got != c[4] {
			t.Errorf("%s: %s", line, got)
		}
	}
}

func subOf(s string) plan.Expr {
	if s == "" {
		return nil
	}
	d := types.Null
	if n, err := strconv.Atoi(s); err == nil {
		d = types.NewInt(int64(n))
	}
	return &plan.Const{Val: d, Typ: types.TInt4, TypMod: types.NoMod}
}

func arrayOf(typ *types.Type, vals []types.Datum) types.Datum {
	a := types.NewArray(typ, vals)
	return types.NewString(a.Encode())
}

// l OP ANY/ALL (array) is the OR/AND of the comparisons, by each of the ways it
// is compiled.
func TestArrayComparison(t *testing.T) {
	ops := []struct {
		name string
		typ  *types.Type
	}{{"=", types.TInt4}, {"<>", types.TInt4}, {"<", types.TInt4}, {"=", types.TText}, {"<>", types.TText}, {">=", types.TNumeric}, {"=", types.TBpchar}}
	rapid.Check(t, func(t *rapid.T) {
		g := &gen{t: t}
		op := ops[g.pick(len(ops))]
		fn := funcs.FindOperator(op.name, op.typ.OID, op.typ.OID).Func
		draw := func() types.Datum {
			k := g.pick(6)
			switch {
			case k == 5:
				return types.Null
			case op.typ.Kind == types.Bytes:
				return types.NewString([]string{"", "a", "b", "b ", "ab"}[k])
			case op.typ == types.TNumeric:
				return types.NewNumeric(types.NumericScaled(int64(k), 1))
			}
			return types.NewInt(int64(k))
		}
		list := func() types.Datum {
			if g.pick(8) == 0 {
				return types.Null
			}
			var vals []types.Datum
			for range g.pick(12) {
				vals = append(vals, draw())
			}
			return arrayOf(op.typ, vals)
		}
		n := 1 + g.pick(9)
		in := &vec.Batch{N: n, Cols: []vec.Vec{vec.New(op.typ.Kind, 0), vec.New(types.Bytes, 0)}}
		same := list()
		for range n {
			in.Cols[0].AppendDatum(draw())
			in.Cols[1].AppendDatum(list())
		}
		bind := NewBinding(nil)
		bind.SetParams([]types.Datum{same})
		e := &plan.ArrayCmp{Fn: fn, Op: op.name, All: g.pick(2) == 0, L: &plan.Col{ID: 0, Typ: op.typ}, Elem: op.typ}
		way := g.pick(3)
		e.R = []plan.Expr{&plan.Col{ID: 1, Typ: op.typ.Array}, &plan.Const{Val: same, Typ: op.typ.Array}, &plan.Param{N: 1, Typ: op.typ.Array}}[way]
		p, err := Compile(e, LayoutOf([]plan.ColID{0, 1}), &CompileCtx{Bind: bind})
		if err != nil {
			t.Fatal(err)
		}
		var out vec.Vec
		var bad vec.RowErrors
		p.Eval(&funcs.Ctx{Context: context.Background(), Env: &funcs.Env{}, Bad: &bad}, in, &out)
		for i := range n {
			arr := same
			if way == 0 {
				arr = in.Cols[1].Datum(i)
			}
			want := anyAll(op.typ, op.name, e.All, in.Cols[0].Datum(i), arr)
			if got := out.Datum(i); !got.SameImage(want) {
				t.Fatalf("row %d: %v %s all=%t %v: %v, want %v", i, in.Cols[0].Datum(i), op.name, e.All, arr, got, want)
			}
		}
	})
}

func anyAll(typ *types.Type, op string, all bool, l, arr types.Datum) types.Datum {
	if arr.IsNull() {
		return types.Null
	}
	out := types.NewBool(all)
	for _, d := range Elements(typ.Array, arr) {
		if l.IsNull() || d.IsNull() {
			out = types.Null
			continue
		}
		c := typ.Compare(l, d)
		if holds := map[string]bool{"=": c == 0, "<>": c != 0, "<": c < 0, ">=": c >= 0}[op]; holds != all {
			return types.NewBool(!all)
		}
	}
	return out
}

// Values that PostgreSQL 15 gives.
func TestArraysAndRows(t *testing.T) {
	i4 := func(s string) plan.Expr { return constOf(t, types.TInt4, s) }
	arr := func(s string) plan.Expr { return constOf(t, int4Array, s) }
	row := &plan.MakeRow{Args: []plan.Expr{i4("1"), constOf(t, types.TText, "a b"), i4("NULL")}, Typ: types.TRecord}
	half := &plan.Call{Fn: funcs.FindOperator("/", types.Int4OID, types.Int4OID).Func, Ret: types.TInt4, Args: []plan.Expr{i4("12"), &plan.CaseArg{Typ: types.TInt4}}}
	for _, c := range []struct {
		name string
		e    plan.Expr
		want string
	}{
		{"ARRAY[1,NULL,3]", &plan.MakeArray{Elems: []plan.Expr{i4("1"), i4("NULL"), i4("3")}, Typ: int4Array}, "{1,NULL,3}"},
		{"ARRAY[]::int[]", &plan.MakeArray{Typ: int4Array}, "{}"},
		{"ARRAY[ARRAY[1,2],ARRAY[3,4]]", &plan.MakeArray{Elems: []plan.Expr{arr("{1,2}"), arr("{3,4}")}, Typ: int4Array, Multi: true}, "{{1,2},{3,4}}"},
		{"ARRAY['{1}'::int[],'{}'::int[]]", &plan.MakeArray{Elems: []plan.Expr{arr("{1}"), arr("{}")}, Typ: int4Array, Multi: true}, "ERROR 2202E: multidimensional arrays must have array expressions with matching dimensions"},
		{"ARRAY[NULL::int[],'{}'::int[]]", &plan.MakeArray{Elems: []plan.Expr{arr("NULL"), arr("{}")}, Typ: int4Array, Multi: true}, "{}"},
		{"ROW(1,'a b',NULL)", row, `(1,"a b",)`},
		{"ROW(1,'a b',NULL) IS NULL", &plan.RowNull{X: row}, "f"},
		{"ROW(1,'a b',NULL) IS NOT NULL", &plan.RowNull{X: row, Not: true}, "f"},
		{"ROW(NULL) IS NULL", &plan.RowNull{X: &plan.MakeRow{Args: []plan.Expr{i4("NULL")}, Typ: types.TRecord}}, "t"},
		{"(ROW(1,'a b',NULL)).f2", &plan.Field{X: row, I: 1, Typ: types.TText}, "a b"},
		{"12 / each element", &plan.ArrayCast{X: arr("{1,2,NULL}"), Elem: half, Typ: int4Array}, "{12,6,NULL}"},
		{"12 / each element, one is 0", &plan.ArrayCast{X: arr("{1,0}"), Elem: half, Typ: int4Array}, "ERROR 22012: division by zero"},
		{"'12'::text::int via its text", &plan.ViaIO{X: constOf(t, types.TText, "12"), Typ: types.TInt4, TypMod: types.NoMod}, "12"},
		{"'x'::text::int", &plan.ViaIO{X: constOf(t, types.TText, "x"), Typ: types.TInt4, TypMod: types.NoMod}, `ERROR 22P02: invalid input syntax for type integer: "x"`},
	} {
		if got := valueOf(t, c.e); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
