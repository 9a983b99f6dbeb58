package log

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/streamsqld/streamsqld/internal/crash"
)

// The test binary runs itself as a writer that is killed at a crash point, and
// the log it leaves must hold all that it had acknowledged, and be usable. Each
// round goes on in the log of the one before.
func TestCrashPoints(t *testing.T) {
	if dir := os.Getenv("LOG_TEST_DIR"); dir != "" {
		writeUntilKilled(dir)
	}
	dir := t.TempDir()
	next := 0
	for round, point := range []string{"log.after-write:1", "log.after-write:40", "log.before-sync:17", "log.after-sync:30",
		"log.after-rotate:1", "log.after-rotate:3", "log.after-trim:2", "log.after-rotate:2"} {
		acked := runWriter(t, dir, point, next)
		l, err := Open(dir, Options{SegmentSize: testSegment})
		if err != nil {
			t.Fatalf("round %d, %s: %v", round, point, err)
		}
		first, last := -1, -1
		for _, e := range mustRead(t, l, l.Head()) {
			n, err := strconv.Atoi(strings.TrimRight(string(e.rec.Data), "."))
			if err != nil || last >= 0 && n != last+1 {
				t.Fatalf("round %d, %s: record %q after %d", round, point, e.rec.Data, last)
			}
			if first < 0 {
				first = n
			}
			last = n
		}
		if last < acked {
			t.Fatalf("round %d, %s: records %d to %d, but %d was acknowledged", round, point, first, last, acked)
		}
		next = last + 1
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// runWriter gives the last number that the child acknowledged.
func runWriter(t *testing.T, dir, point string, from int) (acked int) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashPoints$")
	cmd.Env = append(os.Environ(), "LOG_TEST_DIR="+dir, "LOG_TEST_FROM="+strconv.Itoa(from), crash.Env+"="+point)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acked = -1
	for s := bufio.NewScanner(out); s.Scan(); {
		if n, err := strconv.Atoi(s.Text()); err == nil {
			acked = n
		}
	}
	err = cmd.Wait()
	exit, ok := err.(*exec.ExitError)
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("%s: the writer ended with %v", point, err)
	}
	return acked
}

func writeUntilKilled(dir string) {
	l, err := Open(dir, Options{SegmentSize: testSegment})
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	n, _ := strconv.Atoi(os.Getenv("LOG_TEST_FROM"))
	var ends []Pos
	for ; ; n++ {
		_, end, err := l.Append(Record{Type: 1, Data: []byte(strconv.Itoa(n) + strings.Repeat(".", n%700))})
		if err == nil && n%3 == 0 {
			err = l.Sync()
		}
		if err != nil {
			fmt.Println("write:", err)
			os.Exit(1)
		}
		if ends = append(ends, end); n%3 == 0 {
			fmt.Println(n)
			if len(ends) > 40 {
				_ = l.Trim(ends[len(ends)-20])
			}
		}
	}
}
