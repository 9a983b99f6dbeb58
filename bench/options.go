package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
)

// options are the flags of a workload.
type options struct {
	workload   string
	scale      float64  // multiplies all row counts
	rounds     int      // of each measurement; the median counts
	seed       uint64   // of the input
	only       []string // parts; none: all
	skip       []string // systems
	postgres   string   // DSN of a running server
	binary     string   // a built streamsqld
	dir        string   // where temporary directories are made
	out        string   // file that gets the JSON line as well
	serverArgs []string
}

// Names of the systems, as reports show them and --skip takes them.
const (
	streamsqld = "streamsqld"
	postgres   = "postgres"
	duckdb     = "duckdb"
	bare       = "bare loop"
)

func parseOptions(workload string, parts []part, args []string) (*options, error) {
	o := &options{workload: workload}
	fs := flag.NewFlagSet("bench "+workload, flag.ContinueOnError)
	fs.Float64Var(&o.scale, "scale", 1, "`factor` on all row counts; for tpch the scale factor")
	fs.IntVar(&o.rounds, "rounds", 3, "`number` of times that each measurement is made; the median counts")
	fs.Uint64Var(&o.seed, "seed", 1, "`number` that the input is made from")
	fs.StringVar(&o.postgres, "postgres", "", "`dsn` of a PostgreSQL that runs already; default: start one")
	fs.StringVar(&o.binary, "binary", "", "`file`, a built streamsqld; default: build it")
	fs.StringVar(&o.dir, "dir", "", "`directory` for temporary files, on the disk to measure; default: the system's")
	fs.StringVar(&o.out, "out", "", "`file` to append the JSON line to")
	only := fs.String("only", "", "`parts` to run, separated by commas")
	skip := fs.String("skip", "", "`systems` to leave out: streamsqld, postgres, duckdb")
	server := fs.String("server-args", "", "further `flags` of streamsqld, separated by blanks")
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "usage: go run ./bench %s [flags]\n\nparts:\n", workload)
		for _, p := range parts {
			fmt.Fprintf(fs.Output(), "  %-10s %s\n", p.name, p.about)
		}
		fmt.Fprintln(fs.Output(), "\nflags:")
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	o.only, o.skip, o.serverArgs = list(*only), list(*skip), strings.Fields(*server)
	return o, o.check(fs.Args(), parts)
}

func (o *options) check(rest []string, parts []part) error {
	if len(rest) > 0 {
		return fmt.Errorf("unexpected argument %q", rest[0])
	}
	if o.scale <= 0 || o.rounds < 1 {
		return errors.New("--scale and --rounds have to be positive")
	}
	for _, name := range o.only {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return fmt.Errorf("%s has no part %q", o.workload, name)
		}
	}
	for _, name := range o.skip {
		if name != streamsqld && name != postgres && name != duckdb {
			return fmt.Errorf("no system %q to skip", name)
		}
	}
	return nil
}

func (o *options) wants(name string) bool {
	return len(o.only) == 0 || slices.Contains(o.only, name)
}

// rows scales a row count.
func (o *options) rows(n int64) int64 { return max(1, int64(float64(n)*o.scale)) }

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
