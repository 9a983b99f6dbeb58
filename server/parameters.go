package server

import (
	"github.com/jackc/pgx/v5/pgproto3"
)

// startParameters are the parameters that every client hears of at the start,
// in PostgreSQL's order, with the values they have where the session does not
// tell. Drivers refuse to work without some of them.
var startParameters = []Parameter{
	{Name: "application_name", Value: ""},
	{Name: "client_encoding", Value: "UTF8"},
	{Name: "DateStyle", Value: "ISO, MDY"},
	{Name: "default_transaction_read_only", Value: "off"},
	{Name: "in_hot_standby", Value: "off"},
	{Name: "integer_datetimes", Value: "on"},
	{Name: "IntervalStyle", Value: "postgres"},
	{Name: "is_superuser", Value: "on"},
	{Name: "server_encoding", Value: "UTF8"},
	{Name: "server_version", Value: ServerVersion},
	{Name: "session_authorization", Value: ""},
	{Name: "standard_conforming_strings", Value: "on"},
	{Name: "TimeZone", Value: "UTC"},
}

// Version is streamsqld's own version, ServerVersion what clients are told:
// the PostgreSQL that it behaves as, by which drivers choose their queries.
const (
	Version       = "0.1.0"
	ServerVersion = "15.18 (streamsqld " + Version + ")"
)

// sendParameters reports the start parameters, as the session has them.
func (c *conn) sendParameters(have []Parameter) {
	c.reported = make(map[string]string, len(startParameters))
	values := make(map[string]string, len(have))
	for _, p := range have {
		values[p.Name] = p.Value
	}
	for _, p := range startParameters {
		if v, ok := values[p.Name]; ok {
			p.Value = v
		}
		c.sendParameter(p)
	}
	for _, p := range have {
		if _, ok := c.reported[p.Name]; !ok {
			c.sendParameter(p)
		}
	}
}

// reportParameters reports what has changed since the last ReadyForQuery, once
// per parameter and only if the client has another value.
func (c *conn) reportParameters() {
	if len(c.changed) == 0 {
		return
	}
	last := make(map[string]int, len(c.changed))
	for i, p := range c.changed {
		last[p.Name] = i
	}
	for i, p := range c.changed {
		if v, ok := c.reported[p.Name]; last[p.Name] == i && (!ok || v != p.Value) {
			c.sendParameter(p)
		}
	}
	c.changed = c.changed[:0]
}

func (c *conn) sendParameter(p Parameter) {
	c.reported[p.Name] = p.Value
	c.send(&pgproto3.ParameterStatus{Name: clean(p.Name), Value: c.shown(p.Value)})
}
