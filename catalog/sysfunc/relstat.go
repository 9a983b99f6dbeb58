package sysfunc

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// stats gives the counters of a relation; rows of a matter that is not kept count
// as nothing.
func (c *call) stats(oid OID) catalog.RelationStats {
	if c.Server == nil {
		return catalog.RelationStats{}
	}
	return c.Server.RelationStats(oid)
}

func (c *call) database() catalog.DatabaseStats {
	if c.Server == nil || c.oid(0) != catalog.DatabaseOID {
		return catalog.DatabaseStats{}
	}
	return c.Server.DatabaseStats()
}

func ofRelation(fn func(s catalog.RelationStats) int64) scalar {
	return func(c *call) (types.Datum, error) { return integer(fn(c.stats(c.oid(0)))), nil }
}

func ofDatabase(fn func(s catalog.DatabaseStats) int64) scalar {
	return func(c *call) (types.Datum, error) { return integer(fn(c.database())), nil }
}

// millis makes a function of a duration in milliseconds.
func millis(fn func(s catalog.DatabaseStats) int64) scalar {
	return func(c *call) (types.Datum, error) { return float(float64(fn(c.database())) / 1000), nil }
}

// What PostgreSQL counts and there is nothing of here: blocks, vacuums, HOT
// updates, conflicts with a standby, the checkpointer's buffers.
const zeroCounters = `pg_stat_get_blocks_fetched pg_stat_get_blocks_hit pg_stat_get_tuples_hot_updated pg_stat_get_dead_tuples
	pg_stat_get_mod_since_analyze pg_stat_get_ins_since_vacuum pg_stat_get_vacuum_count pg_stat_get_autovacuum_count pg_stat_get_analyze_count
	pg_stat_get_autoanalyze_count pg_stat_get_xact_numscans pg_stat_get_xact_tuples_returned pg_stat_get_xact_tuples_fetched
	pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_updated pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_hot_updated
	pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit pg_stat_get_db_blocks_fetched pg_stat_get_db_blocks_hit
	pg_stat_get_db_conflict_all pg_stat_get_db_conflict_tablespace pg_stat_get_db_conflict_lock pg_stat_get_db_conflict_snapshot
	pg_stat_get_db_conflict_bufferpin pg_stat_get_db_conflict_startup_deadlock pg_stat_get_bgwriter_timed_checkpoints
	pg_stat_get_bgwriter_requested_checkpoints pg_stat_get_bgwriter_buf_written_checkpoints pg_stat_get_bgwriter_buf_written_clean
	pg_stat_get_bgwriter_maxwritten_clean pg_stat_get_buf_written_backend pg_stat_get_buf_fsync_backend pg_stat_get_buf_alloc`

const zeroTimes = `pg_stat_get_db_blk_read_time pg_stat_get_db_blk_write_time pg_stat_get_checkpoint_write_time pg_stat_get_checkpoint_sync_time`

const nulls = `pg_stat_get_last_vacuum_time pg_stat_get_last_autovacuum_time pg_stat_get_last_analyze_time pg_stat_get_last_autoanalyze_time
	pg_stat_get_function_calls pg_stat_get_function_total_time pg_stat_get_function_self_time pg_stat_get_xact_function_calls
	pg_stat_get_xact_function_total_time pg_stat_get_xact_function_self_time pg_stat_get_db_checksum_failures
	pg_stat_get_db_checksum_last_failure pg_stat_get_snapshot_timestamp pg_indexam_progress_phasename`

