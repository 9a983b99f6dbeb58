package ddl

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// newFunction is a function while it is made (CreateFunction).
type newFunction struct {
	*run
	st  *ast.CreateFunction
	def *catalog.Function
	// outputs are the columns of the result; defaults of the parameters have begun.
	outputs  []types.Type
	hasRows  bool
	defaults bool
}

func invalidFunction(format string, args ...any) *pgerr.Error {
	return pgerr.New(pgerr.InvalidFunctionDefinition, format, args...)
}

// createFunction runs CREATE [OR REPLACE] FUNCTION and PROCEDURE.
func (r *run) createFunction(st *ast.CreateFunction) error {
	s, err := r.creationSchema(st.Name)
	if err != nil {
		return err
	}
	if s.Temp {
		return pgerr.NotSupported("%s in a temporary schema", Name(st))
	}
	if err := checkNotSystem(s, st.Name.Object); err != nil {
		return err
	}
	f := &newFunction{run: r, st: st, def: &catalog.Function{
		Name: st.Name.Object, Schema: s.OID, Owner: r.s.Role(), Procedure: st.Procedure, Volatility: 'v', Parallel: 'u', Cost: 100,
	}}
	for _, o := range st.Options {
		if o.Name == "language" && o.Value == "plpgsql" {
			f.def.Lang = catalog.LangPLpgSQL
		}
	}
	lang, err := f.options()
	if err != nil {
		return err
	}
	if err := f.language(lang); err != nil {
		return err
	}
	if err := f.params(); err != nil {
		return err
	}
	if err := f.result(); err != nil {
		return err
	}
	if err := f.rows(); err != nil {
		return err
	}
	if err := f.body(lang); err != nil {
		return err
	}
	if err := r.lockName(s.OID, f.def.Name+"("); err != nil {
		return err
	}
	if err := f.replace(); err != nil {
		return err
	}
	return f.put()
}

// put checks the body and puts the function into the catalogue: the body may call
// the function itself.
func (f *newFunction) put() error {
	if f.e.FunctionByOID(f.def.OID) == nil {
		f.def.ACL = f.e.InitialACL(f.def.Owner, f.def.Schema, 'f')
	}
	c := *f.def
	f.e.PutFunction(&c)
	if f.def.Body == "" && f.s.Setting("check_function_bodies") == "off" {
		return nil
	}
	if f.def.Lang != "" {
		return f.checkPLpgSQL()
	}
	deps, err := planner.CheckFunction(f.planner(), f.def)
	if err != nil {
		return f.placed(err)
	}
	if f.def.Body != "" {
		n := *f.def
		for _, d := range exprDeps(deps) {
			if d.Object != n.OID {
				n.Deps = append(n.Deps, d)
			}
		}
		f.e.PutFunction(&n)
	}
	return nil
}

// placed moves the place of an error in the body into the statement, where the body is
// written as it is (function_parse_error_transpose).
func (f *newFunction) placed(err error) error {
	e, ok := err.(*pgerr.Error)
	if !ok || e.Pos == 0 {
		return err
	}
	c := *e
	c.Pos = 0
	at := strings.Index(f.st.AsText, f.def.Src)
	if f.def.Body != "" || at < 0 {
		return &c
	}
	return c.At(f.st.AsPos + int32(at) + e.Pos - 1)
}

// params resolves the parameters (interpret_function_parameter_list).
func (f *newFunction) params() error {
	variadic := false
	for i := range f.st.Params {
		p := &f.st.Params[i]
		t, err := f.typ(&p.Type)
		if err != nil {
			return err
		}
		a := catalog.FuncArg{Name: p.Name, Mode: p.Mode, Type: t.OID}
		if p.Type.SetOf {
			return invalidFunction("%ss cannot accept set arguments", routineWord(f.def))
		}
		if variadic && f.st.Procedure {
			return invalidFunction("VARIADIC parameter must be the last parameter")
		}
		if variadic && a.Mode != 'o' && a.Mode != 't' {
			return invalidFunction("VARIADIC parameter must be the last input parameter")
		}
		if a.Mode == 'v' {
			variadic = true
			if !t.Underlying().IsArray() && !(t.OID == types.AnyOID && f.def.Agg != nil) && t.OID != types.AnyArrayOID && t.OID != types.AnyCompatibleArrayOID {
				return invalidFunction("VARIADIC parameter must be an array")
			}
		}
		for _, o := range f.def.Args {
			in := func(m byte) bool { return m != 'o' && m != 't' }
			out := func(m byte) bool { return m == 'o' || m == 'b' || m == 't' }
			if a.Name != "" && o.Name == a.Name && (in(a.Mode) && in(o.Mode) || out(a.Mode) && out(o.Mode)) {
				return invalidFunction("parameter name \"%s\" used more than once", a.Name)
			}
		}
		if err := f.setDefault(p, &a, t); err != nil {
			return err
		}
		f.def.Args = append(f.def.Args, a)
		if a.Output() {
			f.outputs = append(f.outputs, *t)
		}
	}
	return nil
}

