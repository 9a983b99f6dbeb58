package settings

import (
	"strings"
	"sync"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// SplitIdentifiers splits a list of names, as search_path is: parted by commas,
// folded to lower case unless in double quotes. ok is false when the list is
// malformed. An empty text is an empty list.
func SplitIdentifiers(s string) (names []string, ok bool) {
	s = strings.TrimLeft(s, blanks)
	if s == "" {
		return nil, true
	}
	for {
		var name string
		if s != "" && s[0] == '"' {
			end := 1
			for {
				i := strings.IndexByte(s[end:], '"')
				if i < 0 {
					return nil, false
				}
				end += i + 1
				if end < len(s) && s[end] == '"' {
					end++
					continue
				}
				break
			}
			name, s = strings.ReplaceAll(s[1:end-1], `""`, `"`), s[end:]
		} else {
			end := strings.IndexAny(s, blanks+",")
			if end < 0 {
				end = len(s)
			}
			if end == 0 {
				return nil, false
			}
			name, s = strings.ToLower(s[:end]), s[end:]
		}
		names = append(names, name)
		s = strings.TrimLeft(s, blanks)
		if s == "" {
			return names, true
		}
		if s[0] != ',' {
			return nil, false
		}
		s = strings.TrimLeft(s[1:], blanks)
		if s == "" {
			return nil, false
		}
	}
}

const blanks = " \t\n\r\v\f"

// Flatten makes one value of those that SET name TO a, b, … lists: names are
// quoted where the parameter is a list of names. More than one value for a
// parameter that is no list is 22023.
func Flatten(name string, values []string) (string, error) {
	p := Find(name)
	if len(values) != 1 && (p == nil || !p.List) {
		return "", pgerr.New(pgerr.InvalidParameterValue, "SET %s takes only one argument", name)
	}
	if p == nil || !p.Quote {
		return strings.Join(values, ", "), nil
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = pgdata.QuoteIdent(v)
	}
	return strings.Join(out, ", "), nil
}

var textSearchConfigs = sync.OnceValue(func() map[string]bool {
	t := pgdata.Load("pg_ts_config")
	name := t.Column("cfgname")
	m := map[string]bool{}
	for _, r := range t.Rows {
		m[r[name]] = true
	}
	return m
})
