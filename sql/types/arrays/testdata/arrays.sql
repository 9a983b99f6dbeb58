-- Operations on arrays.
create temp table a(x) as values ('{}'),('{1}'),('{1,2,3}'),('{1,NULL,3,1}'),('{{1,2},{3,4}}'),('[0:2]={5,6,7}'),('[-1:0][2:3]={{1,2},{3,4}}'),('{{{1,2}},{{3,4}}}'),('{NULL}'),('[2147483646:2147483646]={1}'),('[-2147483648:-2147483648]={1}');
select v(f, format('%s($1[1]::int[])', f), x) from a, (values ('array_dims'),('array_ndims'),('cardinality')) f(f);
select v(f, format('%s($1[1]::int[], $1[2]::int)', f), x, d) from a, (values ('array_lower'),('array_upper'),('array_length'),('trim_array')) f(f), (values ('0'),('1'),('2'),('-1'),('3')) d(d);
select v('sub1', '($1[1]::int[])[$1[2]::int]', x, i) from a, (values ('0'),('1'),('2'),('4'),('-1'),('2147483646')) i(i);
select v('sub2', '($1[1]::int[])[$1[2]::int][$1[3]::int]', x, i, j) from a, (values ('0'),('1'),('2')) i(i), (values ('1'),('2'),('3')) j(j);
select v('slice1', format('($1[1]::int[])[%s:%s]', l, u), x, l, u) from a, (values (''),('0'),('1'),('2'),('5')) l(l), (values (''),('0'),('1'),('2'),('9')) u(u);
select v('slice2', format('($1[1]::int[])[%s:%s][%s:%s]', l, u, m, w), x, l, u, m, w) from a, (values (''),('1'),('2')) l(l), (values (''),('1'),('2')) u(u), (values (''),('2')) m(m), (values (''),('1'),('3')) w(w) where x ~ '\{\{' or x = '{1,2,3}';
create temp table vv(id int, a int[]); 
create or replace function vectors.setsub(x int[], sub text, val text) returns text language plpgsql as $$ declare a int[] := x; begin execute 'update vv set a = $1 where id = 1' using x; execute 'update vv set a'||sub||' = $1::'||case when sub like '%:%' then 'int[]' else 'int' end using val; return (select vv.a::text from vv); end $$;
insert into vv values (1, null);
select v('set1', format('vectors.setsub($1[1]::int[], ''[%s]'', $1[3])', i), x, i, '9') from a, (values ('0'),('1'),('3'),('7'),('-2'),('2147483647'),('-2147483648')) i(i) where not (x like '[%21%' and i in ('0','1','3','7','-2') or x like '[-2%' and i !~ '2147') and not (i like '%2147%' and x !~ '2147');
select v('set1', format('vectors.setsub($1[1]::int[], ''[%s]'', $1[3])', i), x, i, null) from a, (values ('1'),('5')) i(i) where x !~ '2147';
select v('set2', format('vectors.setsub($1[1]::int[], ''[%s][%s]'', $1[4])', i, j), x, i, j, '9') from a, (values ('1'),('2'),('-1')) i(i), (values ('1'),('2'),('3')) j(j);
select v('setslice1', format('vectors.setsub($1[1]::int[], ''[%s:%s]'', $1[4])', l, u), x, l, u, y) from a, (values (''),('0'),('2'),('6')) l(l), (values (''),('2'),('1'),('7')) u(u), (values ('{8,9}'),('{7,8,9,10,11,12,13,14}'),('{{7,NULL},{8,9}}'),('{}')) y(y) where x !~ '2147';
select v('setslice2', format('vectors.setsub($1[1]::int[], ''[%s:%s][%s:%s]'', $1[6])', l, u, m, w), x, l, u, m, w, '{7,8,9,10}') from a, (values ('1'),('')) l(l), (values ('2'),('')) u(u), (values ('1'),('2')) m(m), (values ('2'),('3'),('')) w(w) where x !~ '2147';
select v('append', 'array_append($1[1]::int[], $1[2]::int)', x, d) from a, (values ('9'),(null)) d(d);
select v('prepend', 'array_prepend($1[2]::int, $1[1]::int[])', x, d) from a, (values ('9'),(null)) d(d);
select v('cat', 'array_cat($1[1]::int[], $1[2]::int[])', a.x, b.x) from a, (select x from a union all values ('{{5,6}}'),('{5,6}'),('{{{5,6}}}'),('{{5,6,7}}'),('[2:3]={5,6}')) b;
select v('position', 'array_position($1[1]::int[], $1[2]::int)', x, d), v('positions', 'array_positions($1[1]::int[], $1[2]::int)', x, d), v('remove', 'array_remove($1[1]::int[], $1[2]::int)', x, d) from a, (values ('1'),('3'),('99'),(null)) d(d)
\g (format=unaligned fieldsep='\n')
select v('position3', 'array_position($1[1]::int[], $1[2]::int, $1[3]::int)', x, d, s) from a, (values ('1'),(null)) d(d), (values ('2'),('0'),('5')) s(s);
select v('replace', 'array_replace($1[1]::int[], $1[2]::int, $1[3]::int)', x, d, e) from a, (values ('1'),('99'),(null)) d(d), (values ('7'),(null)) e(e);
select v('fill', 'array_fill($1[1]::int, $1[2]::int[])', d, x) from (values ('7'),(null)) d(d), (values ('{}'),('{2}'),('{2,3}'),('{0}'),('{-1}'),('{NULL}'),('{{1}}'),('{1,1,1,1,1,1,1}'),('{100000,100000}')) x(x);
select v('fill3', 'array_fill($1[1]::int, $1[2]::int[], $1[3]::int[])', '7', x, l) from (values ('{}'),('{2}'),('{2,3}')) x(x), (values ('{}'),('{0}'),('{2,-3}'),('{NULL}'),('{{1}}'),('{2147483647}')) l(l);
select v('contains', '$1[1]::int[] @> $1[2]::int[]', a.x, b.x), v('overlap', '$1[1]::int[] && $1[2]::int[]', a.x, b.x) from a, (select x from a union all values ('{3,1}'),('{9}'),('{1,1,1,1,1,1,1,1,1,1}'),('{1,2,3,4,5,6,7,8,9,10,NULL}')) b
\g (format=unaligned fieldsep='\n')
select v('to_string', 'array_to_string($1[1]::int[], $1[2])', x, s) from a, (values (','),(''),('--')) s(s);
select v('to_string3', 'array_to_string($1[1]::int[], $1[2], $1[3])', x, ',', s) from a, (values ('*'),(''),(null)) s(s);
select v('split', 'string_to_array($1[1], $1[2])', x, s), v('split3', 'string_to_array($1[1], $1[2], $1[3])', x, s, 'b') from (values (''),('abc'),('a,b,c'),(',a,,'),('äöü'),('b')) x(x), (values (','),(''),(null),('b'),(',,')) s(s)
\g (format=unaligned fieldsep='\n')
select v('construct', format('array[%s]', (select string_agg(format('%L::int[]', e), ',') from unnest(string_to_array(x, ';')) e)), x) from (values ('{1,2};{3,4}'),('{1};{2,3}'),('{};{}'),('{};{1}'),('{{1},{2}};{{3},{4}}'),('[0:1]={1,2};{3,4}'),('[0:1]={1,2};[0:1]={3,4}'),('{{{{{{1}}}}}}')) x(x);
select v('agg', format('(select array_agg(e::int[]) from unnest(string_to_array($1[1], '';'')) e)'), x) from (values ('{1,2};{3,4}'),('{1};{2,3}'),('{}'),('{};{1}'),('{{1},{2}};{{3},{4}}'),('{1,NULL};{3,4}'),('{{{{{{1}}}}}}')) x(x);
