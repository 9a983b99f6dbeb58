package planner_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
)

// TestRulesKeepViewsMaintainable: what can be maintained as it is bound, or with its
// subqueries made joins, can be with all rules; over the queries of the golden plans
// and random ones.
func TestRulesKeepViewsMaintainable(t *testing.T) {
	bases := map[string][]rules.Rule{"as bound": {}, "unnested": rules.All[:2]}
	some := 0
	try := func(c *planner.Context, sql string) {
		ok := func(list []rules.Rule) (bool, string) {
			st, err := parser.Parse(sql)
			if err != nil {
				return false, ""
			}
			sel, isSelect := st[0].Stmt.(*ast.Select)
			if !isSelect {
				return false, ""
			}
			c.Rules = list
			v, err := planner.View(c, sel, false)
			if err != nil {
				return false, err.Error()
			}
			if _, err := exec.CompileCircuit(v.Root, c.Env); err != nil {
				return false, err.Error()
			}
			return true, ""
		}
		for name, list := range bases {
			if fine, _ := ok(list); !fine {
				continue
			}
			some++
			if fine, why := ok(nil); !fine {
				t.Errorf("maintainable %s, with all rules: %s\n%s", name, why, sql)
			}
		}
	}
	data, err := os.ReadFile("testdata/plans.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range strings.Split(string(data), "\n\n\n") {
		sql, _, _ := strings.Cut(c, "\n----\n")
		try(testContext(), sql)
	}
	g := &querier{Rand: rand.New(rand.NewPCG(*soundSeed, 10))}
	db := soundDatabase(t, g)
	for range *soundQueries {
		try(db.Context(), g.query())
	}
	if some < *soundQueries/8 {
		t.Errorf("only %d plans are maintainable", some)
	}
}
