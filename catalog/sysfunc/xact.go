package sysfunc

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Transactions and the commit log. A transaction's number is that of a commit;
// positions in the log are shown as PostgreSQL's.

func (c *call) xid(assign bool) uint64 {
	if c.Session == nil {
		return 0
	}
	return c.Session.Xid(assign)
}

// unsigned is an xid8 or a pg_lsn.
func unsigned(n uint64) types.Datum { return types.NewInt(types.PackUint64(n)) }

// nextXid is the first number that no commit has.
func (c *call) nextXid() uint64 {
	if c.Server == nil {
		return 3
	}
	return c.Server.Commit() + 1
}

func position(c *call) (types.Datum, error) {
	if c.Server == nil {
		return unsigned(0), nil
	}
	return unsigned(c.Server.Position()), nil
}

func init() {
	status := func(c *call, n uint64) (types.Datum, error) {
		switch {
		case n == c.xid(false) && n != 0:
			return text("in progress"), nil
		case n < c.nextXid():
			return text("committed"), nil
		}
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "transaction ID %d is in the future", n)
	}
	notRecovering := func(what string) scalar {
		return func(*call) (types.Datum, error) {
			return types.Null, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "recovery is not in progress").
				WithHint("%s", what)
		}
	}
	const onlyInRecovery = "Recovery control functions can only be executed during recovery."
	add(map[string]scalar{
		"pg_current_xact_id": func(c *call) (types.Datum, error) { return unsigned(c.xid(true)), nil },
		"pg_current_xact_id_if_assigned": func(c *call) (types.Datum, error) {
			if n := c.xid(false); n != 0 {
				return unsigned(n), nil
			}
			return types.Null, nil
		},
		"pg_current_snapshot": func(c *call) (types.Datum, error) {
			n := c.nextXid()
			return types.NewString(types.Snapshot{Min: n, Max: n}.Encode()), nil
		},
		"pg_xact_status":    func(c *call) (types.Datum, error) { return status(c, types.UnpackUint64(c.num(0))) },
		"txid_status(int8)": func(c *call) (types.Datum, error) { return status(c, uint64(c.num(0))) },
		"txid_current()":    func(c *call) (types.Datum, error) { return integer(c.xid(true)), nil },
		"txid_current_if_assigned()": func(c *call) (types.Datum, error) {
			if n := c.xid(false); n != 0 {
				return integer(n), nil
			}
			return types.Null, nil
		},
		"xid_age":  func(c *call) (types.Datum, error) { return integer(int32(uint32(c.nextXid()) - uint32(c.num(0)))), nil },
		"mxid_age": constant(integer(0)),

		"pg_current_wal_lsn":            position,
		"pg_current_wal_insert_lsn":     position,
		"pg_current_wal_flush_lsn":      position,
		"pg_last_wal_receive_lsn":       constant(types.Null),
		"pg_last_wal_replay_lsn":        constant(types.Null),
		"pg_last_xact_replay_timestamp": constant(types.Null),
		"pg_is_in_recovery":             constant(boolean(false)),
		"pg_is_wal_replay_paused":       notRecovering(onlyInRecovery),
		"pg_get_wal_replay_pause_state": notRecovering(onlyInRecovery),
		"pg_wal_replay_pause":           notRecovering(onlyInRecovery),
		"pg_wal_replay_resume":          notRecovering(onlyInRecovery),
		"pg_promote":                    notRecovering(onlyInRecovery),
		"pg_postmaster_start_time":      started,
		"pg_conf_load_time": func(c *call) (types.Datum, error) {
			if c.Server == nil {
				return types.Null, nil
			}
			return when(c.Server.ReloadTime()), nil
		},
		"pg_reload_conf":              func(c *call) (types.Datum, error) { return boolean(c.Server != nil && c.Server.Reload()), nil },
		"pg_rotate_logfile_v2":        constant(boolean(false)), // there is no log collector
		"pg_xact_commit_timestamp":    func(*call) (types.Datum, error) { return types.Null, errNoCommitTimes() },
		"pg_current_logfile":          constant(types.Null),
		"pg_current_logfile_1arg":     constant(types.Null),
		"pg_notification_queue_usage": constant(float(0)),
		"pg_notify":                   notify,
		"pg_stat_clear_snapshot":      constant(text("")),
		"pg_stat_force_next_flush":    constant(text("")),
	})
	addTables(map[string]table{
		"pg_listening_channels":  listening,
		"pg_prepared_xact":       noRows,
		"pg_last_committed_xact": oneRow(3),
	})
	advisory()
}

func errNoCommitTimes() error {
	return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "could not get commit timestamp data").
		WithHint("Make sure the configuration parameter \"track_commit_timestamp\" is set.")
}

func notify(c *call) (types.Datum, error) {
	if c.Session == nil {
		return text(""), nil
	}
	arg := func(i int) string {
		if c.args[i].IsNull() {
			return ""
		}
		return c.args[i].Str()
	}
	return text(""), c.Session.Notify(arg(0), arg(1))
}

func listening(c *call) ([][]types.Datum, error) {
	if c.Session == nil {
		return nil, nil
	}
	var rows [][]types.Datum
	for _, name := range c.Session.Listening() {
		rows = append(rows, []types.Datum{text(name)})
	}
	return rows, nil
}

// advisory adds the functions of advisory locks: for a session or a transaction,
// alone or shared, waiting or not, on a number or on two.
func advisory() {
	for _, form := range []string{"int8", "int4"} {
		key := advisoryKey(form == "int4")
		for _, shared := range []bool{false, true} {
			suffix := "_" + form
			if shared {
				suffix = "_shared_" + form
			}
			add(map[string]scalar{
				"pg_advisory_lock" + suffix:          advisoryLock(key, shared, false, false),
				"pg_try_advisory_lock" + suffix:      advisoryLock(key, shared, false, true),
				"pg_advisory_xact_lock" + suffix:     advisoryLock(key, shared, true, false),
				"pg_try_advisory_xact_lock" + suffix: advisoryLock(key, shared, true, true),
				"pg_advisory_unlock" + suffix: func(c *call) (types.Datum, error) {
					return boolean(c.Session != nil && c.Session.AdvisoryUnlock(key(c), shared)), nil
				},
			})
		}
	}
	add(map[string]scalar{"pg_advisory_unlock_all": func(c *call) (types.Datum, error) {
		if c.Session != nil {
			c.Session.AdvisoryUnlockAll()
		}
		return text(""), nil
	}})
}

func advisoryKey(pair bool) func(c *call) catalog.AdvisoryKey {
	return func(c *call) catalog.AdvisoryKey {
		if pair {
			return catalog.AdvisoryKey{Pair: true, Key: c.num(0)<<32 | int64(uint32(c.num(1)))}
		}
		return catalog.AdvisoryKey{Key: c.num(0)}
	}
}

func advisoryLock(key func(c *call) catalog.AdvisoryKey, shared, xact, try bool) scalar {
	return func(c *call) (types.Datum, error) {
		if c.Session == nil {
			return types.Null, pgerr.NotSupported("an advisory lock here")
		}
		got, err := c.Session.AdvisoryLock(c.ctx, key(c), shared, xact, try)
		if err != nil {
			return types.Null, err
		}
		if try {
			return boolean(got), nil
		}
		return text(""), nil
	}
}
