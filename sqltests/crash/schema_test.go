package crash

// schema is what the writers write into. The stream's delay is long: no row is
// late, as writers do not agree on the time.
const schema = `
CREATE TABLE kept (writer int, n int, v int NOT NULL, pad text DEFAULT 'x', PRIMARY KEY (writer, n));
CREATE INDEX kept_v ON kept (v);
CREATE TABLE writers (writer int PRIMARY KEY, name text);
INSERT INTO writers SELECT g, 'w' || g FROM generate_series(0, 99) g;
CREATE STREAM seen (ts timestamptz NOT NULL, writer int, n int, v int, WATERMARK FOR ts AS ts - INTERVAL '3650 days')`

// view is a materialized view with the query that it must equal.
type view struct{ name, query string }

var views = []view{
	{"per_writer", `SELECT writer, count(*) AS rows, sum(v) AS total, min(n) AS lo, max(n) AS hi FROM kept GROUP BY writer`},
	{"per_minute", `SELECT window_start, writer, count(*) AS rows, sum(v) AS total FROM TUMBLE(seen, ts, INTERVAL '1 minute') GROUP BY window_start, writer`},
	{"named", `SELECT w.name, k.n, k.v FROM kept k JOIN writers w ON w.writer = k.writer WHERE k.v % 5 = 0`},
	{"unseen", `SELECT k.writer, k.n, s.v FROM kept k LEFT JOIN seen s ON s.writer = k.writer AND s.n = k.n WHERE k.v % 3 = 0`},
	{"digits", `SELECT DISTINCT v % 10 AS digit FROM kept`},
	{"of_views", `SELECT count(*) AS writers, sum(rows) AS rows, max(hi) AS hi FROM per_writer`},
}

// agreement is true as long as a read sees one commit.
const agreement = `SELECT (SELECT count(*) FROM kept) = (SELECT coalesce(sum(rows), 0) FROM per_writer)
	AND (SELECT count(*) FROM seen) = (SELECT coalesce(sum(rows), 0) FROM per_minute)
	AND (SELECT coalesce(sum(rows), 0) FROM per_writer) = (SELECT coalesce(max(rows), 0) FROM of_views)`
