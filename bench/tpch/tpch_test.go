package tpch

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func (db *database) plan(sql string) (*planner.Query, error) {
	st, err := parser.Parse(sql)
	if err != nil {
		return nil, err
	}
	return planner.Select(&planner.Context{
		Catalog: db.cat, Path: catalog.Path{catalog.PgCatalogOID, catalog.PublicOID}, Env: env(), Stats: db,
	}, st[0].Stmt.(*ast.Select))
}

func env() *funcs.Env { return &funcs.Env{Env: *types.DefaultEnv} }

// run executes a query and gives its rows as texts.
func (db *database) run(q *planner.Query, rt *exec.Runtime) ([][]string, error) {
	rt.Env, rt.Rels = env(), db
	src, err := exec.Compile(rt, q.Root)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	at := map[plan.ColID]int{}
	for i, id := range q.Root.Out() {
		at[id] = i
	}
	var out [][]string
	var b vec.Batch
	for {
		if err := src.Next(context.Background(), &b); err != nil || b.N == 0 {
			return out, err
		}
		for i := range b.N {
			var row []string
			for _, c := range q.Cols {
				d := b.Cols[at[c.ID]].Datum(b.Row(i))
				if d.IsNull() {
					row = append(row, "NULL")
				} else {
					row = append(row, strings.TrimRight(c.Type.Text(types.DefaultEnv, d), " "))
				}
			}
			out = append(out, row)
		}
	}
}

func query(tb testing.TB, n int) string {
	b, err := os.ReadFile(filepath.Join(os.Getenv("TPCH_DIR"), fmt.Sprintf("q%02d.sql", n)))
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// TestAnswers compares with the answers on file: numbers with a tolerance, as other
// systems compute averages in floating point.
func TestAnswers(t *testing.T) {
	db := load(t)
	for n := 1; n <= 22; n++ {
		t.Run(fmt.Sprintf("q%02d", n), func(t *testing.T) {
			q, err := db.plan(query(t, n))
			if err != nil {
				t.Fatal(err)
			}
			if os.Getenv("TPCH_PLANS") != "" {
				t.Log("\n" + plan.Format(q.Root, q.Meta))
			}
			for _, mem := range []int64{0, 4 << 20} {
				start := time.Now()
				got, err := db.run(q, &exec.Runtime{WorkMem: mem, TempDir: t.TempDir()})
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("memory %d: %v", mem, time.Since(start))
				check(t, n, got)
			}
		})
	}
}

func check(t *testing.T, n int, got [][]string) {
	b, err := os.ReadFile(filepath.Join(os.Getenv("TPCH_DIR"), fmt.Sprintf("q%02d.ans", n)))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	var lines []string
	for _, r := range got {
		lines = append(lines, strings.Join(r, "|"))
	}
	slices.Sort(lines)
	slices.Sort(want)
	for i := range lines {
		g, w := strings.Split(lines[i], "|"), strings.Split(want[i], "|")
		for k := range w {
			if !same(g[k], strings.TrimRight(w[k], " ")) {
				t.Fatalf("row %d: %s\nwant %s", i, lines[i], want[i])
			}
		}
	}
}

func same(a, b string) bool {
	if a == b {
		return true
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && math.Abs(x-y) <= 1e-6*math.Max(1, math.Abs(y))
}

// BenchmarkQueries runs each query with one worker and with all.
func BenchmarkQueries(b *testing.B) {
	db := load(b)
	for _, workers := range []int{1, 2} {
		for n := 1; n <= 22; n++ {
			q, err := db.plan(query(b, n))
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("workers=%d/q%02d", workers, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := db.run(q, &exec.Runtime{Workers: workers, WorkMem: 1 << 30}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
