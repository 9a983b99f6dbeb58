package crash

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// The test binary runs itself with a point armed, passes it, and must be found
// killed at the pass that was named.
func TestPointKills(t *testing.T) {
	if os.Getenv("CRASH_TEST_CHILD") != "" {
		for range 5 {
			os.Stdout.WriteString("x")
			Point("crash.test")
		}
		os.Exit(0)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestPointKills$")
	cmd.Env = append(os.Environ(), "CRASH_TEST_CHILD=1", Env+"=crash.test:3")
	out, err := cmd.Output()
	exit, ok := err.(*exec.ExitError)
	if !ok {
		t.Fatalf("child ended with %v, want a kill", err)
	}
	if ws := exit.Sys().(syscall.WaitStatus); !ws.Signaled() || ws.Signal() != syscall.SIGKILL {
		t.Fatalf("child ended with %v, want SIGKILL", ws)
	}
	if string(out) != "xxx" {
		t.Fatalf("child passed %d times, want 3", len(out))
	}
}

func TestArm(t *testing.T) {
	if arm("") != nil {
		t.Fatal("an empty value arms")
	}
	for spec, want := range map[string]int64{"a.b": 1, "a.b:4": 4, "a.b:x": 1, "a.b:0": 1} {
		if got := arm(spec); got.name != "a.b" || got.left.Load() != want {
			t.Errorf("arm(%q) = %q, %d", spec, got.name, got.left.Load())
		}
	}
}

func BenchmarkPoint(b *testing.B) {
	for b.Loop() {
		Point("crash.bench")
	}
}
