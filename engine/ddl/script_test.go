package ddl_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/engine/ddl"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// record has a PostgreSQL write the expectations of testdata/pg into the files:
//
//	go test ./engine/ddl -run Scripts -record 'host=… port=… user=postgres'
var record = flag.String("record", "", "connection string of the PostgreSQL that writes the expectations")

// accept writes what the statements of testdata/own answer into the files, to be
// read before it is kept.
var accept = flag.Bool("accept", false, "write the answers of testdata/own")

// TestScripts runs the statements of testdata/pg, whose answers PostgreSQL wrote, and
// of testdata/own, which PostgreSQL does not have. A statement ends with a semicolon
// at the end of a line; lines beginning with "--= " are its answer: notices, then the
// command tag or the error.
func TestScripts(t *testing.T) {
	files, _ := filepath.Glob("testdata/*/*.sql")
	if len(files) == 0 {
		t.Fatal("no scripts")
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".sql"), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			list := readScript(string(text))
			if *record != "" && strings.Contains(f, "/pg/") {
				if err := os.WriteFile(f, []byte(recordScript(t, list)), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if *accept && strings.Contains(f, "/own/") {
				s := newSession()
				text := writeScript(list, func(st step) string { return s.answer(st.sql) })
				if err := os.WriteFile(f, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			runScript(t, list)
		})
	}
}

// step is a statement with its answer; before are the comments above it.
type step struct {
	before, sql string
	want        []string
	line        int
}

func readScript(text string) []step {
	var out []step
	var cur step
	done := false
	for i, l := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(l, "--= "):
			out[len(out)-1].want = append(out[len(out)-1].want, l[4:])
		case cur.sql == "" && (l == "" || strings.HasPrefix(l, "--")):
			cur.before += l + "\n"
		default:
			if cur.sql == "" {
				cur.line = i + 1
			} else {
				cur.sql += "\n"
			}
			cur.sql += l
			done = strings.HasSuffix(l, ";")
		}
		if done {
			out, cur, done = append(out, cur), step{}, false
		}
	}
	return out
}

func runScript(t *testing.T, list []step) {
	s := newSession()
	for _, st := range list {
		got := s.answer(st.sql)
		if want := strings.Join(st.want, "\n"); got != want {
			t.Errorf("line %d: %s\n got: %s\nwant: %s", st.line, st.sql, strings.ReplaceAll(got, "\n", "\n      "), strings.ReplaceAll(want, "\n", "\n      "))
		}
	}
}

// answer runs a statement and gives what a client sees of it.
func (s *session) answer(sql string) string {
	s.notices = nil
	mark := s.edit.Mark()
	tag, err := s.run(sql)
	var lines []string
	for _, n := range s.notices {
		lines = append(lines, report(string(n.Severity), n.Code, n.Message, n.Detail, n.Hint, 0))
	}
	if err != nil {
		if rerr := s.edit.Rollback(mark); rerr != nil {
			return rerr.Error()
		}
		e := pgerr.From(err)
		return strings.Join(append(lines, report("ERROR", e.Code, e.Message, e.Detail, e.Hint, e.Pos)), "\n")
	}
	return strings.Join(append(lines, withoutRows(tag)), "\n")
}

// withoutRows takes the number of rows off a tag: there are none here.
func withoutRows(tag string) string {
	if strings.HasPrefix(tag, "SELECT") {
		return "SELECT"
	}
	return tag
}

func (s *session) run(sql string) (string, error) {
	list, err := parser.Parse(sql)
	if err != nil {
		return "", err
	}
	s.notices = append(s.notices, list[0].Notices...)
	if set, ok := list[0].Stmt.(*ast.SetVar); ok {
		return "SET", s.set(set)
	}
	switch st := list[0].Stmt.(type) {
	case *ast.Select:
		q, err := planner.Select(s.Planner(nil), st)
		if err != nil {
			return "", err
		}
		return "SELECT", ddl.Privileges(s.edit.Snapshot, s.role, q.Access)
	case *ast.Insert:
		m, err := planner.Insert(s.Planner(nil), st)
		return s.modify("INSERT 0 0", m, err)
	case *ast.Update:
		m, err := planner.Update(s.Planner(nil), st)
		return s.modify("UPDATE 0", m, err)
	case *ast.Delete:
		m, err := planner.Delete(s.Planner(nil), st)
		return s.modify("DELETE 0", m, err)
	}
	return ddl.Exec(context.Background(), s, list[0].Stmt, sql)
}

// modify checks the privileges that a change of rows needs; there are no rows.
func (s *session) modify(tag string, m *planner.Modify, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return tag, ddl.Privileges(s.edit.Snapshot, s.role, m.Access)
}

// set runs SET search_path and SET ROLE.
func (s *session) set(st *ast.SetVar) error {
	var words []string
	for _, v := range st.Values {
		switch v := v.(type) {
		case *ast.Literal:
			words = append(words, v.Text)
		case *ast.ColumnRef:
			words = append(words, v.Parts[0])
		}
	}
	s.settings[st.Name] = strings.Join(words, ", ")
	if st.Name == "role" {
		s.role = 10
		if r := s.edit.Role(words[0]); r != nil {
			s.role = r.OID
		}
	}
	return nil
}

func report(severity string, code pgerr.Code, message, detail, hint string, pos int32) string {
	s := fmt.Sprintf("%s %s: %s", severity, code, message)
	if pos > 0 {
		s += fmt.Sprintf(" @%d", pos)
	}
	if detail != "" {
		s += " | " + strings.ReplaceAll(detail, "\n", " // ")
	}
	if hint != "" {
		s += " | " + hint
	}
	return s
}

// recordScript runs the statements in PostgreSQL, in a database of their own.
func recordScript(t *testing.T, list []step) string {
	ctx := context.Background()
	admin, err := pgconn.Connect(ctx, *record)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	for _, sql := range []string{"DROP DATABASE IF EXISTS scripts", "CREATE DATABASE scripts"} {
		if _, err := admin.Exec(ctx, sql).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	var lines []string
	cfg, err := pgconn.ParseConfig(*record + " dbname=scripts")
	if err != nil {
		t.Fatal(err)
	}
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		lines = append(lines, report(n.Severity, pgerr.Code(n.Code), n.Message, n.Detail, n.Hint, 0))
	}
	c, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	return writeScript(list, func(st step) string {
		lines = nil
		res, err := c.Exec(ctx, st.sql).ReadAll()
		switch e := err.(type) {
		case nil:
			lines = append(lines, withoutRows(res[len(res)-1].CommandTag.String()))
		case *pgconn.PgError:
			lines = append(lines, report("ERROR", pgerr.Code(e.Code), e.Message, e.Detail, e.Hint, e.Position))
		default:
			t.Fatal(err)
		}
		return strings.ReplaceAll(strings.Join(lines, "\n"), "database scripts", "database postgres")
	})
}

func writeScript(list []step, answer func(step) string) string {
	var b strings.Builder
	for _, st := range list {
		fmt.Fprintf(&b, "%s%s\n--= %s\n", st.before, st.sql, strings.ReplaceAll(answer(st), "\n", "\n--= "))
	}
	return b.String()
}
