package engine

import (
	"strconv"
	"sync"
	"testing"
)

// Sessions that change the same row wait for each other and lose nothing, whether they
// update it at once or lock it first.
func TestContendedRow(t *testing.T) {
	const sessions, times = 6, 150
	for name, script := range map[string]string{
		"update":            "UPDATE t SET n = n + 1 WHERE id = 1",
		"update in a block": "BEGIN; UPDATE other SET n = n + 1 WHERE id = 1; UPDATE t SET n = n + 1 WHERE id = 1; COMMIT",
		"for update":        "BEGIN; SELECT n FROM t WHERE id = 1 FOR UPDATE; UPDATE t SET n = n + 1 WHERE id = 1; COMMIT",
	} {
		t.Run(name, func(t *testing.T) {
			d := openDatabase(t)
			s := d.session()
			defer s.close()
			s.exec("CREATE TABLE t (id int PRIMARY KEY, n int); CREATE TABLE other (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0); INSERT INTO other VALUES (1, 0)")
			var wait sync.WaitGroup
			for range sessions {
				c := d.session()
				wait.Go(func() {
					defer c.close()
					for range times {
						if _, err := c.try(script); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			wait.Wait()
			if got, want := s.text("SELECT n FROM t"), strconv.Itoa(sessions*times); got != want {
				t.Errorf("the row counts %s updates instead of %s", got, want)
			}
		})
	}
}
