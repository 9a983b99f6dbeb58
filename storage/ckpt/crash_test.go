package ckpt

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"github.com/streamsqld/streamsqld/internal/crash"
)

// The test binary runs itself as a writer that is killed inside a batch. The
// store it leaves must hold its last acknowledged batch, or the one after it.
func TestCrashPoints(t *testing.T) {
	if dir := os.Getenv("CKPT_TEST_DIR"); dir != "" {
		writeUntilKilled(dir)
	}
	dir := t.TempDir()
	for _, point := range []string{"ckpt.before-mark:1", "ckpt.after-mark:2", "ckpt.after-flush:7", "ckpt.before-mark:3", "ckpt.after-flush:1"} {
		acked := runWriter(t, dir, point)
		s := open(t, dir)
		_, meta := s.Last()
		gen := 0
		if meta != nil {
			gen, _ = strconv.Atoi(string(meta))
		}
		if gen < acked || gen > acked+1 {
			t.Fatalf("%s: generation %d, acknowledged %d", point, gen, acked)
		}
		got, err := contents(s)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range got {
			if len(v) == 0 || int(v[0]) != gen {
				t.Fatalf("%s: %s is of generation %d, the mark of %d", point, k, v[0], gen)
			}
		}
		if want := min(gen, 1) * 600; len(got) != want {
			t.Fatalf("%s: %d values, want %d", point, len(got), want)
		}
		mustClose(t, s)
	}
}

func runWriter(t *testing.T, dir, point string) (acked int) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashPoints$")
	cmd.Env = append(os.Environ(), "CKPT_TEST_DIR="+dir, crash.Env+"="+point)
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
	exit, ok := err.(*exec.ExitError)
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("%s: the writer ended with %v", point, err)
	}
	return acked
}

func writeUntilKilled(dir string) {
	fail := func(err error) {
		fmt.Println("writer:", err)
		os.Exit(1)
	}
	s, err := Open(dir, testOptions)
	if err != nil {
		fail(err)
	}
	_, meta := s.Last()
	gen, _ := strconv.Atoi(string(meta))
	fmt.Println(gen)
	for gen++; gen < 100; gen++ {
		b := s.Begin()
		for i := range 600 {
			if err := b.Put(fmt.Appendf(nil, "k%03d", i), bytes.Repeat([]byte{byte(gen)}, 1+i*17%20000)); err != nil {
				fail(err)
			}
		}
		if err := b.Commit(strconv.AppendInt(nil, int64(gen), 10)); err != nil {
			fail(err)
		}
		fmt.Println(gen)
	}
}
