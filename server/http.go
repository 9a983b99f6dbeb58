package server

import (
	"fmt"
	"html/template"
	"net/http"
	"net/http/pprof"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// HTTPConfig is what the HTTP side is told.
type HTTPConfig struct {
	// Metrics are shown under /metrics; nil: prometheus's default ones.
	Metrics prometheus.Gatherer
	// Profiles shows net/http/pprof under /debug/pprof/.
	Profiles bool
}

// Handler is the server's HTTP side:
//
//	/metrics   in Prometheus's format
//	/healthz   200 while the process answers
//	/readyz    200 while clients are served, else 503 and why not
//	/          what runs here, for people
func (s *Server) Handler(cfg HTTPConfig) http.Handler {
	if cfg.Metrics == nil {
		cfg.Metrics = prometheus.DefaultGatherer
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(cfg.Metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plainText(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", s.serveReady)
	mux.HandleFunc("GET /{$}", s.statusPage(time.Now()))
	if cfg.Profiles {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

func plainText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

func (s *Server) serveReady(w http.ResponseWriter, _ *http.Request) {
	if err := s.Ready(); err != nil {
		plainText(w, http.StatusServiceUnavailable, message(err))
		return
	}
	plainText(w, http.StatusOK, "ready")
}

var statusTemplate = template.Must(template.New("status").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>streamsqld</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:3em auto;max-width:40em;padding:0 1em}dt{font-weight:600}dd{margin:0 0 .6em}</style></head>
<body><h1>streamsqld {{.Version}}</h1>
<dl><dt>State</dt><dd>{{.State}}</dd>
<dt>Up since</dt><dd>{{.Since}}</dd>
<dt>Sessions</dt><dd>{{.Sessions}} of at most {{.Max}}</dd>
<dt>Clients see</dt><dd>PostgreSQL {{.Postgres}}</dd>
<dt>Built with</dt><dd>{{.Go}}</dd></dl>
<p><a href="/metrics">/metrics</a> · <a href="/healthz">/healthz</a> · <a href="/readyz">/readyz</a></p>
</body></html>
`))

func (s *Server) statusPage(started time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		state := "ready"
		if err := s.Ready(); err != nil {
			state = message(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		statusTemplate.Execute(w, map[string]any{
			"Version": Version, "State": state, "Since": started.UTC().Format(time.RFC3339),
			"Sessions": s.sessions.Load(), "Max": s.cfg.MaxConnections, "Postgres": ServerVersion, "Go": runtime.Version(),
		})
	}
}
