package server

import (
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/streamsqld/streamsqld/sql/types"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The messages of the extended protocol. An error in one of them is reported
// at once and everything up to the next Sync is skipped.

// stmtTexts keeps the texts of prepared statements that are not plain ASCII,
// to turn byte positions in errors into character positions.
type stmtTexts struct {
	byStmt   map[string]string
	byPortal map[string]string
}

func (t *stmtTexts) parsed(stmt, sql string) {
	if plain(sql) {
		delete(t.byStmt, stmt)
		return
	}
	if t.byStmt == nil {
		t.byStmt, t.byPortal = map[string]string{}, map[string]string{}
	}
	t.byStmt[stmt] = sql
}

func (t *stmtTexts) bound(portal, stmt string) {
	if t.byStmt == nil {
		return
	}
	if sql, ok := t.byStmt[stmt]; ok {
		t.byPortal[portal] = sql
	} else {
		delete(t.byPortal, portal)
	}
}

// bindBuffers is memory that one Bind after the other uses.
type bindBuffers struct {
	formats, results []int16
	params           [][]byte
	// names are the last names seen, so that the usual client, which runs the same
	// statement again and again, costs no allocation.
	portal, stmt string
}

func (c *conn) protocolError(err error) error {
	c.session.Fail(err)
	return c.fail(err, "")
}

func (c *conn) parse(b []byte) error {
	m := c.body(b)
	name := string(m.text())
	sql := string(m.text())
	n := m.int16()
	var oids []uint32
	for i := 0; i < n && m.err == nil; i++ {
		oids = append(oids, uint32(m.int32()))
	}
	if err := m.end(); err != nil {
		return c.protocolError(err)
	}
	if err := c.session.Parse(c.ctx, name, sql, oids); err != nil {
		return c.fail(err, sql)
	}
	c.stmts.parsed(name, sql)
	c.out.buf = append(c.out.buf, '1', 0, 0, 0, 4)
	return nil
}

func (c *conn) bindMessage(b []byte) error {
	m := c.body(b)
	bb := &c.bind
	bb.portal = intern(bb.portal, m.text())
	bb.stmt = intern(bb.stmt, m.text())
	bb.formats = formats(&m, bb.formats[:0])
	params(&m, bb)
	bb.results = formats(&m, bb.results[:0])
	if err := m.end(); err != nil {
		return c.protocolError(err)
	}
	for _, f := range bb.results {
		if f != 0 && f != 1 {
			return c.protocolError(pgerr.New(pgerr.InvalidParameterValue, "unsupported format code: %d", f))
		}
	}
	c.stmts.bound(bb.portal, bb.stmt)
	if err := c.session.Bind(c.ctx, bb.portal, bb.stmt, bb.formats, bb.params, bb.results); err != nil {
		return c.fail(err, c.stmts.byStmt[bb.stmt])
	}
	c.out.buf = append(c.out.buf, '2', 0, 0, 0, 4)
	return nil
}

// intern gives b as a string, the old one if it is the same.
func intern(old string, b []byte) string {
	if old == string(b) {
		return old
	}
	return string(b)
}

func formats(m *body, dst []int16) []int16 {
	n := m.int16()
	for i := 0; i < n && m.err == nil; i++ {
		dst = append(dst, int16(m.int16()))
	}
	return dst
}

// params reads the values of a Bind; they are lent with the message. What is
// wrong with one is told with its number. Values in text format are texts
// whatever their types, and checked as such.
func params(m *body, bb *bindBuffers) {
	n := m.int16()
	if len(bb.formats) > 1 && len(bb.formats) != n && m.err == nil {
		m.err = pgerr.New(pgerr.ProtocolViolation, "bind message has %d parameter formats but %d parameters", len(bb.formats), n)
	}
	bb.params = bb.params[:0]
	for i := 0; i < n && m.err == nil; i++ {
		size := m.int32()
		var value []byte
		if size != -1 {
			value = m.bytes(int(size))
		}
		bb.params = append(bb.params, value)
		if m.err == nil {
			bb.params[i], m.err = textParam(m, bb, i)
		}
		if m.err != nil {
			m.err = inParam(m.err, bb.portal, i)
		}
	}
}

// textParam gives a parameter as the session takes it: in UTF8 where it is a text.
func textParam(m *body, bb *bindBuffers, i int) ([]byte, error) {
	value, format := bb.params[i], int16(0)
	switch len(bb.formats) {
	case 0:
	case 1:
		format = bb.formats[0]
	default:
		format = bb.formats[i]
	}
	switch {
	case format == 1, format == 0 && value == nil:
		return value, nil
	case format == 0:
		return m.utf8(value)
	}
	return nil, pgerr.New(pgerr.InvalidParameterValue, "unsupported format code: %d", format)
}

// inParam tells which parameter an error is about.
func inParam(err error, portal string, i int) error {
	e := pgerr.From(err)
	if portal == "" {
		return e.WithWhere("unnamed portal parameter $%d", i+1)
	}
	return e.WithWhere("portal \"%s\" parameter $%d", portal, i+1)
}

func (c *conn) describe(b []byte) error {
	m := c.body(b)
	what := m.byte()
	name := string(m.text())
	if err := m.end(); err != nil {
		return c.protocolError(err)
	}
	switch what {
	case 'S':
		oids, cols, err := c.session.DescribeStatement(c.ctx, name)
		if err != nil {
			return c.fail(err, c.stmts.byStmt[name])
		}
		c.send(&pgproto3.ParameterDescription{ParameterOIDs: oids})
		if err := c.rowDescription(cols); err != nil {
			return c.protocolError(err)
		}
	case 'P':
		cols, err := c.session.DescribePortal(c.ctx, name)
		if err != nil {
			return c.fail(err, c.stmts.byPortal[name])
		}
		if err := c.rowDescription(cols); err != nil {
			return c.protocolError(err)
		}
	default:
		return c.protocolError(pgerr.New(pgerr.ProtocolViolation, "invalid DESCRIBE message subtype %d", what))
	}
	return nil
}

// rowDescription describes rows; nil columns are no rows (NoData), which is
// not the same as rows of no columns.
func (c *conn) rowDescription(cols []Column) error {
	if cols == nil {
		c.out.buf = append(c.out.buf, 'n', 0, 0, 0, 4)
		return nil
	}
	dst, err := appendRowDescription(c.out.buf, cols, c.client())
	if err != nil {
		return err
	}
	c.out.buf = dst
	return nil
}

func (c *conn) execute(b []byte) error {
	m := c.body(b)
	portal := intern(c.bind.portal, m.text())
	rows := m.int32()
	if err := m.end(); err != nil {
		return c.protocolError(err)
	}
	c.sink.begin(extended)
	suspended, err := c.session.Execute(c.ctx, portal, int(max(rows, 0)), &c.sink)
	if err != nil {
		return c.fail(err, c.stmts.byPortal[portal])
	}
	c.srv.metrics.executed.Inc()
	if suspended {
		c.out.buf = append(c.out.buf, 's', 0, 0, 0, 4)
	}
	return nil
}

func (c *conn) closeMessage(b []byte) error {
	m := c.body(b)
	what := m.byte()
	name := string(m.text())
	if err := m.end(); err != nil {
		return c.protocolError(err)
	}
	var err error
	switch what {
	case 'S':
		delete(c.stmts.byStmt, name)
		err = c.session.CloseStatement(name)
	case 'P':
		delete(c.stmts.byPortal, name)
		err = c.session.ClosePortal(name)
	default:
		return c.protocolError(pgerr.New(pgerr.ProtocolViolation, "invalid CLOSE message subtype %d", what))
	}
	if err != nil {
		return c.fail(err, "")
	}
	c.out.buf = append(c.out.buf, '3', 0, 0, 0, 4)
	return nil
}

// sync answers a Sync.
func (c *conn) sync(b []byte) error {
	m := c.body(b)
	if err := m.end(); err != nil {
		c.session.Fail(err)
		if err := c.report(err, ""); err != nil {
			return err
		}
	}
	c.srv.metrics.answered(protocolExtended, c.began)
	return c.endPipeline()
}

// endPipeline ends the implicit transaction. Its commit may be on its way when
// this returns; the answer follows it.
func (c *conn) endPipeline() error {
	pending, err := c.session.Sync(c.ctx)
	if err != nil {
		if err := c.report(err, ""); err != nil {
			return err
		}
	}
	if pending == nil || isClosed(pending.Done()) && pending.Err() == nil {
		return c.ready()
	}
	c.beforeReady()
	if err := c.out.hold(pending, c.session.TxStatus(), c.client()); err != nil {
		return err
	}
	return c.afterReady()
}

// appendRowDescription is RowDescription, by hand as it stands in every answer.
func appendRowDescription(dst []byte, cols []Column, client *types.Client) ([]byte, error) {
	start := len(dst)
	dst = append(dst, 'T', 0, 0, 0, 0)
	dst = appendInt16(dst, int16(len(cols)))
	for i := range cols {
		c := &cols[i]
		name, err := client.ToClient(clean(c.Name))
		if err != nil {
			return dst, err
		}
		dst = append(dst, name...)
		dst = append(dst, 0)
		dst = appendInt32(dst, int32(c.TableOID))
		dst = appendInt16(dst, c.Attr)
		t, mod := c.Type, c.Mod
		for t.Class == types.Domain && t.Base != nil { // clients are told the base type
			t, mod = t.Base, t.BaseMod
		}
		dst = appendInt32(dst, int32(t.OID))
		dst = appendInt16(dst, t.Len)
		dst = appendInt32(dst, mod)
		dst = appendInt16(dst, c.Format)
	}
	return endMessage(dst, start), nil
}
