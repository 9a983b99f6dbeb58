package regex

import "unicode"

// shorthand gives the class that \d and its kin stand for.
func shorthand(r rune) (name string, negated, ok bool) {
	switch r {
	case 'd', 'D':
		name = "digit"
	case 's', 'S':
		name = "space"
	case 'w', 'W':
		name = "word"
	default:
		return "", false, false
	}
	return name, r < 'a', true
}

// escapedAtom reads an escape after its backslash where an atom may stand.
func (p *parser) escapedAtom() *node {
	r := p.in[p.pos]
	if name, negated, ok := shorthand(r); ok {
		p.pos++
		s := class(name)
		if negated {
			s = s.complement().without(0)
		}
		return &node{op: opSet, set: s}
	}
	if '1' <= r && r <= '9' {
		if n, ok := p.backref(); ok {
			return n
		}
	}
	c, ok := p.escapedChar()
	if !ok {
		fail(badEscape)
	}
	return p.char(c)
}

// backref reads a back reference. A number of several digits that is no group's
// is an octal escape.
func (p *parser) backref() (*node, bool) {
	start, n := p.pos, 0
	for p.more() && isDigit(p.in[p.pos]) && n < 1<<20 {
		n = n*10 + int(p.in[p.pos]-'0')
		p.pos++
	}
	if p.pos-start > 1 && n >= len(p.groups) {
		p.pos = start
		return nil, false
	}
	if p.look > 0 || n >= len(p.groups) || p.groups[n] == nil {
		fail(badBackref)
	}
	return &node{op: opBackref, n: n}, true
}

// escapedChar reads an escape that stands for one character.
func (p *parser) escapedChar() (rune, bool) {
	r := p.in[p.pos]
	p.pos++
	if c, ok := map[rune]rune{'a': '\a', 'b': '\b', 'B': '\\', 'e': 033, 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}[r]; ok {
		return c, true
	}
	switch {
	case r == 'c':
		if !p.more() {
			return 0, false
		}
		p.pos++
		return p.in[p.pos-1] & 037, true
	case r == 'u':
		return p.digits(16, 4, 4)
	case r == 'U':
		return p.digits(16, 8, 8)
	case r == 'x':
		return p.digits(16, 1, 255)
	case isDigit(r):
		p.pos--
		c, ok := p.digits(8, 1, 3)
		if c > 0xff { // one digit too many
			p.pos--
			c >>= 3
		}
		return c, ok
	case isASCIILetter(r):
		return 0, false
	}
	return r, true
}

// digits reads a number of between least and most digits.
func (p *parser) digits(base rune, least, most int) (rune, bool) {
	n, count := rune(0), 0
	for ; count < most && p.more(); count++ {
		d := digitValue(p.in[p.pos])
		if d < 0 || d >= base {
			break
		}
		if n = n*base + d; n > unicode.MaxRune {
			return 0, false
		}
		p.pos++
	}
	return n, count >= least
}

func digitValue(r rune) rune {
	switch {
	case isDigit(r):
		return r - '0'
	case 'a' <= r && r <= 'f':
		return r - 'a' + 10
	case 'A' <= r && r <= 'F':
		return r - 'A' + 10
	}
	return -1
}

// charNames are the names of characters in [.….] (POSIX; regc_locale.c).
var charNames = map[string]rune{
	"NUL": 0, "SOH": 1, "STX": 2, "ETX": 3, "EOT": 4, "ENQ": 5, "ACK": 6, "BEL": 7, "alert": 7, "BS": 8, "backspace": 8,
	"HT": 9, "tab": 9, "LF": 10, "newline": 10, "VT": 11, "vertical-tab": 11, "FF": 12, "form-feed": 12, "CR": 13,
	"carriage-return": 13, "SO": 14, "SI": 15, "DLE": 16, "DC1": 17, "DC2": 18, "DC3": 19, "DC4": 20, "NAK": 21, "SYN": 22,
	"ETB": 23, "CAN": 24, "EM": 25, "SUB": 26, "ESC": 27, "IS4": 28, "FS": 28, "IS3": 29, "GS": 29, "IS2": 30, "RS": 30,
	"IS1": 31, "US": 31, "space": ' ', "exclamation-mark": '!', "quotation-mark": '"', "number-sign": '#', "dollar-sign": '$',
	"percent-sign": '%', "ampersand": '&', "apostrophe": '\'', "left-parenthesis": '(', "right-parenthesis": ')',
	"asterisk": '*', "plus-sign": '+', "comma": ',', "hyphen": '-', "hyphen-minus": '-', "period": '.', "full-stop": '.',
	"slash": '/', "solidus": '/', "zero": '0', "one": '1', "two": '2', "three": '3', "four": '4', "five": '5', "six": '6',
	"seven": '7', "eight": '8', "nine": '9', "colon": ':', "semicolon": ';', "less-than-sign": '<', "equals-sign": '=',
	"greater-than-sign": '>', "question-mark": '?', "commercial-at": '@', "left-square-bracket": '[', "backslash": '\\',
	"reverse-solidus": '\\', "right-square-bracket": ']', "circumflex": '^', "circumflex-accent": '^', "underscore": '_',
	"low-line": '_', "grave-accent": '`', "left-brace": '{', "left-curly-bracket": '{', "vertical-line": '|',
	"right-brace": '}', "right-curly-bracket": '}', "tilde": '~', "DEL": 127,
}
