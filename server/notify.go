package server

import (
	"github.com/jackc/pgx/v5/pgproto3"
)

// notify sends the notifications that the session holds.
func (c *conn) notify() {
	for _, n := range c.session.Notifications() {
		c.send(&pgproto3.NotificationResponse{PID: uint32(n.PID), Channel: clean(n.Channel), Payload: clean(n.Payload)})
	}
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
