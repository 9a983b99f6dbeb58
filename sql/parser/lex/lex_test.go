package lex

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// show writes tokens as kind:text for comparison; key words are in upper case.
func show(tokens []Token) string {
	var out []string
	for _, t := range tokens {
		switch {
		case t.Kind == EOF:
		case t.Kind == Keyword:
			out = append(out, strings.ToUpper(t.Keyword.Word()))
		case t.Kind < EOF:
			out = append(out, string(rune(t.Kind)))
		default:
			name := map[Kind]string{
				Invalid: "invalid", Ident: "id", String: "str", Bits: "bits", Hex: "hex", Int: "int", Float: "float",
				Param: "param", Op: "op", Typecast: "::", DotDot: "..", ColonEquals: ":=", EqualsGreater: "=>",
				LessEquals: "<=", GreaterEquals: ">=", NotEquals: "<>",
			}[t.Kind]
			if t.Quoted {
				name = "quoted"
			}
			switch t.Kind {
			case Ident, String, Bits, Hex, Int, Float, Param, Op:
				name += ":" + t.Str
			}
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

func TestScan(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"", ""},
		{" \t\n\r\f", ""},
		{"Select Foo \"Foo\" _x1$", "SELECT id:foo quoted:Foo id:_x1$"},
		{"É Straße", "id:É id:straße"}, // only ASCII is folded
		{`"a""b" "x y"`, `quoted:a"b quoted:x y`},
		{"1 2147483647 2147483648 1.5 .5 5. 1e3 1.5E-2 1..2", "int:1 int:2147483647 float:2147483648 float:1.5 float:.5 float:5. float:1e3 float:1.5E-2 int:1 .. int:2"},
		{"$1 $23", "param:1 param:23"},
		{"'it''s' ''", "str:it's str:"},
		{"'a'\n'b'  -- c\n\t'd' 'e'", "str:abd str:e"},
		{"'a' /* c */ 'b'", "str:a str:b"},
		{`E'a\n\t\b\f\r\\\'\x41\101\q\u00e9\U0001F600\ud83d\ude00'`, "str:a\n\t\b\f\r\\'AAqé😀😀"},
		{`'a\n'`, `str:a\n`},
		{"E'a'\n'\\n'", "str:a\n"},
		{"$$a$b$$ $x$ $$ $y$ $x$", "str:a$b str: $$ $y$ "},
		{"B'01' b'x' X'1f' x'1f'\n'2'", "bits:b01 bits:bx hex:x1f hex:x1f2"},
		{"N'x'", "NCHAR str:x"},
		{`U&'d\0061t\+000061\\' U&"d\0061t" U&'a!0062' UESCAPE '!' u&'x'`, `str:data\ quoted:dat str:ab str:x`},
		{`U&'\D83D\DE00'`, "str:😀"},
		{"u & v", "id:u op:& id:v"},
		{"a--b\nc", "id:a id:c"},
		{"a/* x /* y */ z */b", "id:a id:b"},
		{"/**/a/***/", "id:a"},
		{"a+b a- b", "id:a + id:b id:a - id:b"},
		{"a<-b a<>-b a@-b a=-1 a*-b", "id:a < - id:b id:a <> - id:b id:a op:@- id:b id:a = - int:1 id:a * - id:b"},
		{"a||b a->>'x' a!=b a<=b a>=b a=>b a:=b a::b a?|b", "id:a op:|| id:b id:a op:->> str:x id:a <> id:b id:a <= id:b id:a >= id:b id:a => id:b id:a := id:b id:a :: id:b id:a op:?| id:b"},
		{"a+/* c */b *-- c\nd", "id:a + id:b * id:d"},
		{"( ) [ ] , ; . : + - * / % ^ < > =", "( ) [ ] , ; . : + - * / % ^ < > ="},
		{"a.b a .. b", "id:a . id:b id:a .. id:b"},
		{"$ $a {", "$ $ id:a {"},
		{"<= >= <> != =>", "<= >= <> <> =>"},
		{"<=- >=+", "<= - >= +"},
	} {
		r := Scan(c.sql, nil)
		if got := show(r.Tokens); got != c.want || r.Err != nil {
			t.Errorf("%q\n  got  %s (%v)\n  want %s", c.sql, got, r.Err, c.want)
		}
	}
}

func TestKeywordsAreRecognised(t *testing.T) {
	for i, k := range keyword.List() {
		r := Scan(strings.ToUpper(k.Word), nil)
		if r.Tokens[0].Keyword != keyword.ID(i+1) || r.Tokens[0].Str != k.Word {
			t.Errorf("%s is %v", k.Word, r.Tokens[0])
		}
	}
}

// TestErrors has the errors of PostgreSQL 15.18 for these texts.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		sql, code, message string
		pos                int32
	}{
		{"select 'abc", "42601", `unterminated quoted string at or near "'abc"`, 8},
		{`select "abc`, "42601", `unterminated quoted identifier at or near ""abc"`, 8},
		{`select ""`, "42601", `zero-length delimited identifier at or near """"`, 8},
		{"select $$abc", "42601", `unterminated dollar-quoted string at or near "$$abc"`, 8},
		{"select b'1", "42601", `unterminated bit string literal at or near "b'1"`, 8},
		{"select x'1", "42601", `unterminated hexadecimal string literal at or near "x'1"`, 8},
		{"select /* a /* b */", "42601", `unterminated /* comment at or near "/* a /* b */"`, 8},
		{"select 123abc", "42601", `trailing junk after numeric literal at or near "123abc"`, 8},
		{"select 1.5e", "42601", `trailing junk after numeric literal at or near "1.5e"`, 8},
		{"select 1e+", "42601", `trailing junk after numeric literal at or near "1e+"`, 8},
		{"select 0x10", "42601", `trailing junk after numeric literal at or near "0x10"`, 8},
		{"select 1_000", "42601", `trailing junk after numeric literal at or near "1_000"`, 8},
		{"select $1a", "42601", `trailing junk after parameter at or near "$1a"`, 8},
		{`select E'\u12'`, "22025", "invalid Unicode escape", 10},
		{`select E'\ud800x'`, "42601", `invalid Unicode surrogate pair at or near "x"`, 16},
		{`select E'\udc00'`, "42601", `invalid Unicode surrogate pair at or near "\udc00"`, 10},
		{`select E'\U00110000'`, "42601", `invalid Unicode escape value at or near "\U00110000"`, 10},
		{`select E'\xff'`, "22021", `invalid byte sequence for encoding "UTF8": 0xff`, 0},
		{`select E'a\000b'`, "22021", `invalid byte sequence for encoding "UTF8": 0x00`, 0},
		{`select E'abc\`, "42601", `unterminated quoted string at or near "E'abc\"`, 8},
		{`select U&'\00zz'`, "42601", "invalid Unicode escape", 11},
		{`select U&'\D800'`, "42601", "invalid Unicode surrogate pair", 16},
		{`select U&'abc' uescape '+'`, "42601", `invalid Unicode escape character at or near "'+'"`, 24},
		{`select U&'abc' uescape x`, "42601", `UESCAPE must be followed by a simple string literal at or near "x"`, 24},
		{"select a " + strings.Repeat("@", 64) + " b", "42601", `operator too long at or near "` + strings.Repeat("@", 64) + `"`, 10},
	} {
		r := Scan(c.sql, nil)
		if r.Err == nil || r.Tokens[len(r.Tokens)-1].Kind != Invalid {
			t.Errorf("%q: no error", c.sql)
			continue
		}
		if string(r.Err.Code) != c.code || r.Err.Message != c.message || r.Err.Pos != c.pos {
			t.Errorf("%q\n  got  %s %d %s\n  want %s %d %s", c.sql, r.Err.Code, r.Err.Pos, r.Err.Message, c.code, c.pos, c.message)
		}
	}
}

