package slt

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// tolerance is the relative difference that floats may have: sums of floats
// depend on their order.
const tolerance = 1e-12

// Compare gives what differs between an outcome and what the record expects;
// empty when nothing does.
func (r *Record) Compare(o *Outcome) string {
	switch {
	case o.Err != nil && !r.Fails:
		return "unexpected error:\n" + indent(append([]string{"code " + o.Err.Code}, errorLines(o.Err)...))
	case o.Err == nil && r.Fails:
		return fmt.Sprintf("an error %s was expected, there was none:\n%s", r.Code, indent(r.block(o)))
	case r.Fails:
		return r.compareError(o)
	case r.Classic():
		return r.compareClassic(o.rows())
	case len(r.Expect) == 0:
		return ""
	}
	return r.compareBlock(o)
}

func (r *Record) compareError(o *Outcome) string {
	got := strings.Join(errorLines(o.Err), "\n")
	switch {
	case r.Code != "" && r.Code != o.Err.Code:
		return fmt.Sprintf("error %s was expected, got %s:\n%s", r.Code, o.Err.Code, indent(strings.Split(got, "\n")))
	case r.Message != nil && !r.Message.MatchString(o.Err.Message):
		return fmt.Sprintf("the message should match %q:\n%s", r.Message, indent(strings.Split(got, "\n")))
	case len(r.Expect) == 0:
		return ""
	}
	want := parseBlock(r.Expect)
	if d := differ(want.fields, errorLines(o.Err)); d != "" {
		return d
	}
	return differ(want.notices, noticeLines(o.Notices))
}

// compareBlock compares exact results.
func (r *Record) compareBlock(o *Outcome) string {
	want, got := parseBlock(r.Expect), parseBlock(r.block(o))
	if d := differ(want.notices, got.notices); d != "" {
		return "notices:\n" + d
	}
	if want.params != got.params {
		return differ([]string{want.params}, []string{got.params})
	}
	if n := len(want.parts); n != len(got.parts) && !(n == 1 && want.parts[0].empty() && len(got.parts) == 0) {
		return fmt.Sprintf("%d results were expected, got %d:\n%s", n, len(got.parts), indent(r.block(o)))
	}
	for i := range got.parts {
		var cols []Column
		if i < len(o.Results) {
			cols = o.Results[i].Columns
		}
		if d := r.comparePart(want.parts[i], got.parts[i], cols); d != "" {
			return d
		}
	}
	return ""
}

func (p part) empty() bool { return p.tag == "" && p.columns == "" && len(p.lines) == 0 }

func (r *Record) comparePart(want, got part, cols []Column) string {
	if want.columns != "" && want.columns != got.columns {
		return differ([]string{want.columns}, []string{got.columns})
	}
	if want.tag != got.tag && (want.tag != "" || r.Kind == Query && want.columns != "") {
		return fmt.Sprintf("tag %q was expected, got %q", want.tag, got.tag)
	}
	wantLines, gotLines := want.lines, got.lines
	if r.Kind == Query && r.sorts() {
		wantLines, gotLines = sorted(wantLines), sorted(gotLines)
	}
	if slices.Equal(wantLines, gotLines) || SameRows(wantLines, gotLines, floats(cols)) {
		return ""
	}
	return differ(wantLines, gotLines)
}

// SameValues tells whether two results have the same rows in any order, numerics
// compared by value: which of equal ones a group or a set operation shows is open.
func SameValues(want, got *Outcome) bool {
	if len(want.Results) != 1 || len(got.Results) != 1 {
		return false
	}
	return SameRows(valueRows(want.Results[0]), valueRows(got.Results[0]), floats(want.Results[0].Columns))
}

// floats tells which columns are of floats.
func floats(cols []Column) []bool {
	var out []bool
	for i, c := range cols {
		if c.OID == oidFloat4 || c.OID == oidFloat8 {
			if out == nil {
				out = make([]bool, len(cols))
			}
			out[i] = true
		}
	}
	return out
}

// SameRows compares rows as lines, allowing floats a small relative difference.
// Lines are in the same order on both sides.
func SameRows(want, got []string, float []bool) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !sameRow(splitCells(want[i]), splitCells(got[i]), float) {
			return false
		}
	}
	return true
}

func sameRow(want, got []string, float []bool) bool {
	if len(want) != len(got) || len(float) != len(want) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !(float[i] && near(want[i], got[i])) {
			return false
		}
	}
	return true
}

func near(a, b string) bool {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && math.Abs(x-y) <= tolerance*max(math.Abs(x), math.Abs(y))
}

// shown bounds how many lines of a difference are printed.
const shown = 40

// differ gives the lines in which two lists differ; empty when they do not.
func differ(want, got []string) string {
	if slices.Equal(want, got) {
		return ""
	}
	from := 0
	for from < len(want) && from < len(got) && want[from] == got[from] {
		from++
	}
	var b strings.Builder
	if from > 0 {
		fmt.Fprintf(&b, "  … %d equal lines\n", from)
	}
	writeSide(&b, "want", want[from:])
	writeSide(&b, "got ", got[from:])
	return strings.TrimSuffix(b.String(), "\n")
}

func writeSide(b *strings.Builder, name string, lines []string) {
	if len(lines) == 0 {
		fmt.Fprintf(b, "  %s (nothing)\n", name)
	}
	for i, l := range lines {
		if i == shown {
			fmt.Fprintf(b, "  %s … %d more\n", name, len(lines)-i)
			return
		}
		fmt.Fprintf(b, "  %s %s\n", name, l)
	}
}

func indent(lines []string) string {
	return "  " + strings.Join(lines[:min(len(lines), shown)], "\n  ")
}
