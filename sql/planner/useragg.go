package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// userAggregate gives what the call of an aggregate does that a user has made: the call
// of PostgreSQL's own aggregate that is made of the same functions, or its functions as
// expressions. Other calls stay as they are.
func (b *binder) userAggregate(bc *boundCall, pos int32) (*boundCall, *plan.UserAgg, error) {
	if bc.fn.OID < types.FirstUserOID || bc.fn.Kind != funcs.Aggregate {
		return bc, nil, nil
	}
	f := b.called(bc.fn)
	d := f.Agg
	init := ""
	if d.Init != nil {
		init = *d.Init
	}
	out := *bc
	if like := funcs.AggregateOf(d.Kind, d.Direct, d.Trans, d.Final, d.TransType, init, bc.fn.Args); like != nil {
		out.fn = like
		return &out, nil, nil
	}
	u := &userAggregation{b: b, bc: bc, f: f, pos: pos, def: &plan.UserAgg{Direct: d.Direct, Types: argTypes(bc.args)}}
	if err := u.bind(); err != nil {
		return nil, nil, err
	}
	out.fn = bc.fn.With(&funcs.Impl{Agg: funcs.AggTraits{Ordered: true}})
	return &out, u.def, nil
}

// userAggregation binds the functions of a user's aggregate for a call.
type userAggregation struct {
	b   *binder
	bc  *boundCall
	f   *catalog.Function
	pos int32
	def *plan.UserAgg
}

func (u *userAggregation) bind() error {
	d := u.f.Agg
	if len(u.bc.args) != len(u.bc.fn.Args) {
		return pgerr.NotSupported("aggregate %s, which is variadic over any types,", u.f.Name).At(u.pos)
	}
	declared := u.b.Catalog.TypeByOID(d.TransType)
	_, state, err := resolveGenerics(u.def.Types, u.bc.fn.Args, declared)
	if err != nil {
		return pgerr.AtPos(err, u.pos)
	}
	u.def.State = state
	if d.Init != nil {
		if u.def.Init, err = state.In(&u.b.Env.Env, *d.Init, types.NoMod); err != nil {
			return err
		}
	}
	return u.functions(d)
}

// functions binds the transition and the final function.
func (u *userAggregation) functions(d *catalog.AggDef) error {
	trans := u.b.Catalog.FuncByOID(d.Trans)
	cols, refs := u.columns(u.def.Types[d.Direct:])
	x, err := u.call(trans, refs, u.def.State)
	if err != nil {
		return err
	}
	u.def.Trans, u.def.TransCols, u.def.Strict = x, cols, trans.Strict
	if d.Final == 0 {
		return nil
	}
	final := u.b.Catalog.FuncByOID(d.Final)
	cols, refs = u.columns(u.def.Types[:d.Direct])
	if d.FinalExtra {
		for _, t := range u.def.Types[d.Direct:] {
			refs = append(refs, &plan.Const{Typ: t, TypMod: types.NoMod})
		}
	}
	if x, err = u.call(final, refs, u.bc.ret); err != nil {
		return err
	}
	u.def.Final, u.def.FinalCols, u.def.FinalStrict = x, cols, final.Strict
	return nil
}

// columns makes columns for a state and for arguments.
func (u *userAggregation) columns(args []*types.Type) (cols []plan.ColID, refs []plan.Expr) {
	q := u.b.newQuery(nil)
	for _, t := range append([]*types.Type{u.def.State}, args...) {
		id := u.b.newCol(q, plan.ColInfo{Name: "state", Type: t, Mod: types.NoMod})
		delete(u.b.owner, id) // it belongs to no level
		cols, refs = append(cols, id), append(refs, u.b.meta.Ref(id))
	}
	return cols, refs
}

// call binds the call of one of the functions, whose value becomes one of type want.
func (u *userAggregation) call(fn *funcs.Func, args []plan.Expr, want *types.Type) (plan.Expr, error) {
	b := u.b
	cand := callForm(fn, len(args), nil, fn.Variadic != nil)
	if cand == nil {
		return nil, pgerr.NotSupported("aggregate %s over function %s", u.f.Name, fn.Signature()).At(u.pos)
	}
	bc, err := b.coerceCall(cand, args, fn.Variadic != nil, u.pos)
	if err != nil {
		return nil, err
	}
	x, err := u.value(bc)
	if err != nil || types.Same(x.Type(), want) {
		return x, err
	}
	return b.coerceType(x, want, types.NoMod, explicit, u.pos)
}

func (u *userAggregation) value(bc *boundCall) (plan.Expr, error) {
	b, c := u.b, &ectx{place: inTransition}
	if isUsers(bc.fn) {
		x, err := b.sqlCall(bc, c, u.pos)
		if err == nil && plan.HasSubquery(x) {
			err = pgerr.NotSupported("aggregate %s over function %s, whose body is a query,", u.f.Name, bc.fn.Name).At(u.pos)
		}
		return x, err
	}
	if err := b.routine(bc, c, u.pos); err != nil {
		return nil, err
	}
	if b.View {
		if err := refuseInView(bc.fn, u.pos); err != nil {
			return nil, err
		}
	}
	return b.scalarCall(bc, u.pos), nil
}
