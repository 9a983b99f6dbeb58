package planner_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/planner/plantest"
)

// clientTables is the schema that the clients looked at, as far as queries can
// tell: no defaults, no foreign keys.
const clientTables = `
CREATE SCHEMA s2;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE users (id int PRIMARY KEY, email varchar(100) NOT NULL UNIQUE, name text, mood mood, created timestamptz, meta jsonb, tags text[],
	balance numeric(12,2), blob bytea, uid uuid, age int, a text, active bool, f4 real, f8 double precision, d date, t time, iv interval, ch char(3),
	sm smallint, bi bigint, js json, ts timestamp(3));
CREATE TABLE orders (id bigint PRIMARY KEY, user_id int NOT NULL, total numeric, at timestamptz NOT NULL, doubled numeric);
CREATE INDEX orders_user ON orders(user_id);
CREATE INDEX orders_expr ON orders(lower(total::text)) WHERE total > 0;
CREATE VIEW v_orders AS SELECT u.email, o.total FROM orders o JOIN users u ON u.id=o.user_id;
CREATE TABLE mv_totals (user_id int UNIQUE, total numeric, n bigint);
CREATE TABLE events (id bigint, at timestamptz NOT NULL, v float8, k text);
CREATE TABLE events_2024 (id bigint, at timestamptz NOT NULL, v float8, k text);
CREATE TABLE s2.items (k text, n int, PRIMARY KEY (k,n));
CREATE TABLE s2.sub (k text, n int, q int);
INSERT INTO users(id,email,tags,balance,age,f4,f8,d,t,iv,ch,sm,bi,js,ts) SELECT i,'u'||i||'@x',array['x','y'],i*1.5,i,1.5,2.5,'2024-01-01','12:00','1 day','abc',1,2,'{}','2024-01-01' FROM generate_series(1,20) i;
INSERT INTO orders SELECT i,(i%20)+1, i, '2024-01-01', 2*i FROM generate_series(1,50) i;
`

// TestRecorded binds, plans and compiles every query and change that recorded
// clients sent, and runs the queries: the folder of the recordings is
// $STREAMSQLD_SHARED/clients/recorded. What a client made for itself (its own
// tables, temporary ones) may be missing.
func TestRecorded(t *testing.T) {
	dir := os.Getenv("STREAMSQLD_SHARED")
	if dir == "" {
		t.Skip("SKIPPED: STREAMSQLD_SHARED is not set: the statements of real clients were NOT planned")
	}
	db := plantest.New()
	if err := db.Exec(clientTables); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "clients", "recorded", "*.sql"))
	header := regexp.MustCompile(`(?m)^-- \[.*$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		heads := header.FindAllString(string(text), -1)
		for i, part := range header.Split(string(text), -1)[1:] {
			if part = strings.TrimSpace(part); part == "" || strings.Contains(heads[i], "PG_ERROR") {
				continue
			}
			st, err := parser.Parse(part)
			if err != nil {
				t.Errorf("%s: %v\n%s", filepath.Base(file), err, part)
				continue
			}
			for _, s := range st {
				recorded(t, db, filepath.Base(file), s)
			}
		}
	}
}

func recorded(t *testing.T, db *plantest.DB, file string, s ast.Statement) {
	t.Helper()
	start := time.Now()
	bound, err := bindAndRun(db, s.Stmt)
	if d := time.Since(start); bound && d > 2*time.Second {
		t.Errorf("%s: took %v\n%s", file, d, s.Text)
	}
	var e *pgerr.Error
	if err == nil || errors.As(err, &e) && e.Code == pgerr.UndefinedTable || strings.Contains(s.Text, "addone") { // a function in SQL
		return
	}
	t.Errorf("%s: %v\n%s", file, err, s.Text)
}

// bindAndRun plans a statement of the kinds that are planned; a query without
// parameters is run.
func bindAndRun(db *plantest.DB, s ast.Stmt) (done bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	switch s := s.(type) {
	case *ast.Select:
		if s.Into != nil {
			return false, nil
		}
		q, err := planner.Select(db.Context(), s)
		if err != nil || len(q.Params) > 0 || q.Volatile {
			return true, err
		}
		return true, db.Run(q)
	case *ast.Insert:
		_, err = planner.Insert(db.Context(), s)
	case *ast.Update:
		_, err = planner.Update(db.Context(), s)
	case *ast.Delete:
		_, err = planner.Delete(db.Context(), s)
	default:
		return false, nil
	}
	return true, err
}
