package catalog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// LangSQL is pg_language's row of SQL.
const LangSQL OID = 14

// langPLpgSQL is pg_language's row of PL/pgSQL; its three handlers are before it.
const langPLpgSQL OID = 13563

// Language is pg_language's row of the function's language.
func (f *Function) Language() OID {
	switch {
	case f.Agg != nil:
		return langInternal
	case f.Lang == LangPLpgSQL:
		return langPLpgSQL
	}
	return LangSQL
}

// LangPLpgSQL is the name of PL/pgSQL in Function.Lang.
const LangPLpgSQL = "plpgsql"

// Function is a function or procedure that a user has written in SQL.
type Function struct {
	OID       OID
	Name      string
	Schema    OID
	Owner     OID
	ACL       []ACLItem `json:",omitempty"`
	Procedure bool      `json:",omitempty"`
	// Lang is the language of the body: "" is SQL, else LangPLpgSQL.
	Lang string `json:",omitempty"`
	// Args are the parameters, and the columns of RETURNS TABLE behind them.
	Args   []FuncArg `json:",omitempty"`
	Ret    OID
	RetSet bool `json:",omitempty"`
	// Src is the body as a string; Body is one that is no string, as it was written,
	// whose names are looked up along Path. Statements are what is run.
	Src        string   `json:",omitempty"`
	Body       string   `json:",omitempty"`
	Statements []string `json:",omitempty"`
	Path       string   `json:",omitempty"`
	Volatility byte
	Strict     bool `json:",omitempty"`
	Leakproof  bool `json:",omitempty"`
	SecDef     bool `json:",omitempty"`
	Parallel   byte
	Cost, Rows float64
	// Config are its SETs, name=value.
	Config []string `json:",omitempty"`
	// Deps are the objects that Body and the defaults refer to; of an aggregate, its
	// functions and state types.
	Deps []Dep `json:",omitempty"`
	// Agg is what an aggregate is made of, nil of others.
	Agg *AggDef `json:",omitempty"`
}

// FuncArg is a parameter; Mode is i, o, b (INOUT), v (VARIADIC) or t (column of
// RETURNS TABLE). Default is an expression in SQL.
type FuncArg struct {
	Name    string `json:",omitempty"`
	Mode    byte
	Type    OID
	Default string `json:",omitempty"`
}

// Input tells whether a call gives the parameter.
func (a *FuncArg) Input() bool { return a.Mode == 'i' || a.Mode == 'b' || a.Mode == 'v' }

// Output tells whether the result has it as a column.
func (a *FuncArg) Output() bool { return a.Mode == 'o' || a.Mode == 'b' || a.Mode == 't' }

// Inputs gives the types of the parameters that tell functions of one name apart.
func (f *Function) Inputs() []OID {
	var out []OID
	for i := range f.Args {
		if f.Args[i].Input() {
			out = append(out, f.Args[i].Type)
		}
	}
	return out
}

// Setting gives the value of a SET of the function.
func (f *Function) Setting(name string) (string, bool) {
	for _, c := range f.Config {
		if k, v, _ := strings.Cut(c, "="); k == name {
			return v, true
		}
	}
	return "", false
}

// FunctionByOID gives a user's function, nil when there is none.
func (s *Snapshot) FunctionByOID(oid OID) *Function { return s.procs[oid] }

// Functions gives the users' functions and procedures, by OID.
func (s *Snapshot) Functions() []*Function {
	return within(s, sorted(s.procs), func(f *Function) OID { return f.Schema })
}

// FunctionsNamed gives the users' functions of a name in a schema, by OID.
func (s *Snapshot) FunctionsNamed(schema OID, n string) []*Function {
	return s.procByName[name{schema, n}]
}

// FuncByOID gives a function, built in or a user's, as calls of it are resolved;
// nil when there is none.
func (s *Snapshot) FuncByOID(oid OID) *funcs.Func {
	if f := s.procs[oid]; f != nil {
		return s.Callable(f)
	}
	if f := funcs.ByOID(oid); f != nil {
		return f
	}
	return s.rangeMaker(oid)
}

