package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// config is what flags and environment say.
type config struct {
	listen, http, dataDir string
	maxConnections        int
	maxMessage            byteSize
	memory                byteSize
	synchronousCommit     onOff
	tlsCert, tlsKey       string
	tlsCleartext          bool
	grace                 time.Duration
	logLevel              slog.Level
	profiles              bool

	version bool
}

const envPrefix = "STREAMSQLD_"

// envName gives the environment variable that stands for a flag.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// parseConfig reads the flags, and the environment for those that are not
// given. flag.ErrHelp says that help was asked for and given.
func parseConfig(args []string, getenv func(string) string, help io.Writer) (*config, error) {
	c := &config{maxMessage: 256 << 20, synchronousCommit: true}
	fs := flag.NewFlagSet("streamsqld", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.listen, "listen", "127.0.0.1:5433", "`address` for PostgreSQL clients")
	fs.StringVar(&c.http, "http", "127.0.0.1:8433", "`address` of /metrics, /healthz and /readyz; off: none")
	fs.StringVar(&c.dataDir, "data-dir", "./streamsqld-data", "`directory` of the data; made if it is missing")
	fs.IntVar(&c.maxConnections, "max-connections", 100, "`number` of sessions at the same time")
	fs.Var(&c.maxMessage, "max-message", "`size` of the largest message that a client may send")
	fs.Var(&c.memory, "memory", "`size` of the memory to use, as 8GiB; 0: three quarters of what there is")
	fs.Var(&c.synchronousCommit, "synchronous-commit", "`on|off`, the default of the setting: off survives a crash of the process, not of the machine")
	fs.StringVar(&c.tlsCert, "tls-cert", "", "`file` with the certificate; with it, clients may use TLS")
	fs.StringVar(&c.tlsKey, "tls-key", "", "`file` with the certificate's key")
	fs.BoolVar(&c.tlsCleartext, "tls-cleartext", false, "over TLS, ask for passwords themselves, for clients without SCRAM")
	fs.DurationVar(&c.grace, "shutdown-grace", 10*time.Second, "`time` that running statements get to finish when the server is told to stop")
	fs.TextVar(&c.logLevel, "log-level", slog.LevelInfo, "`level`: debug, info, warn or error")
	fs.BoolVar(&c.profiles, "pprof", false, "show profiles under /debug/pprof/ of the HTTP address")
	fs.BoolVar(&c.version, "version", false, "show the version and exit")

	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		usage(fs, help)
		return nil, err
	}
	if err == nil && fs.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if err == nil {
		err = fromEnvironment(fs, getenv)
	}
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, fmt.Errorf("%w (streamsqld --help shows what there is)", err)
	}
	return c, nil
}

// fromEnvironment sets the flags that were not given from their variables.
func fromEnvironment(fs *flag.FlagSet, getenv func(string) string) error {
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var first error
	fs.VisitAll(func(f *flag.Flag) {
		value := getenv(envName(f.Name))
		if value == "" || given[f.Name] || f.Name == "version" {
			return
		}
		if err := f.Value.Set(value); err != nil && first == nil {
			first = fmt.Errorf("invalid value %q for %s: %w", value, envName(f.Name), err)
		}
	})
	return first
}

func (c *config) check() error {
	switch {
	case c.listen == "":
		return errors.New("--listen is empty")
	case (c.tlsCert == "") != (c.tlsKey == ""):
		return errors.New("--tls-cert and --tls-key belong together")
	case c.maxConnections < 1:
		return errors.New("--max-connections has to be at least 1")
	case c.dataDir == "":
		return errors.New("--data-dir is empty")
	case c.grace < 0:
		return errors.New("--shutdown-grace is negative")
	}
	return nil
}

func usage(fs *flag.FlagSet, w io.Writer) {
	fmt.Fprint(w, "streamsqld is a streaming SQL database that speaks PostgreSQL's protocol.\n\nUsage: streamsqld [flags]\n\n")
	fs.VisitAll(func(f *flag.Flag) {
		arg, text := flag.UnquoteUsage(f)
		if arg != "" {
			arg = " " + strings.ToUpper(arg)
		}
		fmt.Fprintf(w, "  --%s%s\n        %s", f.Name, arg, text)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			fmt.Fprintf(w, " (default %s)", f.DefValue)
		}
		fmt.Fprintln(w)
	})
	fmt.Fprintf(w, "\nEach flag is also an environment variable, which the flag overrides: --data-dir is %s.\n", envName("data-dir"))
}

// byteSize is a size in bytes, written with a unit: 512MiB, 8GB, 1048576.
type byteSize int64

var units = []struct {
	suffix string
	factor int64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
	// As in PostgreSQL, a kB is 1024 bytes.
	{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30}, {"tb", 1 << 40},
	{"b", 1}, {"", 1},
}

// Set implements flag.Value.
func (b *byteSize) Set(s string) error {
	low := strings.ToLower(strings.TrimSpace(s))
	for _, u := range units {
		number, ok := strings.CutSuffix(low, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if err != nil || n < 0 || n > (1<<62)/u.factor {
			break
		}
		*b = byteSize(n * u.factor)
		return nil
	}
	return errors.New("a size is a number and a unit, as 512MiB")
}

// String implements flag.Value.
func (b *byteSize) String() string {
	n := int64(*b)
	for i := 3; i >= 0; i-- {
		if f := units[i].factor; n > 0 && n%f == 0 {
			name := units[i].suffix
			return fmt.Sprintf("%d%s%s", n/f, strings.ToUpper(name[:1]), name[1:2]+"B")
		}
	}
	return strconv.FormatInt(n, 10)
}

// onOff is a boolean in the words of PostgreSQL's settings.
type onOff bool

// Set implements flag.Value.
func (o *onOff) Set(s string) error {
	switch strings.ToLower(s) {
	case "on", "true", "yes", "1":
		*o = true
	case "off", "false", "no", "0":
		*o = false
	default:
		return errors.New("it is on or off")
	}
	return nil
}

// String implements flag.Value.
func (o *onOff) String() string {
	if *o {
		return "on"
	}
	return "off"
}
