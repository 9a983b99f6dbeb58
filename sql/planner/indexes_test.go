package planner_test

import (
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/plantest"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
)

// queriesOf runs the statements of a file before its queries, and gives these.
func queriesOf(t *testing.T, file string) (*plantest.DB, []string) {
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	setup, queries, _ := strings.Cut(string(data), "-- queries\n")
	db := plantest.New()
	if err := db.Exec(setup); err != nil {
		t.Fatal(err)
	}
	return db, strings.Split(strings.TrimSpace(queries), "\n")
}

// sameWithoutRules runs queries with and without rules: the rows are the same, and the
// plan that the rules make is shown to look.
func sameWithoutRules(t *testing.T, file string, look func(sql, plan string)) {
	db, queries := queriesOf(t, file)
	for _, sql := range queries {
		db.Rules = nil
		q, err := db.Plan(sql)
		if err != nil {
			t.Fatal(err)
		}
		look(sql, plan.Format(q.Root, q.Meta))
		got, err := db.Query(sql)
		if err != nil {
			t.Errorf("%v: %s", err, sql)
			continue
		}
		db.Rules = []rules.Rule{}
		want, err := db.Query(sql)
		if err != nil || got.String() != want.String() {
			t.Errorf("%s\ngives %swant %s(%v)", sql, got, want, err)
		}
	}
}

// Each of the queries uses an index.
func TestIndexes(t *testing.T) {
	sameWithoutRules(t, "indexes.sql", func(sql, plan string) {
		if !strings.Contains(plan, "Index Scan") {
			t.Errorf("%s uses no index:\n%s", sql, plan)
		}
	})
}

// The first rows of joins in the order of an index: none of the queries sorts.
func TestOrderedJoins(t *testing.T) {
	sameWithoutRules(t, "orderedjoins.sql", func(sql, plan string) {
		if strings.Contains(plan, "Sort") {
			t.Errorf("%s is sorted:\n%s", sql, plan)
		}
	})
}

// TestCosts: costs grow with rows, inputs are part of them, and a limit that stops
// early costs less than all.
func TestCosts(t *testing.T) {
	db := plantest.New()
	if err := db.Exec("CREATE TABLE a (x int, y text); CREATE TABLE b (x int, y text);" +
		"INSERT INTO a SELECT i, 'y' FROM generate_series(1, 10) i; INSERT INTO b SELECT i, 'y' FROM generate_series(1, 1000) i"); err != nil {
		t.Fatal(err)
	}
	total := func(sql string) float64 {
		q, err := db.Plan(sql)
		if err != nil {
			t.Fatal(err)
		}
		e := rules.NewEstimator(q.Meta, db.Context().Stats)
		start, total := e.Cost(q.Root)
		if start < 0 || start > total {
			t.Errorf("%s: startup %v of %v", sql, start, total)
		}
		for _, in := range q.Root.Inputs() {
			if _, part := e.Cost(in); part > total && !strings.Contains(sql, "LIMIT") {
				t.Errorf("%s: an input costs %v of %v", sql, part, total)
			}
		}
		return total
	}
	for _, pair := range [][2]string{
		{"SELECT x FROM a", "SELECT x FROM b"}, {"SELECT x FROM b", "SELECT x FROM b ORDER BY y"}, {"SELECT x FROM b LIMIT 3", "SELECT x FROM b"},
		{"SELECT x FROM b", "SELECT x, y FROM b"}, {"SELECT x FROM b", "SELECT a.x FROM a JOIN b ON a.x = b.x"},
		{"SELECT a.x FROM a JOIN b ON a.x = b.x", "SELECT a.x FROM a JOIN b ON a.x < b.x"},
	} {
		if l, r := total(pair[0]), total(pair[1]); l >= r {
			t.Errorf("%s costs %v, %s costs %v", pair[0], l, pair[1], r)
		}
	}
	q, _ := db.Plan("SELECT x, y FROM a")
	if w := rules.NewEstimator(q.Meta, nil).Width(q.Root); w != 4+32 {
		t.Errorf("width %d", w)
	}
}
