CREATE SCHEMA s;
--= CREATE SCHEMA
CREATE SCHEMA s;
--= ERROR 42P06: schema "s" already exists
CREATE SCHEMA IF NOT EXISTS s;
--= NOTICE 42P06: schema "s" already exists, skipping
--= CREATE SCHEMA
CREATE SCHEMA pg_x;
--= ERROR 42939: unacceptable schema name "pg_x" | The prefix "pg_" is reserved for system schemas.
CREATE SCHEMA AUTHORIZATION nosuch;
--= ERROR 42704: role "nosuch" does not exist
CREATE SCHEMA s2 CREATE VIEW v AS SELECT * FROM t CREATE TABLE t (a int) CREATE SEQUENCE q;
--= CREATE SCHEMA
CREATE SCHEMA s3 CREATE TABLE public.t (a int);
--= ERROR 42P15: CREATE specifies a schema (public) different from the one being created (s3)
CREATE TABLE s.t (a int PRIMARY KEY, b int, c serial);
--= CREATE TABLE
CREATE VIEW v AS SELECT a, b FROM s.t;
--= CREATE VIEW
CREATE VIEW v2 AS SELECT a FROM v;
--= CREATE VIEW
CREATE TABLE s.f (x int REFERENCES s.t);
--= CREATE TABLE
DROP TABLE s.t;
--= ERROR 2BP01: cannot drop table s.t because other objects depend on it | view v depends on table s.t // view v2 depends on view v // constraint f_x_fkey on table s.f depends on table s.t | Use DROP ... CASCADE to drop the dependent objects too.
DROP SCHEMA s;
--= ERROR 2BP01: cannot drop schema s because other objects depend on it | table s.t depends on schema s // view v depends on table s.t // view v2 depends on view v // table s.f depends on schema s | Use DROP ... CASCADE to drop the dependent objects too.
DROP VIEW v;
--= ERROR 2BP01: cannot drop view v because other objects depend on it | view v2 depends on view v | Use DROP ... CASCADE to drop the dependent objects too.
DROP VIEW v2;
--= DROP VIEW
DROP SCHEMA s CASCADE;
--= NOTICE 00000: drop cascades to 3 other objects | drop cascades to table s.t // drop cascades to view v // drop cascades to table s.f
--= DROP SCHEMA
DROP SCHEMA s2 CASCADE;
--= NOTICE 00000: drop cascades to 3 other objects | drop cascades to sequence s2.q // drop cascades to table s2.t // drop cascades to view s2.v
--= DROP SCHEMA
DROP SCHEMA s;
--= ERROR 3F000: schema "s" does not exist
DROP SCHEMA IF EXISTS s;
--= NOTICE 00000: schema "s" does not exist, skipping
--= DROP SCHEMA
DROP TABLE nosuch;
--= ERROR 42P01: table "nosuch" does not exist
DROP TABLE IF EXISTS nosuch;
--= NOTICE 00000: table "nosuch" does not exist, skipping
--= DROP TABLE
DROP TABLE IF EXISTS nosuch.t;
--= NOTICE 00000: schema "nosuch" does not exist, skipping
--= DROP TABLE
DROP TABLE nosuch.t;
--= ERROR 3F000: schema "nosuch" does not exist
CREATE TABLE t (a int PRIMARY KEY, b text UNIQUE, c serial, d int GENERATED ALWAYS AS IDENTITY);
--= CREATE TABLE
CREATE INDEX i ON t (b);
--= CREATE INDEX
CREATE SEQUENCE q;
--= CREATE SEQUENCE
CREATE VIEW v AS SELECT b FROM t;
--= CREATE VIEW
CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM t;
--= SELECT
DROP VIEW t;
--= ERROR 42809: "t" is not a view | Use DROP TABLE to remove a table.
DROP TABLE v;
--= ERROR 42809: "v" is not a table | Use DROP VIEW to remove a view.
DROP TABLE m;
--= ERROR 42809: "m" is not a table | Use DROP MATERIALIZED VIEW to remove a materialized view.
DROP INDEX t;
--= ERROR 42809: "t" is not an index | Use DROP TABLE to remove a table.
DROP SEQUENCE i;
--= ERROR 42809: "i" is not a sequence | Use DROP INDEX to remove an index.
DROP TABLE q;
--= ERROR 42809: "q" is not a table | Use DROP SEQUENCE to remove a sequence.
DROP MATERIALIZED VIEW v;
--= ERROR 42809: "v" is not a materialized view | Use DROP VIEW to remove a view.
DROP INDEX t_pkey;
--= ERROR 2BP01: cannot drop index t_pkey because constraint t_pkey on table t requires it | You can drop constraint t_pkey on table t instead.
DROP SEQUENCE t_c_seq;
--= ERROR 2BP01: cannot drop sequence t_c_seq because other objects depend on it | default value for column c of table t depends on sequence t_c_seq | Use DROP ... CASCADE to drop the dependent objects too.
DROP SEQUENCE t_d_seq;
--= ERROR 2BP01: cannot drop sequence t_d_seq because column d of table t requires it | You can drop column d of table t instead.
DROP SEQUENCE t_c_seq CASCADE;
--= NOTICE 00000: drop cascades to default value for column c of table t
--= DROP SEQUENCE
DROP TABLE t;
--= ERROR 2BP01: cannot drop table t because other objects depend on it | view v depends on table t // materialized view m depends on table t | Use DROP ... CASCADE to drop the dependent objects too.
DROP TABLE t, q;
--= ERROR 42809: "q" is not a table | Use DROP SEQUENCE to remove a sequence.
DROP INDEX i, nosuch;
--= ERROR 42704: index "nosuch" does not exist
DROP INDEX IF EXISTS i, nosuch;
--= NOTICE 00000: index "nosuch" does not exist, skipping
--= DROP INDEX
DROP TABLE t CASCADE;
--= NOTICE 00000: drop cascades to 2 other objects | drop cascades to view v // drop cascades to materialized view m
--= DROP TABLE
DROP SEQUENCE q;
--= DROP SEQUENCE
DROP SEQUENCE q;
--= ERROR 42P01: sequence "q" does not exist
DROP SEQUENCE IF EXISTS q;
--= NOTICE 00000: sequence "q" does not exist, skipping
--= DROP SEQUENCE
DROP VIEW IF EXISTS v;
--= NOTICE 00000: view "v" does not exist, skipping
--= DROP VIEW
DROP MATERIALIZED VIEW IF EXISTS m;
--= NOTICE 00000: materialized view "m" does not exist, skipping
--= DROP MATERIALIZED VIEW
DROP TABLE pg_class;
--= ERROR 42501: permission denied: "pg_class" is a system catalog
DROP SCHEMA pg_catalog;
--= ERROR 2BP01: cannot drop schema pg_catalog because it is required by the database system
DROP TYPE int4;
--= ERROR 2BP01: cannot drop type integer because it is required by the database system
DROP TYPE nosuch;
--= ERROR 42704: type "nosuch" does not exist
DROP TYPE IF EXISTS nosuch;
--= NOTICE 00000: type "nosuch" does not exist, skipping
--= DROP TYPE
DROP DOMAIN int4;
--= ERROR 42809: "int4" is not a domain
CREATE TABLE a (id int PRIMARY KEY);
--= CREATE TABLE
CREATE TABLE b (id int REFERENCES a, PRIMARY KEY (id));
--= CREATE TABLE
CREATE TABLE c (id int REFERENCES b);
--= CREATE TABLE
CREATE TABLE r (x a);
--= CREATE TABLE
DROP TYPE a;
--= ERROR 2BP01: cannot drop type a because table a requires it | You can drop table a instead.
DROP TABLE a;
--= ERROR 2BP01: cannot drop table a because other objects depend on it | column x of table r depends on type a // constraint b_id_fkey on table b depends on table a | Use DROP ... CASCADE to drop the dependent objects too.
DROP TABLE a CASCADE;
--= NOTICE 00000: drop cascades to 2 other objects | drop cascades to column x of table r // drop cascades to constraint b_id_fkey on table b
--= DROP TABLE
DROP TABLE b, c;
--= DROP TABLE
TRUNCATE nosuch;
--= ERROR 42P01: relation "nosuch" does not exist
TRUNCATE r;
--= TRUNCATE TABLE
CREATE TABLE a (id int PRIMARY KEY);
--= CREATE TABLE
CREATE TABLE b (id int REFERENCES a, PRIMARY KEY (id));
--= CREATE TABLE
CREATE TABLE c (id int REFERENCES b);
--= CREATE TABLE
TRUNCATE a;
--= ERROR 0A000: cannot truncate a table referenced in a foreign key constraint | Table "b" references "a". | Truncate table "b" at the same time, or use TRUNCATE ... CASCADE.
TRUNCATE a, b;
--= ERROR 0A000: cannot truncate a table referenced in a foreign key constraint | Table "c" references "b". | Truncate table "c" at the same time, or use TRUNCATE ... CASCADE.
TRUNCATE a CASCADE;
--= NOTICE 00000: truncate cascades to table "b"
--= NOTICE 00000: truncate cascades to table "c"
--= TRUNCATE TABLE
TRUNCATE a, b, c RESTART IDENTITY;
--= TRUNCATE TABLE
CREATE VIEW av AS SELECT id FROM a;
--= CREATE VIEW
TRUNCATE av;
--= ERROR 42809: "av" is not a table
