package server

import (
	"github.com/jackc/pgx/v5/pgproto3"
)

// notify sends the notifications that the session holds.
func (c *conn) notify() {
	for _, n := range c.session.Notifications() {
		c.send(&pgproto3.NotificationResponse{PID: uint32(n.PID), Channel: c.shown(n.Channel), Payload: c.shown(n.Payload)})
	}
}

// shown is a text as the client reads it, in ASCII where its encoding lacks a
// character.
func (c *conn) shown(s string) string {
	t, err := c.client().ToClient(clean(s))
	if err != nil {
		return asciiOnly(clean(s))
	}
	return t
}

// watch has the connection poked when the session wakes while it is idle. The
// goroutine ends with the connection.
func (c *conn) watch(wake <-chan struct{}) {
	c.watched = wake
	c.srv.work.Go(func() {
		for {
			select {
			case _, ok := <-wake:
				if !ok {
					return
				}
				c.poke()
			case <-c.ctx.Done():
				return
			}
		}
	})
}
