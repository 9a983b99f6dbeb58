package engine

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamsqld/streamsqld/window"
)

// collector gives Prometheus what the engine counts. Label "relation" is the
// qualified name of a stream or view.
type collector struct {
	e *Engine

	commit, commits, rollbacks, deadlocks, logBytes *prometheus.Desc
	streamRows, streamLate, streamDropped, streamMark,
	viewRows, viewState, viewIn, viewOut, viewSeconds, viewErrors *prometheus.Desc
}

func newCollector(e *Engine) *collector {
	plain := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName("streamsqld", "engine", name), help, nil, nil)
	}
	of := func(sub, name, help string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName("streamsqld", sub, name), help, []string{"relation"}, nil)
	}
	return &collector{
		e:             e,
		commit:        plain("commit_sequence", "Number of the last commit."),
		commits:       plain("commits_total", "Transactions committed since the start."),
		rollbacks:     plain("rollbacks_total", "Transactions rolled back since the start."),
		deadlocks:     plain("deadlocks_total", "Deadlocks found since the start."),
		logBytes:      plain("log_bytes", "Length of the commit log, in bytes."),
		streamRows:    of("stream", "rows", "Rows stored."),
		streamLate:    of("stream", "late_rows_total", "Rows that came behind the watermark."),
		streamDropped: of("stream", "dropped_rows_total", "Rows that were dropped."),
		streamMark:    of("stream", "watermark_seconds", "Watermark, in seconds since the Unix epoch."),
		viewRows:      of("view", "rows", "Rows of the view."),
		viewState:     of("view", "state_bytes", "Memory that the view's operators use."),
		viewIn:        of("view", "changes_in_total", "Changes of its inputs that the view has taken."),
		viewOut:       of("view", "changes_out_total", "Changes of the view itself."),
		viewSeconds:   of("view", "step_seconds_total", "Time spent in maintaining the view."),
		viewErrors:    of("view", "errors", "Rows whose expressions fail; the view cannot be read while there are any."),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	put := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	t := &c.e.totals
	put(c.commit, prometheus.CounterValue, float64(c.e.latest().Seq))
	put(c.commits, prometheus.CounterValue, float64(t.commits.Load()))
	put(c.rollbacks, prometheus.CounterValue, float64(t.rollbacks.Load()))
	put(c.deadlocks, prometheus.CounterValue, float64(t.deadlocks.Load()))
	put(c.logBytes, prometheus.GaugeValue, float64(c.e.log.Size()))
	for _, s := range c.e.reports.streams() {
		name := c.name(s.OID)
		put(c.streamRows, prometheus.GaugeValue, float64(s.Rows), name)
		put(c.streamLate, prometheus.CounterValue, float64(s.Late), name)
		put(c.streamDropped, prometheus.CounterValue, float64(s.Dropped), name)
		if s.Watermark != window.NoTime {
			put(c.streamMark, prometheus.GaugeValue, float64(s.Watermark+pgEpoch)/1e6, name)
		}
	}
	for _, v := range c.e.reports.Views() {
		name := c.name(v.OID)
		put(c.viewRows, prometheus.GaugeValue, float64(v.Rows), name)
		put(c.viewState, prometheus.GaugeValue, float64(v.StateBytes), name)
		put(c.viewIn, prometheus.CounterValue, float64(v.RowsIn), name)
		put(c.viewOut, prometheus.CounterValue, float64(v.RowsOut), name)
		put(c.viewSeconds, prometheus.CounterValue, float64(v.StepMicros)/1e6, name)
		put(c.viewErrors, prometheus.GaugeValue, float64(v.Errors), name)
	}
}

// name gives a relation's qualified name.
func (c *collector) name(oid OID) string {
	snap := c.e.catalog()
	r := snap.RelationByOID(oid)
	if r == nil {
		return ""
	}
	if sc := snap.SchemaByOID(r.Schema); sc != nil {
		if d := snap.DatabaseByOID(sc.DB); d != nil { // any but postgres
			return d.Name + "." + sc.Name + "." + r.Name
		}
		return sc.Name + "." + r.Name
	}
	return r.Name
}
