package canon

import (
	"testing"

	"github.com/streamsqld/streamsqld/sql/ast"
)

func TestTextAndPlaces(t *testing.T) {
	var b Builder
	left := b.Ident("a", 7)
	sum := b.Join(left, b.TextAt(" + ", 9), b.String("it's", 11))
	sum.Level = LevelAdd
	p := b.Append(b.TextAt("SELECT ", 0), b.Paren(sum, LevelMul))
	text := b.Finish(p)
	if want := "SELECT ($a + 'it''s')"; text.SQL != want {
		t.Fatalf("%q, want %q", text.SQL, want)
	}
	for offset, want := range map[int]ast.Pos{
		0: 0, 6: 0, 7: 0, // the parenthesis has no place of its own
		8: 7, 9: 7, 10: 9, 12: 9, 13: 11, 20: 11, 1000: 11,
	} {
		if got := text.Source(offset); got != want {
			t.Errorf("byte %d comes from %d, want %d", offset, got, want)
		}
	}
	if got := b.Finish(b.Text("x")).Source(0); got != ast.NoPos {
		t.Errorf("text without a place comes from %d", got)
	}
}

func TestParen(t *testing.T) {
	var b Builder
	p := b.Text("x")
	p.Level = LevelBool
	if got := b.Finish(b.Paren(p, LevelBool)).SQL; got != "x" {
		t.Errorf("%q has parentheses", got)
	}
	p = b.Text("x")
	p.Level = LevelOr
	if got := b.Finish(b.Paren(p, LevelAnd)).SQL; got != "(x)" {
		t.Errorf("%q has no parentheses", got)
	}
}

func TestNodes(t *testing.T) {
	var b Builder
	op := &ast.BinaryOp{Op: "||"}
	p := b.Node(op, Arg{Piece: b.Ident("a", 0), To: &op.L}, Arg{Piece: b.Ident("b", 5), To: &op.R})
	text := b.Finish(b.Join(p, b.Text(", "), b.Node(&ast.ParamRef{Number: 3})))
	if want := "k0($a, $b), k1"; text.SQL != want {
		t.Fatalf("%q, want %q", text.SQL, want)
	}
	value, holes, ok := text.Lookup("k0")
	if !ok || value != any(op) || len(holes) != 2 || holes[0].Expr != &op.L || holes[1].Expr != &op.R {
		t.Errorf("k0 is %v with %v", value, holes)
	}
	for _, name := range []string{"k2", "k", "k-1", "kx", "$k0", "", "K0", "k00000000000000000000000001", "k99999999999"} {
		if _, _, ok := text.Lookup(name); ok {
			t.Errorf("%q is a marker", name)
		}
	}
}

func TestResetKeepsTexts(t *testing.T) {
	var b Builder
	n := &ast.ParamRef{Number: 1}
	text := b.Finish(b.Node(n))
	b.Reset()
	b.Finish(b.Node(&ast.ParamRef{Number: 2}))
	if value, _, _ := text.Lookup("k0"); value != any(n) {
		t.Errorf("the annex changed after Reset")
	}
}

func TestIdentifiers(t *testing.T) {
	for name, want := range map[string]string{
		"a": "$a", "A1_": "$A1_", "select": "$select", "a b": "`$a b`", "a`b": "`$a``b`", "é": "`$é`", "": "$", "k0": "$k0", "$x": "`$$x`",
		"a\nb": "`$a\nb`",
	} {
		var b Builder
		if got := b.Finish(b.Ident(name, 0)).SQL; got != want {
			t.Errorf("%q is written %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"$a": "a", "$$x": "$x", "$é": "é"} {
		if got, ok := UserName(name); !ok || got != want {
			t.Errorf("UserName(%q) = %q", name, got)
		}
	}
	for _, name := range []string{"a", "k0", "$", ""} {
		if _, ok := UserName(name); ok {
			t.Errorf("%q is a user's name", name)
		}
	}
}
