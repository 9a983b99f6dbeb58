package catalog

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
)

// OIDs of our system relations; each has its row type 50 further on.
const streamsqlFirst OID = 9110

// streamsqlRelations makes the relations of schema streamsql: what the streams,
// the views and the statements at work are doing now.
func streamsqlRelations() []*Relation {
	defs := []struct {
		name string
		cols []Column
	}{
		{"watermarks", []Column{
			col("stream_oid", types.TOid), col("schema_name", types.TName), col("stream_name", types.TName), col("time_column", types.TName),
			col("watermark", types.TTimestamptz), col("max_time", types.TTimestamptz), col("delay", types.TInterval),
			col("idle_timeout", types.TInterval), col("max_future_skew", types.TInterval), col("last_row_at", types.TTimestamptz),
			col("idle", types.TBool), col("lag", types.TInterval), col("held_back_by", types.TText), col("open_windows", types.TInt8),
			col("oldest_window_end", types.TTimestamptz), col("waiting_for", types.TText),
		}},
		{"views", []Column{
			col("view_oid", types.TOid), col("schema_name", types.TName), col("view_name", types.TName), col("emit", types.TText),
			col("state", types.TText), col("commit", types.TInt8), col("commits_behind", types.TInt8), col("lag", types.TInterval),
			col("watermark", types.TTimestamptz), col("rows", types.TInt8), col("bytes", types.TInt8), col("state_bytes", types.TInt8),
			col("rows_in", types.TInt8), col("rows_out", types.TInt8), col("step_time", types.TInterval), col("errors", types.TInt8),
			col("last_error", types.TText), col("last_error_code", types.TText), col("last_error_at", types.TTimestamptz),
		}},
		{"streams", []Column{
			col("stream_oid", types.TOid), col("schema_name", types.TName), col("stream_name", types.TName), col("rows", types.TInt8),
			col("bytes", types.TInt8), col("late", types.TInt8), col("late_dropped", types.TInt8), col("errors", types.TInt8),
			col("duplicates", types.TInt8), col("rows_per_second", types.TFloat8), col("first_time", types.TTimestamptz),
			col("last_time", types.TTimestamptz), col("retained_from", types.TTimestamptz), col("last_commit", types.TInt8),
			col("last_row_at", types.TTimestamptz),
		}},
		{"ddl_progress", []Column{
			col("pid", types.TInt4), col("command", types.TText), col("relation_oid", types.TOid), col("schema_name", types.TName),
			col("relation_name", types.TName), col("phase", types.TText), col("rows_done", types.TInt8), col("rows_total", types.TInt8),
			col("percent", types.TFloat8), col("started_at", types.TTimestamptz), col("query", types.TText),
		}},
	}
	var out []*Relation
	for i, d := range defs {
		out = append(out, &Relation{
			OID: streamsqlFirst + OID(i), Schema: StreamsqlOID, Name: d.name, Kind: Virtual, Shown: 'v', Owner: BootstrapRole, Persistence: 'p',
			RowType: streamsqlFirst + 50 + OID(i), ACL: []ACLItem{{BootstrapRole, BootstrapRole, "arwdDxt"}, {0, BootstrapRole, "r"}},
			Columns: d.cols,
		})
	}
	return out
}

func col(name string, t *types.Type) Column {
	return Column{Name: name, TypeOID: t.OID, Type: t, Mod: types.NoMod, Collation: t.Collation}
}

// named gives the schema and the name of a relation, NULLs when it is gone.
func (c *Context) named(oid OID) (schema, rel types.Datum) {
	r := c.RelationByOID(oid)
	if r == nil {
		return types.Null, types.Null
	}
	if n := c.SchemaByOID(r.Schema); n != nil {
		schema = vStr(n.Name)
	}
	return schema, vStr(r.Name)
}

func vMark(us int64) types.Datum {
	if us == NoTime {
		return types.Null
	}
	return types.NewInt(us)
}

