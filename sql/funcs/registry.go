package funcs

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Kind is pg_proc.prokind.
type Kind byte

// The kinds of function.
const (
	Scalar    Kind = 'f'
	Aggregate Kind = 'a'
	Window    Kind = 'w'
	Procedure Kind = 'p'
)

// Volatility is pg_proc.provolatile.
type Volatility byte

// The volatilities.
const (
	Immutable Volatility = 'i'
	Stable    Volatility = 's'
	Volatile  Volatility = 'v'
)

// Func is a row of pg_proc with what it does. Funcs are immutable.
type Func struct {
	OID    types.OID
	Name   string
	Schema types.OID // 11 is pg_catalog
	Kind   Kind
	// Args are the input arguments; the last one is an array when Variadic is
	// set, which then is its element type ("any" for VARIADIC "any").
	Args     []*types.Type
	ArgNames []string // of the input arguments; nil when unnamed
	Variadic *types.Type
	// NumDefaults trailing arguments may be left out; Defaults are their texts,
	// SQL expressions.
	NumDefaults int
	Defaults    []string
	Ret         *types.Type
	RetSet      bool
	// Out are the OUT (and TABLE) columns of a function that returns a record.
	Out        []OutColumn
	Volatility Volatility
	Strict     bool
	// Leakproof is pg_proc.proleakproof: no argument makes it fail, and it has no
	// side effects, so that it may be called for rows nobody asked about.
	Leakproof bool
	Src       string // prosrc
	Rows      float64
	// AggKind is 'n', 'o' (ordered set) or 'h' (hypothetical) for an aggregate,
	// with DirectArgs arguments before WITHIN GROUP.
	AggKind    byte
	DirectArgs int

	inSQL  bool // PostgreSQL writes it in SQL
	system bool // Env.System computes it
	// interpreted: Env.Routine runs it.
	interpreted bool
	impl        *Impl
}

// OutColumn is a result column of a function that returns a record.
type OutColumn struct {
	Name string
	Type *types.Type
}

// Impl is what a function does; which fields are set depends on its kind.
type Impl struct {
	// Kernel computes a scalar function that needs to know nothing but its
	// arguments. Bind makes the kernel for one call site: for polymorphic
	// functions, and where constant arguments are prepared once.
	Kernel Kernel
	Bind   func(c *Call) (Kernel, error)
	// Set makes a set-returning function for one call site.
	Set func(c *Call) (SetFunc, error)
	// Acc makes an accumulator for one call site; Agg says how it may be used.
	Acc func(c *Call) (Acc, error)
	Agg AggTraits
	// Win makes a window function for one call site.
	Win func(c *Call) (WinFunc, error)
	// Counts says that a window function can be computed for one part of a partition
	// after the other.
	Counts WinCounts
}

// WinCounts says what a window function counts, if that is all it does: its values for
// a part of a partition, made of whole peer groups, are then those that the part alone
// would have plus the count of what comes before it.
type WinCounts uint8

// What window functions count.
const (
	CountsNothing WinCounts = iota // it is another function
	CountsRows                     // rows; peers are of no matter
	CountsPeers                    // rows before the peer group
	CountsGroups                   // peer groups
)

// Supported tells whether the function can be called.
func (f *Func) Supported() bool { return f.impl != nil }

// Impl gives what the function does, nil when it is not supported.
func (f *Func) Impl() *Impl { return f.impl }

// With gives the function with another Impl: one that is not in the registry.
func (f *Func) With(im *Impl) *Func {
	g := *f
	g.impl = im
	return &g
}

// Signature shows name(argument types), as messages and keys do.
func (f *Func) Signature() string {
	var b strings.Builder
	b.WriteString(f.Name)
	b.WriteByte('(')
	for i, a := range f.Args {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(a.Name)
	}
	b.WriteByte(')')
	return b.String()
}

// key is what the function's Impl is registered under.
func (f *Func) key() string {
	if f.Kind == Aggregate || f.Src == "" || f.sqlBody() {
		return f.Signature()
	}
	return f.Src
}