// typ resolves the type of a parameter or result.
func (f *newFunction) typ(n *ast.TypeName) (*types.Type, error) {
	if n.PctType {
		return f.columnType(n)
	}
	plain := *n
	plain.SetOf = false
	t, _, err := planner.ResolveType(f.planner(), &plain)
	if err != nil {
		return nil, err
	}
	return t, f.usableType(t)
}

// columnType is table.column%TYPE.
func (f *newFunction) columnType(n *ast.TypeName) (*types.Type, error) {
	rel, err := f.find(ast.Name{Schema: n.Name.Catalog, Object: n.Name.Schema, Pos: n.Name.Pos})
	if err != nil {
		return nil, err
	}
	c, attr := rel.Column(n.Name.Object)
	if attr == 0 {
		return nil, undefinedColumn(n.Name.Object, rel)
	}
	t := f.e.TypeByOID(c.TypeOID)
	f.notice(pgerr.SuccessfulCompletion, "type reference %s.%s%%TYPE converted to %s", rel.Name, c.Name, t.SQLName(types.NoMod))
	return t, nil
}

// setDefault binds a parameter's default.
func (f *newFunction) setDefault(p *ast.FuncParam, a *catalog.FuncArg, t *types.Type) error {
	if p.Default == nil {
		if f.defaults && a.Input() && a.Mode != 'v' {
			return invalidFunction("input parameters after one with a default value must also have defaults")
		}
		return nil
	}
	if !a.Input() {
		return invalidFunction("only input parameters can have default values")
	}
	f.defaults = true
	col := &catalog.Column{Name: a.Name, Type: t, TypeOID: t.OID, Mod: types.NoMod}
	if t.IsPolymorphic() { // of what type it is, a call tells
		a.Default = ast.FormatExpr(p.Default)
		return nil
	}
	_, _, deps, err := planner.BindDefault(f.planner(), p.Default, col, false, nil)
	if err != nil {
		return unplaced(err)
	}
	shown, meta, err := planner.ShownDefault(f.planner(), p.Default, col, false, nil)
	if err != nil {
		return unplaced(err)
	}
	a.Default = f.stored(shown, meta)
	f.def.Deps = append(f.def.Deps, exprDeps(deps)...)
	return nil
}

// result finds the type of the result and checks it against OUT parameters.
func (f *newFunction) result() error {
	implied := types.TVoid
	switch {
	case len(f.outputs) > 1 || len(f.outputs) == 1 && f.st.Procedure:
		implied = types.TRecord
	case len(f.outputs) == 1:
		implied = f.e.TypeByOID(f.outputs[0].OID)
	}
	switch {
	case f.st.Procedure:
		f.def.Ret = implied.OID
	case f.st.Table:
		f.def.Ret, f.def.RetSet = implied.OID, true
	case f.st.Returns != nil:
		t, err := f.typ(f.st.Returns)
		if err != nil {
			return err
		}
		if len(f.outputs) > 0 && t.OID != implied.OID {
			return invalidFunction("function result type must be %s because of OUT parameters", implied.SQLName(types.NoMod))
		}
		f.def.Ret, f.def.RetSet = t.OID, f.st.Returns.SetOf
	case len(f.outputs) > 0:
		f.def.Ret = implied.OID
	default:
		return invalidFunction("function result type must be specified")
	}
	return f.polymorphic()
}

