package keyword

import (
	"sort"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	for i, k := range List() {
		id := ID(i + 1)
		for _, w := range []string{k.Word, strings.ToUpper(k.Word), strings.ToUpper(k.Word[:1]) + k.Word[1:]} {
			if got := Lookup(w); got != id {
				t.Errorf("Lookup(%q) = %v, want %v", w, got, id)
			}
		}
	}
	for _, w := range []string{"", "a", "foo", "selec", "selects", "current_timestampp", "sel\x05ct", "séLECT", "current\x7fdate"} {
		if got := Lookup(w); got != NotKeyword {
			t.Errorf("Lookup(%q) = %v, want none", w, got)
		}
	}
}

func TestTableIsSortedAndComplete(t *testing.T) {
	words := make([]string, 0, len(List()))
	for _, k := range List() {
		words = append(words, k.Word)
	}
	if !sort.StringsAreSorted(words) {
		t.Error("the table is not sorted")
	}
	// SELECT count(*) FROM pg_get_keywords() of PostgreSQL 15.
	if len(words) != 460 {
		t.Errorf("%d key words, want 460", len(words))
	}
	if Select.Category() != Reserved || Select.Word() != "select" || !Select.BareLabel() || Year.BareLabel() {
		t.Error("the attributes of SELECT or YEAR are wrong")
	}
}

func BenchmarkLookup(b *testing.B) {
	for b.Loop() {
		Lookup("timestamp")
		Lookup("sensor_id")
	}
}
