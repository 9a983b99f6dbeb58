package expr

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

// testFunc is a function of the model: one row at a time, NULLs included only
// when it is not strict.
type testFunc struct {
	*funcs.Func
	row func(args []types.Datum) (types.Datum, error)
}

// newFunc makes a function whose kernel calls row for the rows it is asked about
// and leaves rubbish in the others.
func newFunc(oid types.OID, name string, strict, leakproof bool, ret *types.Type, args []*types.Type, row func(args []types.Datum) (types.Datum, error)) testFunc {
	kernel := func(c *funcs.Ctx, cols []*vec.Vec, n int, out *vec.Vec) {
		out.Reset(ret.Kind, n)
		in := make([]types.Datum, len(cols))
		for i := range n {
			if c.Null != nil && c.Null[i] {
				continue
			}
			for j, v := range cols {
				in[j] = v.Datum(i)
			}
			d, err := row(in)
			if err != nil {
				c.Bad.Set(i, err)
				d = types.Null
			}
			out.Set(i, d)
		}
	}
	f := &funcs.Func{OID: oid, Name: name, Kind: funcs.Scalar, Args: args, Ret: ret, Strict: strict, Leakproof: leakproof, Volatility: funcs.Immutable}
	return testFunc{f.With(&funcs.Impl{Kernel: kernel}), row}
}

var (
	i8, num, boolean = types.TInt8, types.TNumeric, types.TBool

	errTooBig  = pgerr.New(pgerr.NumericValueOutOfRange, "too big")
	errDivZero = pgerr.New(pgerr.DivisionByZero, "division by zero")

	fnAdd = newFunc(90001, "add", true, false, i8, []*types.Type{i8, i8}, func(a []types.Datum) (types.Datum, error) {
		if s := a[0].Int() + a[1].Int(); s < 8 {
			return types.NewInt(s), nil
		}
		return types.Null, errTooBig
	})
	fnDiv = newFunc(90002, "div", true, false, i8, []*types.Type{i8, i8}, func(a []types.Datum) (types.Datum, error) {
		if a[1].Int() == 0 {
			return types.Null, errDivZero
		}
		return types.NewInt(a[0].Int() / a[1].Int()), nil
	})
	fnLt = newFunc(90003, "lt", true, true, boolean, []*types.Type{i8, i8}, func(a []types.Datum) (types.Datum, error) {
		return types.NewBool(a[0].Int() < a[1].Int()), nil
	})
	fnEq = newFunc(90004, "eq", true, true, boolean, []*types.Type{i8, i8}, func(a []types.Datum) (types.Datum, error) {
		return types.NewBool(a[0].Int() == a[1].Int()), nil
	})
	fnOdd = newFunc(90005, "odd", true, false, i8, []*types.Type{i8}, func(a []types.Datum) (types.Datum, error) {
		if a[0].Int()&1 == 0 {
			return types.Null, nil
		}
		return a[0], nil
	})
	fnLax = newFunc(90006, "lax", false, false, i8, []*types.Type{i8, i8}, func(a []types.Datum) (types.Datum, error) {
		if a[0].IsNull() {
			return types.NewInt(5), nil
		}
		return a[1], nil
	})
	fnNum = newFunc(90007, "num", true, false, num, []*types.Type{i8}, func(a []types.Datum) (types.Datum, error) {
		if a[0].Int() == 3 {
			return types.NewNumeric(types.NumericSpecial(types.NumNaN)), nil
		}
		return types.NewNumeric(types.NumericScaled(a[0].Int()*10, int32(a[0].Int()&1))), nil
	})
	fnNumLt = newFunc(90008, "numlt", true, true, boolean, []*types.Type{num, num}, func(a []types.Datum) (types.Datum, error) {
		return types.NewBool(a[0].Numeric().Cmp(a[1].Numeric()) < 0), nil
	})
	fnNumEq = newFunc(90009, "numeq", true, false, boolean, []*types.Type{num, num}, func(a []types.Datum) (types.Datum, error) {
		return types.NewBool(a[0].Numeric().Cmp(a[1].Numeric()) == 0), nil
	})
	fnNumInt = newFunc(90010, "numint", true, false, i8, []*types.Type{num}, func(a []types.Datum) (types.Datum, error) {
		if c, ok := a[0].Numeric().Small(); ok {
			return types.NewInt(c % 7), nil
		}
		return types.Null, errTooBig
	})
	byOID = map[types.OID]testFunc{}
)

func init() {
	for _, f := range []testFunc{fnAdd, fnDiv, fnLt, fnEq, fnOdd, fnLax, fnNum, fnNumLt, fnNumEq, fnNumInt} {
		byOID[f.OID] = f
	}
}

// model evaluates an expression for one row as PostgreSQL does.
type model struct {
	row     map[plan.ColID]types.Datum
	params  []types.Datum
	caseArg []types.Datum
}

func (m *model) call(f *funcs.Func, args ...types.Datum) (types.Datum, error) {
	if f.Strict {
		for _, a := range args {
			if a.IsNull() {
				return types.Null, nil
			}
		}
	}
	return byOID[f.OID].row(args)
}

