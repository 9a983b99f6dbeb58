package peer

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ticksPerSecond is the unit of /proc/<pid>/stat, 100 on every Linux.
const ticksPerSecond = 100

// CPU is the processor time (user and system) that a process and its
// descendants have used, those that ended and were waited for included.
// Where there is no /proc it is 0.
func CPU(pid int) time.Duration {
	var total time.Duration
	for _, p := range family(pid) {
		total += p.cpu
	}
	return total
}

// OwnCPU is what this process has used.
func OwnCPU() time.Duration {
	p, _ := readStat(os.Getpid())
	return p.cpu
}

// RssAnon is the anonymous memory, in bytes, that a process and its
// descendants hold now; memory-mapped files do not count.
func RssAnon(pid int) int64 {
	var total int64
	for _, p := range family(pid) {
		total += rssAnon(p.pid)
	}
	return total
}

// Watch samples RssAnon of a process until Stop.
type Watch struct {
	pid  int
	stop chan struct{}
	done sync.WaitGroup
	peak int64
}

const watchInterval = 20 * time.Millisecond

// NewWatch begins to watch.
func NewWatch(pid int) *Watch {
	w := &Watch{pid: pid, stop: make(chan struct{}), peak: RssAnon(pid)}
	w.done.Go(func() {
		tick := time.NewTicker(watchInterval)
		defer tick.Stop()
		for {
			select {
			case <-w.stop:
				return
			case <-tick.C:
				w.peak = max(w.peak, RssAnon(pid))
			}
		}
	})
	return w
}

// Stop ends the watch and returns the peak in bytes.
func (w *Watch) Stop() int64 {
	close(w.stop)
	w.done.Wait()
	return max(w.peak, RssAnon(w.pid))
}

// stat is what matters here of /proc/<pid>/stat.
type stat struct {
	pid, parent int
	cpu         time.Duration // own, and of children that were waited for
}

func readStat(pid int) (stat, bool) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, false
	}
	// The command's name may hold anything, parentheses too: what follows the
	// last one starts with field 3.
	_, rest, ok := strings.Cut(string(data[strings.LastIndexByte(string(data), ')'):]), " ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 15 {
		return stat{}, false
	}
	s := stat{pid: pid}
	s.parent, _ = strconv.Atoi(fields[1])
	for _, f := range fields[11:15] { // utime, stime, cutime, cstime
		ticks, _ := strconv.ParseInt(f, 10, 64)
		s.cpu += time.Duration(ticks) * time.Second / ticksPerSecond
	}
	return s, true
}

// family is a process and its living descendants.
func family(pid int) []stat {
	root, ok := readStat(pid)
	if !ok {
		return nil
	}
	out := []stat{root}
	for i := 0; i < len(out); i++ {
		for _, child := range children(out[i].pid) {
			if s, ok := readStat(child); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// children are the processes that a process has started and that live, by
// the lists that its threads keep.
func children(pid int) []int {
	dir := "/proc/" + strconv.Itoa(pid) + "/task"
	threads, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []int
	for _, t := range threads {
		data, err := os.ReadFile(dir + "/" + t.Name() + "/children")
		if err != nil {
			continue
		}
		for _, word := range strings.Fields(string(data)) {
			if child, err := strconv.Atoi(word); err == nil {
				out = append(out, child)
			}
		}
	}
	return out
}

func rssAnon(pid int) int64 {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(data), "RssAnon:")
	if !ok {
		return 0
	}
	words := strings.Fields(rest)
	if len(words) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(words[0], 10, 64)
	return kib * 1024
}
