package sysfunc

import (
	"runtime"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/settings"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/internal/textenc"
	"github.com/streamsqld/streamsqld/sql/types"
)

// VersionText is what version() says.
func VersionText() string {
	return "PostgreSQL " + settings.ServerVersion() + " on " + runtime.GOARCH + "-" + runtime.GOOS + ", compiled by " + runtime.Version() + ", 64-bit"
}

// pathNames gives the schemas of the search path; implicit adds those that are
// searched without being listed.
func pathNames(c *call, implicit bool) []string {
	listed := map[string]bool{}
	if c.Session != nil && !implicit {
		for _, n := range c.Session.Settings().SearchPath() {
			if n == "$user" {
				n = c.RoleName(c.Role)
			}
			listed[n] = true
		}
	}
	var out []string
	for _, oid := range c.Path {
		n := c.SchemaByOID(oid)
		switch {
		case n == nil:
		case implicit, listed[n.Name], c.Session == nil && oid != catalog.PgCatalogOID:
			out = append(out, n.Name)
		}
	}
	return out
}

func (c *call) settings() (*settings.Session, error) {
	if c.Session == nil {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "settings are not available here")
	}
	return c.Session.Settings(), nil
}

// reader tells whether the role may see what only superusers and readers of all
// settings or all statistics may.
func (c *call) reader(of OID) bool {
	r := c.RoleByOID(c.Role)
	return r != nil && r.Super || c.MemberOf(c.Role, of, true)
}

const (
	readAllSettings OID = 3374
	readAllStats    OID = 3375
	signalBackend   OID = 4200
)

func clientEncoding(c *call) (types.Datum, error) {
	s, err := c.settings()
	if err != nil {
		return types.Null, err
	}
	v, err := s.Show("client_encoding", false)
	return text(v), err
}

func showSetting(c *call) (types.Datum, error) {
	s, err := c.settings()
	if err != nil {
		return types.Null, err
	}
	v, err := s.Show(c.str(0), c.reader(readAllSettings))
	if err == nil {
		return text(v), nil
	}
	if _, known := s.Lookup(c.str(0)); !known && c.flag(1) {
		return types.Null, nil
	}
	return types.Null, err
}

func setSetting(c *call) (types.Datum, error) {
	s, err := c.settings()
	if err != nil {
		return types.Null, err
	}
	name, super := c.str(0), c.reader(catalog.BootstrapRole)
	if !c.has(0) {
		return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "SET requires parameter name")
	}
	if !c.has(1) {
		err = s.Reset(name, c.flag(2), super)
	} else {
		err = s.Set(name, c.str(1), c.flag(2), super)
	}
	if err != nil {
		return types.Null, err
	}
	v, _ := s.Lookup(name)
	return text(v), nil
}

func init() {
	add(map[string]scalar{
		"pgsql_version":       func(*call) (types.Datum, error) { return text(VersionText()), nil },
		"current_database":    func(c *call) (types.Datum, error) { return text(c.DatabaseName()), nil },
		"current_user":        currentUser,
		"session_user":        sessionUser,
		"current_schema":      currentSchema,
		"current_schemas":     func(c *call) (types.Datum, error) { return texts(nameArray, pathNames(c, c.flag(0))), nil },
		"pg_backend_pid":      backendPID,
		"pg_client_encoding":  clientEncoding,
		"getdatabaseencoding": constant(text("UTF8")),
		"PG_encoding_to_char": func(c *call) (types.Datum, error) {
			if e := textenc.ByID(c.num(0)); e != nil {
				return text(e.Name), nil
			}
			return text(""), nil
		},
		"PG_char_to_encoding": func(c *call) (types.Datum, error) {
			if e := textenc.ByName(c.str(0)); e != nil {
				return integer(e.ID), nil
			}
			return integer(-1), nil
		},
		"pg_get_userbyid": func(c *call) (types.Datum, error) {
			if r := c.RoleByOID(c.oid(0)); r != nil {
				return text(r.Name), nil
			}
			return text("unknown (OID=" + oidText(c.oid(0)) + ")"), nil
		},
		"pg_my_temp_schema": func(c *call) (types.Datum, error) { return integer(c.Temp), nil },
		"pg_is_other_temp_schema": func(c *call) (types.Datum, error) {
			n := c.SchemaByOID(c.oid(0))
			return boolean(n != nil && n.Temp && n.OID != c.Temp), nil
		},
		"show_config_by_name":            showSetting,
		"show_config_by_name_missing_ok": showSetting,
		"set_config_by_name":             setSetting,
		"pg_settings_get_flags":          settingFlags,
		"pg_trigger_depth":               triggerDepth,
		"pg_jit_available":               constant(boolean(false)),
		"row_security_active": func(c *call) (types.Datum, error) {
			return rowSecurityActive(c, c.RelationByOID(c.oid(0))), nil
		},
		"row_security_active_name": func(c *call) (types.Datum, error) {
			oid, err := regclass(c.Context, c.args[0].Str())
			if err != nil {
				return types.Null, err
			}
			return rowSecurityActive(c, c.RelationByOID(oid)), nil
		},
		"current_query":                        currentQuery,
		"pg_collation_actual_version":          constant(types.Null),
		"pg_database_collation_actual_version": constant(types.Null),
	})
}

func currentUser(c *call) (types.Datum, error) {
	if c.Session != nil && c.Session.User() != "" {
		return text(c.Session.User()), nil
	}
	return text(c.RoleName(c.Role)), nil
}

func sessionUser(c *call) (types.Datum, error) {
	if c.Session == nil {
		return text(c.RoleName(c.Role)), nil
	}
	if name := c.Session.SessionUser(); name != "" {
		return text(name), nil
	}
	return text(c.RoleName(c.Session.SessionRole())), nil
}

func currentSchema(c *call) (types.Datum, error) {
	if names := pathNames(c, false); len(names) > 0 {
		return text(names[0]), nil
	}
	return types.Null, nil
}

func backendPID(c *call) (types.Datum, error) {
	if c.Session == nil {
		return integer(0), nil
	}
	return integer(c.Session.PID()), nil
}

// settingFlags is pg_settings_get_flags: NULL for an unknown parameter.
func settingFlags(c *call) (types.Datum, error) {
	p := settings.Find(c.str(0))
	if p == nil {
		return types.Null, nil
	}
	return texts(textArray, p.Flags), nil
}

func currentQuery(c *call) (types.Datum, error) {
	if b := c.self(); b != nil {
		return text(b.Query), nil
	}
	return types.Null, nil
}

// self gives the session's own row of pg_stat_activity, nil when there is none.
func (c *call) self() *catalog.Backend {
	if c.Server == nil || c.Session == nil {
		return nil
	}
	for _, b := range c.Server.Activity() {
		if b.PID == c.Session.PID() {
			return &b
		}
	}
	return nil
}
