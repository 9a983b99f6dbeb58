package engine

import (
	"context"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// FETCH and MOVE go on where Execute has left a portal, and the other way round.
func TestFetchFromPortal(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	ctx := context.Background()
	s.exec("BEGIN")
	if err := s.s.Parse(ctx, "", "SELECT generate_series(1, 9)", nil); err != nil {
		t.Fatal(err)
	}
	if err := s.s.Bind(ctx, "p", "", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	run := func(max int) string {
		a := &answer{}
		suspended, err := s.s.Execute(ctx, "p", max, a)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, r := range a.rows {
			rows = append(rows, r...)
		}
		if !suspended {
			rows = append(rows, a.tags...)
		}
		return strings.Join(rows, " ")
	}
	steps := []struct{ got, want string }{
		{run(2), "1 2"},
		{s.text("FETCH 2 FROM p"), "3\n4"},
		{s.exec("MOVE 1 FROM p").tags[0], "MOVE 1"},
		{run(2), "6 7"},
		{s.text("SELECT name, is_scrollable FROM pg_cursors"), "p|f"},
		{run(0), "8 9 SELECT 2"},
		{s.exec("FETCH p").tags[0], "FETCH 0"},
	}
	for i, x := range steps {
		if x.got != x.want {
			t.Errorf("step %d gives %q, want %q", i, x.got, x.want)
		}
	}
	s.fails("55000", "FETCH PRIOR FROM p")
}

// ROLLBACK TO closes the portals that were bound since the savepoint, not those from
// before, and not its own.
func TestRollbackToClosesPortals(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	ctx := context.Background()
	bind := func(portal, sql string) {
		t.Helper()
		if err := s.s.Parse(ctx, "", sql, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.s.Bind(ctx, portal, "", nil, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	run := func(portal string) error {
		_, err := s.s.Execute(ctx, portal, 1, &answer{})
		return err
	}
	s.exec("BEGIN")
	bind("before", "SELECT generate_series(1, 9)")
	s.exec("SAVEPOINT a")
	s.exec("SAVEPOINT b")
	bind("since", "SELECT generate_series(1, 9)")
	s.exec("RELEASE b")
	for _, name := range []string{"before", "since"} {
		if err := run(name); err != nil {
			t.Fatal(err)
		}
	}
	bind("back", "ROLLBACK TO a")
	if err := run("back"); err != nil {
		t.Fatal(err)
	}
	if err := run("before"); err != nil {
		t.Error("the portal from before the savepoint:", err)
	}
	if err := run("since"); err == nil {
		t.Error("the portal from after the savepoint is still there")
	}
}

// A FETCH that was prepared before its cursor was declared has the cursor's columns
// when it is bound, not those it had when it was prepared.
func TestFetchPreparedBeforeItsCursor(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	ctx := context.Background()
	if err := s.s.Parse(ctx, "f", "FETCH 1 FROM c", nil); err != nil {
		t.Fatal(err)
	}
	if _, cols, err := s.s.DescribeStatement(ctx, "f"); err != nil || cols != nil {
		t.Fatalf("the statement has columns %v, %v", cols, err)
	}
	s.exec("BEGIN")
	for _, x := range []struct{ cursor, column string }{{"SELECT 1 AS a", "a"}, {"SELECT 'x' AS b", "b"}} {
		s.exec("DECLARE c CURSOR FOR " + x.cursor)
		if err := s.s.Bind(ctx, "", "f", nil, nil, nil); err != nil {
			t.Fatal(err)
		}
		cols, err := s.s.DescribePortal(ctx, "")
		if err != nil || len(cols) != 1 || cols[0].Name != x.column {
			t.Errorf("the portal has columns %v, %v; want %s", cols, err, x.column)
		}
		s.exec("CLOSE c")
	}
}

// A portal that is half way does not go on in a failed transaction.
func TestPortalOfFailedTransaction(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	ctx := context.Background()
	s.exec("BEGIN")
	if err := s.s.Parse(ctx, "", "SELECT generate_series(1, 9)", nil); err != nil {
		t.Fatal(err)
	}
	if err := s.s.Bind(ctx, "p", "", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.s.Execute(ctx, "p", 2, &answer{}); err != nil {
		t.Fatal(err)
	}
	s.fails("22012", "SELECT 1 / 0")
	_, err := s.s.Execute(ctx, "p", 2, &answer{})
	if e := pgerr.From(err); err == nil || e.Code != pgerr.InFailedSQLTransaction {
		t.Errorf("Execute gives %v", err)
	}
}

// What a prepared statement gives cannot change, and drivers know the error by the
// function that reports it.
func TestChangedResultNamesItsRoutine(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	ctx := context.Background()
	s.exec("CREATE TABLE c (a int)")
	if err := s.s.Parse(ctx, "p", "SELECT * FROM c", nil); err != nil {
		t.Fatal(err)
	}
	s.exec("ALTER TABLE c ADD b int")
	err := s.s.Bind(ctx, "", "p", nil, nil, nil)
	if err == nil {
		_, err = s.s.Execute(ctx, "", 0, &answer{})
	}
	if e := pgerr.From(err); err == nil || e.Code != pgerr.FeatureNotSupported || e.Routine != "RevalidateCachedQuery" {
		t.Errorf("Execute gives %v", err)
	}
}
