package settings

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// ParseBool reads a Boolean as PostgreSQL does: true, false, yes, no, their
// beginnings, on, off, 1, 0, in any case.
func ParseBool(s string) (b, ok bool) {
	s = strings.ToLower(s)
	if s == "" {
		return false, false
	}
	switch {
	case strings.HasPrefix("true", s), strings.HasPrefix("yes", s), s == "on", s == "1":
		return true, true
	case strings.HasPrefix("false", s), strings.HasPrefix("no", s), s == "off", s == "of", s == "0":
		return false, true
	}
	return false, false
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

// invalid is the error of a value that a parameter does not take.
func invalid(p *Param, value string) *pgerr.Error {
	return pgerr.New(pgerr.InvalidParameterValue, "invalid value for parameter \"%s\": \"%s\"", p.Name, value)
}

// canonical checks a value for the parameter and gives the form it is kept in:
// numbers in base units, enums and Booleans as they are spelt. s is the session
// whose other values matter, nil for a server's.
func (p *Param) canonical(s *Session, value string) (string, error) {
	var err error
	switch p.Type {
	case Bool:
		b, ok := ParseBool(value)
		if !ok {
			return "", pgerr.New(pgerr.InvalidParameterValue, "parameter \"%s\" requires a Boolean value", p.Name)
		}
		value = onOff(b)
	case Int:
		value, err = p.canonicalInt(value)
	case Real:
		value, err = p.canonicalReal(value)
	case Enum:
		value, err = p.canonicalEnum(value)
	}
	if err != nil {
		return "", err
	}
	if p.check != nil {
		return p.check(s, value)
	}
	return value, nil
}

func (p *Param) canonicalInt(value string) (string, error) {
	n, hint, ok := parseInt(value, p.Unit)
	if !ok {
		return "", withHint(invalid(p, value), hint)
	}
	lo, _ := strconv.ParseInt(p.Min, 10, 64)
	hi, _ := strconv.ParseInt(p.Max, 10, 64)
	if n < lo || n > hi {
		return "", p.outside(strconv.FormatInt(n, 10), p.Min, p.Max)
	}
	return strconv.FormatInt(n, 10), nil
}

func (p *Param) canonicalReal(value string) (string, error) {
	v, hint, ok := parseReal(value, p.Unit)
	if !ok {
		return "", withHint(invalid(p, value), hint)
	}
	lo, _ := strconv.ParseFloat(p.Min, 64)
	hi, err := strconv.ParseFloat(p.Max, 64)
	if v < lo || v > hi && err == nil || v > maxReal {
		shown := shortest(v)
		if v > maxReal {
			shown = "Infinity"
		}
		return "", p.outside(shown, p.Min, p.Max)
	}
	return strconv.FormatFloat(v, 'g', -1, 64), nil
}

const maxReal = 1.7976931348623157e308

// outside is the error of a number beyond the parameter's bounds.
func (p *Param) outside(n, lo, hi string) error {
	if p.Unit != "" {
		n += " " + p.Unit
	}
	return pgerr.New(pgerr.InvalidParameterValue, "%s is outside the valid range for parameter \"%s\" (%s .. %s)", n, p.Name, lo, hi)
}

func withHint(e *pgerr.Error, hint string) error {
	if hint != "" {
		return e.WithHint("%s", hint)
	}
	return e
}

// canonicalEnum finds the value among the parameter's, or among the spellings
// that PostgreSQL takes without listing them.
func (p *Param) canonicalEnum(value string) (string, error) {
	for _, v := range p.Values {
		if strings.EqualFold(v, value) {
			return p.enumAlias(v), nil
		}
	}
	if v, ok := p.hiddenValue(strings.ToLower(value)); ok {
		return p.enumAlias(v), nil
	}
	return "", invalid(p, value).WithHint("Available values: %s.", strings.Join(p.Values, ", "))
}

// hiddenValue reads spellings that are accepted but not listed.
func (p *Param) hiddenValue(v string) (string, bool) {
	switch {
	case p.takes("on") && p.takes("off"):
		switch v {
		case "true", "yes", "1":
			return "on", true
		case "false", "no", "0":
			return "off", true
		}
	case p.takes("debug2") && v == "debug":
		return "debug2", true
	case p.Name == "client_min_messages" && v == "info", p.Name == "trace_recovery_messages" && v == "info":
		return v, true
	case p.Name == "wal_level" && (v == "archive" || v == "hot_standby"):
		return "replica", true
	}
	return "", false
}

// enumAlias gives the spelling that an enum's value is shown in.
func (p *Param) enumAlias(v string) string {
	if p.Name == "wal_compression" && v == "on" {
		return "pglz"
	}
	return v
}

func (p *Param) takes(v string) bool {
	for _, x := range p.Values {
		if x == v {
			return true
		}
	}
	return false
}

// display gives a value as SHOW does: with a unit, and as far as PostgreSQL has
// its own ways.
func (p *Param) display(value string) string {
	switch p.Type {
	case Int:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return value
		}
		switch {
		case octal[p.Name]:
			return "0" + strconv.FormatInt(n, 8)
		case strings.HasPrefix(p.Name, "tcp_"):
			return value
		}
		return showInt(n, p.Unit)
	case Real:
		if v, err := strconv.ParseFloat(value, 64); err == nil && p.Name != "seed" {
			return showReal(v, p.Unit)
		}
	}
	return p.special(value)
}

// plain gives a value as pg_settings does: in the parameter's own unit.
func (p *Param) plain(value string) string {
	if p.Type == Int && octal[p.Name] {
		return p.display(value)
	}
	if v, err := strconv.ParseFloat(value, 64); p.Type == Real && err == nil && p.Name != "seed" {
		return shortest(v)
	}
	return p.special(value)
}

// octal names the parameters that are file modes.
var octal = map[string]bool{"data_directory_mode": true, "log_file_mode": true, "unix_socket_permissions": true}

// special is what SHOW gives for parameters that have their own way of showing.
func (p *Param) special(value string) string {
	switch {
	case p.Name == "seed":
		return "unavailable"
	case p.Name == "archive_command" && value == "":
		return "(disabled)"
	}
	return value
}
