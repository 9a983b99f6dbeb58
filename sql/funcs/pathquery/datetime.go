package pathquery

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/jsonpath"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/format"
)

// moment is a datetime: a value of one of the five types of dates and times.
type moment struct {
	typ  *types.Type
	v    int64
	west int32 // the offset that a timestamptz was read with, in seconds west
}

// datetime is .datetime(): a string read by a template or in ISO 8601.
func (r *run) datetime(p *jsonpath.Item, v item, out *list) outcome {
	if v.Kind() != types.JSONString || v.time != nil {
		return r.fail(pgerr.InvalidArgumentForSQLJSONDatetimeFunction, "jsonpath item method .%s() can only be applied to a string", "datetime")
	}
	var m *moment
	if p.Template {
		t, err := format.CompileStandard(p.Str)
		if err != nil {
			return r.fatal(err)
		}
		if m, err = byTemplate(r.Env, v.Str(), t, p.Str); err != nil {
			e := pgerr.From(err)
			res := r.fail(e.Code, "%s", e.Message)
			if shown, ok := r.err.(*pgerr.Error); ok {
				shown.Detail, shown.Hint = e.Detail, e.Hint
			}
			return res
		}
	} else if m = readISO(v.Str()); m == nil {
		res := r.fail(pgerr.InvalidArgumentForSQLJSONDatetimeFunction, "datetime format is not recognized: \"%s\"", v.Str())
		if e, ok := r.err.(*pgerr.Error); ok && e.Hint == "" {
			e.Hint = "Use a datetime template argument to specify the input data format."
		}
		return res
	}
	if p.Next == nil && out == nil {
		return found
	}
	return r.next(p, item{JSONB: types.JSONBString(m.text()), time: m}, out)
}

// text is the datetime as JSON shows it.
func (m *moment) text() string {
	switch m.typ {
	case types.TTimestamp:
		return string(types.AppendTimestampISO(nil, m.v, nil))
	case types.TTimestamptz:
		east := -m.west
		return string(types.AppendTimestampISO(nil, m.v+int64(east)*1_000_000, &east))
	case types.TTimetz:
		s := m.typ.Text(types.DefaultEnv, types.NewInt(m.v))
		if i := strings.LastIndexAny(s, "+-"); !strings.Contains(s[i:], ":") {
			s += ":00"
		}
		return s
	}
	return m.typ.Text(types.DefaultEnv, types.NewInt(m.v))
}

// reader reads ISO 8601 piece by piece.
type reader struct{ s string }

// digits reads a number of one to most digits.
func (r *reader) digits(most int) (n int32, ok bool) {
	i := 0
	for i < len(r.s) && i < most && r.s[i] >= '0' && r.s[i] <= '9' {
		n = n*10 + int32(r.s[i]-'0')
		i++
	}
	r.s = r.s[i:]
	return n, i > 0
}

func (r *reader) char(c byte) bool {
	if r.s == "" || r.s[0] != c {
		return false
	}
	r.s = r.s[1:]
	return true
}

// readISO reads a date, a time, or both with a blank or T between them; nil when
// it is none of these.
func readISO(s string) *moment {
	r := reader{s}
	if date, ok := r.date(); ok {
		if r.s == "" {
			return &moment{typ: types.TDate, v: date}
		}
		if !r.char(' ') && !r.char('T') {
			return nil
		}
		micros, west, zoned, ok := r.clock()
		if !ok || r.s != "" {
			return nil
		}
		local, err := types.DatePlusTime(date, micros)
		switch {
		case err != nil:
			return nil
		case zoned:
			return &moment{types.TTimestamptz, local + int64(west)*1_000_000, west}
		}
		return &moment{typ: types.TTimestamp, v: local}
	}
	r = reader{s}
	micros, west, zoned, ok := r.clock()
	switch {
	case !ok || r.s != "":
		return nil
	case zoned:
		return &moment{typ: types.TTimetz, v: types.PackTimeTZ(micros, west)}
	}
	return &moment{typ: types.TTime, v: micros}
}

func (r *reader) date() (days int64, ok bool) {
	y, ok1 := r.digits(4)
	if !ok1 || !r.char('-') {
		return 0, false
	}
	m, ok1 := r.digits(2)
	if !ok1 || !r.char('-') {
		return 0, false
	}
	d, ok1 := r.digits(2)
	if !ok1 {
		return 0, false
	}
	days, err := types.MakeDate(y, m, d)
	return days, err == nil
}

