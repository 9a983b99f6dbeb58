package slt

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Protocol is the way statements are sent.
type Protocol int

// The protocols: Query messages, or Parse, Bind, Describe and Execute.
const (
	Simple Protocol = iota
	Extended
)

// Conn is one connection to a server. It is for one goroutine.
type Conn struct {
	pg       *pgconn.PgConn
	protocol Protocol
	types    userTypes
	notices  []*pgconn.Notice
	notes    []*pgconn.Notification
}

// Dial opens a connection.
func Dial(ctx context.Context, dsn string, protocol Protocol) (*Conn, error) {
	return dial(ctx, dsn, "", protocol)
}

// dial opens it to the database that the DSN names unless another is given.
func dial(ctx context.Context, dsn, database string, protocol Protocol) (*Conn, error) {
	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	if database != "" {
		config.Database = database
	}
	c := &Conn{protocol: protocol, types: userTypes{}}
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { c.notices = append(c.notices, n) }
	config.OnNotification = func(_ *pgconn.PgConn, n *pgconn.Notification) { c.notes = append(c.notes, n) }
	c.pg, err = pgconn.ConnectConfig(ctx, config)
	c.notices = nil
	return c, err
}

// Close ends the connection.
func (c *Conn) Close(ctx context.Context) error { return c.pg.Close(ctx) }

// Run runs a record. Its error is one of the connection; what the server says
// of the statement is in the outcome.
func (c *Conn) Run(ctx context.Context, r *Record) (*Outcome, error) {
	c.notices = nil
	o := &Outcome{}
	err := c.dispatch(ctx, r, o)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		o.Err, o.Results, err = pgErr, nil, nil
	}
	o.Notices = c.notices
	if err != nil {
		return nil, err
	}
	c.nameTypes(ctx, o)
	return o, nil
}

func (c *Conn) dispatch(ctx context.Context, r *Record, o *Outcome) error {
	switch r.Kind {
	case CopyIn:
		return c.copyIn(ctx, r, o)
	case CopyOut:
		return c.copyOut(ctx, r, o)
	case Describe:
		return c.describe(ctx, r, o)
	case Notifications:
		return c.notifications(ctx, r, o)
	}
	if r.Params != nil || c.protocol == Extended && !r.Simple && single(r.SQL) {
		return c.extended(ctx, r, o)
	}
	return c.simple(ctx, r.SQL, o)
}

func (c *Conn) simple(ctx context.Context, sql string, o *Outcome) error {
	mrr := c.pg.Exec(ctx, sql)
	for mrr.NextResult() {
		res, err := readResult(mrr.ResultReader())
		if err != nil {
			mrr.Close()
			return err
		}
		o.Results = append(o.Results, res)
	}
	return mrr.Close()
}

func (c *Conn) extended(ctx context.Context, r *Record, o *Outcome) error {
	values := make([][]byte, len(r.Params))
	for i, p := range r.Params {
		values[i] = p
	}
	res, err := readResult(c.pg.ExecParams(ctx, r.SQL, values, nil, nil, nil))
	if err == nil && res.Tag+formatHeader(res) != "" {
		o.Results = append(o.Results, res)
	}
	return err
}

func formatHeader(r Result) string {
	if r.Columns == nil {
		return ""
	}
	return r.header()
}

// readResult reads all rows of a statement.
func readResult(rr *pgconn.ResultReader) (Result, error) {
	var res Result
	res.Columns = columns(rr.FieldDescriptions())
	for rr.NextRow() {
		if res.Columns == nil {
			res.Columns = columns(rr.FieldDescriptions())
		}
		row := make([]Cell, len(rr.Values()))
		for i, v := range rr.Values() {
			if v != nil {
				row[i] = append(Cell{}, v...)
			}
		}
		res.Rows = append(res.Rows, row)
	}
	if res.Columns == nil {
		res.Columns = columns(rr.FieldDescriptions())
	}
	tag, err := rr.Close()
	res.Tag = tag.String()
	return res, err
}

func columns(fields []pgconn.FieldDescription) []Column {
	if fields == nil {
		return nil
	}
	out := make([]Column, len(fields))
	for i, f := range fields {
		out[i] = Column{Name: f.Name, OID: f.DataTypeOID, Type: typeName(f.DataTypeOID, f.TypeModifier)}
	}
	return out
}

// nameTypes asks for the names of types that users have made.
func (c *Conn) nameTypes(ctx context.Context, o *Outcome) {
	for i := range o.Results {
		for j := range o.Results[i].Columns {
			if col := &o.Results[i].Columns[j]; col.OID >= firstUserOID {
				col.Type = c.types.name(ctx, c.pg, col.OID)
			}
		}
	}
}

func (c *Conn) copyIn(ctx context.Context, r *Record, o *Outcome) error {
	data, err := r.bytes()
	if err != nil {
		return err
	}
	tag, err := c.pg.CopyFrom(ctx, bytes.NewReader(data), r.SQL)
	o.Results = append(o.Results, Result{Tag: tag.String()})
	return err
}

// bytes gives the data of a COPY as it is sent.
func (r *Record) bytes() ([]byte, error) {
	switch r.Encoding {
	case Hex:
		return hex.DecodeString(strings.Join(strings.Fields(strings.Join(r.Data, "")), ""))
	case Escaped:
		return unescape(strings.Join(r.Data, `\n`) + `\n`)
	}
	if len(r.Data) == 0 {
		return nil, nil
	}
	return []byte(strings.Join(r.Data, "\n") + "\n"), nil
}

func (c *Conn) copyOut(ctx context.Context, r *Record, o *Outcome) error {
	var buf bytes.Buffer
	tag, err := c.pg.CopyTo(ctx, &buf, r.SQL)
	res := Result{Tag: tag.String()}
	for line := range strings.Lines(buf.String()) {
		res.Data = append(res.Data, Cell(strings.TrimSuffix(line, "\n")).format())
	}
	o.Results = append(o.Results, res)
	return err
}

func (c *Conn) describe(ctx context.Context, r *Record, o *Outcome) error {
	sd, err := c.pg.Prepare(ctx, "", r.SQL, nil)
	if err != nil {
		return err
	}
	for _, oid := range sd.ParamOIDs {
		name := typeName(oid, -1)
		if oid >= firstUserOID {
			name = c.types.name(ctx, c.pg, oid)
		}
		o.Params = append(o.Params, name)
	}
	if sd.Fields != nil {
		o.Results = append(o.Results, Result{Columns: columns(sd.Fields)})
	}
	return nil
}

// noteTime is how long a notification may take from commit to arrival, and how
// long to wait for one that should not come.
const noteTime = 200 * time.Millisecond

// notifications waits for as many as are expected, then a little for more.
func (c *Conn) notifications(ctx context.Context, r *Record, o *Outcome) error {
	want := max(len(r.Expect)-1, 0)
	for {
		wait := noteTime
		if len(c.notes) < want {
			wait = 10 * time.Second
		}
		if err := c.waitNote(ctx, wait); err != nil {
			break // the time is over
		}
	}
	for _, n := range c.notes {
		from := "other"
		if n.PID == c.pg.PID() {
			from = "self"
		}
		o.Notes = append(o.Notes, formatRow([]Cell{Cell(n.Channel), Cell(n.Payload), Cell(from)}))
	}
	c.notes = nil
	if c.pg.IsClosed() {
		return fmt.Errorf("the server closed the connection")
	}
	return nil
}

func (c *Conn) waitNote(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return c.pg.WaitForNotification(ctx)
}
