package ddl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// newAggregate is an aggregate while it is made (DefineAggregate, AggregateCreate).
type newAggregate struct {
	*newFunction
	agg  *catalog.AggDef
	opts map[string]*ast.AggOption
	// args are the types of the arguments; state and moving those of the states.
	args          []*types.Type
	state, moving *types.Type
	result        *types.Type
}

// aggregateOptions are the options of CREATE AGGREGATE, by the names they are kept under.
var aggregateOptions = map[string]string{
	"sfunc": "sfunc", "sfunc1": "sfunc", "finalfunc": "", "combinefunc": "", "serialfunc": "", "deserialfunc": "", "msfunc": "", "minvfunc": "", "mfinalfunc": "",
	"finalfunc_extra": "", "mfinalfunc_extra": "", "finalfunc_modify": "", "mfinalfunc_modify": "", "sortop": "", "basetype": "", "hypothetical": "",
	"stype": "stype", "stype1": "stype", "sspace": "", "mstype": "", "msspace": "", "initcond": "initcond", "initcond1": "initcond", "minitcond": "", "parallel": "",
}

// createAggregate runs CREATE [OR REPLACE] AGGREGATE.
func (r *run) createAggregate(st *ast.CreateAggregate) error {
	s, err := r.creationSchema(st.Name)
	if err != nil {
		return err
	}
	if s.Temp {
		return pgerr.NotSupported("CREATE AGGREGATE in a temporary schema")
	}
	if err := checkNotSystem(s, st.Name.Object); err != nil {
		return err
	}
	a := &newAggregate{agg: &catalog.AggDef{Kind: 'n'}, opts: map[string]*ast.AggOption{}, newFunction: &newFunction{
		run: r, st: &ast.CreateFunction{OrReplace: st.OrReplace, Name: st.Name}, def: &catalog.Function{
			Name: st.Name.Object, Schema: s.OID, Owner: r.s.Role(), Volatility: 'i', Parallel: 'u', Cost: 1, Src: "aggregate_dummy",
		},
	}}
	a.def.Agg = a.agg
	for _, step := range []func(st *ast.CreateAggregate) error{a.options, a.arguments, a.states, a.transition, a.movingPart, a.finals, a.combining, a.rest} {
		if err := step(st); err != nil {
			return err
		}
	}
	if err := r.lockName(s.OID, a.def.Name+"("); err != nil {
		return err
	}
	if err := a.replace(); err != nil {
		return err
	}
	if err := a.computable(); err != nil {
		return err
	}
	if r.e.FunctionByOID(a.def.OID) == nil {
		a.def.ACL = r.e.InitialACL(a.def.Owner, s.OID, 'f')
	}
	r.e.PutFunction(a.def)
	return nil
}

// options notes the options by their names.
func (a *newAggregate) options(st *ast.CreateAggregate) error {
	for i := range st.Options {
		o := &st.Options[i]
		name, ok := aggregateOptions[o.Name]
		if !ok {
			a.s.Notice(pgerr.Warning(pgerr.SyntaxError, "aggregate attribute \"%s\" not recognized", o.Name))
			continue
		}
		if name == "" {
			name = o.Name
		}
		a.opts[name] = o
	}
	if a.opts["stype"] == nil {
		return invalidFunction("aggregate stype must be specified")
	}
	if a.opts["sfunc"] == nil {
		return invalidFunction("aggregate sfunc must be specified")
	}
	moving := a.opts["mstype"] != nil
	for _, name := range []string{"msfunc", "minvfunc"} {
		if moving && a.opts[name] == nil {
			return invalidFunction("aggregate %s must be specified when mstype is specified", name)
		}
	}
	for _, name := range []string{"msfunc", "minvfunc", "mfinalfunc", "msspace", "minitcond"} {
		if !moving && a.opts[name] != nil {
			return invalidFunction("aggregate %s must not be specified without mstype", name)
		}
	}
	return a.flags()
}

