package ast

import "testing"

// TestQuoteIdent has what PostgreSQL 15's quote_ident gives.
func TestQuoteIdent(t *testing.T) {
	for name, want := range map[string]string{
		"a": "a", "A": `"A"`, "a b": `"a b"`, "select": `"select"`, "year": "year", "int": `"int"`, "left": `"left"`, "_x": "_x",
		"1a": `"1a"`, "a1": "a1", "é": `"é"`, `a"b`: `"a""b"`, "": `""`, "nulls": "nulls", "user": `"user"`, "value": "value",
		"values": `"values"`, "a$": `"a$"`, "time": `"time"`, "nothing": "nothing",
	} {
		if got := QuoteIdent(name); got != want {
			t.Errorf("%q is quoted %s, want %s", name, got, want)
		}
	}
	if got := (Name{Catalog: "c", Schema: "S", Object: "t"}).Quoted(); got != `c."S".t` {
		t.Errorf("name %s", got)
	}
	if got := QuoteLiteral(`it's \n`); got != `'it''s \n'` {
		t.Errorf("literal %s", got)
	}
}

func col(name string) Expr { return &ColumnRef{Parts: []string{name}} }

func number(text string) Expr { return &Literal{Kind: LitInteger, Text: text} }

func binary(op string, l, r Expr) Expr { return &BinaryOp{Op: op, L: l, R: r} }

// TestParentheses wants them where PostgreSQL's precedences need them, and
// nowhere else.
func TestParentheses(t *testing.T) {
	a, b, c := col("a"), col("b"), col("c")
	and := func(x ...Expr) Expr { return &BoolExpr{Op: BoolAnd, Args: x} }
	or := func(x ...Expr) Expr { return &BoolExpr{Op: BoolOr, Args: x} }
	not := func(x Expr) Expr { return &BoolExpr{Op: BoolNot, Args: []Expr{x}} }
	intType := TypeName{Name: Name{Schema: "pg_catalog", Object: "int4"}}
	for _, test := range []struct {
		e    Expr
		want string
	}{
		{binary("+", binary("*", a, b), c), "a * b + c"},
		{binary("*", binary("+", a, b), c), "(a + b) * c"},
		{binary("-", a, binary("-", b, c)), "a - (b - c)"},
		{binary("-", binary("-", a, b), c), "a - b - c"},
		{binary("||", a, binary("+", b, c)), "a || b + c"},
		{binary("||", binary("=", a, b), c), "(a = b) || c"},
		{binary("=", binary("=", a, b), c), "(a = b) = c"},
		{binary("=", a, binary("=", b, c)), "a = (b = c)"},
		{and(or(a, b), c), "(a OR b) AND c"},
		{or(and(a, b), c), "a AND b OR c"},
		{and(and(a, b), c), "(a AND b) AND c"},
		{not(and(a, b)), "NOT (a AND b)"},
		{not(binary("=", a, b)), "NOT a = b"},
		{and(not(a), b), "NOT a AND b"},
		{binary("=", not(a), b), "(NOT a) = b"},
		{&NullTest{X: binary("=", a, b)}, "a = b IS NULL"},
		{&NullTest{X: and(a, b), Not: true}, "(a AND b) IS NOT NULL"},
		{&UnaryOp{Op: "-", X: binary("+", a, b)}, "- (a + b)"},
		{binary("^", &UnaryOp{Op: "-", X: a}, number("2")), "- a ^ 2"},
		{binary("-", a, number("-5")), "a - -5"},
		{&TypeCast{X: number("-5"), Type: intType}, "(-5)::integer"},
		{&TypeCast{X: binary("+", a, b), Type: intType}, "(a + b)::integer"},
		{&TypeCast{X: &TypeCast{X: a, Type: intType}, Type: intType}, "a::integer::integer"},
		{&BetweenExpr{X: a, Lo: and(b, c), Hi: binary("+", b, c)}, "a BETWEEN (b AND c) AND b + c"},
		{&InExpr{X: binary("=", a, b), List: []Expr{and(a, b), c}, Not: true}, "(a = b) NOT IN (a AND b, c)"},
		{&FieldSelect{X: a, Name: "x"}, "(a).x"},
		{&SubscriptExpr{X: a, Subs: []Subscript{{Hi: b}, {Slice: true, Lo: c}}}, "a[b][c:]"},
		{&FieldSelect{X: &SubscriptExpr{X: a, Subs: []Subscript{{Hi: b}}}}, "a[b].*"},
		{&CollateClause{X: binary("||", a, b), Collation: Name{Object: "C"}}, `(a || b) COLLATE "C"`},
		{&RowExpr{Args: []Expr{a}}, "ROW(a)"},
		{&RowExpr{Args: []Expr{a, b}}, "(a, b)"},
		{&BinaryOp{Schema: "s", Op: "+", L: a, R: binary("*", b, c)}, "a OPERATOR(s.+) b * c"},
	} {
		if got := FormatExpr(test.e); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}
