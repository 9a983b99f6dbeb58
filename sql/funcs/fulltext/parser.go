package fulltext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/sql/funcs/ctype"
)

// Token is a part of a text. Tokens may overlap: those of a hyphenated word come after
// it, host and path of a URL after that.
type Token struct {
	Kind Kind
	Text string
}

// Tokens cuts a text into tokens with PostgreSQL's default parser.
func Tokens(text string) []Token {
	p := newParser(text, "Base")
	var out []Token
	for p.next() {
		out = append(out, Token{p.kind, p.token})
	}
	return out
}

// place is how far the parser has come. Those it may come back to are below it on a stack.
type place struct {
	pos    int // in the text
	chars  int // of the token so far
	bytes  int // of the token so far
	width  int // of the current character, 0 at the end
	state  int
	pushed int // the rule behind the one that pushed, 0 for none
}

// parser is the automaton. Its rules are in states.go.
type parser struct {
	text  string
	stack []place
	// ignore is set inside of script and style tags; wantHost after a URL was found.
	ignore, wantHost bool
	char             rune // the current character
	token            string
	kind             Kind
}

func newParser(text, state string) *parser {
	return &parser{text: text, stack: []place{{state: stateOf[state]}}}
}

func (p *parser) at() *place { return &p.stack[len(p.stack)-1] }

// next finds a token.
func (p *parser) next() bool {
	start := p.at().pos
	p.at().pushed = 0
	for start < len(p.text) {
		r := p.find()
		if r.do != nil {
			r.do(p)
		}
		at := p.at()
		if r.flags&found != 0 {
			p.token, p.kind = p.text[start:start+at.bytes], r.kind
			at.bytes, at.chars = 0, 0
		}
		p.move(r)
		at = p.at()
		switch {
		case r.flags&found != 0:
			return true
		case at.pos >= len(p.text) && r.flags&rerun == 0:
			return false
		case r.flags&(rerun|pop) != 0:
			continue
		}
		at.pos += at.width
		at.bytes += at.width
		if at.width > 0 {
			at.chars++
		}
	}
	return false
}

// find gives the first rule that fits the current character.
func (p *parser) find() *rule {
	at := p.at()
	p.char, at.width = 0, 0
	if at.pos < len(p.text) {
		p.char, at.width = utf8.DecodeRuneInString(p.text[at.pos:])
	}
	rs := states[at.state]
	i := at.pushed
	at.pushed = 0
	for ; i < len(rs)-1; i++ {
		if rs[i].test != nil {
			if rs[i].test(p) {
				break
			}
		} else if at.width == 1 && strings.IndexByte(rs[i].chars, byte(p.char)) >= 0 {
			break
		}
	}
	if rs[i].flags&push != 0 {
		at.pushed = i + 1
	}
	return &rs[i]
}

// move changes the stack and the state as a rule says.
func (p *parser) move(r *rule) {
	n := len(p.stack)
	switch {
	case r.flags&pop != 0:
		p.stack = p.stack[:n-1]
	case r.flags&push != 0:
		top := p.stack[n-1]
		top.pushed = 0
		p.stack = append(p.stack, top)
	case r.flags&clearLast != 0:
		p.stack[n-2] = p.stack[n-1]
		p.stack = p.stack[:n-1]
	case r.flags&clearAll != 0:
		p.stack[0] = p.stack[n-1]
		p.stack = p.stack[:1]
	case r.flags&merge != 0:
		top, below := p.stack[n-1], &p.stack[n-2]
		below.pos, below.chars, below.bytes, below.width = top.pos, top.chars, top.bytes, top.width
		p.stack = p.stack[:n-1]
	}
	if r.to >= 0 {
		p.at().state = r.to
	}
}

// tests are what a rule can ask of the current character or the parser.
var tests = map[string]func(*parser) bool{}

func init() {
	classes()
	tests["host"] = func(p *parser) bool {
		q := newParser(p.text[p.at().pos:], "Base")
		q.wantHost = true
		return q.next() && q.kind == Host && p.take(q)
	}
	tests["urlpath"] = func(p *parser) bool {
		q := newParser(p.text[p.at().pos:], "Base")
		q.stack = append(q.stack, place{state: stateOf["URLPathFirst"]})
		return q.next() && q.kind == URLPath && p.take(q)
	}
	parseRules()
}

// take takes over the token of a parser that began at the current place.
func (p *parser) take(q *parser) bool {
	at, n := p.at(), len(q.token)
	at.pos += n
	at.bytes += n
	at.chars += utf8.RuneCountInString(q.token)
	at.width = q.at().width
	return true
}

func between(lo, hi rune) func(rune) bool { return func(c rune) bool { return lo <= c && c <= hi } }

