package ast

// CreateFunction is CREATE [OR REPLACE] FUNCTION or PROCEDURE.
type CreateFunction struct {
	Procedure bool
	OrReplace bool
	Name      Name
	// Params are the parameters, then the columns of RETURNS TABLE (mode 't').
	Params  []FuncParam
	Returns *TypeName // nil: not given, or TABLE
	Table   bool
	Options []FuncOption
	// As is the string behind AS, with what follows it.
	As []string
	// AsText is the first of these as it is written, which begins at AsPos.
	AsText string
	AsPos  Pos
	// Body is a body that is no string: the text, from RETURN or BEGIN ATOMIC on,
	// and the texts of its statements; that of RETURN x is SELECT x.
	Body       string
	Statements []string
	Pos        Pos
}

// FuncParam is a parameter of a function. Mode is i, o, b (INOUT), v (VARIADIC) or t.
type FuncParam struct {
	Name    string
	Mode    byte
	Type    TypeName
	Default Expr
	Pos     Pos
}

// FuncOption is an attribute of a function: language, volatility, strict, security,
// leakproof, cost, rows, parallel, window, set, reset, support, transform.
type FuncOption struct {
	Name  string
	Value string
	Set   *SetVar // for set and reset
	Pos   Pos
}

// AlterFunction is ALTER FUNCTION, PROCEDURE or ROUTINE with attributes.
type AlterFunction struct {
	Kind    ObjectKind
	Name    Name
	Options []FuncOption
	Pos     Pos
}

// FuncArgs are the arguments that a function is named by. Of an ordered-set aggregate,
// those behind ORDER BY begin at Direct; a variadic argument that stands on both sides of
// it is there once, before it.
type FuncArgs struct {
	Params  []FuncParam
	Star    bool // (*)
	Ordered bool
	Direct  int
}

func (*CreateFunction) stmtNode() {}
func (*AlterFunction) stmtNode()  {}

func (p *printer) createFunction(s *CreateFunction) {
	p.text("CREATE ")
	if s.OrReplace {
		p.text("OR REPLACE ")
	}
	p.text(map[bool]string{true: "PROCEDURE ", false: "FUNCTION "}[s.Procedure])
	p.name(s.Name)
	n := len(s.Params)
	for n > 0 && s.Params[n-1].Mode == 't' {
		n--
	}
	p.text("(")
	p.list(n, func(i int) { p.funcParam(&s.Params[i]) })
	p.text(")")
	if s.Table {
		p.text(" RETURNS TABLE ")
		p.parens(len(s.Params)-n, func(i int) { p.funcParam(&s.Params[n+i]) })
	} else if s.Returns != nil {
		p.text(" RETURNS ")
		p.typeName(*s.Returns)
	}
	p.funcOptions(s.Options)
	for i, as := range s.As {
		p.text([]string{" AS ", ", "}[min(i, 1)])
		p.literal(as)
	}
	if s.Body != "" {
		p.text(" " + s.Body)
	}
}

func (p *printer) funcParam(f *FuncParam) {
	p.text(map[byte]string{'o': "OUT ", 'b': "INOUT ", 'v': "VARIADIC "}[f.Mode])
	if f.Name != "" {
		p.ident(f.Name)
		p.text(" ")
	}
	p.typeName(f.Type)
	if f.Default != nil {
		p.text(" DEFAULT ")
		p.expr(f.Default)
	}
}

func (p *printer) funcOptions(list []FuncOption) {
	for i := range list {
		o := &list[i]
		switch o.Name {
		case "language":
			p.text(" LANGUAGE ")
			p.ident(o.Value)
		case "volatility", "window":
			p.text(" " + o.Value)
		case "strict":
			p.text(map[string]string{"true": " STRICT", "false": " CALLED ON NULL INPUT"}[o.Value])
		case "security":
			p.text(" SECURITY " + o.Value)
		case "leakproof":
			p.text(map[string]string{"true": " LEAKPROOF", "false": " NOT LEAKPROOF"}[o.Value])
		case "cost", "rows", "parallel", "support":
			p.text(map[string]string{"cost": " COST ", "rows": " ROWS ", "parallel": " PARALLEL ", "support": " SUPPORT "}[o.Name] + o.Value)
		case "set":
			p.text(" ")
			p.session(o.Set)
		case "reset":
			p.text(" RESET " + o.Value)
		default:
			p.text(" TRANSFORM " + o.Value)
		}
	}
}

func (p *printer) alterFunction(s *AlterFunction) {
	p.text("ALTER " + map[ObjectKind]string{ObjFunction: "FUNCTION ", ObjProcedure: "PROCEDURE ", ObjRoutine: "ROUTINE "}[s.Kind])
	p.name(s.Name)
	p.funcOptions(s.Options)
}
