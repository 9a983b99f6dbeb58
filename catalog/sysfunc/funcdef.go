package sysfunc

import (
	"strconv"
	"strings"
	"sync"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// proc is a row of pg_proc as its definition shows it.
type proc struct {
	name                         string
	schema, lang, ret, support   OID
	kind                         byte
	volatility, parallel         byte
	strict, retset, secdef, leak bool
	cost, rows                   string
	args                         []arg
	src, bin, body               string
	config                       []string
	direct                       int  // of an ordered-set aggregate
	ordered                      bool // it is one
}

// arg is an argument; mode is i, o, b, v or t.
type arg struct {
	name string
	typ  OID
	mode byte
	dflt string
}

// dumpedProcs finds the rows of PostgreSQL's functions by OID.
var dumpedProcs = sync.OnceValue(func() map[OID][]string {
	t := pgdata.Load("pg_proc")
	oid := t.Column("oid")
	m := make(map[OID][]string, len(t.Rows))
	for _, r := range t.Rows {
		m[OID(pgdata.Uint(r[oid]))] = r
	}
	return m
})

// procByOID gives a function, nil when there is none.
func procByOID(c *catalog.Context, oid OID) *proc {
	if f := c.FunctionByOID(oid); f != nil {
		return procOfFunction(f)
	}
	f := c.FuncByOID(oid)
	if r := dumpedProcs()[oid]; r != nil {
		p := procOfRow(r)
		if f != nil && (f.AggKind == 'o' || f.AggKind == 'h') {
			p.ordered, p.direct = true, f.DirectArgs
		}
		return p
	}
	if f == nil {
		return nil
	}
	p := &proc{
		name: f.Name, schema: f.Schema, lang: 12, ret: f.Ret.OID, kind: byte(f.Kind), volatility: byte(f.Volatility), parallel: 's', strict: f.Strict,
		retset: f.RetSet, cost: "1", rows: "1000", src: f.Src,
	}
	for i, a := range f.Args {
		x := arg{typ: a.OID, mode: 'i'}
		if i < len(f.ArgNames) {
			x.name = f.ArgNames[i]
		}
		if d := i - (len(f.Args) - f.NumDefaults); d >= 0 && d < len(f.Defaults) {
			x.dflt = f.Defaults[d]
		}
		if f.Variadic != nil && i == len(f.Args)-1 {
			x.mode = 'v'
		}
		p.args = append(p.args, x)
	}
	for _, o := range f.Out {
		p.args = append(p.args, arg{name: o.Name, typ: o.Type.OID, mode: 'o'})
	}
	return p
}

// procOfFunction is a user's function.
func procOfFunction(f *catalog.Function) *proc {
	p := &proc{
		name: f.Name, schema: f.Schema, lang: f.Language(), ret: f.Ret, kind: 'f', volatility: f.Volatility, parallel: f.Parallel, strict: f.Strict,
		retset: f.RetSet, secdef: f.SecDef, leak: f.Leakproof, cost: estimate(f.Cost), rows: estimate(f.Rows), src: f.Src, body: f.Body, config: f.Config,
	}
	switch {
	case f.Procedure:
		p.kind = 'p'
	case f.Agg != nil:
		p.kind = 'a'
		p.ordered, p.direct = f.Agg.Kind != 'n', f.Agg.Direct
	}
	for _, a := range f.Args {
		p.args = append(p.args, arg{name: a.Name, typ: a.Type, mode: a.Mode, dflt: a.Default})
	}
	return p
}

func estimate(x float64) string { return strconv.FormatFloat(x, 'g', -1, 32) }

// procColumns are the positions of the columns of pg_proc.
var procColumns = sync.OnceValue(func() map[string]int {
	m := map[string]int{}
	for i, c := range pgdata.Load("pg_proc").Columns {
		m[c] = i
	}
	return m
})

func procOfRow(r []string) *proc {
	columns := procColumns()
	get := func(col string) string { return r[columns[col]] }
	is := func(col string) bool { return pgdata.Bool(get(col)) }
	p := &proc{
		name: get("proname"), schema: OID(pgdata.Uint(get("pronamespace"))), lang: OID(pgdata.Uint(get("prolang"))), ret: OID(pgdata.Uint(get("prorettype"))),
		kind: get("prokind")[0], volatility: get("provolatile")[0], parallel: get("proparallel")[0], strict: is("proisstrict"), retset: is("proretset"),
		secdef: is("prosecdef"), leak: is("proleakproof"), cost: get("procost"), rows: get("prorows"), src: get("prosrc"), bin: get("probin"),
		body: get("prosqlbody"), support: OID(pgdata.Uint(get("prosupport"))),
	}
	typs := pgdata.OIDs(get("proallargtypes"))
	if len(typs) == 0 {
		typs = pgdata.OIDs(get("proargtypes"))
	}
	modes, names := pgdata.Strings(get("proargmodes")), pgdata.Strings(get("proargnames"))
	for i, ty := range typs {
		a := arg{typ: OID(ty), mode: 'i'}
		if i < len(modes) {
			a.mode = modes[i][0]
		}
		if i < len(names) {
			a.name = names[i]
		}
		p.args = append(p.args, a)
	}
	p.setDefaults(get("proargdefaults"))
	return p
}

// setDefaults gives the last input arguments their defaults.
func (p *proc) setDefaults(list string) {
	if list == "" {
		return
	}
	defaults := strings.Split(list, ", ")
	for i := len(p.args) - 1; i >= 0 && len(defaults) > 0; i-- {
		if p.args[i].mode == 'i' || p.args[i].mode == 'b' {
			p.args[i].dflt, defaults = defaults[len(defaults)-1], defaults[:len(defaults)-1]
		}
	}
}

// arguments lists the arguments; those of RETURNS TABLE are not among them.
func (p *proc) arguments(c *catalog.Context, defaults bool) string {
	var b strings.Builder
	n := 0
	args := p.args
	if p.ordered && p.direct > 0 && p.direct == len(args) { // what is sorted is like what is given
		args = append(args[:len(args):len(args)], args[len(args)-1])
	}
	for _, a := range args {
		if a.mode == 't' {
			continue
		}
		switch {
		case p.ordered && n == p.direct && n > 0:
			b.WriteString(" ORDER BY ")
		case p.ordered && n == p.direct:
			b.WriteString("ORDER BY ")
		case n > 0:
			b.WriteString(", ")
		}
		in := ""
		if p.kind == 'p' {
			in = "IN "
		}
		b.WriteString(map[byte]string{'i': in, 'o': "OUT ", 'b': "INOUT ", 'v': "VARIADIC "}[a.mode])
		if a.name != "" {
			b.WriteString(catalog.QuoteIdent(a.name) + " ")
		}
		b.WriteString(FormatType(c, a.typ, types.NoMod, false))
		if defaults && a.dflt != "" {
			b.WriteString(" DEFAULT " + a.dflt)
		}
		n++
	}
	return b.String()
}

// result is the type after RETURNS.
func (p *proc) result(c *catalog.Context) string {
	if p.kind == 'p' {
		return ""
	}
	var table []string
	for _, a := range p.args {
		if a.mode == 't' {
			table = append(table, catalog.QuoteIdent(a.name)+" "+FormatType(c, a.typ, types.NoMod, false))
		}
	}
	if table != nil {
		return "TABLE(" + strings.Join(table, ", ") + ")"
	}
	s := FormatType(c, p.ret, types.NoMod, false)
	if p.retset {
		return "SETOF " + s
	}
	return s
}

// definition is the CREATE FUNCTION.
func (p *proc) definition(c *catalog.Context) string {
	var b strings.Builder
	what, tag := "FUNCTION", "$function$"
	if p.kind == 'p' {
		what, tag = "PROCEDURE", "$procedure$"
	}
	b.WriteString("CREATE OR REPLACE " + what + " " + schemaName(c, p.schema) + "." + catalog.QuoteIdent(p.name) + "(" + p.arguments(c, true) + ")\n")
	if p.kind != 'p' {
		b.WriteString(" RETURNS " + p.result(c) + "\n")
	}
	b.WriteString(" LANGUAGE " + map[OID]string{12: "internal", 13: "c", 14: "sql", 13563: "plpgsql"}[p.lang] + "\n")
	if opts := p.options(); opts != "" {
		b.WriteString(opts + "\n")
	}
	for _, setting := range p.config {
		k, v, _ := strings.Cut(setting, "=")
		b.WriteString(" SET " + k + " TO " + configValue(k, v) + "\n")
	}
	for strings.Contains(p.src, tag) {
		tag = tag[:len(tag)-1] + "x$"
	}
	switch {
	case p.body != "":
		b.WriteString(p.body + "\n")
	case p.bin != "":
		b.WriteString("AS " + catalog.QuoteLiteral(p.bin) + ", $function$" + p.src + "$function$\n")
	default:
		b.WriteString("AS " + tag + p.src + tag + "\n")
	}
	return b.String()
}

// configValue shows the value of a SET; search_path is a list of names.
func configValue(name, value string) string {
	if name != "search_path" {
		return catalog.QuoteLiteral(value)
	}
	var parts []string
	for _, n := range catalog.SplitPath(value) {
		parts = append(parts, catalog.QuoteLiteral(n))
	}
	return strings.Join(parts, ", ")
}

// options are the properties of a function that are not the default.
func (p *proc) options() string {
	s := ""
	if p.kind == 'w' {
		s += " WINDOW"
	}
	s += map[byte]string{'i': " IMMUTABLE", 's': " STABLE"}[p.volatility]
	s += map[byte]string{'s': " PARALLEL SAFE", 'r': " PARALLEL RESTRICTED"}[p.parallel]
	if p.strict {
		s += " STRICT"
	}
	if p.secdef {
		s += " SECURITY DEFINER"
	}
	if p.leak {
		s += " LEAKPROOF"
	}
	usual := "100"
	if p.lang == 12 || p.lang == 13 {
		usual = "1"
	}
	if p.cost != usual {
		s += " COST " + p.cost
	}
	if p.retset && p.rows != "0" && p.rows != "1000" {
		s += " ROWS " + p.rows
	}
	if p.support != 0 {
		n, _ := dumpedName("pg_proc", "proname", p.support)
		s += " SUPPORT " + n
	}
	return s
}

func init() {
	of := func(fn func(c *call, p *proc) types.Datum) scalar {
		return func(c *call) (types.Datum, error) {
			p := procByOID(c.Context, c.oid(0))
			if p == nil {
				return types.Null, nil
			}
			return fn(c, p), nil
		}
	}
	add(map[string]scalar{
		"pg_get_function_arguments":          of(func(c *call, p *proc) types.Datum { return text(p.arguments(c.Context, true)) }),
		"pg_get_function_identity_arguments": of(func(c *call, p *proc) types.Datum { return text(p.arguments(c.Context, false)) }),
		"pg_get_function_result":             of(func(c *call, p *proc) types.Datum { return textOrNull(p.result(c.Context)) }),
		"pg_get_function_sqlbody":            of(func(_ *call, p *proc) types.Datum { return textOrNull(p.body) }),
		"pg_get_function_arg_default": of(func(c *call, p *proc) types.Datum {
			n := int64(0)
			for _, a := range p.args {
				if a.mode == 'o' || a.mode == 't' {
					continue
				}
				if n++; n == c.num(1) {
					return textOrNull(a.dflt)
				}
			}
			return types.Null
		}),
		"pg_get_functiondef": func(c *call) (types.Datum, error) {
			p := procByOID(c.Context, c.oid(0))
			switch {
			case p == nil:
				return types.Null, nil
			case p.kind == 'a':
				return types.Null, pgerr.New(pgerr.WrongObjectType, "\"%s\" is an aggregate function", p.name)
			}
			return text(p.definition(c.Context)), nil
		},
	})
}
