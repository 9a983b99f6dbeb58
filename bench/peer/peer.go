package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// startLimit is how long a server may take to start. It is generous, so that
// a slow recovery is measured instead of given up.
const startLimit = 5 * time.Minute

// child is a started process that writes to a log file.
type child struct {
	name string
	cmd  *exec.Cmd
	log  string
	done chan error // the process's end, once
}

// start runs a command with its output appended to a file.
func start(name string, cmd *exec.Cmd, logPath string) (*child, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c := &child{name: name, cmd: cmd, log: logPath, done: make(chan error, 1)}
	go func() { c.done <- cmd.Wait() }()
	return c, nil
}

// waitFor asks ready every millisecond until it says yes or the process ends.
func (c *child) waitFor(ctx context.Context, ready func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		if ready() {
			return nil
		}
		select {
		case err := <-c.done:
			c.done <- err
			return fmt.Errorf("%s ended: %w\n%s", c.name, errors.Join(err), tail(c.log))
		case <-ctx.Done():
			return fmt.Errorf("%s did not start: %w\n%s", c.name, ctx.Err(), tail(c.log))
		case <-time.After(time.Millisecond):
		}
	}
}

// end sends a signal and waits for the process's end; after a while it kills.
func (c *child) end(sig syscall.Signal) error {
	if err := c.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-c.done:
		c.done <- err
		if sig == syscall.SIGKILL {
			return nil
		}
		return err
	case <-time.After(time.Minute):
		_ = c.cmd.Process.Kill()
		return fmt.Errorf("%s did not stop on %v\n%s", c.name, sig, tail(c.log))
	}
}

// freePort is a TCP port on loopback that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// tail is the end of a log file.
func tail(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	const most = 4 << 10
	if end, err := f.Seek(0, io.SeekEnd); err == nil {
		_, _ = f.Seek(max(0, end-most), io.SeekStart)
	}
	data, _ := io.ReadAll(f)
	return strings.TrimSpace(string(data))
}
