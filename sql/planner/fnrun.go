package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// run calls a function whose body cannot take the place of the call: it is a part
// of the statement, which is run once and before it. So it may stand where it is
// called once whatever the data: in a SELECT list without FROM, and alone in FROM.
func (b *binder) run(f *catalog.Function, bc *boundCall, c *ectx, pos int32) (*expanded, error) {
	if !b.mayRun(bc, c) {
		return nil, pgerr.NotSupported("calling function %s, whose body has to be run statement by statement, within a query", f.Name).
			WithHint("Call it alone: SELECT %s(…), or SELECT * FROM %s(…).", f.Name, f.Name).At(pos)
	}
	given, _ := b.argColumns(bc)
	b.nextID++
	p := &Part{ID: b.nextID, Name: f.Name, Call: f, Query: given, Cols: given.Cols}
	b.parts = append(b.parts, p)
	b.volatile = true
	x := &expanded{typ: bc.ret, fields: b.resultFields(bc)}
	scan := &plan.WorkScan{ID: p.ID, Name: f.Name}
	add := func(name string, t *types.Type, mod int32) {
		id := b.newCol(b.newQuery(nil), plan.ColInfo{Name: name, Type: t, Mod: mod})
		scan.Cols, scan.Types = append(scan.Cols, id), append(scan.Types, t)
		x.vals = append(x.vals, b.meta.Ref(id))
	}
	x.node, x.row = scan, x.fields != nil
	if !x.row {
		add(f.Name, bc.ret, types.NoMod)
	}
	for _, fd := range x.fields {
		add(fd.Name, fd.Type, fd.Mod)
	}
	p.Types = scan.Types
	return x, nil
}

// mayRun tells whether a call is made once, whatever the data.
func (b *binder) mayRun(bc *boundCall, c *ectx) bool {
	if !b.top || b.fn != b.outermost || c.q == nil || c.cond != "" || c.agg || c.win || b.viewDepth > 0 || c.q.parent != nil || c.q.scope.parent != nil || bc.ret.IsPolymorphic() ||
		bc.ret.OID == types.RecordOID && len(bc.fn.Out) == 0 || polymorphic(bc.fn) {
		return false
	}
	if c.place != inFromFunc && (c.place != inSelect || !c.q.bare) || c.place == inFromFunc && !c.q.soleFunc {
		return false
	}
	for _, a := range bc.args {
		if len(plan.ReadsOf(a)) > 0 {
			return false
		}
	}
	return true
}

// polymorphic tells whether a function has polymorphic arguments.
func polymorphic(f *funcs.Func) bool {
	return slices.ContainsFunc(f.Args, (*types.Type).IsPolymorphic)
}

// markRuns notes where a query calls the functions in it just once.
func (q *query) markRuns(s *ast.Select) {
	plain := s.Where == nil && len(s.GroupBy) == 0 && s.Having == nil && s.Limit == nil && s.Offset == nil && !s.Distinct
	q.bare = plain && len(s.From) == 0
	if len(s.From) == 1 {
		f, ok := s.From[0].(*ast.FuncRef)
		q.soleFunc = ok && len(f.Funcs) == 1
	}
}

// Call is a planned CALL: Args gives the row of arguments, of the types that the
// procedure declares.
type Call struct {
	Proc   *catalog.Function
	Args   plan.Node
	Meta   *plan.Meta
	Cols   []plan.ColID
	Out    []OutCol // the OUT parameters
	Params []*types.Type
	Access []Access
}

// PlanCall plans CALL.
func PlanCall(c *Context, s *ast.Call) (*Call, error) {
	b := newBinder(c)
	q := b.newQuery(nil)
	e := s.Func
	args, names, err := b.callArgs(e, q.at(inCall))
	if err != nil {
		return nil, err
	}
	if !plainCall(e) && !e.Variadic {
		return nil, plainOnly(e, e.Name.String())
	}
	b.calling = true
	bc, _, err := b.resolveCall(e, args, names)
	b.calling = false
	if err != nil {
		return nil, asProcedure(e, err)
	}
	if bc.fn.Kind != funcs.Procedure {
		return nil, pgerr.New(pgerr.WrongObjectType, "%s is not a procedure", callSignature(e.Name.String(), argTypes(args), names)).
			WithHint("To call a function, use SELECT.").At(e.Pos)
	}
	if polymorphic(bc.fn) {
		return nil, pgerr.NotSupported("calling procedure %s, which has polymorphic arguments,", bc.fn.Name).At(e.Pos)
	}
	p := &Call{Proc: b.called(bc.fn), Meta: b.meta}
	for i := range p.Proc.Args {
		if p.Proc.Args[i].Mode == 'o' { // not computed
			bc.args[i] = &plan.Const{Typ: bc.args[i].Type(), TypMod: types.NoMod}
		}
	}
	if b.outermost != nil && slices.ContainsFunc(p.Proc.Args, func(a catalog.FuncArg) bool { return a.Output() }) {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "calling procedures with output arguments is not supported in SQL functions")
	}
	given, _ := b.argColumns(bc)
	for i := range p.Proc.Args {
		if a := &p.Proc.Args[i]; a.Output() {
			t := bc.args[i].Type()
			p.Out = append(p.Out, OutCol{Name: catalog.OutName(a.Name, len(p.Out)), Type: t, Mod: types.NoMod})
		}
	}
	if err := b.finishParams(); err != nil {
		return nil, err
	}
	p.Args, p.Cols, p.Params, p.Access = b.optimizeGiven(given), given.Cols, b.params, b.accessList()
	return p, nil
}

var inCall = &place{name: "CALL arguments", noSub: true}

// asProcedure words the failure to find a procedure.
func asProcedure(e *ast.FuncCall, err error) error {
	x, ok := err.(*pgerr.Error)
	if !ok || x.Code != pgerr.UndefinedFunction && x.Code != pgerr.AmbiguousFunction {
		return err
	}
	c := *x
	if len(c.Message) > 9 && c.Message[:9] == "function " {
		c.Message = "procedure " + c.Message[9:]
	}
	if x.Code == pgerr.UndefinedFunction {
		c.Hint = "No procedure matches the given name and argument types. You might need to add explicit type casts."
	} else {
		c.Hint = "Could not choose a best candidate procedure. You might need to add explicit type casts."
	}
	return c.At(e.Pos)
}
