package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
)

const (
	// fallbackMemory is taken where the machine does not tell.
	fallbackMemory = 4 << 30
)

// limitMemory tells the garbage collector what the process may use, unless the
// environment has (GOMEMLIMIT, GOGC), and gives it.
func limitMemory(configured byteSize, getenv func(string) string) int64 {
	limit := int64(configured)
	if limit == 0 {
		limit = availableMemory(os.ReadFile) / 4 * 3
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit)
	}
	if getenv("GOGC") == "" {
		paceGC(&pacer{})
	}
	return limit
}

// availableMemory gives the memory of the machine or of the control group,
// whichever is less.
func availableMemory(read func(string) ([]byte, error)) int64 {
	least := int64(0)
	consider := func(n int64) {
		if n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	if b, err := read("/proc/meminfo"); err == nil {
		for _, line := range strings.Split(string(b), "\n") {
			if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
				n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
				consider(n << 10)
			}
		}
	}
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if b, err := read(path); err == nil {
			n, _ := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
			consider(n)
		}
	}
	if least == 0 {
		return fallbackMemory
	}
	return least
}

// pacer is garbage: the collector finds it in every cycle, which tells that one has
// ended.
type pacer struct{ _ [16]byte }

// paceGC sets, after every cycle of the collector, how much may be allocated until the
// next: as much again as is live while that is little, less in proportion when it is
// much. What is large here are encoded rows and state without pointers, which cost the
// collector little.
func paceGC(p *pacer) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if live[0].Value.Kind() == metrics.KindUint64 {
		debug.SetGCPercent(gcPercent(int64(live[0].Value.Uint64())))
	}
	runtime.SetFinalizer(p, paceGC)
}

// gcPercent is the garbage that is let grow, in percent of what is live.
func gcPercent(live int64) int {
	const even = 128 << 20
	if live <= even {
		return int(100 * even / max(live, 1<<20))
	}
	return int(100 * (even + (live-even)/5) / live)
}
