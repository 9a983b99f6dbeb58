package server

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// simpleQuery runs a simple Query: its statements in order, and ReadyForQuery.
func (c *conn) simpleQuery(b []byte) error {
	m := c.body(b)
	text := m.text()
	if err := m.end(); err != nil {
		return c.refuse(err)
	}
	sql := string(text)
	c.sink.begin(simple)
	if err := c.session.Simple(c.ctx, sql, &c.sink); err != nil {
		if err := c.report(err, sql); err != nil {
			return err
		}
	}
	c.srv.metrics.answered(protocolSimple, c.began)
	return c.ready()
}

// refuse answers a message of the simple protocol that could not be run.
func (c *conn) refuse(err error) error {
	c.session.Fail(err)
	if err := c.report(err, ""); err != nil {
		return err
	}
	return c.endPipeline()
}

// functionCall refuses the fast-path call, which PostgreSQL keeps for large
// objects.
func (c *conn) functionCall() error {
	return c.refuse(pgerr.NotSupported("the function call protocol"))
}

// ready ends an answer: notifications, changed parameters, ReadyForQuery.
func (c *conn) ready() error {
	c.beforeReady()
	c.out.buf = appendReady(c.out.buf, c.session.TxStatus())
	return c.afterReady()
}

func (c *conn) beforeReady() {
	if c.session.TxStatus() == 'I' {
		c.notify()
	}
	c.reportParameters()
	if wake := c.session.Wake(); wake != nil && c.watched != wake {
		c.watch(wake)
	}
}

// afterReady gives the answer to the client: now, or with the answers to the
// messages that are there already.
func (c *conn) afterReady() error {
	c.idle, c.skip = true, false
	if c.srv.draining.Load() {
		return errAdminShutdown()
	}
	if c.in.buffered() {
		return c.out.sealReply()
	}
	return nil // Read flushes
}

func appendReady(dst []byte, status byte) []byte {
	return append(dst, 'Z', 0, 0, 0, 5, status)
}
