CREATE ROLE ddl_p;
--= CREATE ROLE
CREATE ROLE ddl_q;
--= CREATE ROLE
CREATE SCHEMA hidden;
--= CREATE SCHEMA
CREATE TABLE hidden.t (a int);
--= CREATE TABLE
CREATE TABLE t (a int CHECK (a > 0), b text DEFAULT 'x', c int GENERATED ALWAYS AS (a * 2) STORED);
--= CREATE TABLE
CREATE TABLE u (a int, b text);
--= CREATE TABLE
CREATE VIEW v AS SELECT a, b FROM t;
--= CREATE VIEW
CREATE VIEW w AS SELECT a FROM v;
--= CREATE VIEW
CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
--= SELECT
CREATE SEQUENCE q;
--= CREATE SEQUENCE
GRANT SELECT (a), INSERT (a, b), UPDATE (b) ON t TO ddl_p;
--= GRANT
GRANT SELECT ON w TO ddl_p;
--= GRANT
GRANT SELECT ON u TO ddl_q;
--= GRANT
GRANT ddl_q TO ddl_p;
--= GRANT ROLE
GRANT SELECT ON hidden.t TO ddl_p;
--= GRANT
SET ROLE ddl_p;
--= SET
SELECT a FROM t;
--= SELECT
SELECT b FROM t;
--= ERROR 42501: permission denied for table t
SELECT * FROM t;
--= ERROR 42501: permission denied for table t
SELECT count(*) FROM t;
--= SELECT
SELECT 1 FROM t;
--= SELECT
SELECT t FROM t;
--= ERROR 42501: permission denied for table t
SELECT a FROM t WHERE b = 'x';
--= ERROR 42501: permission denied for table t
SELECT a FROM t ORDER BY c;
--= ERROR 42501: permission denied for table t
SELECT x.a FROM t x JOIN u USING (a);
--= SELECT
SELECT * FROM u;
--= SELECT
SELECT * FROM v;
--= ERROR 42501: permission denied for view v
SELECT * FROM w;
--= SELECT
SELECT * FROM m;
--= ERROR 42501: permission denied for materialized view m
SELECT * FROM q;
--= ERROR 42501: permission denied for sequence q
SELECT relname FROM pg_class WHERE false;
--= SELECT
SELECT * FROM pg_authid WHERE false;
--= ERROR 42501: permission denied for table pg_authid
SELECT table_name FROM information_schema.tables WHERE false;
--= SELECT
SELECT (SELECT max(b) FROM t);
--= ERROR 42501: permission denied for table t
INSERT INTO t (a, b) SELECT 1, 'x' WHERE false;
--= INSERT 0 0
INSERT INTO t (a) SELECT 1 WHERE false;
--= INSERT 0 0
INSERT INTO u (a) SELECT 1 WHERE false;
--= ERROR 42501: permission denied for table u
INSERT INTO t (a) SELECT 1 WHERE false RETURNING a;
--= INSERT 0 0
INSERT INTO t (a) SELECT 1 WHERE false RETURNING b;
--= ERROR 42501: permission denied for table t
UPDATE t SET b = 'y' WHERE false;
--= UPDATE 0
UPDATE t SET b = b WHERE false;
--= ERROR 42501: permission denied for table t
UPDATE t SET b = 'y' WHERE a = 1 AND false;
--= UPDATE 0
UPDATE t SET a = 1 WHERE false;
--= ERROR 42501: permission denied for table t
UPDATE u SET a = 1 WHERE false;
--= ERROR 42501: permission denied for table u
DELETE FROM t WHERE false;
--= ERROR 42501: permission denied for table t
DELETE FROM u WHERE a = 1 AND false;
--= ERROR 42501: permission denied for table u
SET ROLE postgres;
--= SET
GRANT DELETE ON t TO ddl_p;
--= GRANT
REVOKE SELECT (a) ON t FROM ddl_p;
--= REVOKE
ALTER VIEW w OWNER TO ddl_q;
--= ALTER VIEW
SET ROLE ddl_p;
--= SET
DELETE FROM t WHERE false;
--= DELETE 0
DELETE FROM t WHERE a = 1 AND false;
--= ERROR 42501: permission denied for table t
SELECT 1 FROM t;
--= ERROR 42501: permission denied for table t
SELECT * FROM w;
--= ERROR 42501: permission denied for view v
SET ROLE postgres;
--= SET
DROP MATERIALIZED VIEW m;
--= DROP MATERIALIZED VIEW
DROP VIEW w;
--= DROP VIEW
DROP VIEW v;
--= DROP VIEW
DROP TABLE t, u;
--= DROP TABLE
DROP SEQUENCE q;
--= DROP SEQUENCE
DROP SCHEMA hidden CASCADE;
--= NOTICE 00000: drop cascades to table hidden.t
--= DROP SCHEMA
DROP ROLE ddl_p, ddl_q;
--= DROP ROLE
