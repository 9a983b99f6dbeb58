CREATE STREAM s (ts timestamptz, k int NOT NULL, v float8, WATERMARK FOR ts AS ts - INTERVAL '5 seconds') WITH (idle_timeout = '30 seconds', on_late = 'divert');
--= CREATE STREAM
CREATE STREAM s (ts timestamptz);
--= ERROR 42P07: relation "s" already exists
CREATE STREAM IF NOT EXISTS s (ts timestamptz);
--= NOTICE 42P07: relation "s" already exists, skipping
--= CREATE STREAM
CREATE TABLE s_late (a int);
--= ERROR 42P07: relation "s_late" already exists
CREATE STREAM s2 (ts timestamptz, WATERMARK FOR ts);
--= CREATE STREAM
CREATE STREAM s3 (ts timestamptz, WATERMARK FOR nosuch);
--= ERROR 42703: column "nosuch" named in WATERMARK does not exist @49
CREATE STREAM s3 (ts date, WATERMARK FOR ts);
--= ERROR 42804: the event time must be of type timestamp or timestamp with time zone, but column "ts" is of type date @42
CREATE STREAM s3 (ts timestamptz, WATERMARK FOR ts AS ts - INTERVAL '1 month');
--= ERROR 0A000: a watermark delay with months is not supported @60
CREATE STREAM s3 (ts timestamptz, WATERMARK FOR ts AS ts + INTERVAL '1 hour');
--= ERROR 0A000: this watermark is not supported @58 | Write WATERMARK FOR ts AS ts - INTERVAL '5 seconds'.
CREATE STREAM s3 (ts timestamptz, WATERMARK FOR ts AS now());
--= ERROR 0A000: this watermark is not supported @55 | Write WATERMARK FOR ts AS ts - INTERVAL '5 seconds'.
CREATE STREAM s3 (ts timestamptz, WATERMARK FOR ts AS ts - '1 minute');
--= ERROR 22007: invalid input syntax for type timestamp with time zone: "1 minute" @60
CREATE STREAM s4 (a int PRIMARY KEY);
--= ERROR 0A000: a primary key on a stream is not supported @25 | To ignore repeated rows, give the stream the option dedup_key.
CREATE STREAM s4 (a int UNIQUE);
--= ERROR 0A000: a unique constraint on a stream is not supported @25 | To ignore repeated rows, give the stream the option dedup_key.
CREATE STREAM s4 (a int REFERENCES s);
--= ERROR 0A000: a foreign key on a stream is not supported @25
CREATE STREAM s4 (a int CHECK (a > 0) DEFAULT 1) WITH (retention = '7 days');
--= ERROR 0A000: option "retention" of a stream is not supported @56
CREATE STREAM s4 (a int) WITH (nosuch = 1);
--= ERROR 22023: unrecognized option "nosuch" of a stream @32 | Known options: burst, connector, dedup_key, dedup_window, idle_timeout, max_future_skew, on_error, on_late, rate_limit, retention.
CREATE STREAM s4 (ts timestamptz, WATERMARK FOR ts) WITH (on_late = 'x');
--= ERROR 22023: invalid value for option "on_late": "x" @59 | Available values: divert, drop.
CREATE STREAM s4 (ts timestamptz, WATERMARK FOR ts) WITH (idle_timeout = '1 month');
--= ERROR 22023: invalid value for option "idle_timeout": "1 month" @59 | It must be an interval without months that is not negative.
CREATE STREAM s4 (ts timestamptz, WATERMARK FOR ts) WITH (idle_timeout = 'x');
--= ERROR 22023: invalid value for option "idle_timeout": "x" @59 | It is not an interval.
CREATE STREAM s4 (ts timestamptz) WITH (on_late = 'drop');
--= ERROR 22023: option "on_late" needs a watermark | Declare one: WATERMARK FOR ts AS ts - INTERVAL '5 seconds'.
CREATE STREAM s4 (a int CHECK (a > 0) DEFAULT 1);
--= CREATE STREAM
CREATE TABLE x_late (a int);
--= CREATE TABLE
CREATE STREAM x (ts timestamptz, WATERMARK FOR ts);
--= ERROR 42P07: relation "x_late" already exists
CREATE UNIQUE INDEX ON s (k);
--= ERROR 0A000: a unique constraint on a stream is not supported | To ignore repeated rows, give the stream the option dedup_key.
CREATE INDEX ON s (k);
--= CREATE INDEX
DROP TABLE s;
--= ERROR 42809: "s" is not a table | Use DROP STREAM to remove a stream.
DROP STREAM x_late;
--= ERROR 42809: "x_late" is not a stream | Use DROP TABLE to remove a table.
DROP STREAM s_late;
--= ERROR 2BP01: cannot drop stream s_late because stream s requires it | You can drop stream s instead.
CREATE VIEW vl AS SELECT * FROM s_late;
--= CREATE VIEW
DROP STREAM s;
--= ERROR 2BP01: cannot drop stream s because other objects depend on it | view vl depends on stream s_late | Use DROP ... CASCADE to drop the dependent objects too.
DROP STREAM s CASCADE;
--= NOTICE 00000: drop cascades to view vl
--= DROP STREAM
DROP STREAM s;
--= ERROR 42P01: stream "s" does not exist
DROP STREAM IF EXISTS s;
--= NOTICE 00000: stream "s" does not exist, skipping
--= DROP STREAM
TRUNCATE s2;
--= ERROR 0A000: TRUNCATE on stream "s2" is not supported | A stream is append-only.
CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM s2 EMIT ON WINDOW CLOSE;
--= ERROR 0A000: EMIT ON WINDOW CLOSE is not supported without a window column in the result @60 | Select window_start or window_end of TUMBLE, HOP or CUMULATE over a stream with a watermark, or group by date_trunc or date_bin of its event time.
CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM s2 WITH NO DATA;
--= ERROR 0A000: WITH NO DATA is not supported
CREATE MATERIALIZED VIEW m AS SELECT random() AS n FROM s2;
--= ERROR 0A000: volatile function random cannot be used in a materialized view @38 | Its value would change without a change of the view's input.
CREATE MATERIALIZED VIEW m AS SELECT ts FROM s2 ORDER BY ts;
--= NOTICE 01000: the ORDER BY of a materialized view is not kept | Put it into the queries that read the view.
--= SELECT
CREATE MATERIALIZED VIEW m AS SELECT ts FROM s2;
--= ERROR 42P07: relation "m" already exists
CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT ts FROM s2;
--= NOTICE 42P07: relation "m" already exists, skipping
--= CREATE MATERIALIZED VIEW
CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT ts AS t FROM s2;
--= SELECT
CREATE MATERIALIZED VIEW m2 WITH (emit = 'x') AS SELECT ts AS t FROM s2;
--= ERROR 22023: invalid value for option "emit": "x" @35 | Available values: update, window_close.
CREATE MATERIALIZED VIEW m2 WITH (nosuch = 'x') AS SELECT ts AS t FROM s2;
--= ERROR 22023: unrecognized parameter "nosuch"
CREATE MATERIALIZED VIEW m2 WITH (emit = 'update') AS SELECT t FROM m;
--= SELECT
CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT ts AS t FROM s2;
--= ERROR 2BP01: cannot drop materialized view m because other objects depend on it | materialized view m2 depends on materialized view m | Use DROP ... CASCADE to drop the dependent objects too.
REFRESH MATERIALIZED VIEW m;
--= NOTICE 00000: materialized view "m" is always up to date
--= REFRESH MATERIALIZED VIEW
REFRESH MATERIALIZED VIEW s2;
--= ERROR 0A000: "s2" is not a materialized view
DROP STREAM s2;
--= ERROR 2BP01: cannot drop stream s2 because other objects depend on it | materialized view m depends on stream s2 // materialized view m2 depends on materialized view m | Use DROP ... CASCADE to drop the dependent objects too.
