package crash

import (
	"fmt"
	"maps"
	"strings"
)

// state is what one writer's part of the database holds.
type state struct {
	table  map[int]int // n to v
	stream map[int]int
	notes  map[int]bool // numbers of the writer's own tables
}

func newState() *state {
	return &state{table: map[int]int{}, stream: map[int]int{}, notes: map[int]bool{}}
}

// edits are what one operation does to a state.
type edits struct {
	table  map[int]int
	gone   map[int]bool // of the table
	stream map[int]int
	notes  map[int]bool // made or dropped
}

func newEdits() *edits {
	return &edits{table: map[int]int{}, gone: map[int]bool{}, stream: map[int]int{}, notes: map[int]bool{}}
}

func (e *edits) clone() *edits {
	return &edits{table: maps.Clone(e.table), gone: maps.Clone(e.gone), stream: maps.Clone(e.stream), notes: maps.Clone(e.notes)}
}

// value gives a row of the table as it is after the edits.
func (e *edits) value(s *state, n int) (int, bool) {
	if e.gone[n] {
		return 0, false
	}
	if v, ok := e.table[n]; ok {
		return v, true
	}
	v, ok := s.table[n]
	return v, ok
}

func (e *edits) set(n, v int) { e.table[n] = v }

func (e *edits) remove(n int) {
	delete(e.table, n)
	e.gone[n] = true
}

// apply makes the edits.
func (s *state) apply(e *edits) {
	for n := range e.gone {
		delete(s.table, n)
	}
	maps.Copy(s.table, e.table)
	maps.Copy(s.stream, e.stream)
	for k, made := range e.notes {
		if made {
			s.notes[k] = true
		} else {
			delete(s.notes, k)
		}
	}
}

func (s *state) equal(o *state) bool {
	return maps.Equal(s.table, o.table) && maps.Equal(s.stream, o.stream) && maps.Equal(s.notes, o.notes)
}

// differ tells what is missing in got, too much, or other.
func (s *state) differ(got *state) string {
	var b strings.Builder
	differMap(&b, "table", s.table, got.table)
	differMap(&b, "stream", s.stream, got.stream)
	if !maps.Equal(s.notes, got.notes) {
		fmt.Fprintf(&b, "own tables: want %v, got %v; ", s.notes, got.notes)
	}
	return b.String()
}

func differMap(b *strings.Builder, what string, want, got map[int]int) {
	missing, extra, other := 0, 0, 0
	example := ""
	for n, v := range want {
		if g, ok := got[n]; !ok {
			missing++
			example = fmt.Sprintf("n = %d is missing", n)
		} else if g != v {
			other++
			example = fmt.Sprintf("n = %d is %d, not %d", n, g, v)
		}
	}
	for n := range got {
		if _, ok := want[n]; !ok {
			extra++
			example = fmt.Sprintf("n = %d should not be there", n)
		}
	}
	if missing+extra+other > 0 {
		fmt.Fprintf(b, "%s: of %d rows %d missing, %d too many, %d other (%s); ", what, len(want), missing, extra, other, example)
	}
}
