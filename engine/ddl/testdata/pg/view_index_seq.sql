CREATE TABLE t (a int, b text, c timestamptz);
--= CREATE TABLE
CREATE VIEW v AS SELECT * FROM t;
--= CREATE VIEW
CREATE VIEW v AS SELECT 1;
--= ERROR 42P07: relation "v" already exists
CREATE VIEW v1 (x, y) AS SELECT 1;
--= ERROR 42601: CREATE VIEW specifies more column names than columns
CREATE VIEW v1 (x) AS SELECT a, b FROM t;
--= CREATE VIEW
CREATE VIEW v2 AS SELECT a, a FROM t;
--= ERROR 42701: column "a" specified more than once
CREATE VIEW v2 AS SELECT 'x' AS u, NULL AS n;
--= CREATE VIEW
CREATE VIEW v3 AS SELECT nosuch FROM t;
--= ERROR 42703: column "nosuch" does not exist @26
CREATE OR REPLACE VIEW v AS SELECT a, b FROM t;
--= ERROR 42P16: cannot drop columns from view
CREATE OR REPLACE VIEW v AS SELECT a, b AS x, c FROM t;
--= ERROR 42P16: cannot change name of view column "b" to "x" | Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.
CREATE OR REPLACE VIEW v AS SELECT a, a AS b, c FROM t;
--= ERROR 42P16: cannot change data type of view column "b" from text to integer
CREATE OR REPLACE VIEW v AS SELECT a, b, c, a + 1 AS d FROM t;
--= CREATE VIEW
CREATE OR REPLACE VIEW t AS SELECT 1;
--= ERROR 42809: "t" is not a view
CREATE VIEW v4 AS SELECT $1;
--= ERROR 42P02: there is no parameter $1 @26
CREATE VIEW v4 AS SELECT 1 INTO x;
--= ERROR 0A000: views must not contain SELECT INTO
CREATE TEMP TABLE tmp (a int);
--= CREATE TABLE
CREATE VIEW tv AS SELECT a FROM tmp;
--= NOTICE 00000: view "tv" will be a temporary view
--= CREATE VIEW
CREATE RECURSIVE VIEW rv (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM rv WHERE n < 5;
--= CREATE VIEW
CREATE VIEW vb WITH (security_barrier) AS SELECT 1 AS x;
--= CREATE VIEW
CREATE VIEW vb2 WITH (nosuch = 1) AS SELECT 1 AS x;
--= ERROR 22023: unrecognized parameter "nosuch"

CREATE INDEX ON t (a);
--= CREATE INDEX
CREATE INDEX ON t (a);
--= CREATE INDEX
CREATE INDEX ON t (a, a, lower(b));
--= CREATE INDEX
CREATE INDEX ON t (lower(b), (a + 1), (a + 2));
--= CREATE INDEX
CREATE INDEX i ON t (b DESC NULLS LAST) INCLUDE (a) WHERE a > 0;
--= CREATE INDEX
CREATE INDEX i ON t (b);
--= ERROR 42P07: relation "i" already exists
CREATE INDEX IF NOT EXISTS i ON t (b);
--= NOTICE 42P07: relation "i" already exists, skipping
--= CREATE INDEX
CREATE INDEX ON t (nosuch);
--= ERROR 42703: column "nosuch" does not exist
CREATE INDEX ON t ((nosuch + 1));
--= ERROR 42703: column "nosuch" does not exist @21
CREATE INDEX ON t (random());
--= ERROR 42P17: functions in index expression must be marked IMMUTABLE
CREATE INDEX ON t (a) WHERE random() > 0.5;
--= ERROR 42P17: functions in index predicate must be marked IMMUTABLE
CREATE INDEX ON t (a) WHERE b;
--= ERROR 42804: argument of WHERE must be type boolean, not type text @29
CREATE INDEX ON t (a) WHERE c > now();
--= ERROR 42P17: functions in index predicate must be marked IMMUTABLE
CREATE INDEX ON nosuch (a);
--= ERROR 42P01: relation "nosuch" does not exist
CREATE INDEX ON v (a);
--= ERROR 42809: cannot create index on relation "v" | This operation is not supported for views.
CREATE INDEX ON t USING nosuch (a);
--= ERROR 42704: access method "nosuch" does not exist
CREATE INDEX ON t (b text_pattern_ops);
--= CREATE INDEX
CREATE INDEX ON t (a text_pattern_ops);
--= ERROR 42804: operator class "text_pattern_ops" does not accept data type integer
CREATE INDEX ON t (a nosuch_ops);
--= ERROR 42704: operator class "nosuch_ops" does not exist for access method "btree"
CREATE INDEX ON t (b COLLATE "C");
--= CREATE INDEX
CREATE INDEX ON t (a COLLATE "C");
--= ERROR 42804: collations are not supported by type integer
CREATE INDEX ON t (a) INCLUDE ((b || 'x'));
--= ERROR 0A000: expressions are not supported in included columns
CREATE INDEX ON t (a) WITH (fillfactor = 5);
--= ERROR 22023: value 5 out of bounds for option "fillfactor" | Valid values are between "10" and "100".
CREATE INDEX ON t (a) WITH (nosuch = 5);
--= ERROR 22023: unrecognized parameter "nosuch"
CREATE UNIQUE INDEX ON t USING hash (a);
--= ERROR 0A000: access method "hash" does not support unique indexes
CREATE INDEX ON t USING hash (a, b);
--= ERROR 0A000: access method "hash" does not support multicolumn indexes
CREATE INDEX h ON t USING hash (a);
--= CREATE INDEX
CREATE TABLE j (x json);
--= CREATE TABLE
CREATE INDEX ON j (x);
--= ERROR 42704: data type json has no default operator class for access method "btree" | You must specify an operator class for the index or define a default operator class for the data type.
CREATE INDEX ON pg_class (relname);
--= ERROR 42501: permission denied: "pg_class" is a system catalog

CREATE SEQUENCE q;
--= CREATE SEQUENCE
CREATE SEQUENCE q;
--= ERROR 42P07: relation "q" already exists
CREATE SEQUENCE IF NOT EXISTS q;
--= NOTICE 42P07: relation "q" already exists, skipping
--= CREATE SEQUENCE
CREATE SEQUENCE q1 INCREMENT 0;
--= ERROR 22023: INCREMENT must not be zero
CREATE SEQUENCE q1 AS text;
--= ERROR 22023: sequence type must be smallint, integer, or bigint
CREATE SEQUENCE q1 AS smallint MAXVALUE 100000;
--= ERROR 22023: MAXVALUE (100000) is out of range for sequence data type smallint
CREATE SEQUENCE q1 AS smallint MINVALUE -100000;
--= ERROR 22023: MINVALUE (-100000) is out of range for sequence data type smallint
CREATE SEQUENCE q1 MINVALUE 10 MAXVALUE 5;
--= ERROR 22023: MINVALUE (10) must be less than MAXVALUE (5)
CREATE SEQUENCE q1 START 0;
--= ERROR 22023: START value (0) cannot be less than MINVALUE (1)
CREATE SEQUENCE q1 MAXVALUE 10 START 11;
--= ERROR 22023: START value (11) cannot be greater than MAXVALUE (10)
CREATE SEQUENCE q1 CACHE 0;
--= ERROR 22023: CACHE (0) must be greater than zero
CREATE SEQUENCE q1 CYCLE NO CYCLE;
--= ERROR 42601: conflicting or redundant options @26
CREATE SEQUENCE q1 OWNED BY t;
--= ERROR 42601: invalid OWNED BY option | Specify OWNED BY table.column or OWNED BY NONE.
CREATE SEQUENCE q1 OWNED BY t.nosuch;
--= ERROR 42703: column "nosuch" of relation "t" does not exist
CREATE SEQUENCE q1 OWNED BY nosuch.a;
--= ERROR 42P01: relation "nosuch" does not exist
CREATE SEQUENCE q1 OWNED BY q.a;
--= ERROR 42809: sequence cannot be owned by relation "q" | This operation is not supported for sequences.
CREATE SEQUENCE q1 INCREMENT -1 CACHE 10 OWNED BY t.a;
--= CREATE SEQUENCE
CREATE SEQUENCE q2 AS int RESTART;
--= CREATE SEQUENCE
CREATE TEMP SEQUENCE tq;
--= CREATE SEQUENCE
CREATE SEQUENCE q3 START 99999999999999999999;
--= ERROR 22003: value "99999999999999999999" is out of range for type bigint

COMMENT ON TABLE t IS 'x';
--= COMMENT
COMMENT ON TABLE v IS 'x';
--= ERROR 42809: "v" is not a table
COMMENT ON VIEW v IS 'x';
--= COMMENT
COMMENT ON COLUMN t.a IS 'x';
--= COMMENT
COMMENT ON COLUMN t.nosuch IS 'x';
--= ERROR 42703: column "nosuch" of relation "t" does not exist
COMMENT ON COLUMN q.last_value IS 'x';
--= ERROR 42809: cannot set comment on relation "q" | This operation is not supported for sequences.
COMMENT ON INDEX i IS '';
--= COMMENT
COMMENT ON CONSTRAINT nosuch ON t IS 'x';
--= ERROR 42704: constraint "nosuch" for table "t" does not exist
COMMENT ON SCHEMA public IS NULL;
--= COMMENT
COMMENT ON SCHEMA nosuch IS 'x';
--= ERROR 3F000: schema "nosuch" does not exist
COMMENT ON TYPE nosuch IS 'x';
--= ERROR 42704: type "nosuch" does not exist
COMMENT ON DOMAIN int4 IS 'x';
--= ERROR 42809: "int4" is not a domain
COMMENT ON ROLE nosuch IS 'x';
--= ERROR 42704: role "nosuch" does not exist
COMMENT ON TABLE nosuch IS 'x';
--= ERROR 42P01: relation "nosuch" does not exist

CREATE TABLE c1 AS SELECT a, b, 'x' AS u FROM t;
--= SELECT
CREATE TABLE c1 AS SELECT 1;
--= ERROR 42P07: relation "c1" already exists
CREATE TABLE IF NOT EXISTS c1 AS SELECT 1;
--= NOTICE 42P07: relation "c1" already exists, skipping
--= CREATE TABLE AS
CREATE TABLE c2 (x, y) AS SELECT 1;
--= ERROR 42601: too many column names were specified
CREATE TABLE c2 (x, y) AS SELECT 1, 2 WITH NO DATA;
--= CREATE TABLE AS
CREATE TABLE c3 AS SELECT 1, 2;
--= ERROR 42701: column "?column?" specified more than once
CREATE TABLE c4 AS SELECT row(1, 2);
--= ERROR 42P16: column "row" has pseudo-type record
