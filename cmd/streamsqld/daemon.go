package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/streamsqld/streamsqld/server"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// closeTime bounds the engine's last checkpoint. What it does not write is read
// from the log at the next start.
const closeTime = 2 * time.Minute

// superuser is who the banner proposes to be.
const superuser = "postgres"

// daemon is the process: its surroundings, which tests put others in place of.
type daemon struct {
	args           []string
	getenv         func(string) string
	stdout, stderr io.Writer
	signals        <-chan os.Signal
	exit           func(int)
	open           func(context.Context, engineConfig) (database, error)

	cfg      *config
	log      *slog.Logger
	registry *prometheus.Registry
	server   *server.Server
}

// run is the whole life of the process; it gives the exit code.
func (d *daemon) run() int {
	cfg, err := parseConfig(d.args, d.getenv, d.stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		d.complain(err)
		return exitUsage
	case cfg.version:
		fmt.Fprintln(d.stdout, versionLine())
		return exitOK
	}
	d.cfg = cfg
	if err := d.serve(); err != nil {
		d.complain(err)
		return exitFailed
	}
	return exitOK
}

// complain tells in one line why the process ends.
func (d *daemon) complain(err error) {
	fmt.Fprintf(d.stderr, "streamsqld: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
}

func versionLine() string {
	line := "streamsqld " + server.Version
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				line += " (" + s.Value[:min(12, len(s.Value))] + ")"
			}
		}
	}
	return line + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}

// serve opens everything, waits for a signal, and closes it in reverse order.
// Ports are taken before the engine is opened: whether a server can run here is
// known before a long recovery, and /readyz answers meanwhile.
func (d *daemon) serve() error {
	d.log = slog.New(slog.NewTextHandler(d.stderr, &slog.HandlerOptions{Level: d.cfg.logLevel}))
	tlsConfig, err := d.loadTLS()
	if err != nil {
		return err
	}
	if err := makeDataDir(d.cfg.dataDir); err != nil {
		return err
	}
	ln, err := listen(d.cfg.listen)
	if err != nil {
		return err
	}
	defer ln.Close()
	var web net.Listener
	if d.cfg.http != "off" && d.cfg.http != "" {
		if web, err = listen(d.cfg.http); err != nil {
			return err
		}
	}
	d.makeServer(tlsConfig)
	go d.server.Serve(ln) // ends by Shutdown, which waits for it
	stopWeb := d.serveHTTP(web)
	defer stopWeb()

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stopping, unwatch := d.watchSignals(cancel)
	defer unwatch()
	db, err := d.open(ctx, d.engineConfig())
	if err != nil {
		d.server.Shutdown(context.Background())
		if ctx.Err() != nil {
			return nil // told to stop while it started
		}
		return err
	}
	d.server.Attach(db)
	d.banner(ln.Addr(), web)
	<-stopping
	return d.stop(db)
}

func (d *daemon) makeServer(tlsConfig *tls.Config) {
	d.registry = prometheus.NewRegistry()
	d.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	d.server = server.New(server.Config{
		TLS: tlsConfig, Cleartext: d.cfg.tlsCleartext, MaxConnections: d.cfg.maxConnections,
		MaxMessage: int(d.cfg.maxMessage), Logger: d.log, Registry: d.registry,
	})
}

func (d *daemon) engineConfig() engineConfig {
	return engineConfig{
		Dir: d.cfg.dataDir, SynchronousCommit: bool(d.cfg.synchronousCommit), Memory: limitMemory(d.cfg.memory, d.getenv),
		MaxConnections: d.cfg.maxConnections, Logger: d.log, Registry: d.registry,
	}
}

// watchSignals closes stopping at the first signal, and ends the process at the
// second. It watches until unwatch.
func (d *daemon) watchSignals(cancel context.CancelFunc) (stopping <-chan struct{}, unwatch func()) {
	first, done := make(chan struct{}), make(chan struct{})
	go func() {
		for seen := 0; ; seen++ {
			select {
			case <-done:
				return
			case s := <-d.signals:
				if seen > 0 {
					d.log.Warn("stopping at once", "signal", s.String())
					d.exit(exitFailed)
					return
				}
				d.log.Info("stopping", "signal", s.String(), "grace", d.cfg.grace)
				cancel()
				close(first)
			}
		}
	}()
	return first, func() { close(done) }
}

// stop ends the server, then the engine.
func (d *daemon) stop(db database) error {
	grace, cancel := context.WithTimeout(context.Background(), d.cfg.grace)
	defer cancel()
	if err := d.server.Shutdown(grace); err != nil {
		d.log.Warn("some statements did not end in time", "err", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- db.Close(ctx) }()
	select {
	case err := <-closed:
		if err != nil {
			return fmt.Errorf("closing %s: %w", d.cfg.dataDir, err)
		}
	case <-time.After(closeTime + d.cfg.grace): // Badger tries for ever where its files are gone
		return fmt.Errorf("closing %s: the store does not end; what is acknowledged is in the log", d.cfg.dataDir)
	}
	d.log.Info("stopped")
	return nil
}

// serveHTTP serves the HTTP side; what it gives ends it.
func (d *daemon) serveHTTP(ln net.Listener) (stop func()) {
	if ln == nil {
		return func() {}
	}
	web := &http.Server{
		Handler:           d.server.Handler(server.HTTPConfig{Metrics: d.registry, Profiles: d.cfg.profiles}),
		ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := web.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			d.log.Error("the HTTP side has ended", "err", err)
		}
	}()
	return func() {
		web.Close()
		<-done
	}
}

// listen takes a port.
func listen(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err == nil {
		return ln, nil
	}
	reason := err
	var sys syscall.Errno
	var op *net.OpError
	switch {
	case errors.As(err, &sys):
		reason = sys
	case errors.As(err, &op):
		reason = op.Err
	}
	return nil, fmt.Errorf("cannot listen on %s: %w", addr, reason)
}

// makeDataDir makes the data directory, for the owner alone, and finds out
// whether it can be written to.
func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("cannot make the data directory: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".probe-")
	if err != nil {
		var sys syscall.Errno
		if errors.As(err, &sys) {
			err = sys
		}
		return fmt.Errorf("cannot write to the data directory %s: %w", dir, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func (d *daemon) loadTLS() (*tls.Config, error) {
	if d.cfg.tlsCert == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(d.cfg.tlsCert, d.cfg.tlsKey)
	if err != nil {
		return nil, fmt.Errorf("cannot use the certificate %s: %w", d.cfg.tlsCert, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

// banner tells where the server is and what to type.
func (d *daemon) banner(pg net.Addr, web net.Listener) {
	host, port, _ := net.SplitHostPort(pg.String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	dir, err := filepath.Abs(d.cfg.dataDir)
	if err != nil {
		dir = d.cfg.dataDir
	}
	fmt.Fprintf(d.stderr, "streamsqld %s is ready, its data in %s\n\n    psql -h %s -p %s -U %s\n\n", server.Version, dir, host, port, superuser)
	if web != nil {
		fmt.Fprintf(d.stderr, "http://%s/ has metrics and health. Ctrl-C stops.\n", web.Addr())
	}
}
