package pgerr

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// CheckUTF8 is the check of every text that comes from a client: valid UTF-8
// without NUL bytes, else 22021 naming the first bad bytes as PostgreSQL's
// report_invalid_encoding does. Code points that Go refuses and PostgreSQL
// refuses are the same (surrogates, overlong forms, above 10FFFF).
func CheckUTF8(b []byte) error {
	if utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 {
		return nil
	}
	return badUTF8(b)
}

func badUTF8(b []byte) error {
	for len(b) > 0 && b[0] != 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			break
		}
		b = b[n:]
	}
	var hex strings.Builder
	for i, c := range b[:min(len(b), claimedLen(b[0]))] {
		if i > 0 {
			hex.WriteByte(' ')
		}
		fmt.Fprintf(&hex, "0x%02x", c)
	}
	return New(CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": %s", hex.String())
}

// claimedLen is the length that a first byte promises (pg_utf_mblen).
func claimedLen(c byte) int {
	switch {
	case c&0xe0 == 0xc0:
		return 2
	case c&0xf0 == 0xe0:
		return 3
	case c&0xf8 == 0xf0:
		return 4
	}
	return 1
}
