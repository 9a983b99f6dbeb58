-- A temperature sensor inside a machine: hours that are out of the ordinary.
--
--   psql -h 127.0.0.1 -p 5433 -f examples/machine_temperature/machine_temperature.sql
--
-- loads the sample beside this file; README.md says where real data come from:
--
--   psql -h 127.0.0.1 -p 5433 -v data=machine_temperature_system_failure.csv -f examples/machine_temperature/machine_temperature.sql

\set ON_ERROR_STOP on
\if :{?data}
\else
\set data examples/machine_temperature/sample.csv
\endif

DROP STREAM IF EXISTS temperature CASCADE;

CREATE STREAM temperature (
    ts    timestamp NOT NULL,
    value double precision NOT NULL,
    WATERMARK FOR ts AS ts - INTERVAL '10 minutes'
);

CREATE MATERIALIZED VIEW hourly AS
SELECT window_start AS hour, count(*) AS readings, avg(value) AS mean
FROM TUMBLE(temperature, ts, INTERVAL '1 hour')
GROUP BY window_start;

-- A view on the view: the range of a day's hourly means.
CREATE MATERIALIZED VIEW daily AS
SELECT window_start AS day, count(*) AS hours, min(mean) AS lowest, max(mean) AS highest
FROM TUMBLE(hourly, hour, INTERVAL '1 day')
GROUP BY window_start;

-- Hours whose mean lies outside the range of the day before.
CREATE MATERIALIZED VIEW unusual AS
SELECT h.hour, h.mean, d.lowest, d.highest
FROM hourly h
JOIN daily d ON d.day = date_bin(INTERVAL '1 day', h.hour, TIMESTAMP '1970-01-01') - INTERVAL '1 day'
WHERE h.mean < d.lowest OR h.mean > d.highest;

-- \copy takes no variables, but a variable can hold a \copy.
\set load '\\copy temperature FROM ' :'data' ' WITH (FORMAT csv, HEADER)'
\timing on
:load
\timing off

\echo 'The days with the most unusual hours:'
SELECT date_trunc('day', hour)::date AS day, count(*) AS unusual_hours, round(min(mean)::numeric, 1) AS lowest_mean, round(max(mean)::numeric, 1) AS highest_mean
FROM unusual
GROUP BY 1
ORDER BY unusual_hours DESC, day
LIMIT 5;
