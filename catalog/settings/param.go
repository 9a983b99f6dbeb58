// Package settings is the run-time parameters: which there are, what values they
// take, how values are shown, and what a session's values are while transactions
// come and go.
//
// The parameters are PostgreSQL 15's (internal/pgdata) and ours. A value is
// checked and brought into canonical form when it is set, with PostgreSQL's
// errors; whether it does anything is the business of who reads it.
package settings

import (
	"sort"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgdata"
)

// Context is who may change a parameter, and when.
type Context byte

// The contexts, as PostgreSQL's.
const (
	Internal         Context = iota // nobody
	Postmaster                      // at server start
	Sighup                          // in the configuration, which may be read again
	SuperuserBackend                // at the start of a session
	Backend
	Superuser // superusers, at any time
	User      // everybody
)

var contextNames = map[string]Context{
	"internal": Internal, "postmaster": Postmaster, "sighup": Sighup, "superuser-backend": SuperuserBackend, "backend": Backend,
	"superuser": Superuser, "user": User,
}

// String is the context's name in pg_settings.
func (c Context) String() string {
	for n, x := range contextNames {
		if x == c {
			return n
		}
	}
	return ""
}

// Type is the type of a parameter's values, by its name in pg_settings.
type Type string

// The types.
const (
	Bool   Type = "bool"
	Int    Type = "integer"
	Real   Type = "real"
	String Type = "string"
	Enum   Type = "enum"
)

// Param is a parameter.
type Param struct {
	Name        string
	Type        Type
	Unit        string // kB, 8kB, MB, B, ms, s, min; "" for none
	Min, Max    string // of a number
	Values      []string
	Boot        string
	Context     Context
	Category    string
	Short, Long string

	// Flags are those that pg_settings_get_flags tells of.
	Flags []string
	// Report: the client is told of changes. List: the value is a list; Quote:
	// its elements are identifiers. Hidden: not in SHOW ALL. Secret: shown to
	// superusers only. NoReset: RESET ALL leaves it alone.
	Report, List, Quote, Hidden, Secret, NoReset bool

	// check brings a value into canonical form; nil takes it as it is.
	check func(s *Session, value string) (string, error)
}

var (
	params     []*Param
	paramsByID = map[string]*Param{}
)

// oldNames are names that parameters had once and still answer to.
var oldNames = map[string]string{"sort_mem": "work_mem", "vacuum_mem": "maintenance_work_mem"}

func init() {
	t := pgdata.Load("pg_settings")
	col := t.Column
	name, unit, cat, short, long := col("name"), col("unit"), col("category"), col("short_desc"), col("extra_desc")
	context, typ, lo, hi, values, boot := col("context"), col("vartype"), col("min_val"), col("max_val"), col("enumvals"), col("boot_val")
	flags := col("flags")
	for _, r := range t.Rows {
		params = append(params, &Param{
			Name: r[name], Type: Type(r[typ]), Unit: r[unit], Min: r[lo], Max: r[hi], Values: pgdata.Strings(r[values]), Boot: r[boot],
			Context: contextNames[r[context]], Category: r[cat], Short: r[short], Long: r[long],
			Flags: pgdata.Strings(r[flags]), NoReset: strings.Contains(r[flags], "NO_RESET_ALL"),
		})
	}
	params = append(params, own()...)
	sort.Slice(params, func(i, j int) bool { return strings.ToLower(params[i].Name) < strings.ToLower(params[j].Name) })
	for _, p := range params {
		paramsByID[strings.ToLower(p.Name)] = p
	}
	describe()
}

// Find gives the parameter of that name, in any case; nil when there is none.
func Find(name string) *Param {
	name = strings.ToLower(name)
	if p := paramsByID[name]; p != nil {
		return p
	}
	return paramsByID[oldNames[name]]
}
