package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

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

// openEngine opens the engine over a data directory, and recovers what is
// there. Its error is one line for the operator: a directory in use, not
// writable, or of a newer version.
var openEngine = func(context.Context, engineConfig) (database, error) {
	return nil, errors.New("this build has no engine")
}
