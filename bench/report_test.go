package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/bench/machine"
)

func TestReport(t *testing.T) {
	r := newReport(&options{workload: "ingest", scale: 1, rounds: 3}, machine.Info{})
	r.part = "csv"
	r.add("COPY", streamsqld, metric{"rows_per_s", 3e6, ""})
	r.add("COPY", postgres, metric{"rows_per_s", 1e6, ""})
	ratio, ok := r.ratio("COPY", "rows_per_s", postgres)
	if ratio != 3 || !ok {
		t.Fatalf("ratio %v, %v", ratio, ok)
	}
	if _, ok := r.ratio("COPY", "rows_per_s", duckdb); ok {
		t.Fatal("a ratio to what was not measured")
	}
	r.atLeast("times PostgreSQL", ratio, ok, 3)
	r.atLeast("times PostgreSQL, more", ratio, ok, 4)
	r.atMost("not measured", 1, false, 0)
	var out bytes.Buffer
	r.print(&out)
	for _, want := range []string{"csv: COPY", "3000000", "held", "NOT HELD"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
	if len(r.Gates) != 2 {
		t.Errorf("gates: %+v", r.Gates)
	}
}

func TestMedian(t *testing.T) {
	if m := median([]float64{3, 1, 2}); m != 2 {
		t.Error(m)
	}
	if m := median([]float64{4, 1, 2, 3}); m != 2.5 {
		t.Error(m)
	}
	if m := middle([]cost{{wall: 3}, {wall: 1}, {wall: 2}}); m.wall != 2 {
		t.Error(m)
	}
}

func TestItems(t *testing.T) {
	it := &items{rows: 1000}
	seen := map[int64]bool{}
	for i := range it.rows {
		seen[it.id(i)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d ids of 1000", len(seen))
	}
}