// sqlBody tells the functions that PostgreSQL writes in SQL: their prosrc is a
// query, not a name.
func (f *Func) sqlBody() bool { return strings.ContainsAny(f.Src, " \n") }

var (
	byOID  = map[types.OID]*Func{}
	byName = map[string][]*Func{}
	// inInfoSchema holds the functions of information_schema, which byName leaves
	// out.
	inInfoSchema = map[string][]*Func{}
	impls        = map[string]*Impl{}
	ops          = map[string][]*Operator{}
	opOID        = map[types.OID]*Operator{}
	casts        = map[[2]types.OID]*Cast{}
)

// register adds an Impl under a key. It is called from init functions; a key
// that is taken or that no function has is a mistake of ours and panics (the
// latter in Check).
func register(key string, impl *Impl) {
	if impls[key] != nil {
		panic("funcs: registered twice: " + key)
	}
	impls[key] = impl
}

// Operator is a row of pg_operator. Left is nil for a prefix operator.
type Operator struct {
	OID         types.OID
	Name        string
	Left, Right *types.Type
	Ret         *types.Type
	Func        *Func
	Commutator  types.OID
	Negator     types.OID
	CanMerge    bool
	CanHash     bool
}

// CastContext is pg_cast.castcontext.
type CastContext byte

// The contexts in which a cast is applied.
const (
	CastImplicit   CastContext = 'i'
	CastAssignment CastContext = 'a'
	CastExplicit   CastContext = 'e'
)

// CastMethod is pg_cast.castmethod.
type CastMethod byte

// The ways a cast is done.
const (
	CastByFunc   CastMethod = 'f'
	CastByInOut  CastMethod = 'i'
	CastByBinary CastMethod = 'b' // the same bits: nothing to do
)

// Cast is a row of pg_cast.
type Cast struct {
	OID            types.OID
	Source, Target *types.Type
	// Func is nil unless Method is CastByFunc. It is also set for the casts between
	// integer and oid, which share their bits in PostgreSQL: here an oid is held
	// without sign, so that there is something to do.
	Func    *Func
	Context CastContext
	Method  CastMethod
}

// madeOf finds aggregates by what they are made of.
var madeOf = map[string][]*Func{}

// AggregateOf gives PostgreSQL's own aggregate that is made of the same functions, over
// arguments of these types, nil when there is none: of its kind, with so many direct
// arguments, a transition and a final function, and a state of a type that begins as init.
func AggregateOf(kind byte, direct int, trans, final, state types.OID, init string, args []*types.Type) *Func {
	for _, f := range madeOf[fmt.Sprintf("%c %d %d %d %d %s ", kind, direct, trans, final, state, init)] {
		if sameTypes(f.Args, args) && f.impl != nil {
			return f
		}
	}
	return nil
}

// ByName gives the functions of that name in pg_catalog, in no order that
// matters; the caller changes nothing in it.
func ByName(name string) []*Func { return byName[name] }

// ByNameIn gives the functions of that name in a schema of the system:
// pg_catalog or information_schema.
func ByNameIn(schema types.OID, name string) []*Func {
	if schema == pgCatalogOID {
		return byName[name]
	}
	if schema == InfoSchemaOID {
		return inInfoSchema[name]
	}
	return nil
}

// ByOID gives a function, nil when unknown.
func ByOID(oid types.OID) *Func { return byOID[oid] }

// All gives every function.
func All() []*Func {
	out := make([]*Func, 0, len(byOID))
	for _, f := range byOID {
		out = append(out, f)
	}
	return out
}

// Operators gives the operators of that name.
func Operators(name string) []*Operator { return ops[name] }

// OperatorByOID gives an operator, nil when unknown.
func OperatorByOID(oid types.OID) *Operator { return opOID[oid] }

// FindOperator gives the operator with exactly these argument types (left nil
// for a prefix operator), nil when there is none.
func FindOperator(name string, left, right types.OID) *Operator {
	for _, o := range ops[name] {
		if (o.Left == nil && left == 0 || o.Left != nil && o.Left.OID == left) && o.Right.OID == right {
			return o
		}
	}
	return nil
}