// vSpan is an interval, NULL when 0.
func vSpan(us int64) types.Datum {
	if us == 0 {
		return types.Null
	}
	return vMicros(us)
}

// streams and views give those of the database.
func (c *Context) streams() []StreamStats {
	return slices.DeleteFunc(c.Server.Streams(), func(s StreamStats) bool { return c.elsewhere(s.OID) })
}

func (c *Context) views() []ViewStats {
	return slices.DeleteFunc(c.Server.Views(), func(v ViewStats) bool { return c.elsewhere(v.OID) })
}

func (c *Context) elsewhere(oid OID) bool {
	r := c.RelationByOID(oid)
	return r != nil && !c.Holds(r)
}

func watermarkRows(_ context.Context, c *Context, w *rowWriter) error {
	if c.Server == nil {
		return nil
	}
	for _, st := range c.streams() {
		r := c.RelationByOID(st.OID)
		if r == nil || r.Stream == nil || r.Stream.Time == 0 {
			continue
		}
		schema, rel := c.named(st.OID)
		lag := types.Null
		if st.Watermark != NoTime && c.Env != nil {
			lag = vMicros(c.Env.Now - st.Watermark)
		}
		rules := r.Stream.Rules
		w.add(vOID(st.OID), schema, rel, vStr(r.Columns[r.Stream.Time-1].Name), vMark(st.Watermark), vMark(st.MaxTime), vMicros(rules.Delay),
			vSpan(rules.Idle), vSpan(rules.Skew), vTime(st.LastRow), vBool(st.Idle), lag, vText(st.HeldBack), vInt(st.OpenWindows),
			vTime(st.OldestWindow), vText(st.Waiting))
	}
	return nil
}

func viewRows(_ context.Context, c *Context, w *rowWriter) error {
	if c.Server == nil {
		return nil
	}
	last := c.Server.Commit()
	for _, st := range c.views() {
		r := c.RelationByOID(st.OID)
		if r == nil || r.View == nil {
			continue
		}
		emit := "update"
		if r.View.Emit != "" {
			emit = r.View.Emit
		}
		schema, rel := c.named(st.OID)
		w.add(vOID(st.OID), schema, rel, vStr(emit), vStr(st.State), vInt(int64(st.Commit)), vInt(int64(last-min(last, st.Commit))), vMicros(st.Lag),
			vMark(st.Watermark), vInt(st.Rows), vInt(st.Bytes), vInt(st.StateBytes), vInt(st.RowsIn), vInt(st.RowsOut), vMicros(st.StepMicros),
			vInt(st.Errors), vText(st.LastError), vText(st.LastErrorCode), vTime(st.LastErrorAt))
	}
	return nil
}

func streamRows(_ context.Context, c *Context, w *rowWriter) error {
	if c.Server == nil {
		return nil
	}
	for _, st := range c.streams() {
		schema, rel := c.named(st.OID)
		w.add(vOID(st.OID), schema, rel, vInt(st.Rows), vInt(st.Bytes), vInt(st.Late), vInt(st.Dropped), vInt(st.Errors), vInt(st.Repeat),
			vFloat(st.Rate), vTime(st.FirstTime), vTime(st.LastTime), vTime(st.Floor), vInt(int64(st.LastCommit)), vTime(st.LastRow))
	}
	return nil
}

func ddlProgressRows(_ context.Context, c *Context, w *rowWriter) error {
	if c.Server == nil {
		return nil
	}
	for _, p := range c.Server.Progress() {
		schema, rel := c.named(p.Relation)
		total, percent := types.Null, types.Null
		if p.Total > 0 {
			total, percent = vInt(p.Total), vFloat(100*float64(p.Done)/float64(p.Total))
		}
		w.add(vInt(p.PID), vStr(p.Command), vOID(p.Relation), schema, rel, vStr(p.Phase), vInt(p.Done), total, percent, vTime(p.Started), vStr(p.Query))
	}
	return nil
}
