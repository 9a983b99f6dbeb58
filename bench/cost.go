package main

import (
	"slices"
	"time"

	"github.com/streamsqld/streamsqld/bench/peer"
)

// cost is what a measurement took.
type cost struct {
	wall   float64 // seconds
	server float64 // CPU seconds of the server; 0: unknown
	client float64 // CPU seconds of this process
	peak   float64 // MiB, the server's RssAnon
}

// spend runs f against a server and says what it took.
func spend(s server, f func() error) (cost, error) {
	watch := peer.NewWatch(s.pid)
	server, client, begin := peer.CPU(s.pid), peer.OwnCPU(), time.Now()
	err := f()
	c := cost{wall: time.Since(begin).Seconds()}
	c.server = (peer.CPU(s.pid) - server).Seconds()
	c.client = (peer.OwnCPU() - client).Seconds()
	c.peak = float64(watch.Stop()) / (1 << 20)
	return c, err
}

const (
	settleStep = 200 * time.Millisecond
	settleMost = 60 * time.Second
)

// settle waits until a server has finished what it does in the background,
// and returns the CPU seconds that this took.
func settle(s server) float64 {
	if s.pid == 0 {
		return 0
	}
	begin := peer.CPU(s.pid)
	last, quiet := begin, 0
	for end := time.Now().Add(settleMost); time.Now().Before(end) && quiet < 3; {
		time.Sleep(settleStep)
		now := peer.CPU(s.pid)
		// A tick is the unit of the measurement: less than 5 % of a core.
		if quiet++; now-last > 10*time.Millisecond {
			quiet = 0
		}
		last = now
	}
	return (last - begin).Seconds()
}

// median of some numbers; it does not keep their order.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	n := len(values)
	if n%2 == 1 {
		return values[n/2]
	}
	return (values[n/2-1] + values[n/2]) / 2
}

// middle is the round whose wall time is the median's, of an even number the
// faster of the two in the middle.
func middle(rounds []cost) cost {
	sorted := slices.Clone(rounds)
	slices.SortFunc(sorted, func(a, b cost) int {
		if a.wall < b.wall {
			return -1
		}
		return 1
	})
	return sorted[(len(sorted)-1)/2]
}

// rss is the memory that a server holds now, in MiB.
func rss(s server) float64 { return float64(peer.RssAnon(s.pid)) / (1 << 20) }
