package wire

import (
	"encoding/binary"
	"math"
	"time"
)

// Prepare makes a named statement and waits until it is there. OID 0 leaves a
// parameter's type to the server.
func (c *Conn) Prepare(name, sql string, oids ...uint32) error {
	c.out = append(c.out, 'P')
	c.out = binary.BigEndian.AppendUint32(c.out, uint32(4+len(name)+1+len(sql)+1+2+4*len(oids)))
	c.out = append(append(c.out, name...), 0)
	c.out = append(append(c.out, sql...), 0)
	c.out = binary.BigEndian.AppendUint16(c.out, uint16(len(oids)))
	for _, oid := range oids {
		c.out = binary.BigEndian.AppendUint32(c.out, oid)
	}
	c.Sync()
	if err := c.Send(); err != nil {
		return err
	}
	_, err := c.Wait(nil)
	return err
}

// Execute appends Bind and Execute of a statement: parameters binary, results
// text. params are the binary values, each after its length, as the Append
// functions of this package make them; n is how many there are.
func (c *Conn) Execute(name string, n int, params []byte) {
	c.out = append(c.out, 'B')
	c.out = binary.BigEndian.AppendUint32(c.out, uint32(4+1+len(name)+1+2+2+2+len(params)+2))
	c.out = append(c.out, 0)
	c.out = append(append(c.out, name...), 0)
	c.out = append(c.out, 0, 1, 0, 1) // one format for all: binary
	c.out = binary.BigEndian.AppendUint16(c.out, uint16(n))
	c.out = append(c.out, params...)
	c.out = append(c.out, 0, 0)                           // results as text
	c.out = append(c.out, 'E', 0, 0, 0, 9, 0, 0, 0, 0, 0) // unnamed portal, all rows
}

// Sync appends a Sync, which the server answers with ReadyForQuery.
func (c *Conn) Sync() {
	c.out = append(c.out, 'S', 0, 0, 0, 4)
}

// Epoch is the instant from which PostgreSQL's binary timestamps count.
var Epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// AppendInt4 appends a parameter or a field of COPY BINARY.
func AppendInt4(b []byte, v int32) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(v))
}

// AppendInt8 appends a parameter or a field of COPY BINARY; timestamps are
// microseconds since Epoch.
func AppendInt8(b []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(v))
}

// AppendFloat8 appends a parameter or a field of COPY BINARY.
func AppendFloat8(b []byte, v float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), math.Float64bits(v))
}
