-- Text input and output of scalar types, and their binary forms.
select v('io', format('$1[2]::%s', t), t, s)
from (values ('bool'),('int2'),('int4'),('int8'),('oid'),('xid'),('xid8'),('cid'),('tid'),('pg_lsn'),('float4'),('float8'),('numeric'),('money')) types(t),
 (values (''),(' '),('0'),('1'),('-1'),('+1'),(' 12 '),(E'\t7\n'),('t'),('tr'),('true'),('TRUE'),('f'),('fals'),('no'),('n'),('of'),('off'),('o'),('on'),('y'),('yes'),('yess'),('10'),
  ('32767'),('32768'),('-32768'),('-32769'),('2147483647'),('2147483648'),('-2147483648'),('-2147483649'),('4294967295'),('4294967296'),
  ('9223372036854775807'),('9223372036854775808'),('-9223372036854775808'),('-9223372036854775809'),('18446744073709551615'),('18446744073709551616'),
  ('99999999999999999999999999'),('1 2'),('- 1'),('--1'),('+'),('-'),('0x1F'),('010'),('1e3'),('1.5'),('.5'),('5.'),('.'),('e'),('1e'),('1e+'),('-.5e-3'),('1E400'),('-1e400'),('1e-400'),('1e-45'),('1e-46'),('1e39'),
  ('3.4028235e38'),('3.4028236e38'),('nan'),('NaN'),('-nan'),('inf'),('-inf'),('+inf'),('Infinity'),('-INFINITY'),('infinit'),('1_000'),('123456789.123456789'),('0.1'),('0.3'),('1e15'),('1e14'),('123456789012345678'),('1e-4'),('1e-5'),('1.0'),
  ('-0'),('0.0'),('-0.0'),('00012'),('1.10'),('1.7976931348623157e308'),('2.2250738585072014e-308'),('4.9e-324'),('0x1p3'),('0x'),
  ('(0,1)'),('(4294967295,65535)'),('(4294967296,1)'),('(1,65536)'),('(-1,1)'),('(1,2'),('1,2'),('(1,2)x'),('0/0'),('16/B374D848'),('FFFFFFFF/FFFFFFFF'),('1/123456789'),('/1'),('1/'),
  ('$1,234.56'),('-$5.005'),('($3.999)'),('1,2,3'),('$'),('92233720368547758.07'),('92233720368547758.08'),('-92233720368547758.08'),('-92233720368547758.09'),('12.345 '),('+$7'),('5-'),('7 $')
 ) vals(s);
select v('io', format('$1[2]::%s', t), t, s) from (values ('uuid')) types(t),
 (values ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),('{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'),('a0eebc999c0b4ef8bb6d6bb9bd380a11'),
 ('a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11'),('{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}'),('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1'),('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111'),('{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
 ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'),('a0e-ebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),('g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-'),('')) vals(s);
