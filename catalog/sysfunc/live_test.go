package sysfunc

import (
	"context"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/catalogtest"
	"github.com/streamsqld/streamsqld/catalog/settings"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// live gives the functions of a session on a made-up server.
func live(role string) (Functions, *catalogtest.Server, *catalogtest.Session) {
	f := session()
	oid := f.Snapshot.Role(role).OID
	orders := f.Relation(catalog.PublicOID, "orders")
	srv := &catalogtest.Server{
		Relations: map[OID]catalog.RelationStats{
			orders.OID: {Rows: 10, Bytes: 9000, Scans: 3, RowsRead: 30, Inserted: 12, Updated: 1, Deleted: 2}, orders.Indexes[0]: {Bytes: 100},
			orders.Indexes[1]: {Bytes: 20},
		},
		Database:  catalog.DatabaseStats{Bytes: 123456, Commits: 41, Rollbacks: 2, SessionMicros: 1500},
		Sequences: map[OID]int64{f.Relation(catalog.PublicOID, "seq1").OID: 15},
		Backends: []catalog.Backend{
			{PID: 7, Role: oid, DB: catalog.DatabaseOID, Application: "test", Address: "10.0.0.1", Port: 5000, Kind: "client backend", State: "active", Query: "SELECT 1", Started: 5},
			{PID: 8, Role: catalog.BootstrapRole, DB: catalog.DatabaseOID, Kind: "client backend", State: "idle", Query: "secret", Port: -1},
			{PID: 9, Kind: "view worker"},
		},
		LockList: []catalog.Lock{
			{Kind: "relation", DB: catalog.DatabaseOID, Relation: orders.OID, PID: 8, Mode: "RowExclusiveLock", Granted: true},
			{Kind: "relation", DB: catalog.DatabaseOID, Relation: orders.OID, PID: 7, Mode: "ShareLock"},
			{Kind: "advisory", DB: catalog.DatabaseOID, Advisory: catalog.AdvisoryKey{Pair: true, Key: 1<<32 | 2}, PID: 8, Mode: "ExclusiveLock", Granted: true},
		},
	}
	ses := &catalogtest.Session{Role: oid, Values: settings.NewSession(settings.NewBase())}
	c := *f.Context
	c.Role, c.Server, c.Session = oid, srv, ses
	f = Functions{&c}
	env := *types.DefaultEnv
	env.Names = f
	c.Env = &env
	return f, srv, ses
}

// say calls a function by its SQL name and argument types and shows the result.
func say(t *testing.T, f Functions, call string) string {
	t.Helper()
	name, texts, ok := parseCall(call)
	if !ok {
		t.Fatal(call)
	}
	var args []types.Datum
	var argTypes []*types.Type
	for _, a := range texts {
		typ, val, _ := strings.Cut(a, ":")
		ty := types.ByName(typ)
		args, argTypes = append(args, argument(t, f, ty, val)), append(argTypes, ty)
	}
	fn := funcs.FindFunc(name, argTypes...)
	if fn == nil {
		t.Fatalf("no function %s", call)
	}
	return result(t, f, fn, args)
}

// TestLive asks about a server that is made up, so that the answers are known.
func TestLive(t *testing.T) {
	f, srv, ses := live("alice")
	for call, want := range map[string]string{
		"current_user()": "alice", "session_user()": "alice", "current_database()": "postgres", "pg_backend_pid()": "7",
		"current_setting(text:work_mem)": "4MB", "current_setting(text:nope; bool:true)": "NULL",
		"current_setting(text:nope)":                                     `ERROR 42704: unrecognized configuration parameter "nope"`,
		"current_setting(text:hba_file)":                                 `ERROR 42501: must be superuser or have privileges of pg_read_all_settings to examine "hba_file"`,
		"set_config(text:maintenance_work_mem; text:8192kB; bool:false)": "8MB", "pg_relation_size(regclass:orders)": "9000", "pg_indexes_size(regclass:orders)": "120",
		"pg_total_relation_size(regclass:orders)": "9120", "pg_table_size(regclass:users)": "0", "pg_database_size(name:postgres)": "123456",
		"pg_stat_get_live_tuples(oid:@regclass:orders)": "10", "pg_stat_get_numscans(oid:@regclass:orders)": "3",
		"pg_stat_get_tuples_inserted(oid:@regclass:orders)": "12", "pg_stat_get_db_xact_commit(oid:5)": "41", "pg_stat_get_db_numbackends(oid:5)": "2",
		"pg_stat_get_db_session_time(oid:5)": "1.5", "pg_sequence_last_value(regclass:seq1)": "15", "pg_sequence_last_value(regclass:users_id_seq)": "NULL",
		"pg_current_wal_lsn()": "1/10", "pg_current_xact_id()": "42", "pg_current_xact_id_if_assigned()": "NULL", "pg_current_snapshot()": "42:42:",
		"txid_current()": "42", "pg_xact_status(xid8:41)": "committed", "inet_client_addr()": "10.0.0.1", "inet_client_port()": "5000",
		"pg_blocking_pids(int4:7)": "{8}", "current_query()": "SELECT 1", "pg_stat_get_backend_activity(int4:2)": "<insufficient privilege>",
		"pg_stat_get_backend_activity(int4:1)": "SELECT 1", "pg_stat_get_backend_pid(int4:3)": "NULL", "pg_cancel_backend(int4:99)": "false",
		"pg_cancel_backend(int4:8)": "ERROR 42501: must be a superuser to cancel superuser process", "pg_cancel_backend(int4:7)": "true",
		"pg_terminate_backend(int4:7; int8:-1)": `ERROR 22003: "timeout" must not be negative`,
		"pg_is_wal_replay_paused()":             "ERROR 55000: recovery is not in progress",
	} {
		if got := say(t, f, call); got != want {
			t.Errorf("%s: %s, want %s", call, got, want)
		}
	}
	if len(srv.Canceled) != 1 || srv.Canceled[0] != 7 {
		t.Errorf("canceled %v", srv.Canceled)
	}
	for _, call := range []string{"pg_advisory_lock(int8:5)", "pg_try_advisory_xact_lock(int4:1; int4:-1)"} {
		say(t, f, call)
	}
	if len(ses.Advisory) != 2 || ses.Advisory[1] != (catalog.AdvisoryKey{Pair: true, Key: 1<<32 | 0xFFFFFFFF}) {
		t.Errorf("advisory locks %v", ses.Advisory)
	}
	if got := say(t, f, "pg_advisory_unlock(int8:5)") + say(t, f, "pg_advisory_unlock(int8:5)"); got != "truefalse" {
		t.Errorf("unlocked: %s", got)
	}
}

// TestActivity: others' statements are hidden from who is no member of their
// role, and shown to superusers.
func TestActivity(t *testing.T) {
	for role, want := range map[string]string{"alice": "SELECT 1|<insufficient privilege>|<insufficient privilege>", "postgres": "SELECT 1|secret|"} {
		f, _, _ := live(role)
		rows, err := f.Rows(context.Background(), "pg_stat_get_activity", []types.Datum{types.Null})
		if err != nil {
			t.Fatal(err)
		}
		var queries []string
		for _, r := range rows {
			queries = append(queries, r[5].Str())
		}
		if got := strings.Join(queries, "|"); got != want {
			t.Errorf("%s sees %s", role, got)
		}
	}
}

// TestRowsFit: every row of a set-returning function has the columns, of the
// kinds, that the registry says.
func TestRowsFit(t *testing.T) {
	f, _, ses := live("postgres")
	ses.Stmts = []catalog.Prepared{{Name: "p", Query: "SELECT $1", At: 5, Params: []OID{23}, FromSQL: true}}
	ses.Open = []catalog.Cursor{{Name: "c", Query: "SELECT 1", At: 5}}
	_, tableKeys := Names()
	known := map[string]*funcs.Func{}
	for _, fn := range funcs.All() {
		known[fn.Src] = fn
	}
	args := map[string][]types.Datum{
		"aclexplode": {texts(aclArray, []string{"postgres=r/postgres"})}, "pg_options_to_table": {texts(textArray, []string{"a=b"})},
		"pg_get_object_address": {text("schema"), texts(textArray, []string{"public"}), texts(textArray, nil)}, "pg_identify_object_as_address": {integer(1259), integer(1259), integer(0)},
		"pg_identify_object": {integer(1259), integer(1259), integer(0)}, "pg_sequence_parameters": {integer(f.Relation(catalog.PublicOID, "seq1").OID)},
	}
	for _, key := range tableKeys {
		fn := known[key]
		rows, err := f.Rows(context.Background(), key, args[key])
		if pgerr.CodeOf(err) == pgerr.ERIEEventTriggerProtocolViolated {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", key, err)
		}
		for _, row := range rows {
			if len(fn.Out) == 0 {
				continue
			}
			if len(row) != len(fn.Out) {
				t.Fatalf("%s: %d columns, want %d", key, len(row), len(fn.Out))
			}
			for i, d := range row {
				if !d.IsNull() && d.Kind() != fn.Out[i].Type.Kind {
					t.Fatalf("%s.%s: kind %v", key, fn.Out[i].Name, d.Kind())
				}
			}
		}
	}
}