// FuncsNamed gives the functions of a name in a schema, built in and users'.
func (s *Snapshot) FuncsNamed(schema OID, n string) []*funcs.Func {
	out := funcs.ByNameIn(schema, n)
	for _, f := range s.FunctionsNamed(schema, n) {
		if fn := s.Callable(f); fn != nil {
			out = append(out[:len(out):len(out)], fn)
		}
	}
	return out
}

// Callable describes a user's function as calls of it are resolved; nil when a type
// of it is gone.
func (s *Snapshot) Callable(f *Function) *funcs.Func { return s.callable(f, false) }

// CallableByCall describes a procedure as CALL resolves it: OUT parameters are given
// too.
func (s *Snapshot) CallableByCall(f *Function) *funcs.Func { return s.callable(f, f.Procedure) }

func (s *Snapshot) callable(f *Function, outs bool) *funcs.Func {
	fn := &funcs.Func{
		OID: f.OID, Name: f.Name, Schema: f.Schema, Kind: funcs.Scalar, RetSet: f.RetSet, Volatility: funcs.Volatility(f.Volatility), Strict: f.Strict,
		Leakproof: f.Leakproof, Src: f.Src, Rows: f.Rows, Ret: s.TypeByOID(f.Ret),
	}
	if f.Procedure {
		fn.Kind = funcs.Procedure
	}
	named := false
	for i := range f.Args {
		a := &f.Args[i]
		t := s.TypeByOID(a.Type)
		if t == nil {
			return nil
		}
		if a.Input() || outs {
			fn.Args, fn.ArgNames = append(fn.Args, t), append(fn.ArgNames, a.Name)
			named = named || a.Name != ""
			if a.Default != "" {
				fn.NumDefaults++
				fn.Defaults = append(fn.Defaults, a.Default)
			}
		}
		if a.Mode == 'v' {
			fn.Variadic = variadicElement(t)
		}
		if a.Output() && !f.Procedure {
			fn.Out = append(fn.Out, funcs.OutColumn{Name: OutName(a.Name, len(fn.Out)), Type: t})
		}
	}
	if !named {
		fn.ArgNames = nil
	}
	if fn.Ret == nil {
		return nil
	}
	if f.Agg != nil {
		fn.Kind, fn.AggKind, fn.DirectArgs = funcs.Aggregate, f.Agg.Kind, f.Agg.Direct
		return fn
	}
	if f.Lang == LangPLpgSQL && !f.Procedure {
		return funcs.Interpreted(fn)
	}
	return fn
}

// OutName names an OUT parameter; one without a name is called by its place.
func OutName(n string, i int) string {
	if n == "" {
		return "column" + strconv.Itoa(i+1)
	}
	return n
}

// variadicElement is the type of what a VARIADIC array collects.
func variadicElement(t *types.Type) *types.Type {
	switch t.OID {
	case types.AnyArrayOID:
		return types.TAnyElement
	case types.AnyCompatibleArrayOID:
		return types.ByOID(types.AnyCompatibleOID)
	}
	if t.Elem != nil {
		return t.Elem
	}
	return t
}

// PutFunction adds or replaces a function. The caller gives it up (C1).
func (e *Edit) PutFunction(f *Function) {
	e.forgetFunction(f.OID)
	key := name{f.Schema, f.Name}
	e.procs[f.OID] = f
	list := append(slices.Clone(e.procByName[key]), f)
	slices.SortFunc(list, func(a, b *Function) int { return int(a.OID) - int(b.OID) })
	e.procByName[key] = list
	for _, d := range f.Deps {
		e.depend(f.OID, d.Object)
	}
	e.record(ChangeFunction, f.OID, f)
}

// DropFunction removes a function; what depends on it is the caller's business.
func (e *Edit) DropFunction(oid OID) {
	e.forgetFunction(oid)
	delete(e.dependents, oid)
	e.record(ChangeFunction, oid, nil)
}

func (e *Edit) forgetFunction(oid OID) {
	old := e.procs[oid]
	if old == nil {
		return
	}
	key := name{old.Schema, old.Name}
	e.procByName[key] = slices.DeleteFunc(slices.Clone(e.procByName[key]), func(f *Function) bool { return f.OID == oid })
	delete(e.procs, oid)
	e.undepend(oid, old.Deps)
}