func TestTruncation(t *testing.T) {
	long := strings.Repeat("x", 70)
	r := Scan("select "+long+`, "`+strings.Repeat("é", 40)+`"`, nil)
	if got := r.Tokens[1].Str; got != long[:63] {
		t.Errorf("%q is not truncated to 63 bytes", got)
	}
	if got := r.Tokens[3].Str; got != strings.Repeat("é", 31) {
		t.Errorf("%q is not truncated between characters", got)
	}
	if len(r.Notices) != 2 {
		t.Fatalf("%d notices, want 2", len(r.Notices))
	}
	want := `identifier "` + long + `" will be truncated to "` + long[:63] + `"`
	if n := r.Notices[0].Report; n.Message != want || n.Code != "42622" || n.Severity != "NOTICE" {
		t.Errorf("notice %+v", n)
	}
}

func TestValidText(t *testing.T) {
	for text, want := range map[string]string{
		"abc é 😀":        "",
		"a\x00b":         `invalid byte sequence for encoding "UTF8": 0x00`,
		"a\xffb":         `invalid byte sequence for encoding "UTF8": 0xff`,
		"a\xc3":          `invalid byte sequence for encoding "UTF8": 0xc3`,
		"a\xe2\x28\xa1b": `invalid byte sequence for encoding "UTF8": 0xe2 0x28 0xa1`,
	} {
		got := ""
		if err := ValidText(text); err != nil {
			got = err.Message
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzLex wants tokens that cover the text in order, whatever it is.
func FuzzLex(f *testing.F) {
	for _, s := range []string{
		"select 1", `U&'\0061' uescape 'x'`, "$a$ $b$ $a$", "E'\\u00e9'", "/* /* */ */ --", "a<>-b @-1", "1.5e+3..2", "'a'\n--x\n'b'", `"a""b"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if !utf8.ValidString(sql) || strings.IndexByte(sql, 0) >= 0 {
			t.Skip("the wire refuses such text before the lexer sees it")
		}
		r := Scan(sql, nil)
		end := int32(0)
		for i, tok := range r.Tokens {
			last := i == len(r.Tokens)-1
			if tok.Pos < end || tok.End < tok.Pos || int(tok.End) > len(sql) || !last && tok.End == tok.Pos {
				t.Fatalf("token %d of %q is at [%d, %d) behind %d", i, sql, tok.Pos, tok.End, end)
			}
			if (tok.Kind == EOF || tok.Kind == Invalid) != last || (tok.Kind == Invalid) != (last && r.Err != nil) {
				t.Fatalf("token %d of %q is %v", i, sql, tok)
			}
			end = tok.End
		}
	})
}

func BenchmarkScan(b *testing.B) {
	sql := "SELECT n.nspname as \"Schema\", c.relname, count(*) FROM pg_catalog.pg_class c WHERE c.relkind IN ('r','p','') AND n.nspname !~ '^pg_toast' ORDER BY 1,2"
	b.SetBytes(int64(len(sql)))
	b.ReportAllocs()
	var buf []Token
	for b.Loop() {
		buf = Scan(sql, buf[:0]).Tokens
	}
}
