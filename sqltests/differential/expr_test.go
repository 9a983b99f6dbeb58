package differential

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
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

// columnName is a column with its table's alias.
var columnName = regexp.MustCompile(`^[tw]\d+\.\w+$`)

// reads tells whether an expression reads a column outside of subqueries.
func (e *expr) reads() bool {
	return len(e.args) == 0 && columnName.MatchString(e.format) || slices.ContainsFunc(e.args, (*expr).reads)
}

// op is a way to make an expression of a type.
type op struct{ typ, args, format string }

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
	"int2": "smallint", "float4": "real", "ts": "timestamp", "time": "time", "bytea": "bytea", "uuid": "uuid", "tarr": "text[]",
	"vc": "varchar(5)", "bp": "char(4)",
	"bit": "bit(4)", "vb": "bit varying", "inet": "inet", "cidr": "cidr", "mac": "macaddr",
	"ir": "int4range", "nr": "numrange", "dr": "daterange", "mr": "int4multirange",
}

var typeNames = []string{"bool", "int4", "int4", "int8", "numeric", "float8", "text", "text", "date", "tz", "iv", "arr", "js",
	"int2", "float4", "ts", "time", "bytea", "uuid", "tarr", "vc", "bp",
	"bit", "vb", "inet", "cidr", "mac", "ir", "nr", "dr", "mr"}

// literals are values of each type: usual ones, extremes, and NULL.
var literals = map[string][]string{
	"bool": {"true", "false"}, "int4": {"0", "1", "(-2147483648)", "2", "3", "-1", "7", "42", "2147483647"}, "int8": {"0::int8", "5::int8", "9223372036854775807"},
	"numeric": {"0::numeric", "1.0", "1.00", "-2.5", "0.001", "123456789.987654321", "'NaN'::numeric", "'infinity'::numeric", "1e-10", "99999999999999999999"},
	"float8":  {"0::float8", "1.5::float8", "'-0'::float8", "'NaN'::float8", "'infinity'::float8", "1e-5::float8"},
	"text":    {"''", "'a'", "'b'", "'ab'", "'Abc'", "E'a\\nb'", "'aab'", "' a '", "'ü☃'"},
	"date":    {"date '2020-02-29'", "date '2000-01-01'", "date '1969-12-31'", "date '0044-03-15 BC'"},
	"tz":      {"timestamptz '2020-02-29 12:34:56+00'", "timestamptz '2000-01-01 00:00+00'", "timestamptz '1969-12-31 23:59:59.999999+00'"},
	"iv":      {"interval '1 day'", "interval '1 month -3 days 04:05:06'", "interval '0'", "interval '-1 year 2 mons'", "interval '100:00:00.000001'", "interval '30 days'"},
	"int2":    {"0::int2", "3::int2", "-1::int2", "32767::int2"},
	"float4":  {"0::float4", "1.1::float4", "'-0'::float4", "'NaN'::float4", "1e-30::float4", "3.4e38::float4"},
	"ts":      {"timestamp '2020-02-29 12:34:56'", "timestamp '2000-01-01'", "timestamp '2020-03-29 02:30:00'", "timestamp 'infinity'", "timestamp '0044-03-15 BC'"},
	"time":    {"time '00:00'", "time '23:59:59.999999'", "time '24:00'", "time '12:34:56'"},
	"bytea":   {"''::bytea", "'\\x00ff'::bytea", "'ab'::bytea"},
	"uuid":    {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "'00000000-0000-0000-0000-000000000000'::uuid"},
	"tarr":    {"'{}'::text[]", "'{a,b,NULL}'::text[]", "'{\"\",\"x y\"}'::text[]"},
	"vc":      {"'a'::varchar(5)", "'abcde'::varchar(5)", "''::varchar(5)"},
	"bp":      {"'a'::char(4)", "'ab  '::char(4)", "''::char(4)"},
	"arr":     {"'{}'::int[]", "'[2:3]={5,6}'::int[]", "'{1,2,3}'::int[]", "'{null}'::int[]", "'{3,1}'::int[]"},
	"bit":     {"B'1010'::bit(4)", "B'0000'::bit(4)", "X'F'::bit(4)"},
	"vb":      {"''::varbit", "'101'::varbit", "'1'::varbit", "'0110100110'::varbit"},
	"inet":    {"'10.1.2.3/8'::inet", "'10.1.2.3'::inet", "'::1'::inet", "'192.168.0.0/24'::inet", "'2001:db8::/32'::inet", "'0.0.0.0/0'::inet"},
	"cidr":    {"'10.0.0.0/8'::cidr", "'192.168.1.0/24'::cidr", "'2001:db8::/32'::cidr", "'10.1.2.3/32'::cidr"},
	"mac":     {"'08:00:2b:01:02:03'::macaddr", "'00:00:00:00:00:00'::macaddr", "'ff:ff:ff:ff:ff:ff'::macaddr"},
	"ir":      {"'empty'::int4range", "'[1,5)'::int4range", "'[3,7]'::int4range", "'(,4)'::int4range", "'[2,)'::int4range", "'(,)'::int4range"},
	"nr":      {"'empty'::numrange", "'[1.0,2.5)'::numrange", "'(0.0,1.0]'::numrange", "'(-1.5,)'::numrange", "'[1.0,1.0]'::numrange"},
	"dr":      {"'empty'::daterange", "'[2020-02-28,2020-03-01]'::daterange", "'(,2000-01-01)'::daterange", "'[2020-02-29,infinity)'::daterange"},
	"mr":      {"'{}'::int4multirange", "'{[1,3),[5,8)}'::int4multirange", "'{(,2),[4,)}'::int4multirange", "'{[2,6)}'::int4multirange", "'{(,)}'::int4multirange"},
	"js":      {`'{"a": 1}'::jsonb`, `'[1, null]'::jsonb`, `'"x"'::jsonb`, `'null'::jsonb`},
}

func literal(rnd *rand.Rand, typ string) *expr {
	if rnd.IntN(8) == 0 {
		return leaf(typ, "null::"+sqlTypes[typ])
	}
	list := literals[typ]
	return leaf(typ, list[rnd.IntN(len(list))])
}
