package planner

import (
	"strings"
	"unicode"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/fold"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Coercion as PostgreSQL's parse_coerce.c does it.

// context is how far a coercion may go.
type context = funcs.CastContext

const (
	implicit   = funcs.CastImplicit
	assignment = funcs.CastAssignment
	explicit   = funcs.CastExplicit
)

func allowed(have, want context) bool {
	rank := map[context]int{implicit: 0, assignment: 1, explicit: 2}
	return rank[have] <= rank[want]
}

// pathKind is how one type becomes another.
type pathKind uint8

const (
	pathNone pathKind = iota
	pathRelabel
	pathFunc
	pathIO
	pathArray
)

// pathway finds how source becomes target in the context.
func pathway(target, source *types.Type, ctx context) (pathKind, *funcs.Func) {
	source, target = source.Underlying(), target.Underlying()
	if types.Same(source, target) {
		return pathRelabel, nil
	}
	if c := funcs.FindCast(source.OID, target.OID); c != nil {
		if !allowed(c.Context, ctx) {
			return pathNone, nil
		}
		switch c.Method {
		case funcs.CastByFunc:
			return pathFunc, c.Func
		case funcs.CastByInOut:
			return pathIO, nil
		}
		if c.Func != nil {
			return pathFunc, c.Func
		}
		return pathRelabel, nil
	}
	if source.Multi != nil && types.Same(source.Multi, target) && allowed(funcs.CastExplicit, ctx) {
		return pathFunc, funcs.FindFunc("multirange", types.ByOID(types.AnyRangeOID))
	}
	// oidvector and int2vector are not true arrays here.
	if target.IsArray() && (source.IsArray() || source.IsVector) && !target.IsVector {
		if k, _ := pathway(target.Elem, source.Elem, ctx); k != pathNone {
			return pathArray, nil
		}
	}
	if ctx == assignment || ctx == explicit {
		if target.Category == 'S' {
			return pathIO, nil
		}
	}
	if ctx == explicit && source.Category == 'S' {
		return pathIO, nil
	}
	return pathNone, nil
}

// canCoerce tells whether all of inputs can become targets in the context.
func canCoerce(inputs, targets []*types.Type, ctx context) bool {
	generics := false
	for i, in := range inputs {
		t := targets[i]
		switch {
		case types.Same(in, t), t.OID == types.AnyOID:
			continue
		case t.IsPolymorphic():
			generics = true
			continue
		case in.OID == types.UnknownOID:
			continue
		}
		if k, _ := pathway(t, in, ctx); k != pathNone {
			continue
		}
		if in.OID == types.RecordOID && t.Class == types.Composite || t.OID == types.RecordOID && in.Underlying().Class == types.Composite {
			continue
		}
		if in.OID == types.RecordArrayOID && t.IsArray() && t.Elem.Class == types.Composite {
			continue
		}
		if t.OID == types.RecordArrayOID && in.IsArray() && in.Elem.Class == types.Composite {
			continue
		}
		return false
	}
	return !generics || genericsConsistent(inputs, targets)
}

// coerce turns e into type t with modifier mod (types.NoMod for none), or fails
// with 42846 (cannot cast). It gives nil, nil when the context does not allow it.
func (b *binder) coerce(e plan.Expr, t *types.Type, mod int32, ctx context, pos int32) (plan.Expr, error) {
	if !canCoerce([]*types.Type{e.Type()}, []*types.Type{t}, ctx) {
		return nil, nil
	}
	x, err := b.coerceType(e, t, mod, ctx, pos)
	if err != nil {
		return nil, err
	}
	// A domain's modifier is applied within the conversion to it.
	return b.applyMod(x, t, mod, ctx, x != e && !isConst(x), pos)
}

func isConst(e plan.Expr) bool { _, ok := e.(*plan.Const); return ok }

// coerceType converts without applying a length; canCoerce holds.
func (b *binder) coerceType(e plan.Expr, t *types.Type, mod int32, ctx context, pos int32) (plan.Expr, error) {
	src := e.Type()
	if types.Same(src, t) {
		return e, nil
	}
	switch t.OID {
	case types.AnyOID, types.AnyElementOID, types.AnyNonArrayOID, types.AnyCompatibleOID, types.AnyCompatibleNonArrayOID:
		return e, nil
	case types.AnyArrayOID, types.AnyEnumOID, types.AnyRangeOID, types.AnyMultirangeOID, types.AnyCompatibleArrayOID,
		types.AnyCompatibleRangeOID, types.AnyCompatibleMultirangeOID:
		if src.OID != types.UnknownOID {
			if base := src.Underlying(); base != src {
				return &plan.Relabel{X: e, Typ: base, TypMod: types.NoMod}, nil
			}
			return e, nil
		}
		if k, ok := e.(*plan.Const); ok && k.Val.IsNull() {
			return &plan.Const{Typ: t, TypMod: types.NoMod}, nil
		}
	}
	if src.OID == types.UnknownOID {
		switch x := e.(type) {
		case *plan.Const:
			if at, ok := b.literals[x]; ok {
				pos = at
			}
			return b.coerceLiteral(x, t, mod, ctx, pos)
		case *plan.Param:
			return b.coerceParam(x, t, mod, ctx, pos)
		}
	}
	if t.Class == types.Domain {
		return b.coerceToDomain(e, t, ctx, pos)
	}
	kind, fn := pathway(t, src, ctx)
	if b.View && (kind == pathIO || kind == pathFunc) && (namesObject(src) && t.Category == 'S' || namesObject(t) && src.Category == 'S') {
		return nil, pgerr.NotSupported("a cast from %s to %s in a materialized view", formatType(src, types.NoMod), formatType(t, types.NoMod)).At(pos)
	}
	switch kind {
	case pathRelabel:
		if base := src.Underlying(); types.Same(base, t) {
			return &plan.Relabel{X: e, Typ: t, TypMod: e.Mod(), Explicit: ctx == explicit}, nil
		}
		return &plan.Relabel{X: e, Typ: t, TypMod: types.NoMod, Explicit: ctx == explicit}, nil
	case pathFunc:
		if len(fn.Args) < 2 {
			mod = types.NoMod // the length is applied to the result
		}
		return b.castCall(fn, e, t, mod, ctx, pos), nil
	case pathIO:
		return &plan.ViaIO{X: e, Typ: t, TypMod: types.NoMod, Explicit: ctx == explicit, Pos: pos}, nil
	case pathArray:
		return b.castArray(e, t, types.NoMod, ctx, pos)
	}
	return b.coerceRecord(e, t, ctx, pos)
}

// namesObject tells the types whose text is the name of something in the catalog,
// which changes with it.
func namesObject(t *types.Type) bool {
	switch t.Underlying().OID {
	case types.RegprocOID, types.RegprocedureOID, types.RegoperOID, types.RegoperatorOID, types.RegclassOID, types.RegtypeOID,
		types.RegroleOID, types.RegnamespaceOID, types.RegconfigOID, types.RegdictionaryOID, types.RegcollationOID:
		return true
	}
	return false
}

func castMark(ctx context) byte {
	if ctx == explicit {
		return 'e'
	}
	return 'i'
}

// castCall calls a cast function: one argument, or with the modifier and whether
// the cast is explicit.
func (b *binder) castCall(fn *funcs.Func, e plan.Expr, t *types.Type, mod int32, ctx context, pos int32) plan.Expr {
	args := []plan.Expr{e}
	if len(fn.Args) >= 2 {
		args = append(args, intConst(int64(mod)))
	}
	if len(fn.Args) >= 3 {
		args = append(args, &plan.Const{Val: types.NewBool(ctx == explicit), Typ: types.TBool, TypMod: types.NoMod})
	}
	return &plan.Call{Fn: fn, Args: args, Ret: t, RetMod: mod, Cast: castMark(ctx), Pos: pos}
}

func intConst(n int64) *plan.Const {
	return &plan.Const{Val: types.NewInt(n), Typ: types.TInt4, TypMod: types.NoMod}
}

// castArray converts element by element, the modifier applied to the elements.
func (b *binder) castArray(e plan.Expr, t *types.Type, mod int32, ctx context, pos int32) (plan.Expr, error) {
	elem := e.Type().Underlying().Elem
	arg := &plan.CaseArg{Typ: elem, TypMod: types.NoMod}
	conv, err := b.coerce(arg, t.Elem, mod, ctx, pos)
	if err != nil {
		return nil, err
	}
	if conv == nil {
		return nil, cannotCast(e.Type(), t).At(pos)
	}
	return &plan.ArrayCast{X: e, Elem: conv, Typ: t, TypMod: mod, Explicit: ctx == explicit}, nil
}

// coerceLiteral reads an untyped literal as type t. With a modifier in an
// explicit cast PostgreSQL reads the literal first and applies the modifier
// then, except to interval, whose modifier changes how it is read.
func (b *binder) coerceLiteral(c *plan.Const, t *types.Type, mod int32, ctx context, pos int32) (plan.Expr, error) {
	base, baseMod := t, mod
	for base.Class == types.Domain {
		base, baseMod = base.Base, base.BaseMod
	}
	if base.IsArray() && base.Elem.Class == types.Domain && !c.Val.IsNull() {
		if x, err := b.literalOfDomains(c, base, ctx, pos); x != nil || err != nil {
			if err == nil && t.Class == types.Domain {
				x, err = b.coerceToDomain(x, t, ctx, pos)
			}
			return x, err
		}
	}
	inMod := types.NoMod
	if base.OID == types.IntervalOID {
		inMod = baseMod
	}
	out := &plan.Const{Typ: base, TypMod: inMod}
	if !c.Val.IsNull() {
		d, err := base.In(&b.Env.Env, c.Val.Str(), inMod)
		if err != nil {
			return nil, pgerr.AtPos(err, pos)
		}
		out.Val = d
		b.meta.Clock = b.meta.Clock || b.readsClock(base, c.Val.Str(), inMod, d)
		b.dependConstant(t, d)
		b.Names.constant(c, base, inMod, d)
	}
	if t.Class == types.Domain {
		return b.coerceToDomain(out, t, ctx, pos)
	}
	return out, nil
}

// readsClock tells whether a literal of a date or time type, which was read as d,
// would be another value at another time: it names a moment ('now', 'today') or a
// time zone with daylight saving.
func (b *binder) readsClock(t *types.Type, text string, mod int32, d types.Datum) bool {
	elem := t
	if t.IsArray() {
		elem = t.Elem
	}
	switch elem.OID {
	case types.DateOID, types.TimeOID, types.TimetzOID, types.TimestampOID, types.TimestamptzOID:
	default:
		return false
	}
	if !strings.ContainsFunc(text, unicode.IsLetter) {
		return false
	}
	const halfAYear = 182*86_400_000_000 + 3_600_000_000
	env := b.Env.Env
	env.Now += halfAYear
	later, err := t.In(&env, text, mod)
	return err != nil || t.Text(&env, later) != t.Text(&env, d)
}

// literalOfDomains reads an array whose elements are of a domain, which checks them.
func (b *binder) literalOfDomains(c *plan.Const, t *types.Type, ctx context, pos int32) (plan.Expr, error) {
	elem, mod := baseOf(t.Elem)
	if elem.Array == nil {
		return nil, nil
	}
	d, err := elem.Array.In(&b.Env.Env, c.Val.Str(), mod)
	if err != nil {
		return nil, pgerr.AtPos(err, pos)
	}
	b.depend(t.Elem.OID, 0)
	return b.castArray(&plan.Const{Val: d, Typ: elem.Array, TypMod: mod}, t, types.NoMod, ctx, pos)
}

// coerceParam gives a parameter of unknown type the type it is used as.
func (b *binder) coerceParam(p *plan.Param, t *types.Type, mod int32, ctx context, pos int32) (plan.Expr, error) {
	base := t.Underlying()
	have := b.params[p.N-1]
	if have == nil || have.OID == types.UnknownOID {
		b.params[p.N-1] = base
	} else if !types.Same(have, base) {
		return nil, pgerr.New(pgerr.AmbiguousParameter, "inconsistent types deduced for parameter $%d", p.N).
			WithDetail("%s versus %s", formatType(have, types.NoMod), formatType(base, types.NoMod)).At(pos)
	}
	var out plan.Expr = &plan.Param{N: p.N, Typ: base}
	if t.Class == types.Domain {
		return b.coerceToDomain(out, t, ctx, pos)
	}
	return out, nil
}

// coerceToDomain converts to the domain's base type and checks the domain.
func (b *binder) coerceToDomain(e plan.Expr, t *types.Type, ctx context, pos int32) (plan.Expr, error) {
	if t.Class != types.Domain {
		return e, nil
	}
	base, mod := baseOf(t)
	x := e
	if !types.Same(e.Type(), base) {
		var err error
		if x, err = b.coerceType(e, base, mod, ctx, pos); err != nil {
			return nil, err
		}
	}
	x, err := b.applyMod(x, base, mod, ctx, false, pos)
	if err != nil {
		return nil, err
	}
	d := &plan.ToDomain{X: x, Typ: t, Explicit: ctx == explicit}
	if s := b.Catalog.SchemaByOID(t.Schema); s != nil {
		d.Schema = s.Name
	}
	return d, b.domainChecks(d, t)
}

// baseOf gives the type below all domains, with the modifier the domains give it.
func baseOf(t *types.Type) (*types.Type, int32) {
	mod := types.NoMod
	for ; t.Class == types.Domain; t = t.Base {
		if mod == types.NoMod {
			mod = t.BaseMod
		}
	}
	return t, mod
}

// domainChecks adds the constraints of the domain, after those of the domain it is
// based on: it is the outer one that errors name.
func (b *binder) domainChecks(d *plan.ToDomain, t *types.Type) error {
	if t.Base.Class == types.Domain {
		if err := b.domainChecks(d, t.Base); err != nil {
			return err
		}
	}
	d.NotNull = d.NotNull || t.NotNull
	def := b.Catalog.Domain(t.OID)
	if def == nil {
		return nil
	}
	for _, con := range def.Constraints {
		cond, err := b.domainCheck(t, con.Expr)
		if err != nil {
			return err
		}
		d.Checks = append(d.Checks, plan.DomainCheck{Name: con.Name, Cond: cond})
	}
	return nil
}

// coerceRecord converts a row to a composite type, field by field, and a
// composite value to record.
func (b *binder) coerceRecord(e plan.Expr, t *types.Type, ctx context, pos int32) (plan.Expr, error) {
	src := e.Type()
	if t.OID == types.RecordOID && src.Underlying().Class == types.Composite { // it keeps the names of its fields
		return &plan.Relabel{X: e, Typ: types.RecordOf(src.Underlying().Fields), TypMod: types.NoMod}, nil
	}
	if t.OID == types.RecordArrayOID && src.IsArray() {
		return &plan.Relabel{X: e, Typ: t, TypMod: types.NoMod}, nil
	}
	row, ok := e.(*plan.MakeRow)
	if !ok || t.Class != types.Composite {
		if src.OID == types.RecordOID && t.Class == types.Composite {
			return nil, cannotCast(src, t).At(pos)
		}
		return nil, cannotCast(src, t).At(pos)
	}
	out := &plan.MakeRow{Typ: t}
	i := 0
	for _, f := range t.Fields {
		if f.Dropped {
			continue
		}
		if i >= len(row.Args) {
			return nil, cannotCast(src, t).WithDetail("Input has too few columns.").At(pos)
		}
		x, err := b.coerce(row.Args[i], f.Type, f.Mod, ctx, pos)
		if err != nil {
			return nil, err
		}
		if x == nil {
			return nil, cannotCast(src, t).WithDetail("Cannot cast type %s to %s in column %d.",
				formatType(row.Args[i].Type(), types.NoMod), formatType(f.Type, types.NoMod), i+1).At(pos)
		}
		out.Args, out.Names = append(out.Args, x), append(out.Names, f.Name)
		i++
	}
	if i < len(row.Args) {
		return nil, cannotCast(src, t).WithDetail("Input has too many columns.").At(pos)
	}
	return out, nil
}

func cannotCast(from, to *types.Type) *pgerr.Error {
	return pgerr.New(pgerr.CannotCoerce, "cannot cast type %s to %s", formatType(from, types.NoMod), formatType(to, types.NoMod))
}

// applyMod applies a length: varchar(n), numeric(p,s), timestamp(p) …. hide marks
// that the conversion before it is not shown.
func (b *binder) applyMod(e plan.Expr, t *types.Type, mod int32, ctx context, _ bool, pos int32) (plan.Expr, error) {
	if mod < 0 || t.Class == types.Domain || e.Mod() == mod && types.Same(e.Type(), t) {
		return e, nil
	}
	if t.IsArray() {
		if lengthCast(t.Elem) == nil {
			return e, nil
		}
		return b.castArray(e, t, mod, ctx, pos)
	}
	fn := lengthCast(t)
	if fn == nil {
		return e, nil
	}
	call := b.castCall(fn, e, t, mod, ctx, pos)
	if isConst(e) {
		return fold.Expr(call, b.Env), nil
	}
	return call, nil
}

// lengthCast gives the function that applies a type's modifier, nil for none.
func lengthCast(t *types.Type) *funcs.Func {
	if c := funcs.FindCast(t.OID, t.OID); c != nil && c.Method == funcs.CastByFunc {
		return c.Func
	}
	return nil
}

// mustCoerce is coerce where failure is an error of the given maker.
func (b *binder) mustCoerce(e plan.Expr, t *types.Type, mod int32, ctx context, pos int32, fail func() *pgerr.Error) (plan.Expr, error) {
	x, err := b.coerce(e, t, mod, ctx, pos)
	if err != nil {
		return nil, err
	}
	if x == nil {
		return nil, fail().At(pos)
	}
	return x, nil
}

// toBoolean coerces a condition; construct names it in the error.
func (b *binder) toBoolean(e plan.Expr, construct string, pos int32) (plan.Expr, error) {
	if e.Type().OID == types.BoolOID {
		return e, nil
	}
	return b.mustCoerce(e, types.TBool, types.NoMod, assignment, pos, func() *pgerr.Error {
		return pgerr.New(pgerr.DatatypeMismatch, "argument of %s must be type boolean, not type %s", construct, formatType(e.Type(), types.NoMod))
	})
}

// toType coerces to a given type; construct names it in the error.
func (b *binder) toType(e plan.Expr, t *types.Type, construct string, pos int32) (plan.Expr, error) {
	return b.mustCoerce(e, t, types.NoMod, assignment, pos, func() *pgerr.Error {
		return pgerr.New(pgerr.DatatypeMismatch, "argument of %s must be type %s, not type %s", construct, formatType(t, types.NoMod), formatType(e.Type(), types.NoMod))
	})
}

// commonType chooses the type that all expressions can become (UNION, CASE,
// ARRAY …); construct names it in the error. With allUnknown it gives text.
func commonType(list []plan.Expr, construct string, positions []int32) (*types.Type, error) {
	ptype := list[0].Type()
	same := ptype.OID != types.UnknownOID
	for _, e := range list[1:] {
		same = same && types.Same(e.Type(), ptype)
	}
	if same {
		return ptype, nil
	}
	ptype = ptype.Underlying()
	for i, e := range list[1:] {
		n := e.Type().Underlying()
		if n.OID == types.UnknownOID || types.Same(n, ptype) {
			continue
		}
		switch {
		case ptype.OID == types.UnknownOID:
			ptype = n
		case n.Category != ptype.Category:
			if construct == "" {
				return nil, nil
			}
			return nil, pgerr.New(pgerr.DatatypeMismatch, "%s types %s and %s cannot be matched", construct,
				formatType(ptype, types.NoMod), formatType(n, types.NoMod)).At(posOf(positions, i+1))
		case !ptype.Preferred && canCoerce([]*types.Type{ptype}, []*types.Type{n}, implicit) && !canCoerce([]*types.Type{n}, []*types.Type{ptype}, implicit):
			ptype = n
		}
	}
	if ptype.OID == types.UnknownOID {
		ptype = types.TText
	}
	return ptype, nil
}

func posOf(p []int32, i int) int32 {
	if i < len(p) {
		return p[i]
	}
	return -1
}

// toCommon coerces e to the common type of a construct.
func (b *binder) toCommon(e plan.Expr, t *types.Type, construct string, pos int32) (plan.Expr, error) {
	if types.Same(e.Type(), t) {
		return e, nil
	}
	return b.mustCoerce(e, t, types.NoMod, implicit, pos, func() *pgerr.Error {
		return pgerr.New(pgerr.CannotCoerce, "%s could not convert type %s to %s", construct, formatType(e.Type(), types.NoMod), formatType(t, types.NoMod))
	})
}

// commonMod is the modifier that all expressions of the common type share.
func commonMod(list []plan.Expr, t *types.Type) int32 {
	mod := types.NoMod
	for i, e := range list {
		if !types.Same(e.Type(), t) || e.Mod() < 0 || i > 0 && e.Mod() != mod {
			return types.NoMod
		}
		mod = e.Mod()
	}
	return mod
}
