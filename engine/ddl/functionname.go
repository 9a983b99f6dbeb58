package ddl

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// findFunction finds a user's function or procedure (LookupFuncWithArgs).
func (r *run) findFunction(kind ast.ObjectKind, n ast.Name) (*catalog.Function, error) {
	if err := r.checkQualified(n); err != nil {
		return nil, err
	}
	path := r.path()
	if n.Schema != "" {
		sc, err := r.usable(n.Schema)
		if err != nil {
			return nil, err
		}
		path = catalog.Path{sc.OID}
	}
	word := map[ast.ObjectKind]string{ast.ObjFunction: "function", ast.ObjProcedure: "procedure", ast.ObjRoutine: "routine", ast.ObjAggregate: "aggregate"}[kind]
	list, args, err := r.namedFunctions(path, n, kind)
	if err != nil {
		return nil, err
	}
	switch {
	case len(list) > 1:
		return nil, pgerr.New(pgerr.AmbiguousFunction, "%s name \"%s\" is not unique", word, n.String()).
			WithHint("Specify the argument list to select the %s unambiguously.", word)
	case len(list) == 0 && n.Args == nil:
		return nil, pgerr.New(pgerr.UndefinedFunction, "could not find a %s named \"%s\"", word, n.String())
	case len(list) == 0 && n.Args.Star:
		return nil, pgerr.New(pgerr.UndefinedFunction, "%s %s(*) does not exist", word, n.String())
	case len(list) == 0:
		return nil, pgerr.New(pgerr.UndefinedFunction, "%s %s(%s) does not exist", word, n.String(), args)
	}
	f := list[0]
	shown := n.String() + "(" + args + ")"
	if n.Args == nil {
		shown = r.routineSignature(f)
	}
	switch {
	case kind == ast.ObjFunction && f.Procedure:
		return nil, pgerr.New(pgerr.WrongObjectType, "%s is not a function", shown)
	case kind == ast.ObjProcedure && !f.Procedure:
		return nil, pgerr.New(pgerr.WrongObjectType, "%s is not a procedure", shown)
	case kind == ast.ObjAggregate && f.Agg == nil:
		return nil, pgerr.New(pgerr.WrongObjectType, "function %s is not an aggregate", shown)
	}
	return f, nil
}

// namedFunctions lists the functions that a name may mean: of the first schema on the
// path that has one. args shows the types that were given.
func (r *run) namedFunctions(path catalog.Path, n ast.Name, kind ast.ObjectKind) (list []*catalog.Function, args string, err error) {
	var in, all []OID
	if n.Args != nil {
		var parts []string
		for i := range n.Args.Params {
			p := &n.Args.Params[i]
			t, _, err := planner.ResolveType(r.planner(), &p.Type)
			if err != nil {
				return nil, "", err
			}
			all = append(all, t.OID)
			if p.Mode != 'o' {
				in = append(in, t.OID)
				parts = append(parts, r.typeName(t))
			}
		}
		args = strings.Join(parts, ", ")
	}
	for _, schema := range path {
		for _, f := range r.e.FunctionsNamed(schema, n.Object) {
			fits := n.Args == nil || slices.Equal(f.Inputs(), in) || f.Procedure && kind != ast.ObjFunction && slices.Equal(allTypes(f), all)
			if fits && (n.Args != nil || kind == ast.ObjRoutine || f.Procedure == (kind == ast.ObjProcedure)) {
				list = append(list, f)
			}
		}
		if n.Args == nil && len(list) == 0 && len(r.e.FunctionsNamed(schema, n.Object)) > 0 {
			list = r.e.FunctionsNamed(schema, n.Object)[:1]
		}
		if len(list) > 0 {
			return list, args, nil
		}
		if n.Args != nil {
			if err := r.builtIn(schema, n, in); err != nil {
				return nil, "", err
			}
		}
	}
	return nil, args, nil
}

func allTypes(f *catalog.Function) []OID {
	var out []OID
	for _, a := range f.Args {
		out = append(out, a.Type)
	}
	return out
}

// builtIn refuses to change a function that belongs to the system.
func (r *run) builtIn(schema OID, n ast.Name, in []OID) error {
	for _, f := range funcs.ByNameIn(schema, n.Object) {
		if slices.EqualFunc(f.Args, in, func(t *types.Type, oid OID) bool { return t.OID == oid }) {
			return pgerr.NotSupported("changing function %s, which belongs to the system", n.Object)
		}
	}
	return nil
}

// ownFunction is findFunction of one that the role owns.
func (r *run) ownFunction(kind ast.ObjectKind, n ast.Name) (*catalog.Function, error) {
	f, err := r.findFunction(kind, n)
	if err == nil && !r.owns(f.Owner) {
		err = notOwner(routineWord(f), f.Name)
	}
	return f, err
}
