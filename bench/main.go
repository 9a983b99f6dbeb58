// Command bench measures streamsqld beside its peers. It makes its input,
// starts the servers as child processes on free ports and in a temporary
// directory, drives them over the wire, checks their answers while it
// measures, and prints a table and one JSON line.
//
//	go run ./bench ingest|latency|scan|views|tpch [flags]
//
// A PostgreSQL is taken from PATH or /usr/lib/postgresql, DuckDB is built from
// bench/duckdb where there is a C compiler; what is missing is said and left
// out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// part is a piece of a workload that can be run alone.
type part struct {
	name  string
	about string
	run   func(*bench) error
}

// workloads are the commands, in the order of the usage text.
var workloads = []struct {
	name  string
	parts []part
}{
	{"ingest", ingestParts},
	{"latency", latencyParts},
	{"scan", scanParts},
	{"views", viewsParts},
	{"tpch", tpchParts},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 2 && args[0] == bareCommand {
		return serveBare(args[1])
	}
	for _, w := range workloads {
		if len(args) == 0 || w.name != args[0] {
			continue
		}
		opt, err := parseOptions(w.name, w.parts, args[1:])
		if err != nil {
			return err
		}
		return execute(ctx, opt, w.parts)
	}
	usage()
	if len(args) > 0 && strings.TrimLeft(args[0], "-") == "help" {
		return nil
	}
	return errors.New("name a workload")
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: go run ./bench WORKLOAD [flags]; --help after a workload shows its flags")
	for _, w := range workloads {
		fmt.Fprintf(os.Stderr, "\n%s\n", w.name)
		for _, p := range w.parts {
			fmt.Fprintf(os.Stderr, "  %-10s %s\n", p.name, p.about)
		}
	}
}

// execute runs the chosen parts and reports. A part that fails is reported,
// and does not keep the others from running.
func execute(ctx context.Context, opt *options, parts []part) (err error) {
	b, err := newBench(ctx, opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	var failed []string
	for _, p := range parts {
		if !opt.wants(p.name) {
			continue
		}
		b.say("%s: %s", p.name, p.about)
		b.report.part = p.name
		if err := p.run(b); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if errors.Is(err, errSkipped) {
				b.report.note("%s: left out", p.name)
				continue
			}
			b.say("%s failed: %v", p.name, err)
			b.report.fail(err)
			failed = append(failed, p.name)
		}
		b.stopOurs()
	}
	b.report.print(os.Stdout)
	if err := b.report.write(os.Stdout, opt.out); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(failed, ", "))
	}
	return nil
}
