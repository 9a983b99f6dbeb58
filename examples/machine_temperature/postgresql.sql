-- The same over a table of PostgreSQL: what the test compares with.

CREATE TABLE temperature (
    ts    timestamp NOT NULL,
    value double precision NOT NULL
);

CREATE VIEW hourly AS
SELECT date_bin('1 hour', ts, '1970-01-01') AS hour, count(*) AS readings, avg(value) AS mean
FROM temperature
GROUP BY 1;

CREATE VIEW daily AS
SELECT date_bin('1 day', hour, '1970-01-01') AS day, count(*) AS hours, min(mean) AS lowest, max(mean) AS highest
FROM hourly
GROUP BY 1;

CREATE VIEW unusual AS
SELECT h.hour, h.mean, d.lowest, d.highest
FROM hourly h
JOIN daily d ON d.day = date_bin('1 day', h.hour, '1970-01-01') - interval '1 day'
WHERE h.mean < d.lowest OR h.mean > d.highest;
