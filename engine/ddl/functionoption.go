package ddl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// options reads the attributes of CREATE FUNCTION.
func (f *newFunction) options() (lang string, err error) {
	seen := map[string]bool{}
	for i := range f.st.Options {
		o := &f.st.Options[i]
		if seen[o.Name] && o.Name != "set" && o.Name != "reset" {
			return "", pgerr.New(pgerr.SyntaxError, "conflicting or redundant options").At(o.Pos)
		}
		seen[o.Name] = true
		switch o.Name {
		case "language":
			lang = o.Value
			continue
		case "window":
			if f.st.Procedure {
				return "", invalidFunction("invalid attribute in procedure definition").At(o.Pos)
			}
			continue
		case "transform":
			return "", pgerr.NotSupported("TRANSFORM")
		case "rows":
			f.hasRows = true
		}
		if err := f.option(f.def, o); err != nil {
			return "", err
		}
	}
	if seen["window"] && (lang == "sql" || lang == "") {
		return "", pgerr.NotSupported("a window function in language sql")
	}
	return lang, nil
}

// option applies an attribute that ALTER FUNCTION knows, too.
func (r *run) option(f *catalog.Function, o *ast.FuncOption) error {
	if f.Procedure && o.Name != "security" && o.Name != "set" && o.Name != "reset" {
		return invalidFunction("invalid attribute in procedure definition").At(o.Pos)
	}
	positive := func(name string) (float64, error) {
		x, err := strconv.ParseFloat(o.Value, 64)
		if err != nil || x <= 0 {
			return 0, pgerr.New(pgerr.InvalidParameterValue, "%s must be positive", name)
		}
		return float64(float32(x)), nil
	}
	var err error
	switch o.Name {
	case "volatility":
		f.Volatility = map[string]byte{"IMMUTABLE": 'i', "STABLE": 's', "VOLATILE": 'v'}[o.Value]
	case "strict":
		f.Strict = o.Value == "true"
	case "security":
		f.SecDef = o.Value == "DEFINER"
	case "leakproof":
		if f.Leakproof = o.Value == "true"; f.Leakproof && !r.s.Super() {
			return pgerr.New(pgerr.InsufficientPrivilege, "only superuser can define a leakproof function")
		}
	case "cost":
		f.Cost, err = positive("COST")
	case "rows":
		f.Rows, err = positive("ROWS")
	case "parallel":
		p := map[string]byte{"safe": 's', "restricted": 'r', "unsafe": 'u'}[o.Value]
		if p == 0 {
			return pgerr.New(pgerr.SyntaxError, "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE")
		}
		f.Parallel = p
	case "support":
		return pgerr.NotSupported("SUPPORT")
	default:
		return r.functionSetting(f, o)
	}
	return err
}

// functionSetting applies SET and RESET: of search_path, along which the body's names
// are looked up.
func (r *run) functionSetting(f *catalog.Function, o *ast.FuncOption) error {
	drop := func(name string) {
		f.Config = slices.DeleteFunc(slices.Clone(f.Config), func(c string) bool { return strings.HasPrefix(c, name+"=") })
		if len(f.Config) == 0 {
			f.Config = nil
		}
	}
	switch {
	case o.Name == "reset" && o.Value == "ALL":
		f.Config = nil
		return nil
	case o.Name == "reset":
		drop(o.Value)
		return nil
	case o.Set.Name != "search_path" && f.Lang != "":
		drop(o.Set.Name)
		if !o.Set.Default {
			f.Config = append(f.Config, o.Set.Name+"="+strings.Join(settingValues(o.Set), ", "))
		}
		return nil
	case o.Set.Name != "search_path":
		return pgerr.NotSupported("SET %s of a function", o.Set.Name).At(o.Pos)
	}
	drop("search_path")
	if o.Set.Default {
		return nil
	}
	var list []string
	for _, v := range o.Set.Values {
		switch v := v.(type) {
		case *ast.Literal:
			list = append(list, catalog.QuoteIdent(v.Text))
		case *ast.ColumnRef:
			list = append(list, catalog.QuoteIdent(v.Parts[0]))
		}
	}
	f.Config = append(f.Config, "search_path="+strings.Join(list, ", "))
	return nil
}

// settingValues are the values of a SET as they are kept.
func settingValues(st *ast.SetVar) []string {
	var list []string
	for _, v := range st.Values {
		switch v := v.(type) {
		case *ast.Literal:
			list = append(list, v.Text)
		case *ast.ColumnRef:
			list = append(list, v.Parts[0])
		default:
			list = append(list, ast.FormatExpr(v))
		}
	}
	return list
}