// LookupFunction finds a user's or a built-in function by the types of its
// arguments; args nil: by its name alone, which must tell.
func (s *Snapshot) LookupFunction(path Path, schema, n string, args []OID) *Function {
	schemas := path
	if schema != "" {
		schemas = nil
		if sc := s.Schema(schema); sc != nil {
			schemas = Path{sc.OID}
		}
	}
	for _, oid := range schemas {
		for _, f := range s.FunctionsNamed(oid, n) {
			if args == nil || slices.Equal(f.Inputs(), args) {
				return f
			}
		}
	}
	return nil
}

// procSnapshotRows writes the functions of users' range types, and those that users
// have written.
func procSnapshotRows(s *Snapshot, w *rowWriter) {
	rangeMakerRows(s, w)
	functionRows(s, w)
}

// functionRows writes the users' functions into pg_proc.
func functionRows(s *Snapshot, w *rowWriter) {
	for _, f := range s.Functions() {
		var in, all []OID
		var modes, names, defaults []string
		variadic, plain, named := OID(0), true, false
		for i := range f.Args {
			a := &f.Args[i]
			all, modes, names = append(all, a.Type), append(modes, string(a.Mode)), append(names, a.Name)
			plain, named = plain && a.Mode == 'i', named || a.Name != ""
			if a.Input() {
				in = append(in, a.Type)
			}
			if a.Mode == 'v' {
				if t := s.TypeByOID(a.Type); t != nil {
					variadic = variadicElement(t).OID
				}
			}
			if a.Default != "" {
				defaults = append(defaults, a.Default)
			}
		}
		allTypes, allModes, argNames, dflt, body, config := types.Null, types.Null, types.Null, types.Null, types.Null, types.Null
		if !plain {
			allTypes, allModes = vInts(oidArray, all), vArray(charArray, modes)
		}
		if named {
			argNames = vArray(textArray, names)
		}
		if defaults != nil {
			dflt = vText(strings.Join(defaults, ", "))
		}
		if f.Body != "" {
			body = vText(f.Body)
		}
		if f.Config != nil {
			config = vArray(textArray, f.Config)
		}
		kind := byte('f')
		switch {
		case f.Procedure:
			kind = 'p'
		case f.Agg != nil:
			kind = 'a'
		}
		w.add(vOID(f.OID), vStr(f.Name), vOID(f.Schema), vOID(f.Owner), vOID(f.Language()), vFloat(f.Cost), vFloat(f.Rows), vOID(variadic), vOID(0),
			vStr(string(kind)), vBool(f.SecDef), vBool(f.Leakproof), vBool(f.Strict), vBool(f.RetSet), vStr(string(f.Volatility)), vStr(string(f.Parallel)),
			vInt(len(in)), vInt(len(defaults)), vOID(f.Ret), vOIDVector(in), allTypes, allModes, argNames, dflt,
			types.Null, vStr(f.Src), types.Null, body, config, s.vACL(f.ACL))
	}
}

// function writes the dependencies of a function: on its schema, the types of its
// arguments and result, and what its body names.
func (d *dependWriter) function(f *Function) {
	self := Object{classProc, f.OID, 0}
	d.on(self, Object{classNamespace, f.Schema, 0}, DepNormal)
	typ := func(oid OID) {
		if t := d.s.TypeByOID(oid); t != nil && t.IsArray() {
			oid = t.Elem.OID
		}
		d.on(self, Object{classType, oid, 0}, DepNormal)
	}
	for i := range f.Args {
		typ(f.Args[i].Type)
	}
	typ(f.Ret)
	d.expr(self, f.Deps)
}

// FunctionAllowed tells whether a role may call a function.
func (s *Snapshot) FunctionAllowed(role OID, f *Function) bool {
	return s.Allowed(role, OnFunction, f.Owner, f.ACL, "X", false)
}

// NoFunctionNamed is the error for a name that no function has.
func NoFunctionNamed(kind, n string) error {
	return pgerr.New(pgerr.UndefinedFunction, "could not find a %s named \"%s\"", kind, n)
}
