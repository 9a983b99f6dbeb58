package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Sessions that change the same row wait for each other and lose nothing, whether they
// update it at once or lock it first.
func TestContendedRow(t *testing.T) {
	const sessions, times = 6, 150
	for name, script := range map[string]string{
		"update":            "UPDATE t SET n = n + 1 WHERE id = 1",
		"update in a block": "BEGIN; UPDATE other SET n = n + 1 WHERE id = 1; UPDATE t SET n = n + 1 WHERE id = 1; COMMIT",
		"update twice":      "BEGIN; UPDATE t SET n = n + 3 WHERE id = 1; UPDATE t SET n = n - 2 WHERE id = 1; COMMIT",
		"update and delete": "BEGIN; INSERT INTO t VALUES (2 + random() * 1e9, 0); UPDATE t SET n = n + 1 WHERE id = 1; DELETE FROM t WHERE id > 1; COMMIT",
		"upsert":            "INSERT INTO t VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n",
		"merge":             "MERGE INTO t USING (VALUES (1)) v(id) ON t.id = v.id WHEN MATCHED THEN UPDATE SET n = n + 1",
		"for update":        "BEGIN; SELECT n FROM t WHERE id = 1 FOR UPDATE; UPDATE t SET n = n + 1 WHERE id = 1; COMMIT",
	} {
		t.Run(name, func(t *testing.T) {
			d := openDatabase(t)
			s := d.session()
			defer s.close()
			s.exec("CREATE TABLE t (id int PRIMARY KEY, n int); CREATE TABLE other (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0); INSERT INTO other VALUES (1, 0)")
			together(t, d, sessions, func(c *testSession, _ int) error {
				for range times {
					if _, err := c.try(script); err != nil {
						return err
					}
				}
				return nil
			})
			if got, want := s.text("SELECT n FROM t"), strconv.Itoa(sessions*times); got != want {
				t.Errorf("the row counts %s updates instead of %s", got, want)
			}
		})
	}
}

// Workers that take from a queue by SKIP LOCKED take each job once.
func TestQueue(t *testing.T) {
	const workers, jobs = 4, 300
	d := openDatabase(t)
	s := d.session()
	defer s.close()
	s.exec(fmt.Sprintf("CREATE TABLE jobs (id int PRIMARY KEY, done bool); CREATE INDEX ON jobs (done, id); INSERT INTO jobs SELECT g, false FROM generate_series(1, %d) g; CREATE TABLE took (id int)", jobs))
	take := "WITH j AS (UPDATE jobs SET done = true WHERE id = (SELECT id FROM jobs WHERE NOT done ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id) INSERT INTO took SELECT id FROM j"
	together(t, d, workers, func(c *testSession, _ int) error {
		for {
			if _, err := c.try(take); err != nil {
				return err
			}
			if a, err := c.try("SELECT count(*) FROM jobs WHERE NOT done"); err != nil || a.rows[0][0] == "0" {
				return err
			}
		}
	})
	if got, want := s.text("SELECT count(*) || ' ' || count(DISTINCT id) FROM took"), fmt.Sprintf("%d %d", jobs, jobs); got != want {
		t.Errorf("taken, and different ones of them: %s, not %s", got, want)
	}
}

// No child is left without its parent, however parents come, change and go.
func TestOrphans(t *testing.T) {
	d := openDatabase(t)
	s := d.session()
	defer s.close()
	s.exec("CREATE TABLE parent (i int PRIMARY KEY, n int); CREATE TABLE child (i int REFERENCES parent, n int)")
	scripts := []string{
		"INSERT INTO parent VALUES (%[1]d, 0) ON CONFLICT DO NOTHING",
		"INSERT INTO child VALUES (%[1]d, %[2]d)",
		"BEGIN; INSERT INTO child VALUES (%[1]d, %[2]d); INSERT INTO child VALUES (%[2]d, 0); COMMIT",
		"UPDATE parent SET n = n + 1 WHERE i = %[1]d",
		"BEGIN; UPDATE parent SET n = n + 1 WHERE i = %[1]d; UPDATE parent SET n = n + 1 WHERE i = %[1]d; DELETE FROM parent WHERE i = %[2]d; COMMIT",
		"DELETE FROM parent WHERE i = %[1]d",
		"UPDATE parent SET i = %[2]d WHERE i = %[1]d",
		"DELETE FROM child WHERE i = %[1]d",
		"BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM parent; DELETE FROM parent WHERE i = %[1]d; COMMIT",
	}
	together(t, d, 6, func(c *testSession, worker int) error {
		r := rand.New(rand.NewPCG(7, uint64(worker)))
		for range 400 {
			_, err := c.try(fmt.Sprintf(scripts[r.IntN(len(scripts))], r.IntN(6), r.IntN(6)))
			if err != nil && !retried(err, pgerr.ForeignKeyViolation, pgerr.UniqueViolation) {
				return err
			}
			if err != nil {
				c.exec("ROLLBACK")
			}
		}
		return nil
	})
	if n := s.text("SELECT count(*) FROM child LEFT JOIN parent USING (i) WHERE parent.i IS NULL"); n != "0" {
		t.Errorf("%s children have no parent", n)
	}
}

// What each transaction alone keeps, serializable ones keep together, and repeatable
// reads that write all they read.
func TestKeptTogether(t *testing.T) {
	for level, script := range map[string]string{
		// Either account may be overdrawn as long as both together are not.
		"serializable": "UPDATE account SET n = n - 40 WHERE id = %d AND (SELECT sum(n) FROM account) >= 40",
		// Money is only moved.
		"repeatable read": "UPDATE account SET n = n + CASE id WHEN %d THEN 5 ELSE -5 END",
	} {
		t.Run(level, func(t *testing.T) {
			d := openDatabase(t)
			s := d.session()
			defer s.close()
			s.exec("CREATE TABLE account (id int PRIMARY KEY, n int); INSERT INTO account VALUES (0, 500), (1, 500)")
			together(t, d, 4, func(c *testSession, worker int) error {
				for i := range 60 {
					_, err := c.try(fmt.Sprintf("BEGIN ISOLATION LEVEL %s; SELECT sum(n) FROM account; %s; COMMIT", level, fmt.Sprintf(script, (worker+i)%2)))
					if err == nil {
						continue
					}
					if !retried(err) {
						return err
					}
					c.exec("ROLLBACK")
				}
				return nil
			})
			sum, _ := strconv.Atoi(s.text("SELECT sum(n) FROM account"))
			if sum < 0 || level == "repeatable read" && sum != 1000 {
				t.Errorf("the accounts have %d together", sum)
			}
		})
	}
}

// together runs a function in several sessions at once.
func together(t *testing.T, d *database, sessions int, work func(c *testSession, worker int) error) {
	var wait sync.WaitGroup
	for i := range sessions {
		c := d.session()
		wait.Go(func() {
			defer c.close()
			if err := work(c, i); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

// retried tells errors that a client answers by trying again, and others that are expected.
func retried(err error, others ...pgerr.Code) bool {
	code := pgerr.From(err).Code
	return code == pgerr.TRSerializationFailure || code == pgerr.TRDeadlockDetected || slices.Contains(others, code)
}
