package harness

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
)

// ports gives the ports that servers listen on, each to one server until that is closed: it
// finds them free again when it is started anew. They lie below those that systems give to
// outgoing connections, and in a part that other test processes hardly have.
type ports struct {
	mu    sync.Mutex
	taken map[string]bool
	next  int // in the process's part
}

var freePorts = ports{taken: map[string]bool{}}

const (
	lowPort   = 10240
	partPorts = 512
	parts     = (32768 - lowPort) / partPorts
)

func (p *ports) take(tb testing.TB) string {
	tb.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == 0 {
		p.next = rand.IntN(partPorts)
	}
	low := lowPort + os.Getpid()%parts*partPorts
	for range partPorts {
		p.next++
		addr := fmt.Sprintf("127.0.0.1:%d", low+p.next%partPorts)
		if p.taken[addr] {
			continue
		}
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			p.taken[addr] = true
			return addr
		}
	}
	tb.Fatalf("no free port from %d on", low)
	return ""
}

func (p *ports) give(addrs ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range addrs {
		delete(p.taken, a)
	}
}
