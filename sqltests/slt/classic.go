package slt

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// classicCell writes a value as sqllogictest's own driver does: I as an integer,
// R with three digits, T with its empty string and control characters replaced.
func classicCell(c Cell, letter byte) string {
	if c == nil {
		return "NULL"
	}
	s := string(c)
	switch letter {
	case 'I':
		return classicInt(s)
	case 'R':
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return strconv.FormatFloat(f, 'f', 3, 64)
		}
		return s
	}
	if s == "" {
		return "(empty)"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '@'
		}
		return r
	}, s)
}

// classicInt is C's %d of a value's text.
func classicInt(s string) string {
	switch s {
	case "t":
		return "1"
	case "f":
		return "0"
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && strings.ContainsAny(s, ".eE") {
		return strconv.FormatInt(int64(f), 10)
	}
	return s
}

// classicValues gives a result's values in the record's order, row by row.
func (r *Record) classicValues(rows [][]Cell) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		for j, c := range row {
			letter := byte('T')
			if j < len(r.Types) {
				letter = r.Types[j]
			}
			out[i] = append(out[i], classicCell(c, letter))
		}
	}
	if r.Sort == RowSort {
		slices.SortFunc(out, slices.Compare)
	}
	return out
}

// compareClassic gives what differs between a result and the record's block;
// empty when nothing does. The block may have one value on a line or one row, or
// a hash of all values.
func (r *Record) compareClassic(rows [][]Cell) string {
	want := r.Expect
	if len(want) > 0 {
		want = want[1:]
	}
	values := r.classicValues(rows)
	flat := slices.Concat(values...)
	if r.Sort == ValueSort {
		slices.Sort(flat)
	}
	if len(want) == 1 && strings.Contains(want[0], " values hashing to ") {
		return differ(want, []string{hashed(flat)})
	}
	if len(want) == len(flat) && slices.Equal(want, flat) {
		return ""
	}
	lines := make([]string, len(values))
	for i, row := range values {
		lines[i] = strings.Join(strings.Fields(strings.Join(row, " ")), " ")
	}
	spaced := make([]string, len(want))
	for i, l := range want {
		spaced[i] = strings.Join(strings.Fields(l), " ")
	}
	if r.Sort == RowSort {
		lines, spaced = sorted(lines), sorted(spaced)
	}
	if slices.Equal(lines, spaced) {
		return ""
	}
	if len(want) == len(flat) || len(values) != len(want) {
		return differ(want, flat)
	}
	return differ(spaced, lines)
}

// hashed gives sqllogictest's digest of values.
func hashed(values []string) string {
	h := md5.New()
	for _, v := range values {
		h.Write([]byte(v + "\n"))
	}
	return fmt.Sprintf("%d values hashing to %s", len(values), hex.EncodeToString(h.Sum(nil)))
}
