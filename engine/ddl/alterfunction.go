package ddl

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// alterFunction runs ALTER FUNCTION with attributes.
func (r *run) alterFunction(st *ast.AlterFunction) error {
	f, err := r.ownFunction(st.Kind, st.Name)
	if err != nil {
		return err
	}
	if f.Agg != nil {
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is an aggregate function", st.Name.Object)
	}
	n := *f
	for i := range st.Options {
		o := &st.Options[i]
		if o.Name == "rows" && !n.RetSet {
			return pgerr.New(pgerr.InvalidParameterValue, "ROWS is not applicable when function does not return a set")
		}
		if err := r.option(&n, o); err != nil {
			return err
		}
	}
	if n.Strict != f.Strict || !slices.Equal(n.Config, f.Config) || n.SecDef != f.SecDef {
		if err := r.unusedByState(f, "changing the attributes of function"); err != nil {
			return err
		}
	}
	r.e.PutFunction(&n)
	return nil
}

// dropFunctions runs DROP FUNCTION, PROCEDURE and ROUTINE.
func (r *run) dropFunctions(st *ast.Drop) error {
	var list []Object
	for _, n := range st.Names {
		f, err := r.findFunction(st.Kind, n)
		if err != nil {
			e, ok := err.(*pgerr.Error)
			if !ok || !st.IfExists || e.Code != pgerr.UndefinedFunction && e.Code != pgerr.UndefinedSchema && e.Code != pgerr.InvalidSchemaName && e.Code != pgerr.UndefinedObject {
				if n.Args == nil && ok && e.Code == pgerr.UndefinedFunction {
					return r.dropMissing(st, n, otherWords[st.Kind])
				}
				return err
			}
			r.skipFunction(st, n, e)
			continue
		}
		if f.Agg != nil && st.Kind == ast.ObjFunction {
			return pgerr.New(pgerr.WrongObjectType, "\"%s\" is an aggregate function", n.Object).WithHint("Use DROP AGGREGATE to drop aggregate functions.")
		}
		if s := r.e.SchemaByOID(f.Schema); !r.owns(f.Owner) && (s == nil || !r.owns(s.Owner)) {
			return notOwner(routineWord(f), f.Name)
		}
		list = append(list, Object{Class: catalog.ClassFunction, OID: f.OID})
	}
	if len(list) == 0 {
		return nil
	}
	return r.dropObjects(list, st.Cascade, Name(st))
}

// skipFunction says what is missing, as IF EXISTS does.
func (r *run) skipFunction(st *ast.Drop, n ast.Name, e *pgerr.Error) {
	switch e.Code {
	case pgerr.UndefinedFunction:
		if n.Args == nil {
			r.notice(pgerr.SuccessfulCompletion, "%s %s() does not exist, skipping", otherWords[st.Kind], n.String())
			return
		}
		var shown string
		if n.Args.Star {
			shown = "*"
		}
		for i := range n.Args.Params {
			if i > 0 {
				shown += ","
			}
			t := n.Args.Params[i].Type
			shown += t.Name.String() + strings.Repeat("[]", len(t.ArrayDims))
		}
		r.notice(pgerr.SuccessfulCompletion, "%s %s(%s) does not exist, skipping", otherWords[st.Kind], n.String(), shown)
	default:
		r.notice(pgerr.SuccessfulCompletion, "%s, skipping", e.Message)
	}
}

// renameFunction runs ALTER FUNCTION … RENAME TO.
func (r *run) renameFunction(st *ast.Rename) error {
	f, err := r.ownFunction(st.Kind, st.Name)
	if err != nil {
		return err
	}
	n := *f
	n.Name = st.NewName
	return r.moveFunction(f, &n, "renaming")
}

// functionSchema runs ALTER FUNCTION … SET SCHEMA.
func (r *run) functionSchema(st *ast.SetSchema) error {
	f, err := r.ownFunction(st.Kind, st.Name)
	if err != nil {
		return err
	}
	to, err := r.destination(st.NewSchema, f.Schema)
	if err != nil || to.OID == f.Schema {
		return err
	}
	n := *f
	n.Schema = to.OID
	return r.moveFunction(f, &n, "moving")
}

// moveFunction gives a function another name or schema. Texts that call it are not
// written again, so there must be none.
func (r *run) moveFunction(f, n *catalog.Function, what string) error {
	if err := r.creatable(n.Schema); err != nil {
		return err
	}
	if err := r.lockName(n.Schema, n.Name+"("); err != nil {
		return err
	}
	for _, x := range r.e.FunctionsNamed(n.Schema, n.Name) {
		if slices.Equal(x.Inputs(), n.Inputs()) {
			return pgerr.New(pgerr.DuplicateFunction, "%s %s already exists in schema \"%s\"", routineWord(f), r.routineSignature(n), r.e.SchemaByOID(n.Schema).Name)
		}
	}
	for _, d := range r.graph().of[Object{Class: catalog.ClassFunction, OID: f.OID}] {
		if u := r.e.FunctionByOID(d.other.OID); d.other.Class == catalog.ClassFunction && u != nil && u.Agg != nil {
			continue // it knows its functions by OID
		}
		return pgerr.NotSupported("%s function %s, which %s uses", what, f.Name, r.describe(d.other))
	}
	r.e.PutFunction(n)
	return nil
}

// functionOwner runs ALTER FUNCTION … OWNER TO.
func (r *run) functionOwner(st *ast.ChangeOwner, role *catalog.Role) error {
	f, err := r.ownFunction(st.Kind, st.Name)
	if err != nil || f.Owner == role.OID {
		return err
	}
	if err := r.mayGive(role, f.Schema); err != nil {
		return err
	}
	n := *f
	n.ACL = newOwner(f.ACL, f.Owner, role.OID)
	n.Owner = role.OID
	r.e.PutFunction(&n)
	return nil
}

// functions runs GRANT ON FUNCTION, PROCEDURE and ROUTINE.
func (g *granting) functions(list []*catalog.Function) error {
	if err := g.privileges(catalog.OnFunction, "function"); err != nil {
		return err
	}
	for _, f := range list {
		acl, err := g.change(&aclTarget{kind: catalog.OnFunction, owner: f.Owner, acl: f.ACL, word: routineWord(f), name: f.Name}, g.bits)
		if err != nil {
			return err
		}
		n := *f
		n.ACL = acl
		g.e.PutFunction(&n)
	}
	return nil
}

func (g *granting) functionList() ([]*catalog.Function, error) {
	var list []*catalog.Function
	for _, n := range g.st.Objects {
		if !g.st.AllIn {
			f, err := g.findFunction(g.st.Kind, n)
			if err != nil {
				return nil, err
			}
			list = append(list, f)
			continue
		}
		s, err := g.usable(n.Object)
		if err != nil {
			return nil, err
		}
		for _, f := range g.e.Functions() {
			if f.Schema == s.OID && (g.st.Kind == ast.ObjRoutine || f.Procedure == (g.st.Kind == ast.ObjProcedure)) {
				list = append(list, f)
			}
		}
	}
	return list, nil
}
