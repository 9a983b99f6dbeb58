package plan

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Deparser shows expressions as SQL, in the spelling PostgreSQL gives stored
// expressions (ruleutils.c): every operator in parentheses, constants with their
// types where these do not follow from the text.
type Deparser struct {
	// Column names a column.
	Column func(ColID) string
	// Type shows a type's name; nil is the plain one.
	Type func(t *types.Type, mod int32) string
	// Function gives the name to show for a function, qualified where needed; nil
	// is its bare name.
	Function func(schema types.OID, name string) string
	// Value names what CaseArg stands for outside a simple CASE (VALUE, in a
	// domain's check).
	Value string
	// Reg resolves the reg* types in constants; nil shows numbers.
	Env *types.Env
}

// Expr shows an expression; a conversion around all of it that nobody wrote is left
// out, as PostgreSQL leaves it out.
func (d *Deparser) Expr(e Expr) string {
	var b strings.Builder
	d.quiet(&b, e)
	return b.String()
}

// quiet shows an expression without the conversions around it that nobody wrote.
func (d *Deparser) quiet(b *strings.Builder, e Expr) {
	for {
		x, implicit := implicitCast(e)
		if !implicit {
			d.write(b, e)
			return
		}
		e = x
	}
}

// implicitCast gives what an implicit conversion converts.
func implicitCast(e Expr) (Expr, bool) {
	switch e := e.(type) {
	case *Relabel:
		return e.X, !e.Explicit
	case *ViaIO:
		return e.X, !e.Explicit
	case *ArrayCast:
		return e.X, !e.Explicit
	case *ToDomain:
		return e.X, !e.Explicit
	case *Call:
		if e.Cast != 0 && len(e.Args) > 0 {
			return e.Args[0], e.Cast != 'e'
		}
	}
	return nil, false
}

func (d *Deparser) typeName(t *types.Type, mod int32) string {
	if d.Type != nil {
		return d.Type(t, mod)
	}
	return t.SQLName(mod)
}

func (d *Deparser) write(b *strings.Builder, e Expr) {
	switch e := e.(type) {
	case *Col:
		b.WriteString(d.Column(e.ID))
	case *Const:
		d.constant(b, e)
	case *Param:
		b.WriteString("$" + strconv.Itoa(e.N))
	case *Call:
		d.call(b, e)
	case *And:
		d.joined(b, e.Args, " AND ")
	case *Or:
		d.joined(b, e.Args, " OR ")
	case *Not:
		b.WriteString("(NOT ")
		d.quiet(b, e.X)
		b.WriteByte(')')
	case *IsNull:
		d.suffix(b, e.X, pick(e.Not, " IS NOT NULL", " IS NULL"))
	case *RowNull:
		d.suffix(b, e.X, pick(e.Not, " IS NOT NULL", " IS NULL"))
	case *BoolTest:
		d.suffix(b, e.X, " IS "+pick(e.Not, "NOT ", "")+pick(e.Want, "TRUE", "FALSE"))
	case *Distinct:
		d.binary(b, e.L, pick(e.Not, "IS NOT DISTINCT FROM", "IS DISTINCT FROM"), e.R)
	case *Case:
		d.caseExpr(b, e)
	case *CaseArg:
		b.WriteString(pick(d.Value != "", d.Value, "CASE_TEST_EXPR"))
	case *Coalesce:
		d.function(b, "COALESCE", e.Args)
	case *MinMax:
		d.function(b, pick(e.Least, "LEAST", "GREATEST"), e.Args)
	case *NullIf:
		d.function(b, "NULLIF", []Expr{e.L, e.R})
	default:
		d.other(b, e)
	}
}

func (d *Deparser) other(b *strings.Builder, e Expr) {
	switch e := e.(type) {
	case *ArrayCmp:
		b.WriteByte('(')
		d.write(b, e.L)
		b.WriteString(" " + e.Op + " " + pick(e.All, "ALL", "ANY") + " (")
		d.write(b, e.R)
		b.WriteString("))")
	case *MakeArray:
		b.WriteString("ARRAY[")
		d.list(b, e.Elems)
		b.WriteByte(']')
		if len(e.Elems) == 0 {
			b.WriteString("::" + d.typeName(e.Typ, types.NoMod))
		}
	case *MakeRow:
		d.function(b, "ROW", e.Args)
	case *Field:
		b.WriteByte('(')
		d.write(b, e.X)
		b.WriteString(")." + types.QuoteIdent(e.Name))
	case *Subscript:
		d.subscript(b, e)
	case *SetField:
		d.write(b, e.Val)
	case *Relabel:
		if !e.Explicit && e.Typ.OID == types.RecordOID { // a row is a record as it is
			d.write(b, e.X)
			return
		}
		d.cast(b, e.X, e.Typ, e.TypMod)
	case *ViaIO:
		d.cast(b, e.X, e.Typ, e.TypMod)
	case *ArrayCast:
		d.cast(b, e.X, e.Typ, e.TypMod)
	case *ToDomain:
		d.cast(b, e.X, e.Typ, types.NoMod)
	case *Subquery:
		b.WriteString(pick(e.Kind == SubExists, "EXISTS(SubPlan)", "(SubPlan)"))
	case *Grouping:
		b.WriteString("GROUPING(")
		for i, id := range e.Args {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(d.Column(id))
		}
		b.WriteByte(')')
	}
}

func pick(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func (d *Deparser) list(b *strings.Builder, list []Expr) {
	for i, e := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		d.write(b, e)
	}
}

func (d *Deparser) joined(b *strings.Builder, list []Expr, sep string) {
	b.WriteByte('(')
	for i, e := range list {
		if i > 0 {
			b.WriteString(sep)
		}
		d.quiet(b, e)
	}
	b.WriteByte(')')
}

