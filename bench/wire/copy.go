package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// CopyIn runs a COPY … FROM STDIN and feeds it from r to the end.
func (c *Conn) CopyIn(sql string, r io.Reader) (tag string, err error) {
	copying, err := c.BeginCopy(sql)
	if err != nil {
		return "", err
	}
	if _, err := copying.ReadFrom(r); err != nil {
		return "", err
	}
	return copying.End()
}

// Copy is a COPY FROM STDIN under way; it is an io.Writer.
type Copy struct {
	c     *Conn
	frame []byte // head and payload
}

// BeginCopy starts a COPY … FROM STDIN.
func (c *Conn) BeginCopy(sql string) (*Copy, error) {
	c.query(sql)
	if err := c.Send(); err != nil {
		return nil, err
	}
	for {
		kind, body, err := c.next()
		if err != nil {
			return nil, err
		}
		switch kind {
		case 'G':
			return &Copy{c: c, frame: make([]byte, 5+copyFrame)}, nil
		case 'E':
			bad := parseError(body)
			_, err := c.until(func(byte, []byte) error { return nil })
			return nil, errors.Join(bad, err)
		case 'N', 'S':
		default:
			return nil, fmt.Errorf("message %q in answer to COPY", kind)
		}
	}
}

// ReadFrom sends what r has, in frames of 64 KiB.
func (p *Copy) ReadFrom(r io.Reader) (total int64, err error) {
	for {
		n, err := io.ReadFull(r, p.frame[5:])
		if n > 0 {
			if err := p.send(n); err != nil {
				return total, err
			}
			total += int64(n)
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// Write sends data, in frames of up to 64 KiB.
func (p *Copy) Write(data []byte) (int, error) {
	total := len(data)
	for len(data) > 0 {
		n := copy(p.frame[5:], data)
		if err := p.send(n); err != nil {
			return total - len(data), err
		}
		data = data[n:]
	}
	return total, nil
}

// End sends CopyDone and waits for the server's word.
func (p *Copy) End() (tag string, err error) {
	if _, err := p.c.nc.Write([]byte{'c', 0, 0, 0, 4}); err != nil {
		return "", err
	}
	return p.c.Wait(nil)
}

// send sends the first n bytes of the payload.
func (p *Copy) send(n int) error {
	p.frame[0] = 'd'
	binary.BigEndian.PutUint32(p.frame[1:], uint32(4+n))
	_, err := p.c.nc.Write(p.frame[:5+n])
	return err
}
