// Package crash gives crash points: named places where a test can have the
// process die as if by kill -9. The environment variable
//
//	STREAMSQLD_CRASH_AT=name[:n]
//
// makes the process kill itself with SIGKILL when it passes the point of that
// name for the n-th time (the first when n is absent). Nothing runs at that
// moment: no deferred call, no flush. A point that is not armed costs one load
// and one branch.
package crash

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// Env is the environment variable that arms a point.
const Env = "STREAMSQLD_CRASH_AT"

var armed = arm(os.Getenv(Env))

type target struct {
	name string
	left atomic.Int64
}

// arm reads "name" or "name:n"; nil when there is nothing to arm.
func arm(spec string) *target {
	if spec == "" {
		return nil
	}
	name, count, _ := strings.Cut(spec, ":")
	t := &target{name: name}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 1 {
		n = 1
	}
	t.left.Store(n)
	return t
}

// Point is a place where the process may be made to die. Names are
// "room.what-just-happened".
func Point(name string) {
	if armed != nil {
		armed.pass(name)
	}
}

func (t *target) pass(name string) {
	if t.name == name && t.left.Add(-1) == 0 {
		die()
	}
}

func die() {
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		os.Exit(137)
	}
	select {}
}
