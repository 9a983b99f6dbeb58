package server

import (
	"encoding/binary"

	"github.com/jackc/pgx/v5/pgproto3"
)

// cancelRequest cancels what another session runs. The client gets no answer
// but the end of the connection, whether the key was right or not.
func (c *conn) cancelRequest(packet []byte) error {
	var m pgproto3.CancelRequest
	if err := m.Decode(packet); err != nil {
		return errTerminate
	}
	c.srv.metrics.cancels.Inc()
	if e := c.srv.engine.Load(); e != nil && len(m.SecretKey) == 4 {
		(*e).Cancel(int32(m.ProcessID), binary.BigEndian.Uint32(m.SecretKey))
	}
	return errTerminate
}
