-- Statements of the streaming syntax for the tests: one per paragraph. What they mean is in
-- streaming_test.go and in the documentation of the dialect.

CREATE STREAM IF NOT EXISTS readings (ts timestamptz NOT NULL, sensor_id int NOT NULL, value double precision, WATERMARK FOR ts AS ts - INTERVAL '5 seconds') WITH (retention = '7 days', idle_timeout = '30 seconds', on_late = 'divert', dedup_key = 'event_id', dedup_window = '1 hour', properties.bootstrap.server = 'x', 'a.b' = 'c', n = 5, flag, on_error = divert)

CREATE SOURCE s (ts timestamp, WATERMARK FOR ts)

CREATE STREAM s (watermark int, WATERMARK FOR watermark AS watermark - 1, PRIMARY KEY (watermark))

SELECT window_start, count(*) FROM TUMBLE(readings, ts, INTERVAL '1 minute') GROUP BY window_start

SELECT * FROM SESSION(readings, ts, INTERVAL '5 minutes', partition_by => sensor_id)

SELECT * FROM SESSION(readings, ts, INTERVAL '5 minutes', partition_by => a, b + 1) s

SELECT * FROM SESSION(readings, ts, INTERVAL '5 minutes', partition_by => (a, b), partition_by => c)

SELECT * FROM CUMULATE(readings, ts, INTERVAL '1 s', INTERVAL '1 minute') c JOIN t ON c.a = t.a

SELECT * FROM TUMBLE((SELECT * FROM a WHERE b > 0), ts, INTERVAL '1 minute')

SELECT * FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) w

SELECT * FROM TABLE(TUMBLE(DATA => TABLE readings, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' MINUTE, OFFSET => INTERVAL '1' second))

SELECT * FROM TABLE(SESSION(TABLE readings PARTITION BY item, k, DESCRIPTOR(ts), INTERVAL '1' MINUTE))

SELECT tumble(ts, '1 min'), count(*) FROM r GROUP BY tumble(ts, INTERVAL '1 minute')

SELECT * FROM tumble(5, 6), tumble, tumble('a', b) x, hop(a => 1), public.tumble(a, b, c)

SELECT * FROM "tumble"(a, b, c), tumble(a + 1, b, c), tumble(f(x), y)

CREATE OR REPLACE MATERIALIZED VIEW IF NOT EXISTS v (a, b) WITH (emit = 'update') AS SELECT window_start, count(*) FROM TUMBLE(r, ts, INTERVAL '1 minute') GROUP BY 1 EMIT ON WINDOW CLOSE

CREATE MATERIALIZED VIEW v AS SELECT * FROM t EMIT CHANGES

CREATE MATERIALIZED VIEW v AS SELECT a FROM t emit EMIT FINAL

CREATE CONTINUOUS VIEW v AS SELECT a EMIT FROM t WHERE a > 0 EMIT ON UPDATE

CREATE OR REPLACE CONTINUOUS VIEW v AS SELECT 1

SELECT emit FROM t emit JOIN u ON emit.a = u.a

SUBSCRIBE v

SUBSCRIBE TO s.v WITH (SNAPSHOT = false, PROGRESS)

SUBSCRIBE (SELECT a FROM v WHERE b) WITH (snapshot = true)

SUBSCRIBE TO (SELECT 1)

COPY (SUBSCRIBE TO v WITH (progress)) TO STDOUT

DECLARE c CURSOR FOR SUBSCRIBE v

SELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS rr ON o.c = rr.c

SELECT * FROM r FOR SYSTEM_TIME AS OF PROCTIME() x, v FOR SYSTEM_TIME AS OF now() - interval '1 s'

SELECT * FROM v AS OF 5, w AS OF $1 AS x, y AS of, z AS OF 'abc' q (a), u AS of (b)

SELECT * FROM a ASOF JOIN b ON a.k = b.k AND a.t >= b.t

SELECT * FROM a x ASOF LEFT OUTER JOIN b USING (k)

SELECT * FROM a ASOF, b AS asof JOIN c ON asof.x = c.x

EXPLAIN CREATE MATERIALIZED VIEW v AS SELECT 1 EMIT ON WINDOW CLOSE

EXPLAIN ANALYZE MATERIALIZED VIEW s.v

EXPLAIN (ANALYZE, FORMAT json) MATERIALIZED VIEW v

CHECK MATERIALIZED VIEW s.v

DROP STREAM IF EXISTS a, b CASCADE

DROP SOURCE a

DROP CONTINUOUS VIEW v

DROP SINK x

ALTER STREAM s RENAME TO t

ALTER STREAM s SET (retention = '1 day')

ALTER STREAM s ADD COLUMN x int

COMMENT ON STREAM s IS 'x'

CREATE TABLE stream (source int, emit text, asof int, subscribe int, watermark int, final int)

SELECT a FROM stream WHERE source = 1

CREATE SINK x FROM v WITH (connector = 'kafka')

SELECT * FROM HOP(s.readings, ts, INTERVAL '10 s', INTERVAL '1 minute', INTERVAL '5 s') AS h (a, b)

SELECT * FROM HOP(r, ts, size => a, slide => b)