// FindFunc gives the function with exactly these argument types, nil when there
// is none.
func FindFunc(name string, args ...*types.Type) *Func {
	for _, f := range byName[name] {
		if sameTypes(f.Args, args) {
			return f
		}
	}
	return nil
}

func sameTypes(a, b []*types.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].OID != b[i].OID {
			return false
		}
	}
	return true
}

// FindCast gives the pg_cast row from one type to another, nil when there is none.
func FindCast(from, to types.OID) *Cast { return casts[[2]types.OID{from, to}] }

// Casts gives every cast.
func Casts() []*Cast {
	out := make([]*Cast, 0, len(casts))
	for _, c := range casts {
		out = append(out, c)
	}
	return out
}

// load builds the registry; it runs after every Impl of the package is
// registered (see z_load.go).
func load() {
	loadProcs()
	for _, f := range extraFuncs {
		add(f)
	}
	loadAggregates()
	loadOperators()
	loadCasts()
	for _, f := range byOID {
		f.impl = impls[f.key()]
		if f.runsText() {
			*f = *Interpreted(f)
		}
	}
}

func add(f *Func) {
	if byOID[f.OID] != nil {
		panic(fmt.Sprintf("funcs: oid %d used twice", f.OID))
	}
	byOID[f.OID] = f
	names := byName
	if f.Schema == InfoSchemaOID {
		names = inInfoSchema
	}
	names[f.Name] = append(names[f.Name], f)
}

const (
	pgCatalogOID = 11
	langSQL      = "14"
)

func loadProcs() {
	t := pgdata.Load("pg_proc")
	c := t.Column
	var (
		oid, name, ns, kind, lang, src      = c("oid"), c("proname"), c("pronamespace"), c("prokind"), c("prolang"), c("prosrc")
		args, ret, retset, vol, strict      = c("proargtypes"), c("prorettype"), c("proretset"), c("provolatile"), c("proisstrict")
		leakproof                           = c("proleakproof")
		allargs, modes, names, variadic, nd = c("proallargtypes"), c("proargmodes"), c("proargnames"), c("provariadic"), c("pronargdefaults")
		rows, defaults                      = c("prorows"), c("proargdefaults")
	)
	for _, r := range t.Rows {
		in, ok := typesOf(pgdata.OIDs(r[args]))
		rt := types.ByOID(types.OID(pgdata.Uint(r[ret])))
		if !ok || rt == nil || pgdata.Uint(r[ns]) != pgCatalogOID {
			continue // functions over information_schema's domains: see catalog
		}
		f := &Func{
			OID: types.OID(pgdata.Uint(r[oid])), Name: r[name], Schema: pgCatalogOID, Kind: Kind(r[kind][0]),
			Args: in, Ret: rt, RetSet: pgdata.Bool(r[retset]), Volatility: Volatility(r[vol][0]), Strict: pgdata.Bool(r[strict]),
			Leakproof: pgdata.Bool(r[leakproof]), Src: r[src], NumDefaults: pgdata.Int(r[nd]), Variadic: types.ByOID(types.OID(pgdata.Uint(r[variadic]))),
			Rows: float64(pgdata.Int(r[rows])),
		}
		if r[lang] == langSQL {
			f.Src, f.inSQL = "", true
		}
		if f.NumDefaults > 0 {
			f.Defaults = strings.Split(r[defaults], ", ") // no default holds a comma
		}
		f.setNames(pgdata.OIDs(r[allargs]), pgdata.Strings(r[modes]), pgdata.Strings(r[names]))
		add(f)
	}
}

func typesOf(oids []uint32) ([]*types.Type, bool) {
	out := make([]*types.Type, len(oids))
	for i, o := range oids {
		if out[i] = types.ByOID(types.OID(o)); out[i] == nil {
			return nil, false
		}
	}
	return out, true
}

