CREATE ROLE ddl_a;
--= CREATE ROLE
CREATE ROLE ddl_a;
--= ERROR 42710: role "ddl_a" already exists
CREATE USER ddl_b PASSWORD 'x' CONNECTION LIMIT 5 VALID UNTIL '2030-01-01' IN ROLE ddl_a;
--= CREATE ROLE
CREATE ROLE pg_x;
--= ERROR 42939: role name "pg_x" is reserved | Role names starting with "pg_" are reserved.
CREATE ROLE ddl_c SUPERUSER SUPERUSER;
--= ERROR 42601: conflicting or redundant options @29
CREATE ROLE ddl_c CONNECTION LIMIT -5;
--= ERROR 22023: invalid connection limit: -5
CREATE ROLE ddl_c VALID UNTIL 'x';
--= ERROR 22007: invalid input syntax for type timestamp with time zone: "x"
CREATE ROLE ddl_c PASSWORD '' CREATEROLE LOGIN ROLE ddl_b ADMIN nosuch;
--= NOTICE 00000: empty string is not a valid password, clearing password
--= ERROR 42704: role "nosuch" does not exist
CREATE ROLE ddl_c PASSWORD '' CREATEROLE LOGIN ROLE ddl_b ADMIN postgres;
--= NOTICE 00000: empty string is not a valid password, clearing password
--= CREATE ROLE
GRANT ddl_a TO ddl_b;
--= NOTICE 00000: role "ddl_b" is already a member of role "ddl_a"
--= GRANT ROLE
GRANT ddl_b TO ddl_a;
--= ERROR 0LP01: role "ddl_b" is a member of role "ddl_a"
GRANT ddl_a TO nosuch;
--= ERROR 42704: role "nosuch" does not exist
GRANT nosuch TO ddl_a;
--= ERROR 42704: role "nosuch" does not exist
GRANT ddl_a TO public;
--= ERROR 42704: role "public" does not exist
GRANT ddl_a TO ddl_c WITH ADMIN OPTION;
--= GRANT ROLE
REVOKE ADMIN OPTION FOR ddl_a FROM ddl_c;
--= REVOKE ROLE
REVOKE ddl_a FROM ddl_c;
--= REVOKE ROLE
REVOKE ddl_a FROM ddl_c;
--= WARNING 01000: role "ddl_c" is not a member of role "ddl_a"
--= REVOKE ROLE
ALTER ROLE ddl_b NOLOGIN PASSWORD NULL;
--= ALTER ROLE
ALTER ROLE nosuch LOGIN;
--= ERROR 42704: role "nosuch" does not exist
ALTER ROLE ddl_b SET work_mem = '8MB';
--= ALTER ROLE
ALTER ROLE ddl_b RESET work_mem;
--= ALTER ROLE
ALTER ROLE ddl_b RENAME TO ddl_a;
--= ERROR 42710: role "ddl_a" already exists
ALTER ROLE ddl_b RENAME TO ddl_d;
--= ALTER ROLE
ALTER ROLE postgres RENAME TO ddl_e;
--= ERROR 0A000: session user cannot be renamed
ALTER GROUP ddl_a ADD USER ddl_c;
--= ALTER ROLE
CREATE SCHEMA own AUTHORIZATION ddl_a;
--= CREATE SCHEMA
CREATE TABLE t (a int, b text);
--= CREATE TABLE
CREATE SEQUENCE q;
--= CREATE SEQUENCE
CREATE VIEW v AS SELECT a FROM t;
--= CREATE VIEW
CREATE TYPE e AS ENUM ('x');
--= CREATE TYPE
GRANT SELECT, INSERT ON t TO ddl_a;
--= GRANT
GRANT ALL ON t TO ddl_d WITH GRANT OPTION;
--= GRANT
GRANT SELECT ON nosuch TO ddl_a;
--= ERROR 42P01: relation "nosuch" does not exist
GRANT SELECT ON t TO nosuch;
--= ERROR 42704: role "nosuch" does not exist
GRANT USAGE ON t TO ddl_a;
--= ERROR 0LP01: invalid privilege type USAGE for table
GRANT nonsense ON t TO ddl_a;
--= ERROR 42601: unrecognized privilege type "nonsense"
GRANT EXECUTE ON t TO ddl_a;
--= ERROR 0LP01: invalid privilege type EXECUTE for relation
GRANT SELECT (a), UPDATE (b) ON t TO ddl_a;
--= GRANT
GRANT SELECT (nosuch) ON t TO ddl_a;
--= ERROR 42703: column "nosuch" of relation "t" does not exist
GRANT DELETE (a) ON t TO ddl_a;
--= ERROR 0LP01: invalid privilege type DELETE for column
GRANT SELECT ON t TO public WITH GRANT OPTION;
--= ERROR 0LP01: grant options can only be granted to roles
GRANT USAGE ON SEQUENCE q TO ddl_a;
--= GRANT
GRANT USAGE ON SEQUENCE t TO ddl_a;
--= ERROR 42809: "t" is not a sequence
GRANT INSERT ON q TO ddl_a;
--= WARNING 0LP01: sequence "q" only supports USAGE, SELECT, and UPDATE privileges
--= GRANT
GRANT INSERT ON SEQUENCE q TO ddl_a;
--= ERROR 0LP01: invalid privilege type INSERT for sequence
GRANT USAGE, CREATE ON SCHEMA public TO ddl_a;
--= GRANT
GRANT SELECT ON SCHEMA public TO ddl_a;
--= ERROR 0LP01: invalid privilege type SELECT for schema
GRANT SELECT ON ALL TABLES IN SCHEMA public TO ddl_a;
--= GRANT
GRANT SELECT ON ALL TABLES IN SCHEMA nosuch TO ddl_a;
--= ERROR 3F000: schema "nosuch" does not exist
REVOKE SELECT ON t FROM ddl_a;
--= REVOKE
REVOKE GRANT OPTION FOR SELECT ON t FROM ddl_d;
--= REVOKE
SET ROLE ddl_a;
--= SET
DROP TABLE t;
--= ERROR 42501: must be owner of table t
ALTER TABLE t ADD x int;
--= ERROR 42501: must be owner of table t
CREATE TABLE own.t (a int);
--= CREATE TABLE
CREATE INDEX ON t (a);
--= ERROR 42501: must be owner of table t
TRUNCATE t;
--= ERROR 42501: permission denied for table t
CREATE SCHEMA other;
--= ERROR 42501: permission denied for database postgres
CREATE ROLE ddl_z;
--= ERROR 42501: permission denied to create role
DROP ROLE ddl_d;
--= ERROR 42501: permission denied to drop role
GRANT SELECT ON t TO ddl_d;
--= WARNING 01007: no privileges were granted for "t"
--= GRANT
GRANT DELETE ON t TO ddl_d;
--= WARNING 01007: no privileges were granted for "t"
--= GRANT
COMMENT ON TABLE t IS 'x';
--= ERROR 42501: must be owner of table t
ALTER TYPE e ADD VALUE 'y';
--= ERROR 42501: must be owner of type e
ALTER TYPE e RENAME TO f;
--= ERROR 42501: must be owner of type e
ALTER SCHEMA public RENAME TO p;
--= ERROR 42501: must be owner of schema public
ALTER SEQUENCE q RESTART;
--= ERROR 42501: must be owner of sequence q
CREATE OR REPLACE VIEW v AS SELECT a FROM t;
--= ERROR 42501: must be owner of view v
ALTER TABLE own.t OWNER TO ddl_d;
--= ERROR 42501: must be member of role "ddl_d"
ALTER TABLE own.t OWNER TO ddl_a;
--= ALTER TABLE
REFRESH MATERIALIZED VIEW nosuch;
--= ERROR 42P01: relation "nosuch" does not exist
SET ROLE ddl_d;
--= SET
CREATE TABLE own.t2 (a int);
--= CREATE TABLE
CREATE TABLE t2 (LIKE v);
--= CREATE TABLE
CREATE TABLE t2 (LIKE t);
--= ERROR 42P07: relation "t2" already exists
DROP TABLE t2;
--= DROP TABLE
GRANT INSERT ON t TO ddl_c;
--= GRANT
GRANT SELECT ON t TO ddl_c;
--= WARNING 01007: no privileges were granted for "t"
--= GRANT
GRANT ALL ON t TO ddl_c;
--= GRANT
CREATE TABLE ref (a int PRIMARY KEY);
--= CREATE TABLE
SET ROLE postgres;
--= SET
REVOKE INSERT ON t FROM ddl_d;
--= ERROR 2BP01: dependent privileges exist | Use CASCADE to revoke them too.
REVOKE INSERT ON t FROM ddl_d CASCADE;
--= REVOKE
DROP ROLE ddl_a;
--= ERROR 2BP01: role "ddl_a" cannot be dropped because some objects depend on it | privileges for schema public // owner of schema own // privileges for table t // privileges for column b of table t // privileges for sequence q // privileges for view v // owner of table own.t
ALTER TABLE t OWNER TO ddl_d;
--= ALTER TABLE
ALTER INDEX nosuch OWNER TO ddl_d;
--= ERROR 42P01: relation "nosuch" does not exist
ALTER SEQUENCE q OWNER TO ddl_d;
--= ALTER SEQUENCE
ALTER SCHEMA own OWNER TO ddl_d;
--= ALTER SCHEMA
ALTER TYPE e OWNER TO ddl_d;
--= ALTER TYPE
ALTER VIEW v OWNER TO nosuch;
--= ERROR 42704: role "nosuch" does not exist
DROP ROLE nosuch;
--= ERROR 42704: role "nosuch" does not exist
DROP ROLE IF EXISTS nosuch;
--= NOTICE 00000: role "nosuch" does not exist, skipping
--= DROP ROLE
DROP ROLE postgres;
--= ERROR 55006: current user cannot be dropped
DROP TABLE t CASCADE;
--= NOTICE 00000: drop cascades to view v
--= DROP TABLE
DROP TABLE ref;
--= DROP TABLE
DROP SCHEMA own CASCADE;
--= NOTICE 00000: drop cascades to 2 other objects | drop cascades to table own.t // drop cascades to table own.t2
--= DROP SCHEMA
DROP SEQUENCE q;
--= DROP SEQUENCE
DROP TYPE e;
--= DROP TYPE
REVOKE ALL ON SCHEMA public FROM ddl_a;
--= REVOKE
DROP ROLE ddl_a, ddl_c, ddl_d;
--= DROP ROLE