// flags takes the options that are words and numbers.
func (a *newAggregate) flags() error {
	if o := a.opts["parallel"]; o != nil {
		letter := map[string]byte{"safe": 's', "restricted": 'r', "unsafe": 'u'}[aggWord(o)]
		if letter == 0 {
			return pgerr.New(pgerr.SyntaxError, "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE")
		}
		a.def.Parallel = letter
	}
	for name, to := range map[string]*byte{"finalfunc_modify": &a.agg.FinalModify, "mfinalfunc_modify": &a.agg.MFinalModify} {
		*to = 'r'
		if o := a.opts[name]; o != nil {
			if *to = map[string]byte{"read_only": 'r', "shareable": 's', "read_write": 'w'}[aggWord(o)]; *to == 0 {
				return pgerr.New(pgerr.SyntaxError, "parameter \"%s\" must be READ_ONLY, SHAREABLE, or READ_WRITE", name)
			}
		}
	}
	a.agg.FinalExtra, a.agg.MFinalExtra = a.flag("finalfunc_extra"), a.flag("mfinalfunc_extra")
	for name, to := range map[string]*int{"sspace": &a.agg.TransSpace, "msspace": &a.agg.MTransSpace} {
		if o := a.opts[name]; o != nil {
			n, err := strconv.Atoi(aggWord(o))
			if err != nil {
				return pgerr.New(pgerr.SyntaxError, "%s requires an integer value", name)
			}
			*to = n
		}
	}
	for name, to := range map[string]**string{"initcond": &a.agg.Init, "minitcond": &a.agg.MInit} {
		if o := a.opts[name]; o != nil {
			text := aggText(o)
			*to = &text
		}
	}
	return nil
}

func (a *newAggregate) flag(name string) bool {
	o := a.opts[name]
	return o != nil && (o.Value == nil || slices.Contains([]string{"true", "on", "1"}, aggWord(o)))
}

// aggText is the value of an option as text, aggWord in lower case.
func aggText(o *ast.AggOption) string {
	switch x := o.Value.(type) {
	case *ast.Literal:
		return x.Text
	case *ast.ColumnRef:
		return strings.Join(x.Parts, ".")
	}
	return ""
}

func aggWord(o *ast.AggOption) string { return strings.ToLower(aggText(o)) }

// aggName is the value of an option as a name.
func aggName(o *ast.AggOption) ast.Name {
	n := ast.Name{Object: aggText(o), Pos: o.Pos}
	if x, ok := o.Value.(*ast.ColumnRef); ok {
		n.Object = x.Parts[len(x.Parts)-1]
		if len(x.Parts) > 1 {
			n.Schema = x.Parts[len(x.Parts)-2]
		}
	}
	return n
}

// arguments resolves the arguments.
func (a *newAggregate) arguments(st *ast.CreateAggregate) error {
	if st.Old {
		return a.baseType()
	}
	if a.opts["basetype"] != nil {
		return invalidFunction("basetype is redundant with aggregate input type specification")
	}
	for _, p := range st.Args.Params {
		if p.Mode == 'o' || p.Mode == 'b' {
			return pgerr.New(pgerr.FeatureNotSupported, "aggregates cannot have output arguments").At(p.Pos)
		}
	}
	a.st.Params = st.Args.Params
	if err := a.params(); err != nil {
		return err
	}
	for i := range a.def.Args {
		a.args = append(a.args, a.e.TypeByOID(a.def.Args[i].Type))
	}
	if st.Args.Ordered {
		a.agg.Kind, a.agg.Direct = 'o', st.Args.Direct
		for name, to := range map[string]*byte{"finalfunc_modify": &a.agg.FinalModify, "mfinalfunc_modify": &a.agg.MFinalModify} {
			if a.opts[name] == nil {
				*to = 'w'
			}
		}
	}
	if a.flag("hypothetical") {
		if a.agg.Kind != 'o' {
			return invalidFunction("only ordered-set aggregates can be hypothetical")
		}
		a.agg.Kind = 'h'
	}
	return nil
}

// baseType takes the argument of the old form.
func (a *newAggregate) baseType() error {
	o := a.opts["basetype"]
	if o == nil {
		return invalidFunction("aggregate input type must be specified")
	}
	if o.Type != nil && strings.EqualFold(o.Type.Name.Object, "any") {
		return nil
	}
	t, err := a.typ(o.Type)
	if err != nil {
		return err
	}
	a.args = []*types.Type{t}
	a.def.Args = []catalog.FuncArg{{Mode: 'i', Type: t.OID}}
	return nil
}

// states resolves the types of the states.
func (a *newAggregate) states(*ast.CreateAggregate) error {
	for _, x := range []struct {
		name string
		to   **types.Type
		oid  *OID
		init *string
	}{{"stype", &a.state, &a.agg.TransType, a.agg.Init}, {"mstype", &a.moving, &a.agg.MTransType, a.agg.MInit}} {
		o := a.opts[x.name]
		if o == nil {
			continue
		}
		t, err := a.typ(o.Type)
		if err != nil {
			return err
		}
		if t.Class == types.Pseudo && !t.IsPolymorphic() && (t.OID != types.InternalOID || !a.s.Super()) {
			return invalidFunction("aggregate transition data type cannot be %s", a.typeName(t))
		}
		if x.init != nil && t.Class != types.Pseudo {
			if _, err := t.In(a.env(), *x.init, types.NoMod); err != nil {
				return err
			}
		}
		*x.to, *x.oid = t, t.OID
	}
	if a.state.IsPolymorphic() && !a.determines(a.state) {
		return invalidFunction("cannot determine transition data type").WithDetail("%s", polymorphicDetail(a.state))
	}
	return nil
}

