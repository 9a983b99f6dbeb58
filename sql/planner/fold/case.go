package fold

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// foldCase drops arms that cannot be reached. A simple CASE of a constant is a
// searched one whose conditions compare with that constant: what only its dead arms
// read, an aggregate that fails for instance, is then never computed.
func foldCase(x *plan.Case, env *funcs.Env) plan.Expr {
	if x.Arg != nil {
		c, ok := x.Arg.(*plan.Const)
		if !ok {
			return x
		}
		x = withoutArg(x, c, env)
	}
	var whens []plan.When
	for _, w := range x.Whens {
		v, null, ok := constBool(w.Cond)
		if ok && (null || !v) {
			continue
		}
		if ok && len(whens) == 0 {
			return w.Then
		}
		if ok {
			return &plan.Case{Whens: whens, Else: w.Then, Typ: x.Typ, TypMod: x.TypMod}
		}
		whens = append(whens, w)
	}
	switch {
	case len(whens) == 0:
		return x.Else
	case len(whens) == len(x.Whens):
		return x
	}
	return &plan.Case{Whens: whens, Else: x.Else, Typ: x.Typ, TypMod: x.TypMod}
}

// withoutArg puts the operand of a simple CASE into its conditions.
func withoutArg(x *plan.Case, arg *plan.Const, env *funcs.Env) *plan.Case {
	out := &plan.Case{Whens: make([]plan.When, len(x.Whens)), Else: x.Else, Typ: x.Typ, TypMod: x.TypMod}
	for i, w := range x.Whens {
		out.Whens[i] = plan.When{Cond: Expr(putArg(w.Cond, arg), env), Then: w.Then}
	}
	return out
}

// putArg replaces CaseArg by the operand. A simple CASE within a condition has its
// own operand, which its arms mean by CaseArg.
func putArg(e plan.Expr, arg *plan.Const) plan.Expr {
	switch x := e.(type) {
	case *plan.CaseArg:
		return &plan.Const{Val: arg.Val, Typ: x.Typ, TypMod: x.TypMod}
	case *plan.Case:
		if x.Arg != nil {
			return e
		}
	}
	old := e.Children()
	if len(old) == 0 {
		return e
	}
	kids := make([]plan.Expr, len(old))
	for i, k := range old {
		kids[i] = putArg(k, arg)
	}
	return e.WithChildren(kids)
}
