package sysfunc

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// inEventTrigger is a function that is for event triggers of a kind only.
func inEventTrigger(name, where string) table {
	return func(*call) ([][]types.Datum, error) {
		return nil, pgerr.New(pgerr.ERIEEventTriggerProtocolViolated, "%s() can only be called in %s function", name, where)
	}
}

func init() {
	addTables(map[string]table{
		"pg_event_trigger_dropped_objects":   inEventTrigger("pg_event_trigger_dropped_objects", "a sql_drop event trigger"),
		"pg_event_trigger_ddl_commands":      inEventTrigger("pg_event_trigger_ddl_commands", "an event trigger"),
		"pg_event_trigger_table_rewrite_oid": inEventTrigger("pg_event_trigger_table_rewrite_oid", "a table_rewrite event trigger"),
	})
	reason := inEventTrigger("pg_event_trigger_table_rewrite_reason", "a table_rewrite event trigger")
	add(map[string]scalar{
		"pg_event_trigger_table_rewrite_reason": func(c *call) (types.Datum, error) {
			_, err := reason(c)
			return types.Null, err
		},
	})
}
