package peer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// Postgres is a PostgreSQL to compare with: one of our own, or (pid 0) one
// that somebody else runs.
type Postgres struct {
	dsn   string
	pid   int
	child *child
}

// ErrNoPostgres says that there is no PostgreSQL to compare with.
var ErrNoPostgres = errors.New("no PostgreSQL found in PATH or /usr/lib/postgresql/*/bin, and no --postgres given")

// WorkMem is the work_mem of queries that are compared.
const WorkMem = "512MB"

// settings are what a PostgreSQL that is used for this kind of work would be
// given on a machine like ours: memory, no checkpoint in the middle of a load,
// no compiler for queries of a second, no vacuum between two measurements.
// Durability is as it comes: fsync and synchronous_commit are on.
var settings = []string{
	"shared_buffers=4GB", "work_mem=" + WorkMem, "maintenance_work_mem=1GB", "effective_cache_size=12GB", "max_wal_size=8GB",
	"jit=off", "autovacuum=off", "max_connections=200", "listen_addresses=127.0.0.1", "timezone=UTC", "logging_collector=off",
}

// StartPostgres makes a cluster under dir and starts it. Root cannot run
// PostgreSQL: then it is the user postgres or nobody, who has to be able to
// reach dir.
func StartPostgres(ctx context.Context, dir string) (*Postgres, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	who, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"),
		"-D", data, "--locale=C.UTF-8", "--encoding=UTF8", "-U", "postgres", "-A", "trust", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, who
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	args := []string{"-D", data, "-p", strconv.Itoa(port), "-k", ""}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	server := exec.Command(filepath.Join(bin, "postgres"), args...)
	server.Dir, server.SysProcAttr = dir, who
	p := &Postgres{dsn: fmt.Sprintf("host=127.0.0.1 port=%d user=postgres dbname=postgres sslmode=disable", port)}
	if p.child, err = start("postgres", server, filepath.Join(dir, "log")); err != nil {
		return nil, err
	}
	p.pid = server.Process.Pid
	if err := p.child.waitFor(ctx, func() bool { return answers(ctx, p.dsn) }); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

// RunningPostgres is a server that is there already; its use of the machine
// stays unknown.
func RunningPostgres(dsn string) *Postgres { return &Postgres{dsn: dsn} }

// DSN is how to connect.
func (p *Postgres) DSN() string { return p.dsn }

// Pid is the postmaster, whose descendants are the backends; 0: unknown.
func (p *Postgres) Pid() int { return p.pid }

// Stop ends the server, if it is ours.
func (p *Postgres) Stop() error {
	if p.child == nil {
		return nil
	}
	return p.child.end(syscall.SIGINT)
}

// findPostgres is the directory with initdb and postgres, the newest where
// there are several.
func findPostgres() (string, error) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	sort.Slice(dirs, func(i, j int) bool { return majorVersion(dirs[i]) > majorVersion(dirs[j]) })
	if path, err := exec.LookPath("initdb"); err == nil {
		dirs = append([]string{filepath.Dir(path)}, dirs...)
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
			return dir, nil
		}
	}
	return "", ErrNoPostgres
}

func majorVersion(bin string) int {
	v, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return v
}

// unprivileged is how to start a process as somebody who is not root, and
// gives that somebody dir; nil when we are not root ourselves.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

func answers(ctx context.Context, dsn string) bool {
	c, err := pgconn.Connect(ctx, dsn)
	if err != nil {
		return false
	}
	return c.Close(ctx) == nil
}
