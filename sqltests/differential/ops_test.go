package differential

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
bool: int4 int4 int4: %s between symmetric %s and %s
bool: numeric numeric numeric: %s not between %s and %s
bool: text: starts_with(%s, 'a')
bool: text: %s similar to '%%(a|b)_?'
bool: text: %s ~* '^[^b]+$'
bool: text: %s !~ 'a.?b|^$'
bool: text: (%s collate "C") < 'b'
bool: int4 text int4 text: (%s, %s) = (%s, %s)
bool: int4 text int4 int4 text int4: (%s, %s, %s) >= (%s, %s, %s)
bool: int4 text int4 text: (%s, %s) is distinct from (%s, %s)
bool: int4 text int4 text int4 text: (%s, %s) not in ((%s, %s), (%s, %s))
bool: int4 text: row(%s, %s) is null
bool: int4 text: row(%s, %s) is not null
bool: ts ts: %s < %s
bool: ts date: %s >= %s
bool: ts tz: %s <> %s
bool: tz iv tz iv: (%s, %s) overlaps (%s, %s)
bool: time time: %s < %s
bool: bytea bytea: %s < %s
bool: uuid uuid: %s <= %s
bool: bp bp: %s = %s
bool: bp text: %s < %s
bool: vc text: %s = %s
bool: tarr tarr: %s && %s
bool: arr arr: %s < %s
bool: text tarr: %s = any (%s)
bool: text tarr: %s < all (%s)
bool: js text: %s ? %s
bool: js js: %s @> %s
bool: js js: %s < %s
bool: js: %s @? '$.a'
bool: int2 int4: %s < %s
bool: float4 float8: %s < %s
bool: float8: %s = 'NaN'
bool: iv: isfinite(%s)
bool: date: isfinite(%s)
int2: int4: (%s %% 1000)::int2
int2: int2 int2: (%s / nullif(%s, 0::int2))
int4: int2: %s::int
int4: int2 int2: (%s::int - %s)
int4: text: ascii(%s)
int4: text: octet_length(%s)
int4: text: regexp_count(%s, 'a|b')
int4: text: regexp_instr(%s, '[b-z]')
int4: text: position('a' in %s)
int4: int4 int4: (%s << (%s & 7))
int4: int4 int4: mod(%s, nullif(%s, 0))
int4: int4 int4: gcd(%s %% 1000, %s %% 1000)
int4: int4 int4: lcm(%s %% 100, %s %% 100)
int4: arr: array_length(%s, 1)
int4: arr: array_ndims(%s)
int4: arr int4: array_position(%s, %s)
int4: bytea: length(%s)
int4: bytea: get_byte(%s || '\x00', 0)
int4: numeric: scale(%s)
int4: int4: width_bucket(%s, -10, 10, 5)
int4: ts: extract(isodow from %s)::int
int4: iv: extract(month from %s)::int
int4: text: char_length(%s)
int4: bp: length(%s)
int8: int8 int4: (%s %% nullif(%s, 0))
int8: bytea: bit_count(%s)
numeric: numeric: ceil(%s)
numeric: numeric: (- %s)
numeric: numeric: sqrt(abs(%s))
numeric: numeric: ln(abs(%s) + 1)
numeric: numeric: log(abs(%s) + 1)
numeric: numeric: exp(%s %% 10)
numeric: numeric int4: power(abs(%s %% 20) + 1, %s %% 5)
numeric: numeric int4: round(%s, %s %% 5)
numeric: numeric int4: trunc(%s, %s %% 5)
numeric: numeric numeric: div(%s, nullif(%s, 0))
numeric: numeric numeric: (%s %% nullif(%s, 0))
numeric: numeric: trim_scale(%s)
numeric: int4: factorial(abs(%s %% 15))
numeric: iv: extract(epoch from %s)
numeric: ts: extract(julian from %s)
numeric: ts: extract(week from %s)
numeric: ts: extract(century from %s)
numeric: time: extract(second from %s)
numeric: date: extract(isoyear from %s)
numeric: float8: (%s)::numeric
numeric: int2 numeric: (%s + %s)
numeric: numeric: (%s %% 1000)::numeric(8,2)
numeric: text: to_number('12' || %s, '9999')
numeric: float8: round(sin(%s)::numeric, 6)
numeric: float8: round(atan(%s)::numeric, 6)
float8: float8 float8: (%s + %s)
float8: float8 float8: (%s * %s)
float8: float8 float8: (%s - %s)
float8: float8: sqrt(abs(%s))
float8: float8: trunc(%s)
float8: float8: sign(%s)
float8: float4: %s::float8
float8: iv: date_part('hour', %s)
float8: ts: date_part('doy', %s)
float4: int4: (%s %% 1000)::float4
float4: float4 float4: (%s + %s)
float4: float4: (- %s)
text: text: initcap(%s)
text: text int4: rpad(%s, %s %% 10, 'xy')
text: text int4: repeat(%s, %s %% 4)
text: text: split_part(%s, 'a', 1)
text: text: split_part(%s, 'b', -1)
text: text: translate(%s, 'abA', 'x')
text: text: regexp_replace(%s, '(a)(b)?', '<\2\1>', 'gi')
text: text: regexp_substr(%s, '[ab]+')
text: text: substring(%s from 'b.*')
text: text: substring(%s similar '%%#"b#"%%' escape '#')
text: text: quote_literal(%s)
text: text: quote_nullable(%s)
text: text: quote_ident(%s)
text: text text: format('%%%%s|%%%%I|%%%%L', %s, coalesce(%s, 'n'), 'x')
text: text text int4: concat_ws('-', %s, %s, %s)
text: text: overlay(%s placing 'ZZ' from 2)
text: text: encode(convert_to(%s, 'UTF8'), 'base64')
text: text text: ltrim(%s, %s)
text: text text: rtrim(%s, %s)
text: int4: to_hex(%s)
text: arr: array_to_string(%s, ',', '*')
text: tarr int4: (%s)[%s %% 3]
text: tarr: (%s)::text
text: tarr: array_to_string(%s, '|')
text: float8: (%s)::text
text: float4: (%s)::text
text: time: (%s)::text
text: ts: (%s)::text
text: bytea: (%s)::text
text: bytea: encode(%s, 'escape')
text: uuid: (%s)::text
text: vc: %s
text: vc text: (%s || %s)
text: bp: (%s || '|')
text: js: jsonb_typeof(%s)
text: js: %s #>> '{a,0}'
text: js: jsonb_pretty(%s)
text: ts: to_char(%s, 'FMDay DDth FMMonth YYYY, HH12:MI:SS.MS AM')
text: tz: to_char(%s, 'IYYY-IW-ID Q J TZ OF')
text: iv: to_char(%s, 'DDD HH24:MI:SS')
text: int4: to_char(%s, 'FM999,999,999th')
text: int4: to_char(%s %% 4000, 'RN')
text: numeric: to_char(%s, 'FM9990.099PR')
text: numeric: to_char(%s, '9.999EEEE')
text: float8: to_char(%s, 'SG999V99')
text: numeric: to_char(%s, 'MI000009.9')
date: ts: (%s)::date
date: date: date_trunc('week', %s)::date
date: int4 int4: make_date(2000 + %s %% 50, 1 + abs(%s %% 12), 28)
date: text: to_date('2021-0' || length(%s), 'YYYY-MM')
tz: ts: %s at time zone 'America/New_York'
tz: tz iv: (%s - %s)
tz: tz: date_trunc('day', %s, 'Asia/Tokyo')
tz: int4: to_timestamp(%s)
tz: ts: (%s)::timestamptz
tz: tz tz: least(%s, %s)
ts: tz: %s at time zone 'Europe/Berlin'
ts: tz: (%s)::timestamp
ts: date time: (%s + %s)
ts: date iv: (%s + %s)
ts: ts iv: (%s - %s)
ts: ts: date_trunc('quarter', %s)
ts: ts: date_bin('1 day 1 hour', %s, timestamp '2001-01-01')
time: ts: (%s)::time
time: time iv: (%s + %s)
time: tz: (%s)::time
time: iv: (%s)::time
iv: ts ts: age(least(%s, '3000-01-01'), least(%s, '3000-01-01'))
iv: date date: age(least(%s, '3000-01-01'), least(%s, '3000-01-01'))
iv: ts ts: (%s - %s)
iv: time time: (%s - %s)
iv: iv: (- %s)
iv: iv: (%s / 3)
iv: iv float8: (%s * (least(abs(%s), 5)))
iv: iv: justify_interval(%s)
iv: iv: justify_days(%s)
iv: int4 int4: make_interval(months => %s %% 50, secs => %s %% 1000)
iv: iv: date_trunc('day', %s)
iv: time: %s::interval
arr: int4 arr: array_prepend(%s, %s)
arr: arr arr: array_cat(%s, %s)
arr: arr int4: array_remove(%s, %s)
arr: arr int4 int4: array_replace(%s, %s, %s)
arr: arr: (%s)[2:]
text: int4: array_fill(%s, array[2, 1], array[0, 3])::text
text: int4 int4: ((array[[%s, 1], [2, %s]])[2:])::text
int4: int4 int4: (array[[%s, 1], [2, %s]])[1][1]
int4: int4 int4 int4: array_upper(array[[%s, 1], [2, %s]], %s %% 3)
arr: arr int4: array_positions(%s, %s)
tarr: text: string_to_array(%s, 'a')
tarr: text: string_to_array(%s, null, 'b')
tarr: text: regexp_split_to_array(%s, '[ab]')
tarr: text: regexp_match(%s, '(a)(b)?')
tarr: text text: array[%s, %s]
tarr: arr: (%s)::text[]
tarr: tarr text: (%s || %s)
js: text text: jsonb_build_array(%s, %s)
js: text: to_jsonb(%s)
js: numeric: to_jsonb(%s)
js: tz: to_jsonb(%s)
js: float8: to_jsonb(%s)
js: js: (%s -> 'a')
js: js int4: (%s -> (%s %% 3))
js: js: (jsonb_build_object('a', 1, 'b', %s) - 'a')
js: int4: (jsonb_build_object('a', %s, 'b', 1) #- '{a}')
js: js js: jsonb_set(jsonb_build_object('a', %s), '{a}', coalesce(%s, '1'))
js: js: jsonb_strip_nulls(%s)
js: js: jsonb_path_query_array(%s, '$.*')
js: js: jsonb_path_query_first(%s, 'lax $[*] ? (@ > 0)')
js: text: jsonb_object(array['k', %s])
js: int4 text: to_jsonb(row(%s, %s))
js: int4 text: json_build_object('x', %s, 'y', %s)::jsonb
bytea: text: convert_to(%s, 'UTF8')
bytea: bytea bytea: (%s || %s)
bytea: bytea: sha256(%s)
bytea: bytea int4: substr(%s, %s %% 4)
bytea: text: decode(md5(%s), 'hex')
uuid: text: md5(%s)::uuid
vc: text: (%s)::varchar(3)
vc: vc vc: coalesce(%s, %s)
bp: text: (%s)::char(4)
bp: bool bp bp: case when %s then %s else %s end
bool: bit bit: %s < %s
bool: vb vb: %s >= %s
bool: vb vb: %s = %s
bit: bit bit: (%s & %s)
bit: bit bit: (%s # %s)
bit: bit: (~ %s)
bit: bit int4: (%s << (%s %% 6))
bit: int4: (%s)::bit(4)
bit: vb: (%s)::bit(4)
bit: bit int4 int4: set_bit(%s, abs(%s %% 4), abs(%s %% 2))
vb: bit: (%s)::varbit
vb: vb vb: (%s || %s)
vb: vb: substring(%s from 2)
vb: vb vb int4: overlay(%s placing %s from 1 + abs(%s %% 3))
vb: bool vb vb: case when %s then %s else %s end
int4: vb: length(%s)
int4: vb: bit_count(%s)::int
int4: vb vb: position(%s in %s)
int4: bit: (%s)::int
int4: bit int4: get_bit(%s, abs(%s %% 4))
text: vb: (%s)::text
bool: inet inet: %s < %s
bool: inet inet: %s = %s
bool: inet inet: %s << %s
bool: inet inet: %s <<= %s
bool: inet inet: %s && %s
bool: inet cidr: %s >>= %s
bool: inet inet: inet_same_family(%s, %s)
bool: cidr cidr: %s > %s
inet: cidr: (%s)::inet
inet: inet: (~ %s)
inet: inet int4: set_masklen(%s, abs(%s %% 33))
inet: inet: broadcast(%s)
inet: inet: netmask(%s)
inet: inet: hostmask(%s)
inet: bool inet inet: case when %s then %s else %s end
cidr: inet: network(%s)
cidr: inet: (%s)::cidr
cidr: cidr cidr: coalesce(%s, %s)
int4: inet: masklen(%s)
int4: inet: family(%s)
int8: inet inet: (%s - %s)
text: inet: host(%s)
text: inet: abbrev(%s)
text: cidr: abbrev(%s)
text: inet: (%s)::text
mac: mac mac: (%s & %s)
mac: mac mac: (%s | %s)
mac: mac: (~ %s)
mac: mac: trunc(%s)
mac: text: left(md5(%s), 12)::macaddr
bool: mac mac: %s < %s
bool: mac mac: %s = %s
text: mac: (%s)::text
text: mac: macaddr8_set7bit(%s)::text
bool: ir ir: %s < %s
bool: ir ir: %s && %s
bool: ir ir: %s @> %s
bool: ir int4: %s @> %s
bool: int4 ir: %s <@ %s
bool: ir ir: %s << %s
bool: ir ir: %s &> %s
bool: ir ir: %s -|- %s
bool: ir: isempty(%s)
bool: ir: upper_inf(%s)
bool: nr nr: %s = %s
bool: nr nr: %s &< %s
bool: nr numeric: %s @> %s
bool: nr nr: %s && %s
bool: dr date: %s @> %s
bool: dr dr: %s -|- %s
bool: mr mr: %s = %s
bool: mr mr: %s < %s
bool: mr mr: %s && %s
bool: mr ir: %s @> %s
bool: mr int4: %s @> %s
bool: ir mr: %s << %s
bool: mr mr: %s -|- %s
bool: mr: lower_inc(%s)
ir: ir ir: (%s * %s)
ir: ir ir: range_merge(%s, %s)
ir: mr: range_merge(%s)
ir: int4 int4: int4range(%s %% 100 - 100, abs(%s %% 100), '[]')
ir: int4: int4range(%s %% 100, null, '()')
ir: bool ir ir: case when %s then %s else %s end
nr: nr nr: (%s * %s)
nr: numeric int4: numrange(round(least(%s, 0), 1), round(abs(%s %% 100), 1), '[]')
nr: nr nr: range_merge(%s, %s)
dr: dr dr: (%s * %s)
dr: date date: daterange(least(%s, '1990-01-01'), greatest(%s, '1990-01-01'), '(]')
dr: date: daterange(%s, null)
mr: mr mr: (%s + %s)
mr: mr mr: (%s - %s)
mr: mr mr: (%s * %s)
mr: ir: int4multirange(coalesce(%s, '[1,2]'))
mr: ir ir: int4multirange(coalesce(%s, 'empty'), coalesce(%s, 'empty'))
mr: ir: (%s)::int4multirange
int4: ir: lower(%s)
int4: ir: upper(%s)
int4: mr: upper(%s)
numeric: nr: lower(%s)
date: dr: upper(%s)
text: ir: (%s)::text
text: mr: (%s)::text
int4: int4 text: d.fint(%s, %s)
int4: int4: d.fcase(%s)
text: text int4: d.fstrict(%s, %s)
int8: int4: d.fcount(%s)
numeric: numeric: d.fvol(%s)
arr: int4 int4: d.fpoly(%s, %s)
ir: ir: d.fatomic(%s)
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
numeric: iv: extract(epoch from max(%s))
arr: int4: array_agg(distinct %s)
numeric: int4: var_pop(%s %% 100)
int4: int4: bit_or(%s)
float8: float8: percentile_cont(0.5) within group (order by %s)
int4: int4: mode() within group (order by %s)
int2: int2: max(%s)
float4: float4: min(%s)
ts: ts: max(%s)
time: time: min(%s)
uuid: text: md5(max(%s))::uuid
vc: text: min(%s)::varchar(2)
numeric: int4: stddev(%s %% 1000)
numeric: int2: variance(%s)
numeric: int4: avg(%s %% 1000) filter (where true)
numeric: int4 int4: round(corr(%s %% 100, %s %% 100)::numeric, 9)
numeric: int4 int4: round(regr_slope(%s %% 100, %s %% 100)::numeric, 9)
numeric: int4 int4: round(covar_pop(%s %% 100, %s %% 100)::numeric, 9)
float8: float8: sum(%s + 0)
float8: float8: avg(%s)
arr: int4: array_agg(distinct %s %% 3)
tarr: text: array_agg(distinct %s)
text: text: max(%s collate "C")
int8: int4: count(distinct %s %% 5) filter (where true)
int4: int4: bit_xor(%s)
int4: int4: bit_and(%s)
bool: bool: every(%s)
int8: int4: rank(3) within group (order by %s)
text: text: percentile_disc(0.3) within group (order by %s)
iv: iv: sum(%s)
js: arr: jsonb_agg(distinct %s)
js: int4: jsonb_agg(distinct %s)
arr: arr: max(%s)
int8: int4 text: count(distinct (%s, (%s)::text))
numeric: int8: sum(%s)
bit: bit: bit_or(%s)
bit: bit: bit_and(%s)
vb: vb: max(%s::text)::varbit
inet: inet: max(%s)
inet: inet: min(%s)
cidr: cidr: min(%s::text)::cidr
mac: mac: max(%s::text)::macaddr
ir: ir: range_intersect_agg(%s)
ir: ir: max(%s::text)::int4range
dr: dr: range_intersect_agg(%s)
mr: ir: range_agg(%s)
mr: mr: range_agg(%s)
mr: mr: range_intersect_agg(%s)
numeric: nr: lower(range_intersect_agg(%s))
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
float8: : percent_rank()
float8: : cume_dist()
int4: int4 int4: lag(%s, 1, %s)
int4: int4: last_value(%s)
int8: bool: count(*) filter (where %s)
arr: int4: array_agg(%s)
text: text: string_agg(%s, ',')
text: text: min(%s)
bool: bool: bool_or(%s)
numeric: int4: avg(%s %% 100)
date: date: nth_value(%s, 3)
tz: tz: lag(%s)
float8: float8: sum(%s + 0)
`)

// peers are window calls that give rows alike in the order the same, so that they
// may be ordered by one key.
var peers = parseOps(`
int8: : rank()
int8: : dense_rank()
int8: : count(*)
int8: int4: count(%s)
int8: int4: sum(%s)
int4: int4: min(%s)
int4: int4: max(%s)
float8: : cume_dist()
float8: : percent_rank()
numeric: numeric: sum(%s)
numeric: int4: avg(%s %% 1000)
text: text: max(%s)
bool: bool: bool_and(%s)
date: date: min(%s)
`)
