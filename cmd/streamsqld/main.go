// Command streamsqld is the server: a streaming SQL database that speaks
// PostgreSQL's protocol.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	// As for PostgreSQL, losing the terminal is no reason to stop.
	signal.Ignore(syscall.SIGHUP)
	d := daemon{
		args: os.Args[1:], getenv: os.Getenv, stdout: os.Stdout, stderr: os.Stderr,
		signals: signals, exit: os.Exit, open: openEngine,
	}
	os.Exit(d.run())
}