func (a *newAggregate) env() *types.Env { return &a.planner().Env.Env }

// determines tells whether a polymorphic type follows from the arguments.
func (a *newAggregate) determines(t *types.Type) bool {
	compatible := strings.HasPrefix(t.Name, "anycompatible")
	return slices.ContainsFunc(a.args, func(x *types.Type) bool {
		return x.IsPolymorphic() && strings.HasPrefix(x.Name, "anycompatible") == compatible
	})
}

func polymorphicDetail(t *types.Type) string {
	if strings.HasPrefix(t.Name, "anycompatible") {
		return "A result of type " + t.Name + " requires at least one input of type anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or anycompatiblemultirange."
	}
	return "A result of type " + t.Name + " requires at least one input of type anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange."
}

// find finds one of the functions.
func (a *newAggregate) find(name string, args []*types.Type) (*funcs.Func, *types.Type, error) {
	n := aggName(a.opts[name])
	variadic := len(a.def.Args) > 0 && a.def.Args[len(a.def.Args)-1].Mode == 'v'
	f, ret, err := planner.FindFunction(a.planner(), n, args, variadic)
	if err != nil {
		return nil, nil, err
	}
	if !planner.CheckFunctionUse(a.planner(), a.s.Role(), f) {
		return nil, nil, denied("function", f.Name)
	}
	if f.OID >= types.FirstUserOID {
		a.def.Deps = append(a.def.Deps, catalog.Dep{Object: f.OID, Kind: catalog.DepNormal})
	}
	return f, ret, nil
}

// aggregated are the arguments that the transition function gets.
func (a *newAggregate) aggregated() []*types.Type {
	if a.agg.Kind != 'n' && a.agg.Direct == len(a.args) && len(a.args) > 0 { // variadic on both sides
		return a.args[len(a.args)-1:]
	}
	return a.args[a.agg.Direct:]
}

// transition finds the transition function.
func (a *newAggregate) transition(*ast.CreateAggregate) error {
	f, err := a.step("transition function", "sfunc", a.state)
	if err != nil {
		return err
	}
	if a.agg.Trans = f.OID; f.Strict && a.agg.Init == nil {
		in := a.aggregated()
		if len(in) == 0 || !planner.BinaryCoercible(in[0], a.state) {
			return invalidFunction("must not omit initial value when transition function is strict and transition type is not compatible with input type")
		}
	}
	return nil
}

// step finds a function that makes a state of a state and a row.
func (a *newAggregate) step(what, name string, state *types.Type) (*funcs.Func, error) {
	f, ret, err := a.find(name, append([]*types.Type{state}, a.aggregated()...))
	if err != nil {
		return nil, err
	}
	if !types.Same(ret, state) {
		return nil, pgerr.New(pgerr.DatatypeMismatch, "return type of %s %s is not %s", what, aggName(a.opts[name]).String(), a.typeName(state))
	}
	return f, nil
}

// movingPart checks what is for moving frames only: these are computed by the rest.
func (a *newAggregate) movingPart(*ast.CreateAggregate) error {
	if a.moving == nil {
		return nil
	}
	f, err := a.step("transition function", "msfunc", a.moving)
	if err != nil {
		return err
	}
	inverse, err := a.step("inverse transition function", "minvfunc", a.moving)
	if err != nil {
		return err
	}
	if f.Strict != inverse.Strict {
		return invalidFunction("strictness of aggregate's forward and inverse transition functions must match")
	}
	if f.Strict && a.agg.MInit == nil {
		in := a.aggregated()
		if len(in) == 0 || !planner.BinaryCoercible(in[0], a.moving) {
			return invalidFunction("must not omit initial value when transition function is strict and transition type is not compatible with input type")
		}
	}
	a.agg.MTrans, a.agg.MInverse = f.OID, inverse.OID
	return nil
}

// finals finds the final functions, and the type of the result.
func (a *newAggregate) finals(*ast.CreateAggregate) error {
	var err error
	if a.agg.Final, a.result, err = a.final("finalfunc", a.state, a.agg.FinalExtra); err != nil {
		return err
	}
	if a.result.IsPolymorphic() && !a.determines(a.result) {
		return pgerr.New(pgerr.DatatypeMismatch, "cannot determine result data type").WithDetail("%s", polymorphicDetail(a.result))
	}
	if a.result.OID == types.InternalOID {
		return invalidFunction("unsafe use of pseudo-type \"internal\"").
			WithDetail("A function returning \"internal\" must have at least one \"internal\" argument.")
	}
	a.def.Ret = a.result.OID
	if a.moving == nil {
		return nil
	}
	var result *types.Type
	if a.agg.MFinal, result, err = a.final("mfinalfunc", a.moving, a.agg.MFinalExtra); err != nil {
		return err
	}
	if !types.Same(result, a.result) {
		return invalidFunction("moving-aggregate implementation returns type %s, but plain implementation returns type %s", a.typeName(result), a.typeName(a.result))
	}
	return nil
}