// setNames splits names and types of all arguments into those that go in and
// those that come out.
func (f *Func) setNames(all []uint32, modes, names []string) {
	if len(modes) == 0 {
		f.ArgNames = names
		return
	}
	for i, m := range modes {
		name := ""
		if i < len(names) {
			name = names[i]
		}
		switch m {
		case "i", "v":
			f.ArgNames = append(f.ArgNames, name)
		case "b":
			f.ArgNames = append(f.ArgNames, name)
			fallthrough
		case "o", "t":
			if ty := types.ByOID(types.OID(all[i])); ty != nil {
				f.Out = append(f.Out, OutColumn{Name: name, Type: ty})
			}
		}
	}
	if names == nil {
		f.ArgNames = nil
	}
}

// loadAggregates reads what pg_aggregate adds.
func loadAggregates() {
	t := pgdata.Load("pg_aggregate")
	made := []int{t.Column("aggkind"), t.Column("aggnumdirectargs"), t.Column("aggtransfn"), t.Column("aggfinalfn"), t.Column("aggtranstype"), t.Column("agginitval")}
	fn, kind, direct := t.Column("aggfnoid"), t.Column("aggkind"), t.Column("aggnumdirectargs")
	for _, r := range t.Rows {
		if f := byOID[types.OID(pgdata.Uint(r[fn]))]; f != nil {
			f.AggKind, f.DirectArgs = r[kind][0], pgdata.Int(r[direct])
			key := ""
			for _, c := range made {
				key += r[c] + " "
			}
			madeOf[key] = append(madeOf[key], f)
		}
	}
	for _, f := range byOID {
		if f.Kind == Aggregate && f.AggKind == 0 {
			f.AggKind = 'n'
		}
	}
}

func loadOperators() {
	t := pgdata.Load("pg_operator")
	c := t.Column
	var (
		oid, name, left, right, res = c("oid"), c("oprname"), c("oprleft"), c("oprright"), c("oprresult")
		com, neg, code, merge, hash = c("oprcom"), c("oprnegate"), c("oprcode"), c("oprcanmerge"), c("oprcanhash")
	)
	for _, r := range t.Rows {
		l, rt := types.OID(pgdata.Uint(r[left])), types.OID(pgdata.Uint(r[right]))
		o := &Operator{
			OID: types.OID(pgdata.Uint(r[oid])), Name: r[name], Right: types.ByOID(rt), Ret: types.ByOID(types.OID(pgdata.Uint(r[res]))),
			Commutator: types.OID(pgdata.Uint(r[com])), Negator: types.OID(pgdata.Uint(r[neg])),
			CanMerge: pgdata.Bool(r[merge]), CanHash: pgdata.Bool(r[hash]), Func: byOID[types.OID(pgdata.Uint(r[code]))],
		}
		if l != 0 {
			o.Left = types.ByOID(l)
		}
		if o.Right == nil || o.Ret == nil || l != 0 && o.Left == nil || o.Func == nil {
			continue
		}
		ops[o.Name] = append(ops[o.Name], o)
		opOID[o.OID] = o
	}
}

func loadCasts() {
	t := pgdata.Load("pg_cast")
	c := t.Column
	oid, src, dst, fn, ctx, method := c("oid"), c("castsource"), c("casttarget"), c("castfunc"), c("castcontext"), c("castmethod")
	for _, r := range t.Rows {
		x := &Cast{
			OID: types.OID(pgdata.Uint(r[oid])), Source: types.ByOID(types.OID(pgdata.Uint(r[src]))), Target: types.ByOID(types.OID(pgdata.Uint(r[dst]))),
			Context: CastContext(r[ctx][0]), Method: CastMethod(r[method][0]), Func: byOID[types.OID(pgdata.Uint(r[fn]))],
		}
		if x.Source == nil || x.Target == nil {
			continue
		}
		if f := oidCast(x); f != nil {
			x.Func = f
		}
		casts[[2]types.OID{x.Source.OID, x.Target.OID}] = x
	}
}
