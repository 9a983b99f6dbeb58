package regex

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The ways a pattern can be wrong, in PostgreSQL's words (regerrs.h).
const (
	badCollate = "invalid collating element"
	badClass   = "invalid character class"
	badEscape  = `invalid escape \ sequence`
	badBackref = "invalid backreference number"
	badBracket = "brackets [] not balanced"
	badParen   = "parentheses () not balanced"
	badBrace   = "braces {} not balanced"
	badCount   = "invalid repetition count(s)"
	badRange   = "invalid character range"
	badRepeat  = "quantifier operand invalid"
	badPattern = "invalid regexp (reg version 0.8)"
	badOption  = "invalid embedded option"
	tooBig     = "regular expression is too complex"
)

// patternError carries a reason up through the parser.
type patternError string

func invalid(reason string) error {
	return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: %s", reason)
}
