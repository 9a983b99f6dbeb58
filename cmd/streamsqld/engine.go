package main

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/server"
)

// database is an engine that has been opened.
type database interface {
	server.Engine
	// Close ends it in good order: with a checkpoint, so that the next start is
	// quick. ctx bounds how long that may take.
	Close(ctx context.Context) error
}

// engineConfig is what an engine is told.
type engineConfig struct {
	Dir               string
	SynchronousCommit bool
	// Memory is what the process is to use, in bytes.
	Memory         int64
	MaxConnections int
	Logger         *slog.Logger
	Registry       *prometheus.Registry
}

// mostStaged bounds what a transaction keeps of its rows in memory (semantics §20), where
// there is enough of it.
const mostStaged = 256 << 20

// openEngine opens the engine over a data directory, and recovers what is
// there. Its error is one line for the operator: a directory in use, not
// writable, or of a newer version.
var openEngine = func(ctx context.Context, c engineConfig) (database, error) {
	cfg := engine.Config{
		DataDir: c.Dir, MaxConnections: c.MaxConnections, Logger: c.Logger, Registry: c.Registry, ViewMemory: c.Memory / 2,
		StagedMemory: min(mostStaged, c.Memory/8),
		Settings:     map[string]string{"max_connections": strconv.Itoa(c.MaxConnections)},
	}
	if !c.SynchronousCommit {
		cfg.Settings["synchronous_commit"] = "off"
	}
	return engine.Open(ctx, cfg)
}
