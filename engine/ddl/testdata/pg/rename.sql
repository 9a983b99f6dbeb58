CREATE SCHEMA s;
--= CREATE SCHEMA
CREATE TABLE t (a int PRIMARY KEY, b text UNIQUE CHECK (b <> ''), c serial);
--= CREATE TABLE
CREATE INDEX i ON t (lower(b), a);
--= CREATE INDEX
CREATE VIEW v AS SELECT * FROM t;
--= CREATE VIEW
CREATE SEQUENCE q;
--= CREATE SEQUENCE
CREATE TYPE e AS ENUM ('x', 'y');
--= CREATE TYPE
CREATE DOMAIN d AS int CONSTRAINT pos CHECK (VALUE > 0);
--= CREATE DOMAIN
CREATE TYPE c AS (x int, y text);
--= CREATE TYPE
ALTER TABLE nosuch RENAME TO x;
--= ERROR 42P01: relation "nosuch" does not exist
ALTER TABLE IF EXISTS nosuch RENAME TO x;
--= NOTICE 00000: relation "nosuch" does not exist, skipping
--= ALTER TABLE
ALTER TABLE t RENAME TO v;
--= ERROR 42P07: relation "v" already exists
ALTER TABLE t RENAME TO t2;
--= ALTER TABLE
ALTER TABLE t2 RENAME TO e;
--= ERROR 42710: type "e" already exists
ALTER TABLE t2 RENAME a TO b;
--= ERROR 42701: column "b" of relation "t2" already exists
ALTER TABLE t2 RENAME nosuch TO x;
--= ERROR 42703: column "nosuch" does not exist
ALTER TABLE t2 RENAME a TO ctid;
--= ERROR 42701: column name "ctid" conflicts with a system column name
ALTER TABLE t2 RENAME ctid TO x;
--= ERROR 0A000: cannot rename system column "ctid"
ALTER TABLE t2 RENAME a TO aa;
--= ALTER TABLE
ALTER TABLE v RENAME a TO va;
--= ALTER TABLE
ALTER VIEW t2 RENAME TO x;
--= ERROR 42809: "t2" is not a view
ALTER VIEW v RENAME COLUMN b TO vb;
--= ALTER VIEW
ALTER VIEW v RENAME TO v2;
--= ALTER VIEW
ALTER INDEX i RENAME TO t2;
--= ERROR 42P07: relation "t2" already exists
ALTER INDEX i RENAME TO i2;
--= ALTER INDEX
ALTER INDEX t2 RENAME TO t3;
--= ALTER INDEX
ALTER INDEX i2 RENAME COLUMN a TO x;
--= ERROR 42601: syntax error at or near "COLUMN" @23
ALTER SEQUENCE q RENAME TO q2;
--= ALTER SEQUENCE
ALTER SEQUENCE t3 RENAME TO q3;
--= ERROR 42809: "t3" is not a sequence
ALTER TABLE t3 RENAME CONSTRAINT t_pkey TO pk;
--= ALTER TABLE
ALTER TABLE t3 RENAME CONSTRAINT nosuch TO pk;
--= ERROR 42704: constraint "nosuch" for table "t3" does not exist
ALTER TABLE t3 RENAME CONSTRAINT t_b_check TO pk;
--= ERROR 42710: constraint "pk" for relation "t3" already exists
ALTER TABLE t3 RENAME CONSTRAINT t_b_check TO chk;
--= ALTER TABLE
ALTER INDEX pk RENAME TO pk2;
--= ALTER INDEX
ALTER TABLE t3 DROP CONSTRAINT pk2;
--= ALTER TABLE
ALTER TYPE e RENAME TO d;
--= ERROR 42710: type "d" already exists
ALTER TYPE e RENAME TO e2;
--= ALTER TYPE
ALTER TYPE e2 RENAME VALUE 'x' TO 'y';
--= ERROR 42710: enum label "y" already exists
ALTER TYPE e2 RENAME VALUE 'nosuch' TO 'y';
--= ERROR 22023: "nosuch" is not an existing enum label
ALTER TYPE e2 RENAME VALUE 'x' TO 'z';
--= ALTER TYPE
ALTER TYPE e2 ADD VALUE 'z';
--= ERROR 42710: enum label "z" already exists
ALTER TYPE e2 ADD VALUE IF NOT EXISTS 'z';
--= NOTICE 42710: enum label "z" already exists, skipping
--= ALTER TYPE
ALTER TYPE e2 ADD VALUE 'w' BEFORE 'nosuch';
--= ERROR 22023: "nosuch" is not an existing enum label
ALTER TYPE e2 ADD VALUE 'w' BEFORE 'z';
--= ALTER TYPE
ALTER TYPE d ADD VALUE 'w';
--= ERROR 42809: d is not an enum
ALTER TYPE t3 RENAME TO x;
--= ERROR 42809: t3 is a table's row type | Use ALTER TABLE instead.
ALTER TYPE _t3 RENAME TO x;
--= ERROR 42809: cannot alter array type t3[] | You can alter type t3, which will alter the array type as well.
ALTER TYPE nosuch RENAME TO x;
--= ERROR 42704: type "nosuch" does not exist
ALTER DOMAIN e2 RENAME TO x;
--= ERROR 42809: e2 is not a domain
ALTER DOMAIN d RENAME TO d2;
--= ALTER DOMAIN
ALTER DOMAIN d2 RENAME CONSTRAINT pos TO positive;
--= ALTER DOMAIN
ALTER DOMAIN d2 RENAME CONSTRAINT pos TO positive;
--= ERROR 42704: constraint "pos" for domain d2 does not exist
ALTER TYPE c RENAME ATTRIBUTE x TO xx;
--= ALTER TYPE
ALTER TYPE c RENAME ATTRIBUTE nosuch TO xx;
--= ERROR 42703: column "nosuch" does not exist
ALTER TYPE c RENAME TO c2;
--= ALTER TYPE
ALTER TABLE c2 RENAME TO c3;
--= ERROR 42809: "c2" is a composite type | Use ALTER TYPE instead.
ALTER SCHEMA s RENAME TO s2;
--= ALTER SCHEMA
ALTER SCHEMA nosuch RENAME TO s2;
--= ERROR 3F000: schema "nosuch" does not exist
ALTER SCHEMA s2 RENAME TO public;
--= ERROR 42P06: schema "public" already exists
ALTER SCHEMA s2 RENAME TO pg_x;
--= ERROR 42939: unacceptable schema name "pg_x" | The prefix "pg_" is reserved for system schemas.
ALTER TABLE t3 SET SCHEMA s2;
--= ALTER TABLE
ALTER TABLE t3 SET SCHEMA public;
--= ERROR 42P01: relation "t3" does not exist
ALTER TABLE s2.t3 SET SCHEMA nosuch;
--= ERROR 3F000: schema "nosuch" does not exist
ALTER SEQUENCE s2.t_c_seq SET SCHEMA public;
--= ERROR 0A000: cannot move an owned sequence into another schema | Sequence "t_c_seq" is linked to table "t3".
ALTER VIEW v2 SET SCHEMA s2;
--= ALTER VIEW
ALTER TYPE e2 SET SCHEMA s2;
--= ALTER TYPE
ALTER DOMAIN d2 SET SCHEMA s2;
--= ALTER DOMAIN
ALTER TYPE c2 SET SCHEMA s2;
--= ALTER TYPE
ALTER TABLE s2.t3 SET SCHEMA pg_temp;
--= ERROR 0A000: cannot move objects into or out of temporary schemas
CREATE TABLE t3 (x int);
--= CREATE TABLE
ALTER TABLE s2.t3 SET SCHEMA public;
--= ERROR 42P07: relation "t3" already exists in schema "public"
DROP SCHEMA s2 CASCADE;
--= NOTICE 00000: drop cascades to 5 other objects | drop cascades to table s2.t3 // drop cascades to view s2.v2 // drop cascades to type s2.e2 // drop cascades to type s2.d2 // drop cascades to type s2.c2
--= DROP SCHEMA
