CREATE TYPE e AS ENUM ('a', 'b');
--= CREATE TYPE
CREATE TYPE e AS ENUM ('a');
--= ERROR 42710: type "e" already exists
CREATE TYPE e2 AS ENUM ();
--= CREATE TYPE
CREATE TYPE e3 AS ENUM ('0123456789012345678901234567890123456789012345678901234567890123456789');
--= ERROR 42602: invalid enum label "0123456789012345678901234567890123456789012345678901234567890123456789" | Labels must be 63 bytes or less.
CREATE TABLE t (x e DEFAULT 'a' CHECK (x <> 'b'), y e[]);
--= CREATE TABLE
CREATE TABLE t2 (x e DEFAULT 'nosuch');
--= ERROR 22P02: invalid input value for enum e: "nosuch" @30
DROP TYPE e;
--= ERROR 2BP01: cannot drop type e because other objects depend on it | column y of table t depends on type e[] // column x of table t depends on type e | Use DROP ... CASCADE to drop the dependent objects too.
DROP TYPE e CASCADE;
--= NOTICE 00000: drop cascades to 2 other objects | drop cascades to column y of table t // drop cascades to column x of table t
--= DROP TYPE
CREATE TYPE c AS (a int, b text);
--= CREATE TYPE
CREATE TYPE c AS (a int);
--= ERROR 42710: type "c" already exists
CREATE TYPE c2 AS (a int, a text);
--= ERROR 42701: column "a" specified more than once
CREATE TYPE c2 AS (a nosuch);
--= ERROR 42704: type "nosuch" does not exist
CREATE TYPE c2 AS (a record);
--= ERROR 42P16: column "a" has pseudo-type record
CREATE TYPE c2 AS ();
--= CREATE TYPE
CREATE TYPE c3 AS (a c, b c[]);
--= CREATE TYPE
ALTER TYPE c ADD ATTRIBUTE z int, DROP ATTRIBUTE b;
--= ALTER TYPE
ALTER TYPE c ADD ATTRIBUTE z int;
--= ERROR 42701: column "z" of relation "c" already exists
ALTER TYPE c DROP ATTRIBUTE nosuch;
--= ERROR 42703: column "nosuch" of relation "c" does not exist
ALTER TYPE c DROP ATTRIBUTE IF EXISTS nosuch;
--= NOTICE 00000: column "nosuch" of relation "c" does not exist, skipping
--= ALTER TYPE
ALTER TYPE c ALTER ATTRIBUTE z TYPE text;
--= ALTER TYPE
ALTER TYPE c ALTER ATTRIBUTE nosuch TYPE text;
--= ERROR 42703: column "nosuch" of relation "c" does not exist
ALTER TYPE nosuch ADD ATTRIBUTE z int;
--= ERROR 42P01: relation "nosuch" does not exist
ALTER TYPE c ADD ATTRIBUTE q c3;
--= ERROR 42P16: composite type c cannot be made a member of itself
DROP TYPE c;
--= ERROR 2BP01: cannot drop type c because other objects depend on it | column b of composite type c3 depends on type c[] // column a of composite type c3 depends on type c | Use DROP ... CASCADE to drop the dependent objects too.
DROP TYPE c CASCADE;
--= NOTICE 00000: drop cascades to 2 other objects | drop cascades to column b of composite type c3 // drop cascades to column a of composite type c3
--= DROP TYPE
CREATE DOMAIN d AS int DEFAULT 1 NOT NULL CHECK (VALUE > 0) CONSTRAINT small CHECK (VALUE < 100);
--= CREATE DOMAIN
CREATE DOMAIN d AS int;
--= ERROR 42710: type "d" already exists
CREATE DOMAIN d2 AS nosuch;
--= ERROR 42704: type "nosuch" does not exist
CREATE DOMAIN d2 AS record;
--= ERROR 42804: "record" is not a valid base type for a domain
CREATE DOMAIN d2 AS int DEFAULT 'x';
--= ERROR 22P02: invalid input syntax for type integer: "x"
CREATE DOMAIN d2 AS int DEFAULT 1 DEFAULT 2;
--= ERROR 42601: multiple default expressions
CREATE DOMAIN d2 AS int NULL NOT NULL;
--= ERROR 42601: conflicting NULL/NOT NULL constraints
CREATE DOMAIN d2 AS int UNIQUE;
--= ERROR 42601: unique constraints not possible for domains
CREATE DOMAIN d2 AS int PRIMARY KEY;
--= ERROR 42601: primary key constraints not possible for domains
CREATE DOMAIN d2 AS int REFERENCES t;
--= ERROR 42601: foreign key constraints not possible for domains
CREATE DOMAIN d2 AS int CHECK (nosuch > 0);
--= ERROR 42703: column "nosuch" does not exist
CREATE DOMAIN d2 AS int CHECK (VALUE);
--= ERROR 42804: argument of CHECK must be type boolean, not type integer
CREATE DOMAIN d2 AS int CHECK (VALUE > 0) CHECK (VALUE > 1) CONSTRAINT d2_check CHECK (VALUE > 2);
--= ERROR 42710: constraint "d2_check" for domain "d2" already exists
CREATE DOMAIN d2 AS int CHECK (VALUE > 0) CHECK (VALUE > 1);
--= CREATE DOMAIN
CREATE DOMAIN d3 AS d CHECK (VALUE > 10);
--= CREATE DOMAIN
CREATE DOMAIN d4 AS varchar(10) COLLATE "C";
--= CREATE DOMAIN
CREATE DOMAIN d5 AS int COLLATE "C";
--= ERROR 42804: collations are not supported by type integer
ALTER DOMAIN d SET DEFAULT 5;
--= ALTER DOMAIN
ALTER DOMAIN d SET DEFAULT 'x';
--= ERROR 22P02: invalid input syntax for type integer: "x"
ALTER DOMAIN d DROP DEFAULT;
--= ALTER DOMAIN
ALTER DOMAIN d DROP NOT NULL;
--= ALTER DOMAIN
ALTER DOMAIN d SET NOT NULL;
--= ALTER DOMAIN
ALTER DOMAIN d ADD CHECK (VALUE <> 7);
--= ALTER DOMAIN
ALTER DOMAIN d ADD CONSTRAINT small CHECK (VALUE <> 7);
--= ERROR 42710: constraint "small" for domain "d" already exists
ALTER DOMAIN d ADD CONSTRAINT nv CHECK (VALUE <> 8) NOT VALID;
--= ALTER DOMAIN
ALTER DOMAIN d VALIDATE CONSTRAINT nv;
--= ALTER DOMAIN
ALTER DOMAIN d VALIDATE CONSTRAINT nosuch;
--= ERROR 42704: constraint "nosuch" of domain "d" does not exist
ALTER DOMAIN d DROP CONSTRAINT nosuch;
--= ERROR 42704: constraint "nosuch" of domain "d" does not exist
ALTER DOMAIN d DROP CONSTRAINT IF EXISTS nosuch;
--= NOTICE 00000: constraint "nosuch" of domain "d" does not exist, skipping
--= ALTER DOMAIN
ALTER DOMAIN d DROP CONSTRAINT small;
--= ALTER DOMAIN
ALTER DOMAIN nosuch DROP NOT NULL;
--= ERROR 42704: type "nosuch" does not exist
ALTER DOMAIN t DROP NOT NULL;
--= ERROR 42809: t is not a domain
CREATE TABLE td (x d, y d3[]);
--= CREATE TABLE
ALTER TABLE td ADD z d3;
--= ALTER TABLE
DROP DOMAIN d;
--= ERROR 2BP01: cannot drop type d because other objects depend on it | type d3 depends on type d // column y of table td depends on type d3[] // column z of table td depends on type d3 // column x of table td depends on type d | Use DROP ... CASCADE to drop the dependent objects too.
DROP DOMAIN d CASCADE;
--= NOTICE 00000: drop cascades to 4 other objects | drop cascades to type d3 // drop cascades to column y of table td // drop cascades to column z of table td // drop cascades to column x of table td
--= DROP DOMAIN
DROP TYPE d2;
--= DROP TYPE
DROP DOMAIN IF EXISTS d2;
--= NOTICE 00000: type "d2" does not exist, skipping
--= DROP DOMAIN
DROP DOMAIN t;
--= ERROR 42809: "t" is not a domain