func (d *Deparser) suffix(b *strings.Builder, x Expr, s string) {
	b.WriteByte('(')
	d.write(b, x)
	b.WriteString(s + ")")
}

func (d *Deparser) binary(b *strings.Builder, l Expr, op string, r Expr) {
	b.WriteByte('(')
	d.write(b, l)
	b.WriteString(" " + op + " ")
	d.write(b, r)
	b.WriteByte(')')
}

func (d *Deparser) function(b *strings.Builder, name string, args []Expr) {
	b.WriteString(name + "(")
	d.list(b, args)
	b.WriteByte(')')
}

func (d *Deparser) call(b *strings.Builder, c *Call) {
	switch {
	case c.Cast != 0 && len(c.Args) > 0:
		d.cast(b, c.Args[0], c.Ret, c.RetMod)
	case c.Op != "" && len(c.Args) == 2:
		d.binary(b, c.Args[0], c.Op, c.Args[1])
	case c.Op != "":
		b.WriteString("(" + c.Op + " ")
		d.write(b, c.Args[0])
		b.WriteByte(')')
	default:
		d.plainCall(b, c)
	}
}

// plainCall shows a function call, the SQL value functions and EXTRACT in their
// own syntax.
func (d *Deparser) plainCall(b *strings.Builder, c *Call) {
	name := types.QuoteIdent(c.Fn.Name)
	if d.Function != nil {
		name = d.Function(c.Fn.Schema, c.Fn.Name)
	}
	switch c.Fn.Name {
	case "current_user", "session_user":
		b.WriteString(strings.ToUpper(c.Fn.Name))
		return
	case "extract":
		if k, ok := c.Args[0].(*Const); ok && !k.Val.IsNull() {
			b.WriteString("EXTRACT(" + k.Val.Str() + " FROM ")
			d.write(b, c.Args[1])
			b.WriteByte(')')
			return
		}
	}
	b.WriteString(name + "(")
	for i, a := range c.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		if c.Variadic && i == len(c.Args)-1 {
			if arr, ok := a.(*MakeArray); ok {
				d.list(b, arr.Elems)
				continue
			}
			b.WriteString("VARIADIC ")
		}
		d.write(b, a)
	}
	b.WriteByte(')')
}

// cast shows x::type.
func (d *Deparser) cast(b *strings.Builder, x Expr, t *types.Type, mod int32) {
	// A length applied to a value that was just converted shows as one cast.
	switch inner := x.(type) {
	case *Relabel:
		if types.Same(inner.Typ, t) && inner.TypMod < 0 {
			x = inner.X
		}
	case *Call:
		if inner.Cast != 0 && types.Same(inner.Ret, t) && inner.RetMod < 0 && mod >= 0 {
			x = inner.Args[0]
		}
	case *ViaIO:
		if types.Same(inner.Typ, t) && mod >= 0 {
			x = inner.X
		}
	}
	if k, ok := x.(*Const); ok && types.Same(k.Typ, t) {
		d.constant(b, k)
		return
	}
	b.WriteString("(" + d.Expr(x) + ")::" + d.typeName(t, mod))
}

func (d *Deparser) constant(b *strings.Builder, c *Const) {
	name := d.typeName(c.Typ, c.TypMod)
	if c.Val.IsNull() {
		b.WriteString("NULL::" + name)
		return
	}
	env := d.Env
	if env == nil {
		env = types.DefaultEnv
	}
	text := c.Typ.Text(env, c.Val)
	switch c.Typ.OID {
	case types.BoolOID:
		b.WriteString(pick(c.Val.Bool(), "true", "false"))
	case types.Int4OID:
		if strings.HasPrefix(text, "-") {
			b.WriteString("'" + text + "'::integer")
			return
		}
		b.WriteString(text)
	case types.NumericOID:
		if strings.HasPrefix(text, "-") || !strings.Contains(text, ".") || c.TypMod >= 0 {
			b.WriteString("'" + text + "'::" + name)
			return
		}
		b.WriteString(text)
	case types.UnknownOID:
		b.WriteString(QuoteLiteral(text))
	default:
		b.WriteString(QuoteLiteral(text) + "::" + name)
	}
}

// QuoteLiteral makes a string literal as standard_conforming_strings reads it.
func QuoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func (d *Deparser) caseExpr(b *strings.Builder, e *Case) {
	b.WriteString("CASE")
	if e.Arg != nil {
		b.WriteByte(' ')
		d.write(b, e.Arg)
	}
	for _, w := range e.Whens {
		b.WriteString(" WHEN ")
		cond := w.Cond
		if c, ok := cond.(*Call); ok && e.Arg != nil && len(c.Args) == 2 { // the comparison is implied
			cond = c.Args[1]
		}
		d.quiet(b, cond)
		b.WriteString(" THEN ")
		d.write(b, w.Then)
	}
	b.WriteString(" ELSE ")
	d.write(b, e.Else)
	b.WriteString(" END")
}

func (d *Deparser) subscript(b *strings.Builder, e *Subscript) {
	if e.Assign != nil {
		d.write(b, e.Assign)
		return
	}
	_, plain := e.X.(*Col)
	if !plain {
		b.WriteByte('(')
	}
	d.write(b, e.X)
	if !plain {
		b.WriteByte(')')
	}
	for _, s := range e.Subs {
		b.WriteByte('[')
		if s.Slice {
			if s.Lo != nil {
				d.quiet(b, s.Lo)
			}
			b.WriteByte(':')
		}
		if s.Hi != nil {
			d.quiet(b, s.Hi)
		}
		b.WriteByte(']')
	}
}
