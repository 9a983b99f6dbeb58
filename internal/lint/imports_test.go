package lint

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/streamsqld/streamsqld/"

// floors lists the rooms from the ground up: a room imports rooms of lower floors,
// and those that it lists of its own. The longest prefix of a package's path is its
// room.
var floors = [][]string{
	{"internal"},
	{"sql/ast", "sql/types"},
	{"sql/vec", "window", "sql/parser"},
	{"sql/funcs", "sql/copy", "storage"},
	{"catalog", "sql/plpgsql"},
	{"sql/plan"},
	{"sql/planner", "sql/exec"},
	{"sql/planner/plantest", "engine/port"},
	{"engine/ddl"},
	{"engine", "server"},
	{"cmd/streamsqld", "sqltests", "bench", "examples"},
}

// apart lists pairs of rooms that stay strangers although their floors would allow
// the import (design §2).
var apart = map[string][]string{
	"sql/exec":   {"storage", "sql/parser", "sql/ast"},
	"storage":    {"sql/funcs", "sql/copy", "sql/parser", "sql/ast", "catalog"},
	"sql/funcs":  {"sql/parser", "sql/ast"},
	"sql/copy":   {"sql/funcs", "sql/parser", "sql/ast"},
	"catalog":    {"storage", "sql/copy", "sql/parser", "sql/ast"},
	"sql/plan":   {"storage", "sql/copy", "sql/parser", "sql/ast"},
	"engine/ddl": {"storage", "sql/exec"},
	"server":     {"storage", "sql/exec", "sql/planner", "sql/plan", "sql/parser", "sql/ast", "catalog", "sql/funcs", "engine/ddl"},
}

// owners lists the rooms that alone may use a library.
var owners = map[string][]string{
	"github.com/dgraph-io/badger/v4":      {"storage/ckpt"},
	"github.com/pingcap/tidb/pkg/parser":  {"sql/parser/tidb", "sql/parser/lower"},
	"github.com/jackc/pgx/v5/pgproto3":    {"server", "bench", "sqltests"},
	"github.com/google/btree":             {"window", "sql/exec/state", "storage/rel"},
	"github.com/prometheus/client_golang": {"server", "engine", "cmd/streamsqld"},
}

// source is a Go file of the project.
type source struct {
	path    string // from the project's root, with slashes
	lines   int
	imports []string
}

func sources(t *testing.T) []source {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var out []source
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); p != root && (strings.HasPrefix(n, ".") || n == "testdata") || n == "streamsqld-data" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(rel), lines: bytes.Count(text, []byte("\n"))}
		for _, i := range f.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, name)
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 100 {
		t.Fatalf("only %d files were found", len(out))
	}
	return out
}

func under(pkg, room string) bool { return pkg == room || strings.HasPrefix(pkg, room+"/") }

// roomOf gives a package's room and its floor, -1 when it has none.
func roomOf(pkg string) (room string, floor int) {
	floor = -1
	for i, rooms := range floors {
		for _, r := range rooms {
			if under(pkg, r) && len(r) > len(room) {
				room, floor = r, i
			}
		}
	}
	return room, floor
}

// A room imports only rooms below it.
func TestRooms(t *testing.T) {
	for _, s := range sources(t) {
		pkg := path.Dir(s.path)
		room, floor := roomOf(pkg)
		if floor < 0 {
			t.Errorf("%s: no room is known for %s", s.path, pkg)
			continue
		}
		if strings.HasSuffix(s.path, "_test.go") {
			continue // tests may put several rooms together
		}
		for _, imp := range s.imports {
			other, ok := strings.CutPrefix(imp, module)
			if !ok {
				continue
			}
			r, f := roomOf(other)
			if r != room && f >= floor {
				t.Errorf("%s: %s is not below %s", s.path, r, room)
			}
			for _, x := range apart[room] {
				if under(other, x) && !under(other, room) {
					t.Errorf("%s: %s may not import %s", s.path, room, x)
				}
			}
		}
	}
}

// A library is known to the rooms that own it.
func TestLibraries(t *testing.T) {
	for _, s := range sources(t) {
		for _, imp := range s.imports {
			for lib, rooms := range owners {
				if under(imp, lib) && !slices.ContainsFunc(rooms, func(r string) bool { return under(path.Dir(s.path), r) }) && !strings.HasSuffix(s.path, "_test.go") {
					t.Errorf("%s: %s is for %s only", s.path, lib, strings.Join(rooms, ", "))
				}
			}
		}
	}
}

// maxLines bounds a file.
const maxLines = 800

func TestFileLength(t *testing.T) {
	for _, s := range sources(t) {
		if s.lines > maxLines {
			t.Errorf("%s has %d lines, the most is %d", s.path, s.lines, maxLines)
		}
	}
}
