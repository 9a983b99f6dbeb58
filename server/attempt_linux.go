package server

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// attempt writes to a socket what it takes without waiting. It is used under the
// output's lock.
type attempt struct {
	raw  syscall.RawConn
	once func(fd uintptr) bool // write, made a value only once
	data []byte
	n    int
	err  error
}

// newAttempt gives nil for connections that are no plain TCP sockets: what writes
// to those may always wait.
func newAttempt(nc net.Conn) *attempt {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	a := &attempt{raw: raw}
	a.once = a.write
	return a
}

// send writes the beginning of p and tells how much that is. An error is for good.
func (a *attempt) send(p []byte) (n int, err error) {
	a.data, a.n, a.err = p, 0, nil
	err = a.raw.Write(a.once)
	a.data = nil
	if err == nil {
		err = a.err
	}
	return a.n, err
}

// write is one attempt; that it is done, whatever came of it, keeps the runtime from
// waiting for the socket.
func (a *attempt) write(fd uintptr) bool {
	n, err := unix.Write(int(fd), a.data)
	switch {
	case err == nil:
		a.n = n
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
	default:
		a.err = err
	}
	return true
}