// polymorphic checks that a polymorphic result follows from an argument.
func (f *newFunction) polymorphic() error {
	has, ranges := map[bool]bool{}, map[bool]bool{}
	ofRange := func(t *types.Type) bool { return strings.HasSuffix(t.Name, "range") }
	compatible := func(t *types.Type) bool { return strings.HasPrefix(t.Name, "anycompatible") }
	ret := f.e.TypeByOID(f.def.Ret)
	for i := range f.def.Args {
		if t := f.e.TypeByOID(f.def.Args[i].Type); f.def.Args[i].Input() && t.IsPolymorphic() {
			has[compatible(t)] = true
			ranges[compatible(t)] = ranges[compatible(t)] || ofRange(t)
		}
	}
	check := func(t *types.Type) error {
		if !t.IsPolymorphic() || has[compatible(t)] && (ranges[compatible(t)] || !ofRange(t)) {
			return nil
		}
		e := invalidFunction("cannot determine result data type")
		if ofRange(t) { // the range type does not follow from its subtype
			family := strings.TrimSuffix(strings.TrimSuffix(t.Name, "range"), "multi")
			return e.WithDetail("A result of type %s requires at least one input of type %srange or %smultirange.", t.Name, family, family)
		}
		if compatible(t) {
			return e.WithDetail("A result of type %s requires at least one input of type anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or anycompatiblemultirange.", t.Name)
		}
		return e.WithDetail("A result of type %s requires at least one input of type anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange.", t.Name)
	}
	for i := range f.outputs {
		if err := check(&f.outputs[i]); err != nil {
			return err
		}
	}
	if err := check(ret); err != nil {
		return err
	}
	switch {
	case f.def.Lang != "":
		return f.plpgsqlTypes(ret)
	case ret.Class == types.Pseudo && !ret.IsPolymorphic() && ret.OID != types.RecordOID && ret.OID != types.VoidOID:
		return invalidFunction("SQL functions cannot return type %s", ret.SQLName(types.NoMod))
	}
	for i := range f.def.Args {
		if t := f.e.TypeByOID(f.def.Args[i].Type); t.Class == types.Pseudo && !t.IsPolymorphic() {
			return invalidFunction("SQL functions cannot have arguments of type %s", t.SQLName(types.NoMod))
		}
	}
	return nil
}

// rows settles the estimates.
func (f *newFunction) rows() error {
	switch {
	case !f.hasRows && f.def.RetSet:
		f.def.Rows = 1000
	case f.hasRows && !f.def.RetSet:
		return pgerr.New(pgerr.InvalidParameterValue, "ROWS is not applicable when function does not return a set")
	}
	return nil
}

// language refuses what is written in other languages.
func (f *newFunction) language(lang string) error {
	st := f.st
	what := Name(st)
	switch {
	case lang == "" && st.Body == "":
		return invalidFunction("no language specified")
	case lang == "" || lang == "sql":
	case lang == "plpgsql":
	case slices.Contains([]string{"c", "internal", "plperl", "plpython3u", "pltcl"}, lang):
		return pgerr.NotSupported("%s in language %s", what, lang)
	default:
		return pgerr.New(pgerr.UndefinedObject, "language \"%s\" does not exist", lang)
	}
	return nil
}

// body takes the body.
func (f *newFunction) body(lang string) error {
	st := f.st
	switch {
	case st.As != nil && st.Body != "":
		return invalidFunction("duplicate function body specified")
	case st.As == nil && st.Body == "":
		return invalidFunction("no function body specified")
	case len(st.As) > 1:
		return invalidFunction("only one AS item needed for language \"%s\"", lang)
	}
	if st.Body == "" {
		f.def.Src = st.As[0]
		return nil
	}
	if f.def.Lang != "" {
		return invalidFunction("inline SQL function body only valid for language SQL")
	}
	for i := range f.def.Args {
		if t := f.e.TypeByOID(f.def.Args[i].Type); f.def.Args[i].Input() && t.IsPolymorphic() {
			return invalidFunction("SQL function with unquoted function body cannot have polymorphic arguments")
		}
	}
	f.def.Body, f.def.Statements, f.def.Path = st.Body, st.Statements, f.frozen()["search_path"]
	return nil
}

