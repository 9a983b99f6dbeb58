// Package format holds to_char, to_date, to_timestamp and to_number: values
// written and read by templates, with PostgreSQL's patterns and errors. There is
// one locale, C.
package format

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// nodeKind is the kind of a piece of a template.
type nodeKind uint8

const (
	nodeAction nodeKind = iota
	nodeChar
	nodeSeparator
	nodeSpace
)

// node is a piece of a template: a pattern, or a character that stands for
// itself.
type node struct {
	kind   nodeKind
	text   string // of a character
	key    *keyword
	suffix suffix
}

// suffix is a set of the modifiers before and after a pattern.
type suffix uint8

const (
	sufFM suffix = 1 << iota
	sufTH
	sufth
	sufSP
	sufTM
)

func (s suffix) fm() bool   { return s&sufFM != 0 }
func (s suffix) tm() bool   { return s&sufTM != 0 }
func (s suffix) thth() bool { return s&(sufTH|sufth) != 0 }

// keyword is a pattern. Patterns that mean the same share an id.
type keyword struct {
	name  string
	id    int
	digit bool // it reads digits
	mode  dateMode
}

// keywords finds patterns by their first byte; of those that a text starts
// with, the first one in the table is meant.
type keywords [128][]*keyword

func newKeywords(list []keyword) *keywords {
	var k keywords
	for i := range list {
		c := list[i].name[0]
		k[c] = append(k[c], &list[i])
	}
	return &k
}

func (k *keywords) find(s string) *keyword {
	if s == "" || s[0] >= 128 {
		return nil
	}
	for _, kw := range k[s[0]] {
		if strings.HasPrefix(s, kw.name) {
			return kw
		}
	}
	return nil
}

// prefixes and postfixes are the modifiers of date patterns.
var (
	prefixes  = []modifier{{"FM", sufFM}, {"fm", sufFM}, {"TM", sufTM}, {"tm", sufTM}}
	postfixes = []modifier{{"TH", sufTH}, {"th", sufth}, {"SP", sufSP}}
)

type modifier struct {
	name string
	bit  suffix
}

func cutModifier(s string, list []modifier) (suffix, string) {
	for _, m := range list {
		if strings.HasPrefix(s, m.name) {
			return m.bit, s[len(m.name):]
		}
	}
	return 0, s
}

// parse splits a template into nodes. action, if not nil, sees each pattern.
func parse(s string, keys *keywords, dates bool, action func(*keyword) error) ([]node, error) {
	var nodes []node
	for s != "" {
		suf := suffix(0)
		if dates {
			suf, s = cutModifier(s, prefixes)
		}
		if kw := keys.find(s); kw != nil {
			s = s[len(kw.name):]
			if action != nil {
				if err := action(kw); err != nil {
					return nil, err
				}
			}
			if dates {
				var post suffix
				post, s = cutModifier(s, postfixes)
				suf |= post
			}
			nodes = append(nodes, node{kind: nodeAction, key: kw, suffix: suf})
			continue
		}
		if s == "" {
			break
		}
		if s[0] == '"' {
			nodes, s = quoted(nodes, s[1:])
			continue
		}
		if strings.HasPrefix(s, `\"`) {
			s = s[1:]
		}
		n := charLen(s)
		kind := nodeChar
		switch {
		case dates && isSeparator(s[0]):
			kind = nodeSeparator
		case isSpace(s[0]):
			kind = nodeSpace
		}
		nodes, s = append(nodes, node{kind: kind, text: s[:n]}), s[n:]
	}
	return nodes, nil
}

// quoted takes the characters up to the closing quote.
func quoted(nodes []node, s string) ([]node, string) {
	for s != "" {
		if s[0] == '"' {
			return nodes, s[1:]
		}
		if s[0] == '\\' && len(s) > 1 {
			s = s[1:]
		}
		n := charLen(s)
		nodes, s = append(nodes, node{kind: nodeChar, text: s[:n]}), s[n:]
	}
	return nodes, s
}

// charLen is the length of the character that s starts with.
func charLen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// isSeparator tells printable ASCII that is neither letter nor digit.
func isSeparator(c byte) bool { return c > 0x20 && c < 0x7f && !isLetter(c) && !isDigit(c) }

func skipSpaces(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

// ordinal appends the ending of an ordinal number: st, nd, rd, th.
func ordinal(num string, suf suffix) (string, error) {
	last := num[len(num)-1]
	if !isDigit(last) {
		return "", pgerr.New(pgerr.InvalidTextRepresentation, "\"%s\" is not a number", num)
	}
	end := "th"
	if len(num) < 2 || num[len(num)-2] != '1' {
		switch last {
		case '1':
			end = "st"
		case '2':
			end = "nd"
		case '3':
			end = "rd"
		}
	}
	if suf&sufTH != 0 {
		end = strings.ToUpper(end)
	}
	return num + end, nil
}

// leadingInt reads what strtol reads: blanks, a sign, digits. n is the length,
// 0 when there is no number; ok is false beyond 64 bits.
func leadingInt(s string) (v int64, n int, ok bool) {
	i := 0
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	neg := false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		neg = s[i] == '-'
		i++
	}
	start := i
	ok = true
	for ; i < len(s) && isDigit(s[i]); i++ {
		if v > (1<<63-1-int64(s[i]-'0'))/10 {
			ok = false
			continue
		}
		v = v*10 + int64(s[i]-'0')
	}
	if i == start {
		return 0, 0, true
	}
	if neg {
		v = -v
	}
	return v, i, ok
}
