package regex

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// syntax is a flavour of regular expressions.
type syntax uint8

const (
	advanced syntax = iota
	extended
	basic
	literal
)

// Options are what a pattern's flags say. The zero Options are the default: an
// ARE, case counting, newlines nothing special.
type Options struct {
	syntax        syntax
	IgnoreCase    bool
	newlineStop   bool // . and [^…] do not match a newline
	newlineAnchor bool // ^ and $ match at newlines
	expanded      bool // white space and comments are skipped
	Global        bool // the g flag, for those that take it
}

// ParseOptions reads a flags argument; 22023 for a letter that is none.
func ParseOptions(flags string) (o Options, err error) {
	for i, r := range flags {
		switch r {
		case 'g':
			o.Global = true
			continue
		case 'e': // PostgreSQL's parse_re_flags clears one bit too many
			o.syntax = basic
			continue
		}
		if !o.letter(r) {
			return o, pgerr.New(pgerr.InvalidParameterValue, "invalid regular expression option: \"%s\"", flags[i:i+len(string(r))])
		}
	}
	return o, nil
}

// letter does one option letter.
func (o *Options) letter(r rune) bool {
	switch r {
	case 'b':
		o.syntax = basic
	case 'c':
		o.IgnoreCase = false
	case 'e':
		o.syntax = extended
	case 'i':
		o.IgnoreCase = true
	case 'm', 'n':
		o.newlineStop, o.newlineAnchor = true, true
	case 'p':
		o.newlineStop, o.newlineAnchor = true, false
	case 'q':
		o.syntax = literal
	case 's':
		o.newlineStop, o.newlineAnchor = false, false
	case 't':
		o.expanded = false
	case 'w':
		o.newlineStop, o.newlineAnchor = false, true
	case 'x':
		o.expanded = true
	default:
		return false
	}
	return true
}

// prefix does ***: and ***= and embedded options at the start of a pattern, and
// gives the rest.
func (o *Options) prefix(p []rune) ([]rune, error) {
	if o.syntax == literal {
		return p, nil
	}
	if len(p) >= 4 && string(p[:3]) == "***" {
		switch p[3] {
		case '?':
			return nil, invalid(badPattern)
		case '=':
			o.syntax = literal
			return p[4:], nil
		case ':':
			o.syntax = advanced
			p = p[4:]
		default:
			return nil, invalid(badRepeat)
		}
	}
	if o.syntax != advanced || len(p) < 3 || p[0] != '(' || p[1] != '?' || !isASCIILetter(p[2]) {
		return p, nil
	}
	i := 2
	for ; i < len(p) && isASCIILetter(p[i]); i++ {
		if !o.letter(p[i]) {
			return nil, invalid(badOption)
		}
	}
	if i >= len(p) || p[i] != ')' {
		return nil, invalid(badOption)
	}
	return p[i+1:], nil
}

func isASCIILetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