func (a *newAggregate) final(name string, state *types.Type, extra bool) (OID, *types.Type, error) {
	if a.opts[name] == nil {
		return 0, state, nil
	}
	args := append([]*types.Type{state}, a.args[:a.agg.Direct]...)
	if extra {
		args = append([]*types.Type{state}, a.args...)
	}
	f, ret, err := a.find(name, args)
	if err != nil {
		return 0, nil, err
	}
	if extra && f.Strict {
		return 0, nil, invalidFunction("final function with extra arguments must not be declared STRICT")
	}
	return f.OID, ret, nil
}

// combining finds the functions for partial states.
func (a *newAggregate) combining(*ast.CreateAggregate) error {
	if o := a.opts["combinefunc"]; o != nil {
		f, ret, err := a.find("combinefunc", []*types.Type{a.state, a.state})
		if err != nil {
			return err
		}
		if !types.Same(ret, a.state) {
			return pgerr.New(pgerr.DatatypeMismatch, "return type of combine function %s is not %s", aggName(o).String(), a.typeName(a.state))
		}
		if a.state.OID == types.InternalOID && f.Strict {
			return invalidFunction("combine function with transition type %s must not be declared STRICT", a.typeName(a.state))
		}
		a.agg.Combine = f.OID
	}
	serial, deserial := a.opts["serialfunc"], a.opts["deserialfunc"]
	if serial == nil && deserial == nil {
		return nil
	}
	if a.state.OID != types.InternalOID {
		return invalidFunction("serialization functions may be specified only when the aggregate transition data type is internal")
	}
	if serial == nil || deserial == nil {
		return invalidFunction("must specify both or neither of serialization and deserialization functions")
	}
	f, ret, err := a.find("serialfunc", []*types.Type{a.state})
	if err == nil && ret.OID != types.ByteaOID {
		err = pgerr.New(pgerr.DatatypeMismatch, "return type of serialization function %s is not %s", aggName(serial).String(), "bytea")
	}
	if err != nil {
		return err
	}
	a.agg.Serial = f.OID
	if f, ret, err = a.find("deserialfunc", []*types.Type{types.TBytea, a.state}); err == nil && ret.OID != types.InternalOID {
		err = pgerr.New(pgerr.DatatypeMismatch, "return type of deserialization function %s is not %s", aggName(deserial).String(), "internal")
	}
	if err != nil {
		return err
	}
	a.agg.Deserial = f.OID
	return nil
}

// rest takes the sort operator, and notes the types of states.
func (a *newAggregate) rest(*ast.CreateAggregate) error {
	if o := a.opts["sortop"]; o != nil {
		if len(a.args) != 1 {
			return invalidFunction("sort operator can only be specified for single-argument aggregates")
		}
		n := aggName(o)
		op := funcs.FindOperator(n.Object, a.args[0].OID, a.args[0].OID)
		if op == nil {
			return pgerr.New(pgerr.UndefinedFunction, "operator does not exist: %s %s %s", a.typeName(a.args[0]), n.Object, a.typeName(a.args[0]))
		}
		a.agg.SortOp = op.OID
	}
	for _, t := range []*types.Type{a.state, a.moving} {
		if t != nil && t.OID >= types.FirstUserOID {
			a.def.Deps = append(a.def.Deps, catalog.Dep{Object: t.OID, Kind: catalog.DepNormal})
		}
	}
	return nil
}

// computable refuses what cannot be computed here.
func (a *newAggregate) computable() error {
	init := ""
	if a.agg.Init != nil {
		init = *a.agg.Init
	}
	if funcs.AggregateOf(a.agg.Kind, a.agg.Direct, a.agg.Trans, a.agg.Final, a.agg.TransType, init, a.args) != nil {
		return nil
	}
	if a.state.OID == types.InternalOID {
		return pgerr.NotSupported("an aggregate with a state of type internal that is none of PostgreSQL's own")
	}
	for _, oid := range []OID{a.agg.Trans, a.agg.Final} {
		if f := funcs.ByOID(oid); f != nil && !f.Supported() {
			return pgerr.NotSupported("function %s in an aggregate", f.Signature())
		}
	}
	return nil
}
