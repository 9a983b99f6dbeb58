package differential

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// expr is an expression as a tree, so that it can be made smaller.
type expr struct {
	format string // with one %s for each argument
	args   []*expr
	typ    string
}

func (e *expr) String() string {
	args := make([]any, len(e.args))
	for i, a := range e.args {
		args[i] = a.String()
	}
	return fmt.Sprintf(e.format, args...)
}

func leaf(typ, sql string) *expr {
	return &expr{format: strings.ReplaceAll(sql, "%", "%%"), typ: typ}
}

// op is a way to make an expression of a type.
type op struct{ typ, args, format string }

// ops are the operators and functions that are tried. Arguments are written as
// types parted by blanks. Integers stay small by modulo, so that where an error
// comes from is not a matter of the order of evaluation.
var ops = parseOps(`
bool: int4 int4: %s < %s
bool: int4 int4: %s = %s
bool: int8 int4: %s >= %s
bool: text text: %s < %s
bool: text text: %s <> %s
bool: numeric numeric: %s = %s
bool: numeric int4: %s > %s
bool: float8 float8: %s <= %s
bool: date date: %s < %s
bool: tz tz: %s > %s
bool: date tz: %s <= %s
bool: iv iv: %s < %s
bool: bool bool: (%s and %s)
bool: bool bool: (%s or %s)
bool: bool: (not %s)
bool: bool: (%s) is true
bool: bool: (%s) is not false
bool: bool: (%s) is unknown
bool: int4: %s is null
bool: text: %s is not null
bool: int4 int4: %s is distinct from %s
bool: text text: %s is not distinct from %s
bool: int4 int4 int4: %s between %s and %s
bool: int4 int4 int4: %s in (%s, %s)
bool: text text: %s not in (%s, 'b')
bool: text: %s like '%%a%%'
bool: text: %s ~ '^[a-m]'
bool: text: %s ilike 'B_'
bool: int4 text int4 text: (%s, %s) < (%s, %s)
bool: int4 arr: %s = any (%s)
bool: int4 arr: %s <> all (%s)
bool: arr arr: %s = %s
bool: arr arr: %s @> %s
bool: js: %s ? 'a'
bool: js js: %s = %s
int4: int4 int4: ((%s %% 1000) + (%s %% 1000))
int4: int4 int4: ((%s %% 1000) - %s %% 1000)
int4: int4 int4: ((%s %% 1000) * (%s %% 1000))
int4: int4 int4: (%s / nullif(%s, 0))
int4: int4: (- (%s %% 100000))
int4: int4: abs(%s %% 100000)
int4: text: length(%s)
int4: text text: strpos(%s, %s)
int4: bool int4 int4: case when %s then %s else %s end
int4: int4 int4: coalesce(%s, %s)
int4: int4 int4: nullif(%s, %s)
int4: int4 int4 int4: greatest(%s, %s, %s)
int4: int4 int4: least(%s, %s)
int4: int4 int4: (%s & %s)
int4: int4 int4: (%s # %s)
int4: bool: (%s)::int
int4: date: extract(day from %s)::int
int4: arr: cardinality(%s)
int4: arr int4: (%s)[%s %% 5]
int4: date date: (%s - %s)
int8: int4 int4: (%s::int8 * %s)
int8: int4: %s::int8
int8: int8: (%s / 3)
int8: numeric: floor(%s %% 100000)::int8
numeric: int4: %s::numeric
numeric: numeric numeric: (%s + %s)
numeric: numeric numeric: (%s * %s)
numeric: numeric numeric: (%s - %s)
numeric: numeric numeric: (%s / nullif(%s, 0))
numeric: numeric: round(%s, 1)
numeric: numeric: trunc(%s)
numeric: numeric: abs(%s)
numeric: numeric: sign(%s)
numeric: tz: extract(epoch from %s)
numeric: date: extract(doy from %s)
float8: int4: %s::float8
float8: numeric: (%s)::float8
float8: float8: (%s / 4)
float8: float8 float8: least(%s, %s)
float8: float8: round(%s)
text: text text: (%s || %s)
text: int4: %s::text
text: numeric: (%s)::text
text: bool: (%s)::text
text: date: (%s)::text
text: tz: (%s)::text
text: iv: (%s)::text
text: arr: (%s)::text
text: text: upper(%s)
text: text: reverse(%s)
text: text int4: left(%s, %s %% 5)
text: text int4 int4: substr(%s, %s %% 5, abs(%s %% 5))
text: text: replace(%s, 'a', 'xy')
text: text text: concat(%s, %s)
text: text text: coalesce(%s, %s)
text: text: lpad(%s, 6, '.')
text: text: trim(%s)
text: text: md5(%s)
text: bool text text: case when %s then %s else %s end
text: tz: to_char(%s, 'YYYY-MM-DD HH24:MI:SS')
text: numeric: to_char(%s %% 100000, 'S99999D99')
text: js: (%s)::text
text: js: %s ->> 'a'
date: date int4: (%s + %s %% 1000)
date: tz: (%s)::date
date: date date: greatest(%s, %s)
tz: date: (%s)::timestamptz
tz: tz iv: (%s + %s)
tz: tz: date_trunc('month', %s)
tz: tz: date_bin('17 minutes', %s, timestamptz 'epoch')
iv: iv: (%s * 2)
iv: iv iv: (%s + %s)
iv: tz tz: (%s - %s)
iv: int4: make_interval(days => %s %% 100)
iv: iv: justify_hours(%s)
arr: int4 int4: array[%s, %s]
arr: arr int4: (%s || %s)
arr: arr: (%s)[1:2]
js: int4 text: jsonb_build_object('a', %s, 'b', %s)
js: arr: to_jsonb(%s)
js: js js: (%s || %s)
`)

