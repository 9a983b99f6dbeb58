package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/settings"
	"github.com/streamsqld/streamsqld/sql/types"
)

// The set-returning functions that system views stand on.

func init() {
	addTables(map[string]table{
		"pg_cursor":             cursorRows,
		"pg_prepared_statement": preparedRows,
		"show_all_settings":     settingRows,
		"pg_lock_status":        lockRows,
		"pg_timezone_names":     zoneRows,
		"pg_timezone_abbrevs":   abbrevRows,
		"pg_config":             configRows,
		"pg_available_extensions": func(*call) ([][]types.Datum, error) {
			return [][]types.Datum{{text(catalog.ExtensionName), text(catalog.ExtensionVersion), text(catalog.ExtensionText)}}, nil
		},
		"pg_available_extension_versions": func(*call) ([][]types.Datum, error) {
			n := types.Null
			return [][]types.Datum{{
				text(catalog.ExtensionName), text(catalog.ExtensionVersion), boolean(true), boolean(false), boolean(false),
				text(catalog.ExtensionName), n, text(catalog.ExtensionText),
			}}, nil
		},
		"pg_extension_update_paths": noRows,
		"pg_options_to_table": func(c *call) ([][]types.Datum, error) {
			var rows [][]types.Datum
			for _, d := range elements(textArray, c.args[0]) {
				name, value, ok := strings.Cut(d.Str(), "=")
				v := types.Null
				if ok {
					v = text(value)
				}
				rows = append(rows, []types.Datum{text(name), v})
			}
			return rows, nil
		},
		"show_all_file_settings":            noRows,
		"pg_hba_file_rules":                 noRows,
		"pg_ident_file_mappings":            noRows,
		"pg_get_backend_memory_contexts":    noRows,
		"pg_get_shmem_allocations":          noRows,
		"pg_get_wal_resource_managers":      noRows,
		"pg_show_replication_origin_status": noRows,
		"pg_stats_ext_mcvlist_items":        noRows,
		"pg_get_multixact_members":          noRows,
		"pg_ls_logdir":                      noRows,
		"pg_ls_waldir":                      noRows,
		"pg_control_init": func(*call) ([][]types.Datum, error) {
			return [][]types.Datum{{
				integer(8), integer(8192), integer(131072), integer(8192), integer(16777216), integer(64), integer(32), integer(1996), integer(2048),
				boolean(true), integer(0),
			}}, nil
		},
	})
}

func cursorRows(c *call) ([][]types.Datum, error) {
	if c.Session == nil {
		return nil, nil
	}
	var rows [][]types.Datum
	for _, x := range c.Session.Cursors() {
		rows = append(rows, []types.Datum{text(x.Name), text(x.Query), boolean(x.Holdable), boolean(x.Binary), boolean(x.Scrollable), when(x.At)})
	}
	return rows, nil
}

var regtypeArray = types.ByOID(2211)

func preparedRows(c *call) ([][]types.Datum, error) {
	if c.Session == nil {
		return nil, nil
	}
	var rows [][]types.Datum
	for _, p := range c.Session.Prepared() {
		rows = append(rows, []types.Datum{
			text(p.Name), text(p.Query), when(p.At), ints(regtypeArray, p.Params), boolean(p.FromSQL), integer(p.Generic), integer(p.Custom),
		})
	}
	return rows, nil
}

func settingRows(c *call) ([][]types.Datum, error) {
	s, err := c.settings()
	if err != nil {
		return nil, err
	}
	var rows [][]types.Datum
	for _, r := range s.Rows(c.reader(readAllSettings)) {
		values := types.Null
		if r.Type == settings.Enum {
			values = texts(textArray, r.Values)
		}
		rows = append(rows, []types.Datum{
			text(r.Name), text(r.Setting), textOrNull(r.Unit), text(r.Category), text(r.Short), textOrNull(r.Long), text(r.Context.String()),
			text(string(r.Type)), text(string(r.Source)), textOrNull(r.Min), textOrNull(r.Max), values, text(r.Boot), text(r.Reset), types.Null,
			types.Null, boolean(false),
		})
	}
	return rows, nil
}

func lockRows(c *call) ([][]types.Datum, error) {
	if c.Server == nil {
		return nil, nil
	}
	var rows [][]types.Datum
	for _, l := range c.Server.Locks() {
		rows = append(rows, lockRow(l))
	}
	return rows, nil
}

func lockRow(l catalog.Lock) []types.Datum {
	n := types.Null
	rel, page, tuple, xid, class, obj, sub := n, n, n, n, n, n, n
	switch l.Kind {
	case "relation":
		rel = integer(l.Relation)
	case "tuple":
		rel, page, tuple = integer(l.Relation), integer(int32(l.Row>>16)), integer(int16(l.Row&0x7FFF))
	case "transactionid":
		xid = integer(uint32(l.Xid))
	case "advisory":
		class, obj, sub = integer(uint32(l.Advisory.Key>>32)), integer(uint32(l.Advisory.Key)), integer(1)
		if l.Advisory.Pair {
			sub = integer(2)
		}
	}
	db := integer(l.DB)
	if l.Kind == "transactionid" {
		db = n
	}
	return []types.Datum{
		text(l.Kind), db, rel, page, tuple, n, xid, class, obj, sub, text(oidText(OID(l.PID)) + "/0"), integer(l.PID), text(l.Mode), boolean(l.Granted),
		boolean(false), when(l.Waiting),
	}
}

// zoneRows lists the time zones with what holds in them at the start of the
// transaction.
func zoneRows(c *call) ([][]types.Datum, error) {
	var rows [][]types.Datum
	now := c.unixNow()
	for _, n := range types.ZoneNames() {
		z, err := types.LoadZone(n)
		if err != nil {
			continue
		}
		east, dst, abbrev := z.At(now)
		rows = append(rows, []types.Datum{text(n), text(abbrev), types.NewInterval(types.Interval{Micros: int64(east) * 1000000}), boolean(dst)})
	}
	return rows, nil
}

// unixNow is the start of the transaction in seconds since 1970.
func (c *call) unixNow() int64 {
	const epoch = 946684800 // 2000-01-01
	if c.Env == nil {
		return epoch
	}
	return c.Env.Now/1000000 + epoch
}

func abbrevRows(c *call) ([][]types.Datum, error) {
	var rows [][]types.Datum
	now := int64(0)
	if c.Env != nil {
		now = c.Env.Now
	}
	for _, a := range types.ZoneAbbrevs(now) {
		rows = append(rows, []types.Datum{text(a.Abbrev), types.NewInterval(types.Interval{Micros: int64(a.Offset) * 1000000}), boolean(a.DST)})
	}
	return rows, nil
}

func configRows(*call) ([][]types.Datum, error) {
	return [][]types.Datum{{text("VERSION"), text("PostgreSQL " + settings.ServerVersion())}}, nil
}
