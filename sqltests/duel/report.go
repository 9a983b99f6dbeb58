package duel

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Report collects differences by group.
type Report struct {
	Statements int
	groups     map[string][]example
	n          int
}

type example struct {
	where string
	d     *Difference
}

// Add adds a difference found at a place.
func (r *Report) Add(where string, d *Difference) {
	if r.groups == nil {
		r.groups = map[string][]example{}
	}
	r.n++
	r.groups[d.Group] = append(r.groups[d.Group], example{where, d})
}

// Len is the number of differences.
func (r *Report) Len() int { return r.n }

// Write writes the groups, the largest first, with some statements of each.
func (r *Report) Write(w io.Writer, examples int) {
	fmt.Fprintf(w, "%d statements, %d differences in %d groups\n", r.Statements, r.n, len(r.groups))
	names := slices.SortedFunc(maps.Keys(r.groups), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(r.groups[b]), len(r.groups[a])), cmp.Compare(a, b))
	})
	for _, name := range names {
		fmt.Fprintf(w, "\n%5d  %s\n", len(r.groups[name]), name)
		for _, e := range r.groups[name][:min(examples, len(r.groups[name]))] {
			fmt.Fprintf(w, "       %s:%d: %s\n", e.where, e.d.Record.Line, oneLine(e.d.Record.SQL, 300))
			for line := range strings.Lines(clip(e.d.Detail, 600)) {
				fmt.Fprintf(w, "           %s\n", strings.TrimRight(line, "\n"))
			}
		}
	}
}

func oneLine(s string, n int) string { return clip(strings.Join(strings.Fields(s), " "), n) }

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + " …"
	}
	return s
}
