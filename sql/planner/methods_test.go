package planner_test

import (
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
)

// TestMethods runs joins of every kind without one method after another: the rows stay the same, and the plan does without.
func TestMethods(t *testing.T) {
	joins := []string{
		"select s.k, b.id from small s join big b on b.g = s.g and b.id = s.k order by 1, 2",
		"select s.k, b.id from small s left join big b on b.g = s.g and b.id < 200 order by 1, 2",
		"select s.k, b.id from (select * from big where id < 50) b right join small s on b.g = s.g order by 1, 2",
		"select s.k, b.id from small s full join (select * from big where id < 50) b on b.g = s.g order by 1, 2",
		"select k from small where g in (select g from big where id > 2900) order by 1",
		"select k from small s where not exists (select from big b where b.g = s.g and b.nn = 7) order by 1",
		"select a.id, b.line from (select * from big order by id limit 40) a join (select * from det order by bid limit 90) b on a.id = b.bid order by 1, 2",
		"select count(*), sum(b.id) from small a, big b, det d where a.g = b.nn and d.bid = b.id",
		"select * from small where k = 3",
	}
	db, _ := queriesOf(t, "indexes.sql")
	for _, sql := range joins {
		db.Methods = rules.Methods{}
		want, err := db.Query(sql)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []struct {
			without string
			rules.Methods
		}{
			{"Hash", rules.Methods{NoHashJoin: true, NoIndexScan: true}},
			{"Hash", rules.Methods{NoHashJoin: true, NoNestLoop: true}},
			{"Merge", rules.Methods{NoHashJoin: true, NoMergeJoin: true}},
			{"Index Scan", rules.Methods{NoIndexScan: true}},
			{"Seq Scan on small", rules.Methods{NoSeqScan: true, WorkMem: 1}},
		} {
			if m.without == "Seq Scan on small" && !strings.Contains(sql, "where k =") {
				continue
			}
			db.Methods = m.Methods
			q, err := db.Plan(sql)
			if err != nil {
				t.Fatal(err)
			}
			if text := plan.Format(q.Root, q.Meta); strings.Contains(text, m.without) {
				t.Errorf("%s without %s:\n%s", sql, m.without, text)
			}
			got, err := db.Query(sql)
			if err != nil || got.String() != want.String() {
				t.Errorf("%s\nwithout %+v gives %swant %s(%v)", sql, m.Methods, got, want, err)
			}
		}
	}
}
