package wire

import "encoding/binary"

// Result is a result that was read whole, values as text; nil is NULL.
type Result struct {
	Columns []Column
	Rows    [][][]byte
	Tag     string
}

// Column is a column of a result.
type Column struct {
	Name string
	OID  uint32
}

// Exec runs statements and throws their rows away.
func (c *Conn) Exec(sql string) (tag string, err error) {
	tag, _, _, err = c.Drain(sql)
	return tag, err
}

// Drain runs a statement and counts the rows that come, and the bytes of
// their frames, without looking inside.
func (c *Conn) Drain(sql string) (tag string, rows, bytes int64, err error) {
	c.query(sql)
	if err := c.Send(); err != nil {
		return "", 0, 0, err
	}
	tag, err = c.until(func(kind byte, body []byte) error {
		if kind == 'D' {
			rows++
			bytes += int64(len(body)) + 5
		}
		return nil
	})
	return tag, rows, bytes, err
}

// Query runs a statement and reads its result.
func (c *Conn) Query(sql string) (*Result, error) {
	r := &Result{}
	c.query(sql)
	if err := c.Send(); err != nil {
		return nil, err
	}
	tag, err := c.until(func(kind byte, body []byte) error {
		switch kind {
		case 'T':
			r.Columns, r.Rows = columns(body), nil
		case 'D':
			row := Row(body, nil)
			for i, v := range row {
				if v != nil {
					row[i] = append(make([]byte, 0, len(v)), v...)
				}
			}
			r.Rows = append(r.Rows, row)
		}
		return nil
	})
	r.Tag = tag
	return r, err
}

// Each runs a statement and shows every row; the values are good during the
// call. An error of each ends the showing, and is returned after the result
// was read to its end.
func (c *Conn) Each(sql string, each func(row [][]byte) error) error {
	c.query(sql)
	if err := c.Send(); err != nil {
		return err
	}
	_, err := c.Wait(each)
	return err
}

// Wait reads until the server is ready again and shows the rows that come.
func (c *Conn) Wait(each func(row [][]byte) error) (tag string, err error) {
	var row [][]byte
	return c.until(func(kind byte, body []byte) error {
		if kind != 'D' || each == nil {
			return nil
		}
		row = Row(body, row[:0])
		return each(row)
	})
}

// Row takes a DataRow apart, appending to row; the values point into body.
func Row(body []byte, row [][]byte) [][]byte {
	n := int(binary.BigEndian.Uint16(body))
	body = body[2:]
	for range n {
		size := int32(binary.BigEndian.Uint32(body))
		body = body[4:]
		if size < 0 {
			row = append(row, nil)
			continue
		}
		row = append(row, body[:size:size])
		body = body[size:]
	}
	return row
}

func (c *Conn) query(sql string) {
	c.out = append(c.out, 'Q')
	c.out = binary.BigEndian.AppendUint32(c.out, uint32(4+len(sql)+1))
	c.out = append(c.out, sql...)
	c.out = append(c.out, 0)
}

// until reads frames to ReadyForQuery. It returns the last command tag, and
// the first error of the server or, failing that, of each.
func (c *Conn) until(each func(kind byte, body []byte) error) (tag string, err error) {
	var bad error
	for {
		kind, body, err := c.next()
		if err != nil {
			return tag, err
		}
		switch kind {
		case 'Z':
			c.status = body[0]
			return tag, bad
		case 'C':
			tag = cString(&body)
		case 'E':
			bad = parseError(body)
		default:
			if bad == nil {
				bad = each(kind, body)
			}
		}
	}
}

func columns(body []byte) []Column {
	n := int(binary.BigEndian.Uint16(body))
	body = body[2:]
	out := make([]Column, n)
	for i := range out {
		out[i].Name = cString(&body)
		out[i].OID = binary.BigEndian.Uint32(body[6:])
		body = body[18:]
	}
	return out
}
