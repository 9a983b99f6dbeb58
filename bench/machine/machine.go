// Package machine describes the machine that a benchmark ran on: what a
// number has to be read beside.
package machine

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Info is the machine line of a report.
type Info struct {
	CPU       string  `json:"cpu"`        // model name
	Cores     int     `json:"cores"`      // usable by this process
	MemoryMiB int64   `json:"memory_mib"` // of the machine
	Kernel    string  `json:"kernel"`
	Go        string  `json:"go"`
	Load      float64 `json:"load"` // one-minute load average at the start
	Fsync     Fsync   `json:"fsync"`
}

// Limits under which absolute times count: beyond them the disk or the
// machine was busy with something else, and only ratios say anything.
const (
	quietFsyncMillis = 0.3
	quietLoad        = 0.5
)

// Describe looks at the machine and at the disk that holds dir.
func Describe(dir string) (Info, error) {
	info := Info{
		CPU:    field("/proc/cpuinfo", "model name"),
		Cores:  runtime.NumCPU(),
		Kernel: firstLine("/proc/sys/kernel/osrelease"),
		Go:     runtime.Version() + " " + runtime.GOARCH,
	}
	if kib, err := strconv.ParseInt(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 10, 64); err == nil {
		info.MemoryMiB = kib / 1024
	}
	if words := strings.Fields(firstLine("/proc/loadavg")); len(words) > 0 {
		info.Load, _ = strconv.ParseFloat(words[0], 64)
	}
	var err error
	info.Fsync, err = MeasureFsync(dir)
	return info, err
}

// Quiet says whether absolute times of this run count.
func (i Info) Quiet() bool {
	return i.Fsync.P50 <= quietFsyncMillis && i.Load < quietLoad
}

// String is the machine line.
func (i Info) String() string {
	quiet := "quiet: absolute times count"
	if !i.Quiet() {
		quiet = "busy: only ratios and CPU-seconds count"
	}
	return fmt.Sprintf("%s, %d cores, %.1f GiB, Linux %s, %s, fdatasync 4 KiB p50 %.2f ms p99 %.2f ms, load %.2f (%s)",
		i.CPU, i.Cores, float64(i.MemoryMiB)/1024, i.Kernel, i.Go, i.Fsync.P50, i.Fsync.P99, i.Load, quiet)
}

// field is the value of the first "name : value" line of a file under /proc,
// "" when there is none.
func field(path, name string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func firstLine(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(data), "\n")
	return line
}
