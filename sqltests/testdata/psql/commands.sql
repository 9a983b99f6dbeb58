\d
\d users
\d orders
\d v
\d mv
\d seq1
\d orders_user
\d nosuch
\d s2.*
\d+ users
\d+ orders
\dt
\dt+ nosuch
\dt s2.*
\dv
\dm
\ds
\di
\dn s2
\dT
\dD
\db
select * from users order by id;
\x
select * from users order by id;
\x
\pset null '<null>'
select null as n, 1 as one;
\pset format unaligned
select id, email from users order by id;
\pset format aligned
\t
select 1;
\t
select id, email, balance, tags from users \gdesc
select 'select 1 as g' \gexec
select 5 as five \gset
select :five + 1 as six;
\set v 'abc'
select :'v' as quoted;
\copy users (id, email, balance) from stdin with (format csv)
3,c@x,5
4,"d,@x",6
\.
\copy (select id, email from users order by id) to stdout with (format csv, header)
select 1/0;
select nosuch from users;
select * from nosuch where a = 1;
insert into users (id, email) values (1, 'dup');
insert into users (id, email, age) values (9, 'neg', -1);
\set VERBOSITY verbose
select 1 +;
\set VERBOSITY default
\set ON_ERROR_ROLLBACK on
begin;
insert into users (id, email) values (50, 'in tx');
select 1/0;
select id from users where id = 50;
commit;
\set ON_ERROR_ROLLBACK off
\set FETCH_COUNT 2
select id from users order by id;
\unset FETCH_COUNT
\set AUTOCOMMIT off
insert into users (id, email) values (60, 'not committed');
rollback;
\set AUTOCOMMIT on
select count(*) from users;
\encoding