var (
	isDigit = between('0', '9')
	isSpace = func(c rune) bool { return c == ' ' || between('\t', '\r')(c) || strings.ContainsRune(wideSpaces, c) }
)

// wideSpaces are the white space beyond ASCII.
const wideSpaces = "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"

func isLetter(c rune) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// spacingMarks are the combining characters with a width of their own that the parser
// takes for parts of words, which are those of an old version of Unicode.
var spacingMarks = &unicode.RangeTable{R16: pairs(`0903 093E-0940 0949-094C 0982-0983 09BE-09C0 09C7-09C8 09CB-09CC 09D7 0A03 0A3E-0A40 0A83 0ABE-0AC0
	0AC9 0ACB-0ACC 0B02-0B03 0B3E 0B40 0B47-0B48 0B4B-0B4C 0B57 0BBE-0BBF 0BC1-0BC2 0BC6-0BC8 0BCA-0BCC 0BD7 0C01-0C03 0C41-0C44 0C82-0C83
	0CBE 0CC0-0CC4 0CC7-0CC8 0CCA-0CCB 0CD5-0CD6 0D02-0D03 0D3E-0D40 0D46-0D48 0D4A-0D4C 0D57 0D82-0D83 0DCF-0DD1 0DD8-0DDF 0DF2-0DF3
	0F3E-0F3F 0F7F 102B-102C 1031 1038 103B-103C 1056-1057 1062-1064 1067-106D 1083-1084 1087-108C 108F 17B6 17BE-17C5 17C7-17C8 1923-1926
	1929-192B 1930-1931 1933-1938 19B0-19C0 19C8-19C9 1A19-1A1B 1B04 1B35 1B3B 1B3D-1B41 1B43-1B44 1B82 1BA1 1BA6-1BA7 1BAA 1C24-1C2B
	1C34-1C35 A823-A824 A827 A880-A881 A8B4-A8C3 A952-A953 AA2F-AA30 AA33-AA34 AA4D`)}

// pairs reads ranges of hexadecimal numbers.
func pairs(s string) (out []unicode.Range16) {
	for _, f := range strings.Fields(s) {
		lo, hi, ok := strings.Cut(f, "-")
		if !ok {
			hi = lo
		}
		out = append(out, unicode.Range16{Lo: hex16(lo), Hi: hex16(hi), Stride: 1})
	}
	return out
}

func hex16(s string) (n uint16) {
	for _, c := range s {
		n = n<<4 | uint16(strings.IndexRune("0123456789ABCDEF", c))
	}
	return n
}

// isMark tells characters that do not end a word though they are no letters: those
// without a width, and spacingMarks.
func isMark(c rune) bool {
	return c >= utf8.RuneSelf && (unicode.In(c, unicode.Mn, unicode.Me) || unicode.Is(spacingMarks, c))
}

func isURLChar(c rune) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune("\"<>\\^`{|}", c)
}

// classes fills the tests of characters.
func classes() {
	of := func(f func(rune) bool) func(*parser) bool { return func(p *parser) bool { return f(p.char) } }
	for name, f := range map[string]func(*parser) bool{
		"eof":      func(p *parser) bool { return p.at().width == 0 },
		"any":      func(*parser) bool { return true },
		"ignored":  func(p *parser) bool { return p.ignore },
		"letter":   of(isLetter),
		"alpha":    of(ctype.IsAlpha),
		"alnum":    of(ctype.IsAlnum),
		"notalnum": of(func(c rune) bool { return !ctype.IsAlnum(c) }),
		"digit":    of(isDigit),
		"hex":      of(func(c rune) bool { return isDigit(c) || between('a', 'f')(c|0x20) }),
		"space":    of(isSpace),
		"mark":     of(isMark),
		"urlchar":  of(isURLChar),
		"stophost": func(p *parser) bool { was := p.wantHost; p.wantHost = false; return was },
	} {
		tests[name] = f
	}
}

// actions are what a rule can do beside moving.
var actions = map[string]func(*parser){
	// url goes back to the beginning of a URL, to find the host in it.
	"url": func(p *parser) { p.wantHost = true; p.at().pos -= p.at().bytes },
	// back goes back to the beginning of a hyphenated word, to find its parts.
	"back": func(p *parser) { p.at().pos -= p.at().bytes },
	// restart takes a signed decimal that turned out to be a version for another thing.
	"restart": func(p *parser) { at := p.at(); at.pos -= at.bytes; at.bytes, at.chars = 0, 0 },
	// tags sees whether what is inside of the tag is no text.
	"tags": func(p *parser) {
		at := p.at()
		switch tag := strings.ToLower(p.text[at.pos-at.bytes : at.pos]); tag {
		case "</script", "</style":
			p.ignore = false
		case "<script", "<style":
			p.ignore = true
		}
	},
}
