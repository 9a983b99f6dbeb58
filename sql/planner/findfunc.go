package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// FindFunction finds the function that a name means with arguments of these types, as a
// call does, and the type of its result (lookup_agg_function). One that needs an argument
// to be converted is refused.
func FindFunction(ctx *Context, n ast.Name, args []*types.Type, variadic bool) (*funcs.Func, *types.Type, error) {
	b := newBinder(ctx)
	signature := callSignature(n.String(), args, nil)
	if n.Schema != "" && b.Catalog.Schema(n.Schema) == nil {
		return nil, nil, pgerr.New(pgerr.InvalidSchemaName, "schema \"%s\" does not exist", n.Schema)
	}
	var best *candidate
	for _, variadic := range []bool{variadic, false} {
		cands := b.funcCandidates(n.Schema, n.Object, len(args), nil, variadic)
		for _, c := range cands {
			if best == nil && sameTypes(c.args[:len(args)], args) {
				best = c
			}
		}
		if best == nil {
			best = bestOf(matching(cands, args), args)
		}
		if best != nil {
			break
		}
	}
	if best == nil || best.fn.Kind != funcs.Scalar {
		return nil, nil, pgerr.New(pgerr.UndefinedFunction, "function %s does not exist", signature)
	}
	if best.fn.RetSet {
		return nil, nil, pgerr.New(pgerr.DatatypeMismatch, "function %s returns a set", signature)
	}
	want, ret, err := resolveGenerics(args, best.args[:len(args)], best.fn.Ret)
	if err != nil || anyPolymorphic(args) {
		want, ret = best.args[:len(args)], declaredResult(args, best)
	}
	for i, t := range want {
		if !args[i].IsPolymorphic() && !t.IsPolymorphic() && t.OID != types.AnyOID && !BinaryCoercible(args[i], t) {
			return nil, nil, pgerr.New(pgerr.DatatypeMismatch, "function %s requires run-time type coercion", callSignature(n.String(), want, nil))
		}
	}
	return best.fn, ret, nil
}

func anyPolymorphic(ts []*types.Type) bool {
	for _, t := range ts {
		if t.IsPolymorphic() {
			return true
		}
	}
	return false
}

// declaredResult is the type of a polymorphic function's result over arguments that are
// polymorphic themselves.
func declaredResult(args []*types.Type, c *candidate) *types.Type {
	for i, t := range c.args[:len(args)] {
		if types.Same(t, c.fn.Ret) {
			return args[i]
		}
	}
	return c.fn.Ret
}

// BinaryCoercible tells whether values of one type are values of another as they are.
func BinaryCoercible(from, to *types.Type) bool {
	if types.Same(from, to) || to.OID == types.AnyOID {
		return true
	}
	kind, _ := pathway(to, from, implicit)
	return kind == pathRelabel
}

// CheckFunctionUse checks that the role may call a user's function.
func CheckFunctionUse(ctx *Context, role catalog.OID, f *funcs.Func) bool {
	u := ctx.Catalog.FunctionByOID(f.OID)
	return u == nil || ctx.Catalog.FunctionAllowed(role, u)
}
