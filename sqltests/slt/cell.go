package slt

import (
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Cell is a value of a result as text; nil stands for NULL.
type Cell []byte

// format gives the cell as it stands in an exact row: NULL is NULL, the empty
// string two single quotes, and what would not be seen or would part cells is
// escaped.
func (c Cell) format() string {
	switch {
	case c == nil:
		return "NULL"
	case len(c) == 0:
		return "''"
	}
	s := escape(string(c))
	if s == "NULL" || s == "''" || s == "()" || strings.HasPrefix(s, "----") {
		return `\` + s
	}
	return s
}

var named = map[byte]string{'\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '|': `\|`}

// escape makes text safe to stand in a line between bars.
func escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		c := s[i]
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case named[c] != "":
			b.WriteString(named[c])
		case c == ' ' && (i == 0 || i == len(s)-1):
			b.WriteString(`\s`)
		case c < ' ' || c == 0x7f || c >= utf8.RuneSelf && size == 1:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteString(s[i : i+size])
			i += size
			continue
		}
		i++
	}
	return b.String()
}

// parseCell undoes format.
func parseCell(s string) (Cell, error) {
	switch s {
	case "NULL":
		return nil, nil
	case "''":
		return Cell{}, nil
	}
	return unescape(s)
}

func unescape(s string) ([]byte, error) {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		i++
		if i == len(s) {
			return nil, fmt.Errorf("a backslash at the end of %q", s)
		}
		switch s[i] {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 's':
			out = append(out, ' ')
		case 'x':
			if i+2 >= len(s) {
				return nil, fmt.Errorf("a short escape in %q", s)
			}
			b, err := hex.DecodeString(s[i+1 : i+3])
			if err != nil {
				return nil, fmt.Errorf("a bad escape in %q", s)
			}
			out = append(out, b...)
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out, nil
}

// formatRow gives a row as a line.
func formatRow(row []Cell) string {
	if len(row) == 0 {
		return "()"
	}
	cells := make([]string, len(row))
	for i, c := range row {
		cells[i] = c.format()
	}
	return strings.Join(cells, "|")
}

// parseRow undoes formatRow.
func parseRow(line string) ([]Cell, error) {
	if line == "()" {
		return []Cell{}, nil
	}
	var row []Cell
	for _, part := range splitCells(line) {
		c, err := parseCell(part)
		if err != nil {
			return nil, err
		}
		row = append(row, c)
	}
	return row, nil
}

// splitCells parts a line at the bars that are not escaped.
func splitCells(line string) []string {
	var parts []string
	start := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '|':
			parts = append(parts, line[start:i])
			start = i + 1
		}
	}
	return append(parts, line[min(start, len(line)):])
}

func sorted(lines []string) []string {
	out := append([]string(nil), lines...)
	sort.Strings(out)
	return out
}
