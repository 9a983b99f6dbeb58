package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// sampleRun is how many rows, by the logarithm, SYSTEM takes or leaves together: what
// a page of PostgreSQL's holds of narrow rows.
const sampleRun = 7

// sampled binds TABLESAMPLE: a filter over the row ids, which a hash spreads. The
// same seed takes the same rows as long as they are not changed.
func (b *binder) sampled(rel *catalog.Relation, f *fromItem, t *ast.TableRef, q *query) (*fromItem, error) {
	s := t.Sample
	if rel.Kind != catalog.Table && rel.Kind != catalog.Stream && rel.Kind != catalog.MatView && rel.Shown != 'r' {
		return nil, notSampled(t)
	}
	system, err := sampleMethod(s)
	if err != nil {
		return nil, err
	}
	threshold, seed, err := b.sampleArgs(s, q)
	switch {
	case err != nil:
		return nil, err
	case b.View:
		return nil, pgerr.NotSupported("TABLESAMPLE in a materialized view").At(s.Method.Pos)
	case rel.Kind != catalog.Table && rel.Kind != catalog.Stream:
		return nil, pgerr.NotSupported("TABLESAMPLE of \"%s\", which is no table or stream", rel.Name).At(s.Method.Pos)
	}
	var id plan.Expr = b.meta.Ref(b.rowID(f.items[0]))
	if system {
		id = sampleOp(">>", id, &plan.Const{Val: types.NewInt(sampleRun), Typ: types.TInt4, TypMod: types.NoMod})
	}
	mask := &plan.Const{Val: types.NewInt(1<<32 - 1), Typ: types.TInt8, TypMod: types.NoMod}
	hash := sampleOp("&", sampleCall("hashint8extended", types.TInt8, id, seed), mask)
	f.node = filter(f.node, sampleOp("<", hash, threshold))
	return f, nil
}

func notSampled(t *ast.TableRef) error {
	return pgerr.New(pgerr.FeatureNotSupported, "TABLESAMPLE clause can only be applied to tables and materialized views").At(t.Pos)
}

// sampleMethod tells whether the method is SYSTEM, and not BERNOULLI.
func sampleMethod(s *ast.Sample) (system bool, err error) {
	n := s.Method
	if n.Schema != "" && n.Schema != "pg_catalog" || n.Object != "system" && n.Object != "bernoulli" {
		return false, pgerr.New(pgerr.UndefinedObject, "tablesample method %s does not exist", n.String()).At(n.Pos)
	}
	if len(s.Args) != 1 {
		return false, pgerr.New(pgerr.InvalidTablesampleArgument, "tablesample method %s requires 1 argument, not %d", n.Object, len(s.Args)).At(n.Pos)
	}
	return n.Object == "system", nil
}

// sampleArgs binds the percentage and the seed. Without REPEATABLE the seed is drawn
// each time the statement runs.
func (b *binder) sampleArgs(s *ast.Sample, q *query) (threshold, seed plan.Expr, err error) {
	arg := func(e ast.Expr, t *types.Type, construct string) (plan.Expr, error) {
		x, err := b.expr(e, q.at(inFromFunc))
		if err != nil {
			return nil, err
		}
		return b.toType(x, t, construct, ast.Leftmost(e))
	}
	percent, err := arg(s.Args[0], types.TFloat4, "TABLESAMPLE")
	if err != nil {
		return nil, nil, err
	}
	threshold = sampleCall("tablesample_threshold", types.TInt8, percent)
	if s.Repeatable != nil {
		x, err := arg(s.Repeatable, types.TFloat8, "REPEATABLE")
		if err != nil {
			return nil, nil, err
		}
		return threshold, sampleCall("tablesample_seed", types.TInt8, x), nil
	}
	b.volatile = true
	draw := sampleCall("tablesample_seed", types.TInt8, sampleCall("random", types.TFloat8))
	id := b.newCol(b.newQuery(nil), plan.ColInfo{Name: "seed", Type: types.TInt8, Mod: types.NoMod, NotNull: true})
	once := &plan.Values{Rows: [][]plan.Expr{{draw}}, Cols: []plan.ColID{id}}
	return threshold, &plan.Subquery{Kind: plan.SubScalar, Plan: once, Typ: types.TInt8, TypMod: types.NoMod}, nil
}

func sampleCall(name string, ret *types.Type, args ...plan.Expr) plan.Expr {
	var ts []*types.Type
	for _, a := range args {
		ts = append(ts, a.Type())
	}
	return &plan.Call{Fn: funcs.FindFunc(name, ts...), Args: args, Ret: ret, RetMod: types.NoMod, Pos: -1}
}

func sampleOp(op string, l, r plan.Expr) plan.Expr {
	o := funcs.FindOperator(op, l.Type().OID, r.Type().OID)
	return &plan.Call{Fn: o.Func, Op: op, Args: []plan.Expr{l, r}, Ret: o.Ret, RetMod: types.NoMod, Pos: -1}
}
