package server_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamsqld/streamsqld/server"
)

func TestHTTP(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := startServer(t, func(cfg *server.Config, _ *fakeEngine) { cfg.Registry = registry })
	c := s.connect(t, nil)
	c.send(query("select 1; select 1/0"))
	c.expect("Z")
	c.run("select 2")
	c.expect("Z")
	web := httptest.NewServer(s.Handler(server.HTTPConfig{Metrics: registry, Profiles: true}))
	defer web.Close()
	get := func(path string) (int, string) {
		r, err := http.Get(web.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		return r.StatusCode, string(b)
	}
	expect := func(path string, status int, parts ...string) {
		t.Helper()
		code, body := get(path)
		if code != status {
			t.Errorf("%s: status %d", path, code)
		}
		for _, p := range parts {
			if !strings.Contains(body, p) {
				t.Errorf("%s: no %q in\n%s", path, p, body)
			}
		}
	}
	expect("/metrics", 200,
		`streamsqld_server_sessions 1`, `streamsqld_server_errors_total{sqlstate="22012"} 1`,
		`streamsqld_server_answer_seconds_count{protocol="simple"} 1`, `streamsqld_server_answer_seconds_count{protocol="extended"} 1`,
		`streamsqld_server_rows_sent_total 2`)
	expect("/healthz", 200, "ok")
	expect("/readyz", 200, "ready")
	expect("/", 200, "streamsqld 0.1.0", "1 of at most 100")
	expect("/debug/pprof/cmdline", 200)
	expect("/nothing", 404)
	s.engine.ready = errors.New("replaying the log")
	expect("/readyz", 503, "replaying the log")
	expect("/", 200, "replaying the log")

	quiet := httptest.NewServer(s.Handler(server.HTTPConfig{Metrics: registry}))
	defer quiet.Close()
	if r, err := http.Get(quiet.URL + "/debug/pprof/"); err != nil || r.StatusCode != 404 {
		t.Error("profiles are shown")
	} else {
		r.Body.Close()
	}
}
