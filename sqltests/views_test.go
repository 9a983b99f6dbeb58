package sqltests

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/streamsqld/streamsqld/sqltests/slt"
)

// TestViews runs every file with its queries as materialized views that were
// made before the data, and compares them with the queries after every change.
// What the server refuses as a view (0A000) is counted and printed.
func TestViews(t *testing.T) {
	var all refusals
	t.Run("files", func(t *testing.T) {
		for _, path := range files(t, "testdata") {
			t.Run(title(path), func(t *testing.T) {
				t.Parallel()
				asViews(t, path, &all)
			})
		}
	})
	t.Logf("%d views, %d comparisons, %d queries refused as views:", all.made, all.compared, all.total())
	for _, m := range slices.Sorted(maps.Keys(all.messages)) {
		t.Logf("%6d  %s", all.messages[m], m)
	}
}

func asViews(t *testing.T, path string, all *refusals) {
	f, err := slt.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v := slt.ViewRunner{Server: startDaemon(t)}
	for _, failure := range v.Run(context.Background(), f) {
		t.Errorf("%s", failure)
	}
	all.add(&v)
}

// refusals adds up what the files have given.
type refusals struct {
	mu             sync.Mutex
	messages       map[string]int
	made, compared int
}

func (r *refusals) add(v *slt.ViewRunner) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.messages == nil {
		r.messages = map[string]int{}
	}
	r.made += v.Made
	r.compared += v.Compared
	for m, n := range v.Refused {
		r.messages[m] += n
	}
}

func (r *refusals) total() int {
	n := 0
	for _, c := range r.messages {
		n += c
	}
	return n
}
