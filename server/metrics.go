package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

const (
	protocolSimple   = 0
	protocolExtended = 1
)

// metrics are what the wire counts.
type metrics struct {
	accepted, refused, authFailures prometheus.Counter
	cancels, panics                 prometheus.Counter
	bytesIn, bytesOut               prometheus.Counter
	rowsOut, copyIn                 prometheus.Counter
	executed                        prometheus.Counter
	queries                         [2]prometheus.Observer
	errors                          *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer, sessions func() float64) *metrics {
	var all []prometheus.Collector
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "streamsqld", Subsystem: "server", Name: name, Help: help})
		all = append(all, c)
		return c
	}
	m := &metrics{
		accepted:     counter("connections_accepted_total", "Connections accepted."),
		refused:      counter("connections_refused_total", "Connections refused because there were too many."),
		authFailures: counter("authentication_failures_total", "Connections that failed to authenticate."),
		cancels:      counter("cancel_requests_total", "Cancel requests received."),
		panics:       counter("panics_total", "Panics that ended one connection each."),
		bytesIn:      counter("received_bytes_total", "Bytes received from clients."),
		bytesOut:     counter("sent_bytes_total", "Bytes sent to clients."),
		rowsOut:      counter("rows_sent_total", "Result rows sent, COPY excluded."),
		copyIn:       counter("copy_received_bytes_total", "Bytes of COPY data received."),
		executed:     counter("executes_total", "Execute messages run."),
	}
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: "streamsqld", Subsystem: "server", Name: "answer_seconds",
		Help:    "Time from a simple Query, or from the first message of a pipeline, to its ReadyForQuery.",
		Buckets: prometheus.ExponentialBuckets(50e-6, 4, 11),
	}, []string{"protocol"})
	m.queries = [2]prometheus.Observer{seconds.WithLabelValues("simple"), seconds.WithLabelValues("extended")}
	m.errors = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "streamsqld", Subsystem: "server", Name: "errors_total", Help: "Errors reported to clients, by SQLSTATE.",
	}, []string{"sqlstate"})
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "streamsqld", Subsystem: "server", Name: "sessions", Help: "Sessions that are open.",
	}, sessions)
	all = append(all, seconds, m.errors, open)
	if r != nil {
		r.MustRegister(all...)
	}
	return m
}

func (m *metrics) sent(n int)     { m.bytesOut.Add(float64(n)) }
func (m *metrics) received(n int) { m.bytesIn.Add(float64(n)) }

func (m *metrics) failed(code pgerr.Code) { m.errors.WithLabelValues(string(code)).Inc() }

func (m *metrics) answered(protocol int, since time.Time) {
	m.queries[protocol].Observe(time.Since(since).Seconds())
}
