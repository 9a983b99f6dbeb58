package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// splitName splits a possibly qualified name, "Schema".rel, into its parts,
// folding what is not quoted. One that is malformed is 42602.
func splitName(s string) ([]string, error) {
	bad := pgerr.New(pgerr.InvalidName, "invalid name syntax")
	s = strings.TrimLeft(s, blanks)
	var parts []string
	for {
		if s == "" {
			return nil, bad
		}
		var part string
		if s[0] == '"' {
			var ok bool
			if part, s, ok = quotedPart(s); !ok {
				return nil, bad
			}
		} else {
			end := strings.IndexAny(s, blanks+".")
			if end < 0 {
				end = len(s)
			}
			if end == 0 {
				return nil, bad
			}
			part, s = truncate(fold(s[:end])), s[end:]
		}
		parts = append(parts, part)
		s = strings.TrimLeft(s, blanks)
		if s == "" {
			return parts, nil
		}
		if s[0] != '.' {
			return nil, bad
		}
		s = strings.TrimLeft(s[1:], blanks)
	}
}

const blanks = " \t\n\r\v\f"

// quotedPart reads "…" at the head of s; "" inside is one quote, and what is empty
// is no name.
func quotedPart(s string) (part, rest string, ok bool) {
	for end := 1; end < len(s); end++ {
		if s[end] != '"' {
			continue
		}
		if end+1 < len(s) && s[end+1] == '"' {
			end++
			continue
		}
		part = strings.ReplaceAll(s[1:end], `""`, `"`)
		return part, s[end+1:], true
	}
	return "", "", false
}

// truncate cuts a name to the length of an identifier, at a whole character.
func truncate(s string) string {
	const longest = 63
	if len(s) <= longest {
		return s
	}
	n := longest
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// fold lowers ASCII letters, as names are folded that are not quoted.
func fold(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