func (m *model) list(es []plan.Expr) (out []types.Datum, err error) {
	for _, e := range es {
		d, err := m.eval(e)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func (m *model) eval(e plan.Expr) (types.Datum, error) {
	switch e := e.(type) {
	case *plan.Col:
		return m.row[e.ID], nil
	case *plan.Const:
		return e.Val, nil
	case *plan.Param:
		return m.params[e.N-1], nil
	case *plan.CaseArg:
		return m.caseArg[len(m.caseArg)-1], nil
	case *plan.Call:
		args, err := m.list(e.Args)
		if err != nil {
			return types.Null, err
		}
		return m.call(e.Fn, args...)
	case *plan.And:
		return m.junction(e.Args, false)
	case *plan.Or:
		return m.junction(e.Args, true)
	case *plan.Case:
		return m.caseOf(e)
	case *plan.Coalesce:
		for _, a := range e.Args {
			if d, err := m.eval(a); err != nil || !d.IsNull() {
				return d, err
			}
		}
		return types.Null, nil
	case *plan.MinMax:
		return m.minMax(e)
	case *plan.NullIf:
		args, err := m.list([]plan.Expr{e.L, e.R, e.X})
		if err != nil {
			return types.Null, err
		}
		eq, err := m.call(e.Eq, args[0], args[1])
		if err != nil || !eq.IsNull() && eq.Bool() {
			return types.Null, err
		}
		return args[2], nil
	case *plan.Distinct:
		args, err := m.list([]plan.Expr{e.L, e.R})
		if err != nil {
			return types.Null, err
		}
		same := args[0].IsNull() && args[1].IsNull()
		if !args[0].IsNull() && !args[1].IsNull() {
			d, err := m.call(e.Eq, args...)
			if err != nil {
				return types.Null, err
			}
			same = d.Bool()
		}
		return types.NewBool(same == e.Not), nil
	}
	return m.test(e)
}

func (m *model) test(e plan.Expr) (types.Datum, error) {
	d, err := m.eval(e.Children()[0])
	if err != nil {
		return d, err
	}
	switch e := e.(type) {
	case *plan.Not:
		if d.IsNull() {
			return d, nil
		}
		return types.NewBool(!d.Bool()), nil
	case *plan.IsNull:
		return types.NewBool(d.IsNull() != e.Not), nil
	case *plan.BoolTest:
		return types.NewBool((!d.IsNull() && d.Bool() == e.Want) != e.Not), nil
	}
	panic("no model")
}

func (m *model) junction(args []plan.Expr, or bool) (types.Datum, error) {
	out := types.NewBool(!or)
	for _, a := range args {
		d, err := m.eval(a)
		switch {
		case err != nil:
			return types.Null, err
		case d.IsNull():
			out = d
		case d.Bool() == or:
			return d, nil
		}
	}
	return out, nil
}

func (m *model) caseOf(e *plan.Case) (types.Datum, error) {
	if e.Arg != nil {
		d, err := m.eval(e.Arg)
		if err != nil {
			return d, err
		}
		m.caseArg = append(m.caseArg, d)
		defer func() { m.caseArg = m.caseArg[:len(m.caseArg)-1] }()
	}
	for _, w := range e.Whens {
		d, err := m.eval(w.Cond)
		if err != nil {
			return d, err
		}
		if !d.IsNull() && d.Bool() {
			return m.eval(w.Then)
		}
	}
	return m.eval(e.Else)
}

func (m *model) minMax(e *plan.MinMax) (types.Datum, error) {
	best := types.Null
	for _, a := range e.Args {
		d, err := m.eval(a)
		if err != nil {
			return d, err
		}
		if d.IsNull() {
			continue
		}
		if c := e.Typ.Compare(d, best); best.IsNull() || c < 0 && e.Least || c > 0 && !e.Least {
			best = d
		}
	}
	return best, nil
}

// gen draws random expressions over columns 0–2 (int8), 3 (boolean), 4 (numeric)
// and parameters 1 (int8) and 2 (boolean).
type gen struct {
	t     *rapid.T
	scope []*types.Type // of CaseArg
	pool  []plan.Expr   // expressions drawn before, so that some repeat
}

func (g *gen) pick(n int) int { return rapid.IntRange(0, n-1).Draw(g.t, "pick") }

func (g *gen) expr(t *types.Type, depth int) plan.Expr {
	if len(g.pool) > 0 && g.pick(4) == 0 {
		if e := g.pool[g.pick(len(g.pool))]; e.Type() == t {
			return e
		}
	}
	e := g.fresh(t, depth)
	if !readsCaseArg(e) {
		g.pool = append(g.pool, e)
	}
	return e
}

func readsCaseArg(e plan.Expr) bool {
	found := false
	plan.Visit(e, func(x plan.Expr) bool {
		if _, ok := x.(*plan.CaseArg); ok {
			found = true
		}
		return !found
	})
	return found
}

func (g *gen) fresh(t *types.Type, depth int) plan.Expr {
	if depth == 0 {
		return g.leaf(t)
	}
	sub := func(t *types.Type) plan.Expr { return g.expr(t, depth-1) }
	switch g.pick(4) {
	case 0:
		return g.leaf(t)
	case 1:
		return g.caseOf(t, depth-1)
	case 2:
		switch g.pick(3) {
		case 0:
			return &plan.Coalesce{Args: []plan.Expr{sub(t), sub(t), sub(t)}, Typ: t, TypMod: types.NoMod}
		case 1:
			return &plan.MinMax{Least: g.pick(2) == 0, Args: []plan.Expr{sub(t), sub(t), sub(t)}, Typ: t, TypMod: types.NoMod}
		}
		x := sub(t)
		if t == i8 {
			return &plan.NullIf{L: x, R: sub(i8), Eq: fnEq.Func, X: x}
		}
		return &plan.NullIf{L: sub(num), R: sub(num), Eq: fnNumEq.Func, X: x}
	}
	switch t {
	case i8:
		return g.call(depth-1, fnAdd, fnDiv, fnOdd, fnLax, fnNumInt)
	case num:
		return g.call(depth-1, fnNum)
	}
	switch g.pick(8) {
	case 0:
		return &plan.And{Args: []plan.Expr{sub(boolean), sub(boolean), sub(boolean)}}
	case 1:
		return &plan.Or{Args: []plan.Expr{sub(boolean), sub(boolean)}}
	case 2:
		return &plan.Not{X: sub(boolean)}
	case 3:
		return &plan.IsNull{X: sub(i8), Not: g.pick(2) == 0}
	case 4:
		return &plan.BoolTest{X: sub(boolean), Want: g.pick(2) == 0, Not: g.pick(2) == 0}
	case 5:
		return &plan.Distinct{L: sub(i8), R: sub(i8), Eq: fnEq.Func, Not: g.pick(2) == 0}
	}
	return g.call(depth-1, fnLt, fnEq, fnNumLt, fnNumEq)
}

func (g *gen) call(depth int, among ...testFunc) plan.Expr {
	f := among[g.pick(len(among))]
	c := &plan.Call{Fn: f.Func, Ret: f.Ret, RetMod: types.NoMod}
	for _, a := range f.Args {
		c.Args = append(c.Args, g.expr(a, depth))
	}
	return c
}

func (g *gen) caseOf(t *types.Type, depth int) plan.Expr {
	c := &plan.Case{Typ: t, TypMod: types.NoMod}
	if g.pick(2) == 0 {
		c.Arg = g.expr(i8, depth)
		g.scope = append(g.scope, i8)
	}
	for range 1 + g.pick(2) {
		cond := g.expr(boolean, depth)
		if c.Arg != nil {
			arg := &plan.CaseArg{Typ: i8, TypMod: types.NoMod}
			cond = &plan.Call{Fn: fnEq.Func, Args: []plan.Expr{arg, g.expr(i8, depth)}, Ret: boolean}
		}
		c.Whens = append(c.Whens, plan.When{Cond: cond, Then: nil})
	}
	if c.Arg != nil {
		g.scope = g.scope[:len(g.scope)-1]
	}
	for i := range c.Whens {
		c.Whens[i].Then = g.expr(t, depth)
	}
	c.Else = g.expr(t, depth)
	return c
}

func (g *gen) leaf(t *types.Type) plan.Expr {
	col := func(id plan.ColID) plan.Expr { return &plan.Col{ID: id, Typ: t, TypMod: types.NoMod} }
	if g.pick(4) == 0 {
		return &plan.Const{Val: drawDatum(g.t, t), Typ: t, TypMod: types.NoMod}
	}
	switch t {
	case i8:
		if k := g.pick(4); k < 3 {
			return col(plan.ColID(k))
		}
		return &plan.Param{N: 1, Typ: t}
	case boolean:
		if g.pick(3) == 0 {
			return &plan.Param{N: 2, Typ: t}
		}
		return col(3)
	}
	return col(4)
}

func drawDatum(t *rapid.T, typ *types.Type) types.Datum {
	k := rapid.IntRange(-3, 6).Draw(t, "value")
	switch {
	case k == -3:
		return types.Null
	case typ == boolean:
		return types.NewBool(k&1 == 0)
	case typ == i8:
		return types.NewInt(int64(k))
	}
	return types.NewNumeric(types.NumericScaled(int64(k), int32(k&3)))
}

// show spells an expression for messages.
func show(e plan.Expr) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", e), "*plan.")
	switch e := e.(type) {
	case *plan.Col:
		return fmt.Sprintf("c%d", e.ID)
	case *plan.Const:
		return fmt.Sprint(e.Val)
	case *plan.Param:
		return fmt.Sprintf("$%d", e.N)
	case *plan.Call:
		name = e.Fn.Name
	}
	var args []string
	for _, c := range e.Children() {
		args = append(args, show(c))
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}
