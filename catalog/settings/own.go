package settings

import "strings"

// MatViews is the parameter that makes information_schema list materialized
// views.
const MatViews = "streamsqld.information_schema_matviews"

// Version is the version of PostgreSQL that the server speaks as; the text that
// clients read adds our own.
const (
	PostgresVersion    = "15.18"
	PostgresVersionNum = "150018"
)

// Release is our own version. It is set before the first session begins.
var Release = "0.1.0"

// ServerVersion is what server_version says.
func ServerVersion() string { return PostgresVersion + " (streamsqld " + Release + ")" }

// own gives the parameters that the dump of pg_settings does not list: ours, those
// that PostgreSQL hides, and those of its later minor versions.
func own() []*Param {
	const custom = "Customized Options"
	return []*Param{
		{
			Name: MatViews, Type: Bool, Boot: "on", Context: User, Category: custom,
			Short: "Lists materialized views in information_schema.",
			Long:  "PostgreSQL hides them there; turn it off for tools that would show them twice.",
		},
		{
			Name: "role", Type: String, Boot: "none", Context: User, Hidden: true, NoReset: true, Category: "Ungrouped",
			Short: "Sets the current role.",
		},
		{
			Name: "session_authorization", Type: String, Context: User, Hidden: true, NoReset: true, Report: true, Category: "Ungrouped",
			Short: "Sets the session user name.",
		},
		{
			Name: "is_superuser", Type: Bool, Boot: "off", Context: Internal, Hidden: true, NoReset: true, Report: true, Category: "Ungrouped",
			Short: "Shows whether the current user is a superuser.",
		},
		{
			Name: "seed", Type: Real, Boot: "0", Min: "-1", Max: "1", Context: User, Hidden: true, NoReset: true, Category: "Query Tuning / Other Planner Options",
			Short: "Sets the seed for random-number generation.",
		},
		{
			Name: "composite_type_mismatch", Type: Enum, Values: []string{"error", "warn", "disabled"}, Boot: "error", Context: Superuser,
			Category: "Developer Options", Short: "Sets how version mismatches of composite values are handled.",
		},
		{
			Name: "output_plugin_libraries", Type: String, Boot: "pgoutput, test_decoding", Context: Superuser,
			Category: "Replication / Sending Servers", Short: "Lists libraries that may be named as logical decoding output plugins.",
		},
	}
}

// Names of parameters with a property that pg_settings does not show.
const (
	reported = `application_name client_encoding DateStyle default_transaction_read_only in_hot_standby integer_datetimes IntervalStyle
		server_encoding server_version standard_conforming_strings TimeZone`
	lists = `DateStyle debug_io_direct listen_addresses local_preload_libraries log_destination search_path session_preload_libraries
		shared_preload_libraries synchronous_standby_names temp_tablespaces unix_socket_directories wal_consistency_checking`
	quoted  = "local_preload_libraries search_path session_preload_libraries shared_preload_libraries temp_tablespaces unix_socket_directories"
	secrets = `config_file data_directory dynamic_library_path external_pid_file hba_file ident_file krb_server_keyfile local_preload_libraries
		log_directory log_filename primary_conninfo promote_trigger_file session_preload_libraries shared_preload_libraries
		ssl_passphrase_command ssl_passphrase_command_supports_reload unix_socket_directories`
)

// boot holds what differs from PostgreSQL before it is initialised: the values it
// has with UTF8, C.UTF-8 and UTC.
var boot = map[string]string{
	"TimeZone": "UTC", "log_timezone": "UTC", "client_encoding": "UTF8", "server_encoding": "UTF8", "lc_collate": "C.UTF-8", "lc_ctype": "C.UTF-8",
	"lc_messages": "C.UTF-8", "lc_monetary": "C.UTF-8", "lc_numeric": "C.UTF-8", "lc_time": "C.UTF-8", "timezone_abbreviations": "Default",
	"max_stack_depth": "2048", "default_text_search_config": "pg_catalog.english", "server_version_num": PostgresVersionNum,
}

// describe adds what pg_settings does not show.
func describe() {
	each := func(names string, fn func(p *Param)) {
		for _, n := range strings.Fields(names) {
			if p := Find(n); p != nil {
				fn(p)
			}
		}
	}
	each(reported, func(p *Param) { p.Report = true })
	each(lists, func(p *Param) { p.List = true })
	each(quoted, func(p *Param) { p.Quote = true })
	each(secrets, func(p *Param) { p.Secret = true })
	for n, v := range boot {
		Find(n).Boot = v
	}
	for n, check := range checks {
		Find(n).check = check
	}
}
