package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/streamsqld/streamsqld/bench/machine"
)

// report is what a run found out.
type report struct {
	Workload string       `json:"workload"`
	At       time.Time    `json:"at"`
	Revision string       `json:"revision,omitempty"` // of the benchmark's own build
	Scale    float64      `json:"scale"`
	Rounds   int          `json:"rounds"`
	Seed     uint64       `json:"seed"`
	Machine  machine.Info `json:"machine"`
	Quiet    bool         `json:"quiet"` // absolute times count
	Results  []*result    `json:"results"`
	Gates    []gate       `json:"gates"`
	Notes    []string     `json:"notes,omitempty"`

	part string
}

// result is a measurement of a system: named numbers.
type result struct {
	Part    string   `json:"part"`
	Name    string   `json:"name"`
	System  string   `json:"system"`
	Metrics []metric `json:"metrics"`
}

// metric is a number with its unit.
type metric struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"`
}

// gate is a number to hold.
type gate struct {
	Name string  `json:"name"`
	Have float64 `json:"have"`
	Need string  `json:"need"` // ">= 3", "<= 1024"
	Held bool    `json:"held"`
	// Counts is false for absolute times on a machine that was busy.
	Counts bool `json:"counts"`
}

func newReport(opt *options, info machine.Info) *report {
	r := &report{
		Workload: opt.workload, At: time.Now().UTC().Truncate(time.Second), Scale: opt.scale, Rounds: opt.rounds, Seed: opt.seed,
		Machine: info, Quiet: info.Quiet(),
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, s := range build.Settings {
			if s.Key == "vcs.revision" {
				r.Revision = s.Value
			}
		}
	}
	return r
}

// add adds a measurement.
func (r *report) add(name, system string, metrics ...metric) {
	for i := range metrics {
		if math.IsInf(metrics[i].Value, 0) || math.IsNaN(metrics[i].Value) {
			metrics[i].Value = 0
		}
	}
	r.Results = append(r.Results, &result{Part: r.part, Name: name, System: system, Metrics: metrics})
}

// get finds a number that was measured; false when it was not.
func (r *report) get(name, system, metricName string) (float64, bool) {
	for _, res := range r.Results {
		if res.Part != r.part || res.Name != name || res.System != system {
			continue
		}
		for _, m := range res.Metrics {
			if m.Name == metricName {
				return m.Value, true
			}
		}
	}
	return 0, false
}

// ratio is ours divided by a peer's number; false when one is missing.
func (r *report) ratio(name, metricName, system string) (float64, bool) {
	ours, ok1 := r.get(name, streamsqld, metricName)
	theirs, ok2 := r.get(name, system, metricName)
	return ours / theirs, ok1 && ok2 && theirs != 0
}

// atLeast and atMost note a gate, if its number was measured. absolute says
// that it only counts on a quiet machine.
func (r *report) atLeast(name string, have float64, ok bool, need float64) {
	r.gate(gate{Name: name, Have: have, Need: fmt.Sprintf(">= %g", need), Held: have >= need, Counts: true}, ok)
}

func (r *report) atMost(name string, have float64, ok bool, need float64) {
	r.gate(gate{Name: name, Have: have, Need: fmt.Sprintf("<= %.4g", need), Held: have <= need, Counts: true}, ok)
}

// quietly makes the gate noted last one that counts on a quiet machine only.
func (r *report) quietly() {
	if n := len(r.Gates); n > 0 {
		r.Gates[n-1].Counts = r.Quiet
	}
}

func (r *report) gate(g gate, ok bool) {
	if ok && !math.IsNaN(g.Have) && !math.IsInf(g.Have, 0) {
		r.Gates = append(r.Gates, g)
	}
}

func (r *report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// fail notes that the part that runs went wrong.
func (r *report) fail(err error) { r.note("%s: FAILED: %v", r.part, err) }

// write prints the JSON line, and appends it to a file if one is named.
func (r *report) write(w io.Writer, path string) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if _, err := w.Write(line); err != nil || path == "" {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(line); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// print writes the tables: one per measurement, a line per system.
func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s, scale %g, seed %d, median of %d\n%s\n", r.Workload, r.Scale, r.Seed, r.Rounds, r.Machine)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	last := ""
	for _, res := range r.Results {
		title := res.Part + ": " + res.Name
		if head := title + header(res); head != last {
			_ = t.Flush()
			fmt.Fprintf(w, "\n%s\n", title)
			fmt.Fprintf(t, "%s\t\n", header(res))
			last = head
		}
		fmt.Fprintf(t, "%s\t", res.System)
		for _, m := range res.Metrics {
			fmt.Fprintf(t, "%s\t", number(m.Value))
		}
		fmt.Fprintln(t)
	}
	_ = t.Flush()
	r.printGates(w)
	for _, n := range r.Notes {
		fmt.Fprintln(w, "note:", n)
	}
	fmt.Fprintln(w)
}

func (r *report) printGates(w io.Writer) {
	if len(r.Gates) == 0 {
		return
	}
	fmt.Fprintln(w, "\nnumbers to hold")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, g := range r.Gates {
		verdict := "held"
		if !g.Held {
			verdict = "NOT HELD"
		}
		if !g.Counts {
			verdict += " (busy machine: does not count)"
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", g.Name, number(g.Have), g.Need, verdict)
	}
	_ = t.Flush()
}

// header is the names of a result's numbers, the empty system's name first.
func header(res *result) string {
	var b strings.Builder
	for _, m := range res.Metrics {
		b.WriteString("\t" + m.Name)
		if m.Unit != "" {
			b.WriteString(" [" + m.Unit + "]")
		}
	}
	return b.String()
}

// number writes a number with about three digits that matter.
func number(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1e7:
		return fmt.Sprintf("%.4gM", v/1e6)
	case a >= 100 || v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	case a >= 1:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.4f", v)
	}
}
