package ddl

import (
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/plpgsql"
	"github.com/streamsqld/streamsqld/sql/types"
)

// TriggerVars are the variables that a trigger function has, in the order of their
// numbers.
var TriggerVars = []plpgsql.Given{
	{Names: []string{"new"}, Kind: plpgsql.Record}, {Names: []string{"old"}, Kind: plpgsql.Record},
	{Names: []string{"tg_name"}}, {Names: []string{"tg_when"}}, {Names: []string{"tg_level"}}, {Names: []string{"tg_op"}},
	{Names: []string{"tg_relid"}}, {Names: []string{"tg_relname"}}, {Names: []string{"tg_table_name"}}, {Names: []string{"tg_table_schema"}},
	{Names: []string{"tg_nargs"}}, {Names: []string{"tg_argv"}},
}

// TriggerTypes are the types of TriggerVars; nil is that of a record.
var TriggerTypes = []*types.Type{
	nil, nil, types.TName, types.TText, types.TText, types.TText, types.TOid, types.TName, types.TName, types.TName, types.TInt4,
	types.TText.Array,
}

// ParsePLpgSQL reads the body of a function written in PL/pgSQL. Its parameters are
// the first variables, in their order; isComposite tells types of rows.
func ParsePLpgSQL(f *catalog.Function) (*plpgsql.Function, error) {
	o := plpgsql.Options{Name: f.Name, Procedure: f.Procedure, Set: f.RetSet, Void: f.Ret == types.VoidOID && !f.Procedure, Trigger: f.Ret == types.TriggerOID}
	for i := range f.Args {
		a := &f.Args[i]
		g := plpgsql.Given{Names: []string{"$" + strconv.Itoa(i+1)}}
		if a.Name != "" {
			g.Names = append([]string{a.Name}, g.Names...)
		}
		if a.Type == refcursorOID {
			g.Kind = plpgsql.Cursor
		}
		o.Given = append(o.Given, g)
		o.HasOut = o.HasOut || a.Output()
	}
	if o.Trigger {
		o.Given = TriggerVars
	}
	return plpgsql.Parse(f.Src, o)
}

const refcursorOID = 1790

// checkPLpgSQL reads the body of a function in PL/pgSQL and resolves the types of its
// variables (plpgsql_validator).
func (f *newFunction) checkPLpgSQL() error {
	fn, err := ParsePLpgSQL(f.def)
	if err == nil {
		err = CheckVariables(f.planner(), fn)
	}
	return f.placed(err)
}

// CheckVariables resolves the types of a body's variables.
func CheckVariables(c *planner.Context, fn *plpgsql.Function) error {
	for _, v := range fn.Vars {
		if v.Type == nil || v.Kind == plpgsql.RowType || v.Type.PctType {
			continue
		}
		t, _, err := planner.ResolveType(c, v.Type)
		switch {
		case err != nil:
			e := *pgerr.From(err)
			e.Pos = 0
			return &e
		case t.Class == types.Pseudo && t.OID != types.RecordOID && !t.IsPolymorphic():
			return pgerr.New(pgerr.FeatureNotSupported, "variable \"%s\" has pseudo-type %s", v.Name, t.SQLName(types.NoMod)).At(v.TypePos)
		}
	}
	return nil
}

// InlineFunction makes the function that DO runs.
func InlineFunction(st *ast.Do, owner catalog.OID) (*catalog.Function, error) {
	switch st.Language {
	case "", "plpgsql":
	case "sql", "c", "internal":
		return nil, pgerr.New(pgerr.FeatureNotSupported, "language \"%s\" does not support inline code execution", st.Language)
	default:
		return nil, pgerr.New(pgerr.UndefinedObject, "language \"%s\" does not exist", st.Language)
	}
	return &catalog.Function{Name: "inline_code_block", Owner: owner, Lang: catalog.LangPLpgSQL, Src: st.Body, Ret: types.VoidOID, Volatility: 'v'}, nil
}

// plpgsqlTypes checks the pseudo-types that a function in PL/pgSQL has.
func (f *newFunction) plpgsqlTypes(ret *types.Type) error {
	if ret.Class == types.Pseudo && !ret.IsPolymorphic() && ret.OID != types.RecordOID && ret.OID != types.VoidOID && ret.OID != types.TriggerOID {
		return pgerr.New(pgerr.FeatureNotSupported, "PL/pgSQL functions cannot return type %s", ret.SQLName(types.NoMod))
	}
	if ret.OID == types.TriggerOID && len(f.def.Args) > 0 {
		return invalidFunction("trigger functions cannot have declared arguments").
			WithHint("The arguments of the trigger can be accessed through TG_NARGS and TG_ARGV instead.")
	}
	for i := range f.def.Args {
		if t := f.e.TypeByOID(f.def.Args[i].Type); t.Class == types.Pseudo && !t.IsPolymorphic() && t.OID != types.RecordOID {
			return pgerr.New(pgerr.FeatureNotSupported, "PL/pgSQL functions cannot accept type %s", t.SQLName(types.NoMod))
		}
	}
	return nil
}
