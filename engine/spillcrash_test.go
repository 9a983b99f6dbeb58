package engine

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/crash"
)

const spillDirEnv = "ENGINE_SPILL_TEST_DIR"

// spillRound is how many rows of t and of s each transaction of the writer adds.
const spillRound = 12_000

// copiedRows is how many rows a transaction copies into a table without indexes for
// each of the others: they go to segments while they come.
const copiedRows = 3

// The test binary runs itself as a writer of large transactions that is killed at
// every step of theirs. What it leaves holds the transactions that were acknowledged,
// perhaps one more, none of them by halves; also when the next start is killed, too.
func TestSpillCrashes(t *testing.T) {
	if dir := os.Getenv(spillDirEnv); dir != "" {
		writeLargeUntilKilled(dir)
	}
	if testing.Short() {
		t.Skip("SKIPPED in short tests: it starts many processes")
	}
	d := openSpilling(t)
	s := d.session()
	s.exec(spillSetup)
	s.exec("CREATE TABLE w (id int, grp int, b text)")
	s.close()
	d.close()
	known := 0
	for _, point := range []string{
		"tx.after-stage:3", "tx.after-spill:1", "tx.after-spill:9", "segment.after-write:5", "segment.after-run:4", "rel.after-seal:6",
		"line.before-record:2", "line.after-record:1", "line.before-publish:2", "checkpoint.before-commit:1", "checkpoint.before-trim:1",
		"rel.after-compact:1", "recover.after-replay:1", "recover.before-replay:1", "line.after-record:2",
	} {
		known = max(known, runLargeWriter(t, d.cfg.DataDir, point)) // killed early, it says nothing
		for _, how := range []string{"after " + point, "after a stop"} {
			d.open()
			s := d.session()
			known = checkRounds(t, s, how, known)
			s.close()
			d.close()
		}
	}
}

// checkRounds checks that whole transactions are there, as many as were acknowledged
// or one more, and gives how many.
func checkRounds(t *testing.T, s *testSession, how string, acked int) int {
	t.Helper()
	n, err := strconv.Atoi(s.text("SELECT count(*) FROM t"))
	if err != nil || n%spillRound != 0 || n/spillRound < acked || n/spillRound > acked+1 {
		t.Fatalf("%s: %d rows of transactions of %d, %d are acknowledged", how, n, spillRound, acked)
	}
	want := fmt.Sprintf("%d|%d|%d", n, n*(n+1)/2, n)
	if n == 0 {
		want = "0|0|0"
	}
	s.want("SELECT count(*), coalesce(sum(id), 0), count(DISTINCT b) FROM t", want)
	s.want("SELECT (SELECT count(*) FROM s) + (SELECT count(*) FROM s_late)", strconv.Itoa(n))
	s.want("SELECT count(*), coalesce(max(id), 0) FROM w", fmt.Sprintf("%d|%d", copiedRows*n, copiedRows*n))
	s.wantViews(spillViews...)
	return n / spillRound
}

// runLargeWriter runs the writer until it is killed, and gives how many transactions
// it was told to be committed.
func runLargeWriter(t *testing.T, dir, point string) (acked int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestSpillCrashes$")
	cmd.Env = append(os.Environ(), spillDirEnv+"="+dir, crash.Env+"="+point)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(out); s.Scan(); {
		if n, err := strconv.Atoi(s.Text()); err == nil {
			acked = n
		} else {
			t.Log(s.Text())
		}
	}
	err = cmd.Wait()
	if exit, ok := err.(*exec.ExitError); !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("%s: the writer ended with %v", point, err)
	}
	return acked
}

// writeLargeUntilKilled commits one large transaction after another and writes how
// many are there.
func writeLargeUntilKilled(dir string) {
	fail := func(err error) {
		if err != nil {
			fmt.Println("writer:", err)
			os.Exit(1)
		}
	}
	e, err := Open(context.Background(), Config{
		DataDir: dir, StagedMemory: 16 << 10, TailMemory: 256 << 10, CheckpointEvery: time.Millisecond,
		Settings: map[string]string{"synchronous_commit": "on"},
	})
	fail(err)
	d := &database{e: e, t: new(testing.T)}
	s := d.session()
	n, err := strconv.Atoi(s.text("SELECT count(*) FROM t"))
	fail(err)
	fmt.Println(n / spillRound)
	for n < 40*spillRound {
		last := n + spillRound
		for _, sql := range []string{
			"BEGIN", fmt.Sprintf(manyRows, n+1, last-10), "SAVEPOINT a", fmt.Sprintf(manyRows, last-9, last+9000), "ROLLBACK TO a",
			fmt.Sprintf(manyRows, last-9, last), fmt.Sprintf(manyEvents, max(0, n-2000)+1, max(0, n-2000)+spillRound),
		} {
			_, err := s.try(sql)
			fail(err)
		}
		_, err := s.try("COPY w FROM STDIN", directRows(copiedRows*n+1, copiedRows*last+1))
		fail(err)
		_, err = s.try("COMMIT")
		fail(err)
		n = last
		fmt.Println(n / spillRound)
	}
	os.Exit(0)
}
