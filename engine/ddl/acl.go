package ddl

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
)

// privs is a set of privileges: a bit per letter of catalog.PrivLetters.
type privs uint32

// privBits reads an item's privileges, and those with grant option.
func privBits(text string) (have, grant privs) {
	for i := range len(text) {
		at := strings.IndexByte(catalog.PrivLetters, text[i])
		if at < 0 {
			continue
		}
		have |= 1 << at
		if i+1 < len(text) && text[i+1] == '*' {
			grant |= 1 << at
		}
	}
	return have, grant
}

// privText writes privileges as an item holds them.
func privText(have, grant privs) string {
	var b strings.Builder
	for i := range len(catalog.PrivLetters) {
		if have&(1<<i) == 0 {
			continue
		}
		b.WriteByte(catalog.PrivLetters[i])
		if grant&(1<<i) != 0 {
			b.WriteByte('*')
		}
	}
	return b.String()
}
