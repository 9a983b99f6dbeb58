package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The errors of string functions.
var (
	errSubstring   = pgerr.New(pgerr.SubstringError, "negative substring length not allowed")
	errTooLong     = pgerr.New(pgerr.ProgramLimitExceeded, "requested length too large")
	errFieldZero   = pgerr.New(pgerr.InvalidParameterValue, "field position must not be zero")
	errChrNegative = pgerr.New(pgerr.InvalidParameterValue, "character number must be positive")
	errChrNull     = pgerr.New(pgerr.ProgramLimitExceeded, "null character not permitted")
)

func errChr(format string, n int64) error {
	return pgerr.New(pgerr.ProgramLimitExceeded, format, n)
}

// bufferFull refuses to make a text under construction longer than a value may be
// (enlargeStringInfo).
func bufferFull(has, more int) error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "out of memory").
		WithDetail("Cannot enlarge string buffer containing %d bytes by %d more bytes.", has, more)
}

// maxString is the longest value of a type of variable length (MaxAllocSize).
const maxString = 0x3fffffff