// aggregates are those that are tried.
var aggregates = parseOps(`
int8: int4: count(%s)
int8: text: count(distinct %s)
int8: int4: sum(%s)
int8: bool: count(*) filter (where %s)
int4: int4: max(%s)
int4: int4: min(%s)
numeric: numeric: sum(%s)
numeric: int4: avg(%s)
numeric: numeric: max(%s)
numeric: int4: sum(distinct %s %% 10)
float8: float8: max(%s)
text: text: min(%s)
text: text: string_agg(distinct %s, ',')
bool: bool: bool_and(%s)
bool: bool: bool_or(%s)
date: date: max(%s)
tz: tz: min(%s)
iv: iv: max(%s)
arr: int4: array_agg(distinct %s)
numeric: int4: var_pop(%s %% 100)
int4: int4: bit_or(%s)
float8: float8: percentile_cont(0.5) within group (order by %s)
int4: int4: mode() within group (order by %s)
`)

// windows are window functions; the rest of the definition is added.
var windows = parseOps(`
int8: : row_number()
int8: : rank()
int8: : dense_rank()
int4: int4: lag(%s)
text: text: lead(%s, 2, 'none')
int4: int4: first_value(%s)
int4: int4: nth_value(%s, 2)
int8: int4: sum(%s)
int8: : count(*)
numeric: numeric: sum(%s)
int4: int4: max(%s)
int4: : ntile(3)
`)

func parseOps(list string) []op {
	var out []op
	for line := range strings.Lines(strings.TrimSpace(list)) {
		p := strings.SplitN(strings.TrimSpace(line), ":", 3)
		out = append(out, op{strings.TrimSpace(p[0]), strings.TrimSpace(p[1]), strings.TrimSpace(p[2])})
	}
	return out
}

// sqlTypes are the types by the names used here.
var sqlTypes = map[string]string{
	"bool": "boolean", "int4": "int", "int8": "bigint", "numeric": "numeric", "float8": "double precision", "text": "text",
	"date": "date", "tz": "timestamptz", "iv": "interval", "arr": "int[]", "js": "jsonb",
}

var typeNames = []string{"bool", "int4", "int4", "int8", "numeric", "float8", "text", "text", "date", "tz", "iv", "arr", "js"}

// literals are values of each type: usual ones, extremes, and NULL.
var literals = map[string][]string{
	"bool": {"true", "false"}, "int4": {"0", "1", "2", "3", "-1", "7", "42", "2147483647"}, "int8": {"0::int8", "5::int8", "9223372036854775807"},
	"numeric": {"0::numeric", "1.0", "1.00", "-2.5", "0.001", "123456789.987654321", "'NaN'::numeric"},
	"float8":  {"0::float8", "1.5::float8", "'-0'::float8", "'NaN'::float8", "'infinity'::float8", "1e-5::float8"},
	"text":    {"''", "'a'", "'b'", "'ab'", "'Abc'", "' a '", "'ü☃'"},
	"date":    {"date '2020-02-29'", "date '2000-01-01'", "date '1969-12-31'"},
	"tz":      {"timestamptz '2020-02-29 12:34:56+00'", "timestamptz '2000-01-01 00:00+00'", "timestamptz '1969-12-31 23:59:59.999999+00'"},
	"iv":      {"interval '1 day'", "interval '1 month -3 days 04:05:06'", "interval '0'", "interval '30 days'"},
	"arr":     {"'{}'::int[]", "'{1,2,3}'::int[]", "'{null}'::int[]", "'{3,1}'::int[]"},
	"js":      {`'{"a": 1}'::jsonb`, `'[1, null]'::jsonb`, `'"x"'::jsonb`, `'null'::jsonb`},
}

func literal(rnd *rand.Rand, typ string) *expr {
	if rnd.IntN(8) == 0 {
		return leaf(typ, "null::"+sqlTypes[typ])
	}
	list := literals[typ]
	return leaf(typ, list[rnd.IntN(len(list))])
}