// replace finds the function that is there already, and checks that the new one may
// take its place (ProcedureCreate).
func (f *newFunction) replace() error {
	def := f.def
	var old *catalog.Function
	for _, x := range f.e.FunctionsNamed(def.Schema, def.Name) {
		if slices.Equal(x.Inputs(), def.Inputs()) {
			old = x
		}
	}
	if old == nil {
		def.OID = f.e.NewOID()
		return nil
	}
	if !f.st.OrReplace {
		return pgerr.New(pgerr.DuplicateFunction, "function \"%s\" already exists with same argument types", def.Name)
	}
	if !f.owns(old.Owner) {
		return notOwner(routineWord(old), old.Name)
	}
	if err := sameKind(old, def); err != nil {
		return err
	}
	drop := "DROP " + strings.ToUpper(routineWord(old)) + " " + f.routineSignature(old)
	if old.Ret != def.Ret || old.RetSet != def.RetSet {
		what := "cannot change return type of existing function"
		if def.Procedure {
			what = "cannot change whether a procedure has output parameters"
		}
		return invalidFunction("%s", what).WithHint("Use %s first.", drop)
	}
	if def.Ret == types.RecordOID && !slices.EqualFunc(outs(old), outs(def), func(a, b catalog.FuncArg) bool {
		return a.Type == b.Type && (a.Name == b.Name || a.Name == "")
	}) {
		return invalidFunction("cannot change return type of existing function").
			WithDetail("Row type defined by OUT parameters is different.").WithHint("Use %s first.", drop)
	}
	if err := f.sameInputs(old, drop); err != nil {
		return err
	}
	if err := f.unusedByState(old, "CREATE OR REPLACE "+strings.ToUpper(routineWord(old))); err != nil {
		return err
	}
	def.OID, def.Owner, def.ACL = old.OID, old.Owner, old.ACL
	return nil
}

func outs(f *catalog.Function) []catalog.FuncArg {
	var list []catalog.FuncArg
	for _, a := range f.Args {
		if a.Output() {
			list = append(list, a)
		}
	}
	return list
}

func ins(f *catalog.Function) []catalog.FuncArg {
	var list []catalog.FuncArg
	for _, a := range f.Args {
		if a.Input() {
			list = append(list, a)
		}
	}
	return list
}

// sameInputs checks that names stay and defaults are not taken away.
func (f *newFunction) sameInputs(old *catalog.Function, drop string) error {
	before, after := ins(old), ins(f.def)
	for i := range before {
		if before[i].Name != "" && before[i].Name != after[i].Name {
			return invalidFunction("cannot change name of input parameter \"%s\"", before[i].Name).WithHint("Use %s first.", drop)
		}
	}
	for i := range before {
		if before[i].Default != "" && after[i].Default == "" {
			return invalidFunction("cannot remove parameter defaults from existing function").WithHint("Use %s first.", drop)
		}
	}
	return nil
}

// unusedByState refuses to change a function that a materialized view, an index or a
// constraint has taken in.
func (r *run) unusedByState(f *catalog.Function, what string) error {
	for _, rel := range r.e.Relations() {
		if rel.Kind == catalog.MatView && r.expands(rel.Deps, f.OID) {
			return pgerr.NotSupported("%s %s, which materialized view \"%s\" uses", what, f.Name, rel.Name).
				WithHint("Drop the view first.")
		}
	}
	return nil
}

func routineWord(f *catalog.Function) string {
	switch {
	case f.Procedure:
		return "procedure"
	case f.Agg != nil:
		return "aggregate"
	}
	return "function"
}

// sameKind refuses to replace a routine by one of another kind.
func sameKind(old, def *catalog.Function) error {
	const other = "cannot change routine kind"
	switch {
	case old.Agg != nil && def.Agg == nil:
		return pgerr.New(pgerr.WrongObjectType, other).WithDetail("\"%s\" is an aggregate function.", old.Name)
	case routineWord(old) != routineWord(def):
		return pgerr.New(pgerr.WrongObjectType, other).WithDetail("\"%s\" is a %s.", old.Name, routineWord(old))
	case old.Agg == nil:
	case old.Agg.Kind != def.Agg.Kind:
		kind := map[byte]string{'n': "an ordinary aggregate", 'o': "an ordered-set aggregate", 'h': "a hypothetical-set aggregate"}[old.Agg.Kind]
		return pgerr.New(pgerr.WrongObjectType, other).WithDetail("\"%s\" is %s.", old.Name, kind+map[bool]string{true: " function"}[old.Agg.Kind == 'n'])
	case old.Agg.Direct != def.Agg.Direct:
		return invalidFunction("cannot change number of direct arguments of an aggregate function")
	}
	return nil
}

// routineSignature shows name(types) of a function.
func (r *run) routineSignature(f *catalog.Function) string {
	var parts []string
	for _, oid := range f.Inputs() {
		parts = append(parts, r.typeName(r.e.TypeByOID(oid)))
	}
	return f.Name + "(" + strings.Join(parts, ",") + ")"
}