func init() {
	type rs = catalog.RelationStats
	type ds = catalog.DatabaseStats
	add(map[string]scalar{
		"pg_stat_get_numscans":        ofRelation(func(s rs) int64 { return s.Scans }),
		"pg_stat_get_tuples_returned": ofRelation(func(s rs) int64 { return s.RowsRead }),
		"pg_stat_get_tuples_fetched":  ofRelation(func(s rs) int64 { return s.RowsRead }),
		"pg_stat_get_tuples_inserted": ofRelation(func(s rs) int64 { return s.Inserted }),
		"pg_stat_get_tuples_updated":  ofRelation(func(s rs) int64 { return s.Updated }),
		"pg_stat_get_tuples_deleted":  ofRelation(func(s rs) int64 { return s.Deleted }),
		"pg_stat_get_live_tuples":     ofRelation(func(s rs) int64 { return s.Rows }),

		"pg_stat_get_db_numbackends":              numBackends,
		"pg_stat_get_db_xact_commit":              ofDatabase(func(s ds) int64 { return s.Commits }),
		"pg_stat_get_db_xact_rollback":            ofDatabase(func(s ds) int64 { return s.Rollbacks }),
		"pg_stat_get_db_tuples_returned":          ofDatabase(func(s ds) int64 { return s.Read }),
		"pg_stat_get_db_tuples_fetched":           ofDatabase(func(s ds) int64 { return s.Read }),
		"pg_stat_get_db_tuples_inserted":          ofDatabase(func(s ds) int64 { return s.Inserted }),
		"pg_stat_get_db_tuples_updated":           ofDatabase(func(s ds) int64 { return s.Updated }),
		"pg_stat_get_db_tuples_deleted":           ofDatabase(func(s ds) int64 { return s.Deleted }),
		"pg_stat_get_db_temp_files":               ofDatabase(func(s ds) int64 { return s.TempFiles }),
		"pg_stat_get_db_temp_bytes":               ofDatabase(func(s ds) int64 { return s.TempBytes }),
		"pg_stat_get_db_deadlocks":                ofDatabase(func(s ds) int64 { return s.Deadlocks }),
		"pg_stat_get_db_sessions":                 ofDatabase(func(s ds) int64 { return s.Sessions }),
		"pg_stat_get_db_sessions_abandoned":       ofDatabase(func(s ds) int64 { return s.Abandoned }),
		"pg_stat_get_db_sessions_fatal":           ofDatabase(func(s ds) int64 { return s.Fatal }),
		"pg_stat_get_db_sessions_killed":          ofDatabase(func(s ds) int64 { return s.Killed }),
		"pg_stat_get_db_session_time":             millis(func(s ds) int64 { return s.SessionMicros }),
		"pg_stat_get_db_active_time":              millis(func(s ds) int64 { return s.ActiveMicros }),
		"pg_stat_get_db_idle_in_transaction_time": millis(func(s ds) int64 { return s.TxIdleMicros }),
		"pg_stat_get_db_stat_reset_time":          started,
		"pg_stat_get_bgwriter_stat_reset_time":    started,
		"pg_stat_have_stats":                      constant(boolean(false)),
	})
	reset := func(of func(c *call) OID) scalar {
		return func(c *call) (types.Datum, error) {
			if c.Server != nil {
				c.Server.ResetStats(of(c))
			}
			return text(""), nil
		}
	}
	add(map[string]scalar{
		"pg_stat_reset":                       reset(func(*call) OID { return 0 }),
		"pg_stat_reset_single_table_counters": reset(func(c *call) OID { return c.oid(0) }),
		// What they would reset is not counted.
		"pg_stat_reset_single_function_counters": constant(text("")),
		"pg_stat_reset_slru":                     constant(text("")),
		"pg_stat_reset_shared": func(c *call) (types.Datum, error) {
			switch what := c.args[0].Str(); what {
			case "archiver", "bgwriter", "recovery_prefetch", "wal":
				return text(""), nil
			default:
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "unrecognized reset target: \"%s\"", what).
					WithHint("Target must be \"archiver\", \"bgwriter\", \"recovery_prefetch\", or \"wal\".")
			}
		},
		"pg_stat_reset_replication_slot": func(c *call) (types.Datum, error) {
			if c.args[0].IsNull() {
				return text(""), nil
			}
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "replication slot \"%s\" does not exist", c.args[0].Str())
		},
		"pg_stat_reset_subscription_stats": func(c *call) (types.Datum, error) {
			if id := c.args[0]; !id.IsNull() && id.Int() == 0 {
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "invalid subscription OID %d", id.Int())
			}
			return text(""), nil
		},
	})
	always := func(names string, d types.Datum) {
		for _, n := range fields(names) {
			add(map[string]scalar{n: constant(d)})
		}
	}
	always(zeroCounters, integer(0))
	always(zeroTimes, float(0))
	always(nulls, types.Null)
	addTables(map[string]table{
		"pg_stat_get_archiver": func(c *call) ([][]types.Datum, error) {
			return [][]types.Datum{{integer(0), types.Null, types.Null, integer(0), types.Null, types.Null, c.startTime()}}, nil
		},
		"pg_stat_get_wal":                walStats,
		"pg_stat_get_slru":               noRows,
		"pg_stat_get_progress_info":      noRows,
		"pg_stat_get_wal_senders":        noRows,
		"pg_stat_get_wal_receiver":       oneRow(15),
		"pg_stat_get_replication_slot":   oneRow(10),
		"pg_get_replication_slots":       noRows,
		"pg_stat_get_subscription":       noRows,
		"pg_stat_get_subscription_stats": oneRow(4),
		"pg_stat_get_recovery_prefetch":  noRows,
		"pg_get_publication_tables":      noRows,
	})
}

func (c *call) startTime() types.Datum {
	if c.Server == nil {
		return types.Null
	}
	return when(c.Server.StartTime())
}

func started(c *call) (types.Datum, error) { return c.startTime(), nil }

func numBackends(c *call) (types.Datum, error) {
	n := 0
	for _, b := range c.activity() {
		if b.Role != 0 && b.DB == c.oid(0) {
			n++
		}
	}
	return integer(n), nil
}

// walStats tells of the commit log what PostgreSQL tells of its own: a record per
// commit.
func walStats(c *call) ([][]types.Datum, error) {
	var records, bytes int64
	if c.Server != nil {
		records, bytes = c.Server.DatabaseStats().Commits, int64(c.Server.Position())
	}
	return [][]types.Datum{{
		integer(records), integer(0), types.NewNumeric(types.NumericScaled(bytes, 0)), integer(0), integer(0), integer(0), float(0), float(0), c.startTime(),
	}}, nil
}