select vs(e, 'io', '$1[2]::bytea', 'bytea', s) from (values ('bytea_output=hex'),('bytea_output=escape')) envs(e),
 (values (''),('\x'),('\xDEADbeef'),('\xDE AD be ef'),('\xDEA'),('\xDEAG'),('\xü'),('abc'),('a\\b'),('a\b'),('\000\377'),('\400'),('\12'),('é'),('\x41 42'),('\X41'),(E'a\nb'),('\'),('x\\\')) vals(s);
select v('io', format('$1[2]::%s', t), t, s) from (values ('text'),('varchar'),('bpchar'),('varchar(3)'),('char(3)'),('name'),('"char"'),('char(1)'),('varchar(1)')) types(t),
 (values (''),('a'),('abc'),('abcd'),('abc '),('abc   '),('ab '),('äöü'),('äöüß'),('äöü  '),('日本語文字'),(' a'),('\101'),('\377'),('\400'),('é'),(repeat('x',70)),(repeat('é',40)),(E'tab\there')) vals(s);
select v('in', format('(%s)::text', case t when 'char(3)' then 'bpcharin($1[2]::cstring,0,7)' when 'varchar(3)' then 'varcharin($1[2]::cstring,0,7)' end), t, s) from (values ('varchar(3)'),('char(3)')) types(t),
 (values (''),('a'),('abc'),('abcd'),('abc '),('abc   '),('abc  x'),('äöü'),('äöüß'),('äöü  '),('日本語文字')) vals(s);
select v('cmp', format('case when $1[2]::%1$s < $1[3]::%1$s then -1 when $1[2]::%1$s = $1[3]::%1$s then 0 else 1 end', t), t, a, b)
 from (values ('bpchar'),('text'),('"char"'),('name'),('bytea')) types(t), (values (''),('a'),('a '),('a  '),('ab'),('B'),('é'),('a b'),('~')) x(a), (values (''),('a'),('a '),('ab'),('B'),('é'),('a b')) y(b);
-- floats: shortest output, and rounding modes
select vs('extra_float_digits='||d, 'io', format('$1[2]::%s', t), t, f) from (values (-15),(-3),(0),(1),(3)) e(d), (values ('float4'),('float8')) types(t),
 (values ('0'),('1'),('0.1'),('0.123456789012345678'),('123456.789'),('1234567'),('12345678'),('1e5'),('1e6'),('1e15'),('1e16'),('123456789012345'),('1234567890123456'),('0.0001'),('0.00001'),('1.5e-7'),('-2.5'),('3.14159274'),('1e22'),('1e23'),('100'),('33554432'),('16777216'),('9007199254740992'),('9007199254740993'),('1.8014398509481984e16')) x(f);
select v('io', '$1[2]::float8', 'float8', f::text) from (select (random()*2-1) * 10^(random()*600-300) f, setseed(0.25) from generate_series(1,600)) q;
select v('io', '$1[2]::float8', 'float8', f::text) from (select round((random()*1e6)::numeric, (random()*8)::int) f, setseed(0.5) from generate_series(1,400)) q;
select v('io', '$1[2]::float4', 'float4', f::text) from (select (random()*2-1) * 10^(random()*70-35) f, setseed(0.75) from generate_series(1,400)) q;
select v('io', format('$1[2]::%s', t), t, f::text) from (values ('float4'),('float8')) types(t), (select 2::numeric^i f from generate_series(20,128) i union all select 3*2::numeric^i from generate_series(20,120) i union all select 2::numeric^i+2::numeric^(i-20) from generate_series(25,120) i) q;
-- binary
select v('send', format('%ssend($1[2]::%s)', replace(t,'numeric','numeric_'), t), t, s) from (values ('bool'),('int2'),('int4'),('int8'),('float4'),('float8')) types(t), (values ('0'),('1')) x(s);
select v('send', format('%s($1[2]::%s)', f, t), t, s) from (values ('numeric','numeric_send')) types(t,f), (values ('0'),('0.00'),('1'),('-1'),('1.5'),('0.0001'),('0.00001'),('10000'),('100000000'),('12345678.90123'),('-0.00050'),('1e20'),('123456789012345678901234567890.123456789'),('9223372036854775807'),('-9223372036854775808'),('92233720368547758.07'),('0.12345678901234567890'),('NaN'),('Infinity'),('-Infinity'),('1e-16383'),('1e100')) x(s);
select v('send', 'uuid_send($1[2]::uuid)', 'uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
select v('send', 'pg_lsn_send($1[2]::pg_lsn)', 'pg_lsn', 'F0000000/1');
select v('send', 'xid8send($1[2]::xid8)', 'xid8', '18446744073709551615');
select v('send', 'tidsend($1[2]::tid)', 'tid', '(7,9)');
select v('send', 'charsend($1[2]::"char")', '"char"', 'a');
select v('send', 'cash_send($1[2]::money)', 'money', '-1.25');
select v('io', format('$1[2]::%s', t), t, s) from (values ('float4'),('float8')) types(t), (values ('1e999Jan'),(' 1e999 '),('1e-999 x'),('1e39 '),('0x10'),('0x1.8p1'),('0x.8'),('0x'),('0xg'),('0x1p'),('0x1p5000'),('0xap-5000'),('0x0p-5000'),('1e'),('1e+'),('1.5.'),('.e1'),('infx'),('1_0')) x(s);