// clock reads a time of day, with seconds, and perhaps an offset.
func (r *reader) clock() (micros int64, west int32, zoned, ok bool) {
	h, ok1 := r.digits(2)
	if !ok1 || !r.char(':') {
		return 0, 0, false, false
	}
	m, ok1 := r.digits(2)
	if !ok1 || !r.char(':') {
		return 0, 0, false, false
	}
	s, ok1 := r.digits(2)
	if !ok1 || h > 24 || m > 59 || s > 59 {
		return 0, 0, false, false
	}
	micros = int64(h*3600+m*60+s) * 1_000_000
	if r.char('.') {
		before := r.s
		n, ok1 := r.digits(6)
		if !ok1 {
			return 0, 0, false, false
		}
		f := int64(n)
		for i := len(before) - len(r.s); i < 6; i++ {
			f *= 10
		}
		micros += f
	}
	sign := int32(0)
	switch {
	case r.char('+'), r.char(' '):
		sign = -1
	case r.char('-'):
		sign = 1
	default:
		return micros, 0, false, true
	}
	zh, ok1 := r.digits(2)
	if !ok1 {
		return 0, 0, false, false
	}
	zm := int32(0)
	if r.char(':') {
		if zm, ok1 = r.digits(2); !ok1 {
			return 0, 0, false, false
		}
	}
	return micros, sign * (zh*3600 + zm*60), true, true
}

// byTemplate reads a text by a template of to_timestamp; which fields there are
// in it decides the type.
func byTemplate(env *types.Env, s string, t *format.DateTemplate, template string) (*moment, error) {
	upper := strings.ToUpper(template)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(upper, w) {
				return true
			}
		}
		return false
	}
	zone := has("TZH", "TZM", "TZ", "OF")
	clock := has("HH", "MI", "SS", "MS", "US", "FF", "AM", "PM", "A.M", "P.M")
	date := has("Y", "MON", "MM", "DD", "ID", "IW", "WW", "CC", "Q", "J", "RM", "DAY", "DY")
	if template == "" {
		return nil, errNeither()
	}
	utc := *env
	utc.Zone = types.UTC
	ts, err := t.ToTimestamp(&utc, s)
	if err != nil {
		return nil, err
	}
	switch {
	case date && clock && zone:
		return &moment{types.TTimestamptz, ts, offsetAtEnd(s)}, nil
	case date && clock:
		return &moment{typ: types.TTimestamp, v: ts}, nil
	case date && zone:
		return nil, pgerr.New(pgerr.InvalidDatetimeFormat, "datetime format is zoned but not timed")
	case date:
		d, err := types.TimestampDate(ts)
		return &moment{typ: types.TDate, v: d}, err
	case clock && zone:
		west := offsetAtEnd(s)
		micros, _ := types.TimestampTime(ts - int64(west)*1_000_000)
		return &moment{typ: types.TTimetz, v: types.PackTimeTZ(micros, west)}, nil
	case clock:
		micros, _ := types.TimestampTime(ts)
		return &moment{typ: types.TTime, v: micros}, nil
	}
	return nil, errNeither()
}

func errNeither() error {
	return pgerr.New(pgerr.InvalidDatetimeFormat, "datetime format is not dated and not timed")
}

// offsetAtEnd reads the offset that a text ends with, in seconds west.
func offsetAtEnd(s string) int32 {
	i := strings.LastIndexAny(s, "+-")
	if i < 0 {
		return 0
	}
	r := reader{s[i+1:]}
	h, _ := r.digits(2)
	r.char(':')
	m, _ := r.digits(2)
	if s[i] == '+' {
		return -(h*3600 + m*60)
	}
	return h*3600 + m*60
}

// compareTimes compares two datetimes; ok is false for a date and a time of day,
// which do not compare. With and without time zone only compare where the
// session's zone may be used.
func (r *run) compareTimes(a, b *moment) (c int, ok bool) {
	if a.typ == b.typ {
		return a.typ.Compare(types.NewInt(a.v), types.NewInt(b.v)), true
	}
	clock := func(m *moment) bool { return m.typ == types.TTime || m.typ == types.TTimetz }
	if clock(a) != clock(b) {
		return 0, false
	}
	if zoned(a) != zoned(b) && !r.Zoned {
		x, y := a, b
		if zoned(a) {
			x, y = b, a
		}
		r.fatal(pgerr.New(pgerr.FeatureNotSupported, "cannot convert value from %s to %s without time zone usage", x.typ.Name, y.typ.Name).
			WithHint("Use *_tz() function for time zone support."))
		return 0, false
	}
	if clock(a) {
		return types.TTimetz.Compare(types.NewInt(r.asTimetz(a)), types.NewInt(r.asTimetz(b))), true
	}
	z := r.Env.Zone
	if z == nil {
		z = types.UTC
	}
	switch {
	case a.typ == types.TDate && b.typ == types.TTimestamp:
		return types.CmpDateTimestamp(a.v, b.v), true
	case a.typ == types.TTimestamp && b.typ == types.TDate:
		return -types.CmpDateTimestamp(b.v, a.v), true
	case a.typ == types.TDate:
		return types.CmpDateTimestamptz(z, a.v, b.v), true
	case b.typ == types.TDate:
		return -types.CmpDateTimestamptz(z, b.v, a.v), true
	case a.typ == types.TTimestamp:
		return types.CmpTimestampTimestamptz(z, a.v, b.v), true
	}
	return -types.CmpTimestampTimestamptz(z, b.v, a.v), true
}

func zoned(m *moment) bool { return m.typ == types.TTimetz || m.typ == types.TTimestamptz }

func (r *run) asTimetz(m *moment) int64 {
	if m.typ == types.TTimetz {
		return m.v
	}
	return types.TimeTimetz(r.Env, m.v)
}
