package machine

import (
	"os"
	"slices"
	"time"
)

// Fsync is what a durable write of 4 KiB costs, in milliseconds: the floor
// under every durable commit.
type Fsync struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
}

const (
	fsyncFile   = 16 << 20 // size of the file that is written over
	fsyncBlock  = 4096
	fsyncBudget = 2 * time.Second
	fsyncMost   = 4000
)

// MeasureFsync overwrites blocks of a file in dir that was written before, so
// that only data moves, and syncs after each.
func MeasureFsync(dir string) (Fsync, error) {
	f, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		return Fsync{}, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(make([]byte, fsyncFile)); err != nil {
		return Fsync{}, err
	}
	if err := f.Sync(); err != nil {
		return Fsync{}, err
	}
	block := make([]byte, fsyncBlock)
	var times []time.Duration
	for begin := time.Now(); time.Since(begin) < fsyncBudget && len(times) < fsyncMost; {
		block[0]++
		at := int64(len(times)) * fsyncBlock % fsyncFile
		start := time.Now()
		if _, err := f.WriteAt(block, at); err != nil {
			return Fsync{}, err
		}
		if err := dataSync(f); err != nil {
			return Fsync{}, err
		}
		times = append(times, time.Since(start))
	}
	return Fsync{P50: Percentile(times, 0.5), P99: Percentile(times, 0.99)}, nil
}

// Percentile is the p-quantile (0 ≤ p ≤ 1) of times in milliseconds; it sorts
// them. None: 0.
func Percentile(times []time.Duration, p float64) float64 {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return float64(times[int(p*float64(len(times)-1))].Nanoseconds()) / 1e6
}
