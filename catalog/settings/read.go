package settings

import (
	"sort"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Lookup gives a value as current_setting and SHOW do; ok is false when there is
// no such parameter.
func (s *Session) Lookup(name string) (value string, ok bool) {
	p := s.find(name)
	if p == nil {
		return "", false
	}
	return p.display(s.value(p)), true
}

// Show is Lookup for SHOW: an unknown name is 42704, one that the role may not
// see 42501.
func (s *Session) Show(name string, super bool) (value string, err error) {
	p := s.find(name)
	if p == nil {
		return "", unrecognized(name)
	}
	if p.Secret && !super {
		return "", pgerr.New(pgerr.InsufficientPrivilege, "must be superuser or have privileges of pg_read_all_settings to examine \"%s\"", p.Name)
	}
	return p.display(s.value(p)), nil
}

// ShownName is the name that SHOW heads its column with.
func (s *Session) ShownName(name string) string {
	if p := s.find(name); p != nil {
		return p.Name
	}
	return name
}

// Text gives the canonical value of a parameter that exists: a number in base
// units.
func (s *Session) Text(name string) string {
	if s.textsAt != s.version {
		clear(s.texts)
		s.textsAt = s.version
	}
	v, ok := s.texts[name]
	if !ok {
		v = s.value(Find(name))
		s.texts[name] = v
	}
	return v
}

// Bool gives the value of a Boolean parameter.
func (s *Session) Bool(name string) bool { return s.Text(name) == "on" }

// Int gives the value of an integer parameter in its base unit.
func (s *Session) Int(name string) int64 {
	n, _ := strconv.ParseInt(s.Text(name), 10, 64)
	return n
}

// Real gives the value of a parameter that is a number with a fraction.
func (s *Session) Real(name string) float64 {
	x, _ := strconv.ParseFloat(s.Text(name), 64)
	return x
}

// SearchPath gives the names of search_path as they are listed.
func (s *Session) SearchPath() []string {
	names, _ := SplitIdentifiers(s.Text("search_path"))
	return names
}

// Shown is a row of SHOW ALL.
type Shown struct{ Name, Setting, Description string }

// ShowAll gives the rows of SHOW ALL.
func (s *Session) ShowAll(super bool) []Shown {
	var out []Shown
	for _, p := range params {
		if !p.Hidden && (super || !p.Secret) {
			out = append(out, Shown{p.Name, p.display(s.value(p)), p.Short})
		}
	}
	return out
}

// Row is a row of pg_settings.
type Row struct {
	*Param
	Setting, Reset string
	Source         Source
}

// Rows gives the rows of pg_settings.
func (s *Session) Rows(super bool) []Row {
	var out []Row
	for _, p := range params {
		if p.Hidden || p.Secret && !super {
			continue
		}
		cur := s.current(p)
		out = append(out, Row{Param: p, Setting: p.plain(cur.value), Reset: s.resetValue(p), Source: cur.source})
	}
	return out
}

// Status is a parameter and its value as ParameterStatus tells them.
type Status struct{ Name, Value string }

// Report gives the reported parameters whose value the client has not been told,
// and takes it that they are told now. The first time these are all.
func (s *Session) Report() []Status {
	if s.reportedAt == s.version {
		return nil
	}
	s.reportedAt = s.version
	var out []Status
	for _, p := range params {
		if !p.Report {
			continue
		}
		v := p.display(s.value(p))
		if old, ok := s.told[p.Name]; !ok || old != v {
			s.told[p.Name] = v
			out = append(out, Status{p.Name, v})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// Env gives what the text forms of values depend on; the caller adds the time
// and the names.
func (s *Session) Env() types.Env {
	style, order, _ := strings.Cut(s.Text("DateStyle"), ", ")
	return types.Env{
		Zone:             zoneOf(s.Text("TimeZone")),
		DateStyle:        map[string]types.DateStyle{"SQL": types.DateSQL, "Postgres": types.DatePostgres, "German": types.DateGerman}[style],
		DateOrder:        map[string]types.DateOrder{"DMY": types.OrderDMY, "YMD": types.OrderYMD}[order],
		IntervalStyle:    intervalStyles[s.Text("IntervalStyle")],
		ExtraFloatDigits: int(s.Int("extra_float_digits")),
		ByteaEscape:      s.Text("bytea_output") == "escape",
		TextSearch:       types.TextSearchConfig(s.Text("default_text_search_config")),
		Client:           types.NewClient(s.Text("client_encoding")),
	}
}

var intervalStyles = map[string]types.IntervalStyle{
	"postgres_verbose": types.IntervalPostgresVerbose, "sql_standard": types.IntervalSQLStandard, "iso_8601": types.IntervalISO8601,
}
