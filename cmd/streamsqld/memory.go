package main

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

const (
	// gcPercent trades memory for time; memory in vectors is pooled, so more gains
	// nothing.
	gcPercent = 100
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
		debug.SetGCPercent(gcPercent)
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
